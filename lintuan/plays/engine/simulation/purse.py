"""What is given, held to the limits of the play."""

from __future__ import annotations

from collections import Counter

from msgspec import Struct

from lintuan.plays.engine.definition import Definition
from lintuan.plays.engine.facts import Given, Taken
from lintuan.plays.engine.rewards import most_cost_fen

#: A reward of a run: its number, the unit, which reward, its nth, the member of a pot.
Key = tuple[int, int, int, int, int]


class Kept(Struct):
    """A reward that was given: for whom it counts, and what may be spent on it."""

    who: int
    day: int
    leader: int
    fen: int


class Purse:
    """The limits of one play over all its runs.

    A reward that does not fit is refused for good, and the first one that money was missing for is remembered.
    """

    def __init__(self, definition: Definition) -> None:
        self._limits = definition.limits
        self._costs = [most_cost_fen(reward) for reward in definition.rewards]
        self.kept: dict[Key, Kept] = {}
        self.refused = 0
        self.runs_out_on: int | None = None
        self._fen = 0
        self._of_leader: Counter[int] = Counter()
        self._of_day: Counter[int] = Counter()
        self._of_who: Counter[tuple[int, int]] = Counter()
        self._of_who_today: Counter[tuple[int, int]] = Counter()

    def give(self, run: int, given: Given, day: int, leader: int) -> bool:
        """Keep a reward within the limits; `day` counts from 0."""
        one = Kept(given.member or given.unit, day, leader, given.fen or self._costs[given.reward])
        if self._is_over_count(run, one):
            self.refused += 1
            return False
        if self._is_over_money(one):
            self.refused += 1
            self.runs_out_on = day + 1 if self.runs_out_on is None else self.runs_out_on
            return False
        self.kept[run, given.unit, given.reward, given.nth, given.member] = one
        self._book(run, one, 1)
        return True

    def take(self, run: int, taken: Taken) -> None:
        """A reward taken back is free again; one that was refused was never there."""
        one = self.kept.pop((run, taken.unit, taken.reward, taken.nth, 0), None)
        if one is not None:
            self._book(run, one, -1)

    def _is_over_count(self, run: int, one: Kept) -> bool:
        limits = self._limits
        return (
            (limits.stock is not None and len(self.kept) >= limits.stock)
            or (limits.per_member is not None and self._of_who[run, one.who] >= limits.per_member)
            or (limits.per_member_day is not None and self._of_who_today[one.day, one.who] >= limits.per_member_day)
        )

    def _is_over_money(self, one: Kept) -> bool:
        limits = self._limits
        return one.fen > 0 and (
            (limits.budget_fen is not None and self._fen + one.fen > limits.budget_fen)
            or (
                limits.leader_budget_fen is not None
                and self._of_leader[one.leader] + one.fen > limits.leader_budget_fen
            )
            or (limits.day_budget_fen is not None and self._of_day[one.day] + one.fen > limits.day_budget_fen)
        )

    def _book(self, run: int, one: Kept, times: int) -> None:
        self._fen += times * one.fen
        self._of_leader[one.leader] += times * one.fen
        self._of_day[one.day] += times * one.fen
        self._of_who[run, one.who] += times
        self._of_who_today[one.day, one.who] += times
