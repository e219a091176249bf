"""Bills beside charges and books: fees, cases, and how people work them off."""

from __future__ import annotations

from datetime import datetime

import pytest

from lintuan.kernel.callers import NOBODY, SYSTEM, Caller
from lintuan.kernel.errors import CannotMove, Invalid, SignInNeeded
from lintuan.kernel.money import Money
from lintuan.payments.types import FlowKind, Provider
from lintuan.settlement import commands, queries
from lintuan.settlement.engine import causes
from lintuan.settlement.engine.books import Kind
from lintuan.settlement.errors import CannotAsk, NotYours
from lintuan.settlement.models import BillRun, Transfer
from lintuan.settlement.types import CaseFileView, Correction, FileState, Remedy, StepKind
from tests.make import provinces
from tests.make.bills import DAY, Bill, bill_of, flow, kept, paid, payment, read
from tests.make.provinces import HUBEI
from tests.make.settlement import ClockAt, balances

pytestmark = pytest.mark.django_db

BILL = {"province_id": HUBEI, "provider": Provider.WECHATPAY, "on_day": DAY}


@pytest.fixture(autouse=True)
def _next_morning(clock_at: ClockAt) -> datetime:
    provinces.province()
    return clock_at("2026-11-21T10:30+08:00")


@pytest.fixture
def staff() -> Caller:
    return provinces.staff()


def compare() -> int:
    return commands.compare_bill(SYSTEM, **BILL)


def case(staff: Caller) -> CaseFileView:
    (found,) = queries.case_files(staff, province_id=HUBEI)
    return queries.case_file(staff, province_id=HUBEI, file_id=found.id)


def a_stranger() -> Bill:
    return Bill([payment("SHOP-77", "T!", 500, kept(500))])


def test_fees_and_withdrawals_are_posted_as_the_channel_moved_them() -> None:
    bill = bill_of([paid(10_000, 3_000), paid(5_000)])
    bill.flows.append(flow(FlowKind.WITHDRAWAL, "W1", -8_000))
    read(bill)

    cases = compare()

    assert cases == 0
    fees = kept(7_000) + kept(5_000)
    assert balances() == {"1001": -fees - 8_000, "5301": fees, "1101": 8_000}


def test_a_day_that_is_read_again_posts_the_rest_only() -> None:
    known = [paid(10_000), paid(5_000)]
    read(bill_of(known[:1]))
    compare()
    compare()

    read(bill_of(known))
    compare()

    assert balances()["5301"] == kept(10_000) + kept(5_000)
    assert Transfer.objects.filter(kind=Kind.GATEWAY_FEE).count() == 2
    assert [run.fees.fen for run in BillRun.objects.order_by("id")] == [60, 60, 90]


def test_fees_that_went_back_are_posted_the_other_way() -> None:
    known = paid(10_000)
    read(bill_of([known]))
    compare()
    bill = bill_of([known])
    bill.flows.append(flow(FlowKind.FEE_BACK, known.transaction_no, 60))
    read(bill)

    compare()

    assert "5301" not in balances()


def test_a_case_says_what_most_likely_caused_it(staff: Caller) -> None:
    fresh = paid(500, state="open")
    read(bill_of([fresh]))

    compare()

    found = case(staff)
    assert (found.kind, found.number, found.order_id) == ("paid_unheard", fresh.number, fresh.charge.subject_id)
    assert (found.left, found.right, found.state) == (Money(0), Money(500), FileState.OPEN)
    assert found.remedy is Remedy.ASK
    assert "callback was lost" in found.en
    assert [step.kind for step in found.steps] == [StepKind.FOUND]


def test_a_case_that_is_gone_is_closed_by_the_system(staff: Caller) -> None:
    read(a_stranger())
    compare()
    read(Bill())

    assert compare() == 0

    (closed,) = queries.case_files(staff, province_id=HUBEI, state=FileState.CLOSED)
    steps = queries.case_file(staff, province_id=HUBEI, file_id=closed.id).steps
    assert [(step.kind, step.who) for step in steps] == [(StepKind.FOUND, ""), (StepKind.VANISHED, "")]


def test_a_case_is_worked_off_step_by_step(staff: Caller) -> None:
    read(a_stranger())
    compare()
    about = {"province_id": HUBEI, "file_id": case(staff).id}

    commands.take_case(staff, **about)
    commands.explain_case(staff, **about, why="the shop at the market has the same merchant")
    commands.close_case(staff, **about)

    (found,) = queries.case_files(staff, province_id=HUBEI, state=FileState.CLOSED)
    steps = queries.case_file(staff, province_id=HUBEI, file_id=found.id).steps
    assert [step.kind for step in steps] == [StepKind.FOUND, StepKind.TAKEN, StepKind.EXPLAINED, StepKind.CLOSED]
    assert steps[2].why == "the shop at the market has the same merchant"
    assert {step.who for step in steps[1:]} == {found.who} != {""}


def test_what_was_worked_off_stays_closed_until_its_figures_change(staff: Caller) -> None:
    read(a_stranger())
    compare()
    about = {"province_id": HUBEI, "file_id": case(staff).id}
    commands.take_case(staff, **about)
    commands.explain_case(staff, **about, why="another shop")
    commands.close_case(staff, **about)

    assert compare() == 0

    read(Bill([payment("SHOP-77", "T!", 501, kept(501))]))
    assert compare() == 1


def test_a_correction_is_a_journal_of_the_case(staff: Caller) -> None:
    read(a_stranger())
    compare()
    about = {"province_id": HUBEI, "file_id": case(staff).id}
    commands.take_case(staff, **about)

    posted = commands.correct_case(
        staff, **about, correction=Correction(debit="1001", credit="2005", amount=Money(500)), why="kept for the shop"
    )
    commands.take_case(staff, **about, why="it was wrong")
    commands.correct_case(staff, **about, correction=Correction(journal_id=posted), why="taken back")

    assert balances() == {"1001": -kept(500), "5301": kept(500)}
    assert [step.journal_id is None for step in case(staff).steps] == [True, True, False, True, False]


@pytest.mark.parametrize(
    "correction",
    [
        Correction(debit="1001", credit="1001", amount=Money(1)),
        Correction(debit="9999", credit="1001", amount=Money(1)),
        Correction(debit="1001", credit="2005", amount=Money(0)),
        Correction(debit="1001", credit="2005", amount=Money(-5)),
    ],
)
def test_a_correction_that_is_none_is_refused(staff: Caller, correction: Correction) -> None:
    read(a_stranger())
    compare()
    about = {"province_id": HUBEI, "file_id": case(staff).id}
    commands.take_case(staff, **about)

    with pytest.raises(Invalid):
        commands.correct_case(staff, **about, correction=correction, why="so")

    assert case(staff).state is FileState.IN_HAND


def test_who_has_not_taken_a_case_cannot_end_it(staff: Caller) -> None:
    read(a_stranger())
    compare()
    about = {"province_id": HUBEI, "file_id": case(staff).id}

    with pytest.raises(NotYours):
        commands.explain_case(staff, **about, why="so")
    with pytest.raises(SignInNeeded):
        commands.take_case(NOBODY, **about)
    commands.take_case(staff, **about)
    with pytest.raises(CannotMove):
        commands.close_case(staff, **about)
    with pytest.raises(Invalid):
        commands.explain_case(staff, **about, why="  ")
    with pytest.raises(NotYours):
        commands.close_case(provinces.staff(phone="13900000009"), **about)


def test_a_movement_without_a_number_cannot_be_asked_about(staff: Caller) -> None:
    bill = bill_of([paid(500)])
    bill.flows.append(flow(FlowKind.OTHER, "X9", -1_200))
    read(bill)
    compare()
    file_id = case(staff).id
    commands.take_case(staff, province_id=HUBEI, file_id=file_id)

    with pytest.raises(CannotAsk):
        commands.ask_about_case(staff, province_id=HUBEI, file_id=file_id)


def test_a_day_is_compared_again_while_it_has_cases_or_was_read_anew() -> None:
    read(a_stranger())
    assert commands.days_to_compare(HUBEI, "wechatpay") == [DAY]
    compare()
    assert commands.days_to_compare(HUBEI, "wechatpay") == [DAY]

    read(Bill())
    compare()
    assert commands.days_to_compare(HUBEI, "wechatpay") == []


def test_the_day_is_told_in_three_columns(staff: Caller) -> None:
    read(bill_of([paid(10_000, 3_000)]))
    compare()

    (day,) = queries.bill_days(staff, province_id=HUBEI)

    assert (day.ours, day.billed, day.booked) == (Money(7_000), Money(7_000), Money(0))
    assert day.fees == Money(kept(7_000))


def test_every_kind_of_difference_has_a_cause_in_both_languages() -> None:
    for cause in causes.ALL.values():
        assert cause.zh
        assert cause.en.isascii()
