"""Whether a plan is one at all, judged by nothing of the engine but its values: every rule written down once more."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise

from lintuan.fulfilment.engine.routing import Plan, Problem, Tour


def wrongs(problem: Problem, plan: Plan, *, but: frozenset[int] = frozenset()) -> list[str]:
    """What is wrong with a plan; the vehicles `but` may break their limits."""
    found = []
    seen = Counter(visit.stop for tour in plan.tours for trip in tour.trips for visit in trip.visits)
    seen.update(one.stop for one in plan.unserved)
    if seen != Counter(stop.id for stop in problem.stops):
        found.append(f"not every stop once: {seen}")
    if len({tour.vehicle for tour in plan.tours}) < len(plan.tours):
        found.append("a van twice")
    for tour in plan.tours:
        found += _clock(problem, tour)
        if tour.vehicle not in but:
            found += _limits(problem, tour)
    return found


def _limits(problem: Problem, tour: Tour) -> list[str]:
    van = next(one for one in problem.vehicles if one.id == tour.vehicle)
    stops = {stop.id: stop for stop in problem.stops}
    found = [] if len(tour.trips) <= van.most_trips else ["too many trips"]
    for trip in tour.trips:
        own = [stops[visit.stop] for visit in trip.visits]
        for had, room in (
            (sum(one.crates for one in own), van.crates), (sum(one.grams for one in own), van.grams),
            (len(own), van.stops),
        ):  # fmt: skip
            if had > room:
                found.append(f"van {van.id} has {had} where {room} fit")
        found += [
            f"stop {one.id} late" for one, visit in zip(own, trip.visits, strict=True) if visit.begins_s > one.closes_s
        ]
    if not van.from_s <= tour.trips[0].begins_s or tour.trips[-1].back_s > van.to_s:
        found.append(f"van {van.id} off its shift")
    return found


def _clock(problem: Problem, tour: Tour) -> list[str]:
    van = next(one for one in problem.vehicles if one.id == tour.vehicle)
    depot = problem.depots[van.depot]
    rows = {stop.id: row for row, stop in enumerate(problem.stops, start=len(problem.depots))}
    stops = {stop.id: stop for stop in problem.stops}
    found = [] if all(trip.visits for trip in tour.trips) else ["an empty trip"]
    free = van.from_s
    for trip in tour.trips:
        if trip.begins_s < max([free, depot.opens_s, *(stops[one].ready_s for one in trip.order)]):
            found.append("loading before the van or its goods are there")
        clock, here, metres = trip.leaves_s, van.depot, 0
        if clock < trip.begins_s + depot.load_s:
            found.append("left before it was loaded")
        for visit in trip.visits:
            leg_m, leg_s = problem.roads.leg(here, rows[visit.stop])
            here, clock, metres = rows[visit.stop], clock + leg_s, metres + leg_m
            if visit.arrives_s != clock or visit.begins_s != max(clock, stops[visit.stop].opens_s):
                found.append(f"stop {visit.stop} at the wrong time")
            clock = visit.begins_s + stops[visit.stop].service_s
        home_m, home_s = problem.roads.leg(here, van.depot)
        if (trip.back_s, trip.distance_m) != (clock + home_s, metres + home_m):
            found.append("back at the wrong time or by the wrong way")
        free = trip.back_s
    found += ["trips overlap" for one, other in pairwise(tour.trips) if other.begins_s < one.back_s]
    return found
