"""What a unit's margin is shared into; docs/algorithms/commission.md, section 4."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lintuan.kernel.money import ZERO, Money
from lintuan.settlement.engine.rates import Line, Rate, Tariff
from lintuan.settlement.engine.shares import Floors, Good, breaches, share_out, worsened

DAY = date(2026, 11, 20)
GREENS = Good(1, "vegetables", Money(1000), Money(800))
EGGS = Good(2, "poultry-eggs", Money(1500), Money(1450))


@pytest.mark.parametrize(
    ("agreed", "parts", "kept", "is_enough"),
    [
        ((800, 0, Floors()), (80, 0, 0, 0), 120, True),
        ((1200, 0, Floors()), (120, 0, 0, 0), 80, True),
        ((1200, 2500, Floors()), (120, 0, 20, 0), 60, True),
        ((1200, 2500, Floors(500, 0)), (120, 0, 20, 50), 60, True),
        ((1200, 2500, Floors(500, 300)), (120, 30, 13, 50), 37, False),
        ((1200, 0, Floors(500, 300)), (120, 30, 0, 50), 50, True),
        ((2000, 5000, Floors()), (200, 0, 0, 0), 0, True),
        ((2100, 5000, Floors()), (210, 0, 0, 0), -10, False),
    ],
)
def test_a_unit_of_ten_yuan_that_costs_eight(
    agreed: tuple[int, int, Floors], parts: tuple[int, ...], kept: int, is_enough: bool
) -> None:
    bps, partner, floors = agreed
    found = share_out(GREENS, bps=bps, partner_bps=partner, floors=floors)

    assert (found.commission.fen, found.plays.fen, found.partner.fen, found.profit.fen) == parts
    assert (found.margin.fen, found.kept.fen, found.is_enough) == (200, kept, is_enough)


def test_the_worst_case_is_named_with_its_level_and_area() -> None:
    tariff = Tariff([_rate(900, level=2), _rate(2500, level=3, area="4201")], DAY, 300)

    found = breaches([GREENS, EGGS], tariff, {}, Floors(), levels=3)

    assert {sku_id: one.line for sku_id, one in found.items()} == {
        1: Line(3, "4201", 1, "vegetables"),
        2: Line(3, "4201", 2, "poultry-eggs"),
    }
    assert breaches([GREENS], tariff, {}, Floors(), levels=2) == {}


def test_only_where_a_partner_has_its_share_does_the_margin_fall_short() -> None:
    tariff, floors = Tariff([], DAY, 800), Floors(profit_bps=700)

    found = breaches([GREENS], tariff, {"420106": 5000}, floors, levels=1)

    assert found[1].line.district == "420106"
    assert breaches([GREENS], tariff, {"420106": 4000}, floors, levels=1) == {}


def test_what_fell_short_before_is_not_a_changes_fault() -> None:
    before = breaches([GREENS, EGGS], Tariff([], DAY, 800), {}, Floors(), levels=1)
    same = breaches([GREENS, EGGS], Tariff([_rate(100, sku_id=1)], DAY, 800), {}, Floors(), levels=1)
    more = breaches([GREENS, EGGS], Tariff([_rate(900, category="poultry-eggs")], DAY, 800), {}, Floors(), levels=1)
    worse = worsened(before, more)

    assert list(before) == [2]
    assert worsened(before, same) is None
    assert worse is not None
    assert (worse.good, worse.shares.commission) == (EGGS, Money(135))


_bps = st.integers(0, 5000)


@given(
    cost=st.integers(0, 20_000),
    over=st.integers(0, 20_000),
    bps=_bps,
    partner=st.integers(0, 10_000),
    floors=st.builds(Floors, _bps, _bps),
)
def test_the_parts_and_what_is_kept_are_the_margin_to_the_fen(
    cost: int, over: int, bps: int, partner: int, floors: Floors
) -> None:
    good = Good(1, "meat", Money(cost + over), Money(cost))
    found = share_out(good, bps=bps, partner_bps=partner, floors=floors)

    assert found.commission + found.plays + found.partner + found.kept == found.margin == Money(over)
    assert min(found.commission, found.plays, found.partner, found.profit) >= ZERO
    if found.is_enough:
        assert found.kept >= found.profit
        assert found.commission + found.plays + found.partner <= found.margin


def _rate(bps: int, *, level: int = 0, sku_id: int = 0, category: str = "", area: str = "") -> Rate:
    return Rate(bps=bps, from_on=DAY, level=level, sku_id=sku_id, category=category, area=area)
