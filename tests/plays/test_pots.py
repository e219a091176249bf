"""Pots and their budgets: what is shown of one is covered, and what is covered is shared."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lintuan.kernel import clock
from lintuan.plays import queries
from lintuan.plays.engine.definition import Limits, Participants, Trigger
from lintuan.plays.engine.progress import Reach
from lintuan.plays.engine.rewards import Cash, Pot
from lintuan.plays.engine.telling import Told, figures
from lintuan.plays.models import Budget, Grant
from lintuan.plays.pots import covered
from lintuan.plays.types import CampaignView, RunView
from tests.make import campaigns as make
from tests.make import leaders, members, plays
from tests.make.provinces import HUBEI, province

Clock = Callable[[str], datetime]


@pytest.fixture
def evening(clock_at: Clock, db: None) -> None:
    clock_at("2026-11-20T19:00+08:00")
    province()


@pytest.mark.parametrize(
    ("shares", "left", "become"),
    [
        ([600, 400], 2000, [600, 400]),
        ([600, 400], 1000, [600, 400]),
        ([600, 400], 500, [300, 200]),
        ([600, 400], 1, [1, 0]),
        ([600, 400], 0, [0, 0]),
        ([], 5, []),
    ],
)
def test_shares_become_as_small_as_what_is_left(shares: list[int], left: int, become: list[int]) -> None:
    assert covered(shares, left) == become


@given(st.lists(st.integers(1, 10_000), min_size=1, max_size=40), st.integers(0, 100_000))
def test_all_that_is_left_is_shared_and_no_fen_more(shares: list[int], left: int) -> None:
    become = covered(shares, left)

    assert sum(become) == min(sum(shares), left)
    assert all(0 <= part <= share for part, share in zip(become, shares, strict=True))
    assert all(abs(part - share * sum(become) / sum(shares)) < 1 for part, share in zip(become, shares, strict=True))


def evening_pot(pot: Pot, limits: Limits, **others: object) -> CampaignView:
    fields: dict[str, object] = {
        "trigger": Trigger(kind="clock", every="day", at="18:00", minutes=180),
        "counts": (plays.counting("paid", "fen"),),
        "participants": Participants(reach="point"),
        "limits": limits,
    }
    play = plays.definition(Reach(levels=(1000,)), [pot], **{**fields, **others})
    return make.running(play, starts_at=clock.now() - timedelta(hours=2))


def shown(one: CampaignView, run: RunView | None = None) -> str | None:
    """What the words of a play say that its pot holds, of the first run where none is named."""
    runs = queries.runs_of_campaign(HUBEI, one.id)
    run = run or (runs[0] if runs else None)
    told = Told(count=queries.counted(one, run) if run else 0, pot_most=queries.pot_most(one, run))
    pot = figures(one.definition, told).get("pot")
    return pot.en if pot else None


def yuan(fen: int) -> str:
    return f"{fen // 100}.{fen % 100:02} yuan"


@pytest.mark.parametrize(
    ("budget", "expected", "shares"),
    [(5000, 1000, [400, 600]), (500, 500, [200, 300]), (1, 1, [1])],
)
def test_a_pot_shows_what_is_covered_and_shares_it_in_proportion(
    evening: None, clock_at: Clock, budget: int, expected: int, shares: list[int]
) -> None:
    one = evening_pot(Pot(fen=1000, most_fen=1000, split="by_count"), Limits(budget_fen=budget))
    (lin, wang), point = members.members(2), leaders.point()
    assert shown(one) == yuan(expected)
    make.hear(make.paid(lin, 3000, point=point), make.paid(wang, 2000, point=point))
    assert shown(one) == yuan(expected)
    clock_at("2026-11-20T21:00+08:00")

    make.end()

    given = Grant.objects.filter(state="given").order_by("worth")
    assert [row.worth.fen for row in given] == shares
    assert shown(one) == yuan(expected)
    assert expected == sum(shares) == Budget.objects.get(kind="play").spent


def test_a_pot_that_grows_is_shown_as_it_stands_until_its_budget_ends(evening: None) -> None:
    one = evening_pot(Pot(share_bps=1000, most_fen=900), Limits(budget_fen=5000, leader_budget_fen=600))
    point, sums = leaders.point(), []
    for lin in members.members(3):
        make.hear(make.paid(lin, 2500, point=point))
        sums.append(shown(one))

    assert sums == [yuan(250), yuan(500), yuan(600)]


def test_what_the_run_gives_besides_comes_before_its_pot(evening: None, clock_at: Clock) -> None:
    one = evening_pot(Pot(fen=1000, most_fen=1000), Limits(budget_fen=1200))
    other = plays.definition(
        Reach(levels=(1000,)), [Pot(fen=1000, most_fen=1000), Cash(fen=300)],
        trigger=one.definition.trigger, counts=one.definition.counts, limits=Limits(budget_fen=1200),
        participants=Participants(reach="point"),
    )  # fmt: skip
    both = make.running(other, starts_at=clock.now() - timedelta(hours=2))
    lin, point = members.member(), leaders.point()
    make.hear(make.paid(lin, 3000, point=point))
    assert shown(both) == yuan(900)
    clock_at("2026-11-20T21:00+08:00")

    make.end()

    given = Grant.objects.filter(campaign_id=both.id, state="given")
    assert {row.kind: row.worth.fen for row in given} == {"cash": 300, "pot": 900}


def test_a_second_run_shares_what_the_first_left_and_nobody_is_passed_over(evening: None, clock_at: Clock) -> None:
    evening_pot(Pot(fen=1000, most_fen=1000), Limits(budget_fen=1600))
    for point in leaders.points(2):
        make.hear(*(make.paid(one, 3000, point=point) for one in members.members(2)))
    clock_at("2026-11-20T21:00+08:00")

    make.end()

    assert sorted(row.worth.fen for row in Grant.objects.filter(state="given")) == [300, 300, 500, 500]
    assert not Grant.objects.filter(state="denied").exists()


def test_a_pot_without_anything_left_is_denied_and_shows_nothing(evening: None, clock_at: Clock) -> None:
    one = evening_pot(Pot(fen=1000, most_fen=1000), Limits(budget_fen=1000))
    for point in leaders.points(2):
        make.hear(make.paid(members.member(), 3000, point=point))
    clock_at("2026-11-20T21:00+08:00")

    make.end()

    assert sorted(Grant.objects.values_list("state", flat=True)) == ["denied", "given"]
    assert sorted(str(shown(one, run)) for run in queries.runs_of_campaign(HUBEI, one.id)) == [yuan(0), yuan(1000)]


def test_a_play_without_a_pot_has_none(evening: None) -> None:
    play = plays.definition(Reach(levels=(1,)), [Cash(fen=100)], limits=Limits(budget_fen=100))

    assert shown(make.running(play)) is None
