"""One day of the demo city from opening to reconciliation, with the clock in the simulator's hands."""

from __future__ import annotations

import asyncio
import random
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import aiohttp
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from . import afternoon, evening, night, playing, programme
from .city import PROVINCE, City, wuhan
from .desk import ZONE, Desk
from .opening import Opened, fill_the_shelf, open_city
from .phone import Network, Phone
from .report import Check, DayReport, show

#: Business seconds in a real one while neighbours shop; slow machines must not meet the cut-off.
EVENING_RATE = 20.0
#: How many neighbours are asked at the end what the platform says they paid.
SAMPLE = 400
#: Before anybody shops; plays of some hours have theirs from then on, day after day.
STARTS = "17:50"
PATIENCE = aiohttp.ClientTimeout(total=60)

Tick = Callable[[], None]


@dataclass(frozen=True, slots=True)
class DayPlan:
    """Which site to live in, and how big a day; the seed decides everything that is drawn."""

    site: str
    stand_ins: str
    staff_phone: str
    orders: int = 6_000
    neighbours: int = 12_000
    seed: int = 1

    def __post_init__(self) -> None:
        if not 1 <= self.orders <= 4 * self.neighbours:
            raise ValueError("orders: at least 1, at most four for each neighbour")


def live_a_day(plan: DayPlan, out: Console) -> DayReport:
    """Live it, showing progress, and print the report."""
    return asyncio.run(_live(plan, out))


async def _live(plan: DayPlan, out: Console) -> DayReport:
    connector = aiohttp.TCPConnector(limit=evening.AT_ONCE * 2)
    bars = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    async with aiohttp.ClientSession(connector=connector, timeout=PATIENCE) as session:
        network = Network(plan.site, plan.stand_ins, session)
        with Progress(*bars, console=out) as progress:
            report = await Day(plan, network, progress).live()
        show(report, network, out)
        return report


@dataclass(slots=True)
class Day:
    """The day as it is lived, phase by phase."""

    plan: DayPlan
    network: Network
    progress: Progress
    phases: dict[str, float] = field(default_factory=dict)
    began: float = field(default_factory=time.monotonic)
    plays: programme.Plays = field(default_factory=programme.Plays)

    async def live(self) -> DayReport:
        city, draw = wuhan(neighbours=self.plan.neighbours, seed=self.plan.seed), random.Random(self.plan.seed)
        desk = await self._desk()
        opened = await self._morning(desk, city)
        bought = await self._evening(desk, city, opened)
        company = await self._plays(desk, city, opened, bought)
        await self._cut_off(desk, opened, bought)
        slept = await self._night(desk, city, draw)
        await self._breakfast(desk, company)
        fetched = await self._afternoon(desk, city, draw, bought)
        proof = await self._aftermath(desk)
        checks = await self._checks(desk, bought, fetched)
        await self._leave_open(desk, city)
        await self._play_on(desk, city, opened, company)
        return DayReport(
            opened=opened,
            evening=bought,
            night=slept,
            afternoon=fetched,
            plays=self.plays,
            phases=self.phases,
            duties=desk.took,
            proof=proof,
            checks=checks,
            first_order_after_s=bought.first_at - self.began,
            first_order_at=time.time() - time.monotonic() + bought.first_at,
        )

    async def _desk(self) -> Desk:
        phone = Phone(self.network, self.plan.staff_phone)
        await phone.sign_in("staff", PROVINCE)
        now = datetime.fromisoformat((await phone.get("/rehearsal/clock"))["at"])
        return Desk(phone, now.astimezone(ZONE).date() + timedelta(days=1))

    async def _aftermath(self, desk: Desk) -> Mapping[str, Any]:
        """The days after: what nobody fetched, commission, statements, reconciliation; then the proof."""
        with self._phase("After: unclaimed, books, reconciliation", 3) as tick:
            await desk.await_quiet()
            await desk.move_to(desk.moment("21:01", days=3))
            await desk.await_duties("fulfilment.close_unclaimed")
            tick()
            await desk.move_to(desk.moment("04:01", days=5))
            await desk.await_duties(
                "settlement.book_commission", "settlement.make_statements", "settlement.compare_bills"
            )
            tick()
            proof: Mapping[str, Any] = await desk.phone.get(
                f"/settlement/days/{desk.sale_on}/proof?province_id={PROVINCE}"
            )
            tick()
        return proof

    async def _leave_open(self, desk: Desk, city: City) -> None:
        """For whoever visits the site next: an evening with a full shelf, at everyday speed."""
        with self._phase("The shelf of another evening", 1):
            evening_after = desk.sale_on + timedelta(days=5)
            await desk.move_to(desk.moment("18:00", days=5))
            await fill_the_shelf(desk.phone, city, evening_after, Opened({}))

    async def _play_on(self, desk: Desk, city: City, opened: Opened, company: playing.Company) -> None:
        with self._phase("Plays of another evening", 1):
            await programme.begin(desk.phone, city, opened.points, desk.moment("18:00", days=5), self.plays)
            await playing.an_evening(company, is_last=True)

    async def _checks(self, desk: Desk, bought: evening.Evening, fetched: afternoon.Afternoon) -> list[Check]:
        """What the phones counted against what the platform tells their owners, and what the night could not match."""
        said: Counter[str] = Counter()
        for shopper in bought.shoppers[:: max(1, len(bought.shoppers) // SAMPLE)]:
            mine = await shopper.phone.get("/orders")
            paid = [order for order in mine["orders"] if order["paid_at"] and order["id"] in shopper.orders]
            said["platform"] += sum(order["to_pay_fen"] for order in paid)
            said["phone"] += shopper.paid_fen
        cases = await desk.phone.get(f"/settlement/cases?province_id={PROVINCE}&sale_on={desk.sale_on}")
        files = await desk.phone.get(f"/settlement/case-files?province_id={PROVINCE}")
        unanswered = sum(count for status, count in self.network.answers.items() if status >= 500)
        return [
            Check("fen paid, in a sample of neighbours", said["phone"], said["platform"]),
            Check("answers that were faults of the site", unanswered, 0),
            Check("reconciliation cases", len(cases), 0),
            Check("differences that wait for a person, those of the gateway's bills among them", len(files), 0),
            Check("orders taken after cut-off", bought.outcomes["an order was taken after cut-off"], 0),
        ]

    @contextmanager
    def _phase(self, name: str, steps: int) -> Iterator[Tick]:
        task, began = self.progress.add_task(name, total=steps), time.monotonic()
        yield lambda: self.progress.advance(task)
        self.progress.update(task, completed=steps)
        self.phases[name] = time.monotonic() - began

    async def _morning(self, desk: Desk, city: City) -> Opened:
        with self._phase("Morning: staff open the city", 6) as tick:
            await desk.move_to(desk.moment("08:00"))
            return await open_city(desk.phone, city, desk.sale_on, lambda _: tick())

    async def _evening(self, desk: Desk, city: City, opened: Opened) -> evening.Evening:
        with self._phase("Staff and leaders start plays", 1):
            await desk.move_to(desk.moment(STARTS))
            await programme.begin(desk.phone, city, opened.points, desk.moment(STARTS), self.plays)
        errands = evening.errands(city.neighbours, self.plan.orders, random.Random(self.plan.seed + 1))
        with self._phase("Evening: neighbours order and pay", len(errands)) as tick:
            await desk.move_to(desk.moment("18:30"), rate=EVENING_RATE)
            bought = await evening.shop(self.network, errands, opened.points, seed=self.plan.seed, tick=tick)
            await desk.await_quiet()
        return bought

    async def _plays(self, desk: Desk, city: City, opened: Opened, bought: evening.Evening) -> playing.Company:
        """What is played before, at its hour, and in the last one; groups are over five minutes before the cut-off."""
        with self._phase("Neighbours play", 4) as tick:
            company = await playing.meet(
                self.network, city, opened.points, bought.shoppers, seed=self.plan.seed, result=self.plays
            )
            await playing.an_evening(company)
            tick()
            for clock_face, code, people in (("20:52", "falling-price", 1), ("22:05", "last-hour-rush", 3)):
                await desk.move_to(desk.moment(clock_face))
                await playing.buy(company, code, people=people)
                await desk.await_quiet()
                tick()
            await desk.move_to(desk.moment("22:56"))
            await playing.await_ends(company)
            await desk.await_quiet()
            tick()
        return company

    async def _cut_off(self, desk: Desk, opened: Opened, bought: evening.Evening) -> None:
        with self._phase("Cut-off", 1) as tick:
            await desk.move_to(desk.moment("23:00"))
            late = bought.shoppers[0]
            bought.outcomes[await evening.come_too_late(late, opened.points[late.neighbour.point])] += 1
            await desk.await_duties("ordering.close_day")
            tick()

    async def _breakfast(self, desk: Desk, company: playing.Company) -> None:
        with self._phase("Early birds", 1):
            await desk.move_to(desk.moment("07:10", days=1))
            await playing.a_morning(company)

    async def _night(self, desk: Desk, city: City, draw: random.Random) -> night.Night:
        slept, day = night.Night(), desk.sale_on
        with self._phase("Night: purchase, receipt, sorting, routes", 6) as tick:
            await desk.move_to(desk.moment("23:06"))
            await desk.await_duties("sourcing.make_purchase_orders")
            await night.answer_purchase_orders(self.network, city, day, draw, slept)
            tick()
            await desk.move_to(desk.moment("23:46"))
            await desk.await_duties("sourcing.close_confirmations")
            await night.receive(desk.phone, day, draw, slept)
            tick()
            await desk.move_to(desk.moment("03:31", days=1))
            await desk.await_duties("sourcing.close_receipts", "fulfilment.plan_sorting")
            await night.sort(desk.phone, day, 1, draw, slept)
            tick()
            await desk.move_to(desk.moment("04:31", days=1))
            await desk.await_duties("fulfilment.close_sorting")
            await night.sort(desk.phone, day, 2, draw, slept)
            tick()
            await desk.move_to(desk.moment("05:41", days=1))
            await desk.await_duties("fulfilment.close_grid_sorting", "fulfilment.plan_routes")
            tick()
            await desk.move_to(desk.moment("06:00", days=1))
            await night.drive(desk.phone, day, slept)
            tick()
        return slept

    async def _afternoon(
        self, desk: Desk, city: City, draw: random.Random, bought: evening.Evening
    ) -> afternoon.Afternoon:
        fetched = afternoon.Afternoon()
        await desk.move_to(desk.moment("16:00", days=1))
        with self._phase("Afternoon: leaders sign", 1) as tick:
            leaders = await afternoon.sign_all(self.network, city, desk.sale_on, draw, fetched)
            await desk.await_quiet()
            tick()
        with self._phase("Neighbours collect, some complain", len(bought.shoppers)) as tick:
            await afternoon.collect_all(bought.shoppers, leaders, desk.sale_on, fetched, tick)
            await afternoon.decide_claims(desk.phone, fetched)
        return fetched
