"""What plays pay of orders: docs/algorithms/savings.md, and that members never lose or gain a fen by it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import pytest
from django.db import IntegrityError, transaction
from hypothesis import given
from hypothesis import strategies as st

from lintuan.kernel.callers import SYSTEM
from lintuan.kernel.errors import Forbidden, Invalid, NotFound
from lintuan.kernel.money import ZERO, Money, total
from lintuan.ordering import commands, queries, rules
from lintuan.ordering.bill import Bill
from lintuan.ordering.commands.savings import save_at_placing
from lintuan.ordering.events import (
    LineRefunded,
    LinesCut,
    OrderCancelled,
    OrderCollected,
    OrderExpired,
    OrderPaid,
    OrderSaved,
)
from lintuan.ordering.models import Order
from lintuan.ordering.types import LineRefund, OrderView, State
from lintuan.payments import queries as payments
from lintuan.payments.events import RefundAsked
from lintuan.payments.types import ORDER, ChargeState
from tests.make import members, pricing
from tests.make import ordering as make
from tests.make.provinces import HUBEI
from tests.ordering.log import announced

Clock = Callable[[str], datetime]


@pytest.fixture
def evening(clock_at: Clock, db: None) -> None:
    clock_at(make.EVENING)


@pytest.mark.parametrize(
    ("sums", "charged", "borne", "paid"),
    [
        ((1000, 0, 0, 0), 1000, 0, 1000),
        ((1000, 400, 0, 0), 1000, 0, 600),
        ((1000, 0, 300, 0), 700, 300, 700),
        ((1000, 500, 300, 0), 700, 150, 350),
        ((1000, 1000, 300, 0), 700, 0, 0),
        ((999, 333, 100, 0), 899, 67, 599),
        ((999, 666, 100, 0), 899, 33, 300),
        ((1000, 0, 300, 300), 1000, 300, 700),
        ((1000, 500, 300, 100), 800, 150, 350),
        ((1000, 500, 1000, 300), 300, 500, 0),
        ((1000, 1, 999, 0), 1, 998, 1),
        ((2, 1, 1, 0), 1, 1, 0),  # half a fen is the plays'
    ],
)
def test_a_bill_says_who_pays_what(sums: tuple[int, int, int, int], charged: int, borne: int, paid: int) -> None:
    bill = Bill(*map(Money, sums))

    assert (bill.charged, bill.borne, bill.paid) == (Money(charged), Money(borne), Money(paid))
    assert bill.paid_back == Money(charged - paid)


STEPS = st.lists(st.tuples(st.sampled_from(["cut", "save"]), st.integers(0, 10**6)), max_size=12)


@given(st.integers(1, 10**6), st.data(), STEPS)
def test_whatever_is_cut_and_saved_all_refunds_add_up_to_what_is_not_paid_any_more(
    amount: int, data: st.DataObject, steps: list[tuple[str, int]]
) -> None:
    bill = Bill(Money(amount), saved=Money(data.draw(st.integers(0, amount - 1))))
    charge, refunds = bill.charged, []
    for kind, fen in steps:
        after = bill.give_back(min(Money(fen), bill.net)) if kind == "cut" else bill.save_later(Money(fen))
        refunds.append(bill.paid - after.paid)
        bill = after
        assert ZERO <= bill.paid <= charge == bill.charged
        assert ZERO <= bill.borne <= bill.net
    refunds.append(bill.refund_of(bill.net))

    assert min(refunds) >= ZERO
    assert total(refunds) == charge


@given(st.lists(st.tuples(st.sampled_from([1, 2]), st.integers(0, 500).map(Money)), max_size=9), st.integers(0, 4999))
def test_the_parts_of_a_refund_add_up_to_it(parts: list[tuple[int, Money]], saved: int) -> None:
    bills = {order_id: Bill(Money(5000), saved=Money(saved)) for order_id in (1, 2)}

    backs = rules.refunds_of(parts, bills)

    for order_id, bill in bills.items():
        mine = [(amount, back) for (one, amount), back in zip(parts, backs, strict=True) if one == order_id]
        assert total(back for _, back in mine) == bill.refund_of(total(amount for amount, _ in mine))
        assert all(ZERO <= back <= amount for amount, back in mine)


def refunds() -> list[tuple[int, str]]:
    return [(event.amount_fen, event.cause) for event in announced(RefundAsked)]  # type: ignore[attr-defined]


def saved_fen(kind: type) -> list[int]:
    return [event.saved_fen for event in announced(kind)]  # type: ignore[attr-defined]


def paid(price: int = 500, units: int = 2, saved: int = 300) -> OrderView:
    return make.pay(make.saved_order(make.line(pricing.offer(price), units), saved=saved))


def test_the_charge_asks_for_what_plays_do_not_pay(evening: None) -> None:
    order = make.saved_order(make.line(pricing.offer(500), 2), saved=300)

    states = [(one.state, one.amount) for one in payments.all_charges_of(HUBEI, ORDER, [order.id])]
    assert states == [(ChargeState.CLOSED, Money(1000)), (ChargeState.OPEN, Money(700))]
    assert (order.amount, order.saved, order.bill.charged) == (Money(1000), Money(300), Money(700))

    order = make.pay(order)
    assert (order.state, order.net, order.bill.paid) == (State.PAID, Money(1000), Money(700))
    assert [(one.amount_fen, one.saved_fen) for one in announced(OrderPaid)] == [(1000, 300)]  # type: ignore[attr-defined]
    (row,) = queries.paid_orders(HUBEI, make.SALE_ON)
    assert row.bill == order.bill
    assert queries.day_totals(HUBEI, make.SALE_ON).saved == Money(300)


def test_an_order_of_which_plays_pay_nothing_keeps_its_charge(evening: None) -> None:
    order = make.saved_order(make.line(pricing.offer(500)), saved=0)

    (charge,) = payments.all_charges_of(HUBEI, ORDER, [order.id])
    assert (charge.id, charge.amount) == (order.charge_id, Money(500))


@pytest.mark.parametrize("saved", [-1, 500, 501])
def test_at_least_a_fen_stays_to_pay(evening: None, saved: int) -> None:
    order = make.order(make.line(pricing.offer(500)))

    with pytest.raises(Invalid):
        save_at_placing(HUBEI, order.id, Money(saved))
    assert make.now(order) == order
    save_at_placing(HUBEI, order.id, Money(499))
    assert make.now(order).bill.charged == Money(1)


def test_each_cut_pays_back_exactly_what_the_member_had_paid_for_it(evening: None) -> None:
    offer = pricing.offer(333)
    order = make.pay(make.saved_order(make.line(offer, 3), saved=100))

    for available in (2, 1, 0):
        make.cut((offer.sku_id, None, available))

    assert refunds() == [(300, "supplier_short"), (299, "supplier_short"), (300, "supplier_short")]
    assert [one.amount_fen for one in announced(LinesCut)] == [333] * 3  # type: ignore[attr-defined]
    assert saved_fen(LinesCut) == [33, 34, 33]
    charge = payments.charge(HUBEI, order.charge_id)
    assert (charge.amount, charge.refunded) == (Money(899), Money(899))
    assert (make.now(order).state, make.now(order).refunded) == (State.REFUNDED, Money(999))


def test_cuts_of_several_lines_and_orders_make_one_refund_each(evening: None) -> None:
    one, other = pricing.offer(333), pricing.offer(100)
    first = make.pay(make.saved_order(make.line(one), make.line(other), saved=100))
    second = make.pay(make.saved_order(make.line(one), make.line(other), saved=0))

    make.cut((one.sku_id, None, 0), (other.sku_id, None, 0))

    assert [payments.charge(HUBEI, order.charge_id).refunded for order in (first, second)] == [Money(333), Money(433)]
    assert len(refunds()) == 2
    assert sum(saved_fen(LinesCut)) == 100


def test_a_paid_order_that_is_cancelled_gives_back_its_whole_charge(evening: None) -> None:
    order = paid()

    commands.cancel_order(make.buyer_of(order), province_id=HUBEI, order_id=order.id)

    assert refunds() == [(700, "cancelled")]
    assert [(one.refund_fen, one.saved_fen) for one in announced(OrderCancelled)] == [(700, 300)]  # type: ignore[attr-defined]


def test_an_order_that_nobody_paid_gives_nothing_back(evening: None, clock_at: Clock) -> None:
    order = make.saved_order(make.line(pricing.offer(500)), saved=100)

    clock_at("2026-11-20T22:00+08:00")
    commands.expire_orders(SYSTEM, province_id=HUBEI)

    assert (make.now(order).state, refunds(), saved_fen(OrderExpired)) == (State.EXPIRED, [], [100])


def edit(order: OrderView, offer: pricing.OfferView, units: int) -> None:
    wanted = (make.line(offer, units),)
    commands.edit_order(make.buyer_of(order), province_id=HUBEI, order_id=order.id, lines=wanted)


def test_a_paid_order_that_is_reduced_gives_back_in_proportion(evening: None) -> None:
    offer = pricing.offer(500)
    order = make.pay(make.saved_order(make.line(offer, 2), saved=300))

    edit(order, offer, 1)

    assert (refunds(), make.now(order).bill.paid) == ([(350, "edited")], Money(350))


def collected(saved: int) -> OrderView:
    order = paid(saved=saved)
    commands.mark_collected(SYSTEM, province_id=HUBEI, order_ids=(order.id,))
    return make.now(order)


def test_a_delivered_line_gives_back_what_of_its_value_the_member_had_paid(evening: None) -> None:
    order = collected(saved=300)
    wish = LineRefund(order.id, order.lines[0].id, Money(500), "quality", "supplier")

    back = commands.refund_line(SYSTEM, province_id=HUBEI, refund=wish, key="k")

    assert (back, refunds()) == (Money(350), [(350, "quality")])
    assert commands.refund_line(SYSTEM, province_id=HUBEI, refund=wish, key="k") == back
    assert [(one.amount_fen, one.saved_fen) for one in announced(LineRefunded)] == [(500, 150)]  # type: ignore[attr-defined]
    assert saved_fen(OrderCollected) == [300]
    assert commands.refund_lines(SYSTEM, province_id=HUBEI, refunds=(wish,))
    assert payments.charge(HUBEI, order.charge_id).refunded == Money(700)


def test_what_plays_paid_whole_gives_its_member_nothing_back(evening: None) -> None:
    order = collected(saved=300)
    make.save_later((order, 700))
    wish = LineRefund(order.id, order.lines[0].id, Money(500), "quality", "supplier")

    assert commands.refund_line(SYSTEM, province_id=HUBEI, refund=wish) == ZERO
    assert commands.refund_lines(SYSTEM, province_id=HUBEI, refunds=(wish,)) == ()
    assert (refunds(), make.now(order).refunded) == ([(700, "play_reward")], Money(1000))


def test_a_reward_after_the_payment_goes_back_and_later_cuts_know_it(evening: None) -> None:
    offer = pricing.offer(500)
    order = make.pay(make.saved_order(make.line(offer, 2), saved=300))

    assert make.save_later((order, 200)) == [200]
    make.cut((offer.sku_id, None, 1))

    after = make.now(order)
    assert refunds() == [(200, "play_reward"), (250, "supplier_short")]
    assert (after.saved, after.saved_later, after.bill.charged, after.bill.paid) == tuple(
        map(Money, (500, 200, 700, 250))
    )
    assert announced(OrderSaved) == [
        OrderSaved(
            province_id=HUBEI, order_id=order.id, member_id=order.member_id, point_id=order.point_id,
            sale_on=make.SALE_ON, fen=200, saved_fen=200,
        )
    ]  # fmt: skip


def test_a_reward_is_at_most_what_the_member_still_has_paid(evening: None) -> None:
    offer = pricing.offer(500)
    order, other = (make.pay(make.saved_order(make.line(offer, 2), saved=300)) for _ in range(2))
    make.cut((offer.sku_id, order.point_id, 1), (offer.sku_id, other.point_id, 2))

    assert make.save_later((order, 9999), (other, 100), (other, 50)) == [350, 150]
    assert (make.now(order).bill.paid, make.now(order).saved) == (ZERO, Money(1000))
    assert make.save_later((order, 1)) == [0]
    assert len(announced(OrderSaved)) == 2


def test_orders_that_nobody_paid_or_that_went_back_whole_save_nothing(evening: None) -> None:
    unpaid, gone = make.saved_order(make.line(pricing.offer(500)), saved=100), paid()
    commands.cancel_order(make.buyer_of(gone), province_id=HUBEI, order_id=gone.id)

    assert make.save_later((unpaid, 100), (gone, 100)) == [0, 0]
    assert (make.now(unpaid), make.now(gone).saved_later) == (unpaid, ZERO)


def test_a_reward_given_again_under_its_key_pays_once(evening: None) -> None:
    order = paid()

    assert make.save_later((order, 100), key="r1") == make.save_later((order, 100), key="r1") == [100]
    assert (refunds(), make.now(order).saved) == ([(100, "play_reward")], Money(400))


def test_only_the_system_rewards_and_only_orders_there_are(evening: None) -> None:
    order = paid()
    about = {"province_id": HUBEI, "cause": "play_reward"}

    with pytest.raises(Forbidden):
        commands.save_later(members.member(), savings=((order.id, Money(1)),), **about)
    with pytest.raises(NotFound):
        commands.save_later(SYSTEM, savings=((order.id, Money(1)), (order.id + 10**6, Money(1))), **about)
    with pytest.raises(Invalid):
        commands.save_later(SYSTEM, savings=((order.id, ZERO),), **about)
    assert make.now(order) == order


@pytest.mark.parametrize(("saved", "later"), [(1001, 0), (-1, 0), (300, 301), (300, -1)])
def test_the_database_refuses_savings_that_cannot_be(evening: None, saved: int, later: int) -> None:
    order = paid()

    with pytest.raises(IntegrityError, match="ordering_order_saved"), transaction.atomic():
        Order.objects.filter(province_id=HUBEI, id=order.id).update(saved=Money(saved), saved_later=Money(later))
