"""From the pickup point on: what was handed out, what nobody fetched, what is given back after the sale."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence

from django.db import connection

from lintuan.kernel.callers import SYSTEM, Caller, Kind
from lintuan.kernel.commands import command
from lintuan.kernel.errors import Invalid, NotFound
from lintuan.kernel.events import announce_all
from lintuan.kernel.money import ZERO, Money
from lintuan.leaders.queries import points_of_leader
from lintuan.ordering import rules
from lintuan.ordering.errors import OrderClosed, RefundTooMuch
from lintuan.ordering.events import LineRefunded, OrderCollected, OrderUnclaimed
from lintuan.ordering.models import Order, OrderLine
from lintuan.ordering.queries import line_view
from lintuan.ordering.types import LineRefund, State
from lintuan.payments.commands import refund as pay_back
from lintuan.payments.commands import refund_many
from lintuan.payments.types import NewRefund

from .rows import lock_orders, move

Handed = type[OrderCollected] | type[OrderUnclaimed]


@command
def mark_collected(caller: Caller, *, province_id: int, order_ids: tuple[int, ...], key: str | None = None) -> int:
    """Paid orders were handed out, all or none; by the leader of their point or the system."""
    orders = _orders_at_hand(caller, province_id, order_ids)
    return _hand(province_id, orders, State.COLLECTED, OrderCollected)


@command
def mark_unclaimed(caller: Caller, *, province_id: int, order_ids: tuple[int, ...], key: str | None = None) -> int:
    """Nobody came for paid orders, all or none; by the system."""
    caller.require_kind(Kind.SYSTEM)
    orders = _orders_at_hand(caller, province_id, order_ids)
    return _hand(province_id, orders, State.UNCLAIMED, OrderUnclaimed)


@command
def refund_line(caller: Caller, *, province_id: int, refund: LineRefund, key: str | None = None) -> Money:
    """Give back value of a delivered line, at most what has not gone back; answers what of it the member had paid."""
    caller.require("fulfilment.decide_claims", province_id)
    (order,), (back,) = _book_refunds(province_id, [refund])
    if back:
        pay_back(SYSTEM, province_id=province_id, charge_id=order.charge_id, amount=back, cause=refund.cause)
    return back


@command
def refund_lines(
    caller: Caller, *, province_id: int, refunds: tuple[LineRefund, ...], key: str | None = None
) -> tuple[int, ...]:
    """Give back value of many delivered lines, all or none, in one refund per order and cause; the refunds' ids."""
    caller.require("fulfilment.decide_claims", province_id)
    orders, backs = _book_refunds(province_id, refunds)
    charges = {order.id: order.charge_id for order in orders}
    sums: dict[tuple[int, str], Money] = defaultdict(lambda: ZERO)
    for refund, back in zip(refunds, backs, strict=True):
        sums[charges[refund.order_id], refund.cause] += back
    wanted = tuple(NewRefund(charge_id, amount, cause) for (charge_id, cause), amount in sums.items() if amount)
    return refund_many(SYSTEM, province_id=province_id, refunds=wanted)


def _orders_at_hand(caller: Caller, province_id: int, order_ids: Sequence[int]) -> list[Order]:
    """All of these orders, locked; NotFound if one is missing or lies at another leader's point."""
    orders = lock_orders(province_id, order_ids)
    if len(orders) < len(set(order_ids)):
        raise NotFound(thing="order")
    if caller.kind is Kind.SYSTEM:
        return orders
    caller.require_kind(Kind.LEADER)
    own = {point.id for point in points_of_leader(caller.province_id, caller.id)}
    if caller.province_id != province_id or not {order.point_id for order in orders} <= own:
        raise NotFound(thing="order")
    return orders


def _hand(province_id: int, orders: Sequence[Order], to: State, kind: Handed) -> int:
    move(province_id, orders, to)
    announce_all(
        kind(
            province_id=province_id,
            order_id=order.id,
            member_id=order.member_id,
            point_id=order.point_id,
            sale_on=order.sale_on,
            amount_fen=order.bill.net.fen,
            saved_fen=order.bill.borne.fen,
        )
        for order in orders
    )
    return len(orders)


def _book_refunds(province_id: int, refunds: Sequence[LineRefund]) -> tuple[list[Order], list[Money]]:
    """Count what goes back on delivered lines and their orders, and announce it; the orders, and the members' money."""
    orders = {order.id: order for order in lock_orders(province_id, {refund.order_id for refund in refunds})}
    rows = OrderLine.objects.filter(province_id=province_id, order_id__in=orders)
    lines = {line.id: line for line in rows.filter(id__in=[refund.line_id for refund in refunds])}
    bills = {order.id: order.bill for order in orders.values()}
    for refund in refunds:
        line = lines.get(refund.line_id)
        if line is None or line.order_id != refund.order_id:
            raise NotFound(thing="line")
        _count(orders[refund.order_id], line, refund.amount)
    _save_refunded("ordering_orderline", province_id, lines.values())
    _save_refunded("ordering_order", province_id, orders.values())
    backs = rules.refunds_of([(refund.order_id, refund.amount) for refund in refunds], bills)
    announce_all(
        _refunded(orders[refund.order_id], lines[refund.line_id], refund, back)
        for refund, back in zip(refunds, backs, strict=True)
    )
    return list(orders.values()), backs


def _count(order: Order, line: OrderLine, amount: Money) -> None:
    if order.state not in rules.DELIVERED:
        raise OrderClosed(state=order.state)
    if amount <= ZERO:
        raise Invalid(reason="amount: more than 0 fen")
    left = rules.refundable(line_view(line))
    if amount > left:
        raise RefundTooMuch(left=str(left), left_fen=left.fen)
    line.refunded += amount
    order.refunded += amount


def _save_refunded(table: str, province_id: int, rows: Collection[Order] | Collection[OrderLine]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE {table} t SET refunded = w.fen"
            " FROM unnest(%s::bigint[], %s::bigint[]) AS w (id, fen) WHERE t.province_id = %s AND t.id = w.id",
            [[row.id for row in rows], [row.refunded.fen for row in rows], province_id],
        )


def _refunded(order: Order, line: OrderLine, refund: LineRefund, back: Money) -> LineRefunded:
    return LineRefunded(
        province_id=order.province_id,
        order_id=order.id,
        line_id=line.id,
        sku_id=line.sku_id,
        point_id=order.point_id,
        sale_on=order.sale_on,
        amount_fen=refund.amount.fen,
        cause=refund.cause,
        fault=refund.fault,
        saved_fen=(refund.amount - back).fen,
    )
