"""What the gateway tells: by callback, or asked when no callback comes. Both ends meet here and count once."""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from django.db import DatabaseError, InterfaceError, OperationalError, connection

from lintuan.kernel import clock
from lintuan.kernel.callers import SYSTEM, Caller, Kind
from lintuan.kernel.commands import command
from lintuan.kernel.errors import Broken, Refusal, Unavailable
from lintuan.kernel.events import announce, announce_all
from lintuan.payments import rules
from lintuan.payments.errors import ForgedNotice, StaleNotice, UnknownNumber, UnknownSigner, WrongAmount
from lintuan.payments.events import ChargePaid, ChargePaidLate, RefundDone, RefundFailed
from lintuan.payments.gateways import PROVIDER, gateway, notices, real_time
from lintuan.payments.gateways.faults import ForgedCallback, StaleCallback, UnknownKey
from lintuan.payments.models import Charge, Refund
from lintuan.payments.types import LATE_PAYMENT, ChargeState, RefundState

from .refunds import pay_back

log = logging.getLogger(__name__)

PAID = frozenset({notices.TradeState.PAID, notices.TradeState.REFUNDED})
REFUND_STATES: Mapping[notices.RefundState, RefundState] = {
    notices.RefundState.PROCESSING: RefundState.SENT,
    notices.RefundState.SUCCEEDED: RefundState.DONE,
    notices.RefundState.CLOSED: RefundState.FAILED,
    notices.RefundState.ABNORMAL: RefundState.FAILED,
}

_UNREACHABLE = (OperationalError, InterfaceError)
_REFUSED = (Refusal, DatabaseError, InterfaceError)

_INBOX = """
INSERT INTO payments_inbox (provider, notice_id, kind, body, heard_at)
SELECT %s, told.notice_id, told.kind, told.body, %s::timestamptz
FROM unnest(%s::text[], %s::text[], %s::text[]) WITH ORDINALITY AS told (notice_id, kind, body, place)
ORDER BY told.place
ON CONFLICT (provider, notice_id) DO NOTHING RETURNING notice_id
"""
_PAID = """
UPDATE payments_charge c SET state = told.state, paid_at = %s::timestamptz, transaction_no = told.number
FROM unnest(%s::bigint[], %s::text[], %s::text[]) AS told (id, state, number)
WHERE c.province_id = %s AND c.id = told.id
"""


@dataclass(frozen=True, slots=True)
class Letter:
    """A callback as it came."""

    headers: Mapping[str, str]
    body: bytes


def hear_notice(headers: Mapping[str, str], body: bytes) -> None:
    """Take a callback of the gateway, once; what is forged, stale or about nothing of ours leaves no trace."""
    (refusal,) = hear_notices([Letter(headers, body)])
    if refusal is not None:
        raise refusal


def hear_notices(letters: Sequence[Letter]) -> list[Refusal | None]:
    """Take many callbacks, in one transaction where none of them is refused, and say of each why it was.

    What is not None was not taken; all else is committed.
    """
    heard = [_authentic(letter) for letter in letters]
    believed = [notice for notice in heard if not isinstance(notice, Refusal)]
    refusals: Mapping[str, Refusal | None] = {}
    try:
        if believed:
            _take(SYSTEM, told=believed)
    except _REFUSED as wrong:
        if len(believed) == 1 or isinstance(wrong, _UNREACHABLE):
            refusals = dict.fromkeys((notice.notice_id for notice in believed), _refusal(wrong))
        else:
            log.warning("%d callbacks are taken one by one: %s", len(believed), wrong)
            refusals = {notice.notice_id: _take_alone(notice) for notice in believed}
    return [notice if isinstance(notice, Refusal) else refusals.get(notice.notice_id) for notice in heard]


def ask_for_payment(number: str) -> bool:
    """Ask the gateway whether it has the money for a charge, and take its word; call it outside any transaction."""
    return settle_payment(SYSTEM, told=gateway().query(number))


@command
def settle_payment(caller: Caller, *, told: notices.Transaction) -> bool:
    """Take what the gateway tells of a payment; whether that was news."""
    return bool(settle_payments(caller, told=[told]))


@command
def settle_payments(caller: Caller, *, told: Sequence[notices.Transaction]) -> int:
    """Take what the gateway tells of many payments, all or none; how many of them were news."""
    caller.require_kind(Kind.SYSTEM)
    by_province: dict[int, list[notices.Transaction]] = defaultdict(list)
    for payment in told:
        by_province[rules.province_of(payment.out_trade_no)].append(payment)
    return sum(_settle(province_id, by_province[province_id]) for province_id in sorted(by_province))


@command
def settle_refund(caller: Caller, *, told: notices.Refund) -> bool:
    """Take what the gateway tells of a refund, in its answer or its callback; whether that was news."""
    caller.require_kind(Kind.SYSTEM)
    row = _refund(rules.province_of(told.out_refund_no), told.out_refund_no)
    _check_amount(told.refund_fen, row.amount.fen)
    return move_refund(row, REFUND_STATES[told.state], gateway_no=told.refund_id, reason=told.state.value)


def move_refund(row: Refund, told: RefundState, *, gateway_no: str = "", reason: str = "") -> bool:
    """Move a locked refund and announce its end; whether that was news."""
    state = rules.after_refund(RefundState(row.state), told)
    if state is None:
        return False
    row.state, row.gateway_no = state, gateway_no or row.gateway_no
    row.reason = reason[:200] if state is RefundState.FAILED else ""
    row.done_at = clock.now() if state is RefundState.DONE else None
    row.tried_at = clock.now()
    row.save(update_fields=["state", "gateway_no", "reason", "done_at", "tried_at"])
    _announce_end(row)
    return True


def _settle(province_id: int, told: Sequence[notices.Transaction]) -> int:
    charges, moved = _charges(province_id, {payment.out_trade_no for payment in told}), list[Charge]()
    for payment in told:
        charge = charges.get(payment.out_trade_no)
        if charge is None:
            raise UnknownNumber(number=payment.out_trade_no)
        _check_amount(payment.total_fen, charge.amount.fen)
        state = rules.after_payment(ChargeState(charge.state))
        if payment.state in PAID and state is not None:
            charge.state, charge.transaction_no = state, payment.transaction_id or ""
            moved.append(charge)
    if moved:
        _keep_paid(province_id, moved)
        announce_all(_news(charge) for charge in moved)
    for charge in moved:
        if charge.state == ChargeState.LATE:
            pay_back(charge, LATE_PAYMENT)
    return len(moved)


def _keep_paid(province_id: int, moved: Sequence[Charge]) -> None:
    now = clock.now()
    for charge in moved:
        charge.paid_at = now
    charge_ids, states = [row.id for row in moved], [str(row.state) for row in moved]
    with connection.cursor() as cursor:
        cursor.execute(_PAID, [now, charge_ids, states, [row.transaction_no for row in moved], province_id])


def _news(charge: Charge) -> ChargePaid | ChargePaidLate:
    kind = ChargePaid if charge.state == ChargeState.PAID else ChargePaidLate
    return kind(
        province_id=charge.province_id,
        charge_id=charge.id,
        purpose=charge.purpose,
        subject_id=charge.subject_id,
        amount_fen=charge.amount.fen,
    )


def _authentic(letter: Letter) -> notices.Notice | Refusal:
    """The notice that a letter brings, or why it is not believed."""
    try:
        return gateway().read_callback(letter.headers, letter.body, real_time())
    except StaleCallback:
        return StaleNotice()
    except UnknownKey as wrong:
        log.warning("a callback was signed with the key %s, which is not in our ring", wrong.serial[:80])
        return UnknownSigner(serial=wrong.serial[:80])
    except ForgedCallback:
        return ForgedNotice()
    except Refusal as refusal:
        return refusal


@command
def _take(caller: Caller, *, told: Sequence[notices.Notice]) -> None:
    unheard = _keep_new({notice.notice_id: notice for notice in told})
    settle_payments(caller, told=[each.transaction for each in unheard if isinstance(each, notices.PaymentNotice)])
    for each in unheard:
        if isinstance(each, notices.RefundNotice):
            settle_refund(caller, told=each.refund)


def _take_alone(notice: notices.Notice) -> Refusal | None:
    try:
        _take(SYSTEM, told=[notice])
    except _REFUSED as wrong:
        return _refusal(wrong)
    return None


def _refusal(wrong: Exception) -> Refusal:
    if isinstance(wrong, Refusal):
        return wrong
    log.error("a callback could not be taken", exc_info=wrong)
    return Unavailable() if isinstance(wrong, _UNREACHABLE) else Broken()


def _keep_new(told: Mapping[str, notices.Notice]) -> list[notices.Notice]:
    """Put notices into the inbox, and say which were not there; a twin waits for the first one's transaction to end.

    In the order of their ids, so that two batches of the same notices do not wait for each other.
    """
    if not told:
        return []
    rows = [told[notice_id] for notice_id in sorted(told)]
    columns = [[row.notice_id for row in rows], [row.event_type for row in rows], [row.content for row in rows]]
    with connection.cursor() as cursor:
        cursor.execute(_INBOX, [PROVIDER, clock.now(), *columns])
        return [told[notice_id] for (notice_id,) in cursor.fetchall()]


def _charges(province_id: int, numbers: Collection[str]) -> dict[str, Charge]:
    """The charges of these numbers, locked in the order of their ids."""
    rows = Charge.objects.select_for_update().filter(province_id=province_id, number__in=numbers)
    return {row.number: row for row in rows.order_by("id")}


def _refund(province_id: int, number: str) -> Refund:
    rows = Refund.objects.select_related("charge").select_for_update(of=("self",))
    row = rows.filter(province_id=province_id, number=number).first()
    if row is None:
        raise UnknownNumber(number=number)
    return row


def _check_amount(told_fen: int, expected_fen: int) -> None:
    if told_fen != expected_fen:
        log.error("the gateway tells of %d fen where %d fen is right", told_fen, expected_fen)
        raise WrongAmount(told_fen=told_fen, expected_fen=expected_fen)


def _announce_end(row: Refund) -> None:
    about = {
        "province_id": row.province_id,
        "refund_id": row.id,
        "charge_id": row.charge_id,
        "purpose": row.charge.purpose,
        "subject_id": row.charge.subject_id,
        "amount_fen": row.amount.fen,
        "cause": row.cause,
    }
    if row.state == RefundState.DONE:
        announce(RefundDone(**about))
    elif row.state == RefundState.FAILED:
        announce(RefundFailed(**about, reason=row.reason))
