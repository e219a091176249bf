"""The page of routes: locked, planned anew and changed by hand, as a browser sends it."""

from __future__ import annotations

import pytest

from lintuan.fulfilment import commands
from lintuan.fulfilment.types import NewVehicle
from lintuan.kernel.callers import SYSTEM
from lintuan.kernel.ids import public_id
from tests.make import fulfilment as make
from tests.make import leaders, pricing, provinces
from tests.make.console import Desk
from tests.make.ordering import EVENING
from tests.make.provinces import HUBEI

pytestmark = pytest.mark.django_db


@pytest.fixture
def points(clock_at):
    """Four points of one grid, a crate each, and two vans of two crates."""
    clock_at(EVENING)
    points = leaders.points(4)
    make.network(points)
    offer = pricing.offer()
    for point in points:
        make.buy(point, (offer, 20))
    vans = [NewVehicle(grid_code="G1", plate=f"鄂A{n}", driver="王师傅", crates=2, most_trips=1) for n in (1, 2)]
    make.grids_sorted(clock_at)
    commands.put_vehicles(SYSTEM, province_id=HUBEI, vehicles=tuple(vans))
    make.vans_planned(clock_at)
    return points


@pytest.fixture
def desk(points) -> Desk:
    desk = Desk(provinces.staff())
    desk.read("routes/", sale_on="2026-11-20")
    return desk


def codes() -> dict[str, list[str]]:
    return {route.number: [stop.point_code for stop in route.stops] for route in make.routes()}


def test_a_route_is_locked_and_given_free_with_its_van_and_times_shown(desk: Desk):
    route = make.routes()[0]
    there = f"routes/{public_id('route', HUBEI, route.id)}/"

    assert "Locked." in desk.send(there, do="lock")
    shown = desk.read("routes/")
    assert f"{route.plate} 王师傅 · trip 1 06:00–" in shown
    assert make.routes()[0].is_locked
    assert "Planned anew: 1 · 2 · " in desk.send("routes/replan/", grid="G1")
    assert "Unlocked." in desk.send(there, do="unlock")
    assert not make.routes()[0].is_locked


def test_a_stop_is_moved_off_and_onto_a_route(desk: Desk):
    (first, (point, other)), (second, rest) = codes().items()

    assert "Moved." in desk.send("routes/move/", point=point, route="")
    assert codes() == {first: [other], second: rest}
    shown = desk.read("routes/")
    assert f"{point} G1 taken off by hand" in shown
    assert "Moved." in desk.send("routes/move/", point=point, route=first, rank="2")
    assert codes() == {first: [other, point], second: rest}


def test_a_move_that_breaks_a_limit_says_which_unless_it_is_meant(desk: Desk):
    (first, (point, other)), (second, rest) = codes().items()
    over = {"point": point, "route": second, "rank": "1"}

    said = desk.send("routes/move/", **over)
    assert "This move cannot be kept: 鄂A" in said
    assert " has 1 crates too many." in said
    assert "Moved." in desk.send("routes/move/", **over, anyway="on")
    assert codes() == {first: [other], second: [point, *rest]}


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"point": "none", "route": "G1-1"}, "There is no such point none."),
        ({"point": "", "route": "G1-9"}, "There is no such route."),
        ({"point": "", "route": "G1-1", "rank": "-1"}, "The request is malformed: rank"),
    ],
)
def test_what_is_not_there_is_said(desk: Desk, fields: dict[str, str], said: str):
    assert said in desk.send("routes/move/", **fields, back="/console/routes/")


def test_those_who_only_drive_see_no_forms_and_may_not_send_them(desk: Desk):
    driver = Desk(provinces.staff("fulfilment.drive", phone="13900000003"))

    shown = driver.open("routes/", sale_on="2026-11-20").content.decode()

    assert "鄂A1" in shown
    assert 'id="move"' not in shown
    assert "draggable" not in shown
    assert "You may not do this." in driver.send("routes/move/", point="", route="")
