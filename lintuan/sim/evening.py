"""The evening: neighbours look at the shelf, fill baskets, pay, change their minds; some come too late."""

from __future__ import annotations

import asyncio
import math
import random
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from .city import PROVINCE, Neighbour
from .phone import Network, Phone, Refused

AT_ONCE = 40
LOOK_EVERY = 0.3
#: Shares of shoppers, in thousandths. They are the simulator's own choice, not a finding about people.
FORGETS_TO_PAY, CANCELS, REDUCES, ORDERS_TWICE = 12, 10, 20, 300
MOST_LINES = 12


@dataclass(frozen=True, slots=True)
class Errand:
    """A neighbour who goes shopping this evening, and how many orders they will place."""

    neighbour: Neighbour
    orders: int


@dataclass(slots=True)
class Shopper:
    """A neighbour on a shopping evening, and what their own phone remembers of it."""

    neighbour: Neighbour
    phone: Phone
    draw: random.Random
    orders: list[str] = field(default_factory=list)
    paid_fen: int = 0


@dataclass(slots=True)
class Evening:
    """What the phones counted themselves, to hold against what the platform says."""

    shoppers: list[Shopper] = field(default_factory=list)
    placed: int = 0
    paid: int = 0
    paid_fen: int = 0
    outcomes: Counter[str] = field(default_factory=Counter)
    first_at: float = 0.0


def errands(neighbours: Sequence[Neighbour], orders: int, draw: random.Random) -> list[Errand]:
    """Who shops, so that the orders they intend add up to the number given."""
    people = min(len(neighbours), math.ceil(orders * 1000 / (1000 + ORDERS_TWICE)))
    each, more = divmod(orders, people)
    chosen = draw.sample(list(neighbours), people)
    return [Errand(neighbour, each + (place < more)) for place, neighbour in enumerate(chosen)]


async def shop(
    network: Network, errands: Sequence[Errand], points: Mapping[str, str], *, seed: int, tick: Callable[[], None]
) -> Evening:
    """Send these people shopping, AT_ONCE of them at a time; `tick` is called after each."""
    evening, gate = Evening(), asyncio.Semaphore(AT_ONCE)

    async def one(place: int, errand: Errand) -> None:
        async with gate:
            draw = random.Random(seed * 1_000_003 + place)
            shopper = Shopper(errand.neighbour, Phone(network, errand.neighbour.phone), draw)
            evening.shoppers.append(shopper)
            await _an_evening_of(shopper, evening, errand.orders, points[errand.neighbour.point])
            tick()

    in_any_order = list(enumerate(errands))
    random.Random(seed).shuffle(in_any_order)
    await asyncio.gather(*(one(place, errand) for place, errand in in_any_order))
    return evening


async def _an_evening_of(shopper: Shopper, evening: Evening, orders: int, point: str) -> None:
    await shopper.phone.sign_in("member", PROVINCE)
    for _ in range(orders):
        order = await _order(shopper, evening, point)
        if order is None:
            return
        fate = shopper.draw.randrange(1000)
        if fate < FORGETS_TO_PAY:
            evening.outcomes["forgot to pay"] += 1
            continue
        if not await _pay(shopper, evening, order):
            continue
        if fate < FORGETS_TO_PAY + CANCELS:
            await _cancel(shopper, evening, order)
        elif fate < FORGETS_TO_PAY + CANCELS + REDUCES:
            await _reduce(shopper, evening, order)


async def _order(shopper: Shopper, evening: Evening, point: str) -> Mapping[str, Any] | None:
    """An order of what is on the shelf; what sold out or changed its price meanwhile is left out at the second try."""
    for _ in range(3):
        shelf = await shopper.phone.get(f"/points/{point}/shelf")
        lines = basket(shelf["offers"], shopper.draw)
        try:
            order: Mapping[str, Any] = await shopper.phone.post("/orders", {"point": point, "lines": lines})
        except Refused as refused:
            evening.outcomes[refused.code] += 1
            continue
        evening.placed += 1
        evening.first_at = evening.first_at or time.monotonic()
        shopper.orders.append(order["id"])
        return order
    return None


def basket(offers: Sequence[Mapping[str, Any]], draw: random.Random) -> list[dict[str, Any]]:
    """1 to 12 different things in small quantities, more often few than many."""
    there = [offer for offer in offers if offer["left"] > 0]
    count = min(len(there), 1 + int(draw.expovariate(0.5)), MOST_LINES)
    chosen = draw.sample(there, count)
    return [
        {
            "offer": offer["id"],
            "quantity": min(draw.choice((1, 1, 1, 2, 2, 3)), offer["per_order_limit"], offer["left"]),
            "price_fen": offer["price_fen"],
        }
        for offer in chosen
    ]


async def _pay(shopper: Shopper, evening: Evening, order: Mapping[str, Any]) -> bool:
    """Whether it was paid; who is too slow on a busy evening is told so."""
    try:
        sheet = await shopper.phone.post(f"/orders/{order['id']}/pay")
    except Refused as refused:
        evening.outcomes[refused.code] += 1
        return False
    await shopper.phone.pay(sheet["parameters"])
    shopper.paid_fen += order["to_pay_fen"]
    evening.paid += 1
    evening.paid_fen += order["to_pay_fen"]
    return True


async def _await_paid(shopper: Shopper, order: Mapping[str, Any]) -> None:
    """The phone's waiting page: it asks until the payment has arrived."""
    while (await shopper.phone.get(f"/orders/{order['id']}"))["state"] == "unpaid":
        await asyncio.sleep(LOOK_EVERY)


async def _cancel(shopper: Shopper, evening: Evening, order: Mapping[str, Any]) -> None:
    await _await_paid(shopper, order)
    await shopper.phone.post(f"/orders/{order['id']}/cancel")
    evening.outcomes["cancelled"] += 1


async def _reduce(shopper: Shopper, evening: Evening, order: Mapping[str, Any]) -> None:
    """Give up the last line, as somebody whose fridge turned out to be full."""
    if len(order["lines"]) < 2:
        return
    await _await_paid(shopper, order)
    kept = [{name: line[name] for name in ("offer", "quantity", "price_fen")} for line in order["lines"][:-1]]
    await shopper.phone.put(f"/orders/{order['id']}/lines", {"lines": kept})
    evening.outcomes["reduced"] += 1


async def come_too_late(shopper: Shopper, point: str) -> str:
    """Try to order when the window is shut; answers how the site refused it."""
    shelf = await shopper.phone.get(f"/points/{point}/shelf")
    wish = {"point": point, "lines": basket(shelf["offers"], shopper.draw)}
    try:
        await shopper.phone.post("/orders", wish)
    except Refused as refused:
        return refused.code
    return "an order was taken after cut-off"
