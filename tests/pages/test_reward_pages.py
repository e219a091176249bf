"""What rewards save on the pages of a neighbour: seen, agreed, charged, and kept in hand."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import pytest

from lintuan.kernel import clock
from lintuan.kernel.callers import Caller
from lintuan.kernel.delivery import Horizon, catch_up
from lintuan.kernel.ids import public_id, read_public_id
from lintuan.leaders.types import PointView
from lintuan.ordering import queries
from lintuan.ordering.models import Order
from lintuan.ordering.types import OrderView
from lintuan.plays import commands
from lintuan.plays.engine.definition import Limits
from lintuan.plays.engine.progress import First, Reach
from lintuan.plays.engine.rewards import Cash, Coupon, Points, Price
from lintuan.plays.engine.values import Text
from lintuan.plays.models import Grant, Heard, Run
from lintuan.pricing.types import OfferView
from tests.make import campaigns, leaders, members, plays, pricing
from tests.make import ordering as make
from tests.make.provinces import HUBEI

from .hand import Hand, Refused

pytestmark = pytest.mark.django_db

NAME = Text(zh="邻居红包", en="Neighbours' gift")


@pytest.fixture(autouse=True)
def evening(clock_at: Callable[[str], datetime]) -> None:
    clock_at(make.EVENING)


@pytest.fixture
def point() -> PointView:
    return leaders.point()


@pytest.fixture
def goods() -> OfferView:
    return pricing.offer(2000, cost_fen=100)


@pytest.fixture
def lin(point: PointView) -> Caller:
    lin = members.member()
    leaders.choose(lin, point)
    return lin


def at(point: PointView, member: Caller, *goods: OfferView, language: str = "en") -> Hand:
    """A neighbour with these goods in the basket of the point."""
    hand = Hand(member, language=language)
    hand.point = public_id("point", HUBEI, point.id)
    hand.basket = {public_id("offer", HUBEI, one.id): (1, one.price.fen) for one in goods}
    return hand


def flash(goods: OfferView) -> None:
    play = plays.definition(
        First(places=1), [Price(price_bps=7000, most_fen=5000)], name=Text(zh="限时秒杀", en="Flash sale"),
        limits=Limits(budget_fen=50_000, per_member=1),
    )  # fmt: skip
    campaigns.running(play, sku_ids=[goods.sku_id])


def given(member: Caller, point: PointView, *rewards: Coupon | Cash | Points) -> None:
    """What the member has in hand, from a play about other goods."""
    play = plays.definition(
        Reach(levels=(1,), of="unit"), rewards, name=NAME, limits=Limits(budget_fen=9000)
    )  # fmt: skip
    campaigns.running(play, sku_ids=[999_999])
    campaigns.hear(campaigns.paid(member, point=point, sku_id=999_999, order_id=999_999))


def ordered(hand: Hand) -> OrderView:
    assert hand.paying is not None
    order_id = read_public_id("order", hand.paying["order"])[1]
    return queries.orders(HUBEI, [order_id])[order_id]


def test_what_was_seen_is_agreed_charged_and_told_of_the_order(lin: Caller, point: PointView, goods: OfferView) -> None:
    flash(goods)
    given(lin, point, Coupon(off_fen=200, over_fen=1000), Cash(fen=150))
    hand = at(point, lin, goods)

    hand.open("basket")
    assert "Play price, Flash sale -¥6.00\nCoupon, Neighbours' gift -¥2.00" in hand.texts()
    hand.tap("Check out ¥10.50")
    hand.tap("Place the order and pay ¥10.50")
    assert "Confirming your payment of ¥10.50" in hand.texts()
    make.pay(ordered(hand))
    hand.open("order", order=hand.paying["order"] if hand.paying else "")

    saved = next(node for node in hand.nodes("quote") if node["key"] == "saved")
    assert saved["text"].splitlines() == [
        "Goods ¥20.00",
        "Play price, Flash sale -¥6.00",
        "Coupon, Neighbours' gift -¥2.00",
        "Play money, Neighbours' gift -¥1.50",
        "Paid ¥10.50",
    ]
    assert [(step["label"], step.get("why", "")) for step in saved["steps"]][1:] == [
        ("Play price", "Flash sale"),
        ("Coupon", "Neighbours' gift"),
        ("Play money", "Neighbours' gift"),
    ]


def test_a_client_that_cannot_order_with_savings_is_shown_and_charged_the_full_price(
    lin: Caller, point: PointView, goods: OfferView
) -> None:
    given(lin, point, Coupon(off_fen=200, over_fen=1000), Cash(fen=150))
    hand = at(point, lin, goods)
    hand.knows = ""
    hand.open("basket")
    assert "Coupon" not in hand.texts()

    hand.tap("Check out ¥20.00")
    assert "Goods ¥20.00\nTo pay ¥20.00" in hand.texts()
    hand.tap("Place the order and pay ¥20.00")

    assert ordered(hand).bill.charged.fen == 2000


def test_the_steps_are_told_in_chinese(lin: Caller, point: PointView, goods: OfferView) -> None:
    given(lin, point, Coupon(off_fen=200, over_fen=1000))
    hand = at(point, lin, goods, language="zh-hans")

    hand.open("checkout")

    assert "商品总额 ¥20.00\n优惠券，邻居红包 -¥2.00\n应付 ¥18.00" in hand.texts()


def test_whoever_comes_second_is_told_and_shown_the_new_sum(lin: Caller, point: PointView, goods: OfferView) -> None:
    flash(goods)
    wang = members.member()
    first, second = at(point, lin, goods), at(point, wang, goods)
    first.open("checkout")
    second.open("checkout")

    first.tap("Place the order and pay ¥14.00")
    with pytest.raises(Refused) as refused:
        second.tap("Place the order and pay ¥14.00")

    assert refused.value.args[0]["title"] == (
        "What plays and coupons save has changed: now 0.00 yuan. Please look at the price again."
    )
    second.open("checkout")
    second.tap("Place the order and pay ¥20.00")
    assert ordered(second).bill.charged.fen == 2000


def a_round(goods: OfferView, opener: Caller, **others: object) -> Run:
    name = Text(zh="三人团", en="Group of three")
    campaign = campaigns.running(campaigns.group(size=2, name=name, **others), sku_ids=[goods.sku_id])
    run_id = commands.open_run(opener, province_id=HUBEI, campaign_id=campaign.id)
    return Run.objects.get(province_id=HUBEI, id=run_id)


class TestRounds:
    @pytest.mark.parametrize("by_code", [False, True])
    def test_who_comes_by_its_link_or_code_takes_a_seat(
        self, lin: Caller, point: PointView, goods: OfferView, by_code: bool
    ) -> None:
        run = a_round(goods, lin)
        hand = at(point, lin, goods)

        hand.open("shelf", run=run.code.lower() if by_code else public_id("run", HUBEI, run.id))
        assert "You are joining Group of three" in hand.texts()
        hand.tap("Check out")
        hand.tap("Check out ¥20.00")
        hand.tap("Place the order")
        make.pay(ordered(hand))
        catch_up(Horizon.OWN)

        assert (Order.objects.get().run_id, Heard.objects.get().run_id) == (run.id, run.id)
        hand.open("checkout")
        assert "Group of three" not in hand.texts()

    def test_who_would_rather_not_orders_without_it(self, lin: Caller, point: PointView, goods: OfferView) -> None:
        run = a_round(goods, lin)
        hand = at(point, lin, goods)
        hand.open("checkout", run=public_id("run", HUBEI, run.id))

        hand.tap("Order without taking part")
        hand.tap("Place the order")

        assert Order.objects.get().run_id == 0

    def test_why_it_cannot_be_joined_is_told_and_the_order_goes_without(
        self, lin: Caller, point: PointView, goods: OfferView, clock_at: Callable[[str], datetime]
    ) -> None:
        run = a_round(goods, lin, minutes=30)
        others, elsewhere = pricing.offer(500, cost_fen=100), leaders.point()
        named = public_id("run", HUBEI, run.id)
        told = []
        for where, what in ((point, others), (elsewhere, goods)):
            hand = at(where, lin, what)
            hand.open("checkout", run=named)
            told.append(hand.texts())
        clock_at("2026-11-20T20:31+08:00")
        hand = at(point, lin, goods)
        hand.open("checkout", run=named)
        told.append(hand.texts())
        hand.tap("Place the order")

        reasons = ("None of its goods is in your basket.", "of another pickup point.", "This round is over.")
        assert [reason in text for reason, text in zip(reasons, told, strict=True)] == [True] * 3
        assert Order.objects.get().run_id == 0

    def test_its_goods_are_shown_with_it(self, lin: Caller, point: PointView, goods: OfferView) -> None:
        run = a_round(goods, lin)
        hand = at(point, lin)

        hand.open("product", offer=public_id("offer", HUBEI, goods.id), run=public_id("run", HUBEI, run.id))

        assert "You are joining Group of three" in hand.texts()


class TestRewards:
    def test_it_tells_what_each_is_good_for_until_when_and_from_which_play(self, lin: Caller, point: PointView) -> None:
        given(lin, point, Coupon(off_fen=200, over_fen=1000), Points(points=30))
        hand = at(point, lin)

        hand.open("me")
        hand.tap("Rewards and points")

        (coupon,) = hand.nodes("coupon")
        assert coupon["text"] == "Coupon, from ¥10.00, Neighbours' gift, ¥2.00, until Fri 27 Nov"
        assert (coupon["amount_fen"], coupon["state"]) == (200, "open")
        assert coupon["until"] == "2026-11-28T00:00:00+08:00"
        assert "Points 30" in hand.texts()

    def test_what_is_left_of_money_and_what_was_used(self, lin: Caller, point: PointView, goods: OfferView) -> None:
        given(lin, point, Coupon(off_fen=200), Cash(fen=3000))
        hand = at(point, lin, goods, language="zh-hans")
        hand.open("checkout")
        hand.tap("提交订单")
        hand.open("rewards")

        told = {node["text"].partition("，")[0]: (node["amount_fen"], node["state"]) for node in hand.nodes("coupon")}
        assert told == {"优惠券": (200, "used"), "玩法红包": (3000 - 1700, "open")}

    def test_what_a_person_still_looks_at_and_what_ended_are_told_as_such(self, lin: Caller, point: PointView) -> None:
        given(lin, point, Coupon(off_fen=200), Cash(fen=300))
        Grant.objects.filter(kind="cash").update(state="held")
        Grant.objects.filter(kind="coupon").update(expires_on=clock.now().date().replace(day=19))
        hand = at(point, lin, language="zh-hans")

        hand.open("rewards")

        assert "玩法红包，任何订单可用" in hand.texts()
        assert "待核" in hand.texts()
        (coupon,) = hand.nodes("coupon")
        assert (coupon["state"], coupon["text"].endswith("已过期")) == ("over", True)

    def test_who_has_nothing_is_shown_the_way_to_the_shelf(self, lin: Caller, point: PointView) -> None:
        hand = at(point, lin)

        hand.open("rewards")

        assert "No rewards and points yet" in hand.texts()
        hand.tap("To the shelf")
        assert hand.page["name"] == "shelf"
