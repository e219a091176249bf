"""Days and people drawn anew from the past.

Days are drawn in blocks of days in a row, people in circles, and where there are several leaders these as well; each
is drawn on its own, and who was drawn is so on all days (pigeonhole bootstrap, Owen 2007, Ann. Appl. Stat. 1(2)). That
makes bands rather too wide than too narrow. First a world is drawn, which might have been the past; from its days
come its futures.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from random import Random

from msgspec import Struct
from msgspec.structs import replace

from lintuan.plays.engine.facts import Fact

from .past import Past

#: Whose unit is a member, and whose stands for a group of them that is one circle.
_OWN, _GROUPED = {"member"}, {"household", "building", "team"}


class Heard(Struct, frozen=True):
    """A fact on an evening that was drawn: `at` is in minutes from the first day's midnight."""

    fact: Fact
    at: int
    day: int
    leader: int
    point: int


class _Kept(Struct, frozen=True):
    fact: Fact
    circle: int
    point: int


class _World(Struct, frozen=True):
    """Days as places in the past, and who is there: a leader drawn, and how often each circle was drawn with it."""

    days: tuple[int, ...]
    crowds: tuple[tuple[int, Counter[int]], ...]


class Sampler:
    """The past made ready for drawing; only facts of `kinds` are kept."""

    def __init__(self, past: Past, unit: str, kinds: frozenset[str], block: int) -> None:
        self._unit, self._block = unit, block
        days = sorted({evening.on for evening in past.evenings})
        place = {on: at for at, on in enumerate(days)}
        self.days = len(days)
        self._kept: list[dict[int, list[_Kept]]] = [{} for _ in days]
        circles: dict[int, set[int]] = {}
        self.counted = 0
        for evening in past.evenings:
            there = self._kept[place[evening.on]].setdefault(evening.leader, [])
            of_leader = circles.setdefault(evening.leader, set())
            for fact in evening.facts:
                circle = self._circle(past, fact)
                of_leader.add(circle)
                if fact.kind in kinds:
                    self.counted += 1
                    there.append(_Kept(fact, circle, evening.point))
        self._circles = {leader: sorted(found) for leader, found in sorted(circles.items())}
        self.circles = sum(len(found) for found in self._circles.values())

    def _circle(self, past: Past, fact: Fact) -> int:
        if self._unit in _GROUPED:
            return fact.unit
        member = fact.unit if self._unit in _OWN else fact.member
        return past.circles.get(member, member)

    def world(self, random: Random) -> _World:
        """As many days, leaders and circles as there were, each drawn with laying back."""
        leaders = list(self._circles)
        crowds = []
        for leader in random.choices(leaders, k=len(leaders)):
            circles = self._circles[leader]
            crowds.append((leader, Counter(random.choices(circles, k=len(circles)) if circles else ())))
        return _World(tuple(self._blocks(random, range(self.days), self.days)), tuple(crowds))

    def future(self, random: Random, world: _World, days: int) -> Iterator[list[Heard]]:
        """The facts of each of so many days, in the order of their minutes."""
        numbers = _Numbers(self._unit)
        for day, source in enumerate(self._blocks(random, world.days, days)):
            heard = [
                numbers.renamed(kept, (at, copy), day)
                for at, (leader, crowd) in enumerate(world.crowds)
                for kept in self._kept[source].get(leader, ())
                for copy in range(crowd[kept.circle])
            ]
            yield sorted(heard, key=lambda one: one.at)

    def _blocks(self, random: Random, days: Sequence[int], wanted: int) -> list[int]:
        """Blocks of days in a row, the first following the last, until there are enough."""
        drawn: list[int] = []
        while len(drawn) < wanted:
            begin = random.randrange(len(days))
            drawn += [days[(begin + step) % len(days)] for step in range(self._block)]
        return drawn[:wanted]


class _Numbers:
    """Whoever was drawn twice is two people: numbers from 1 for each copy."""

    def __init__(self, unit: str) -> None:
        self._unit = unit
        self._known: dict[tuple[object, ...], int] = {}

    def _number(self, *key: object) -> int:
        return self._known.setdefault(key, len(self._known) + 1)

    def renamed(self, kept: _Kept, copy: tuple[int, int], day: int) -> Heard:
        fact, leader = kept.fact, copy[0]
        member = self._number("member", fact.member, *copy)
        if self._unit in _OWN:
            unit = self._number("member", fact.unit, *copy)
        elif self._unit in _GROUPED:
            unit = self._number("group", fact.unit, *copy)
        else:
            unit = self._number("place", fact.unit, leader)
        name = f"{day}:{leader}:{copy[1]}:{fact.id}"
        # A tally that counted nothing stands at day 0.
        renamed = replace(fact, id=name, member=member, unit=unit, on=day + 1)
        return Heard(renamed, day * 1440 + fact.minute, day, leader, self._number("point", kept.point, leader))
