"""More stops than one search can hold: parted, searched side by side, parted anew along the tours found."""

from __future__ import annotations

import math
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor, ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from enum import StrEnum
from multiprocessing import get_context

import numpy as np

from .problem import Load, Problem
from .roads import Real
from .schedule import cost_m, load_of, timed
from .search import Job, Tours, Van, search

#: Behind every number of the caller's seed lie this many for the groups and rounds of a search.
SEEDS = 10_000
#: The share of the time that is searched; the rest starts the processes and checks what they found.
SEARCHED = 0.95
#: Where time is the limit, no group is searched for less, and another round begins only if each group gets so much.
LEAST_S = 0.1
ROUND_S = 4.0


class Parting(StrEnum):
    """How stops are parted at first: like a cake around the depot, or in halves across their longest side."""

    SECTORS = "sectors"
    HALVES = "halves"


@dataclass(frozen=True, slots=True, kw_only=True)
class Spread:
    """How a large problem is searched: groups of at most `most` stops, `rounds` times, in `workers` processes."""

    most: int = 500
    rounds: int = 4
    workers: int = 1
    parting: Parting = Parting.SECTORS

    def __post_init__(self) -> None:
        if min(self.most, self.rounds, self.workers) < 1:
            raise ValueError("a spread has stops, rounds and workers")


@dataclass(frozen=True, slots=True)
class _Group:
    stops: tuple[int, ...]
    vans: tuple[Van, ...]
    start: Tours | None = None


def spread_search(job: Job, spread: Spread) -> Tours:
    """Tours for all the job's stops as far as they fit; vans of one depot, without locks."""
    until = time.monotonic() + job.patience.seconds * SEARCHED
    tours: Tours = {}
    with _runner(spread.workers) as run:
        rounds = _rounds(job, spread)
        for number in range(rounds):
            groups = _regroup(job, spread, tours, shifted=number % 2 == 1) if number else _first_groups(job, spread)
            waves = max(1.0, len(groups) / spread.workers) * (rounds - number)
            left = max(LEAST_S, (until - time.monotonic()) / waves) if job.patience.seconds else 0.0
            patience = replace(job.patience, seconds=left)
            tours = _round(replace(job, patience=patience), groups, run, number=number)
    return tours


def _rounds(job: Job, spread: Spread) -> int:
    if not job.patience.seconds:
        return spread.rounds
    groups = math.ceil(len(job.stops) / spread.most)
    return max(1, min(spread.rounds, int(job.patience.seconds * spread.workers / groups / ROUND_S)))


def _round(job: Job, groups: Sequence[_Group], run: Callable[[Sequence[Job]], list[Tours]], *, number: int) -> Tours:
    """Every group searched; one that found nothing better keeps what it began with."""
    jobs = [
        replace(job, stops=group.stops, vans=group.vans, start=group.start, seed=job.seed * SEEDS + number * 100 + rank)
        for rank, group in enumerate(groups)
    ]
    tours: dict[int, tuple[tuple[int, ...], ...]] = {}
    for one, found in zip(jobs, run(jobs), strict=True):
        before = one.start or {}
        tours.update(found if worth(one.problem, found) < worth(one.problem, before) else before)
    return tours


def worth(problem: Problem, tours: Tours) -> tuple[int, int]:
    """Stops left out (as less than none served) and metres: the smaller the better."""
    served = sum(len(trip) for trips in tours.values() for trip in trips)
    return -served, sum(cost_m(problem, timed(problem, problem.by_id[one], trips)) for one, trips in tours.items())


def _first_groups(job: Job, spread: Spread) -> list[_Group]:
    count = math.ceil(len(job.stops) / spread.most)
    spots = job.problem.roads.flat([job.problem.rows[stop] for stop in job.stops])
    if spread.parting is Parting.SECTORS:
        order = np.argsort(_angles(job, spots), kind="stable")
        parts = [[int(one) for one in part] for part in np.array_split(order, count)]
    else:
        parts = list(_halves(spots, list(range(len(job.stops))), count))
    stops = [tuple(job.stops[one] for one in part) for part in parts]
    vans = _allot(job, stops, list(job.vans))
    return [_Group(own, cars) for own, cars in zip(stops, vans, strict=True)]


def _regroup(job: Job, spread: Spread, tours: Tours, *, shifted: bool) -> list[_Group]:
    """Groups of whole tours that lie side by side; every other time the seams are moved by half a group."""
    ids = list(tours)
    middles = np.array([_middle(job.problem, tours[one]) for one in ids])
    order = [ids[one] for one in np.argsort(_angles(job, middles), kind="stable")]
    sizes = {one: sum(len(trip) for trip in tours[one]) for one in ids}
    if shifted:
        order = _turned(order, sizes, spread.most // 2)
    bundles = _bundles(order, sizes, spread.most)
    lost = sorted(set(job.stops) - {stop for trips in tours.values() for trip in trips for stop in trip})
    stops = [tuple(stop for one in own for trip in tours[one] for stop in trip) for own in bundles]
    stops[-1] += tuple(lost)
    by_id = {van.vehicle.id: van for van in job.vans}
    spare = _allot(job, stops, [van for van in job.vans if van.vehicle.id not in tours])
    return [
        _Group(own, (*(by_id[one] for one in bundle), *more), {one: tours[one] for one in bundle})
        for own, bundle, more in zip(stops, bundles, spare, strict=True)
    ]


def _turned(order: list[int], sizes: dict[int, int], by: int) -> list[int]:
    passed = 0
    for place, one in enumerate(order):
        passed += sizes[one]
        if passed >= by:
            return order[place + 1 :] + order[: place + 1]
    return order


def _bundles(order: Sequence[int], sizes: dict[int, int], most: int) -> list[list[int]]:
    total = sum(sizes.values())
    size = total / math.ceil(total / most)
    bundles: list[list[int]] = [[]]
    passed = 0
    for one in order:
        if bundles[-1] and passed >= size * len(bundles):
            bundles.append([])
        bundles[-1].append(one)
        passed += sizes[one]
    return bundles


def _angles(job: Job, spots: Real) -> Real:
    depot = job.problem.roads.flat([job.vans[0].vehicle.depot])[0]
    angles: Real = np.arctan2(spots[:, 1] - depot[1], spots[:, 0] - depot[0])
    return angles


def _middle(problem: Problem, trips: Sequence[Sequence[int]]) -> Real:
    middle: Real = problem.roads.flat([problem.rows[stop] for trip in trips for stop in trip]).mean(axis=0)
    return middle


def _halves(spots: Real, chosen: list[int], count: int) -> Iterator[list[int]]:
    """Parts of almost equal size, cut across the axis along which the places are spread most."""
    if count == 1:
        yield chosen
        return
    own = spots[chosen] - spots[chosen].mean(axis=0)
    axis = np.linalg.eigh(own.T @ own)[1][:, -1]
    order = [chosen[int(one)] for one in np.argsort(own @ axis, kind="stable")]
    left = count // 2
    cut = len(order) * left // count
    yield from _halves(spots, order[:cut], left)
    yield from _halves(spots, order[cut:], count - left)


def _allot(job: Job, parts: Sequence[Sequence[int]], vans: Sequence[Van]) -> list[tuple[Van, ...]]:
    """Vans of each kind for each part, by the share of its heaviest measure; the largest remainders get the rest."""
    shares = _shares([load_of([job.problem.stop(stop) for stop in part]) for part in parts])
    by_kind: defaultdict[tuple[object, ...], list[Van]] = defaultdict(list)
    for van in vans:
        by_kind[van.kind].append(van)
    given: list[list[Van]] = [[] for _ in parts]
    turn = Counter[int]()
    for own in by_kind.values():
        exact = [share * len(own) for share in shares]
        counts = [int(one) for one in exact]
        rest = sorted(range(len(parts)), key=lambda one: (turn[one], counts[one] - exact[one], one))
        for one in rest[: len(own) - sum(counts)]:
            counts[one] += 1
            turn[one] += 1
        left = iter(own)
        for place, count in enumerate(counts):
            given[place] += [next(left) for _ in range(count)]
    return [tuple(one) for one in given]


def _shares(loads: Sequence[Load]) -> list[float]:
    totals = [max(1, sum(load[one] for load in loads)) for one in range(3)]
    heavy = [max(load[one] / totals[one] for one in range(3)) for load in loads]
    return [one / sum(heavy) for one in heavy]


@contextmanager
def _runner(workers: int) -> Iterator[Callable[[Sequence[Job]], list[Tours]]]:
    if workers == 1:
        yield lambda jobs: [search(job) for job in jobs]
        return
    # Fresh processes: a fork would take open connections and locks along.
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
        yield lambda jobs: _in(pool, jobs)


def _in(pool: Executor, jobs: Sequence[Job]) -> list[Tours]:
    return list(pool.map(search, jobs))
