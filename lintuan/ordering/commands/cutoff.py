from __future__ import annotations

from datetime import date

from django.db import connection
from django.db.models import Count, Sum

from lintuan.kernel import clock
from lintuan.kernel.callers import Caller, Kind
from lintuan.kernel.commands import command
from lintuan.kernel.events import announce
from lintuan.kernel.money import ZERO, Money
from lintuan.ordering.days import lock_day
from lintuan.ordering.errors import DayStillOpen
from lintuan.ordering.events import DayClosed
from lintuan.ordering.models import Order, SaleDay
from lintuan.ordering.types import State
from lintuan.pricing.commands import record_deals
from lintuan.pricing.types import Deal
from lintuan.provinces.queries import province

from .settling import expire

MOST_AT_ONCE = 1000


@command
def close_day(caller: Caller, *, province_id: int, sale_on: date, key: str | None = None) -> int:
    """Take no more orders of a day: those whose payment arrived are paid, the other unpaid ones expire, once.

    Answers how many orders stand.
    """
    caller.require_kind(Kind.SYSTEM)
    _require_past_cutoff(province_id, sale_on)
    day = lock_day(province_id, sale_on)
    orders = Order.objects.filter(province_id=province_id, sale_on=sale_on)
    if day.state == SaleDay.Phase.OPEN:
        day.state, day.closed_at = SaleDay.Phase.CLOSED, clock.now()
        day.save(update_fields=["state", "closed_at"])
        expire(province_id, list(orders.filter(state=State.UNPAID.value).select_for_update().order_by("id")))
        record_deals(province_id, sale_on, _deals(province_id, sale_on))
        _announce_closed(province_id, sale_on)
    return orders.filter(state=State.PAID.value).count()


@command
def expire_orders(caller: Caller, *, province_id: int, key: str | None = None) -> int:
    """Let go of unpaid orders whose time has come; leaves those alone that another transaction has in hand."""
    caller.require_kind(Kind.SYSTEM)
    overdue = Order.objects.filter(province_id=province_id, state=State.UNPAID.value, pay_by__lte=clock.now())
    batch = list(overdue.select_for_update(skip_locked=True).order_by("pay_by", "id")[:MOST_AT_ONCE])
    return expire(province_id, batch) if batch else 0


def _require_past_cutoff(province_id: int, sale_on: date) -> None:
    view = province(province_id)
    cutoff_at = view.timetable.at("cutoff", sale_on, view.zone)
    if clock.now() < cutoff_at:
        raise DayStillOpen(sale_on=sale_on, cutoff_at=cutoff_at.isoformat())


def _deals(province_id: int, sale_on: date) -> list[Deal]:
    """The lowest and the last price that each SKU was paid at."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT l.sku_id, min(l.price), (array_agg(l.price ORDER BY o.paid_at DESC, l.id DESC))[1]"
            " FROM ordering_order o JOIN ordering_orderline l ON l.province_id = o.province_id AND l.order_id = o.id"
            " WHERE o.province_id = %s AND l.province_id = %s AND o.sale_on = %s AND o.state = 'paid'"
            " AND l.cut < l.quantity GROUP BY l.sku_id",
            [province_id, province_id, sale_on],
        )
        return [
            Deal(sku_id=sku_id, lowest=Money(lowest), last=Money(last)) for sku_id, lowest, last in cursor.fetchall()
        ]


def _announce_closed(province_id: int, sale_on: date) -> None:
    paid = Order.objects.filter(province_id=province_id, sale_on=sale_on, state=State.PAID.value)
    sums = paid.aggregate(orders=Count("id"), amount=Sum("amount"), refunded=Sum("refunded"))
    amount: Money = (sums["amount"] or ZERO) - (sums["refunded"] or ZERO)
    announce(DayClosed(province_id=province_id, sale_on=sale_on, orders=sums["orders"], amount_fen=amount.fen))
