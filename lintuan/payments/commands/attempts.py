"""Beginning to pay: one attempt at a gateway for each method that a payer begins to pay by."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from django.db import connection

from lintuan.kernel import clock, ids
from lintuan.kernel.callers import Caller
from lintuan.kernel.errors import NotFound, Refusal
from lintuan.kernel.money import Money
from lintuan.payments import rules
from lintuan.payments.errors import AlreadyPaid, GatewaySaysNo, GatewaySilent, NotPayable
from lintuan.payments.gateways import gateway, notify_url
from lintuan.payments.gateways.faults import GatewayFault, GatewayRefused, GatewayUnreachable
from lintuan.payments.gateways.notices import Prepayment
from lintuan.payments.types import (
    BY_WECHAT,
    TO_OPEN,
    TO_SCAN,
    AttemptState,
    ChargeState,
    Payer,
    PayMethod,
    PhoneParameters,
)

from .charges import is_payer
from .notices import ask_for_payment

log = logging.getLogger(__name__)

DESCRIPTION = "邻团自提订单"

# Not composed by Django, which takes longer than all the rest of it.
_CHARGE = """
SELECT c.member_id, c.state, c.amount, c.expires_at, a.method, a.number, a.handle, a.state, a.prepaid_at
FROM payments_charge AS c LEFT JOIN payments_attempt AS a
    ON a.province_id = %(province)s AND a.charge_id = %(charge)s
WHERE c.province_id = %(province)s AND c.id = %(charge)s
"""
# The lock makes who closes the charge wait, and then close this attempt too.
_KEEP = """
WITH payable AS (
    SELECT id FROM payments_charge
    WHERE province_id = %(province)s AND id = %(charge)s AND state = 'open' FOR SHARE
)
INSERT INTO payments_attempt (
    province_id, charge_id, number, provider, method, handle, state, transaction_no, prepaid_at
)
SELECT %(province)s, id, %(number)s, %(provider)s, %(method)s, %(handle)s, 'open', '', %(now)s FROM payable
ON CONFLICT (province_id, charge_id, method) DO NOTHING
"""
# The number that is given up was closed at the gateway, so nobody can pay under it any more.
_RENEW = """
UPDATE payments_attempt AS a SET number = %(number)s, handle = %(handle)s, prepaid_at = %(now)s, queried_at = NULL
FROM (
    SELECT id FROM payments_charge
    WHERE province_id = %(province)s AND id = %(charge)s AND state = 'open' FOR SHARE
) AS payable
WHERE a.province_id = %(province)s AND a.charge_id = payable.id AND a.number = %(old)s AND a.state = 'open'
"""
#: WeChat's address of a page that opens it is good for five minutes; so much is left for the phone to get there.
ADDRESS_LIVES = timedelta(minutes=4, seconds=30)


class _Found(NamedTuple):
    """A charge and one of its attempts, if there is any."""

    member_id: int
    state: str
    amount: int
    expires_at: datetime
    method: str | None
    number: str
    handle: str
    attempt_state: str
    prepaid_at: datetime


def pay_parameters(caller: Caller, *, province_id: int, charge_id: int, payer: Payer = BY_WECHAT) -> PhoneParameters:
    """What the payer's screen needs to pay by a method; asks the gateway once per charge and method, so call it outside
    any transaction. Who has begun by another method may still go on with that one."""
    found = _found(caller, province_id, charge_id)
    good = [one.handle for one in found if one.method == payer.method and not _is_too_old(one)]
    handle = good[0] if good else _begin(caller, province_id, charge_id, payer, found)
    fields = _fields(payer.method, handle)
    return PhoneParameters(charge_id, payer.method, Money(found[0].amount), fields)


def _is_too_old(mine: _Found) -> bool:
    return mine.method == PayMethod.WECHAT_H5 and clock.now() > mine.prepaid_at + ADDRESS_LIVES


def _found(caller: Caller, province_id: int, charge_id: int) -> Sequence[_Found]:
    """A charge that the caller may pay now, with each of its attempts."""
    with connection.cursor() as cursor:
        cursor.execute(_CHARGE, {"province": province_id, "charge": charge_id})
        rows = [_Found(*row) for row in cursor.fetchall()]
    if not rows or not is_payer(caller, province_id, rows[0].member_id):
        raise NotFound(thing="charge")
    rules.check_payable(ChargeState(rows[0].state), expires_at=rows[0].expires_at, now=clock.now())
    return rows


def _fields(method: PayMethod, handle: str) -> Mapping[str, str]:
    if method in TO_SCAN:
        return {"code": handle}
    if method in TO_OPEN:
        return {"url": handle}
    return gateway(method.provider).phone_parameters(handle)


def _begin(caller: Caller, province_id: int, charge_id: int, payer: Payer, found: Sequence[_Found]) -> str:
    """Open an order at the gateway, write the attempt down, and answer by which handle to pay.

    Nobody can pay the order before its handle is handed out, so it is written down when the gateway has opened it.
    An attempt by the same method that has grown too old is closed at the gateway before, and gives its place.
    """
    if any(_is_paid(one) for one in found if one.attempt_state == AttemptState.OPEN):
        raise AlreadyPaid
    number = rules.write_number(province_id, rules.attempt_token(clock.now(), secrets.token_bytes(7)))
    method, charge = payer.method, found[0]
    openid = payer.openid or ids.public_id("member", province_id, charge.member_id)
    url = notify_url(method.provider)
    order = Prepayment(number, DESCRIPTION, charge.amount, openid, url, method=method, payer_ip=payer.address)
    old = next((one.number for one in found if one.method == method), "")
    with _answered():
        if old:
            gateway(method.provider).close(old)
        # No time_expire: it is a moment of real time, drifts against a shifted clock, and another one under the same
        # number is refused. Closing is told to the gateway instead.
        handle = gateway(method.provider).prepay(order)
    values: dict[str, Any] = {
        "province": province_id, "charge": charge_id, "number": number, "provider": method.provider.value,
        "method": method.value, "handle": handle, "now": clock.now(), "old": old,
    }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(_RENEW if old else _KEEP, values)
        is_kept = bool(cursor.rowcount)
    return handle if is_kept else _overtaken(caller, province_id, charge_id, method, number)


@contextmanager
def _answered() -> Iterator[None]:
    """What a gateway does not do, in words for the payer."""
    try:
        yield
    except GatewayUnreachable as silent:
        raise GatewaySilent from silent
    except GatewayRefused as refusal:
        raise GatewaySaysNo(reason=str(refusal)) from refusal


def _is_paid(other: _Found) -> bool:
    """Whether the attempt by another method, whose callback may be on its way, has been paid; no, if nobody knows."""
    try:
        return ask_for_payment(PayMethod(str(other.method)).provider, other.number)
    except (GatewayFault, Refusal) as wrong:
        log.warning("asking the gateway about %s: %s", other.number, wrong)
        return False


def _overtaken(caller: Caller, province_id: int, charge_id: int, method: PayMethod, number: str) -> str:
    """By what to pay where a twin was faster to begin by this method; refused where the charge was closed or paid.

    What was opened in vain is closed at the gateway; if that fails, no phone knows of it all the same.
    """
    with suppress(GatewayFault):
        gateway(method.provider).close(number)
    for one in _found(caller, province_id, charge_id):
        if one.method == method:
            return one.handle
    raise NotPayable
