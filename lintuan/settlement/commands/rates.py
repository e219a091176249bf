"""Rates that leaders earn: what is kept of them, and what a new one would have come to."""

from __future__ import annotations

from datetime import date, timedelta

from lintuan.catalog import queries as catalog
from lintuan.catalog.types import Category
from lintuan.kernel import changes, clock
from lintuan.kernel.callers import Caller
from lintuan.kernel.commands import command
from lintuan.kernel.errors import NotFound
from lintuan.kernel.money import total
from lintuan.ordering import queries as ordering
from lintuan.provinces import commands as province_commands
from lintuan.provinces.queries import place, province, provinces
from lintuan.provinces.types import ProvincePlan
from lintuan.settlement import margins, rate_models, rules, tariffs
from lintuan.settlement.engine import rates as engine
from lintuan.settlement.engine.rates import Rate
from lintuan.settlement.errors import RateEnded, RateTwice
from lintuan.settlement.types import MAY_EDIT, NewRate, Preview


@command
def set_rate(caller: Caller, *, province_id: int, rate: NewRate, key: str | None = None) -> int:
    """Let leaders earn another rate from a sale day on that has not begun.

    TooSoon, RateRefused, RateTwice where one about the same holds on such a day, SharesAboveMargin where some goods
    would not bear it.
    """
    caller.require(MAY_EDIT, province_id)
    new, known = _checked(province_id, rate), tariffs.rates_locked(province_id)
    rules.check_begins(new.from_on, clock.today(province(province_id).zone))
    if other := engine.clash(known, new):
        raise RateTwice(from_on=other.from_on, until_on=other.until_on or "…")
    margins.require_enough(province_id, known, [*known, new], since=new.from_on)
    row = rate_models.Rate(
        province_id=province_id,
        level=new.level,
        sku_id=new.sku_id,
        category=new.category,
        area=new.area,
        bps=new.bps,
        from_on=new.from_on,
        until_on=new.until_on,
        made_at=clock.now(),
        made_by=caller.id,
    )
    row.save()
    changes.tell("settlement", province_id)
    return row.id


@command
def end_rate(caller: Caller, *, province_id: int, rate_id: int, until_on: date, key: str | None = None) -> int:
    """Let a rate hold no longer than until a sale day, today at the earliest; one that has not begun by then never
    does, and is forgotten. Refused as a new one is where some goods do not bear what holds then.
    """
    caller.require(MAY_EDIT, province_id)
    known = tariffs.rates_locked(province_id)
    rules.check_begins(until_on + timedelta(days=1), clock.today(province(province_id).zone))
    row = rate_models.Rate.objects.filter(province_id=province_id, id=rate_id).first()
    if row is None:
        raise NotFound(thing="rate")
    if row.until_on is not None and row.until_on <= until_on:
        raise RateEnded(until_on=row.until_on)
    left = list(engine.ended(known, rate_id, until_on))
    margins.require_enough(province_id, known, left, since=until_on + timedelta(days=1))
    if until_on < row.from_on:
        row.delete()
    else:
        row.until_on = until_on
        row.save()
    changes.tell("settlement", province_id)
    return rate_id


@command
def set_province(caller: Caller, *, province_id: int, plan: ProvincePlan, key: str | None = None) -> int:
    """Plan a province, as provinces does; refused where some goods would not bear what its terms give away."""
    known = {view.id: view for view in provinces()}.get(province_id)
    if known is not None:
        caller.require("provinces.edit", province_id)
        tariffs.rates_locked(province_id)
        margins.require_terms(province_id, known.terms, plan.terms)
    return province_commands.set_province(caller, province_id=province_id, plan=plan)


def preview_rate(caller: Caller, *, province_id: int, sale_on: date, rate: NewRate) -> Preview:
    """What a sale day's orders earned by the rates of that day, and what they would have with one more, whatever day
    it is to begin. Nothing is kept.
    """
    caller.require(MAY_EDIT, province_id)
    new, known = _checked(province_id, rate), tariffs.rates(province_id)
    on_day = engine.instead(known, new, sale_on)
    sold = ordering.sold(province_id, sale_on)
    base = province(province_id).terms.leader_bps
    return Preview(
        sale_on,
        total(one.net for one in sold),
        tariffs.commission_on(province_id, sold, engine.Tariff(known, sale_on, base), sale_on),
        tariffs.commission_on(province_id, sold, engine.Tariff(on_day, sale_on, base), sale_on),
    )


def _checked(province_id: int, rate: NewRate) -> Rate:
    """What a rate is about must be there."""
    rules.check_rate(province_id, rate, categories={str(category) for category in Category})
    if rate.sku_id:
        catalog.sku(rate.sku_id)
    if rate.area:
        place(rate.area.ljust(6, "0"))
    return Rate(
        bps=rate.bps,
        from_on=rate.from_on,
        until_on=rate.until_on,
        level=rate.level,
        sku_id=rate.sku_id,
        category=rate.category,
        area=rate.area,
    )
