"""What the rooms below and the ledger say of a sale day, gathered for comparison."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from django.db import connection
from django.db.models import Sum

from lintuan.catalog import queries as catalog
from lintuan.fulfilment import queries as fulfilment
from lintuan.fulfilment.types import GoodsTotals
from lintuan.kernel.delivery import lag
from lintuan.kernel.money import ZERO, Money, total
from lintuan.kernel.queries import parked_events
from lintuan.ordering import queries as ordering
from lintuan.ordering.types import SkuTotals
from lintuan.payments import queries as payments
from lintuan.payments.types import ORDER, ChargeState, ChargeView, RefundState, RefundView
from lintuan.plays import queries as plays
from lintuan.pricing import queries as pricing
from lintuan.provinces.queries import province
from lintuan.sourcing import queries as sourcing
from lintuan.sourcing.types import SupplyTotals

from . import funding, rules
from .engine import accounts
from .engine.matching import Case, CaseKind, ChargeMoney, OrderMoney
from .engine.proof import BooksFacts, DayFacts, EarningFacts, GoodsFacts, UnpaidFacts
from .models import Commission, Funding, Journal, LeaderLine, Raise, Statement, StatementLine
from .types import LineKind

_MONEY_ACCOUNTS = [
    accounts.GATEWAY, accounts.PREPAID, accounts.REFUNDS_OWED, accounts.REFUNDS_SENT, accounts.UNMATCHED,
    accounts.SUBSIDIES, accounts.SUPPLIERS_SUBSIDIES, accounts.LEADERS_SUBSIDIES,
]  # fmt: skip

_POSTINGS = """
FROM settlement_journal j
JOIN settlement_posting p ON p.province_id = j.province_id AND p.journal_id = j.id
JOIN settlement_account a ON a.province_id = p.province_id AND a.id = p.account_id
WHERE j.province_id = %(province)s AND p.province_id = %(province)s AND a.province_id = %(province)s
"""
_BY_ORDER = f"""
SELECT j.order_id, a.code, sum(p.amount)::bigint {_POSTINGS}
AND j.order_id = ANY(%(orders)s) AND a.code = ANY(%(codes)s) GROUP BY j.order_id, a.code
"""
_BY_DAY = f"""
SELECT split_part(a.code, ':', 1), sum(p.amount)::bigint {_POSTINGS}
AND j.sale_on = %(day)s GROUP BY 1
"""
_OPEN = f"""
SELECT j.order_id, a.code, -sum(p.amount)::bigint {_POSTINGS}
AND a.code = ANY(%(codes)s) GROUP BY j.order_id, a.code
HAVING sum(p.amount) <> 0 AND max(j.at) < %(before)s ORDER BY 1, 2 LIMIT 100
"""
_HELD = f"""
SELECT j.order_id, a.code, -sum(p.amount)::bigint {_POSTINGS}
AND a.code = ANY(%(codes)s) AND j.order_id IS NOT NULL GROUP BY j.order_id, a.code HAVING sum(p.amount) <> 0 ORDER BY 1
"""
_SOUND = """
SELECT count(*), coalesce(sum(s.debit), 0)::bigint, coalesce(sum(s.credit), 0)::bigint,
    count(*) FILTER (WHERE s.debit IS DISTINCT FROM j.debit OR s.credit IS DISTINCT FROM j.credit)
FROM settlement_journal j LEFT JOIN (
    SELECT p.journal_id, sum(p.amount) FILTER (WHERE p.amount > 0) AS debit,
        -sum(p.amount) FILTER (WHERE p.amount < 0) AS credit
    FROM settlement_posting p WHERE p.province_id = %(province)s GROUP BY p.journal_id
) s ON s.journal_id = j.id
WHERE j.province_id = %(province)s
"""


def order_money(province_id: int, sale_on: date) -> tuple[OrderMoney, ...]:
    """Every paid order of a sale day with its charges and its balances in the ledger."""
    orders = ordering.paid_orders(province_id, sale_on)
    ids = [order.order_id for order in orders]
    charges, balances = _charge_money(province_id, ids), balances_by_order(province_id, ids)
    funded = _funded(province_id, ids)
    return tuple(
        OrderMoney(one, charges.get(one.order_id, ChargeMoney()), balances[one.order_id], funded.get(one.order_id))
        for one in orders
    )


def balances_by_order(province_id: int, order_ids: Sequence[int]) -> dict[int, dict[str, Money]]:
    """What the ledger holds for orders on the accounts that know orders, positive on the debit side."""
    found: dict[int, dict[str, Money]] = {order_id: {} for order_id in order_ids}
    rows = _rows(_BY_ORDER, province=province_id, orders=list(order_ids), codes=_MONEY_ACCOUNTS)
    for order_id, code, fen in rows:
        found[order_id][code] = Money(fen)
    return found


def left_open(province_id: int, before: datetime, known: Collection[int]) -> list[Case]:
    """Orders, of whatever day, with money that no decision explains, but for those known already."""
    kinds = {accounts.UNMATCHED: CaseKind.RECEIPT_UNMATCHED, accounts.REFUNDS_OWED: CaseKind.REFUND_NOT_ASKED}
    rows = _rows(_OPEN, province=province_id, codes=list(kinds), before=before)
    return [
        Case(kinds[code], f"#{order_id or '?'}", order_id, Money(fen), ZERO)
        for order_id, code, fen in rows
        if order_id not in known
    ]


def soundness(province_id: int) -> tuple[int, Money, Money, int]:
    """Journals, what their postings debit and credit, and how many journals their own postings contradict."""
    ((journals, debit, credit, unsound),) = _rows(_SOUND, province=province_id)
    return journals, Money(debit), Money(credit), unsound


def day_facts(province_id: int, sale_on: date, now: datetime) -> DayFacts:
    """Everything that the proof of a day needs."""
    view, supply = province(province_id), sourcing.supply_totals(province_id, sale_on)
    is_over = now >= view.timetable.at("unclaimed", sale_on, view.zone)
    orders = order_money(province_id, sale_on)
    return DayFacts(
        is_over=is_over,
        is_bought=is_over or bool(supply),
        orders=orders,
        unpaid=_unpaid(province_id, sale_on, {money.order.order_id for money in orders}),
        disagreeing_orders=len(ordering.lines_disagreeing(province_id, sale_on)),
        earnings=_earnings(province_id, sale_on),
        raises=_raises(province_id, sale_on),
        goods=_goods(province_id, sale_on, supply),
        books=_books(province_id, sale_on),
        parked=parked_events(),
        lag=lag(),
    )


def _charge_money(province_id: int, order_ids: Sequence[int]) -> dict[int, ChargeMoney]:
    charges = payments.all_charges_of(province_id, ORDER, order_ids)
    received = [one for one in charges if one.state in (ChargeState.PAID, ChargeState.LATE)]
    refunds = payments.refunds_of(province_id, [one.id for one in received])
    by_order: dict[int, list[ChargeView]] = defaultdict(list)
    for one in received:
        by_order[one.subject_id].append(one)
    return {order_id: _sum_charges(mine, refunds) for order_id, mine in by_order.items()}


def _sum_charges(charges: Sequence[ChargeView], refunds: Mapping[int, Sequence[RefundView]]) -> ChargeMoney:
    in_time = [one for one in charges if one.state is ChargeState.PAID]
    back = [refund for one in charges for refund in refunds[one.id]]
    return ChargeMoney(
        paid=total(one.amount for one in in_time),
        asked=total(refund.amount for one in in_time for refund in refunds[one.id]),
        received=total(one.amount for one in charges),
        done=total(refund.amount for refund in back if refund.state is RefundState.DONE),
        on_the_way=total(refund.amount for refund in back if refund.state is not RefundState.DONE),
        failed=total(refund.amount for refund in back if refund.state is RefundState.FAILED),
    )


def _funded(province_id: int, order_ids: Sequence[int]) -> dict[int, Money]:
    """What others than the platform are to bear, of those orders that a night has charged as they stand."""
    rows = Funding.objects.filter(province_id=province_id, order_id__in=list(order_ids), is_open=False)
    charged = list(rows.values_list("order_id", flat=True))
    due = funding.shares_due(province_id, charged) if charged else {}
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


def _unpaid(province_id: int, sale_on: date, paid: Collection[int]) -> tuple[UnpaidFacts, ...]:
    """The day's orders that were not paid and for which the ledger holds money all the same."""
    codes = [accounts.UNMATCHED, accounts.REFUNDS_OWED, accounts.REFUNDS_SENT]
    held: dict[int, dict[str, Money]] = defaultdict(dict)
    # Money at the gateway knows no sale day: only the orders can tell whose day it is.
    for order_id, code, fen in _rows(_HELD, province=province_id, codes=codes):
        if order_id not in paid:
            held[order_id][code] = Money(fen)
    orders = ordering.orders(province_id, held) if held else {}
    return tuple(
        UnpaidFacts(order.number, held[order_id]) for order_id, order in orders.items() if order.sale_on == sale_on
    )


def _earnings(province_id: int, sale_on: date) -> dict[int, EarningFacts]:
    rows = Commission.objects.filter(province_id=province_id, sale_on=sale_on)
    return {row.order_id: EarningFacts(row.bps, row.paid, row.amount) for row in rows}


def _books(province_id: int, sale_on: date) -> BooksFacts:
    _, debit, credit, unsound = soundness(province_id)
    goods = rules.from_duty("goods", sale_on)
    statements = Statement.objects.filter(province_id=province_id, sale_on=sale_on)
    told_leaders, told_suppliers = _told(province_id, sale_on)
    return BooksFacts(
        balances={code: Money(fen) for code, fen in _rows(_BY_DAY, province=province_id, day=sale_on)},
        is_goods_booked=Journal.objects.filter(province_id=province_id, source=goods).exists(),
        statement_goods=statements.aggregate(fen=Sum("goods"))["fen"],
        told_leaders=told_leaders,
        told_suppliers=told_suppliers,
        debit=debit,
        credit=credit,
        unsound_journals=unsound,
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


def _rows(statement: str, **values: Any) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        found: list[tuple[Any, ...]] = cursor.fetchall()
    return found
