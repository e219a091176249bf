"""The night as staff and drivers see it over HTTP."""

from __future__ import annotations

import pytest

from lintuan.kernel.ids import public_id
from tests.make import fulfilment as make
from tests.make import leaders, members, pricing, provinces
from tests.make.http import Api
from tests.make.ordering import EVENING
from tests.make.provinces import HUBEI

pytestmark = pytest.mark.django_db

DAY = {"province_id": HUBEI, "sale_on": "2026-11-20"}


@pytest.fixture
def staff(clock_at) -> Api:
    clock_at(EVENING)
    provinces.province()
    return Api(provinces.staff())


def warehouse(code: str, kind: str = "grid", **given: object) -> dict[str, object]:
    return {"kind": kind, "code": code, "name": "仓", "lat": 30.6, "lng": 114.3, **given}


def test_warehouses_are_imported_with_the_points_they_serve(staff):
    point = leaders.point()
    body = {
        "province_id": HUBEI,
        "warehouses": [warehouse("C", "centre"), warehouse("G1", points=[point.code])],
    }

    status, answer = staff.post("/warehouses/import", body, key="k")

    assert (status, set(answer["ids"]), answer["points"]) == (200, {"C", "G1"}, 1)
    assert staff.post("/warehouses/import", body, key="k") == (200, answer)


def test_vans_are_imported_and_a_driver_sees_the_routes_that_are_theirs(staff, clock_at):
    points = leaders.points(2)
    make.network(points)
    for point in points:
        make.buy(point, (pricing.offer(), 20))
    make.grids_sorted(clock_at)
    driver = provinces.staff("fulfilment.drive", phone="13900000004")
    van = {"grid_code": "G1", "plate": "鄂A1", "driver": "王师傅", "driver_id": driver.id, "crates": 1, "most_trips": 1}
    body = {"province_id": HUBEI, "vehicles": [van, {**van, "plate": "鄂A2", "driver_id": None}]}

    status, answer = staff.post("/vehicles/import", body, key="v")
    make.vans_planned(clock_at)

    assert (status, set(answer["ids"])) == (200, {"鄂A1", "鄂A2"})
    assert staff.post("/vehicles/import", body, key="v") == (200, answer)
    seen = [Api(driver).get("/routes", **DAY, **more)[1]["routes"] for more in ({}, {"mine": True})]
    assert [sorted(route["plate"] for route in routes) for routes in seen] == [["鄂A1", "鄂A2"], ["鄂A1"]]
    assert [(one["trip"], one["driver"], one["is_locked"]) for one in seen[1]] == [(1, "王师傅", False)]
    assert staff.post("/vehicles/import", {**body, "vehicles": [{**van, "crates": 0}]})[0] == 422


def test_a_second_centre_and_unknown_points_are_refused(staff):
    two = {"province_id": HUBEI, "warehouses": [warehouse("C", "centre"), warehouse("D", "centre")]}
    lost = {"province_id": HUBEI, "warehouses": [warehouse("G", points=["nowhere"])]}

    assert [staff.post("/warehouses/import", body)[0] for body in (two, lost)] == [409, 404]
    assert staff.post("/warehouses/import", {"province_id": HUBEI, "warehouses": [warehouse("G", "moon")]})[0] == 422


def test_tasks_come_in_pages_and_are_reported_in_bulk(clock_at, staff):
    make.network([point := leaders.point()])
    make.buy(point, *((offer, 5) for offer in pricing.offers(3)))
    make.planned(clock_at)

    _, first = staff.get("/sorting", **DAY, level=1, limit=2)
    _, rest = staff.get("/sorting", **DAY, level=1, limit=2, after=first["after"])

    tasks = first["tasks"] + rest["tasks"]
    assert [len(first["tasks"]), len(rest["tasks"]), rest["after"]] == [2, 1, None]
    assert {(task["to"], task["planned"], task["done"], task["state"]) for task in tasks} == {("G1", 5, None, "open")}
    body = {"province_id": HUBEI, "reports": [{"task": task["id"], "quantity": 5} for task in tasks]}
    assert staff.post("/sorting/reports", body, key="k") == (200, {"reported": 3})


def test_a_report_of_too_much_says_which_task_in_the_readers_language(clock_at, staff):
    make.network([point := leaders.point()])
    make.buy(point, (pricing.offer(), 5))
    make.planned(clock_at)
    _, listed = staff.get("/sorting", **DAY, level=1)
    body = {"province_id": HUBEI, "reports": [{"task": listed["tasks"][0]["id"], "quantity": 6}]}

    status, problem = staff.post("/sorting/reports", body)
    _, chinese = Api(provinces.staff(), language="zh-hans").post("/sorting/reports", body)

    assert (status, problem["code"]) == (409, "sorted_too_much")
    assert problem["facts"] == {"task": listed["tasks"][0]["id"], "planned": 5, "quantity": 6}
    assert "只需 5 件" in chinese["title"]


def test_the_points_level_names_its_points(clock_at, staff):
    make.network([point := leaders.point()])
    make.buy(point, (pricing.offer(), 5))
    make.planned(clock_at)

    _, listed = staff.get("/sorting", **DAY, level=2)

    assert [(task["warehouse_code"], task["to"]) for task in listed["tasks"]] == [("G1", point.code)]


def test_a_driver_sees_the_route_leaves_and_delivers(clock_at, staff):
    make.network([point := leaders.point()])
    make.buy(point, (pricing.offer(), 5))
    make.routed(clock_at)
    driver = Api(provinces.staff("fulfilment.drive", phone="13900000009"))

    _, answer = driver.get("/routes", **DAY)
    (route,) = answer["routes"]
    (stop,) = route["stops"]
    depart = driver.post(f"/routes/{route['id']}/depart", key="a")
    deliver = driver.post(f"/stops/{stop['id']}/deliver", key="b")

    assert (route["number"], stop["point_code"], stop["units"]) == ("G1-1", point.code, 5)
    assert route["line"][0] == route["line"][-1] == [114.25, 30.5]
    assert depart == (200, {"id": route["id"]})
    assert deliver == (200, {"id": stop["id"]})
    assert driver.get("/routes", **DAY)[1]["routes"][0]["state"] == "done"


def test_others_have_no_business_in_the_night(clock_at, staff):
    member, nobody = Api(members.member()), Api()

    for path in ("/sorting", "/routes"):
        assert member.get(path, **DAY, level=1)[0] == 403
        assert nobody.get(path, **DAY, level=1)[0] == 401
    assert member.get("/claims", province_id=HUBEI)[0] == 403
    assert member.post(f"/routes/{public_id('route', HUBEI, 1)}/depart")[0] == 403
    assert staff.post("/routes/nonsense/depart")[0] == 404


def test_staff_decide_a_claim(clock_at, staff):
    order = make.collected_order(clock_at, (pricing.offer(6000), 1))
    make.claim(order)

    _, listed = staff.get("/claims", province_id=HUBEI)
    (claim,) = listed["claims"]
    status, decided = staff.post(f"/claims/{claim['id']}/decide", {"amount_fen": 2500, "fault": "grid"}, key="k")

    assert (claim["state"], claim["proposed_fen"]) == ("open", 6000)
    assert (status, decided["state"], decided["amount_fen"], decided["fault"]) == (200, "granted", 2500, "grid")
    assert staff.get("/claims", province_id=HUBEI)[1] == {"claims": []}


def test_to_decline_without_a_reason_is_malformed(clock_at, staff):
    order = make.collected_order(clock_at, (pricing.offer(6000), 1))
    claim = public_id("claim", HUBEI, make.claim(order))

    assert staff.post(f"/claims/{claim}/decide", {"amount_fen": 0})[0] == 422
    assert staff.post(f"/claims/{claim}/decide", {"amount_fen": 1.5})[0] == 422
    assert staff.post(f"/claims/{claim}/decide", {"amount_fen": 6001})[1]["code"] == "amount_too_high"
