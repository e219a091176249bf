from __future__ import annotations

import pytest

from lintuan.kernel.callers import SYSTEM
from lintuan.kernel.errors import NotFound
from lintuan.leaders import commands, queries
from tests.make import leaders as make
from tests.make.provinces import ANHUI, HUBEI, province

pytestmark = pytest.mark.django_db


def test_the_nearest_open_points_come_first() -> None:
    near = make.point(lat=30.55, lng=114.30)
    far = make.point(lat=30.65, lng=114.30)
    middle = make.point(lat=30.60, lng=114.30)
    resting = make.point(lat=30.54, lng=114.30)
    commands.rest_point(SYSTEM, province_id=HUBEI, point_id=resting.id)

    found = queries.nearest(HUBEI, 30.54, 114.30, limit=2)

    assert [one.point for one in found] == [near, middle]
    assert [one.distance_m for one in found] == [1112, 6672]
    assert far not in [one.point for one in found]


def test_points_to_choose_from_are_found_by_words_and_rest_last() -> None:
    resting = make.point(lat=30.54, lng=114.30, name="东湖一店")
    open_there = make.point(lat=30.65, lng=114.30, name="东湖二店", address="Luojia Road 9")
    closed = make.point(lat=30.54, lng=114.30, name="东湖三店")
    elsewhere = make.point(lat=30.55, lng=114.30, name="光谷")
    commands.rest_point(SYSTEM, province_id=HUBEI, point_id=resting.id)
    commands.close_point(SYSTEM, province_id=HUBEI, point_id=closed.id)

    def found(words: str, **given) -> list[tuple[int, int | None]]:
        return [(view.id, metres) for view, metres in queries.choosable(HUBEI, words, **given)]

    assert found("东湖") == [(open_there.id, None), (resting.id, None)]
    assert found("东湖", spot=(30.54, 114.30)) == [(resting.id, 0), (open_there.id, 12231)]
    assert found("luojia 东湖") == [(open_there.id, None)]
    assert found("", spot=(30.54, 114.30), limit=2) == [(resting.id, 0), (elsewhere.id, 1112)]
    assert found("\0\ud800nowhere") == []


def test_nothing_is_near_in_a_province_without_points() -> None:
    province(ANHUI)
    make.point(HUBEI)

    assert queries.nearest(ANHUI, 31.8, 117.2) == []


def test_points_and_leaders_of_another_province_are_not_found() -> None:
    view = make.point(HUBEI)

    with pytest.raises(NotFound):
        queries.point(ANHUI, view.id)
    with pytest.raises(NotFound):
        queries.leader(ANHUI, view.leader_id)
    assert queries.points_of_leader(ANHUI, view.leader_id) == []


def test_a_leader_is_known_by_phone_in_their_province_only() -> None:
    view = make.point(leader_phone="13800008000", leader_name="张姐")

    leader = queries.leader_by_phone(HUBEI, "138-0000-8000")

    assert leader == queries.leader(HUBEI, view.leader_id)
    assert leader is not None
    assert leader.name == view.leader_name == "张姐"
    assert queries.leader_by_phone(ANHUI, "13800008000") is None


def test_lists_of_points_cost_one_query(django_assert_num_queries: object) -> None:
    make.points(3)

    with django_assert_num_queries(1):  # type: ignore[operator]
        assert len(queries.points(HUBEI)) == 3
