"""Orders over HTTP, good input and bad."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from lintuan.kernel.callers import SYSTEM, Caller
from lintuan.kernel.ids import public_id
from lintuan.leaders import commands as leaders_commands
from lintuan.leaders.types import PointView
from lintuan.ordering.models import Order
from lintuan.payments.commands import hear_notice
from lintuan.pricing.types import OfferView
from tests.make import leaders, members, pricing, provinces
from tests.make import ordering as make
from tests.make.http import Api
from tests.make.provinces import HUBEI
from tests.stand_ins import listen, run_standins

pytestmark = pytest.mark.django_db

Clock = Callable[[str], datetime]


@pytest.fixture(autouse=True)
def evening(clock_at: Clock) -> None:
    clock_at(make.EVENING)


def line(goods: OfferView, quantity: Any = 1, **changes: Any) -> dict[str, Any]:
    known = {"offer": public_id("offer", HUBEI, goods.id), "quantity": quantity, "price_fen": goods.price.fen}
    return known | changes


def wish(*lines: Mapping[str, Any], point: PointView | None = None, **changes: Any) -> dict[str, Any]:
    chosen = point or leaders.point()
    return {"point": public_id("point", HUBEI, chosen.id), "lines": list(lines)} | changes


def place(api: Api, body: Mapping[str, Any], *, key: str = "k") -> tuple[int, Any]:
    return api.post("/orders", body, key=key)


def test_an_order_is_placed_and_answered_with_its_lines_and_its_pickup_promise() -> None:
    point, eggs, greens = leaders.point(), pricing.offer(1580), pricing.offer(299)

    status, order = place(Api(members.member()), wish(line(eggs, 2), line(greens, 1), point=point))

    assert (status, order["state"], order["amount_fen"], order["refunded_fen"]) == (201, "unpaid", 3459, 0)
    assert order["collect"] == {
        "on": "2026-11-21", "from": "2026-11-21T08:00:00Z", "until": "2026-11-21T13:00:00Z",
    }  # fmt: skip
    assert (order["sale_on"], order["change_until"]) == ("2026-11-20", "2026-11-20T15:00:00Z")
    assert order["pay_by"].startswith("2026-11-20T12:15:00")
    assert order["point"]["name"] == point.name_en
    assert [(one["offer"], one["quantity"], one["due"], one["amount_fen"]) for one in order["lines"]] == [
        (line(eggs)["offer"], 2, 2, 3160), (line(greens)["offer"], 1, 1, 299),
    ]  # fmt: skip
    assert (order["number"][:4], len(order["number"]), order["paid_at"]) == ("1120", 10, None)


def test_a_neighbour_finds_the_order_again_in_their_language() -> None:
    buyer = members.member()
    _, order = place(Api(buyer), wish(line(pricing.offer())))

    _, shown = Api(buyer, language="zh-hans").get(f"/orders/{order['id']}")
    _, listed = Api(buyer).get("/orders")

    assert (shown["lines"][0]["name"], order["lines"][0]["name"]) == ("上海青", "Shanghai bok choy")
    assert listed == {"orders": [order]}


def test_orders_are_listed_page_by_page() -> None:
    buyer, point, offer = members.member(), leaders.point(), pricing.offer()
    orders = [place(Api(buyer), wish(line(offer), point=point), key=f"k{number}")[1] for number in range(3)]

    _, first = Api(buyer).get("/orders", limit=2)
    _, rest = Api(buyer).get("/orders", limit=2, before=first["orders"][-1]["id"])

    assert first["orders"] + rest["orders"] == orders[::-1]
    assert Api(buyer).get("/orders", limit=0)[0] == 422
    assert Api(buyer).get("/orders", before="nonsense")[0] == 404


def test_a_lost_answer_is_asked_for_again_with_the_same_key() -> None:
    api, body = Api(members.member()), wish(line(pricing.offer()))

    assert place(api, body) == place(api, body)
    assert Order.objects.count() == 1


def test_the_same_key_with_other_content_is_a_conflict() -> None:
    api, point, offer = Api(members.member()), leaders.point(), pricing.offer()
    place(api, wish(line(offer, 1), point=point))

    status, problem = place(api, wish(line(offer, 2), point=point))

    assert (status, problem["code"], Order.objects.count()) == (409, "key_reused", 1)


def test_without_a_key_or_a_sign_in_nothing_is_ordered() -> None:
    body = wish(line(pricing.offer()))

    assert place(Api(members.member()), body, key="")[1]["code"] == "invalid"
    assert place(Api(members.member()), body, key="k" * 81)[0] == 422
    assert place(Api(), body)[0] == 401
    assert place(Api(provinces.staff()), body)[0] == 403
    assert not Order.objects.exists()


def test_unknown_and_closed_points_are_refused() -> None:
    closed = leaders.point()
    leaders_commands.close_point(SYSTEM, province_id=HUBEI, point_id=closed.id)
    api, goods = Api(members.member()), line(pricing.offer())

    assert place(api, wish(goods, point=closed))[1]["code"] == "point_closed"
    for point in ("nonsense", public_id("point", HUBEI, 10**12), public_id("offer", HUBEI, closed.id)):
        status, problem = place(api, wish(goods, point=closed) | {"point": point})
        assert (status, problem["code"]) == (404, "not_found")
    assert not Order.objects.exists()


def test_sold_out_goods_are_refused_with_what_is_left() -> None:
    offer = pricing.offer(capacity=2)

    status, problem = place(Api(members.member()), wish(line(offer, 3)))

    assert (status, problem["code"], problem["facts"]["left"]) == (409, "sold_out", 2)
    assert problem["facts"]["offer"] == line(offer)["offer"]
    assert pricing.left(offer.id) == 2


def test_a_price_that_changed_meanwhile_is_told() -> None:
    offer = pricing.offer(price_fen=399)

    status, problem = place(Api(members.member()), wish(line(offer, 1, price_fen=389)))

    assert (status, problem["code"]) == (409, "price_changed")
    assert problem["facts"] == {"offer": line(offer)["offer"], "price": "3.99", "price_fen": 399}
    assert problem["title"] == "The price has changed; it is now 3.99 yuan."


def test_past_cut_off_the_next_opening_is_told_in_the_readers_language(clock_at: Clock) -> None:
    buyer, body = members.member(), wish(line(pricing.offer()))
    clock_at(make.CUTOFF)

    status, problem = place(Api(buyer, language="zh-hans"), body)

    assert (status, problem["code"]) == (409, "cut_off_passed")
    assert problem["facts"] == {"opens_at": "2026-11-20T16:05:00+00:00"}
    assert problem["title"].startswith("今晚已截单")
    assert problem["type"] == "urn:lintuan:problem:cut_off_passed"


@pytest.mark.parametrize("quantity", [0, -1, 100, 10**30])
def test_a_quantity_of_nothing_or_too_much_is_refused(quantity: int) -> None:
    status, problem = place(Api(members.member()), wish(line(pricing.offer(), quantity)))

    assert (status, problem["code"], problem["facts"]) == (422, "quantity_invalid", {"most": 99})


@pytest.mark.parametrize(
    "change",
    [
        {"quantity": "3"}, {"quantity": 1.0}, {"quantity": True}, {"quantity": None}, {"price_fen": "399"},
        {"price_fen": 3.99}, {"offer": 7}, {"offer": None}, {"offer": "x" * 41},
    ],
)  # fmt: skip
def test_wrong_types_are_refused_with_their_place(change: dict[str, Any]) -> None:
    status, problem = place(Api(members.member()), wish(line(pricing.offer(), **change)))

    assert (status, problem["code"]) == (422, "invalid")
    assert problem["errors"][0]["at"].endswith(next(iter(change)))
    assert not Order.objects.exists()


@pytest.mark.parametrize("body", [None, [], {}, {"point": "x"}, {"lines": []}, {"point": "x", "lines": "all"}])
def test_a_body_of_another_shape_is_refused(body: Any) -> None:
    assert place(Api(members.member()), body)[0] == 422


def test_empty_long_and_double_orders_are_refused() -> None:
    api, offers, point = Api(members.member()), pricing.offers(13), leaders.point()

    assert place(api, wish(point=point))[1]["code"] == "nothing_ordered"
    assert place(api, wish(*map(line, offers), point=point))[1]["code"] == "too_many_lines"
    assert place(api, wish(line(offers[0]), line(offers[0]), point=point))[1]["code"] == "duplicate_offer"
    assert place(api, wish(*[line(offers[0])] * 101, point=point))[1]["code"] == "invalid"
    assert not Order.objects.exists()


def test_unknown_offers_are_refused() -> None:
    goods = pricing.offer()

    for offer in (public_id("offer", HUBEI, 10**12), public_id("offer", 34, goods.id)):
        status, problem = place(Api(members.member()), wish(line(goods, offer=offer)))
        assert (status, problem["code"]) == (404, "offer_unknown")


def test_limits_are_told() -> None:
    buyer, point = Api(members.member()), leaders.point()
    offer = pricing.offer(per_order_limit=3, per_day_limit=4)
    place(buyer, wish(line(offer, 3), point=point), key="a")

    assert place(buyer, wish(line(offer, 4), point=point), key="b")[1]["code"] == "limit_per_order"
    _, problem = place(buyer, wish(line(offer, 2), point=point), key="c")
    assert (problem["code"], problem["facts"]["bought"]) == ("limit_per_day", 3)


def test_an_order_is_changed_and_given_up() -> None:
    api, eggs, greens = Api(members.member()), pricing.offer(1580), pricing.offer(299)
    _, order = place(api, wish(line(eggs, 2)))

    status, edited = api.put(f"/orders/{order['id']}/lines", {"lines": [line(greens, 3)]}, key="e")
    _, cancelled = api.post(f"/orders/{order['id']}/cancel", key="c")

    assert (status, edited["amount_fen"], edited["id"]) == (200, 897, order["id"])
    assert cancelled["state"] == "cancelled"
    assert api.post(f"/orders/{order['id']}/cancel", key="d")[1]["code"] == "order_closed"


def test_a_paid_order_is_reduced_and_never_grows() -> None:
    offer = pricing.offer(500)
    order = make.paid_order(make.line(offer, 3))
    api, path = Api(make.buyer_of(order)), f"/orders/{public_id('order', HUBEI, order.id)}"

    _, problem = api.put(f"{path}/lines", {"lines": [line(offer, 4)]})
    _, reduced = api.put(f"{path}/lines", {"lines": [line(offer, 1)]})

    assert problem["code"] == "only_less"
    assert (reduced["state"], reduced["refunded_fen"], reduced["lines"][0]["due"]) == ("paid", 1000, 1)


def test_an_order_tells_what_plays_pay_of_it() -> None:
    offer = pricing.offer(500)
    order = make.pay(make.saved_order(make.line(offer, 3), saved=300))
    api, path = Api(make.buyer_of(order)), f"/orders/{public_id('order', HUBEI, order.id)}"

    _, reduced = api.put(f"{path}/lines", {"lines": [line(offer, 1)]})

    assert (reduced["amount_fen"], reduced["refunded_fen"]) == (1500, 1000)
    assert (reduced["saved_fen"], reduced["to_pay_fen"], reduced["paid_back_fen"]) == (300, 1200, 800)


def test_another_members_order_is_nowhere() -> None:
    order = make.order()
    path = f"/orders/{public_id('order', HUBEI, order.id)}"
    stranger = Api(members.member())

    for answer in (
        stranger.get(path),
        stranger.put(f"{path}/lines", {"lines": [line(pricing.offer())]}),
        stranger.post(f"{path}/cancel"),
        stranger.post(f"{path}/pay"),
        stranger.get("/orders/nonsense"),
        stranger.get(f"/orders/{public_id('charge', HUBEI, order.id)}"),
    ):
        assert (answer[0], answer[1]["code"]) == (404, "not_found")
    assert stranger.get("/orders")[1] == {"orders": []}
    assert make.now(order) == order


def test_the_leader_of_the_point_and_staff_see_an_order() -> None:
    point = leaders.point()
    path = f"/orders/{public_id('order', HUBEI, make.order(point=point).id)}"

    seen: dict[Caller, int] = {
        leaders.leader_of(point): 200,
        leaders.leader_of(leaders.point()): 404,
        provinces.staff("ordering.read"): 200,
        provinces.staff("pricing.publish", phone="13900000002"): 404,
    }
    assert {caller: Api(caller).get(path)[0] for caller in seen} == seen


def test_staff_watch_the_newest_orders() -> None:
    orders = [make.order() for _ in range(3)]

    status, found = Api(provinces.staff("ordering.read")).get("/orders/recent", province_id=HUBEI, limit=2)

    assert (status, [one["number"] for one in found["orders"]]) == (200, [orders[2].number, orders[1].number])
    assert Api(make.buyer_of(orders[0])).get("/orders/recent", province_id=HUBEI)[0] == 403


def test_an_order_is_paid_through_the_gateway(tmp_path: Path, settings: Any) -> None:
    order = make.order(make.line(pricing.offer(500), 2))
    buyer, path = Api(make.buyer_of(order)), f"/orders/{public_id('order', HUBEI, order.id)}"

    with run_standins(tmp_path) as outside, listen() as ear:
        settings.GATEWAY_KEYS, settings.PUBLIC_ADDRESS = str(outside.manifest), ear.url.removesuffix("/callback")
        status, sheet = buyer.post(f"{path}/pay")
        httpx.post(f"{outside.wechatpay}/phone/pay", json=sheet["parameters"], trust_env=False).raise_for_status()
        received = ear.next()
        hear_notice(received.headers, received.body)
        make.hear_payments()
        again = buyer.post(f"{path}/pay")

    assert (status, sheet["amount_fen"]) == (200, 1000)
    assert buyer.get(path)[1]["state"] == "paid"
    assert (again[0], again[1]["code"]) == (409, "already_paid")
