"""What counts lead to: the G codes of the catalogue, each a rule of its own with its own figures."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta

from .values import Bps, Code, Count, Part, Ppm, Text

Levels = Annotated[tuple[Count, ...], Meta(min_length=1, max_length=12, description="rising")]


class Reach(Part, frozen=True, tag_field="kind", tag="reach"):
    """G1, G2, G10: a sum reaches level after level, of the whole run or of each unit."""

    levels: Levels
    of: Literal["run", "unit"] = "run"
    #: A meter that is full begins anew: k times around counts k times.
    again: bool = False
    or_units: Annotated[
        tuple[Count, ...], Meta(max_length=12, description="so many units reach the level as well, one per level")
    ] = ()


class Fall(Part, frozen=True, tag_field="kind", tag="fall"):
    """G3: a price that falls to a floor: by the run's count for all alike, or by the minute at which one buys."""

    by: Literal["count", "minutes"]
    levels: Levels
    #: The price at each level, of the day's price.
    price_bps: Annotated[tuple[Bps, ...], Meta(min_length=1, max_length=12, description="falling, one per level")]


class Haggle(Part, frozen=True, tag_field="kind", tag="haggle"):
    """G3: buyer and leader name prices in turn within a band; where they meet is the price."""

    floor_bps: Bps
    rounds: Annotated[int, Meta(ge=1, le=9)]


class Collect(Part, frozen=True, tag_field="kind", tag="collect"):
    """G4: so many different ones of a set."""

    of: Annotated[tuple[Code, ...], Meta(max_length=60, description="the set; empty: any kinds of goods")] = ()
    levels: Levels


class Streak(Part, frozen=True, tag_field="kind", tag="streak"):
    """G5: days in a row, or weeks (from Monday), or months."""

    levels: Levels
    every: Literal["day", "week", "month"] = "day"
    rest_days: Annotated[int, Meta(ge=0, le=6, description="days, weeks or months that may be missed")] = 0
    again: Annotated[bool, Meta(description="after the last level it begins anew")] = False


class Rank(Part, frozen=True, tag_field="kind", tag="rank"):
    """G6: the order of units at the end; equals share the better place."""

    places: Annotated[tuple[Count, ...], Meta(min_length=1, max_length=12, description="the last place of each level")]
    least: Annotated[Count, Meta(description="of what counts; of a mean, of what it is taken over")] = 1
    by: Annotated[Literal["sum", "mean"], Meta(description="`mean`: the sum by the base")] = "sum"


class Prize(Part, frozen=True):
    """One line of the prize table: its chance in a million, or so many winners when the run ends."""

    name: Text
    odds_ppm: Ppm | None = None
    winners: Count | None = None
    stock: Count | None = None


class Draw(Part, frozen=True, tag_field="kind", tag="draw"):
    """G7: tickets and prizes, by a seed whose hash was published before."""

    prizes: Annotated[tuple[Prize, ...], Meta(min_length=1, max_length=12)]
    ticket_every: Annotated[Count, Meta(description="so much of what counts makes a ticket")] = 1
    when: Annotated[Literal["at_once", "at_end"], Meta(description="`at_once` by odds, `at_end` so many winners")] = (
        "at_once"
    )
    least: Annotated[Count, Meta(description="tickets; with fewer nothing is drawn at the end")] = 1
    one_each: Annotated[bool, Meta(description="at the end a unit wins once at most")] = False


class First(Part, frozen=True, tag_field="kind", tag="first"):
    """G8: the first so many within the time."""

    places: Count


class Quiz(Part, frozen=True, tag_field="kind", tag="quiz"):
    """G9: points of answers, of a guess or of a game, level after level."""

    levels: Levels
    #: A guess counts as many points as it is near: all within `near`, none from `far` on, in units of what is guessed.
    #: Without them only the answer itself is right.
    near: Annotated[int, Meta(ge=0)] | None = None
    far: Annotated[int, Meta(ge=1)] | None = None


class Vote(Part, frozen=True, tag_field="kind", tag="vote"):
    """G11: entries with most votes at the end; equals share the better place."""

    winners: Count = 1
    least: Count = 1


Progress = Reach | Fall | Haggle | Collect | Streak | Rank | Draw | First | Quiz | Vote
