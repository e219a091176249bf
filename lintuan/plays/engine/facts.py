"""What happens to a run, what it keeps of it, and what follows."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

from .definition import FactKind

#: Nobody in particular.
NOBODY = 0


class Fact(Struct, frozen=True):
    """Something that happened, as the interpreter must know it.

    `id` names it for ever (`order:81`), so that nothing counts twice; `on` is the local day as an ordinal, `minute`
    the minute of that day; `of` are kinds of goods, a card, an answer or a guess; `nonce` is what the member's own
    client added to a draw. Of a price that was agreed `fen` is that price, `day_fen` the day's (0: not to be compared).
    `is_own` tells that the unit is the member's own where their numbers do not: their photo, a leader's own order.
    """

    id: str
    kind: FactKind
    member: int
    unit: int
    on: int
    minute: int = 0
    fen: int = 0
    units: int = 0
    points: int = 0
    of: tuple[str, ...] = ()
    nonce: str = ""
    is_opener: bool = False
    is_first_order: bool = False
    is_on_time: bool = False
    is_own: bool = False
    day_fen: int = 0


class Run(Struct, frozen=True):
    """One run of a play: what all who take part share.

    `level` is how many levels the whole reached; `seats` are units that count something; `prizes_left` holds what is
    left of prizes with a stock, or of places; `began` is the minute that it began, `on * 1440 + minute`, 0 where nobody
    said it; `answer` what is guessed, empty while nobody knows it.
    """

    id: int = 0
    seed: bytes = b""
    total: int = 0
    seats: int = 0
    level: int = 0
    prizes_left: tuple[int, ...] = ()
    is_over: bool = False
    began: int = 0
    answer: str = ""


class Tally(Struct, frozen=True):
    """What one unit has counted: sums, a streak, kinds, tickets, and how often each reward was given to it.

    `wins` are how often each level was won where that is not seen from the sums: levels of a streak, prizes, places.
    `base` is what a mean is taken over, `missed` are attempts that counted nothing, `guesses` wait for the answer,
    `agreed_fen` is the price agreed and `given_fen` the one that rewards were given at.
    """

    unit: int
    is_opener: bool = False
    total: int = 0
    last_on: int = 0
    streak: int = 0
    kinds: frozenset[str] = frozenset()
    tickets: int = 0
    wins: tuple[int, ...] = ()
    given: tuple[int, ...] = ()
    base: int = 0
    missed: int = 0
    guesses: tuple[str, ...] = ()
    agreed_fen: int = 0
    given_fen: int = 0


class Often(Struct, frozen=True):
    """How often one rule heard a member, and how often of that on the last day."""

    times: int = 0
    on: int = 0
    today: int = 0


class Person(Struct, frozen=True):
    """What a member counted for a unit: how often, how much, and how often on the last day that they were seen.

    `rules` are the same for each rule of plays that have several.
    """

    member: int
    unit: int
    amount: int = 0
    times: int = 0
    on: int = 0
    today: int = 0
    rules: tuple[Often, ...] = ()


class Given(Struct, frozen=True, tag=True):
    """A reward for a unit, its `nth`; of a pot one for each `member`, who gets so many `fen` of it.

    `price_fen` is the price that was agreed on, of a haggle; 0 everywhere else.
    """

    unit: int
    reward: int
    nth: int
    member: int = NOBODY
    fen: int = 0
    price_fen: int = 0


class Taken(Struct, frozen=True, tag=True):
    """The same, taken back: what earned it is not so any more."""

    unit: int
    reward: int
    nth: int


class Levelled(Struct, frozen=True, tag=True):
    """The whole run reached another level, or fell back to one: every unit is to be settled anew."""

    before: int
    after: int


class Ended(Struct, frozen=True, tag=True):
    """The run is over; `unfilled` ones pay back what was paid for them."""

    how: Literal["filled", "unfilled", "ended"]


class Full(Struct, frozen=True, tag=True):
    """The run has all that it has room for: it is to be ended now."""


Effect = Given | Taken | Levelled | Ended | Full


class Step(Struct, frozen=True):
    """What one fact changed."""

    run: Run
    tally: Tally
    person: Person
    effects: tuple[Effect, ...] = ()
