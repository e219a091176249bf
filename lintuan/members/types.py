"""What the other rooms know of members."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

#: The privacy notice in force; whoever agreed to an older one is asked again.
NOTICE_VERSION = "2026-11-24"
#: What a consent to it is of.
PRIVACY = "privacy"


class MemberState(StrEnum):
    ACTIVE = "active"
    FORGOTTEN = "forgotten"


@dataclass(frozen=True, slots=True)
class NewMember:
    """A person brought over from another list."""

    phone: str
    name: str = ""


@dataclass(frozen=True, slots=True)
class MemberView:
    """A person who buys; a forgotten one has neither phone nor name of their own."""

    id: int
    province_id: int
    phone: str
    name: str
    joined_at: datetime
    state: MemberState


@dataclass(frozen=True, slots=True)
class ConsentView:
    """Agreement to one version of a notice."""

    item: str
    version: str
    given_at: datetime


@dataclass(frozen=True, slots=True)
class MemberExport:
    """All that this room keeps about a person."""

    member: MemberView
    consents: tuple[ConsentView, ...]
    sessions_opened_at: tuple[datetime, ...]
    devices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class OpenSession:
    """Who a session speaks for, and the refresh token that is good for one use."""

    kind: str
    subject_id: int
    province_id: int
    refresh: str
    expires_at: datetime
