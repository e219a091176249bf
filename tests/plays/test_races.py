"""Plays under real transactions side by side."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import pytest
from django.db import transaction

from lintuan.kernel.money import Money
from lintuan.plays import commands
from lintuan.plays.catalogue import plays as catalogue
from lintuan.plays.engine.definition import Counting, Limits, Participants
from lintuan.plays.engine.progress import First, Reach
from lintuan.plays.engine.rewards import Cash, Goods
from lintuan.plays.errors import NotCounted, SavingChanged
from lintuan.plays.models import Budget, Grant
from lintuan.plays.papers import gift_code
from lintuan.plays.types import Deed
from tests.make import campaigns as make
from tests.make import leaders, members, plays
from tests.make.campaigns import COUPON
from tests.make.provinces import HUBEI, province
from tests.plays.test_savings import flash, take
from tests.side_by_side import aside, until_waiting

pytestmark = pytest.mark.django_db(transaction=True)

Clock = Callable[[str], datetime]


@pytest.fixture(autouse=True)
def evening(clock_at: Clock, transactional_db: None) -> None:
    clock_at("2026-11-20T19:00+08:00")
    province()


def test_two_points_at_once_do_not_pass_the_budget_that_they_share() -> None:
    once = Reach(levels=(1,), of="unit")
    make.running(plays.definition(once, [COUPON], limits=Limits(budget_fen=300)))
    (here, there), (lin, wang) = leaders.points(2), members.members(2)

    with transaction.atomic():
        make.hear(make.paid(lin, point=here))
        second = aside(lambda: make.hear(make.paid(wang, point=there)))
        until_waiting()

    assert second.result(20) == 1
    assert sorted(Grant.objects.values_list("state", flat=True)) == ["denied", "given"]
    assert Budget.objects.get().spent == 200


def test_many_at_once_leave_no_budget_exceeded_and_no_reward_twice() -> None:
    make.running(plays.definition(First(places=50), [Goods(sku="eggs", worth_fen=100)],
                                  limits=Limits(budget_fen=1000, stock=7, day_budget_fen=900)))  # fmt: skip
    points, people = leaders.points(3), members.members(24)
    orders = [make.paid(one, point=points[place % 3]) for place, one in enumerate(people)]

    waiting = [aside(lambda some=orders[start::4]: make.hear(*some, *some)) for start in range(4)]

    assert sum(one.result(60) for one in waiting) == 24
    given = Grant.objects.filter(state="given")
    assert given.count() == 7
    assert {(row.kind, row.spent) for row in Budget.objects.all()} == {("play", 700), ("stock", 7), ("day", 700)}


def test_the_last_place_of_a_price_goes_to_one() -> None:
    flash()
    point, (lin, wang) = leaders.point(), members.members(2)

    with transaction.atomic():
        assert take(make.paid(lin, 1000, point=point, sku_id=5), 300) == Money(300)
        late = make.paid(wang, 1000, point=point, sku_id=5)
        second = aside(lambda: take(late, 300))
        until_waiting()

    assert second.result(20) is SavingChanged


def test_a_coupon_is_not_used_on_two_orders_at_once() -> None:
    point, lin = leaders.point(), members.member()
    make.running(plays.definition(Reach(levels=(1,), of="unit"), [COUPON], limits=Limits(budget_fen=300)), sku_ids=[9])
    make.hear(make.paid(lin, point=point, sku_id=9))
    first, second = (make.paid(lin, 1001, point=point) for _ in range(2))

    with transaction.atomic():
        take(first, 200)
        other = aside(lambda: take(second, 200))
        until_waiting()

    assert other.result(20) is SavingChanged


def test_one_of_two_who_type_the_same_gift_code_at_once_gets_it() -> None:
    card = make.running(catalogue()["gift-code"])
    lin, wang = members.members(2)
    code = Deed(campaign_id=card.id, kind="redeemed", code=gift_code(card, 1))

    with transaction.atomic():
        commands.act(lin, province_id=HUBEI, deed=code, key="lin")
        second = aside(lambda: commands.act(wang, province_id=HUBEI, deed=code, key="wang"))
        until_waiting()

    assert second.result(20) is NotCounted
    assert make.grants() == [(lin.id, "cash", "given")]
    assert Budget.objects.get(kind="play").spent == 500


def test_a_gift_code_is_good_once_however_many_runs_its_campaign_has() -> None:
    play = plays.definition(First(places=9), [Cash(fen=100)], counts=(Counting(fact="redeemed", most=1),),
                            participants=Participants(reach="point"), limits=Limits(budget_fen=900))  # fmt: skip
    card, (lin, wang) = make.running(play), members.members(2)
    for one, point in zip((lin, wang), leaders.points(2), strict=True):
        leaders.choose(one, point)
    code = Deed(campaign_id=card.id, kind="redeemed", code=gift_code(card, 1))

    with transaction.atomic():
        commands.act(lin, province_id=HUBEI, deed=code, key="lin")
        second = aside(lambda: commands.act(wang, province_id=HUBEI, deed=code, key="wang"))
        until_waiting()

    assert second.result(20) is NotCounted
    assert make.grants() == [(lin.id, "cash", "given")]
