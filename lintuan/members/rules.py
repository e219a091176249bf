"""Phones, codes and how often one may ask for them."""

from __future__ import annotations

import math
import re
from datetime import datetime, timedelta

from .errors import PhoneInvalid

CODE_LIFE = timedelta(minutes=5)
CODE_PAUSE = timedelta(seconds=60)
CODE_TRIES = 5
#: At most this many codes a phone and window, so that guessing stays hopeless and a phone is not flooded.
CODES_PER_WINDOW = 10
CODE_WINDOW = timedelta(hours=24)

#: A member's token lasts from tonight's order to tomorrow's pickup; rights must not outlive a working day.
MEMBER_ACCESS_LIFE = timedelta(hours=24)
ACCESS_LIFE = timedelta(hours=12)
REFRESH_LIFE = timedelta(days=30)

LONGEST_NAME = 40
FORGOTTEN_NAME = "已注销"

_MOBILE = re.compile(r"1[3-9]\d{9}")


def read_phone(text: str) -> str:
    """A mainland mobile number in its eleven digits, however it was typed."""
    digits = re.sub(r"[\s-]", "", text)
    digits = re.sub(r"^(\+86|0086|86(?=1\d{10}$))", "", digits)
    if not (digits.isascii() and _MOBILE.fullmatch(digits)):
        raise PhoneInvalid(phone=text[:20])
    return digits


def mask_phone(phone: str) -> str:
    """What others may see of a phone: 138****8000."""
    return f"{phone[:3]}****{phone[-4:]}" if len(phone) >= 8 else "****"


def mask_name(name: str) -> str:
    """What others may see of a name: its first sign."""
    return f"{name[:1]}**" if name else "**"


def member_name(name: str, phone: str) -> str:
    """The name given, or one that neighbours can be told apart by."""
    return name.strip()[:LONGEST_NAME] or f"邻居{phone[-4:]}"


def seconds_until_code(now: datetime, *, sent_at: datetime, window_from: datetime, sent_in_window: int) -> int:
    """How long to wait before another code may be sent, 0 for not at all."""
    free_at = sent_at + CODE_PAUSE
    if sent_in_window >= CODES_PER_WINDOW:
        free_at = max(free_at, window_from + CODE_WINDOW)
    return max(0, math.ceil((free_at - now).total_seconds()))
