"""How far it is from one place to another, without a road map: great circles and a detour factor."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

EARTH_M = 6_371_008.8
BASIS = 10_000

Whole = NDArray[np.int64]
Real = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Place:
    """A spot on earth in degrees."""

    lat: float
    lng: float


class Roads(Protocol):
    """Metres and seconds between numbered places."""

    def table(self, rows: Sequence[int]) -> tuple[Whole, Whole]:
        """Metres and seconds between every two of these places, square."""
        ...

    def leg(self, one: int, other: int) -> tuple[int, int]:
        """Metres and seconds from one place to another: the table's figures."""
        ...

    def flat(self, rows: Sequence[int]) -> Real:
        """The places on a plane, for neighbourhood only; two columns."""
        ...


class GreatCircle:
    """Great-circle distances times the detour of real roads, rounded up to whole metres, at one speed."""

    def __init__(self, places: Sequence[Place], *, detour_bps: int, metres_per_hour: int) -> None:
        if min(detour_bps, metres_per_hour) < 1:
            raise ValueError("roads have a length and a speed above zero")
        degrees = np.array([(place.lat, place.lng) for place in places], dtype=np.float64).reshape(-1, 2)
        lat, lng = np.radians(degrees[:, 0]), np.radians(degrees[:, 1])
        self._spots: Real = np.column_stack([np.cos(lat) * np.cos(lng), np.cos(lat) * np.sin(lng), np.sin(lat)])
        self._flat: Real = np.column_stack([lng * np.cos(lat.mean() if len(lat) else 0.0), lat]) * EARTH_M
        self._detour = detour_bps / BASIS
        self._speed = metres_per_hour

    def table(self, rows: Sequence[int]) -> tuple[Whole, Whole]:
        spots = self._spots[np.asarray(rows, dtype=np.intp)]
        return self._measure(spots[:, None, :] - spots[None, :, :])

    def leg(self, one: int, other: int) -> tuple[int, int]:
        metres, seconds = self._measure(self._spots[one] - self._spots[other])
        return int(metres), int(seconds)

    def flat(self, rows: Sequence[int]) -> Real:
        return self._flat[np.asarray(rows, dtype=np.intp)]

    def _measure(self, gaps: Real) -> tuple[Any, Any]:
        chords = np.sqrt((gaps**2).sum(axis=-1))
        angles = 2 * np.arcsin(np.minimum(1.0, chords / 2))
        metres = np.ceil(angles * (EARTH_M * self._detour)).astype(np.int64)
        return metres, metres * 3600 // self._speed


class Measured:
    """Distances that somebody else measured; `spots` are the places on a plane, needed only to part many stops."""

    def __init__(self, metres: Any, seconds: Any, *, spots: Any = None) -> None:
        self._metres: Whole = np.asarray(metres, dtype=np.int64)
        self._seconds: Whole = np.asarray(seconds, dtype=np.int64)
        self._spots: Real = np.asarray(np.zeros((len(self._metres), 2)) if spots is None else spots, dtype=np.float64)

    def table(self, rows: Sequence[int]) -> tuple[Whole, Whole]:
        chosen = np.ix_(rows, rows)
        return np.ascontiguousarray(self._metres[chosen]), np.ascontiguousarray(self._seconds[chosen])

    def leg(self, one: int, other: int) -> tuple[int, int]:
        return int(self._metres[one, other]), int(self._seconds[one, other])

    def flat(self, rows: Sequence[int]) -> Real:
        return self._spots[np.asarray(rows, dtype=np.intp)]


def road_metres(one: Place, other: Place, *, detour_bps: int) -> int:
    """Great-circle distance times the detour of real roads, rounded up."""
    lat, other_lat = math.radians(one.lat), math.radians(other.lat)
    half_lat, half_lng = (other_lat - lat) / 2, math.radians(other.lng - one.lng) / 2
    chord = math.sin(half_lat) ** 2 + math.cos(lat) * math.cos(other_lat) * math.sin(half_lng) ** 2
    return math.ceil(2 * EARTH_M * math.asin(math.sqrt(min(1.0, chord))) * detour_bps / BASIS)
