"""Guesses: how near one is to what the run keeps sealed, or learns when it ends."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct

from .definition import Counting
from .progress import Progress, Quiz


class Guessing(Struct, frozen=True):
    """What a right guess counts, and how far off one may be."""

    worth: int
    near: int | None
    far: int | None

    @classmethod
    def of(cls, progress: Progress, counting: Counting) -> Guessing | None:
        """None where a rule counts something else."""
        if counting.measure != "nearness" or not isinstance(progress, Quiz):
            return None
        return cls(counting.worth, progress.near, progress.far)

    def points(self, guess: str, answer: str) -> int:
        """`worth` within `near`, from there on less in proportion, rounded down, and none from `far` on."""
        if not answer:
            return 0
        if self.near is None or self.far is None:
            return self.worth if guess == answer else 0
        try:
            off = abs(int(guess) - int(answer))
        except ValueError:
            return 0
        return self.worth * max(self.far - max(off, self.near), 0) // (self.far - self.near)


def guess_in(of: Sequence[str]) -> str:
    """The guess that a fact holds."""
    return of[0] if of else ""
