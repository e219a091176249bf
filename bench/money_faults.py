"""Purchases while the payment services fail in every way they can: none may be lost, none paid twice.

    python -m bench.money_faults [--purchases N]

A site of its own; neighbours (bench/money_payers.py) order and pay over HTTP while faults follow one another. Then the
site stands still and the day is reconciled: all that differs must be found, and nothing else. After that the clock runs
fast, so that the product asks about what nobody told, and the books are compared again (bench/money_books.py).
"""

from __future__ import annotations

import asyncio
import itertools
import json
import os
import signal
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

import click
import httpx
import uvloop

from .machine import out
from .stage import Site, standing

PURCHASES, AT_ONCE, MEMBERS, WEB = 10_000, 48, 2_000, 2
#: Business seconds in a real one: so few that all is at rest before the cut-off.
RATE, RATE_AT_REST = 5.0, 100.0
REST_WITHIN = 300.0
CALLBACKS = (
    "duplicate", "never", {"mode": "delay", "calls": 3}, "out_of_order", "wrong_amount", "bad_signature",
    "stale_timestamp", "probe", "by_certificate",
)  # fmt: skip
ANSWERS = (
    {"mode": "refuse", "code": "FREQUENCY_LIMITED"}, {"mode": "refuse", "code": "SYSTEM_ERROR"}, "bad_gateway",
    "silent", "done_then_silent", "done_then_error", {"mode": "slow", "seconds": 0.5}, "unsigned", "bad_signature",
    "stale_timestamp",
)  # fmt: skip
TROUBLES = (
    "too_often", "unavailable", "not_enough", "server_error", "system_error", "bad_signature", "silent",
)  # fmt: skip
#: Each holds a thread of the site for five seconds.
SILENT = ["silent", "done_then_silent"]
FED, FEED_BELOW, FEED_EVERY = 2_000, 200, 0.5
BEIJING = timedelta(hours=8)


@dataclass(frozen=True)
class Feed:
    """A list of faults at a stand-in, filled up before it is empty: one kind after another, for ever.

    Each kind comes `row` times running, a silent one once, and is followed by `rest` without a fault.
    """

    name: str
    service: str
    key: str
    kinds: Sequence[Any]
    row: int
    rest: int
    waiting: Iterator[Any] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "waiting", self._turns())

    def _turns(self) -> Iterator[Any]:
        for kind in itertools.cycle(self.kinds):
            yield from itertools.repeat(kind, 1 if kind in SILENT else self.row)
            yield from itertools.repeat("none", self.rest)

    async def fill(self, line: httpx.AsyncClient) -> None:
        waiting = (await line.get(f"/{self.service}/faults")).json()[self.key]
        if len(waiting) < FEED_BELOW:
            await self.put(line, list(itertools.islice(self.waiting, FED)))

    async def put(self, line: httpx.AsyncClient, faults: list[Any]) -> Mapping[str, int]:
        """Replace what waits; the answer are those that were met so far."""
        answer = await line.post(f"/{self.service}/faults", json={self.key: faults})
        answer.raise_for_status()
        met: Mapping[str, int] = answer.json()["met"][self.key]
        return met


def feeds() -> Sequence[Feed]:
    """A fault meets one in three callbacks, and some answers in a row, as the product asks again at once."""
    return [
        Feed("WeChat Pay's callbacks", "wechatpay", "modes", CALLBACKS, row=1, rest=2),
        Feed("WeChat Pay's answers", "wechatpay", "answers", ANSWERS, row=3, rest=9),
        Feed("Alipay's callbacks", "alipay", "modes", CALLBACKS, row=1, rest=2),
        Feed("Alipay's answers", "alipay", "answers", TROUBLES, row=2, rest=6),
    ]


@click.command()
@click.option("--purchases", default=PURCHASES, show_default=True)
def main(purchases: int) -> None:
    """Buy under faults and say in one line of JSON what came of it."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    with standing() as site:
        os.environ["LINTUAN_CLOCK_FILE"] = str(site.house.state / "clock.json")
        print(json.dumps(bought(site, purchases)))


def bought(site: Site, purchases: int) -> dict[str, Any]:
    """The figures of so many purchases."""
    from lintuan.kernel import clock

    from .market import open_market
    from .money_books import midway, verdict

    began, since = time.monotonic(), datetime.now(UTC)
    with site.phones_pay("--bills-at-once", "--retry", "1,2,4,8"):
        with site.web(WEB), site.worker():
            market = open_market(site.address, members=MEMBERS, scarce_units=1_000, skus=200)
            clock.shift_to(clock.now(), rate=RATE)
            with out.status("buying under faults"):
                load = uvloop.run(_buy(site, market, purchases))
        with out.status("reconciling in the middle"):
            middle = midway(list(_days(since)))
        clock.shift_to(clock.now(), rate=RATE_AT_REST)
        rested = time.monotonic()
        with out.status("coming to rest"), site.web(WEB), site.worker():
            unrest = _rest(site)
        rest_s = round(time.monotonic() - rested, 1)
        found = verdict(site.house.stand_ins, list(_days(since)))
    found.unexplained += middle.unexplained
    found.examples.update({f"{what}, in the middle": things for what, things in middle.examples.items()})
    return {
        **load, **asdict(found), "differences_midway": middle.differences, "rest_s": rest_s, "unrest": unrest,
        "faults_s": round(time.monotonic() - began, 1),
    }  # fmt: skip


async def _buy(site: Site, market: Any, purchases: int) -> dict[str, Any]:
    from .money_payers import Payers
    from .purchase import Plan

    plan = Plan(
        site=site.address,
        stand_ins=site.stand_ins,
        series=f"f{time.time_ns():x}",
        points=list(market.points),
        tokens=list(market.tokens),
        offers=[goods.name for goods in market.goods],
    )
    crowd, all_feeds = Payers(plan, purchases=purchases, at_once=AT_ONCE), feeds()
    async with httpx.AsyncClient(base_url=f"http://{site.stand_ins}", trust_env=False, timeout=30) as line:
        feeding = asyncio.create_task(_feed(line, all_feeds))
        took = await crowd.pay()
        feeding.cancel()
        met = {feed.name: dict(await feed.put(line, [])) for feed in all_feeds}
    faults = {name: {kind: count for kind, count in kinds.items() if kind != "none"} for name, kinds in met.items()}
    return {
        "fault_purchases": crowd.counts.confirmed,
        "purchases_per_s": round(crowd.counts.confirmed / took, 1),
        "habits": dict(crowd.habits),
        "methods": dict(crowd.methods),
        "faults_met": faults,
        "given_up": dict(crowd.counts.failures),
    }


async def _feed(line: httpx.AsyncClient, all_feeds: Sequence[Feed]) -> None:
    while True:
        for feed in all_feeds:
            await feed.fill(line)
        await asyncio.sleep(FEED_EVERY)


def _rest(site: Site) -> dict[str, int]:
    """Wait until nothing is under way any more; what still is after a while is told."""
    deadline = time.monotonic() + REST_WITHIN
    while (left := _under_way(site)) and time.monotonic() < deadline:
        time.sleep(0.5)
    return left


def _under_way(site: Site) -> dict[str, int]:
    from django.db import connection

    from lintuan.kernel import delivery

    from .money_books import unheard

    with connection.cursor() as cursor:
        # What a gateway could not close is looked at after half a minute, and then after much longer waits.
        cursor.execute(
            "SELECT count(*) FROM procrastinate_jobs WHERE status IN ('todo', 'doing')"
            " AND coalesce(scheduled_at, now()) < now() + interval '1 minute'"
        )
        jobs = int(cursor.fetchone()[0])
        cursor.execute("SELECT count(*) FROM payments_refund WHERE state IN ('asked', 'sent')")
        refunds = int(cursor.fetchone()[0])
    found = {
        "jobs": jobs,
        "refunds": refunds,
        "consumers": len(delivery.oldest_waiting()),
        "payments unheard of": unheard(site.house.stand_ins),
    }
    return {name: count for name, count in found.items() if count}


def _days(since: datetime) -> Iterator[date]:
    """The days of Beijing from a moment to this one."""
    first, last = ((moment + BEIJING).date() for moment in (since, datetime.now(UTC)))
    return (first + timedelta(days=n) for n in range((last - first).days + 1))


if __name__ == "__main__":
    main()
