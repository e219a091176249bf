"""Pay-out runs: one person prepares who gets what, another approves, and what was approved is carried out."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from procrastinate.contrib.django import app

from lintuan.kernel import clock
from lintuan.kernel.callers import SYSTEM, Caller, Kind
from lintuan.kernel.commands import command
from lintuan.kernel.errors import CannotMove, NotFound
from lintuan.kernel.money import ZERO, Money
from lintuan.payments import commands as payments
from lintuan.payments.types import NewPayout, Payee
from lintuan.settlement import balances, ledger, payables
from lintuan.settlement.engine import accounts
from lintuan.settlement.engine.paying import (
    MAY_PAY,
    MAY_PREPARE,
    WITHDRAWAL,
    Banked,
    LineState,
    Position,
    RunKind,
    RunState,
    Skip,
    Wish,
    WithdrawalState,
    verdict,
)
from lintuan.settlement.errors import FourEyes, NothingToPay, RunOpen, RunStale
from lintuan.settlement.models import BankAccount, PaidStatement, PayLine, PayRun, Withdrawal

from .withdrawals import locked, move

EXECUTE: Final = "settlement.execute_run"
MOST_LINES = 5_000
#: Paid in one transaction; a run that stops goes on behind the last.
AT_ONCE = 50
REMARK = "团长佣金提现"


@command
def prepare_leader_run(caller: Caller, *, province_id: int, key: str | None = None) -> int:
    """Put down what each leader who asked would get, and why not the others. Nothing is paid before it is approved."""
    caller.require(MAY_PREPARE, province_id)
    rows = Withdrawal.objects.filter(province_id=province_id, state=WithdrawalState.ASKED).order_by("id")[:MOST_LINES]
    asked = {row.leader_id: row for row in rows}
    skips = _skips(province_id, asked.values())
    wanted = {leader: row.amount for leader, row in asked.items() if skips[row.id] is None}
    run = _open(caller, province_id, RunKind.LEADERS, bool(wanted))
    taxes = payables.taxes(province_id, run.month, wanted)
    PayLine.objects.bulk_create(
        PayLine(
            province_id=province_id,
            run=run,
            payee_id=row.leader_id,
            withdrawal=row,
            amount=row.amount,
            tax=taxes.get(row.leader_id, ZERO),
            **_told(skips[row.id]),
        )
        for row in asked.values()
    )
    return run.id


@command
def prepare_supplier_run(caller: Caller, *, province_id: int, key: str | None = None) -> int:
    """Put down what each supplier would get for its statements that nobody paid, and why not the others."""
    caller.require(MAY_PREPARE, province_id)
    banks = _banks(province_id, Banked.SUPPLIER)
    dues = payables.of_suppliers(province_id)
    skips = {
        due.supplier_id: verdict(
            Wish(due.supplier_id, due.stated, max(ZERO, due.owed), has_account=due.supplier_id in banks)
        )
        for due in dues
    }
    run = _open(caller, province_id, RunKind.SUPPLIERS, None in skips.values())
    lines = PayLine.objects.bulk_create(
        _bank_line(run, (due.supplier_id, due.stated), banks.get(due.supplier_id), skips[due.supplier_id])
        for due in dues
    )
    PaidStatement.objects.bulk_create(
        PaidStatement(province_id=province_id, line=line, statement_id=statement_id)
        for line, due in zip(lines, dues, strict=True)
        if line.state == LineState.WAITING
        for statement_id in due.statement_ids
    )
    return run.id


@command
def prepare_partner_run(caller: Caller, *, province_id: int, key: str | None = None) -> int:
    """Put down what each traffic partner would get for months that are settled for good, and why not the others."""
    caller.require(MAY_PREPARE, province_id)
    # What a run before it paid is in the books by now, or that run is still open.
    ledger.hold(province_id)
    banks = _banks(province_id, Banked.PARTNER)
    dues = payables.of_partners(province_id)
    skips = {
        one.partner_id: verdict(Wish(one.partner_id, one.due, max(ZERO, one.owed), has_account=one.partner_id in banks))
        for one in dues
    }
    run = _open(caller, province_id, RunKind.PARTNERS, None in skips.values())
    PayLine.objects.bulk_create(
        _bank_line(run, (one.partner_id, one.due), banks.get(one.partner_id), skips[one.partner_id]) for one in dues
    )
    return run.id


@command
def approve_run(caller: Caller, *, province_id: int, run_id: int, key: str | None = None) -> int:
    """Let a run be paid, by another person than prepared it; leaders are paid at once, others by the bank's file.

    A partner who is owed less by now than when the run was prepared is left out.
    """
    caller.require(MAY_PAY, province_id)
    caller.require_kind(Kind.STAFF)
    run = locked_run(province_id, run_id)
    if run.state != RunState.PREPARED:
        raise CannotMove(state=RunState(run.state), to=RunState.APPROVED)
    if run.prepared_by == caller.id:
        raise FourEyes
    if run.kind == RunKind.LEADERS and run.month != payables.month(province_id):
        raise RunStale
    run.state, run.approved_by, run.approved_at = RunState.APPROVED.value, caller.id, clock.now()
    run.save()
    if run.kind == RunKind.LEADERS:
        app.configure_task(EXECUTE).defer(province_id=province_id, run_id=run_id)
    if run.kind == RunKind.PARTNERS:
        _leave_out_uncovered(run)
    return run.id


@command
def drop_run(caller: Caller, *, province_id: int, run_id: int, key: str | None = None) -> int:
    """Give up a run that nobody approved."""
    caller.require(MAY_PREPARE, province_id)
    run = locked_run(province_id, run_id)
    if run.state != RunState.PREPARED:
        raise CannotMove(state=RunState(run.state), to=RunState.DROPPED)
    leave_out(PayLine.objects.filter(province_id=province_id, run=run, state=LineState.WAITING), Skip.DROPPED)
    run.state, run.ended_at = RunState.DROPPED.value, clock.now()
    run.save()
    return run.id


@command
def execute_run(caller: Caller, *, province_id: int, run_id: int) -> int:
    """Pay the next portion of an approved run of leaders; answers how many lines were dealt with, 0 at its end.

    Whoever no longer asks, was frozen or is owed less than when the run was prepared is left out, and so are all once
    its month is over, whose tax it reckons with.
    """
    caller.require_kind(Kind.SYSTEM)
    run = locked_run(province_id, run_id)
    if run.state != RunState.APPROVED or run.kind != RunKind.LEADERS:
        return 0
    lines = list(
        PayLine.objects.filter(province_id=province_id, run=run, state=LineState.WAITING).order_by("id")[:AT_ONCE]
    )
    if not lines:
        end_run(run)
        return 0
    by_withdrawal = {line.withdrawal_id: line for line in lines if line.withdrawal_id}
    rows = locked(province_id, list(by_withdrawal))
    skips = _skips(province_id, rows)
    if run.month != payables.month(province_id):
        skips = {row_id: why or Skip.STALE for row_id, why in skips.items()}
    for why in Skip:
        leave_out([by_withdrawal[row.id] for row in rows if skips[row.id] is why], why)
    _pay(run, [(by_withdrawal[row.id], row) for row in rows if skips[row.id] is None])
    return len(lines)


def locked_run(province_id: int, run_id: int) -> PayRun:
    """A run, locked."""
    run = PayRun.objects.select_for_update().filter(province_id=province_id, id=run_id).first()
    if run is None:
        raise NotFound(thing="pay run")
    return run


def end_run(run: PayRun) -> None:
    """Close a locked run of which no line waits."""
    run.state, run.ended_at = RunState.DONE.value, clock.now()
    run.save()


def end_if_paid(run: PayRun) -> None:
    """Close a locked run that the bank pays, unless a line waits."""
    if not PayLine.objects.filter(province_id=run.province_id, run=run, state=LineState.WAITING).exists():
        end_run(run)


def leave_out(lines: Iterable[PayLine], why: Skip) -> None:
    """Pay nothing by these lines; their statements and withdrawals are free for another run."""
    if found := list(lines):
        province_id, ids = found[0].province_id, [line.id for line in found]
        PaidStatement.objects.filter(province_id=province_id, line_id__in=ids).delete()
        rows = PayLine.objects.filter(province_id=province_id, id__in=ids)
        rows.update(state=LineState.SKIPPED, reason=why)


def _pay(run: PayRun, wanted: Sequence[tuple[PayLine, Withdrawal]]) -> None:
    wishes = []
    for line, row in wanted:
        row.tax, row.month = line.tax, run.month
        wishes.append(
            NewPayout(
                purpose=WITHDRAWAL,
                subject_id=row.id,
                payee_kind=Payee.LEADER,
                payee_id=row.leader_id,
                openid=row.openid,
                amount=row.amount - row.tax,
                remark=REMARK,
                name=row.name,
            )
        )
        move(row, Position.OUT, WithdrawalState.PAYING)
    if wishes:
        payments.pay_out_many(SYSTEM, province_id=run.province_id, wishes=tuple(wishes))
        rows = PayLine.objects.filter(province_id=run.province_id, id__in=[line.id for line, _ in wanted])
        rows.update(state=LineState.SENT)


def _skips(province_id: int, rows: Iterable[Withdrawal]) -> dict[int, Skip | None]:
    """Why each of these withdrawals is not paid; None where it is."""
    known = list(rows)
    leader_ids = [row.leader_id for row in known]
    payable = payables.of_leaders(province_id, leader_ids)
    frozen = payables.frozen(province_id, leader_ids)
    return {
        row.id: Skip.WITHDRAWN
        if row.state != WithdrawalState.ASKED
        else verdict(Wish(row.leader_id, row.amount, payable[row.leader_id].covered, row.leader_id in frozen))
        for row in known
    }


def _open(caller: Caller, province_id: int, kind: RunKind, is_worth_it: bool) -> PayRun:
    open_ones = PayRun.objects.filter(province_id=province_id, kind=kind)
    if open_ones.filter(state__in=[RunState.PREPARED, RunState.APPROVED]).exists():
        raise RunOpen
    if not is_worth_it:
        raise NothingToPay
    held = balances.of_account(province_id, accounts.BANK if kind.is_by_bank else accounts.GATEWAY)
    run = PayRun(
        province_id=province_id,
        kind=kind.value,
        prepared_by=caller.id,
        prepared_at=clock.now(),
        month=payables.month(province_id),
        held=held,
    )
    run.save()
    return run


def _leave_out_uncovered(run: PayRun) -> None:
    ledger.hold(run.province_id)
    due = {one.partner_id: one.due for one in payables.of_partners(run.province_id)}
    lines = PayLine.objects.filter(province_id=run.province_id, run=run, state=LineState.WAITING)
    leave_out([line for line in lines if line.amount > due.get(line.payee_id, ZERO)], Skip.UNCOVERED)
    end_if_paid(run)


def _banks(province_id: int, kind: Banked) -> dict[int, BankAccount]:
    return {row.payee_id: row for row in BankAccount.objects.filter(province_id=province_id, kind=kind)}


def _bank_line(run: PayRun, due: tuple[int, Money], bank: BankAccount | None, skip: Skip | None) -> PayLine:
    payee_id, amount = due
    return PayLine(
        province_id=run.province_id,
        run=run,
        payee_id=payee_id,
        amount=amount,
        tax=Money(0),
        holder=bank.holder if bank else "",
        account=bank.account if bank else "",
        bank=bank.bank if bank else "",
        **_told(skip),
    )


def _told(skip: Skip | None) -> dict[str, str]:
    return {"state": LineState.WAITING.value} if skip is None else {"state": "skipped", "reason": skip.value}
