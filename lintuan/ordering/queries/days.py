"""Sale days in figures."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, date, datetime
from itertools import islice
from typing import Any

from django.db import connection
from django.db.models import Count, F, QuerySet, Sum
from django.db.models.functions import TruncMinute

from lintuan.kernel.fields import array
from lintuan.kernel.money import ZERO, Money
from lintuan.ordering.evenings import past_evenings as past_evenings  # noqa: PLC0414  it is a question to orders, too large for here
from lintuan.ordering.models import Order, OrderLine, SaleDay
from lintuan.ordering.types import (
    DayTotals,
    Demand,
    PaidOrder,
    SkuSales,
    SkuTotals,
    State,
    Turnout,
)

_DEMAND = """
SELECT l.sku_id, o.point_id, sum(l.quantity - l.cut)::bigint
FROM ordering_order o JOIN ordering_orderline l ON l.province_id = o.province_id AND l.order_id = o.id
WHERE o.province_id = %s AND l.province_id = %s AND o.sale_on = %s AND o.state = 'paid' AND l.cut < l.quantity
GROUP BY l.sku_id, o.point_id ORDER BY l.sku_id, o.point_id
"""

_OF_PAID = (
    "id", "number", "member_id", "point_id", "charge_id", "state", "amount", "refunded", "saved", "saved_later",
)  # fmt: skip

_NETS = """
SELECT id, amount - refunded FROM ordering_order
WHERE province_id = %s AND id = ANY(%s::bigint[]) AND paid_at IS NOT NULL
"""
_LINE_SUMS = """
SELECT order_id, sku_id, sum(amount)::bigint, sum(refunded)::bigint FROM ordering_orderline
WHERE province_id = %s AND order_id = ANY(%s::bigint[]) GROUP BY order_id, sku_id ORDER BY order_id, sku_id
"""
_SOLD = """
SELECT o.point_id, l.sku_id, sum(l.quantity - l.cut)::bigint, sum(l.amount - l.refunded)::bigint
FROM ordering_order o JOIN ordering_orderline l ON l.province_id = o.province_id AND l.order_id = o.id
WHERE o.province_id = %s AND l.province_id = %s AND o.sale_on = %s AND o.state IN ('paid', 'collected')
GROUP BY o.point_id, l.sku_id ORDER BY o.point_id, l.sku_id
"""
_UNITS_COLLECTED = """
SELECT o.sale_on, l.sku_id, sum(l.quantity - l.cut)::bigint
FROM ordering_order o JOIN ordering_orderline l ON l.province_id = o.province_id AND l.order_id = o.id
WHERE o.province_id = %s AND l.province_id = %s AND o.sale_on = ANY(%s::date[]) AND o.point_id = ANY(%s::bigint[])
    AND o.state = 'collected'
GROUP BY o.sale_on, l.sku_id
"""
_STATES = {state.value: state for state in State}

_SKU_TOTALS = """
SELECT l.sku_id, l.offer_id,
    coalesce(sum(l.quantity) FILTER (WHERE o.paid_at IS NOT NULL), 0)::bigint,
    coalesce(sum(l.cut) FILTER (WHERE o.paid_at IS NOT NULL), 0)::bigint,
    coalesce(sum(l.given_up), 0)::bigint,
    coalesce(sum(l.quantity - l.cut) FILTER (WHERE o.state = 'paid'), 0)::bigint,
    coalesce(sum(l.quantity - l.cut) FILTER (WHERE o.state = 'collected'), 0)::bigint,
    coalesce(sum(l.quantity - l.cut) FILTER (WHERE o.state = 'unclaimed'), 0)::bigint,
    coalesce(sum(l.quantity - l.given_up) FILTER (WHERE o.paid_at IS NOT NULL OR o.state = 'unpaid'), 0)::bigint
FROM ordering_order o JOIN ordering_orderline l ON l.province_id = o.province_id AND l.order_id = o.id
WHERE o.province_id = %s AND l.province_id = %s AND o.sale_on = %s
GROUP BY l.sku_id, l.offer_id ORDER BY l.sku_id, l.offer_id
"""


def paid_orders(province_id: int, sale_on: date) -> Sequence[PaidOrder]:
    """Every order of a sale day that was ever paid, whatever became of it."""
    return [order for portion in paid_orders_in_portions(province_id, sale_on) for order in portion]


def paid_orders_in_portions(province_id: int, sale_on: date, size: int = 5_000) -> Iterator[Sequence[PaidOrder]]:
    """The same, never more than `size` of them in memory."""
    rows = _paid(province_id, sale_on).order_by("id").values_list(*_OF_PAID).iterator(chunk_size=size)
    while portion := [_paid_order(row) for row in islice(rows, size)]:
        yield portion


def nets(province_id: int, order_ids: Iterable[int]) -> dict[int, Money]:
    """What was or will be delivered of paid orders, in money, by id; orders that nobody ever paid are left out."""
    with connection.cursor() as cursor:
        cursor.execute(_NETS, [province_id, array(order_ids)])
        return {order_id: Money(fen) for order_id, fen in cursor.fetchall()}


def line_sums(province_id: int, order_ids: Iterable[int]) -> dict[int, list[tuple[int, Money, Money]]]:
    """Of each of these orders its SKUs, what each was sold for, and what of that was given back."""
    found: dict[int, list[tuple[int, Money, Money]]] = {}
    with connection.cursor() as cursor:
        cursor.execute(_LINE_SUMS, [province_id, array(order_ids)])
        for order_id, sku_id, amount, refunded in cursor.fetchall():
            found.setdefault(order_id, []).append((sku_id, Money(amount), Money(refunded)))
    return found


def demand(province_id: int, sale_on: date) -> tuple[Demand, ...]:
    """Units to deliver per SKU and point: of paid orders, after cuts."""
    with connection.cursor() as cursor:
        cursor.execute(_DEMAND, [province_id, province_id, sale_on])
        return tuple(Demand(*row) for row in cursor.fetchall())


def sold(province_id: int, sale_on: date) -> tuple[SkuSales, ...]:
    """What was sold of each SKU at each point and not given back: of orders collected, or still to be."""
    with connection.cursor() as cursor:
        cursor.execute(_SOLD, [province_id, province_id, sale_on])
        return tuple(SkuSales(point, sku, units, Money(fen)) for point, sku, units, fen in cursor.fetchall())


def units_collected(
    province_id: int, point_ids: Iterable[int], days: Iterable[date]
) -> Sequence[tuple[date, int, int]]:
    """Units that were handed over at these points, by sale day and SKU; units claimed for afterwards count."""
    with connection.cursor() as cursor:
        cursor.execute(_UNITS_COLLECTED, [province_id, province_id, sorted(days), array(point_ids)])
        found: Sequence[tuple[date, int, int]] = cursor.fetchall()
    return found


def is_closed(province_id: int, sale_on: date) -> bool:
    """Whether the cut-off of a sale day was carried out."""
    return SaleDay.objects.filter(province_id=province_id, sale_on=sale_on, state=SaleDay.Phase.CLOSED).exists()


def day_totals(province_id: int, sale_on: date) -> DayTotals:
    """One sale day in figures, in every state it may be in."""
    rows = Order.objects.filter(province_id=province_id, sale_on=sale_on)
    with connection.cursor() as cursor:
        cursor.execute(_SKU_TOTALS, [province_id, province_id, sale_on])
        skus = tuple(SkuTotals(*row) for row in cursor.fetchall())
    money = rows.filter(paid_at__isnull=False).aggregate(
        paid=Sum("amount"), refunded=Sum("refunded"), saved=Sum("saved")
    )
    return DayTotals(
        sale_on=sale_on,
        is_closed=is_closed(province_id, sale_on),
        orders=dict(rows.values_list("state").annotate(Count("id"))),
        paid=money["paid"] or ZERO,
        refunded=money["refunded"] or ZERO,
        saved=money["saved"] or ZERO,
        skus=skus,
    )


def turnout(province_id: int, sale_on: date) -> Turnout:
    """Who ever paid on a sale day and where, counted without loading the orders."""
    paid = _paid(province_id, sale_on)
    people = paid.aggregate(people=Count("member_id", distinct=True))["people"]
    return Turnout(people, dict(paid.values_list("point_id").annotate(Count("id"))))


def orders_per_minute(province_id: int, sale_on: date) -> tuple[tuple[datetime, int], ...]:
    """How many orders of a sale day were placed in each minute, the earliest first; minutes without any are absent."""
    rows = Order.objects.filter(province_id=province_id, sale_on=sale_on)
    minutes = rows.values_list(TruncMinute("placed_at", tzinfo=UTC)).annotate(Count("id"))
    return tuple(sorted(minutes))


def lines_disagreeing(province_id: int, sale_on: date) -> Sequence[int]:
    """Orders of a day whose amounts are not the sums of their lines: none, or something is broken."""
    lines = OrderLine.objects.filter(province_id=province_id, order__province_id=province_id, order__sale_on=sale_on)
    sums = lines.values("order_id").annotate(sold=Sum("amount"), back=Sum("refunded"))
    wrong = sums.exclude(sold=F("order__amount"), back=F("order__refunded"))
    return list(wrong.order_by("order_id").values_list("order_id", flat=True))


def _paid(province_id: int, sale_on: date) -> QuerySet[Order]:
    return Order.objects.filter(province_id=province_id, sale_on=sale_on, paid_at__isnull=False)


def _paid_order(row: tuple[Any, ...]) -> PaidOrder:
    order_id, number, member_id, point_id, charge_id, state, amount, refunded, saved, saved_later = row
    return PaidOrder(
        order_id=order_id,
        number=number,
        member_id=member_id,
        point_id=point_id,
        charge_id=charge_id,
        state=_STATES[state],
        amount=amount,
        refunded=refunded,
        saved=saved,
        saved_later=saved_later,
    )
