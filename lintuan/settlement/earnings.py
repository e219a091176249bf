"""The commissions that a batch of events touches: read once, changed in memory, written once."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from django.db import connection
from msgspec import Struct

from lintuan.kernel.fields import array
from lintuan.kernel.money import ZERO, Money
from lintuan.leaders.queries import kept
from lintuan.ordering.events import LineRefunded, LinesCut, OrderCollected, OrderPaid, OrderUnclaimed

from . import tariffs
from .engine import books
from .engine.accounts import LEADERS_PAYABLE, LEADERS_PENDING
from .engine.books import Entries
from .engine.commission import Earning
from .models import LeaderLine
from .types import LeaderLineKind

OrderEvent = OrderPaid | LinesCut | OrderCollected | OrderUnclaimed | LineRefunded

_KNOWN = """
SELECT order_id, leader_id, point_id, sale_on, bps, paid, given_back, is_lost, booked_at, amount, collected_at,
    swing, skus, sku_bps
FROM settlement_commission WHERE province_id = %s AND order_id = ANY(%s::bigint[]) ORDER BY order_id FOR UPDATE
"""
_OPEN = """
COPY settlement_commission (
    province_id, order_id, leader_id, point_id, sale_on, bps, skus, sku_bps,
    paid, given_back, swing, amount, state, is_lost, collected_at
) FROM STDIN
"""
_CHANGE = """
UPDATE settlement_commission AS c SET paid = n.paid, given_back = n.given_back, swing = n.swing, amount = n.amount,
    state = n.state, is_lost = n.is_lost, collected_at = n.collected_at
FROM unnest(
    %s::bigint[], %s::bigint[], %s::bigint[], %s::bigint[], %s::bigint[], %s::varchar[], %s::boolean[],
    %s::timestamptz[]
) AS n (order_id, paid, given_back, swing, amount, state, is_lost, collected_at)
WHERE c.province_id = %s AND c.order_id = n.order_id
"""


class Row(Struct):
    """One order's commission while its batch is in hand."""

    order_id: int
    leader_id: int
    point_id: int
    sale_on: date
    earning: Earning
    amount: Money
    collected_at: datetime | None = None
    booked_at: datetime | None = None


class Earnings:
    """The rows of the orders in hand; those unknown so far begin with nothing paid."""

    def __init__(self, province_id: int, events: Sequence[OrderEvent]) -> None:
        self._province_id = province_id
        orders = {event.order_id: event for event in events}
        self._lines: list[LeaderLine] = []
        self._known = self._read(sorted(orders))
        self._new: dict[int, Row] = {}
        self._open([event for order_id, event in orders.items() if order_id not in self._known])
        self._rows = self._known | self._new

    def hear(self, event: OrderEvent, at: datetime) -> Entries:
        """Take one event in and answer what it does to the leader's account."""
        row = self._rows[event.order_id]
        before, row.earning = row.amount, _after(event, row.earning)
        after = row.amount = row.earning.amount
        if isinstance(event, OrderCollected):
            row.collected_at = at
        if after == before:
            return ()
        if row.booked_at:
            self._lines.append(self._change(row, after - before))
        account = LEADERS_PAYABLE if row.booked_at else LEADERS_PENDING
        return books.change_commission(row.leader_id, before, after, account=account)

    def save(self) -> None:
        with connection.wrap_database_errors, connection.cursor() as cursor:
            if self._new:
                with cursor.copy(_OPEN) as copy:
                    for row in self._new.values():
                        about = (self._province_id, row.order_id, row.leader_id, row.point_id, row.sale_on)
                        one = row.earning
                        _, *changing = _kept(row)
                        copy.write_row((*about, one.bps, array(one.skus), array(one.sku_bps), *changing))
            if self._known:
                columns = zip(*map(_kept, self._known.values()), strict=True)
                cursor.execute(_CHANGE, [*map(array, columns), self._province_id])
        if self._lines:
            LeaderLine.objects.bulk_create(self._lines)

    def _read(self, order_ids: Sequence[int]) -> dict[int, Row]:
        with connection.cursor() as cursor:
            cursor.execute(_KNOWN, [self._province_id, array(order_ids)])
            return {row[0]: _row(*row) for row in cursor.fetchall()}

    def _open(self, events: Sequence[OrderEvent]) -> None:
        if not events:
            return
        points = kept(self._province_id, {event.point_id for event in events})
        new = [
            tariffs.NewOrder(event.order_id, event.sale_on, points[event.point_id], event.point_id) for event in events
        ]
        for order, earning in tariffs.open_orders(self._province_id, new):
            self._new[order.order_id] = Row(
                order.order_id, order.keeper.leader_id, order.point_id, order.sale_on, earning, ZERO
            )

    def _change(self, row: Row, amount: Money) -> LeaderLine:
        return LeaderLine(
            province_id=self._province_id,
            kind=LeaderLineKind.CHANGE.value,
            leader_id=row.leader_id,
            sale_on=row.sale_on,
            order_id=row.order_id,
            orders=1,
            amount=amount,
        )


def _row(*read: Any) -> Row:
    *about, bps, paid, given_back, is_lost, booked_at, amount, collected_at, swing, skus, sku_bps = read
    odd = tuple(skus), tuple(sku_bps)
    earning = Earning(bps, Money(paid), Money(given_back), is_lost, booked_at is not None, swing, *odd)
    order_id, leader_id, point_id, sale_on = about
    return Row(order_id, leader_id, point_id, sale_on, earning, Money(amount), collected_at, booked_at)


def _kept(row: Row) -> tuple[object, ...]:
    """What of a row may change, after its order: as _OPEN and _CHANGE name it."""
    one = row.earning
    return (
        row.order_id, one.paid.fen, one.given_back.fen, one.swing, row.amount.fen, one.state.value, one.is_lost,
        row.collected_at,
    )  # fmt: skip


def _after(event: OrderEvent, earning: Earning) -> Earning:
    if isinstance(event, OrderPaid):
        return earning.pay(Money(event.amount_fen))
    if isinstance(event, LinesCut | LineRefunded):
        return earning.give_back(Money(event.amount_fen), event.sku_id)
    return earning.lose() if isinstance(event, OrderUnclaimed) else earning
