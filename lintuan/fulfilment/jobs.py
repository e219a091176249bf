"""The duties of the night and of the end of the holding time."""

from __future__ import annotations

from datetime import date, timedelta

from lintuan.kernel.callers import SYSTEM
from lintuan.kernel.duties import chore, duty
from lintuan.provinces.queries import provinces

from . import commands


@duty("fulfilment.plan_sorting", step="receive_by", rank=1)
def plan_sorting(province_id: int, sale_on: date) -> str:
    plan = commands.plan_sorting(SYSTEM, province_id=province_id, sale_on=sale_on)
    return f"{plan.units} units in {plan.tasks} tasks for {plan.points} points ({plan.placed} put to the nearest grid)"


@duty("fulfilment.close_sorting", step="sort_by")
def close_sorting(province_id: int, sale_on: date) -> str:
    end = commands.close_sorting(SYSTEM, province_id=province_id, sale_on=sale_on)
    return f"{end.tasks} tasks, {end.unreported} unreported and counted as done, {end.units_short} units short"


@duty("fulfilment.close_grid_sorting", step="grid_sort_by")
def close_grid_sorting(province_id: int, sale_on: date) -> str:
    end = commands.close_grid_sorting(SYSTEM, province_id=province_id, sale_on=sale_on)
    return f"{end.tasks} tasks, {end.unreported} unreported and counted as done, {end.units_short} units short"


@duty("fulfilment.plan_routes", step="route_at")
def plan_routes(province_id: int, sale_on: date) -> str:
    plan = commands.plan_routes(SYSTEM, province_id=province_id, sale_on=sale_on)
    return f"{plan.routes} routes, {plan.stops} stops, {plan.distance_m} m, {plan.late} late, {plan.unserved} on no van"


@duty("fulfilment.close_unclaimed", step="unclaimed")
def close_unclaimed(province_id: int, sale_on: date) -> str:
    end = commands.close_unclaimed(SYSTEM, province_id=province_id, sale_on=sale_on)
    return f"{end.unclaimed} pickups unclaimed, {end.drops_lost} drops never signed for"


@chore("fulfilment.drop_photos", every=timedelta(hours=6))
def drop_photos() -> int:
    return sum(commands.drop_photos(SYSTEM, province_id=view.id) for view in provinces())
