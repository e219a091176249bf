"""What a simulation answers: figures with bands, or why there are none."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Literal

from msgspec import Struct

from lintuan.plays.engine.definition import FactKind
from lintuan.plays.engine.values import Text

#: A new evening lies within the range of n earlier ones with (n - 1) / (n + 1): 90 % from 19 on.
LEAST_EVENINGS = 19
LEAST_CIRCLES = 19
#: Blocks of days that a play of several days needs behind it.
LEAST_BLOCKS = 4
#: The part of the outcomes below a band, and above it.
TAIL = 0.05


class Band(Struct, frozen=True):
    """The middle of what was seen, and the 90 % of it around: whole fen, pieces, evenings or basis points."""

    low: int
    middle: int
    high: int


class GivenOf(Struct, frozen=True):
    """How often the reward with that number in the definition was given."""

    reward: int
    kind: str
    times: Band


class Outcome(Struct, frozen=True):
    """What past behaviour would have earned.

    `most_cost` is every reward at the most that it may cost; `likely_cost` counts what is bought at its price and
    what is used by the share that was stated, and is none where that was not stated. `filled_bps` is none for plays
    that do not fill; `refused` are rewards that a limit kept back; `runs_out_on` counts evenings from 1, none where
    money never ran out.
    """

    days: int
    evenings: int
    circles: int
    rounds: int
    given: tuple[GivenOf, ...]
    most_cost: Band
    likely_cost: Band | None
    runs: Band
    filled_bps: Band | None
    rewarded: Band
    refused: Band
    runs_out_bps: Band
    runs_out_on: Band | None
    assumed: tuple[Text, ...]


class NotEnough(Struct, frozen=True):
    """Too little history to say a number: how much there is, and how much it takes."""

    reason: Literal["evenings", "circles", "nothing_counted"]
    has: int
    needs: int
    text: Text


class NotShown(Struct, frozen=True):
    """The play counts what nobody recorded in that time."""

    kinds: tuple[FactKind, ...]
    text: Text


def band(seen: Sequence[int]) -> Band:
    """The band of what was seen, at least one value; its ends are values that were seen, the outer ones of two."""
    ordered = sorted(seen)
    last = len(ordered) - 1
    return Band(ordered[math.floor(TAIL * last)], ordered[round(last / 2)], ordered[math.ceil((1 - TAIL) * last)])


def chance(shares: Sequence[int], of: int) -> Band:
    """How likely something is, in basis points: `shares` tell how many of the `of` futures of each world had it."""
    across = band([10_000 * share // of for share in shares])
    middle = 10_000 * sum(shares) // (of * len(shares))
    return Band(min(across.low, middle), middle, max(across.high, middle))
