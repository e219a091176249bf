"""Pay-out runs: prepared by one, approved by another, carried out once; leaders on their phones, suppliers by bank."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest
from django.db import IntegrityError, transaction
from procrastinate.contrib.django.models import ProcrastinateJob

from lintuan.kernel.callers import SYSTEM, Caller
from lintuan.kernel.errors import CannotMove, Forbidden, NotFound
from lintuan.kernel.money import Money
from lintuan.payments import jobs_payouts
from lintuan.payments import queries as payments
from lintuan.payments.gateways.transfers import TransferState
from lintuan.payments.models import Payout
from lintuan.settlement import commands, jobs, queries
from lintuan.settlement.commands import runs as run_commands
from lintuan.settlement.engine.paying import Banked, LineState, RunState, RunView, Skip, Wish, verdict
from lintuan.settlement.errors import FourEyes, NothingToPay, RunOpen, RunStale
from lintuan.settlement.models import PaidStatement, PayRun
from lintuan.sourcing import queries as sourcing
from tests.make import sourcing as make_sourcing
from tests.make import withdrawals as make
from tests.make.provinces import HUBEI, province
from tests.make.settlement import balances, hear
from tests.payments.conftest import Outside
from tests.stand_ins import listen, run_standins

pytestmark = pytest.mark.django_db

ClockAt = Callable[[str], datetime]
PLACE = {"province_id": HUBEI}
DAY = date(2026, 11, 20)
ACCOUNT = ("武汉鲜蔬有限公司", "6222000011112222333", "工商银行武汉分行")


def seen(run_id: int) -> RunView:
    return queries.run(make.clerk(), **PLACE, run_id=run_id)


@pytest.mark.parametrize(
    ("wish", "why"),
    [
        (Wish(1, Money(100), Money(100)), None),
        (Wish(1, Money(100), Money(99)), Skip.UNCOVERED),
        (Wish(1, Money(0), Money(0)), Skip.NOTHING),
        (Wish(1, Money(-100), Money(0)), Skip.NOTHING),
        (Wish(1, Money(100), Money(100), is_frozen=True), Skip.FROZEN),
        (Wish(1, Money(100), Money(100), has_account=False), Skip.NO_BANK),
    ],
)
def test_who_gets_nothing_and_why(wish: Wish, why: Skip | None) -> None:
    assert verdict(wish) is why


class TestLeaders:
    def test_a_run_says_who_gets_what_and_why_not_the_others(self) -> None:
        fine, frozen, over = (make.earner(1_200_000) for _ in range(3))
        for leader in (fine, frozen, over):
            make.withdrawn(leader, 1_000_000)
        commands.set_payee(make.treasurer(), **PLACE, leader_id=frozen.id, is_business=False, frozen="核查")
        make.earn(over, -300_000)

        view = seen(make.prepared())

        told = {line.payee_id: (line.state, line.reason, line.tax.fen) for line in view.lines}
        assert told == {
            fine.id: (LineState.WAITING, "", 9_000),
            frozen.id: (LineState.SKIPPED, "frozen", 0),
            over.id: (LineState.SKIPPED, "uncovered", 0),
        }
        assert (view.total(LineState.WAITING), view.held, view.state) == (Money(991_000), Money(0), RunState.PREPARED)
        assert not Payout.objects.filter(**PLACE).exists()

    def test_four_eyes(self) -> None:
        make.withdrawn(make.earner(30_000), 30_000)
        treasurer = make.treasurer()
        run_id = commands.prepare_leader_run(treasurer, **PLACE)

        with pytest.raises(FourEyes):
            commands.approve_run(treasurer, **PLACE, run_id=run_id)
        with pytest.raises(Forbidden):
            commands.approve_run(make.clerk(), **PLACE, run_id=run_id)
        with pytest.raises(Forbidden):
            commands.approve_run(SYSTEM, **PLACE, run_id=run_id)
        with pytest.raises(IntegrityError), transaction.atomic():
            PayRun.objects.filter(id=run_id, **PLACE).update(
                state="approved", approved_by=treasurer.id, approved_at="2026-11-25T04:00Z"
            )

    def test_an_approved_run_is_carried_out_by_a_job_and_only_once(self) -> None:
        make.withdrawn(make.earner(30_000), 30_000)
        run_id = make.prepared()
        commands.approve_run(make.treasurer(), **PLACE, run_id=run_id)
        (job,) = ProcrastinateJob.objects.filter(task_name=run_commands.EXECUTE)

        for _ in range(2):
            jobs.execute_run(**job.args)

        assert job.args == {"province_id": HUBEI, "run_id": run_id}
        assert Payout.objects.filter(**PLACE).count() == 1
        assert (seen(run_id).state, [line.state for line in seen(run_id).lines]) == (RunState.DONE, [LineState.SENT])

    def test_a_run_that_stopped_goes_on_behind_the_last(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(run_commands, "AT_ONCE", 2)
        for _ in range(5):
            make.withdrawn(make.earner(30_000), 30_000)
        run_id = make.prepared()
        commands.approve_run(make.treasurer(), **PLACE, run_id=run_id)
        commands.execute_run(SYSTEM, **PLACE, run_id=run_id)
        halfway = Payout.objects.filter(**PLACE).count()

        jobs.resume_runs()

        assert (halfway, Payout.objects.filter(**PLACE).count()) == (2, 5)
        assert balances()["2301"] == -150_000
        assert seen(run_id).state is RunState.DONE

    def test_what_changed_since_it_was_prepared_is_left_out(self) -> None:
        fine, frozen, over, gone = (make.earner(30_000) for _ in range(4))
        asked = {leader.id: make.withdrawn(leader, 20_000) for leader in (fine, frozen, over, gone)}
        run_id = make.prepared()
        commands.set_payee(make.treasurer(), **PLACE, leader_id=frozen.id, is_business=False, frozen="核查")
        make.earn(over, -20_000)
        commands.cancel_withdrawal(gone, **PLACE, withdrawal_id=asked[gone.id])

        make.paid_out(run_id)

        told = {line.payee_id: line.reason for line in seen(run_id).lines}
        assert told == {fine.id: "", frozen.id: "frozen", over.id: "uncovered", gone.id: "withdrawn"}
        assert Payout.objects.get(**PLACE).payee_id == fine.id

    def test_who_was_left_out_comes_into_the_next_run(self) -> None:
        leader = make.earner(30_000)
        make.withdrawn(leader, 20_000)
        run_id = make.prepared()
        commands.drop_run(make.clerk(), **PLACE, run_id=run_id)

        again = make.paid_out()

        assert (seen(run_id).state, seen(run_id).lines[0].reason) == (RunState.DROPPED, "dropped")
        assert seen(again).lines[0].state is LineState.SENT

    def test_one_run_at_a_time_and_none_of_nothing(self) -> None:
        province()
        with pytest.raises(NothingToPay):
            make.prepared()
        make.withdrawn(make.earner(30_000), 20_000)
        make.prepared()
        with pytest.raises(RunOpen):
            make.prepared()

    def test_a_run_of_last_month_reckons_with_other_taxes(self, clock_at: ClockAt) -> None:
        clock_at("2026-11-30T23:00+08:00")
        make.withdrawn(make.earner(30_000), 20_000)
        run_id = make.prepared()
        clock_at("2026-12-01T00:00+08:00")

        with pytest.raises(RunStale):
            commands.approve_run(make.treasurer(), **PLACE, run_id=run_id)

    def test_what_is_left_of_a_run_when_its_month_ends_waits_for_another(self, clock_at: ClockAt) -> None:
        clock_at("2026-12-31T23:59+08:00")
        withdrawal_id = make.withdrawn(make.earner(30_000), 20_000)
        run_id = make.prepared()
        commands.approve_run(make.treasurer(), **PLACE, run_id=run_id)
        clock_at("2027-01-01T00:00+08:00")
        jobs.resume_runs()

        assert [(line.state, line.reason) for line in seen(run_id).lines] == [(LineState.SKIPPED, "stale")]
        assert not Payout.objects.filter(**PLACE).exists()
        make.paid_out()
        assert make.row(withdrawal_id).month == date(2027, 1, 1)

    def test_the_list_as_a_file_tells_how_each_payout_stands(self) -> None:
        withdrawal_id = make.withdrawn(make.earner(30_000), 20_000)
        run_id = make.paid_out()
        make.tell(withdrawal_id, TransferState.SUCCEEDED)

        rows = _rows(queries.run_file(make.clerk(), **PLACE, run_id=run_id))

        assert rows[1] == ["王阿姨", "200.00", "0.00", "200.00", "done", "", make.payout(withdrawal_id).number]


class TestSuppliers:
    def test_the_bank_pays_what_statements_come_to_and_none_is_paid_twice(self) -> None:
        supplier_id = _supplier()
        for place, fen in enumerate((50_000, -8_000, 1_000)):
            make.supplier_statement(supplier_id, fen, on=DAY + timedelta(days=place))

        run_id = _approved()
        before = balances()
        paid = commands.mark_paid(make.treasurer(), **PLACE, run_id=run_id, reference="ICBC-20261125-01")

        (line,) = seen(run_id).lines
        assert (paid, line.amount, line.statements, line.reference) == (1, Money(43_000), 3, "ICBC-20261125-01")
        assert before[f"2101:{supplier_id}"] == -43_000
        assert (balances().get(f"2101:{supplier_id}"), balances()["1101"]) == (None, -43_000)
        assert seen(run_id).state is RunState.DONE
        with pytest.raises(NothingToPay):
            commands.prepare_supplier_run(make.clerk(), **PLACE)
        with pytest.raises(CannotMove):
            commands.mark_paid(make.treasurer(), **PLACE, run_id=run_id, reference="again")

    def test_the_database_refuses_a_statement_in_two_lines(self) -> None:
        supplier_id = _supplier()
        statement = make.supplier_statement(supplier_id, 50_000, on=DAY)
        run_id = commands.prepare_supplier_run(make.clerk(), **PLACE)
        line_id = seen(run_id).lines[0].id

        with pytest.raises(IntegrityError, match="paidstatement_once"), transaction.atomic():
            PaidStatement.objects.create(**PLACE, line_id=line_id, statement_id=statement.id)

    def test_who_gets_nothing_is_told_why(self) -> None:
        fine, poor, nowhere = _supplier(), _supplier(), _supplier(is_told=False)
        for supplier_id, fen in ((fine, 50_000), (poor, -3_000), (nowhere, 7_000)):
            make.supplier_statement(supplier_id, fen, on=DAY)

        view = seen(commands.prepare_supplier_run(make.clerk(), **PLACE))

        assert {line.payee_id: line.reason for line in view.lines} == {fine: "", poor: "nothing", nowhere: "no_bank"}

    def test_what_the_bank_refused_waits_for_the_next_run(self) -> None:
        first, second = _supplier(), _supplier()
        for supplier_id in (first, second):
            make.supplier_statement(supplier_id, 50_000, on=DAY)
        run_id = _approved()
        lines = {line.payee_id: line.id for line in seen(run_id).lines}

        commands.refuse_line(make.treasurer(), **PLACE, run_id=run_id, line_id=lines[first])
        commands.mark_paid(make.treasurer(), **PLACE, run_id=run_id, reference="R1", line_ids=(lines[second],))

        assert seen(run_id).state is RunState.DONE
        assert balances()["1101"] == -50_000
        assert [line.payee_id for line in seen(_approved()).lines] == [first]

    def test_the_file_of_the_bank_has_what_was_approved_and_no_formula(self) -> None:
        supplier_id = _supplier()
        make.supplier_statement(supplier_id, 50_000, on=DAY)
        _bank(supplier_id, ('=HYPERLINK("http://x")', "+6222", "工商银行"))
        run_id = _approved()
        _bank(supplier_id, ACCOUNT)

        rows = _rows(queries.run_file(make.clerk(), **PLACE, run_id=run_id))

        assert rows[0] == ["收款户名", "收款账号", "开户行", "金额（元）", "附言"]
        assert rows[1][:4] == ['\'=HYPERLINK("http://x")', "'+6222", "工商银行", "500.00"]

    def test_lines_of_another_run_cannot_be_paid_in_this_one(self) -> None:
        make.supplier_statement(_supplier(), 50_000, on=DAY)
        run_id = _approved()

        with pytest.raises(NotFound):
            commands.mark_paid(make.treasurer(), **PLACE, run_id=run_id, reference="R", line_ids=(10**9,))
        with pytest.raises(Forbidden):
            commands.mark_paid(make.clerk(), **PLACE, run_id=run_id, reference="R")


class TestOnThePhone:
    """Over the stand-in of WeChat Pay: real requests, real signatures, real callbacks."""

    def test_a_leader_withdraws_confirms_and_has_the_money(self, outside) -> None:
        leader = make.earner(1_200_000)
        withdrawal_id = make.withdrawn(leader, 1_000_000)
        make.paid_out()
        _send(withdrawal_id)
        waiting = queries.withdrawal(leader, **PLACE, withdrawal_id=withdrawal_id)

        _confirm(outside, leader, withdrawal_id)
        outside.hear()
        hear()

        assert waiting.to_confirm
        assert make.row(withdrawal_id).state == "done"
        assert balances() == {"5101": 1_200_000, f"2202:{leader.id}": -200_000, "1001": -991_000, "2401": -9_000}

    def test_what_nobody_confirms_in_time_is_owed_again_and_can_be_asked_for_anew(self, impatient) -> None:
        leader = make.earner(300_000)
        withdrawal_id = make.withdrawn(leader, 180_000)
        make.paid_out()
        _send(withdrawal_id)

        impatient.hear()
        hear()

        assert make.row(withdrawal_id).state == "returned"
        assert balances() == {"5101": 300_000, f"2202:{leader.id}": -300_000}
        assert queries.purse(leader).free == Money(300_000)


@pytest.fixture
def impatient(tmp_path: Path, settings) -> Iterator[Outside]:
    """A gateway whose day to confirm is over at once."""
    with run_standins(tmp_path, "--confirm-within", "0.2") as addresses, listen() as ear, httpx.Client() as phone:
        settings.GATEWAY_KEYS = str(addresses.manifest)
        settings.PUBLIC_ADDRESS = ear.url.removesuffix(urlsplit(ear.url).path)
        yield Outside(addresses, ear, phone, addresses)


def _send(withdrawal_id: int) -> None:
    hear()
    jobs_payouts.send_payouts(HUBEI, [make.payout(withdrawal_id).id])
    hear()


def _confirm(outside, leader: Caller, withdrawal_id: int) -> None:
    told = payments.confirmation(leader, **PLACE, payout_id=make.payout(withdrawal_id).id)
    _post(outside, "/phone/confirm-transfer", dict(told.fields))


def _post(outside, path: str, content: object) -> None:
    outside.phone.post(outside.addresses.wechatpay + path, json=content).raise_for_status()


def _supplier(*, is_told: bool = True) -> int:
    province()
    supplier_id = make_sourcing.supplier().id
    if is_told:
        _bank(supplier_id, ACCOUNT)
    return sourcing.supplier(HUBEI, supplier_id).id


def _bank(supplier_id: int, account: tuple[str, str, str]) -> None:
    commands.set_bank_account(make.clerk(), **PLACE, kind=Banked.SUPPLIER, payee_id=supplier_id, account=account)


def _approved() -> int:
    run_id = commands.prepare_supplier_run(make.clerk(), **PLACE)
    return commands.approve_run(make.treasurer(), **PLACE, run_id=run_id)


def _rows(text: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text.removeprefix("\ufeff"))))
