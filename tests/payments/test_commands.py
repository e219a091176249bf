from __future__ import annotations

import contextlib
import json
import shutil
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from procrastinate.contrib.django.models import ProcrastinateJob

from lintuan.kernel import clock, ids, tokens
from lintuan.kernel.callers import NOBODY, SYSTEM, Caller, Kind
from lintuan.kernel.errors import CannotMove, Forbidden, Invalid, KeyReused, NotFound, SignInNeeded
from lintuan.kernel.models import EventRecord
from lintuan.kernel.money import Money
from lintuan.payments import commands, queries, rules
from lintuan.payments.errors import (
    AlreadyPaid,
    ChargeExists,
    ForgedNotice,
    GatewayNotSetUp,
    GatewaySaysNo,
    GatewaySilent,
    NothingPaid,
    NotPayable,
    RefundTooLarge,
    StaleNotice,
    TooManyRefunds,
    UnknownNumber,
    UnknownSigner,
    WrongAmount,
)
from lintuan.payments.models import Charge, Inbox, Refund
from lintuan.payments.types import (
    MAY_REFUND,
    ORDER,
    AttemptState,
    ChargeMoney,
    ChargeState,
    NewCharge,
    NewRefund,
    RefundState,
)
from lintuan.standins.wechatpay.faults import Mode
from tests.make import payments as make

pytestmark = pytest.mark.django_db

HUBEI = make.HUBEI
STRANGER = make.member(8)


def state_of(charge_id: int) -> ChargeState:
    return queries.charge(HUBEI, charge_id).state


def attempts_of(charge_id: int):
    return queries.attempts_of(HUBEI, [charge_id])[charge_id]


def refunds_of(charge_id: int):
    return queries.refunds_of(HUBEI, [charge_id])[charge_id]


def events(*names: str) -> list[tuple[str, dict[str, object]]]:
    rows = EventRecord.objects.filter(province_id=HUBEI, name__in=[f"payments.{name}" for name in names])
    return [(row.name.removeprefix("payments."), row.body) for row in rows.order_by("id")]


def jobs(task: str) -> list[dict[str, object]]:
    return [job.args for job in ProcrastinateJob.objects.filter(task_name=f"payments.{task}").order_by("id")]


def wish(subject_id: int = 501, fen: int = 1990) -> NewCharge:
    return NewCharge(ORDER, subject_id, make.MEMBER, Money(fen), clock.now() + timedelta(minutes=15))


class TestOpenCharge:
    def test_a_member_is_asked_for_a_sum(self):
        charge_id = commands.open_charge(make.member(), province_id=HUBEI, wish=wish())

        view = queries.charge(HUBEI, charge_id)
        assert (view.state, view.amount, view.subject_id) == (ChargeState.OPEN, Money(1990), 501)
        assert queries.charges_of(HUBEI, ORDER, [501, 502]) == {501: view}

    def test_one_thing_is_not_charged_twice_at_once(self):
        commands.open_charge(SYSTEM, province_id=HUBEI, wish=wish())

        with pytest.raises(ChargeExists), transaction.atomic():
            commands.open_charge(SYSTEM, province_id=HUBEI, wish=wish())

        assert Charge.objects.count() == 1

    @pytest.mark.parametrize("fen", [0, -5])
    def test_a_sum_is_more_than_nothing(self, fen):
        with pytest.raises(Invalid):
            commands.open_charge(SYSTEM, province_id=HUBEI, wish=wish(fen=fen))

    @pytest.mark.parametrize("caller", [STRANGER, NOBODY, make.member(make.MEMBER, 34)])
    def test_nobody_is_charged_by_a_stranger(self, caller):
        with pytest.raises(NotFound):
            commands.open_charge(caller, province_id=HUBEI, wish=wish())

    def test_the_same_key_opens_one_charge_and_takes_no_other_content(self):
        asked = wish()
        first = commands.open_charge(SYSTEM, province_id=HUBEI, wish=asked, key="k1")

        assert commands.open_charge(SYSTEM, province_id=HUBEI, wish=asked, key="k1") == first
        with pytest.raises(KeyReused):
            commands.open_charge(SYSTEM, province_id=HUBEI, wish=wish(fen=1), key="k1")


class TestCloseCharge:
    def test_a_closed_charge_is_announced_and_needs_no_gateway_that_never_knew_it(self):
        charge_id = make.charge()

        commands.close_charge(make.member(), province_id=HUBEI, charge_id=charge_id)

        assert state_of(charge_id) is ChargeState.CLOSED
        assert [name for name, _ in events("ChargeClosed")] == ["ChargeClosed"]
        assert jobs("close_at_gateway") == []

    def test_a_paid_charge_stays_paid(self):
        charge_id = make.paid_charge()

        with pytest.raises(AlreadyPaid):
            commands.close_charge(SYSTEM, province_id=HUBEI, charge_id=charge_id)

    def test_a_closed_charge_is_not_closed_again(self):
        charge_id = make.charge()
        commands.close_charge(SYSTEM, province_id=HUBEI, charge_id=charge_id)

        with pytest.raises(NotPayable):
            commands.close_charge(SYSTEM, province_id=HUBEI, charge_id=charge_id)

    def test_a_stranger_finds_no_charge(self):
        charge_id = make.charge()

        with pytest.raises(NotFound):
            commands.close_charge(STRANGER, province_id=HUBEI, charge_id=charge_id)

    def test_of_many_charges_the_open_ones_are_closed_at_once(self):
        one, two, paid = make.charge(), make.charge(), make.paid_charge()

        closed = commands.close_charges(SYSTEM, province_id=HUBEI, charge_ids=(two, paid, one))

        assert closed == (one, two)
        assert len(events("ChargeClosed")) == 2
        with pytest.raises(Forbidden):
            commands.close_charges(make.member(), province_id=HUBEI, charge_ids=(one,))


class TestRepriceCharge:
    def test_another_sum_is_another_charge(self):
        old = make.charge(subject_id=77, amount=Money(1990))

        new = commands.reprice_charge(make.member(), province_id=HUBEI, charge_id=old, amount=Money(2500), key="k")

        before, after = queries.charge(HUBEI, old), queries.charge(HUBEI, new)
        assert (before.state, after.state, after.amount) == (ChargeState.CLOSED, ChargeState.OPEN, Money(2500))
        assert (after.subject_id, after.expires_at) == (77, before.expires_at)
        assert queries.charges_of(HUBEI, ORDER, [77])[77].id == new

    def test_paying_the_old_sum_all_the_same_goes_back(self):
        old = make.charge(amount=Money(1990))
        new = commands.reprice_charge(SYSTEM, province_id=HUBEI, charge_id=old, amount=Money(2500))

        make.pay(old)

        assert (state_of(old), state_of(new)) == (ChargeState.CLOSED, ChargeState.OPEN)
        assert attempts_of(old)[0].state is AttemptState.LATE
        assert refunds_of(old)[0].amount == Money(1990)

    def test_what_is_paid_keeps_its_sum(self):
        charge_id = make.paid_charge()

        with pytest.raises(AlreadyPaid):
            commands.reprice_charge(SYSTEM, province_id=HUBEI, charge_id=charge_id, amount=Money(1))

    def test_a_stranger_finds_no_charge_and_no_sum_is_nothing(self):
        charge_id = make.charge()

        with pytest.raises(NotFound):
            commands.reprice_charge(STRANGER, province_id=HUBEI, charge_id=charge_id, amount=Money(1))
        with pytest.raises(Invalid):
            commands.reprice_charge(SYSTEM, province_id=HUBEI, charge_id=charge_id, amount=Money(0))


class TestPayParameters:
    def test_the_phone_can_pay_with_them_and_the_callback_makes_it_paid(self, outside):
        charge_id = make.charge(amount=Money(2990))

        sheet = commands.pay_parameters(make.member(), province_id=HUBEI, charge_id=charge_id)
        assert outside.press_pay(sheet.fields).json() == {"result": "requestPayment:ok"}
        outside.hear()

        view = queries.charge(HUBEI, charge_id)
        assert (view.state, sheet.amount) == (ChargeState.PAID, Money(2990))
        assert attempts_of(charge_id)[0].transaction_no.startswith("42")
        assert [body["amount_fen"] for _, body in events("ChargePaid")] == [2990]

    def test_asked_again_they_open_the_same_payment(self, outside):
        charge_id = make.charge()

        first = commands.pay_parameters(make.member(), province_id=HUBEI, charge_id=charge_id)
        again = commands.pay_parameters(make.member(), province_id=HUBEI, charge_id=charge_id)

        assert first.fields["package"] == again.fields["package"]
        assert first.fields["paySign"] != again.fields["paySign"]

    def test_a_charge_whose_time_has_come_is_not_payable(self, outside, clock_at):
        clock_at("2026-11-20T20:00+08:00")
        charge_id = make.charge()
        clock_at("2026-11-20T20:15+08:00")

        with pytest.raises(NotPayable):
            commands.pay_parameters(make.member(), province_id=HUBEI, charge_id=charge_id)

    def test_a_paid_charge_is_not_paid_again(self, outside):
        charge_id = make.paid_charge()

        with pytest.raises(AlreadyPaid):
            commands.pay_parameters(make.member(), province_id=HUBEI, charge_id=charge_id)

    def test_a_stranger_finds_no_charge(self, outside):
        charge_id = make.charge()

        for caller in (STRANGER, NOBODY, make.member(make.MEMBER, 34)):
            with pytest.raises(NotFound):
                commands.pay_parameters(caller, province_id=HUBEI, charge_id=charge_id)

    def test_a_gateway_that_says_no_is_quoted(self, outside):
        charge_id = make.charge(amount=Money(10**12))

        with pytest.raises(GatewaySaysNo, match="PARAM_ERROR"):
            commands.pay_parameters(make.member(), province_id=HUBEI, charge_id=charge_id)

    def test_a_gateway_that_is_gone_is_silent(self, settings):
        settings.GATEWAY_KEYS = str(make.manifest())
        charge_id = make.charge()

        with pytest.raises(GatewaySilent):
            commands.pay_parameters(make.member(), province_id=HUBEI, charge_id=charge_id)

    def test_without_a_gateway_nobody_can_pay(self, settings):
        settings.GATEWAY_KEYS = ""

        with pytest.raises(GatewayNotSetUp):
            commands.pay_parameters(make.member(), province_id=HUBEI, charge_id=make.charge())

    def test_over_http_the_member_gets_the_same(self, outside):
        charge_id = make.charge(amount=Money(2990))
        token = tokens.sign(make.member(), expires_at=clock.now() + timedelta(minutes=5))
        path = f"/api/v1/charges/{ids.public_id('charge', HUBEI, charge_id)}/payment"

        answer = Client().post(path, {"openid": "o-1"}, "application/json", HTTP_AUTHORIZATION=f"Bearer {token}")
        paid = outside.press_pay(answer.json()["parameters"])

        assert (answer.json()["amount_fen"], answer.json()["provider"]) == (2990, "wechatpay")
        assert paid.json() == {"result": "requestPayment:ok"}

    def test_closing_what_the_gateway_knows_is_told_to_it(self, outside):
        charge_id = make.charge()
        commands.pay_parameters(make.member(), province_id=HUBEI, charge_id=charge_id)

        commands.close_charge(SYSTEM, province_id=HUBEI, charge_id=charge_id)

        assert jobs("close_at_gateway") == [{"province_id": HUBEI, "ids": [charge_id]}]


class TestHearNotice:
    def test_a_payment_makes_the_charge_paid_with_few_statements(self):
        callback = make.payment_callback(charge_id := make.charge(subject_id=9))

        with CaptureQueriesContext(
            connection,
        ) as statements:
            make.hear(callback)

        written = [each["sql"] for each in statements if "SAVEPOINT" not in each["sql"]]
        assert len(written) <= 6, written
        assert events("ChargePaid")[0][1] == {
            "province_id": HUBEI, "charge_id": charge_id, "purpose": ORDER, "subject_id": 9, "amount_fen": 1990,
            "provider": "wechatpay",
        }  # fmt: skip
        assert Inbox.objects.get().kind == "TRANSACTION.SUCCESS"

    def test_the_same_callback_again_does_nothing(self):
        callback = make.payment_callback(make.charge())

        for _ in range(3):
            make.hear(callback)

        assert len(events("ChargePaid")) == 1
        assert Inbox.objects.count() == 1

    def test_another_callback_about_the_same_payment_does_nothing(self):
        charge_id = make.charge()

        make.pay(charge_id)
        make.pay(charge_id)

        assert len(events("ChargePaid")) == 1
        assert Inbox.objects.count() == 2

    @pytest.mark.parametrize(
        ("mode", "refusal"),
        [(Mode.BAD_SIGNATURE, ForgedNotice), (Mode.STALE_TIMESTAMP, StaleNotice), (Mode.WRONG_AMOUNT, WrongAmount)],
    )
    def test_what_is_forged_stale_or_of_another_amount_leaves_no_trace(self, mode, refusal):
        charge_id = make.charge()

        with pytest.raises(refusal):
            make.hear(make.payment_callback(charge_id, mode=mode))

        assert state_of(charge_id) is ChargeState.OPEN
        assert not Inbox.objects.exists()
        assert events("ChargePaid") == []

    def test_after_a_wrong_one_the_right_one_counts(self):
        charge_id = make.charge()
        with pytest.raises(WrongAmount):
            make.hear(make.payment_callback(charge_id, mode=Mode.WRONG_AMOUNT, notice_id="n-1"))

        make.hear(make.payment_callback(charge_id, notice_id="n-1"))

        assert state_of(charge_id) is ChargeState.PAID

    def test_a_key_that_is_not_in_our_ring_is_named(self):
        callback = make.payment_callback(make.charge())
        callback.headers["Wechatpay-Serial"] = "PUB_KEY_ID_OTHER"

        with pytest.raises(UnknownSigner) as refusal:
            make.hear(callback)

        assert refusal.value.facts == {"serial": "PUB_KEY_ID_OTHER"}
        assert not Inbox.objects.exists()

    def test_business_time_has_no_say_in_whether_a_signature_is_fresh(self, clock_at):
        moment = clock_at("2029-01-01T00:00+08:00")

        charge_id = make.paid_charge()

        assert abs(queries.charge(HUBEI, charge_id).paid_at - moment) < timedelta(seconds=1)

    @pytest.mark.parametrize("number", ["42" + "0" * 26, "34" + "0" * 26, "T-1001", "99" + "z" * 26])
    def test_a_number_that_we_do_not_know_leaves_no_trace(self, number):
        charge_id = make.charge()

        with pytest.raises(UnknownNumber):
            make.hear(make.payment_callback(charge_id, number=number))
        with pytest.raises(UnknownNumber):
            make.hear(make.refund_callback(_a_refund(), number=number))

        assert state_of(charge_id) is ChargeState.OPEN
        assert Inbox.objects.filter(kind="REFUND.SUCCESS").count() == 0

    def test_a_payment_of_a_closed_charge_goes_back_whole(self):
        charge_id = make.charge(amount=Money(1990))
        commands.close_charge(SYSTEM, province_id=HUBEI, charge_id=charge_id)

        make.pay(charge_id)
        make.pay(charge_id)

        (refund,) = refunds_of(charge_id)
        assert (refund.amount, refund.cause, refund.state) == (Money(1990), "late_payment", RefundState.ASKED)
        assert state_of(charge_id) is ChargeState.CLOSED
        assert attempts_of(charge_id)[0].state is AttemptState.LATE
        assert [name for name, _ in events("ChargePaid", "ChargePaidLate", "RefundAsked")] == [
            "ChargePaidLate",
            "RefundAsked",
        ]
        assert jobs("send_refunds") == [{"province_id": HUBEI, "ids": [refund.id]}]

    def test_a_refund_is_done_when_the_gateway_tells_of_it_even_before_its_answer(self):
        refund_id = _a_refund()

        make.settle_refund(refund_id)
        make.settle_refund(refund_id)

        assert queries.refunds(HUBEI, [refund_id])[refund_id].state is RefundState.DONE
        assert [body["refund_id"] for _, body in events("RefundDone")] == [refund_id]

    def test_a_callback_of_the_payment_that_comes_after_the_refunds_does_no_harm(self):
        charge_id = make.charge()
        payment = make.payment_callback(charge_id)
        make.pay(charge_id)
        refund_id = commands.refund(SYSTEM, province_id=HUBEI, charge_id=charge_id, amount=Money(90), cause="edited")

        make.settle_refund(refund_id)
        make.hear(payment)

        assert state_of(charge_id) is ChargeState.PAID
        assert len(events("ChargePaid")) == 1

    @pytest.mark.parametrize("status", ["ABNORMAL", "CLOSED"])
    def test_a_refund_that_the_gateway_gives_up_waits_for_a_person(self, status):
        refund_id = _a_refund()

        make.settle_refund(refund_id, status=status)

        (failed,) = queries.failed_refunds(SYSTEM, province_id=HUBEI)
        assert (failed.id, failed.reason) == (refund_id, status)
        assert len(events("RefundFailed")) == 1

    def test_a_refund_of_another_amount_leaves_no_trace(self):
        refund_id = _a_refund()

        with pytest.raises(WrongAmount):
            make.hear(make.refund_callback(refund_id, mode=Mode.WRONG_AMOUNT))

        assert queries.refunds(HUBEI, [refund_id])[refund_id].state is RefundState.ASKED


class TestRefund:
    def test_money_goes_back_in_parts_and_a_job_will_send_it(self):
        charge_id = make.paid_charge(subject_id=31, amount=Money(1990))

        first = commands.refund(SYSTEM, province_id=HUBEI, charge_id=charge_id, amount=Money(990), cause="edited")
        commands.refund(SYSTEM, province_id=HUBEI, charge_id=charge_id, amount=Money(1000), cause="damaged")

        assert queries.charge(HUBEI, charge_id).refunded == Money(1990)
        assert jobs("send_refunds")[0] == {"province_id": HUBEI, "ids": [first]}
        assert events("RefundAsked")[0][1] == {
            "province_id": HUBEI, "refund_id": first, "charge_id": charge_id, "purpose": ORDER, "subject_id": 31,
            "amount_fen": 990, "cause": "edited",
        }  # fmt: skip
        totals = queries.totals_of(HUBEI, ORDER, [31])
        assert (totals.received, totals.asked, totals.done) == (Money(1990), Money(1990), Money(0))

    def test_the_sums_of_many_subjects_are_those_of_their_charges_and_refunds(self):
        late = make.charge(subject_id=31, amount=Money(500))
        make.attempt(late)
        commands.close_charge(SYSTEM, province_id=HUBEI, charge_id=late)
        make.pay(late)
        paid, other = make.paid_charge(subject_id=31, amount=Money(1990)), make.paid_charge(subject_id=32)
        make.charge(subject_id=33)
        for fen in (300, 90, 7):
            commands.refund(SYSTEM, province_id=HUBEI, charge_id=paid, amount=Money(fen), cause="edited")
        done, failed, _, back = refunds_of(paid) + refunds_of(late)
        make.settle_refund(done.id)
        make.settle_refund(failed.id, status="CLOSED")
        make.settle_refund(back.id)

        found = queries.money_of(HUBEI, ORDER, [31, 32, 33, 34])

        fen = {"paid": 1990, "asked": 397, "received": 2490, "done": 800, "on_the_way": 97, "failed": 90}
        assert found[31] == ChargeMoney(**{name: Money(value) for name, value in fen.items()})
        assert found[32].paid == found[32].received == queries.charge(HUBEI, other).amount
        assert found.keys() == {31, 32}

    def test_never_more_than_was_paid(self):
        charge_id = make.paid_charge(amount=Money(1990))
        commands.refund(SYSTEM, province_id=HUBEI, charge_id=charge_id, amount=Money(1000), cause="edited")

        with pytest.raises(RefundTooLarge):
            commands.refund(SYSTEM, province_id=HUBEI, charge_id=charge_id, amount=Money(991), cause="edited")

        assert len(refunds_of(charge_id)) == 1

    def test_the_database_itself_keeps_more_from_going_back(self):
        charge_id = make.paid_charge(amount=Money(1990))

        with pytest.raises(IntegrityError, match="payments_charge_refunded"):
            Charge.objects.filter(province_id=HUBEI, id=charge_id).update(refunded=Money(1991))

    def test_nothing_goes_back_of_an_open_charge(self):
        charge_id = make.charge()

        with pytest.raises(NothingPaid):
            commands.refund(SYSTEM, province_id=HUBEI, charge_id=charge_id, amount=Money(1), cause="edited")

    def test_members_and_strangers_pay_nothing_back(self):
        charge_id = make.paid_charge()
        asked = {"province_id": HUBEI, "charge_id": charge_id, "amount": Money(1), "cause": "edited"}

        with pytest.raises(Forbidden):
            commands.refund(make.member(), **asked)
        with pytest.raises(SignInNeeded):
            commands.refund(NOBODY, **asked)
        with pytest.raises(Forbidden):
            commands.refund(Caller(Kind.STAFF, 1, rights=frozenset({MAY_REFUND}), provinces=frozenset({34})), **asked)

    def test_the_same_key_pays_back_once(self):
        charge_id = make.paid_charge()
        asked = {"province_id": HUBEI, "charge_id": charge_id, "amount": Money(100), "cause": "edited", "key": "k"}

        assert commands.refund(SYSTEM, **asked) == commands.refund(SYSTEM, **asked)
        assert queries.charge(HUBEI, charge_id).refunded == Money(100)

    def test_a_charge_of_another_province_is_not_found(self):
        charge_id = make.paid_charge(province_id=34)

        with pytest.raises(NotFound):
            commands.refund(SYSTEM, province_id=HUBEI, charge_id=charge_id, amount=Money(1), cause="edited")


class TestRefundMany:
    def test_a_member_who_edits_without_end_does_not_stop_the_nights_cut(self):
        charge_id = make.paid_charge(amount=Money(1990))
        for _ in range(rules.MOST_SINGLE_REFUNDS):
            commands.refund(SYSTEM, province_id=HUBEI, charge_id=charge_id, amount=Money(1), cause="edited")

        with pytest.raises(TooManyRefunds):
            commands.refund(SYSTEM, province_id=HUBEI, charge_id=charge_id, amount=Money(1), cause="edited")
        cut = (NewRefund(charge_id, Money(500), "supplier_short"),)
        commands.refund_many(SYSTEM, province_id=HUBEI, refunds=cut)

        assert queries.charge(HUBEI, charge_id).refunded == Money(535)

    def test_many_charges_pay_back_with_a_handful_of_statements_and_jobs_of_fifty(self):
        charges = [make.paid_charge() for _ in range(60)]
        wanted = tuple(NewRefund(charge_id, Money(100), "supplier_short") for charge_id in [*charges, charges[0]])

        with CaptureQueriesContext(connection) as statements:
            refund_ids = commands.refund_many(SYSTEM, province_id=HUBEI, refunds=wanted, key="cut-1")

        assert len([each for each in statements if "SAVEPOINT" not in each["sql"]]) <= 8
        assert queries.charge(HUBEI, charges[0]).refunded == Money(200)
        assert [row.charge_id for row in queries.refunds(HUBEI, refund_ids).values()] == [*charges, charges[0]]
        assert [len(job["ids"]) for job in jobs("send_refunds")] == [50, 11]
        assert commands.refund_many(SYSTEM, province_id=HUBEI, refunds=wanted, key="cut-1") == refund_ids

    def test_one_that_is_too_large_keeps_all_from_going_back(self):
        good, poor = make.paid_charge(), make.paid_charge(amount=Money(50))
        wanted = (NewRefund(good, Money(100), "short"), NewRefund(poor, Money(51), "short"))

        with pytest.raises(RefundTooLarge):
            commands.refund_many(SYSTEM, province_id=HUBEI, refunds=wanted)

        assert not Refund.objects.exists()
        assert queries.charge(HUBEI, good).refunded == Money(0)

    def test_nothing_asked_is_nothing_done(self):
        assert commands.refund_many(SYSTEM, province_id=HUBEI, refunds=()) == ()


class TestRetryRefund:
    def test_a_failed_refund_is_sent_again_under_its_old_number(self):
        refund_id = _a_refund()
        before = queries.refunds(HUBEI, [refund_id])[refund_id]
        make.settle_refund(refund_id, status="ABNORMAL")
        staff = Caller(Kind.STAFF, 1, rights=frozenset({MAY_REFUND}))

        commands.retry_refund(staff, province_id=HUBEI, refund_id=refund_id, key="again")
        commands.retry_refund(staff, province_id=HUBEI, refund_id=refund_id, key="again")

        after = queries.refunds(HUBEI, [refund_id])[refund_id]
        assert (after.state, after.number, after.reason) == (RefundState.ASKED, before.number, "")
        assert len(jobs("send_refunds")) == 2

    def test_only_what_has_failed_is_sent_again(self):
        with pytest.raises(CannotMove):
            commands.retry_refund(SYSTEM, province_id=HUBEI, refund_id=_a_refund())

    def test_strangers_retry_nothing_and_unknown_refunds_are_not_found(self):
        with pytest.raises(Forbidden):
            commands.retry_refund(make.member(), province_id=HUBEI, refund_id=_a_refund())
        with pytest.raises(NotFound):
            commands.retry_refund(SYSTEM, province_id=HUBEI, refund_id=999_999)


def _a_refund() -> int:
    return commands.refund(
        SYSTEM, province_id=HUBEI, charge_id=make.paid_charge(), amount=Money(590), cause="supplier_short"
    )


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("empty_queue")
class TestAtOnce:
    @pytest.fixture(autouse=True)
    def _keys(self, settings):
        settings.GATEWAY_KEYS = str(make.manifest())

    def test_two_refunds_of_the_same_money_do_not_both_go(self):
        charge_id = make.paid_charge(amount=Money(1000))

        answers = _together(
            lambda: commands.refund(SYSTEM, province_id=HUBEI, charge_id=charge_id, amount=Money(600), cause="short")
        )

        assert sorted(type(answer).__name__ for answer in answers) == ["RefundTooLarge", "int"]
        assert queries.charge(HUBEI, charge_id).refunded == Money(600)

    def test_the_same_callback_twice_at_once_counts_once(self):
        charge_id = make.charge()
        callback = make.payment_callback(charge_id)

        answers = _together(lambda: commands.hear_notice(callback.headers, callback.body))

        assert answers == [None, None]
        assert len(events("ChargePaid")) == 1

    def test_paying_and_closing_at_once_never_loses_the_money(self):
        charge_id = make.charge()
        callback = make.payment_callback(charge_id)

        def close():
            commands.close_charge(SYSTEM, province_id=HUBEI, charge_id=charge_id)

        _together(lambda: commands.hear_notice(callback.headers, callback.body), close)

        late = state_of(charge_id) is ChargeState.CLOSED
        assert attempts_of(charge_id)[0].state is (AttemptState.LATE if late else AttemptState.PAID)
        assert [refund.amount for refund in refunds_of(charge_id)] == ([Money(1990)] if late else [])

    def test_a_charge_that_is_closed_while_the_gateway_opens_it_is_closed_there_too(self, outside, settings, tmp_path):
        charge_id = make.charge()

        with meddler(
            outside, tmp_path, lambda: commands.close_charge(SYSTEM, province_id=HUBEI, charge_id=charge_id)
        ) as manifest:
            settings.GATEWAY_KEYS = str(manifest)
            with pytest.raises(NotPayable):
                commands.pay_parameters(make.member(), province_id=HUBEI, charge_id=charge_id)

        assert state_of(charge_id) is ChargeState.CLOSED
        assert (attempts_of(charge_id), jobs("close_at_gateway")) == ((), [])
        assert outside.ear.is_quiet()


@contextlib.contextmanager
def meddler(outside, folder, deed):
    """A manifest of the gateway behind a proxy that does a deed before it passes each request on."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"]))
            try:
                deed()
            finally:
                connection.close()
            answer = outside.phone.post(outside.addresses.root + self.path, content=body, headers=dict(self.headers))
            self.send_response_only(answer.status_code)
            for name, value in answer.headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(answer.content)

    shutil.copytree(outside.addresses.manifest.parent, folder, dirs_exist_ok=True)
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        told = json.loads((folder / "manifest.json").read_text())
        told["wechatpay"]["base_url"] = f"http://127.0.0.1:{server.server_port}/wechatpay"
        (folder / "manifest.json").write_text(json.dumps(told))
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield folder / "manifest.json"
        finally:
            server.shutdown()
            thread.join()


def _together(first, second=None) -> list[object]:
    """Both at the same moment, each on its own connection; refusals are answers here."""
    start = threading.Barrier(2)

    def run(work):
        start.wait(timeout=10)
        try:
            return work()
        except Exception as wrong:
            return wrong
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        return list(pool.map(run, [first, second or first]))
