from __future__ import annotations

from collections.abc import Sequence

from django.db import IntegrityError, connection

from lintuan.kernel import clock
from lintuan.kernel.callers import Caller, Kind
from lintuan.kernel.commands import command
from lintuan.kernel.errors import NotFound
from lintuan.kernel.events import announce_all
from lintuan.kernel.money import Money
from lintuan.payments import rules
from lintuan.payments.errors import ChargeExists
from lintuan.payments.events import ChargeClosed
from lintuan.payments.models import Charge
from lintuan.payments.types import ChargeState, NewCharge

from .later import close_at_gateway_later

_NEW_ID = "SELECT nextval(pg_get_serial_sequence('payments_charge', 'id'))"
_OPEN = """
SELECT payments_open_charges(%s, %s, %s, %s::bigint[], %s::bigint[], %s::bigint[], %s::bigint[], %s::timestamptz[])
"""
_CLOSE = """
WITH closed AS (
    UPDATE payments_charge SET state = 'closed', closed_at = %(now)s
    WHERE province_id = %(province)s AND id = ANY(%(charges)s)
)
UPDATE payments_attempt SET state = 'closed'
WHERE province_id = %(province)s AND charge_id = ANY(%(charges)s) AND state = 'open'
RETURNING charge_id
"""


@command
def open_charge(caller: Caller, *, province_id: int, wish: NewCharge, key: str | None = None) -> int:
    """Ask a member for money; refused where the same thing has a charge that is open or paid."""
    if not is_payer(caller, province_id, wish.member_id):
        raise NotFound(thing="member")
    rules.check_amount(wish.amount)
    return _open(province_id, wish)


@command
def reprice_charge(caller: Caller, *, province_id: int, charge_id: int, amount: Money, key: str | None = None) -> int:
    """Close an unpaid charge and open another of the new amount, whose id is returned.

    The gateway forbids another amount under the same number. Should the old one be paid all the same, it goes back.
    """
    rules.check_amount(amount)
    old = own_charge(caller, province_id, charge_id)
    rules.check_closable(ChargeState(old.state))
    _close(province_id, [old])
    return _open(province_id, NewCharge(old.purpose, old.subject_id, old.member_id, amount, old.expires_at))


@command
def close_charge(caller: Caller, *, province_id: int, charge_id: int, key: str | None = None) -> None:
    """Let nobody pay this any more; AlreadyPaid where the buyer was faster."""
    charge = own_charge(caller, province_id, charge_id)
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


def own_charge(caller: Caller, province_id: int, charge_id: int) -> Charge:
    """The caller's charge, locked; NotFound for strangers."""
    for charge in _locked(province_id, [charge_id]):
        if is_payer(caller, province_id, charge.member_id):
            return charge
    raise NotFound(thing="charge")


def is_payer(caller: Caller, province_id: int, member_id: int) -> bool:
    return caller.kind is Kind.SYSTEM or caller.is_member(province_id, member_id)


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
    """Close locked charges with their attempts; the gateways that know of these are told."""
    if not charges:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            _CLOSE, {"now": clock.now(), "province": province_id, "charges": [charge.id for charge in charges]}
        )
        tried = {charge_id for (charge_id,) in cursor.fetchall()}
    announce_all(
        ChargeClosed(province_id=province_id, charge_id=row.id, purpose=row.purpose, subject_id=row.subject_id)
        for row in charges
    )
    close_at_gateway_later(province_id, sorted(tried))


def _locked(province_id: int, charge_ids: Sequence[int]) -> list[Charge]:
    rows = Charge.objects.select_for_update().filter(province_id=province_id, id__in=list(charge_ids))
    return list(rows.order_by("id"))
