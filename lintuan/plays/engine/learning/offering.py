"""Which plays to offer to a leader: Thompson sampling by group type, with chances that are logged and exact.

A play's chance is the part of `draws` samples of the belief in which it is the best for this leader, mixed with a
uniform part that keeps exploring. The order is then drawn with those very chances, so what is logged is no estimate.
"""

from __future__ import annotations

import hashlib
import hmac
import math
from collections import defaultdict
from collections.abc import Sequence

import numpy as np
from msgspec import Struct

from .believing import Belief, Figures

_WORD = 8


class Taste(Struct, frozen=True, kw_only=True):
    """How offers are chosen.

    `exploration` is spread evenly over all plays. `curiosity` scales the doubt that samples are drawn with: below one
    the evenly spread part does some of the exploring. One showing of a play yesterday takes `tiring` fen per member off
    what another is expected to bring, half as much after `rest_days`, and so on.
    """

    exploration: float = 0.08
    draws: int = 1_000
    curiosity: float = 0.5
    tiring: float = 0.0
    rest_days: float = 7.0

    def __post_init__(self) -> None:
        if not (0.05 <= self.exploration <= 0.1 and 0 < self.curiosity <= 1 and self.draws > 0):
            raise ValueError("5 to 10 % explore, doubt is not made larger, and some samples are drawn")
        if not (0 <= self.tiring < math.inf and self.rest_days > 0):
            raise ValueError("a showing brings nothing back, and rest takes time")


class Asker(Struct, frozen=True):
    """A leader, and what their group was shown lately: each play with its local day as an ordinal."""

    leader: int
    group_type: str
    recent: tuple[tuple[str, int], ...] = ()


class Choice(Struct, frozen=True):
    """A play in the place it was drawn for; `expected` is its gain in fen per member, `tired` taken off already."""

    play: str
    propensity: float
    expected: float
    tired: float


class Shown(Struct, frozen=True):
    """The log of an offer, first choice first; propensities are chances of being first and add up to one."""

    leader: int
    group_type: str
    on: int
    choices: tuple[Choice, ...]


class Offers:
    """The offers of one day: the same belief, seed, day and leader always give the same."""

    def __init__(self, belief: Belief, plays: Sequence[str], taste: Taste, *, on: int, seed: bytes) -> None:
        """`plays` are what may be offered at all: lawful on the channel, within budget, none that a guard refuses."""
        if not plays or not seed:
            raise ValueError("there is something to offer, and a seed that nobody guesses")
        self._belief, self._taste, self._on, self._seed = belief, taste, on, seed
        self._plays = tuple(sorted(set(plays)))
        self._columns = [belief.plays.index(play) for play in self._plays]
        self._samples: dict[str, Figures] = {}

    def to(self, asker: Asker) -> Shown:
        tired = self._tired(asker)
        chances = self._chances(asker.group_type, tired)
        expected = self._belief.mean[self._belief.group_types.index(asker.group_type), self._columns] - tired
        order = sorted(range(len(self._plays)), key=lambda at: self._wait(asker.leader, at) / chances[at])
        choices = (Choice(self._plays[at], float(chances[at]), float(expected[at]), float(tired[at])) for at in order)
        return Shown(asker.leader, asker.group_type, self._on, tuple(choices))

    def _chances(self, group_type: str, tired: Figures) -> Figures:
        best = np.argmax(self._sampled(group_type) - tired, axis=1)
        wins = np.bincount(best, minlength=len(self._plays)) / self._taste.draws
        return np.asarray((1 - self._taste.exploration) * wins + self._taste.exploration / len(self._plays))

    def _sampled(self, group_type: str) -> Figures:
        if group_type not in self._samples:
            at = self._belief.group_types.index(group_type)
            covariance = self._belief.covariance[at][np.ix_(self._columns, self._columns)] * self._taste.curiosity**2
            self._samples[group_type] = self._random(group_type).multivariate_normal(
                self._belief.mean[at, self._columns], covariance, self._taste.draws, check_valid="ignore", method="eigh"
            )
        return self._samples[group_type]

    def _random(self, group_type: str) -> np.random.Generator:
        digest = hmac.digest(self._seed, f"{self._on}:samples:{group_type}".encode(), hashlib.sha256)
        return np.random.Generator(np.random.PCG64(int.from_bytes(digest, "big")))

    def _tired(self, asker: Asker) -> Figures:
        showings: dict[str, float] = defaultdict(float)
        for play, day in asker.recent:
            if day < self._on:
                showings[play] += 0.5 ** ((self._on - day - 1) / self._taste.rest_days)
        return np.array([self._taste.tiring * showings[play] for play in self._plays])

    def _wait(self, leader: int, at: int) -> float:
        """Exponential: whoever waits least, divided by its chance, is first with just that chance."""
        name = f"{self._on}:wait:{leader}:{self._plays[at]}"
        digest = hmac.digest(self._seed, name.encode(), hashlib.sha256)
        return -math.log((int.from_bytes(digest[:_WORD], "big") + 1) / 2 ** (8 * _WORD))
