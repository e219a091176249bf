"""Suppliers and traffic partners are paid by the bank, whose statement says that they were."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from lintuan.kernel import clock
from lintuan.kernel.callers import Caller
from lintuan.kernel.commands import command
from lintuan.kernel.errors import CannotMove, Invalid, NotFound
from lintuan.kernel.money import Money
from lintuan.settlement import ledger
from lintuan.settlement.engine import books
from lintuan.settlement.engine.books import Entries
from lintuan.settlement.engine.books import Kind as JournalKind
from lintuan.settlement.engine.paying import MAY_PAY, MAY_PREPARE, Banked, LineState, RunKind, RunState, Skip
from lintuan.settlement.models import BankAccount, PayLine, PayRun
from lintuan.settlement.partner_models import Partner
from lintuan.sourcing import queries as sourcing

from .runs import end_if_paid, leave_out, locked_run

LONGEST = {"holder": 80, "account": 40, "bank": 80, "reference": 60}
_PAID: Mapping[str, tuple[JournalKind, Callable[[int, Money], Entries]]] = MappingProxyType(
    {
        RunKind.SUPPLIERS: (JournalKind.SUPPLIER_PAID, books.pay_supplier),
        RunKind.PARTNERS: (JournalKind.PARTNER_PAID, books.pay_partner),
    }
)


@command
def set_bank_account(
    caller: Caller,
    *,
    province_id: int,
    kind: Banked,
    payee_id: int,
    account: tuple[str, str, str],
    key: str | None = None,
) -> int:
    """Note where a supplier or partner wants its money: holder, number and bank. A run that is prepared keeps what it
    has.
    """
    caller.require(MAY_PREPARE, province_id)
    if kind is Banked.SUPPLIER:
        sourcing.supplier(province_id, payee_id)
    elif not Partner.objects.filter(province_id=province_id, id=payee_id).exists():
        raise NotFound(thing="partner")
    told = {name: _words(name, words) for name, words in zip(("holder", "account", "bank"), account, strict=True)}
    row, _ = BankAccount.objects.update_or_create(
        province_id=province_id,
        kind=kind.value,
        payee_id=payee_id,
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
    kind, paid = _PAID[run.kind]
    ledger.write(
        province_id,
        [
            ledger.Draft(
                source=f"bank:{line.id}",
                kind=kind,
                at=clock.now(),
                entries=paid(line.payee_id, line.amount),
                memo=told,
            )
            for line in lines
        ],
    )
    end_if_paid(run)
    return len(lines)


@command
def refuse_line(caller: Caller, *, province_id: int, run_id: int, line_id: int, key: str | None = None) -> int:
    """The bank did not pay a line: what it was for waits for another run."""
    caller.require(MAY_PAY, province_id)
    run, lines = _waiting(province_id, run_id, (line_id,))
    leave_out(lines, Skip.BANK_REFUSED)
    end_if_paid(run)
    return line_id


def _waiting(province_id: int, run_id: int, line_ids: tuple[int, ...]) -> tuple[PayRun, list[PayLine]]:
    run = locked_run(province_id, run_id)
    if run.kind not in _PAID or run.state != RunState.APPROVED:
        raise CannotMove(state=RunState(run.state), to=LineState.PAID)
    rows = PayLine.objects.filter(province_id=province_id, run=run, state=LineState.WAITING)
    lines = list((rows.filter(id__in=line_ids) if line_ids else rows).order_by("id"))
    if not lines or len(lines) < len(set(line_ids)):
        raise NotFound(thing="pay line")
    return run, lines


def _words(name: str, words: str) -> str:
    told = words.strip()
    if not 1 <= len(told) <= LONGEST[name]:
        raise Invalid(reason=f"{name}: 1-{LONGEST[name]}")
    return told
