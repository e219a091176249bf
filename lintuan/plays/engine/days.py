"""Days, weeks and months as numbers that follow each other."""

from __future__ import annotations

from datetime import date
from typing import Literal


def period_of(on: int, every: Literal["day", "week", "month"]) -> int:
    """The number of the period that the day, an ordinal, lies in; weeks begin on Monday, numbers at 1."""
    match every:
        case "day":
            return on
        case "week":
            return (on - 1) // 7 + 1
        case _:
            day = date.fromordinal(on)
            return day.year * 12 + day.month
