from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import OperationalError
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob
from procrastinate.jobs import Job

from lintuan.kernel import clock
from lintuan.kernel.callers import SYSTEM
from lintuan.kernel.models import EventRecord
from lintuan.kernel.money import Money
from lintuan.payments import commands, jobs, queries, rules
from lintuan.payments.gateways import gateway
from lintuan.payments.models import Refund
from lintuan.payments.types import AttemptState, ChargeState, Provider, RefundState, RefundView
from tests.make import payments as make
from tests.make import provinces

pytestmark = pytest.mark.django_db

HUBEI = make.HUBEI


def state_of(charge_id: int) -> ChargeState:
    return queries.charge(HUBEI, charge_id).state


def refund_of(charge_id: int) -> RefundView:
    (view,) = queries.refunds_of(HUBEI, [charge_id])[charge_id]
    return view


def count(event: str) -> int:
    return EventRecord.objects.filter(province_id=HUBEI, name=f"payments.{event}").count()


def a_charge_on_the_phone(outside, *, fen: int = 1990) -> tuple[int, dict[str, str]]:
    """A charge that the gateway knows, and its payment sheet."""
    charge_id = make.charge(amount=Money(fen))
    sheet = commands.pay_parameters(make.member(), province_id=HUBEI, charge_id=charge_id)
    return charge_id, dict(sheet.fields)


def a_paid_charge(outside, *, fen: int = 1990) -> int:
    charge_id, fields = a_charge_on_the_phone(outside, fen=fen)
    outside.press_pay(fields).raise_for_status()
    outside.hear()
    return charge_id


def ask_back(charge_id: int, fen: int) -> int:
    return commands.refund(SYSTEM, province_id=HUBEI, charge_id=charge_id, amount=Money(fen), cause="supplier_short")


def a_job() -> Job:
    return Job(id=1, queue="default", lock=None, queueing_lock=None, task_name=jobs.SEND_REFUNDS, attempts=1)


class TestSendRefunds:
    def test_the_gateway_takes_a_refund_and_tells_when_the_buyer_has_it(self, outside):
        charge_id = a_paid_charge(outside)
        refund_id = ask_back(charge_id, 590)

        jobs.send_refunds(HUBEI, [refund_id])
        sent = refund_of(charge_id).state
        outside.hear()

        assert (sent, refund_of(charge_id).state) == (RefundState.SENT, RefundState.DONE)
        assert count("RefundDone") == 1

    def test_sent_twice_it_is_paid_once(self, outside):
        charge_id = a_paid_charge(outside)
        refund_id = ask_back(charge_id, 590)

        jobs.send_refunds(HUBEI, [refund_id])
        Refund.objects.filter(province_id=HUBEI, id=refund_id).update(state="asked")
        jobs.send_refunds(HUBEI, [refund_id])
        outside.hear()

        assert refund_of(charge_id).state is RefundState.DONE
        assert outside.ear.is_quiet()
        assert count("RefundDone") == 1

    def test_an_answer_that_says_done_before_the_callback_counts_and_the_callback_then_does_nothing(self, outside):
        charge_id = a_paid_charge(outside)
        refund_id = ask_back(charge_id, 590)
        jobs.send_refunds(HUBEI, [refund_id])
        callback = outside.ear.next()
        Refund.objects.filter(province_id=HUBEI, id=refund_id).update(state="asked")

        jobs.send_refunds(HUBEI, [refund_id])
        answered = refund_of(charge_id).state
        commands.hear_notice(callback.headers, callback.body)

        assert answered is RefundState.DONE
        assert count("RefundDone") == 1

    def test_many_go_in_one_job(self, outside):
        charges = [a_paid_charge(outside, fen=1000 + extra) for extra in range(5)]
        refund_ids = [ask_back(charge_id, 300) for charge_id in charges]

        jobs.send_refunds(HUBEI, refund_ids)
        outside.hear(5)

        assert {view.state for view in queries.refunds(HUBEI, refund_ids).values()} == {RefundState.DONE}

    def test_a_gateway_that_is_gone_is_asked_again_until_a_person_must_look(self, settings):
        settings.GATEWAY_KEYS = str(make.manifest())
        charge_id = make.paid_charge()
        refund_id = ask_back(charge_id, 590)

        for _ in range(rules.MOST_TRIES - 1):
            with pytest.raises(jobs.AskAgain):
                jobs.send_refunds(HUBEI, [refund_id])
        before = refund_of(charge_id).state
        jobs.send_refunds(HUBEI, [refund_id])

        assert (before, refund_of(charge_id).state) == (RefundState.ASKED, RefundState.FAILED)
        assert [view.id for view in queries.failed_refunds(SYSTEM, province_id=HUBEI)] == [refund_id]
        assert count("RefundFailed") == 1

    def test_what_the_gateway_refuses_fails_at_once_and_holds_up_nothing_else(self, outside):
        good, unknown = a_paid_charge(outside), make.paid_charge()
        refund_ids = [ask_back(unknown, 590), ask_back(good, 590)]

        jobs.send_refunds(HUBEI, refund_ids)
        outside.hear()

        assert refund_of(unknown).state is RefundState.FAILED
        assert "RESOURCE_NOT_EXISTS" in refund_of(unknown).reason
        assert refund_of(good).state is RefundState.DONE

    def test_an_answer_that_tells_of_another_amount_is_for_people_and_holds_up_nothing_else(self, outside):
        odd, good = a_paid_charge(outside), a_paid_charge(outside)
        refund_ids = [ask_back(odd, 590), ask_back(good, 590)]
        jobs.send_refunds(HUBEI, refund_ids[:1])
        outside.hear()
        Refund.objects.filter(province_id=HUBEI, id=refund_ids[0]).update(state="asked", done_at=None)
        told = replace(gateway(Provider.WECHATPAY).query_refund(refund_of(odd).number), refund_fen=591)

        settled = jobs._settle(Refund.objects.get(province_id=HUBEI, id=refund_ids[0]), told)
        jobs.send_refunds(HUBEI, refund_ids)
        outside.hear()

        assert (settled, refund_of(odd).state) == (True, RefundState.FAILED)
        assert "591" in refund_of(odd).reason
        assert refund_of(good).state is RefundState.DONE

    def test_a_database_that_is_gone_for_a_moment_is_tried_again(self):
        assert jobs.RETRY.get_retry_decision(exception=OperationalError(), job=a_job()) is not None
        assert jobs.RETRY.get_retry_decision(exception=KeyError(), job=a_job()) is None


class TestCloseAtGateway:
    def test_what_is_closed_can_no_longer_be_paid(self, outside):
        charge_id, fields = a_charge_on_the_phone(outside)
        commands.close_charge(SYSTEM, province_id=HUBEI, charge_id=charge_id)

        jobs.close_at_gateway(HUBEI, [charge_id])

        assert outside.press_pay(fields).json()["code"] == "ORDER_CLOSED"
        assert state_of(charge_id) is ChargeState.CLOSED

    def test_what_the_gateway_could_not_close_is_looked_at_again(self, outside):
        charge_id, fields = a_charge_on_the_phone(outside)
        commands.close_charge(SYSTEM, province_id=HUBEI, charge_id=charge_id)
        ProcrastinateJob.objects.all().delete()
        refusing = {"answers": [{"mode": "refuse", "on": "close", "code": "ORDER_NOT_EXIST"}]}
        outside.phone.post(f"{outside.addresses.wechatpay}/faults", json=refusing).raise_for_status()

        jobs.close_at_gateway(HUBEI, [charge_id])
        (again,) = ProcrastinateJob.objects.all()
        outside.expect_faults("never")
        outside.press_pay(fields).raise_for_status()
        jobs.close_at_gateway(**again.args)

        assert again.args == {"province_id": HUBEI, "ids": [charge_id], "times": 1}
        assert (again.scheduled_at - clock.now()).total_seconds() == pytest.approx(jobs.LOOK_AGAIN[0], abs=20)
        assert (refund_of(charge_id).cause, refund_of(charge_id).amount) == ("late_payment", Money(1990))

    def test_it_is_not_looked_at_for_ever(self, outside):
        charge_id = make.charge()
        make.attempt(charge_id)
        commands.close_charge(SYSTEM, province_id=HUBEI, charge_id=charge_id)
        ProcrastinateJob.objects.all().delete()

        jobs.close_at_gateway(HUBEI, [charge_id], times=len(jobs.LOOK_AGAIN))

        assert not ProcrastinateJob.objects.exists()

    def test_a_buyer_who_was_faster_gets_the_money_back_though_no_callback_comes(self, outside):
        charge_id, fields = a_charge_on_the_phone(outside)
        outside.expect_faults("never")
        outside.press_pay(fields).raise_for_status()
        commands.close_charge(SYSTEM, province_id=HUBEI, charge_id=charge_id)

        jobs.close_at_gateway(HUBEI, [charge_id])
        jobs.send_refunds(HUBEI, [refund_of(charge_id).id])
        outside.hear()

        (late,) = queries.attempts_of(HUBEI, [charge_id])[charge_id]
        assert (state_of(charge_id), late.state) == (ChargeState.CLOSED, AttemptState.LATE)
        assert (refund_of(charge_id).cause, refund_of(charge_id).state) == ("late_payment", RefundState.DONE)
        assert (count("ChargePaid"), count("ChargePaidLate"), count("RefundDone")) == (0, 1, 1)

    def test_a_gateway_that_is_gone_is_asked_again(self, settings):
        settings.GATEWAY_KEYS = str(make.manifest())
        charge_id = make.charge()
        make.attempt(charge_id)
        commands.close_charge(SYSTEM, province_id=HUBEI, charge_id=charge_id)

        with pytest.raises(jobs.AskAgain):
            jobs.close_at_gateway(HUBEI, [charge_id])


class TestSilence:
    @pytest.fixture(autouse=True)
    def _evening(self, clock_at):
        self.clock_at = clock_at
        clock_at("2026-11-20T20:00+08:00")
        provinces.province(HUBEI)

    def test_a_payment_that_nobody_told_of_is_found_after_a_while(self, outside):
        charge_id, fields = a_charge_on_the_phone(outside)
        outside.expect_faults("never")
        outside.press_pay(fields).raise_for_status()

        at_once = jobs.query_silent_charges()
        self.clock_at("2026-11-20T20:06+08:00")
        later = jobs.query_silent_charges()

        assert (at_once, later) == (0, 1)
        assert state_of(charge_id) is ChargeState.PAID
        assert count("ChargePaid") == 1

    def test_those_who_walked_away_do_not_keep_the_others_from_being_asked_about(self, outside, monkeypatch):
        monkeypatch.setattr(jobs, "MOST_ASKED", 2)
        for _ in range(2):
            make.attempt(make.charge())
        charge_id, fields = a_charge_on_the_phone(outside)
        outside.expect_faults("never")
        outside.press_pay(fields).raise_for_status()

        for minute in (6, 12):
            self.clock_at(f"2026-11-20T20:{minute:02d}+08:00")
            jobs.query_silent_charges()

        assert state_of(charge_id) is ChargeState.PAID

    def test_all_whose_callbacks_were_lost_are_asked_about_at_once(self, outside, monkeypatch):
        monkeypatch.setattr(jobs, "MOST_ASKED", 2)
        charges = []
        for _ in range(5):
            charge_id, fields = a_charge_on_the_phone(outside)
            outside.expect_faults("never")
            outside.press_pay(fields).raise_for_status()
            charges.append(charge_id)
        self.clock_at("2026-11-20T20:06+08:00")

        assert jobs.query_silent_charges() == 5
        assert {state_of(charge_id) for charge_id in charges} == {ChargeState.PAID}

    def test_an_unpaid_charge_is_asked_about_now_and_then_and_once_more_before_it_expires(self, outside):
        charge_id, _ = a_charge_on_the_phone(outside)
        asked = {}

        for minute in (4, 6, 7, 12, 13, 14, 16):
            self.clock_at(f"2026-11-20T20:{minute:02d}+08:00")
            asked[minute] = jobs.query_silent_charges()

        assert asked == {4: 0, 6: 1, 7: 0, 12: 1, 13: 1, 14: 0, 16: 0}
        assert state_of(charge_id) is ChargeState.OPEN

    def test_charges_that_the_gateway_never_saw_are_left_alone(self, outside):
        make.charge()
        self.clock_at("2026-11-20T20:14+08:00")

        assert jobs.query_silent_charges() == 0

    def test_one_that_makes_no_sense_does_not_hold_up_the_others(self, outside):
        lost, (good, fields) = make.charge(), a_charge_on_the_phone(outside)
        make.attempt(lost)
        outside.expect_faults("never")
        outside.press_pay(fields).raise_for_status()
        self.clock_at("2026-11-20T20:06+08:00")

        assert jobs.query_silent_charges() == 1
        assert (state_of(lost), state_of(good)) == (ChargeState.OPEN, ChargeState.PAID)

    def test_a_refund_that_nobody_told_of_is_found_after_a_while(self, outside):
        charge_id = a_paid_charge(outside)
        outside.expect_faults("never")
        jobs.send_refunds(HUBEI, [ask_back(charge_id, 590)])

        self.clock_at("2026-11-20T20:30+08:00")
        jobs.query_silent_refunds()

        assert refund_of(charge_id).state is RefundState.DONE
        assert count("RefundDone") == 1

    def test_a_refund_whose_job_was_lost_is_sent_again(self, outside):
        refund_id = ask_back(a_paid_charge(outside), 590)
        ProcrastinateJob.objects.all().delete()

        self.clock_at("2026-11-20T22:00+08:00")
        too_early = jobs.query_silent_refunds()
        self.clock_at("2026-11-20T23:01+08:00")
        in_time = jobs.query_silent_refunds()

        assert (too_early, in_time, jobs.query_silent_refunds()) == (0, 1, 0)
        assert [job.args["ids"] for job in ProcrastinateJob.objects.all()] == [[refund_id]]


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("empty_queue")
def test_the_worker_takes_what_a_command_deferred_and_a_refused_command_defers_nothing(outside):
    charge_id = a_paid_charge(outside)
    ask_back(charge_id, 590)
    with pytest.raises(Exception, match="At most 1400 fen"):
        ask_back(charge_id, 1401)

    with app.replace_connector(app.connector.get_worker_connector()) as worker:
        worker.run_worker(wait=False, listen_notify=False, install_signal_handlers=False)
    outside.hear()

    assert [(job.task_name, job.status) for job in ProcrastinateJob.objects.all()] == [
        ("payments.send_refunds", "succeeded")
    ]
    assert refund_of(charge_id).state is RefundState.DONE


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("empty_queue")
def test_the_worker_pauses_before_it_asks_a_gateway_again_that_is_gone(settings):
    settings.GATEWAY_KEYS = str(make.manifest())
    charge_id = make.paid_charge()
    ask_back(charge_id, 590)

    with app.replace_connector(app.connector.get_worker_connector()) as worker:
        worker.run_worker(wait=False, listen_notify=False, install_signal_handlers=False)

    (job,) = ProcrastinateJob.objects.all()
    assert (job.status, job.attempts, job.scheduled_at is not None) == ("todo", 1, True)
    assert refund_of(charge_id).state is RefundState.ASKED
    assert clock.now() - queries.charge(HUBEI, charge_id).opened_at < timedelta(minutes=1)
