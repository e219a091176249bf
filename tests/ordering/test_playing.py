"""Orders that use what plays gave, take seats in runs, and are told to plays."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import msgspec
import pytest

from lintuan.kernel.callers import SYSTEM, Caller
from lintuan.kernel.delivery import Horizon, catch_up
from lintuan.kernel.events import CONSUMERS
from lintuan.kernel.money import Money
from lintuan.leaders.types import PointView
from lintuan.ordering import commands
from lintuan.ordering.models import Basket, Order
from lintuan.ordering.queries import has_bought, orders
from lintuan.ordering.types import BasketWish, OrderRequest, OrderView, State
from lintuan.payments import queries as payments
from lintuan.plays import commands as plays_commands
from lintuan.plays.catalogue import plays as catalogue
from lintuan.plays.commands.running import FEEDS
from lintuan.plays.engine.definition import Limits, Participants, Trigger
from lintuan.plays.engine.progress import First, Reach
from lintuan.plays.engine.rewards import Cash, Price, Rebate
from lintuan.plays.errors import NotForYou, RunClosed, SavingChanged
from lintuan.plays.models import Budget, Companion, Grant, Heard, Run
from lintuan.plays.queries import standings
from lintuan.plays.types import Content, Deed
from lintuan.pricing.types import OfferView
from tests.make import campaigns, leaders, members, plays, pricing
from tests.make import ordering as make
from tests.make.provinces import HUBEI

pytestmark = pytest.mark.django_db

Clock = Callable[[str], datetime]
ONCE = Reach(levels=(1,), of="unit")


@pytest.fixture(autouse=True)
def evening(clock_at: Clock) -> None:
    clock_at(make.EVENING)


@pytest.fixture
def point() -> PointView:
    return leaders.point()


@pytest.fixture
def lin(point: PointView) -> Caller:
    lin = members.member()
    leaders.choose(lin, point)
    return lin


def offer(price_fen: int = 2000, cost_fen: int = 500) -> OfferView:
    return pricing.offer(price_fen, cost_fen=cost_fen)


def place(member: Caller, point: PointView, view: OfferView, units: int = 1, **given: int) -> OrderView:
    request = OrderRequest(point.id, (make.line(view, units),), **given)
    order_id = commands.place_order(member, province_id=HUBEI, request=request)
    return orders(HUBEI, [order_id])[order_id]


def settle() -> None:
    catch_up(Horizon.OWN)


def a_credit(lin: Caller, point: PointView, fen: int = 300) -> Grant:
    """Money that a play gave."""
    campaigns.running(plays.definition(ONCE, [Cash(fen=fen)], limits=Limits(budget_fen=fen)), sku_ids=[1])
    campaigns.hear(campaigns.paid(lin, point=point, sku_id=1, order_id=999_999))
    return Grant.objects.get(kind="cash")


def charged(order: OrderView) -> Money:
    return payments.charge(HUBEI, make.now(order).charge_id).amount


def test_money_of_plays_is_taken_off_what_is_charged(lin: Caller, point: PointView) -> None:
    a_credit(lin, point)

    order = place(lin, point, offer(), saved_fen=300)

    assert (order.amount, order.saved, charged(order)) == (Money(2000), Money(300), Money(1700))


def test_what_saves_something_else_than_was_seen_places_nothing(lin: Caller, point: PointView) -> None:
    grant = a_credit(lin, point)

    with pytest.raises(SavingChanged):
        place(lin, point, offer(), saved_fen=200)

    grant.refresh_from_db()
    assert (Order.objects.count(), grant.state) == (0, "given")


def test_no_saving_goes_below_cost(lin: Caller, point: PointView) -> None:
    a_credit(lin, point)

    assert place(lin, point, offer(2000, cost_fen=1900), saved_fen=100).saved == Money(100)


def test_an_order_that_nobody_pays_gives_everything_back(lin: Caller, point: PointView, clock_at: Clock) -> None:
    grant = a_credit(lin, point)
    place(lin, point, offer(), saved_fen=300)

    clock_at("2026-11-20T22:00+08:00")
    commands.expire_orders(SYSTEM, province_id=HUBEI)
    settle()

    grant.refresh_from_db()
    assert (grant.state, grant.spent) == ("given", Money(0))


def test_a_paid_order_that_is_cancelled_gives_back_money_and_coupon(lin: Caller, point: PointView) -> None:
    grant = a_credit(lin, point)
    order = make.pay(place(lin, point, offer(), saved_fen=300))

    commands.cancel_order(lin, province_id=HUBEI, order_id=order.id)
    settle()

    grant.refresh_from_db()
    assert grant.state == "given"
    assert make.now(order).bill.paid_back == Money(1700)


@pytest.mark.parametrize(("units", "saved", "to_pay"), [(3, 300, 5700), (1, 300, 1700)])
def test_an_unpaid_order_that_is_agreed_anew_uses_what_its_member_has_now(
    lin: Caller, point: PointView, units: int, saved: int, to_pay: int
) -> None:
    a_credit(lin, point)
    goods = offer()
    order = place(lin, point, goods, 2, saved_fen=300)

    lines = (make.line(goods, units),)
    commands.edit_order(lin, province_id=HUBEI, order_id=order.id, lines=lines)

    assert (make.now(order).saved, charged(order)) == (Money(saved), Money(to_pay))


def flash(goods: OfferView, places: int = 1) -> None:
    price = Price(price_bps=7000, most_fen=5000)
    play = plays.definition(First(places=places), [price], limits=Limits(budget_fen=50_000, per_member=1))
    campaigns.running(play, sku_ids=[goods.sku_id])


def test_a_flash_price_is_charged_and_counts_once(lin: Caller, point: PointView) -> None:
    goods = offer()
    flash(goods)

    order = make.pay(place(lin, point, goods, saved_fen=600))
    settle()

    assert (charged(order), make.now(order).saved) == (Money(1400), Money(600))
    assert Heard.objects.count() == 1
    assert Budget.objects.get(kind="play").spent == 600


def test_who_did_not_ask_for_a_flash_price_is_paid_back(lin: Caller, point: PointView) -> None:
    goods = offer()
    flash(goods)

    order = make.pay(place(lin, point, goods))
    settle()

    after = make.now(order)
    assert (after.saved, after.bill.charged, after.bill.paid) == (Money(600), Money(2000), Money(1400))


def test_an_edited_flash_order_keeps_its_place_at_its_new_price(lin: Caller, point: PointView) -> None:
    goods = offer()
    flash(goods)
    order = place(lin, point, goods, 2, saved_fen=1200)

    commands.edit_order(lin, province_id=HUBEI, order_id=order.id, lines=(make.line(goods, 1),))

    assert (make.now(order).saved, charged(order)) == (Money(600), Money(1400))
    assert Budget.objects.get(kind="play").spent == 600


def test_a_rebate_of_a_reduced_order_is_of_what_is_left(lin: Caller, point: PointView, clock_at: Clock) -> None:
    goods = offer()
    rebate = Rebate(share_bps=1000, most_fen=5000)
    play = plays.definition(Reach(levels=(1,)), [rebate], limits=Limits(budget_fen=50_000))
    campaign = campaigns.running(play)
    order = make.pay(place(lin, point, goods, 4))
    settle()
    commands.edit_order(lin, province_id=HUBEI, order_id=order.id, lines=(make.line(goods, 2),))
    settle()

    plays_commands.stop_play(SYSTEM, province_id=HUBEI, campaign_id=campaign.id)
    campaigns.end()
    settle()

    assert make.now(order).bill.paid == Money(4000 - 400)


def a_group(point: PointView, goods: OfferView, **others: object) -> tuple[int, list[Caller]]:
    """A neighbours' group of three about these goods, and who may join it."""
    campaign = campaigns.running(campaigns.group(**others), sku_ids=[goods.sku_id])
    people = members.members(4)
    for one in people:
        leaders.choose(one, point)
    return plays_commands.open_run(people[0], province_id=HUBEI, campaign_id=campaign.id), people


def test_a_group_that_fills_pays_the_difference_back(point: PointView, clock_at: Clock) -> None:
    goods = offer()
    run_id, people = a_group(point, goods)
    orders = [make.pay(place(one, point, goods, run_id=run_id)) for one in people[:3]]
    settle()

    clock_at("2026-11-20T22:56+08:00")
    campaigns.end()
    settle()

    assert [make.now(order).bill.paid for order in orders] == [Money(1600)] * 3


def test_a_group_that_stays_unfilled_is_paid_back_before_the_night_buys(point: PointView, clock_at: Clock) -> None:
    goods = offer()
    run_id, people = a_group(point, goods)
    orders = [make.pay(place(one, point, goods, run_id=run_id)) for one in people[:2]]
    settle()

    clock_at("2026-11-20T22:55+08:00")
    assert campaigns.end() == 1
    settle()

    after = [make.now(order) for order in orders]
    assert [(order.state, order.bill.paid) for order in after] == [(State.CANCELLED, Money(0))] * 2
    assert pricing.left(goods.id) == 100


def test_what_was_paid_in_time_fills_a_group_however_late_it_is_heard(point: PointView, clock_at: Clock) -> None:
    goods = offer()
    run_id, people = a_group(point, goods)
    orders = [make.pay(place(one, point, goods, run_id=run_id)) for one in people[:3]]

    clock_at("2026-11-20T22:56+08:00")
    assert campaigns.end() == 0
    settle()
    assert campaigns.end() == 1
    settle()

    assert [make.now(order).bill.paid for order in orders] == [Money(1600)] * 3


@pytest.mark.parametrize(("in_time", "others"), [(3, (State.PAID, 1600)), (2, (State.CANCELLED, 0))])
def test_who_pays_when_their_group_is_over_is_paid_back_whole(
    point: PointView, clock_at: Clock, in_time: int, others: tuple[State, int]
) -> None:
    goods = offer()
    run_id, people = a_group(point, goods)
    orders = [make.pay(place(one, point, goods, run_id=run_id)) for one in people[:in_time]]
    clock_at("2026-11-20T22:50+08:00")
    late = place(people[3], point, goods, run_id=run_id)
    settle()

    clock_at("2026-11-20T22:56+08:00")
    campaigns.end()
    make.pay(late)
    settle()

    assert [(make.now(order).state, make.now(order).bill.paid.fen) for order in orders] == [others] * in_time
    assert (make.now(late).state, make.now(late).bill.paid) == (State.CANCELLED, Money(0))


def test_who_brings_facts_is_called_so() -> None:
    assert CONSUMERS.keys() >= set(FEEDS)


def test_a_seat_is_refused_where_the_order_would_not_count(point: PointView) -> None:
    goods, others = offer(), offer()
    run_id, people = a_group(point, goods)
    elsewhere = leaders.point()

    with pytest.raises(NotForYou):
        place(people[1], point, others, run_id=run_id)
    with pytest.raises(NotForYou):
        place(people[1], elsewhere, goods, run_id=run_id)
    with pytest.raises(RunClosed):
        place(people[1], point, goods, run_id=run_id + 1)
    assert Order.objects.count() == 0


def test_a_full_run_has_no_seat(point: PointView) -> None:
    goods = offer()
    two_seats = {"participants": plays.participants(reach="opener", same_point=True, seats=2)}
    run_id, people = a_group(point, goods, size=2, **two_seats)
    for one in people[:2]:
        make.pay(place(one, point, goods, run_id=run_id))
    settle()

    with pytest.raises(RunClosed):
        place(people[2], point, goods, run_id=run_id)


def test_a_newcomers_first_order_is_told_as_such(lin: Caller, point: PointView) -> None:
    play = plays.definition(
        ONCE, [campaigns.COUPON], counts=(plays.counting("paid", first_order=True),), limits=Limits(budget_fen=5000)
    )
    campaigns.running(play)

    make.pay(place(lin, point, offer()))
    settle()
    make.pay(place(lin, point, offer()))
    settle()

    assert Heard.objects.count() == 2
    assert Grant.objects.count() == 1


def test_goods_that_are_handed_out_in_time_are_told_as_such(lin: Caller, point: PointView, clock_at: Clock) -> None:
    play = plays.definition(
        ONCE, [campaigns.COUPON], counts=(plays.counting("collected", on_time=True),), limits=Limits(budget_fen=5000)
    )
    campaigns.running(play)
    order = make.pay(place(lin, point, offer()))
    settle()

    clock_at("2026-11-21T17:00+08:00")
    commands.mark_collected(SYSTEM, province_id=HUBEI, order_ids=(order.id,))
    settle()

    assert campaigns.grants() == [(lin.id, "coupon", "given")]


def test_a_member_who_stayed_away_is_told_of_once(lin: Caller, point: PointView, clock_at: Clock) -> None:
    play = plays.definition(
        First(places=99), [campaigns.COUPON], counts=(plays.counting("came_of_age"),), limits=Limits(budget_fen=5000),
        trigger=Trigger(kind="life", dormant_days=14), participants=Participants(reach="province"),
    )  # fmt: skip
    campaigns.running(play)
    faithful = members.member()
    for one in (lin, faithful):
        make.pay(place(one, point, offer()))
    clock_at("2026-11-25T20:00+08:00")
    make.pay(place(faithful, point, offer()))

    for day in ("2026-12-03", "2026-12-04", "2026-12-05"):
        clock_at(f"{day}T10:00+08:00")
        commands.tell_missing(SYSTEM, province_id=HUBEI)
        commands.tell_missing(SYSTEM, province_id=HUBEI)

    assert campaigns.grants() == [(lin.id, "coupon", "given")]


def test_who_fills_a_basket_together_is_told_to_plays(lin: Caller, point: PointView) -> None:
    neighbour, stranger, eggs = members.member(), members.member(), offer()
    basket_id = commands.open_basket(lin, province_id=HUBEI, point_id=point.id)
    code = Basket.objects.get(id=basket_id).code
    commands.join_basket(neighbour, province_id=HUBEI, code=code)
    commands.put_in_basket(lin, province_id=HUBEI, basket_id=basket_id, lines=(BasketWish(eggs.id, 1),))
    order = place(lin, point, eggs, basket_id=basket_id)
    make.pay(order)
    make.pay(place(stranger, point, eggs))

    settle()

    told = Companion.objects.values_list("basket_id", "member_id", "sale_on").order_by("member_id")
    assert list(told) == [(basket_id, one.id, order.sale_on) for one in (lin, neighbour)]


def test_who_paid_for_an_order_that_stands_has_bought(lin: Caller, point: PointView) -> None:
    order = place(lin, point, offer())
    assert not has_bought(HUBEI, lin.id)

    make.pay(order)
    assert has_bought(HUBEI, lin.id)
    assert not has_bought(HUBEI, members.member().id)

    commands.cancel_order(lin, province_id=HUBEI, order_id=order.id)
    assert not has_bought(HUBEI, lin.id)


def test_who_pays_for_a_seat_that_is_taken_by_then_is_paid_back(point: PointView) -> None:
    goods = offer()
    seats = {"participants": plays.participants(reach="opener", same_point=True, seats=2)}
    run_id, people = a_group(point, goods, size=2, **seats)
    orders_placed = [place(one, point, goods, run_id=run_id) for one in people[:3]]
    for one in orders_placed:
        make.pay(one)
        settle()

    states = [make.now(one).state for one in orders_placed]
    assert states == [State.PAID, State.PAID, State.CANCELLED]
    assert make.now(orders_placed[2]).bill.paid == Money(0)


def test_votes_of_a_buyer_go_with_the_last_order_that_stands(lin: Caller, point: PointView, clock_at: Clock) -> None:
    content = msgspec.to_builtins(Content(entries=((7, "番茄炒蛋"),)))
    one = campaigns.running(catalogue()["prettiest-basket"], content=content)
    first, second = (make.paid_order(member=lin, point=point) for _ in range(2))
    settle()
    deed = Deed(campaign_id=one.id, kind="voted", unit=7, has_bought=has_bought(HUBEI, lin.id))
    plays_commands.act(lin, province_id=HUBEI, deed=deed)
    votes = []

    for order in (first, second):
        commands.cancel_order(lin, province_id=HUBEI, order_id=order.id)
        settle()
        votes.append([tally.total for tally in standings(HUBEI, Run.objects.get().id)])

    assert votes == [[1], [0]]
