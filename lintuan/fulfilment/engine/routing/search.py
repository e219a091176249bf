"""One problem, small enough to be searched whole, put to PyVRP and read back."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pyvrp import Activity, Client, Location, ProblemData, Route, Solution, VehicleType
from pyvrp import Depot as Yard
from pyvrp import solve as search_with
from pyvrp.stop import MaxRuntime, MultipleCriteria, NoImprovement, StoppingCriterion

from .problem import EMPTY, Load, Patience, Problem, Vehicle

#: Trips of stop ids by vehicle id.
Tours = Mapping[int, tuple[tuple[int, ...], ...]]


@dataclass(frozen=True, slots=True)
class Head:
    """Where a van stands once its locked stops are served: free at `row` from `free_s` on, with `load` of an open trip.

    `open` says that the trip may go on from here; else the van is back at its depot.
    """

    row: int
    free_s: int
    load: Load
    trips: int
    open: bool


@dataclass(frozen=True, slots=True)
class Van:
    """A vehicle and what is locked of its tour."""

    vehicle: Vehicle
    head: Head | None = None

    @property
    def kind(self) -> tuple[object, ...]:
        return (self.vehicle.kind, self.head)


@dataclass(frozen=True)
class Job:
    """Stops to be driven by these vans; `start` is a plan to begin with, of vans without locks only."""

    problem: Problem
    stops: tuple[int, ...]
    vans: tuple[Van, ...]
    seed: int
    patience: Patience
    start: Tours | None = None


def search(job: Job) -> Tours:
    """The best tours found; what is not in them found no place."""
    if not job.stops or not job.vans:
        return {}
    coded = _Coded(job, all_required=True)
    best = coded.solve()
    if not best.is_feasible():
        coded = _Coded(job, all_required=False)
        best = coded.solve()
    return coded.tours(best) if best.is_feasible() else {}


class _Coded:
    """The job in PyVRP's words: client k is the k-th stop, vehicle types are the kinds of vans."""

    def __init__(self, job: Job, *, all_required: bool) -> None:
        self._job = job
        self._depots = len(job.problem.depots)
        self._yards = [
            Yard(number, one.opens_s, one.closes_s, one.load_s) for number, one in enumerate(job.problem.depots)
        ]
        self._rows = [*range(self._depots), *(job.problem.rows[stop] for stop in job.stops)]
        by_kind: defaultdict[tuple[object, ...], list[Van]] = defaultdict(list)
        for van in job.vans:
            by_kind[van.kind].append(van)
        self._groups = list(by_kind.values())
        self._measures = _measures(job)
        types = [self._type(group) for group in self._groups]
        tables: tuple[Any, Any] = job.problem.roads.table(self._rows)
        metres, seconds = tables
        prize = 0 if all_required else 4 * int(metres.max(initial=0)) + max(one.fixed_cost for one in types) + 1
        clients = [self._client(number, stop, prize) for number, stop in enumerate(job.stops)]
        spots = [Location(0, 0) for _ in self._rows]  # the matrices alone say where things are
        self._data = ProblemData(spots, clients, self._yards, types, [metres], [seconds])

    def solve(self) -> Solution:
        first = None if self._job.start is None else self._given(self._job.start)
        return search_with(
            self._data, _rule(self._job.patience), seed=self._job.seed, collect_stats=False, initial_solution=first
        ).best

    def tours(self, solution: Solution) -> Tours:
        waiting = [iter(group) for group in self._groups]
        found: dict[int, tuple[tuple[int, ...], ...]] = {}
        for route in solution.routes():
            van = next(waiting[route.vehicle_type()])
            trips: list[list[int]] = [[]]
            for step in list(route)[1:-1]:
                if step.is_client():
                    trips[-1].append(self._job.stops[step.idx])
                else:
                    trips.append([])
            found[van.vehicle.id] = tuple(tuple(trip) for trip in trips)
        return found

    def _given(self, tours: Tours) -> Solution:
        numbers = {stop: number for number, stop in enumerate(self._job.stops)}
        kinds = {van.vehicle.id: kind for kind, group in enumerate(self._groups) for van in group}
        depots = {van.vehicle.id: van.vehicle.depot for van in self._job.vans}
        routes = []
        for vehicle_id, trips in tours.items():
            steps = [Activity(f"C{numbers[stop]}") for stop in trips[0]]
            for trip in trips[1:]:
                steps += [Activity(f"D{depots[vehicle_id]}"), *(Activity(f"C{numbers[stop]}") for stop in trip)]
            routes.append(Route(self._data, steps, kinds[vehicle_id]))
        return Solution(self._data, routes)

    def _client(self, number: int, stop_id: int, prize: int) -> Client:
        stop = self._job.problem.stop(stop_id)
        return Client(
            self._depots + number, [stop.load[one] for one in self._measures], service_duration=stop.service_s,
            tw_early=stop.opens_s, tw_late=stop.closes_s, release_time=stop.ready_s, prize=prize, required=not prize,
        )  # fmt: skip

    def _type(self, group: Sequence[Van]) -> VehicleType:
        one, head = group[0].vehicle, group[0].head
        common: dict[str, Any] = {
            "num_available": len(group), "capacity": [one.room[each] for each in self._measures],
            "end_depot": one.depot, "tw_late": one.to_s, "reload_depots": [one.depot],
        }  # fmt: skip
        if head is None:
            return VehicleType(
                start_depot=one.depot, tw_early=one.from_s, fixed_cost=one.start_cost_m,
                max_reloads=max(0, one.most_trips - 1), **common,
            )  # fmt: skip
        left = max(0, one.most_trips - head.trips - (not head.open))
        if not head.open:
            return VehicleType(start_depot=one.depot, tw_early=head.free_s, max_reloads=left, **common)
        self._rows.append(head.row)
        self._yards.append(Yard(len(self._rows) - 1))
        load = [head.load[each] for each in self._measures]
        return VehicleType(
            start_depot=len(self._yards) - 1, tw_early=head.free_s, max_reloads=left, initial_load=load, **common
        )


def _measures(job: Job) -> list[int]:
    """Which of crates, grams and stops can bind at all; the others would only slow the search down."""
    loads = [job.problem.stop(stop).load for stop in job.stops]
    heads = [van.head.load if van.head else EMPTY for van in job.vans]
    most = [sum(load[one] for load in loads) + max(head[one] for head in heads) for one in range(3)]
    return [one for one in range(3) if most[one] > min(van.vehicle.room[one] for van in job.vans)]


def _rule(patience: Patience) -> StoppingCriterion:
    rules: list[StoppingCriterion] = []
    if patience.iterations:
        rules.append(NoImprovement(patience.iterations))
    if patience.seconds:
        rules.append(MaxRuntime(patience.seconds))
    return MultipleCriteria(rules)
