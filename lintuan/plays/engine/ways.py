"""How each kind of progress counts: what grows, what is due to a unit, and what is decided when the run ends."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from fractions import Fraction
from itertools import takewhile
from typing import Any

from msgspec.structs import replace

from .days import period_of
from .draws import number_of, prize_of, ticket_name, winners
from .facts import Fact, Run, Tally
from .progress import Collect, Draw, Fall, First, Haggle, Progress, Quiz, Rank, Reach, Streak, Vote
from .rewards import Pot, Reward

Wins = dict[int, tuple[int, ...]]
WHOLE = 10_000


class Way:
    """One kind of progress of one play; a subclass says what differs from a plain sum."""

    #: Whether all units of a run rise and fall with it.
    is_shared = False

    def __init__(self, levels: Sequence[int], rewards: Sequence[Reward]) -> None:
        self.levels = tuple(levels)
        self.rewards = tuple(rewards)
        self._none = (0,) * len(self.levels)

    def left(self) -> tuple[int, ...]:
        """What is there of prizes with a stock when a run begins."""
        return ()

    def grow(self, run: Run, tally: Tally, fact: Fact, amount: int) -> tuple[Run, Tally]:
        """The unit with the amount; `run` has it already."""
        return run, replace(tally, total=tally.total + amount)

    def takes(self, fact: Fact) -> bool:
        """Whether the fact can be counted, whatever the rules say."""
        return True

    def level(self, total: int) -> int:
        """How many levels a sum has reached."""
        return sum(1 for _ in takewhile(lambda level: total >= level, self.levels))

    def level_of(self, run: Run) -> int:
        """How many levels the whole run has reached."""
        return self.level(run.total)

    def times(self, run: Run, tally: Tally, level: int) -> int:
        """How often a unit is to have what the level gives."""
        return int(tally.total >= self.levels[level])

    def due(self, run: Run, tally: Tally) -> tuple[int, ...]:
        """How often each reward is due to the unit."""
        return tuple(
            self.times(run, tally, reward.level) if _is_for(reward, run, tally) else 0 for reward in self.rewards
        )

    def is_missed(self, run: Run, tallies: Sequence[Tally]) -> bool:
        """Whether a run that ends so has not reached what all were there for."""
        return self.is_shared and run.level == 0

    def decide(self, run: Run, tallies: Sequence[Tally]) -> Wins:
        """What units win because the run ended, by level; only those that win."""
        return {}


def _is_for(reward: Reward, run: Run, tally: Tally) -> bool:
    if isinstance(reward, Pot) and not run.is_over:
        # Nobody knows before how much it will be, and for how many.
        return False
    match reward.to:
        case "opener":
            return tally.is_opener
        case "both":
            return tally.is_opener or tally.total > 0
        case "others":
            return not tally.is_opener and tally.total > 0
        case _:
            return tally.total > 0


class OwnSum(Way):
    """`reach` of units, and a quiz."""

    def __init__(self, levels: Sequence[int], rewards: Sequence[Reward], *, again: bool = False) -> None:
        super().__init__(levels, rewards)
        self._again = again

    def times(self, run: Run, tally: Tally, level: int) -> int:
        return self._around(tally.total, level)

    def _around(self, total: int, level: int) -> int:
        if not self._again:
            return int(total >= self.levels[level])
        full, rest = divmod(total, self.levels[-1])
        return full + (rest >= self.levels[level])


class SharedSum(OwnSum):
    """`reach` of the whole run: all who take part have what the run has."""

    is_shared = True

    def __init__(
        self, levels: Sequence[int], rewards: Sequence[Reward], *, again: bool = False, or_units: Sequence[int] = ()
    ) -> None:
        super().__init__(levels, rewards, again=again)
        self._or_units = or_units

    def level_of(self, run: Run) -> int:
        by_sum = self.level(run.total)
        return max(by_sum, sum(run.seats >= units for units in self._or_units)) if self._or_units else by_sum

    def level(self, total: int) -> int:
        if not self._again:
            return super().level(total)
        full, rest = divmod(total, self.levels[-1])
        return full * len(self.levels) + super().level(rest)

    def times(self, run: Run, tally: Tally, level: int) -> int:
        full, rest = divmod(run.level, len(self.levels)) if self._again else (0, run.level)
        return full + (rest > level)


class FallingByTheMinute(Way):
    """A price that falls while nobody buys: each has the one of their own minute."""

    def times(self, run: Run, tally: Tally, level: int) -> int:
        return int(self.level(tally.total) == level + 1)


class Falling(Way):
    """A price that falls: all have the lowest one that was reached, and none of those above."""

    is_shared = True

    def times(self, run: Run, tally: Tally, level: int) -> int:
        return int(run.level == level + 1)


class Collecting(Way):
    """Different ones of a set."""

    def __init__(self, levels: Sequence[int], rewards: Sequence[Reward], known: Iterable[str]) -> None:
        super().__init__(levels, rewards)
        self._known = frozenset(known)

    def grow(self, run: Run, tally: Tally, fact: Fact, amount: int) -> tuple[Run, Tally]:
        new = self._known.intersection(fact.of) if self._known else fact.of
        return run, replace(tally, total=tally.total + amount, kinds=tally.kinds.union(new))

    def times(self, run: Run, tally: Tally, level: int) -> int:
        return int(len(tally.kinds) >= self.levels[level])


class Winning(Way):
    """What was won does not follow from the sum, so the tally keeps it."""

    def times(self, run: Run, tally: Tally, level: int) -> int:
        return tally.wins[level] if tally.wins else 0


class Rowing(Winning):
    """Days, weeks or months in a row; who misses more than those of rest begins anew."""

    def __init__(self, progress: Streak, rewards: Sequence[Reward]) -> None:
        super().__init__(progress.levels, rewards)
        self._rest, self._again, self._every = progress.rest_days, progress.again, progress.every

    def grow(self, run: Run, tally: Tally, fact: Fact, amount: int) -> tuple[Run, Tally]:
        total, wins = tally.total + amount, tally.wins or self._none
        on = fact.on if self._every == "day" else period_of(fact.on, self._every)
        # What is heard late, of a day before the last one, lengthens nothing.
        if on <= tally.last_on:
            return run, replace(tally, total=total, wins=wins)
        streak = tally.streak + 1 if on <= tally.last_on + 1 + self._rest else 1
        if self._again and streak > self.levels[-1]:
            streak = 1
        wins = tuple(won + (streak == level) for won, level in zip(wins, self.levels, strict=True))
        return run, replace(tally, total=total, last_on=on, streak=streak, wins=wins)


class Drawing(Winning):
    """Tickets, drawn as they come by the odds of the prizes, or when the run ends so many winners of each."""

    def __init__(self, progress: Draw, rewards: Sequence[Reward]) -> None:
        super().__init__((progress.ticket_every,) * len(progress.prizes), rewards)
        self._progress = progress

    def left(self) -> tuple[int, ...]:
        return tuple(prize.stock or 0 for prize in self._progress.prizes)

    def grow(self, run: Run, tally: Tally, fact: Fact, amount: int) -> tuple[Run, Tally]:
        total, prizes = tally.total + amount, self._progress.prizes
        tickets, wins, left = total // self._progress.ticket_every, list(tally.wins or self._none), run.prizes_left
        if self._progress.when == "at_once":
            for number in range(tally.tickets, tickets):
                drawn = number_of(run.seed, ticket_name(run.id, tally.unit, number, fact.nonce))
                prize = prize_of(drawn, prizes, left)
                if prize is not None:
                    wins[prize] += 1
                    left = tuple(n - (at == prize and prizes[at].stock is not None) for at, n in enumerate(left))
        grown = replace(tally, total=total, tickets=tickets, wins=tuple(wins))
        return (run if left is run.prizes_left else replace(run, prizes_left=left)), grown

    def is_missed(self, run: Run, tallies: Sequence[Tally]) -> bool:
        return self._progress.when == "at_end" and sum(tally.tickets for tally in tallies) < self._progress.least

    def decide(self, run: Run, tallies: Sequence[Tally]) -> Wins:
        if self._progress.when == "at_once" or self.is_missed(run, tallies):
            return {}
        owners = {
            ticket_name(run.id, tally.unit, number, ""): tally.unit
            for tally in tallies
            for number in range(tally.tickets)
        }
        won: dict[int, list[int]] = {}
        each = owners if self._progress.one_each else None
        for ticket, prize in winners(run.seed, owners, self._progress.prizes, each).items():
            won.setdefault(owners[ticket], list(self._none))[prize] += 1
        return {unit: tuple(wins) for unit, wins in won.items()}


class Ranking(Winning):
    """The order at the end; equals share the better place."""

    def __init__(self, places: Sequence[int], rewards: Sequence[Reward], least: int, *, by: str = "sum") -> None:
        super().__init__(places, rewards)
        self._least, self._is_mean = least, by == "mean"

    def places(self, tallies: Sequence[Tally]) -> dict[int, int]:
        """The place of each unit that has as much as it needs for one."""
        sums: dict[int, Fraction | int] = {}
        for tally in tallies:
            if (tally.base if self._is_mean else tally.total) >= self._least:
                sums[tally.unit] = Fraction(tally.total, tally.base) if self._is_mean else tally.total
        places: dict[Fraction | int, int] = {}
        for place, each in enumerate(sorted(sums.values(), reverse=True), 1):
            places.setdefault(each, place)
        return {unit: places[each] for unit, each in sums.items()}

    def decide(self, run: Run, tallies: Sequence[Tally]) -> Wins:
        return {unit: self._of_place(place) for unit, place in self.places(tallies).items()}

    def _of_place(self, place: int) -> tuple[int, ...]:
        """Each place wins the one level that it lies in."""
        first = next((at for at, last in enumerate(self.levels) if place <= last), None)
        return tuple(int(at == first) for at in range(len(self.levels)))


class Racing(Winning):
    """The first so many; a place that is given up is free for who comes next."""

    def left(self) -> tuple[int, ...]:
        return self.levels

    def grow(self, run: Run, tally: Tally, fact: Fact, amount: int) -> tuple[Run, Tally]:
        wins, (left,) = tally.wins or self._none, run.prizes_left
        if not wins[0] and left:
            run, wins = replace(run, prizes_left=(left - 1,)), (1,)
        return run, replace(tally, total=tally.total + amount, wins=wins)


class Haggling(Way):
    """A price that both agreed on, within the band; the first one stands."""

    def __init__(self, progress: Haggle, rewards: Sequence[Reward]) -> None:
        super().__init__((1,), rewards)
        self._floor = progress.floor_bps

    def takes(self, fact: Fact) -> bool:
        if fact.fen <= 0 or not fact.day_fen:
            return fact.fen > 0
        return self._floor * fact.day_fen <= fact.fen * WHOLE <= WHOLE * fact.day_fen

    def times(self, run: Run, tally: Tally, level: int) -> int:
        return int(tally.total > 0)

    def grow(self, run: Run, tally: Tally, fact: Fact, amount: int) -> tuple[Run, Tally]:
        return run, replace(tally, total=tally.total + amount, agreed_fen=tally.agreed_fen or fact.fen)


_WAYS: dict[type, Callable[[Any, Sequence[Reward]], Way]] = {
    Reach: lambda it, rewards: (
        SharedSum(it.levels, rewards, again=it.again, or_units=it.or_units)
        if it.of == "run"
        else OwnSum(it.levels, rewards, again=it.again)
    ),
    Fall: lambda it, rewards: (Falling if it.by == "count" else FallingByTheMinute)(it.levels, rewards),
    Haggle: Haggling,
    Collect: lambda it, rewards: Collecting(it.levels, rewards, it.of),
    Streak: Rowing,
    Rank: lambda it, rewards: Ranking(it.places, rewards, it.least, by=it.by),
    Draw: Drawing,
    First: lambda it, rewards: Racing((it.places,), rewards),
    Quiz: lambda it, rewards: OwnSum(it.levels, rewards),
    Vote: lambda it, rewards: Ranking((it.winners,), rewards, it.least),
}


def way_of(progress: Progress, rewards: Sequence[Reward]) -> Way:
    """How that progress counts."""
    return _WAYS[type(progress)](progress, rewards)
