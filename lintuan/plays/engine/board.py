"""A whole run in memory: for scenarios, for simulations on past orders, and for replaying the log."""

from __future__ import annotations

from collections.abc import Iterable

from msgspec.structs import replace

from .endings import end
from .facts import Effect, Fact, Levelled, Person, Run, Step, Tally
from .interpreter import Play, count, settle, uncount


class Board:
    """One run with all its units; every fact is heard once, and can be withdrawn."""

    def __init__(self, play: Play, run: Run, *, opener: int = 0) -> None:
        self.play, self.run, self.opener = play, run, opener
        self.tallies: dict[int, Tally] = {}
        self.persons: dict[tuple[int, int], Person] = {}
        self.facts: dict[str, Fact] = {}
        self._uncounted: set[str] = set()
        if opener:
            self.tallies[opener] = Tally(opener, is_opener=True)

    def hear(self, fact: Fact) -> tuple[Effect, ...]:
        """What follows from a fact; nothing when it was heard before."""
        if fact.id in self.facts:
            return ()
        self.facts[fact.id] = fact
        person = self._person(fact)
        step = count(self.play, self.run, self._tally(fact.unit), person, fact)
        if step.person is person:
            self._uncounted.add(fact.id)
        self._keep(fact, step)
        return self._with_the_others(fact.unit, step.effects)

    def withdraw(self, fact_id: str) -> tuple[Effect, ...]:
        """What follows when a fact is not true any more; nothing when it was never heard."""
        gone = self.facts.pop(fact_id, None)
        if gone is None:
            return ()
        step = uncount(self.play, self.run, self._tally(gone.unit), self._others(gone), gone)
        self._keep(gone, step)
        return self._with_the_others(gone.unit, step.effects)

    def _others(self, gone: Fact) -> list[Fact]:
        """What the unit is counted anew from."""
        if not self.play.is_once_over_run:
            return [fact for fact in self.facts.values() if fact.unit == gone.unit]
        counted = [fact for fact in self.facts.values() if fact.id not in self._uncounted]
        members = {fact.member for fact in counted if fact.unit == gone.unit} | {gone.member}
        return [fact for fact in counted if fact.unit == gone.unit or fact.member in members]

    def _keep(self, fact: Fact, step: Step) -> None:
        self.run, self.tallies[fact.unit] = step.run, step.tally
        self.persons[step.person.unit, fact.member] = step.person

    def end(self, answer: str = "") -> tuple[Effect, ...]:
        """What follows when the time is over, and the answer known."""
        if answer:
            self.run = replace(self.run, answer=answer)
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
        unit = self.play.unit_of_record(fact)
        return self.persons.get((unit, fact.member)) or Person(fact.member, unit)

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
        bare = Tally(0)
        tallies = {unit: one for unit, one in self.tallies.items() if replace(one, unit=0, is_opener=False) != bare}
        persons = {key: person for key, person in self.persons.items() if person.times}
        return replace(self.run, seed=b""), tallies, persons
