"""Household baskets over HTTP."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest

from lintuan.kernel.ids import public_id
from lintuan.leaders.types import PointView
from lintuan.ordering.models import Order
from lintuan.pricing.types import OfferView
from tests.make import fulfilment, leaders, members, ordering, pricing
from tests.make.http import Api
from tests.make.provinces import HUBEI

pytestmark = pytest.mark.django_db

Clock = Callable[[str], datetime]


@pytest.fixture(autouse=True)
def evening(clock_at: Clock) -> None:
    clock_at(ordering.EVENING)


def offer_id(offer: OfferView) -> str:
    return public_id("offer", HUBEI, offer.id)


def point_id(point: PointView) -> str:
    return public_id("point", HUBEI, point.id)


def opened(opener: Api, point: PointView | None = None) -> dict[str, Any]:
    status, basket = opener.post("/baskets", {"point": point_id(point or leaders.point())}, key="open")
    assert status == 201
    return basket


def put_in(api: Api, basket: dict[str, Any], *lines: tuple[OfferView, int]) -> tuple[int, Any]:
    wishes = [{"offer": offer_id(offer), "quantity": units} for offer, units in lines]
    return api.put(f"/baskets/{basket['id']}/lines", {"lines": wishes})


def order(api: Api, basket: dict[str, Any], lines: Any, *, together: bool = False) -> tuple[int, Any]:
    wish = {"point": basket["point"], "lines": lines, "basket": basket["id"], "together": together}
    return api.post("/orders", wish, key="order")


def test_neighbours_fill_a_basket_and_one_pays_for_both() -> None:
    mum, son = Api(members.member(name="王芳")), Api(members.member(name="王小明"))
    eggs, greens = pricing.offer(1580), pricing.offer(299)
    basket = opened(mum)
    assert (basket["state"], basket["people"][0]["name"], len(basket["code"])) == ("open", "王**", 8)

    assert son.post("/baskets/join", {"code": basket["code"].lower()})[0] == 200
    put_in(mum, basket, (eggs, 2))
    _, seen = put_in(son, basket, (eggs, 1), (greens, 3))
    status, placed = order(mum, basket, seen["all_to_order"], together=True)

    assert seen["mine_to_order"] == [
        {"offer": offer_id(eggs), "quantity": 1, "price_fen": 1580},
        {"offer": offer_id(greens), "quantity": 3, "price_fen": 299},
    ]
    assert seen["all_to_order"][0] == {"offer": offer_id(eggs), "quantity": 3, "price_fen": 1580}
    assert (status, placed["amount_fen"]) == (201, 3 * 1580 + 3 * 299)
    _, after = son.get(f"/baskets/{basket['id']}")
    assert [[line["state"] for line in person["lines"]] for person in after["people"]] == [
        ["unpaid"], ["unpaid", "unpaid"],
    ]  # fmt: skip
    assert (after["mine_to_order"], after["all_to_order"]) == ([], [])
    assert [one["id"] for one in son.get("/baskets")[1]["baskets"]] == [basket["id"]]


def test_neighbours_pay_apart() -> None:
    mum, son = Api(members.member()), Api(members.member())
    eggs, basket = pricing.offer(1580), opened(mum)
    son.post("/baskets/join", {"code": basket["code"]})
    put_in(mum, basket, (eggs, 2))
    _, seen = put_in(son, basket, (eggs, 1))

    status, placed = order(son, basket, seen["mine_to_order"])

    assert (status, placed["amount_fen"]) == (201, 1580)
    assert mum.get(f"/baskets/{basket['id']}")[1]["all_to_order"][0]["quantity"] == 2


def test_goods_are_shown_in_the_readers_language() -> None:
    opener = members.member()
    basket = opened(Api(opener))

    _, english = put_in(Api(opener), basket, (pricing.offer(), 1))
    _, chinese = Api(opener, language="zh-hans").get(f"/baskets/{basket['id']}")

    names = [seen["people"][0]["lines"][0]["name"] for seen in (english, chinese)]
    assert names == ["Shanghai bok choy", "上海青"]


def test_an_order_must_be_all_of_what_is_open() -> None:
    mum = Api(members.member())
    eggs, basket = pricing.offer(1580), opened(mum)
    _, seen = put_in(mum, basket, (eggs, 2))
    (line,) = seen["mine_to_order"]

    status, problem = order(mum, basket, [line | {"quantity": 1}])

    assert (status, problem["code"]) == (409, "basket_changed")
    assert not Order.objects.exists()


def test_outsiders_find_no_basket() -> None:
    point = leaders.point()
    basket = opened(Api(members.member()), point)

    for outsider in (Api(members.member()), Api(leaders.leader_of(point))):
        assert outsider.get(f"/baskets/{basket['id']}")[0] == 404
    stranger, eggs = Api(members.member()), pricing.offer()
    assert put_in(stranger, basket, (eggs, 1))[1]["code"] == "basket_unknown"
    line = {"offer": offer_id(eggs), "quantity": 1, "price_fen": eggs.price.fen}
    assert order(stranger, basket, [line])[1]["code"] == "basket_unknown"
    assert Api().get("/baskets")[0] == 401


def test_what_is_no_basket_of_the_province_is_not_found() -> None:
    mum = Api(members.member())
    basket, eggs = opened(mum), pricing.offer()
    line = {"offer": offer_id(eggs), "quantity": 1, "price_fen": eggs.price.fen}

    for wrong in ("nonsense", public_id("basket", 34, 1), basket["point"]):
        wish = {"point": basket["point"], "lines": [line], "basket": wrong}
        assert mum.post("/orders", wish, key="k")[0] == 404
        assert mum.get(f"/baskets/{wrong}")[0] == 404
    assert mum.post("/baskets/join", {"code": "22222222"})[0] == 404


@pytest.mark.parametrize("quantity", ["2", 1.5, None, -1, 10**30])
def test_a_quantity_that_is_none_is_refused(quantity: Any) -> None:
    mum = Api(members.member())
    basket, eggs = opened(mum), pricing.offer()
    body = {"lines": [{"offer": offer_id(eggs), "quantity": quantity}]}

    assert mum.put(f"/baskets/{basket['id']}/lines", body)[0] == 422
    assert mum.get(f"/baskets/{basket['id']}")[1]["people"][0]["lines"] == []


def test_none_of_an_offer_takes_it_out() -> None:
    mum = Api(members.member())
    basket, eggs, greens = opened(mum), pricing.offer(), pricing.offer()
    put_in(mum, basket, (eggs, 2), (greens, 1))

    _, after = put_in(mum, basket, (eggs, 0), (greens, 3))

    assert after["mine_to_order"] == [{"offer": offer_id(greens), "quantity": 3, "price_fen": 399}]


def test_a_basket_is_closed_by_its_opener_and_left_by_anyone() -> None:
    mum, son = Api(members.member()), Api(members.member())
    basket = opened(mum)
    son.post("/baskets/join", {"code": basket["code"]})

    assert son.post(f"/baskets/{basket['id']}/close")[0] == 403
    assert mum.post(f"/baskets/{basket['id']}/close")[1]["state"] == "closed"
    assert son.post(f"/baskets/{basket['id']}/leave") == (204, None)
    assert son.get(f"/baskets/{basket['id']}")[0] == 404


def test_a_neighbour_without_an_order_of_their_own_collects_for_all(clock_at: Clock) -> None:
    payer, other = members.member(), members.member()
    point, eggs = leaders.point(), pricing.offer(1580)
    fulfilment.network([point])
    basket = opened(Api(payer), point)
    Api(other).post("/baskets/join", {"code": basket["code"]})
    _, seen = put_in(Api(other), basket, (eggs, 2))
    order(Api(payer), basket, seen["all_to_order"], together=True)
    ordering.pay(ordering.now_all(payer)[0])
    fulfilment.signed(clock_at)

    (pickup,) = Api(other).get("/me/pickups")[1]["pickups"]
    leader = Api(leaders.leader_of(point))
    (row,) = leader.get("/leader/pickups", sale_on="2026-11-20")[1]["pickups"]
    status, _ = leader.post("/leader/pickups/collect", {"code": pickup["code"]}, key="k")

    assert pickup["basket"] == row["basket"] == basket["id"]
    assert (status, pickup["goods"][0]["quantity"]) == (200, 2)
    assert [one["state"] for one in Api(payer).get("/orders")[1]["orders"]] == ["collected"]


def test_one_may_collect_alone() -> None:
    mum = Api(members.member())
    path = f"/baskets/{opened(mum)['id']}/collection"

    assert mum.put(path, {"joint": False})[1]["people"][0]["is_joint"] is False
    assert mum.put(path, {"joint": True})[1]["people"][0]["is_joint"] is True
    assert mum.put(path, {})[0] == 422


def test_an_export_holds_ones_own_part_of_a_basket_only() -> None:
    mum, son = Api(members.member()), Api(members.member())
    eggs, greens = pricing.offer(1580), pricing.offer(299)
    basket = opened(mum)
    son.post("/baskets/join", {"code": basket["code"]})
    put_in(mum, basket, (eggs, 2))
    put_in(son, basket, (greens, 3))

    (kept,) = son.get("/me/export")[1]["baskets"]

    assert (kept["sale_on"], kept["is_opener"], kept["is_joint"]) == ("2026-11-20", False, True)
    assert [line["quantity"] for line in kept["lines"]] == [3]


def test_a_limit_per_life_is_published_shown_and_kept() -> None:
    buyer, point = members.member(), leaders.point()
    offer = pricing.offer(399, per_life_limit=1)
    wish = {"point": point_id(point), "lines": [{"offer": offer_id(offer), "quantity": 2, "price_fen": 399}]}

    (shown,) = Api().get(f"/points/{point_id(point)}/shelf")[1]["offers"]
    status, problem = Api(buyer).post("/orders", wish, key="k")

    assert shown["per_life_limit"] == 1
    assert (status, problem["code"], problem["facts"]["most"], problem["facts"]["bought"]) == (
        409, "limit_per_life", 1, 0,
    )  # fmt: skip
