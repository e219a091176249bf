"""The points of members."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from django.db import connection

from lintuan.plays.errors import PointsShort
from lintuan.plays.models import Purse


def add_points(province_id: int, changes: Iterable[tuple[int, int]]) -> None:
    """Add points to members' purses; what is taken back and spent already leaves an empty one."""
    sums: Counter[int] = Counter()
    for member_id, points in changes:
        sums[member_id] += points
    if not sums:
        return
    members = sorted(sums)
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO plays_purse AS p (province_id, member_id, points)"
            " SELECT %s, w.member_id, greatest(w.points, 0) FROM unnest(%s::bigint[], %s::bigint[])"
            " AS w (member_id, points) ORDER BY w.member_id"
            " ON CONFLICT (province_id, member_id) DO UPDATE SET points = greatest(p.points + (SELECT x.points"
            "   FROM unnest(%s::bigint[], %s::bigint[]) AS x (member_id, points) WHERE x.member_id = p.member_id), 0)",
            [
                province_id,
                *(members, [sums[member] for member in members]),
                *(members, [sums[member] for member in members]),
            ],
        )


def spend_points(province_id: int, member_id: int, points: int) -> None:
    """Take points out of a purse; PointsShort where there are fewer."""
    taken = Purse.objects.filter(province_id=province_id, member_id=member_id).select_for_update().first()
    have = taken.points if taken else 0
    if taken is None or have < points:
        raise PointsShort(points=have, needed=points)
    taken.points = have - points
    taken.save(update_fields=["points"])
