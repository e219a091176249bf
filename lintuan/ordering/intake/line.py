"""The line of a province: orders that wait for a batch."""

from __future__ import annotations

import asyncio
from collections import Counter, deque
from dataclasses import dataclass, field

from lintuan.kernel.errors import Refusal, TooMany, Unavailable

from .wishes import Outcome, TryAgain, Wish

MOST_IN_BATCH = 256
#: The line may be as long as it takes so many seconds to work off, and never shorter than two batches.
LONGEST_LINE = 0.15
SHORTEST_LINE = 2 * MOST_IN_BATCH
#: Real seconds after which a neighbour is told to come again.
LONGEST_WAIT = 2.0
MOST_TRIES = 8
#: Orders of one member that may wait: a batch takes one of them.
MOST_OF_MEMBER = 8


@dataclass(slots=True, eq=False)
class Waiting:
    """An order in the line; its future gets the outcome."""

    wish: Wish
    answer: asyncio.Future[Outcome]
    since: float
    tries: int = 0

    @property
    def is_over(self) -> bool:
        """Answered, or its client is gone."""
        return self.answer.done()

    def settle(self, outcome: Outcome) -> None:
        if not self.answer.done():
            self.answer.set_result(outcome)


@dataclass(slots=True)
class Line:
    """First come, first served, but for a second order of the same member, which waits for the batch behind."""

    waiting: deque[Waiting] = field(default_factory=deque)
    limit: int = SHORTEST_LINE
    #: When the next batch may begin, in real (monotonic) seconds.
    due_at: float = 0.0
    _of_member: Counter[int] = field(default_factory=Counter)

    @property
    def is_full(self) -> bool:
        return len(self.waiting) >= self.limit

    def join(self, wish: Wish, since: float) -> asyncio.Future[Outcome]:
        """Wait for an outcome, from a moment on; refused where the line is too long to be worked off soon, or full of
        the same member.
        """
        if self.is_full:
            raise Unavailable
        if self._of_member[wish.caller.id] >= MOST_OF_MEMBER:
            raise TooMany(seconds=1)
        place = Waiting(wish, asyncio.get_running_loop().create_future(), since)
        self._of_member[wish.caller.id] += 1
        self.waiting.append(place)
        return place.answer

    def next_batch(self) -> list[Waiting]:
        """The next orders of different members, in the order of their arrival.

        Those that try again go by themselves: a book that was read since they came will do for all of them.
        """
        batch: list[Waiting] = []
        later: list[Waiting] = []
        members: set[int] = set()
        are_again = bool(self.waiting) and self.waiting[0].tries > 0
        while self.waiting and len(batch) < MOST_IN_BATCH:
            if are_again and not self.waiting[0].tries:
                break
            place = self._leave()
            if place.is_over:
                continue
            member_id = place.wish.caller.id
            if member_id in members:
                later.append(place)
            else:
                members.add(member_id)
                batch.append(place)
        self._return(later)
        return batch

    def settle(self, batch: list[Waiting], outcomes: list[Outcome]) -> None:
        """Answer a batch; who must try again goes to the front of the line."""
        again = []
        for place, outcome in zip(batch, outcomes, strict=True):
            if not isinstance(outcome, TryAgain):
                place.settle(outcome)
            elif place.tries >= MOST_TRIES:
                place.settle(Unavailable())
            else:
                place.tries += 1
                again.append(place)
        self._return(again)

    def fail(self, batch: list[Waiting], why: Refusal) -> None:
        for place in batch:
            place.settle(why)

    def clear_overdue(self, now: float) -> None:
        """Tell those who waited too long to come again."""
        while self.waiting and now - self.waiting[0].since > LONGEST_WAIT:
            self._leave().settle(Unavailable())

    def _leave(self) -> Waiting:
        place = self.waiting.popleft()
        member_id = place.wish.caller.id
        self._of_member[member_id] -= 1
        if not self._of_member[member_id]:
            del self._of_member[member_id]
        return place

    def _return(self, places: list[Waiting]) -> None:
        """To the front of the line, in their order."""
        self._of_member.update(place.wish.caller.id for place in places)
        self.waiting.extendleft(reversed(places))

    def work_off_at(self, rate: float) -> None:
        """Let the line be as long as this many orders a second allow."""
        self.limit = max(SHORTEST_LINE, int(rate * LONGEST_LINE))
