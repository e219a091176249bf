"""Order numbers: a permutation of ids, so that no two orders of a day share one."""

from __future__ import annotations

import itertools
import re
from datetime import date

from hypothesis import given
from hypothesis import strategies as some

from lintuan.ordering.numbers import HALF, Scrambler

TODAY = date(2026, 11, 20)
SCRAMBLER = Scrambler(b"a key")
NUMBERS = HALF * HALF


def test_a_number_is_month_and_day_and_six_clear_letters() -> None:
    assert re.fullmatch(r"1120[2-9A-HJ-NP-Y]{6}", SCRAMBLER.number(TODAY, 1))


def test_the_ids_of_an_evening_have_different_numbers() -> None:
    first = NUMBERS * 3 - 50_000  # across the seam, where ids begin again

    assert len({SCRAMBLER.number(TODAY, first + place) for place in range(100_000)}) == 100_000


@given(some.integers(0, 2**62), some.integers(1, NUMBERS - 1))
def test_ids_closer_than_the_permutation_is_long_never_meet(order_id: int, apart: int) -> None:
    assert SCRAMBLER.number(TODAY, order_id) != SCRAMBLER.number(TODAY, order_id + apart)


def test_neighbouring_ids_say_nothing_of_each_other() -> None:
    numbers = [SCRAMBLER.number(TODAY, order_id)[4:] for order_id in range(1000)]

    alike = sum(one[:3] == other[:3] for one, other in itertools.pairwise(numbers))
    assert alike < 5


def test_installations_scramble_differently() -> None:
    other = Scrambler(b"another key")

    assert sum(SCRAMBLER.number(TODAY, each) == other.number(TODAY, each) for each in range(1000)) < 3


def test_the_worked_numbers() -> None:
    """docs/algorithms/orders.md."""
    first, second, last = (SCRAMBLER.number(TODAY, order_id) for order_id in (1, 2, NUMBERS + 1))

    assert (first, second) == ("1120AAF4A7", "112027ATHC")
    assert last == first
