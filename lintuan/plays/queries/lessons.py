"""What outcomes teach: offers to leaders, and trials."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import date, timedelta

import msgspec

from lintuan.kernel import clock
from lintuan.kernel.errors import NotFound
from lintuan.kernel.money import Money
from lintuan.plays import arms
from lintuan.plays.data import learning_rules
from lintuan.plays.engine.learning.assigning import AS_NOW
from lintuan.plays.engine.learning.comparing import Decision, Plan, Sums, decide
from lintuan.plays.engine.learning.comparing import look as compare
from lintuan.plays.engine.learning.guarding import Breach, Guard
from lintuan.plays.engine.learning.offering import Asker, Choice, Taste
from lintuan.plays.models import (
    Assignment,
    Campaign,
    Offering,
    Trial,
)
from lintuan.plays.offers import offers_of
from lintuan.plays.outcomes import choices_of, ended, local_day, outcomes
from lintuan.plays.types import AsStarted, Hindsight, InTrial, Offered, TrialView

_PLAN = ("code", "about", "matters", "wrong", "least_leaders", "begins_on", "ends_on")


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
    return arms.refused(province_id)


def trials_of_leader(province_id: int, leader_id: int) -> Sequence[InTrial]:
    """What the trials that go on change for a leader now, to be told to them; those that they declined are left out."""
    return arms.trials_of(province_id, leader_id)


def put_first(province_id: int, leader_id: int) -> str:
    """The play that a trial puts first on a leader's shelf; empty without one."""
    return arms.first_of(arms.trials_of(province_id, leader_id))


def trials(province_id: int) -> Sequence[TrialView]:
    """All trials, the newest first."""
    today = local_day(province_id, clock.now())
    rows = Trial.objects.filter(province_id=province_id).order_by("-begins_on", "-id")
    counts: dict[int, Counter[str]] = defaultdict(Counter)
    declined: dict[int, Counter[str]] = defaultdict(Counter)
    assigned = Assignment.objects.filter(province_id=province_id).values_list("trial_id", "arm", "declined_at")
    for trial_id, name, declined_at in assigned:
        counts[trial_id][name] += 1
        declined[trial_id][name] += declined_at is not None
    return [
        TrialView(
            arms=tuple(row.arms),
            leaders={name: counts[row.id][name] for name in row.arms},
            declined={name: declined[row.id][name] for name in row.arms},
            is_over=_is_over(row, today),
            **{name: getattr(row, name) for name in _PLAN},
        )
        for row in rows
    ]


def offered(province_id: int, *, limit: int = 50) -> Sequence[Offered]:
    """The log of what leaders were offered, the latest days first."""
    rows = Offering.objects.filter(province_id=province_id, belief__province_id=province_id)
    return [
        Offered(
            leader_id=row.leader_id,
            on=row.on_day,
            group_type=row.shown["group_type"],
            members=row.members,
            choices=choices_of(row),
            exploration=msgspec.convert(row.belief.taste, Taste).exploration,
            took=row.campaign_id,
        )
        for row in rows.select_related("belief").order_by("-on_day", "leader_id")[:limit]
    ]


def hindsight(province_id: int) -> Sequence[Hindsight]:
    """Leaders' campaigns that ended since outcomes teach, the latest first: what was expected, and what came of it."""
    now = clock.now()
    since = now - timedelta(days=learning_rules().window_days)
    return [
        Hindsight(one.campaign_id, one.gain.fen, one.gain.members, one.days, Money(one.cost), one.expected)
        for one in reversed(ended(province_id, since, now))
    ]


def guards() -> Sequence[Guard]:
    """The limits of harm that a play must keep to be offered."""
    return learning_rules().guards


def look(province_id: int, trial: str) -> Mapping[str, Decision]:
    """How each arm of a trial stands against its first, in fen a member and day; ask as often as you like.

    Of every leader as they were assigned, whether or not they started or declined what their arm offers.
    """
    row = _trial(province_id, trial)
    today = local_day(province_id, clock.now())
    sums = _sums(row, today)
    fixed = Plan(matters=row.matters, wrong=row.wrong, least_leaders=row.least_leaders)
    control, *others = row.arms
    is_over = _is_over(row, today)
    return {name: decide(compare(sums[control], sums[name], fixed), fixed, is_over=is_over) for name in others}


def as_started(province_id: int, trial: str) -> Mapping[str, AsStarted]:
    """What came of the leaders of each arm who started what it is about, told beside the look."""
    row = _trial(province_id, trial)
    campaigns = Campaign.objects.filter(province_id=province_id, arms__has_key=row.code)
    started = {
        leader_id
        for leader_id, code, kept in campaigns.values_list("leader_id", "code", "arms")
        if code in _plays_of_arm(row, kept[row.code])
    }
    sums = _sums(row, local_day(province_id, clock.now()), started)
    return {name: AsStarted(one.leaders, one.mean if one.leaders else None) for name, one in sums.items()}


def _plays_of_arm(row: Trial, arm: str) -> set[str]:
    """What an arm is about: its own play, of the one in which nothing is changed what others have in its place."""
    if arm != AS_NOW:
        return {arm}
    return {row.about} if row.about else {one for one in row.arms if one != AS_NOW}


def _sums(row: Trial, today: date, among: Collection[int] | None = None) -> dict[str, Sums]:
    """Outcomes by the arm that leaders were assigned to, of all of them or of some."""
    rows = row.assignments.filter(province_id=row.province_id)
    assigned = [one for one in rows if among is None or one.leader_id in among]
    last = min(today, row.ends_on)
    of_leaders = outcomes(row.province_id, {one.leader_id: (one.on_day, last) for one in assigned})
    by_leader = {one.leader_id: one.arm for one in assigned}
    return {name: Sums.of(one for one in of_leaders if by_leader[one.leader] == name) for name in row.arms}


def _trial(province_id: int, code: str) -> Trial:
    row = Trial.objects.filter(province_id=province_id, code=code).first()
    if row is None:
        raise NotFound(thing="trial")
    return row


def _is_over(row: Trial, today: date) -> bool:
    return row.stopped_at is not None or today > row.ends_on
