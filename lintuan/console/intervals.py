"""An interval as a picture: where zero is, what would be too small to matter, and where the truth may lie."""

from __future__ import annotations

import math
from collections.abc import Iterable

from lintuan.plays.engine.learning.comparing import Look

#: Of the picture; the scale is symmetric around zero, so that left is always worse.
WIDTH, HEIGHT, EDGE = 300, 34, 6


def reach(looks: Iterable[Look], matters: float) -> float:
    """How far a picture goes from zero: the same for all arms of a trial, so that they can be compared."""
    ends = (abs(end) for look in looks for end in (look.low, look.high) if math.isfinite(end))
    return max((matters * 1.25, *ends))


def picture(look: Look, matters: float, most: float) -> dict[str, float] | None:
    """Places from the left for an SVG of WIDTH units; none where nothing bounds the truth yet."""
    if not (math.isfinite(look.low) and math.isfinite(look.high)):
        return None

    def place(fen: float) -> float:
        return round(WIDTH / 2 + fen / most * (WIDTH / 2 - EDGE), 1)

    return {
        "width": WIDTH,
        "height": HEIGHT,
        "zero": place(0),
        "low": place(look.low),
        "high": place(look.high),
        "span": round(place(look.high) - place(look.low), 1),
        "at": place(look.difference),
        "small": place(-matters),
        "small_span": round(place(matters) - place(-matters), 1),
    }
