"""Leaders withdraw what they earned; the books follow how its payouts stand."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, time
from zoneinfo import ZoneInfo

from lintuan.kernel import clock
from lintuan.kernel.callers import SYSTEM, Caller, Kind
from lintuan.kernel.commands import command
from lintuan.kernel.errors import CannotMove, Forbidden, Invalid, NotFound
from lintuan.kernel.money import Money
from lintuan.leaders import queries as leaders
from lintuan.payments import commands as payments
from lintuan.payments import queries as payouts
from lintuan.payments.types import LONGEST_NAME, LONGEST_OPENID, NAME_FROM, PayoutState
from lintuan.provinces.queries import province
from lintuan.settlement import ledger, payables
from lintuan.settlement.engine import books
from lintuan.settlement.engine.books import Entries
from lintuan.settlement.engine.books import Kind as JournalKind
from lintuan.settlement.engine.paying import MAY_PAY, OPEN, WITHDRAWAL, Position, WithdrawalState, journals, position
from lintuan.settlement.errors import (
    NameNeeded,
    NotCovered,
    TooLittle,
    WithdrawalOpen,
    WithdrawalsFrozen,
    WithdrawalStale,
    WithdrawnToday,
)
from lintuan.settlement.models import Payee, Withdrawal

P, W = Position, WithdrawalState
LONGEST_REASON = 200


@command
def withdraw(
    caller: Caller, *, province_id: int, amount: Money, openid: str, name: str = "", key: str | None = None
) -> int:
    """Ask for commission to be paid; it waits for a run. The phone tells its `openid`, which the transfer proves."""
    caller.require_kind(Kind.LEADER)
    if caller.province_id != province_id:
        raise Forbidden
    payee = _payee(province_id, caller.id)
    if payee.frozen:
        raise WithdrawalsFrozen
    _check_words(amount, openid.strip(), name.strip())
    _check_times(province_id, caller.id)
    terms = payables.terms(province_id)
    if amount < terms.least:
        raise TooLittle(least=str(terms.least))
    free = payables.of_leaders(province_id, [caller.id])[caller.id].free
    if amount > free:
        raise NotCovered(free=str(free))
    row = Withdrawal(
        province_id=province_id,
        leader_id=caller.id,
        amount=amount,
        tax=Money(0),
        openid=openid.strip(),
        name=name.strip() if amount >= NAME_FROM else "",
        asked_at=clock.now(),
    )
    row.save()
    return row.id


@command
def cancel_withdrawal(caller: Caller, *, province_id: int, withdrawal_id: int, key: str | None = None) -> int:
    """Take back what was asked for and is not being paid yet."""
    row = locked(province_id, [withdrawal_id])[0]
    if not caller.is_leader(province_id, row.leader_id):
        raise NotFound(thing="withdrawal")
    if row.state != W.ASKED:
        raise CannotMove(state=W(row.state), to=W.CANCELLED)
    move(row, P.NONE, W.CANCELLED)
    return row.id


@command
def set_payee(
    caller: Caller, *, province_id: int, leader_id: int, is_business: bool, frozen: str, key: str | None = None
) -> int:
    """Say whether a leader is a business, of which no tax is withheld, and freeze its withdrawals with a reason."""
    caller.require(MAY_PAY, province_id)
    if len(frozen) > LONGEST_REASON:
        raise Invalid(reason=f"frozen: 0-{LONGEST_REASON}")
    leaders.leader(province_id, leader_id)
    row = _payee(province_id, leader_id)
    row.is_business, row.frozen = is_business, frozen.strip()
    row.changed_by, row.changed_at = caller.reference, clock.now()
    row.save()
    return row.id


@command
def retry_withdrawal(caller: Caller, *, province_id: int, withdrawal_id: int, key: str | None = None) -> int:
    """Have a withdrawal that failed this month paid after all, where what the leader is owed still covers it."""
    caller.require(MAY_PAY, province_id)
    row = _failed(province_id, withdrawal_id)
    if row.month != payables.month(province_id):
        raise WithdrawalStale
    covered = payables.of_leaders(province_id, [row.leader_id])[row.leader_id].covered
    if row.amount > covered:
        raise NotCovered(free=str(covered))
    payments.retry_payout(SYSTEM, province_id=province_id, payout_id=_last_payout(row))
    follow(province_id, [row.id])
    return row.id


@command
def drop_withdrawal(caller: Caller, *, province_id: int, withdrawal_id: int, key: str | None = None) -> int:
    """Give up a failed withdrawal: what it was for is the leader's to withdraw again."""
    caller.require(MAY_PAY, province_id)
    row = _failed(province_id, withdrawal_id)
    payments.cancel_payout(SYSTEM, province_id=province_id, payout_id=_last_payout(row))
    follow(province_id, [row.id])
    return row.id


def follow(province_id: int, withdrawal_ids: Sequence[int]) -> None:
    """Bring withdrawals and the books to how their payouts stand, whatever was heard of them before."""
    rows = locked(province_id, withdrawal_ids)
    found = payouts.payouts_of(province_id, WITHDRAWAL, [row.id for row in rows])
    for row in rows:
        if views := found[row.id]:
            to, state = position([PayoutState(view.state) for view in views])
            row.reason = views[-1].reason if state is W.FAILED else ""
            move(row, to, state)


def move(row: Withdrawal, to: Position, state: WithdrawalState) -> None:
    """Show a locked withdrawal in the books as it stands; nothing is written where nothing changed."""
    drafts = [
        ledger.Draft(source=f"withdrawal:{row.id}-{row.journals + place}", kind=kind, at=clock.now(), entries=entries)
        for place, (kind, entries) in enumerate(_journals(row, to), start=1)
    ]
    ledger.write(row.province_id, drafts)
    row.journals += len(drafts)
    row.booked, row.state = to.value, state.value
    if state not in OPEN:
        row.ended_at, row.name = row.ended_at or clock.now(), ""
    row.save()


def locked(province_id: int, withdrawal_ids: Sequence[int]) -> list[Withdrawal]:
    """These withdrawals by id, locked; NotFound where none of them exists."""
    rows = Withdrawal.objects.select_for_update().filter(province_id=province_id, id__in=withdrawal_ids)
    if not (found := list(rows.order_by("id"))):
        raise NotFound(thing="withdrawal")
    return found


def _journals(row: Withdrawal, to: Position) -> list[tuple[JournalKind, Entries]]:
    sent = books.send_payout(row.leader_id, row.amount, row.tax)
    done = books.end_payout(row.amount - row.tax)
    return journals(P(row.booked), to, sent, done)


def _payee(province_id: int, leader_id: int) -> Payee:
    """The row that whoever moves a leader's money holds."""
    about = {"province_id": province_id, "leader_id": leader_id}
    Payee.objects.bulk_create([Payee(**about, changed_at=clock.now())], ignore_conflicts=True)
    return Payee.objects.select_for_update().get(**about)


def _check_words(amount: Money, openid: str, name: str) -> None:
    if not 1 <= len(openid) <= LONGEST_OPENID:
        raise Invalid(reason=f"openid: 1-{LONGEST_OPENID}")
    if len(name) > LONGEST_NAME:
        raise Invalid(reason=f"name: 0-{LONGEST_NAME}")
    if amount >= NAME_FROM and not name:
        raise NameNeeded(least=str(NAME_FROM))


def _check_times(province_id: int, leader_id: int) -> None:
    rows = Withdrawal.objects.filter(province_id=province_id, leader_id=leader_id)
    if rows.filter(state__in=OPEN).exists():
        raise WithdrawalOpen
    zone = ZoneInfo(province(province_id).zone)
    midnight = datetime.combine(payables.today(province_id), time.min, zone)
    paid_today = rows.filter(asked_at__gte=midnight).exclude(month=None).count()
    if paid_today >= payables.terms(province_id).times_a_day:
        raise WithdrawnToday


def _failed(province_id: int, withdrawal_id: int) -> Withdrawal:
    row = locked(province_id, [withdrawal_id])[0]
    if row.state != W.FAILED:
        raise CannotMove(state=W(row.state), to=W.PAYING)
    return row


def _last_payout(row: Withdrawal) -> int:
    return payouts.payouts_of(row.province_id, WITHDRAWAL, [row.id])[row.id][-1].id
