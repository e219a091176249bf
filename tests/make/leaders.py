"""Leaders and pickup points for tests."""

from __future__ import annotations

import itertools
from dataclasses import replace

from lintuan.kernel.callers import SYSTEM, Caller, Kind
from lintuan.leaders import commands, queries
from lintuan.leaders.types import NewPoint, PointView
from tests.make.members import phone
from tests.make.provinces import HUBEI, province

_numbers = itertools.count(1)


def new_point(province_id: int = HUBEI, **changes: object) -> NewPoint:
    """A point in Wuhan's Wuchang district (or the first district elsewhere) that is not registered yet."""
    number = next(_numbers)
    point = NewPoint(
        code=f"P{number:04d}",
        name=f"东湖{number}号自提点",
        name_en=f"East Lake {number}",
        address=f"珞珈路{number}号",
        district_code="420106" if province_id == HUBEI else f"{province_id}0102",
        lat=30.54 + number % 50 / 1000,
        lng=114.30 + number % 70 / 1000,
        leader_name="王阿姨",
        leader_phone=phone(),
    )
    return replace(point, **changes)  # type: ignore[arg-type]


def point(province_id: int = HUBEI, **changes: object) -> PointView:
    """An open pickup point of a trading province, with a leader of its own."""
    province(province_id)
    wanted = new_point(province_id, **changes)
    ids = commands.register_points(SYSTEM, province_id=province_id, points=(wanted,))
    return queries.point(province_id, ids[wanted.code])


def points(count: int, province_id: int = HUBEI) -> list[PointView]:
    """Several points, each with its own leader."""
    return [point(province_id) for _ in range(count)]


def leader_of(view: PointView) -> Caller:
    """The signed-in leader of a point."""
    return Caller(Kind.LEADER, view.leader_id, view.province_id)


def choose(member: Caller, view: PointView) -> None:
    """Let a member collect at a point."""
    commands.choose_point(member, province_id=view.province_id, point_id=view.id)
