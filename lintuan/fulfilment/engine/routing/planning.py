"""From a problem to a plan: hopeless stops set aside, the rest searched, everything checked, room looked for again."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from .clusters import Spread, spread_search
from .problem import EMPTY, Load, Lock, Patience, Plan, Problem, Reason, Stop, Tour, Unserved, Vehicle
from .schedule import Limit, cost_m, faults, load_of, room_left, timed
from .search import Head, Job, Tours, Van, search
from .thrift import save_vans

_REASONS = {
    Limit.CRATES: Reason.TOO_BIG,
    Limit.GRAMS: Reason.TOO_BIG,
    Limit.STOPS: Reason.TOO_BIG,
    Limit.WINDOW: Reason.TOO_LATE,
    Limit.SHIFT: Reason.OFF_SHIFT,
    Limit.DEPOT: Reason.OFF_SHIFT,
    Limit.TRIPS: Reason.NO_ROOM,
}
#: Of several vans that cannot take a stop, the one that comes nearest gives the reason.
_NEARNESS = (Reason.NO_ROOM, Reason.OFF_SHIFT, Reason.TOO_LATE, Reason.TOO_BIG, Reason.NO_VEHICLE)

WHOLE = Spread()

Trips = tuple[tuple[int, ...], ...]


def make_plan(problem: Problem, *, seed: int, patience: Patience, spread: Spread = WHOLE) -> Plan:
    """The best plan found. Every stop is on one tour, which breaks no limit, or is told as unserved."""
    return resolve(problem, Plan(), (), seed=seed, patience=patience, spread=spread)


def resolve(
    problem: Problem, plan: Plan, locks: Sequence[Lock], *, seed: int, patience: Patience, spread: Spread = WHOLE
) -> Plan:
    """The plan anew but for what is locked of it; stops that the old plan did not know are planned too.

    What is locked stays even where it breaks a limit: it may be on the road already. Raises ValueError for a lock of
    stops that the plan does not have.
    """
    held = _held(plan, locks)
    vans = tuple(_van(problem, one, held.get(one.id, FREE)) for one in problem.vehicles)
    vans = tuple(van for van in vans if not held.get(van.vehicle.id, FREE).whole)
    fixed = {stop for one in held.values() for trip in one.trips for stop in trip}
    hopeless = _hopeless(problem, vans, [stop for stop in problem.stops if stop.id not in fixed])
    stops = tuple(stop.id for stop in problem.stops if stop.id not in fixed and stop.id not in hopeless)
    job = Job(problem, stops, vans, seed, patience)
    alone = len(problem.depots) == 1 and not any(van.head for van in vans)
    found = spread_search(job, spread) if alone and vans and len(stops) > spread.most else search(job)
    tours = _joined(held, found)
    if any(vehicle.most_trips > 1 for vehicle in problem.vehicles):
        save_vans(problem, tours, untouched=held.keys())
    lost = _settle(problem, tours, stops, held)
    return _plan(problem, tours, {**hopeless, **dict.fromkeys(lost, Reason.NO_ROOM)})


@dataclass(frozen=True, slots=True)
class _Held:
    """What stays of one van's tour."""

    trips: Trips = ()
    whole: bool = False
    closed: bool = False

    @property
    def count(self) -> int:
        return sum(len(trip) for trip in self.trips)


FREE = _Held()


def _held(plan: Plan, locks: Sequence[Lock]) -> dict[int, _Held]:
    orders = {tour.vehicle: tour.orders for tour in plan.tours}
    held: dict[int, _Held] = {}
    for lock in locks:
        trips = orders.get(lock.vehicle, ())
        left = sum(len(trip) for trip in trips) if lock.whole else lock.stops
        own: list[tuple[int, ...]] = []
        for trip in trips:
            own.append(trip[:left])
            left -= len(own[-1])
        if left:
            raise ValueError("a lock holds more stops than the tour has")
        held[lock.vehicle] = _Held(tuple(trip for trip in own if trip), lock.whole, lock.closed)
    return held


def _van(problem: Problem, vehicle: Vehicle, held: _Held) -> Van:
    if not held.trips:
        return Van(vehicle)
    last = timed(problem, vehicle, held.trips).trips[-1]
    if held.closed:
        return Van(vehicle, Head(vehicle.depot, last.back_s, EMPTY, len(held.trips), open=False))
    stop = problem.stop(last.order[-1])
    load = load_of([problem.stop(one) for one in last.order])
    free = last.visits[-1].begins_s + stop.service_s
    return Van(vehicle, Head(problem.rows[stop.id], free, load, len(held.trips), open=True))


def _hopeless(problem: Problem, vans: Sequence[Van], stops: Iterable[Stop]) -> dict[int, Reason]:
    """Stops that no van could reach even if it did nothing else."""
    kinds = list({van.vehicle.kind: van.vehicle for van in vans}.values())
    found = {}
    for stop in stops:
        reasons = [_alone(problem, vehicle, stop.id) for vehicle in kinds]
        if None not in reasons:
            found[stop.id] = min((one for one in reasons if one), key=_NEARNESS.index, default=Reason.NO_VEHICLE)
    return found


def _alone(problem: Problem, vehicle: Vehicle, stop_id: int) -> Reason | None:
    broken = faults(problem, timed(problem, vehicle, ((stop_id,),)))
    return max((_REASONS[one.limit] for one in broken), key=_NEARNESS.index, default=None)


def _joined(held: Mapping[int, _Held], found: Tours) -> dict[int, Trips]:
    """The locked beginnings with what was found behind them; where a trip was open, it goes on."""
    tours = {vehicle: one.trips for vehicle, one in held.items() if one.trips}
    for vehicle, trips in found.items():
        head = tours.get(vehicle, ())
        if head and not held[vehicle].closed:
            tours[vehicle] = (*head[:-1], head[-1] + trips[0], *(trip for trip in trips[1:] if trip))
        else:
            tours[vehicle] = (*head, *(trip for trip in trips if trip))
    return tours


def _settle(
    problem: Problem, tours: dict[int, Trips], stops: Sequence[int], held: Mapping[int, _Held]
) -> list[int]:  # fmt: skip
    """Take out what breaks a limit, then put every stop left over where it costs least; answers those that stay out.

    The search judges a van with an open trip a little too kindly (its goods may be ready only after it left), and need
    not find the last free place.
    """
    for vehicle in list(tours):
        _peel(problem, tours, vehicle, held.get(vehicle, FREE))
    served = {stop for trips in tours.values() for trip in trips for stop in trip}
    lost = sorted(set(stops) - served, key=lambda one: (*(-size for size in problem.stop(one).load), one))
    return [stop for stop in lost if not _insert(problem, tours, stop, held)]


def _peel(problem: Problem, tours: dict[int, Trips], vehicle_id: int, held: _Held) -> None:
    vehicle = problem.by_id[vehicle_id]
    before = len(faults(problem, timed(problem, vehicle, held.trips)))
    while len(faults(problem, timed(problem, vehicle, tours[vehicle_id]))) > before:
        trips = [list(trip) for trip in tours[vehicle_id]]
        if sum(len(trip) for trip in trips) <= held.count:
            return
        trips[-1].pop()
        tours[vehicle_id] = tuple(tuple(trip) for trip in trips if trip)


def _insert(problem: Problem, tours: dict[int, Trips], stop_id: int, held: Mapping[int, _Held]) -> bool:
    best: tuple[int, int, Trips] | None = None
    for vehicle in problem.vehicles:
        own = held.get(vehicle.id, FREE)
        now = tours.get(vehicle.id, ())
        tour = timed(problem, vehicle, now)
        broken = len(faults(problem, tour))
        for trips in [] if own.whole else _places(problem, vehicle, now, stop_id, own):
            other = timed(problem, vehicle, trips)
            more = cost_m(problem, other) - cost_m(problem, tour)
            if (best is None or more < best[0]) and len(faults(problem, other)) <= broken:
                best = (more, vehicle.id, trips)
    if best:
        tours[best[1]] = best[2]
    return best is not None


def _places(problem: Problem, vehicle: Vehicle, trips: Trips, stop_id: int, held: _Held) -> Iterable[Trips]:
    """Every way to put the stop behind what is held where the van has room for it."""
    load, left = problem.stop(stop_id).load, held.count
    for number, trip in enumerate(trips):
        fixed = min(left, len(trip))
        left -= fixed
        shut = fixed == len(trip) and (held.closed or left > 0)
        if not shut and _fits(load, room_left(problem, vehicle, trip)):
            for place in range(fixed, len(trip) + 1):
                yield (*trips[:number], (*trip[:place], stop_id, *trip[place:]), *trips[number + 1 :])
    if len(trips) < vehicle.most_trips and _fits(load, vehicle.room):
        yield (*trips, (stop_id,))


def _fits(load: Load, room: Load) -> bool:
    return all(had <= left for had, left in zip(load, room, strict=True))


def _plan(problem: Problem, tours: Tours, unserved: Mapping[int, Reason]) -> Plan:
    rows: list[Tour] = [timed(problem, one, tours[one.id]) for one in problem.vehicles if tours.get(one.id)]
    return Plan(tuple(rows), tuple(Unserved(stop, unserved[stop]) for stop in sorted(unserved)))
