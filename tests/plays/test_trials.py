"""Trials by leader: who is in which arm, and intervals that stay right however often one looks."""

from __future__ import annotations

import math
from collections import Counter

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from bench.learning import leaders_stay, stopped
from lintuan.plays.engine.learning.assigning import Assigned, Trial, arm_at, assign
from lintuan.plays.engine.learning.comparing import NOTHING, Look, Outcome, Plan, Sums, decide, look, radius

KEY = b"\x05" * 32
TRIAL = Trial("wheel-or-coupon", ("as now", "wheel"))
THREE = Trial("three", ("as now", "wheel", "coupon"))
PLAN = Plan(matters=0.012)
LEADERS = st.dictionaries(st.integers(1, 10_000), st.sampled_from(["tower", "village", "campus"]), max_size=60)


@given(LEADERS, st.sampled_from([TRIAL, THREE]))
def test_arms_of_a_group_type_differ_by_one_at_most(leaders: dict[int, str], trial: Trial) -> None:
    assigned = assign(trial, leaders, (), key=KEY)

    assert {one.leader: one.group_type for one in assigned} == leaders
    for group_type in set(leaders.values()):
        counts = Counter(dict.fromkeys(trial.arms, 0))
        counts.update(one.arm for one in assigned if one.group_type == group_type)
        assert max(counts.values()) - min(counts.values()) <= 1


@given(LEADERS, LEADERS)
def test_who_has_an_arm_keeps_it_and_latecomers_fill_the_block(first: dict[int, str], later: dict[int, str]) -> None:
    log = assign(THREE, first, (), key=KEY)
    more = assign(THREE, {**first, **later}, log, key=KEY)

    assert {one.leader for one in more} == later.keys() - first.keys()
    assert assign(THREE, {**later, **first}, (*log, *more), key=KEY) == ()
    places = sorted((one.group_type, one.place) for one in (*log, *more))
    counts = Counter(group_type for group_type, _ in places)
    assert places == sorted((group_type, at) for group_type, n in counts.items() for at in range(n))


@given(LEADERS)
def test_the_same_key_gives_the_same_in_any_order(leaders: dict[int, str]) -> None:
    backwards = dict(reversed(leaders.items()))

    assert assign(TRIAL, leaders, (), key=KEY) == assign(TRIAL, backwards, (), key=KEY)


def test_the_log_can_be_checked_by_the_key() -> None:
    assigned = assign(THREE, dict.fromkeys(range(30), "tower"), (), key=KEY)

    assert all(one.arm == arm_at(THREE, "tower", one.place, key=KEY) for one in assigned)
    assert {one.propensity for one in assigned} == {1 / 3}


def test_arms_are_what_they_were_in_every_version() -> None:
    log = assign(TRIAL, {11: "tower", 12: "tower", 13: "tower", 21: "village", 22: "village"}, (), key=KEY)
    late = assign(TRIAL, {14: "tower", 23: "village"}, log, key=KEY)

    assert [(one.leader, one.place, one.arm) for one in (*log, *late)] == [
        (21, 0, "wheel"),
        (11, 0, "wheel"),
        (12, 1, "as now"),
        (22, 1, "as now"),
        (13, 2, "wheel"),
        (14, 3, "as now"),
        (23, 2, "wheel"),
    ]


def test_a_leader_is_in_either_arm_as_often_whatever_their_number() -> None:
    """Under 2,000 keys, within five standard deviations; another trial is dealt out independently."""
    keys, other = 2_000, Trial("another", TRIAL.arms)
    together: Counter[tuple[str, str]] = Counter()
    for number in range(keys):
        key = number.to_bytes(4, "big")
        arms = [
            {one.leader: one.arm for one in assign(trial, {7: "tower", 8: "tower", 9: "tower"}, (), key=key)}
            for trial in (TRIAL, other)
        ]
        together[arms[0][7], arms[1][7]] += 1

    assert len(together) == 4
    assert all(abs(count - keys / 4) < 5 * (keys * 3 / 16) ** 0.5 for count in together.values())


@pytest.mark.parametrize("arms", [(), ("one",), ("one", "one")])
def test_a_trial_has_two_arms(arms: tuple[str, ...]) -> None:
    with pytest.raises(ValueError, match="two arms"):
        Trial("trial", arms)


def test_an_empty_key_is_refused() -> None:
    with pytest.raises(ValueError, match="key"):
        assign(TRIAL, {1: "tower"}, (), key=b"")


@pytest.mark.parametrize(
    ("outcomes", "mean", "variance"),
    [
        # Residuals 0, 2 and -2: 3/2 * 8 / 30^2.
        ([(1, 3, 10), (2, 5, 10), (3, 1, 10)], 0.3, 12 / 900),
        # Mean 5/16, residuals 0.75 and -0.75: 2 * 1.125 / 16^2.
        ([(1, 2, 4), (2, 3, 12)], 0.3125, 2.25 / 256),
        # Two days of one leader are one term.
        ([(1, 1, 2), (1, 1, 2), (2, 3, 12)], 0.3125, 2.25 / 256),
        # A leader of whom nothing came back is none yet.
        ([(1, 2, 4), (2, 3, 12), (3, 0, 0)], 0.3125, 2.25 / 256),
    ],
)
def test_the_variance_counts_leaders(outcomes: list[tuple[int, float, int]], mean: float, variance: float) -> None:
    sums = Sums.of(Outcome(*one) for one in outcomes)

    assert (sums.mean, sums.variance) == pytest.approx((mean, variance))


@pytest.mark.parametrize(
    ("variance", "matters", "wrong", "expected"),
    [
        # 0.000244 / 0.0001 = 2.44; ln 2.44 + 2 ln 20 = 6.883463; times 0.0001 * 0.000244 / 0.000144.
        (0.0001, 0.012, 0.05, 0.0341521),
        # Twice: ln 2 + 2 ln 20 = 6.684612, times 2.
        (1.0, 1.0, 0.05, 3.656395),
        (1.0, 1.0, 0.01, math.sqrt(2 * (math.log(2) + 2 * math.log(100)))),
        (0.0, 1.0, 0.05, math.inf),
    ],
)
def test_the_radius_is_the_formula(variance: float, matters: float, wrong: float, expected: float) -> None:
    assert radius(variance, Plan(matters=matters, wrong=wrong)) == pytest.approx(expected, rel=1e-5)


@given(st.floats(1e-9, 1e3), st.floats(1.001, 100), st.floats(1e-4, 1e2), st.floats(1e-4, 0.5))
def test_the_interval_shrinks_with_what_is_known(variance: float, more: float, matters: float, wrong: float) -> None:
    plan = Plan(matters=matters, wrong=wrong)

    assert radius(variance / more, plan) < radius(variance, plan)
    # Looking as often as one likes has its price: this much would bound a single look.
    assert radius(variance, plan) > math.sqrt(variance * -2 * math.log(wrong))


@given(st.lists(st.tuples(st.integers(1, 30), st.integers(0, 5), st.integers(1, 9)), min_size=1, max_size=80))
def test_the_unit_of_the_outcome_does_not_matter(rows: list[tuple[int, int, int]]) -> None:
    """In fen or in yuan, what follows is the same."""
    arms = [[Outcome(*row) for row in rows], [Outcome(leader, 2 * total, count) for leader, total, count in rows]]
    fen = [[Outcome(one.leader, 100 * one.total, one.count) for one in arm] for arm in arms]
    yuan_plan, fen_plan = (Plan(matters=matters, least_leaders=2) for matters in (0.5, 50))
    yuan_look = look(*map(Sums.of, arms), yuan_plan)
    fen_look = look(*map(Sums.of, fen), fen_plan)
    # Residuals that cancel to nothing do so differently in either unit.
    assume(math.isinf(yuan_look.low) == math.isinf(fen_look.low))

    assert (fen_look.difference, fen_look.low) == pytest.approx((100 * yuan_look.difference, 100 * yuan_look.low))


def test_too_few_leaders_or_all_alike_tell_nothing() -> None:
    few = Sums.of(Outcome(leader, leader % 3, 10) for leader in range(19))
    enough = Sums.of(Outcome(leader, leader % 3, 10) for leader in range(20))
    nobody_bought = Sums.of(Outcome(leader, 0, 10) for leader in range(20))

    assert look(few, enough, PLAN) == NOTHING
    assert look(nobody_bought, enough, PLAN).low == -math.inf
    assert math.isfinite(look(enough, enough, PLAN).low)


@pytest.mark.parametrize(
    ("low", "high", "is_over", "what", "why"),
    [
        (0.001, 0.05, False, "stop", "better"),
        (-0.05, -0.001, False, "stop", "worse"),
        (-0.011, 0.011, False, "stop", "too_small_to_matter"),
        (0.001, 0.011, False, "stop", "better"),
        (-0.011, 0.012, False, "continue", "not_known_yet"),
        (0.0, 0.05, False, "continue", "not_known_yet"),
        (-0.011, 0.012, True, "undecided", "time_is_over"),
        (0.001, 0.05, True, "stop", "better"),
        (-math.inf, math.inf, True, "undecided", "time_is_over"),
    ],
)
def test_what_to_do_follows_from_the_interval(low: float, high: float, is_over: bool, what: str, why: str) -> None:
    decision = decide(Look(0.0, low, high), PLAN, is_over=is_over)

    assert (decision.what, decision.why) == (what, why)


def test_looking_forty_times_keeps_its_promise_where_naive_looks_do_not() -> None:
    """Of 400 trials without any difference; each bound is five standard deviations from what is expected."""
    found = stopped(seed=1, trials=400, effect=0.0)

    assert found["sequence"] <= 0.05
    assert found["naive"] >= 0.2
    assert found["fixed"] <= 0.11


def test_the_same_leaders_day_after_day_are_no_new_leaders() -> None:
    """Of 300 trials without any difference: who counts members for independent is wrong more often than not."""
    found = stopped(seed=1, trials=300, effect=0.0, arm=leaders_stay)

    assert found["sequence"] <= 0.05
    assert found["members"] >= 0.3


def test_a_difference_is_found_and_before_the_end() -> None:
    found = stopped(seed=2, trials=200, effect=0.02)

    assert found["sequence"] >= 0.95
    assert found["leaders"] <= 2_000


@pytest.mark.parametrize(
    "fields", [{"matters": 0}, {"matters": math.nan}, {"matters": 1, "wrong": 1}, {"matters": 1, "least_leaders": 1}]
)
def test_a_plan_without_sense_is_refused(fields: dict[str, float]) -> None:
    with pytest.raises(ValueError, match="a plan has"):
        Plan(**fields)  # type: ignore[arg-type]


@pytest.mark.parametrize(("total", "count"), [(1, 0), (1, -1), (math.nan, 3), (math.inf, 3)])
def test_an_outcome_without_sense_is_refused(total: float, count: int) -> None:
    with pytest.raises(ValueError, match="a sum is a figure"):
        Outcome(1, total, count)


def test_the_log_survives_a_leader_who_moved_to_another_type() -> None:
    log = (Assigned(1, "tower", 0, "wheel", 0.5),)

    assert assign(TRIAL, {1: "village"}, log, key=KEY) == ()
