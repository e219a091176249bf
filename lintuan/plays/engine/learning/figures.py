"""What people set of learning: group types, spreads to begin with, how offers are drawn, and limits of harm."""

from __future__ import annotations

from typing import Annotated

import msgspec
from msgspec import Meta

from lintuan.plays.engine.values import Code, Count, Part, Words
from lintuan.plays.errors import PlayMalformed

from .believing import Spread
from .guarding import Guard
from .offering import Taste

KINDS = ("town", "county")


class Band(Part, frozen=True):
    """Groups of fewer members than `below`, and not of the bands before; the last one is open."""

    name: Code
    below: Count | None = None


class Places(Part, frozen=True):
    """Up to which last two digits a district of GB/T 2260 is a town's."""

    town_most: Annotated[int, Meta(ge=1, le=99)]


class LearningRules(Part, frozen=True):
    """The figures, with where they come from."""

    source: Words
    window_days: Count
    bands: Annotated[tuple[Band, ...], Meta(min_length=1)]
    places: Places
    spread: Spread
    taste: Taste
    guards: tuple[Guard, ...]

    @property
    def group_types(self) -> tuple[str, ...]:
        return tuple(f"{kind}-{band.name}" for kind in KINDS for band in self.bands)

    def group_type(self, members: int, district_code: str) -> str:
        """The type of a group of so many members in a district (GB/T 2260, six digits)."""
        kind = KINDS[int(district_code[4:]) > self.places.town_most]
        band = next(band for band in self.bands if band.below is None or members < band.below)
        return f"{kind}-{band.name}"


def read_learning(text: str | bytes) -> LearningRules:
    """The figures of a file; PlayMalformed names the place where they make no sense."""
    try:
        rules = msgspec.toml.decode(text, type=LearningRules)
    except (msgspec.ValidationError, msgspec.DecodeError) as wrong:
        reason, _, place = str(wrong).partition(" - at ")
        raise PlayMalformed(place=place.strip("`") or "$", reason=reason) from wrong
    limits = [band.below for band in rules.bands]
    known = [limit for limit in limits[:-1] if limit is not None]
    if limits[-1] is not None or len(known) < len(limits) - 1 or known != sorted(set(known)):
        raise PlayMalformed(place="$.bands", reason="they rise, and the last one alone is open")
    return rules
