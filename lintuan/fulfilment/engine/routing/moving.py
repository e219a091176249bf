"""One stop put elsewhere by hand, and what that breaks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from .problem import Lock, Plan, Problem, Reason, Unserved
from .schedule import Fault, Limit, faults, timed

Trips = tuple[tuple[int, ...], ...]


@dataclass(frozen=True, slots=True)
class Where:
    """The `rank`-th stop (from 0) of a van's `trip`-th trip; `alone`, it is a trip of its own put in at that number."""

    vehicle: int
    trip: int
    rank: int = 0
    alone: bool = False


@dataclass(frozen=True, slots=True)
class Moved:
    """The plan as moved, and every limit that the tours touched break now; whoever moved it decides."""

    plan: Plan
    faults: tuple[Fault, ...]

    @property
    def is_sound(self) -> bool:
        return not self.faults


def where_is(plan: Plan, stop_id: int) -> Where | None:
    """Where a stop is; none if it is unserved."""
    for tour in plan.tours:
        for number, order in enumerate(tour.orders):
            if stop_id in order:
                return Where(tour.vehicle, number, order.index(stop_id), alone=len(order) == 1)
    return None


def move(problem: Problem, plan: Plan, stop_id: int, to: Where | None, *, locks: Sequence[Lock] = ()) -> Moved:
    """The plan with the stop taken from where it is and put there, counted without it; off all tours with none.

    Moving it back to where it was gives the plan as it was. Raises ValueError for a place that is not there.
    """
    came_from = where_is(plan, stop_id)
    if came_from is None and stop_id not in {one.stop for one in plan.unserved}:
        raise ValueError("the plan does not know this stop")
    orders: dict[int, Trips] = {tour.vehicle: tour.orders for tour in plan.tours}
    if came_from:
        orders[came_from.vehicle] = tuple(
            trip for trip in (_without(trip, stop_id) for trip in orders[came_from.vehicle]) if trip
        )
    if to:
        orders[to.vehicle] = _with(orders.get(to.vehicle, ()), stop_id, to)
    tours = tuple(timed(problem, one, orders[one.id]) for one in problem.vehicles if orders.get(one.id))
    unserved = {one.stop: one for one in plan.unserved if one.stop != stop_id}
    if to is None:
        unserved[stop_id] = next((one for one in plan.unserved if one.stop == stop_id), _by_hand(stop_id))
    moved = Plan(tours, tuple(unserved[one] for one in sorted(unserved)))
    touched = {one.vehicle for one in (came_from, to) if one}
    broken = [fault for tour in tours if tour.vehicle in touched for fault in faults(problem, tour)]
    return Moved(moved, (*_unlocked(plan, moved, locks, stop_id), *broken))


def _by_hand(stop_id: int) -> Unserved:
    return Unserved(stop_id, Reason.BY_HAND)


def _without(trip: tuple[int, ...], stop_id: int) -> tuple[int, ...]:
    return tuple(one for one in trip if one != stop_id)


def _with(trips: Trips, stop_id: int, to: Where) -> Trips:
    if to.alone:
        if not 0 <= to.trip <= len(trips):
            raise ValueError("no such trip")
        return (*trips[: to.trip], (stop_id,), *trips[to.trip :])
    if not (0 <= to.trip < len(trips) and 0 <= to.rank <= len(trips[to.trip])):
        raise ValueError("no such place in the trip")
    trip = trips[to.trip]
    longer = (*trip[: to.rank], stop_id, *trip[to.rank :])
    return (*trips[: to.trip], longer, *trips[to.trip + 1 :])


def _unlocked(before: Plan, after: Plan, locks: Sequence[Lock], stop_id: int) -> list[Fault]:
    """A fault for every lock that no longer holds what it held."""
    had = {tour.vehicle: [stop for trip in tour.orders for stop in trip] for tour in before.tours}
    has = {tour.vehicle: [stop for trip in tour.orders for stop in trip] for tour in after.tours}
    found = []
    for lock in locks:
        old, new = had.get(lock.vehicle, []), has.get(lock.vehicle, [])
        held = None if lock.whole else lock.stops
        if old[:held] != new[:held]:
            found.append(Fault(Limit.LOCKED, lock.vehicle, 1, stop_id))
    return found
