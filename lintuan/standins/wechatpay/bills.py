"""Bills of what the platform really took: asked for by a signed call, fetched by another within five minutes."""

from __future__ import annotations

import asyncio
import secrets
import shutil
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from lintuan.standins.wechatpay import ledgers, refusals
from lintuan.standins.wechatpay.calls import Answer, Call
from lintuan.standins.wechatpay.ledgers import Written
from lintuan.standins.wechatpay.letters import BEIJING

if TYPE_CHECKING:
    from lintuan.standins.wechatpay.platform import Platform

TEN_O_CLOCK = 10
OLDEST = timedelta(days=92)
LIVES = 300.0
#: Who asks waits so long; what takes longer is told to be in the making.
PATIENCE = 2.0

Key = tuple[str, str, bool]


@dataclass(frozen=True)
class Offer:
    path: Path
    is_compressed: bool
    until: float


class Desk:
    """Bills in the making and bills that wait to be fetched; a bill is written anew whenever one is asked for."""

    def __init__(self, folder: Path) -> None:
        # What an earlier start offered nobody can fetch any more.
        shutil.rmtree(folder, ignore_errors=True)
        self._folder = folder
        self._making: dict[Key, asyncio.Task[Written | None]] = {}
        self._offers: dict[str, Offer] = {}

    async def bill(self, key: Key, write: Callable[[Path], Written | None]) -> Written | None:
        """The bill, None where there is nothing to tell; Refused while it is in the making."""
        self._folder.mkdir(exist_ok=True)
        self._forget_old()
        making = self._making.get(key)
        if making is None:
            path = self._folder / secrets.token_hex(16)
            making = self._making[key] = asyncio.create_task(asyncio.to_thread(write, path))
        await asyncio.wait({making}, timeout=PATIENCE)
        if not making.done():
            raise refusals.bill_in_the_making()
        self._making.pop(key, None)
        return making.result()

    def offer(self, written: Written, *, is_compressed: bool) -> str:
        """A token that opens the bill for five minutes."""
        token = secrets.token_urlsafe(32)
        self._offers[token] = Offer(written.path, is_compressed, time.monotonic() + LIVES)
        return token

    def offered(self, token: str) -> Offer | None:
        self._forget_old()
        return self._offers.get(token)

    def _forget_old(self) -> None:
        for token, offer in list(self._offers.items()):
            if offer.until < time.monotonic():
                offer.path.unlink(missing_ok=True)
                del self._offers[token]


async def trade(platform: Platform, call: Call) -> Answer:
    kind = _choice(call.query, "bill_type", ("ALL", "SUCCESS", "REFUND"))
    return await _offer(platform, call, kind)


async def flow(platform: Platform, call: Call) -> Answer:
    account = _choice(call.query, "account_type", ("BASIC", "OPERATION", "FEES"))
    return await _offer(platform, call, account)


def file(platform: Platform, call: Call) -> Offer:
    """The offered bill; refused for a token that is unknown or too old."""
    offer = platform.bills.offered(call.query.get("token", ""))
    if offer is None:
        raise refusals.bill_address_expired()
    return offer


async def _offer(platform: Platform, call: Call, kind: str) -> Answer:
    day = _day(platform, call.query.get("bill_date", ""))
    is_compressed = _choice(call.query, "tar_type", ("", "GZIP")) == "GZIP"
    written = await platform.bills.bill(
        (day, kind, is_compressed),
        lambda path: ledgers.write(platform, path, day=day, kind=kind, is_compressed=is_compressed),
    )
    if written is None:
        raise refusals.no_bill()
    token = platform.bills.offer(written, is_compressed=is_compressed)
    address = f"{platform.address}/v3/billdownload/file?token={token}"
    return Answer(200, {"hash_type": "SHA1", "hash_value": written.sha1, "download_url": address})


def _choice(query: Mapping[str, str], name: str, known: tuple[str, ...]) -> str:
    value = query.get(name, known[0])
    if value not in known:
        raise refusals.bad_parameter(f"{name} is none of {', '.join(filter(None, known))}")
    return value


def _day(platform: Platform, text: str) -> str:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise refusals.bad_parameter("bill_date is not yyyy-MM-dd") from None
    now = datetime.now(BEIJING)
    if platform.settings.bills_at_once and day == now.date():
        return day.isoformat()
    if not now.date() - OLDEST <= day < now.date():
        raise refusals.bill_day_out_of_range()
    if day == now.date() - timedelta(days=1) and now.hour < TEN_O_CLOCK and not platform.settings.bills_at_once:
        raise refusals.bill_in_the_making()
    return day.isoformat()
