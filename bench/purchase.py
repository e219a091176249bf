"""Whole purchases, as a phone makes them: shelf, quote, order, payment with the thumb on the stand-in, confirmation.

    python -m bench.purchase --plan plan.json --seconds 10 --shoppers 200 [--rate 100]

Closed loop: each shopper begins the next purchase when the last is confirmed. Open loop (`--rate`): purchases fall due
at fixed moments and their latency counts from there. A purchase is over when the site says that its order is paid; the
waits between looks are part of its latency. It ends with one line of JSON, `Report`.
"""

from __future__ import annotations

import asyncio
import gc
import itertools
import json
import random
import resource
import subprocess
import sys
from array import array
from collections import Counter, deque
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from functools import partial
from pathlib import Path
from time import perf_counter
from typing import Any

import click
import msgspec
import uvloop

from .load import percentiles
from .wire import Connection, header, request

SOURCE = "bench/purchase.py"
#: A phone looks at its order again after this, then after twice as long, and so on up to the longest.
LOOK_AFTER, LONGEST_LOOK = 0.1, 1.0
CONFIRMED_WITHIN = 30.0
ANSWER_WITHIN = 30.0
#: How a phone meets 503: so many tries, the first pause, each twice as long as the one before.
TRIES, SOON = 6, 0.2
STEPS = ("shelf", "quote", "order", "payment", "thumb", "confirmation")


class Plan(msgspec.Struct, frozen=True):
    """Whom the shoppers ask and what they draw from: points, tokens of members, offers."""

    site: str
    stand_ins: str
    series: str
    points: list[str]
    tokens: list[str]
    offers: list[str]
    lines: int = 3
    most_quantity: int = 3
    first_member: int = 0


@dataclass(frozen=True, slots=True)
class Report:
    """What came of it. `per_s` is over all the time from the first step to the last confirmation, the beginning and the
    end with fewer under way included; `steps_ms` are medians of the steps.
    """

    source: str
    seconds: float
    begun: int
    confirmed: int
    failures: dict[str, int]
    per_s: float
    latency_ms: dict[str, float]
    steps_ms: dict[str, float]
    shelves: dict[str, int]
    looks_per_purchase: float
    told_to_wait: int
    requests: int
    cpu_us_per_request: float
    cpu_share: float
    orders: list[str] = field(repr=False)


class Failed(Exception):
    """A step that was answered otherwise than with success."""


class _Line(msgspec.Struct):
    offer: str
    price_fen: int


class _Quote(msgspec.Struct):
    lines: list[_Line]
    to_pay_fen: int


class _Order(msgspec.Struct):
    id: str
    state: str
    charge: str
    amount_fen: int


class _Sheet(msgspec.Struct):
    parameters: dict[str, str]


def put_on(
    plan: Plan, folder: Path, *, seconds: float, shoppers: int, rate: float = 0.0, wait: float = CONFIRMED_WITHIN
) -> Report:
    """Run the shoppers as a process of their own and wait for their report."""
    path = folder / "purchases.json"
    path.write_bytes(msgspec.json.encode(plan))
    command = [sys.executable, "-m", "bench.purchase", "--plan", str(path), "--seconds", str(seconds)]
    command += ["--shoppers", str(shoppers), "--rate", str(rate), "--wait", str(wait)]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True)
    if done.returncode:
        raise click.ClickException(f"the shoppers ended with {done.returncode}")
    return Report(**json.loads(done.stdout.splitlines()[-1]))


class Wire(Connection):
    """A keep-alive connection whose whole answers are awaited."""

    keeps_bodies = True

    def __init__(self) -> None:
        super().__init__()
        self._waiting: asyncio.Future[tuple[int, bytes, int]] | None = None
        self.is_lost = False

    async def ask(self, content: bytes) -> tuple[int, bytes, bytes]:
        """Status, head and body."""
        self._waiting = asyncio.get_running_loop().create_future()
        self.transport.write(content)
        try:
            async with asyncio.timeout(ANSWER_WITHIN):
                status, whole, body_at = await self._waiting
        except TimeoutError:
            # Or a late answer would be taken for that of the next request.
            self.transport.abort()
            raise
        return status, whole[:body_at], whole[body_at:]

    def answered(self, status: int, size: int, content: bytes, body_at: int) -> None:
        if self._waiting is not None and not self._waiting.done():
            self._waiting.set_result((status, content, body_at))

    def connection_lost(self, exc: Exception | None) -> None:
        self.is_lost = True
        if self._waiting is not None and not self._waiting.done():
            self._waiting.set_exception(exc or ConnectionResetError())


@dataclass(slots=True)
class Counts:
    """What is counted while the clock runs."""

    begun: int = 0
    confirmed: int = 0
    last: float = 0.0
    requests: int = 0
    looks: int = 0
    told_to_wait: int = 0
    latencies: array[float] = field(default_factory=lambda: array("d"))
    steps: Mapping[str, array[float]] = field(default_factory=lambda: {step: array("d") for step in STEPS})
    failures: Counter[str] = field(default_factory=Counter)
    shelves: Counter[str] = field(default_factory=Counter)
    orders: list[str] = field(default_factory=list)


class Phone:
    """One phone's two connections, to the site and to the payment app's servers, and the shelves it has seen."""

    def __init__(self, crowd: Crowd) -> None:
        self._crowd, self._plan, self._counts = crowd, crowd.plan, crowd.counts
        self._wires: dict[str, Wire] = {}
        self._etags: dict[str, str] = {}

    async def buy(self, turn: int, since: float) -> None:
        """One purchase, by the member whose turn it is."""
        counts, now = self._counts, perf_counter()
        counts.begun += 1
        step = ""
        try:
            for step, action in self._steps(turn):
                await action
                moment = perf_counter()
                counts.steps[step].append(moment - now)
                now = moment
        except (Failed, OSError, TimeoutError, msgspec.MsgspecError) as fault:
            counts.failures[f"{step}: {fault or type(fault).__name__}"] += 1
            return
        counts.confirmed += 1
        counts.last = now
        counts.latencies.append(now - since)

    def _steps(self, turn: int) -> Any:
        plan, draw = self._plan, self._crowd.draw
        token = plan.tokens[(plan.first_member + turn) % len(plan.tokens)]
        point = draw.choice(plan.points)
        purchase = _Purchase(self, token, f"{plan.series}{turn:016x}", point)
        wishes = [(offer, draw.randint(1, plan.most_quantity)) for offer in draw.sample(plan.offers, plan.lines)]
        yield "shelf", purchase.look_at_the_shelf(self._etags)
        yield "quote", purchase.ask_the_price(wishes)
        yield "order", purchase.order(wishes)
        yield "payment", purchase.begin_to_pay()
        yield "thumb", purchase.press_the_thumb()
        yield "confirmation", purchase.await_confirmation(self._crowd.wait)

    async def ask(self, host: str, content: bytes, expected: int) -> tuple[int, bytes, bytes]:
        """Status, head and body; as an app does, it asks a busy site again after a while, then after twice that."""
        for attempt in range(TRIES):
            status, head, body = await self._ask(host, content)
            if status != 503:
                break
            self._counts.told_to_wait += 1
            await asyncio.sleep(SOON * 2**attempt)
        if status not in (expected, 304):
            raise Failed(f"{status} {_code(body)}")
        return status, head, body

    async def _ask(self, host: str, content: bytes) -> tuple[int, bytes, bytes]:
        wire = self._wires.get(host)
        if wire is None or wire.is_lost:
            name, _, port = host.partition(":")
            _, wire = await asyncio.get_running_loop().create_connection(Wire, name, int(port))
            self._wires[host] = wire
        self._counts.requests += 1
        return await wire.ask(content)

    @property
    def plan(self) -> Plan:
        return self._plan

    @property
    def counts(self) -> Counts:
        return self._counts


class _Purchase:
    """The steps of one purchase and what passes from one to the next."""

    def __init__(self, phone: Phone, token: str, key: str, point: str) -> None:
        self._phone, self._plan, self._key, self._point = phone, phone.plan, key, point
        self._anonymous = {
            "Host": self._plan.site,
            "Accept": "application/json",
            "Accept-Encoding": "gzip, deflate, br",
        }
        self._signed_in = {**self._anonymous, "Authorization": f"Bearer {token}"}
        self._prices: dict[str, int] = {}
        self._order = _Order("", "", "", 0)
        self._parameters: dict[str, str] = {}

    async def look_at_the_shelf(self, etags: dict[str, str]) -> None:
        held = {"If-None-Match": etags[self._point]} if self._point in etags else {}
        content = request("GET", f"/api/v1/points/{self._point}/shelf", self._anonymous | held)
        status, head, _ = await self._phone.ask(self._plan.site, content, 200)
        etags[self._point] = header(head, b"etag")
        self._phone.counts.shelves[str(status)] += 1

    async def ask_the_price(self, wishes: list[tuple[str, int]]) -> None:
        lines = [{"offer": offer, "quantity": quantity} for offer, quantity in wishes]
        body = await self._post("/api/v1/quotes", {"point": self._point, "lines": lines}, 200)
        quote = msgspec.json.decode(body, type=_Quote)
        self._prices = {line.offer: line.price_fen for line in quote.lines}

    async def order(self, wishes: list[tuple[str, int]]) -> None:
        lines = [{"offer": offer, "quantity": quantity, "price_fen": self._prices[offer]} for offer, quantity in wishes]
        body = await self._post("/api/v1/orders", {"point": self._point, "lines": lines}, 201)
        self._order = msgspec.json.decode(body, type=_Order)
        self._phone.counts.orders.append(self._order.id)

    async def begin_to_pay(self) -> None:
        body = await self._post(f"/api/v1/charges/{self._order.charge}/payment", {}, 200)
        self._parameters = msgspec.json.decode(body, type=_Sheet).parameters

    async def press_the_thumb(self) -> None:
        body = msgspec.json.encode(self._parameters)
        headers = {"Host": self._plan.stand_ins, "Content-Type": "application/json"}
        content = request("POST", "/wechatpay/phone/pay", headers, body)
        await self._phone.ask(self._plan.stand_ins, content, 200)

    async def await_confirmation(self, seconds: float) -> None:
        content = request("GET", f"/api/v1/orders/{self._order.id}", self._signed_in)
        deadline, pause = perf_counter() + seconds, LOOK_AFTER
        while perf_counter() < deadline:
            _, _, body = await self._phone.ask(self._plan.site, content, 200)
            self._phone.counts.looks += 1
            if msgspec.json.decode(body, type=_Order).state == "paid":
                return
            await asyncio.sleep(pause)
            pause = min(pause * 2, LONGEST_LOOK)
        raise Failed(f"not confirmed within {seconds:.0f} s")

    async def _post(self, path: str, content: Any, expected: int) -> bytes:
        headers = self._signed_in | {"Idempotency-Key": self._key, "Content-Type": "application/json"}
        whole = request("POST", path, headers, msgspec.json.encode(content))
        _, _, body = await self._phone.ask(self._plan.site, whole, expected)
        return body


class Crowd:
    """All shoppers of one load."""

    def __init__(self, plan: Plan, *, seconds: float, rate: float, wait: float) -> None:
        self.plan, self.wait = plan, wait
        self.counts, self.draw = Counts(), random.Random(1)
        self._seconds, self._rate = seconds, rate
        self.deadline = 0.0
        self._turns = itertools.count()

    async def shop(self, shoppers: int) -> Report:
        gc.freeze()
        before = resource.getrusage(resource.RUSAGE_SELF)
        began = perf_counter()
        self.deadline = began + self._seconds
        phones = [Phone(self) for _ in range(shoppers)]
        if self._rate:
            await self._as_due(phones, began)
        else:
            await asyncio.gather(*(self._one_after_another(phone) for phone in phones))
        after = resource.getrusage(resource.RUSAGE_SELF)
        cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        return self._report(cpu, began)

    async def _one_after_another(self, phone: Phone) -> None:
        while (now := perf_counter()) < self.deadline:
            await phone.buy(next(self._turns), now)

    async def _as_due(self, phones: list[Phone], began: float) -> None:
        idle, under_way = deque(phones), set[asyncio.Task[None]]()
        freed = asyncio.Event()

        def free(phone: Phone, task: asyncio.Task[None]) -> None:
            under_way.discard(task)
            idle.append(phone)
            freed.set()

        for place in range(int(self._rate * self._seconds)):
            due = began + place / self._rate
            await asyncio.sleep(max(due - perf_counter(), 0.0))
            while not idle:
                freed.clear()
                await freed.wait()
            phone = idle.popleft()
            task = asyncio.ensure_future(phone.buy(next(self._turns), due))
            under_way.add(task)
            task.add_done_callback(partial(free, phone))
        while under_way:
            await asyncio.wait(under_way)

    def _report(self, cpu: float, began: float) -> Report:
        counts, wall = self.counts, max(self.counts.last, self.deadline) - began
        return Report(
            source=SOURCE,
            seconds=self._seconds,
            begun=counts.begun,
            confirmed=counts.confirmed,
            failures=dict(counts.failures),
            per_s=round(counts.confirmed / wall, 1),
            latency_ms=percentiles(counts.latencies),
            steps_ms={step: percentiles(times).get("p50", 0.0) for step, times in counts.steps.items()},
            shelves=dict(counts.shelves),
            looks_per_purchase=round(counts.looks / max(counts.confirmed, 1), 1),
            told_to_wait=counts.told_to_wait,
            requests=counts.requests,
            cpu_us_per_request=round(cpu / max(counts.requests, 1) * 1e6, 1),
            cpu_share=round(cpu / wall, 3),
            orders=counts.orders,
        )


def _code(body: bytes) -> str:
    """The code of a problem document, for the count of failures."""
    try:
        return str(msgspec.json.decode(body)["code"])
    except (msgspec.MsgspecError, KeyError, TypeError):
        return ""


@click.command()
@click.option("--plan", type=click.Path(path_type=Path, exists=True, dir_okay=False), required=True)
@click.option("--seconds", default=10.0, show_default=True)
@click.option("--shoppers", default=200, show_default=True)
@click.option("--rate", default=0.0, help="Purchases per second of an open loop.")
@click.option("--wait", default=CONFIRMED_WITHIN, show_default=True, help="Seconds until a purchase counts as failed.")
def main(plan: Path, seconds: float, shoppers: int, rate: float, wait: float) -> None:
    """Send shoppers through whole purchases and report what came of it."""
    drawn = msgspec.json.decode(plan.read_bytes(), type=Plan)
    print(json.dumps(asdict(uvloop.run(_run(drawn, seconds, shoppers, rate, wait)))))


async def _run(plan: Plan, seconds: float, shoppers: int, rate: float, wait: float) -> Report:
    return await Crowd(plan, seconds=seconds, rate=rate, wait=wait).shop(shoppers)


if __name__ == "__main__":
    main()
