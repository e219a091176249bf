from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from django.db import connection
from django.db.models import Sum
from msgspec import Struct

from lintuan.kernel import clock
from lintuan.kernel.callers import Caller, Kind
from lintuan.kernel.commands import command
from lintuan.kernel.fields import array
from lintuan.kernel.money import ZERO, Money, total
from lintuan.ordering import queries as ordering
from lintuan.ordering.types import OrderView
from lintuan.settlement import balances, funding, ledger, rules
from lintuan.settlement.engine import accounts, books
from lintuan.settlement.engine.books import Kind as JournalKind
from lintuan.settlement.engine.funding import Share, Shares, changes
from lintuan.settlement.models import Commission, Funding, FundingFact, LeaderLine, StatementLine
from lintuan.settlement.types import Charged, LeaderLineKind, LineKind

#: Orders in memory at a time.
AT_ONCE = 2_000

_WAITING = """
SELECT f.order_id, f.times, c.sale_on FROM settlement_funding f
JOIN settlement_commission c ON c.province_id = f.province_id AND c.order_id = f.order_id
WHERE f.province_id = %(province)s AND c.province_id = %(province)s AND f.is_open AND f.order_id > %(after)s
    AND c.sale_on <= %(day)s AND c.paid > 0 ORDER BY f.order_id LIMIT %(most)s FOR UPDATE OF f
"""
_CHARGED = """
UPDATE settlement_funding SET is_open = false, times = times + (order_id = ANY(%s::bigint[]))::integer
WHERE province_id = %s AND order_id = ANY(%s::bigint[])
"""


class Waiting(Struct, frozen=True):
    """An order to be charged, how often it was so far, and its sale day."""

    times: int
    sale_on: date


@command
def charge_funders(caller: Caller, *, province_id: int, sale_on: date) -> Charged:
    """Charge leaders and suppliers with what they fund of plays, of orders up to this sale day's that changed.

    What was charged before is taken into account, so that a refund that lowered a saving takes their share back. An
    order of which ordering tells another saving than the books is held back, and reconciliation has its case.
    """
    caller.require_kind(Kind.SYSTEM)
    count, held_back, leaders, suppliers = 0, 0, ZERO, ZERO
    for rows in _open(province_id, sale_on):
        orders = ordering.orders(province_id, rows)
        booked = balances.by_order(province_id, list(rows))
        sure = [one for one, order in orders.items() if booked[one].get(accounts.SUBSIDIES, ZERO) == order.bill.borne]
        moves = _charge(province_id, {one: rows[one] for one in sure}, {one: orders[one] for one in sure})
        charged = [(share, amount) for moved in moves.values() for share, amount in moved.items()]
        leaders += total(amount for share, amount in charged if share.leader_id)
        suppliers += total(amount for share, amount in charged if not share.leader_id)
        count, held_back = count + len(moves), held_back + len(rows) - len(sure)
    _close_released(province_id)
    return Charged(count, leaders, suppliers, held_back)


def _charge(province_id: int, rows: Mapping[int, Waiting], orders: Mapping[int, OrderView]) -> dict[int, Shares]:
    """Post and tell what changed of these orders; answers that."""
    due, told = funding.shares_due(province_id, orders), funding.shares_told(province_id, rows)
    moves = {order_id: moved for order_id in rows if (moved := changes(due[order_id], told[order_id]))}
    _tell(province_id, moves, {order_id: rows[order_id].sale_on for order_id in moves})
    ledger.write(province_id, [_draft(order_id, rows[order_id], moved) for order_id, moved in moves.items()])
    with connection.cursor() as cursor:
        cursor.execute(_CHARGED, [array(moves), province_id, array(rows)])
    return moves


def _open(province_id: int, sale_on: date) -> Iterator[dict[int, Waiting]]:
    """The orders to be charged, locked, in portions; orders that were never paid for are not among them."""
    after = 0
    while True:
        with connection.cursor() as cursor:
            cursor.execute(_WAITING, {"province": province_id, "after": after, "day": sale_on, "most": AT_ONCE})
            rows = {order_id: Waiting(*about) for order_id, *about in cursor.fetchall()}
        if not rows:
            return
        after = max(rows)
        yield rows


def _close_released(province_id: int) -> None:
    """Orders that were never paid and have given everything back: nobody will ever be charged for them."""
    waiting = Funding.objects.filter(province_id=province_id, is_open=True)
    paid = Commission.objects.filter(province_id=province_id, paid__gt=0)
    sums = FundingFact.objects.filter(province_id=province_id, order_id__in=waiting.values("order_id"))
    released = sums.values("order_id").annotate(by_leader=Sum("leader"), by_supplier=Sum("supplier"))
    nothing = released.filter(by_leader=0, by_supplier=0).values("order_id")
    gone = waiting.filter(order_id__in=nothing).exclude(order_id__in=paid.values("order_id"))
    gone.update(is_open=False)


def _tell(province_id: int, moves: Mapping[int, Shares], days: Mapping[int, date]) -> None:
    """Lines for the next statements of whoever bears something."""
    leaders: list[LeaderLine] = []
    suppliers: list[StatementLine] = []
    for order_id, moved in moves.items():
        for share, amount in moved.items():
            about: dict[str, Any] = {
                "province_id": province_id,
                "order_id": order_id,
                "sale_on": days[order_id],
                "campaign_id": share.campaign_id,
            }
            if share.leader_id:
                leaders.append(_leader_line(share, amount, about))
            else:
                suppliers.append(_supplier_line(share, amount, about))
    LeaderLine.objects.bulk_create(leaders)
    StatementLine.objects.bulk_create(suppliers)


def _leader_line(share: Share, amount: Money, about: dict[str, Any]) -> LeaderLine:
    return LeaderLine(kind=LeaderLineKind.SUBSIDY.value, leader_id=share.leader_id, amount=-amount, orders=1, **about)


def _supplier_line(share: Share, amount: Money, about: dict[str, Any]) -> StatementLine:
    return StatementLine(
        kind=LineKind.SUBSIDY.value,
        supplier_id=share.supplier_id,
        sku_id=share.sku_id,
        quantity=1,
        price=amount,
        amount=amount,
        **about,
    )


def _draft(order_id: int, row: Waiting, moved: Shares) -> ledger.Draft:
    return ledger.Draft(
        source=rules.from_duty("funders", f"{order_id}-{row.times + 1}"),
        kind=JournalKind.SUBSIDY_FUNDED,
        at=clock.now(),
        entries=books.fund(moved),
        sale_on=row.sale_on,
        order_id=order_id,
    )
