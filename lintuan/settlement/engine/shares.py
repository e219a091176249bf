"""What a unit's margin is shared into at worst, and whether it suffices; docs/algorithms/commission.md, section 4."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from msgspec import Struct

from lintuan.kernel.money import ZERO, Money

from .rates import Line, Tariff


class Good(Struct, frozen=True):
    """A SKU as it is offered: what a unit is sold for and what it costs us."""

    sku_id: int
    category: str
    price: Money
    cost: Money


class Deal(Struct, frozen=True):
    """What a partner may have at most of what is left of a margin in a district, in basis points, and on which days."""

    area: str
    bps: int
    from_on: date
    until_on: date | None = None


class Floors(Struct, frozen=True):
    """What must be left of the price for us and what is kept free for plays, in basis points of the price."""

    profit_bps: int = 0
    plays_bps: int = 0


class Shares(Struct, frozen=True):
    """A unit's margin and who has which part of it; what nobody else has is `kept`, below zero where it falls short."""

    margin: Money
    commission: Money
    plays: Money
    partner: Money
    profit: Money

    @property
    def total(self) -> Money:
        return self.commission + self.plays + self.partner + self.profit

    @property
    def kept(self) -> Money:
        return self.margin - self.commission - self.plays - self.partner

    @property
    def is_enough(self) -> bool:
        return self.total <= self.margin


class Breach(Struct, frozen=True):
    """A SKU whose margin does not suffice, and for a leader of which level, where."""

    good: Good
    line: Line
    shares: Shares


def share_out(good: Good, *, bps: int, partner_bps: int, floors: Floors) -> Shares:
    """A unit's margin shared out: commission and plays of the price, the partner of what they leave of the margin."""
    margin = good.price - good.cost
    commission, plays = good.price.share(bps), good.price.share(floors.plays_bps)
    left = max(ZERO, margin - commission - plays)
    return Shares(margin, commission, plays, left.share(partner_bps), good.price.share(floors.profit_bps))


def breaches(
    goods: Iterable[Good], tariff: Tariff, partners: Mapping[str, int], floors: Floors, levels: int
) -> dict[int, Breach]:
    """Of each SKU whose margin does not suffice the worst case, over all levels and areas; by SKU.

    `partners` is what a partner may have of what is left of the margin, in basis points, by area.
    """
    places = _places(tariff, partners)
    found: dict[int, Breach] = {}
    for good in goods:
        for level in range(1, levels + 1):
            for place in places:
                line = Line(level, place, good.sku_id, good.category)
                shares = share_out(good, bps=tariff.bps(line), partner_bps=partner_bps(partners, place), floors=floors)
                worst = found.get(good.sku_id)
                if not shares.is_enough and (worst is None or shares.kept < worst.shares.kept):
                    found[good.sku_id] = Breach(good, line, shares)
    return found


def worsened(before: Mapping[int, Breach], after: Mapping[int, Breach]) -> Breach | None:
    """The worst of those breaches that a change makes, or makes worse; one that was there all the same is not its."""
    made = [
        one for sku_id, one in after.items() if sku_id not in before or one.shares.total > before[sku_id].shares.total
    ]
    return min(made, key=lambda one: (one.shares.kept - one.shares.profit, one.good.sku_id), default=None)


def partners_on(deals: Iterable[Deal], day: date) -> dict[str, int]:
    """The most that any partner may have on a day, by area; points of one district may be different partners'."""
    found: dict[str, int] = {}
    for deal in deals:
        if deal.from_on <= day and (deal.until_on is None or day <= deal.until_on):
            found[deal.area] = max(deal.bps, found.get(deal.area, 0))
    return found


def partner_bps(partners: Mapping[str, int], district: str) -> int:
    """What a partner may have at most of a sale in a district."""
    return max((bps for area, bps in partners.items() if district.startswith(area)), default=0)


def _places(tariff: Tariff, partners: Mapping[str, int]) -> Sequence[str]:
    """One district for every set of areas that any rate or partner tells apart, and one that none names."""
    areas = {one.area for one in tariff.rates} | set(partners) | {""}
    return sorted(areas)
