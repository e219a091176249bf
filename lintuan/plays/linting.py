"""What must be in order before a play may start."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from .engine.definition import Definition
from .engine.soundness import circles
from .errors import PlayUnsound
from .types import NewCampaign


def require(province_id: int, play: Definition, plan: NewCampaign, at: datetime) -> list[dict[str, Any]]:
    """The findings that a person should know; PlayRefused where one forbids the start."""
    return []


def require_no_circle(plays: Mapping[str, Definition], code: str) -> None:
    """Refuse a play that would feed others which feed it."""
    for fault in circles(plays):
        if code in fault.reason.en:
            raise PlayUnsound(place=fault.place, reason=fault.reason.en, reason_zh=fault.reason.zh)
