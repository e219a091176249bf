from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lintuan.kernel.errors import Invalid
from lintuan.kernel.money import Money
from lintuan.payments import rules
from lintuan.payments.errors import (
    AlreadyPaid,
    NothingPaid,
    NotPayable,
    RefundTooLarge,
    TooManyRefunds,
    UnknownNumber,
)
from lintuan.payments.types import AttemptState, ChargeState, NewRefund, RefundState

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
A, C, R = AttemptState, ChargeState, RefundState

provinces = st.integers(min_value=11, max_value=91)
tokens = st.binary(min_size=13, max_size=13).map(bytes.hex)


@given(provinces, tokens)
def test_a_number_leads_back_to_its_province_and_suits_the_gateway(province_id, token):
    number = rules.write_number(province_id, token)

    assert rules.province_of(number) == province_id
    assert 6 <= len(number) <= 32
    assert number.isalnum()


@pytest.mark.parametrize(
    "number", ["", "42", "42" + "g" * 26, "42" + "A" * 26, "02" + "a" * 26, "42" + "a" * 27, "42" + "a" * 26 + "\n"]
)
def test_a_number_that_we_never_wrote_is_unknown(number):
    with pytest.raises(UnknownNumber):
        rules.province_of(number)


@pytest.mark.parametrize(
    ("state", "seconds", "refusal"),
    [
        (C.OPEN, -1, None),
        (C.OPEN, 0, NotPayable),
        (C.OPEN, 1, NotPayable),
        (C.PAID, -1, AlreadyPaid),
        (C.PAID, 1, AlreadyPaid),
        (C.CLOSED, -1, NotPayable),
    ],
)
def test_a_charge_is_payable_while_open_and_before_its_last_moment(state, seconds, refusal):
    def check():
        rules.check_payable(state, expires_at=NOW, now=NOW + timedelta(seconds=seconds))

    if refusal is None:
        check()
    else:
        with pytest.raises(refusal):
            check()


@pytest.mark.parametrize(("state", "refusal"), [(C.PAID, AlreadyPaid), (C.CLOSED, NotPayable)])
def test_only_an_open_charge_can_be_closed(state, refusal):
    rules.check_closable(C.OPEN)

    with pytest.raises(refusal):
        rules.check_closable(state)


@pytest.mark.parametrize(
    ("charge", "attempt", "after"),
    [
        (C.OPEN, A.OPEN, A.PAID),
        (C.OPEN, A.CLOSED, A.PAID),
        (C.PAID, A.OPEN, A.LATE),
        (C.PAID, A.CLOSED, A.LATE),
        (C.CLOSED, A.OPEN, A.LATE),
        (C.CLOSED, A.CLOSED, A.LATE),
        *((charge, attempt, None) for charge in C for attempt in (A.PAID, A.LATE)),
    ],
)
def test_the_news_of_a_payment_counts_once_and_pays_an_open_charge_only(charge, attempt, after):
    assert rules.after_payment(charge, attempt) is after


@given(
    st.datetimes(min_value=datetime(2026, 1, 1), max_value=datetime(9000, 1, 1), timezones=st.just(UTC)),
    st.binary(min_size=7, max_size=7),
)
def test_the_number_of_an_attempt_suits_the_gateway_and_later_ones_lie_behind(at, random):
    number, later = (
        rules.write_number(42, rules.attempt_token(one, random)) for one in (at, at + timedelta(seconds=1))
    )

    assert rules.province_of(number) == 42
    assert number < later


@pytest.mark.parametrize(
    ("state", "told", "after"),
    [
        (R.ASKED, R.SENT, R.SENT),
        (R.ASKED, R.DONE, R.DONE),
        (R.ASKED, R.FAILED, R.FAILED),
        (R.SENT, R.SENT, None),
        (R.SENT, R.DONE, R.DONE),
        (R.SENT, R.FAILED, R.FAILED),
        (R.DONE, R.SENT, None),
        (R.DONE, R.DONE, None),
        (R.DONE, R.FAILED, None),
        (R.FAILED, R.SENT, None),
        (R.FAILED, R.DONE, R.DONE),
        (R.FAILED, R.FAILED, None),
    ],
)
def test_the_gateways_word_moves_a_refund_only_forward(state, told, after):
    assert rules.after_refund(state, told) is after


@given(st.lists(st.sampled_from([R.SENT, R.DONE, R.FAILED]), max_size=8))
def test_in_whatever_order_answers_and_notices_come_a_refund_is_done_at_most_once(told):
    state, arrivals = R.ASKED, 0
    for word in told:
        after = rules.after_refund(state, word)
        arrivals += after is R.DONE
        state = after or state

    assert arrivals == (R.DONE in told)
    assert (state is R.DONE) == (R.DONE in told)


def paid(amount: int = 1990, *, refunded: int = 0, parts: int = 0, state: ChargeState = C.PAID) -> rules.Paid:
    return rules.Paid(state, Money(amount), Money(refunded), parts)


def parts_of(*fen: int) -> list[NewRefund]:
    return [NewRefund(1, Money(part), "supplier_short") for part in fen]


def test_all_that_was_paid_may_go_back_in_parts():
    assert rules.check_refunds(paid(1990, refunded=990), parts_of(400, 600)) == Money(1000)


def test_not_a_fen_more_than_was_paid_goes_back():
    with pytest.raises(RefundTooLarge) as refusal:
        rules.check_refunds(paid(1990, refunded=990), parts_of(400, 601))

    assert refusal.value.facts == {"left_fen": 1000}


@pytest.mark.parametrize("fen", [0, -1])
def test_a_refund_is_of_something(fen):
    with pytest.raises(Invalid):
        rules.check_refunds(paid(), parts_of(500, fen))


@pytest.mark.parametrize("state", [C.OPEN, C.CLOSED])
def test_nothing_goes_back_of_what_was_not_paid(state):
    with pytest.raises(NothingPaid):
        rules.check_refunds(paid(state=state), parts_of(1))


def test_a_payment_goes_back_in_fifty_parts_at_most():
    assert rules.check_refunds(paid(parts=48), parts_of(1, 1)) == Money(2)

    with pytest.raises(TooManyRefunds):
        rules.check_refunds(paid(parts=48), parts_of(1, 1, 1))


@given(
    st.integers(min_value=1, max_value=10_000),
    st.lists(st.lists(st.integers(min_value=1, max_value=4_000), min_size=1, max_size=4), max_size=12),
)
def test_the_sum_of_refunds_never_exceeds_the_payment(amount, wishes):
    charge = paid(amount)
    for wish in wishes:
        try:
            asked = rules.check_refunds(charge, parts_of(*wish))
        except (RefundTooLarge, TooManyRefunds):
            continue
        charge = paid(amount, refunded=charge.refunded.fen + asked.fen, parts=charge.parts + len(wish))

    assert charge.refunded <= charge.amount


@pytest.mark.parametrize(("rate", "minutes"), [(1, 5), (20, 5), (60, 15), (720, 180)])
def test_silence_lasts_in_real_time_too_however_fast_business_time_runs(rate, minutes):
    wait = rules.silence(timedelta(minutes=5), real=timedelta(seconds=15), rate=rate)

    assert wait == timedelta(minutes=minutes)
