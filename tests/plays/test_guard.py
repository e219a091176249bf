"""The fraud guard: what waits for a person, why, and that families never do."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from lintuan.plays.data import HOME, guard_rules
from lintuan.plays.engine.guard import Trace, judge, judge_newcomer, read_guard
from lintuan.plays.errors import PlayMalformed

RULES = guard_rules()
YUAN = 500
#: At home in one flat, with the phone of the eldest, on one tablet.
HOME_OF_FIVE = [Trace(member, "tablet", "elder", "flat", household=7) for member in range(1, 6)]


def strangers(count: int, **others: object) -> list[Trace]:
    return [replace(Trace(100 + number), **others) for number in range(count)]


@pytest.mark.parametrize(
    ("trace", "earlier", "decision", "points"),
    [
        # Nothing in common, and nothing known, which is not the same as something equal.
        (Trace(1, "a", "b", "c"), strangers(9, device="x", phone="y", address="z"), "passes", 0),
        (Trace(1), strangers(9), "passes", 0),
        # An address alone, however many live there; a phone alone; both.
        (Trace(1, address="flat"), strangers(1, address="flat"), "passes", 5),
        (Trace(1, address="flat"), strangers(500, address="flat"), "passes", 20),
        (Trace(1, phone="elder"), strangers(3, phone="elder"), "passes", 35),
        (Trace(1, phone="elder", address="flat"), strangers(9, phone="elder", address="flat"), "passes", 40),
        # A family of four on one tablet; the fifth account is more than families are.
        (HOME_OF_FIVE[3], HOME_OF_FIVE[:3], "passes", 40),
        (HOME_OF_FIVE[4], HOME_OF_FIVE[:4], "held", 140),
        # Strangers on one device.
        (Trace(1, "phone-1"), strangers(1, device="phone-1"), "passes", 40),
        (Trace(1, "phone-1"), strangers(2, device="phone-1"), "held", 70),
        (Trace(1, "phone-1", address="flat"), strangers(1, device="phone-1", address="flat"), "passes", 45),
        # Brought by themselves, by family, by a neighbour who shares baskets.
        (Trace(1, "d", brought_by=100), strangers(1, device="d"), "held", 100),
        (Trace(1, "d", household=7, brought_by=2), [Trace(2, "d", household=7)], "passes", 25),
        (Trace(1, household=7, brought_by=2), [Trace(2, household=7)], "passes", 15),
        (Trace(1, brought_by=2, baskets=frozenset({5})), [Trace(2, baskets=frozenset({5, 6}))], "passes", 5),
        # Three who brought each other in a circle, and a chain that is none.
        (Trace(1, brought_by=3), [Trace(2, brought_by=1), Trace(3, brought_by=2)], "held", 60),
        (Trace(1, brought_by=3), [Trace(2), Trace(3, brought_by=2)], "passes", 0),
        # A circle of others, which this member only hangs on.
        (Trace(1, brought_by=2), [Trace(2, brought_by=3), Trace(3, brought_by=2)], "passes", 0),
        # Five in an hour are usual, the sixth is fast, the tenth too fast; an hour later all is forgotten.
        (Trace(1, brought_by=9, at=50), strangers(4, brought_by=9, at=10), "passes", 0),
        (Trace(1, brought_by=9, at=50), strangers(5, brought_by=9, at=10), "passes", 20),
        (Trace(1, brought_by=9, at=50), strangers(9, brought_by=9, at=10), "held", 60),
        (Trace(1, brought_by=9, at=70), strangers(9, brought_by=9, at=10), "passes", 0),
    ],
)  # fmt: skip
def test_points_decide_what_waits_for_a_person(trace: Trace, earlier: list[Trace], decision: str, points: int) -> None:
    verdict = judge(trace, earlier, RULES, worth_fen=YUAN)

    assert (verdict.decision, verdict.points, verdict.hold_at) == (decision, points, 60)
    assert all(one.points and one.text.zh and one.text.en for one in verdict.findings)
    assert bool(verdict.findings) == bool(points)


def test_what_is_worth_little_passes_and_nobody_is_too_fast_at_the_counter() -> None:
    fast = Trace(1, brought_by=9, at=50), strangers(9, brought_by=9, at=10)

    assert judge(*fast, RULES, worth_fen=100).decision == "passes"
    assert judge(*fast, RULES, worth_fen=101).decision == "held"
    assert judge(*fast, RULES, worth_fen=YUAN, is_at_counter=True).decision == "passes"


def test_a_verdict_says_why_in_both_languages() -> None:
    verdict = judge(Trace(1, "d", address="flat"), strangers(2, device="d", address="flat"), RULES, worth_fen=YUAN)

    assert [(one.signal, one.points, one.is_soft) for one in verdict.findings] == [
        ("device", 70, False), ("address", 10, True),
    ]  # fmt: skip
    assert verdict.findings[0].text.zh == "同一台设备上另有 2 个账号领过"
    assert verdict.findings[0].text.en == "2 other accounts were rewarded on this device"


FIRST = Trace(1, "tablet", "elder", "flat")


@pytest.mark.parametrize(
    ("trace", "decision", "points"),
    [
        (FIRST, "again", 95),
        (Trace(2, "tablet", "elder", "flat"), "again", 95),
        (Trace(2, "tablet", "elder", "elsewhere"), "held", 80),
        (Trace(2, "own", "elder", "flat"), "passes", 55),
        (Trace(2, "tablet", "own", "flat"), "passes", 55),
        (Trace(2, "own", "own", "flat"), "passes", 15),
        (Trace(2, "tablet", "", ""), "passes", 40),
        (Trace(2), "passes", 0),
    ],
)
def test_a_newcomer_is_new_once_by_phone_device_and_address_together(trace: Trace, decision: str, points: int) -> None:
    verdict = judge_newcomer(trace, [FIRST], RULES)

    assert (verdict.decision, verdict.points) == (decision, points)


def test_what_equals_two_different_people_is_not_one_of_them() -> None:
    earlier = [Trace(2, device="d"), Trace(3, phone="p"), Trace(4, address="a")]

    verdict = judge_newcomer(Trace(1, "d", "p", "a"), earlier, RULES)

    assert (verdict.decision, verdict.points) == ("passes", 40)


@given(
    st.lists(
        st.builds(
            Trace,
            st.integers(2, 40),
            phone=st.sampled_from(["", "elder", "own"]),
            address=st.sampled_from(["", "flat", "next door"]),
            household=st.integers(0, 2),
            baskets=st.frozensets(st.integers(1, 3)),
        ),
        max_size=30,
    )
)
def test_families_and_neighbours_are_never_held_for_what_they_share(earlier: list[Trace]) -> None:
    me = Trace(1, "own", "elder", "flat", household=1, brought_by=2, baskets=frozenset({1, 2}))

    assert judge(me, earlier, RULES, worth_fen=10**6).decision == "passes"
    assert judge_newcomer(me, earlier, RULES).decision == "passes"


@pytest.mark.parametrize(
    ("line", "instead", "place"),
    [
        ("soft_most = 40", "soft_most = 60", "$.soft_most"),
        ("again_at = 95", "again_at = 96", "$.newcomer.again_at"),
        ("again_at = 95", "again_at = 59", "$.newcomer.again_at"),
        ("phone = 40", "phone = 60", "$.newcomer.hold_at"),
        ("free_fen = 100", "free_fen = -1", "$.free_fen"),
        ("rush_usual = 5", "rush_usually = 5", "$"),
        ("hold_at = 60\n# What", "hold_at =\n# What", "$"),
    ],
)
def test_rules_that_would_hold_families_are_refused(line: str, instead: str, place: str) -> None:
    text = (HOME / "guard.toml").read_text()
    assert line in text

    with pytest.raises(PlayMalformed) as refused:
        read_guard(text.replace(line, instead))

    assert refused.value.facts["place"] == place
