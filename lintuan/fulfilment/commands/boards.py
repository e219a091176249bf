"""A grid's vans and drops as the engine of routes sees them, and a plan of the engine written back as rows.

Seconds count from the midnight, by the province's clock, of the day on which the vans leave.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from lintuan.catalog import queries as catalog
from lintuan.fulfilment.engine import routing as engine
from lintuan.fulfilment.engine.routing import GreatCircle, Lock, Patience, Place, Plan, Problem, Reason, Unserved
from lintuan.fulfilment.models import Drop, DropLine, Route, Stop, Vehicle, Warehouse
from lintuan.fulfilment.types import DropState, RouteState, RoutingPlan
from lintuan.leaders import queries as leaders
from lintuan.provinces import queries as provinces

GRAMS = 1000


@dataclass(frozen=True, slots=True)
class Kept:
    """A route there is, and its drops in order."""

    row: Route
    order: tuple[int, ...]

    @property
    def is_fixed(self) -> bool:
        return self.row.is_locked or self.row.state != RouteState.PLANNED.value


@dataclass(frozen=True, slots=True)
class Board:
    """One grid's night: rows and what they are for the engine; a hired van has the id of its route, below zero."""

    grid: Warehouse
    sale_on: date
    zero: datetime
    problem: Problem
    plan: Plan
    locks: tuple[Lock, ...]
    routes: Mapping[int, tuple[Kept, ...]]
    terms: RoutingPlan


def board(grid: Warehouse, sale_on: date, terms: RoutingPlan, *, keep: bool) -> Board:
    """The grid's drops, vans and routes; `keep` locks every route there is, else only those locked or gone."""
    routes = _routes(grid, sale_on)
    placed = {drop_id for own in routes.values() for route in own for drop_id in route.order}
    drops = _drops(grid, sale_on, placed)
    view = provinces.province(grid.province_id)
    leaves = view.timetable.at("depart", sale_on, view.zone)
    by = view.timetable.at("at_point_by", sale_on, view.zone)
    zone = ZoneInfo(view.zone)
    zero = datetime.combine(leaves.astimezone(zone).date(), time.min, zone)
    opens = _since(zero, leaves)
    vans = _vans(grid, routes, len(drops), terms)
    problem = Problem(
        (engine.Depot(opens_s=max(0, opens - terms.seconds_to_load), load_s=terms.seconds_to_load),),
        _stops(grid.province_id, drops, terms, closes_s=max(opens, _since(zero, by))),
        vans,
        _roads(grid, drops, terms),
    )
    orders = {van: tuple(route.order for route in own) for van, own in routes.items()}
    tours = tuple(engine.timed(problem, one, orders[one.id]) for one in vans if orders.get(one.id))
    left = tuple(Unserved(drop.id, Reason(drop.unserved)) for drop in drops if drop.unserved and drop.id not in placed)
    locks = tuple(_lock(van, own, keep=keep) for van, own in routes.items())
    return Board(grid, sale_on, zero, problem, Plan(tours, left), locks, routes, terms)


def solved(one: Board) -> tuple[Plan, int]:
    """The plan of a board, and how many stops are late in it: goods that are late still must go out."""
    patience = Patience(iterations=one.terms.iterations, seconds=one.terms.most_seconds)
    plan = engine.resolve(one.problem, one.plan, one.locks, seed=one.terms.seed, patience=patience)
    late = {left.stop for left in plan.unserved if left.reason is Reason.TOO_LATE}
    if not late:
        return plan, 0
    stops = (replace(stop, closes_s=engine.FOREVER) if stop.id in late else stop for stop in one.problem.stops)
    problem = replace(one.problem, stops=tuple(stops))
    return engine.resolve(problem, one.plan, one.locks, seed=one.terms.seed, patience=patience), len(late)


def write(one: Board, plan: Plan) -> None:
    """Make the rows say what the plan says; routes that stay as they are keep their stops."""
    trips = {tour.vehicle: tour.trips for tour in plan.tours}
    gone, changed = [], []
    for vehicle, kept in one.routes.items():
        gone += [route.row.id for route in kept[len(trips.get(vehicle, ())) :]]
    for vehicle, own in trips.items():
        known = one.routes.get(vehicle, ())
        for number, trip in enumerate(own):
            route = known[number] if number < len(known) else None
            if route is None or (not route.is_fixed and _differs(one, route, trip)):
                changed.append(_Change(vehicle, number, trip, route.row if route else None))
    of_province = {"province_id": one.grid.province_id}
    rewritten = [change.row.id for change in changed if change.row]
    Stop.objects.filter(route_id__in=[*gone, *rewritten], **of_province).delete()
    Route.objects.filter(id__in=gone, **of_province).delete()
    _write_trips(one, changed)
    _write_unserved(one, plan)


@dataclass(frozen=True, slots=True)
class _Change:
    vehicle: int
    number: int
    trip: engine.Trip
    row: Route | None


def _differs(one: Board, route: Kept, trip: engine.Trip) -> bool:
    return route.order != trip.order or route.row.leaves_at != _moment(one, trip.leaves_s)


def _write_trips(one: Board, changed: Sequence[_Change]) -> None:
    taken = Route.objects.filter(province_id=one.grid.province_id, sale_on=one.sale_on, grid_id=one.grid.id)
    last = max((int(number.rpartition("-")[2]) for number in taken.values_list("number", flat=True)), default=0)
    stops = []
    for change in sorted(changed, key=lambda each: (each.vehicle < 0, -each.vehicle, each.number)):
        trip, route = change.trip, change.row
        if route is None:
            last += 1
            route = Route(
                province_id=one.grid.province_id, sale_on=one.sale_on, grid_id=one.grid.id,
                number=f"{one.grid.code}-{last}", vehicle_id=change.vehicle if change.vehicle > 0 else None,
                trip=change.number + 1,
            )  # fmt: skip
        route.distance_m = trip.distance_m
        route.leaves_at, route.back_at = _moment(one, trip.leaves_s), _moment(one, trip.back_s)
        route.save()
        stops += [
            Stop(
                province_id=one.grid.province_id, route_id=route.id, drop_id=visit.stop, rank=rank,
                eta_at=_moment(one, visit.arrives_s),
            )
            for rank, visit in enumerate(trip.visits, start=1)
        ]  # fmt: skip
    Stop.objects.bulk_create(stops)


def _write_unserved(one: Board, plan: Plan) -> None:
    own = Drop.objects.filter(province_id=one.grid.province_id, id__in=[stop.id for stop in one.problem.stops])
    own.exclude(unserved="").update(unserved="")
    by_reason: defaultdict[str, list[int]] = defaultdict(list)
    for left in plan.unserved:
        by_reason[left.reason.value].append(left.stop)
    for reason, ids in by_reason.items():
        Drop.objects.filter(province_id=one.grid.province_id, id__in=ids).update(unserved=reason)


def _routes(grid: Warehouse, sale_on: date) -> dict[int, tuple[Kept, ...]]:
    """The routes of each van by trip; the id of a hired van is that of its route, below zero."""
    rows = Route.objects.select_for_update().filter(province_id=grid.province_id, sale_on=sale_on, grid_id=grid.id)
    by_trip = list(rows.order_by("trip", "id"))
    stops = Stop.objects.filter(province_id=grid.province_id, route_id__in=[row.id for row in by_trip])
    orders: defaultdict[int, list[int]] = defaultdict(list)
    for route_id, drop_id in stops.order_by("route_id", "rank").values_list("route_id", "drop_id"):
        orders[route_id].append(drop_id)
    found: defaultdict[int, list[Kept]] = defaultdict(list)
    for row in by_trip:
        found[row.vehicle_id or -row.id].append(Kept(row, tuple(orders[row.id])))
    return {vehicle: tuple(own) for vehicle, own in found.items()}


def _drops(grid: Warehouse, sale_on: date, placed: Collection[int]) -> list[Drop]:
    """Those on the routes and those that wait for one."""
    rows = Drop.objects.select_for_update().filter(province_id=grid.province_id, sale_on=sale_on, grid_id=grid.id)
    wait = DropState.PLANNED.value
    return [row for row in rows.order_by("point_id") if row.id in placed or row.state == wait]


def _vans(
    grid: Warehouse, routes: Mapping[int, Sequence[Kept]], drops: int, terms: RoutingPlan
) -> tuple[engine.Vehicle, ...]:  # fmt: skip
    rows = Vehicle.objects.filter(province_id=grid.province_id, grid_id=grid.id).order_by("plate")
    own = tuple(_van(row) for row in rows if row.is_active or row.id in routes)
    hired = [vehicle for vehicle in routes if vehicle < 0]
    if not own:
        # Ids below those of all routes there are: the next routes get them.
        lowest = min((*hired, -1))
        hired += [lowest - 10**9 - number for number in range(drops)]
    return (*own, *(_hired(number, terms) for number in hired))


def _van(row: Vehicle) -> engine.Vehicle:
    return engine.Vehicle(
        id=row.id, crates=row.crates, grams=row.kilograms * GRAMS, stops=row.stops,
        from_s=_seconds(row.shift_from), to_s=_seconds(row.shift_to), start_cost_m=row.start_cost_m,
        most_trips=row.most_trips,
    )  # fmt: skip


def _hired(number: int, terms: RoutingPlan) -> engine.Vehicle:
    return engine.Vehicle(id=number, stops=terms.van_stops, start_cost_m=terms.van_cost_m)


def _stops(
    province_id: int, drops: Sequence[Drop], terms: RoutingPlan, *, closes_s: int
) -> tuple[engine.Stop, ...]:  # fmt: skip
    lines = DropLine.objects.filter(province_id=province_id, drop_id__in=[drop.id for drop in drops], sent__gt=0)
    units: defaultdict[int, int] = defaultdict(int)
    grams: defaultdict[int, int] = defaultdict(int)
    rows = list(lines.values_list("drop_id", "sku_id", "sent"))
    weights = {sku.id: sku.net_grams for sku in catalog.skus({sku_id for _, sku_id, _ in rows}).values()}
    for drop_id, sku_id, sent in rows:
        units[drop_id] += sent
        grams[drop_id] += sent * (weights.get(sku_id) or terms.grams_per_unit)
    return tuple(
        engine.Stop(
            id=drop.id, crates=-(-units[drop.id] // terms.units_per_crate), grams=grams[drop.id],
            service_s=terms.seconds_per_stop, closes_s=closes_s,
        )
        for drop in drops
    )  # fmt: skip


def _roads(grid: Warehouse, drops: Sequence[Drop], terms: RoutingPlan) -> GreatCircle:
    spots = {view.id: Place(view.lat, view.lng) for view in leaders.points(grid.province_id)} if drops else {}
    places = [Place(grid.lat, grid.lng), *(spots[drop.point_id] for drop in drops)]
    return GreatCircle(places, detour_bps=terms.detour_bps, metres_per_hour=terms.metres_per_hour)


def _lock(vehicle: int, routes: Sequence[Kept], *, keep: bool) -> Lock:
    """All trips up to the last one that must stay."""
    count = max((number for number, one in enumerate(routes, start=1) if keep or one.is_fixed), default=0)
    return Lock(vehicle, stops=sum(len(one.order) for one in routes[:count]), closed=True)


def _moment(one: Board, seconds: int) -> datetime:
    return one.zero + timedelta(seconds=seconds)


def _since(zero: datetime, moment: datetime) -> int:
    return int((moment - zero).total_seconds())


def _seconds(moment: time) -> int:
    return moment.hour * 3600 + moment.minute * 60 + moment.second
