"""What plays do by the clock."""

from __future__ import annotations

from datetime import timedelta

from lintuan.kernel.callers import SYSTEM
from lintuan.kernel.duties import chore
from lintuan.provinces.queries import provinces

from . import commands


@chore("plays.begin_runs", every=timedelta(seconds=60))
def begin_runs() -> int:
    return sum(commands.begin_runs(SYSTEM, province_id=view.id) for view in provinces())


@chore("plays.end_runs", every=timedelta(seconds=20))
def end_runs() -> int:
    return sum(commands.end_runs(SYSTEM, province_id=view.id) for view in provinces())


@chore("plays.learn", every=timedelta(hours=1))
def learn() -> int:
    """Believe anew once a day, then offer today's plays and place leaders in trials, those who came since too."""
    done = 0
    for view in provinces():
        commands.learn(SYSTEM, province_id=view.id)
        done += commands.offer_all(SYSTEM, province_id=view.id)
        done += commands.assign_leaders(SYSTEM, province_id=view.id)
    return done


@chore("plays.drop_marks", every=timedelta(hours=6))
def drop_marks() -> int:
    return sum(commands.drop_marks(SYSTEM, province_id=view.id) for view in provinces())


@chore("plays.lapse", every=timedelta(hours=1))
def lapse() -> int:
    return sum(commands.lapse(SYSTEM, province_id=view.id) for view in provinces())
