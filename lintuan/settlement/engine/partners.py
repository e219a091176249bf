"""What a traffic partner has of the margin of the orders it brings; docs/algorithms/partners.md.

A calendar month of sale days is settled as a whole: what it comes to depends on its sums alone, so what was posted
before is corrected by the difference.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from fractions import Fraction
from itertools import pairwise

from msgspec import Struct

from lintuan.kernel.money import BASIS, ZERO, Money, divide_half_away, total

MOST_STEPS = 9


class Step(Struct, frozen=True):
    """From which sales of a month on, and how much of the month's whole margin in basis points."""

    since: Money
    bps: int


class Terms(Struct, frozen=True):
    """Steps from the lowest on, the first from no sales at all; `cap` is the most of a month."""

    steps: tuple[Step, ...]
    cap: Money | None = None

    @property
    def most_bps(self) -> int:
        return max(step.bps for step in self.steps)

    def bps(self, sales: Money) -> int:
        """That of the highest step which the sales of a month reach; below none of them that of the first."""
        return next((step.bps for step in reversed(self.steps) if sales >= step.since), self.steps[0].bps)


class Day(Struct, frozen=True):
    """What collected orders of a sale day came to: sales less what was given back, and what is left of them for us
    after their goods, leaders and plays; a margin may be below zero.
    """

    sale_on: date
    sales: Money
    margin: Money


class Month(Struct, frozen=True):
    """A month's days added up and what a partner has of them; `begins` is its first day."""

    begins: date
    days: int
    sales: Money
    margin: Money
    bps: int
    share: Money
    is_capped: bool


class Supply(Struct, frozen=True):
    """Units of a SKU that came for a sale day, and what they cost together."""

    received: int
    cost: Money


def faults(terms: Terms) -> list[str]:
    """What of these terms cannot be."""
    starts = [step.since for step in terms.steps]
    found = {
        f"steps: 1-{MOST_STEPS}": not 1 <= len(starts) <= MOST_STEPS,
        "steps: 0 …": bool(starts) and starts[0] != ZERO,
        "steps: … < …": any(one >= other for one, other in pairwise(starts)),
        f"bps: 0-{BASIS}": not all(0 <= step.bps <= BASIS for step in terms.steps),
        "cap > 0": terms.cap is not None and terms.cap <= ZERO,
    }
    return [reason for reason, is_so in found.items() if is_so]


def months(days: Iterable[Day], terms: Terms) -> list[Month]:
    """The months of some days, the earliest first."""
    by_month: dict[date, list[Day]] = {}
    for day in days:
        by_month.setdefault(month_of(day.sale_on), []).append(day)
    return [_month(begins, known, terms) for begins, known in sorted(by_month.items())]


def month_of(sale_on: date) -> date:
    return sale_on.replace(day=1)


def is_final(begins: date, until_on: date | None, counted: date, today: date) -> bool:
    """Whether a contract's month is over, and all its sale days up to its last are counted, which are `counted` up to:
    days are counted once their claims are over.
    """
    next_month = month_of(begins + timedelta(days=31))
    last = next_month - timedelta(days=1)
    return today >= next_month and counted >= min(last, until_on or last)


def cost_of(units: Mapping[int, int], supply: Mapping[int, Supply]) -> Money:
    """What units of SKUs cost, each its part of what came that night; only the sum is rounded."""
    exact = sum(
        Fraction(number * one.cost.fen, one.received)
        for sku_id, number in units.items()
        if (one := supply.get(sku_id)) and one.received
    )
    return Money(divide_half_away(exact.numerator, exact.denominator))


def _month(begins: date, days: Sequence[Day], terms: Terms) -> Month:
    sales, margin = total(day.sales for day in days), total(day.margin for day in days)
    bps = terms.bps(sales)
    share = max(ZERO, margin).share(bps)
    is_capped = terms.cap is not None and share > terms.cap
    if terms.cap is not None and is_capped:
        share = terms.cap
    return Month(begins, len(days), sales, margin, bps, share, is_capped)
