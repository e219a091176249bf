"""Vans of one's own: several trips, shifts, locks, drops moved by hand; what is left over and why."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, time
from itertools import pairwise

import pytest

from lintuan.fulfilment import commands, queries
from lintuan.fulfilment.errors import MoveBreaks, RouteLocked
from lintuan.fulfilment.models import Drop, Route, Stop
from lintuan.fulfilment.types import MoveTo, NewVehicle, RoutesPlanned, RoutingPlan
from lintuan.kernel.callers import SYSTEM
from lintuan.kernel.errors import Forbidden, Invalid, NotFound
from tests.make import fulfilment as make
from tests.make import leaders, pricing, provinces
from tests.make.ordering import EVENING, SALE_ON
from tests.make.provinces import HUBEI

pytestmark = pytest.mark.django_db

NIGHT = {"province_id": HUBEI, "sale_on": SALE_ON}


@pytest.fixture
def sorted_grid(clock_at):
    """Five points of one grid, 20 units (a crate) at each; the grid has sorted and no van is planned."""
    clock_at(EVENING)
    points = leaders.points(5)
    make.network(points)
    offer = pricing.offer()
    for point in points:
        make.buy(point, (offer, 20))
    make.grids_sorted(clock_at)
    clock_at(make.ROUTED)
    return points


def van(plate: str = "鄂A1", **given: object) -> NewVehicle:
    return NewVehicle(grid_code="G1", plate=plate, driver="王师傅", **given)  # type: ignore[arg-type]


def put(*vans: NewVehicle, caller=SYSTEM) -> dict[str, int]:
    return commands.put_vehicles(caller, province_id=HUBEI, vehicles=vans)


def plan() -> RoutesPlanned:
    return commands.plan_routes(SYSTEM, **NIGHT, plan=make.QUICK)


def replan() -> RoutesPlanned:
    return commands.replan_routes(SYSTEM, **NIGHT, grid_code="G1", plan=make.QUICK)


def shift(drop_id: int, to: MoveTo) -> int:
    return commands.move_drop(SYSTEM, province_id=HUBEI, drop_id=drop_id, to=to, plan=make.QUICK)


def lock(route_id: int) -> int:
    return commands.lock_route(SYSTEM, province_id=HUBEI, route_id=route_id)


def shown() -> list[tuple[int, str, int, list[int]]]:
    return [(one.id, one.plate, one.trip, [stop.drop_id for stop in one.stops]) for one in make.routes()]


def test_vans_are_put_and_corrected_by_plate(sorted_grid):
    first = put(van(), van("鄂A2", crates=30))
    again = put(van("鄂A2", crates=40, is_active=False))

    assert again["鄂A2"] == first["鄂A2"]
    assert [(one.plate, one.crates, one.is_active) for one in queries.vehicles(SYSTEM, province_id=HUBEI)] == [
        ("鄂A1", 120, True), ("鄂A2", 40, False),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("wrong", "refusal"),
    [
        ((van(), van()), Invalid), ((van(" "),), Invalid), ((van(crates=0),), Invalid),
        ((van(shift_from=time(17)),), Invalid), ((NewVehicle(grid_code="C", plate="鄂A1", driver="王"),), NotFound),
    ],
)  # fmt: skip
def test_vans_that_cannot_be_are_refused(sorted_grid, wrong, refusal):
    with pytest.raises(refusal):
        put(*wrong)
    assert queries.vehicles(SYSTEM, province_id=HUBEI) == ()


def test_a_van_of_two_crates_drives_its_trips_one_after_the_other(sorted_grid):
    put(van(crates=2, most_trips=3))

    outcome = plan()

    routes = make.routes()
    assert (outcome.routes, outcome.stops, outcome.unserved, outcome.late) == (3, 5, 0, 0)
    assert [(one.number, one.trip, one.plate) for one in routes] == [
        ("G1-1", 1, "鄂A1"), ("G1-2", 2, "鄂A1"), ("G1-3", 3, "鄂A1"),
    ]  # fmt: skip
    assert all(one.leaves_at >= other.back_at for other, one in pairwise(routes))
    assert all(stop.eta_at > one.leaves_at for one in routes for stop in one.stops)


def test_what_no_van_takes_is_told_with_the_reason_and_planned_once_there_is_one(sorted_grid):
    put(van(crates=3, most_trips=1))

    outcome = plan()

    assert (outcome.stops, outcome.unserved) == (3, 2)
    left = queries.unserved_drops(SYSTEM, **NIGHT)
    assert [(one.grid_code, one.reason, one.zh) for one in left] == [("G1", "no_room", "所有车辆的容量或时间已满")] * 2
    before = shown()
    put(van("鄂A2"))
    assert plan().stops == 2
    assert queries.unserved_drops(SYSTEM, **NIGHT) == ()
    assert shown()[: len(before)] == before


def test_a_locked_route_stays_when_the_rest_is_planned_anew(sorted_grid):
    put(van(crates=2, most_trips=1), van("鄂A2", crates=2, most_trips=1), van("鄂A3", crates=2, most_trips=1))
    plan()
    kept, *_ = shown()
    lock(kept[0])
    put(van("鄂A4"))

    replan()

    assert kept in shown()
    assert [one.is_locked for one in make.routes() if one.id == kept[0]] == [True]
    assert sorted(drop for *_, drops in shown() for drop in drops) == sorted(Drop.objects.values_list("id", flat=True))
    commands.unlock_route(SYSTEM, province_id=HUBEI, route_id=kept[0])
    commands.depart_route(SYSTEM, province_id=HUBEI, route_id=kept[0])
    replan()
    assert kept in shown()


def test_a_hired_van_s_route_can_be_locked_too(sorted_grid):
    plan()
    (kept,) = shown()
    lock(kept[0])

    assert replan() == RoutesPlanned(0, 0, 0)
    assert shown() == [kept]


def test_a_drop_is_moved_there_and_back(sorted_grid):
    put(van(crates=3, most_trips=1), van("鄂A2", crates=3, most_trips=1))
    plan()
    before = make.routes()
    long, short = sorted(before, key=lambda one: -len(one.stops))
    moved = long.stops[1]

    shift(moved.drop_id, MoveTo(short.id, 1))

    taker = next(one for one in make.routes() if one.id == short.id)
    assert taker.stops[0].drop_id == moved.drop_id
    shift(moved.drop_id, MoveTo(long.id, 2))
    again = make.routes()
    assert [(one.id, one.distance_m, one.leaves_at, one.back_at) for one in again] == [
        (one.id, one.distance_m, one.leaves_at, one.back_at) for one in before
    ]
    times = [[(stop.drop_id, stop.rank, stop.eta_at) for stop in one.stops] for one in again]
    assert times == [[(stop.drop_id, stop.rank, stop.eta_at) for stop in one.stops] for one in before]


def test_a_move_that_breaks_a_limit_is_refused_in_words_unless_it_is_meant(sorted_grid):
    put(van(crates=4, most_trips=1), van("鄂A2", crates=1, most_trips=1))
    plan()
    full = next(one for one in make.routes() if one.plate == "鄂A2")
    other = next(one for one in make.routes() if one.plate == "鄂A1").stops[0]

    with pytest.raises(MoveBreaks) as refused:
        shift(other.drop_id, MoveTo(full.id, 2))

    assert refused.value.message("zh") == "不能这样调整：鄂A2 超出 1 箱。"
    assert refused.value.message("en") == "This move cannot be kept: 鄂A2 has 1 crates too many."
    shift(other.drop_id, MoveTo(full.id, 2, anyway=True))
    assert [stop.drop_id for one in make.routes() if one.id == full.id for stop in one.stops][1] == other.drop_id


def test_a_drop_taken_off_all_routes_is_left_over_by_hand_and_gets_a_trip_of_its_own(sorted_grid):
    vans = put(van(most_trips=2))
    plan()
    drop_id = make.routes()[0].stops[0].drop_id

    shift(drop_id, MoveTo(off=True))
    assert [(one.drop_id, one.reason) for one in queries.unserved_drops(SYSTEM, **NIGHT)] == [(drop_id, "by_hand")]
    shift(drop_id, MoveTo(vehicle_id=vans["鄂A1"]))

    assert [(plate, trip, len(drops)) for _, plate, trip, drops in shown()] == [("鄂A1", 1, 4), ("鄂A1", 2, 1)]
    assert queries.unserved_drops(SYSTEM, **NIGHT) == ()
    shift(drop_id, MoveTo(shown()[0][0], 1))
    assert [(trip, len(drops)) for _, _, trip, drops in shown()] == [(1, 5)]


def test_routes_that_are_locked_or_have_left_are_never_touched(sorted_grid):
    put(van(crates=3, most_trips=1), van("鄂A2", crates=3, most_trips=1))
    plan()
    one, other = make.routes()
    lock(one.id)

    for drop, to in (
        (other.stops[0], MoveTo(one.id, 1)),
        (one.stops[0], MoveTo(other.id, 1)),
        (one.stops[0], MoveTo(off=True)),
    ):
        with pytest.raises(RouteLocked):
            shift(drop.drop_id, replace(to, anyway=True))
    commands.depart_route(SYSTEM, province_id=HUBEI, route_id=other.id)
    with pytest.raises(RouteLocked):
        lock(other.id)
    with pytest.raises(NotFound):
        shift(other.stops[0].drop_id, MoveTo(one.id, 1))


@pytest.mark.parametrize(
    ("to", "refusal"),
    [(MoveTo(0), NotFound), (MoveTo(vehicle_id=0), NotFound), (MoveTo(), NotFound)],
    ids=["route", "vehicle", "no hired van"],
)
def test_a_place_that_is_not_there_is_not_found(sorted_grid, to, refusal):
    put(van())
    plan()
    with pytest.raises(refusal):
        shift(make.routes()[0].stops[0].drop_id, to)
    with pytest.raises(Invalid):
        shift(make.routes()[0].stops[0].drop_id, MoveTo(make.routes()[0].id, 9))
    with pytest.raises(NotFound):
        shift(0, MoveTo(off=True))


def test_without_vans_of_one_s_own_another_is_hired(sorted_grid):
    plan()
    drop_id = make.routes()[0].stops[0].drop_id

    shift(drop_id, MoveTo())

    assert [(number, plate, len(drops)) for (number, plate, _, drops) in shown()] == [
        (shown()[0][0], "", 4), (shown()[1][0], "", 1),
    ]  # fmt: skip
    assert Stop.objects.count() == 5


def test_a_driver_has_a_list_of_their_own(sorted_grid):
    put(van(crates=3, driver_id=7, most_trips=1), van("鄂A2", crates=3, driver_id=8, most_trips=1))
    plan()

    mine = queries.routes(SYSTEM, **NIGHT, driver_id=7)

    assert [one.plate for one in mine] == ["鄂A1"]
    assert queries.routes(SYSTEM, **NIGHT, driver_id=9) == ()
    assert Route.objects.count() == 2


def test_goods_that_come_late_in_any_case_still_go_out(sorted_grid):
    slow = RoutingPlan(metres_per_hour=50, iterations=20, most_seconds=0)

    outcome = commands.plan_routes(SYSTEM, **NIGHT, plan=slow)

    assert (outcome.stops, outcome.late, outcome.unserved) == (5, 5, 0)
    assert min(stop.eta_at for one in make.routes() for stop in one.stops) > datetime.fromisoformat(
        "2026-11-21T16:00+08:00"
    )


def test_a_shift_that_ends_too_early_leaves_all_behind(sorted_grid):
    put(van(shift_from=time(5), shift_to=time(6, 5)))

    assert plan().unserved == 5
    assert {one.reason for one in queries.unserved_drops(SYSTEM, **NIGHT)} == {"off_shift"}


def test_only_those_who_edit_plan_lock_and_move(sorted_grid):
    put(van())
    plan()
    driver = provinces.staff("fulfilment.drive")
    (route,) = make.routes()

    for attempt in (
        lambda: put(van(), caller=driver),
        lambda: commands.replan_routes(driver, **NIGHT, grid_code="G1"),
        lambda: commands.lock_route(driver, province_id=HUBEI, route_id=route.id),
        lambda: commands.move_drop(driver, province_id=HUBEI, drop_id=route.stops[0].drop_id, to=MoveTo(off=True)),
    ):
        with pytest.raises(Forbidden):
            attempt()
    assert len(queries.vehicles(driver, province_id=HUBEI)) == 1
    with pytest.raises(NotFound):
        commands.replan_routes(SYSTEM, **NIGHT, grid_code="C")
    with pytest.raises(NotFound):
        lock(0)
