"""How much of a fact counts: the rules of a play, made ready for many facts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from .definition import Counting, Definition
from .facts import Fact, Often, Person, Run, Tally
from .guesses import Guessing, guess_in

_DAY = 24 * 60


class Weighed(NamedTuple):
    """What the rules make of a fact, the member's record with it, and a guess that nobody can judge yet."""

    amount: int
    base: int
    person: Person
    guess: str


class Rule:
    """One rule, the `at`th of its play."""

    __slots__ = ("are_members", "at", "before", "by", "counting", "guessing", "is_base", "is_used_up", "rules", "worth")

    def __init__(self, at: int, counting: Counting, play: Definition) -> None:
        self.at, self.rules, self.counting = at, len(play.counts), counting
        self.before = _DAY if counting.before is None else minute_of(counting.before)
        self.guessing = Guessing.of(play.progress, counting)
        self.worth = 1 if self.guessing else counting.worth
        # Whoever guesses has guessed, right or wrong.
        self.is_used_up = counting.attempts or self.guessing is not None
        self.is_base = counting.into == "base"
        self.are_members = play.participants.unit == "member"
        opens = play.participants.reach == "opener"
        self.by = "neighbours" if counting.by == "others" and not opens else counting.by

    def fits(self, often: Often | Person, fact: Fact) -> bool:
        """Whether the rule hears the fact."""
        counting = self.counting
        return (
            (counting.most_per_day is None or often.on != fact.on or often.today < counting.most_per_day)
            and (counting.most is None or often.times < counting.most)
            and (counting.least_fen is None or fact.fen >= counting.least_fen)
            and fact.minute < self.before
            and (not counting.on_time or fact.is_on_time)
            and (not counting.first_order or fact.is_first_order)
            and (self.by == "anybody" or self._is_by(fact))
        )

    def _is_by(self, fact: Fact) -> bool:
        if self.by == "neighbours":
            return not (fact.is_own or (self.are_members and fact.member == fact.unit))
        return fact.is_opener == (self.by == "opener")

    def measured(self, often: Often | Person, run: Run, tally: Tally, fact: Fact) -> int:
        """How much there is of what the rule measures."""
        match self.counting.measure:
            case "times":
                measured = 1
            case "people":
                measured = int(often.times == 0)
            case "units":
                measured = fact.units
            case "fen":
                measured = fact.fen
            case "days":
                measured = int(often.on != fact.on)
            case "points":
                measured = fact.points
            case "kinds":
                measured = len(set(fact.of) - tally.kinds)
            case "minutes":
                measured = max(fact.on * _DAY + fact.minute - run.began, 1) if run.began else 1
            case _:
                measured = self.guessing.points(guess_in(fact.of), run.answer) if self.guessing else 0
        return measured


def rules_of(play: Definition) -> dict[str, tuple[Rule, ...]]:
    """The rules by the kind of fact that they hear."""
    rules: dict[str, tuple[Rule, ...]] = {}
    for at, counting in enumerate(play.counts):
        rules[counting.fact] = (*rules.get(counting.fact, ()), Rule(at, counting, play))
    return rules


def weigh(rules: Sequence[Rule], run: Run, tally: Tally, person: Person, fact: Fact) -> Weighed | None:
    """What the rules for its kind make of a fact; None where none of them hears it, or no more of it."""
    amount = base = 0
    records = person.rules
    guess, is_heard = "", False
    for rule in rules:
        often = person.rules[rule.at] if person.rules else person
        if not rule.fits(often, fact):
            continue
        measured = rule.measured(often, run, tally, fact)
        if not (measured or rule.is_used_up):
            continue
        is_heard = True
        if rule.is_base:
            base += measured * rule.worth
        else:
            amount += measured * rule.worth
        if rule.rules > 1:
            before = records or (Often(),) * rule.rules
            records = (*before[: rule.at], _once_more(often, fact), *before[rule.at + 1 :])
        if rule.guessing and not run.answer:
            guess = guess_in(fact.of)
    if not is_heard:
        return None
    today = person.today + 1 if person.on == fact.on else 1
    seen = Person(person.member, person.unit, person.amount + amount, person.times + 1, fact.on, today, records)
    return Weighed(amount, base, seen, guess)


def _once_more(often: Often | Person, fact: Fact) -> Often:
    return Often(often.times + 1, fact.on, often.today + 1 if often.on == fact.on else 1)


def minute_of(time_of_day: str) -> int:
    """The minute of the day; 24:00 is 1440."""
    return int(time_of_day[:2]) * 60 + int(time_of_day[3:])
