"""What the gateway tells: by callback, or asked when no callback comes. Both ends meet here and count once."""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import DatabaseError, InterfaceError, OperationalError, connection

from lintuan.kernel import clock
from lintuan.kernel.callers import SYSTEM, Caller, Kind
from lintuan.kernel.commands import command
from lintuan.kernel.errors import Broken, Refusal, Unavailable
from lintuan.kernel.events import announce, announce_all
from lintuan.kernel.money import Money
from lintuan.payments import rules
from lintuan.payments.errors import (
    ForgedNotice,
    GatewaySaysNo,
    GatewaySilent,
    StaleNotice,
    UnknownNumber,
    UnknownSigner,
    WrongAmount,
)
from lintuan.payments.events import ChargePaid, ChargePaidLate, RefundDone, RefundFailed
from lintuan.payments.gateways import gateway, notices, real_time
from lintuan.payments.gateways.faults import (
    ForgedCallback,
    GatewayRefused,
    GatewayUnreachable,
    StaleCallback,
    UnknownKey,
)
from lintuan.payments.models import Attempt, Refund
from lintuan.payments.types import MAY_ASK, AttemptState, ChargeState, Provider, RefundState

from .later import close_at_gateway_later
from .payouts import hear_payout
from .refunds import Late, pay_back_late

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
_TOLD = """
SELECT a.id, a.number, a.state, a.provider, c.id, c.state, c.amount, c.purpose, c.subject_id
FROM payments_charge AS c JOIN payments_attempt AS a ON a.charge_id = c.id
WHERE c.province_id = %(province)s AND a.province_id = %(province)s AND a.number = ANY(%(numbers)s)
ORDER BY c.id, a.id
FOR UPDATE OF c, a
"""
# Of a charge that is paid the other attempts are closed; the answer are the charges that had such.
_PAID = """
WITH told AS (
    SELECT * FROM unnest(%(attempts)s::bigint[], %(charges)s::bigint[], %(states)s::text[], %(bills)s::text[])
        AS w (id, charge_id, state, transaction_no)
), charge AS (
    UPDATE payments_charge AS c SET state = 'paid', paid_at = %(now)s FROM told
    WHERE c.province_id = %(province)s AND c.id = told.charge_id AND told.state = 'paid'
), attempt AS (
    UPDATE payments_attempt AS a SET state = told.state, paid_at = %(now)s, transaction_no = told.transaction_no
    FROM told WHERE a.province_id = %(province)s AND a.id = told.id
)
UPDATE payments_attempt AS a SET state = 'closed' FROM told
WHERE a.province_id = %(province)s AND a.charge_id = told.charge_id AND told.state = 'paid' AND a.state = 'open'
    AND a.id <> ALL(%(attempts)s)
RETURNING a.charge_id
"""


@dataclass(frozen=True, slots=True)
class Letter:
    """A callback as it came."""

    headers: Mapping[str, str]
    body: bytes


@dataclass(slots=True)
class _Told:
    """An attempt that the gateway tells of, with its charge; both are locked."""

    id: int
    number: str
    state: AttemptState
    provider: str
    charge_id: int
    charge_state: ChargeState
    amount_fen: int
    purpose: str
    subject_id: int
    transaction_no: str = ""


def hear_notice(headers: Mapping[str, str], body: bytes, provider: Provider = Provider.WECHATPAY) -> None:
    """Take a callback of the gateway, once; what is forged, stale or about nothing of ours leaves no trace."""
    (refusal,) = hear_notices([Letter(headers, body)], provider)
    if refusal is not None:
        raise refusal


def hear_notices(letters: Sequence[Letter], provider: Provider = Provider.WECHATPAY) -> list[Refusal | None]:
    """Take many callbacks, in one transaction where none of them is refused, and say of each why it was.

    What is not None was not taken; all else is committed.
    """
    heard = [_authentic(provider, letter) for letter in letters]
    believed = [notice for notice in heard if not isinstance(notice, Refusal)]
    refusals: Mapping[str, Refusal | None] = {}
    try:
        if believed:
            _take(SYSTEM, provider=provider, told=believed)
    except _REFUSED as wrong:
        if len(believed) == 1 or isinstance(wrong, _UNREACHABLE):
            refusals = dict.fromkeys((notice.notice_id for notice in believed), _refusal(wrong))
        else:
            log.warning("%d callbacks are taken one by one: %s", len(believed), wrong)
            refusals = {notice.notice_id: _take_alone(provider, notice) for notice in believed}
    return [notice if isinstance(notice, Refusal) else refusals.get(notice.notice_id) for notice in heard]


def ask_for_payment(provider: Provider, number: str) -> bool:
    """Ask the gateway whether it has the money for an attempt, and take its word; call it outside any transaction."""
    return settle_payment(SYSTEM, provider=provider, told=gateway(provider).query(number))


def ask_channel(caller: Caller, *, province_id: int, number: str, is_refund: bool) -> bool:
    """Ask about one payment, or one refund by its own number, and take the gateway's word; whether that was news.

    GatewaySilent and GatewaySaysNo; call it outside any transaction.
    """
    caller.require(MAY_ASK, province_id)
    if rules.province_of(number) != province_id:
        raise UnknownNumber(number=number)
    try:
        return _ask_for_refund(province_id, number) if is_refund else _ask_for_attempt(province_id, number)
    except GatewayUnreachable as silence:
        raise GatewaySilent from silence
    except GatewayRefused as refusal:
        raise GatewaySaysNo(reason=str(refusal)) from refusal


@command
def settle_payment(caller: Caller, *, provider: Provider, told: notices.Transaction) -> bool:
    """Take what the gateway tells of a payment; whether that was news."""
    return bool(settle_payments(caller, provider=provider, told=[told]))


@command
def settle_payments(caller: Caller, *, provider: Provider, told: Sequence[notices.Transaction]) -> int:
    """Take what the gateway tells of many payments, all or none; how many of them were news."""
    caller.require_kind(Kind.SYSTEM)
    by_province: dict[int, list[notices.Transaction]] = defaultdict(list)
    for payment in told:
        by_province[rules.province_of(payment.out_trade_no)].append(payment)
    return sum(_settle(province_id, provider, by_province[province_id]) for province_id in sorted(by_province))


@command
def settle_refund(caller: Caller, *, provider: Provider, told: notices.Refund) -> bool:
    """Take what the gateway tells of a refund, in its answer or its callback; whether that was news."""
    caller.require_kind(Kind.SYSTEM)
    row = _refund(rules.province_of(told.out_refund_no), provider, told.out_refund_no)
    _check_amount(told.refund_fen, row.amount.fen)
    return move_refund(row, REFUND_STATES[told.state], gateway_no=told.refund_id, reason=told.state.value)


def move_refund(row: Refund, told: RefundState, *, gateway_no: str = "", reason: str = "") -> bool:
    """Move a locked refund and announce its end; whether that was news."""
    state = rules.after_refund(RefundState(row.state), told)
    if state is None:
        if row.state == RefundState.CREDITED and told is RefundState.DONE:
            log.error("the gateway paid refund %s, which its buyer has as a balance", row.number)
        return False
    row.state, row.gateway_no = state, gateway_no or row.gateway_no
    row.reason = reason[:200] if state is RefundState.FAILED else ""
    row.done_at = clock.now() if state is RefundState.DONE else None
    row.tried_at = clock.now()
    row.save(update_fields=["state", "gateway_no", "reason", "done_at", "tried_at"])
    _announce_end(row)
    return True


def _ask_for_attempt(province_id: int, number: str) -> bool:
    provider = Attempt.objects.filter(province_id=province_id, number=number).values_list("provider", flat=True).first()
    if provider is None:
        raise UnknownNumber(number=number)
    return ask_for_payment(Provider(provider), number)


def _ask_for_refund(province_id: int, number: str) -> bool:
    row = Refund.objects.select_related("attempt").filter(province_id=province_id, number=number).first()
    if row is None:
        raise UnknownNumber(number=number)
    provider = Provider(row.attempt.provider)
    told = gateway(provider).query_refund(number, row.attempt.number)
    return settle_refund(SYSTEM, provider=provider, told=told)


def _settle(province_id: int, provider: Provider, told: Sequence[notices.Transaction]) -> int:
    attempts, moved = _attempts(province_id, {payment.out_trade_no for payment in told}), list[_Told]()
    charges = {one.charge_id: one.charge_state for one in attempts.values()}
    for payment in told:
        one = attempts.get(payment.out_trade_no)
        if one is None or one.provider != provider:
            raise UnknownNumber(number=payment.out_trade_no)
        _check_amount(payment.total_fen, one.amount_fen)
        state = rules.after_payment(charges[one.charge_id], one.state)
        if payment.state in PAID and state is not None:
            one.state, one.transaction_no = state, payment.transaction_id or ""
            charges[one.charge_id] = ChargeState.PAID if state is AttemptState.PAID else charges[one.charge_id]
            moved.append(one)
    if moved:
        _keep_paid(province_id, moved)
        announce_all(_news(province_id, one) for one in moved)
        pay_back_late(province_id, [_late(one) for one in moved if one.state is AttemptState.LATE])
    return len(moved)


def _keep_paid(province_id: int, moved: Sequence[_Told]) -> None:
    values: dict[str, Any] = {
        "province": province_id,
        "now": clock.now(),
        "attempts": [one.id for one in moved],
        "charges": [one.charge_id for one in moved],
        "states": [one.state.value for one in moved],
        "bills": [one.transaction_no for one in moved],
    }
    with connection.cursor() as cursor:
        cursor.execute(_PAID, values)
        tried = {charge_id for (charge_id,) in cursor.fetchall()}
    close_at_gateway_later(province_id, sorted(tried))


def _news(province_id: int, one: _Told) -> ChargePaid | ChargePaidLate:
    kind = ChargePaid if one.state is AttemptState.PAID else ChargePaidLate
    return kind(
        province_id=province_id,
        charge_id=one.charge_id,
        purpose=one.purpose,
        subject_id=one.subject_id,
        amount_fen=one.amount_fen,
        provider=one.provider,
    )


def _late(one: _Told) -> Late:
    return Late(one.id, one.charge_id, Money(one.amount_fen), one.purpose, one.subject_id)


def _authentic(provider: Provider, letter: Letter) -> notices.Notice | Refusal:
    """The notice that a letter brings, or why it is not believed."""
    try:
        return gateway(provider).read_callback(letter.headers, letter.body, real_time())
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
def _take(caller: Caller, *, provider: Provider, told: Sequence[notices.Notice]) -> None:
    unheard = _keep_new(provider, {notice.notice_id: notice for notice in told})
    payments = [each.transaction for each in unheard if isinstance(each, notices.PaymentNotice)]
    settle_payments(caller, provider=provider, told=payments)
    for each in unheard:
        if isinstance(each, notices.RefundNotice):
            settle_refund(caller, provider=provider, told=each.refund)
        else:
            hear_payout(each)


def _take_alone(provider: Provider, notice: notices.Notice) -> Refusal | None:
    try:
        _take(SYSTEM, provider=provider, told=[notice])
    except _REFUSED as wrong:
        return _refusal(wrong)
    return None


def _refusal(wrong: Exception) -> Refusal:
    if isinstance(wrong, Refusal):
        return wrong
    log.error("a callback could not be taken", exc_info=wrong)
    return Unavailable() if isinstance(wrong, _UNREACHABLE) else Broken()


def _keep_new(provider: Provider, told: Mapping[str, notices.Notice]) -> list[notices.Notice]:
    """Put notices into the inbox, and say which were not there; a twin waits for the first one's transaction to end.

    In the order of their ids, so that two batches of the same notices do not wait for each other.
    """
    if not told:
        return []
    rows = [told[notice_id] for notice_id in sorted(told)]
    columns = [[row.notice_id for row in rows], [row.event_type for row in rows], [row.content for row in rows]]
    with connection.cursor() as cursor:
        cursor.execute(_INBOX, [provider.value, clock.now(), *columns])
        return [told[notice_id] for (notice_id,) in cursor.fetchall()]


def _attempts(province_id: int, numbers: Collection[str]) -> dict[str, _Told]:
    """The attempts of these numbers with their charges, locked in the order of the charges' ids."""
    if not numbers:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(_TOLD, {"province": province_id, "numbers": list(numbers)})
        rows = cursor.fetchall()
    return {
        number: _Told(attempt_id, number, AttemptState(state), provider, charge_id, ChargeState(charge_state), *facts)
        for attempt_id, number, state, provider, charge_id, charge_state, *facts in rows
    }


def _refund(province_id: int, provider: Provider, number: str) -> Refund:
    rows = Refund.objects.select_related("charge", "attempt").select_for_update(of=("self",))
    row = rows.filter(province_id=province_id, number=number, attempt__provider=provider).first()
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
        announce(RefundDone(**about, provider=row.attempt.provider))
    elif row.state == RefundState.FAILED:
        announce(RefundFailed(**about, reason=row.reason))
