from __future__ import annotations

from collections.abc import Mapping, Sequence

from lintuan.kernel import changes, clock
from lintuan.kernel.callers import Caller, Kind
from lintuan.kernel.commands import command
from lintuan.kernel.errors import Forbidden, Invalid, NotFound, SignInNeeded
from lintuan.kernel.events import announce, announce_all
from lintuan.kernel.states import require_move
from lintuan.members.queries import active_member, members, read_phone
from lintuan.provinces.queries import province

from . import queries, rules
from .events import PointChosen, PointRegistered, PointRested, PointResumed, PointShut
from .models import GroupMember, Leader, PickupPoint
from .types import LeaderState, NewChoice, NewPoint, PointState

MOST_AT_ONCE = 1000

PointEvent = type[PointRested] | type[PointResumed] | type[PointShut]


@command
def register_points(
    caller: Caller, *, province_id: int, points: tuple[NewPoint, ...], key: str | None = None
) -> dict[str, int]:
    """Put points and their leaders on the map, or correct known ones by code; answers ids by code. States stay."""
    caller.require("leaders.edit", province_id)
    province(province_id)
    _require_few(points)
    rules.check_points(province_id, points)
    leader_ids = _register_leaders(province_id, {read_phone(point.leader_phone): point.leader_name for point in points})
    rows = [_row(province_id, point, leader_ids[read_phone(point.leader_phone)]) for point in points]
    PickupPoint.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["province_id", "code"],
        update_fields=["name", "name_en", "address", "district_code", "lat", "lng", "leader"],
    )
    changes.tell("leaders", province_id)
    announce_all(
        PointRegistered(province_id=province_id, point_id=row.id, leader_id=row.leader_id, code=row.code)
        for row in rows
    )
    return {row.code: row.id for row in rows}


@command
def rest_point(caller: Caller, *, province_id: int, point_id: int, key: str | None = None) -> int:
    """Take no new orders at a point for now; what is ordered is still delivered and handed out there."""
    return _move(caller, (province_id, point_id), PointState.RESTING, PointRested)


@command
def resume_point(caller: Caller, *, province_id: int, point_id: int, key: str | None = None) -> int:
    """Take orders at a resting point again."""
    return _move(caller, (province_id, point_id), PointState.OPEN, PointResumed)


@command
def close_point(caller: Caller, *, province_id: int, point_id: int, key: str | None = None) -> int:
    """Close a point for good; what is ordered is still delivered and handed out there."""
    return _move(caller, (province_id, point_id), PointState.CLOSED, PointShut)


@command
def choose_point(caller: Caller, *, province_id: int, point_id: int, key: str | None = None) -> int:
    """Let the member who calls collect at this point from now on."""
    caller.require_kind(Kind.MEMBER)
    if caller.province_id != province_id:
        raise Forbidden
    active_member(province_id, caller.id)
    queries.open_point(province_id, point_id)
    _place_in_groups(province_id, {caller.id: point_id})
    return point_id


@command
def choose_points(caller: Caller, *, province_id: int, choices: tuple[NewChoice, ...], key: str | None = None) -> int:
    """Place members whom staff brought over at their points; answers how many."""
    caller.require("members.import", province_id)
    _require_few(choices)
    wanted = {choice.member_id: choice.point_id for choice in choices}
    open_ids = {view.id for view in queries.points(province_id) if view.state is PointState.OPEN}
    if not set(wanted.values()) <= open_ids:
        raise NotFound(thing="point")
    if not wanted.keys() <= members(province_id, wanted.keys()).keys():
        raise NotFound(thing="member")
    _place_in_groups(province_id, wanted)
    return len(wanted)


def _place_in_groups(province_id: int, point_by_member: Mapping[int, int]) -> None:
    now = clock.now()
    GroupMember.objects.bulk_create(
        [
            GroupMember(province_id=province_id, member_id=member_id, point_id=point_id, joined_at=now)
            for member_id, point_id in sorted(point_by_member.items())
        ],
        update_conflicts=True,
        unique_fields=["province_id", "member_id"],
        update_fields=["point", "joined_at"],
    )
    announce_all(
        PointChosen(province_id=province_id, member_id=member_id, point_id=point_id)
        for member_id, point_id in sorted(point_by_member.items())
    )


def _register_leaders(province_id: int, names: Mapping[str, str]) -> dict[str, int]:
    rows = [
        Leader(province_id=province_id, phone=phone, name=name, state=LeaderState.ACTIVE.value)
        for phone, name in sorted(names.items())
    ]
    Leader.objects.bulk_create(
        rows, update_conflicts=True, unique_fields=["province_id", "phone"], update_fields=["name"]
    )
    return {row.phone: row.id for row in rows}


def _move(caller: Caller, place: tuple[int, int], to: PointState, event: PointEvent) -> int:
    row = _own_point(caller, *place)
    require_move(rules.NEXT, PointState(row.state), to)
    row.state = to.value
    row.save()
    changes.tell("leaders", row.province_id)
    announce(event(province_id=row.province_id, point_id=row.id))
    return row.id


def _own_point(caller: Caller, province_id: int, point_id: int) -> PickupPoint:
    if caller.kind is Kind.NOBODY:
        raise SignInNeeded
    row = PickupPoint.objects.select_for_update().filter(province_id=province_id, id=point_id).first()
    is_ours = row is not None and caller.is_leader(province_id, row.leader_id)
    if row is None or not (is_ours or caller.may("leaders.edit", province_id)):
        raise NotFound(thing="point")
    return row


def _row(province_id: int, point: NewPoint, leader_id: int) -> PickupPoint:
    return PickupPoint(
        province_id=province_id,
        code=point.code,
        name=point.name,
        name_en=point.name_en,
        address=point.address,
        district_code=point.district_code,
        lat=point.lat,
        lng=point.lng,
        leader_id=leader_id,
    )


def _require_few(things: Sequence[object]) -> None:
    if len(things) > MOST_AT_ONCE:
        raise Invalid(reason=f"<= {MOST_AT_ONCE}")
