"""The levels of leaders: from which sales on, and who has which."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta

from django.db import connection

from lintuan.kernel import changes, clock
from lintuan.kernel.callers import Caller, Kind
from lintuan.kernel.commands import command
from lintuan.kernel.money import Money
from lintuan.provinces.queries import province
from lintuan.settlement import margins, rules, tariffs
from lintuan.settlement.engine.rates import COUNTED_DAYS, FIRST_LEVEL, level_of
from lintuan.settlement.rate_models import LeaderLevel, LevelTable
from lintuan.settlement.types import MAY_EDIT, Graded

_COUNT = """
INSERT INTO settlement_leaderday (province_id, leader_id, sale_on, orders, net)
SELECT %s, c.leader_id, c.sale_on, count(*), sum(c.paid - c.given_back) FROM settlement_commission c
WHERE c.province_id = %s AND c.sale_on = %s AND c.collected_at IS NOT NULL AND NOT c.is_lost AND c.paid > c.given_back
GROUP BY c.leader_id, c.sale_on
ON CONFLICT (province_id, sale_on, leader_id) DO UPDATE SET orders = excluded.orders, net = excluded.net
"""
_SUMS = """
SELECT leader_id, sum(net)::bigint FROM settlement_leaderday
WHERE province_id = %s AND sale_on > %s AND sale_on <= %s GROUP BY leader_id
"""
_PRESENT = """
SELECT DISTINCT ON (leader_id) leader_id, level FROM settlement_leaderlevel
WHERE province_id = %s ORDER BY leader_id, from_on DESC
"""


@command
def set_levels(
    caller: Caller, *, province_id: int, from_on: date, thresholds: tuple[Money, ...], key: str | None = None
) -> int:
    """Say from which sales of thirty days on a leader reaches level 2, 3 and so on, from a day on that has not begun.

    No thresholds: all leaders have the first level from then on. A table that was to begin on that day is replaced.
    """
    caller.require(MAY_EDIT, province_id)
    known = tariffs.rates_locked(province_id)
    rules.check_begins(from_on, clock.today(province(province_id).zone))
    rules.check_thresholds(thresholds)
    margins.require_enough(province_id, known, known, since=from_on, levels=len(thresholds) + 1)
    row, _ = LevelTable.objects.update_or_create(
        province_id=province_id,
        from_on=from_on,
        defaults={"thresholds": [one.fen for one in thresholds], "made_at": clock.now(), "made_by": caller.id},
    )
    changes.tell("settlement", province_id)
    return row.id


@command
def grade_leaders(caller: Caller, *, province_id: int, sale_on: date) -> Graded:
    """Count what leaders sold on a sale day whose claims are over, and give each the level of its thirty days up to
    it from tomorrow's sale day on; a level that stays is not written again.
    """
    caller.require_kind(Kind.SYSTEM)
    from_on = clock.today(province(province_id).zone) + timedelta(days=1)
    thresholds = tariffs.thresholds(province_id, from_on)
    with connection.cursor() as cursor:
        cursor.execute(_COUNT, [province_id, province_id, sale_on])
        cursor.execute(_SUMS, [province_id, sale_on - timedelta(days=COUNTED_DAYS), sale_on])
        sums: Mapping[int, int] = dict(cursor.fetchall())
        cursor.execute(_PRESENT, [province_id])
        present: Mapping[int, int] = dict(cursor.fetchall())
    new = {leader_id: level_of(Money(sums.get(leader_id, 0)), thresholds) for leader_id in sums.keys() | present.keys()}
    changed = LeaderLevel.objects.bulk_create(
        (
            LeaderLevel(
                province_id=province_id,
                leader_id=leader_id,
                from_on=from_on,
                level=level,
                gmv=Money(sums.get(leader_id, 0)),
                counted_on=sale_on,
            )
            for leader_id, level in sorted(new.items())
            if level != present.get(leader_id, FIRST_LEVEL)
        ),
        update_conflicts=True,
        unique_fields=["province_id", "leader_id", "from_on"],
        update_fields=["level", "gmv", "counted_on"],
    )
    return Graded(len(sums), len(changed))
