"""The commissions that a batch of events touches: read once, changed in memory, written once."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from lintuan.kernel.money import ZERO, Money
from lintuan.leaders.queries import points
from lintuan.ordering.events import LineRefunded, LinesCut, OrderCollected, OrderPaid, OrderUnclaimed
from lintuan.provinces.queries import province

from .engine import books
from .engine.accounts import LEADERS_PAYABLE, LEADERS_PENDING
from .engine.books import Entries
from .engine.commission import Earning
from .models import Commission, LeaderLine
from .types import LeaderLineKind

OrderEvent = OrderPaid | LinesCut | OrderCollected | OrderUnclaimed | LineRefunded

_KEPT = ["paid", "given_back", "amount", "state", "is_lost", "collected_at"]


class Earnings:
    """The rows of the orders in hand; those unknown so far begin with nothing paid."""

    def __init__(self, province_id: int, events: Sequence[OrderEvent]) -> None:
        self._province_id = province_id
        orders = {event.order_id: event for event in events}
        rows = Commission.objects.select_for_update().filter(province_id=province_id, order_id__in=list(orders))
        self._lines: list[LeaderLine] = []
        self._rows = {row.order_id: row for row in rows.order_by("order_id")}
        self._open([event for order_id, event in orders.items() if order_id not in self._rows])

    def hear(self, event: OrderEvent, at: datetime) -> Entries:
        """Take one event in and answer what it does to the leader's account."""
        row = self._rows[event.order_id]
        before, after = row.amount, _after(event, earning_of(row))
        row.paid, row.given_back, row.is_lost = after.paid, after.given_back, after.is_lost
        row.amount, row.state = after.amount, after.state.value
        if isinstance(event, OrderCollected):
            row.collected_at = at
        account = LEADERS_PAYABLE if row.booked_at else LEADERS_PENDING
        if row.booked_at and after.amount != before:
            self._lines.append(_change(row, after.amount - before))
        return books.change_commission(row.leader_id, before, after.amount, account=account)

    def save(self) -> None:
        # Copies without ids, so that one INSERT ... ON CONFLICT writes old and new rows alike.
        fields = [field.attname for field in Commission._meta.local_fields if field.attname != "id"]
        Commission.objects.bulk_create(
            (Commission(**{name: getattr(row, name) for name in fields}) for row in self._rows.values()),
            update_conflicts=True,
            unique_fields=["province_id", "order_id"],
            update_fields=_KEPT,
        )
        if self._lines:
            LeaderLine.objects.bulk_create(self._lines)

    def _open(self, events: Sequence[OrderEvent]) -> None:
        if not events:
            return
        bps = province(self._province_id).terms.leader_bps
        leaders = {point.id: point.leader_id for point in points(self._province_id)}
        for event in events:
            self._rows[event.order_id] = Commission(
                province_id=self._province_id,
                order_id=event.order_id,
                leader_id=leaders[event.point_id],
                point_id=event.point_id,
                sale_on=event.sale_on,
                bps=bps,
                paid=ZERO,
                given_back=ZERO,
                amount=ZERO,
            )


def earning_of(row: Commission) -> Earning:
    """The row as the rules know it."""
    return Earning(row.bps, row.paid, row.given_back, row.is_lost, row.booked_at is not None)


def _change(row: Commission, amount: Money) -> LeaderLine:
    return LeaderLine(
        province_id=row.province_id,
        kind=LeaderLineKind.CHANGE.value,
        leader_id=row.leader_id,
        sale_on=row.sale_on,
        order_id=row.order_id,
        orders=1,
        amount=amount,
    )


def _after(event: OrderEvent, earning: Earning) -> Earning:
    if isinstance(event, OrderPaid):
        return earning.pay(Money(event.amount_fen))
    if isinstance(event, LinesCut | LineRefunded):
        return earning.give_back(Money(event.amount_fen))
    return earning.lose() if isinstance(event, OrderUnclaimed) else earning
