"""What a pot holds that its budgets cover: what is shown of it, and what is shared when it ends."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date
from zoneinfo import ZoneInfo

from django.db.models import Sum

from lintuan.kernel import clock
from lintuan.kernel.money import Money
from lintuan.leaders import queries as leaders
from lintuan.provinces.queries import province

from .engine.rewards import Pot
from .models import Budget, Grant
from .spending import Line, lines_of, most_of
from .types import CampaignView, GrantState, RunState, RunView


def covered(shares: Sequence[int], left: int) -> list[int]:
    """Shares in fen, made smaller in proportion where only so much is left for them all; no fen is lost."""
    if sum(shares) <= left:
        return list(shares)
    return [part.fen for part in Money(max(left, 0)).split(list(shares))]


def pot_most(one: CampaignView, run: RunView | None) -> int | None:
    """What the pots of a run may hold together, in fen: what their budgets have left, after its end what was shared.

    None where there is none.
    """
    pots = {at: pot for at, pot in enumerate(one.definition.rewards) if isinstance(pot, Pot)}
    if not pots:
        return None
    if run is not None and run.state is not RunState.OPEN:
        return _shared(one, run, pots)
    leader_id, on = _leader_of(one, run), _ends_on(one, run)
    lines = {line for pot in pots.values() for line in lines_of(one, pot, leader_id=leader_id, on=on, cost=1)}
    return min((_left(one, line) for line in lines if line.kind != "stock"), default=None)


def _shared(one: CampaignView, run: RunView, rewards: Collection[int]) -> int:
    given = Grant.objects.filter(province_id=one.province_id, run_id=run.id, reward__in=list(rewards))
    gone = [GrantState.DENIED.value, GrantState.TAKEN.value]
    return (given.exclude(state__in=gone).aggregate(all=Sum("worth"))["all"] or Money(0)).fen


def _left(one: CampaignView, line: Line) -> int:
    rows = Budget.objects.filter(
        province_id=one.province_id, campaign_id=one.id, kind=line.kind, subject=line.subject, on_day=line.on_day
    )
    spent = rows.values_list("spent", flat=True).first() or 0
    return max(most_of(one, line) - spent, 0)


def _leader_of(one: CampaignView, run: RunView | None) -> int:
    """On whose budget it is."""
    if one.leader_id or run is None or not run.scope:
        return one.leader_id
    match one.definition.participants.reach:
        case "leader":
            return run.scope
        case "point" | "opener":
            return leaders.point(one.province_id, run.scope).leader_id
        case _:
            return 0


def _ends_on(one: CampaignView, run: RunView | None) -> date:
    """The local day whose budget it is shared on."""
    ends_at = run.ends_at if run and run.ends_at else clock.now()
    return ends_at.astimezone(ZoneInfo(province(one.province_id).zone)).date()
