"""One future of a play: its runs, opened and ended as its definition says, and what the limits let through."""

from __future__ import annotations

from collections.abc import Iterable
from random import Random

from msgspec import Struct
from msgspec.structs import replace

from lintuan.kernel.money import BASIS
from lintuan.plays.engine.board import Board
from lintuan.plays.engine.counting import minute_of
from lintuan.plays.engine.definition import Definition
from lintuan.plays.engine.facts import Effect, Ended, Fact, Given, Taken
from lintuan.plays.engine.interpreter import Play
from lintuan.plays.engine.rewards import Coupon, Points, Price, Rebate, Reward, Uplift, most_cost_fen
from lintuan.plays.engine.ways import Drawing, Falling, SharedSum

from .past import Ask
from .purse import Key, Purse
from .resample import Heard

DAYS_OF = {"hour": 1, "day": 1, "week": 7, "month": 30}
_MAY_STAY_UNUSED: dict[type, str] = {Coupon: "coupon", Points: "points"}
Place = tuple[object, ...]
#: Minutes that no simulation reaches.
ENDLESS = 10**9


class Future(Struct, frozen=True):
    """What came of one future; `likely_fen` is none where a share that it needs was not stated."""

    times: tuple[int, ...]
    most_fen: int
    likely_fen: int | None
    runs: int
    filled: int
    rewarded: int
    refused: int
    runs_out_on: int | None


class _Open(Struct):
    """A run that is open: until when, whose each unit is, and what it paid in it, in all and last."""

    board: Board
    place: Place
    until: int
    leaders: dict[int, int]
    spent: dict[int, int]
    last: dict[int, int]
    orders: dict[Key, int]


class Rehearsal:
    """Plays one future of a play; money and counts are in its purse."""

    def __init__(self, play: Play, ask: Ask, random: Random) -> None:
        self._play, self._ask, self._random = play, ask, random
        self._definition = play.definition
        self.purse = Purse(play.definition)
        self._open: dict[Place, list[_Open]] = {}
        self._runs = self._filled = 0
        self._likely: int | None = 0 if all(map(self._is_stated, play.definition.rewards)) else None
        self._over: set[Place] = set()
        self._next_end = ENDLESS

    def future(self, days: Iterable[list[Heard]]) -> Future:
        """What comes of these days."""
        last = 0
        for heard in days:
            for one in heard:
                self._hear(one)
                last = one.day
        for runs in self._open.values():
            for run in runs:
                self._end(run, last)
        times = [0] * len(self._definition.rewards)
        for _, _, reward, _, _ in self.purse.kept:
            times[reward] += 1
        return Future(
            times=tuple(times),
            most_fen=sum(one.fen for one in self.purse.kept.values()),
            likely_fen=self._likely,
            runs=self._runs,
            filled=self._filled,
            rewarded=len({one.who for one in self.purse.kept.values()}),
            refused=self.purse.refused,
            runs_out_on=self.purse.runs_out_on,
        )

    def _hear(self, heard: Heard) -> None:
        if self._definition.participants.who == "newcomers" and not heard.fact.is_first_order:
            return
        self._end_until(heard.at)
        run = self._run_for(heard)
        if run is None:
            return
        fact = replace(heard.fact, is_opener=self._opens(heard.fact) == run.board.opener)
        run.spent[fact.unit] = run.spent.get(fact.unit, 0) + fact.fen
        run.last[fact.unit] = fact.fen
        run.leaders[fact.unit] = heard.leader
        self._follow(run, run.board.hear(fact), heard.day)
        if self._is_full(run):
            self._open[self._place(heard)].remove(run)
            self._end(run, heard.day)

    def _opens(self, fact: Fact) -> int:
        """The number that an opener goes by in a run."""
        return fact.member if self._definition.participants.unit == "member" else fact.unit

    def _place(self, heard: Heard) -> Place:
        """What shares one run: how far it reaches, and which of the runs in time it is."""
        trigger, reach = self._definition.trigger, self._definition.participants.reach
        where = {"point": heard.point, "leader": heard.leader, "opener": heard.point}.get(reach, 0)
        if reach == "opener" and not is_met(self._play):
            return where, heard.fact.unit
        if reach == "opener" or trigger.every == "once":
            return (where,)
        hour = heard.fact.minute // 60 if trigger.every == "hour" else 0
        return where, heard.day // DAYS_OF[trigger.every], hour

    def _run_for(self, heard: Heard) -> _Open | None:
        """The run that hears of it, begun where there is none; none outside its hours."""
        place, fact = self._place(heard), heard.fact
        runs = self._open.setdefault(place, [])
        for run in runs:
            if fact.unit in run.board.tallies or not self._is_seated(run):
                return run
        if runs and self._definition.participants.reach != "opener":
            return runs[0]
        hours = self._hours(heard)
        if place in self._over or heard.at < hours.start or heard.at >= hours.stop:
            return None
        self._runs += 1
        opener = fact.unit if self._definition.participants.reach == "opener" else 0
        board = Board(self._play, self._play.run(self._runs, self._random.randbytes(32)), opener=opener)
        runs.append(_Open(board, place, hours.stop, {}, {}, {}, {}))
        self._next_end = min(self._next_end, hours.stop)
        return runs[-1]

    def _hours(self, heard: Heard) -> range:
        """The minutes in which the run that hears of it is open; without an hour of its own, from its first fact on."""
        trigger, minutes = self._definition.trigger, self._definition.trigger.minutes or ENDLESS
        if trigger.every == "once" or self._definition.participants.reach == "opener":
            return range(heard.at, heard.at + minutes)
        first = None if trigger.at is None else minute_of(trigger.at)
        if trigger.every == "hour":
            hour = heard.at // 60 * 60
            if first is not None and heard.fact.minute < first:
                return range(0)
            return range(hour + (first or 0) % 60, min(hour + 60, hour + (first or 0) % 60 + minutes))
        length = DAYS_OF[trigger.every] * 1440
        begins = heard.at // length * length
        start = heard.at if first is None else begins + first
        return range(start, min(begins + length, start + minutes))

    def _is_seated(self, run: _Open) -> bool:
        seats = self._definition.participants.seats
        return seats is not None and run.board.run.seats >= seats

    def _is_full(self, run: _Open) -> bool:
        """A group that was met closes with its last seat, or, where nothing else ends it, with its last level."""
        if self._definition.participants.reach != "opener":
            return False
        if self._is_seated(run):
            return True
        is_endless = self._definition.trigger.minutes is None and self._definition.participants.seats is None
        return is_endless and self._play.way.is_shared and run.board.run.level >= len(self._play.way.levels)

    def _end_until(self, at: int) -> None:
        """End all runs whose time is over; what begins by the clock begins but once in its time."""
        if at < self._next_end:
            return
        for runs in self._open.values():
            for run in [run for run in runs if run.until <= at]:
                runs.remove(run)
                if self._definition.trigger.every != "once" and not run.board.opener:
                    self._over.add(run.place)
                self._end(run, (run.until - 1) // 1440)
        self._next_end = min((run.until for runs in self._open.values() for run in runs), default=ENDLESS)

    def _end(self, run: _Open, day: int) -> None:
        effects = run.board.end()
        self._follow(run, effects, day)
        self._filled += any(isinstance(effect, Ended) and effect.how == "filled" for effect in effects)
        for key, order in run.orders.items():
            kept = self.purse.kept.get(key)
            if kept is not None and self._likely is not None:
                self._likely += self._likely_fen(key, kept.fen, order, run.spent.get(key[1], 0))

    def _follow(self, run: _Open, effects: Iterable[Effect], day: int) -> None:
        number = run.board.run.id
        for effect in effects:
            if isinstance(effect, Taken):
                self.purse.take(number, effect)
                run.orders.pop((number, effect.unit, effect.reward, effect.nth, 0), None)
            elif isinstance(effect, Given) and self.purse.give(number, effect, day, run.leaders.get(effect.unit, 0)):
                key = (number, effect.unit, effect.reward, effect.nth, effect.member)
                run.orders[key] = run.last.get(effect.unit, 0)

    def _is_stated(self, reward: Reward) -> bool:
        """Whether somebody said which part of it is used, where that is a question."""
        kind = _MAY_STAY_UNUSED.get(type(reward))
        return kind is None or most_cost_fen(reward) == 0 or self._ask.share_bps(kind) is not None

    def _likely_fen(self, key: Key, most: int, order: int, spent: int) -> int:
        """What a reward costs by what was bought: `order` earned it, `spent` is all in the run; and by what is used."""
        reward = self._definition.rewards[key[2]]
        match reward:
            case Price(price_bps=bps):
                return min(most, spent * (BASIS - bps) // BASIS)
            case Rebate(share_bps=bps):
                return min(most, order * bps // BASIS)
            case Uplift(bps=bps):
                return min(most, spent * bps // BASIS)
            case Coupon() | Points():
                return most * (self._ask.share_bps(_MAY_STAY_UNUSED[type(reward)]) or 0) // BASIS
            case _:
                return most


def is_met(play: Play) -> bool:
    """Whether what one counts helps the others, so that people of an opener's run must first come together."""
    return isinstance(play.way, SharedSum | Falling | Drawing)


def days_of_run(definition: Definition, days: int) -> int:
    """How many days one run lasts at most; one that only stopping ends lasts all of them."""
    trigger = definition.trigger
    by_period = days if trigger.every == "once" else DAYS_OF[trigger.every]
    return by_period if trigger.minutes is None else min(by_period, -(-trigger.minutes // 1440))
