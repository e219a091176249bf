"""How much of a fact counts."""

from __future__ import annotations

from .definition import Counting
from .facts import Fact, Person, Tally


def amount_of(counting: Counting, tally: Tally, person: Person, fact: Fact) -> int:
    """The amount by the rule, 0 where the fact does not fit it or comes too often."""
    return _measured(counting, tally, person, fact) * counting.worth if _fits(counting, person, fact) else 0


def _fits(counting: Counting, person: Person, fact: Fact) -> bool:
    today = person.today if person.on == fact.on else 0
    return (
        (counting.most_per_day is None or today < counting.most_per_day)
        and (counting.most is None or person.times < counting.most)
        and (counting.least_fen is None or fact.fen >= counting.least_fen)
        and (counting.before is None or fact.minute < minute_of(counting.before))
        and (not counting.on_time or fact.is_on_time)
        and (not counting.first_order or fact.is_first_order)
        and (counting.by == "anybody" or fact.is_opener == (counting.by == "opener"))
    )


def _measured(counting: Counting, tally: Tally, person: Person, fact: Fact) -> int:
    match counting.measure:
        case "people":
            measured = int(person.times == 0)
        case "units":
            measured = fact.units
        case "fen":
            measured = fact.fen
        case "days":
            measured = int(person.on != fact.on)
        case "points":
            measured = fact.points
        case "kinds":
            measured = len(set(fact.of) - tally.kinds)
        case _:
            measured = 1
    return measured


def minute_of(time_of_day: str) -> int:
    """The minute of the day; 24:00 is 1440."""
    return int(time_of_day[:2]) * 60 + int(time_of_day[3:])
