"""What is known of past evenings, and what is asked of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from msgspec import Struct, field

from lintuan.kernel.money import BASIS
from lintuan.plays.engine.definition import FactKind
from lintuan.plays.engine.facts import Fact


class Evening(Struct, frozen=True):
    """What happened on one sale day at one point, in its order; an evening on which nobody bought has no facts.

    Facts name units of the play that is simulated; only those that stood are given, no order that was refunded.
    """

    on: int
    facts: tuple[Fact, ...] = ()
    leader: int = 0
    point: int = 0


class Past(Struct, frozen=True):
    """Comparable evenings; those that follow each other are taken as sale days in a row.

    `records` are the kinds of facts that were written down at all in that time: of a kind that is in it and has no
    fact we know that it did not happen, of one that is not in it we know nothing. `circles` says whose behaviour hangs
    together (a household; who brought whom): member to circle, a member who is missing being a circle of their own.
    """

    evenings: tuple[Evening, ...]
    records: frozenset[FactKind]
    circles: Mapping[int, int] = field(default_factory=dict)


class Redemption(Struct, frozen=True):
    """Which part of what was given is ever used, and from where that is known; there is no default for it."""

    of: Literal["coupon", "points"]
    share_bps: int
    source: str

    def __post_init__(self) -> None:
        if not 0 <= self.share_bps <= BASIS:
            raise ValueError("a share lies within 0 and 10,000 basis points")
        if not self.source.strip():
            raise ValueError("a redemption share needs its source")


class Ask(Struct, frozen=True):
    """For how many sale days, drawn from which seed; `worlds` x `futures` rounds are played."""

    days: int
    seed: int
    redemption: tuple[Redemption, ...] = ()
    worlds: int = 40
    futures: int = 5

    def __post_init__(self) -> None:
        if min(self.days, self.worlds, self.futures) < 1:
            raise ValueError("days, worlds and futures are at least one")

    def share_bps(self, of: str) -> int | None:
        """The share that is used, none where nobody said one."""
        return next((one.share_bps for one in self.redemption if one.of == of), None)
