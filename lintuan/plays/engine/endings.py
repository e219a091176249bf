"""The end of a run: what is decided then, how a pot is shared, and whether it was filled."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct
from msgspec.structs import replace

from lintuan.kernel.money import Money

from .draws import number_of
from .facts import Effect, Ended, Given, Person, Run, Tally
from .interpreter import Play, settle
from .rewards import Pot, pot_fen
from .ways import Ranking


class Ending(Struct, frozen=True):
    """A run that is over, the units that won something or lose what they were given, and what follows."""

    run: Run
    tallies: tuple[Tally, ...]
    effects: tuple[Effect, ...]


def end(play: Play, run: Run, tallies: Sequence[Tally], persons: Sequence[Person]) -> Ending:
    """End a run: `tallies` and `persons` are all that counted something in it, or guessed.

    A run whose answer is only known now has it here for the first time: before, a guess would be judged at once.
    """
    over = replace(run, is_over=True)
    if play.definition.unfilled == "refund" and play.way.is_missed(run, tallies):
        return Ending(over, (), (Ended("unfilled"),))
    over, tallies = _judged(play, over, tallies)
    won = play.way.decide(run, tallies)
    effects: list[Effect] = []
    changed = []
    for tally in tallies:
        decided = replace(tally, wins=won[tally.unit]) if tally.unit in won else tally
        settled, follows = settle(play, over, decided)
        changed.append(settled)
        effects += [effect for effect in follows if not _is_pot(play, effect)]
    effects += _shares(play, over, changed, persons)
    how = "filled" if play.way.is_shared and run.level else "ended"
    return Ending(over, tuple(changed), (*effects, Ended(how)))  # type: ignore[arg-type]


def _judged(play: Play, run: Run, tallies: Sequence[Tally]) -> tuple[Run, Sequence[Tally]]:
    """What guesses count that waited for the answer."""
    guessing = next((rule.guessing for rules in play.counts.values() for rule in rules if rule.guessing), None)
    if guessing is None or not run.answer:
        return run, tallies
    judged = []
    for tally in tallies:
        points = sum(guessing.points(guess, run.answer) for guess in tally.guesses)
        judged.append(replace(tally, total=tally.total + points, guesses=()) if tally.guesses else tally)
        run = replace(run, total=run.total + points, seats=run.seats + (points > 0 and tally.total == 0))
    return run, judged


def places(play: Play, tallies: Sequence[Tally]) -> dict[int, int]:
    """Where units stand now, by their sums or means; none in plays without places, or of units too small for one."""
    return play.way.places(tallies) if isinstance(play.way, Ranking) else {}


def _is_pot(play: Play, effect: Effect) -> bool:
    return isinstance(effect, Given) and isinstance(play.definition.rewards[effect.reward], Pot)


def _shares(play: Play, run: Run, tallies: Sequence[Tally], persons: Sequence[Person]) -> list[Effect]:
    """Each pot among the members of the units that it is due to; not a fen is left over or added."""
    shares: list[Effect] = []
    for at, reward in enumerate(play.definition.rewards):
        if not isinstance(reward, Pot):
            continue
        due = {tally.unit for tally in tallies if tally.given and tally.given[at]}
        members = sorted((one for one in persons if one.unit in due and one.amount), key=lambda one: one.member)
        if not members:
            continue
        weights = [_weight(reward, run, person) for person in members]
        for person, part in zip(members, Money(pot_fen(reward, run.total)).split(weights), strict=True):
            if part.fen:
                shares.append(Given(person.unit, at, 0, person.member, part.fen))
    return shares


def _weight(pot: Pot, run: Run, person: Person) -> int:
    match pot.split:
        case "by_count":
            return person.amount
        case "random":
            # Nobody goes away with nothing.
            return 100_000 + number_of(run.seed, f"{run.id}:{person.member}")
        case _:
            return 1
