from __future__ import annotations

from collections.abc import Sequence

from django.db import IntegrityError, connection

from lintuan.kernel import clock, ids
from lintuan.kernel.callers import SYSTEM, Caller, Kind
from lintuan.kernel.commands import command
from lintuan.kernel.errors import NotFound
from lintuan.kernel.events import announce_all
from lintuan.kernel.money import Money
from lintuan.payments import rules
from lintuan.payments.errors import AlreadyPaid, ChargeExists, GatewaySaysNo, GatewaySilent, NotPayable
from lintuan.payments.events import ChargeClosed
from lintuan.payments.gateways import PROVIDER, gateway, notify_url
from lintuan.payments.gateways.faults import GatewayRefused, GatewayUnreachable
from lintuan.payments.gateways.notices import Prepayment
from lintuan.payments.models import Charge
from lintuan.payments.types import ChargeState, NewCharge, PhoneParameters

from .later import close_at_gateway_later
from .notices import ask_for_payment

DESCRIPTION = "邻团自提订单"

_NEW_ID = "SELECT nextval(pg_get_serial_sequence('payments_charge', 'id'))"
_CHARGE = "SELECT * FROM payments_charge WHERE province_id = %s AND id = %s"
_PREPAID = """
UPDATE payments_charge SET prepay_id = %s, prepaid_at = %s
WHERE province_id = %s AND id = %s AND state = 'open'
"""
_OPEN = """
SELECT payments_open_charges(%s, %s, %s, %s::bigint[], %s::bigint[], %s::bigint[], %s::bigint[], %s::timestamptz[])
"""


@command
def open_charge(caller: Caller, *, province_id: int, wish: NewCharge, key: str | None = None) -> int:
    """Ask a member for money; refused where the same thing has a charge that is open or paid."""
    _require_payer(caller, province_id, wish.member_id)
    rules.check_amount(wish.amount)
    return _open(province_id, wish)


@command
def reprice_charge(caller: Caller, *, province_id: int, charge_id: int, amount: Money, key: str | None = None) -> int:
    """Close an unpaid charge and open another of the new amount, whose id is returned.

    The gateway forbids another amount under the same number. Should the old one be paid all the same, it goes back.
    """
    rules.check_amount(amount)
    old = _own_charge(caller, province_id, charge_id)
    rules.check_closable(ChargeState(old.state))
    _close(province_id, [old])
    return _open(province_id, NewCharge(old.purpose, old.subject_id, old.member_id, amount, old.expires_at))


@command
def close_charge(caller: Caller, *, province_id: int, charge_id: int, key: str | None = None) -> None:
    """Let nobody pay this any more; AlreadyPaid where the buyer was faster."""
    charge = _own_charge(caller, province_id, charge_id)
    rules.check_closable(ChargeState(charge.state))
    _close(province_id, [charge])


@command
def close_charges(
    caller: Caller, *, province_id: int, charge_ids: tuple[int, ...], key: str | None = None
) -> tuple[int, ...]:
    """Close those of many charges that are open, and say which; the system only."""
    caller.require_kind(Kind.SYSTEM)
    rows = _locked(province_id, charge_ids)
    open_ones = [row for row in rows if row.state == ChargeState.OPEN]
    _close(province_id, open_ones)
    return tuple(row.id for row in open_ones)


def pay_parameters(caller: Caller, *, province_id: int, charge_id: int, openid: str = "") -> PhoneParameters:
    """What the member's phone needs to pay; asks the gateway once per charge, so call it outside any transaction.

    `openid` is who the member is to WeChat, told by the mini-program.
    """
    charge = _payable(caller, province_id, charge_id)
    prepay_id = charge.prepay_id or _prepay(charge, openid)
    if not charge.prepay_id and not _keep_prepay_id(charge, prepay_id):
        raise NotPayable
    return PhoneParameters(charge_id, PROVIDER, charge.amount, gateway().phone_parameters(prepay_id))


def _open(province_id: int, wish: NewCharge) -> int:
    """As a batch of orders opens theirs: by the one function that writes charges."""
    try:
        with connection.cursor() as cursor:
            cursor.execute(_NEW_ID)
            charge_id: int = cursor.fetchone()[0]
            columns = ([charge_id], [wish.subject_id], [wish.member_id], [wish.amount.fen], [wish.expires_at])
            cursor.execute(_OPEN, [province_id, wish.purpose, clock.now(), *columns])
    except IntegrityError as wrong:
        if "payments_charge_one_alive" not in str(wrong):
            raise
        raise ChargeExists from wrong
    return charge_id


def _close(province_id: int, charges: Sequence[Charge]) -> None:
    if not charges:
        return
    Charge.objects.filter(province_id=province_id, id__in=[charge.id for charge in charges]).update(
        state=ChargeState.CLOSED, closed_at=clock.now()
    )
    announce_all(
        ChargeClosed(province_id=province_id, charge_id=row.id, purpose=row.purpose, subject_id=row.subject_id)
        for row in charges
    )
    close_at_gateway_later(province_id, [charge.id for charge in charges if charge.prepay_id])


def _payable(caller: Caller, province_id: int, charge_id: int) -> Charge:
    # Not composed by Django, which takes longer than all the rest of it.
    charge = next(iter(Charge.objects.raw(_CHARGE, [province_id, charge_id])), None)
    if charge is None or not _is_payer(caller, province_id, charge.member_id):
        raise NotFound(thing="charge")
    rules.check_payable(ChargeState(charge.state), expires_at=charge.expires_at, now=clock.now())
    return charge


def _prepay(charge: Charge, openid: str) -> str:
    # No time_expire: it is a moment of real time, drifts against a shifted clock, and another one under the same
    # number is refused. Closing is told to the gateway instead.
    wanted = Prepayment(
        out_trade_no=charge.number,
        description=DESCRIPTION,
        amount_fen=charge.amount.fen,
        openid=openid or ids.public_id("member", charge.province_id, charge.member_id),
        notify_url=notify_url(),
    )
    try:
        return gateway().prepay(wanted)
    except GatewayUnreachable as silent:
        raise GatewaySilent from silent
    except GatewayRefused as refusal:
        if refusal.code != "ORDERPAID":
            raise GatewaySaysNo(reason=str(refusal)) from refusal
        ask_for_payment(charge.number)
        raise AlreadyPaid from refusal


def _keep_prepay_id(charge: Charge, prepay_id: str) -> bool:
    """Whether the charge may still be paid; if not, the gateway is told to close what it has just opened."""
    with connection.cursor() as cursor:
        cursor.execute(_PREPAID, [prepay_id, clock.now(), charge.province_id, charge.id])
        is_kept = bool(cursor.rowcount)
    return is_kept or _keep_overtaken(SYSTEM, province_id=charge.province_id, charge_id=charge.id, prepay_id=prepay_id)


@command
def _keep_overtaken(caller: Caller, *, province_id: int, charge_id: int, prepay_id: str) -> bool:
    """Of a charge that was closed or paid while the gateway was asked; such a one may not be paid any more."""
    charge = _own_charge(caller, province_id, charge_id)
    charge.prepay_id = prepay_id
    charge.prepaid_at = clock.now()
    charge.save(update_fields=["prepay_id", "prepaid_at"])
    if charge.state == ChargeState.CLOSED:
        close_at_gateway_later(province_id, [charge.id])
    return charge.state == ChargeState.OPEN


def _own_charge(caller: Caller, province_id: int, charge_id: int) -> Charge:
    """The caller's charge, locked; NotFound for strangers."""
    for charge in _locked(province_id, [charge_id]):
        if _is_payer(caller, province_id, charge.member_id):
            return charge
    raise NotFound(thing="charge")


def _locked(province_id: int, charge_ids: Sequence[int]) -> list[Charge]:
    rows = Charge.objects.select_for_update().filter(province_id=province_id, id__in=list(charge_ids))
    return list(rows.order_by("id"))


def _require_payer(caller: Caller, province_id: int, member_id: int) -> None:
    if not _is_payer(caller, province_id, member_id):
        raise NotFound(thing="member")


def _is_payer(caller: Caller, province_id: int, member_id: int) -> bool:
    return caller.kind is Kind.SYSTEM or caller.is_member(province_id, member_id)
