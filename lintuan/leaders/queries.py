from __future__ import annotations

import heapq
from collections.abc import Iterable, Mapping, Sequence

from django.db.models import Count, Q, QuerySet

from lintuan.kernel.errors import NotFound
from lintuan.kernel.memory import remembered
from lintuan.members.queries import read_phone

from . import rules
from .errors import PointClosed, PointResting
from .models import GroupMember, Leader, PickupPoint
from .types import Kept, LeaderState, LeaderView, NearPoint, PointState, PointView


@remembered(10.0)
def point(province_id: int, point_id: int) -> PointView:
    """A pickup point in any state, as it was within the last seconds: for showing it."""
    return point_now(province_id, point_id)


def point_now(province_id: int, point_id: int) -> PointView:
    """A pickup point as it stands: for deciding who may act there."""
    row = _points(province_id).filter(id=point_id).first()
    if row is None:
        raise NotFound(thing="point")
    return _view(row)


def open_point(province_id: int, point_id: int) -> PointView:
    """A point that takes orders; refused while it rests or when it is closed."""
    view = point_now(province_id, point_id)
    require_open(view)
    return view


def require_open(view: PointView) -> None:
    """Refuse a point that takes no orders as it was seen."""
    if view.state is PointState.RESTING:
        raise PointResting(point=view.code)
    if view.state is PointState.CLOSED:
        raise PointClosed(point=view.code)


def points(province_id: int) -> Sequence[PointView]:
    """All points of a province in any state, by code."""
    return [_view(row) for row in _points(province_id).order_by("code")]


def kept(province_id: int, point_ids: Iterable[int]) -> dict[int, Kept]:
    """Who keeps each of these points and where it lies; unknown ones are left out."""
    rows = PickupPoint.objects.filter(province_id=province_id, id__in=list(point_ids))
    found = rows.values_list("id", "leader_id", "district_code")
    return {point_id: Kept(leader_id, district) for point_id, leader_id, district in found}


def points_of_leader(province_id: int, leader_id: int) -> Sequence[PointView]:
    """The points that one leader keeps, by code."""
    return [_view(row) for row in _points(province_id).filter(leader_id=leader_id).order_by("code")]


def choosable(
    province_id: int, words: str = "", *, spot: tuple[float, float] | None = None, limit: int = 200
) -> Sequence[tuple[PointView, int | None]]:
    """The points one may collect at whose name or address has all the words, and how many metres they are from a spot:
    the nearest first, else those that rest last.
    """
    places = PickupPoint.objects.filter(province_id=province_id).exclude(state=PointState.CLOSED.value)
    for word in rules.searched(words):
        places = places.filter(Q(name__icontains=word) | Q(name_en__icontains=word) | Q(address__icontains=word))
    rows = places.values_list("id", "lat", "lng", "state", "code")
    if spot is None:
        found = [(row[0], None) for row in sorted(rows, key=lambda row: (row[3] != PointState.OPEN.value, row[4]))]
        chosen: list[tuple[int, int | None]] = list(found[:limit])
    else:
        distances = ((rules.distance_m(spot, (row[1], row[2])), row[0]) for row in rows)
        chosen = [(point_id, metres) for metres, point_id in heapq.nsmallest(limit, distances)]
    views = {row.id: _view(row) for row in _points(province_id).filter(id__in=[point_id for point_id, _ in chosen])}
    return [(views[point_id], metres) for point_id, metres in chosen]


def nearest(province_id: int, lat: float, lng: float, limit: int = 20) -> Sequence[NearPoint]:
    """The open points nearest to a spot, the nearest first."""
    places = PickupPoint.objects.filter(province_id=province_id, state=PointState.OPEN.value)
    rows = places.values_list("id", "lat", "lng")
    distances = ((rules.distance_m((lat, lng), (row[1], row[2])), row[0]) for row in rows)
    near = heapq.nsmallest(limit, distances)
    views = {row.id: _view(row) for row in _points(province_id).filter(id__in=[point_id for _, point_id in near])}
    return [NearPoint(views[point_id], distance) for distance, point_id in near]


def point_of_member(province_id: int, member_id: int) -> PointView | None:
    """Where a member collects at present."""
    chosen = GroupMember.objects.filter(province_id=province_id, member_id=member_id).first()
    return point(province_id, chosen.point_id) if chosen else None


def group_sizes(province_id: int) -> Mapping[int, int]:
    """How many members collect at each point; points without any are left out."""
    rows = GroupMember.objects.filter(province_id=province_id).values_list("point_id").annotate(Count("id"))
    return dict(rows)


def group_size(province_id: int, point_id: int) -> int:
    """How many members collect at one point."""
    return GroupMember.objects.filter(province_id=province_id, point_id=point_id).count()


def leader(province_id: int, leader_id: int) -> LeaderView:
    row = Leader.objects.filter(province_id=province_id, id=leader_id).first()
    if row is None:
        raise NotFound(thing="leader")
    return _leader(row)


def names(province_id: int, leader_ids: Iterable[int]) -> Mapping[int, str]:
    """What leaders are called, by id; unknown ones are left out."""
    rows = Leader.objects.filter(province_id=province_id, id__in=list(leader_ids))
    return dict(rows.values_list("id", "name"))


def leader_by_phone(province_id: int, phone: str) -> LeaderView | None:
    """The active leader of a phone in this province."""
    row = Leader.objects.filter(
        province_id=province_id, phone=read_phone(phone), state=LeaderState.ACTIVE.value
    ).first()
    return _leader(row) if row else None


def _points(province_id: int) -> QuerySet[PickupPoint]:
    return PickupPoint.objects.filter(province_id=province_id).select_related("leader")


def _view(row: PickupPoint) -> PointView:
    return PointView(
        id=row.id,
        province_id=row.province_id,
        code=row.code,
        name=row.name,
        name_en=row.name_en,
        address=row.address,
        district_code=row.district_code,
        lat=row.lat,
        lng=row.lng,
        leader_id=row.leader_id,
        leader_name=row.leader.name,
        state=PointState(row.state),
    )


def _leader(row: Leader) -> LeaderView:
    return LeaderView(row.id, row.province_id, row.phone, row.name, LeaderState(row.state))
