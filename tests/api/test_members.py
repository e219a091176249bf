from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import pytest

from lintuan.fulfilment import commands as fulfilment_commands
from lintuan.kernel.callers import Caller, Kind
from lintuan.kernel.ids import public_id, read_public_id
from lintuan.members.models import Member
from tests.make import fulfilment, leaders, ordering, photos, pricing, provinces
from tests.make.http import CLIENT, Api
from tests.make.members import member
from tests.make.provinces import HUBEI

pytestmark = pytest.mark.django_db


def test_staff_bring_over_neighbours_with_their_points() -> None:
    view = leaders.point()
    api = Api(provinces.staff("members.import"))
    people = [
        {"phone": "138 0000 8000", "name": "李雷", "point_id": public_id("point", HUBEI, view.id)},
        {"phone": "13800008001"},
    ]

    status, answer = api.post("/members/import", {"province_id": HUBEI, "people": people}, key="k")

    assert (status, answer["created"], set(answer["ids"])) == (200, 2, {"13800008000", "13800008001"})
    assert api.post("/members/import", {"province_id": HUBEI, "people": people}, key="k")[1] == answer
    _, neighbour_id = read_public_id("member", answer["ids"]["13800008000"])
    _, me = Api(Caller(Kind.MEMBER, neighbour_id, HUBEI)).get("/me")
    assert (me["name"], me["point"]["code"]) == ("李雷", view.code)


def test_a_list_with_a_bad_phone_brings_over_nobody() -> None:
    provinces.province()
    people = [{"phone": "13800008000"}, {"phone": "12345"}]

    status, problem = Api(provinces.staff()).post("/members/import", {"province_id": HUBEI, "people": people})

    assert (status, problem["code"]) == (422, "phone_invalid")
    assert not Member.objects.exists()


def test_neighbours_bring_over_nobody() -> None:
    body = {"province_id": HUBEI, "people": [{"phone": "13800008000"}]}

    assert Api(member()).post("/members/import", body)[0] == 403
    assert Api().post("/members/import", body)[0] == 401


def test_a_neighbour_exports_what_is_kept_and_is_then_forgotten() -> None:
    neighbour, view = member(phone_number="13800008000", name="李雷"), leaders.point()
    api = Api(neighbour)
    api.put("/me/point", {"point_id": public_id("point", HUBEI, view.id)})
    assert api.put("/me/consents", {"version": "2026-11"}) == (204, None)

    _, kept = api.get("/me/export")
    assert (kept["phone"], kept["name"], kept["point"]["code"]) == ("13800008000", "李雷", view.code)
    assert [(one["item"], one["version"]) for one in kept["consents"]] == [("privacy", "2026-11")]
    assert api.delete("/me") == (204, None)

    assert api.get("/me")[0] == 404
    assert Member.objects.get().phone is None


def test_an_export_holds_the_orders_of_the_neighbour_and_of_nobody_else(clock_at: Callable[[str], datetime]) -> None:
    clock_at(ordering.EVENING)
    neighbour = member()
    mine = [ordering.order(member=neighbour) for _ in range(2)]
    ordering.order()

    _, kept = Api(neighbour).get("/me/export")

    assert [one["number"] for one in kept["orders"]] == [mine[1].number, mine[0].number]
    assert {one["amount_fen"] for one in kept["orders"]} == {order.amount.fen for order in mine}


def test_an_export_holds_collections_claims_and_photos(clock_at: Callable[[str], datetime]) -> None:
    clock_at(ordering.EVENING)
    point = leaders.point()
    fulfilment.network([point])
    order = fulfilment.buy(point, (pricing.offer(), 2))
    fulfilment.signed(clock_at)
    neighbour, pickup = ordering.buyer_of(order), fulfilment.pickup(order)
    fulfilment_commands.make_proxy(neighbour, province_id=HUBEI, pickup_id=pickup.id)
    fulfilment.hand_out(order)
    used, _ = (fulfilment_commands.keep_photo(neighbour, province_id=HUBEI, content=photos.a_jpeg()) for _ in range(2))
    fulfilment.claim(order, note="两个烂了", photos=(used,))

    _, kept = Api(neighbour).get("/me/export")

    (handed,) = kept["pickups"]
    assert (handed["sale_on"], handed["point_code"], handed["state"]) == ("2026-11-20", point.code, "collected")
    assert handed["collected_at"] == "2026-11-21T07:30:00Z"
    (sent,) = handed["proxies"]
    assert (sent["made_at"], sent["ended_at"], sent["is_used"]) == ("2026-11-21T07:30:00Z",) * 2 + (False,)
    (claim,) = kept["claims"]
    assert (claim["cause"], claim["note"], claim["state"]) == ("quality", "两个烂了", "granted")
    assert claim["amount_fen"] > 0
    (photo,) = kept["photos"]
    assert photo["address"] != claim["photos"][0]
    assert [CLIENT.get(one).status_code for one in (photo["address"], *claim["photos"])] == [200, 200]
    _, of_another = Api(member()).get("/me/export")
    assert (of_another["pickups"], of_another["claims"], of_another["photos"]) == ([], [], [])


def test_only_members_are_exported_and_forgotten() -> None:
    leader = leaders.leader_of(leaders.point())

    for caller, status in ((Api(leader), 403), (Api(provinces.staff()), 403), (Api(), 401)):
        assert caller.get("/me/export")[0] == status
        assert caller.delete("/me")[0] == status
        assert caller.put("/me/consents", {"version": "2026-11"})[0] == status
