"""What the orders of a partner's points came to: sales and margin, by the books."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from datetime import date
from typing import Any

from django.db import connection

from lintuan.kernel.fields import array
from lintuan.kernel.money import ZERO, Money
from lintuan.ordering import queries as ordering
from lintuan.sourcing import queries as sourcing

from .engine import accounts
from .engine.partners import Day, Supply, cost_of

_SALES = [int(code) for code in (accounts.SALES, accounts.RETURNS)]
#: What orders bring and cost but for their goods: these accounts know orders.
_LEFT = [
    *_SALES, int(accounts.RECOVERED), int(accounts.COMMISSION), int(accounts.SUBSIDIES),
    int(accounts.SUPPLIERS_SUBSIDIES), int(accounts.LEADERS_SUBSIDIES),
]  # fmt: skip
_SUM = "sum(t.amount * ((t.credit = ANY(%({0})s))::integer - (t.debit = ANY(%({0})s))::integer))::bigint"
_BOOKED = f"""
SELECT c.sale_on, {_SUM.format("sales")}, {_SUM.format("left")}
FROM settlement_commission c JOIN settlement_transfer t ON t.province_id = c.province_id AND t.order_id = c.order_id
WHERE c.province_id = %(province)s AND t.province_id = %(province)s AND c.sale_on = ANY(%(days)s::date[])
    AND c.point_id = ANY(%(points)s::bigint[]) AND c.collected_at IS NOT NULL AND NOT c.is_lost
GROUP BY c.sale_on
"""


def of_days(province_id: int, point_ids: Collection[int], days: Collection[date]) -> list[Day]:
    """What collected orders of these points came to, by sale day; days without any are zero."""
    booked = _booked(province_id, point_ids, days)
    units: dict[date, dict[int, int]] = defaultdict(dict)
    for sale_on, sku_id, number in ordering.units_collected(province_id, point_ids, days):
        units[sale_on][sku_id] = number
    found = []
    for day in sorted(days):
        sales, left = booked.get(day, (ZERO, ZERO))
        cost = cost_of(units[day], _supply(province_id, day)) if day in units else ZERO
        found.append(Day(day, sales, left - cost))
    return found


def _booked(province_id: int, point_ids: Collection[int], days: Collection[date]) -> Mapping[date, tuple[Money, Money]]:
    values: dict[str, Any] = {
        "province": province_id, "points": array(point_ids), "days": sorted(days), "sales": _SALES, "left": _LEFT,
    }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(_BOOKED, values)
        return {sale_on: (Money(sales), Money(left)) for sale_on, sales, left in cursor.fetchall()}


def _supply(province_id: int, sale_on: date) -> dict[int, Supply]:
    return {one.sku_id: Supply(one.received, one.cost) for one in sourcing.supply_totals(province_id, sale_on)}
