"""Which rate holds for a line, and what an order earns by several; docs/algorithms/commission.md."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from fractions import Fraction

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from lintuan.kernel.money import ZERO, Money
from lintuan.settlement.engine.commission import Earning, Sold, opened
from lintuan.settlement.engine.rates import Line, Rate, Tariff, clash, ended, instead, level_of, turning_days

DAY = date(2026, 11, 20)
EGGS, PORK = 5, 6
WUCHANG, HANYANG, YICHANG = "420106", "420105", "420502"


def _rate(bps: int, *, from_on: date = DAY, until_on: date | None = None, **about: object) -> Rate:
    return Rate(bps=bps, from_on=from_on, until_on=until_on, **about)  # type: ignore[arg-type]


#: The table of section 1.
RATES = (
    _rate(900, level=2),
    _rate(1200, level=3),
    _rate(1000, area="4201"),
    _rate(1100, area="420106"),
    _rate(1150, area="4201", level=3),
    _rate(500, category="poultry-eggs"),
    _rate(300, sku_id=EGGS),
    _rate(350, sku_id=EGGS, area="4205"),
    _rate(700, category="poultry-eggs", level=3),
)


@pytest.mark.parametrize(
    ("line", "bps"),
    [
        (Line(1, YICHANG), 800),
        (Line(2, YICHANG), 900),
        (Line(3, YICHANG), 1200),
        (Line(1, HANYANG), 1000),
        (Line(2, HANYANG), 1000),
        (Line(3, HANYANG), 1150),
        (Line(3, WUCHANG), 1100),
        (Line(1, WUCHANG, PORK, "meat"), 1100),
        (Line(1, WUCHANG, 7, "poultry-eggs"), 500),
        (Line(3, WUCHANG, 7, "poultry-eggs"), 700),
        (Line(3, WUCHANG, EGGS, "poultry-eggs"), 300),
        (Line(3, YICHANG, EGGS, "poultry-eggs"), 350),
    ],
)
def test_the_rate_that_says_most_closely_what_it_is_for_holds(line: Line, bps: int) -> None:
    assert Tariff(RATES, DAY, 800).bps(line) == bps


@pytest.mark.parametrize(
    ("first", "last", "is_clash"),
    [
        (0, None, True),
        (-5, -1, False),
        (-5, 0, True),
        (3, 3, True),
        (4, None, False),
        (-5, None, True),
    ],
)
def test_rates_about_the_same_never_hold_on_the_same_day(first: int, last: int | None, is_clash: bool) -> None:
    known = _rate(900, level=2, until_on=DAY + timedelta(days=3))
    until = None if last is None else DAY + timedelta(days=last)
    new = _rate(950, level=2, from_on=DAY + timedelta(days=first), until_on=until)

    assert clash([known], new) == (known if is_clash else None)
    assert clash([known], _rate(950, level=3)) is None


@pytest.mark.parametrize(
    ("gmv", "level"), [(0, 1), (1_999_999, 1), (2_000_000, 2), (4_999_999, 2), (5_000_000, 3), (90_000_000, 3)]
)
def test_a_level_is_reached_with_its_threshold(gmv: int, level: int) -> None:
    assert level_of(Money(gmv), (Money(2_000_000), Money(5_000_000))) == level


def test_without_thresholds_all_have_the_first_level() -> None:
    assert level_of(Money(10**9), ()) == 1


def test_an_ended_rate_is_cut_off_or_gone() -> None:
    rates = [_rate(900, id=1, level=2), _rate(950, id=2, level=3, from_on=DAY + timedelta(days=9))]
    until = DAY + timedelta(days=2)

    assert [one.until_on for one in ended(rates, 1, until)] == [until, None]
    assert [one.id for one in ended(rates, 2, until)] == [1]


def test_the_days_on_which_rates_change() -> None:
    rates = [_rate(900, level=2, until_on=DAY + timedelta(days=3)), _rate(1, from_on=DAY + timedelta(days=9))]

    assert turning_days(rates, DAY + timedelta(days=1)) == [DAY + timedelta(days=days) for days in (1, 4, 9)]


def test_a_preview_puts_the_new_rate_in_the_place_of_the_one_about_the_same() -> None:
    tried = instead(RATES, _rate(1, level=2, from_on=DAY + timedelta(days=30)), DAY)

    assert Tariff(tried, DAY, 800).bps(Line(2, YICHANG)) == 1
    assert len(tried) == len(RATES)


@pytest.mark.parametrize(
    ("sold", "bps", "earned"),
    [
        ((), 800, 0),
        ((Sold(EGGS, Money(1000), 800),), 800, 80),
        # 10.00 at 8 % and 5.00 at 3 %: 80 and 15 fen.
        ((Sold(EGGS, Money(500), 300), Sold(PORK, Money(1000), 800)), 800, 95),
        # 0.49 + 0.33 fen make 1 fen together, though each alone makes none.
        ((Sold(EGGS, Money(11), 300), Sold(PORK, Money(6), 820)), 800, 1),
        ((Sold(EGGS, Money(500), 0),), 800, 0),
    ],
)
def test_what_an_order_earns_at_several_rates(sold: Sequence[Sold], bps: int, earned: int) -> None:
    paid = Money(sum(one.amount.fen for one in sold))

    assert opened(bps, sold).pay(paid).amount == Money(earned)


_bps = st.integers(0, 5000)
_sold = st.lists(
    st.builds(Sold, st.integers(1, 9), st.builds(Money, st.integers(1, 99_999)), _bps),
    min_size=1, max_size=6, unique_by=lambda one: one.sku_id,
)  # fmt: skip


@given(bps=_bps, sold=_sold, data=st.data())
def test_an_order_earns_the_same_in_whatever_order_its_facts_are_heard(
    bps: int, sold: list[Sold], data: st.DataObject
) -> None:
    backs = {one.sku_id: data.draw(_parts(one.amount.fen)) for one in sold}
    facts = [("paid", 0, sum(one.amount.fen for one in sold))]
    facts += [("back", sku_id, fen) for sku_id, parts in backs.items() for fen in parts]
    earning = opened(bps, sold)
    for what, sku_id, fen in data.draw(st.permutations(facts)):
        earning = earning.pay(Money(fen)) if what == "paid" else earning.give_back(Money(fen), sku_id)
        assert ZERO <= earning.amount <= earning.base

    exact = sum(Fraction((one.amount.fen - sum(backs[one.sku_id])) * one.bps, 10_000) for one in sold)
    assert abs(earning.amount.fen - exact) <= Fraction(1, 2)
    assert earning.amount == _known(bps, sold, backs).amount


_rates = st.builds(
    Rate,
    bps=_bps,
    from_on=st.just(DAY),
    level=st.integers(0, 3),
    sku_id=st.sampled_from([0, EGGS]),
    area=st.sampled_from(["", "4201", "420106"]),
)
_lines = st.builds(Line, st.integers(1, 3), st.sampled_from([WUCHANG, YICHANG]), st.sampled_from([EGGS, PORK]))


@given(rates=st.lists(_rates, max_size=8), line=_lines)
def test_it_does_not_matter_in_which_order_rates_were_kept(rates: list[Rate], line: Line) -> None:
    kept: list[Rate] = []
    for rate in rates:
        if clash(kept, rate) is None:
            kept.append(rate)
    assume(kept)

    assert Tariff(kept, DAY, 800).bps(line) == Tariff(reversed(kept), DAY, 800).bps(line)
    closest = [one.precision for one in kept if one.is_for(line)]
    assert len(closest) == len(set(closest))


def _known(bps: int, sold: Sequence[Sold], backs: dict[int, list[int]]) -> Earning:
    earning = opened(bps, sold).pay(Money(sum(one.amount.fen for one in sold)))
    for sku_id, parts in backs.items():
        earning = earning.give_back(Money(sum(parts)), sku_id)
    return earning


@st.composite
def _parts(draw: st.DrawFn, most: int) -> list[int]:
    """Amounts that come to at most the whole."""
    parts, left = [], most
    for _ in range(draw(st.integers(0, 3))):
        parts.append(draw(st.integers(0, left)))
        left -= parts[-1]
    return parts
