"""Which rate a line of an order earns its leader, and which level a leader has; docs/algorithms/commission.md."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta
from typing import Protocol

from msgspec import Struct
from msgspec.structs import replace

from lintuan.kernel.money import Money

#: A leader without sales has this level.
FIRST_LEVEL = 1
MOST_LEVELS = 9
#: Sale days whose sales make a level.
COUNTED_DAYS = 30


class Rate(Struct, frozen=True, kw_only=True):
    """Basis points for some goods, somewhere, at a level, from a sale day to another, both included.

    A level or SKU of 0 and an empty category or area are any; `area` is the beginning of a GB/T 2260 code.
    """

    bps: int
    from_on: date
    until_on: date | None = None
    level: int = 0
    sku_id: int = 0
    category: str = ""
    area: str = ""
    id: int = 0

    @property
    def about(self) -> tuple[int, int, str, str]:
        """What it is for: rates about the same never hold on the same day."""
        return self.level, self.sku_id, self.category, self.area

    @property
    def precision(self) -> tuple[int, int, int]:
        """How closely it says what it is for: goods before area, area before level."""
        goods = 2 if self.sku_id else 1 if self.category else 0
        return goods, len(self.area), 1 if self.level else 0

    def holds_on(self, day: date) -> bool:
        return self.from_on <= day and (self.until_on is None or day <= self.until_on)

    def is_for(self, line: Line) -> bool:
        return (
            self.level in (0, line.level)
            and self.sku_id in (0, line.sku_id)
            and self.category in ("", line.category)
            and line.district.startswith(self.area)
        )


class Line(Struct, frozen=True):
    """What a rate depends on; without goods, what holds for goods in general."""

    level: int
    district: str
    sku_id: int = 0
    category: str = ""


class Span(Protocol):
    """What holds from one sale day until another."""

    @property
    def from_on(self) -> date: ...

    @property
    def until_on(self) -> date | None: ...


class Tariff:
    """The rates of one sale day; where none is for a line, the province's own rate holds."""

    def __init__(self, rates: Iterable[Rate], on: date, base_bps: int) -> None:
        self.rates = tuple(sorted((one for one in rates if one.holds_on(on)), key=_closest_first))
        self.base_bps = base_bps
        self.asks_goods = any(one.sku_id or one.category for one in self.rates)
        self.asks_level = any(one.level for one in self.rates)
        self._found: dict[Line, Rate | None] = {}

    def bps(self, line: Line) -> int:
        """What a line earns, in basis points."""
        rate = self.rate(line)
        return self.base_bps if rate is None else rate.bps

    def rate(self, line: Line) -> Rate | None:
        """The rate that says most closely what it is for; two that do so equally cannot both hold."""
        if line not in self._found:
            self._found[line] = next((one for one in self.rates if one.is_for(line)), None)
        return self._found[line]


def clash(rates: Iterable[Rate], new: Rate) -> Rate | None:
    """A rate about the same that holds on a day on which the new one would hold."""
    for one in rates:
        if one.about == new.about and _meet(one, new):
            return one
    return None


def ended(rates: Iterable[Rate], rate_id: int, until_on: date) -> Iterator[Rate]:
    """The rates with the end of one of them changed; it is gone where it would end before it began."""
    for one in rates:
        if one.id != rate_id:
            yield one
        elif one.from_on <= until_on:
            yield replace(one, until_on=until_on)


def instead(rates: Iterable[Rate], new: Rate, on: date) -> list[Rate]:
    """The rates of one day with another in the place of that about the same, whenever it is to begin."""
    others = [one for one in rates if one.about != new.about and one.holds_on(on)]
    return [*others, replace(new, from_on=on, until_on=None)]


def turning_days(spans: Iterable[Span], since: date) -> list[date]:
    """The days from one on, that one included, on which anything else holds than on the day before."""
    days = {since}
    for one in spans:
        days.add(one.from_on)
        if one.until_on is not None:
            days.add(one.until_on + timedelta(days=1))
    return sorted(day for day in days if day >= since)


def level_of(gmv: Money, thresholds: Sequence[Money]) -> int:
    """The highest level whose threshold the sales reach; the first threshold is that of level 2."""
    return FIRST_LEVEL + sum(gmv >= threshold for threshold in thresholds)


def _closest_first(rate: Rate) -> tuple[int, ...]:
    return tuple(-part for part in rate.precision)


def _meet(one: Rate, other: Rate) -> bool:
    ends_before = one.until_on is not None and one.until_on < other.from_on
    begins_after = other.until_on is not None and other.until_on < one.from_on
    return not (ends_before or begins_after)
