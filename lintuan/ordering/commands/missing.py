"""Members who have not ordered for a while: what plays that bring them back begin with."""

from __future__ import annotations

from datetime import date, timedelta

from django.db import connection

from lintuan.kernel import clock
from lintuan.kernel.callers import SYSTEM, Caller, Kind
from lintuan.kernel.commands import command
from lintuan.plays import commands as plays
from lintuan.plays.queries import dormant_days
from lintuan.plays.types import Happening
from lintuan.provinces.queries import province

_LAST = """
SELECT o.member_id, max(o.id), (array_agg(o.point_id ORDER BY o.id DESC))[1]
FROM ordering_order AS o
WHERE o.province_id = %s AND o.sale_on = %s AND o.paid_at IS NOT NULL AND NOT EXISTS (
    SELECT 1 FROM ordering_order AS n
    WHERE n.province_id = %s AND n.member_id = o.member_id AND n.sale_on > o.sale_on AND n.paid_at IS NOT NULL
)
GROUP BY o.member_id ORDER BY o.member_id
"""


@command
def tell_missing(caller: Caller, *, province_id: int, key: str | None = None) -> int:
    """Tell plays of members whose last order is exactly as many days ago as one of them waits; answers what counted."""
    caller.require_kind(Kind.SYSTEM)
    today = clock.today(province(province_id).zone)
    told = [one for days in sorted(dormant_days(province_id)) for one in _missing(province_id, today, days)]
    return plays.hear(SYSTEM, province_id=province_id, happenings=tuple(told))


def _missing(province_id: int, today: date, days: int) -> list[Happening]:
    with connection.cursor() as cursor:
        cursor.execute(_LAST, [province_id, today - timedelta(days=days), province_id])
        return [
            Happening(
                key=f"missing:{order_id}:{days}",
                kind="came_of_age",
                member_id=member_id,
                at=clock.now(),
                point_id=point_id,
            )
            for member_id, order_id, point_id in cursor.fetchall()
        ]
