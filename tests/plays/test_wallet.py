"""What rewards in hand save on a basket."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lintuan.plays.engine.wallet import Held, Priced, plan


def line(offer_id: int, fen: int, *, units: int = 1, floor_fen: int = 0) -> Priced:
    return Priced(offer_id=offer_id, sku_id=offer_id, units=units, fen=fen, floor_fen=floor_fen)


def coupon(id: int, off: int, over: int = 0, **others: object) -> Held:
    return Held(id=id, kind="coupon", worth_fen=off, over_fen=over, **others)


def credit(id: int, fen: int, **others: object) -> Held:
    return Held(id=id, kind="credit", worth_fen=fen, **others)


@pytest.mark.parametrize(
    ("lines", "held", "uses"),
    [
        ([line(1, 1000)], [], []),
        ([line(1, 1000)], [coupon(1, 200, 1000)], [(1, 200)]),
        ([line(1, 999)], [coupon(1, 200, 1000)], []),
        # Only one coupon, the one that saves most; of equal ones the one that runs out first.
        ([line(1, 3000)], [coupon(1, 200), coupon(2, 300, 2000), coupon(3, 500, 5000)], [(2, 300)]),
        (
            [line(1, 3000)],
            [coupon(1, 200), coupon(2, 200, expires_on=date(2026, 11, 30))],
            [(2, 200)],
        ),
        # Plays, goods, coupon, money, in this order.
        (
            [line(1, 1000), line(2, 600, units=2)],
            [
                credit(4, 100),
                coupon(3, 150),
                Held(id=2, kind="goods", worth_fen=400, sku_id=2),
                Held(id=1, kind="play", worth_fen=200, sku_ids=(1,)),
            ],
            [(1, 200), (2, 300), (3, 150), (4, 100)],
        ),
        # A price of its own stops at its own floor, the law's floor stops everything.
        ([line(1, 1000)], [Held(id=1, kind="play", worth_fen=400, floor_bps=7000)], [(1, 300)]),
        ([line(1, 1000, floor_fen=900)], [coupon(1, 200), credit(2, 500)], [(1, 100)]),
        # A fen stays to be paid.
        ([line(1, 300)], [credit(1, 500)], [(1, 299)]),
        ([line(1, 500)], [credit(1, 100), credit(2, 100)], [(1, 100), (2, 100)]),
        # Goods that were won are good for what they are, once.
        ([line(1, 900, units=3)], [Held(id=1, kind="goods", worth_fen=9999, sku_id=1)], [(1, 300)]),
        ([line(1, 900)], [Held(id=1, kind="goods", worth_fen=400, sku_id=2)], []),
    ],
)
def test_what_is_used(lines: list[Priced], held: list[Held], uses: list[tuple[int, int]]) -> None:
    assert [(use.id, use.fen) for use in plan(lines, held).uses] == uses


TOMATOES = Priced(offer_id=1, sku_id=1, units=2, fen=2000, floor_fen=1200)
EGGS = Priced(offer_id=2, sku_id=2, units=1, fen=1500, floor_fen=1350)
GREENS = Priced(offer_id=3, sku_id=3, units=1, fen=400)


def flash(worth: int, **others: object) -> Held:
    return Held(id=1, kind="play", worth_fen=worth, sku_ids=(1,), **others)


@pytest.mark.parametrize(
    ("lines", "held", "saved", "to_pay"),
    [
        ([TOMATOES], [flash(600)], {"play": 600}, 1400),
        ([TOMATOES], [flash(600, floor_bps=7500)], {"play": 500}, 1500),
        ([TOMATOES], [flash(600), coupon(2, 300, 1000)], {"play": 600, "coupon": 200}, 1200),
        ([TOMATOES], [flash(600), coupon(2, 300, 2001)], {"play": 600}, 1400),
        (
            [TOMATOES],
            [flash(600), coupon(2, 100, 2000), credit(3, 500)],
            {"play": 600, "coupon": 100, "credit": 100},
            1200,
        ),
        ([EGGS], [coupon(2, 300)], {"coupon": 150}, 1350),
        (
            [TOMATOES, EGGS],
            [flash(600), coupon(2, 300), credit(3, 999)],
            {"play": 600, "coupon": 300, "credit": 50},
            2550,
        ),
        ([GREENS], [credit(3, 500)], {"credit": 399}, 1),
        ([GREENS, EGGS], [credit(3, 500)], {"credit": 500}, 1400),
        (
            [TOMATOES],
            [Held(id=4, kind="goods", worth_fen=1000, sku_id=1), coupon(2, 300)],
            {"goods": 800},
            1200,
        ),
        (
            [GREENS, TOMATOES],
            [Held(id=4, kind="goods", worth_fen=400, sku_id=3), coupon(2, 300)],
            {"goods": 400, "coupon": 300},
            1700,
        ),
    ],
)
def test_the_worked_baskets(lines: list[Priced], held: list[Held], saved: dict[str, int], to_pay: int) -> None:
    """The table of docs/algorithms/rewards.md, section 3."""
    found = plan(lines, held)

    assert {use.kind: use.fen for use in found.uses} == saved
    assert sum(line.fen for line in lines) - found.total.fen == to_pay


@pytest.mark.parametrize("ids", [(1, 2), (2, 1)])
def test_two_prices_are_taken_by_turn_whatever_their_numbers(ids: tuple[int, int]) -> None:
    """A quote numbers prices that nobody holds yet otherwise than the order does."""
    floored = Held(id=ids[0], kind="play", worth_fen=300, floor_bps=9000, turn=7)
    free = Held(id=ids[1], kind="play", worth_fen=300, turn=8)

    assert [(use.id, use.fen) for use in plan([line(1, 1000)], [free, floored]).uses] == [(ids[0], 100), (ids[1], 300)]


LINES = st.lists(
    st.builds(
        lambda sku, units, each, floor: Priced(
            offer_id=sku, sku_id=sku, units=units, fen=units * each, floor_fen=min(floor, units * each)
        ),
        st.integers(1, 6), st.integers(1, 5), st.integers(1, 3000), st.integers(0, 2000),
    ),
    min_size=1, max_size=6, unique_by=lambda one: one.offer_id,
)  # fmt: skip
HELD = st.lists(
    st.builds(
        Held,
        id=st.integers(1, 99), kind=st.sampled_from(["play", "goods", "coupon", "credit"]),
        worth_fen=st.integers(1, 5000), over_fen=st.integers(0, 3000), sku_id=st.integers(1, 6),
        units=st.integers(1, 3), floor_bps=st.integers(0, 10_000),
        sku_ids=st.lists(st.integers(1, 6), max_size=3).map(tuple),
    ),
    max_size=8, unique_by=lambda one: one.id,
)  # fmt: skip


@given(LINES, HELD)
def test_no_line_falls_below_its_floor_and_a_fen_stays_to_be_paid(lines: list[Priced], held: list[Held]) -> None:
    found = plan(lines, held)

    saved = {one.offer_id: sum(use.by_offer.get(one.offer_id, 0) for use in found.uses) for one in lines}
    assert all(0 <= saved[one.offer_id] <= one.fen - one.floor_fen for one in lines)
    assert sum(one.fen for one in lines) - found.total.fen >= 1
    assert all(use.fen == sum(use.by_offer.values()) > 0 for use in found.uses)


@given(LINES, HELD)
def test_nothing_is_worth_more_than_it_is_and_one_coupon_is_enough(lines: list[Priced], held: list[Held]) -> None:
    worth = {one.id: one.worth_fen for one in held}

    found = plan(lines, held)

    assert all(use.fen <= worth[use.id] for use in found.uses)
    assert len({use.id for use in found.uses}) == len(found.uses)
    assert sum(use.kind == "coupon" for use in found.uses) <= 1


@given(LINES, HELD)
def test_the_order_in_which_things_are_held_makes_no_difference(lines: list[Priced], held: list[Held]) -> None:
    assert plan(lines, held).total == plan(lines, list(reversed(held))).total
