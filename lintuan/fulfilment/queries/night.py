"""What the people of the night see: tasks and routes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date

from django.db.models import Sum

from lintuan.fulfilment.engine.routing import Reason, reason_words
from lintuan.fulfilment.models import Drop, DropLine, Route, SortTask, Stop, Vehicle, Warehouse
from lintuan.fulfilment.types import (
    RouteState,
    RouteView,
    SortTaskView,
    StopView,
    TaskState,
    UnservedView,
    VehicleView,
    WarehouseKind,
    WarehouseView,
)
from lintuan.kernel.callers import Caller
from lintuan.leaders import queries as leaders
from lintuan.leaders.types import PointView

MOST_TASKS = 1000
MOST_ROUTES = 500


def warehouses(province_id: int) -> tuple[WarehouseView, ...]:
    """The warehouses of a province by code."""
    rows = Warehouse.objects.filter(province_id=province_id).order_by("code")
    return tuple(
        WarehouseView(
            row.id, row.province_id, WarehouseKind(row.kind), row.code, row.name, row.name_en, row.lat, row.lng
        )
        for row in rows
    )


def sort_tasks(
    caller: Caller, *, province_id: int, sale_on: date, level: int, after: int = 0, limit: int = MOST_TASKS
) -> tuple[SortTaskView, ...]:
    """A level's tasks of a sale day by id, those behind the id `after`; at most 1000 at a time."""
    caller.require("fulfilment.sort", province_id)
    rows = SortTask.objects.filter(
        province_id=province_id, sale_on=sale_on, level=level, id__gt=after, warehouse__province_id=province_id
    )
    page = rows.select_related("warehouse", "to_grid").order_by("id")[: min(limit, MOST_TASKS)]
    return tuple(
        SortTaskView(
            id=row.id, province_id=province_id, level=row.level, warehouse_code=row.warehouse.code,
            to_grid_code=row.to_grid.code if row.to_grid else None, point_id=row.point_id, sku_id=row.sku_id,
            planned=row.planned, done=row.done, state=TaskState(row.state),
        )
        for row in page
    )  # fmt: skip


def routes(
    caller: Caller, *, province_id: int, sale_on: date, driver_id: int | None = None
) -> tuple[RouteView, ...]:  # fmt: skip
    """The routes of a sale day by number, with their stops and lines to draw; of one driver, in the order of trips."""
    caller.require("fulfilment.drive", province_id)
    rows = Route.objects.filter(province_id=province_id, sale_on=sale_on, grid__province_id=province_id)
    if driver_id is not None:
        rows = rows.filter(vehicle__province_id=province_id, vehicle__driver_id=driver_id)
    order = ("grid__code", "id") if driver_id is None else ("trip", "id")
    page = list(rows.select_related("grid", "vehicle").order_by(*order)[:MOST_ROUTES])
    stops = _stops(province_id, [row.id for row in page])
    points = {view.id: view for view in leaders.points(province_id)} if page else {}
    units = _units(province_id, [stop.drop_id for own in stops.values() for stop in own])
    return tuple(_route(row, [_stop(stop, points, units) for stop in stops[row.id]]) for row in page)


def vehicles(caller: Caller, *, province_id: int) -> tuple[VehicleView, ...]:
    """The vans of a province by plate, those that no longer drive too."""
    caller.require("fulfilment.drive", province_id)
    rows = Vehicle.objects.filter(province_id=province_id, grid__province_id=province_id).select_related("grid")
    return tuple(
        VehicleView(
            id=row.id, province_id=province_id, grid_code=row.grid.code, plate=row.plate, driver=row.driver,
            driver_id=row.driver_id, crates=row.crates, kilograms=row.kilograms, stops=row.stops,
            shift_from=row.shift_from, shift_to=row.shift_to, most_trips=row.most_trips,
            start_cost_m=row.start_cost_m, is_active=row.is_active,
        )
        for row in rows.order_by("plate")
    )  # fmt: skip


def unserved_drops(caller: Caller, *, province_id: int, sale_on: date) -> tuple[UnservedView, ...]:
    """The drops of a sale day that no van takes, by grid, and why."""
    caller.require("fulfilment.drive", province_id)
    rows = Drop.objects.filter(province_id=province_id, sale_on=sale_on, grid__province_id=province_id)
    left = rows.exclude(unserved="").select_related("grid").order_by("grid__code", "point_id")
    return tuple(
        UnservedView(row.id, row.point_id, row.grid.code, row.unserved, *reason_words(Reason(row.unserved)))
        for row in left
    )


def _stops(province_id: int, route_ids: Iterable[int]) -> Mapping[int, list[Stop]]:
    rows = Stop.objects.filter(
        province_id=province_id, route_id__in=list(route_ids), drop__province_id=province_id
    ).select_related("drop")
    by_route: defaultdict[int, list[Stop]] = defaultdict(list)
    for row in rows.order_by("route_id", "rank"):
        by_route[row.route_id].append(row)
    return by_route


def _units(province_id: int, drop_ids: Iterable[int]) -> dict[int, int]:
    rows = DropLine.objects.filter(province_id=province_id, drop_id__in=list(drop_ids)).values("drop_id")
    return dict(rows.annotate(units=Sum("sent")).values_list("drop_id", "units"))


def _stop(row: Stop, points: Mapping[int, PointView], units: Mapping[int, int]) -> StopView:
    point = points[row.drop.point_id]
    return StopView(
        id=row.id, rank=row.rank, drop_id=row.drop_id, point_id=point.id, point_code=point.code,
        point_name=point.name, lat=point.lat, lng=point.lng, units=units.get(row.drop_id, 0), eta_at=row.eta_at,
        delivered_at=row.delivered_at,
    )  # fmt: skip


def _route(row: Route, stops: list[StopView]) -> RouteView:
    grid = (row.grid.lng, row.grid.lat)
    return RouteView(
        id=row.id, province_id=row.province_id, sale_on=row.sale_on, number=row.number, grid_code=row.grid.code,
        grid_name=row.grid.name, state=RouteState(row.state), distance_m=row.distance_m, stops=tuple(stops),
        line=(grid, *((stop.lng, stop.lat) for stop in stops), grid),
        plate=row.vehicle.plate if row.vehicle else "", driver=row.vehicle.driver if row.vehicle else "",
        trip=row.trip, leaves_at=row.leaves_at, back_at=row.back_at, is_locked=row.is_locked,
    )  # fmt: skip
