"""What arms of trials do: they change what leaders are shown and start, and nothing once a trial is over."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import datetime

import pytest
from msgspec.structs import replace

from lintuan.kernel.callers import SYSTEM, Caller
from lintuan.kernel.errors import Forbidden, NotFound
from lintuan.leaders.types import PointView
from lintuan.plays import commands, queries
from lintuan.plays.catalogue import plays as catalogue
from lintuan.plays.engine.learning.assigning import AS_NOW
from lintuan.plays.engine.values import Text
from lintuan.plays.errors import PlayRefused, PlayUnknown, TrialUnsound
from lintuan.plays.models import Assignment, Belief, Campaign
from lintuan.plays.playbook import written
from lintuan.plays.types import NewCampaign, NewTrial
from tests.make import campaigns as make
from tests.make import leaders, members, pricing
from tests.make.provinces import HUBEI, province, staff

pytestmark = pytest.mark.django_db

Clock = Callable[[str], datetime]
PLAY, OTHER, FORM = "any-four", "buyers-board", "any-four-for-more"


@pytest.fixture(autouse=True)
def evening(clock_at: Clock) -> None:
    clock_at("2026-11-20T19:00+08:00")
    province()
    pricing.offer(2000, cost_fen=500)


def write_form(code: str = FORM, budget_fen: int = 900_000) -> None:
    """The play with another budget."""
    play = catalogue()[PLAY]
    changed = replace(play, code=code, number=0, limits=replace(play.limits, budget_fen=budget_fen))
    commands.write_design(staff("plays.edit"), province_id=HUBEI, definition=written(changed))


def begin(*arms: str, **others: object) -> int:
    fields = {"code": "what-helps", "matters": 50.0, "days": 7, "least_leaders": 2, "about": ""}
    trial = NewTrial(**{**fields, "arms": arms, **others})  # type: ignore[arg-type]
    return commands.begin_trial(staff("plays.edit"), province_id=HUBEI, trial=trial)


def arms() -> dict[int, str]:
    return dict(Assignment.objects.values_list("leader_id", "arm"))


def by_arm(views: list[PointView]) -> dict[str, PointView]:
    """One leader of each arm."""
    found = arms()
    return {found[view.leader_id]: view for view in views}


def start(view: PointView, code: str) -> Campaign:
    plan, leader = NewCampaign(point_ids=(view.id,)), leaders.leader_of(view)
    return Campaign.objects.get(id=commands.start_play(leader, province_id=HUBEI, code=code, plan=plan))


def first(view: PointView) -> str:
    return queries.put_first(HUBEI, view.leader_id)


def codes(view: PointView) -> set[str]:
    return set(queries.catalogue(HUBEI, view.leader_id))


def test_the_lot_decides_which_play_a_shelf_puts_first() -> None:
    views = list(leaders.points(6))
    begin(AS_NOW, PLAY, OTHER)

    assert Counter(first(view) for view in views) == {"": 2, PLAY: 2, OTHER: 2}
    assert all(first(view) == (arm if arm != AS_NOW else "") for arm, view in by_arm(views).items())
    assert queries.put_first(HUBEI, 999_999) == ""
    assert all(codes(view) == set(queries.catalogue(HUBEI)) for view in views)


def test_leaders_of_an_arm_start_its_form_of_the_play_and_others_do_not_see_it() -> None:
    write_form()
    views = list(leaders.points(4))
    begin(AS_NOW, FORM, about=PLAY)
    usual, changed = (by_arm(views)[arm] for arm in (AS_NOW, FORM))

    assert codes(usual) & {PLAY, FORM} == {PLAY}
    assert codes(changed) & {PLAY, FORM} == {FORM}
    assert queries.play(HUBEI, PLAY, changed.leader_id).code == FORM
    # By either name: a page that was open when the trial began still has the old one.
    started = [start(usual, PLAY), start(changed, PLAY), start(changed, FORM)]
    assert [(row.code, row.definition["limits"]["budget_fen"]) for row in started] == [
        (PLAY, 1_500_000),
        (FORM, 900_000),
        (FORM, 900_000),
    ]
    assert [row.arms for row in started] == [{"what-helps": arm} for arm in (AS_NOW, FORM, FORM)]
    with pytest.raises(PlayUnknown):
        start(usual, FORM)


def test_forms_stay_as_they_were_when_the_trial_began() -> None:
    write_form()
    views = list(leaders.points(2))
    begin(AS_NOW, FORM, about=PLAY)
    write_form(budget_fen=800_000)
    write_form(PLAY, budget_fen=700_000)

    found = by_arm(views)
    budgets = [start(found[arm], PLAY).definition["limits"]["budget_fen"] for arm in (AS_NOW, FORM)]

    assert budgets == [1_500_000, 900_000]


@pytest.mark.parametrize("ending", ["stopped", "over"])
def test_nothing_is_changed_once_a_trial_is_stopped_or_over(clock_at: Clock, ending: str) -> None:
    write_form()
    views = list(leaders.points(4))
    begin(AS_NOW, FORM, about=PLAY)
    begin(AS_NOW, OTHER, code="first")
    changed = by_arm(views)[OTHER]
    assert first(changed) == OTHER

    if ending == "stopped":
        for code in ("what-helps", "first"):
            commands.stop_trial(staff("plays.edit"), province_id=HUBEI, code=code)
    else:
        clock_at("2026-11-27T00:00+08:00")

    assert {first(view) for view in views} == {""}
    assert all({PLAY, FORM} <= codes(view) for view in views)
    row = start(changed, PLAY)
    assert (row.code, row.arms) == (PLAY, {})
    assert all(one.is_over for one in queries.trials(HUBEI))
    leaders.point()
    assert commands.assign_leaders(SYSTEM, province_id=HUBEI) == 0


def test_whoever_declines_has_everything_as_usual_and_stays_in_the_comparison() -> None:
    write_form()
    views = list(leaders.points(2))
    trial_id = begin(AS_NOW, FORM, about=PLAY)
    view = by_arm(views)[FORM]
    (told,) = queries.trials_of_leader(HUBEI, view.leader_id)
    assert (told.about, told.shows) == (PLAY, FORM)

    leader = leaders.leader_of(view)
    for _ in range(2):
        commands.decline_trial(leader, province_id=HUBEI, trial_id=trial_id)

    assert queries.trials_of_leader(HUBEI, view.leader_id) == []
    row = start(view, PLAY)
    assert (row.code, row.arms) == (PLAY, {})
    (trial,) = queries.trials(HUBEI)
    assert (trial.leaders, trial.declined) == ({AS_NOW: 1, FORM: 1}, {AS_NOW: 0, FORM: 1})


def test_only_leaders_who_are_in_a_trial_decline_it() -> None:
    trial_id = begin(AS_NOW, PLAY)
    late = leaders.leader_of(leaders.point())

    with pytest.raises(NotFound):
        commands.decline_trial(late, province_id=HUBEI, trial_id=trial_id)
    for other in (staff("plays.edit"), Caller(late.kind, late.id, HUBEI + 1)):
        with pytest.raises(Forbidden):
            commands.decline_trial(other, province_id=HUBEI, trial_id=trial_id)


@pytest.mark.parametrize("about", ["", PLAY])
def test_a_guard_ends_what_an_arm_offers(about: str) -> None:
    write_form()
    arm = FORM if about else PLAY
    views = list(leaders.points(2))
    begin(AS_NOW, arm, about=about)
    view = by_arm(views)[arm]
    shown = (first(view), codes(view) & {PLAY, FORM})
    assert shown == (("", {FORM}) if about else (PLAY, {PLAY, FORM}))

    commands.learn(SYSTEM, province_id=HUBEI)
    Belief.objects.update(refused=[{"play": arm, "guard": "claims", "chance": 0.99}])

    (told,) = queries.trials_of_leader(HUBEI, view.leader_id)
    assert (told.shows, first(view)) == ("", "")
    assert codes(view) & {PLAY, FORM} == ({PLAY} if about else {PLAY, FORM})
    assert start(view, PLAY).definition["limits"]["budget_fen"] == 1_500_000
    with pytest.raises(TrialUnsound):
        begin(AS_NOW, arm, about=about, code="again")


def test_a_form_in_a_trial_is_recommended_to_nobody() -> None:
    write_form()
    leaders.points(2)
    begin(AS_NOW, FORM, about=PLAY)

    commands.learn(SYSTEM, province_id=HUBEI)
    assert FORM not in Belief.objects.get().plays

    commands.stop_trial(staff("plays.edit"), province_id=HUBEI, code="what-helps")
    Belief.objects.all().delete()
    commands.learn(SYSTEM, province_id=HUBEI)
    assert FORM in Belief.objects.get().plays


@pytest.mark.parametrize(
    ("chosen", "about", "refusal"),
    [
        ((AS_NOW, "no-such-play"), "", PlayUnknown),
        ((AS_NOW, FORM), "no-such-play", PlayUnknown),
        # Banned forms, and plays of leaders among themselves.
        ((AS_NOW, "cut-price"), "", TrialUnsound),
        ((AS_NOW, "leaders-league"), "", TrialUnsound),
        # Forms are written under codes of their own.
        ((AS_NOW, OTHER), PLAY, TrialUnsound),
        ((PLAY, FORM), PLAY, TrialUnsound),
        ((AS_NOW, "bare-terms"), PLAY, PlayRefused),
    ],
)
def test_an_arm_that_may_not_act_is_refused(chosen: tuple[str, ...], about: str, refusal: type[Exception]) -> None:
    write_form()
    # Terms that say nothing: the linter finds against it.
    bad = replace(catalogue()[PLAY], code="bare-terms", number=0, terms=Text(zh="满四份有优惠。", en="Four for less."))
    commands.write_design(staff("plays.edit"), province_id=HUBEI, definition=written(bad))

    with pytest.raises(refusal):
        begin(*chosen, about=about)
    assert not queries.trials(HUBEI)


@pytest.mark.parametrize(
    ("chosen", "about"),
    [((AS_NOW, OTHER), ""), ((AS_NOW, FORM), PLAY), ((AS_NOW, "third-form"), PLAY)],
)
def test_two_trials_about_the_same_do_not_run_at_once(chosen: tuple[str, ...], about: str) -> None:
    write_form()
    write_form("third-form")
    begin(AS_NOW, PLAY)

    with pytest.raises(TrialUnsound) as refused:
        begin(*chosen, about=about, code="second")
    assert "what-helps" in refused.value.message("en")
    assert "what-helps" in refused.value.message("zh-hans")

    commands.stop_trial(staff("plays.edit"), province_id=HUBEI, code="what-helps")
    assert begin(*chosen, about=about, code="second")


def test_all_who_were_assigned_are_compared_and_those_who_started_are_told_beside() -> None:
    views = list(leaders.points(4))
    for view in views:
        leaders.choose(members.member(), view)
    begin(AS_NOW, PLAY)
    chosen = arms()
    offered, idle = (view for view in views if chosen[view.leader_id] == PLAY)
    usual, other = (view for view in views if chosen[view.leader_id] == AS_NOW)
    for view, code, fen in ((offered, PLAY, 6000), (usual, PLAY, 1000), (other, OTHER, 3000)):
        start(view, code)
        make.hear(make.paid(members.member(), fen, point=view))

    (decision,) = queries.look(HUBEI, "what-helps").values()
    told = queries.as_started(HUBEI, "what-helps")

    assert idle.leader_id in chosen
    # (60 + 0) / 2 - (10 + 30) / 2 yuan by the lot, of a member on the first day.
    assert decision.look.difference == pytest.approx(1000)
    assert {arm: (one.leaders, one.mean) for arm, one in told.items()} == {AS_NOW: (1, 1000.0), PLAY: (1, 6000.0)}
