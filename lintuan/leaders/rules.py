"""Where a point may lie, how far it is, and which states follow each other."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from .errors import PointRefused
from .types import NewPoint, PointState

EARTH_RADIUS_M = 6_371_008.8

#: Degrees between which China lies.
LATITUDES = (3.0, 54.0)
LONGITUDES = (73.0, 136.0)

NEXT: Mapping[PointState, tuple[PointState, ...]] = {
    PointState.OPEN: (PointState.RESTING, PointState.CLOSED),
    PointState.RESTING: (PointState.OPEN, PointState.CLOSED),
    PointState.CLOSED: (),
}

MOST_WORDS = 5

LONGEST: Mapping[str, int] = {"code": 20, "name": 60, "name_en": 80, "address": 200, "leader_name": 40}


def check_points(province_id: int, points: Sequence[NewPoint]) -> None:
    """Refuse a list with a code twice, or with a point that lies outside of the province's districts or of China."""
    for code, times in Counter(point.code for point in points).items():
        if times > 1:
            raise PointRefused(code=code, reason=f"code x {times}")
    for point in points:
        reason = next(_faults(province_id, point), None)
        if reason:
            raise PointRefused(code=point.code, reason=reason)


def searched(text: str) -> list[str]:
    """The words to look for in what somebody typed, without what no text can hold."""
    kept = "".join(sign for sign in text if sign != "\0" and not "\ud800" <= sign <= "\udfff")
    return kept.split()[:MOST_WORDS]


def distance_m(one: tuple[float, float], other: tuple[float, float]) -> int:
    """Metres along the great circle between two (latitude, longitude) pairs in degrees (haversine)."""
    lat_one, lng_one, lat_other, lng_other = map(math.radians, (*one, *other))
    half = (
        math.sin((lat_other - lat_one) / 2) ** 2
        + math.cos(lat_one) * math.cos(lat_other) * math.sin((lng_other - lng_one) / 2) ** 2
    )
    return round(2 * EARTH_RADIUS_M * math.asin(min(1.0, math.sqrt(half))))


def _faults(province_id: int, point: NewPoint) -> Iterator[str]:
    for field, most in LONGEST.items():
        if not 1 <= len(getattr(point, field).strip()) <= most:
            yield f"{field}: 1-{most}"
    code = point.district_code
    if not (len(code) == 6 and code.isascii() and code.isdigit() and code.startswith(str(province_id))):
        yield f"district_code: {province_id}...."
    if not LATITUDES[0] <= point.lat <= LATITUDES[1]:
        yield f"lat: {LATITUDES[0]}-{LATITUDES[1]}"
    if not LONGITUDES[0] <= point.lng <= LONGITUDES[1]:
        yield f"lng: {LONGITUDES[0]}-{LONGITUDES[1]}"
