"""Money that leaves: a payout has one number at the gateway, under which it is paid once however often it is sent."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Mapping, Sequence
from typing import Any

from django.db import IntegrityError, transaction

from lintuan.kernel import clock
from lintuan.kernel.callers import SYSTEM, Caller, Kind
from lintuan.kernel.commands import command
from lintuan.kernel.errors import NotFound
from lintuan.kernel.events import Event, announce, announce_all
from lintuan.kernel.states import require_move
from lintuan.payments import rules
from lintuan.payments.errors import ForgedNotice, PayoutExists, UnknownNumber, WrongAmount
from lintuan.payments.events import (
    PayoutAsked,
    PayoutCancelled,
    PayoutDone,
    PayoutFailed,
    PayoutReturned,
    PayoutToConfirm,
)
from lintuan.payments.gateways.faults import ForgedCallback
from lintuan.payments.gateways.notices import Notice
from lintuan.payments.gateways.outgoing import transfers
from lintuan.payments.gateways.transfers import FINISHED, Transfer, TransferState
from lintuan.payments.models import Payout
from lintuan.payments.types import MAY_PAY_OUT, NAME_FROM, NewPayout, PayoutState

from .later import cancel_payouts_later, send_payouts_later

log = logging.getLogger(__name__)

STATES: Mapping[TransferState, PayoutState] = {
    TransferState.ACCEPTED: PayoutState.SENT,
    TransferState.PROCESSING: PayoutState.SENT,
    TransferState.WAIT_USER_CONFIRM: PayoutState.WAITING_CONFIRM,
    TransferState.TRANSFERRING: PayoutState.SENT,
    TransferState.SUCCEEDED: PayoutState.DONE,
    TransferState.FAILED: PayoutState.FAILED,
    TransferState.CANCELLING: PayoutState.SENT,
    TransferState.CANCELLED: PayoutState.CANCELLED,
}
ANNOUNCED: Mapping[PayoutState, type[Event]] = {
    PayoutState.ASKED: PayoutAsked,
    PayoutState.WAITING_CONFIRM: PayoutToConfirm,
    PayoutState.DONE: PayoutDone,
    PayoutState.RETURNED: PayoutReturned,
    PayoutState.CANCELLED: PayoutCancelled,
}
NAMELESS = frozenset({PayoutState.DONE, PayoutState.CANCELLED, PayoutState.RETURNED})


@command
def pay_out(caller: Caller, *, province_id: int, wish: NewPayout, key: str | None = None) -> int:
    """Pay a person; PayoutExists where the same thing is being paid out, was, or failed and may be tried again."""
    (payout_id,) = pay_out_many(caller, province_id=province_id, wishes=(wish,))
    return payout_id


@command
def pay_out_many(
    caller: Caller, *, province_id: int, wishes: tuple[NewPayout, ...], key: str | None = None
) -> tuple[int, ...]:
    """Pay many people, all or none; the ids are in the order of the wishes."""
    caller.require(MAY_PAY_OUT, province_id)
    for wish in wishes:
        rules.check_payout(wish)
    rows = _create([_row(province_id, wish) for wish in wishes])
    announce_all(_news(row) for row in rows)
    send_payouts_later(province_id, [row.id for row in rows])
    return tuple(row.id for row in rows)


@command
def cancel_payout(caller: Caller, *, province_id: int, payout_id: int, key: str | None = None) -> PayoutState:
    """Call a payout off: at once where the gateway was never asked, else it is asked to; the state that is known then.

    Until the state is `cancelled` the payee may still get the money.
    """
    caller.require(MAY_PAY_OUT, province_id)
    row = _locked(province_id, payout_id)
    require_move(rules.PAYOUT_MOVES, PayoutState(row.state), PayoutState.CANCELLED)
    if row.state == PayoutState.FAILED or not row.tries:
        _move(row, PayoutState.CANCELLED)
    elif row.cancel_asked_at is None:
        row.cancel_asked_at = clock.now()
        row.save(update_fields=["cancel_asked_at"])
        cancel_payouts_later(province_id, [row.id])
    return PayoutState(row.state)


@command
def retry_payout(caller: Caller, *, province_id: int, payout_id: int, key: str | None = None) -> int:
    """Have a failed payout tried again, and say which payout that is.

    What the gateway never took keeps its number. What it took and ended is ended for ever: another payout stands in.
    """
    caller.require(MAY_PAY_OUT, province_id)
    row = _locked(province_id, payout_id)
    require_move(rules.PAYOUT_MOVES, PayoutState(row.state), PayoutState.ASKED)
    if row.gateway_no:
        (another,) = _create([_again(row)])
        announce(_news(another))
        send_payouts_later(province_id, [another.id])
        return another.id
    row.state, row.tries, row.reason, row.ended_at = PayoutState.ASKED, 0, "", None
    row.save(update_fields=["state", "tries", "reason", "ended_at"])
    announce(_news(row))
    send_payouts_later(province_id, [row.id])
    return row.id


def hear_payout(notice: Notice) -> bool:
    """Take an authentic callback that tells the end of a transfer; whether it was one, and news.

    Call it in the transaction that keeps the notice.
    """
    if notice.event_type != FINISHED:
        return False
    try:
        told = transfers().read_notice(notice.content)
    except ForgedCallback as wrong:
        raise ForgedNotice from wrong
    return settle_payout(SYSTEM, told=told)


@command
def settle_payout(caller: Caller, *, told: Transfer) -> bool:
    """Take what the gateway tells of a transfer, in its answer or its callback; whether that was news."""
    caller.require_kind(Kind.SYSTEM)
    province_id = rules.province_of(told.out_bill_no)
    row = Payout.objects.select_for_update().filter(province_id=province_id, number=told.out_bill_no).first()
    if row is None:
        raise UnknownNumber(number=told.out_bill_no)
    if told.amount_fen is not None and told.amount_fen != row.amount.fen:
        log.error("the gateway tells of %d fen where %d fen is right", told.amount_fen, row.amount.fen)
        raise WrongAmount(told_fen=told.amount_fen, expected_fen=row.amount.fen)
    state = PayoutState.RETURNED if told.is_unconfirmed else STATES[told.state]
    row.gateway_no = told.transfer_bill_no or row.gateway_no
    row.package = told.package or row.package
    return move_payout(row, state, reason=told.fail_reason)


@command
def fail_payout(caller: Caller, *, province_id: int, payout_id: int, reason: str) -> bool:
    """The gateway refuses for good what it never took; whether that was news."""
    caller.require_kind(Kind.SYSTEM)
    row = _locked(province_id, payout_id)
    is_open = row.state == PayoutState.ASKED
    return is_open and move_payout(row, PayoutState.FAILED, reason=reason)


@command
def call_off_payout(caller: Caller, *, province_id: int, payout_id: int) -> bool:
    """The gateway does not know a payout that was called off; whether that was news."""
    caller.require_kind(Kind.SYSTEM)
    row = _locked(province_id, payout_id)
    is_open = row.state == PayoutState.ASKED and row.cancel_asked_at is not None
    return is_open and move_payout(row, PayoutState.CANCELLED)


def move_payout(row: Payout, told: PayoutState, *, reason: str = "") -> bool:
    """Move a locked payout and announce it; whether that was news."""
    state = rules.after_payout(PayoutState(row.state), told)
    if state is not None:
        row.reason = reason[:200] if state is PayoutState.FAILED else ""
        row.tried_at = clock.now()
        _move(row, state)
    elif told in rules.PAYOUTS_UNDER_WAY and row.state in rules.PAYOUTS_UNDER_WAY:
        row.save(update_fields=["gateway_no", "package"])
    return state is not None


def _move(row: Payout, state: PayoutState) -> None:
    row.state = state
    row.ended_at = None if state in rules.PAYOUTS_UNDER_WAY else clock.now()
    if state in NAMELESS:
        row.payee_name = ""
    row.save(update_fields=["state", "gateway_no", "package", "reason", "tried_at", "ended_at", "payee_name"])
    if state is not PayoutState.SENT:
        announce(_news(row))


def _create(rows: Sequence[Payout]) -> list[Payout]:
    try:
        with transaction.atomic():
            return Payout.objects.bulk_create(rows)
    except IntegrityError as wrong:
        if "payments_payout_one_counts" not in str(wrong):
            raise
        raise PayoutExists from wrong


def _row(province_id: int, wish: NewPayout) -> Payout:
    return Payout(
        province_id=province_id,
        purpose=wish.purpose,
        subject_id=wish.subject_id,
        payee_kind=wish.payee_kind,
        payee_id=wish.payee_id,
        openid=wish.openid,
        payee_name=wish.name if wish.amount >= NAME_FROM else "",
        number=_number(province_id),
        amount=wish.amount,
        remark=wish.remark,
        asked_at=clock.now(),
    )


def _again(row: Payout) -> Payout:
    return Payout(
        province_id=row.province_id,
        purpose=row.purpose,
        subject_id=row.subject_id,
        payee_kind=row.payee_kind,
        payee_id=row.payee_id,
        openid=row.openid,
        payee_name=row.payee_name,
        number=_number(row.province_id),
        amount=row.amount,
        remark=row.remark,
        asked_at=clock.now(),
    )


def _number(province_id: int) -> str:
    return rules.write_number(province_id, secrets.token_hex(13))


def _locked(province_id: int, payout_id: int) -> Payout:
    row = Payout.objects.select_for_update().filter(province_id=province_id, id=payout_id).first()
    if row is None:
        raise NotFound(thing="payout")
    return row


def _news(row: Payout) -> Event:
    about: dict[str, Any] = {
        "province_id": row.province_id,
        "payout_id": row.id,
        "purpose": row.purpose,
        "subject_id": row.subject_id,
        "payee_kind": str(row.payee_kind),
        "payee_id": row.payee_id,
        "amount_fen": row.amount.fen,
    }
    if row.state == PayoutState.FAILED:
        return PayoutFailed(**about, reason=row.reason)
    return ANNOUNCED[PayoutState(row.state)](**about)
