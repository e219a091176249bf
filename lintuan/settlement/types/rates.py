"""What settlement gives to others of rates and levels; entered by types."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from lintuan.kernel.money import Money

#: The right to set rates and levels, and to sign contracts with traffic partners.
MAY_EDIT = "settlement.edit"


@dataclass(frozen=True, slots=True)
class NewRate:
    """A rate to be kept: a level or SKU of 0, and an empty category or area, is any."""

    bps: int
    from_on: date
    until_on: date | None = None
    level: int = 0
    sku_id: int = 0
    category: str = ""
    area: str = ""


@dataclass(frozen=True, slots=True)
class RateView:
    """A rate as it is kept."""

    id: int
    province_id: int
    bps: int
    from_on: date
    until_on: date | None
    level: int
    sku_id: int
    category: str
    area: str


@dataclass(frozen=True, slots=True)
class ShortView:
    """Goods whose margin does not suffice for their shares, for a leader of this level in this area; empty is any."""

    sku_id: int
    price: Money
    margin: Money
    shares: Money
    level: int
    area: str


@dataclass(frozen=True, slots=True)
class Preview:
    """What a sale day's orders would have earned leaders: by the rates as they were, and with one more.

    Both are worked out of the same sums by point and SKU, so they leave out what is rounded order by order.
    """

    sale_on: date
    sales: Money
    before: Money
    after: Money


@dataclass(frozen=True, slots=True)
class Graded:
    """Leaders whose sales were counted, and those that reached another level."""

    leaders: int
    changed: int


@dataclass(frozen=True, slots=True)
class LevelStep:
    """A level that a leader has had from a sale day on, and the sales it came from."""

    level: int
    from_on: date
    gmv: Money


@dataclass(frozen=True, slots=True)
class LeaderRate:
    """What a leader earns on goods in general today, and why: the level, its sales, and what the next would take.

    `levels` is how many there are, 1 where the province tells none apart; `own` are rates of goods that go before.
    """

    bps: int
    level: int
    levels: int
    gmv: Money
    missing: Money | None
    next_bps: int | None
    history: tuple[LevelStep, ...]
    own: tuple[RateView, ...]
