from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from lintuan.kernel import clock, tokens
from lintuan.kernel.callers import SYSTEM, Caller, Kind
from lintuan.kernel.ids import public_id
from lintuan.kernel.money import Money
from lintuan.leaders import commands as leaders
from lintuan.leaders.types import PointView
from lintuan.pricing import commands, queries
from lintuan.pricing.types import OfferView
from lintuan.provinces import commands as provinces
from tests.make import catalog as make_catalog
from tests.make import leaders as make_leaders
from tests.make import pricing as make
from tests.make.provinces import ANHUI, HUBEI, staff

pytestmark = pytest.mark.django_db

FRIDAY, SATURDAY = date(2026, 11, 20), date(2026, 11, 21)

ClockAt = Callable[[str], datetime]


@pytest.fixture(autouse=True)
def _friday_evening(clock_at: ClockAt) -> None:
    clock_at("2026-11-20T20:00:31+08:00")


@pytest.fixture
def point() -> PointView:
    return make_leaders.point(name="东湖自提点", name_en="East Lake")


def read(client: Client, point: PointView, **headers: str) -> Any:
    address = f"/api/v1/points/{public_id('point', point.province_id, point.id)}/shelf"
    return client.get(address, headers={"Accept-Language": "zh-CN", **headers})


def send(client: Client, path: str, body: dict[str, Any], caller: Caller | None = None, **headers: str) -> Any:
    if caller is not None:
        headers["Authorization"] = f"Bearer {tokens.sign(caller, expires_at=clock.now() + timedelta(hours=1))}"
    return client.post(
        f"/api/v1{path}", body, content_type="application/json", headers={"Accept-Language": "en", **headers}
    )


def basket(point: PointView, *lines: tuple[OfferView, int]) -> dict[str, Any]:
    return {
        "point": public_id("point", point.province_id, point.id),
        "lines": [
            {"offer": public_id("offer", offer.province_id, offer.id), "quantity": quantity}
            for offer, quantity in lines
        ],
    }


def test_the_shelf_shows_point_times_and_tonights_offers(client: Client, point: PointView) -> None:
    sku = make_catalog.sku("VEG-1", product=make_catalog.new_product(origin_code="420100", picture="goods/leaf.webp"))
    offer = make.offer(399, sku=sku, capacity=9)

    shelf = read(client, point).json()

    assert shelf["point"] == {
        "id": public_id("point", HUBEI, point.id), "name": "东湖自提点", "address": point.address, "state": "open"
    }  # fmt: skip
    assert (shelf["sale_on"], shelf["is_open"]) == ("2026-11-20", True)
    assert (shelf["opens_at"], shelf["cutoff_at"]) == ("2026-11-19T16:05:00Z", "2026-11-20T15:00:00Z")
    assert shelf["now"] == "2026-11-20T12:00:00Z"
    assert shelf["collect"] == {"on": "2026-11-21", "from": "2026-11-21T08:00:00Z", "until": "2026-11-21T13:00:00Z"}
    assert shelf["offers"] == [
        {
            "id": public_id("offer", HUBEI, offer.id), "sku_code": "VEG-1", "name": "上海青",
            "spec": "300g", "unit": "袋",
            "category": "新鲜蔬菜", "category_code": "vegetables", "origin": "420100", "storage": "冷藏",
            "shelf_life_days": 3, "picture": "/static/goods/leaf.webp", "price_fen": 399, "list_price_fen": None,
            "price_per_500g_fen": 665, "discount": None, "per_order_limit": 20, "per_day_limit": 40,
            "per_life_limit": 0, "left": 9,
        }
    ]  # fmt: skip


def test_a_reader_of_english_gets_english(client: Client, point: PointView) -> None:
    make.offer()

    shelf = read(client, point, **{"Accept-Language": "en"}).json()

    assert shelf["point"]["name"] == "East Lake"
    assert (shelf["offers"][0]["name"], shelf["offers"][0]["category"]) == ("Shanghai bok choy", "Vegetables")


def test_the_origin_is_told_with_its_province(client: Client, point: PointView) -> None:
    provinces.load_places(SYSTEM)
    make.offer(sku=make_catalog.sku(product=make_catalog.new_product(origin_code="420600")))

    origins = [
        read(client, point, **{"Accept-Language": language}).json()["offers"][0]["origin"]
        for language in ("zh-CN", "en")
    ]

    assert origins == ["湖北省襄阳市", "Xiangyang, Hubei"]


def test_every_change_is_seen_at_once(client: Client, point: PointView) -> None:
    sku = make_catalog.sku("VEG-1")
    offer = make.offer(399, sku=sku, capacity=9)
    seen = [read(client, point)]

    commands.take_stock(HUBEI, [(offer.id, 2)])
    seen.append(read(client, point))
    make.publish(make.new_offer(sku, 389, capacity=9))
    seen.append(read(client, point))
    make_catalog.sku("VEG-1", spec="350g")
    seen.append(read(client, point))

    told = [(each["left"], each["price_fen"], each["spec"]) for each in (answer.json()["offers"][0] for answer in seen)]
    assert told == [(9, 399, "300g"), (7, 399, "300g"), (7, 389, "300g"), (7, 389, "350g")]
    commands.withdraw_offer(SYSTEM, province_id=HUBEI, offer_id=offer.id)
    assert read(client, point).json()["offers"] == []


@pytest.mark.parametrize(
    ("now", "sale_on", "is_open"),
    [
        ("2026-11-20T00:04+08:00", "2026-11-20", False),
        ("2026-11-20T00:05+08:00", "2026-11-20", True),
        ("2026-11-20T22:59:59+08:00", "2026-11-20", True),
        ("2026-11-20T23:00+08:00", "2026-11-21", False),
    ],
)
def test_the_day_turns_at_the_cut_off_by_the_servers_clock(
    client: Client, clock_at: ClockAt, now: str, sale_on: str, is_open: bool
) -> None:
    clock_at("2026-11-19T12:00+08:00")
    point = make_leaders.point()
    make.offer(sale_on=FRIDAY)
    make.offer(sale_on=SATURDAY)
    clock_at(now)

    shelf = read(client, point).json()

    assert (shelf["sale_on"], shelf["is_open"], len(shelf["offers"])) == (sale_on, is_open, 1)


def test_a_resting_point_and_a_suspended_province_are_not_open(client: Client, point: PointView) -> None:
    resting = make_leaders.point()
    leaders.rest_point(SYSTEM, province_id=HUBEI, point_id=resting.id)
    assert read(client, resting).json()["is_open"] is False

    provinces.suspend_province(SYSTEM, province_id=HUBEI)
    assert read(client, point).json()["is_open"] is False


@pytest.mark.parametrize("point_id", ["nonsense", public_id("point", HUBEI, 999_999), public_id("offer", HUBEI, 1)])
def test_an_unknown_point_is_a_problem_document(client: Client, point_id: str) -> None:
    answer = client.get(f"/api/v1/points/{point_id}/shelf", headers={"Accept-Language": "en"})

    assert (answer.status_code, answer["Content-Type"]) == (404, "application/problem+json")
    assert answer.json()["title"] == "There is no such point."


def test_a_quote_needs_no_sign_in_and_shows_every_step(client: Client, point: PointView) -> None:
    sku = make_catalog.sku()
    commands.record_deals(HUBEI, FRIDAY - timedelta(days=1), [make.deal(sku, 499)])
    offer = make.offer(399, sku=sku, list_price=Money(499))

    quote = send(client, "/quotes", basket(point, (offer, 2))).json()

    assert quote["steps"] == [
        {"name": "list", "label": "Goods", "campaign": None, "why": "", "amount_fen": 998},
        {"name": "day_price", "label": "Today's price", "campaign": None, "why": "", "amount_fen": -200},
    ]
    assert (quote["sale_on"], quote["to_pay_fen"], quote["lines"][0]["amount_fen"]) == ("2026-11-20", 798, 798)


def test_a_quote_refuses_what_could_not_be_ordered(client: Client, point: PointView) -> None:
    scarce = make.offer(capacity=1)
    foreign = make.offer(province_id=ANHUI)

    sold_out = send(client, "/quotes", basket(point, (scarce, 2)))
    elsewhere = send(client, "/quotes", basket(point, (foreign, 1)))

    assert (sold_out.status_code, sold_out.json()["code"], sold_out.json()["facts"]["left"]) == (409, "sold_out", 1)
    assert (elsewhere.status_code, elsewhere.json()["code"]) == (409, "offer_not_on_sale")


@pytest.mark.parametrize("quantity", [0, -1, 1000, 10**30, "2", 1.5, True, None])
def test_a_quantity_that_is_no_small_whole_number_is_refused(
    client: Client, point: PointView, quantity: object
) -> None:
    body = basket(point, (make.offer(), 1))
    body["lines"][0]["quantity"] = quantity

    answer = send(client, "/quotes", body)

    assert (answer.status_code, answer["Content-Type"]) == (422, "application/problem+json")


SKU = {
    "code": "VEG-0001", "spec": "300g", "spec_en": "300 g", "unit": "袋", "unit_en": "bag", "net_grams": 300,
    "shelf_life_days": 3,
    "product": {
        "code": "BOK", "name": "上海青", "name_en": "Bok choy", "category": "vegetables", "origin_code": "420100",
        "storage": "chilled", "picture": "goods/leaf.webp",
    },
}  # fmt: skip


def test_staff_fill_the_shelf_over_http(client: Client, point: PointView) -> None:
    offer = {"sku_code": "VEG-0001", "price_fen": 399, "cost_fen": 250, "capacity": 500, "per_life_limit": 2}
    day = {"province_id": HUBEI, "sale_on": "2026-11-20"}

    entered = send(client, "/catalog/skus", {"skus": [SKU]}, staff())
    published = send(client, "/offers", {**day, "offers": [offer]}, staff(), **{"Idempotency-Key": "k"})
    again = send(client, "/offers", {**day, "offers": [offer]}, staff(), **{"Idempotency-Key": "k"})

    assert entered.json() == {"skus": ["VEG-0001"]}
    assert published.json()["offers"][0]["state"] == "published"
    assert again.json() == published.json()
    (shown,) = read(client, point).json()["offers"]
    assert (shown["sku_code"], shown["per_life_limit"]) == ("VEG-0001", 2)


def test_a_blocked_offer_says_why_in_the_readers_language(client: Client) -> None:
    make_catalog.sku("VEG-0001")
    make.offer()
    cheap = {"sku_code": "VEG-0001", "price_fen": 2000, "cost_fen": 2190, "capacity": 500, "list_price_fen": 9000}
    body = {"province_id": HUBEI, "sale_on": "2026-11-20", "offers": [cheap]}

    (english,) = send(client, "/offers", body, staff()).json()["offers"]
    (chinese,) = send(client, "/offers", body, staff(), **{"Accept-Language": "zh-CN"}).json()["offers"]

    assert english["state"] == chinese["state"] == "draft"
    assert [finding["rule"] for finding in english["findings"]] == ["P01", "P03"]
    assert "below the cost 21.90" in english["findings"][0]["message"]
    assert "从未成交" in chinese["findings"][1]["message"]


def test_withdrawing_over_http_empties_the_shelf(client: Client, point: PointView) -> None:
    offer = make.offer()

    answer = send(client, f"/offers/{public_id('offer', HUBEI, offer.id)}/withdraw", {}, staff())

    assert answer.status_code == 204
    assert read(client, point).json()["offers"] == []


@pytest.mark.parametrize("path", ["/catalog/skus", "/offers"])
def test_strangers_fill_no_shelves(client: Client, path: str) -> None:
    make_catalog.sku("VEG-0001")
    make.offer()
    offer = {"sku_code": "VEG-0001", "price_fen": 399, "cost_fen": 250, "capacity": 500}
    body = {"skus": [SKU], "province_id": HUBEI, "sale_on": "2026-11-20", "offers": [offer]}

    assert send(client, path, body).status_code == 401
    assert send(client, path, body, Caller(Kind.MEMBER, 1, HUBEI)).status_code == 403
    assert len(queries.offers_of_day(HUBEI, FRIDAY)) == 1


def test_an_unknown_sku_is_named(client: Client) -> None:
    make.offer()
    body = {
        "province_id": HUBEI,
        "sale_on": "2026-11-20",
        "offers": [{"sku_code": "NONE", "price_fen": 1, "cost_fen": 1, "capacity": 1}],
    }

    answer = send(client, "/offers", body, staff())

    assert (answer.status_code, answer.json()["title"]) == (404, "There is no such sku NONE.")
