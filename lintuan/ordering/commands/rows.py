"""Orders as rows: found and locked, and moved many at a time."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime

from django.db import connection

from lintuan.kernel.callers import Caller
from lintuan.kernel.errors import NotFound
from lintuan.kernel.events import announce_all
from lintuan.ordering import rules
from lintuan.ordering.events import OrderPaid
from lintuan.ordering.models import Order, OrderLine
from lintuan.ordering.queries import line_view
from lintuan.ordering.types import LineView, State


def own_order(caller: Caller, province_id: int, order_id: int) -> Order:
    """The member's own order, locked; NotFound for strangers."""
    order = Order.objects.select_for_update().filter(province_id=province_id, id=order_id).first()
    if order is None or not caller.is_member(province_id, order.member_id):
        raise NotFound(thing="order")
    return order


def lock_orders(province_id: int, order_ids: Iterable[int]) -> list[Order]:
    """These orders, locked in the order of their ids; those that do not exist are left out."""
    rows = Order.objects.select_for_update().filter(province_id=province_id, id__in=list(order_ids))
    return list(rows.order_by("id"))


def lines_of(order: Order) -> Sequence[LineView]:
    rows = OrderLine.objects.filter(province_id=order.province_id, order_id=order.id).order_by("id")
    return [line_view(row) for row in rows]


def move(province_id: int, orders: Collection[Order], to: State) -> None:
    """Move locked orders of one province together; refused if one of them may not."""
    for order in orders:
        rules.require(order.state, to)
        order.state = to.value
    Order.objects.filter(province_id=province_id, id__in=[order.id for order in orders]).update(state=to.value)


def mark_paid(province_id: int, orders: Sequence[Order], paid_at: Mapping[int, datetime]) -> None:
    """Move locked unpaid orders to paid, each at its moment (by order id), and announce it."""
    for order in orders:
        rules.require(order.state, State.PAID)
        order.state, order.paid_at = State.PAID.value, paid_at[order.id]
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE ordering_order o SET state = 'paid', paid_at = w.at"
            " FROM unnest(%s::bigint[], %s::timestamptz[]) AS w (id, at) WHERE o.province_id = %s AND o.id = w.id",
            [[order.id for order in orders], [order.paid_at for order in orders], province_id],
        )
    announce_all(
        OrderPaid(
            province_id=province_id,
            order_id=order.id,
            member_id=order.member_id,
            point_id=order.point_id,
            sale_on=order.sale_on,
            amount_fen=order.amount.fen,
            saved_fen=order.saved.fen,
        )
        for order in orders
    )
