from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
from django.db import connection
from django.db.models import Count, Q, QuerySet
from msgspec.structs import replace

from lintuan.kernel import clock
from lintuan.kernel.callers import Caller
from lintuan.kernel.errors import NotFound
from lintuan.kernel.money import Money
from lintuan.provinces.queries import province
from lintuan.sharing.queries import channel_policy
from lintuan.sharing.types import Channel, Ruling

from . import linting, rules
from .accounting import account_of
from .days import price_today
from .engine import facts
from .engine.definition import Aim, Definition
from .engine.draws import commitment, sealed
from .engine.facts import Fact, Person, Tally
from .engine.learning.comparing import Decision, Plan, Sums, decide
from .engine.learning.comparing import look as compare
from .engine.learning.guarding import Breach
from .engine.learning.offering import Asker, Choice
from .engine.linting.channels import forms_by_channel
from .engine.linting.verdict import Verdict
from .engine.simulation import Ask, NotEnough, NotShown
from .engine.simulation import Outcome as SimulatedOutcome
from .engine.values import Text
from .engine.wallet import Held, Priced, Savings, plan
from .errors import PlayUnknown
from .foretelling import foretold
from .goods import names_of
from .models import (
    Assignment,
    Belief,
    Budget,
    Campaign,
    Grant,
    Heard,
    NewcomerMark,
    Offering,
    Purse,
    Run,
    Side,
    Trial,
    Use,
)
from .models import Person as PersonRow
from .models import Tally as TallyRow
from .offers import offers_of
from .outcomes import choices_of, local_day, outcomes
from .places import place_of, unit_of
from .playbook import campaign_view, campaigns, definition, definitions, live_campaigns, play_of
from .rehearsing import rehearse
from .tickets import tickets
from .types import (
    Account,
    CampaignFigures,
    CampaignView,
    GrantState,
    GrantView,
    Happening,
    NewCampaign,
    PastEvening,
    RunState,
    RunView,
    Spending,
    Ticket,
    UseView,
)
from .wallets import held_by, kind_of, usable

#: What members may still have or use.
SHOWN = (GrantState.GIVEN.value, GrantState.HELD.value, GrantState.USED.value)
#: Runs of a member that are looked through for open ones, the newest.
MOST_JOINED = 200


def catalogue(province_id: int) -> Mapping[str, Definition]:
    """All plays by code: those that ship, and what operators composed."""
    return definitions(province_id)


def campaign(province_id: int, campaign_id: int) -> CampaignView:
    """A campaign in any state."""
    try:
        return campaigns(province_id, {campaign_id})[campaign_id]
    except KeyError:
        raise PlayUnknown(thing="play") from None


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


def verdict(province_id: int, code: str, plan: NewCampaign) -> Verdict:
    """What would be said of starting a play so; it decides nothing, `start_play` asks again."""
    linting.channel_of(plan)
    return linting.verdict_of(province_id, definition(province_id, code), plan, plan.starts_at or clock.now())


def verdicts(province_id: int, plan: NewCampaign, *, aim: Aim | None = None) -> Mapping[str, Verdict]:
    """The same of every play there is, or of those with that aim, by code."""
    linting.channel_of(plan)
    plays = {code: one for code, one in definitions(province_id).items() if aim is None or one.aim == aim}
    return linting.verdicts_of(province_id, plays, plan, plan.starts_at or clock.now())


def rehearsal(
    province_id: int, code: str, plan: NewCampaign, evenings: Sequence[PastEvening], ask: Ask
) -> SimulatedOutcome | NotEnough | NotShown:
    """What a play would have given and cost on past evenings; the same seed gives the same."""
    return rehearse(province_id, definition(province_id, code), plan, evenings, ask)


def forms_of(one: CampaignView) -> Sequence[Ruling]:
    """In which of its forms the channel of a campaign lets it be shown today, the richest first."""
    on = clock.now().astimezone(ZoneInfo(province(one.province_id).zone)).date()
    return forms_by_channel(one.definition, channel_policy(), on)[Channel(one.channel)]


def findings_of(province_id: int, campaign_id: int) -> Sequence[Mapping[str, Any]]:
    """What a person was to know when the campaign was started."""
    kept = Campaign.objects.filter(province_id=province_id, id=campaign_id).values_list("verdict", flat=True)
    return kept.first() or []


def is_shared(one: CampaignView) -> bool:
    """Whether what one counts helps the others of a run."""
    return play_of(one).way.is_shared


def furthest(one: CampaignView, run_id: int) -> tuple[int, int]:
    """How much whoever is furthest in a run has counted, and how many levels that is; of a streak its length."""
    tallies = standings(one.province_id, run_id)
    way = play_of(one).way
    counts = [max(tally.total, tally.streak, len(tally.kinds), tally.tickets) for tally in tallies]
    most = max(counts, default=0)
    return most, way.level(most)


def goods_of(one: CampaignView) -> Mapping[str, Text]:
    """What the goods are called that the names of its definition stand for."""
    return names_of(one.goods)


def account(one: CampaignView) -> Account:
    """What a campaign has come to."""
    return account_of(one, budgets(one.province_id, one.id))


def run(province_id: int, run_id: int) -> RunView:
    row = Run.objects.filter(province_id=province_id, id=run_id).first()
    if row is None:
        raise PlayUnknown(thing="run")
    return _run(row)


def run_by_code(province_id: int, code: str) -> RunView:
    """The run of a code however it was typed."""
    row = Run.objects.filter(province_id=province_id, code=code.strip().upper()).first()
    if row is None:
        raise PlayUnknown(thing="run")
    return _run(row)


def present_run(one: CampaignView, point_id: int) -> RunView | None:
    """The run of a campaign that a point takes part in now; None between two of them, or before anything happened."""
    place = place_of(one.province_id, point_id)
    scope = rules.scope_of(one, place)
    period = rules.period_of(one, clock.now(), province(one.province_id).zone)
    if scope is None or period is None:
        return None
    row = Run.objects.filter(
        province_id=one.province_id, campaign_id=one.id, scope=scope, opener_id=0, begins_at=period.begins_at
    ).first()
    return _run(row) if row else None


def times_of(one: CampaignView, point_id: int) -> tuple[datetime, datetime | None] | None:
    """From when until when a campaign's round goes on at a point; None between two of them, or where it never is."""
    if rules.scope_of(one, place_of(one.province_id, point_id)) is None:
        return None
    period = rules.period_of(one, clock.now(), province(one.province_id).zone)
    return (period.begins_at, period.ends_at) if period else None


def people_in(province_id: int, run_id: int) -> int:
    """How many members something of a run was heard of, whether it counted or not."""
    return PersonRow.objects.filter(province_id=province_id, run_id=run_id).values("member_id").distinct().count()


def open_runs(province_id: int, campaign_id: int, *, scope: int | None = None, limit: int = 20) -> Sequence[RunView]:
    """Runs that members opened and that are not over, the ones that end first in front."""
    rows = Run.objects.filter(province_id=province_id, campaign_id=campaign_id, state=RunState.OPEN.value)
    if scope is not None:
        rows = rows.filter(scope=scope)
    return [_run(row) for row in rows.exclude(opener_id=0).order_by("ends_at", "id")[:limit]]


def runs_of_campaign(province_id: int, campaign_id: int, limit: int = 50) -> Sequence[RunView]:
    rows = Run.objects.filter(province_id=province_id, campaign_id=campaign_id).order_by("-begins_at", "-id")
    return [_run(row) for row in rows[:limit]]


def standing(province_id: int, run_id: int, unit: int) -> Tally:
    """What a unit has counted in a run."""
    body = (
        TallyRow.objects.filter(province_id=province_id, run_id=run_id, unit=unit)
        .values_list("body", flat=True)
        .first()
    )
    return msgspec.convert(body, Tally) if body else Tally(unit)


def standings(province_id: int, run_id: int) -> Sequence[Tally]:
    """All units of a run, the highest sum first."""
    bodies = TallyRow.objects.filter(province_id=province_id, run_id=run_id).values_list("body", flat=True)
    return sorted((msgspec.convert(body, Tally) for body in bodies), key=lambda tally: (-tally.total, tally.unit))


def leading(province_id: int, run_id: int, *, limit: int) -> Sequence[Tally]:
    """The units of a run that count most; those that count nothing are left out."""
    rows = TallyRow.objects.filter(province_id=province_id, run_id=run_id, body__total__gt=0)
    bodies = rows.order_by("-body__total", "unit").values_list("body", flat=True)[:limit]
    return [msgspec.convert(body, Tally) for body in bodies]


def unit_of_member(one: CampaignView, member_id: int, point_id: int) -> int:
    """Whose count a member's deeds are in a campaign; 0 while they have not said which building, say, they live in."""
    side = side_of(one.province_id, one.id, member_id)
    happening = Happening(key="", kind="joined", member_id=member_id, at=one.starts_at)
    return unit_of(happening, one, place_of(one.province_id, point_id), side[0] if side else None)


def side_of(province_id: int, campaign_id: int, member_id: int) -> tuple[int, str] | None:
    """The number and name of the building, team or household that a member plays for."""
    row = Side.objects.filter(province_id=province_id, campaign_id=campaign_id, member_id=member_id).first()
    return (row.unit, row.label.partition(":")[2]) if row else None


def sides(province_id: int, campaign_id: int, units: Collection[int]) -> Mapping[int, str]:
    """The names of buildings, teams and households."""
    rows = Side.objects.filter(province_id=province_id, campaign_id=campaign_id, unit__in=units).exclude(label="")
    return {unit: label.partition(":")[2] for unit, label in rows.order_by("-id").values_list("unit", "label")}


def persons_of_member(province_id: int, run_id: int, member_id: int) -> Sequence[Person]:
    """What a member counted in a run, for each unit that they counted for."""
    rows = PersonRow.objects.filter(province_id=province_id, run_id=run_id, member_id=member_id).order_by("unit")
    return [msgspec.convert(body, Person) for body in rows.values_list("body", flat=True)]


def helpers(province_id: int, run_id: int, unit: int, *, limit: int) -> Sequence[Person]:
    """Who counted something for a unit that is not their own, the most first."""
    rows = PersonRow.objects.filter(province_id=province_id, run_id=run_id, unit=unit).exclude(member_id=unit)
    bodies = rows.order_by("-body__amount", "member_id").values_list("body", flat=True)[:limit]
    return [msgspec.convert(body, Person) for body in bodies]


def log_of_member(province_id: int, run_id: int, member_id: int) -> Sequence[Fact]:
    """What a run heard of one member, in its order."""
    rows = Heard.objects.filter(province_id=province_id, run_id=run_id, member_id=member_id, is_withdrawn=False)
    return [msgspec.convert(body, Fact) for body in rows.order_by("id").values_list("body", flat=True)]


def tries(province_id: int, run_id: int, unit: int) -> int:
    """How many prices a unit has named."""
    rows = TallyRow.objects.filter(province_id=province_id, run_id=run_id, unit=unit)
    return rows.values_list("tries", flat=True).first() or 0


def open_runs_of_member(province_id: int, campaign_id: int, member_id: int, *, limit: int = 10) -> Sequence[RunView]:
    """Open runs that a member opened or takes part in, those that end first in front."""
    mine = PersonRow.objects.filter(province_id=province_id, member_id=member_id).order_by("-id")
    joined = list(mine.values_list("run_id", flat=True)[:MOST_JOINED])
    rows = Run.objects.filter(province_id=province_id, campaign_id=campaign_id, state=RunState.OPEN.value)
    rows = rows.exclude(opener_id=0).filter(Q(opener_id=member_id) | Q(id__in=joined))
    return [_run(row) for row in rows.order_by("ends_at", "id")[:limit]]


def tickets_of_run(province_id: int, run_id: int) -> Sequence[Ticket]:
    """The tickets of a run that is over, with what they drew; none before, as nobody may see who will win."""
    row = Run.objects.filter(province_id=province_id, id=run_id).first()
    if row is None or row.state == RunState.OPEN:
        return ()
    body = replace(msgspec.convert(row.body, facts.Run), id=row.id, seed=bytes(row.seed))
    return tickets(campaign(province_id, row.campaign_id), body, log_of_run(province_id, run_id))


def day_price(one: CampaignView) -> Money | None:
    """What the one SKU that a campaign is about costs tonight."""
    return price_today(one, clock.now())


def log_of_run(province_id: int, run_id: int) -> Sequence[Fact]:
    """What a run heard and what is still so, in its order: enough to recompute it."""
    bodies = Heard.objects.filter(province_id=province_id, run_id=run_id, is_withdrawn=False).order_by("id")
    return [msgspec.convert(body, Fact) for body in bodies.values_list("body", flat=True)]


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


def recommended(province_id: int, leader_id: int, on: date | None = None) -> Sequence[Choice]:
    """What a leader was offered on a local day (today), the first choice in front; none before the night learnt.

    `expected` is in fen a member and day; the codes are of `catalogue`.
    """
    on = on or local_day(province_id, clock.now())
    row = Offering.objects.filter(province_id=province_id, leader_id=leader_id, on_day=on).first()
    return choices_of(row) if row else ()


def replayed(province_id: int, leader_id: int, on: date) -> Sequence[Choice]:
    """The same, computed anew from the belief of that day: whoever doubts the log compares."""
    row = Offering.objects.select_related("belief").get(province_id=province_id, leader_id=leader_id, on_day=on)
    chosen = offers_of(row.belief, on)
    asker = Asker(leader_id, row.shown["group_type"], tuple((play, day) for play, day in row.shown["recent"]))
    return chosen.to(asker).choices if chosen else ()


def refused_plays(province_id: int) -> Sequence[Breach]:
    """The plays that are not offered as they drive people away, by the latest belief."""
    row = Belief.objects.filter(province_id=province_id).order_by("-on_day").first()
    return msgspec.convert(row.refused, list[Breach]) if row else ()


def arm(province_id: int, trial: str, leader_id: int) -> str | None:
    """The arm of a leader in a trial (its code), for good; None for who has no place in it."""
    rows = Assignment.objects.filter(province_id=province_id, trial__code=trial, leader_id=leader_id)
    return rows.values_list("arm", flat=True).first()


def look(province_id: int, trial: str) -> Mapping[str, Decision]:
    """How each arm of a trial stands against its first, in fen a member and day; ask as often as you like."""
    row = Trial.objects.filter(province_id=province_id, code=trial).first()
    if row is None:
        raise NotFound(thing="trial")
    today = local_day(province_id, clock.now())
    last = min(today, row.ends_on)
    assigned = list(row.assignments.filter(province_id=province_id))
    of_leaders = outcomes(province_id, {one.leader_id: (one.on_day, last) for one in assigned})
    arms = {one.leader_id: one.arm for one in assigned}
    sums = {name: Sums.of(one for one in of_leaders if arms[one.leader] == name) for name in row.arms}
    fixed = Plan(matters=row.matters, wrong=row.wrong, least_leaders=row.least_leaders)
    control, *others = row.arms
    return {
        name: decide(compare(sums[control], sums[name], fixed), fixed, is_over=today > row.ends_on) for name in others
    }


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


def _run(row: Run) -> RunView:
    body = msgspec.convert(row.body, facts.Run)
    is_over, seed = row.state != RunState.OPEN, bytes(row.seed)
    return RunView(
        id=row.id,
        campaign_id=row.campaign_id,
        scope=row.scope,
        opener_id=row.opener_id,
        code=row.code,
        state=RunState(row.state),
        begins_at=row.begins_at,
        ends_at=row.ends_at,
        total=body.total,
        seats=body.seats,
        level=body.level,
        prizes_left=body.prizes_left,
        commitment=commitment(seed),
        seed=seed.hex() if is_over else "",
        sealed=sealed(seed, body.answer) if body.answer else "",
        answer=body.answer if is_over else "",
    )
