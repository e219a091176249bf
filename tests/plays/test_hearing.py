"""What happens elsewhere, brought to plays that run."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from lintuan.kernel import clock, delivery
from lintuan.kernel.callers import SYSTEM
from lintuan.kernel.delivery import Horizon
from lintuan.kernel.errors import Forbidden
from lintuan.kernel.money import Money
from lintuan.plays import commands, queries
from lintuan.plays.engine.board import Board
from lintuan.plays.engine.definition import Limits, Participants, Trigger
from lintuan.plays.engine.draws import commitment
from lintuan.plays.engine.interpreter import Play
from lintuan.plays.engine.progress import Draw, First, Prize, Rank, Reach
from lintuan.plays.engine.rewards import Chance, Coupon, Goods, Honour, Points, Pot, Rebate
from lintuan.plays.errors import NotForYou, PlayUnknown, RunsTooMany
from lintuan.plays.events import RewardGiven, RewardTaken, RunEnded, SavingEarned
from lintuan.plays.models import Budget, Grant, Run, Tally
from lintuan.plays.playbook import with_tickets
from lintuan.plays.types import Deed, RunState
from tests.make import campaigns as make
from tests.make import leaders, members, plays
from tests.make.campaigns import COUPON
from tests.make.provinces import HUBEI, province
from tests.ordering.log import announced

pytestmark = pytest.mark.django_db

Clock = Callable[[str], datetime]


@pytest.fixture(autouse=True)
def evening(clock_at: Clock) -> None:
    clock_at("2026-11-20T19:00+08:00")
    province()


def coupon_play(**others: object) -> object:
    fields = {"counts": (plays.counting("paid", least_fen=1000),), "limits": Limits(budget_fen=10_000), **others}
    return plays.definition(Reach(levels=(1,), of="unit"), [COUPON], **fields)


def test_an_order_earns_a_coupon_once() -> None:
    make.running(coupon_play())
    lin, point = members.member(), leaders.point()
    order = make.paid(lin, point=point)

    assert make.hear(order, order) == 1
    assert make.hear(order) == 0

    assert make.grants() == [(lin.id, "coupon", "given")]
    assert [event.kind for event in announced(RewardGiven)] == ["coupon"]
    (grant,) = queries.grants_of_member(lin)
    assert (grant.worth, grant.expires_on.isoformat()) == (Money(200), "2026-11-27")


def test_an_order_that_is_cancelled_earned_nothing() -> None:
    make.running(coupon_play())
    lin, point = members.member(), leaders.point()
    order = make.paid(lin, point=point)
    make.hear(order)

    assert make.withdraw(order) == 1
    assert make.withdraw(order) == 0

    assert make.grants() == [(lin.id, "coupon", "taken")]
    assert len(announced(RewardTaken)) == 1
    assert [line.spent for line in queries.budgets(HUBEI, make.only_run().campaign_id)] == [0]


def test_what_was_taken_back_can_be_earned_again() -> None:
    make.running(coupon_play())
    lin, point = members.member(), leaders.point()
    first = make.paid(lin, point=point)
    make.hear(first)
    make.withdraw(first)

    make.hear(make.paid(lin, point=point))

    assert make.grants() == [(lin.id, "coupon", "given")]
    assert Budget.objects.get(kind="play").spent == 200


def test_only_plays_of_the_place_and_the_time_hear() -> None:
    here, there = leaders.points(2)
    make.running(coupon_play(code="here"), point_ids=[here.id])
    make.running(coupon_play(code="later"), starts_at=clock.now() + timedelta(hours=1))
    make.running(coupon_play(code="over"), starts_at=clock.now() - timedelta(hours=2), ends_at=clock.now())
    make.running(coupon_play(code="of-a-leader"), leader_id=there.leader_id)
    make.running(coupon_play(code="other-goods"), sku_ids=[77])
    lin = members.member()

    assert make.hear(make.paid(lin, point=here)) == 1
    assert make.hear(make.paid(lin, point=there)) == 1

    heard = {queries.campaign(HUBEI, row.campaign_id).definition.code for row in Run.objects.all()}
    assert {"here", "of-a-leader"} <= heard
    assert make.grants() == [(lin.id, "coupon", "given"), (lin.id, "coupon", "given")]


def test_a_group_that_fills_gives_everybody_its_price_at_the_end(clock_at: Clock) -> None:
    campaign, point = make.running(make.group()), leaders.point()
    people = members.members(4)
    for one in people:
        leaders.choose(one, point)
    run_id = commands.open_run(people[0], province_id=HUBEI, campaign_id=campaign.id)
    orders = [make.paid(one, 2000, point=point, run_id=run_id) for one in people]

    make.hear(*orders[:3])
    assert make.grants() == [(one.id, "price", "given") for one in people[:3]]
    assert announced(SavingEarned) == []
    clock_at("2026-11-20T23:00+08:00")
    assert make.end() == 1

    assert sorted((event.order_id, event.fen) for event in announced(SavingEarned)) == [
        (order.order_id, 400) for order in orders[:3]
    ]
    assert [event.how for event in announced(RunEnded)] == ["filled"]
    assert Budget.objects.get(kind="play").spent == 1200
    assert make.hear(orders[3]) == 0


def test_a_group_that_stays_unfilled_names_the_orders_to_pay_back(clock_at: Clock) -> None:
    campaign, point, lin = make.running(make.group()), leaders.point(), members.member()
    leaders.choose(lin, point)
    run_id = commands.open_run(lin, province_id=HUBEI, campaign_id=campaign.id)
    order = make.paid(lin, point=point, run_id=run_id)
    make.hear(order)
    clock_at("2026-11-20T23:00+08:00")

    make.end()

    assert queries.run(HUBEI, run_id).state is RunState.UNFILLED
    assert [(event.how, tuple(event.order_ids)) for event in announced(RunEnded)] == [("unfilled", (order.order_id,))]
    assert make.grants() == []


def test_a_refund_of_one_member_of_a_filled_group_leaves_the_others_alone(clock_at: Clock) -> None:
    campaign, point, people = make.running(make.group()), leaders.point(), members.members(4)
    leaders.choose(people[0], point)
    run_id = commands.open_run(people[0], province_id=HUBEI, campaign_id=campaign.id)
    orders = [make.paid(one, 2000, point=point, run_id=run_id) for one in people]
    make.hear(*orders)

    make.withdraw(orders[3])
    clock_at("2026-11-20T23:00+08:00")
    make.end()
    make.withdraw(orders[2])

    assert {event.order_id for event in announced(SavingEarned)} == {order.order_id for order in orders[:3]}
    assert make.grants() == [
        *[(one.id, "price", "used") for one in people[:2]],
        *[(one.id, "price", "taken") for one in people[2:]],
    ]


def test_an_order_of_another_point_does_not_count_in_a_neighbours_group() -> None:
    (here, there), (lin, wang) = leaders.points(2), members.members(2)
    campaign = make.running(make.group())
    leaders.choose(lin, here)
    run_id = commands.open_run(lin, province_id=HUBEI, campaign_id=campaign.id)

    assert make.hear(make.paid(wang, point=there, run_id=run_id)) == 0
    assert make.hear(make.paid(wang, point=here)) == 0
    assert make.hear(make.paid(wang, point=here, run_id=run_id)) == 1


def test_members_open_no_more_runs_than_the_play_allows() -> None:
    campaign, lin = make.running(make.group()), members.member()
    leaders.choose(lin, leaders.point())
    commands.open_run(lin, province_id=HUBEI, campaign_id=campaign.id)

    with pytest.raises(RunsTooMany):
        commands.open_run(lin, province_id=HUBEI, campaign_id=campaign.id)
    with pytest.raises(PlayUnknown):
        commands.open_run(lin, province_id=HUBEI, campaign_id=campaign.id + 1)


def test_nobody_opens_a_run_where_it_is_not_played() -> None:
    here, there = leaders.points(2)
    campaign, lin = make.running(make.group(), point_ids=[there.id]), members.member()
    leaders.choose(lin, here)

    with pytest.raises(NotForYou):
        commands.open_run(lin, province_id=HUBEI, campaign_id=campaign.id)


def test_a_budget_is_never_exceeded_and_what_does_not_fit_is_denied() -> None:
    make.running(coupon_play(limits=Limits(budget_fen=500, day_budget_fen=500)))
    people, point = members.members(4), leaders.point()

    make.hear(*(make.paid(one, point=point) for one in people))

    assert [state for *_, state in make.grants()] == ["given", "given", "denied", "denied"]
    assert {line.kind: line.spent for line in queries.budgets(HUBEI, make.only_run().campaign_id)} == {
        "play": 400, "day": 400,
    }  # fmt: skip


def test_a_day_budget_is_free_again_the_next_day(clock_at: Clock) -> None:
    make.running(coupon_play(limits=Limits(budget_fen=1000, day_budget_fen=200)))
    one, two, three = members.members(3)
    point = leaders.point()
    make.hear(make.paid(one, point=point), make.paid(two, point=point))
    clock_at("2026-11-21T08:00+08:00")

    make.hear(make.paid(three, point=point))

    assert [state for *_, state in make.grants()] == ["given", "denied", "given"]


def test_a_leaders_budget_is_their_own() -> None:
    make.running(coupon_play(limits=Limits(budget_fen=1000, leader_budget_fen=200)))
    one, two, three = members.members(3)
    here, there = leaders.points(2)

    make.hear(make.paid(one, point=here), make.paid(two, point=here), make.paid(three, point=there))

    assert [state for *_, state in make.grants()] == ["given", "denied", "given"]


def test_a_member_gains_no_more_than_the_limits_say(clock_at: Clock) -> None:
    again = Reach(levels=(1,), of="unit", again=True)
    limits = Limits(budget_fen=10_000, per_member_day=1, per_member=2)
    make.running(plays.definition(again, [COUPON], limits=limits))
    lin, point = members.member(), leaders.point()

    for day in (20, 21, 22):
        clock_at(f"2026-11-{day}T19:00+08:00")
        make.hear(make.paid(lin, point=point), make.paid(lin, point=point))

    states = [state for *_, state in make.grants()]
    assert (states.count("given"), states.count("denied")) == (2, 4)


def test_goods_come_while_the_stock_lasts() -> None:
    eggs = Goods(sku="eggs", worth_fen=600)
    limits = Limits(budget_fen=10_000, stock=1)
    make.running(plays.definition(First(places=9), [eggs], limits=limits), goods={"eggs": 3})
    one, two = members.members(2)
    point = leaders.point()

    make.hear(make.paid(one, point=point), make.paid(two, point=point))

    assert [state for *_, state in make.grants()] == ["given", "denied"]


def test_points_lie_in_a_purse_and_go_with_what_earned_them() -> None:
    make.running(plays.definition(Reach(levels=(1,), of="unit"), [Points(points=30)]))
    lin, point = members.member(), leaders.point()
    order = make.paid(lin, point=point)

    make.hear(order)
    assert queries.points(HUBEI, lin.id) == 30
    make.withdraw(order)
    assert queries.points(HUBEI, lin.id) == 0


def test_a_pot_is_shared_among_a_point_when_its_evening_is_over(clock_at: Clock) -> None:
    pot = Pot(fen=1000, most_fen=1000)
    play = plays.definition(
        Reach(levels=(3,)), [pot], trigger=Trigger(kind="clock", every="day", at="18:00", minutes=180),
        limits=Limits(budget_fen=5000),
    )  # fmt: skip
    make.running(play, starts_at=clock.now() - timedelta(hours=2))
    people, point = members.members(3), leaders.point()
    make.hear(*(make.paid(one, point=point) for one in people))
    clock_at("2026-11-20T21:00+08:00")

    make.end()

    assert sorted(row.worth.fen for row in Grant.objects.all()) == [333, 333, 334]
    assert Budget.objects.get(kind="play").spent == 1000


def test_a_draw_shows_its_seed_when_it_is_over_and_can_be_recomputed(clock_at: Clock) -> None:
    prizes = (Prize(name=plays.text("eggs"), odds_ppm=400_000), Prize(name=plays.text("coupon"), odds_ppm=600_000))
    play = plays.definition(
        Draw(prizes=prizes), [Honour(level=0, name=plays.text("eggs")), Honour(level=1, name=plays.text("coupon"))],
        trigger=Trigger(kind="paid", every="day"),
    )  # fmt: skip
    campaign, point = make.running(play), leaders.point()
    for one in members.members(8):
        make.hear(make.paid(one, point=point, nonce=f"phone-{one.id}"))
    before = queries.run(HUBEI, make.only_run().id)
    assert before.seed == ""
    clock_at("2026-11-21T00:30+08:00")
    make.end()

    after = queries.run(HUBEI, before.id)
    assert commitment(bytes.fromhex(after.seed)) == before.commitment == after.commitment
    ready = Play(with_tickets(campaign.definition))
    board = Board(ready, ready.run(after.id, bytes.fromhex(after.seed)))
    board.hear_all(queries.log_of_run(HUBEI, after.id))
    assert {unit: tally.wins for unit, tally in board.tallies.items()} == {
        tally.unit: tally.wins for tally in queries.standings(HUBEI, after.id)
    }


def test_a_ranking_is_decided_at_the_end(clock_at: Clock) -> None:
    play = plays.definition(
        Rank(places=(1,)), [Honour(name=plays.text("first"))], counts=(plays.counting("paid", "fen"),),
        trigger=Trigger(kind="clock", every="day", at="00:00"),
    )  # fmt: skip
    make.running(play)
    (one, two), point = members.members(2), leaders.point()
    make.hear(make.paid(one, 500, point=point), make.paid(two, 900, point=point))
    assert make.grants() == []
    clock_at("2026-11-21T00:10+08:00")

    make.end()

    assert make.grants() == [(two.id, "honour", "given")]


def test_tickets_of_another_play_count_there_and_go_with_what_gave_them() -> None:
    wheel = Draw(prizes=(Prize(name=plays.text("coupon"), odds_ppm=1_000_000),))
    make.running(plays.definition(wheel, [COUPON], code="wheel", counts=(plays.counting("checked_in"),),
                                  limits=Limits(budget_fen=5000)))  # fmt: skip
    make.running(plays.definition(Reach(levels=(1,), of="unit"), [Chance(play="wheel", tickets=2)]))
    lin, point = members.member(), leaders.point()
    order = make.paid(lin, point=point)
    make.hear(order)
    delivery.catch_up(Horizon.OWN)
    assert make.grants(kind="coupon") == [(lin.id, "coupon", "given")] * 2

    make.withdraw(order)
    delivery.catch_up(Horizon.OWN)

    assert make.grants(kind="coupon") == [(lin.id, "coupon", "taken")] * 2


def test_a_level_of_the_whole_run_settles_everybody() -> None:
    play = plays.definition(Reach(levels=(3,)), [COUPON], limits=Limits(budget_fen=5000))
    make.running(play)
    people, point = members.members(3), leaders.point()
    orders = [make.paid(one, point=point) for one in people]

    for order in orders:
        make.hear(order)
    assert make.grants() == [(one.id, "coupon", "given") for one in people]
    make.withdraw(orders[0])

    assert [state for *_, state in make.grants()] == ["taken"] * 3


def test_a_play_that_is_stopped_ends_its_runs() -> None:
    campaign, point, lin = make.running(coupon_play()), leaders.point(), members.member()
    make.hear(make.paid(lin, point=point))

    commands.stop_play(SYSTEM, province_id=HUBEI, campaign_id=campaign.id)
    make.end()

    assert make.only_run().state == RunState.OVER
    assert make.hear(make.paid(lin, point=point)) == 0


def test_only_the_system_tells_what_happened() -> None:
    with pytest.raises(Forbidden):
        commands.hear(members.member(), province_id=HUBEI, happenings=())


def test_runs_of_the_clock_begin_before_anything_happens(clock_at: Clock) -> None:
    point = leaders.point()
    play = plays.definition(Reach(levels=(3,)), [], trigger=Trigger(kind="clock", every="day", at="20:00", minutes=60))
    make.running(play, point_ids=[point.id])

    assert commands.begin_runs(SYSTEM, province_id=HUBEI) == 0
    clock_at("2026-11-20T20:00+08:00")
    assert commands.begin_runs(SYSTEM, province_id=HUBEI) == 1
    assert commands.begin_runs(SYSTEM, province_id=HUBEI) == 1

    assert make.only_run().ends_at.isoformat() == "2026-11-20T13:00:00+00:00"
    assert Tally.objects.count() == 0


def test_a_coupon_that_is_over_frees_its_budget(clock_at: Clock) -> None:
    make.running(coupon_play())
    make.hear(make.paid(members.member(), point=leaders.point()))
    clock_at("2026-11-28T09:00+08:00")

    assert commands.lapse(SYSTEM, province_id=HUBEI) == 1

    assert [state for *_, state in make.grants()] == ["lapsed"]
    assert Budget.objects.get(kind="play").spent == 0


def test_a_team_counts_together_and_who_has_said_no_building_counts_nowhere() -> None:
    play = plays.definition(
        Reach(levels=(2,), of="unit"), [Coupon(off_fen=100)], counts=(plays.counting("paid", "people"),),
        participants=Participants(reach="point", unit="building"), limits=Limits(budget_fen=5000),
    )  # fmt: skip
    campaign, point = make.running(play), leaders.point()
    one, two, three = members.members(3)
    for each in (one, two, three):
        leaders.choose(each, point)
    for each, name in ((one, "3栋"), (two, " 3栋 ")):
        commands.take_side(each, province_id=HUBEI, campaign_id=campaign.id, label=name)

    assert make.hear(*(make.paid(each, point=point) for each in (one, two, three))) == 2

    assert make.grants() == [(one.id, "coupon", "given"), (two.id, "coupon", "given")]


def test_a_play_of_some_minutes_a_day_begins_at_the_hour_at_which_its_leader_started_it(clock_at: Clock) -> None:
    play = plays.definition(
        Reach(levels=(1,), of="unit"), [COUPON], trigger=Trigger(kind="leader", every="day", minutes=120),
        limits=Limits(budget_fen=5000),
    )  # fmt: skip
    make.running(play)
    people, point = members.members(4), leaders.point()
    heard = []
    for one, moment in zip(people, ("20T19:30", "20T21:30", "21T18:30", "21T20:30"), strict=True):
        clock_at(f"2026-11-{moment}+08:00")
        heard.append(make.hear(make.paid(one, point=point)))

    assert heard == [1, 0, 0, 1]
    begun = [run.begins_at.isoformat() for run in Run.objects.order_by("begins_at")]
    assert begun == ["2026-11-20T11:00:00+00:00", "2026-11-21T11:00:00+00:00"]


def test_a_rebate_of_an_order_that_is_given_up_is_free_for_the_next_one() -> None:
    rebate = Rebate(share_bps=1000, most_fen=500)
    make.running(plays.definition(Reach(levels=(1,), of="unit"), [rebate], limits=Limits(budget_fen=500)))
    lin, point = members.member(), leaders.point()
    first, second = make.paid(lin, 2000, point=point), make.paid(lin, 3000, point=point)
    make.hear(first)
    assert Budget.objects.get().spent == 200

    make.withdraw(first)
    assert (make.grants(), Budget.objects.get().spent) == ([(lin.id, "rebate", "taken")], 0)
    make.hear(second)

    assert [(event.order_id, event.fen) for event in announced(SavingEarned)][1:] == [(second.order_id, 300)]
    assert Budget.objects.get().spent == 300


def test_a_newcomer_counts_for_who_brought_them_with_their_first_order_only() -> None:
    arrived = plays.counting("arrived", "people", least_fen=1500, first_order=True)
    play = plays.definition(
        Reach(levels=(1,), of="unit", again=True), [COUPON], counts=(arrived,), limits=Limits(budget_fen=5000),
        trigger=Trigger(kind="newcomer"), participants=Participants(reach="province"),
    )  # fmt: skip
    campaign, point = make.running(play), leaders.point()
    old, new, stranger = members.members(3)
    leaders.choose(new, point)
    came = commands.act(new, province_id=HUBEI, deed=Deed(campaign.id, "arrived", unit=old.id))
    assert (came.run_id, make.grants()) == (0, [])

    small = make.paid(new, 1000, point=point, is_first_order=True)
    make.hear(small, make.paid(stranger, 2000, point=point, is_first_order=True))
    assert make.grants() == []
    make.withdraw(small)
    order = make.paid(new, 2000, point=point, is_first_order=True)
    make.hear(order)
    assert make.grants() == [(old.id, "coupon", "given")]
    make.withdraw(order)

    assert make.grants() == [(old.id, "coupon", "taken")]


def test_a_batch_over_midnight_counts_in_the_run_of_each_day() -> None:
    daily = Trigger(kind="paid", every="day")
    play = plays.definition(Reach(levels=(2,), of="unit"), [COUPON], trigger=daily, limits=Limits(budget_fen=5000))
    make.running(play, starts_at=clock.now() - timedelta(days=2))
    lin, point = members.member(), leaders.point()
    yesterday = clock.now() - timedelta(days=1)

    make.hear(make.paid(lin, point=point, at=yesterday), make.paid(lin, point=point))

    assert sorted(run.begins_at.isoformat() for run in Run.objects.all()) == [
        "2026-11-18T16:00:00+00:00", "2026-11-19T16:00:00+00:00",
    ]  # fmt: skip
    assert make.grants() == []
