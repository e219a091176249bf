"""Orders as plays hear of them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from datetime import datetime

from django.db import connection
from msgspec.structs import replace

from lintuan.plays.engine.definition import FactKind
from lintuan.plays.types import Bought, Happening
from lintuan.provinces.queries import province

from .models import BasketMember, Order
from .types import State

_LINES = """
SELECT l.order_id, l.sku_id, l.quantity - l.cut, (l.price * (l.quantity - l.cut))::bigint
FROM ordering_orderline AS l WHERE l.province_id = %s AND l.order_id = ANY(%s) AND l.cut < l.quantity
ORDER BY l.order_id, l.id
"""

_EARLIER = """
SELECT DISTINCT w.member_id FROM unnest(%s::bigint[], %s::bigint[]) AS w (member_id, order_id)
WHERE EXISTS (
    SELECT 1 FROM ordering_order AS o WHERE o.province_id = %s AND o.member_id = w.member_id AND o.id <> w.order_id
    AND o.paid_at IS NOT NULL AND o.state <> ALL(%s)
)
"""


def happenings(
    province_id: int, order_ids: Collection[int], kind: FactKind, moments: Mapping[int, datetime]
) -> list[Happening]:
    """What happened to these orders, each at its moment (by order id); those of which nothing is left are left out."""
    orders = list(Order.objects.filter(province_id=province_id, id__in=order_ids).order_by("id"))
    lines = _lines(province_id, order_ids)
    buyers, market = _buyers(province_id, orders), province(province_id)
    return [
        replace(
            _happening(order, kind, moments[order.id], tuple(lines[order.id])),
            is_first_order=order.member_id not in buyers,
            is_on_time=moments[order.id] <= market.timetable.at("collect_until", order.sale_on, market.zone),
        )
        for order in orders
        if lines[order.id]
    ]


def companions(province_id: int, order_ids: Collection[int]) -> list[BasketMember]:
    """Who fills the baskets that these orders are of."""
    ordered = Order.objects.filter(province_id=province_id, id__in=order_ids, basket_id__gt=0)
    return list(BasketMember.objects.filter(province_id=province_id, basket_id__in=ordered.values("basket_id")))


def happening_of(order: Order, at: datetime, lines: tuple[Bought, ...]) -> Happening:
    """An order that is just being placed, as if it were paid already."""
    is_first = order.member_id not in _buyers(order.province_id, [order])
    return replace(_happening(order, "paid", at, lines), is_first_order=is_first)


def _happening(order: Order, kind: FactKind, at: datetime, lines: tuple[Bought, ...]) -> Happening:
    return Happening(
        key=f"{'order' if kind == 'paid' else kind}:{order.id}",
        kind=kind,
        member_id=order.member_id,
        at=at,
        point_id=order.point_id,
        order_id=order.id,
        lines=lines,
        # The client chose the key that the hash is of, so whoever drew the seed of a draw could not know it.
        nonce=str(order.key_hash),
        run_id=order.run_id,
    )


def _lines(province_id: int, order_ids: Collection[int]) -> dict[int, list[Bought]]:
    found: dict[int, list[Bought]] = defaultdict(list)
    with connection.cursor() as cursor:
        cursor.execute(_LINES, [province_id, list(order_ids)])
        for order_id, sku_id, units, fen in cursor.fetchall():
            found[order_id].append(Bought(sku_id, units, fen))
    return found


def _buyers(province_id: int, orders: Collection[Order]) -> set[int]:
    """Who of their members had paid for another order before."""
    gone = [State.CANCELLED.value, State.REFUNDED.value]
    with connection.cursor() as cursor:
        cursor.execute(
            _EARLIER, [[order.member_id for order in orders], [order.id for order in orders], province_id, gone]
        )
        return {member_id for (member_id,) in cursor.fetchall()}
