"""A whole run in memory: for scenarios, for simulations on past orders, and for replaying the log."""

from __future__ import annotations

from collections.abc import Iterable

from msgspec.structs import replace

from .endings import end
from .facts import Effect, Fact, Levelled, Person, Run, Tally
from .interpreter import Play, count, settle, uncount


class Board:
    """One run with all its units; every fact is heard once, and can be withdrawn."""

    def __init__(self, play: Play, run: Run, *, opener: int = 0) -> None:
        self.play, self.run, self.opener = play, run, opener
        self.tallies: dict[int, Tally] = {}
        self.persons: dict[tuple[int, int], Person] = {}
        self.facts: dict[str, Fact] = {}
        if opener:
            self.tallies[opener] = Tally(opener, is_opener=True)

    def hear(self, fact: Fact) -> tuple[Effect, ...]:
        """What follows from a fact; nothing when it was heard before."""
        if fact.id in self.facts:
            return ()
        self.facts[fact.id] = fact
        step = count(self.play, self.run, self._tally(fact.unit), self._person(fact), fact)
        self.run, self.tallies[fact.unit] = step.run, step.tally
        self.persons[fact.unit, fact.member] = step.person
        return self._with_the_others(fact.unit, step.effects)

    def withdraw(self, fact_id: str) -> tuple[Effect, ...]:
        """What follows when a fact is not true any more; nothing when it was never heard."""
        gone = self.facts.pop(fact_id, None)
        if gone is None:
            return ()
        others = [fact for fact in self.facts.values() if fact.unit == gone.unit]
        step = uncount(self.play, self.run, self._tally(gone.unit), others, gone)
        self.run, self.tallies[gone.unit] = step.run, step.tally
        self.persons[gone.unit, gone.member] = step.person
        return self._with_the_others(gone.unit, step.effects)

    def end(self) -> tuple[Effect, ...]:
        """What follows when the time is over."""
        ending = end(self.play, self.run, list(self.tallies.values()), list(self.persons.values()))
        self.run = ending.run
        self.tallies |= {tally.unit: tally for tally in ending.tallies}
        return ending.effects

    def hear_all(self, facts: Iterable[Fact]) -> list[Effect]:
        """What follows from facts in their order."""
        return [effect for fact in facts for effect in self.hear(fact)]

    def _tally(self, unit: int) -> Tally:
        return self.tallies.get(unit) or Tally(unit, is_opener=unit == self.opener)

    def _person(self, fact: Fact) -> Person:
        return self.persons.get((fact.unit, fact.member)) or Person(fact.member, fact.unit)

    def _with_the_others(self, unit: int, effects: tuple[Effect, ...]) -> tuple[Effect, ...]:
        """A level of the whole run is everybody's."""
        if not any(isinstance(effect, Levelled) for effect in effects):
            return effects
        follows = list(effects)
        for other, tally in list(self.tallies.items()):
            if other != unit:
                self.tallies[other], more = settle(self.play, self.run, tally)
                follows += more
        return tuple(follows)

    def state(self) -> tuple[Run, dict[int, Tally], dict[tuple[int, int], Person]]:
        """Everything that decides what follows next; units that count nothing are left out."""
        tallies = {unit: tally for unit, tally in self.tallies.items() if tally.total}
        persons = {key: person for key, person in self.persons.items() if person.times}
        return replace(self.run, seed=b""), tallies, persons
