from __future__ import annotations

import random
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lintuan.fulfilment import rules
from lintuan.fulfilment.errors import (
    AmountTooHigh,
    ClaimTooLate,
    ClaimTooMuch,
    MoreThanSent,
    NotDelivered,
    NothingToRefund,
    ReasonMissing,
    SecondCentre,
    SignedAlready,
    SortedTooMuch,
    SortingClosed,
    SortingNotOpen,
)
from lintuan.fulfilment.rules import Due, TaskFacts
from lintuan.fulfilment.types import (
    ClaimCause,
    ClaimDecision,
    ClaimRequest,
    Discrepancy,
    DropState,
    NewWarehouse,
    PointAssignment,
    SortReport,
    TaskState,
    WarehouseKind,
)
from lintuan.kernel.errors import CannotMove, Invalid, NotFound
from lintuan.kernel.money import Money

NOON = datetime(2026, 11, 21, 4, 0, tzinfo=UTC)


def due(line_id: int, point_id: int, units: int) -> Due:
    return Due(line_id, point_id, units, NOON + timedelta(minutes=line_id))


def warehouse(code: str, kind: WarehouseKind = WarehouseKind.GRID, lat: float = 30.5) -> NewWarehouse:
    return NewWarehouse(kind, code, "仓", "Warehouse", lat, 114.3)


# Grid got 7 of 10: points A (1) and B (2); lines in the order they were paid.
WORKED = [due(1, 1, 3), due(2, 2, 4), due(3, 1, 3)]


@pytest.mark.parametrize(
    ("available", "first_paid", "in_proportion"),
    [
        (10, {1: 6, 2: 4}, {1: 6, 2: 4}),
        (7, {1: 3, 2: 4}, {1: 4, 2: 3}),
        (5, {1: 3, 2: 2}, {1: 3, 2: 2}),
        (0, {1: 0, 2: 0}, {1: 0, 2: 0}),
        (12, {1: 6, 2: 4}, {1: 6, 2: 4}),
    ],
)
def test_what_a_grid_got_is_shared_over_its_points(available, first_paid, in_proportion):
    assert rules.share_over_points(available, WORKED) == first_paid
    assert rules.share_in_proportion(available, WORKED) == in_proportion


@given(
    lines=st.lists(st.tuples(st.integers(1, 6), st.integers(1, 9)), min_size=1, max_size=30),
    available=st.integers(0, 300),
)
def test_sharing_loses_nothing_and_gives_no_point_more_than_is_due(lines, available):
    dues = [due(line_id, point, units) for line_id, (point, units) in enumerate(lines)]
    asked: Counter[int] = Counter()
    for one in dues:
        asked[one.point_id] += one.units

    for share in (rules.share_over_points, rules.share_in_proportion):
        granted = share(available, dues)
        assert sum(granted.values()) == min(available, asked.total())
        assert all(0 <= granted[point] <= asked[point] for point in asked)


def test_nobody_due_means_nothing_shared():
    assert rules.share_over_points(5, []) == rules.share_in_proportion(5, []) == {}


def test_a_province_has_one_centre():
    centre = warehouse("C1", WarehouseKind.CENTRE)

    rules.check_warehouses([centre, warehouse("G1")], None)
    rules.check_warehouses([centre], "C1")

    with pytest.raises(SecondCentre):
        rules.check_warehouses([centre], "C0")
    with pytest.raises(SecondCentre):
        rules.check_warehouses([centre, warehouse("C2", WarehouseKind.CENTRE)], None)


@pytest.mark.parametrize("wrong", [[warehouse("G1"), warehouse("G1")], [warehouse(" ")], [warehouse("G", lat=91.0)]])
def test_warehouses_that_make_no_sense_are_refused(wrong):
    with pytest.raises(Invalid):
        rules.check_warehouses(wrong, None)


def test_a_point_is_put_to_one_grid():
    with pytest.raises(Invalid):
        rules.check_assignments([PointAssignment("P1", "G1"), PointAssignment("P1", "G2")])


@pytest.mark.parametrize(
    ("quantity", "state", "refusal"),
    [
        (0, TaskState.OPEN, None),
        (5, TaskState.OPEN, None),
        (4, TaskState.REPORTED, None),
        (6, TaskState.OPEN, SortedTooMuch),
        (-1, TaskState.OPEN, Invalid),
        (5, TaskState.WAITING, SortingNotOpen),
        (5, TaskState.CLOSED, SortingClosed),
    ],
)
def test_a_report_is_for_an_open_task_and_at_most_what_it_wants(quantity, state, refusal):
    report, tasks = [SortReport(1, quantity)], {1: TaskFacts(5, state)}

    if refusal is None:
        rules.check_reports(report, tasks, province_id=42)
    else:
        with pytest.raises(refusal):
            rules.check_reports(report, tasks, province_id=42)


def test_reports_of_unknown_tasks_or_twice_of_one_are_refused():
    tasks = {1: TaskFacts(5, TaskState.OPEN)}

    with pytest.raises(NotFound):
        rules.check_reports([SortReport(2, 1)], tasks, province_id=42)
    with pytest.raises(Invalid):
        rules.check_reports([SortReport(1, 1), SortReport(1, 2)], tasks, province_id=42)
    with pytest.raises(Invalid):
        rules.check_reports([SortReport(1, 1)] * (rules.MOST_REPORTS + 1), tasks, province_id=42)


@pytest.mark.parametrize("state", [DropState.PLANNED, DropState.ON_THE_WAY])
def test_what_has_not_come_cannot_be_signed_for(state):
    with pytest.raises(NotDelivered):
        rules.check_delivery(state)


def test_a_drop_is_signed_for_once():
    rules.check_unsigned(DropState.DELIVERED, None)
    rules.check_delivery(DropState.DELIVERED)

    with pytest.raises(SignedAlready):
        rules.check_unsigned(DropState.SIGNED, NOON)
    for gone in (DropState.EMPTY, DropState.LOST):
        with pytest.raises(CannotMove):
            rules.check_delivery(gone)


@dataclass
class Line:
    sent: int


@pytest.mark.parametrize(
    ("short", "damaged", "refusal"),
    [(0, 0, None), (2, 3, None), (5, 0, None), (3, 3, MoreThanSent), (6, 0, MoreThanSent), (-1, 0, Invalid)],
)
def test_no_more_is_short_or_damaged_than_was_sent(short, damaged, refusal):
    found, lines, codes = [Discrepancy(9, short, damaged)], {9: Line(5)}, {9: "S9"}

    if refusal is None:
        rules.check_discrepancies(found, lines, codes=codes)
    else:
        with pytest.raises(refusal):
            rules.check_discrepancies(found, lines, codes=codes)


def test_goods_that_were_not_in_the_drop_cannot_be_short_and_none_is_named_twice():
    lines, codes = {9: Line(5)}, {9: "S9"}

    with pytest.raises(NotFound):
        rules.check_discrepancies([Discrepancy(8, 1)], lines, codes=codes)
    with pytest.raises(Invalid):
        rules.check_discrepancies([Discrepancy(9, 1), Discrepancy(9, 1)], lines, codes=codes)


@given(count=st.integers(0, 300), seed=st.integers(0, 99))
def test_codes_are_six_digits_all_different_and_not_taken(count, seed):
    taken = {f"{number:06d}" for number in range(500)}

    codes = rules.draw_codes(count, taken=taken, draw=random.Random(seed).sample)

    assert len(codes) == len(set(codes)) == count
    assert taken.isdisjoint(codes)
    assert all(len(code) == 6 and code.isdigit() for code in codes)


@pytest.mark.parametrize(
    ("wrong", "after_s", "wait_s"), [(4, 0, 0), (5, 0, 60), (5, 59.5, 1), (5, 60, 0), (9, 30, 30), (0, 0, 0)]
)
def test_five_wrong_codes_close_the_counter_for_the_rest_of_the_minute(wrong, after_s, wait_s):
    assert rules.seconds_to_wait(wrong, since_at=NOON, now=NOON + timedelta(seconds=after_s)) == wait_s


@pytest.mark.parametrize(("wrong", "shut_s", "wait_s"), [(0, 3600, 3600), (5, 3600, 3600), (5, 10, 60), (0, 0, 0)])
def test_the_longer_of_two_pauses_counts(wrong, shut_s, wait_s):
    shut_until = NOON + timedelta(seconds=shut_s)
    assert rules.seconds_to_wait(wrong, since_at=NOON, now=NOON, shut_until=shut_until) == wait_s


def test_a_claim_is_in_time_until_just_before_the_hours_are_over():
    rules.check_claim_time(NOON + timedelta(hours=24, microseconds=-1), NOON, hours=24)

    with pytest.raises(ClaimTooLate):
        rules.check_claim_time(NOON + timedelta(hours=24), NOON, hours=24)


@pytest.mark.parametrize(
    ("quantity", "settled", "left", "refusal"),
    [
        (1, 0, 100, None),
        (3, 0, 100, None),
        (2, 1, 100, None),
        (0, 0, 100, Invalid),
        (4, 0, 100, ClaimTooMuch),
        (3, 1, 100, ClaimTooMuch),
        (1, 0, 0, NothingToRefund),
    ],
)
def test_a_claim_is_for_units_handed_out_and_not_settled(quantity, settled, left, refusal):
    request = ClaimRequest(1, 1, ClaimCause.QUALITY, quantity)

    if refusal is None:
        rules.check_claim(request, due=3, settled=settled, left=Money(left))
    else:
        with pytest.raises(refusal):
            rules.check_claim(request, due=3, settled=settled, left=Money(left))


def test_a_claim_tells_its_story_in_500_signs():
    story = ClaimRequest(1, 1, ClaimCause.QUALITY, 1, note="坏" * 501)

    with pytest.raises(Invalid):
        rules.check_claim(story, due=3, settled=0, left=Money(1))


@pytest.mark.parametrize(
    ("decision", "refusal"),
    [
        (ClaimDecision(Money(500)), None),
        (ClaimDecision(Money(1), reason="  "), None),
        (ClaimDecision(reason="照片看不出问题"), None),
        (ClaimDecision(Money(501)), AmountTooHigh),
        (ClaimDecision(Money(-1)), Invalid),
        (ClaimDecision(), ReasonMissing),
        (ClaimDecision(reason="  "), ReasonMissing),
    ],
)
def test_staff_grant_up_to_what_was_proposed_or_say_why_not(decision, refusal):
    if refusal is None:
        rules.check_decision(decision, proposed=Money(500))
    else:
        with pytest.raises(refusal):
            rules.check_decision(decision, proposed=Money(500))
