import asyncio
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import urlencode

import aiohttp

from lintuan.standins.alipay import moments
from lintuan.standins.alipay.keys import Keys
from lintuan.standins.alipay.signing import signed_form
from lintuan.standins.alipay.store import Notice, Store
from lintuan.standins.settings import Settings
from lintuan.standins.wechatpay.faults import Fault, Faults, Mode

#: Alipay's waits before the seven repeats, in seconds: 4 and 10 minutes, 10 minutes, 1, 2, 6 and 15 hours.
SCHEDULE = (240, 600, 600, 3600, 7200, 21600, 54000)
TAKEN = b"success"
ANSWER_WITHIN = 5.0
STALE_BY = timedelta(hours=26)
HONEST = Fault(Mode.NONE)


def waits(retry_after: tuple[float, ...]) -> tuple[float, ...]:
    """The schedule, compressed into the time that the settings leave for all repeats."""
    span = sum(retry_after)
    return tuple(span * wait / sum(SCHEDULE) for wait in SCHEDULE)


@dataclass(frozen=True)
class Delivery:
    notice: Notice
    fault: Fault = HONEST
    attempt: int = 0


class Courier:
    """Brings callbacks to the merchant until each is taken or the schedule ends; forgets none at a restart."""

    def __init__(self, keys: Keys, *, store: Store, settings: Settings) -> None:
        self.faults = Faults()
        self.delivered = 0
        self.given_up = 0
        self._keys = keys
        self._store = store
        self._at_once = settings.callback_concurrency
        self._waits = waits(settings.retry_after)
        self._queue: asyncio.Queue[Delivery] = asyncio.Queue()
        self._held: list[Delivery] = []

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        for notice in self._store.notices():
            self._queue.put_nowait(Delivery(notice))
        timeout = aiohttp.ClientTimeout(total=ANSWER_WITHIN)
        connector = aiohttp.TCPConnector(limit=self._at_once)
        async with aiohttp.ClientSession(connector=connector, timeout=timeout) as client:
            walkers = [asyncio.create_task(self._walk(client)) for _ in range(self._at_once)]
            yield
            for walker in walkers:
                walker.cancel()
            await asyncio.gather(*walkers, return_exceptions=True)

    def announce(self, url: str, fields: dict[str, str]) -> None:
        """Keep a notice and send it on its way, with the next fault that waits."""
        notice = Notice(secrets.token_hex(17), url, fields)
        fault = self.faults.take()
        if not url or fault.mode is Mode.NEVER:
            return
        self._store.keep_notice(notice)
        if fault.mode in (Mode.DELAY, Mode.OUT_OF_ORDER):
            self._held.append(Delivery(notice, fault))
            return
        self._queue.put_nowait(Delivery(notice, fault))
        if fault.mode is Mode.DUPLICATE:
            self._queue.put_nowait(Delivery(notice))

    def waiting(self) -> int:
        return self._store.count_notices()

    def letter(self, notice: Notice, mode: Mode) -> bytes:
        """The form of one callback, signed anew, with the fault worked in."""
        sent = moments.ago(STALE_BY) if mode is Mode.STALE_TIMESTAMP else moments.now()
        fields = {
            "notify_time": sent,
            "notify_type": "trade_status_sync",
            "notify_id": notice.id,
            "charset": "utf-8",
            "version": "1.0",
            "app_id": self._keys.app_id,
            "auth_app_id": self._keys.app_id,
            "seller_id": self._keys.seller_id,
            **notice.fields,
        }
        if mode is Mode.WRONG_AMOUNT:
            fields["total_amount"] = f"{fields['total_amount'][:-1]}{(int(fields['total_amount'][-1]) + 1) % 10}"
        signed = {"other": "fields"} if mode is Mode.BAD_SIGNATURE else None
        return urlencode(signed_form(self._keys, fields, signed=signed)).encode()

    async def _walk(self, client: aiohttp.ClientSession) -> None:
        while True:
            delivery = await self._queue.get()
            is_taken = await self._post(client, delivery)
            if is_taken:
                self.delivered += 1
                self._store.drop_notice(delivery.notice.id)
            else:
                self._repeat_later(delivery)
            if delivery.attempt == 0:
                self._release_overtaken()

    async def _post(self, client: aiohttp.ClientSession, delivery: Delivery) -> bool:
        body = self.letter(delivery.notice, delivery.fault.mode)
        headers = {"Content-Type": "application/x-www-form-urlencoded; charset=utf-8"}
        with suppress(aiohttp.ClientError, TimeoutError, ValueError):
            async with client.post(delivery.notice.url, data=body, headers=headers, allow_redirects=False) as answer:
                return answer.status == 200 and (await answer.read()).strip() == TAKEN
        return False

    def _repeat_later(self, delivery: Delivery) -> None:
        if delivery.attempt >= len(self._waits):
            self.given_up += 1
            self._store.drop_notice(delivery.notice.id)
            return
        again = Delivery(delivery.notice, attempt=delivery.attempt + 1)
        asyncio.get_running_loop().call_later(self._waits[delivery.attempt], self._queue.put_nowait, again)

    def _release_overtaken(self) -> None:
        overtaken, self._held = self._held, []
        for delivery in overtaken:
            left = delivery.fault.calls - 1
            if left > 0:
                self._held.append(Delivery(delivery.notice, Fault(delivery.fault.mode, left)))
            else:
                self._queue.put_nowait(Delivery(delivery.notice))
