"""Rewards that were held, and the person who decides on them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from typing import Any

import pytest
from django.db import transaction

from lintuan.kernel.callers import Caller
from lintuan.kernel.errors import CannotMove, Forbidden, Invalid, NotFound
from lintuan.kernel.money import Money
from lintuan.plays import commands, queries
from lintuan.plays.engine.definition import Definition, Limits, Participants
from lintuan.plays.engine.progress import Rank, Reach
from lintuan.plays.engine.rewards import Chance, Goods, Points, Rebate, Uplift
from lintuan.plays.events import CommissionRaised, RewardGiven, RewardReviewed, SavingEarned, TicketsGiven
from lintuan.plays.models import Budget, Grant, Purse
from lintuan.plays.types import GrantDecision
from tests.make import campaigns as make
from tests.make import leaders, members, plays, provinces
from tests.make.campaigns import COUPON
from tests.make.provinces import HUBEI
from tests.ordering.log import announced
from tests.side_by_side import aside, until_waiting

pytestmark = pytest.mark.django_db(transaction=True)

Clock = Callable[[str], datetime]

ONCE = Reach(levels=(1,), of="unit")
GIVE, DENY = GrantDecision.GIVE, GrantDecision.DENY
WHY = [{"signal": "device", "zh": "同一台设备上另有 2 个账号领过", "en": "2 other accounts on this device"}]


@pytest.fixture(autouse=True)
def evening(clock_at: Clock, transactional_db: None) -> None:
    clock_at("2026-11-20T19:00+08:00")
    provinces.province()


def held(play: Definition, **order: Any) -> Grant:
    """A reward of a member's first order, as the guard leaves it."""
    make.running(play)
    make.hear(make.paid(members.member(), point=leaders.point(), **order))
    grant = Grant.objects.get()
    kept = {"cost": Money(500)} if grant.kind == "rebate" else {}
    Grant.objects.filter(province_id=HUBEI, id=grant.id).update(state="held", why=WHY, **kept)
    return Grant.objects.get()


def decide(grant: Grant, decision: GrantDecision, *, by: Caller | None = None, note: str = "looked at") -> int:
    return commands.decide_grant(
        by or provinces.staff("plays.edit"), province_id=HUBEI, grant_id=grant.id, decision=decision, note=note
    )


def coupons(**others: Any) -> Definition:
    return plays.definition(ONCE, [COUPON], **{"limits": Limits(budget_fen=10_000, day_budget_fen=900), **others})


def test_what_is_given_late_lasts_as_long_as_if_it_had_been_given_then(clock_at: Clock) -> None:
    grant = held(coupons())
    clock_at("2026-11-24T09:00+08:00")

    decide(grant, GIVE)

    (now,) = Grant.objects.all()
    assert (now.state, now.expires_on, now.why) == ("given", date(2026, 12, 1), WHY)
    assert {(row.kind, row.spent) for row in Budget.objects.all()} == {("play", 200), ("day", 200)}
    (reviewed,) = announced(RewardReviewed)
    assert (reviewed.grant_id, reviewed.decision, reviewed.note) == (grant.id, "give", "looked at")
    assert [event.grant_id for event in announced(RewardGiven)][-1:] == [grant.id]


def test_what_is_denied_costs_no_budget_anything() -> None:
    grant = held(coupons())

    decide(grant, DENY)

    (now,) = Grant.objects.all()
    assert (now.state, now.cost, now.worth) == ("denied", Money(0), Money(0))
    assert {(row.kind, row.spent) for row in Budget.objects.all()} == {("play", 0), ("day", 0)}
    assert announced(RewardReviewed)[0].decision == "deny"


def test_goods_that_are_denied_are_there_for_others() -> None:
    eggs = Goods(sku="eggs", units=2, worth_fen=100)
    grant = held(plays.definition(ONCE, [eggs], limits=Limits(budget_fen=1000, stock=7)))
    assert {(row.kind, row.spent) for row in Budget.objects.all()} == {("play", 200), ("stock", 2)}

    decide(grant, DENY)

    assert {(row.kind, row.spent) for row in Budget.objects.all()} == {("play", 0), ("stock", 0)}


def test_points_go_into_the_purse() -> None:
    grant = held(plays.definition(ONCE, [Points(points=30)]))
    Purse.objects.all().delete()

    decide(grant, GIVE)

    assert queries.points(HUBEI, grant.member_id) == 30


def test_tickets_are_told_to_the_play_that_they_are_of() -> None:
    grant = held(plays.definition(ONCE, [Chance(play="wheel", tickets=3)]))

    decide(grant, GIVE)

    assert [(event.grant_id, event.play, event.tickets) for event in announced(TicketsGiven)][-1:] == [
        (grant.id, "wheel", 3)
    ]


def a_rebate_held() -> Grant:
    play = plays.definition(ONCE, [Rebate(share_bps=1000, most_fen=500)], limits=Limits(budget_fen=1000))
    grant = held(play, fen=2000)
    Budget.objects.update(spent=500)
    return grant


@pytest.mark.parametrize("is_over", [False, True])
def test_a_rebate_is_paid_back_once_it_is_given(is_over: bool) -> None:
    grant = a_rebate_held()
    before = len(announced(SavingEarned))
    if is_over:
        commands.stop_play(provinces.staff(), province_id=HUBEI, campaign_id=grant.campaign_id)
        assert make.end() == 1

    decide(grant, GIVE)

    (now,) = Grant.objects.all()
    assert (now.state, now.spent) == ("used", Money(200))
    assert [event.fen for event in announced(SavingEarned)[before:]] == [200]
    assert Budget.objects.get().spent == 200


def test_commission_of_a_run_that_is_over_is_raised_by_what_was_counted() -> None:
    play = plays.definition(
        Rank(places=(1,)),
        [Uplift(bps=1000, most_fen=300)],
        counts=(plays.counting("paid", "fen"),),
        participants=Participants(reach="leader", unit="leader"),
        limits=Limits(budget_fen=1000),
    )
    campaign = make.running(play)
    make.hear(make.paid(members.member(), 2000, point=leaders.point()))
    commands.stop_play(provinces.staff(), province_id=HUBEI, campaign_id=campaign.id)
    make.end()
    Grant.objects.update(state="held", worth=Money(0), spent=Money(0))
    before = len(announced(CommissionRaised))

    decide(Grant.objects.get(), GIVE)

    assert [event.fen for event in announced(CommissionRaised)[before:]] == [200]
    assert Grant.objects.get().state == "used"


def test_nobody_decides_twice() -> None:
    grant = held(coupons())
    decide(grant, DENY)

    with pytest.raises(CannotMove):
        decide(grant, GIVE)

    assert Grant.objects.get().state == "denied"
    assert len(announced(RewardReviewed)) == 1


def test_it_takes_the_right_a_reason_and_a_reward() -> None:
    grant = held(coupons())

    with pytest.raises(Forbidden):
        decide(grant, GIVE, by=provinces.staff("leaders.edit"))
    with pytest.raises(Invalid):
        decide(grant, DENY, note="  ")
    with pytest.raises(NotFound):
        commands.decide_grant(provinces.staff(), province_id=HUBEI, grant_id=grant.id + 1, decision=GIVE)

    assert Grant.objects.get().state == "held"


def test_of_two_who_decide_at_once_the_second_is_told() -> None:
    grant, staff = held(coupons()), provinces.staff("plays.edit")

    with transaction.atomic():
        decide(grant, GIVE, by=staff)
        second = aside(lambda: decide(grant, DENY, by=staff))
        until_waiting()

    assert second.result(20) is CannotMove
    assert Grant.objects.get().state == "given"
    assert Budget.objects.get(kind="play").spent == 200


def test_an_order_refunded_meanwhile_takes_the_reward_with_it() -> None:
    make.running(coupons())
    order = make.paid(members.member(), point=leaders.point())
    make.hear(order)
    Grant.objects.update(state="held", why=WHY)
    grant, staff = Grant.objects.get(), provinces.staff("plays.edit")

    with transaction.atomic():
        make.withdraw(order)
        second = aside(lambda: decide(grant, GIVE, by=staff))
        until_waiting()

    assert second.result(20) is CannotMove
    assert Grant.objects.get().state == "taken"
    assert Budget.objects.get(kind="play").spent == 0
