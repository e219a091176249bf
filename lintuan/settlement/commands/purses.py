"""Members withdraw their balance: all of it, at once, without tax, as it is money of theirs that came back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from lintuan.kernel import clock
from lintuan.kernel.callers import SYSTEM, Caller, Kind
from lintuan.kernel.commands import command
from lintuan.kernel.errors import Forbidden, Invalid
from lintuan.members import queries as members
from lintuan.payments import commands as payments
from lintuan.payments import queries as payouts
from lintuan.payments.types import (
    LEAST_PAYOUT,
    LONGEST_NAME,
    LONGEST_OPENID,
    NAME_FROM,
    NewPayout,
    Payee,
    PayoutState,
)
from lintuan.settlement import ledger, purses
from lintuan.settlement.engine import books
from lintuan.settlement.engine.paying import BALANCE, OPEN, Position, WithdrawalState, journals, position
from lintuan.settlement.errors import NameNeeded, TooLittle, WithdrawalOpen
from lintuan.settlement.models import BalanceWithdrawal

REMARK: Final = "订单退款"


@command
def withdraw_balance(caller: Caller, *, province_id: int, openid: str, name: str = "", key: str | None = None) -> int:
    """Have all of one's balance paid; the phone tells its `openid`, which the transfer proves.

    What failed before is given up for it. WithdrawalOpen while an earlier one is on its way.
    """
    caller.require_kind(Kind.MEMBER)
    if caller.province_id != province_id:
        raise Forbidden
    openid, name = openid.strip(), name.strip()
    if not (1 <= len(openid) <= LONGEST_OPENID and len(name) <= LONGEST_NAME):
        raise Invalid(reason=f"openid: 1-{LONGEST_OPENID}; name: 0-{LONGEST_NAME}")
    purses.hold(province_id, caller.id)
    give_up_failed(province_id, caller.id)
    if _open(province_id, caller.id):
        raise WithdrawalOpen
    amount = purses.held(province_id, caller.id)
    if amount < LEAST_PAYOUT:
        raise TooLittle(least=str(LEAST_PAYOUT))
    if amount >= NAME_FROM and not name:
        raise NameNeeded(least=str(NAME_FROM))
    row = BalanceWithdrawal(province_id=province_id, member_id=caller.id, amount=amount, asked_at=clock.now())
    _move(row, Position.OUT, WithdrawalState.PAYING)
    wish = NewPayout(BALANCE, row.id, Payee.MEMBER, caller.id, openid, amount, REMARK, name)
    payments.pay_out(SYSTEM, province_id=province_id, wish=wish)
    return row.id


def follow_balances(province_id: int, withdrawal_ids: Sequence[int]) -> None:
    """Bring withdrawals and the books to how their payouts stand, whatever was heard of them before."""
    rows = BalanceWithdrawal.objects.select_for_update().filter(province_id=province_id, id__in=withdrawal_ids)
    found = payouts.payouts_of(province_id, BALANCE, withdrawal_ids)
    for row in rows.order_by("id"):
        _follow(row, [PayoutState(view.state) for view in found[row.id]])
        if row.state == WithdrawalState.FAILED and members.forgotten_ids(province_id, [row.member_id]):
            _give_up(row)


def give_up_failed(province_id: int, member_id: int) -> None:
    """Give up what the gateway refused of a member's, and with it the name that it was told."""
    for row in _open(province_id, member_id):
        _give_up(row)


def _give_up(row: BalanceWithdrawal) -> None:
    """By how its payouts stand now: the news of them may still be on its way."""
    views = payouts.payouts_of(row.province_id, BALANCE, [row.id])[row.id]
    _follow(row, [PayoutState(view.state) for view in views])
    if row.state == WithdrawalState.FAILED:
        payments.cancel_payout(SYSTEM, province_id=row.province_id, payout_id=views[-1].id)
        _follow(row, [PayoutState.CANCELLED])


def _open(province_id: int, member_id: int) -> list[BalanceWithdrawal]:
    rows = BalanceWithdrawal.objects.select_for_update().filter(province_id=province_id, member_id=member_id)
    return list(rows.filter(state__in=OPEN))


def _follow(row: BalanceWithdrawal, states: Sequence[PayoutState]) -> None:
    if states:
        _move(row, *position(states))


def _move(row: BalanceWithdrawal, to: Position, state: WithdrawalState) -> None:
    """Show a withdrawal in the books as it stands; nothing is written where nothing changed."""
    sent, done = books.send_balance(row.member_id, row.amount), books.end_payout(row.amount)
    steps = journals(Position(row.booked), to, sent, done)
    row.booked, row.state = to.value, state.value
    row.ended_at = None if state in OPEN else row.ended_at or clock.now()
    first, row.journals = row.journals + 1, row.journals + len(steps)
    row.save()
    drafts = [
        ledger.Draft(source=f"balance:{row.id}-{place}", kind=kind, at=clock.now(), entries=entries)
        for place, (kind, entries) in enumerate(steps, start=first)
    ]
    ledger.write(row.province_id, drafts)
