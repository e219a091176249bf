"""Rewards in hand, and what they save."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from django.db.models import QuerySet
from msgspec.structs import replace

from lintuan.kernel.callers import Caller
from lintuan.kernel.money import Money
from lintuan.plays.engine.wallet import Held, Priced, Savings, plan
from lintuan.plays.foretelling import foretold
from lintuan.plays.models import (
    Grant,
    NewcomerMark,
    Purse,
    Use,
)
from lintuan.plays.playbook import campaigns, live_campaigns
from lintuan.plays.types import (
    CampaignView,
    GrantState,
    GrantView,
    Happening,
    UseView,
)
from lintuan.plays.wallets import held_by, kind_of, usable
from lintuan.provinces.queries import province

#: What members may still have or use.
SHOWN = (GrantState.GIVEN.value, GrantState.HELD.value, GrantState.USED.value)


def grants_of_member(caller: Caller, *, limit: int = 100) -> Sequence[GrantView]:
    """What the member who calls was given, the newest first."""
    rows = Grant.objects.filter(province_id=caller.province_id, member_id=caller.id, state__in=SHOWN)
    return [grant_view(row) for row in rows.order_by("-id")[:limit]]


def all_grants_of_member(caller: Caller) -> Sequence[GrantView]:
    """Every reward that is kept of the member who calls, whatever became of it, the oldest first."""
    rows = Grant.objects.filter(province_id=caller.province_id, member_id=caller.id)
    return [grant_view(row) for row in rows.order_by("id")]


def uses_of_order(province_id: int, order_id: int) -> Sequence[UseView]:
    """What rewards save on an order, in the order in which they were taken; none of one that gave them back."""
    rows = Use.objects.filter(province_id=province_id, order_id=order_id, is_released=False)
    uses = list(rows.select_related("grant").order_by("id"))
    known = campaigns(province_id, {use.grant.campaign_id for use in uses})
    return [UseView(known[use.grant.campaign_id], kind_of(use.grant.kind), Money(use.fen)) for use in uses]


def grants(province_id: int, ids: Collection[int]) -> Sequence[GrantView]:
    rows = Grant.objects.filter(province_id=province_id, id__in=ids).order_by("id")
    return [grant_view(row) for row in rows]


def grants_of_run(province_id: int, run_id: int, *, limit: int | None = None) -> Sequence[tuple[int, GrantView]]:
    """Rewards of a run with whom they are for."""
    rows = Grant.objects.filter(province_id=province_id, run_id=run_id).order_by("id")
    return [(row.member_id, grant_view(row)) for row in rows[:limit]]


def newcomer_marks(caller: Caller) -> Sequence[datetime]:
    """When it was marked that the member who calls had a newcomer's reward."""
    rows = NewcomerMark.objects.filter(province_id=caller.province_id, member_id=caller.id)
    return list(rows.order_by("id").values_list("marked_at", flat=True))


def points(province_id: int, member_id: int) -> int:
    found = Purse.objects.filter(province_id=province_id, member_id=member_id).values_list("points", flat=True)
    return found.first() or 0


def savings(order: Happening, province_id: int, lines: Iterable[Priced]) -> tuple[Savings, Mapping[int, CampaignView]]:
    """What a member would save on an order now, and the campaigns of it by the number of each use.

    A price that nobody holds yet has a negative number, the first that would be given the lowest.
    """
    zone = province(province_id).zone
    prices = foretold(order, live_campaigns(province_id), zone=zone)
    on = order.at.astimezone(ZoneInfo(zone)).date()
    rows = list(usable(province_id, order.member_id, on).order_by("id")) if order.member_id else []
    known = campaigns(province_id, {row.campaign_id for row in rows})
    held: list[Held] = [held_by(row, known[row.campaign_id]) for row in rows]
    named = {row.id: known[row.campaign_id] for row in rows}
    for number, (of, price) in enumerate(prices, 1):
        held.append(replace(price, id=number - len(prices) - 1))
        named[number - len(prices) - 1] = of
    return plan(tuple(lines), held), named


def held_for_review(province_id: int) -> QuerySet[Grant]:
    return Grant.objects.filter(province_id=province_id, state=GrantState.HELD.value).order_by("id")


def grant_view(row: Grant) -> GrantView:
    return GrantView(
        id=row.id,
        campaign_id=row.campaign_id,
        run_id=row.run_id,
        reward=row.reward,
        kind=row.kind,
        state=GrantState(row.state),
        worth=row.worth,
        spent=row.spent,
        given_at=row.given_at,
        expires_on=row.expires_on,
        order_id=row.order_id,
        points=row.points,
    )
