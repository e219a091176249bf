"""The engine of routes from values alone; the tables are those of docs/algorithms/routing.md."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lintuan.fulfilment.engine.routing import (
    Depot,
    Fault,
    GreatCircle,
    Limit,
    Lock,
    Measured,
    Parting,
    Patience,
    Place,
    Plan,
    Problem,
    Reason,
    Spread,
    Stop,
    Vehicle,
    Where,
    cost_m,
    fault_words,
    faults,
    make_plan,
    move,
    reason_words,
    resolve,
    road_metres,
    timed,
    unloaded_s,
    where_is,
)
from tests.fulfilment.plan_checker import wrongs

WUHAN = Place(30.55, 114.30)
BRIEF = Patience(iterations=30)


def around(count: int, *, seed: int = 1) -> list[Place]:
    """The depot and so many places within some ten kilometres."""
    spread = random.Random(seed)
    return [WUHAN, *(Place(30.5 + spread.random() / 10, 114.25 + spread.random() / 10) for _ in range(count))]


def city(stops: Sequence[Stop], vehicles: Sequence[Vehicle], *, seed: int = 1, load_s: int = 0) -> Problem:
    roads = GreatCircle(around(len(stops), seed=seed), detour_bps=13_500, metres_per_hour=25_000)
    return Problem((Depot(load_s=load_s),), tuple(stops), tuple(vehicles), roads)


def line(*stops: Stop, vans: Sequence[Vehicle] = (Vehicle(id=1),), load_s: int = 0) -> Problem:
    """Stops 1 km, 2 km, … down one road from the depot; a kilometre takes 100 seconds."""
    spots = range(len(stops) + 1)
    metres = [[abs(one - other) * 1_000 for other in spots] for one in spots]
    seconds = [[abs(one - other) * 100 for other in spots] for one in spots]
    return Problem((Depot(load_s=load_s),), stops, tuple(vans), Measured(metres, seconds))


def plain(problem: Problem, *, patience: Patience = BRIEF, seed: int = 1) -> Plan:
    return make_plan(problem, seed=seed, patience=patience)


@st.composite
def problems(draw: st.DrawFn) -> Problem:
    """Small and awkward: windows, goods that come late, shifts, few vans of two kinds, several trips."""
    stops = [
        Stop(
            id=10 * number, crates=draw(st.integers(0, 30)), grams=draw(st.integers(0, 400_000)), service_s=300,
            opens_s=(opens := draw(st.sampled_from([0, 0, 7_200, 14_400]))),
            closes_s=opens + draw(st.sampled_from([3_600, 7_200, 30_000])),
            ready_s=draw(st.sampled_from([0, 0, 5_400])),
        )
        for number in range(1, draw(st.integers(1, 12)) + 1)
    ]  # fmt: skip
    vans = [
        Vehicle(
            id=number, crates=draw(st.sampled_from([20, 60])), grams=600_000, stops=draw(st.sampled_from([3, 25])),
            from_s=draw(st.sampled_from([0, 3_600])), to_s=draw(st.sampled_from([14_400, 36_000])),
            start_cost_m=20_000, most_trips=draw(st.integers(1, 3)),
        )
        for number in range(1, draw(st.integers(1, 4)) + 1)
    ]  # fmt: skip
    return city(stops, vans, seed=draw(st.integers(0, 9)), load_s=draw(st.sampled_from([0, 900])))


def test_a_degree_of_latitude_is_111_km_and_a_detour_makes_it_150():
    there = Place(31.55, 114.30)

    assert road_metres(WUHAN, there, detour_bps=10_000) == 111_196
    assert road_metres(WUHAN, there, detour_bps=13_500) == 150_114
    assert road_metres(WUHAN, WUHAN, detour_bps=13_500) == 0


def test_roads_measure_alike_one_by_one_and_all_at_once():
    places = around(30)
    roads = GreatCircle(places, detour_bps=13_500, metres_per_hour=25_000)
    metres, seconds = roads.table([3, 0, 7])

    assert [roads.leg(3, 0), roads.leg(0, 7)] == [(metres[0, 1], seconds[0, 1]), (metres[1, 2], seconds[1, 2])]
    assert all(abs(roads.leg(0, k)[0] - road_metres(places[0], places[k], detour_bps=13_500)) <= 1 for k in range(31))


def test_the_worked_table_of_the_page():
    problem = line(
        Stop(id=1, crates=4, service_s=60), Stop(id=2, crates=4, service_s=60, opens_s=1_200),
        Stop(id=3, crates=4, service_s=60, ready_s=2_000),
        vans=[Vehicle(id=7, crates=8, most_trips=2, from_s=100)], load_s=300,
    )  # fmt: skip

    tour = timed(problem, problem.vehicles[0], ((1, 2), (3,)))

    first, second = tour.trips
    assert [(one.stop, one.arrives_s, one.begins_s) for one in first.visits] == [(1, 500, 500), (2, 660, 1_200)]
    assert (first.begins_s, first.leaves_s, first.back_s, first.distance_m, first.crates) == (100, 400, 1_460, 4_000, 8)
    assert (second.begins_s, second.leaves_s, second.back_s, second.distance_m) == (2_000, 2_300, 2_960, 6_000)
    assert (faults(problem, tour), cost_m(problem, tour)) == ((), 10_000)


def test_a_van_leaves_so_that_it_need_not_wait_at_its_first_door():
    problem = line(Stop(id=1, opens_s=1_000))

    (trip,) = plain(problem).tours[0].trips

    assert (trip.begins_s, trip.leaves_s, trip.visits[0].arrives_s, trip.back_s) == (0, 900, 1_000, 1_100)


@settings(max_examples=60, deadline=None)
@given(problem=problems(), seed=st.integers(0, 5))
def test_every_stop_is_served_once_within_all_limits_or_told_as_unserved(problem: Problem, seed: int):
    plan = plain(problem, seed=seed)

    assert wrongs(problem, plan) == []
    assert all(faults(problem, tour) == () for tour in plan.tours)


@settings(max_examples=40, deadline=None)
@given(problem=problems(), data=st.data())
def test_what_is_locked_stays_and_the_rest_is_planned_within_all_limits(problem: Problem, data: st.DataObject):
    plan = plain(problem)
    locks = [
        Lock(
            tour.vehicle,
            stops=data.draw(st.integers(0, sum(map(len, tour.orders)))),
            whole=data.draw(st.booleans()),
            closed=data.draw(st.booleans()),
        )
        for tour in plan.tours
    ]

    again = resolve(problem, plan, locks, seed=2, patience=BRIEF)

    assert wrongs(problem, again) == []
    tours = {tour.vehicle: tour for tour in again.tours}
    for lock, old in zip(locks, plan.tours, strict=True):
        if lock.whole:
            assert tours[lock.vehicle] == old
        elif lock.stops:
            was, now = ([one for trip in tour.orders for one in trip] for tour in (old, tours[lock.vehicle]))
            assert now[: lock.stops] == was[: lock.stops]
            ends = [sum(map(len, tours[lock.vehicle].orders[: n + 1])) for n in range(len(tours[lock.vehicle].trips))]
            assert not lock.closed or lock.stops in ends


@settings(max_examples=60, deadline=None)
@given(problem=problems(), data=st.data())
def test_a_stop_moved_there_and_back_leaves_the_plan_as_it_was(problem: Problem, data: st.DataObject):
    plan = plain(problem)
    stop = data.draw(st.sampled_from([one.id for one in problem.stops]))
    home = where_is(plan, stop)
    orders = {
        tour.vehicle: [kept for trip in tour.orders if (kept := [one for one in trip if one != stop])]
        for tour in plan.tours
    }
    vehicle = data.draw(st.sampled_from([one.id for one in problem.vehicles]))
    trips = orders.get(vehicle, [])
    alone = not trips or data.draw(st.booleans())
    trip = data.draw(st.integers(0, len(trips) if alone else len(trips) - 1))
    there = Where(vehicle, trip, 0 if alone else data.draw(st.integers(0, len(trips[trip]))), alone)

    moved = move(problem, plan, stop, data.draw(st.sampled_from([there, None])))

    limits = frozenset(one.vehicle for one in moved.faults)
    assert wrongs(problem, moved.plan, but=limits) == []
    back = move(problem, moved.plan, stop, home).plan
    if home is not None:
        assert back == plan
    else:
        assert (back.tours, [one.stop for one in back.unserved]) == (plan.tours, [one.stop for one in plan.unserved])


def test_the_same_seed_gives_the_same_plan_and_more_patience_none_that_is_worse():
    problem = city([Stop(id=n, crates=3) for n in range(60)], [Vehicle(id=n, crates=40) for n in range(8)])
    brief, same, longer = (plain(problem, patience=Patience(iterations=n), seed=3) for n in (20, 20, 400))

    assert brief == same
    assert longer.distance_m <= brief.distance_m


@pytest.mark.parametrize(("stops", "vans"), [(0, 0), (1, 1), (25, 1), (26, 2), (50, 2), (60, 3)], ids=str)
def test_as_many_vans_are_hired_as_their_stops_ask(stops: int, vans: int):
    hired = [Vehicle(id=n, stops=25, start_cost_m=20_000) for n in range(stops)]

    plan = plain(city([Stop(id=n, service_s=300) for n in range(stops)], hired), patience=Patience(iterations=300))

    assert (len(plan.tours), plan.unserved) == (vans, ())


@pytest.mark.parametrize(
    ("stop", "van", "reason"),
    [
        (Stop(id=1, crates=9), Vehicle(id=1, crates=8), Reason.TOO_BIG),
        (Stop(id=1, grams=9_001), Vehicle(id=1, grams=9_000), Reason.TOO_BIG),
        (Stop(id=1, closes_s=99), Vehicle(id=1), Reason.TOO_LATE),
        (Stop(id=1, service_s=100), Vehicle(id=1, to_s=299), Reason.OFF_SHIFT),
        (Stop(id=1), Vehicle(id=1, most_trips=0), Reason.NO_ROOM),
    ],
)
def test_a_stop_that_no_van_can_reach_is_told_with_the_reason(stop: Stop, van: Vehicle, reason: Reason):
    plan = plain(line(stop, vans=[van]))

    assert [(one.stop, one.reason) for one in plan.unserved] == [(1, reason)]


def test_without_vans_and_with_too_few_of_them_stops_are_left_over():
    stops = [Stop(id=n, crates=5) for n in (1, 2, 3)]

    none, one = plain(line(*stops, vans=[])), plain(line(*stops, vans=[Vehicle(id=1, crates=10)]))

    assert [each.reason for each in none.unserved] == [Reason.NO_VEHICLE] * 3
    assert [each.reason for each in one.unserved] == [Reason.NO_ROOM]
    assert len(one.tours[0].orders[0]) == 2


def test_one_van_drives_twice_where_two_trips_are_allowed():
    stops = [Stop(id=n, crates=5) for n in (1, 2, 3, 4)]

    vans = [Vehicle(id=n, crates=10, most_trips=2, start_cost_m=90_000) for n in (1, 2)]

    plan = plain(line(*stops, vans=vans))

    assert len(plan.tours) == 1
    assert [sorted(order) for order in plan.tours[0].orders] in ([[1, 2], [3, 4]], [[3, 4], [1, 2]])
    assert plan.distance_m == 12_000


def test_goods_that_come_later_wait_for_the_second_trip():
    stops = [Stop(id=1), Stop(id=2, ready_s=50_000), Stop(id=3, closes_s=1_000)]

    (tour,) = plain(line(*stops, vans=[Vehicle(id=1, most_trips=2)])).tours

    assert tour.orders[-1] == (2,)
    assert tour.trips[-1].begins_s == 50_000


def test_two_depots_keep_their_vans():
    metres = [[0, 9_000, 1_000, 8_000], [9_000, 0, 8_000, 1_000], [1_000, 8_000, 0, 7_000], [8_000, 1_000, 7_000, 0]]
    vans = (Vehicle(id=1, depot=0), Vehicle(id=2, depot=1))
    problem = Problem((Depot(), Depot()), (Stop(id=1), Stop(id=2)), vans, Measured(metres, metres))

    assert [(tour.vehicle, tour.orders) for tour in plain(problem).tours] == [(1, ((1,),)), (2, ((2,),))]


def test_the_grids_vans_are_loaded_when_the_lorries_from_the_centre_were_there():
    lorries = line(
        Stop(id=1, crates=90, service_s=1_200), Stop(id=2, crates=90, service_s=1_200),
        vans=[Vehicle(id=1, crates=100, most_trips=2)], load_s=600,
    )  # fmt: skip
    trunk = plain(lorries)

    ready = unloaded_s(lorries, trunk)
    at_two = line(Stop(id=1, ready_s=ready[2]), load_s=900)

    assert sorted(ready.values()) == sorted(
        trip.back_s - 100 * trip.visits[0].stop for tour in trunk.tours for trip in tour.trips
    )
    assert plain(at_two).tours[0].trips[0].leaves_s == ready[2] + 900


@pytest.mark.parametrize("parting", Parting)
def test_a_large_problem_is_parted_and_nothing_is_lost_at_the_seams(parting: Parting):
    stops = [Stop(id=n, crates=1 + n % 5, service_s=60) for n in range(1, 241)]
    vans = [Vehicle(id=n, crates=45, stops=25, to_s=36_000, start_cost_m=20_000) for n in range(1, 31)]
    problem = city(stops, vans)

    once, more = (
        make_plan(problem, seed=1, patience=BRIEF, spread=Spread(most=60, rounds=rounds, parting=parting))
        for rounds in (1, 3)
    )

    assert wrongs(problem, more) == [] == wrongs(problem, once)
    assert not more.unserved
    assert sum(cost_m(problem, tour) for tour in more.tours) <= sum(cost_m(problem, tour) for tour in once.tours)


def test_a_large_problem_stopped_by_time_is_a_whole_plan_too():
    problem = city([Stop(id=n) for n in range(60)], [Vehicle(id=n, stops=8) for n in range(12)])

    plan = make_plan(problem, seed=1, patience=Patience(seconds=0.4), spread=Spread(most=30, rounds=3))

    assert (wrongs(problem, plan), plan.unserved) == ([], ())


def test_processes_beside_each_other_find_what_one_finds():
    problem = city([Stop(id=n) for n in range(60)], [Vehicle(id=n, stops=8) for n in range(12)])
    one, two = (
        make_plan(problem, seed=1, patience=BRIEF, spread=Spread(most=30, rounds=2, workers=workers))
        for workers in (1, 2)
    )

    assert one == two


def test_a_moved_stop_is_judged_in_words():
    problem = line(
        Stop(id=1, crates=5, grams=7_000), Stop(id=2, crates=5, closes_s=250, grams=4_500),
        vans=[Vehicle(id=1, crates=8, grams=10_000), Vehicle(id=2)],
    )  # fmt: skip
    plan = Plan(tuple(timed(problem, van, ((stop,),)) for van, stop in zip(problem.vehicles, (1, 2), strict=True)))

    moved = move(problem, plan, 2, Where(1, 0, 1), locks=[Lock(2, whole=True)])

    assert [(one.limit, one.excess) for one in moved.faults] == [
        (Limit.LOCKED, 1), (Limit.CRATES, 2), (Limit.GRAMS, 1_500),
    ]  # fmt: skip
    assert fault_words(moved.faults[2], vehicle="鄂A1") == ("鄂A1 超重 2 公斤", "鄂A1 is 2 kg too heavy")
    late = move(problem, plan, 1, Where(2, 0, 0)).faults
    assert late == ()
    slow = replace(problem, stops=(replace(problem.stops[0], service_s=90), problem.stops[1]))
    (fault,) = move(slow, plan, 1, Where(2, 0, 0)).faults
    assert fault_words(fault, vehicle="鄂A2", stop="P2") == ("鄂A2 到 P2 晚 1 分钟", "鄂A2 is 1 minutes late at P2")


def test_every_limit_and_every_reason_has_words_in_both_languages():
    said = [fault_words(Fault(limit, 1, 1, 1), vehicle="甲", stop="乙") for limit in Limit]
    said += [reason_words(reason) for reason in Reason]

    assert all(chinese and english and "{" not in chinese + english for chinese, english in said)
    assert len(set(said)) == len(Limit) + len(Reason)


@pytest.mark.parametrize("to", [Where(1, 5), Where(1, 0, 9), Where(1, 3, alone=True)], ids=str)
def test_a_place_that_is_not_there_is_refused(to: Where):
    problem = line(Stop(id=1), Stop(id=2))

    with pytest.raises(ValueError, match="no such"):
        move(problem, plain(problem), 1, to)
    with pytest.raises(ValueError, match="does not know"):
        move(problem, plain(problem), 9, None)


def test_a_lock_of_more_stops_than_there_are_is_refused():
    problem = line(Stop(id=1))

    with pytest.raises(ValueError, match="more stops"):
        resolve(problem, plain(problem), [Lock(1, stops=2)], seed=1, patience=BRIEF)


@pytest.mark.parametrize(
    "wrong",
    [
        Patience, lambda: Spread(most=0), lambda: line(Stop(id=1), Stop(id=1)),
        lambda: line(Stop(id=1), vans=[Vehicle(id=1, depot=1)]), lambda: line(Stop(id=1, crates=-1)),
        lambda: line(Stop(id=1), vans=[Vehicle(id=1, from_s=-1)]),
        lambda: GreatCircle([WUHAN], detour_bps=13_500, metres_per_hour=0),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused(wrong):
    with pytest.raises(ValueError, match=" "):
        wrong()
