"""What plays pay of orders, before and after the member has paid; docs/algorithms/savings.md."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection

from django.db import connection

from lintuan.kernel.callers import SYSTEM, Caller, Kind
from lintuan.kernel.commands import command
from lintuan.kernel.errors import Invalid, NotFound
from lintuan.kernel.events import announce_all
from lintuan.kernel.money import ZERO, Money
from lintuan.ordering import rules
from lintuan.ordering.events import OrderSaved
from lintuan.ordering.models import Order
from lintuan.ordering.types import Funded
from lintuan.payments.commands import refund_many, reprice_charge
from lintuan.payments.types import NewRefund

from .rows import lock_orders

PLATFORM = Funded()


def save_at_placing(province_id: int, order_id: int, saved: Money) -> None:
    """Let plays pay a part of an order that this transaction has just placed; the charge asks for the rest.

    At least a fen must stay to pay: Invalid otherwise.
    """
    if not saved:
        return
    order = Order.objects.get(province_id=province_id, id=order_id)
    rules.check_saved(saved, order.amount)
    order.saved = saved
    order.charge_id = reprice_charge(
        SYSTEM, province_id=province_id, charge_id=order.charge_id, amount=order.bill.charged
    )
    order.save(update_fields=["saved", "charge_id"])


@command
def save_later(
    caller: Caller,
    *,
    province_id: int,
    savings: tuple[tuple[int, Money], ...],
    cause: str,
    funded: Funded = PLATFORM,
    key: str | None = None,
) -> tuple[tuple[int, Money], ...]:
    """Let plays pay more of paid orders, by id, and pay the difference back; answers what each member gets back.

    No more is saved than the whole order, and of goods that went back nothing comes again. An order that was never
    paid, or of which nothing is left, saves nothing.
    """
    caller.require_kind(Kind.SYSTEM)
    if any(amount <= ZERO for _, amount in savings):
        raise Invalid(reason="savings: more than 0 fen each")
    orders = {order.id: order for order in lock_orders(province_id, {order_id for order_id, _ in savings})}
    if not orders.keys() >= {order_id for order_id, _ in savings}:
        raise NotFound(thing="order")
    backs: dict[int, Money] = defaultdict(lambda: ZERO)
    before = {order_id: order.saved for order_id, order in orders.items()}
    for order_id, amount in savings:
        backs[order_id] += _save(orders[order_id], amount)
    changed = [orders[order_id] for order_id, back in backs.items() if back]
    _write(province_id, changed)
    refunds = tuple(NewRefund(order.charge_id, backs[order.id], cause) for order in changed)
    refund_many(SYSTEM, province_id=province_id, refunds=refunds)
    announce_all(_saved(order, backs[order.id], order.saved - before[order.id], funded) for order in changed)
    return tuple(backs.items())


def _save(order: Order, amount: Money) -> Money:
    """What the member of a locked order gets back when plays pay so much more of it."""
    before = order.bill
    if order.paid_at is None or not before.paid:
        return ZERO
    after = before.save_later(amount)
    order.saved, order.saved_later = after.saved, after.saved_later
    return before.paid - after.paid


def _write(province_id: int, orders: Collection[Order]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE ordering_order o SET saved = w.saved, saved_later = w.later"
            " FROM unnest(%s::bigint[], %s::bigint[], %s::bigint[]) AS w (id, saved, later)"
            " WHERE o.province_id = %s AND o.id = w.id",
            [
                [order.id for order in orders],
                [order.saved.fen for order in orders],
                [order.saved_later.fen for order in orders],
                province_id,
            ],
        )


def _saved(order: Order, back: Money, more: Money, funded: Funded) -> OrderSaved:
    _, leader, supplier = more.split([funded.platform, funded.leader, funded.supplier])
    return OrderSaved(
        province_id=order.province_id,
        order_id=order.id,
        member_id=order.member_id,
        point_id=order.point_id,
        sale_on=order.sale_on,
        fen=back.fen,
        saved_fen=more.fen,
        campaign_id=funded.campaign_id,
        leader_id=funded.leader_id,
        leader_fen=leader.fen,
        supplier_fen=supplier.fen,
    )
