"""What outcomes teach: offers to leaders, and trials."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from datetime import date, timedelta

import msgspec

from lintuan.kernel import clock
from lintuan.kernel.errors import NotFound
from lintuan.kernel.money import Money
from lintuan.plays.data import learning_rules
from lintuan.plays.engine.learning.comparing import Decision, Plan, Sums, decide
from lintuan.plays.engine.learning.comparing import look as compare
from lintuan.plays.engine.learning.guarding import Breach, Guard
from lintuan.plays.engine.learning.offering import Asker, Choice, Taste
from lintuan.plays.models import (
    Assignment,
    Belief,
    Offering,
    Trial,
)
from lintuan.plays.offers import offers_of
from lintuan.plays.outcomes import choices_of, ended, local_day, outcomes
from lintuan.plays.types import Hindsight, Offered, TrialView

_PLAN = ("code", "matters", "wrong", "least_leaders", "begins_on", "ends_on")


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


def trials(province_id: int) -> Sequence[TrialView]:
    """All trials, the newest first."""
    today = local_day(province_id, clock.now())
    rows = Trial.objects.filter(province_id=province_id).order_by("-begins_on", "-id")
    counts: dict[int, Counter[str]] = defaultdict(Counter)
    for trial_id, name in Assignment.objects.filter(province_id=province_id).values_list("trial_id", "arm"):
        counts[trial_id][name] += 1
    return [
        TrialView(
            arms=tuple(row.arms),
            leaders={name: counts[row.id][name] for name in row.arms},
            is_over=today > row.ends_on,
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
