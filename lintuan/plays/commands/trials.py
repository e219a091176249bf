"""Trials: a question put to leaders by lot."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from django.db import connection

from lintuan.kernel import clock
from lintuan.kernel.callers import Caller, Kind
from lintuan.kernel.commands import command
from lintuan.kernel.errors import Forbidden, Invalid, NotFound
from lintuan.plays import arms, linting, offers
from lintuan.plays.catalogue import plays as shipped
from lintuan.plays.engine.definition import Definition
from lintuan.plays.engine.learning import assigning
from lintuan.plays.engine.learning.assigning import AS_NOW, Assigned
from lintuan.plays.engine.learning.comparing import Plan
from lintuan.plays.errors import PlayUnknown, TrialUnsound
from lintuan.plays.models import Assignment, Trial
from lintuan.plays.outcomes import groups, local_day
from lintuan.plays.playbook import definitions, written
from lintuan.plays.types import NewTrial

from .starting import EDIT

LONGEST_NAME = 40


@command
def begin_trial(caller: Caller, *, province_id: int, trial: NewTrial, key: str | None = None) -> int:
    """Put a question to all leaders who have an open point, from today on; answers the trial's id.

    PlayUnknown, PlayRefused and TrialUnsound where an arm may not act.
    """
    caller.require(EDIT, province_id)
    now = clock.now()
    today = local_day(province_id, now)
    _require_plan(trial)
    _one_at_a_time(province_id)
    if trial.days < 1 or Trial.objects.filter(province_id=province_id, code=trial.code).exists():
        raise Invalid(reason="days >= 1, and a code that no other trial has")
    plays = _plays(province_id, trial, now)
    _require_alone(province_id, trial)
    row = Trial.objects.create(
        province_id=province_id,
        code=trial.code,
        about=trial.about,
        arms=list(trial.arms),
        definitions={code: written(play) for code, play in plays.items()} if trial.about else {},
        matters=trial.matters,
        wrong=trial.wrong,
        least_leaders=trial.least_leaders,
        begins_on=today,
        ends_on=today + timedelta(days=trial.days - 1),
        begun_by=caller.reference,
    )
    _assign(row, today)
    return row.id


@command
def stop_trial(caller: Caller, *, province_id: int, code: str, key: str | None = None) -> None:
    """Let the arms of a trial act no more; today's outcomes are its last, and one that is over stays as it is."""
    caller.require(EDIT, province_id)
    row = Trial.objects.select_for_update().filter(province_id=province_id, code=code).first()
    if row is None:
        raise NotFound(thing="trial")
    now = clock.now()
    row.ends_on = min(row.ends_on, local_day(province_id, now))
    row.stopped_at = row.stopped_at or now
    row.save(update_fields=["ends_on", "stopped_at"])


@command
def decline_trial(caller: Caller, *, province_id: int, trial_id: int, key: str | None = None) -> None:
    """Let a trial change nothing for a leader any more; what comes of them still counts for the arm they drew."""
    caller.require_kind(Kind.LEADER)
    if caller.province_id != province_id:
        raise Forbidden
    place = Assignment.objects.filter(province_id=province_id, trial_id=trial_id, leader_id=caller.id)
    if not place.exists():
        raise NotFound(thing="trial")
    place.filter(declined_at=None).update(declined_at=clock.now())


@command
def assign_leaders(caller: Caller, *, province_id: int, key: str | None = None) -> int:
    """Give leaders who came since a place in the trials that go on; answers how many."""
    caller.require_kind(Kind.SYSTEM)
    today = local_day(province_id, clock.now())
    return sum(_assign(row, today) for row in arms.acting(province_id).select_for_update())


def _require_plan(trial: NewTrial) -> None:
    try:
        Plan(matters=trial.matters, wrong=trial.wrong, least_leaders=trial.least_leaders)
        assigning.Trial(trial.code, trial.arms)
    except ValueError as wrong:
        raise Invalid(reason=str(wrong)) from wrong
    if not 1 <= len(trial.code) <= LONGEST_NAME:
        raise Invalid(reason=f"code: 1-{LONGEST_NAME}")


def _plays(province_id: int, trial: NewTrial, now: datetime) -> dict[str, Definition]:
    """The plays that it is about, each of which a leader may be offered and may start."""
    known = definitions(province_id)
    wanted = [code for code in (*trial.arms, trial.about) if code and code != AS_NOW]
    if any(code not in known for code in wanted):
        raise PlayUnknown(thing="play")
    plays = {code: known[code] for code in wanted}
    if set(offers.offerable(plays)) != plays.keys():
        raise _unsound("有的玩法不能推荐给团长。", "not every play may be offered to leaders.")
    if plays.keys() & {one.play for one in arms.refused(province_id)}:
        raise _unsound("有的玩法已越过护栏。", "a guard refuses one of its plays.")
    if trial.about and set(trial.arms) & {trial.about, *shipped()}:
        # While it runs others do not see its forms: a play of everybody's would be gone.
        raise _unsound("各组要选运营另写的版本。", "its arms are forms that operators wrote, with codes of their own.")
    for play in plays.values():
        linting.require_lawful(province_id, play, now)
    return plays


def _one_at_a_time(province_id: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended('plays.trials', %s))", [province_id])


def _require_alone(province_id: int, trial: NewTrial) -> None:
    """Two trials on one thing would change each other's arms."""
    own = {trial.about, *trial.arms} - {AS_NOW}
    for row in arms.acting(province_id):
        if own & ({row.about, *row.arms} - {AS_NOW}):
            raise _unsound(f"和正在进行的“{row.code}”相冲突。", f"“{row.code}” is still about the same.")


def _unsound(zh: str, en: str) -> TrialUnsound:
    return TrialUnsound(reason=en, reason_zh=zh)


def _assign(row: Trial, today: date) -> int:
    """By the log and the key alone; the trial's row is locked or new, so no two take one place."""
    rows = Assignment.objects.filter(province_id=row.province_id, trial_id=row.id).order_by("id")
    logged = [Assigned(one.leader_id, one.group_type, one.place, one.arm, one.propensity) for one in rows]
    leaders = {group.leader_id: group.group_type for group in groups(row.province_id).values()}
    trial = assigning.Trial(row.code, tuple(row.arms))
    new = assigning.assign(trial, leaders, logged, key=offers.key(row.province_id, "trials"))
    Assignment.objects.bulk_create(
        [
            Assignment(
                province_id=row.province_id,
                trial_id=row.id,
                leader_id=one.leader,
                on_day=today,
                **{name: getattr(one, name) for name in ("group_type", "place", "arm", "propensity")},
            )
            for one in new
        ]
    )
    return len(new)
