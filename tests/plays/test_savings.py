"""Rewards used on orders, and given back with them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import pytest

from lintuan.kernel.callers import SYSTEM, Caller
from lintuan.kernel.money import Money
from lintuan.leaders.types import PointView
from lintuan.plays import commands, queries
from lintuan.plays.engine.definition import Funder, Limits
from lintuan.plays.engine.progress import First, Reach
from lintuan.plays.engine.rewards import Cash, Price
from lintuan.plays.engine.wallet import Priced
from lintuan.plays.errors import SavingChanged
from lintuan.plays.events import RewardSpent, SavingEarned
from lintuan.plays.models import Budget, Grant
from lintuan.plays.types import Happening
from tests.make import campaigns as make
from tests.make import leaders, members, plays
from tests.make.campaigns import COUPON
from tests.make.provinces import HUBEI, province
from tests.ordering.log import announced

pytestmark = pytest.mark.django_db

Clock = Callable[[str], datetime]
ONCE = Reach(levels=(1,), of="unit")


@pytest.fixture(autouse=True)
def evening(clock_at: Clock) -> None:
    clock_at("2026-11-20T19:00+08:00")
    province()


@pytest.fixture
def point() -> PointView:
    return leaders.point()


@pytest.fixture
def lin() -> Caller:
    return members.member()


def a_coupon_for(lin: Caller, point: PointView) -> Grant:
    half = (Funder(payer="platform", share_bps=5000), Funder(payer="supplier", share_bps=5000))
    play = plays.definition(ONCE, [COUPON], limits=Limits(budget_fen=10_000), funding=half)
    make.running(play, sku_ids=[9])
    make.hear(make.paid(lin, point=point, sku_id=9))
    return Grant.objects.get()


def take(order: Happening, agreed: int, *, floor_fen: int = 0) -> Money:
    return commands.take_savings(
        SYSTEM, province_id=HUBEI, order=order, lines=(priced(order, floor_fen),), agreed=Money(agreed)
    )


def priced(order: Happening, floor_fen: int = 0) -> Priced:
    (line,) = order.lines
    return Priced(offer_id=1, sku_id=line.sku_id, units=line.units, fen=line.fen, floor_fen=floor_fen)


def foreseen(order: Happening) -> list[tuple[str, int]]:
    found, _ = queries.savings(order, HUBEI, [priced(order)])
    return [(use.kind, use.fen) for use in found.uses]


def test_a_coupon_is_used_once_and_tells_who_pays_for_it(lin: Caller, point: PointView) -> None:
    grant = a_coupon_for(lin, point)
    order = make.paid(lin, 1001, point=point)
    assert foreseen(order) == [("coupon", 200)]

    assert take(order, 200) == Money(200)

    grant.refresh_from_db()
    assert (grant.state, grant.spent, grant.order_id) == ("used", Money(200), order.order_id)
    (spent,) = announced(RewardSpent)
    assert (spent.fen, spent.platform_fen, spent.supplier_fen, spent.leader_fen) == (200, 100, 100, 0)
    assert foreseen(make.paid(lin, 1001, point=point)) == []


def test_what_was_not_agreed_is_refused_with_what_it_is_now(lin: Caller, point: PointView) -> None:
    grant = a_coupon_for(lin, point)

    with pytest.raises(SavingChanged) as refused:
        take(make.paid(lin, 1001, point=point), 500)

    assert refused.value.facts["saved_fen"] == 200
    grant.refresh_from_db()
    assert grant.state == "given"


def test_an_order_given_up_gives_its_coupon_back(lin: Caller, point: PointView) -> None:
    grant = a_coupon_for(lin, point)
    order = make.paid(lin, 1001, point=point)
    take(order, 200)

    assert commands.release_savings(SYSTEM, province_id=HUBEI, order_ids=(order.order_id,)) == 1
    assert commands.release_savings(SYSTEM, province_id=HUBEI, order_ids=(order.order_id,)) == 0

    grant.refresh_from_db()
    assert (grant.state, grant.spent) == ("given", Money(0))
    assert [event.fen for event in announced(RewardSpent)] == [200, -200]


def test_money_of_plays_is_used_little_by_little(lin: Caller, point: PointView) -> None:
    make.running(plays.definition(ONCE, [Cash(fen=500)], limits=Limits(budget_fen=500)), sku_ids=[9])
    make.hear(make.paid(lin, point=point, sku_id=9))

    assert take(make.paid(lin, 301, point=point), 300) == Money(300)
    assert take(make.paid(lin, 900, point=point), 200) == Money(200)

    assert Grant.objects.get().state == "used"
    assert foreseen(make.paid(lin, 900, point=point)) == []


def flash(places: int = 1) -> None:
    play = plays.definition(
        First(places=places), [Price(price_bps=7000, most_fen=500)], counts=(plays.counting("paid", "people"),),
        limits=Limits(budget_fen=5000, per_member=1),
    )  # fmt: skip
    make.running(play, sku_ids=[5])


def test_a_price_is_seen_before_it_is_paid_and_its_place_is_taken_with_the_order(point: PointView) -> None:
    flash()
    lin, wang = members.members(2)
    order, late = (make.paid(one, 1000, point=point, sku_id=5) for one in (lin, wang))
    assert foreseen(order) == foreseen(late) == [("play", 300)]

    assert take(order, 300) == Money(300)

    assert foreseen(late) == []
    with pytest.raises(SavingChanged):
        take(late, 300)
    # Paying changes nothing: the order was heard when it was placed.
    assert make.hear(order) == 0
    assert announced(SavingEarned) == []
    assert Budget.objects.get(kind="play").spent == 300


def test_a_place_of_an_order_that_was_never_paid_is_free_again(point: PointView) -> None:
    flash()
    lin, wang = members.members(2)
    order = make.paid(lin, 1000, point=point, sku_id=5)
    take(order, 300)

    commands.release_savings(SYSTEM, province_id=HUBEI, order_ids=(order.order_id,))
    make.withdraw(order)

    assert Budget.objects.get(kind="play").spent == 0
    assert take(make.paid(wang, 1000, point=point, sku_id=5), 300) == Money(300)


def test_an_order_that_did_not_ask_for_its_price_is_paid_back(lin: Caller, point: PointView) -> None:
    flash()
    order = make.paid(lin, 1000, point=point, sku_id=5)

    make.hear(order)

    assert [(event.order_id, event.fen) for event in announced(SavingEarned)] == [(order.order_id, 300)]


def test_a_lawful_floor_stops_every_saving(lin: Caller, point: PointView) -> None:
    a_coupon_for(lin, point)

    assert take(make.paid(lin, 1001, point=point), 51, floor_fen=950) == Money(51)


def test_goods_of_others_have_no_price(lin: Caller, point: PointView) -> None:
    flash()

    assert foreseen(make.paid(lin, 1000, point=point, sku_id=6)) == []


def test_a_price_that_its_budget_cannot_pay_is_not_shown(point: PointView) -> None:
    play = plays.definition(
        First(places=9), [Price(price_bps=7000, most_fen=500)], limits=Limits(budget_fen=800, per_member_day=1)
    )
    make.running(play, sku_ids=[5])
    lin, wang = members.members(2)
    make.hear(make.paid(lin, 1600, point=point, sku_id=5))

    assert foreseen(make.paid(wang, 1000, point=point, sku_id=5)) == []
    with pytest.raises(SavingChanged):
        take(make.paid(wang, 1000, point=point, sku_id=5), 300)
