"""Plays that are there, that run, and what they have come to."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.db import connection
from django.db.models import Count
from msgspec.structs import replace

from lintuan.kernel import clock
from lintuan.kernel.money import Money
from lintuan.plays import arms, linting, rules
from lintuan.plays.accounting import account_of
from lintuan.plays.days import price_today
from lintuan.plays.engine.definition import Aim, Definition
from lintuan.plays.engine.linting.channels import forms_by_channel
from lintuan.plays.engine.linting.verdict import Verdict
from lintuan.plays.engine.simulation import Ask, NotEnough, NotShown
from lintuan.plays.engine.simulation import Outcome as SimulatedOutcome
from lintuan.plays.engine.values import Text
from lintuan.plays.errors import PlayUnknown
from lintuan.plays.goods import names_of
from lintuan.plays.models import (
    Budget,
    Campaign,
    Grant,
    Run,
)
from lintuan.plays.places import place_of
from lintuan.plays.playbook import campaign_view, campaigns, live_campaigns
from lintuan.plays.rehearsing import rehearse
from lintuan.plays.types import (
    Account,
    CampaignFigures,
    CampaignView,
    NewCampaign,
    PastEvening,
    Spending,
)
from lintuan.provinces.queries import province
from lintuan.sharing.queries import channel_policy
from lintuan.sharing.types import Channel, Ruling


def catalogue(province_id: int, leader_id: int = 0) -> Mapping[str, Definition]:
    """All plays by code: those that ship, and what operators composed; of a leader in the forms that they start."""
    return arms.plays_for(province_id, leader_id)


def play(province_id: int, code: str, leader_id: int = 0) -> Definition:
    """One of them; PlayUnknown where there is none. A trial may show a leader another form under the same code."""
    return arms.play_for(province_id, leader_id, code)


def campaign(province_id: int, campaign_id: int) -> CampaignView:
    """A campaign in any state."""
    try:
        return campaigns(province_id, {campaign_id})[campaign_id]
    except KeyError:
        raise PlayUnknown(thing="campaign") from None


def campaigns_by_id(province_id: int, ids: Collection[int]) -> Mapping[int, CampaignView]:
    """Campaigns in any state; unknown ids are absent."""
    return campaigns(province_id, set(ids)) if ids else {}


def campaigns_at(province_id: int, point_id: int, at: datetime | None = None) -> Sequence[CampaignView]:
    """What runs at a point now, the newest first."""
    now, place = at or clock.now(), place_of(province_id, point_id)
    found = [
        one for one in live_campaigns(province_id).values() if rules.is_running(one, now) and rules.is_at(one, place)
    ]
    return sorted(found, key=lambda one: -one.id)


def dormant_days(province_id: int) -> frozenset[int]:
    """After how many days without an order plays that run now want to bring a member back."""
    triggers = (one.definition.trigger for one in live_campaigns(province_id).values())
    return frozenset(one.dormant_days for one in triggers if one.dormant_days is not None)


def campaigns_of_leader(province_id: int, leader_id: int, limit: int = 50) -> Sequence[CampaignView]:
    """What a leader started, the newest first."""
    rows = Campaign.objects.filter(province_id=province_id, leader_id=leader_id).order_by("-id")[:limit]
    return [campaign_view(row) for row in rows]


def campaigns_of_province(province_id: int, limit: int = 200) -> Sequence[CampaignView]:
    rows = Campaign.objects.filter(province_id=province_id).order_by("-id")[:limit]
    return [campaign_view(row) for row in rows]


def verdict(province_id: int, code: str, plan: NewCampaign, leader_id: int = 0) -> Verdict:
    """What would be said of starting a play so; it decides nothing, `start_play` asks again."""
    linting.channel_of(plan)
    return linting.verdict_of(province_id, play(province_id, code, leader_id), plan, plan.starts_at or clock.now())


def verdicts(
    province_id: int, plan: NewCampaign, *, aim: Aim | None = None, leader_id: int = 0
) -> Mapping[str, Verdict]:
    """The same of every play there is, or of those with that aim, by code."""
    decide, plays = judge(province_id, plan), catalogue(province_id, leader_id)
    return {code: decide(one) for code, one in plays.items() if aim is None or one.aim == aim}


def judge(province_id: int, plan: NewCampaign) -> Callable[[Definition], Verdict]:
    """The same of any play that is at hand, of as many as one wants to know it of."""
    linting.channel_of(plan)
    return linting.judge_of(province_id, plan, plan.starts_at or clock.now())


def rehearsal(
    province_id: int, play: Definition, plan: NewCampaign, evenings: Sequence[PastEvening], ask: Ask
) -> SimulatedOutcome | NotEnough | NotShown:
    """What a play would have given and cost on past evenings; the same seed gives the same."""
    return rehearse(province_id, play, plan, evenings, ask)


def foretold(one: CampaignView, evenings: Sequence[PastEvening], ask: Ask) -> SimulatedOutcome | NotEnough | NotShown:
    """What a rehearsal of a campaign, as it was started, says by evenings before it."""
    plan = NewCampaign(tuple(sorted(one.point_ids)), tuple(sorted(one.sku_ids)), one.goods, one.channel)
    return rehearse(one.province_id, one.definition, plan, evenings, ask)


def forms_of(one: CampaignView) -> Sequence[Ruling]:
    """In which of its forms the channel of a campaign lets it be shown today, the richest first."""
    on = clock.now().astimezone(ZoneInfo(province(one.province_id).zone)).date()
    return forms_by_channel(one.definition, channel_policy(), on)[Channel(one.channel)]


def findings_of(province_id: int, campaign_id: int) -> Sequence[Mapping[str, Any]]:
    """What a person was to know when the campaign was started."""
    kept = Campaign.objects.filter(province_id=province_id, id=campaign_id).values_list("verdict", flat=True)
    return kept.first() or []


def goods_of(one: CampaignView) -> Mapping[str, Text]:
    """What the goods are called that the names of its definition stand for."""
    return names_of(one.goods)


def account(one: CampaignView) -> Account:
    """What a campaign has come to."""
    return account_of(one, budgets(one.province_id, one.id))


def day_price(one: CampaignView) -> Money | None:
    """What the one SKU that a campaign is about costs tonight."""
    return price_today(one, clock.now())


def budgets(province_id: int, campaign_id: int) -> Sequence[Spending]:
    """What a campaign's budgets allow, and what is promised of them."""
    rows = Budget.objects.filter(province_id=province_id, campaign_id=campaign_id).order_by("kind", "on_day", "subject")
    return [
        Spending(row.kind, row.subject, row.on_day if row.kind == "day" else None, row.most, row.spent) for row in rows
    ]


def figures(province_id: int, campaign_ids: Collection[int]) -> Mapping[int, CampaignFigures]:
    """Runs, people and rewards of campaigns; zeros where nothing happened yet."""
    found = {campaign_id: CampaignFigures() for campaign_id in campaign_ids}
    runs = Run.objects.filter(province_id=province_id, campaign_id__in=found)
    for campaign_id, state, number in runs.values_list("campaign_id", "state").annotate(number=Count("id")):
        found[campaign_id].runs[state] = number
    given = Grant.objects.filter(province_id=province_id, campaign_id__in=found)
    for campaign_id, state, number in given.values_list("campaign_id", "state").annotate(number=Count("id")):
        found[campaign_id].rewards[state] = number
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT r.campaign_id, count(DISTINCT p.member_id) FROM plays_run AS r JOIN plays_person AS p"
            " ON p.province_id = %s AND p.run_id = r.id"
            " WHERE r.province_id = %s AND r.campaign_id = ANY(%s) GROUP BY r.campaign_id",
            [province_id, province_id, list(found)],
        )
        for campaign_id, people in cursor.fetchall():
            found[campaign_id] = replace(found[campaign_id], people=people)
    return found
