"""What another way of choosing would have brought: estimates against hand-computed ones, and against the truth."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from bench.learning import judged
from lintuan.plays.engine.learning.judging import Case, case_of, doubly_robust, snips
from lintuan.plays.engine.learning.offering import Choice, Shown

#: Weights 2, 0 and 1.
CASES = [
    Case(1, gain=10, propensity=0.5, wanted=1.0, expected=4, hoped=5),
    Case(2, gain=4, propensity=0.5, wanted=0.0, expected=4, hoped=5),
    Case(3, gain=1, propensity=0.25, wanted=0.25, expected=4, hoped=5),
]
SHOWN = Shown(
    8, "tower", 5, (Choice("wheel", 0.6, 7.0, 0.0), Choice("coupon", 0.3, 3.0, 0.0), Choice("dice", 0.1, 1, 0))
)


def test_snips_by_hand() -> None:
    """(20 + 1) / 3; errors 6, 0 and -6: 72 * 3/2 / 9 = 12; worth 9 / 5 cases."""
    estimate = snips(CASES)

    assert estimate.gain == pytest.approx(7)
    assert estimate.high - 7 == pytest.approx(1.959964 * math.sqrt(12)) == pytest.approx(7 - estimate.low)
    assert estimate.worth == pytest.approx(1.8)


def test_doubly_robust_by_hand() -> None:
    """5 + 2 * 6 = 17, 5 and 5 - 3 = 2: mean 8; errors 9, -3 and -6: 126 * 3/2 / 9 = 21."""
    estimate = doubly_robust(CASES)

    assert estimate.gain == pytest.approx(8)
    assert estimate.high - 8 == pytest.approx(1.959964 * math.sqrt(21)) == pytest.approx(8 - estimate.low)


def test_days_of_one_leader_are_one_term() -> None:
    """Errors 6 and -6 of one leader cancel, and one leader alone bounds nothing."""
    alike = [replace(case, leader=1) if case.leader == 3 else case for case in CASES]

    assert snips(alike).high == pytest.approx(7)
    assert snips([replace(case, leader=1) for case in CASES]).low == -math.inf


@given(st.lists(st.tuples(st.integers(1, 9), st.floats(-50, 50), st.floats(0.01, 1)), min_size=2, max_size=40))
def test_the_policy_that_was_followed_brought_what_it_brought(rows: list[tuple[int, float, float]]) -> None:
    cases = [Case(leader, gain, chance, chance, expected=3, hoped=3) for leader, gain, chance in rows]
    mean = sum(gain for _, gain, _ in rows) / len(rows)

    assert snips(cases).gain == pytest.approx(mean, abs=1e-9)
    assert doubly_robust(cases).gain == pytest.approx(mean, abs=1e-9)
    assert snips(cases).worth == pytest.approx(len(rows))


@given(st.lists(st.tuples(st.integers(1, 9), st.floats(-50, 50), st.floats(0.01, 1)), min_size=2, max_size=40))
def test_more_gain_for_everybody_is_that_much_more(rows: list[tuple[int, float, float]]) -> None:
    cases = [Case(leader, gain, chance, 0.5, expected=0, hoped=0) for leader, gain, chance in rows]
    more = [replace(case, gain=case.gain + 10) for case in cases]

    assert snips(more).gain - snips(cases).gain == pytest.approx(10)
    assert snips(more).high - snips(more).low == pytest.approx(snips(cases).high - snips(cases).low, abs=1e-6)


def test_estimates_are_right_on_average_and_their_intervals_hold() -> None:
    """200 logs whose intervals are about 9 fen wide, so a mean error has a deviation of 0.16."""
    found = judged(200)

    for name in ("snips", "dr"):
        assert abs(found[f"{name}_bias_fen"]) < 5 * found[f"{name}_width_fen"] / 3.92 / math.sqrt(200)
        assert 0.87 <= found[f"{name}_held"] <= 1.0


def test_a_case_is_the_log_and_the_other_chances() -> None:
    case = case_of(SHOWN, 12.5, {"wheel": 0.25, "coupon": 0.75})

    assert case == Case(8, 12.5, 0.6, 0.25, 7.0, 0.25 * 7 + 0.75 * 3)
    assert case_of(SHOWN, 12.5, {"coupon": 1.0}).weight == 0


@pytest.mark.parametrize("wanted", [{"wheel": 0.5}, {"wheel": 0.5, "lamp": 0.5}, {}])
def test_chances_that_cannot_be_judged_are_refused(wanted: dict[str, float]) -> None:
    with pytest.raises(ValueError):
        case_of(SHOWN, 1.0, wanted)


@pytest.mark.parametrize(
    "fields", [{"propensity": 0}, {"propensity": 1.1}, {"wanted": -0.1}, {"gain": math.nan}, {"hoped": math.inf}]
)
def test_a_case_without_sense_is_refused(fields: dict[str, float]) -> None:
    known = {"leader": 1, "gain": 1, "propensity": 0.5, "wanted": 0.5, "expected": 0, "hoped": 0}
    with pytest.raises(ValueError):
        Case(**{**known, **fields})  # type: ignore[arg-type]


def test_nothing_in_common_is_refused() -> None:
    with pytest.raises(ValueError, match="none of these"):
        snips([replace(case, wanted=0.0) for case in CASES])
    with pytest.raises(ValueError, match="nothing to judge"):
        doubly_robust([])
