"""What fulfilment does when a member is forgotten, and what it tells plays and payments."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import date

from lintuan.catalog.queries import skus
from lintuan.kernel.callers import SYSTEM
from lintuan.kernel.events import Recorded, consumer
from lintuan.members.events import MemberForgotten
from lintuan.ordering.queries import orders_at_point
from lintuan.payments.commands import tell_shipped
from lintuan.payments.types import Arrived
from lintuan.plays.commands import note_harm

from .commands.photos import forget_photos_of
from .events import ClaimOpened, DropSigned


@consumer("fulfilment.photos", MemberForgotten)
def forget_photos(events: Sequence[Recorded]) -> None:
    """Their claims stay in the books, their pictures do not."""
    for recorded in events:
        if isinstance(recorded.event, MemberForgotten):
            forget_photos_of(recorded.event.province_id, recorded.event.member_id)


@consumer("fulfilment.harm", ClaimOpened)
def tell_plays(events: Sequence[Recorded]) -> None:
    """Let plays know of which orders somebody complained: a play that brings complaints is not offered again."""
    orders: dict[int, set[int]] = defaultdict(set)
    for recorded in events:
        if isinstance(recorded.event, ClaimOpened):
            orders[recorded.event.province_id].add(recorded.event.order_id)
    for province_id, order_ids in orders.items():
        note_harm(SYSTEM, province_id=province_id, guard="claims", order_ids=tuple(sorted(order_ids)))


@consumer("fulfilment.shipping", DropSigned)
def tell_payments(events: Sequence[Recorded]) -> None:
    """Goods that a leader signed for wait for their owners: the platform that froze the money is to be told."""
    for recorded in events:
        if isinstance(recorded.event, DropSigned):
            event = recorded.event
            goods = _arrived(event.province_id, event.point_id, event.sale_on)
            tell_shipped(SYSTEM, province_id=event.province_id, goods=goods)


def _arrived(province_id: int, point_id: int, sale_on: date) -> tuple[Arrived, ...]:
    """The orders of a point that have goods left, each with what lies there."""
    due = [
        (order.charge_id, [line for line in order.lines if line.due])
        for order in orders_at_point(province_id, point_id, sale_on)
    ]
    names = {sku.id: sku.name for sku in skus({line.sku_id for _, lines in due for line in lines}).values()}
    return tuple(
        Arrived(charge_id, "，".join(f"{names[line.sku_id]}*{line.due}" for line in lines))
        for charge_id, lines in due
        if lines and charge_id
    )
