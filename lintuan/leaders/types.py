"""What the other rooms know of leaders and pickup points."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple


class LeaderState(StrEnum):
    ACTIVE = "active"
    LEFT = "left"


class PointState(StrEnum):
    OPEN = "open"
    RESTING = "resting"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class NewPoint:
    """A pickup point and the leader who keeps it; `district_code` is a GB/T 2260 code of the province."""

    code: str
    name: str
    name_en: str
    address: str
    district_code: str
    lat: float
    lng: float
    leader_name: str
    leader_phone: str


@dataclass(frozen=True, slots=True)
class NewChoice:
    """A member and the point they collect at."""

    member_id: int
    point_id: int


@dataclass(frozen=True, slots=True)
class LeaderView:
    """A group leader."""

    id: int
    province_id: int
    phone: str
    name: str
    state: LeaderState


@dataclass(frozen=True, slots=True)
class PointView:
    """A pickup point; coordinates are degrees."""

    id: int
    province_id: int
    code: str
    name: str
    name_en: str
    address: str
    district_code: str
    lat: float
    lng: float
    leader_id: int
    leader_name: str
    state: PointState

    @property
    def city_code(self) -> str:
        """The city of its district, by GB/T 2260."""
        return f"{self.district_code[:4]}00"


class Kept(NamedTuple):
    """Who keeps a point, and the GB/T 2260 code of its district."""

    leader_id: int
    district_code: str


@dataclass(frozen=True, slots=True)
class NearPoint:
    """A point and how far it is as the crow flies, in metres."""

    point: PointView
    distance_m: int
