from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Call:
    """A merchant's request whose signature has been checked."""

    content: str
    notify_url: str
    return_url: str = ""
