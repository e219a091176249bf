"""Signing, packing, collecting and claiming over HTTP."""

from __future__ import annotations

import pytest

from lintuan.catalog import queries as catalog
from lintuan.kernel.ids import public_id
from tests.make import fulfilment as make
from tests.make import leaders, members, ordering, pricing
from tests.make.http import Api
from tests.make.ordering import EVENING
from tests.make.provinces import HUBEI

pytestmark = pytest.mark.django_db

SALE_ON = "2026-11-20"


@pytest.fixture
def point(clock_at):
    clock_at(EVENING)
    made = leaders.point()
    make.network([made])
    return made


def code_of(offer) -> str:
    return catalog.sku(offer.sku_id).code


def test_a_leader_signs_for_a_drop_and_says_what_is_missing(clock_at, point):
    kale = pricing.offer()
    make.buy(point, (kale, 5))
    make.driven(clock_at)
    leader = Api(leaders.leader_of(point))

    _, before = leader.get("/leader/drops", sale_on=SALE_ON)
    (drop,) = before["drops"]
    body = {"discrepancies": [{"sku_code": code_of(kale), "short": 1, "damaged": 1}]}
    status, _ = leader.post(f"/leader/drops/{drop['id']}/sign", body, key="k")

    (after,) = leader.get("/leader/drops", sale_on=SALE_ON)[1]["drops"]
    assert (drop["state"], drop["lines"][0]["sent"], drop["lines"][0]["name"]) == ("delivered", 5, "上海青")
    assert (status, after["state"]) == (200, "signed")
    assert [(line["sent"], line["short"], line["damaged"]) for line in after["lines"]] == [(5, 1, 1)]
    assert leader.post(f"/leader/drops/{drop['id']}/sign", body, key="k")[0] == 200
    assert leader.post(f"/leader/drops/{drop['id']}/sign", body)[1]["code"] == "signed_already"


def test_goods_that_were_not_sent_cannot_be_short(clock_at, point):
    kale = pricing.offer()
    make.buy(point, (kale, 5))
    make.driven(clock_at)
    leader = Api(leaders.leader_of(point))
    path = f"/leader/drops/{public_id('drop', HUBEI, make.drop(point).id)}/sign"

    unknown = leader.post(path, {"discrepancies": [{"sku_code": "NOTHING", "short": 1}]})
    too_many = leader.post(path, {"discrepancies": [{"sku_code": code_of(kale), "short": 6}]})
    halves = leader.post(path, {"discrepancies": [{"sku_code": code_of(kale), "short": 0.5}]})

    assert (unknown[0], too_many[1]["code"], halves[0]) == (404, "more_than_sent", 422)
    assert too_many[1]["facts"] == {"sku_code": code_of(kale), "sent": 5, "missing": 6}


def test_a_member_shows_a_code_and_the_leader_hands_out(clock_at, point):
    kale = pricing.offer()
    buyer = members.member(name="王小明", phone_number="13612345678")
    make.buy(point, (kale, 2), member=buyer)
    make.signed(clock_at)
    member, leader = Api(buyer), Api(leaders.leader_of(point))

    _, mine = member.get("/me/pickups")
    (pickup,) = mine["pickups"]
    _, listed = leader.get("/leader/pickups", sale_on=SALE_ON)
    status, done = leader.post("/leader/pickups/collect", {"code": pickup["code"]}, key="k")

    assert pickup["qr_svg"].startswith("<svg ")
    assert (pickup["state"], pickup["point"]["name"], pickup["goods"][0]["quantity"]) == ("waiting", point.name, 2)
    (row,) = listed["pickups"]
    assert (row["name"], row["phone"], row["units"], "code" in row) == ("王**", "136****5678", 2, False)
    assert (status, done["id"]) == (200, pickup["id"])
    (after,) = member.get("/me/pickups")[1]["pickups"]
    assert (after["state"], after["qr_svg"]) == ("collected", "")


def test_a_used_code_says_when_and_a_wrong_one_says_nothing(clock_at, point):
    order = make.buy(point, (pricing.offer(), 1))
    make.collected(clock_at, order)
    code = make.pickup(order).code
    leader = Api(leaders.leader_of(point))

    used = leader.post("/leader/pickups/collect", {"code": code})
    wrong = [leader.post("/leader/pickups/collect", {"code": f"00000{n}"}) for n in range(6) if f"00000{n}" != code]

    assert (used[0], used[1]["code"], used[1]["facts"]) == (
        409, "collected_already", {"at": "2026-11-21T10:00+00:00"},
    )  # fmt: skip
    assert [status for status, _ in wrong[:5]] == [404] * 5
    assert leader.post("/leader/pickups/collect", {"code": code})[0] == 429
    assert leader.post("/leader/pickups/collect", {"code": "12345"})[0] == 422


def test_members_and_leaders_have_their_own_pages(point):
    member, leader = Api(members.member()), Api(leaders.leader_of(point))

    assert leader.get("/me/pickups")[0] == leader.get("/me/claims")[0] == 403
    assert member.get("/leader/drops", sale_on=SALE_ON)[0] == 403
    assert member.get("/leader/pickups", sale_on=SALE_ON)[0] == 403
    assert member.post("/leader/pickups/collect", {"code": "123456"})[0] == 403
    assert Api().get("/me/pickups")[0] == 401


def test_a_member_claims_and_sees_what_came_of_it(clock_at):
    clock_at(EVENING)
    order = make.collected_order(clock_at, (pricing.offer(599), 3))
    member = Api(ordering.buyer_of(order))
    body = {
        "order": public_id("order", HUBEI, order.id),
        "line": public_id("line", HUBEI, order.lines[0].id),
        "cause": "quality",
        "quantity": 2,
        "note": "两个烂了",
    }

    status, claim = member.post("/me/claims", body, key="k")

    assert (status, claim["state"], claim["amount_fen"], claim["name"]) == (200, "granted", 1198, "上海青")
    assert claim["paid_back_fen"] == 1198
    assert member.post("/me/claims", body, key="k") == (200, claim)
    assert member.get("/me/claims")[1] == {"claims": [claim]}
    assert member.post("/me/claims", body)[1]["code"] == "claim_too_much"


def test_a_strangers_order_cannot_be_claimed_for(clock_at):
    clock_at(EVENING)
    order = make.collected_order(clock_at, (pricing.offer(599), 3))
    body = {
        "order": public_id("order", HUBEI, order.id),
        "line": public_id("line", HUBEI, order.lines[0].id),
        "cause": "quality",
        "quantity": 1,
    }

    assert Api(members.member()).post("/me/claims", body)[0] == 404
    assert Api(members.member()).post("/me/claims", {**body, "cause": "boredom"})[0] == 422
