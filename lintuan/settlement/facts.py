"""What the rooms below and the ledger say of a sale day, gathered for comparison."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Container, Iterator, Mapping, Sequence
from datetime import date, datetime
from itertools import islice

from django.db import connection
from django.db.models import Sum

from lintuan.catalog import queries as catalog
from lintuan.fulfilment import queries as fulfilment
from lintuan.fulfilment.types import GoodsTotals
from lintuan.kernel.delivery import lag
from lintuan.kernel.fields import array
from lintuan.kernel.money import ZERO, Money, total
from lintuan.kernel.queries import parked_events
from lintuan.ordering import queries as ordering
from lintuan.ordering.types import SkuTotals
from lintuan.payments import queries as payments
from lintuan.payments.types import NOTHING_PAID, ORDER
from lintuan.plays import queries as plays
from lintuan.pricing import queries as pricing
from lintuan.provinces.queries import province
from lintuan.sourcing import queries as sourcing
from lintuan.sourcing.types import SupplyTotals

from . import balances, funding, ledger, rules
from .engine import accounts
from .engine.matching import Case, CaseKind, OrderMoney
from .engine.proof import BooksFacts, DayFacts, EarningFacts, GoodsFacts, UnpaidFacts
from .models import Commission, LeaderLine, Raise, Statement, StatementLine
from .types import LineKind

#: Orders in memory at a time.
AT_ONCE = 5_000
MOST_LEFT_OPEN = 100

_CHARGED = """
SELECT order_id FROM settlement_funding WHERE province_id = %s AND order_id = ANY(%s::bigint[]) AND NOT is_open
"""


def order_money(province_id: int, sale_on: date) -> Iterator[OrderMoney]:
    """Every paid order of a sale day with its charges and its balances in the ledger, a portion in memory at a time."""
    for orders in ordering.paid_orders_in_portions(province_id, sale_on, AT_ONCE):
        ids = [order.order_id for order in orders]
        charges = payments.money_of(province_id, ORDER, ids)
        held, funded = balances.by_order(province_id, ids), _funded(province_id, ids)
        for one in orders:
            charge = charges.get(one.order_id, NOTHING_PAID)
            yield OrderMoney(one, charge, held[one.order_id], funded.get(one.order_id))


def left_open(province_id: int, before: datetime, known: Container[int]) -> list[Case]:
    """Orders, of whatever day, with money that no decision explains, but for those known already."""
    kinds = {accounts.UNMATCHED: CaseKind.RECEIPT_UNMATCHED, accounts.REFUNDS_OWED: CaseKind.REFUND_NOT_ASKED}
    waiting = (one for one in balances.open_items(province_id) if one.account in kinds and one.at < before)
    strange = (one for one in waiting if one.order_id not in known)
    return [
        Case(kinds[one.account], f"#{one.order_id or '?'}", one.order_id, -one.amount, ZERO)
        for one in islice(strange, MOST_LEFT_OPEN)
    ]


def day_facts(province_id: int, sale_on: date, now: datetime) -> DayFacts:
    """Everything that the proof of a day needs."""
    view, supply = province(province_id), sourcing.supply_totals(province_id, sale_on)
    is_over = now >= view.timetable.at("unclaimed", sale_on, view.zone)
    return DayFacts(
        is_over=is_over,
        is_bought=is_over or bool(supply),
        orders=order_money(province_id, sale_on),
        unpaid=_unpaid(province_id, sale_on),
        disagreeing_orders=len(ordering.lines_disagreeing(province_id, sale_on)),
        earnings=_earnings(province_id, sale_on),
        raises=_raises(province_id, sale_on),
        goods=_goods(province_id, sale_on, supply),
        books=_books(province_id, sale_on),
        parked=parked_events(),
        lag=lag(),
    )


def _funded(province_id: int, order_ids: Sequence[int]) -> dict[int, Money]:
    """What others than the platform are to bear, of those orders that a night has charged as they stand."""
    with connection.cursor() as cursor:
        cursor.execute(_CHARGED, [province_id, array(order_ids)])
        charged = [order_id for (order_id,) in cursor.fetchall()]
    due = funding.shares_due(province_id, ordering.orders(province_id, charged)) if charged else {}
    return {order_id: total(shares.values()) for order_id, shares in due.items()}


def _raises(province_id: int, sale_on: date) -> tuple[tuple[str, int, int], ...]:
    """What each reward raised commission by on a day, in the books and in plays."""
    rows = list(Raise.objects.filter(province_id=province_id, sale_on=sale_on).order_by("id"))
    worth = {one.id: one.worth for one in plays.grants(province_id, [row.grant_id for row in rows])}
    return tuple((str(row.grant_id), row.amount.fen, worth.get(row.grant_id, ZERO).fen) for row in rows)


def _told(province_id: int, sale_on: date) -> tuple[Money, Money]:
    """What lines of statements, made or to be made, say leaders get and suppliers bear of a day."""
    leaders = LeaderLine.objects.filter(province_id=province_id, sale_on=sale_on).aggregate(fen=Sum("amount"))
    borne = StatementLine.objects.filter(province_id=province_id, sale_on=sale_on).exclude(kind=LineKind.GOODS.value)
    return leaders["fen"] or ZERO, borne.aggregate(fen=Sum("amount"))["fen"] or ZERO


def _unpaid(province_id: int, sale_on: date) -> tuple[UnpaidFacts, ...]:
    """The day's orders that were not paid and for which the ledger holds money all the same."""
    held: dict[int, dict[str, Money]] = defaultdict(dict)
    # Money at the gateway knows no sale day: only the orders can tell whose day it is.
    for one in balances.open_items(province_id):
        if one.order_id is not None:
            held[one.order_id][one.account] = -one.amount
    orders = ordering.orders(province_id, held) if held else {}
    return tuple(
        UnpaidFacts(order.number, held[order_id])
        for order_id, order in orders.items()
        if order.sale_on == sale_on and order.paid_at is None
    )


def _earnings(province_id: int, sale_on: date) -> dict[int, EarningFacts]:
    rows = Commission.objects.filter(province_id=province_id, sale_on=sale_on)
    found = rows.values_list("order_id", "bps", "paid", "amount", "skus", "sku_bps").iterator(chunk_size=AT_ONCE)
    facts: dict[int, EarningFacts] = {}
    while portion := list(islice(found, AT_ONCE)):
        swings = _swings(
            province_id, {row[0]: (row[1], dict(zip(row[4], row[5], strict=True))) for row in portion if row[4]}
        )
        facts |= {row[0]: EarningFacts(*row[1:4], swings.get(row[0], 0)) for row in portion}
    return facts


def _swings(province_id: int, odd: Mapping[int, tuple[int, Mapping[int, int]]]) -> dict[int, int]:
    """What goods at rates of their own add to orders, worked out of ordering's lines; `odd` is each order's rate in
    general and those of SKUs.
    """
    lines = ordering.line_sums(province_id, odd) if odd else {}
    return {
        order_id: sum(
            (amount - back).fen * (rates.get(sku_id, bps) - bps) for sku_id, amount, back in lines.get(order_id, ())
        )
        for order_id, (bps, rates) in odd.items()
    }


def _books(province_id: int, sale_on: date) -> BooksFacts:
    known = balances.totals(province_id)
    goods = rules.from_duty("goods", sale_on)
    statements = Statement.objects.filter(province_id=province_id, sale_on=sale_on)
    told_leaders, told_suppliers = _told(province_id, sale_on)
    return BooksFacts(
        balances=balances.of_day(province_id, sale_on),
        is_goods_booked=bool(ledger.known_sources(province_id, [goods])),
        statement_goods=statements.aggregate(fen=Sum("goods"))["fen"],
        told_leaders=told_leaders,
        told_suppliers=told_suppliers,
        debit=total(sides.debit for sides in known.accounts.values()),
        credit=total(sides.credit for sides in known.accounts.values()),
        unsound_journals=known.unsound,
    )


def _goods(province_id: int, sale_on: date, supply: Sequence[SupplyTotals]) -> tuple[GoodsFacts, ...]:
    """Every SKU that any room knows of that day."""
    sold = {one.sku_id: one for one in ordering.day_totals(province_id, sale_on).skus}
    bought = {one.sku_id: one for one in supply}
    moved = {one.sku_id: one for one in fulfilment.goods_totals(province_id, sale_on)}
    offered = {one.offer.sku_id: (one.capacity, one.taken) for one in pricing.offers_of_day(province_id, sale_on)}
    stock = pricing.stock(province_id, [one.offer_id for one in sold.values()])
    offered |= {one.sku_id: stock[one.offer_id] for one in sold.values() if one.offer_id in stock}
    ids = sorted(sold.keys() | bought.keys() | moved.keys() | offered.keys())
    codes, short, lots = catalog.skus(ids), _short(province_id, sale_on), _lots(province_id, sale_on)
    return tuple(
        GoodsFacts(
            code=codes[sku_id].code if sku_id in codes else str(sku_id),
            stock=offered.get(sku_id, (0, 0)),
            totals=sold.get(sku_id) or _nothing_sold(sku_id),
            supply=bought.get(sku_id) or SupplyTotals(sku_id, 0),
            goods=moved.get(sku_id) or GoodsTotals(sku_id),
            short=short[sku_id],
            lots=lots[sku_id],
        )
        for sku_id in ids
    )


def _nothing_sold(sku_id: int) -> SkuTotals:
    return SkuTotals(
        sku_id=sku_id, offer_id=0, ordered=0, cut=0, given_up=0, waiting=0, collected=0, unclaimed=0, held=0
    )


def _short(province_id: int, sale_on: date) -> Counter[int]:
    units: Counter[int] = Counter()
    for one in sourcing.shortages(province_id, sale_on):
        units[one.sku_id] += one.needed - one.available
    return units


def _lots(province_id: int, sale_on: date) -> Counter[int]:
    units: Counter[int] = Counter()
    for one in sourcing.lots(province_id, sale_on):
        units[one.sku_id] += one.quantity
    return units
