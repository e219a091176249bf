"""Runs: where they stand, who plays in them, and what they heard."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

import msgspec
from django.db.models import Q
from msgspec.structs import replace

from lintuan.kernel import clock
from lintuan.plays import rules
from lintuan.plays.engine import facts
from lintuan.plays.engine.draws import commitment, sealed
from lintuan.plays.engine.facts import Fact, Person, Tally
from lintuan.plays.engine.progress import Collect, Draw, First, Quiz, Rank, Streak, Vote
from lintuan.plays.engine.telling import counts_alone
from lintuan.plays.errors import PlayUnknown
from lintuan.plays.models import (
    Heard,
    Run,
    Side,
)
from lintuan.plays.models import Person as PersonRow
from lintuan.plays.models import Tally as TallyRow
from lintuan.plays.places import place_of, unit_of
from lintuan.plays.playbook import play_of
from lintuan.plays.tickets import tickets
from lintuan.plays.types import (
    CampaignView,
    Happening,
    RunState,
    RunView,
    Ticket,
)
from lintuan.provinces.queries import province

from .campaigns import campaign

#: Runs of a member that are looked through for open ones, the newest.
MOST_JOINED = 200


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
    return present_runs(one.province_id, [one], point_id).get(one.id)


def present_runs(province_id: int, campaigns: Collection[CampaignView], point_id: int) -> Mapping[int, RunView]:
    """The same of many campaigns, by their ids."""
    place, zone, now = place_of(province_id, point_id), province(province_id).zone, clock.now()
    wanted = {}
    for one in campaigns:
        scope, period = rules.scope_of(one, place), rules.period_of(one, now, zone)
        if scope is not None and period is not None:
            wanted[one.id, scope, period.begins_at] = one.id
    if not wanted:
        return {}
    ids, scopes, begins = (set(column) for column in zip(*wanted, strict=True))
    rows = Run.objects.filter(
        province_id=province_id, campaign_id__in=ids, scope__in=scopes, opener_id=0, begins_at__in=begins
    )
    found = {(row.campaign_id, row.scope, row.begins_at): _run(row) for row in rows}
    return {campaign_id: found[key] for key, campaign_id in wanted.items() if key in found}


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


def without_seat(province_id: int, seats: Mapping[int, int]) -> set[int]:
    """Which of these orders, each with the run it names, count in none that pays back who is not in it: they came after
    its end, or when the last seat was taken.
    """
    runs = Run.objects.filter(province_id=province_id, id__in=set(seats.values()))
    paying_back = [
        run_id
        for run_id, campaign_id in runs.values_list("id", "campaign_id")
        if campaign(province_id, campaign_id).definition.unfilled == "refund"
    ]
    asking = {order_id for order_id, run_id in seats.items() if run_id in paying_back}
    heard = Heard.objects.filter(province_id=province_id, run_id__in=paying_back, order_id__in=asking)
    rows = TallyRow.objects.filter(province_id=province_id, run_id__in=paying_back, body__total__gt=0)
    seated = set(rows.values_list("run_id", "unit"))
    counted = {
        order_id
        for run_id, unit, order_id in heard.values_list("run_id", "unit", "order_id")
        if (run_id, unit) in seated
    }
    return asking - counted


def tickets_of_run(province_id: int, run_id: int) -> Sequence[Ticket]:
    """The tickets of a run that is over, with what they drew; none before, as nobody may see who will win."""
    row = Run.objects.filter(province_id=province_id, id=run_id).first()
    if row is None or row.state == RunState.OPEN:
        return ()
    body = replace(msgspec.convert(row.body, facts.Run), id=row.id, seed=bytes(row.seed))
    return tickets(campaign(province_id, row.campaign_id), body, log_of_run(province_id, run_id))


def log_of_run(province_id: int, run_id: int) -> Sequence[Fact]:
    """What a run heard and what is still so, in its order: enough to recompute it."""
    bodies = Heard.objects.filter(province_id=province_id, run_id=run_id, is_withdrawn=False).order_by("id")
    return [msgspec.convert(body, Fact) for body in bodies.values_list("body", flat=True)]


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


def counted(one: CampaignView, run: RunView) -> int | None:
    """What a run has come to as its words tell it (`telling.Told.count`); None where each counts alone."""
    if counts_alone(one.definition):
        return None
    match one.definition.progress:
        case First(places=places):
            return places - run.prizes_left[0]
        case Draw():
            return run.seats
        case Rank(by="mean"):
            return None
        case Rank() | Vote():
            return next((tally.total for tally in leading(one.province_id, run.id, limit=1)), 0)
        case _:
            return run.total


def joined(one: CampaignView, run: RunView) -> int:
    """How many take part in a run: units that counted; of questions members who answered, right or wrong."""
    return people_in(one.province_id, run.id) if isinstance(one.definition.progress, Quiz) else run.seats


def reached(one: CampaignView, run: RunView) -> int:
    """How many levels a run has reached, where each counts alone whoever is furthest; places before they are all taken
    and what is decided at the end are none."""
    play = one.definition
    match play.progress:
        case Draw() | Rank() | Vote():
            return 0
        case First():
            return int(run.prizes_left == (0,))
        case _ if not counts_alone(play):
            return run.level
    way, tallies = play_of(one).way, standings(one.province_id, run.id)
    if isinstance(play.progress, Streak):
        return max((at for tally in tallies for at, won in enumerate(tally.wins, 1) if won), default=0)
    is_set = isinstance(play.progress, Collect)
    return way.level(max((len(tally.kinds) if is_set else tally.total for tally in tallies), default=0))
