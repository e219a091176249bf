"""Trials: a question put to leaders by lot."""

from __future__ import annotations

from datetime import date, timedelta

from lintuan.kernel import clock
from lintuan.kernel.callers import Caller, Kind
from lintuan.kernel.commands import command
from lintuan.kernel.errors import Invalid, NotFound
from lintuan.plays import offers
from lintuan.plays.engine.learning import assigning
from lintuan.plays.engine.learning.assigning import Assigned
from lintuan.plays.engine.learning.comparing import Plan
from lintuan.plays.models import Assignment, Trial
from lintuan.plays.outcomes import groups, local_day
from lintuan.plays.types import NewTrial

from .starting import EDIT

LONGEST_NAME = 40


@command
def begin_trial(caller: Caller, *, province_id: int, trial: NewTrial, key: str | None = None) -> int:
    """Put a question to all leaders who have an open point, from today on; answers the trial's id."""
    caller.require(EDIT, province_id)
    today = local_day(province_id, clock.now())
    try:
        Plan(matters=trial.matters, wrong=trial.wrong, least_leaders=trial.least_leaders)
        assigning.Trial(trial.code, trial.arms)
    except ValueError as wrong:
        raise Invalid(reason=str(wrong)) from wrong
    if max(map(len, (trial.code, *trial.arms))) > LONGEST_NAME or not trial.code:
        raise Invalid(reason=f"code, arms: 1-{LONGEST_NAME}")
    if trial.days < 1 or Trial.objects.filter(province_id=province_id, code=trial.code).exists():
        raise Invalid(reason="days >= 1, and a code that no other trial has")
    row = Trial.objects.create(
        province_id=province_id,
        code=trial.code,
        arms=list(trial.arms),
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
    """Let a trial end with today; one that is over stays as it is. Its intervals allow for looks at any time."""
    caller.require(EDIT, province_id)
    row = Trial.objects.select_for_update().filter(province_id=province_id, code=code).first()
    if row is None:
        raise NotFound(thing="trial")
    row.ends_on = min(row.ends_on, local_day(province_id, clock.now()))
    row.save(update_fields=["ends_on"])


@command
def assign_leaders(caller: Caller, *, province_id: int, key: str | None = None) -> int:
    """Give leaders who came since a place in the trials that go on; answers how many."""
    caller.require_kind(Kind.SYSTEM)
    today = local_day(province_id, clock.now())
    running = Trial.objects.filter(province_id=province_id, ends_on__gte=today)
    return sum(_assign(row, today) for row in running.select_for_update().order_by("id"))


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
