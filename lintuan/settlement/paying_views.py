"""Withdrawals and pay-out runs as their readers see them."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence

from django.db.models import Count

from lintuan.kernel.callers import Caller, Kind
from lintuan.kernel.errors import NotFound
from lintuan.kernel.money import ZERO
from lintuan.leaders import queries as leaders
from lintuan.payments import queries as payments
from lintuan.payments.types import NAME_FROM, PayoutView
from lintuan.sourcing import queries as sourcing

from . import payables
from .engine.paying import (
    MAY_PAY,
    MAY_PREPARE,
    OPEN,
    WITHDRAWAL,
    Banked,
    LineState,
    LineView,
    Purse,
    RunKind,
    RunState,
    RunView,
    WithdrawalState,
    WithdrawalView,
)
from .partner_models import Partner
from .paying_models import BankAccount, Payee, PayLine, PayRun, Withdrawal

MOST_WITHDRAWALS = 20
MOST_RUNS = 20
#: What a spreadsheet takes for a formula begins with one of these.
_FORMULAS = ("=", "+", "-", "@", "\t", "\r")


def purse(caller: Caller) -> Purse:
    """What the calling leader may withdraw now, the tax on all of it, and its latest withdrawals, the newest first."""
    caller.require_kind(Kind.LEADER)
    province_id, leader_id = caller.province_id, caller.id
    found = payables.of_leaders(province_id, [leader_id])[leader_id]
    terms = payables.terms(province_id)
    rows = Withdrawal.objects.filter(province_id=province_id, leader_id=leader_id)
    views = withdrawal_views(province_id, rows.order_by("-id")[:MOST_WITHDRAWALS])
    taxes = payables.taxes(province_id, payables.month(province_id), {leader_id: found.free})
    return Purse(
        free=found.free,
        unstated=found.unstated,
        contested=found.contested,
        least=terms.least,
        name_from=NAME_FROM,
        tax=taxes[leader_id] if found.free else ZERO,
        blocked=_blocked(province_id, leader_id, views),
        withdrawals=tuple(views),
    )


def withdrawal(caller: Caller, *, province_id: int, withdrawal_id: int) -> WithdrawalView:
    """One withdrawal, for its leader or staff who pay; to others it does not exist."""
    row = Withdrawal.objects.filter(province_id=province_id, id=withdrawal_id).first()
    if row is None or not (caller.is_leader(province_id, row.leader_id) or caller.may(MAY_PAY, province_id)):
        raise NotFound(thing="withdrawal")
    return withdrawal_views(province_id, [row])[0]


def failed_withdrawals(caller: Caller, *, province_id: int) -> Sequence[WithdrawalView]:
    """Withdrawals that the gateway refused, the oldest first; they wait for a person."""
    caller.require(MAY_PREPARE, province_id)
    rows = Withdrawal.objects.filter(province_id=province_id, state=WithdrawalState.FAILED)
    return withdrawal_views(province_id, rows.order_by("id"))


def frozen_leaders(caller: Caller, *, province_id: int) -> Mapping[int, str]:
    """Why the withdrawals of leaders are frozen, by leader."""
    caller.require(MAY_PREPARE, province_id)
    rows = Payee.objects.filter(province_id=province_id).exclude(frozen="")
    return dict(rows.order_by("leader_id").values_list("leader_id", "frozen"))


def bank_accounts(caller: Caller, *, province_id: int, kind: Banked) -> Mapping[int, tuple[str, str, str]]:
    """Holder, number and bank of each supplier, or partner, that has told them."""
    caller.require(MAY_PREPARE, province_id)
    rows = BankAccount.objects.filter(province_id=province_id, kind=kind)
    return {row.payee_id: (row.holder, row.account, row.bank) for row in rows}


def partner_names(caller: Caller, *, province_id: int) -> Mapping[int, str]:
    """What traffic partners are called, by id."""
    caller.require(MAY_PREPARE, province_id)
    return _partners(province_id)


def runs(caller: Caller, *, province_id: int) -> Sequence[RunView]:
    """The latest runs with their lines, the newest first."""
    caller.require(MAY_PREPARE, province_id)
    rows = PayRun.objects.filter(province_id=province_id).order_by("-id")
    return [_run(row) for row in rows[:MOST_RUNS]]


def run(caller: Caller, *, province_id: int, run_id: int) -> RunView:
    """One run with its lines as they stand now."""
    caller.require(MAY_PREPARE, province_id)
    row = PayRun.objects.filter(province_id=province_id, id=run_id).first()
    if row is None:
        raise NotFound(thing="pay run")
    return _run(row)


def payouts_of_run(view: RunView) -> Mapping[int, PayoutView]:
    """How the payouts of a run of leaders stand, by withdrawal."""
    ids = [line.withdrawal_id for line in view.lines if line.withdrawal_id and line.state is LineState.SENT]
    found = payments.payouts_of(view.province_id, WITHDRAWAL, ids)
    return {withdrawal_id: views[-1] for withdrawal_id, views in found.items() if views}


def run_file(caller: Caller, *, province_id: int, run_id: int) -> str:
    """A run as CSV with a byte-order mark: of an approved one what the bank shall pay, if it pays, else every line."""
    view = run(caller, province_id=province_id, run_id=run_id)
    if view.kind.is_by_bank and view.state in (RunState.APPROVED, RunState.DONE):
        return _bank_file(view)
    names = payee_names(view)
    head = ("收款人 payee", "金额 amount", "个税 tax", "实付 net", "状态 state", "原因 reason", "流水号 number")
    told = payouts_of_run(view)
    body = []
    for line in view.lines:
        payout = told.get(line.withdrawal_id or 0)
        state = payout.state.value if payout else line.state.value
        number = payout.number if payout else line.reference
        name = names.get(line.payee_id, "?")
        body.append((name, str(line.amount), str(line.tax), str(line.net), state, line.reason, number))
    return _csv([head, *body])


def payee_names(view: RunView) -> Mapping[int, str]:
    """What those whom a run pays are called."""
    if view.kind is RunKind.SUPPLIERS:
        return {one.id: one.name for one in sourcing.suppliers(view.province_id)}
    if view.kind is RunKind.PARTNERS:
        return _partners(view.province_id)
    return leaders.names(view.province_id, [line.payee_id for line in view.lines])


def _partners(province_id: int) -> dict[int, str]:
    rows = Partner.objects.filter(province_id=province_id).order_by("name")
    return dict(rows.values_list("id", "name"))


def withdrawal_views(province_id: int, found: Iterable[Withdrawal]) -> list[WithdrawalView]:
    """These withdrawals, each with its last payout."""
    rows = list(found)
    told = payments.payouts_of(province_id, WITHDRAWAL, [row.id for row in rows])
    return [_withdrawal(row, told[row.id][-1] if told[row.id] else None) for row in rows]


def _withdrawal(row: Withdrawal, payout: PayoutView | None) -> WithdrawalView:
    return WithdrawalView(
        id=row.id,
        province_id=row.province_id,
        leader_id=row.leader_id,
        amount=row.amount,
        tax=row.tax,
        state=WithdrawalState(row.state),
        asked_at=row.asked_at,
        ended_at=row.ended_at,
        reason=row.reason,
        payout=payout,
    )


def _blocked(province_id: int, leader_id: int, views: Sequence[WithdrawalView]) -> str:
    if leader_id in payables.frozen(province_id, [leader_id]):
        return "frozen"
    return "open" if any(view.state in OPEN for view in views) else ""


def _run(row: PayRun) -> RunView:
    lines = PayLine.objects.filter(province_id=row.province_id, run=row)
    counted = lines.annotate(told=Count("statements")).order_by("id")
    return RunView(
        id=row.id,
        province_id=row.province_id,
        kind=RunKind(row.kind),
        state=RunState(row.state),
        prepared_by=row.prepared_by,
        prepared_at=row.prepared_at,
        approved_by=row.approved_by,
        approved_at=row.approved_at,
        month=row.month,
        held=row.held,
        lines=tuple(_line(line, line.told) for line in counted),
    )


def _line(row: PayLine, statements: int) -> LineView:
    return LineView(
        id=row.id,
        payee_id=row.payee_id,
        withdrawal_id=row.withdrawal_id,
        amount=row.amount,
        tax=row.tax,
        state=LineState(row.state),
        reason=row.reason,
        holder=row.holder,
        account=row.account,
        bank=row.bank,
        reference=row.reference,
        statements=statements,
    )


def _bank_file(view: RunView) -> str:
    head = ("收款户名", "收款账号", "开户行", "金额（元）", "附言")
    due = [line for line in view.lines if line.state in (LineState.WAITING, LineState.PAID)]
    subject = "货款" if view.kind is RunKind.SUPPLIERS else "分成"
    body = [
        (line.holder, line.account, line.bank, str(line.amount), f"{subject} {view.prepared_at:%Y%m%d}-{line.id}")
        for line in due
    ]
    return _csv([head, *body])


def _csv(rows: Iterable[Sequence[str]]) -> str:
    out = io.StringIO()
    csv.writer(out, lineterminator="\r\n").writerows([_plain(cell) for cell in row] for row in rows)
    return "\ufeff" + out.getvalue()


def _plain(cell: str) -> str:
    """A cell that no spreadsheet reckons with: names are told by outsiders."""
    is_amount = cell.lstrip("-").replace(".", "", 1).isdigit()
    return f"'{cell}" if cell.startswith(_FORMULAS) and not is_amount else cell
