"""Pickup codes: drawn so that nobody guesses one, and so that a leader never holds the same one twice."""

from __future__ import annotations

import secrets
from collections import defaultdict
from datetime import date

from django.db.models import Q

from lintuan.fulfilment import rules
from lintuan.fulfilment.models import CodeTries, Pickup, Proxy
from lintuan.fulfilment.types import PickupState
from lintuan.kernel import clock
from lintuan.leaders import queries as leaders
from lintuan.ordering.queries import joint_members, orders_at_point
from lintuan.ordering.types import OrderView, State


def make_pickups(province_id: int, point_id: int, sale_on: date) -> None:
    """Give each member with goods due at a point one code for all their orders of the sale day.

    What they ordered with a household basket gets another one, unless they collect it alone.
    """
    leader_id = leaders.point_now(province_id, point_id).leader_id
    due = [order for order in orders_at_point(province_id, point_id, sale_on) if _is_due(order)]
    joint = joint_members(province_id, {order.basket_id for order in due if order.basket_id})
    orders: defaultdict[tuple[int, int], list[int]] = defaultdict(list)
    for order in due:
        basket_id = order.basket_id if order.member_id in joint.get(order.basket_id, ()) else 0
        orders[order.member_id, basket_id].append(order.id)
    lock_codes(province_id, leader_id)
    taken = codes_held(province_id, leader_id)
    codes = rules.draw_codes(len(orders), taken=taken, draw=secrets.SystemRandom().sample)
    Pickup.objects.bulk_create(
        Pickup(
            province_id=province_id, member_id=member_id, point_id=point_id, leader_id=leader_id, sale_on=sale_on,
            basket_id=basket_id, order_ids=order_ids, code=code,
        )
        for ((member_id, basket_id), order_ids), code in zip(sorted(orders.items()), codes, strict=True)
    )  # fmt: skip


def codes_held(province_id: int, leader_id: int) -> set[str]:
    """The codes that open something at a leader's, of members and of whom they sent; whoever draws one locks first.

    Those of a point that changed hands are held by both leaders, the one who signed for its goods and the present one.
    """
    own = [point.id for point in leaders.points_of_leader(province_id, leader_id)]
    held = Pickup.objects.filter(Q(leader_id=leader_id) | Q(point_id__in=own), province_id=province_id)
    waiting = dict(held.filter(state=PickupState.WAITING.value).values_list("id", "code"))
    sent = Proxy.objects.filter(
        Q(leader_id=leader_id) | Q(pickup_id__in=waiting), province_id=province_id, ended_at=None
    )
    return {*waiting.values(), *sent.values_list("code", flat=True)}


def lock_codes(province_id: int, leader_id: int) -> CodeTries:
    """The row at which everything that has to do with a leader's codes queues."""
    CodeTries.objects.bulk_create(
        [CodeTries(province_id=province_id, leader_id=leader_id, since_at=clock.now())], ignore_conflicts=True
    )
    return CodeTries.objects.select_for_update().get(province_id=province_id, leader_id=leader_id)


def _is_due(order: OrderView) -> bool:
    return order.state is State.PAID and any(line.due for line in order.lines)
