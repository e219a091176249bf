"""What arms do while their trials last: what a leader's shelf puts first, and which form of a play they start."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec
from django.db.models import QuerySet

from lintuan.kernel import clock

from .engine.definition import Definition
from .engine.learning.assigning import AS_NOW
from .engine.learning.guarding import Breach
from .errors import PlayUnknown
from .models import Assignment, Belief, Trial
from .outcomes import local_day
from .playbook import definition, definitions
from .types import InTrial


def acting(province_id: int) -> QuerySet[Trial]:
    """The trials that go on."""
    today = local_day(province_id, clock.now())
    return Trial.objects.filter(
        province_id=province_id, begins_on__lte=today, ends_on__gte=today, stopped_at=None
    ).order_by("id")


def trials_of(province_id: int, leader_id: int) -> list[InTrial]:
    """The trials that act on a leader, but those that they declined."""
    return _trials_of(province_id, leader_id, acting(province_id))


def first_of(found: Iterable[InTrial]) -> str:
    """The play that a shelf puts first; empty without one."""
    return next((one.shows for one in found if not one.about), "")


def play_for(province_id: int, leader_id: int, code: str) -> Definition:
    """A play in the form that a leader starts it in (0: anybody else); PlayUnknown where it is not there for them."""
    changes = _changes(province_id, leader_id) if leader_id else {}
    found = changes[code] if code in changes else definition(province_id, code)
    if found is None:
        raise PlayUnknown(thing="play")
    return found


def plays_for(province_id: int, leader_id: int) -> dict[str, Definition]:
    """All plays in the forms that a leader starts them in, by code (0: anybody else)."""
    plays = definitions(province_id)
    changes = _changes(province_id, leader_id) if leader_id else {}
    kept = {code: play for code, play in plays.items() if code not in changes}
    return kept | {play.code: play for play in changes.values() if play is not None}


def forms_in_trials(province_id: int) -> set[str]:
    """Written forms that only arms of trials start now."""
    rows = acting(province_id).exclude(about="")
    return {arm for row in rows for arm in row.arms if arm != AS_NOW}


def refused(province_id: int) -> list[Breach]:
    """The plays that drive people away, by the latest belief."""
    row = Belief.objects.filter(province_id=province_id).order_by("-on_day").first()
    return msgspec.convert(row.refused, list[Breach]) if row else []


def _trials_of(province_id: int, leader_id: int, rows: Iterable[Trial]) -> list[InTrial]:
    by_id = {row.id: row for row in rows}
    if not by_id:
        return []
    places = Assignment.objects.filter(
        province_id=province_id, leader_id=leader_id, trial_id__in=by_id, declined_at=None
    )
    harmful = {one.play for one in refused(province_id)}
    return [
        InTrial(
            id=trial_id,
            code=by_id[trial_id].code,
            about=by_id[trial_id].about,
            arm=arm,
            shows="" if arm == AS_NOW or arm in harmful else arm,
            ends_on=by_id[trial_id].ends_on,
        )
        for trial_id, arm in places.order_by("trial_id").values_list("trial_id", "arm")
    ]


def _changes(province_id: int, leader_id: int) -> dict[str, Definition | None]:
    """What stands in the place of which code: a written form, the play as it was when the trial began, or nothing."""
    rows = list(acting(province_id).exclude(about=""))
    arms = {one.id: one for one in _trials_of(province_id, leader_id, rows)}
    found: dict[str, Definition | None] = {}
    for row in rows:
        found |= dict.fromkeys((arm for arm in row.arms if arm != AS_NOW), None)
        if row.id in arms:
            shown = arms[row.id].shows or row.about
            found[row.about] = found[shown] = msgspec.convert(row.definitions[shown], Definition)
    return found
