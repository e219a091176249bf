"""How long an order can still be changed."""

from __future__ import annotations

from datetime import datetime

from lintuan.kernel.ids import public_id
from lintuan.ordering.types import OrderView, State
from lintuan.provinces.queries import province

LIVE = (State.UNPAID, State.PAID)


def order_id(view: OrderView) -> str:
    """What the reader's address of an order says."""
    return public_id("order", view.province_id, view.id)


def cutoff(view: OrderView) -> datetime:
    """From then on an order stands."""
    market = province(view.province_id)
    return market.timetable.at("cutoff", view.sale_on, market.zone)


def is_open(view: OrderView, now: datetime) -> bool:
    """Whether its member can still change it."""
    return view.state in LIVE and now < cutoff(view)
