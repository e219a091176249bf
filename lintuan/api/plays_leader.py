"""Plays for leaders: which may start where, what they would cost, started, seen and stopped."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

import msgspec
from django.http import HttpRequest
from ninja import Field, Query, Router, Schema, Status

from lintuan.kernel import clock
from lintuan.kernel.callers import Kind
from lintuan.kernel.ids import public_id, read_public_id
from lintuan.ordering.queries import past_evenings
from lintuan.pages.plans import MOST_GOODS, Plan, campaign_of, own_point
from lintuan.plays import commands, queries
from lintuan.plays.engine.definition import Aim, Definition
from lintuan.plays.engine.gifts import gift, gifts
from lintuan.plays.engine.linting.verdict import Finding, Severity, Verdict
from lintuan.plays.engine.simulation import Ask, Outcome
from lintuan.plays.errors import PlayUnknown
from lintuan.plays.types import CampaignView, NewCampaign
from lintuan.provinces.queries import coming_day, province
from lintuan.sharing.types import Channel

from .contents import ContentWish
from .http import caller_of, key_of, language_of

router = Router(tags=["plays of leaders"])

PublicId = Annotated[str, Field(max_length=40, examples=["gK8sPd2R"])]
Code = Annotated[str, Field(max_length=40, examples=["neighbours-group"])]


class Shelf(Schema):
    point: PublicId
    channel: Channel = Channel.WECHAT_GROUP
    aim: Aim | None = None


class PlanWish(Schema):
    point: PublicId
    channel: Channel = Field(default=Channel.WECHAT_GROUP, description="where its words will be posted")
    about: list[PublicId] = Field(
        default=[], max_length=MOST_GOODS, description="tonight's offers that it is about; none: all"
    )
    goods: dict[str, str] = Field(
        default={}, description="which offer each name of the play stands for", examples=[{"eggs-10": "gK8sPd2R"}]
    )
    until: datetime | Literal[""] = Field(
        default="", description="empty: until it is stopped", examples=["2026-11-27T23:00+08:00"]
    )

    def plan(self) -> Plan:
        return Plan(self.point, self.channel, tuple(self.about), self.goods, self.until or None)


class FilledWish(PlanWish):
    content: ContentWish = ContentWish()


class RehearsalWish(PlanWish):
    days: int = Field(default=7, ge=1, le=14, description="sale days that it would run")
    seed: int = Field(default=1, ge=0, le=2**31, description="the same seed gives the same figures")


class FindingJson(Schema):
    rule: str = Field(examples=["A10"])
    severity: str = Field(description="refuse, warn", examples=["refuse"])
    place: str = Field(description="in the definition", examples=["counts[0].fact"])
    law: str = Field(examples=["微信外部链接内容管理规范（2019-10-28 施行）"])
    article: str = Field(examples=["17"])
    reason: str = Field(examples=["砍价在微信外链里被禁止。"])
    rewrite: str = Field(description="the lawful play that does the same", examples=["counter-help"])


class PlayJson(Schema):
    code: Code
    name: str = Field(examples=["邻里团"])
    aim: str = Field(examples=["bigger_baskets"])
    gives: str = Field(examples=["8.5 折"])
    may_start: bool
    forms: list[str] = Field(
        description="in which the channel lets it be shown, the richest first", examples=[["code", "relay"]]
    )
    findings: list[FindingJson]


class CheckJson(PlayJson):
    """What would be said of starting it so; the rest are the parameters of the page that shows it."""

    point: PublicId
    channel: str = Field(examples=["wechat_group"])
    about: str = Field(examples=["gK8sPd2R.Uk3xQw9Z"])
    goods: str = Field(examples=["eggs-10:gK8sPd2R"])
    until: str = Field(examples=["2026-11-27T23:00:00+08:00"])


class RehearsalJson(Schema):
    known: bool = Field(description="false: not enough was recorded to say a number")
    reason: str = Field(description="why there is no number; empty where there is one", examples=[""])
    outcome: dict[str, Any] = Field(
        description="bands of low, middle and high; fen, times, basis points",
        examples=[{"most_cost": {"low": 0, "middle": 400, "high": 1200}}],
    )


class GivenJson(Schema):
    gives: str = Field(examples=["满 30 减 3 元券"])
    times: int = Field(examples=[4])
    promised_fen: int = Field(examples=[1200])
    spent_fen: int = Field(examples=[300])


class BudgetJson(Schema):
    kind: str = Field(examples=["day"])
    most: int = Field(description="in fen; of stock in pieces", examples=[30000])
    spent: int = Field(examples=[1200])


class CampaignJson(Schema):
    id: PublicId
    code: Code
    name: str = Field(examples=["邻里团"])
    state: str = Field(examples=["live"])
    channel: str = Field(examples=["wechat_group"])
    starts_at: datetime
    ends_at: datetime | None
    open_runs: int = Field(examples=[1])
    people: int = Field(examples=[12])
    orders: int = Field(
        description="heard by its runs and standing; no claim that they came because of it", examples=[14]
    )
    sold_fen: int = Field(examples=[41860])
    promised_fen: int = Field(description="what was given costs at most", examples=[1200])
    spent_fen: int = Field(description="what was given has cost so far", examples=[300])
    given: list[GivenJson]
    budgets: list[BudgetJson]


@router.get("/leader/plays", response=list[PlayJson], summary="Plays by aim, and which may start on a channel (leader)")
def shelf(request: HttpRequest, asked: Query[Shelf]) -> list[PlayJson]:
    """About all goods of tonight; with fewer goods more may start. A trial may put one first, in a form of its own."""
    province_id, plan = _planned(request, Plan(asked.point, asked.channel))
    leader_id = caller_of(request).id
    plays, first = queries.catalogue(province_id, leader_id), queries.put_first(province_id, leader_id)
    found = queries.verdicts(province_id, plan, aim=asked.aim, leader_id=leader_id)
    ordered = sorted(found.items(), key=lambda each: each[0] != first)
    return [PlayJson(**_play(request, plays[code], verdict, asked.channel)) for code, verdict in ordered]


@router.post("/leader/plays/{code}/check", response=CheckJson, summary="May this play start so? (leader)")
def check(request: HttpRequest, code: str, wish: PlanWish) -> CheckJson:
    """Nothing is started; starting asks again."""
    province_id, plan = _planned(request, wish.plan())
    leader_id = caller_of(request).id
    verdict = queries.verdict(province_id, code, plan, leader_id)
    shown = _play(request, queries.play(province_id, code, leader_id), verdict, wish.channel)
    return CheckJson(**(shown | wish.plan().parameters()))


@router.post("/leader/plays/{code}/rehearse", response=RehearsalJson, summary="What past evenings would give (leader)")
def rehearse(request: HttpRequest, code: str, wish: RehearsalWish) -> RehearsalJson:
    """Of the point's own past orders; nobody is assumed to buy more because of the play."""
    province_id, plan = _planned(request, wish.plan())
    evenings = past_evenings(province_id, plan.point_ids, before=coming_day(province(province_id), clock.now()))
    play = queries.play(province_id, code, caller_of(request).id)
    found = queries.rehearsal(province_id, play, plan, evenings, Ask(days=wish.days, seed=wish.seed))
    if isinstance(found, Outcome):
        return RehearsalJson(known=True, reason="", outcome=_outcome(found, language_of(request)))
    return RehearsalJson(known=False, reason=found.text.in_(language_of(request)), outcome={})


@router.post("/leader/plays/{code}/start", response={201: CampaignJson}, summary="Start a play at my point (leader)")
def start(request: HttpRequest, code: str, wish: FilledWish) -> Status[CampaignJson]:
    """`play_refused` says which rule is against it, where, and which play does the same lawfully; `content_missing`
    and `content_wrong` what it still has to be filled with.
    """
    province_id, plan = _planned(request, wish.plan())
    plan = wish.content.added_to(plan, queries.play(province_id, code, caller_of(request).id))
    campaign_id = commands.start_play(
        caller_of(request), province_id=province_id, code=code, plan=plan, key=key_of(request)
    )
    return Status(201, _campaign(request, queries.campaign(province_id, campaign_id)))


@router.post("/leader/trials/{trial}/decline", response={204: None}, summary="Leave a trial of plays (leader)")
def decline(request: HttpRequest, trial: str) -> Status[None]:
    """It changes nothing for me any more; what comes of my groups still counts for the arm that I drew."""
    province_id, trial_id = read_public_id("trial", trial)
    commands.decline_trial(caller_of(request), province_id=province_id, trial_id=trial_id, key=key_of(request))
    return Status(204, None)


@router.get("/leader/campaigns", response=list[CampaignJson], summary="The plays that I started (leader)")
def campaigns(request: HttpRequest) -> list[CampaignJson]:
    """The newest first, running or not."""
    caller = caller_of(request)
    caller.require_kind(Kind.LEADER)
    return [_campaign(request, one) for one in queries.campaigns_of_leader(caller.province_id, caller.id)]


@router.get("/leader/campaigns/{campaign}", response=CampaignJson, summary="How a play of mine stands (leader)")
def campaign(request: HttpRequest, campaign: str) -> CampaignJson:
    province_id, campaign_id = read_public_id("campaign", campaign)
    found = queries.campaign(province_id, campaign_id)
    if not caller_of(request).is_leader(province_id, found.leader_id):
        raise PlayUnknown(thing="campaign")
    return _campaign(request, found)


@router.post("/leader/campaigns/{campaign}/stop", response=CampaignJson, summary="Stop a play of mine (leader)")
def stop(request: HttpRequest, campaign: str) -> CampaignJson:
    """What is open ends as it stands; what was earned stays."""
    province_id, campaign_id = read_public_id("campaign", campaign)
    commands.stop_play(caller_of(request), province_id=province_id, campaign_id=campaign_id, key=key_of(request))
    return _campaign(request, queries.campaign(province_id, campaign_id))


def _planned(request: HttpRequest, plan: Plan) -> tuple[int, NewCampaign]:
    caller = caller_of(request)
    caller.require_kind(Kind.LEADER)
    return own_point(caller, plan.point).province_id, campaign_of(caller, plan)


def _play(request: HttpRequest, play: Definition, verdict: Verdict, channel: Channel) -> dict[str, Any]:
    language = language_of(request)
    return {
        "code": play.code,
        "name": play.name.in_(language),
        "aim": play.aim,
        "gives": gifts(play).in_(language),
        "may_start": verdict.may_start(channel),
        "forms": [one.form.value for one in verdict.forms[channel]],
        "findings": [_finding(one, language) for one in verdict.of(channel)],
    }


def _finding(one: Finding, language: str) -> FindingJson:
    return FindingJson(
        rule=one.rule,
        severity="refuse" if one.severity is Severity.REFUSE else "warn",
        place=one.place,
        law=one.law.in_(language),
        article=one.article,
        reason=one.reason.in_(language),
        rewrite=one.rewrite or "",
    )


def _outcome(found: Outcome, language: str) -> dict[str, Any]:
    written: dict[str, Any] = msgspec.to_builtins(found)
    return written | {"assumed": [one.in_(language) for one in found.assumed]}


def _campaign(request: HttpRequest, one: CampaignView) -> CampaignJson:
    language, account = language_of(request), queries.account(one)
    rewards = one.definition.rewards
    named = queries.goods_of(one)
    return CampaignJson(
        id=public_id("campaign", one.province_id, one.id),
        code=one.definition.code,
        name=one.definition.name.in_(language),
        state=one.state,
        channel=one.channel,
        starts_at=one.starts_at,
        ends_at=one.ends_at,
        open_runs=account.open_runs,
        people=account.people,
        orders=account.orders,
        sold_fen=account.sold.fen,
        promised_fen=account.promised.fen,
        spent_fen=account.spent.fen,
        given=[
            GivenJson(
                gives=gift(rewards[given.reward], named).in_(language),
                times=given.times,
                promised_fen=given.promised.fen,
                spent_fen=given.spent.fen,
            )
            for given in account.given
        ],
        budgets=[BudgetJson(kind=line.kind, most=line.most, spent=line.spent) for line in account.budgets],
    )
