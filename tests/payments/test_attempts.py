"""One charge, several ways to pay it: whatever is tried and told in whatever order, one payment counts."""

from __future__ import annotations

import itertools
import json
import shutil
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from threading import Barrier

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lintuan.kernel.callers import SYSTEM
from lintuan.kernel.errors import Refusal
from lintuan.kernel.models import EventRecord
from lintuan.kernel.money import ZERO, Money, total
from lintuan.payments import commands, jobs, queries
from lintuan.payments.errors import AlreadyPaid, GatewayNotSetUp, GatewaySilent, NotPayable, UnknownNumber
from lintuan.payments.types import (
    LATE_PAYMENT,
    AttemptState,
    ChargeState,
    Payer,
    PayMethod,
    PhoneParameters,
    Provider,
    RefundState,
)
from tests.make import payments as make
from tests.make import provinces
from tests.stand_ins import free_port

HUBEI = make.HUBEI
FIRST, SECOND, BY_PAGE = PayMethod.WECHAT_JSAPI, PayMethod.ALIPAY_MINI, PayMethod.WECHAT_H5

pytestmark = pytest.mark.django_db


def begin(charge_id: int, method: PayMethod = FIRST) -> PhoneParameters:
    payer = Payer(method, address="10.0.0.7")
    return commands.pay_parameters(make.member(), province_id=HUBEI, charge_id=charge_id, payer=payer)


def in_page(sheet: PhoneParameters) -> dict[str, str]:
    return {"h5_url": sheet.fields["url"]}


def states(charge_id: int) -> tuple[ChargeState, dict[PayMethod, AttemptState]]:
    tried = queries.attempts_of(HUBEI, [charge_id])[charge_id]
    return queries.charge(HUBEI, charge_id).state, {one.method: one.state for one in tried}


def late_refunds(charge_id: int) -> list[tuple[Money, RefundState]]:
    back = queries.refunds_of(HUBEI, [charge_id])[charge_id]
    return [(one.amount, one.state) for one in back if one.cause == LATE_PAYMENT]


def count(event: str) -> int:
    return EventRecord.objects.filter(province_id=HUBEI, name=f"payments.{event}").count()


def providers(event: str) -> list[str]:
    rows = EventRecord.objects.filter(province_id=HUBEI, name=f"payments.{event}")
    return [row.body["provider"] for row in rows]


class TestBothServices:
    def test_who_changes_the_method_has_two_attempts_and_each_is_opened_once(self, outside):
        charge_id = make.charge()

        sheets = [begin(charge_id, method) for method in (FIRST, SECOND, FIRST, SECOND)]

        tried = queries.attempts_of(HUBEI, [charge_id])[charge_id]
        assert [(one.method, one.provider, one.state) for one in tried] == [
            (FIRST, Provider.WECHATPAY, AttemptState.OPEN),
            (SECOND, Provider.ALIPAY, AttemptState.OPEN),
        ]
        assert tried[0].number != tried[1].number
        packages = [sheet.fields["package"] for sheet in sheets]
        assert (packages[0], packages[1]) == (packages[2], packages[3])
        assert packages[0] != packages[1]

    def test_an_address_that_has_grown_old_gives_its_place_to_another(self, outside, clock_at):
        clock_at("2026-11-21T20:00+08:00")
        charge_id = make.charge()
        first, again = begin(charge_id, BY_PAGE), begin(charge_id, BY_PAGE)
        (old,) = queries.attempts_of(HUBEI, [charge_id])[charge_id]
        clock_at("2026-11-21T20:04:31+08:00")

        later = begin(charge_id, BY_PAGE)

        (new,) = queries.attempts_of(HUBEI, [charge_id])[charge_id]
        assert first.fields == again.fields != later.fields
        assert (old.number != new.number, new.state) == (True, AttemptState.OPEN)
        assert outside.press_pay(in_page(first)).json()["code"] == "ORDER_CLOSED"
        outside.press_pay(in_page(later)).raise_for_status()
        outside.hear()
        assert states(charge_id) == (ChargeState.PAID, {BY_PAGE: AttemptState.PAID})

    def test_who_paid_in_the_old_page_begins_no_other(self, outside, clock_at):
        clock_at("2026-11-21T20:00+08:00")
        charge_id = make.charge()
        outside.expect_faults("never")
        outside.press_pay(in_page(begin(charge_id, BY_PAGE))).raise_for_status()
        clock_at("2026-11-21T20:10+08:00")

        with pytest.raises(AlreadyPaid):
            begin(charge_id, BY_PAGE)

        assert states(charge_id) == (ChargeState.PAID, {BY_PAGE: AttemptState.PAID})

    def test_paid_by_both_one_counts_and_the_other_goes_back_to_where_it_came_from(self, outside):
        charge_id = make.charge(amount=Money(2990))
        sheets = [begin(charge_id, method) for method in (FIRST, SECOND)]

        outside.press_pay(sheets[0].fields).raise_for_status()
        outside.press_pay_at_second(sheets[1].fields).raise_for_status()
        outside.hear(2)
        _send_refunds(charge_id)
        outside.hear()

        charge, attempts = states(charge_id)
        assert (charge, sorted(attempts.values())) == (ChargeState.PAID, [AttemptState.LATE, AttemptState.PAID])
        assert late_refunds(charge_id) == [(Money(2990), RefundState.DONE)]
        assert (count("ChargePaid"), count("ChargePaidLate"), count("RefundDone")) == (1, 1, 1)
        assert queries.charge(HUBEI, charge_id).refunded == ZERO

    def test_once_paid_the_other_can_no_longer_be_paid(self, outside):
        charge_id = make.charge()
        first, second = begin(charge_id, FIRST), begin(charge_id, SECOND)
        outside.press_pay_at_second(second.fields).raise_for_status()
        outside.hear()

        jobs.close_at_gateway(HUBEI, [charge_id])

        assert states(charge_id) == (ChargeState.PAID, {FIRST: AttemptState.CLOSED, SECOND: AttemptState.PAID})
        assert outside.press_pay(first.fields).json()["code"] == "ORDER_CLOSED"

    def test_closing_a_charge_closes_each_of_its_attempts_where_it_was_opened(self, outside):
        charge_id = make.charge()
        first, second = begin(charge_id, FIRST), begin(charge_id, SECOND)

        commands.close_charge(SYSTEM, province_id=HUBEI, charge_id=charge_id)
        jobs.close_at_gateway(HUBEI, [charge_id])

        assert set(states(charge_id)[1].values()) == {AttemptState.CLOSED}
        assert outside.press_pay(first.fields).json()["code"] == "ORDER_CLOSED"
        assert outside.press_pay_at_second(second.fields).json()["code"] == "ORDER_CLOSED"

    def test_who_paid_already_though_nobody_told_does_not_begin_by_another_method(self, outside):
        charge_id = make.charge()
        outside.expect_faults("never")
        outside.press_pay(begin(charge_id, FIRST).fields).raise_for_status()

        with pytest.raises(AlreadyPaid):
            begin(charge_id, SECOND)

        assert states(charge_id) == (ChargeState.PAID, {FIRST: AttemptState.PAID})

    def test_a_service_that_is_gone_keeps_nobody_from_the_other(self, outside, settings, both_manifests, tmp_path):
        charge_id = make.charge()
        begin(charge_id, FIRST)
        folder = tmp_path / "gone"
        shutil.copytree(both_manifests.parent, folder)
        told = json.loads((folder / "manifest.json").read_text())
        told["wechatpay"]["base_url"] = f"http://127.0.0.1:{free_port()}"
        (folder / "manifest.json").write_text(json.dumps(told))
        settings.GATEWAY_KEYS = str(folder / "manifest.json")

        sheet = begin(charge_id, SECOND)

        assert outside.press_pay_at_second(sheet.fields).json() == {"result": "requestPayment:ok"}

    def test_a_refund_goes_to_the_service_that_was_paid(self, outside):
        charge_id = make.charge(amount=Money(1990))
        begin(charge_id, FIRST)
        outside.press_pay_at_second(begin(charge_id, SECOND).fields).raise_for_status()
        outside.hear()
        commands.refund(SYSTEM, province_id=HUBEI, charge_id=charge_id, amount=Money(590), cause="short")

        _send_refunds(charge_id)
        told = outside.ear.next()
        commands.hear_notice(told.headers, told.body, outside.teller(told))

        assert outside.teller(told) is Provider.ALIPAY
        assert count("RefundDone") == 1
        assert providers("ChargePaid") == providers("RefundDone") == ["alipay"]

    @pytest.mark.parametrize("paid", [FIRST, SECOND])
    def test_what_nobody_told_is_found_by_asking_its_own_service(self, outside, clock_at, paid):
        clock_at("2026-11-20T20:00+08:00")
        provinces.province(HUBEI)
        charge_id = make.charge()
        sheets = {method: begin(charge_id, method) for method in (FIRST, SECOND)}
        press = outside.press_pay if paid is FIRST else outside.press_pay_at_second
        outside.ear.answer = 500
        press(sheets[paid].fields).raise_for_status()
        clock_at("2026-11-20T20:06+08:00")

        jobs.query_silent_charges()

        assert states(charge_id)[0] is ChargeState.PAID
        assert states(charge_id)[1][paid] is AttemptState.PAID

    def test_a_provider_without_keys_cannot_be_paid_by(self, outside, settings):
        settings.GATEWAY_KEYS = str(make.manifest())

        with pytest.raises(GatewayNotSetUp):
            begin(make.charge(), SECOND)

    def test_nothing_is_written_where_the_service_does_not_answer(self, settings):
        settings.GATEWAY_KEYS = str(make.manifest())
        charge_id = make.charge()

        with pytest.raises(GatewaySilent):
            begin(charge_id, FIRST)

        assert states(charge_id) == (ChargeState.OPEN, {})


def test_a_callback_of_one_provider_about_anothers_attempt_is_refused(two_by_hand):
    charge_id = make.charge()
    callback = make.payment_callback(charge_id, method=FIRST)

    with pytest.raises(UnknownNumber):
        commands.hear_notice(callback.headers, callback.body, Provider.ALIPAY)

    assert states(charge_id) == (ChargeState.OPEN, {FIRST: AttemptState.OPEN})


def test_two_payments_of_one_charge_in_one_batch_are_one_that_counts_and_one_that_goes_back(two_by_hand):
    charge_id = make.charge()
    letters = [
        commands.Letter(told.headers, told.body)
        for told in (make.payment_callback(charge_id, method=one) for one in (FIRST, PayMethod.WECHAT_H5))
    ]

    assert commands.hear_notices(letters) == [None, None]

    charge, attempts = states(charge_id)
    assert (charge, sorted(attempts.values())) == (ChargeState.PAID, [AttemptState.LATE, AttemptState.PAID])
    assert len(late_refunds(charge_id)) == 1


def test_the_statements_of_a_batch_do_not_grow_with_it(two_by_hand):
    def take(payments: int) -> int:
        told = [make.payment_callback(make.charge()) for _ in range(payments)]
        letters = [commands.Letter(one.headers, one.body) for one in told]
        with CaptureQueriesContext(connection) as statements:
            assert commands.hear_notices(letters) == [None] * payments
        return len(statements)

    assert take(2) == take(9)


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("empty_queue")
class TestAtOnce:
    def test_begun_twice_by_the_same_method_there_is_one_attempt_and_both_phones_pay_it(self, outside):
        charge_id = make.charge()

        sheets = _together(lambda: begin(charge_id), lambda: begin(charge_id))

        assert len(queries.attempts_of(HUBEI, [charge_id])[charge_id]) == 1
        assert sheets[0].fields["package"] == sheets[1].fields["package"]
        assert outside.press_pay(sheets[0].fields).json() == {"result": "requestPayment:ok"}

    def test_paid_by_both_methods_at_once_one_counts(self, two_by_hand):
        charge_id = make.charge()
        told = [(make.payment_callback(charge_id, method=one), one.provider) for one in (FIRST, SECOND)]

        _together(*(partial(commands.hear_notice, one.headers, one.body, provider) for one, provider in told))

        charge, attempts = states(charge_id)
        assert (charge, sorted(attempts.values())) == (ChargeState.PAID, [AttemptState.LATE, AttemptState.PAID])
        assert len(late_refunds(charge_id)) == 1

    def test_begun_while_it_is_closed_no_attempt_stays_open(self, outside):
        charge_id = make.charge()

        def close():
            commands.close_charge(SYSTEM, province_id=HUBEI, charge_id=charge_id)

        def begin_unless_closed():
            with suppress(NotPayable):
                begin(charge_id)

        _together(begin_unless_closed, close)

        charge, attempts = states(charge_id)
        assert charge is ChargeState.CLOSED
        assert set(attempts.values()) <= {AttemptState.CLOSED}


def _send_refunds(charge_id: int) -> None:
    jobs.send_refunds(HUBEI, [one.id for one in queries.refunds_of(HUBEI, [charge_id])[charge_id]])


def _together(*deeds):
    """Do them at once, each on a connection of its own; what they answer, in their order."""
    barrier = Barrier(len(deeds))

    def run(deed):
        try:
            barrier.wait()
            return deed()
        finally:
            connection.close()

    with ThreadPoolExecutor(len(deeds)) as pool:
        return [future.result() for future in [pool.submit(run, deed) for deed in deeds]]


METHODS = (FIRST, PayMethod.WECHAT_H5, SECOND)

steps = st.lists(
    st.one_of(
        st.tuples(st.just("prepay"), st.sampled_from(METHODS)),
        st.tuples(st.just("pay"), st.sampled_from(METHODS), st.integers(1, 3)),
        st.tuples(st.just("hear"), st.integers(0, 9)),
        st.tuples(st.just("close")),
        st.tuples(st.just("reprice"), st.integers(1, 3000)),
        st.tuples(st.just("refund"), st.integers(1, 2500)),
    ),
    max_size=25,
)


class Story:
    """A thing that is paid for: its charges, what was paid at the gateways, and callbacks under way."""

    def __init__(self) -> None:
        self.charges = [make.charge()]
        self.under_way: list[tuple[make.Callback, Provider]] = []
        self.paid: dict[str, int] = {}

    def go(self, step: tuple) -> None:
        name, *values = step
        with transaction.atomic():
            getattr(self, name)(*values)

    def prepay(self, method: PayMethod) -> None:
        make.attempt(self.charges[-1], method=method)

    def pay(self, method: PayMethod, times: int) -> None:
        """At the gateway, which takes the money of an attempt once, closed with us or not, and tells of it often."""
        for charge_id in self.charges:
            tried = {one.method: one for one in queries.attempts_of(HUBEI, [charge_id])[charge_id]}
            if method in tried:
                self.paid[tried[method].number] = tried[method].amount.fen
                told = [make.payment_callback(charge_id, method=method) for _ in range(times)]
                self.under_way += [(one, method.provider) for one in told + told[:1]]

    def hear(self, place: int) -> None:
        if self.under_way:
            callback, provider = self.under_way.pop(place % len(self.under_way))
            commands.hear_notice(callback.headers, callback.body, provider)

    def close(self) -> None:
        commands.close_charge(SYSTEM, province_id=HUBEI, charge_id=self.charges[-1])

    def reprice(self, fen: int) -> None:
        charge_id = self.charges[-1]
        self.charges.append(commands.reprice_charge(SYSTEM, province_id=HUBEI, charge_id=charge_id, amount=Money(fen)))

    def refund(self, fen: int) -> None:
        commands.refund(SYSTEM, province_id=HUBEI, charge_id=self.charges[-1], amount=Money(fen), cause="short")


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps)
def test_whatever_happens_one_payment_counts_and_all_late_money_goes_back_once(two_by_hand, story):
    with transaction.atomic():
        told = Story()
        for step in story:
            try:
                told.go(step)
            except Refusal:
                continue
        while told.under_way:
            told.hear(0)
        _check(told)
        transaction.set_rollback(True)


def _check(told: Story) -> None:
    tried = list(itertools.chain(*queries.attempts_of(HUBEI, told.charges).values()))
    back = list(itertools.chain(*queries.refunds_of(HUBEI, told.charges).values()))
    counted = [one for one in tried if one.state is AttemptState.PAID]
    late = [one for one in tried if one.state is AttemptState.LATE]
    paid_charges = [one for one in queries.charges(HUBEI, told.charges).values() if one.state is ChargeState.PAID]

    assert len(counted) <= 1
    assert [one.charge_id for one in counted] == [one.id for one in paid_charges]
    assert {one.number: one.amount.fen for one in counted + late} == told.paid
    assert sorted((one.attempt_id, one.amount.fen) for one in back if one.cause == LATE_PAYMENT) == sorted(
        (one.id, one.amount.fen) for one in late
    )
    for one in tried:
        gone = total(refund.amount for refund in back if refund.attempt_id == one.id)
        assert gone <= one.amount if one in counted else gone == (one.amount if one in late else ZERO)
    for charge in paid_charges:
        asked = total(refund.amount for refund in back if refund.attempt_id == counted[0].id)
        assert charge.refunded == asked
