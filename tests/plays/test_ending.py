"""How runs end: by the clock, when they are full, with an answer that was sealed or is known only then."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime

import pytest

from lintuan.kernel import clock
from lintuan.kernel.money import Money
from lintuan.plays import commands, queries
from lintuan.plays.catalogue import plays as shipped
from lintuan.plays.engine.definition import Limits, Participants
from lintuan.plays.engine.draws import sealed
from lintuan.plays.engine.progress import Haggle, Reach
from lintuan.plays.engine.rewards import Price
from lintuan.plays.engine.wallet import Priced
from lintuan.plays.events import RunEnded
from lintuan.plays.models import Grant
from lintuan.plays.types import Deed, Happening, RunState
from tests.make import campaigns as make
from tests.make import leaders, members, plays, pricing
from tests.make.campaigns import COUPON
from tests.make.ordering import EVENING
from tests.make.provinces import HUBEI, province
from tests.ordering.log import announced

pytestmark = pytest.mark.django_db

Clock = Callable[[str], datetime]


@pytest.fixture(autouse=True)
def evening(clock_at: Clock) -> None:
    clock_at(EVENING)
    province()


def test_a_run_that_is_full_ends_at_once_and_the_next_order_finds_no_room() -> None:
    play = plays.definition(
        Reach(levels=(2,)), [COUPON], closes="when_full", participants=Participants(reach="point", seats=2),
        limits=Limits(budget_fen=5000),
    )  # fmt: skip
    make.running(play)
    people, point = members.members(3), leaders.point()

    assert make.hear(*(make.paid(one, point=point) for one in people)) == 2

    assert [event.how for event in announced(RunEnded)] == ["filled"]
    assert make.only_run().state == RunState.OVER
    assert make.grants() == [(one.id, "coupon", "given") for one in people[:2]]
    assert make.hear(make.paid(people[2], point=point)) == 0


def test_an_answer_is_sealed_before_the_first_guess_and_shown_after_the_last() -> None:
    point, (lin, wang) = leaders.point(), members.members(2)
    for one in (lin, wang):
        leaders.choose(one, point)
    riddle = shipped()["hide-and-guess"]
    campaign = make.running(riddle, point_ids=[point.id], content={"answer": "3"}, leader_id=point.leader_id)
    right, wrong = (
        commands.act(one, province_id=HUBEI, deed=Deed(campaign.id, "answered", of=(guess,)))
        for one, guess in ((lin, "3"), (wang, "2"))
    )
    before = queries.run(HUBEI, right.run_id)
    assert (before.answer, len(before.sealed)) == ("", 64)
    assert (len(right.grant_ids), len(wrong.grant_ids)) == (1, 0)

    commands.stop_play(leaders.leader_of(point), province_id=HUBEI, campaign_id=campaign.id)
    make.end()

    after = queries.run(HUBEI, right.run_id)
    assert after.answer == "3"
    assert sealed(bytes.fromhex(after.seed), after.answer) == before.sealed


def test_a_price_that_is_guessed_is_judged_when_it_is_known(clock_at: Clock) -> None:
    point, (near, far) = leaders.point(), members.members(2)
    goods = pricing.offer(300, sale_on=date(2026, 11, 21))
    play = shipped()["guess-price"]
    make.running(play, point_ids=[point.id], sku_ids=[goods.sku_id], starts_at=clock.now())
    for one, guess in ((near, "302"), (far, "390")):
        leaders.choose(one, point)
        commands.act(one, province_id=HUBEI, deed=Deed(make_id(), "answered", of=(guess,)))
    assert make.grants() == []

    clock_at("2026-11-21T10:00+08:00")
    make.end()

    assert make.grants() == [(near.id, "coupon", "given"), (near.id, "coupon", "given")]
    assert queries.run(HUBEI, make.only_run().id).answer == "300"


def make_id() -> int:
    (campaign,) = queries.campaigns_of_province(HUBEI)
    return campaign.id


def test_a_price_that_was_agreed_is_good_for_one_unit_of_the_next_order() -> None:
    price = Price(price_bps=8000, most_fen=400)
    play = plays.definition(
        Haggle(floor_bps=8000, rounds=3), [price], counts=(plays.counting("offered"),), limits=Limits(budget_fen=5000)
    )
    make.running(play, sku_ids=[5])
    point, lin = leaders.point(), members.member()
    offered = Happening(
        key="offered:1", kind="offered", member_id=lin.id, at=clock.now(), point_id=point.id, fen=850, day_fen=1000
    )

    assert make.hear(offered) == 1

    assert Grant.objects.get().price == Money(850)
    order = make.paid(lin, 2000, point=point, sku_id=5)
    line = Priced(offer_id=1, sku_id=5, units=2, fen=2000)
    found, _ = queries.savings(order, HUBEI, [line])
    assert [(use.kind, use.fen) for use in found.uses] == [("play", 150)]
