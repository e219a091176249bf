"""Rates and levels as they are kept, and what they make of orders that the books first hear of."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date

from django.db import connection
from msgspec import Struct

from lintuan.catalog import queries as catalog
from lintuan.kernel.fields import array
from lintuan.kernel.memory import remembered
from lintuan.kernel.money import BASIS, Money, divide_half_away
from lintuan.leaders.queries import kept
from lintuan.leaders.types import Kept
from lintuan.ordering import queries as ordering
from lintuan.ordering.types import SkuSales
from lintuan.provinces.queries import province

from . import rate_models
from .engine import commission
from .engine.commission import Earning, Sold
from .engine.rates import FIRST_LEVEL, Line, Rate, Tariff

_LEVELS = """
SELECT DISTINCT ON (leader_id) leader_id, level FROM settlement_leaderlevel
WHERE province_id = %s AND leader_id = ANY(%s::bigint[]) AND from_on <= %s ORDER BY leader_id, from_on DESC
"""


class NewOrder(Struct, frozen=True):
    """An order that the books have not heard of so far."""

    order_id: int
    sale_on: date
    keeper: Kept
    point_id: int


def tariff(province_id: int, on: date) -> Tariff:
    """The rates of a sale day; they do not change any more once it began."""
    return _tariff(province_id, on, province(province_id).terms.leader_bps)


def rates(province_id: int) -> list[Rate]:
    """Every rate that ever held or will, the newest first."""
    rows = rate_models.Rate.objects.filter(province_id=province_id).order_by("-from_on", "-id")
    return [rate(row) for row in rows]


def rates_locked(province_id: int) -> list[Rate]:
    """Every rate, while nobody else may change rates, levels or contracts."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"settlement.rates:{province_id}"])
    return rates(province_id)


def rate(row: rate_models.Rate) -> Rate:
    """A rate as the rules see it."""
    return Rate(
        id=row.id,
        bps=row.bps,
        from_on=row.from_on,
        until_on=row.until_on,
        level=row.level,
        sku_id=row.sku_id,
        category=row.category,
        area=row.area,
    )


def levels(province_id: int, leader_ids: Collection[int], on: date) -> dict[int, int]:
    """The level of each leader on a sale day; those who never left the first are absent."""
    with connection.cursor() as cursor:
        cursor.execute(_LEVELS, [province_id, array(sorted(leader_ids)), on])
        return dict(cursor.fetchall())


def thresholds(province_id: int, on: date) -> tuple[Money, ...]:
    """From which sales on a leader reaches level 2, 3 and so on, by the table of a day; none without a table."""
    tables = rate_models.LevelTable.objects.filter(province_id=province_id, from_on__lte=on).order_by("-from_on")
    found = tables.values_list("thresholds", flat=True).first()
    return tuple(map(Money, found or ()))


def days_of_tables(province_id: int, since: date) -> set[date]:
    """The days from one on, that one included, on which another table of levels begins."""
    return set(
        rate_models.LevelTable.objects.filter(province_id=province_id, from_on__gte=since).values_list(
            "from_on", flat=True
        )
    )


def open_orders(province_id: int, orders: Sequence[NewOrder]) -> Iterator[tuple[NewOrder, Earning]]:
    """Each order with what its goods earn.

    Two statements a sale day at most, and none where rates ask neither for goods nor for levels.
    """
    days: dict[date, list[NewOrder]] = defaultdict(list)
    for order in orders:
        days[order.sale_on].append(order)
    for sale_on, known in days.items():
        yield from _open_day(province_id, tariff(province_id, sale_on), sale_on, known)


def _open_day(
    province_id: int, rates: Tariff, sale_on: date, orders: Sequence[NewOrder]
) -> Iterator[tuple[NewOrder, Earning]]:
    leaders = {order.keeper.leader_id for order in orders}
    known = levels(province_id, leaders, sale_on) if rates.asks_level else {}
    sums = ordering.line_sums(province_id, [order.order_id for order in orders]) if rates.asks_goods else {}
    categories = category_of({sku_id for lines in sums.values() for sku_id, *_ in lines})
    for order in orders:
        level = known.get(order.keeper.leader_id, FIRST_LEVEL)
        where = level, order.keeper.district_code
        sold = [
            Sold(sku_id, amount, rates.bps(Line(*where, sku_id, categories.get(sku_id, ""))))
            for sku_id, amount, _ in sums.get(order.order_id, ())
        ]
        yield order, commission.opened(rates.bps(Line(*where)), sold)


def commission_on(province_id: int, sold: Collection[SkuSales], tariff: Tariff, on: date) -> Money:
    """What sales earn by a tariff, with the leaders at the levels of a day; rounded once, not order by order."""
    points = kept(province_id, {one.point_id for one in sold})
    at_level = levels(province_id, {one.leader_id for one in points.values()}, on)
    categories = category_of({one.sku_id for one in sold})
    weights: Counter[int] = Counter()
    for one in sold:
        keeper = points[one.point_id]
        level = at_level.get(keeper.leader_id, FIRST_LEVEL)
        line = Line(level, keeper.district_code, one.sku_id, categories.get(one.sku_id, ""))
        weights[tariff.bps(line)] += one.net.fen
    return Money(divide_half_away(sum(bps * fen for bps, fen in weights.items()), BASIS))


def category_of(sku_ids: Collection[int]) -> Mapping[int, str]:
    """The category of each SKU."""
    return {sku_id: str(view.category) for sku_id, view in catalog.skus(sku_ids).items()} if sku_ids else {}


@remembered(10.0)
def _tariff(province_id: int, on: date, base_bps: int) -> Tariff:
    return Tariff(rates(province_id), on, base_bps)
