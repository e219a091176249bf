"""From the grids to the points: rounds planned before dawn, departures and deliveries as drivers tell them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from lintuan.fulfilment import rules
from lintuan.fulfilment.commands.boards import Board, board, solved, write
from lintuan.fulfilment.engine.routing import (
    Fault,
    Lock,
    Plan,
    Reason,
    Unserved,
    Where,
    fault_words,
    move,
    where_is,
)
from lintuan.fulfilment.errors import MoveBreaks, RouteLocked
from lintuan.fulfilment.models import Drop, Route, Stop, Vehicle, Warehouse
from lintuan.fulfilment.types import DropState, MoveTo, RoutesPlanned, RouteState, RoutingPlan, WarehouseKind
from lintuan.kernel import clock
from lintuan.kernel.callers import Caller
from lintuan.kernel.commands import command
from lintuan.kernel.errors import Invalid, NotFound
from lintuan.kernel.states import require_move
from lintuan.leaders import queries as leaders

RIGHT = "fulfilment.drive"
DEFAULT_PLAN = RoutingPlan()


@command
def plan_routes(caller: Caller, *, province_id: int, sale_on: date, plan: RoutingPlan = DEFAULT_PLAN) -> RoutesPlanned:
    """Plan the vans of every grid for the drops that are not on a route yet; the routes there are stay."""
    caller.require("fulfilment.edit", province_id)
    drops = Drop.objects.filter(province_id=province_id, sale_on=sale_on, state=DropState.PLANNED.value)
    waiting = drops.exclude(stops__province_id=province_id).values_list("grid_id", flat=True)
    return _plan(province_id, sale_on, set(waiting), plan, keep=True)


@command
def replan_routes(
    caller: Caller, *, province_id: int, sale_on: date, grid_code: str, plan: RoutingPlan = DEFAULT_PLAN,
    key: str | None = None,
) -> RoutesPlanned:  # fmt: skip
    """Plan a grid's vans anew but for the routes that are locked or have left, and a van's trips before such a one."""
    caller.require("fulfilment.edit", province_id)
    grid = Warehouse.objects.filter(province_id=province_id, code=grid_code, kind=WarehouseKind.GRID.value).first()
    if grid is None:
        raise NotFound(thing="grid")
    return _plan(province_id, sale_on, {grid.id}, plan, keep=False)


@command
def lock_route(caller: Caller, *, province_id: int, route_id: int, key: str | None = None) -> int:
    """Keep a planned route as it is when the others are planned anew."""
    return _lock(caller, province_id, route_id, is_locked=True)


@command
def unlock_route(caller: Caller, *, province_id: int, route_id: int, key: str | None = None) -> int:
    """Give a locked route free again."""
    return _lock(caller, province_id, route_id, is_locked=False)


@command
def move_drop(
    caller: Caller, *, province_id: int, drop_id: int, to: MoveTo, plan: RoutingPlan = DEFAULT_PLAN,
    key: str | None = None,
) -> int:  # fmt: skip
    """Put a drop elsewhere by hand; refused with what that would break, unless it is meant.

    Locked routes and those that have left are never touched.
    """
    caller.require("fulfilment.edit", province_id)
    drop = Drop.objects.filter(province_id=province_id, id=drop_id, state=DropState.PLANNED.value).first()
    if drop is None:
        raise NotFound(thing="drop")
    one = board(Warehouse.objects.get(province_id=province_id, id=drop.grid_id), drop.sale_on, plan, keep=False)
    origin, place = where_is(one.plan, drop_id), _place(one, to)
    for where in (origin, place):
        _require_free(one, where)
    try:
        moved = move(one.problem, _knowing(one.plan, drop_id), drop_id, _without(origin, place), locks=one.locks)
    except ValueError as wrong:
        raise Invalid(reason="rank") from wrong
    if moved.faults and not to.anyway:
        raise MoveBreaks(**_said(one, moved.faults))
    write(one, moved.plan)
    return drop_id


@command
def depart_route(caller: Caller, *, province_id: int, route_id: int, key: str | None = None) -> int:
    """The van has left the grid with everything on board."""
    route = _own_route(caller, province_id, route_id)
    _move(route, RouteState.DEPARTED)
    route.departed_at = clock.now()
    route.save()
    drops = Drop.objects.filter(province_id=province_id, stops__province_id=province_id, stops__route_id=route_id)
    on_board = list(drops.filter(state=DropState.PLANNED.value).values_list("id", flat=True))
    loaded = Drop.objects.filter(province_id=province_id, id__in=on_board)
    loaded.update(state=DropState.ON_THE_WAY.value)
    return route.id


@command
def deliver_stop(caller: Caller, *, province_id: int, stop_id: int, key: str | None = None) -> int:
    """The goods of a stop stand at the point; after the last stop the route is done."""
    caller.require(RIGHT, province_id)
    stop = Stop.objects.filter(province_id=province_id, id=stop_id).first()
    if stop is None:
        raise NotFound(thing="stop")
    route = _own_route(caller, province_id, stop.route_id)
    drop = Drop.objects.select_for_update().get(province_id=province_id, id=stop.drop_id)
    require_move(rules.NEXT_DROP, DropState(drop.state), DropState.DELIVERED)
    drop.state = DropState.DELIVERED.value
    drop.save()
    stop.delivered_at = clock.now()
    stop.save()
    if not Stop.objects.filter(province_id=province_id, route_id=route.id, delivered_at=None).exists():
        _move(route, RouteState.DONE)
        route.save()
    return stop.id


def _plan(province_id: int, sale_on: date, grid_ids: set[int], plan: RoutingPlan, *, keep: bool) -> RoutesPlanned:
    results = []
    for grid in Warehouse.objects.filter(province_id=province_id, id__in=grid_ids).order_by("code"):
        one = board(grid, sale_on, plan, keep=keep)
        held = {(lock.vehicle, number) for lock in one.locks for number in range(_trips_held(one, lock))}
        found, late = solved(one)
        write(one, found)
        trips = [
            trip for tour in found.tours for number, trip in enumerate(tour.trips) if (tour.vehicle, number) not in held
        ]
        stops = sum(len(trip.visits) for trip in trips)
        metres = sum(trip.distance_m for trip in trips)
        results.append(RoutesPlanned(len(trips), stops, metres, len(found.unserved), late))
    return RoutesPlanned(
        sum(one.routes for one in results), sum(one.stops for one in results), sum(one.distance_m for one in results),
        sum(one.unserved for one in results), sum(one.late for one in results),
    )  # fmt: skip


def _trips_held(one: Board, lock: Lock) -> int:
    left, count = lock.stops, 0
    for tour in one.plan.tours:
        for trip in tour.trips if tour.vehicle == lock.vehicle else ():
            count += left > 0
            left -= len(trip.visits)
    return count


def _lock(caller: Caller, province_id: int, route_id: int, *, is_locked: bool) -> int:
    caller.require("fulfilment.edit", province_id)
    route = _planned(province_id, route_id)
    route.is_locked = is_locked
    route.save()
    return route.id


def _planned(province_id: int, route_id: int) -> Route:
    row = Route.objects.select_for_update().filter(province_id=province_id, id=route_id).first()
    if row is None:
        raise NotFound(thing="route")
    if row.state != RouteState.PLANNED.value:
        raise RouteLocked(number=row.number)
    return row


def _place(one: Board, to: MoveTo) -> Where | None:
    if to.off:
        return None
    for vehicle, routes in one.routes.items():
        for number, route in enumerate(routes):
            if route.row.id == to.route_id:
                return Where(vehicle, number, to.rank - 1)
    if to.route_id is not None:
        raise NotFound(thing="route")
    free = [van.id for van in one.problem.vehicles if van.id < 0 and van.id not in one.routes]
    wanted = [van.id for van in one.problem.vehicles if van.id == to.vehicle_id and van.id > 0]
    chosen = wanted if to.vehicle_id is not None else free[:1]
    if not chosen:
        raise NotFound(thing="vehicle")
    return Where(chosen[0], len(one.routes.get(chosen[0], ())), alone=True)


def _without(origin: Where | None, place: Where | None) -> Where | None:
    """The place as it is counted once the drop is gone from where it was."""
    if origin is None or place is None or not origin.alone or origin.vehicle != place.vehicle:
        return place
    if origin.trip == place.trip:
        return replace(place, alone=True)
    return replace(place, trip=place.trip - (place.trip > origin.trip))


def _require_free(one: Board, where: Where | None) -> None:
    """Locked routes and those that left are as they are, and so are a van's trips before them."""
    if where is None:
        return
    routes = one.routes.get(where.vehicle, ())
    last = max((number for number, route in enumerate(routes) if route.is_fixed), default=-1)
    if where.trip <= last:
        raise RouteLocked(number=routes[where.trip].row.number)


def _knowing(plan: Plan, drop_id: int) -> Plan:
    """A drop that was never planned is left over until somebody places it."""
    if where_is(plan, drop_id) or any(one.stop == drop_id for one in plan.unserved):
        return plan
    return replace(plan, unserved=(*plan.unserved, Unserved(drop_id, Reason.BY_HAND)))


def _said(one: Board, faults: Sequence[Fault]) -> dict[str, str]:
    province_id = one.grid.province_id
    names = dict(Vehicle.objects.filter(province_id=province_id, grid_id=one.grid.id).values_list("id", "plate"))
    names |= {vehicle: routes[0].row.number for vehicle, routes in one.routes.items() if vehicle < 0}
    codes = {view.id: view.code for view in leaders.points(province_id)}
    late = [fault.stop for fault in faults if fault.stop is not None]
    points = dict(Drop.objects.filter(province_id=province_id, id__in=late).values_list("id", "point_id"))
    words = [
        fault_words(
            fault, vehicle=names.get(fault.vehicle, one.grid.code), stop=codes.get(points.get(fault.stop or 0, 0), "")
        )
        for fault in faults
    ]
    return {"reasons": "; ".join(en for _, en in words), "reasons_zh": "；".join(zh for zh, _ in words)}


def _own_route(caller: Caller, province_id: int, route_id: int) -> Route:
    caller.require(RIGHT, province_id)
    row = Route.objects.select_for_update().filter(province_id=province_id, id=route_id).first()
    if row is None:
        raise NotFound(thing="route")
    return row


def _move(route: Route, to: RouteState) -> None:
    require_move(rules.NEXT_ROUTE, RouteState(route.state), to)
    route.state = to.value
