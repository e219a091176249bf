"""Moments of a sale day as a province writes them: "23:00" on the day itself, "+1 02:10" on the day after."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

#: Sale days whose moments can be reckoned, whatever lies before and after them.
EARLIEST, LATEST = date(2000, 1, 1), date(2199, 12, 31)

_FORM = re.compile(r"(?:([+-]\d{1,2}) )?(\d{1,2}):(\d{2})")


@dataclass(frozen=True, slots=True, order=True)
class LocalMoment:
    """Minutes from the local midnight that begins the sale day; 24:00 is the midnight that ends it."""

    minutes: int

    @classmethod
    def parse(cls, text: str) -> LocalMoment:
        """Read "23:00", "24:00" or "+1 02:10"; ValueError otherwise."""
        match = _FORM.fullmatch(text)
        if match is None:
            raise ValueError(f"{text!r} is not a moment like 23:00 or +1 02:10")
        days, hours, minutes = int(match[1] or 0), int(match[2]), int(match[3])
        if minutes > 59 or hours * 60 + minutes > 24 * 60:
            raise ValueError(f"{text!r} is past 24:00")
        return cls((days * 24 + hours) * 60 + minutes)

    def __str__(self) -> str:
        if self.minutes == 24 * 60:
            return "24:00"
        days, minutes = divmod(self.minutes, 24 * 60)
        clock_face = f"{minutes // 60:02d}:{minutes % 60:02d}"
        return f"{days:+d} {clock_face}" if days else clock_face

    def on(self, sale_on: date, zone: str) -> datetime:
        """The moment in UTC for one sale day."""
        days, minutes = divmod(self.minutes, 24 * 60)
        face = time(minutes // 60, minutes % 60)
        return datetime.combine(sale_on + timedelta(days=days), face, ZoneInfo(zone)).astimezone(UTC)
