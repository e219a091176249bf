"""Past evenings of a point, and plays tried on them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta

import pytest
from msgspec.structs import replace

from lintuan.kernel.callers import Caller
from lintuan.leaders.types import PointView
from lintuan.ordering import commands
from lintuan.ordering.queries import past_evenings
from lintuan.plays import queries as plays
from lintuan.plays.engine.simulation import Ask, NotEnough, NotShown, Outcome
from lintuan.plays.types import Bought, Happening, NewCampaign, PastEvening
from tests.make import leaders, members, pricing
from tests.make import ordering as make
from tests.make.provinces import HUBEI

pytestmark = pytest.mark.django_db

Clock = Callable[[str], datetime]
NEXT = date(2026, 11, 21)
ASK = Ask(days=7, seed=20_261_120)


@pytest.fixture(autouse=True)
def evening(clock_at: Clock) -> None:
    clock_at(make.EVENING)


@pytest.fixture
def point() -> PointView:
    return leaders.point()


def close(clock_at: Clock, on: date = make.SALE_ON) -> None:
    clock_at(f"{on.isoformat()}T23:10+08:00")
    make.close_day(on)


def test_an_evening_holds_what_stood_in_the_end(clock_at: Clock, point: PointView) -> None:
    goods, lin, wang = pricing.offer(1000), members.member(), members.member()
    first = make.paid_order(make.line(goods, 2), member=lin, point=point)
    second = make.paid_order(make.line(goods), member=lin, point=point)
    refunded = make.paid_order(make.line(goods), member=wang, point=point)
    commands.cancel_order(wang, province_id=HUBEI, order_id=refunded.id)
    make.order(make.line(goods), member=wang, point=point)
    make.paid_order(make.line(goods), point=leaders.point())
    close(clock_at)

    (only,) = past_evenings(HUBEI, [point.id], before=NEXT)

    assert (only.sale_on, only.point_id) == (make.SALE_ON, point.id)
    assert [(one.order_id, one.member_id, one.is_first_order, one.lines) for one in only.happenings] == [
        (first.id, lin.id, True, (Bought(goods.sku_id, 2, 2000),)),
        (second.id, lin.id, False, (Bought(goods.sku_id, 1, 1000),)),
    ]


def test_tonight_is_not_past(clock_at: Clock, point: PointView) -> None:
    make.paid_order(make.line(pricing.offer()), point=point)

    assert past_evenings(HUBEI, [point.id], before=NEXT) == ()
    close(clock_at)
    assert past_evenings(HUBEI, [point.id], before=make.SALE_ON) == ()


def test_an_evening_on_which_nobody_bought_is_one_and_those_before_the_first_order_are_none(
    clock_at: Clock, point: PointView
) -> None:
    elsewhere = leaders.point()
    make.paid_order(make.line(pricing.offer()), point=elsewhere)
    close(clock_at)
    clock_at("2026-11-21T20:00+08:00")
    make.paid_order(make.line(pricing.offer()), point=point)
    close(clock_at, NEXT)

    found = past_evenings(HUBEI, [point.id, elsewhere.id], before=date(2026, 11, 22))

    assert [(one.sale_on, one.point_id, len(one.happenings)) for one in found] == [
        (make.SALE_ON, elsewhere.id, 1), (NEXT, point.id, 1), (NEXT, elsewhere.id, 0),
    ]  # fmt: skip
    assert len(past_evenings(HUBEI, [elsewhere.id], before=date(2026, 11, 22), most=1)) == 1


def a_past(point: PointView, buyers: list[Caller], days: int = 30, fen: int = 4000) -> list[PastEvening]:
    """So many evenings on which all of them bought for so much."""
    found = []
    for ago in range(days, 0, -1):
        on = make.SALE_ON - timedelta(days=ago)
        at = datetime.fromisoformat(f"{on.isoformat()}T20:00+08:00")
        happenings = tuple(
            Happening(
                key=f"order:{ago}-{one.id}", kind="paid", member_id=one.id, at=at, point_id=point.id,
                order_id=ago * 1000 + one.id, lines=(Bought(7, 1, fen),),
            )
            for one in buyers
        )  # fmt: skip
        found.append(PastEvening(on, point.id, happenings))
    return found


def tried(point: PointView, evenings: list[PastEvening], code: str, ask: Ask = ASK, **given: object) -> object:
    plan = NewCampaign(point_ids=(point.id,), **given)  # type: ignore[arg-type]
    return plays.rehearsal(HUBEI, plays.play(HUBEI, code), plan, evenings, ask)


def test_a_rehearsal_has_a_band_and_the_same_seed_gives_the_same(point: PointView) -> None:
    past = a_past(point, members.members(25))

    found = tried(point, past, "target-relay")

    assert isinstance(found, Outcome)
    assert (found.days, found.evenings, found.circles) == (7, 30, 25)
    assert found.most_cost.low <= found.most_cost.middle <= found.most_cost.high
    assert found == tried(point, past, "target-relay")
    assert found.rounds == ASK.worlds * ASK.futures


def test_only_goods_that_the_play_is_about_count(point: PointView) -> None:
    past = a_past(point, members.members(25))

    found = tried(point, past, "target-relay", sku_ids=(8,))

    assert isinstance(found, NotEnough)
    assert (found.reason, found.has) == ("circles", 0)


@pytest.mark.parametrize(("days", "buyers", "reason"), [(5, 25, "evenings"), (30, 5, "circles"), (0, 5, "evenings")])
def test_too_little_is_said_to_be_too_little(point: PointView, days: int, buyers: int, reason: str) -> None:
    found = tried(point, a_past(point, members.members(buyers), days), "target-relay")

    assert isinstance(found, NotEnough)
    assert found.reason == reason


def test_what_nobody_recorded_is_not_shown(point: PointView) -> None:
    found = tried(point, a_past(point, members.members(25)), "counter-help")

    assert isinstance(found, NotShown)
    assert found.kinds == ("scanned",)


def test_whose_building_it_was_nobody_knows_of_the_past(point: PointView) -> None:
    found = tried(point, a_past(point, members.members(25)), "building-contest")

    assert isinstance(found, NotEnough)


def test_a_real_evening_becomes_a_rehearsed_one(clock_at: Clock, point: PointView) -> None:
    goods = pricing.offer(6000)
    make.paid_order(make.line(goods), point=point)
    close(clock_at)
    (real,) = past_evenings(HUBEI, [point.id], before=NEXT)
    evenings = [replace(real, sale_on=make.SALE_ON - timedelta(days=ago)) for ago in range(30)]

    found = tried(point, evenings, "target-relay")

    assert isinstance(found, NotEnough)
    assert (found.reason, found.has) == ("circles", 1)
