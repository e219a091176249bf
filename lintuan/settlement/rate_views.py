"""Rates as those they concern may see them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from lintuan.kernel import clock
from lintuan.kernel.callers import Caller, Kind
from lintuan.kernel.money import ZERO, Money
from lintuan.leaders.queries import points_of_leader
from lintuan.provinces.queries import province

from . import margins, tariffs
from .engine.rates import COUNTED_DAYS, FIRST_LEVEL, Line, Rate
from .rate_models import LeaderDay, LeaderLevel
from .types import MAY_EDIT, LeaderRate, LevelStep, RateView, ShortView

MOST_STEPS = 12


def rates(caller: Caller, *, province_id: int) -> Sequence[RateView]:
    """Every rate that ever held or will, the newest first."""
    caller.require(MAY_EDIT, province_id)
    return [_view(province_id, rate) for rate in tariffs.rates(province_id)]


def thresholds(caller: Caller, *, province_id: int, on: date) -> tuple[Money, ...]:
    """From which sales of thirty days on a leader reaches level 2, 3 and so on, on a sale day."""
    caller.require(MAY_EDIT, province_id)
    return tariffs.thresholds(province_id, on)


def leader_rate(caller: Caller) -> LeaderRate:
    """What the calling leader's goods in general earn today at its first point, and why."""
    caller.require_kind(Kind.LEADER)
    province_id, today = caller.province_id, clock.today(province(caller.province_id).zone)
    points = points_of_leader(province_id, caller.id)
    district = points[0].district_code if points else ""
    tariff, steps = tariffs.tariff(province_id, today), tariffs.thresholds(province_id, today)
    level = tariffs.levels(province_id, [caller.id], today).get(caller.id, FIRST_LEVEL)
    gmv, is_last = _gmv(province_id, caller.id), level > len(steps)
    return LeaderRate(
        bps=tariff.bps(Line(level, district)),
        level=level,
        levels=len(steps) + 1,
        gmv=gmv,
        missing=None if is_last else max(ZERO, steps[level - 1] - gmv),
        next_bps=None if is_last else tariff.bps(Line(level + 1, district)),
        history=_history(province_id, caller.id),
        own=tuple(_view(province_id, one) for one in tariff.rates if _is_own(one, level, district)),
    )


def short_of_margin(caller: Caller, *, province_id: int) -> Sequence[ShortView]:
    """What of the coming shelf does not bear its shares by that day's rates, in the worst case each."""
    caller.require(MAY_EDIT, province_id)
    return [
        ShortView(
            one.good.sku_id, one.good.price, one.shares.margin, one.shares.total, one.line.level, one.line.district
        )
        for one in margins.breaches(province_id)
    ]


def _is_own(rate: Rate, level: int, district: str) -> bool:
    """Whether it is for goods, and holds for this leader."""
    is_here = rate.level in (0, level) and district.startswith(rate.area)
    return is_here and bool(rate.sku_id or rate.category)


def _gmv(province_id: int, leader_id: int) -> Money:
    """What the last thirty sale days that were counted come to."""
    newest = LeaderDay.objects.filter(province_id=province_id).order_by("-sale_on").first()
    if newest is None:
        return ZERO
    since = date.fromordinal(newest.sale_on.toordinal() - COUNTED_DAYS)
    rows = LeaderDay.objects.filter(province_id=province_id, leader_id=leader_id, sale_on__gt=since)
    return sum(rows.values_list("net", flat=True), ZERO)


def _history(province_id: int, leader_id: int) -> tuple[LevelStep, ...]:
    rows = LeaderLevel.objects.filter(province_id=province_id, leader_id=leader_id).order_by("-from_on")
    return tuple(LevelStep(row.level, row.from_on, row.gmv) for row in rows[:MOST_STEPS])


def _view(province_id: int, rate: Rate) -> RateView:
    return RateView(
        id=rate.id,
        province_id=province_id,
        bps=rate.bps,
        from_on=rate.from_on,
        until_on=rate.until_on,
        level=rate.level,
        sku_id=rate.sku_id,
        category=rate.category,
        area=rate.area,
    )
