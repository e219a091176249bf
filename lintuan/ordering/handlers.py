"""What ordering does when money arrives, and when a member is forgotten."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime

from lintuan.kernel.callers import SYSTEM
from lintuan.kernel.events import Recorded, consumer
from lintuan.kernel.money import Money
from lintuan.members.events import MemberForgotten
from lintuan.payments.commands import refund
from lintuan.payments.events import ChargePaid
from lintuan.payments.types import LATE_PAYMENT, ORDER

from .commands.baskets import take_out
from .commands.rows import lock_orders, mark_paid
from .models import Basket
from .types import State


@consumer("ordering.payments", ChargePaid)
def take_payments(events: Sequence[Recorded]) -> None:
    """Mark orders paid; money for an order that is no longer waiting for it goes back."""
    by_province: dict[int, dict[int, tuple[ChargePaid, datetime]]] = defaultdict(dict)
    for recorded in events:
        paid = recorded.event
        if isinstance(paid, ChargePaid) and paid.purpose == ORDER:
            by_province[paid.province_id][paid.charge_id] = (paid, recorded.at)
    for province_id, payments in by_province.items():
        _take(province_id, payments)


@consumer("ordering.baskets", MemberForgotten)
def leave_baskets(events: Sequence[Recorded]) -> None:
    """Whoever is forgotten leaves all their baskets, with their lines; what they ordered stays in the books."""
    for recorded in events:
        if isinstance(recorded.event, MemberForgotten):
            _leave(recorded.event.province_id, recorded.event.member_id)


def _leave(province_id: int, member_id: int) -> None:
    theirs = Basket.objects.filter(
        province_id=province_id, members__province_id=province_id, members__member_id=member_id
    )
    for basket in theirs.select_for_update(no_key=True, of=("self",)).order_by("id"):
        take_out(basket, member_id)


def _take(province_id: int, payments: dict[int, tuple[ChargePaid, datetime]]) -> None:
    orders = lock_orders(province_id, {paid.subject_id for paid, _ in payments.values()})
    waiting = [order for order in orders if order.state == State.UNPAID and order.charge_id in payments]
    if waiting:
        mark_paid(province_id, waiting, {order.id: payments[order.charge_id][1] for order in waiting})
    expected = {order.charge_id for order in orders if order.paid_at}
    for charge_id, (paid, _) in payments.items():
        if charge_id not in expected:
            _send_back(paid)


def _send_back(paid: ChargePaid) -> None:
    refund(
        SYSTEM,
        province_id=paid.province_id,
        charge_id=paid.charge_id,
        amount=Money(paid.amount_fen),
        cause=LATE_PAYMENT,
        key=f"late-{paid.charge_id}",
    )
