"""What a leader keeps: their points, and which days matter now."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from lintuan.leaders import queries as leaders
from lintuan.leaders.types import PointView
from lintuan.ordering import queries as ordering
from lintuan.ordering.types import OrderView
from lintuan.pages.compose import parts, place, words
from lintuan.pages.compose.asking import Asking
from lintuan.pages.tree import values
from lintuan.provinces import queries as provinces


def points(asking: Asking) -> Sequence[PointView]:
    """The points of the leader who asks, by code."""
    return leaders.points_of_leader(asking.caller.province_id, asking.caller.id)


def zone(asking: Asking) -> str:
    return provinces.province(asking.caller.province_id).zone


def selling_day(asking: Asking) -> date:
    """The sale day whose orders come in, or come in next."""
    return provinces.coming_day(provinces.province(asking.caller.province_id), asking.now)


def goods_day(asking: Asking) -> date:
    """The sale day whose goods are handed out: yesterday's, unless another is asked for."""
    market = provinces.province(asking.caller.province_id)
    return asking.day("day", place.today(market, asking.now) - timedelta(days=1))


def orders_of(asking: Asking, sale_on: date) -> list[OrderView]:
    """The paid orders of a sale day at all points of the leader."""
    province_id = asking.caller.province_id
    return [order for point in points(asking) for order in ordering.orders_at_point(province_id, point.id, sale_on)]


def other_day(asking: Asking, page: str, on: date) -> values.Button:
    """The way to the day before."""
    before = on - timedelta(days=1)
    text = asking.t(f"看 {words.day(before, asking.language)} 的", f"See {words.day(before, asking.language)}")
    return parts.button(parts.go(page, text, replace=True, day=before.isoformat()))
