"""The interpreter: what a fact changes in a run, and what follows.

Every reward that is due to a unit follows from the run and the unit's tally alone; what was given is compared with
that after each fact, and the difference is what follows. So what is taken away again, a refunded order or a withdrawn
vote, takes back exactly what it earned, and nothing is given twice.
"""

from __future__ import annotations

from collections.abc import Sequence

from msgspec.structs import replace

from .counting import Rule, Weighed, rules_of, weigh
from .definition import Definition
from .facts import NOBODY, Effect, Fact, Full, Given, Levelled, Person, Run, Step, Taken, Tally
from .ways import way_of


class Play:
    """A definition made ready for many facts."""

    __slots__ = ("counts", "definition", "is_once_over_run", "way")

    def __init__(self, definition: Definition) -> None:
        self.definition = definition
        self.way = way_of(definition.progress, definition.rewards)
        self.counts: dict[str, tuple[Rule, ...]] = rules_of(definition)
        self.is_once_over_run = definition.participants.once_over == "run"

    def run(self, run_id: int = 0, seed: bytes = b"", *, began: int = 0, answer: str = "") -> Run:
        """A run nobody has counted anything in; `began` is the minute, `on * 1440 + minute`, `answer` a sealed one."""
        return Run(run_id, seed, prizes_left=self.way.left(), began=began, answer=answer)

    def unit_of_record(self, fact: Fact) -> int:
        """The unit of the Person to load for a fact: NOBODY where a member has one record for the whole run."""
        return NOBODY if self.is_once_over_run else fact.unit

    def is_full(self, run: Run) -> bool:
        """Whether nothing counts any more because the run has all that it has room for."""
        if self.definition.closes != "when_full":
            return False
        seats = self.definition.participants.seats
        return self.way.level_of(run) >= len(self.way.levels) if seats is None else run.seats >= seats


def count(play: Play, run: Run, tally: Tally, person: Person, fact: Fact) -> Step:
    """Let a fact count; it changes nothing where the play does not hear of it, or no more of it."""
    counted = _count(play, run, tally, person, fact)
    return counted if counted.tally is tally else _settled(play, run, counted)


def settle(play: Play, run: Run, tally: Tally) -> tuple[Tally, tuple[Effect, ...]]:
    """Give a unit what is due to it now, and take back what is not."""
    due = play.way.due(run, tally)
    given = tally.given or (0,) * len(due)
    is_repriced = tally.agreed_fen != tally.given_fen
    if due == given and not is_repriced:
        return tally, ()
    effects: list[Effect] = []
    for reward, (had, has) in enumerate(zip(given, due, strict=True)):
        # At another price it is another reward.
        kept = 0 if is_repriced else min(had, has)
        effects += [Taken(tally.unit, reward, nth) for nth in range(had - 1, kept - 1, -1)]
        effects += [Given(tally.unit, reward, nth, price_fen=tally.agreed_fen) for nth in range(kept, has)]
    return replace(tally, given=due if any(due) else (), given_fen=tally.agreed_fen), tuple(effects)


def uncount(play: Play, run: Run, tally: Tally, facts: Sequence[Fact], gone: Fact) -> Step:
    """What is when a fact never was: `facts` are all others of the unit that the run has heard of, in their order.

    Where a member has one record for the whole run, `facts` are instead those that counted, of the unit and of its
    members in other units, `gone`'s among them: what was one vote too many stays so.

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
    step = Step(bare, anew, Person(gone.member, play.unit_of_record(gone)))
    for fact in facts:
        person = persons.get(fact.member) or Person(fact.member, play.unit_of_record(fact))
        if fact.unit == tally.unit:
            step = _count(play, step.run, step.tally, person, fact)
            persons[fact.member] = step.person
        else:
            persons[fact.member] = _elsewhere(play, bare, person, fact)
    grown = replace(
        step.tally,
        given=tally.given,
        given_fen=tally.given_fen,
        wins=(tally.wins if step.tally.total else ()) if run.is_over else step.tally.wins,
    )
    person = persons.get(gone.member) or Person(gone.member, play.unit_of_record(gone))
    return _settled(play, run, Step(replace(step.run, is_over=run.is_over), grown, person))


def _returned(play: Play, run: Run, tally: Tally) -> tuple[int, ...]:
    """Prizes with those that the unit drew laid back."""
    if run.is_over or not (tally.wins and run.prizes_left):
        return run.prizes_left
    stocked = play.way.left()
    return tuple(min(left + won, stock) for left, won, stock in zip(run.prizes_left, tally.wins, stocked, strict=True))


def _elsewhere(play: Play, run: Run, person: Person, fact: Fact) -> Person:
    """The member's record with what they counted for another unit."""
    weighed = weigh(play.counts.get(fact.kind, ()), run, Tally(fact.unit), person, fact)
    return person if weighed is None else weighed.person


def _count(play: Play, run: Run, tally: Tally, person: Person, fact: Fact) -> Step:
    """As `count`, but nothing is given yet."""
    rules = play.counts.get(fact.kind)
    if rules is None or run.is_over or play.is_full(run) or not play.way.takes(fact):
        return Step(run, tally, person)
    weighed = weigh(rules, run, tally, person, fact)
    seats = play.definition.participants.seats
    if weighed is None or (tally.total == 0 and seats is not None and run.seats >= seats):
        return Step(run, tally, person)
    return _grown(play, run, tally, fact, weighed)


def _grown(play: Play, run: Run, tally: Tally, fact: Fact, weighed: Weighed) -> Step:
    """The run and the unit with what counted, or with one attempt more that counted nothing."""
    amount, base, person, guess = weighed
    if amount:
        raised = replace(run, total=run.total + amount, seats=run.seats + (tally.total == 0))
        run, tally = play.way.grow(raised, tally, fact, amount)
    if base or not amount:
        guesses = (*tally.guesses, guess) if guess else tally.guesses
        missed = tally.missed + (not (amount or base or guess))
        tally = replace(tally, base=tally.base + base, guesses=guesses, missed=missed)
    return Step(run, tally, person)


def _settled(play: Play, before: Run, counted: Step) -> Step:
    """What follows from what was counted; what a run reached before its end stays reached."""
    run = counted.run
    follows: tuple[Effect, ...] = ()
    if play.way.is_shared and not run.is_over:
        level = play.way.level_of(run)
        if level != before.level:
            run, follows = replace(run, level=level), (Levelled(before.level, level),)
    if play.is_full(run) and not (run.is_over or play.is_full(before)):
        follows = (*follows, Full())
    tally, effects = settle(play, run, counted.tally)
    return Step(run, tally, counted.person, (*follows, *effects))
