"""A channel's bills against our records: what was planted is found, and nothing else."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given
from hypothesis import settings as examples
from hypothesis import strategies as st
from msgspec.structs import replace

from lintuan.kernel.money import Money
from lintuan.payments import queries
from lintuan.payments.errors import BrokenBill
from lintuan.payments.models import BillRow, FlowLine, Refund
from lintuan.payments.rules import write_number
from lintuan.payments.types import DifferenceKind as D
from lintuan.payments.types import FlowKind, PayMethod, Provider
from tests.make import provinces
from tests.make.bills import (
    DAY,
    HUBEI,
    NOON,
    Bill,
    Paid,
    bill_of,
    differences,
    flow,
    flows,
    kept,
    paid,
    payment,
    read,
    refunded,
    tried,
)

pytestmark = pytest.mark.django_db

#: What is planted into an honest day of one payment of 10.00 of which 3.00 went back, and what is to be found:
#: kind, our figure, the channel's.
Planted = Callable[[Paid, Bill], None]


@pytest.fixture(autouse=True)
def _hubei() -> None:
    provinces.province()


def test_an_honest_day_differs_in_nothing() -> None:
    known = [paid(1000, 300), paid(1), paid(83), paid(417, 83, 84, 250)]

    day = read(bill_of(known))

    assert differences(day) == []
    totals = queries.bill_totals(HUBEI, day)
    assert (totals.payments, totals.paid, totals.refunds, totals.back) == (4, Money(1501), 4, Money(717))
    assert (totals.our_payments, totals.our_paid, totals.our_refunds, totals.our_back) == (
        4, Money(1501), 4, Money(717),
    )  # fmt: skip
    assert totals.fees == Money(kept(700) + kept(1) + kept(83))


def lost_callback(known: Paid, bill: Bill) -> None:
    del known
    fresh = bill_of([paid(500, state="open")])
    bill.trades += fresh.trades
    bill.flows += fresh.flows


def closed_and_paid(known: Paid, bill: Bill) -> None:
    del known
    fresh = bill_of([paid(500, state="closed")])
    bill.trades += fresh.trades
    bill.flows += fresh.flows


def paid_another_way_too(known: Paid, bill: Bill) -> None:
    second = tried(known.charge, "closed", method=PayMethod.WECHAT_NATIVE)
    bill.trades.append(payment(second.number, "T!", 1000, kept(1000)))
    bill.flows += flows("T!", 1000, kept(1000))


def number_of_another_channel(known: Paid, bill: Bill) -> None:
    del known
    fresh = paid(500, state="open", method=PayMethod.ALIPAY_MINI)
    bill.trades.append(payment(fresh.number, "T!", 500, kept(500)))
    bill.flows += flows("T!", 500, kept(500))


def other_amount(known: Paid, bill: Bill) -> None:
    del known
    fresh = paid(500, state="open")
    bill.trades.append(payment(fresh.number, "T!", 501, kept(501)))
    bill.flows += flows("T!", 501, kept(501))


def paid_twice(known: Paid, bill: Bill) -> None:
    bill.trades.append(payment(known.number, "T!", 1000, kept(1000)))
    bill.flows += flows("T!", 1000, kept(1000))


def number_of_nobody(known: Paid, bill: Bill) -> None:
    del known
    bill.trades.append(payment(write_number(HUBEI, "e" * 26), "T!", 500, kept(500)))
    bill.flows += flows("T!", 500, kept(500))


def another_shop(known: Paid, bill: Bill) -> None:
    del known
    bill.trades.append(payment("SHOP-77", "T!", 500, kept(500)))
    bill.flows += flows("T!", 500, kept(500))


def no_such_payment(known: Paid, bill: Bill) -> None:
    del known, bill
    paid(500)


def refund_by_hand(known: Paid, bill: Bill) -> None:
    Refund.objects.filter(province_id=HUBEI, id=known.refunds[0].id).delete()


def refund_twice(known: Paid, bill: Bill) -> None:
    (refund,) = known.refunds
    again = kept(700) - kept(400)
    row = refunded(known.number, known.transaction_no, refund.number, 300, again)
    bill.trades.append(replace(row, refund_no="C"))
    bill.flows += flows("C", -300, -again)


def refund_of_more(known: Paid, bill: Bill) -> None:
    Refund.objects.filter(province_id=HUBEI, id=known.refunds[0].id).update(amount=Money(299))


def refund_unheard(known: Paid, bill: Bill) -> None:
    Refund.objects.filter(province_id=HUBEI, id=known.refunds[0].id).update(state="sent", done_at=None)


def refund_failed_there(known: Paid, bill: Bill) -> None:
    row = bill.trades[-1]
    bill.trades[-1] = replace(row, status="ABNORMAL")
    bill.trades[0] = replace(bill.trades[0], fee=Money(kept(1000)))
    bill.flows = [one for one in bill.flows if one.business_no != row.refund_no]


def no_such_refund(known: Paid, bill: Bill) -> None:
    row = bill.trades.pop()
    bill.flows = [one for one in bill.flows if one.business_no != row.refund_no]


def fee_changed(known: Paid, bill: Bill) -> None:
    bill.trades[0] = replace(bill.trades[0], fee=Money(7))
    bill.flows[1] = replace(bill.flows[1], amount=Money(-7))


def money_not_there(known: Paid, bill: Bill) -> None:
    bill.flows[0] = replace(bill.flows[0], amount=Money(999))


def money_of_nothing(known: Paid, bill: Bill) -> None:
    bill.flows.append(flow(FlowKind.OTHER, "X9", -1200))


def withdrawal(known: Paid, bill: Bill) -> None:
    bill.flows.append(flow(FlowKind.WITHDRAWAL, "W1", -500))


FAULTS: list[tuple[Planted, D | None, int, int]] = [
    (lost_callback, D.PAID_UNHEARD, 0, 500),
    (closed_and_paid, D.PAID_CLOSED, 0, 500),
    (paid_another_way_too, D.PAID_CLOSED, 0, 1000),
    (number_of_another_channel, D.UNKNOWN_NUMBER, 0, 500),
    (other_amount, D.AMOUNT_DIFFERS, 0, 501),
    (paid_twice, D.PAID_TWICE, 0, 1000),
    (number_of_nobody, D.UNKNOWN_NUMBER, 0, 500),
    (another_shop, D.STRANGER, 0, 500),
    (no_such_payment, D.NOT_AT_CHANNEL, 500, 0),
    (refund_by_hand, D.REFUND_UNKNOWN, 0, 300),
    (refund_twice, D.REFUND_TWICE, 0, 300),
    (refund_of_more, D.REFUND_AMOUNT, 299, 300),
    (refund_unheard, D.REFUND_UNHEARD, 0, 300),
    (refund_failed_there, D.REFUND_NOT_DONE, 300, 0),
    (no_such_refund, D.REFUND_NOT_AT_CHANNEL, 300, 0),
    (fee_changed, D.FEE_DIFFERS, 4, 5),
    (money_not_there, D.FLOW_DIFFERS, 994, 993),
    (money_of_nothing, D.FLOW_UNKNOWN, 0, -1200),
    (withdrawal, None, 0, 0),
]


@pytest.mark.parametrize(("plant", "kind", "ours", "theirs"), FAULTS, ids=[fault[0].__name__ for fault in FAULTS])
def test_each_fault_is_found_and_nothing_else(plant: Planted, kind: D | None, ours: int, theirs: int) -> None:
    known = paid(1000, 300)
    bill = bill_of([known])
    plant(known, bill)

    found = differences(read(bill))

    assert [(one.kind, one.ours, one.theirs) for one in found] == ([(kind, Money(ours), Money(theirs))] if kind else [])


def test_each_channel_is_compared_with_what_was_tried_there() -> None:
    by_alipay = [paid(1000, 300, method=PayMethod.ALIPAY_WAP), paid(83, state="late", method=PayMethod.ALIPAY_MINI)]
    by_wechat = [paid(417)]
    unseen = paid(500, method=PayMethod.ALIPAY_QR)

    wechat = read(bill_of(by_wechat))
    alipay = read(Bill(bill_of(by_alipay).trades), provider=Provider.ALIPAY)

    assert differences(wechat) == []
    assert [(one.kind, one.number) for one in differences(alipay)] == [(D.NOT_AT_CHANNEL, unseen.number)]
    assert queries.bill_totals(HUBEI, wechat).our_paid == Money(417)
    totals = queries.bill_totals(HUBEI, alipay)
    assert (totals.our_paid, totals.our_back, totals.paid, totals.back) == (
        Money(1583), Money(300), Money(1083), Money(300),
    )  # fmt: skip
    assert totals.fees == Money(kept(700) + kept(83))


def test_what_was_paid_at_the_end_of_a_day_waits_for_the_next_bill() -> None:
    at = NOON + timedelta(hours=11, minutes=59, seconds=50)
    known = paid(1000, at=at)

    first = read(Bill())
    second = read(bill_of([known], at=at + timedelta(seconds=20)), DAY + timedelta(days=1))

    assert differences(first) == []
    assert differences(second) == []


def test_what_no_bill_has_is_a_case_of_the_next_day_only() -> None:
    paid(1000, at=NOON + timedelta(hours=11, minutes=59, seconds=50))

    first, second = read(Bill()), read(Bill(), DAY + timedelta(days=1))

    assert differences(first) == []
    assert [one.kind for one in differences(second)] == [D.NOT_AT_CHANNEL]


@pytest.mark.parametrize(("seconds", "cases"), [(-30, []), (30, []), (-90, [D.FLOW_UNKNOWN])])
def test_money_that_moved_between_the_reading_of_two_bills_waits(seconds: int, cases: list[D]) -> None:
    bill = bill_of([paid(1000)])
    read_at = NOON + timedelta(minutes=30)
    bill.flows.append(flow(FlowKind.PAYMENT, "T!", 500, at=read_at + timedelta(seconds=seconds)))

    assert [one.kind for one in differences(read(bill, at=read_at))] == cases


def test_a_bill_that_is_read_again_takes_the_place_of_the_first() -> None:
    known = [paid(1000, 300), paid(500)]
    read(bill_of(known[:1]))

    day = read(bill_of(known))

    assert (BillRow.objects.count(), FlowLine.objects.count()) == (3, 6)
    assert day.rows == 3
    assert differences(day) == []


def test_a_line_twice_leaves_what_was_read_before() -> None:
    bill = bill_of([paid(1000)])
    read(bill)

    with pytest.raises(BrokenBill, match="twice"):
        read(Bill(bill.trades * 2))

    assert BillRow.objects.count() == 1


AMOUNTS = st.integers(1, 50_000)
HONEST = st.lists(st.tuples(AMOUNTS, st.lists(st.integers(1, 9), max_size=3)), max_size=4)
#: Faults that concern payments of their own, so that any number of them may be planted into one day.
APART = [
    (lost_callback, D.PAID_UNHEARD), (closed_and_paid, D.PAID_CLOSED), (no_such_payment, D.NOT_AT_CHANNEL),
    (other_amount, D.AMOUNT_DIFFERS), (money_of_nothing, D.FLOW_UNKNOWN), (another_shop, D.STRANGER),
]  # fmt: skip
#: Faults that change the payment they are given.
OWN = [(plant, kind) for plant, kind, _, _ in FAULTS if kind and plant not in dict(APART)]


@given(honest=HONEST, apart=st.sets(st.sampled_from(APART)), own=st.lists(st.sampled_from(OWN), max_size=4))
@examples(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_every_planted_difference_is_found_and_none_invented(honest, apart, own) -> None:
    with transaction.atomic():
        bill = bill_of(paid(fen + sum(backs), *backs) for fen, backs in honest)
        for place, (plant, _) in enumerate(own):
            known = paid(1000, 300)
            mine = bill_of([known])
            plant(known, mine)
            _tell_apart(bill, mine, place)
        first = paid(1000, 300)
        for place, (plant, _) in enumerate(sorted(apart, key=lambda one: one[1])):
            mine = Bill()
            plant(first, mine)
            _tell_apart(bill, mine, 100 + place)
        honest_too = bill_of([first])
        bill.trades += honest_too.trades
        bill.flows += honest_too.flows

        found = differences(read(bill))

        assert sorted(one.kind for one in found) == sorted([kind for _, kind in own] + [kind for _, kind in apart])
        transaction.set_rollback(True)


def _tell_apart(bill: Bill, mine: Bill, place: int) -> None:
    """The faults name their strangers alike; two of them on one bill have numbers of their own."""

    def renamed(text: str) -> str:
        return f"{text}{place}" if text in ("T!", "C", "X9") else text

    bill.trades += [
        replace(
            row,
            transaction_no=renamed(row.transaction_no),
            refund_no=renamed(row.refund_no),
            number=f"{row.number[:-4]}{place:04x}" if row.number.endswith("e" * 26) else row.number,
        )
        for row in mine.trades
    ]
    bill.flows += [replace(row, business_no=renamed(row.business_no)) for row in mine.flows]
