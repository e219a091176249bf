"""The interpreter: what a fact changes in a run, and what follows.

Every reward that is due to a unit follows from the run and the unit's tally alone; what was given is compared with
that after each fact, and the difference is what follows. So what is taken away again, a refunded order or a withdrawn
vote, takes back exactly what it earned, and nothing is given twice.
"""

from __future__ import annotations

from collections.abc import Sequence

from msgspec.structs import replace

from .counting import amount_of
from .definition import Counting, Definition
from .facts import Effect, Fact, Given, Levelled, Person, Run, Step, Taken, Tally
from .ways import way_of


class Play:
    """A definition made ready for many facts."""

    __slots__ = ("counts", "definition", "way")

    def __init__(self, definition: Definition) -> None:
        self.definition = definition
        self.way = way_of(definition.progress, definition.rewards)
        self.counts: dict[str, tuple[Counting, ...]] = {}
        for counting in definition.counts:
            self.counts[counting.fact] = (*self.counts.get(counting.fact, ()), counting)

    def run(self, run_id: int = 0, seed: bytes = b"") -> Run:
        """A run nobody has counted anything in."""
        return Run(run_id, seed, prizes_left=self.way.left())


def count(play: Play, run: Run, tally: Tally, person: Person, fact: Fact) -> Step:
    """Let a fact count; it changes nothing where the play does not hear of it, or no more of it."""
    counted = _count(play, run, tally, person, fact)
    return counted if counted.tally is tally else _settled(play, run, counted)


def settle(play: Play, run: Run, tally: Tally) -> tuple[Tally, tuple[Effect, ...]]:
    """Give a unit what is due to it now, and take back what is not."""
    due = play.way.due(run, tally)
    given = tally.given or (0,) * len(due)
    if due == given:
        return tally, ()
    effects: list[Effect] = []
    for reward, (had, has) in enumerate(zip(given, due, strict=True)):
        effects += [Given(tally.unit, reward, nth) for nth in range(had, has)]
        effects += [Taken(tally.unit, reward, nth) for nth in range(had - 1, has - 1, -1)]
    return replace(tally, given=due if any(due) else ()), tuple(effects)


def uncount(play: Play, run: Run, tally: Tally, facts: Sequence[Fact], gone: Fact) -> Step:
    """What is when a fact never was: `facts` are all others of the unit that the run has heard of, in their order.

    The unit is counted anew from its first fact, so that a limit which the one gone had used up is free again. Other
    units keep the places, seats and prizes that they have. After the end what was decided stays, for those who still
    have something that counts.
    """
    anew = Tally(tally.unit, tally.is_opener)
    bare = replace(
        run,
        total=run.total - tally.total,
        seats=run.seats - (tally.total > 0),
        prizes_left=_returned(play, run, tally),
        is_over=False,
    )
    persons: dict[int, Person] = {}
    step = Step(bare, anew, Person(gone.member, tally.unit))
    for fact in facts:
        person = persons.get(fact.member) or Person(fact.member, tally.unit)
        step = _count(play, step.run, step.tally, person, fact)
        persons[fact.member] = step.person
    grown = replace(
        step.tally,
        given=tally.given,
        wins=(tally.wins if step.tally.total else ()) if run.is_over else step.tally.wins,
    )
    person = persons.get(gone.member) or Person(gone.member, tally.unit)
    return _settled(play, run, Step(replace(step.run, is_over=run.is_over), grown, person))


def _returned(play: Play, run: Run, tally: Tally) -> tuple[int, ...]:
    """Prizes with those that the unit drew laid back."""
    if run.is_over or not (tally.wins and run.prizes_left):
        return run.prizes_left
    stocked = play.way.left()
    return tuple(min(left + won, stock) for left, won, stock in zip(run.prizes_left, tally.wins, stocked, strict=True))


def _count(play: Play, run: Run, tally: Tally, person: Person, fact: Fact) -> Step:
    """As `count`, but nothing is given yet."""
    known = play.counts.get(fact.kind)
    if known is None or run.is_over:
        return Step(run, tally, person)
    amount = sum(amount_of(counting, tally, person, fact) for counting in known)
    seats = play.definition.participants.seats
    if amount == 0 or (tally.total == 0 and seats is not None and run.seats >= seats):
        return Step(run, tally, person)
    raised = replace(run, total=run.total + amount, seats=run.seats + (tally.total == 0))
    today = person.today + 1 if person.on == fact.on else 1
    seen = Person(person.member, person.unit, person.amount + amount, person.times + 1, fact.on, today)
    raised, grown = play.way.grow(raised, tally, fact, amount)
    return Step(raised, grown, seen)


def _settled(play: Play, before: Run, counted: Step) -> Step:
    """What follows from what was counted."""
    run = counted.run
    levelled: tuple[Effect, ...] = ()
    if play.way.is_shared:
        level = play.way.level(run.total)
        if level != before.level:
            run, levelled = replace(run, level=level), (Levelled(before.level, level),)
    tally, effects = settle(play, run, counted.tally)
    return Step(run, tally, counted.person, (*levelled, *effects))
