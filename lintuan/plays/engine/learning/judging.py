"""What another way of choosing would have brought, by what was logged: SNIPS and doubly robust, with intervals.

A policy is a chance for each play in each situation. Both estimates weigh what happened by wanted / logged chance;
their intervals count leaders, not offers, as the days of one leader are alike.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from statistics import NormalDist

from msgspec import Struct

from .offering import Shown


class Case(Struct, frozen=True):
    """One offer: the gain of its first play, the chance it had, the chance that the other policy gives it.

    `expected` is what was believed of it when it was shown, `hoped` the same of the other policy: the sum over all
    plays of wanted chance times belief. Beliefs formed with the gain itself would spoil the estimate.
    """

    leader: int
    gain: float
    propensity: float
    wanted: float
    expected: float
    hoped: float

    def __post_init__(self) -> None:
        if not (0 < self.propensity <= 1 and 0 <= self.wanted <= 1):
            raise ValueError("what was shown had a chance")
        if not math.isfinite(self.gain + self.expected + self.hoped):
            raise ValueError("gains and beliefs are figures")

    @property
    def weight(self) -> float:
        return self.wanted / self.propensity


class Estimate(Struct, frozen=True):
    """The mean gain under the other policy, and how many cases as good as its own these were worth."""

    gain: float
    low: float
    high: float
    worth: float


def case_of(shown: Shown, gain: float, wanted: Mapping[str, float]) -> Case:
    """The case of an offer whose first play brought `gain`; plays that `wanted` does not name have no chance."""
    if not math.isclose(sum(wanted.values()), 1, abs_tol=1e-9):
        raise ValueError("chances add up to one")
    if wanted.keys() - {choice.play for choice in shown.choices}:
        raise ValueError("nothing is known of what could not be shown")
    first = shown.choices[0]
    hoped = math.fsum(wanted.get(choice.play, 0.0) * choice.expected for choice in shown.choices)
    return Case(shown.leader, gain, first.propensity, wanted.get(first.play, 0.0), first.expected, hoped)


def snips(cases: Sequence[Case], *, wrong: float = 0.05) -> Estimate:
    """Self-normalised: sum(weight * gain) / sum(weight); needs no belief, and little of the scale of gains."""
    weights = math.fsum(case.weight for case in cases)
    if not weights:
        raise ValueError("the other policy would have shown none of these")
    gain = math.fsum(case.weight * case.gain for case in cases) / weights
    errors = _by_leader((case.leader, case.weight * (case.gain - gain)) for case in cases)
    return _estimate(gain, errors, weights, cases, wrong)


def doubly_robust(cases: Sequence[Case], *, wrong: float = 0.05) -> Estimate:
    """The mean of hoped + weight * (gain - expected): right if the chances are, narrow if the belief is good."""
    scores = [(case.leader, case.hoped + case.weight * (case.gain - case.expected)) for case in cases]
    if not scores:
        raise ValueError("there is nothing to judge by")
    gain = math.fsum(score for _, score in scores) / len(scores)
    errors = _by_leader((leader, score - gain) for leader, score in scores)
    return _estimate(gain, errors, len(scores), cases, wrong)


def _by_leader(errors: Iterable[tuple[int, float]]) -> list[float]:
    found: dict[int, float] = defaultdict(float)
    for leader, error in errors:
        found[leader] += error
    return list(found.values())


def _estimate(gain: float, errors: list[float], total: float, cases: Sequence[Case], wrong: float) -> Estimate:
    squares = math.fsum(case.weight**2 for case in cases)
    worth = math.fsum(case.weight for case in cases) ** 2 / squares if squares else 0.0
    if len(errors) < 2:
        return Estimate(gain, -math.inf, math.inf, worth)
    variance = math.fsum(error * error for error in errors) * len(errors) / (len(errors) - 1) / total**2
    reach = NormalDist().inv_cdf(1 - wrong / 2) * math.sqrt(variance)
    return Estimate(gain, gain - reach, gain + reach, worth)
