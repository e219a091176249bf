"""What tax is kept of a leader's month, to the fen; the table of docs/algorithms/withdrawals.md."""

from __future__ import annotations

from datetime import date

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lintuan.kernel.money import ZERO, Money, total
from lintuan.settlement.engine.withholding import Payable, Tariff, Terms, in_force, tax, taxable, withhold
from lintuan.settlement.payables import DATA

FILE = msgspec.toml.decode(DATA.read_bytes())
TARIFF = in_force(msgspec.convert(FILE["withholding"], tuple[Tariff, ...]), date(2026, 11, 1))
AMOUNTS = st.integers(1, 20_000_000).map(Money)


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
def test_a_month_in_one_payment(income: int, base: int, due: int) -> None:
    assert (taxable(TARIFF, Money(income)), tax(TARIFF, Money(income))) == (Money(base), Money(due))


@pytest.mark.parametrize(
    ("payments", "kept"),
    [
        ([80_000, 80_000], [0, 16_000]),
        ([50_000, 30_000, 20_000], [0, 0, 4_000]),
        ([300_000, 300_000], [44_000, 52_000]),
        ([2_500_000, 500_000], [400_000, 120_000]),
    ],
)
def test_a_month_in_several_payments_is_taken_as_one(payments: list[int], kept: list[int]) -> None:
    found: list[int] = []
    for place, fen in enumerate(payments):
        before = Money(sum(payments[:place]))
        found.append(withhold(TARIFF, Money(fen), paid=before, kept=Money(sum(found))).fen)

    assert found == kept


@given(st.lists(AMOUNTS, min_size=1, max_size=6))
def test_however_a_month_is_divided_the_tax_is_that_of_all_of_it(payments: list[Money]) -> None:
    paid = kept = ZERO
    for amount in payments:
        part = withhold(TARIFF, amount, paid=paid, kept=kept)
        assert ZERO <= part < amount
        paid, kept = paid + amount, kept + part

    assert kept == tax(TARIFF, total(payments))


@given(AMOUNTS, AMOUNTS)
def test_who_earns_more_keeps_more(one: Money, other: Money) -> None:
    less, more = sorted((one, other))

    assert less - tax(TARIFF, less) <= more - tax(TARIFF, more)


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
