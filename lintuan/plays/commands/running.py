"""Runs opened by members, and runs that end."""

from __future__ import annotations

from datetime import datetime, timedelta

import msgspec

from lintuan.kernel import clock
from lintuan.kernel.callers import Caller, Kind
from lintuan.kernel.commands import command
from lintuan.kernel.delivery import oldest_waiting
from lintuan.kernel.errors import Forbidden
from lintuan.leaders.queries import point_of_member
from lintuan.plays import rules
from lintuan.plays.engine import facts
from lintuan.plays.errors import NotForYou, PlayUnknown, RunClosed, RunsTooMany
from lintuan.plays.models import Run, Side, Tally
from lintuan.plays.places import hears, place_of, unit_of
from lintuan.plays.playbook import campaigns as campaigns_by_id
from lintuan.plays.playbook import live_campaigns
from lintuan.plays.types import CampaignView, Happening, RunState
from lintuan.provinces.queries import province, selling_day

from .ending import finish
from .granting import moment_of
from .rounds import lock_rounds, new_run, open_rounds

MOST_AT_ONCE = 100
#: The consumers of the log that bring what runs count.
FEEDS = ("ordering.payments", "ordering.plays", "plays.tickets")
#: What an unfilled group gives up is given up so long before the cut-off.
REFUND_MARGIN = timedelta(minutes=5)


@command
def open_run(caller: Caller, *, province_id: int, campaign_id: int, key: str | None = None) -> int:
    """Open a run of a play that buyers open, at the point where the member collects; answers the run's id."""
    caller.require_kind(Kind.MEMBER)
    if caller.province_id != province_id:
        raise Forbidden
    campaign, now = live_campaign(province_id, campaign_id), clock.now()
    if campaign.definition.participants.reach != "opener" or not rules.is_running(campaign, now):
        raise PlayUnknown(thing="campaign")
    point = point_of_member(province_id, caller.id)
    place = place_of(province_id, point.id if point else 0)
    if not rules.is_at(campaign, place):
        raise NotForYou(reason="it is not played at your pickup point", reason_zh="您的自提点没有这个玩法")
    most = campaign.definition.trigger.runs_at_once
    mine = Run.objects.filter(
        province_id=province_id, campaign_id=campaign_id, opener_id=caller.id, state=RunState.OPEN.value
    )
    if mine.count() >= most:
        raise RunsTooMany(most=most)
    ends_at = rules.run_ends_at(campaign.definition, now, _last_moment(campaign, now))
    row = new_run(campaign, place.point_id, now, ends_at, opener_id=caller.id)
    row.save()
    return row.id


def _last_moment(campaign: CampaignView, now: datetime) -> datetime | None:
    """When a run must be over: what may be paid back must be, before the night buys for it."""
    if campaign.definition.unfilled != "refund":
        return campaign.ends_at
    market = province(campaign.province_id)
    sale_on = selling_day(market, now)
    if sale_on is None:
        raise NotForYou(reason="nothing is sold at this hour", reason_zh="现在不在开售时间")
    last = market.timetable.at("cutoff", sale_on, market.zone) - REFUND_MARGIN
    if last <= now:
        raise NotForYou(reason="it is too late for tonight", reason_zh="离截单太近了")
    return min(last, campaign.ends_at) if campaign.ends_at else last


def live_campaign(province_id: int, campaign_id: int) -> CampaignView:
    """A campaign that runs now; PlayUnknown for any other."""
    try:
        return live_campaigns(province_id)[campaign_id]
    except KeyError:
        raise PlayUnknown(thing="campaign") from None


@command
def require_seat(caller: Caller, *, province_id: int, order: Happening) -> None:
    """Refuse an order that names a run which it would not count in: one that is over, full, elsewhere, about others."""
    caller.require_kind(Kind.SYSTEM)
    row = Run.objects.filter(province_id=province_id, id=order.run_id, state=RunState.OPEN.value).first()
    if row is None or (row.ends_at is not None and row.ends_at <= order.at):
        raise RunClosed
    campaign = live_campaign(province_id, row.campaign_id)
    place, zone = place_of(province_id, order.point_id), province(province_id).zone
    side = Side.objects.filter(province_id=province_id, campaign_id=campaign.id, member_id=order.member_id).first()
    unit = unit_of(order, campaign, place, side.unit if side else None)
    fact = rules.fact_of(campaign, order, unit, opener_id=row.opener_id, zone=zone)
    if fact is None:
        raise NotForYou(reason="it is about other goods", reason_zh="这一场是别的商品")
    participants = campaign.definition.participants
    if not hears(campaign, order, place) or (participants.same_point and place.point_id != row.scope):
        raise NotForYou(reason="it is for other neighbours", reason_zh="这一场是别处邻居或新邻居的")
    run = msgspec.convert(row.body, facts.Run)
    seated = Tally.objects.filter(province_id=province_id, run_id=row.id, unit=unit).exists()
    if participants.seats is not None and run.seats >= participants.seats and not seated:
        raise RunClosed


@command
def begin_runs(caller: Caller, *, province_id: int, key: str | None = None) -> int:
    """Begin the runs whose time has come, so that they are seen before anything happens; answers how many there are."""
    caller.require_kind(Kind.SYSTEM)
    moment = moment_of(province_id)
    zone = province(province_id).zone
    begun = 0
    for campaign in live_campaigns(province_id).values():
        period = rules.period_of(campaign, moment.now, zone) if rules.is_running(campaign, moment.now) else None
        if period is None or campaign.definition.participants.reach == "opener":
            continue
        places = [place_of(province_id, point_id) for point_id in sorted(campaign.point_ids)]
        scopes = {scope for place in places if (scope := rules.scope_of(campaign, place)) is not None}
        if campaign.definition.participants.reach == "province":
            scopes = {0}
        begun += len(
            open_rounds(province_id, {(campaign.id, scope, period.begins_at): (campaign, period) for scope in scopes})
        )
    return begun


@command
def end_runs(caller: Caller, *, province_id: int, key: str | None = None) -> int:
    """End the runs whose time is over and all of it heard; answers how many. Those in others' hands wait."""
    caller.require_kind(Kind.SYSTEM)
    due = Run.objects.filter(province_id=province_id, state=RunState.OPEN.value, ends_at__lte=clock.now())
    if not due.exists():
        return 0
    due = due.filter(ends_at__lte=_heard_until())
    rows = list(due.select_for_update(skip_locked=True).order_by("id").values_list("id", "campaign_id")[:MOST_AT_ONCE])
    campaigns = campaigns_by_id(province_id, {campaign_id for _, campaign_id in rows})
    rounds = lock_rounds(province_id, [run_id for run_id, _ in rows], campaigns)
    for game in rounds.values():
        finish(game)
    return len(rounds)


def _heard_until() -> datetime:
    """Up to when all is heard: what was paid in time must count, however late its turn comes."""
    waiting = oldest_waiting()
    return min((waiting[name] for name in FEEDS if name in waiting), default=clock.now())
