"""Whether what is on the shelf bears what is shared out of it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date

from msgspec import Struct

from lintuan.catalog import queries as catalog
from lintuan.kernel import clock
from lintuan.pricing.queries import costings
from lintuan.provinces.queries import coming_day, province
from lintuan.provinces.types import Terms

from . import contracts, tariffs
from .engine import shares
from .engine.rates import Rate, Tariff, turning_days
from .engine.shares import Breach, Deal, Floors, Good
from .errors import SharesAboveMargin


def goods(province_id: int) -> list[Good]:
    """What the coming shelf offers, with its cost."""
    day = coming_day(province(province_id), clock.now())
    found = costings(province_id, day)
    categories = tariffs.category_of({one.offer.sku_id for one in found})
    return [
        Good(one.offer.sku_id, categories.get(one.offer.sku_id, ""), one.offer.price, one.cost)
        for one in sorted(found, key=lambda one: one.offer.sku_id)
    ]


def require_enough(
    province_id: int,
    before: Iterable[Rate],
    after: Iterable[Rate],
    *,
    since: date,
    levels: int = 0,
    signed: Sequence[Deal] = (),
) -> None:
    """Refuse a change of rates, of how many levels there are, or of what partners may have, by which goods on the
    coming shelf no longer bear their shares on some day, or bear them less than before.
    """
    known, changed, offered = list(before), list(after), goods(province_id)
    terms = province(province_id).terms
    deals = contracts.deals(province_id, contracts.signed(province_id))
    turning = turning_days([*known, *changed, *deals, *signed], since)
    for day in sorted({*turning, *tariffs.days_of_tables(province_id, since)}):
        present = _levels(province_id, day)
        worse = shares.worsened(
            _breaches(terms, offered, _Day(day, known, deals, present)),
            _breaches(terms, offered, _Day(day, changed, [*deals, *signed], max(levels, present))),
        )
        if worse:
            raise SharesAboveMargin(**_told(worse, day))


def require_terms(province_id: int, before: Terms, after: Terms) -> None:
    """Refuse terms that give away more than before of what goods on the coming shelf leave, where these do not bear it.

    A higher profit floor alone gives nothing away: it is never refused, and what falls short is listed.
    """
    since, offered = coming_day(province(province_id), clock.now()), goods(province_id)
    known, deals = tariffs.rates(province_id), contracts.deals(province_id, contracts.signed(province_id))
    at_floor = replace(before, profit_floor_bps=after.profit_floor_bps)
    for day in sorted({*turning_days([*known, *deals], since), *tariffs.days_of_tables(province_id, since)}):
        agreed = _Day(day, known, deals, _levels(province_id, day))
        if worse := shares.worsened(_breaches(at_floor, offered, agreed), _breaches(after, offered, agreed)):
            raise SharesAboveMargin(**_told(worse, day))


def breaches(province_id: int) -> Sequence[Breach]:
    """What of the coming shelf does not bear its shares by the rates of that day, by SKU."""
    view = province(province_id)
    day = coming_day(view, clock.now())
    deals = contracts.deals(province_id, contracts.signed(province_id))
    agreed = _Day(day, tariffs.rates(province_id), deals, _levels(province_id, day))
    found = _breaches(view.terms, goods(province_id), agreed)
    return [found[sku_id] for sku_id in sorted(found)]


class _Day(Struct, frozen=True):
    """What is agreed on with leaders and partners that may hold on a day."""

    on: date
    rates: Sequence[Rate]
    deals: Sequence[Deal]
    levels: int


def _breaches(terms: Terms, offered: Iterable[Good], day: _Day) -> dict[int, Breach]:
    floors = Floors(terms.profit_floor_bps, terms.plays_floor_bps)
    tariff, partners = Tariff(day.rates, day.on, terms.leader_bps), shares.partners_on(day.deals, day.on)
    return shares.breaches(offered, tariff, partners, floors, day.levels)


def _levels(province_id: int, day: date) -> int:
    return len(tariffs.thresholds(province_id, day)) + 1


def _told(breach: Breach, day: date) -> dict[str, object]:
    """What of a breach a refusal names."""
    good, found = breach.good, breach.shares
    sku = catalog.sku(good.sku_id)
    return {
        "sku": f"{sku.code} {sku.name}",
        "on": day,
        "price": good.price,
        "margin": found.margin,
        "shares": found.total,
        "commission": found.commission,
        "plays": found.plays,
        "partner": found.partner,
        "profit": found.profit,
        "level": breach.line.level,
        "area": breach.line.district or "…",
    }
