"""The pages of the console: what staff see, and that strangers see none of it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import pytest
from django.test import Client

from lintuan.fulfilment.types import ClaimCause
from lintuan.kernel.callers import SYSTEM
from lintuan.kernel.ids import public_id
from lintuan.leaders import queries as leaders_queries
from lintuan.leaders.types import PointState
from lintuan.pricing.types import OfferView
from lintuan.provinces.commands import load_places
from tests.make import catalog, fulfilment, leaders, members, ordering, pricing, provinces, sourcing
from tests.make.console import Desk
from tests.make.ordering import EVENING
from tests.make.provinces import HUBEI

ClockAt = Callable[[str], datetime]

PAGES = {
    "tonight/": "ordering.read",
    "purchases/": "sourcing.receive",
    "sorting/": "fulfilment.sort",
    "routes/": "fulfilment.drive",
    "points/": "leaders.edit",
    "methods/": "provinces.edit",
    "claims/": "fulfilment.decide_claims",
    "plays/": "plays.edit",
    "plays/compose/": "plays.edit",
    "plays/lucky-wheel/": "plays.edit",
    "plays/lucky-wheel/start/": "plays.edit",
    "campaigns/": "plays.edit",
    "rewards/": "plays.edit",
    "channels/": "plays.edit",
    "ledger/": "settlement.read",
    "rates/": "settlement.edit",
    "partners/": "settlement.edit",
    "statements/": "settlement.read",
    "proof/": "settlement.read",
    "cases/": "settlement.read",
    "payruns/": "settlement.prepare",
    "refunds/": "payments.refund",
    "night/": "ordering.read",
}

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("path", [*PAGES, "supplier/orders/", ""])
def test_a_stranger_is_sent_to_the_sign_in(path: str) -> None:
    provinces.province()

    answer = Client().get(f"/console/{path}")

    assert answer.status_code == 302
    assert answer["Location"] == f"/console/sign-in/?next=%2Fconsole%2F{path.replace('/', '%2F')}"


@pytest.mark.parametrize("path", PAGES)
def test_an_empty_page_says_what_to_do(path: str) -> None:
    provinces.province()
    desk = Desk(provinces.staff())

    assert "None" not in desk.read(path)


@pytest.mark.parametrize(("path", "right"), PAGES.items())
def test_a_page_needs_its_right(path: str, right: str) -> None:
    provinces.province()
    others = [name for name in set(PAGES.values()) if name != right]

    answer = Desk(provinces.staff(*others)).open(path)

    assert answer.status_code == 403
    assert "You may not do this." in answer.content.decode()


@pytest.mark.parametrize("path", PAGES)
def test_a_supplier_opens_no_page_of_staff(path: str) -> None:
    provinces.province()

    assert Desk(sourcing.supplier()).open(path).status_code == 403


def test_staff_of_another_province_do_not_see_this_one() -> None:
    provinces.province(HUBEI)
    provinces.province(provinces.ANHUI)
    leaders.point(HUBEI, name_en="Wuhan shop")
    leaders.point(provinces.ANHUI, name_en="Hefei shop")

    shown = Desk(provinces.staff(provinces=(provinces.ANHUI,))).read("points/", province=HUBEI)

    assert "Hefei shop" in shown
    assert "Wuhan shop" not in shown


def test_pages_allow_no_script_but_our_own() -> None:
    provinces.province()

    policy = Desk(provinces.staff()).open("tonight/")["Content-Security-Policy"]

    assert "default-src 'self'" in policy
    assert "unsafe" not in policy


def test_tonight_counts_real_orders(clock_at: ClockAt) -> None:
    clock_at(EVENING)
    point = leaders.point(name_en="Lao Wang's shop")
    offer = pricing.offer(399)
    ordering.paid_order(ordering.line(offer, 3), point=point)
    unpaid = ordering.order(ordering.line(offer, 1), point=point)

    shown = Desk(provinces.staff()).read("tonight/")

    assert "Orders placed 2 Paid ¥11.97 Neighbours who paid 1 Units 3" in shown
    assert f"{unpaid.number} Lao Wang's shop 1 1 3.99 Unpaid" in shown


def test_the_console_opens_on_the_day_of_the_newest_order(clock_at: ClockAt) -> None:
    clock_at(EVENING)
    order = ordering.paid_order()
    clock_at("2026-11-25T12:00+08:00")
    desk = Desk(provinces.staff())

    assert order.number in desk.read("tonight/")
    assert order.number not in desk.read("tonight/", sale_on="2026-11-25")
    assert order.number not in desk.read("tonight/")


def test_tonight_refreshes_only_its_moving_part(clock_at: ClockAt) -> None:
    clock_at(EVENING)
    provinces.province()
    desk = Desk(provinces.staff())

    part = desk.client.get("/console/tonight/", headers={"HX-Request": "true"}).content.decode()

    assert "<html" not in part
    assert 'id="charts"' in part


def test_purchase_orders_show_what_each_supplier_brings(clock_at: ClockAt) -> None:
    clock_at(EVENING)
    fulfilment.network([point := leaders.point()])
    sku = catalog.sku(product=catalog.new_product(name_en="Potatoes"))
    fulfilment.buy(point, (pricing.offer(sku=sku), 5))
    fulfilment.received(clock_at, pack_units=4)

    shown = Desk(provinces.staff()).read("purchases/", sale_on="2026-11-20")

    assert "Potatoes 300 g 5 4 8 8 8 2.00 16.00" in shown


def test_sorting_lists_lead_from_the_centre_to_the_points(clock_at: ClockAt) -> None:
    clock_at(EVENING)
    fulfilment.network([point := leaders.point(name_en="Lao Wang's shop")])
    fulfilment.buy(point, (pricing.offer(sku=catalog.sku(product=catalog.new_product(name_en="Potatoes"))), 5))
    fulfilment.planned(clock_at)
    desk = Desk(provinces.staff())

    centre = desk.read("sorting/", sale_on="2026-11-20")
    grid = desk.read("sorting/G1/", point=public_id("point", HUBEI, point.id))

    assert "Units planned 5" in centre
    assert "Lao Wang's shop 1 SKUs · 0 / 5 units" in grid
    assert "Potatoes 300 g" in grid


def test_routes_show_stops_with_their_times(clock_at: ClockAt) -> None:
    clock_at(EVENING)
    fulfilment.network([point := leaders.point(name="老王小店")])
    fulfilment.buy(point, (pricing.offer(), 5))
    fulfilment.routed(clock_at)

    shown = Desk(provinces.staff()).read("routes/", sale_on="2026-11-20")

    assert "Routes 1 Stops 1" in shown
    assert f"老王小店 {point.code} 5 11-21 " in shown


def test_a_point_is_put_to_rest_and_resumed() -> None:
    point = leaders.point()
    desk = Desk(provinces.staff())
    there = public_id("point", HUBEI, point.id)

    assert "Resting: no new orders there for now." in desk.send(f"points/{there}/rest/")
    assert leaders_queries.point(HUBEI, point.id).state is PointState.RESTING
    assert "Open again." in desk.send(f"points/{there}/resume/")
    assert leaders_queries.point(HUBEI, point.id).state is PointState.OPEN


def test_a_form_that_is_refused_says_why_on_its_own_page(clock_at: ClockAt) -> None:
    provinces.province()
    unknown = public_id("point", HUBEI, 999_999)

    shown = Desk(provinces.staff()).send(f"points/{unknown}/rest/", back="/console/points/")

    assert "There is no such point." in shown
    assert "Pickup points" in shown


def test_a_claim_is_granted_by_its_amount(clock_at: ClockAt) -> None:
    offer = an_offer(clock_at, 9900)
    order = fulfilment.collected_order(clock_at, (offer, 1))
    claim = public_id("claim", HUBEI, fulfilment.claim(order, ClaimCause.QUALITY, note="leaves are brown"))
    desk = Desk(provinces.staff())
    assert "leaves are brown" in desk.read("claims/")

    shown = desk.send(f"claims/{claim}/", decision="grant", amount="49.50", fault="supplier", back="/console/claims/")

    assert "Granted: the refund is on its way." in shown
    assert "Quality Supplier 49.50 Granted" in shown
    assert ordering.now(order).refunded.fen == 4950


@pytest.mark.parametrize("amount", ["", "abc", "-1", "1.234", "1e9", "999999"])
def test_a_claim_is_not_granted_by_nonsense(clock_at: ClockAt, amount: str) -> None:
    order = fulfilment.collected_order(clock_at, (an_offer(clock_at, 9900), 1))
    claim = public_id("claim", HUBEI, fulfilment.claim(order))

    Desk(provinces.staff()).send(f"claims/{claim}/", decision="grant", amount=amount, back="/console/claims/")

    assert ordering.now(order).refunded.fen == 0


def test_the_night_board_names_what_is_due(clock_at: ClockAt) -> None:
    clock_at(EVENING)
    provinces.province()

    shown = Desk(provinces.staff()).read("night/")

    assert "11-20 23:00 Close the sale day ordering.close_day Not yet due" in shown


def test_words_come_in_the_reader_s_language() -> None:
    provinces.province()
    caller = provinces.staff()
    desk = Desk(caller, language="zh-hans")
    assert "今晚的订单" in desk.read("tonight/")

    shown = desk.send("language/", language="en", next="/console/tonight/")

    assert "Tonight's orders" in shown


def test_a_member_has_no_business_here() -> None:
    answer = Desk(members.member()).open("tonight/")

    assert answer.status_code == 302


def an_offer(clock_at: ClockAt, price_fen: int) -> OfferView:
    clock_at(EVENING)
    return pricing.offer(price_fen)


@pytest.mark.parametrize("day", ["9999-12-31", "0001-01-01", "2028-01-01", "tonight"])
def test_a_sale_day_too_far_off_is_not_taken_up(clock_at: ClockAt, day: str) -> None:
    clock_at(EVENING)
    provinces.province()
    desk = Desk(provinces.staff())
    desk.read("tonight/", sale_on="2026-11-18")

    pages = [desk.open(path, sale_on=day) for path in PAGES] + [desk.open("tonight/")]

    assert {page.status_code for page in pages} == {200}
    assert all('value="2026-11-18"' in page.content.decode() for page in pages)


def test_tonight_counts_people_points_and_minutes_of_the_whole_day(clock_at: ClockAt) -> None:
    clock_at(EVENING)
    buyer, point, offer = members.member(), leaders.point(name_en="Corner shop"), pricing.offer()
    for _ in range(2):
        ordering.paid_order(ordering.line(offer, 2), member=buyer, point=point)

    shown = Desk(provinces.staff()).open("tonight/").content.decode()

    assert '["20:00", 2.0]' in shown
    assert '["Corner shop", 2]' in shown
    assert "Neighbours who paid</span><b>1</b>" in shown


def test_staff_say_which_provider_a_city_offers_first_from_a_day_on(clock_at: ClockAt) -> None:
    clock_at(EVENING)
    load_places(SYSTEM)
    leaders.point()
    desk = Desk(provinces.staff("provinces.edit"))
    (city,) = {point.city_code for point in leaders_queries.points(HUBEI)}

    before = desk.read("methods/")
    after = desk.send("methods/prefer/", market=city, first="alipay", from_on="2026-11-20")
    later = desk.send("methods/prefer/", market=f"{HUBEI}0000", first="alipay", from_on="2026-11-23")

    assert before.count("WeChat Pay → Alipay") == 2
    assert "Saved." in after
    assert after.count("2026-11-20 Alipay → WeChat Pay") == 1
    assert after.count("WeChat Pay → Alipay") == 1
    assert "2026-11-23 Alipay → WeChat Pay" in later
    assert later.count("WeChat Pay → Alipay") == 1


@pytest.mark.parametrize(
    "wrong", [{"first": "cash"}, {"from_on": "soon"}, {"from_on": "2026-11-19"}, {"market": "430100"}]
)
def test_a_preference_that_makes_no_sense_is_refused(clock_at: ClockAt, wrong: dict[str, str]) -> None:
    clock_at(EVENING)
    provinces.province()
    desk = Desk(provinces.staff("provinces.edit"))

    desk.send("methods/prefer/", **{"market": "420100", "first": "alipay", "from_on": "2026-11-20"} | wrong)

    assert desk.read("methods/").count("Alipay → WeChat Pay") == 0
