"""When a van is where, and which limits a tour breaks. The solver is believed only as far as this agrees."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from .problem import EMPTY, Load, Plan, Problem, Stop, Tour, Trip, Vehicle, Visit

Orders = Sequence[Sequence[int]]


class Limit(StrEnum):
    """What a tour may break."""

    CRATES = "crates"
    GRAMS = "grams"
    STOPS = "stops"
    WINDOW = "window"
    SHIFT = "shift"
    DEPOT = "depot"
    TRIPS = "trips"
    LOCKED = "locked"


@dataclass(frozen=True, slots=True)
class Fault:
    """A limit broken by `excess` crates, grams, stops, seconds or trips; at a stop, if it is a window's."""

    limit: Limit
    vehicle: int
    excess: int
    stop: int | None = None


def timed(problem: Problem, vehicle: Vehicle, orders: Orders) -> Tour:
    """The tour that visits these stops, trip by trip, as early as it can."""
    trips: list[Trip] = []
    free_s = vehicle.from_s
    for order in orders:
        if order:
            trips.append(_trip(problem, vehicle, order, free_s))
            free_s = trips[-1].back_s
    return Tour(vehicle.id, tuple(trips))


def load_of(stops: Sequence[Stop]) -> Load:
    return (sum(one.crates for one in stops), sum(one.grams for one in stops), len(stops))


def faults(problem: Problem, tour: Tour) -> tuple[Fault, ...]:
    """Every limit the tour breaks, in the order it is driven."""
    vehicle = problem.by_id[tour.vehicle]
    depot = problem.depots[vehicle.depot]
    found: list[Fault] = []
    for trip in tour.trips:
        load = load_of([problem.stop(visit.stop) for visit in trip.visits])
        for limit, had, room in zip((Limit.CRATES, Limit.GRAMS, Limit.STOPS), load, vehicle.room, strict=True):
            _note(found, Fault(limit, vehicle.id, had - room))
        for visit in trip.visits:
            late = visit.begins_s - problem.stop(visit.stop).closes_s
            _note(found, Fault(Limit.WINDOW, vehicle.id, late, visit.stop))
        _note(found, Fault(Limit.DEPOT, vehicle.id, max(trip.begins_s, trip.back_s) - depot.closes_s))
    if tour.trips:
        _note(found, Fault(Limit.SHIFT, vehicle.id, tour.trips[-1].back_s - vehicle.to_s))
    _note(found, Fault(Limit.TRIPS, vehicle.id, len(tour.trips) - vehicle.most_trips))
    return tuple(found)


def cost_m(problem: Problem, tour: Tour) -> int:
    """Metres driven and the cost of using the van."""
    return tour.distance_m + problem.by_id[tour.vehicle].start_cost_m if tour.trips else 0


def unloaded_s(problem: Problem, plan: Plan) -> dict[int, int]:
    """When the goods of each served stop stand there: of a plan from the centre, when a grid's vans may be loaded."""
    visits = [visit for tour in plan.tours for trip in tour.trips for visit in trip.visits]
    return {visit.stop: visit.begins_s + problem.stop(visit.stop).service_s for visit in visits}


def _note(found: list[Fault], fault: Fault) -> None:
    if fault.excess > 0:
        found.append(fault)


def _trip(problem: Problem, vehicle: Vehicle, order: Sequence[int], free_s: int) -> Trip:
    depot = problem.depots[vehicle.depot]
    stops = [problem.stop(stop_id) for stop_id in order]
    begins = max(free_s, depot.opens_s, *(stop.ready_s for stop in stops))
    visits: list[Visit] = []
    here, clock, metres = vehicle.depot, begins + depot.load_s, 0
    for stop in stops:
        row = problem.rows[stop.id]
        leg_m, leg_s = problem.roads.leg(here, row)
        here, clock, metres = row, clock + leg_s, metres + leg_m
        visits.append(Visit(stop.id, clock, max(clock, stop.opens_s)))
        clock = visits[-1].begins_s + stop.service_s
    leg_m, leg_s = problem.roads.leg(here, vehicle.depot)
    # No van need wait before its first door: it leaves that much later.
    wait = visits[0].begins_s - visits[0].arrives_s
    visits[0] = Visit(visits[0].stop, visits[0].begins_s, visits[0].begins_s)
    leaves = begins + depot.load_s + wait
    crates, grams, _ = load_of(stops)
    return Trip(begins, leaves, clock + leg_s, tuple(visits), crates, grams, metres + leg_m)


def room_left(problem: Problem, vehicle: Vehicle, order: Sequence[int]) -> Load:
    """What a trip of the van could take besides."""
    had = load_of([problem.stop(stop_id) for stop_id in order]) if order else EMPTY
    crates, grams, stops = (room - one for room, one in zip(vehicle.room, had, strict=True))
    return (crates, grams, stops)
