"""A market in which plays are offered every day to groups of several types, and ways to choose them."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt

from lintuan.plays.engine.learning.believing import Cell, Gain, Spread, cells, fit, learn
from lintuan.plays.engine.learning.offering import Asker, Offers, Taste

Figures = npt.NDArray[np.float64]
Places = npt.NDArray[np.intp]

PLAYS, GROUPS, DAYS, GROUP_TYPES = 70, 400, 60, 8


@dataclass(frozen=True)
class Ground:
    """How large groups are, how far gains lie apart (fen per member and day), and what a showing takes off the next."""

    members: int
    spread: Spread
    tiring: float = 0.0


CLEAR = Ground(100, Spread(member=240.0, play=12.0, group_type=4.0, both=9.0))
NOISY = Ground(60, Spread(member=240.0, play=6.0, group_type=4.0, both=6.0))
TIRESOME = Ground(CLEAR.members, CLEAR.spread, tiring=6.0)
LEADERS_APART = 1.5
#: What is guessed before the first day, wrong on purpose.
GUESS = Spread(member=150.0, play=10.0, group_type=10.0, both=3.0)
EXPLORATION = 0.08
REST_DAYS = 7.0


@dataclass(frozen=True)
class Market:
    """What each play brings in each group."""

    seed: int
    ground: Ground
    group_type: Places
    gain: Figures

    @classmethod
    def new(cls, ground: Ground, *, seed: int) -> Market:
        random, spread = np.random.default_rng([20_260_603, seed]), ground.spread
        group_type = np.arange(GROUPS) % GROUP_TYPES
        of_type = (
            random.normal(0, spread.play, PLAYS)
            + random.normal(0, spread.group_type, (GROUP_TYPES, 1))
            + random.normal(0, spread.both, (GROUP_TYPES, PLAYS))
        )
        return cls(seed, ground, group_type, of_type[group_type] + random.normal(0, LEADERS_APART, (GROUPS, PLAYS)))

    def captured(self, brought: float) -> float:
        """The part of (oracle - chance): the oracle knows every group's best play, and tires nobody."""
        chance, oracle = self.gain.mean(), self.gain.max(axis=1).mean()
        return float((brought - chance) / (oracle - chance))

    def reachable(self) -> float:
        """The part that who knew each type's best play from the first day would have, exploring as much."""
        of_type = np.stack([self.gain[self.group_type == at].mean(axis=0) for at in range(GROUP_TYPES)])
        best = of_type.max(axis=1)[self.group_type].mean()
        return self.captured((1 - EXPLORATION) * best + EXPLORATION * self.gain.mean())


class Way(Protocol):
    """How plays are chosen, one for each group, and what is learnt of them."""

    def choose(self, day: int) -> Places: ...

    def hear(self, day: int, shown: Places, brought: Figures) -> None: ...


def live(market: Market, way: Way) -> float:
    """Mean true gain over all groups and days."""
    random = np.random.default_rng([20_260_604, market.seed])
    everybody = np.arange(GROUPS)
    noise = market.ground.spread.member / market.ground.members**0.5
    tired = np.zeros((GROUPS, PLAYS))
    total = 0.0
    for day in range(DAYS):
        shown = way.choose(day)
        true = market.gain[everybody, shown] - market.ground.tiring * tired[everybody, shown]
        total += float(true.mean())
        way.hear(day, shown, true + random.normal(0, noise, GROUPS))
        tired[everybody, shown] += 1
        tired *= 0.5 ** (1 / REST_DAYS)
        # A showing yesterday counts whole.
        tired[everybody, shown] += 1 - 0.5 ** (1 / REST_DAYS)
    return total / DAYS


class Separate:
    """Thompson sampling by itself in each pool of groups; it is told the true spread, and shares nothing."""

    def __init__(self, market: Market, pool: Places) -> None:
        self._pool = pool
        self._random = np.random.default_rng([20_260_605, market.seed])
        spread = market.ground.spread
        self._prior = 1 / (spread.play**2 + spread.both**2)
        self._noise = spread.member**2 / market.ground.members
        self._times = np.zeros((int(pool.max()) + 1, PLAYS))
        self._sums = np.zeros_like(self._times)

    def choose(self, day: int) -> Places:
        precision = self._prior + self._times / self._noise
        mean, deviation = self._sums / self._noise / precision, precision**-0.5
        sampled = self._random.normal(mean[self._pool], deviation[self._pool])
        explores = self._random.random(GROUPS) < EXPLORATION
        return np.where(explores, self._random.integers(PLAYS, size=GROUPS), sampled.argmax(axis=1))

    def hear(self, day: int, shown: Places, brought: Figures) -> None:
        np.add.at(self._times, (self._pool, shown), 1)
        np.add.at(self._sums, (self._pool, shown), brought)


class Own:
    """The product's: partial pooling, the spread fitted anew whenever the outcomes have doubled."""

    def __init__(self, market: Market, *, curiosity: float = Taste().curiosity, tiring: float = 0.0) -> None:
        self._taste = Taste(exploration=EXPLORATION, draws=500, curiosity=curiosity, tiring=tiring, rest_days=REST_DAYS)
        self._members = market.ground.members
        self._types = [f"type {at}" for at in range(GROUP_TYPES)]
        self._plays = [f"play-{at:02}" for at in range(PLAYS)]
        self._of = [self._types[at] for at in market.group_type]
        self._recent: list[list[tuple[str, int]]] = [[] for _ in range(GROUPS)]
        self._known: tuple[Cell, ...] = ()
        self._spread, self._seed = GUESS, b"market %d" % market.seed
        self._tired: list[float] = []
        self.offering_s = self.learning_s = self.longest_fit_s = 0.0

    def choose(self, day: int) -> Places:
        began = time.perf_counter()
        belief = learn(self._known, self._types, self._plays, self._spread)
        self.learning_s += time.perf_counter() - began
        began = time.perf_counter()
        offers = Offers(belief, self._plays, self._taste, on=day, seed=self._seed)
        first = [
            offers.to(Asker(leader, self._of[leader], tuple(self._recent[leader]))).choices[0]
            for leader in range(GROUPS)
        ]
        self.offering_s += time.perf_counter() - began
        self._tired = [choice.tired for choice in first]
        return np.array([self._plays.index(choice.play) for choice in first])

    def hear(self, day: int, shown: Places, brought: Figures) -> None:
        names = [self._plays[at] for at in shown]
        for recent, name in zip(self._recent, names, strict=True):
            recent.append((name, day))
        gains = [
            Gain(self._of[leader], names[leader], float(brought[leader]), self._members, self._tired[leader])
            for leader in range(GROUPS)
        ]
        self._known = cells(gains, self._known)
        if (day + 1).bit_count() == 1:
            began = time.perf_counter()
            self._spread = fit(self._known, self._types, self._plays, GUESS)
            self.longest_fit_s = max(self.longest_fit_s, time.perf_counter() - began)
