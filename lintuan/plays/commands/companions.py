"""Who shops together: what ordering tells of household baskets, so that a family is not taken for a fraud."""

from __future__ import annotations

from datetime import date, timedelta

from lintuan.kernel import clock
from lintuan.kernel.callers import Caller, Kind
from lintuan.kernel.commands import command
from lintuan.plays.marking import drop_old
from lintuan.plays.models import Companion

#: As long as ordering keeps the baskets themselves.
BASKET_DAYS = timedelta(days=30)


@command
def note_companions(
    caller: Caller, *, province_id: int, sale_on: date, companions: tuple[tuple[int, int], ...], key: str | None = None
) -> int:
    """Keep who (member) was in which basket: pairs of basket and member; answers how many were told."""
    caller.require_kind(Kind.SYSTEM)
    rows = [
        Companion(province_id=province_id, basket_id=basket_id, member_id=member_id, sale_on=sale_on)
        for basket_id, member_id in companions
    ]
    Companion.objects.bulk_create(rows, ignore_conflicts=True)
    return len(rows)


@command
def drop_marks(caller: Caller, *, province_id: int, key: str | None = None) -> int:
    """Delete what the guard needs no more: marks of newcomers, and who shopped together; answers how much."""
    caller.require_kind(Kind.SYSTEM)
    now = clock.now()
    old = Companion.objects.filter(province_id=province_id, sale_on__lt=(now - BASKET_DAYS).date())
    return drop_old(province_id, now) + old.delete()[0]
