"""What becomes of orders that nobody paid, where a payment may come at the same moment."""

from __future__ import annotations

from collections.abc import Sequence

from django.db.models import Sum

from lintuan.kernel import clock
from lintuan.kernel.callers import SYSTEM
from lintuan.kernel.events import announce_all
from lintuan.ordering.events import OrderExpired
from lintuan.ordering.models import Order, OrderLine
from lintuan.ordering.types import State
from lintuan.payments.commands import close_charges
from lintuan.payments.queries import charge, charges
from lintuan.payments.types import ChargeState
from lintuan.pricing.commands import give_back_stock

from .rows import mark_paid, move


def end_payment(province_id: int, orders: Sequence[Order]) -> list[Order]:
    """Close the charges of locked unpaid orders, mark those paid whose money was faster, and answer the others."""
    charge_ids = tuple(order.charge_id for order in orders)
    closed = set(close_charges(SYSTEM, province_id=province_id, charge_ids=charge_ids))
    known = charges(province_id, [charge_id for charge_id in charge_ids if charge_id not in closed])
    paid = {view.id: view.paid_at for view in known.values() if view.state is ChargeState.PAID and view.paid_at}
    winners = [order for order in orders if order.charge_id in paid]
    if winners:
        mark_paid(province_id, winners, {order.id: paid[order.charge_id] for order in winners})
    return [order for order in orders if order.charge_id not in paid]


def expire(province_id: int, orders: Sequence[Order]) -> int:
    """Let go of locked unpaid orders and what they hold, but for those just paid; answers how many went."""
    dead = end_payment(province_id, orders)
    if not dead:
        return 0
    move(province_id, dead, State.EXPIRED)
    announce_all(
        OrderExpired(
            province_id=province_id,
            order_id=order.id,
            member_id=order.member_id,
            point_id=order.point_id,
            sale_on=order.sale_on,
            amount_fen=order.amount.fen,
            saved_fen=order.saved.fen,
        )
        for order in dead
    )
    give_back_all(province_id, dead)
    return len(dead)


def give_back_all(province_id: int, orders: Sequence[Order]) -> None:
    """Put all that unpaid orders held back on the shelf."""
    lines = OrderLine.objects.filter(province_id=province_id, order_id__in=[order.id for order in orders])
    held = lines.values("offer_id").annotate(units=Sum("quantity")).values_list("offer_id", "units")
    give_back_stock(province_id, held)


def take_payment(order: Order) -> None:
    """Mark one locked order paid whose charge is known to be."""
    view = charge(order.province_id, order.charge_id)
    mark_paid(order.province_id, [order], {order.id: view.paid_at or clock.now()})
