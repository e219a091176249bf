"""The rounds of the vans: on a map, as lists, locked, planned anew and changed by hand."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.contrib.staticfiles import finders
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.templatetags.static import static
from django.views.decorators.http import require_GET, require_POST

from lintuan.console.access import Visit, staff_page, tell
from lintuan.console.show import show
from lintuan.console.words import spoken
from lintuan.fulfilment import commands, queries
from lintuan.fulfilment.types import MoveTo, RouteView, WarehouseKind
from lintuan.kernel.errors import Invalid, NotFound
from lintuan.kernel.ids import public_id, read_public_id
from lintuan.leaders import queries as leaders

MAP = "console/wuhan.geo.json"
EDIT = "fulfilment.edit"


@require_GET
@staff_page("fulfilment.drive")
def routes(request: HttpRequest, visit: Visit) -> HttpResponse:
    """The rounds of the vans, on a map and as lists with times; what no van takes, and why."""
    found = queries.routes(visit.caller, province_id=visit.province_id, sale_on=visit.sale_on)
    return show(
        request,
        visit,
        "routes.html",
        routes=[_row(route, rank) for rank, route in enumerate(found)],
        left=_left(visit),
        may_edit=visit.caller.may(EDIT, visit.province_id),
        grids=[view for view in queries.warehouses(visit.province_id) if view.kind is WarehouseKind.GRID],
        stops=sum(len(route.stops) for route in found),
        metres=sum(route.distance_m for route in found),
        drawing={"routes": _lines(found), "grids": _warehouse_marks(visit), "map": _map_address()},
    )


@require_POST
@staff_page(EDIT)
def hold(request: HttpRequest, visit: Visit, route: str) -> HttpResponse:
    """Lock a route, or give it free again."""
    province_id, route_id = read_public_id("route", route)
    is_lock = request.POST.get("do") == "lock"
    change = commands.lock_route if is_lock else commands.unlock_route
    change(visit.caller, province_id=province_id, route_id=route_id)
    tell(request, spoken("已锁定。", "Locked.") if is_lock else spoken("已解锁。", "Unlocked."))
    return redirect("console:routes")


@require_POST
@staff_page(EDIT)
def replan(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Plan a grid's vans anew but for what is locked."""
    plan = commands.replan_routes(
        visit.caller, province_id=visit.province_id, sale_on=visit.sale_on, grid_code=request.POST.get("grid", "")
    )
    told = f"{plan.routes} · {plan.stops} · {plan.distance_m / 1000:.1f} km"
    tell(request, spoken(f"已重新规划：{told}", f"Planned anew: {told}"))
    return redirect("console:routes")


@require_POST
@staff_page(EDIT)
def move(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Put a point's goods elsewhere; without a route they are taken off."""
    found = queries.routes(visit.caller, province_id=visit.province_id, sale_on=visit.sale_on)
    number = request.POST.get("route", "").strip()
    ids = {route.number: route.id for route in found}
    if number and number not in ids:
        raise NotFound(thing="route")
    rank = request.POST.get("rank", "1").strip()
    if not rank.isdecimal() or len(rank) > 4:
        raise Invalid(reason="rank")
    to = MoveTo(ids.get(number), int(rank), off=not number, anyway=bool(request.POST.get("anyway")))
    drop_id = _drop(visit, found, request.POST.get("point", "").strip())
    commands.move_drop(visit.caller, province_id=visit.province_id, drop_id=drop_id, to=to)
    tell(request, spoken("已调整。", "Moved."))
    return redirect("console:routes")


def _drop(visit: Visit, found: Iterable[RouteView], code: str) -> int:
    drops = {stop.point_code: stop.drop_id for route in found for stop in route.stops}
    drops |= {row["code"]: row["drop"] for row in _left(visit)}
    if code not in drops:
        raise NotFound(thing=f"point {code}")
    return drops[code]


def _row(route: RouteView, rank: int) -> Mapping[str, Any]:
    return {
        "route": route,
        "id": public_id("route", route.province_id, route.id),
        "units": sum(stop.units for stop in route.stops),
        "rank": rank,
    }


def _left(visit: Visit) -> list[dict[str, Any]]:
    found = queries.unserved_drops(visit.caller, province_id=visit.province_id, sale_on=visit.sale_on)
    points = {view.id: view for view in leaders.points(visit.province_id)} if found else {}
    return [
        {
            "code": points[one.point_id].code, "name": points[one.point_id].name, "grid": one.grid_code,
            "drop": one.drop_id, "reason": spoken(one.zh, one.en),
        }
        for one in found
    ]  # fmt: skip


def _lines(found: Iterable[RouteView]) -> list[dict[str, Any]]:
    return [
        {
            "name": route.number,
            "line": [list(spot) for spot in route.line],
            "stops": [[stop.lng, stop.lat, stop.rank, stop.point_name, stop.units] for stop in route.stops],
        }
        for route in found
    ]


def _warehouse_marks(visit: Visit) -> list[list[Any]]:
    return [[view.lng, view.lat, view.code, view.kind.value] for view in queries.warehouses(visit.province_id)]


def _map_address() -> str:
    """Where the outline of the districts is, empty where none is shipped."""
    return static(MAP) if finders.find(MAP) else ""
