from __future__ import annotations

import secrets
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.db import connection

from lintuan.kernel import clock
from lintuan.kernel.callers import Caller
from lintuan.kernel.commands import command
from lintuan.kernel.errors import NotFound
from lintuan.kernel.events import announce_all
from lintuan.kernel.money import Money
from lintuan.kernel.states import require_move
from lintuan.payments import rules
from lintuan.payments.events import RefundAsked
from lintuan.payments.models import Attempt, Charge, Refund
from lintuan.payments.types import LATE_PAYMENT, MAY_REFUND, AttemptState, ChargeState, NewRefund, RefundState

from .later import send_refunds_later


@command
def refund(
    caller: Caller, *, province_id: int, charge_id: int, amount: Money, cause: str, key: str | None = None
) -> int:
    """Pay a part or all of a paid charge back; the rules that owe it are the caller's, so only it or staff may ask."""
    caller.require(MAY_REFUND, province_id)
    wanted = (NewRefund(charge_id, amount, cause),)
    (refund_id,) = _pay_back(_paid_charges(province_id, wanted), wanted, most=rules.MOST_SINGLE_REFUNDS)
    return refund_id


@command
def refund_many(
    caller: Caller, *, province_id: int, refunds: tuple[NewRefund, ...], key: str | None = None
) -> tuple[int, ...]:
    """Pay back parts of many charges, all or none; the ids are in the order of the refunds asked."""
    caller.require(MAY_REFUND, province_id)
    return _pay_back(_paid_charges(province_id, refunds), refunds, most=rules.MOST_REFUNDS)


@command
def retry_refund(caller: Caller, *, province_id: int, refund_id: int, key: str | None = None) -> None:
    """Have a failed refund sent again, under its old number so that it cannot be paid twice."""
    caller.require(MAY_REFUND, province_id)
    row = Refund.objects.select_for_update().filter(province_id=province_id, id=refund_id).first()
    if row is None:
        raise NotFound(thing="refund")
    require_move(rules.REFUND_MOVES, RefundState(row.state), RefundState.ASKED)
    row.state, row.tries, row.reason = RefundState.ASKED, 0, ""
    row.save(update_fields=["state", "tries", "reason"])
    send_refunds_later(province_id, [row.id])


@dataclass(frozen=True, slots=True)
class Late:
    """A late attempt with its money, which is to go back whole."""

    attempt_id: int
    charge_id: int
    amount: Money
    purpose: str
    subject_id: int


def pay_back_late(province_id: int, late: Sequence[Late]) -> None:
    """Pay late money back; a unique key stands behind that it goes back once."""
    rows = [
        _row(province_id, NewRefund(one.charge_id, one.amount, LATE_PAYMENT), attempt_id=one.attempt_id) for one in late
    ]
    _ask(province_id, rows, {one.charge_id: one for one in late})


def _paid_charges(province_id: int, refunds: Sequence[NewRefund]) -> dict[int, Charge]:
    """The charges, locked in the order of their ids; NotFound if one is missing."""
    wanted = {refund.charge_id for refund in refunds}
    rows = Charge.objects.select_for_update().filter(province_id=province_id, id__in=wanted).order_by("id")
    found = {row.id: row for row in rows}
    if found.keys() != wanted:
        raise NotFound(thing="charge")
    return found


def _pay_back(charges: dict[int, Charge], refunds: Sequence[NewRefund], *, most: int) -> tuple[int, ...]:
    if not refunds:
        return ()
    province_id = charges[refunds[0].charge_id].province_id
    _take_off(charges, refunds, most=most)
    paid = Attempt.objects.filter(province_id=province_id, charge_id__in=charges, state=AttemptState.PAID)
    attempts = dict(paid.values_list("charge_id", "id"))
    rows = [_row(province_id, refund, attempt_id=attempts[refund.charge_id]) for refund in refunds]
    return _ask(province_id, rows, charges)


def _ask(province_id: int, rows: Sequence[Refund], about: Mapping[int, Charge | Late]) -> tuple[int, ...]:
    """Write refunds down, announce them, and have them sent; `about` knows what their charges are for."""
    if not rows:
        return ()
    written = Refund.objects.bulk_create(rows)
    announce_all(_asked(row, about[row.charge_id]) for row in written)
    refund_ids = tuple(row.id for row in written)
    send_refunds_later(province_id, refund_ids)
    return refund_ids


def _take_off(charges: dict[int, Charge], refunds: Sequence[NewRefund], *, most: int) -> None:
    """Check every charge, then count what goes back of each."""
    by_charge: dict[int, list[NewRefund]] = defaultdict(list)
    for refund in refunds:
        by_charge[refund.charge_id].append(refund)
    sums = [
        rules.check_refunds(_facts(charges[charge_id]), parts, most=most).fen for charge_id, parts in by_charge.items()
    ]
    counts = [len(parts) for parts in by_charge.values()]
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE payments_charge c SET refunded = c.refunded + w.fen, refunds_count = c.refunds_count + w.parts"
            " FROM unnest(%s::bigint[], %s::bigint[], %s::int[]) AS w (id, fen, parts)"
            " WHERE c.province_id = %s AND c.id = w.id",
            [list(by_charge), sums, counts, charges[refunds[0].charge_id].province_id],
        )


def _facts(charge: Charge) -> rules.Paid:
    return rules.Paid(ChargeState(charge.state), charge.amount, charge.refunded, charge.refunds_count)


def _row(province_id: int, refund: NewRefund, *, attempt_id: int) -> Refund:
    return Refund(
        province_id=province_id,
        charge_id=refund.charge_id,
        attempt_id=attempt_id,
        number=rules.write_number(province_id, secrets.token_hex(13)),
        amount=refund.amount,
        cause=refund.cause,
        asked_at=clock.now(),
    )


def _asked(row: Refund, about: Charge | Late) -> RefundAsked:
    return RefundAsked(
        province_id=row.province_id,
        refund_id=row.id,
        charge_id=row.charge_id,
        purpose=about.purpose,
        subject_id=about.subject_id,
        amount_fen=row.amount.fen,
        cause=row.cause,
    )
