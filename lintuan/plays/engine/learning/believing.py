"""What a play brings in groups of each type, by all that was shown so far: a normal model with partial pooling.

A gain is per member, in fen, against what the leader's group does without a play. The mean gain of a play in a group
type is a common mean, and what the play, the type, and the two together add, each normal with a variance of its own
that the data decide (empirical Bayes): a play hardly tried in a type is believed to do there what it does elsewhere,
as far as types were found to be alike. docs/algorithms/learning.md.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import reduce

import numpy as np
import numpy.typing as npt
from msgspec import Struct
from msgspec.structs import replace

Figures = npt.NDArray[np.float64]
#: How many outcomes the guess of the noise is worth.
_GUESS_WORTH = 10
#: A guess of a spread is trusted so far that a factor of four costs half a unit of log likelihood.
_TRUST = math.log(4) ** 2
_FACTORS = (2.0, 0.5)
_MOST_STEPS = 40


class Gain(Struct, frozen=True):
    """What a play that was shown to a group brought: mean fen of its `members`, and how tired they were of it."""

    group_type: str
    play: str
    fen: float
    members: int
    tired: float = 0.0

    def __post_init__(self) -> None:
        # One figure that is none would make the whole belief none.
        if self.members < 1 or not math.isfinite(self.fen + self.tired):
            raise ValueError("a gain is a figure, of one member or more")


class Cell(Struct, frozen=True):
    """The outcomes of a play in a group type: how many, and their weighted sums of 1, gain and gain squared.

    The weight is the number of members; what tiredness took is added back.
    """

    group_type: str
    play: str
    times: int = 0
    weight: float = 0.0
    gain: float = 0.0
    gain_squared: float = 0.0

    def plus(self, one: Gain) -> Cell:
        rested = one.fen + one.tired
        return replace(
            self,
            times=self.times + 1,
            weight=self.weight + one.members,
            gain=self.gain + one.members * rested,
            gain_squared=self.gain_squared + one.members * rested * rested,
        )


def cells(gains: Iterable[Gain], known: Iterable[Cell] = ()) -> tuple[Cell, ...]:
    """What was known, and gains that came since."""
    found = {(cell.group_type, cell.play): cell for cell in known}
    for one in gains:
        key = one.group_type, one.play
        found[key] = found.get(key, Cell(*key)).plus(one)
    return tuple(found.values())


class Spread(Struct, frozen=True, kw_only=True):
    """Standard deviations in fen: of one member's gain, of plays, of group types, and of a play from type to type."""

    member: float
    play: float
    group_type: float
    both: float

    def __post_init__(self) -> None:
        if min(self.member, self.play, self.group_type, self.both) <= 0:
            raise ValueError("a spread is above zero")


@dataclass(frozen=True, slots=True)
class Belief:
    """Normal, for each group type over all plays at once: `mean[type, play]`, `covariance[type, play, play]`."""

    group_types: tuple[str, ...]
    plays: tuple[str, ...]
    mean: Figures
    covariance: Figures
    spread: Spread

    def expected(self, group_type: str, play: str) -> float:
        """The gain of a rested group, in fen per member."""
        return float(self.mean[self.group_types.index(group_type), self.plays.index(play)])


def learn(known: Iterable[Cell], group_types: Sequence[str], plays: Sequence[str], spread: Spread) -> Belief:
    """What to believe if gains lie apart as `spread` says; its cost grows with (types * plays)^3."""
    tried = _tried(known, group_types, plays)
    n_types, n_plays = len(group_types), len(plays)
    every = np.indices((n_types, n_plays)).reshape(2, -1)
    before = _kinship(every, every, spread)
    mean, after = np.zeros(every.shape[1]), before
    if tried.weight.size:
        seen = _covariance(tried, spread)
        across = _kinship(every, tried.at, spread)
        common = _common_mean(seen, tried.mean)
        shares = np.linalg.solve(seen, across.T).T
        mean = common + shares @ (tried.mean - common)
        after = before - shares @ across.T
    blocks = after.reshape(n_types, n_plays, n_types, n_plays)
    return Belief(
        tuple(group_types),
        tuple(plays),
        mean.reshape(n_types, n_plays),
        np.stack([blocks[at, :, at, :] for at in range(n_types)]),
        spread,
    )


def fit(known: Iterable[Cell], group_types: Sequence[str], plays: Sequence[str], guess: Spread) -> Spread:
    """The spread under which the outcomes are likeliest, by steps of factor two; a guess that few outcomes move far."""
    tried = _tried(known, group_types, plays)
    squares = _GUESS_WORTH * guess.member**2 + tried.squares
    best = replace(guess, member=math.sqrt(squares / (_GUESS_WORTH + tried.free)))
    if not tried.weight.size:
        return best
    likelihood = _log_likelihood(tried, best, guess)
    for _ in range(_MOST_STEPS):
        steps = [
            replace(best, **{name: getattr(best, name) * factor})
            for name in ("play", "group_type", "both")
            for factor in _FACTORS
        ]
        found, step = max(((_log_likelihood(tried, step, guess), step) for step in steps), key=lambda pair: pair[0])
        if found <= likelihood:
            break
        likelihood, best = found, step
    return best


@dataclass(frozen=True, slots=True)
class _Tried:
    """The cells that have outcomes: where, their means and weights; squares within them, of how many free figures."""

    at: npt.NDArray[np.intp]
    mean: Figures
    weight: Figures
    squares: float
    free: int


def _tried(known: Iterable[Cell], group_types: Sequence[str], plays: Sequence[str]) -> _Tried:
    type_at = {name: at for at, name in enumerate(group_types)}
    play_at = {name: at for at, name in enumerate(plays)}
    found = [cell for cell in known if cell.weight and cell.group_type in type_at and cell.play in play_at]
    weight = np.array([cell.weight for cell in found])
    gain = np.array([cell.gain for cell in found])
    squares = sum(max(cell.gain_squared - cell.gain**2 / cell.weight, 0.0) for cell in found)
    at = np.array([[type_at[cell.group_type] for cell in found], [play_at[cell.play] for cell in found]], dtype=np.intp)
    return _Tried(at, gain / weight, weight, squares, sum(cell.times - 1 for cell in found))


def _kinship(rows: npt.NDArray[np.intp], columns: npt.NDArray[np.intp], spread: Spread) -> Figures:
    """The covariance of cells before any outcome."""
    same_type = rows[0][:, None] == columns[0]
    same_play = rows[1][:, None] == columns[1]
    parts = (
        spread.group_type**2 * same_type,
        spread.play**2 * same_play,
        spread.both**2 * (same_type & same_play),
    )
    return reduce(np.add, parts)


def _covariance(tried: _Tried, spread: Spread) -> Figures:
    """Of the means that were seen."""
    return _kinship(tried.at, tried.at, spread) + np.diag(spread.member**2 / tried.weight)


def _common_mean(covariance: Figures, seen: Figures) -> float:
    """By generalised least squares."""
    shares = np.linalg.solve(covariance, np.ones_like(seen))
    return float(shares @ seen / shares.sum())


def _log_likelihood(tried: _Tried, spread: Spread, guess: Spread) -> float:
    root = np.linalg.cholesky(_covariance(tried, spread))
    both = np.linalg.solve(root, np.stack([tried.mean, np.ones_like(tried.mean)], axis=1))
    common = both[:, 1] @ both[:, 0] / (both[:, 1] @ both[:, 1])
    rest = both[:, 0] - common * both[:, 1]
    away = sum(math.log(getattr(spread, name) / getattr(guess, name)) ** 2 for name in ("play", "group_type", "both"))
    return float(-rest @ rest / 2 - np.log(np.diag(root)).sum() - away / _TRUST / 2)
