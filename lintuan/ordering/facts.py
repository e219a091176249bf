"""What the rules ask of the database for many members or baskets at once; nothing here locks."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import date

from django.db import connection

from . import rules
from .intake.statements import BOUGHT_EVER, Step, array
from .types import BasketFacts, OpenLine

#: Orders whose goods a member has or is to get.
STANDING = tuple(state.value for state in rules.LIVE | rules.DELIVERED)

_BASKETS = """
SELECT b.id, b.point_id, b.sale_on, b.state = 'open', m.member_id, l.id, l.offer_id, l.quantity
FROM ordering_basket b
JOIN ordering_basketmember m ON m.province_id = b.province_id AND m.basket_id = b.id
LEFT JOIN ordering_basketline l ON l.province_id = b.province_id AND l.basket_id = b.id AND l.member_id = m.member_id
    AND NOT EXISTS (
        SELECT 1 FROM ordering_order o WHERE o.province_id = %s AND o.id = l.order_id AND o.state = ANY(%s)
    )
WHERE b.province_id = %s AND b.id = ANY(%s)
ORDER BY b.id, l.id, m.member_id
"""

_Row = tuple[int, int, date, bool, int, int | None, int, int]


def bought_ever(province_id: int, member_id: int, skus: Collection[int], *, but: int = 0) -> dict[int, int]:
    """Units of these SKUs that a member ordered on any day and had or may still get; `but` is an order left out."""
    if not skus:
        return {}
    step = Step(BOUGHT_EVER, [province_id, array([member_id]), array(skus), list(STANDING), but])
    with connection.cursor() as cursor:
        cursor.execute(*step.for_psycopg())
        return {sku_id: count for _, sku_id, count in cursor.fetchall()}


def basket_facts(province_id: int, basket_ids: Collection[int]) -> dict[int, BasketFacts]:
    """Baskets by id with their members and open lines; unknown ones and those that everybody left are absent."""
    rows: dict[int, list[_Row]] = defaultdict(list)
    if basket_ids:
        with connection.cursor() as cursor:
            cursor.execute(_BASKETS, [province_id, list(STANDING), province_id, list(basket_ids)])
            for row in cursor.fetchall():
                rows[row[0]].append(row)
    return {basket_id: _facts(of_one) for basket_id, of_one in rows.items()}


def _facts(rows: Iterable[_Row]) -> BasketFacts:
    known = list(rows)
    basket_id, point_id, sale_on, is_open, *_ = known[0]
    return BasketFacts(
        id=basket_id,
        point_id=point_id,
        sale_on=sale_on,
        is_open=is_open,
        members=frozenset(row[4] for row in known),
        lines=tuple(
            OpenLine(line_id, member_id, offer_id, quantity)
            for *_, member_id, line_id, offer_id, quantity in known
            if line_id is not None
        ),
    )
