"""Plays of leaders over HTTP."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest

from lintuan.kernel.ids import public_id
from lintuan.leaders.types import PointView
from lintuan.pricing.types import OfferView
from tests.make import campaigns, leaders, members, ordering, pricing
from tests.make.http import Api
from tests.make.provinces import HUBEI

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def evening(clock_at: Callable[[str], datetime]) -> None:
    clock_at(ordering.EVENING)


@pytest.fixture
def point() -> PointView:
    return leaders.point()


@pytest.fixture
def goods(point: PointView) -> OfferView:
    return pricing.offer(2000, cost_fen=500)


@pytest.fixture
def leader(point: PointView) -> Api:
    return Api(leaders.leader_of(point))


def plan(point: PointView, *about: OfferView, **more: Any) -> dict[str, Any]:
    ids = [public_id("offer", HUBEI, offer.id) for offer in about]
    return {"point": public_id("point", HUBEI, point.id), "about": ids, **more}


def test_the_shelf_tells_by_aim_what_may_start_on_a_channel(leader: Api, point: PointView, goods: OfferView) -> None:
    where = f"point={public_id('point', HUBEI, point.id)}&aim=newcomers"

    _, in_groups = leader.get(f"/leader/plays?{where}&channel=wechat_group")
    _, on_alipay = leader.get(f"/leader/plays?{where}&channel=alipay")

    told = [{one["code"]: one for one in shelf} for shelf in (in_groups, on_alipay)]
    assert {one["aim"] for one in in_groups} == {"newcomers"}
    assert [plays["cut-price"]["may_start"] for plays in told] == [False, True]
    assert told[0]["cut-price"]["findings"][0]["rewrite"] == "counter-help"
    assert "code" in told[1]["cut-price"]["forms"]


def test_a_play_is_checked_refused_rewritten_started_seen_and_stopped(
    leader: Api, point: PointView, goods: OfferView
) -> None:
    wish = plan(point, goods)
    _, checked = leader.post("/leader/plays/cut-price/check", wish)
    status, refused = leader.post("/leader/plays/cut-price/start", wish, key="a")

    assert (checked["may_start"], checked["about"], checked["channel"]) == (False, wish["about"][0], "wechat_group")
    assert (status, refused["code"], refused["facts"]["rule"]) == (422, "play_refused", "A10")
    assert refused["facts"]["reason"] in refused["title"]
    assert checked["findings"][0]["reason"] == refused["facts"]["reason"]
    rewrite = refused["facts"]["rewrite"]

    started, campaign = leader.post(f"/leader/plays/{rewrite}/start", wish, key="b")
    assert (started, campaign["code"], campaign["state"], campaign["orders"]) == (201, "counter-help", "live", 0)
    assert leader.post(f"/leader/plays/{rewrite}/start", wish, key="b") == (started, campaign)
    assert [one["id"] for one in leader.get("/leader/campaigns")[1]] == [campaign["id"]]

    address = f"/leader/campaigns/{campaign['id']}"
    assert leader.post(f"{address}/stop")[1]["state"] == "stopped"
    assert leader.get(address)[1]["state"] == "stopped"


def test_what_a_leader_started_is_told_as_neighbours_find_it(leader: Api, point: PointView, goods: OfferView) -> None:
    _, campaign = leader.post("/leader/plays/spend-and-save/start", plan(point, goods), key="k")

    _, here = Api(members.member()).get(f"/points/{public_id('point', HUBEI, point.id)}/plays")

    assert [one["id"] for one in here["plays"]] == [campaign["id"]]


def test_a_campaign_tells_its_orders_and_what_it_costs(leader: Api, point: PointView, goods: OfferView) -> None:
    _, campaign = leader.post("/leader/plays/spend-and-save/start", plan(point, goods), key="k")
    lin = members.member()
    campaigns.hear(campaigns.paid(lin, 6000, point=point, sku_id=goods.sku_id))

    _, found = leader.get(f"/leader/campaigns/{campaign['id']}")

    assert (found["orders"], found["people"], found["sold_fen"], found["open_runs"]) == (1, 1, 6000, 1)
    assert [one["gives"] for one in found["given"]] == ["up to 2.00 yuan back"] * 2
    assert found["promised_fen"] == sum(one["promised_fen"] for one in found["given"]) == 400
    assert {line["kind"]: line["spent"] for line in found["budgets"]} == {"play": 400, "day": 400}


def test_a_play_ends_when_its_leader_said(leader: Api, point: PointView, goods: OfferView) -> None:
    wish = plan(point, goods, until="2026-11-22T23:00+08:00")

    assert leader.post("/leader/plays/target-relay/check", wish)[1]["until"] == "2026-11-22T23:00:00+08:00"
    _, campaign = leader.post("/leader/plays/target-relay/start", wish, key="k")
    assert datetime.fromisoformat(campaign["ends_at"]) == datetime.fromisoformat(wish["until"])
    past = plan(point, goods, until="2026-11-19T23:00+08:00")
    assert leader.post("/leader/plays/target-relay/start", past, key="l")[0] == 422


def test_too_little_past_is_told_as_that(leader: Api, point: PointView, goods: OfferView) -> None:
    _, found = leader.post("/leader/plays/target-relay/rehearse", plan(point, goods))

    assert (found["known"], found["outcome"]) == (False, {})
    assert "0 comparable evenings" in found["reason"]


def test_only_its_own_leader_sees_a_campaign_and_a_point(leader: Api, point: PointView, goods: OfferView) -> None:
    wish = plan(point, goods)
    _, campaign = leader.post("/leader/plays/target-relay/start", wish, key="k")
    address = f"/leader/campaigns/{campaign['id']}"
    other = Api(leaders.leader_of(leaders.point()))

    for path in (address, f"/leader/plays?point={wish['point']}"):
        assert other.get(path)[0] == 404
    assert [other.post(f"{address}/stop")[0], other.post("/leader/plays/target-relay/start", wish)[0]] == [404, 404]
    assert Api(members.member()).get(address)[0] == 404
    assert Api(members.member()).get("/leader/campaigns")[0] == 403
    assert Api().get("/leader/campaigns")[0] == 401


@pytest.mark.parametrize(
    ("change", "status"),
    [({"channel": "chat"}, 422), ({"about": ["nothing"]}, 404), ({"goods": {"eggs": "x"}}, 404), ({"point": "x"}, 404)],
)
def test_a_plan_of_what_there_is_not_is_refused(
    leader: Api, point: PointView, goods: OfferView, change: dict[str, Any], status: int
) -> None:
    assert leader.post("/leader/plays/target-relay/check", plan(point, goods) | change)[0] == status


def test_a_play_that_nobody_wrote_is_not_there(leader: Api, point: PointView, goods: OfferView) -> None:
    assert leader.post("/leader/plays/no-such-play/check", plan(point, goods))[0] == 404
