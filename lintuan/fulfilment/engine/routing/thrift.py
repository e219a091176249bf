"""Vans saved by giving all their trips to others, which the search alone rarely finds among few stops."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from .problem import Problem
from .schedule import cost_m, faults, timed

Trips = tuple[tuple[int, ...], ...]


def save_vans(problem: Problem, tours: dict[int, Trips], *, untouched: Collection[int]) -> None:
    """Empty a van whenever its trips, each as it is, cost less as further trips of others that break no limit."""
    for vehicle in sorted(set(tours) - set(untouched)):
        given = _given_away(problem, tours, vehicle, untouched)
        if given and _cost(problem, given) < _cost(problem, tours):
            tours.clear()
            tours.update(given)


def _given_away(
    problem: Problem, tours: dict[int, Trips], vehicle: int, untouched: Collection[int]
) -> dict[int, Trips] | None:
    given = {one: trips for one, trips in tours.items() if one != vehicle}
    for trip in tours[vehicle]:
        options = [
            (cost_m(problem, timed(problem, problem.by_id[one], trips)), one, trips)
            for one in given
            if one not in untouched
            for trips in _beside(given[one], trip)
            if len(trips) <= problem.by_id[one].most_trips
            and not faults(problem, timed(problem, problem.by_id[one], trips))
        ]
        if not options:
            return None
        _, taker, trips = min(options, key=lambda option: (option[0] - _own(problem, given, option[1]), option[1]))
        given[taker] = trips
    return given


def _beside(trips: Trips, trip: tuple[int, ...]) -> Iterator[Trips]:
    for place in range(len(trips) + 1):
        yield (*trips[:place], trip, *trips[place:])


def _own(problem: Problem, tours: dict[int, Trips], vehicle: int) -> int:
    return cost_m(problem, timed(problem, problem.by_id[vehicle], tours[vehicle]))


def _cost(problem: Problem, tours: dict[int, Trips]) -> int:
    return sum(_own(problem, tours, vehicle) for vehicle in tours)
