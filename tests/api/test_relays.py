"""Relay lists over HTTP."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest

from lintuan.kernel.ids import public_id
from lintuan.leaders.types import PointView
from lintuan.pricing.types import OfferView
from tests.make import leaders, members, ordering, relays
from tests.make.http import Api
from tests.make.provinces import HUBEI

pytestmark = pytest.mark.django_db

TEXT = "1. 张姐 土豆2份\n2. 李哥 榴莲一个"


@pytest.fixture(autouse=True)
def evening(clock_at: Callable[[str], datetime]) -> None:
    clock_at(ordering.EVENING)


@pytest.fixture
def point() -> PointView:
    return leaders.point()


@pytest.fixture
def potatoes() -> OfferView:
    return relays.offer("土豆", "份", 300)


def point_id(point: PointView) -> str:
    return public_id("point", HUBEI, point.id)


def offer_id(offer: OfferView) -> str:
    return public_id("offer", HUBEI, offer.id)


def pasted(point: PointView) -> tuple[Api, dict[str, Any]]:
    leader = Api(leaders.leader_of(point), language="zh-hans")
    status, relay = leader.put(f"/points/{point_id(point)}/relay", {"text": TEXT}, key="paste")
    assert status == 200
    return leader, relay


def test_a_list_is_pasted_settled_found_and_confirmed(point: PointView, potatoes: OfferView) -> None:
    leader, relay = pasted(point)
    zhang, li = relay["drafts"]
    line = {"offer": offer_id(potatoes), "quantity": 1}
    status, settled = leader.put(f"/relay-drafts/{li['id']}/lines", {"lines": [line, {"offer": "", "quantity": 0}]})
    neighbour = Api(members.member())
    _, found = neighbour.post("/relay-drafts/find", {"point": point_id(point), "code": zhang["code"].lower()})
    wish = {
        "point": point_id(point), "code": zhang["code"],
        "lines": [{"offer": one["offer"], "quantity": one["quantity"], "price_fen": one["price_fen"]}
                  for one in found["lines"]],
    }  # fmt: skip
    placed, order = neighbour.post("/relay-drafts/confirm", wish, key="k")

    assert (zhang["name"], zhang["state"], zhang["amount_fen"], zhang["doubts"]) == ("张姐", "ready", 600, [])
    assert (li["state"], li["doubts"], li["unread"]) == ("unsettled", ["nothing", "unread"], "榴莲一个")
    assert (status, settled["state"], settled["lines"][0]["name"]) == (200, "ready", "土豆")
    assert (found["name"], found["lines"][0]["name"]) == ("张姐", "Good 土豆")
    assert (placed, order["amount_fen"], order["state"]) == (201, 600, "unpaid")
    _, now = leader.get(f"/points/{point_id(point)}/relay")
    assert (now["confirmed"], [one["state"] for one in now["drafts"]]) == (1, ["confirmed", "ready"])
    assert neighbour.post("/relay-drafts/confirm", wish, key="k") == (placed, order)
    assert neighbour.post("/relay-drafts/confirm", wish, key="other")[1]["code"] == "relay_confirmed"


def test_strangers_see_no_list_and_guess_no_codes(point: PointView, potatoes: OfferView) -> None:
    pasted(point)
    neighbour, address = Api(members.member()), f"/points/{point_id(point)}/relay"

    assert [Api().get(address)[0], neighbour.get(address)[0]] == [401, 404]
    assert Api(leaders.leader_of(leaders.point())).get(address)[0] == 404
    guesses = [neighbour.post("/relay-drafts/find", {"point": point_id(point), "code": "----"}) for _ in range(11)]
    assert [status for status, _ in guesses] == [404] * 10 + [429]


def test_an_export_holds_the_name_that_stood_in_the_chat(point: PointView, potatoes: OfferView) -> None:
    pasted(point)
    member = members.member()
    relays.confirm(member, relays.see(point).drafts[0])

    _, kept = Api(member).get("/me/export")
    _, of_another = Api(members.member()).get("/me/export")

    assert [(one["sale_on"], one["number"], one["name"]) for one in kept["relay_lines"]] == [("2026-11-20", 1, "张姐")]
    assert of_another["relay_lines"] == []
