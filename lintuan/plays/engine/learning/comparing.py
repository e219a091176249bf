"""The difference between two arms of leaders, with an interval that stays right however often one looks at it.

docs/algorithms/learning.md has the formulas and what they rest on.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Literal

from msgspec import Struct


class Outcome(Struct, frozen=True):
    """What came of one leader's members or days: the sum over `count` of them. A leader may have several."""

    leader: int
    total: float
    count: int

    def __post_init__(self) -> None:
        if self.count < 0 or not math.isfinite(self.total) or (self.total and not self.count):
            raise ValueError("a sum is a figure, of as many as there are")


class Sums(Struct, frozen=True):
    """An arm: what its mean and its variance by leader follow from; each leader is one term of the squares."""

    leaders: int
    total: float
    count: float
    total_squared: float
    total_by_count: float
    count_squared: float

    @classmethod
    def of(cls, outcomes: Iterable[Outcome]) -> Sums:
        by_leader: dict[int, tuple[float, int]] = {}
        for one in outcomes:
            total, count = by_leader.get(one.leader, (0.0, 0))
            by_leader[one.leader] = total + one.total, count + one.count
        pairs = [pair for pair in by_leader.values() if pair[1]]
        return cls(
            leaders=len(pairs),
            total=math.fsum(total for total, _ in pairs),
            count=sum(count for _, count in pairs),
            total_squared=math.fsum(total * total for total, _ in pairs),
            total_by_count=math.fsum(total * count for total, count in pairs),
            count_squared=sum(count * count for _, count in pairs),
        )

    @property
    def mean(self) -> float:
        return self.total / self.count

    @property
    def variance(self) -> float:
        """Of the mean, by leader: L/(L-1) * sum((total - mean * count)^2) / (sum of counts)^2."""
        mean = self.mean
        squares = self.total_squared - 2 * mean * self.total_by_count + mean * mean * self.count_squared
        return max(squares, 0.0) * self.leaders / (self.leaders - 1) / self.count**2


class Plan(Struct, frozen=True, kw_only=True):
    """What is fixed before the first look.

    `matters` is the smallest difference that would change anything, in the unit of the outcome: the interval is
    narrowest for differences of about its size. `wrong` is the chance that an interval ever misses the truth.
    """

    matters: float
    wrong: float = 0.05
    least_leaders: int = 20

    def __post_init__(self) -> None:
        if not (self.matters > 0 and 0 < self.wrong < 1 and self.least_leaders >= 2):
            raise ValueError("a plan has a difference that matters, a chance between 0 and 1, and two leaders or more")


class Look(Struct, frozen=True):
    """What is known of `treated - control` at one look; without bounds while there is too little to go by."""

    difference: float
    low: float
    high: float


class Decision(Struct, frozen=True):
    """`undecided`: the trial is over and may have gone either way."""

    what: Literal["stop", "continue", "undecided"]
    why: Literal["better", "worse", "too_small_to_matter", "not_known_yet", "time_is_over"]
    look: Look


NOTHING = Look(0.0, -math.inf, math.inf)


def radius(variance: float, plan: Plan) -> float:
    """How far the truth may be from a difference with that variance, at every look at once.

    sqrt(v * (v + r) / r * ln((v + r) / v / wrong^2)), where r is the square of what matters.
    """
    if variance <= 0:
        return math.inf
    mixed = plan.matters**2
    ratio = (variance + mixed) / variance
    return math.sqrt(variance * (variance + mixed) / mixed * (math.log(ratio) - 2 * math.log(plan.wrong)))


def look(control: Sums, treated: Sums, plan: Plan) -> Look:
    """The difference of means and its bounds."""
    if min(control.leaders, treated.leaders) < plan.least_leaders:
        return NOTHING
    difference = treated.mean - control.mean
    before, after = control.variance, treated.variance
    # An arm in which all are alike has told nothing of its spread yet.
    reach = radius(before + after, plan) if before and after else math.inf
    return Look(difference, difference - reach, difference + reach)


def decide(seen: Look, plan: Plan, *, is_over: bool) -> Decision:
    """Whether to go on; a trial may be asked as often as one likes."""
    if seen.low > 0:
        return Decision("stop", "better", seen)
    if seen.high < 0:
        return Decision("stop", "worse", seen)
    if -plan.matters < seen.low and seen.high < plan.matters:
        return Decision("stop", "too_small_to_matter", seen)
    if is_over:
        return Decision("undecided", "time_is_over", seen)
    return Decision("continue", "not_known_yet", seen)
