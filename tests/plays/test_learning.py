"""What came of plays is believed, what is believed is offered, and what was offered is logged."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import date, datetime

import pytest

from lintuan.kernel import clock
from lintuan.kernel.callers import SYSTEM, Caller, Kind
from lintuan.kernel.delivery import Horizon, catch_up
from lintuan.kernel.errors import Forbidden, Invalid, NotFound
from lintuan.leaders.types import PointView
from lintuan.plays import commands, queries
from lintuan.plays.data import HOME, learning_rules
from lintuan.plays.engine.definition import Definition, Limits
from lintuan.plays.engine.learning.believing import Gain
from lintuan.plays.engine.learning.figures import read_learning
from lintuan.plays.engine.progress import Reach
from lintuan.plays.engine.rewards import Cash
from lintuan.plays.errors import PlayMalformed
from lintuan.plays.jobs import learn as learn_by_the_clock
from lintuan.plays.models import Assignment, Belief, HarmCount, Offering
from lintuan.plays.offers import belief_of, offerable
from lintuan.plays.outcomes import gains, groups
from lintuan.plays.types import CampaignView, NewCampaign, NewTrial
from tests.make import campaigns as make
from tests.make import leaders, members, plays
from tests.make.provinces import HUBEI, province, staff

pytestmark = pytest.mark.django_db

Clock = Callable[[str], datetime]
TODAY, TOMORROW = date(2026, 11, 20), date(2026, 11, 21)
#: Some play that ships.
SHIPPED = "any-four"
RULES = learning_rules()


@pytest.fixture(autouse=True)
def evening(clock_at: Clock) -> None:
    clock_at("2026-11-20T19:00+08:00")
    province()


@pytest.fixture
def point() -> PointView:
    """With three members who collect there."""
    return peopled(3)


def peopled(count: int, **changes: object) -> PointView:
    view = leaders.point(**changes)
    for member in members.members(count):
        leaders.choose(member, view)
    return view


def learn() -> Belief:
    return Belief.objects.get(id=commands.learn(SYSTEM, province_id=HUBEI))


def recommend(view: PointView, on: date | None = None) -> dict[str, float]:
    choices = commands.recommend(SYSTEM, province_id=HUBEI, leader_id=view.leader_id, on=on)
    return {choice.play: choice.propensity for choice in choices}


def cash_play(fen: int = 100, code: str = SHIPPED) -> Definition:
    """Money for each order."""
    limits = Limits(budget_fen=1_000_000)
    return plays.definition(Reach(levels=(1,), of="unit", again=True), [Cash(fen=fen)], code=code, limits=limits)


def live(view: PointView, *orders: int, code: str = SHIPPED) -> CampaignView:
    """A leader's campaign that hears orders of so many fen, each of another member."""
    campaign = make.running(cash_play(code=code), leader_id=view.leader_id, point_ids=[view.id])
    make.hear(*(make.paid(members.member(), fen, point=view) for fen in orders))
    return campaign


def end(campaign: CampaignView, view: PointView) -> None:
    commands.stop_play(leaders.leader_of(view), province_id=HUBEI, campaign_id=campaign.id)


@pytest.mark.parametrize(
    ("members_there", "district", "group_type"),
    [
        (0, "420106", "town-small"),
        (49, "420106", "town-small"),
        (50, "420106", "town-middle"),
        (149, "420120", "town-middle"),
        (150, "420121", "county-large"),
        (2, "420683", "county-small"),
    ],
)
def test_a_group_type_is_how_many_and_where(members_there: int, district: str, group_type: str) -> None:
    assert RULES.group_type(members_there, district) == group_type
    assert group_type in RULES.group_types


@pytest.mark.parametrize(
    ("before", "after", "place"),
    [
        ("below = 150", "below = 50", "$.bands"),
        ('name = "large"', 'name = "large"\nbelow = 200', "$.bands"),
        ("below = 50", "", "$.bands"),
        ("limit = 0.05", "limit = 0.9", "$.guards[0]"),
        ("exploration = 0.08", "exploration = 0.5", "$.taste"),
        ("window_days = 180", "", "$"),
    ],
)
def test_figures_that_make_no_sense_are_refused(before: str, after: str, place: str) -> None:
    text = (HOME / "learning.toml").read_text()
    assert text.count(before) >= 1

    with pytest.raises(PlayMalformed) as refused:
        read_learning(text.replace(before + "\n", after + "\n", 1))

    assert refused.value.facts["place"] == place


def test_the_group_of_a_leader_is_who_collects_at_their_open_points() -> None:
    view = peopled(3, district_code="420281")
    leaders.point()

    group = groups(HUBEI)[view.leader_id]

    assert (group.members, group.group_type) == (3, "county-small")
    assert sorted(one.members for one in groups(HUBEI).values()) == [0, 3]


def test_an_offer_is_logged_whole_with_chances_that_add_up_to_one(point: PointView) -> None:
    learn()

    chances = recommend(point)

    assert chances.keys() == set(offerable(queries.catalogue(HUBEI)))
    assert sum(chances.values()) == pytest.approx(1, abs=1e-9)
    assert min(chances.values()) >= RULES.taste.exploration / len(chances)
    row = Offering.objects.get()
    assert (row.leader_id, row.on_day, row.members, row.campaign_id) == (point.leader_id, TODAY, 3, 0)
    assert row.shown["group_type"] == "town-small"
    assert [one.play for one in queries.recommended(HUBEI, point.leader_id)] == list(chances)


def test_banned_forms_and_plays_of_leaders_are_not_offered() -> None:
    catalogue = queries.catalogue(HUBEI)
    left = catalogue.keys() - set(offerable(catalogue))

    assert left == {code for code, play in catalogue.items() if play.rewrite or play.participants.who == "leaders"}
    assert {"leader-brings-leader"} < left


def test_an_offer_is_the_same_however_often_it_is_asked_and_can_be_computed_anew(
    point: PointView, clock_at: Clock
) -> None:
    live(point, 1000)
    clock_at("2026-11-21T08:00+08:00")
    learn()
    first = recommend(point)
    live(point, 5000, code="some-other")

    assert list(recommend(point).items()) == list(first.items())
    assert queries.replayed(HUBEI, point.leader_id, TOMORROW) == queries.recommended(HUBEI, point.leader_id)
    assert Offering.objects.count() == 1


def test_nothing_is_offered_before_anything_is_believed_or_where_there_is_no_open_point(point: PointView) -> None:
    assert recommend(point) == {}
    learn()

    assert commands.recommend(SYSTEM, province_id=HUBEI, leader_id=999_999) == ()
    assert queries.recommended(HUBEI, point.leader_id) == ()


def test_a_gain_is_orders_less_rewards_a_member_and_day(point: PointView, clock_at: Clock) -> None:
    since = clock.now()
    campaign = live(point, 1000, 2000)
    cancelled = make.paid(members.member(), 9000, point=point)
    make.hear(cancelled)
    make.withdraw(cancelled)
    clock_at("2026-11-21T09:00+08:00")
    end(campaign, point)

    # (10.00 + 20.00 - 2 * 1.00) / 3 members / 2 local days.
    assert gains(HUBEI, since, clock.now()) == [Gain("town-small", SHIPPED, 2800 / 3 / 2, 3)]


def test_a_campaign_that_goes_on_or_is_the_provinces_teaches_nothing(point: PointView) -> None:
    since = clock.now()
    live(point, 1000)
    make.running(cash_play(code="of-all"), ends_at=datetime.fromisoformat("2026-11-20T19:30+08:00"))

    assert gains(HUBEI, since, datetime.fromisoformat("2026-11-25T00:00+08:00")) == []


def test_a_belief_moves_with_what_came_of_plays(point: PointView, clock_at: Clock) -> None:
    before = belief_of(learn())
    end(live(point, 30_000, 30_000, 30_000), point)
    clock_at("2026-11-21T05:00+08:00")

    row = learn()

    after = belief_of(row)
    assert [(one["play"], one["times"]) for one in row.cells] == [(SHIPPED, 1)]
    tried, other = (after.expected("town-small", code) for code in (SHIPPED, "bring-a-neighbour"))
    assert before.expected("town-small", SHIPPED) == before.expected("town-small", "bring-a-neighbour") == 0
    # (90,000 - 300) fen over three members in a day; what is only one outcome moves others too, and less.
    assert row.cells[0]["gain"] == pytest.approx(89_700)
    assert 0 < other <= tried
    # Elsewhere the play is believed to do part of it.
    assert after.expected("county-large", SHIPPED) > 0


def test_a_day_has_one_belief(clock_at: Clock) -> None:
    first = learn()

    assert learn() == first
    clock_at("2026-11-21T00:00+08:00")
    assert learn().on_day == TOMORROW


def test_what_was_shown_lately_is_taken_off(point: PointView, clock_at: Clock) -> None:
    end(live(point), point)
    clock_at("2026-11-21T08:00+08:00")
    learn()
    recommend(point)

    tired = {one.play: one.tired for one in queries.recommended(HUBEI, point.leader_id)}

    assert tired.pop(SHIPPED) == RULES.taste.tiring
    assert set(tired.values()) == {0.0}


def test_a_play_that_brings_complaints_is_not_offered(point: PointView, clock_at: Clock) -> None:
    live(point, *[1000] * 12)
    orders = tuple(make.paid(members.member(), point=point).order_id for _ in range(5))
    heard = [make.paid(members.member(), point=point, order_id=order_id) for order_id in orders]
    make.hear(*heard)
    assert commands.note_harm(SYSTEM, province_id=HUBEI, guard="claims", order_ids=orders) == 5
    assert commands.note_harm(SYSTEM, province_id=HUBEI, guard="claims", order_ids=(*orders, 999_999)) == 0
    clock_at("2026-11-21T05:00+08:00")

    learn()

    ((play, guard),) = [(one.play, one.guard) for one in queries.refused_plays(HUBEI)]
    assert (play, guard, HarmCount.objects.count()) == (SHIPPED, "claims", 5)
    chances = recommend(point)
    assert SHIPPED not in chances
    assert sum(chances.values()) == pytest.approx(1, abs=1e-9)


def test_a_few_complaints_are_no_breach(point: PointView, clock_at: Clock) -> None:
    live(point, *[1000] * 12)
    order = make.paid(members.member(), point=point)
    make.hear(order)
    commands.note_harm(SYSTEM, province_id=HUBEI, guard="claims", order_ids=(order.order_id,))

    learn()

    assert queries.refused_plays(HUBEI) == []
    assert SHIPPED in recommend(point)


def test_what_a_leader_starts_of_an_offer_is_noted_with_it(point: PointView) -> None:
    learn()
    codes = list(recommend(point))
    plan, leader = NewCampaign(point_ids=(point.id,)), leaders.leader_of(point)
    among_leaders = "leaders-league"

    started = [
        commands.start_play(leader, province_id=HUBEI, code=code, plan=plan)
        for code in (among_leaders, SHIPPED, SHIPPED)
    ]
    catch_up(Horizon.OWN)

    assert SHIPPED in codes
    assert among_leaders not in codes
    assert Offering.objects.get().campaign_id == started[1]


def test_by_the_clock_each_leader_is_offered_plays_once_a_day(point: PointView, clock_at: Clock) -> None:
    assert learn_by_the_clock() == 1
    leaders.point()

    assert learn_by_the_clock() == 1
    assert learn_by_the_clock() == 0
    clock_at("2026-11-21T00:30+08:00")
    assert learn_by_the_clock() == 2


def a_trial(**others: object) -> NewTrial:
    fields = {"code": "wheel-or-coupon", "arms": ("as now", SHIPPED), "matters": 50.0, "days": 7, "least_leaders": 2}
    return NewTrial(**{**fields, **others})


def begin(**others: object) -> int:
    return commands.begin_trial(staff("plays.edit"), province_id=HUBEI, trial=a_trial(**others))


def arms() -> dict[int, str]:
    return dict(Assignment.objects.values_list("leader_id", "arm"))


def test_leaders_are_dealt_out_evenly_and_never_change_their_arm(clock_at: Clock) -> None:
    first = leaders.points(5)
    begin()
    before = arms()
    clock_at("2026-11-22T08:00+08:00")
    # Their groups grow into another type, and others come.
    for member in members.members(3):
        leaders.choose(member, first[0])
    leaders.points(3)

    assert commands.assign_leaders(SYSTEM, province_id=HUBEI) == 3
    assert commands.assign_leaders(SYSTEM, province_id=HUBEI) == 0

    after = arms()
    assert {leader: after[leader] for leader in before} == before
    assert Counter(after.values()) == {"as now": 4, SHIPPED: 4}


def test_a_trial_that_is_over_takes_nobody_in(clock_at: Clock) -> None:
    begin(days=1)
    clock_at("2026-11-21T08:00+08:00")
    leaders.point()

    assert commands.assign_leaders(SYSTEM, province_id=HUBEI) == 0


@pytest.mark.parametrize(
    "wrong",
    [
        {"arms": ("one",)},
        {"arms": ("one", "one")},
        {"matters": 0},
        {"days": 0},
        {"wrong": 1.5},
        {"code": ""},
        {"code": "x" * 41},
    ],
)
def test_a_trial_without_a_plan_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(Invalid):
        begin(**wrong)


def test_a_trial_is_begun_once_and_by_those_who_may() -> None:
    begin()

    with pytest.raises(Invalid):
        begin()
    with pytest.raises(Forbidden):
        commands.begin_trial(staff("ordering.read"), province_id=HUBEI, trial=a_trial(code="two"))
    for system_only in (commands.learn, commands.offer_all, commands.assign_leaders):
        with pytest.raises(Forbidden):
            system_only(Caller(Kind.LEADER, 1, HUBEI), province_id=HUBEI)


def test_a_look_says_how_arms_stand_and_what_to_do(clock_at: Clock) -> None:
    views = [peopled(1) for _ in range(8)]
    begin(matters=2000.0)
    assert queries.look(HUBEI, "wheel-or-coupon")[SHIPPED].why == "not_known_yet"
    by_leader = {view.leader_id: view for view in views}
    for number, (leader_id, arm) in enumerate(sorted(arms().items())):
        live(by_leader[leader_id], (20_000 if arm == SHIPPED else 1000) + 10 * number)

    decision = queries.look(HUBEI, "wheel-or-coupon")[SHIPPED]

    assert (decision.what, decision.why) == ("stop", "better")
    assert 18_900 < decision.look.difference < 19_100
    assert decision.look.low < decision.look.difference < decision.look.high
    clock_at("2026-11-21T08:00+08:00")
    # Two days of the same orders: half of it a member and day.
    assert queries.look(HUBEI, "wheel-or-coupon")[SHIPPED].look.difference == pytest.approx(
        decision.look.difference / 2
    )


def test_a_trial_that_does_not_exist_cannot_be_looked_at() -> None:
    with pytest.raises(NotFound):
        queries.look(HUBEI, "none")
