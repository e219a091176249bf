"""Suppliers are paid by the bank, whose statement says that they were."""

from __future__ import annotations

from lintuan.kernel import clock
from lintuan.kernel.callers import Caller
from lintuan.kernel.commands import command
from lintuan.kernel.errors import CannotMove, Invalid, NotFound
from lintuan.settlement import ledger
from lintuan.settlement.engine import books
from lintuan.settlement.engine.books import Kind as JournalKind
from lintuan.settlement.engine.paying import MAY_PAY, MAY_PREPARE, LineState, RunKind, RunState, Skip
from lintuan.settlement.models import BankAccount, PayLine, PayRun
from lintuan.sourcing import queries as sourcing

from .runs import end_run, leave_out, locked_run

LONGEST = {"holder": 80, "account": 40, "bank": 80, "reference": 60}


@command
def set_bank_account(
    caller: Caller, *, province_id: int, supplier_id: int, account: tuple[str, str, str], key: str | None = None
) -> int:
    """Note where a supplier wants its money: holder, number and bank. A run that is prepared keeps what it has."""
    caller.require(MAY_PREPARE, province_id)
    sourcing.supplier(province_id, supplier_id)
    told = {name: _words(name, words) for name, words in zip(("holder", "account", "bank"), account, strict=True)}
    row, _ = BankAccount.objects.update_or_create(
        province_id=province_id,
        supplier_id=supplier_id,
        defaults={**told, "set_by": caller.id, "set_at": clock.now()},
    )
    return row.id


@command
def mark_paid(
    caller: Caller,
    *,
    province_id: int,
    run_id: int,
    reference: str,
    line_ids: tuple[int, ...] = (),
    key: str | None = None,
) -> int:
    """Book that the bank paid lines of an approved run, all that wait where none is named; answers how many."""
    caller.require(MAY_PAY, province_id)
    told = _words("reference", reference)
    run, lines = _waiting(province_id, run_id, line_ids)
    rows = PayLine.objects.filter(province_id=province_id, id__in=[line.id for line in lines])
    rows.update(state=LineState.PAID, reference=told)
    ledger.write(
        province_id,
        [
            ledger.Draft(
                source=f"bank:{line.id}",
                kind=JournalKind.SUPPLIER_PAID,
                at=clock.now(),
                entries=books.pay_supplier(line.payee_id, line.amount),
                memo=told,
            )
            for line in lines
        ],
    )
    _end(run)
    return len(lines)


@command
def refuse_line(caller: Caller, *, province_id: int, run_id: int, line_id: int, key: str | None = None) -> int:
    """The bank did not pay a line: its statements wait for another run."""
    caller.require(MAY_PAY, province_id)
    run, lines = _waiting(province_id, run_id, (line_id,))
    leave_out(lines, Skip.BANK_REFUSED)
    _end(run)
    return line_id


def _waiting(province_id: int, run_id: int, line_ids: tuple[int, ...]) -> tuple[PayRun, list[PayLine]]:
    run = locked_run(province_id, run_id)
    if run.kind != RunKind.SUPPLIERS or run.state != RunState.APPROVED:
        raise CannotMove(state=RunState(run.state), to=LineState.PAID)
    rows = PayLine.objects.filter(province_id=province_id, run=run, state=LineState.WAITING)
    lines = list((rows.filter(id__in=line_ids) if line_ids else rows).order_by("id"))
    if not lines or len(lines) < len(set(line_ids)):
        raise NotFound(thing="pay line")
    return run, lines


def _end(run: PayRun) -> None:
    if not PayLine.objects.filter(province_id=run.province_id, run=run, state=LineState.WAITING).exists():
        end_run(run)


def _words(name: str, words: str) -> str:
    told = words.strip()
    if not 1 <= len(told) <= LONGEST[name]:
        raise Invalid(reason=f"{name}: 1-{LONGEST[name]}")
    return told
