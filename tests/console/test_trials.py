"""Trials, offers and hindsight on the operators' desk."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from msgspec import to_builtins
from msgspec.structs import replace

from lintuan.console.intervals import EDGE, WIDTH, picture, reach
from lintuan.kernel.callers import SYSTEM
from lintuan.kernel.delivery import Horizon, catch_up
from lintuan.kernel.ids import public_id
from lintuan.leaders.types import PointView
from lintuan.plays import commands, queries
from lintuan.plays.engine.definition import Limits
from lintuan.plays.engine.learning.comparing import NOTHING, Look
from lintuan.plays.engine.progress import Reach
from lintuan.plays.engine.rewards import Cash
from lintuan.plays.models import Assignment, Trial
from lintuan.plays.types import CampaignView, NewCampaign
from tests.make import campaigns as make
from tests.make import leaders, members, ordering, plays, pricing, provinces
from tests.make.console import Desk
from tests.make.provinces import HUBEI

pytestmark = pytest.mark.django_db

Clock = Callable[[str], datetime]
TRIAL = {"code": "wheel or coupon", "arms": ["as now", "any-four", ""], "matters": "2000", "days": "7", "wrong": "5"}


@pytest.fixture(autouse=True)
def evening(clock_at: Clock) -> None:
    clock_at("2026-11-20T19:00+08:00")
    provinces.province()


def desk(language: str = "en", right: str = "plays.edit") -> Desk:
    return Desk(provinces.staff(right), language=language)


def peopled() -> PointView:
    view = leaders.point()
    leaders.choose(members.member(), view)
    return view


def live(view: PointView, fen: int, code: str = "any-four") -> CampaignView:
    """A leader's campaign that heard an order and gave a yuan for it."""
    limits = Limits(budget_fen=1_000_000)
    play = plays.definition(Reach(levels=(1,), of="unit", again=True), [Cash(fen=100)], code=code, limits=limits)
    campaign = make.running(play, leader_id=view.leader_id, point_ids=[view.id])
    make.hear(make.paid(members.member(), fen, point=view))
    return campaign


def test_a_trial_is_begun_looked_at_and_stopped(clock_at: Clock) -> None:
    views = [peopled() for _ in range(8)]
    at = desk()
    assert "No trial is running" in at.read("trials/")

    begun = at.send("trials/", least_leaders="2", **TRIAL)
    assert "Begun; leaders were dealt out by lot." in begun
    assert "Any four for one price 4 0 0 –" in begun
    assert "Compared with As now (4 leaders)" in begun
    assert "Not known yet: go on" in begun
    assert "each arm needs 2 leaders with members" in begun

    arms = dict(Assignment.objects.values_list("leader_id", "arm"))
    for number, view in enumerate(views):
        live(view, (20_000 if arms[view.leader_id] == "any-four" else 1000) + 10 * number)
    looked = at.read("trials/")
    assert "Better: it may stop" in looked
    # The lot decides who is in which arm, and with it 40 fen either way.
    assert re.search(r"\+1(89[6-9]|90[0-4])\d\.\d \(\+1\d{4}\.\d – \+\d{5}\.\d\) fen a member and day", looked)
    assert "with 95% certainty" in looked
    assert 'class="span"' in at.open("trials/").content.decode()

    assert "nothing is changed for any leader any more" in at.send("trials/wheel or coupon/stop/")
    clock_at("2026-11-21T08:00+08:00")
    assert "No trial is running" in at.read("trials/")
    assert "Past wheel or coupon Over" in at.read("trials/")
    leaders.point()
    assert commands.assign_leaders(SYSTEM, province_id=HUBEI) == 0


@pytest.mark.parametrize(
    ("field", "value", "told"),
    [
        ("matters", "much", "difference that matters"),
        ("matters", "0", "difference that matters"),
        ("days", "nan", "days"),
        ("wrong", "-1", "chance of an error"),
        ("arms", "as now", "two arms"),
        ("code", "", "code"),
    ],
)
def test_a_trial_without_a_plan_is_not_begun(field: str, value: str, told: str) -> None:
    sent = {**TRIAL, "least_leaders": "20", field: value, "back": "/console/trials/"}

    assert told in desk().send("trials/", **sent)
    assert queries.trials(HUBEI) == []


def test_a_trial_that_is_over_is_not_stopped_again_nor_one_that_is_not_there(clock_at: Clock) -> None:
    at = desk()
    at.send("trials/", least_leaders="20", **{**TRIAL, "days": "1"})
    clock_at("2026-11-25T08:00+08:00")

    at.send("trials/wheel or coupon/stop/")
    (trial,) = queries.trials(HUBEI)
    assert (trial.ends_on.isoformat(), trial.is_over) == ("2026-11-20", True)
    assert at.client.post("/console/trials/other/stop/").status_code == 404
    assert desk(right="ordering.read").client.post("/console/trials/wheel or coupon/stop/").status_code == 403


def test_guardrails_say_their_limits_and_who_is_beyond(clock_at: Clock) -> None:
    view = peopled()
    assert "above 5.0% with a certainty of 95%" in desk().read("trials/")
    campaign = live(view, 1000)
    orders = [make.paid(members.member(), 1000, point=view) for _ in range(30)]
    make.hear(*orders)
    order_ids = tuple(one.order_id for one in orders)
    commands.note_harm(SYSTEM, province_id=HUBEI, guard="claims", order_ids=order_ids)
    commands.stop_play(SYSTEM, province_id=HUBEI, campaign_id=campaign.id)

    commands.learn(SYSTEM, province_id=HUBEI)

    assert "Claims per order 100.0%" in desk().read("trials/")


@pytest.mark.parametrize(("language", "told"), [("en", "Exploring 8%"), ("zh-hans", "其中随机尝试 8%")])
def test_the_log_has_each_offer_with_its_chances(language: str, told: str) -> None:
    view = peopled()
    assert {"en": "Nothing was offered yet", "zh-hans": "还没有推荐"}[language] in desk(language).read("offers/")
    commands.learn(SYSTEM, province_id=HUBEI)
    first, *_ = commands.recommend(SYSTEM, province_id=HUBEI, leader_id=view.leader_id)

    shown = desk(language).read("offers/")

    name = queries.catalogue(HUBEI)[first.play].name.in_(language)
    assert f"{name} {first.propensity:.1%} · {first.expected:.1f}" in shown
    assert "town-small · 1" in shown
    assert told in shown


def test_hindsight_sets_what_was_expected_beside_what_came(clock_at: Clock) -> None:
    view, goods = peopled(), pricing.offer(2000, cost_fen=500)
    assert "No leader's campaign has ended yet" in desk().read("hindsight/")
    commands.learn(SYSTEM, province_id=HUBEI)
    choices = commands.recommend(SYSTEM, province_id=HUBEI, leader_id=view.leader_id)
    chosen = next(one for one in choices if one.play == "target-relay")
    plan = NewCampaign(point_ids=(view.id,), sku_ids=(goods.sku_id,))
    started = commands.start_play(leaders.leader_of(view), province_id=HUBEI, code=chosen.play, plan=plan)
    catch_up(Horizon.OWN)
    make.hear(make.paid(members.member(), 3000, point=view, sku_id=goods.sku_id))
    commands.stop_play(SYSTEM, province_id=HUBEI, campaign_id=started)
    clock_at("2026-11-20T21:00+08:00")

    (one,) = queries.hindsight(HUBEI)
    shown = desk().read("hindsight/")

    assert (one.campaign_id, one.members, one.days, one.expected) == (started, 1, 1, chosen.expected)
    assert one.brought == 3000 - one.cost.fen
    assert f"1 × 1 {chosen.expected:.1f} {one.brought:.1f} {one.brought - chosen.expected:+.1f}" in shown


def test_a_campaign_is_set_beside_what_the_evenings_before_it_foretold(clock_at: Clock) -> None:
    """The least that there must be: so many evenings, and on each another neighbour."""
    point = leaders.point()
    for later in range(19):
        on = ordering.SALE_ON + timedelta(days=later)
        clock_at(f"{on.isoformat()}T20:00+08:00")
        ordering.paid_order(ordering.line(pricing.offer(4000, cost_fen=500), 20), point=point)
        clock_at(f"{on.isoformat()}T23:10+08:00")
        ordering.close_day(on)
    clock_at("2026-12-09T20:00+08:00")
    one = live(point, 4000)
    commands.stop_play(SYSTEM, province_id=HUBEI, campaign_id=one.id)

    shown = desk().read(f"hindsight/{public_id('campaign', HUBEI, one.id)}/")

    assert "Rounds 1 (0 – 1) 1 within" in shown
    assert "Cost at most ¥1.00 (¥0.00 – ¥3.00) ¥1.00 within" in shown
    assert "People 1 Orders heard 1 They come to ¥40.00" in shown


def test_what_the_past_cannot_say_is_said() -> None:
    one = live(leaders.point(), 4000)
    at = desk()

    assert "0 comparable evenings of 19 needed" in at.read(f"hindsight/{public_id('campaign', HUBEI, one.id)}/")
    assert at.open(f"hindsight/{public_id('campaign', HUBEI, one.id + 1)}/").status_code == 404


@pytest.mark.parametrize(
    ("look", "low", "at", "high"),
    [
        # Symmetric around zero; the farthest end reaches the edge.
        (Look(50, 0, 100), 150, 222, WIDTH - EDGE),
        (Look(-50, -100, 0), EDGE, 78, 150),
        # What would matter is shown too, with a quarter more.
        (Look(0, -10, 10), 132, 150, 168),
    ],
)
def test_an_interval_is_drawn_to_scale(look: Look, low: float, at: float, high: float) -> None:
    drawn = picture(look, 64, reach([look, NOTHING], 64))

    assert drawn is not None
    assert (drawn["low"], drawn["at"], drawn["high"]) == (low, at, high)
    assert drawn["span"] == high - low
    assert drawn["zero"] == WIDTH / 2


def test_what_bounds_nothing_is_not_drawn() -> None:
    assert picture(NOTHING, 64, reach([NOTHING], 64)) is None


@pytest.mark.parametrize(("language", "told"), [("en", "As now 1 0 0 –"), ("zh-hans", "照旧 1 0 0 –")])
def test_a_trial_of_forms_is_begun_by_choice_and_shows_who_left_and_who_started(language: str, told: str) -> None:
    pricing.offer(2000, cost_fen=500)
    views = [peopled(), peopled()]
    usual = queries.catalogue(HUBEI)["any-four"]
    form = replace(usual, code="any-four-for-more", number=0, limits=replace(usual.limits, budget_fen=900_000))
    commands.write_design(provinces.staff("plays.edit"), province_id=HUBEI, definition=to_builtins(form))
    at = desk(language)
    assert '<option value="any-four-for-more">' in at.open("trials/").content.decode()

    shown = at.send("trials/", least_leaders="2", **{**TRIAL, "about": "any-four", "arms": ["as now", form.code]})
    assert told in shown
    assert form.name.in_(language) in shown

    chosen = dict(Assignment.objects.values_list("arm", "leader_id"))
    view = next(view for view in views if view.leader_id == chosen[form.code])
    leader = leaders.leader_of(view)
    commands.start_play(leader, province_id=HUBEI, code="any-four", plan=NewCampaign(point_ids=(view.id,)))
    commands.decline_trial(leader, province_id=HUBEI, trial_id=Trial.objects.get().id)
    assert f"{form.name.in_(language)} 1 1 1 0.0" in at.read("trials/")


def test_an_arm_that_may_not_act_is_told_on_the_form() -> None:
    sent = {**TRIAL, "least_leaders": "20", "arms": ["as now", "leaders-league"], "back": "/console/trials/"}

    assert "The trial cannot begin: not every play may be offered to leaders." in desk().send("trials/", **sent)
