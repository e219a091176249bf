"""Scenarios: what happens in a play, and what it leads to; the catalogue's proof of itself."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from lintuan.plays.errors import PlayMalformed

from .board import Board
from .counting import minute_of
from .definition import Definition, FactKind
from .facts import Effect, Ended, Fact, Full, Given, Taken
from .interpreter import Play
from .values import Count, Part, TimeOfDay

Outcome = Annotated[
    str,
    Meta(
        description="`+3 #0`: unit 3 gets reward 0; `-3 #0`: it is taken back; `+3 #1 ¥2.50`: its part of a pot,"
        " or the price agreed; `level 1`, `full`, `filled`, `unfilled`, `ended`"
    ),
]


class Happening(Part, frozen=True):
    """One thing that happens: a fact, one that is withdrawn, or the end; `then` is all that follows from it."""

    do: FactKind | Literal["withdraw", "end"]
    id: Annotated[str, Meta(description="of the fact; `withdraw` names one that was")] = ""
    by: Annotated[int, Meta(ge=0, description="the member")] = 0
    unit: Annotated[Count | None, Meta(description="whose count it is, where that is not the member")] = None
    on: date = date(2026, 6, 1)
    at: TimeOfDay = "20:00"
    fen: int = 0
    units: int = 0
    points: int = 0
    of: tuple[str, ...] = ()
    nonce: str = ""
    day_fen: Annotated[int, Meta(description="of a price that was agreed: the day's")] = 0
    answer: Annotated[str, Meta(description="of the `end`: what was guessed, known only now")] = ""
    own: bool = False
    first_order: bool = False
    late: bool = False
    then: tuple[Outcome, ...] = ()


class Scenario(Part, frozen=True):
    """Happenings in their order, and what the run's count is in the end."""

    tells: Annotated[str, Meta(min_length=1, description="what it shows, in one sentence")]
    opener: int = 0
    seed: str = "of the scenario"
    began: TimeOfDay = "20:00"
    answer: Annotated[str, Meta(description="sealed at the beginning")] = ""
    happens: Annotated[tuple[Happening, ...], Meta(min_length=1)]
    total: int


class Scenarios(Part, frozen=True):
    """A scenario file."""

    scenario: Annotated[tuple[Scenario, ...], Meta(min_length=1)]


def read_scenarios(text: str | bytes) -> tuple[Scenario, ...]:
    """The scenarios of a file; PlayMalformed says where it is wrong."""
    try:
        return msgspec.toml.decode(text, type=Scenarios).scenario
    except (msgspec.ValidationError, msgspec.DecodeError) as wrong:
        reason, _, place = str(wrong).partition(" - at ")
        raise PlayMalformed(place=place.strip("`") or "$", reason=reason) from wrong


def played(definition: Definition, scenario: Scenario) -> tuple[list[Sequence[Effect]], int]:
    """What follows from each happening, and what the run's count is in the end."""
    play = Play(definition)
    began = Happening(do="end").on.toordinal() * 24 * 60 + minute_of(scenario.began)
    run = play.run(1, scenario.seed.encode().ljust(32, b"."), began=began, answer=scenario.answer)
    board = Board(play, run, opener=scenario.opener)
    follows = [_done(board, happening, number) for number, happening in enumerate(scenario.happens)]
    return follows, board.run.total


def differences(definition: Definition, scenario: Scenario) -> list[str]:
    """Where the play does otherwise than its scenario says; none when it is as told."""
    follows, total = played(definition, scenario)
    wrong = []
    for number, (happening, effects) in enumerate(zip(scenario.happens, follows, strict=True)):
        told, done = sorted(happening.then), sorted(map(outcome, effects))
        if told != done:
            wrong.append(f"happens[{number}] {happening.do}: told {told}, but {done}")
    if total != scenario.total:
        wrong.append(f"total: told {scenario.total}, but {total}")
    return wrong


def outcome(effect: Effect) -> str:
    """An effect as scenarios write it."""
    match effect:
        case Given(fen=0, price_fen=0):
            return f"+{effect.unit} #{effect.reward}"
        case Given():
            who, fen = effect.member or effect.unit, effect.fen or effect.price_fen
            return f"+{who} #{effect.reward} ¥{fen // 100}.{fen % 100:02d}"
        case Taken():
            return f"-{effect.unit} #{effect.reward}"
        case Ended():
            return effect.how
        case Full():
            return "full"
        case _:
            return f"level {effect.after}"


def _done(board: Board, happening: Happening, number: int) -> Sequence[Effect]:
    if happening.do == "end":
        return board.end(happening.answer)
    if happening.do == "withdraw":
        return board.withdraw(happening.id)
    return board.hear(
        Fact(
            id=happening.id or f"{happening.do}:{number}",
            kind=happening.do,
            member=happening.by,
            unit=happening.unit or happening.by,
            on=happening.on.toordinal(),
            minute=minute_of(happening.at),
            fen=happening.fen,
            units=happening.units,
            points=happening.points,
            of=happening.of,
            nonce=happening.nonce,
            is_opener=bool(board.opener) and happening.by == board.opener,
            is_first_order=happening.first_order,
            is_on_time=not happening.late,
            is_own=happening.own,
            day_fen=happening.day_fen,
        )
    )
