"""What others may ask ordering."""

from __future__ import annotations

from lintuan.ordering.evenings import past_evenings

from .baskets import basket, baskets_of_member, joint_baskets, joint_members
from .days import (
    day_totals,
    demand,
    is_closed,
    line_sums,
    lines_disagreeing,
    nets,
    orders_per_minute,
    paid_orders,
    paid_orders_in_portions,
    sold,
    turnout,
    units_collected,
)
from .orders import (
    has_bought,
    line_view,
    order,
    orders,
    orders_at_point,
    orders_of_member,
    recent_orders,
    steps_of,
    with_savings,
    without_order,
)
from .relays import drafts, drafts_of_member, lines_drafted, relay, relay_goods

__all__ = [
    "basket",
    "baskets_of_member",
    "day_totals",
    "demand",
    "drafts",
    "drafts_of_member",
    "has_bought",
    "is_closed",
    "joint_baskets",
    "joint_members",
    "line_sums",
    "line_view",
    "lines_disagreeing",
    "lines_drafted",
    "nets",
    "order",
    "orders",
    "orders_at_point",
    "orders_of_member",
    "orders_per_minute",
    "paid_orders",
    "paid_orders_in_portions",
    "past_evenings",
    "recent_orders",
    "relay",
    "relay_goods",
    "sold",
    "steps_of",
    "turnout",
    "units_collected",
    "with_savings",
    "without_order",
]
