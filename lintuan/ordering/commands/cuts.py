"""Units that will not be delivered: taken off many paid orders at once, and refunded (docs/algorithms/shortage.md)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import connection

from lintuan.kernel.callers import SYSTEM, Caller, Kind
from lintuan.kernel.commands import command
from lintuan.kernel.errors import Forbidden, Invalid
from lintuan.kernel.events import announce_all
from lintuan.kernel.money import ZERO, Money
from lintuan.leaders.queries import points_of_leader
from lintuan.ordering import rules
from lintuan.ordering.bill import Bill
from lintuan.ordering.events import LinesCut
from lintuan.ordering.models import Order
from lintuan.ordering.types import BY_MEMBER, Availability, Cause, Claim, LineView, ShortageRule, State
from lintuan.payments.commands import refund, refund_many
from lintuan.payments.types import NewRefund
from lintuan.provinces.queries import province

MAY_CUT = ("sourcing.receive", "fulfilment.sort")


@dataclass(frozen=True, slots=True)
class Cut:
    """Units of one paid line to take off."""

    line_id: int
    order_id: int
    charge_id: int
    sku_id: int
    point_id: int
    price: Money
    units: int

    @classmethod
    def of(cls, order: Order, line: LineView, units: int) -> Cut:
        return cls(line.id, order.id, order.charge_id, line.sku_id, order.point_id, line.price, units)

    @property
    def amount(self) -> Money:
        return self.price * self.units


@command
def cut_goods(
    caller: Caller,
    *,
    province_id: int,
    sale_on: date,
    cuts: tuple[Availability, ...],
    cause: str,
    key: str | None = None,
) -> int:
    """Cut the paid orders of a day down to what there is, by the province's shortage rule; answers the units cut.

    A SKU and point that `cuts` does not name is not short.
    """
    _require_cutter(caller, province_id, cuts)
    why = _read_cause(cause)
    _require_sound(cuts)
    rule = ShortageRule(province(province_id).terms.shortage_rule)
    dues = _lock_dues(province_id, sale_on, cuts)
    units = rules.plan_cuts([claim for claim, _ in dues], cuts, rule)
    planned = [_cut(claim, place, units[claim.line_id]) for claim, place in dues if claim.line_id in units]
    apply_cuts(province_id, sale_on, planned, why)
    return sum(units.values())


def apply_cuts(province_id: int, sale_on: date, cuts: Sequence[Cut], cause: Cause) -> None:
    """Take units off lines of locked paid orders and refund them; an order with nothing left ends."""
    if not cuts:
        return
    _reduce_lines(province_id, cuts, cause)
    backs = rules.refunds_of([(cut.order_id, cut.amount) for cut in cuts], _reduce_orders(province_id, cuts, cause))
    refunds: dict[int, Money] = defaultdict(lambda: ZERO)
    for cut, back in zip(cuts, backs, strict=True):
        refunds[cut.charge_id] += back
    _pay_back(province_id, tuple(NewRefund(one, back, cause.value) for one, back in refunds.items() if back), cause)
    announce_all(
        LinesCut(
            province_id=province_id,
            order_id=cut.order_id,
            line_id=cut.line_id,
            sku_id=cut.sku_id,
            point_id=cut.point_id,
            sale_on=sale_on,
            quantity=cut.units,
            amount_fen=cut.amount.fen,
            cause=cause.value,
            saved_fen=(cut.amount - back).fen,
        )
        for cut, back in zip(cuts, backs, strict=True)
    )


def _pay_back(province_id: int, refunds: tuple[NewRefund, ...], cause: Cause) -> None:
    """An edit takes of the single refunds of a payment, so that some are left for what the night cuts."""
    if cause is not Cause.EDITED:
        refund_many(SYSTEM, province_id=province_id, refunds=refunds)
        return
    for one in refunds:
        refund(SYSTEM, province_id=province_id, charge_id=one.charge_id, amount=one.amount, cause=one.cause)


def _reduce_lines(province_id: int, cuts: Sequence[Cut], cause: Cause) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE ordering_orderline l SET cut = l.cut + w.units, given_up = l.given_up + w.units * %s,"
            " refunded = l.refunded + l.price * w.units"
            " FROM unnest(%s::bigint[], %s::int[]) AS w (id, units) WHERE l.province_id = %s AND l.id = w.id",
            [int(cause in BY_MEMBER), [cut.line_id for cut in cuts], [cut.units for cut in cuts], province_id],
        )


def _reduce_orders(province_id: int, cuts: Sequence[Cut], cause: Cause) -> dict[int, Bill]:
    """Count what goes back on the orders; answers their bills as they were before."""
    amounts: dict[int, int] = defaultdict(int)
    for cut in cuts:
        amounts[cut.order_id] += cut.amount.fen
    ended = State.CANCELLED if cause in BY_MEMBER else State.REFUNDED
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE ordering_order o SET refunded = o.refunded + w.fen, state = CASE WHEN EXISTS ("
            "   SELECT 1 FROM ordering_orderline l"
            "   WHERE l.province_id = %s AND l.order_id = o.id AND l.cut < l.quantity) THEN o.state ELSE %s END"
            " FROM unnest(%s::bigint[], %s::bigint[]) AS w (id, fen) WHERE o.province_id = %s AND o.id = w.id"
            " RETURNING o.id, o.amount, o.refunded - w.fen, o.saved, o.saved_later",
            [province_id, ended.value, list(amounts), list(amounts.values()), province_id],
        )
        return {order_id: Bill(*map(Money, sums)) for order_id, *sums in cursor.fetchall()}


def _lock_dues(province_id: int, sale_on: date, cuts: Sequence[Availability]) -> list[tuple[Claim, tuple[int, ...]]]:
    """The day's claims on these goods with (order id, charge id, price in fen), their orders locked."""
    points = {cut.point_id for cut in cuts}
    place = "" if None in points else " AND o.point_id = ANY(%(points)s)"
    facts: dict[str, Any] = {
        "province": province_id,
        "day": sale_on,
        "points": [point for point in points if point],
        "skus": list({cut.sku_id for cut in cuts}),
    }
    which = f"o.province_id = %(province)s AND o.sale_on = %(day)s AND o.state = 'paid'{place}"
    with connection.cursor() as cursor:
        # Two statements: a join that waited for a lock would show the lines as they were before.
        cursor.execute(
            f"SELECT count(*) FROM (SELECT 1 FROM ordering_order o WHERE {which} ORDER BY id FOR UPDATE) x", facts
        )
        cursor.execute(
            "SELECT l.id, l.sku_id, o.point_id, l.quantity - l.cut, o.paid_at, o.id, o.charge_id, l.price"
            " FROM ordering_order o JOIN ordering_orderline l ON l.province_id = o.province_id AND l.order_id = o.id"
            f" WHERE {which} AND l.province_id = %(province)s AND l.sku_id = ANY(%(skus)s) AND l.cut < l.quantity"
            " ORDER BY l.id",
            facts,
        )
        return [(Claim(*row[:5]), row[5:]) for row in cursor.fetchall()]


def _cut(claim: Claim, place: tuple[int, ...], units: int) -> Cut:
    order_id, charge_id, price_fen = place
    return Cut(claim.line_id, order_id, charge_id, claim.sku_id, claim.point_id, Money(price_fen), units)


def _require_cutter(caller: Caller, province_id: int, cuts: Sequence[Availability]) -> None:
    """Night staff may; a leader may at points of their own."""
    if caller.kind is Kind.LEADER and caller.province_id == province_id:
        own = {point.id for point in points_of_leader(province_id, caller.id)}
        if not {cut.point_id for cut in cuts} <= own:
            raise Forbidden
    elif not any(caller.may(right, province_id) for right in MAY_CUT):
        caller.require(MAY_CUT[0], province_id)


def _read_cause(cause: str) -> Cause:
    if cause not in set(Cause) - BY_MEMBER:
        raise Invalid(reason=f"cause: {cause}")
    return Cause(cause)


def _require_sound(cuts: Sequence[Availability]) -> None:
    if len({(cut.sku_id, cut.point_id) for cut in cuts}) < len(cuts):
        raise Invalid(reason="cuts: the same goods and point twice")
    if any(cut.available < 0 for cut in cuts):
        raise Invalid(reason="available: 0 or more")
