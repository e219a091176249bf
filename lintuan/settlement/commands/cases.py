"""How people work a case off: take it, ask the channel, explain or correct it, close it; each step is kept."""

from __future__ import annotations

from django.db import transaction

from lintuan.kernel import clock
from lintuan.kernel.callers import Caller
from lintuan.kernel.commands import command
from lintuan.kernel.errors import Invalid, NotFound
from lintuan.kernel.money import ZERO
from lintuan.kernel.states import require_move
from lintuan.payments import commands as payments
from lintuan.settlement import ledger, purses
from lintuan.settlement.engine import accounts, books, causes
from lintuan.settlement.engine.books import Kind
from lintuan.settlement.errors import CannotAsk, NotYours
from lintuan.settlement.models import CaseFile, CaseStep, Transfer
from lintuan.settlement.types import MAY_CORRECT, Correction, FileState, StepKind

from .corrections import reverse_journal

LONGEST_WHY = 300


@command
def take_case(caller: Caller, *, province_id: int, file_id: int, why: str = "", key: str | None = None) -> None:
    """Work on a case from now on, also in the place of another; one explained or corrected is looked at again."""
    row = _locked(caller, province_id, file_id)
    _move(row, FileState.IN_HAND, _step(row, caller, StepKind.TAKEN, why))


@command
def explain_case(caller: Caller, *, province_id: int, file_id: int, why: str, key: str | None = None) -> None:
    """Say why a difference needs no correction."""
    row = _own(caller, province_id, file_id)
    _move(row, FileState.EXPLAINED, _step(row, caller, StepKind.EXPLAINED, _reason(why)))


@command
def correct_case(
    caller: Caller, *, province_id: int, file_id: int, correction: Correction, why: str, key: str | None = None
) -> int:
    """Put the books right: take a journal back, or post an amount; answers the new journal's id."""
    row, reason = _own(caller, province_id, file_id), _reason(why)
    if correction.journal_id:
        journal_id = reverse_journal(caller, province_id=province_id, journal_id=correction.journal_id, memo=reason)
    else:
        journal_id = _post(row, correction, reason)
    _move(row, FileState.CORRECTED, _step(row, caller, StepKind.CORRECTED, reason, journal_id))
    return journal_id


@command
def close_case(caller: Caller, *, province_id: int, file_id: int, why: str = "", key: str | None = None) -> None:
    """End a case that was explained or corrected; it stays closed unless its figures change."""
    row = _own(caller, province_id, file_id)
    row.closed_at = clock.now()
    _move(row, FileState.CLOSED, _step(row, caller, StepKind.CLOSED, why))


def ask_about_case(caller: Caller, *, province_id: int, file_id: int) -> bool:
    """Ask the channel about the payment or refund of a case and take its word; whether that was news.

    Call it outside any transaction. GatewaySilent and GatewaySaysNo leave the case as it is.
    """
    with transaction.atomic():
        row = _own(caller, province_id, file_id)
    if not row.number or row.kind not in causes.OF_CHANNELS - causes.NOT_ASKED:
        raise CannotAsk
    is_refund = row.kind in causes.OF_REFUNDS
    is_news = payments.ask_channel(caller, province_id=province_id, number=row.number, is_refund=is_refund)
    _note_asked(caller, province_id=province_id, file_id=file_id, is_news=is_news)
    return is_news


@command
def _note_asked(caller: Caller, *, province_id: int, file_id: int, is_news: bool) -> None:
    row = _locked(caller, province_id, file_id)
    _step(row, caller, StepKind.ASKED, "news" if is_news else "no news").save()


def _locked(caller: Caller, province_id: int, file_id: int) -> CaseFile:
    caller.require(MAY_CORRECT, province_id)
    row = CaseFile.objects.select_for_update().filter(province_id=province_id, id=file_id).first()
    if row is None:
        raise NotFound(thing="case")
    return row


def _own(caller: Caller, province_id: int, file_id: int) -> CaseFile:
    row = _locked(caller, province_id, file_id)
    if row.staff_id != caller.id:
        raise NotYours
    return row


def _move(row: CaseFile, to: FileState, step: CaseStep) -> None:
    require_move(causes.MOVES, FileState(row.state), to)
    row.state, row.staff_id = to.value, step.staff_id
    row.save(update_fields=["state", "staff_id", "closed_at"])
    step.save()


def _step(row: CaseFile, caller: Caller, kind: StepKind, why: str, journal_id: int | None = None) -> CaseStep:
    return CaseStep(
        province_id=row.province_id,
        file=row,
        kind=kind.value,
        staff_id=caller.id,
        at=clock.now(),
        why=why[:LONGEST_WHY],
        journal_id=journal_id,
    )


def _post(row: CaseFile, correction: Correction, why: str) -> int:
    debit, credit, amount = correction.debit, correction.credit, correction.amount
    if not (accounts.is_account(debit) and accounts.is_account(credit)) or debit == credit:
        raise Invalid(reason="accounts: two of the chart")
    if amount <= ZERO:
        raise Invalid(reason="amount: more than 0 fen")
    times = CaseStep.objects.filter(province_id=row.province_id, file_id=row.id).count()
    draft = ledger.Draft(
        source=f"case:{row.id}:{times}",
        kind=Kind.CORRECTION,
        at=clock.now(),
        entries=books.correct(debit, credit, amount),
        order_id=row.order_id,
        memo=why,
    )
    purses.require_covered(row.province_id, draft.entries)
    ledger.write(row.province_id, [draft])
    return int(Transfer.objects.get(province_id=row.province_id, source=draft.source, leg=0).id)


def _reason(why: str) -> str:
    if not why.strip():
        raise Invalid(reason="why: some words")
    return why.strip()
