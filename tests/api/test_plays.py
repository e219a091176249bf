"""Plays that staff start over HTTP."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest

from lintuan.kernel.ids import public_id
from lintuan.leaders.types import PointView
from lintuan.plays.models import Campaign
from lintuan.pricing.types import OfferView
from tests.make import leaders, members, ordering, pricing
from tests.make.http import Api
from tests.make.provinces import ANHUI, HUBEI, staff

pytestmark = pytest.mark.django_db

WHEEL = "/plays/lucky-wheel/start"


@pytest.fixture(autouse=True)
def evening(clock_at: Callable[[str], datetime]) -> None:
    clock_at(ordering.EVENING)


@pytest.fixture
def point() -> PointView:
    return leaders.point()


@pytest.fixture
def eggs(point: PointView) -> OfferView:
    return pricing.offer(600, cost_fen=500)


def wish(eggs: OfferView, **more: Any) -> dict[str, Any]:
    return {"province_id": HUBEI, "goods": {"eggs-6": public_id("offer", HUBEI, eggs.id)}, **more}


def test_staff_start_a_play_in_the_whole_province(point: PointView, eggs: OfferView) -> None:
    until = "2026-11-30T00:00:00+08:00"

    status, play = Api(staff()).post(WHEEL, wish(eggs, until=until), key="k")

    row = Campaign.objects.get()
    assert (status, play["id"], play["code"]) == (201, public_id("campaign", HUBEI, row.id), "lucky-wheel")
    assert (row.leader_id, row.point_ids, row.goods) == (0, [], {"eggs-6": eggs.sku_id})
    assert row.ends_at == datetime.fromisoformat(until)
    assert Api(staff()).post(WHEEL, wish(eggs, until=until), key="k") == (201, play)
    here = Api().get(f"/points/{public_id('point', HUBEI, point.id)}/plays")[1]["plays"]
    assert [one["id"] for one in here] == [play["id"]]


def test_staff_start_a_play_at_some_points(point: PointView, eggs: OfferView) -> None:
    Api(staff()).post(WHEEL, wish(eggs, points=[public_id("point", HUBEI, point.id)]))

    assert Campaign.objects.get().point_ids == [point.id]


def test_what_is_against_a_rule_is_refused_with_its_rewrite(eggs: OfferView) -> None:
    status, refused = Api(staff()).post("/plays/cut-price/start", {"province_id": HUBEI})

    assert (status, refused["code"], refused["facts"]["rewrite"]) == (422, "play_refused", "counter-help")


def test_a_point_and_an_offer_are_of_the_province(eggs: OfferView) -> None:
    elsewhere = [{"points": [public_id("point", ANHUI, 1)]}, {"points": [public_id("point", HUBEI, 987_654)]}]
    other = {"about": [public_id("offer", ANHUI, eggs.id)]}

    answers = [Api(staff()).post(WHEEL, wish(eggs, **more))[0] for more in (*elsewhere, other)]

    assert answers == [404, 404, 404]
    assert not Campaign.objects.exists()


def test_only_staff_who_may_edit_plays_start_them(point: PointView, eggs: OfferView) -> None:
    others = (members.member(), leaders.leader_of(point), staff("pricing.publish", phone="13900000009"))

    assert {Api(one).post(WHEEL, wish(eggs))[0] for one in others} == {403}
    assert not Campaign.objects.exists()
