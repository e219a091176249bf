"""Past sale days of points, as plays are tried on them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from datetime import date

from django.db import connection
from msgspec.structs import replace

from lintuan.plays.types import Happening, PastEvening

from .happenings import happenings
from .models import Order, SaleDay
from .types import State

#: What stood in the end; nobody was paid back all of it.
STOOD = [State.PAID.value, State.COLLECTED.value, State.UNCLAIMED.value]

_FIRSTS = """
SELECT DISTINCT ON (o.member_id) o.id FROM ordering_order AS o
WHERE o.province_id = %s AND o.member_id = ANY(%s) AND o.state = ANY(%s)
ORDER BY o.member_id, o.paid_at, o.id
"""


def past_evenings(
    province_id: int, point_ids: Collection[int], *, before: date, most: int = 60
) -> tuple[PastEvening, ...]:
    """What was paid on the last closed sale days before one, up to `most`, at points that had opened by then.

    A point's evening on which nobody bought is there too, with nothing; days before its first order are not.
    """
    closed = SaleDay.objects.filter(province_id=province_id, sale_on__lt=before, state=SaleDay.Phase.CLOSED)
    days = sorted(closed.order_by("-sale_on").values_list("sale_on", flat=True)[:most])
    found = [one for point_id in sorted(point_ids) for one in _of_point(province_id, point_id, days)]
    return tuple(sorted(found, key=lambda one: (one.sale_on, one.point_id)))


def _of_point(province_id: int, point_id: int, days: Collection[date]) -> list[PastEvening]:
    rows = Order.objects.filter(province_id=province_id, point_id=point_id, paid_at__isnull=False)
    opened = rows.order_by("sale_on").values_list("sale_on", flat=True).first()
    stood = dict(rows.filter(sale_on__in=days, state__in=STOOD).values_list("id", "sale_on"))
    moments = {
        order_id: at for order_id, at in rows.filter(id__in=stood).values_list("id", "paid_at") if at is not None
    }
    by_day: dict[date, list[Happening]] = defaultdict(list)
    for one in _with_firsts(province_id, happenings(province_id, stood.keys(), "paid", moments)):
        by_day[stood[one.order_id]].append(one)
    return [
        PastEvening(day, point_id, tuple(sorted(by_day[day], key=lambda one: (one.at, one.order_id))))
        for day in days
        if opened is not None and day >= opened
    ]


def _with_firsts(province_id: int, found: Collection[Happening]) -> list[Happening]:
    """Of the past the first order of a member is the earliest one that stood, whatever they bought since."""
    with connection.cursor() as cursor:
        cursor.execute(_FIRSTS, [province_id, sorted({one.member_id for one in found}), STOOD])
        firsts = {order_id for (order_id,) in cursor.fetchall()}
    return [replace(one, is_first_order=one.order_id in firsts) for one in found]
