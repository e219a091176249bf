"""Figures and days as people write them in forms."""

from __future__ import annotations

import re
from datetime import date

from lintuan.kernel.errors import Invalid

from .words import spoken

FIGURE = re.compile(r"(\d{1,9})(?:\.(\d{1,2}))?", re.ASCII)


def hundredths(text: str) -> int:
    """A figure with up to two decimals, in hundredths: yuan in fen, per cent in basis points; Invalid for others."""
    match = FIGURE.fullmatch(text.strip().removesuffix("%").strip())
    if match is None:
        raise Invalid(reason=spoken(f"“{text}”应如 8.5", f"{text!r} should be like 8.5"))
    return int(match[1]) * 100 + int((match[2] or "0").ljust(2, "0"))


def day(text: str) -> date:
    """A day like 2026-11-20; Invalid for others."""
    try:
        return date.fromisoformat(text)
    except ValueError as wrong:
        raise Invalid(reason=spoken(f"“{text}”不是日期", f"{text!r} is not a day")) from wrong


def percent(bps: int) -> str:
    """Basis points as people read them: 850 is 8.50 %."""
    return f"{bps // 100}.{bps % 100:02d} %"
