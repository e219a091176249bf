"""What tax is kept of what a leader is paid, to the fen; the tables of docs/algorithms/withdrawals.md."""

from __future__ import annotations

from datetime import date
from itertools import accumulate

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lintuan.kernel.money import Money, total
from lintuan.settlement.engine.withholding import (
    Payable,
    Payment,
    Tariff,
    Terms,
    before,
    in_force,
    tax,
    taxable,
    withhold,
)
from lintuan.settlement.payables import DATA

TARIFFS = msgspec.convert(msgspec.toml.decode(DATA.read_bytes())["withholding"], tuple[Tariff, ...])
MONTHLY, YEARLY = (in_force(TARIFFS, on) for on in (date(2025, 9, 30), date(2025, 10, 1)))
#: No payment is smaller than the terms allow.
AMOUNTS = st.integers(1_000, 20_000_000).map(Money)
Paid = tuple[int, int, int]


def kept_of(payments: list[Paid]) -> list[int]:
    """What is kept of payments one after the other, each of a year, a month and fen."""
    earlier: list[Payment] = []
    for year, number, fen in payments:
        month = date(year, number, 1)
        tariff = in_force(TARIFFS, month)
        kept = withhold(tariff, Money(fen), before(tariff, month, earlier))
        earlier.append(Payment(month, Money(fen), kept))
    return [payment.kept.fen for payment in earlier]


@pytest.mark.parametrize(
    ("income", "base", "due"),
    [
        (80_000, 0, 0),
        (80_001, 1, 0),
        (80_003, 3, 1),
        (100_000, 20_000, 4_000),
        (400_000, 320_000, 64_000),
        (400_001, 320_001, 64_000),
        (1_000_000, 800_000, 160_000),
        (2_500_000, 2_000_000, 400_000),
        (3_000_000, 2_400_000, 520_000),
        (6_250_000, 5_000_000, 1_300_000),
        (10_000_000, 8_000_000, 2_500_000),
    ],
)
def test_a_month_until_september_2025(income: int, base: int, due: int) -> None:
    assert (taxable(MONTHLY, Money(income)), tax(MONTHLY, Money(income))) == (Money(base), Money(due))


@pytest.mark.parametrize(
    ("income", "months", "base", "due"),
    [
        (625_000, 1, 0, 0),
        (625_021, 1, 17, 1),
        (1_000_000, 1, 300_000, 9_000),
        (1_000_000, 2, 0, 0),
        (5_125_000, 1, 3_600_000, 108_000),
        (5_125_010, 1, 3_600_008, 108_001),
        (18_625_000, 1, 14_400_000, 1_188_000),
        (38_125_000, 1, 30_000_000, 4_308_000),
        (53_125_000, 1, 42_000_000, 7_308_000),
        (83_125_000, 1, 66_000_000, 14_508_000),
        (120_625_000, 1, 96_000_000, 25_008_000),
        (150_000_000, 1, 119_500_000, 35_583_000),
        (150_000_000, 12, 114_000_000, 33_108_000),
    ],
)
def test_the_months_of_a_year_since_october_2025(income: int, months: int, base: int, due: int) -> None:
    found = taxable(YEARLY, Money(income), months), tax(YEARLY, Money(income), months)

    assert found == (Money(base), Money(due))


@pytest.mark.parametrize(
    ("payments", "kept"),
    [
        ([80_000, 80_000], [0, 16_000]),
        ([50_000, 30_000, 20_000], [0, 0, 4_000]),
        ([300_000, 300_000], [44_000, 52_000]),
        ([2_500_000, 500_000], [400_000, 120_000]),
    ],
)
def test_until_september_2025_a_month_is_taken_as_one(payments: list[int], kept: list[int]) -> None:
    assert kept_of([(2025, 9, fen) for fen in payments]) == kept


@pytest.mark.parametrize(
    ("payments", "kept"),
    [
        pytest.param([(1, 1_000_000), (2, 1_000_000), (3, 1_000_000)], [9_000, 9_000, 9_000], id="even"),
        pytest.param([(1, 3_000_000), (2, 3_000_000), (3, 3_000_000)], [57_000, 71_000, 190_000], id="bands"),
        pytest.param([(1, 2_000_000), (2, 100_000), (3, 2_000_000)], [33_000, 0, 20_400], id="small month between"),
        pytest.param([(1, 2_000_000), (3, 2_000_000)], [33_000, 33_000], id="gap"),
        pytest.param([(5, 500_000), (5, 500_000), (6, 1_250_000)], [0, 9_000, 15_000], id="twice a month"),
    ],
)
def test_since_october_2025_months_without_a_gap_are_taken_as_one(
    payments: list[tuple[int, int]], kept: list[int]
) -> None:
    assert kept_of([(2026, month, fen) for month, fen in payments]) == kept


@pytest.mark.parametrize(
    ("payments", "kept"),
    [
        pytest.param([(2025, 12, 2_000_000), (2026, 1, 2_000_000)], [33_000, 33_000], id="a new year"),
        pytest.param([(2025, 9, 1_000_000), (2025, 10, 1_000_000)], [160_000, 9_000], id="a new rule"),
    ],
)
def test_what_begins_anew(payments: list[Paid], kept: list[int]) -> None:
    assert kept_of(payments) == kept


@given(st.lists(AMOUNTS, min_size=1, max_size=6))
def test_however_a_month_is_divided_the_tax_is_that_of_all_of_it(payments: list[Money]) -> None:
    for year, tariff in ((2025, MONTHLY), (2026, YEARLY)):
        kept = kept_of([(year, 8, amount.fen) for amount in payments])

        assert all(0 <= part < amount.fen for part, amount in zip(kept, payments, strict=True))
        assert sum(kept) == tax(tariff, total(payments)).fen


@given(st.lists(st.integers(625_000, 20_000_000), min_size=1, max_size=12))
def test_who_is_paid_every_month_has_paid_the_tax_on_the_year(months: list[int]) -> None:
    kept = kept_of([(2026, number, fen) for number, fen in enumerate(months, start=1)])

    assert sum(kept) == tax(YEARLY, Money(sum(months)), len(months)).fen


@given(st.lists(st.none() | st.integers(1_000, 20_000_000), min_size=12, max_size=12))
def test_with_any_months_what_was_kept_is_the_most_that_was_ever_due(months: list[int | None]) -> None:
    kept = kept_of([(2026, number, fen) for number, fen in enumerate(months, start=1) if fen])
    left = iter(kept)
    for stretch in _stretches(months):
        mine = [next(left) for _ in stretch]
        due = [tax(YEARLY, Money(sum(stretch[:upto])), upto).fen for upto in range(1, len(stretch) + 1)]

        assert all(0 <= part < fen for part, fen in zip(mine, stretch, strict=True))
        assert list(accumulate(mine)) == list(accumulate(due, max))


def _stretches(months: list[int | None]) -> list[list[int]]:
    """The payments of months without a gap, stretch by stretch."""
    found: list[list[int]] = [[]]
    for fen in months:
        if fen:
            found[-1].append(fen)
        else:
            found.append([])
    return found


@given(AMOUNTS, AMOUNTS, st.integers(1, 12))
def test_who_earns_more_keeps_more(one: Money, other: Money, months: int) -> None:
    less, more = sorted((one, other))

    for tariff in TARIFFS:
        assert less - tax(tariff, less, months) <= more - tax(tariff, more, months)


def test_the_newest_row_that_has_begun_holds() -> None:
    rows = [Terms(date(2026, 1, 1), 1000, 1, "a"), Terms(date(2026, 6, 1), 2000, 1, "b")]

    assert [in_force(rows, date(2026, month, 30)).source for month in (5, 6)] == ["a", "b"]


@pytest.mark.parametrize(
    ("parts", "covered", "free"),
    [
        ((10_000, 0, 0, 0), 10_000, 10_000),
        ((10_000, 4_000, 0, 0), 6_000, 6_000),
        ((10_000, 4_000, 1_000, 0), 5_000, 5_000),
        ((10_000, 0, 0, 10_000), 10_000, 0),
        ((10_000, 0, 3_000, 10_000), 7_000, 0),
        ((-500, 0, 0, 0), 0, 0),
    ],
)
def test_what_may_be_asked_for(parts: tuple[int, int, int, int], covered: int, free: int) -> None:
    found = Payable(*map(Money, parts))

    assert (found.covered.fen, found.free.fen) == (covered, free)
