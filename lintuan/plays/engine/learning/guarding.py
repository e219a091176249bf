"""Plays that drive people away are not offered: unsubscribing and complaints have limits."""

from __future__ import annotations

import math
from collections.abc import Iterable

from msgspec import Struct

_ENOUGH = 1e-14
_MOST_TERMS = 10_000
_TINY = 1e-300


class Guard(Struct, frozen=True, kw_only=True):
    """A rate per member reached that no play may have; `credible` is how sure one must be that one has it."""

    name: str
    limit: float
    credible: float = 0.95

    def __post_init__(self) -> None:
        if not (0 < self.limit < 0.5 and 0.5 <= self.credible < 1):
            raise ValueError("a limit is below a half, and certainty between a half and one")


class Harm(Struct, frozen=True):
    """How many of the members whom a play reached did what the guard counts."""

    play: str
    guard: str
    reached: int
    hits: int

    def __post_init__(self) -> None:
        if not 0 <= self.hits <= self.reached:
            raise ValueError("as many as were reached, at most")


class Breach(Struct, frozen=True):
    """A play that is not offered, and how likely its rate is above the limit."""

    play: str
    guard: str
    chance: float


def breaches(harms: Iterable[Harm], guards: Iterable[Guard]) -> tuple[Breach, ...]:
    """The plays to leave out, and why."""
    by_name = {guard.name: guard for guard in guards}
    found = ((harm, by_name[harm.guard]) for harm in harms)
    return tuple(
        Breach(harm.play, guard.name, chance)
        for harm, guard in found
        if (chance := chance_above(guard.limit, harm.hits, harm.reached)) >= guard.credible
    )


def chance_above(limit: float, hits: int, reached: int) -> float:
    """How likely the rate is above the limit.

    Before anybody was reached a play counts as one with half a hit among 1 / limit members: its rate is expected to be
    half the limit, and above it with about one chance in six.
    """
    return 1 - beta_below(limit, 0.5 + hits, 1 / limit - 0.5 + reached - hits)


def beta_below(x: float, a: float, b: float) -> float:
    """The share of a Beta(a, b) below x, by the continued fraction of the incomplete beta function."""
    if x <= 0 or x >= 1:
        return float(x >= 1)
    if x > (a + 1) / (a + b + 2):
        return 1 - beta_below(1 - x, b, a)
    log_front = math.lgamma(a + b) - math.lgamma(a) - math.lgamma(b) + a * math.log(x) + b * math.log1p(-x)
    return math.exp(log_front) / a * _fraction(x, a, b)


def _fraction(x: float, a: float, b: float) -> float:
    """DLMF 8.17.22 by Lentz's method."""
    upper, lower = 1.0, 1 / (1 - (a + b) * x / (a + 1))
    value = lower
    for m in range(1, _MOST_TERMS):
        even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
        odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
        for term in (even, odd):
            lower = 1 / (1 + term * lower or _TINY)
            upper = 1 + term / upper or _TINY
            value *= upper * lower
        if abs(upper * lower - 1) < _ENOUGH:
            break
    return value
