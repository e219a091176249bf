"""The shelf and its goods: what they say when all is well, and when it is not."""

from __future__ import annotations

from datetime import date

import pytest

from lintuan.kernel.callers import SYSTEM
from lintuan.kernel.ids import public_id
from lintuan.leaders import commands as leader_commands
from lintuan.pricing import commands as pricing_commands
from lintuan.provinces import commands as province_commands
from tests.make import catalog, fulfilment, leaders, members, ordering, pages, pricing, provinces
from tests.make.ordering import EVENING
from tests.make.provinces import ANHUI, HUBEI

pytestmark = pytest.mark.django_db


@pytest.fixture
def point(clock_at):
    clock_at(EVENING)
    return leaders.point()


def at(point) -> dict[str, str]:
    return {"point": public_id("point", point.province_id, point.id)}


def body(name: str, parameters: dict[str, str], **given: object) -> list[dict[str, object]]:
    found: list[dict[str, object]] = pages.document(pages.ask(name, parameters=parameters, **given))["body"]  # type: ignore[arg-type]
    return found


def offer_id(offer) -> str:
    return public_id("offer", HUBEI, offer.id)


def test_an_empty_shelf_says_what_to_do(point):
    *_, last = body("shelf", at(point))

    assert last["text"] == "Tonight's goods are not on the shelf yet\nPlease look again a little later."


@pytest.mark.parametrize(
    ("moment", "language", "told"),
    [
        ("2026-11-20T23:30+08:00", "en", "No orders now; they open on Sat 21 Nov 00:05"),
        ("2026-11-20T23:30+08:00", "zh-hans", "现在不接单，11月21日 周六 00:05 开始"),
    ],
)
def test_between_cut_off_and_opening_the_shelf_says_when(point, clock_at, moment, language, told):
    clock_at(moment)

    page = pages.document(pages.ask("shelf", parameters=at(point), language=language))

    assert page["body"][1]["text"] == told
    assert "foot" not in page


def test_a_suspended_province_and_a_closed_point_take_no_orders(point):
    leader_commands.close_point(SYSTEM, province_id=HUBEI, point_id=point.id)
    assert body("shelf", at(point))[1]["text"] == "This pickup point is closed; please choose another one"

    province_commands.suspend_province(SYSTEM, province_id=HUBEI)

    assert body("shelf", at(point))[1]["text"] == "We take no orders here for now; please come back later"
    assert body("points", {})[0]["title"] == "No province is open at present"


def test_with_several_provinces_one_is_chosen_first(point):
    elsewhere = leaders.point(ANHUI)

    (markets,) = body("points", {})
    (picker, _) = body("points", {"province": str(ANHUI)})

    assert [row["title"] for row in markets["rows"]] == ["Anhui", "Hubei"]
    assert [one["name"] for one in picker["points"]] == [elsewhere.name_en]
    fields = body("sign_in", {})[0]["fields"]
    assert [choice["label"] for choice in fields[1]["choices"]] == ["Anhui", "Hubei"]
    assert body("sign_in", at(point))[0]["submit"]["body"] == {"province_id": HUBEI}


def test_a_struck_price_comes_with_what_was_really_paid(point):
    sku = catalog.sku()
    for day, fen in ((18, 499), (19, 550)):
        pricing_commands.record_deals(HUBEI, date(2026, 11, day), [pricing.deal(sku, fen)])
    offer = pricing.offer(399, sku=sku, list_price=pricing.Money(499))

    product, history = body("product", {**at(point), "offer": offer_id(offer)})

    assert product["offer"]["list_fen"] == 499
    assert "list price ¥4.99" in product["text"]
    assert history["points"] == [{"on": "2026-11-18", "fen": 499}, {"on": "2026-11-19", "fen": 550}]
    assert "Wed 18 Nov ¥4.99" in history["text"]


def test_goods_that_came_before_show_their_papers(point, clock_at):
    greens = pricing.offer()
    fulfilment.network([point])
    fulfilment.buy(point, (greens, 2))
    fulfilment.received(clock_at)
    clock_at("2026-11-21T20:00+08:00")
    tonight = pricing.publish_again(greens)

    found = body("product", {**at(point), "offer": offer_id(tonight)})

    assert "The lots that came last" in [part["text"] for part in found]
    assert "good until" in found[-1]["text"]


def test_a_withdrawn_offer_says_that_it_is_not_to_be_had(point):
    offer = pricing.offer()
    pricing_commands.withdraw_offer(SYSTEM, province_id=HUBEI, offer_id=offer.id)

    _, told = body("product", {**at(point), "offer": offer_id(offer)})

    assert told["text"] == "It cannot be ordered now\nThis offer is not on sale tonight."
    assert body("product", {"offer": offer_id(offer)})[1]["lines"] == ["Please choose a pickup point first."]


def test_what_is_sold_out_is_shown_and_cannot_be_added(point):
    rare = pricing.offer(399, capacity=1)
    ordering.order(ordering.line(rare), point=point)

    page = pages.document(pages.ask("product", parameters={**at(point), "offer": offer_id(rare)}))

    assert page["body"][0]["offer"]["sold_out"] is True
    assert "foot" not in page


def test_a_basket_with_too_many_goods_says_so(point):
    found = pricing.offers(13)
    wishes = tuple(pages.Wish(offer_id(offer), 1) for offer in found)

    document = pages.document(pages.ask("basket", parameters=at(point), basket=wishes))

    assert "An order has at most 12 lines; please make several." in [node["text"] for node in document["body"]]
    assert [action["page"] for action in pages.actions(document["foot"])] == ["shelf"]


def test_a_member_without_a_point_sees_the_one_they_chose(point):
    member = members.member()
    leader_commands.choose_point(member, province_id=HUBEI, point_id=point.id)

    page = pages.document(pages.ask("shelf", member))

    assert page["body"][0]["name"] == point.name_en


def test_choosing_a_point_is_kept_for_members(point):
    member = members.member()

    (picker,) = pages.document(pages.ask("points", member))["body"]

    (tap,) = [one["tap"] for one in picker["points"]]
    assert [step["do"] for step in tap["actions"]] == ["call", "choose_point", "navigate"]
    assert provinces.province(HUBEI)
