"""Whom an invoice may name, and what it says: pure rules."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from lintuan.catalog.types import Category
from lintuan.kernel.money import ZERO, Money, total
from lintuan.ordering.bill import Bill
from lintuan.settlement import vat
from lintuan.settlement.engine import invoicing
from lintuan.settlement.engine.invoicing import SIGNS, Rate

TODAY = date(2026, 11, 20)
bodies = st.tuples(
    st.text(SIGNS, min_size=2, max_size=2),
    st.text("0123456789", min_size=6, max_size=6),
    st.text(SIGNS, min_size=9, max_size=9),
).map("".join)


@pytest.mark.parametrize(
    "code",
    [
        "91350100M000100Y43",  # the example of GB 32100-2015
        "914403001922038216",
        "9144030071526726XG",
        "91330100799655058B",
        "440300192203821",
        "42010119800101123X00",
        "420101198001011234AB",
    ],
)
def test_a_taxpayers_number_is_taken(code: str) -> None:
    assert invoicing.is_taxpayer_number(code)


@pytest.mark.parametrize(
    "code",
    [
        "", "9", "91350100M000100Y44", "91350100m000100y43", "91350100I000100Y43", "9135010AM000100Y43",
        "91350100M000100Y4", "91350100M000100Y433", "９１350100M000100Y43", "91350100M000100Y43\n", "44030019220382l",
        "44030019220382111", "4201011980010112XX00", " 440300192203821",
    ],
)  # fmt: skip
def test_what_is_no_taxpayers_number_is_refused(code: str) -> None:
    assert not invoicing.is_taxpayer_number(code)


@given(bodies)
def test_the_check_sign_makes_a_credit_code(body: str) -> None:
    assert invoicing.is_taxpayer_number(body + invoicing.check_sign(body))
    assert sum(invoicing.is_taxpayer_number(body + sign) for sign in SIGNS) == 1


@given(bodies, st.integers(0, 16), st.sampled_from(SIGNS))
def test_one_wrong_sign_is_always_found(body: str, place: int, sign: str) -> None:
    assume(body[place] != sign)

    wrong = body[:place] + sign + body[place + 1 :] + invoicing.check_sign(body)

    assert not invoicing.is_taxpayer_number(wrong)


@given(bodies, st.integers(0, 15))
def test_two_signs_that_changed_places_are_always_found(body: str, place: int) -> None:
    assume(body[place] != body[place + 1])

    wrong = body[:place] + body[place + 1] + body[place] + body[place + 2 :] + invoicing.check_sign(body)

    assert not invoicing.is_taxpayer_number(wrong)


@pytest.mark.parametrize(
    ("text", "fits"),
    [("个人", True), ("武汉邻里科技有限公司", True), ("x" * 100, True), ("x" * 101, False), ("", False), (" a", False),
     ("a\nb", False), ("a\x00", False)],
)  # fmt: skip
def test_titles(text: str, fits: bool) -> None:
    assert invoicing.is_title(text) is fits


@pytest.mark.parametrize(
    ("text", "fits"),
    [("a@b.cn", True), ("li.lei+tax@mail.example.com", True), ("a@b", False), ("a b@c.cn", False), ("@b.cn", False),
     ("a@b.cn\n", False), ("a@" + "b" * 130 + ".cn", False)],
)  # fmt: skip
def test_emails(text: str, fits: bool) -> None:
    assert invoicing.is_email(text) is fits


@pytest.mark.parametrize(
    ("amount", "rate", "tax"),
    [
        (10_900, Rate(900), 900),
        (1_130, Rate(1_300), 130),
        (1_280, Rate(900), 106),
        (100, Rate(1_300), 12),
        (5, Rate(900), 0),
        (6, Rate(900), 0),
        (7, Rate(900), 1),
        (-1_280, Rate(900), -106),
        (1_010, Rate(100), 10),
        (1_280, Rate(0, is_exempt=True), 0),
    ],
)
def test_the_tax_within(amount: int, rate: Rate, tax: int) -> None:
    assert invoicing.tax_within(Money(amount), rate) == Money(tax)


@pytest.mark.parametrize(
    ("category", "on", "small", "rate"),
    [
        (Category.VEGETABLES, date(2011, 12, 31), False, None),
        (Category.VEGETABLES, date(2012, 1, 1), False, Rate(0, is_exempt=True)),
        (Category.VEGETABLES, TODAY, True, Rate(0, is_exempt=True)),
        (Category.MEAT, date(2012, 9, 30), False, None),
        (Category.POULTRY_EGGS, date(2012, 10, 1), False, Rate(0, is_exempt=True)),
        (Category.FRUIT, TODAY, False, Rate(900)),
        (Category.FRUIT, TODAY, True, Rate(100)),
        (Category.FRUIT, date(2027, 12, 31), True, Rate(100)),
        (Category.FRUIT, date(2028, 1, 1), True, Rate(300)),
        (Category.HOUSEHOLD, TODAY, False, Rate(1_300)),
        (Category.DAIRY_BAKERY, TODAY, False, None),
        (Category.DAIRY_BAKERY, TODAY, True, Rate(100)),
    ],
)
def test_the_rate_of_a_category_on_a_day(category: Category, on: date, small: bool, rate: Rate | None) -> None:
    assert vat.rate_of(category, on, small=small) == rate


def test_a_product_that_is_not_what_its_category_is_bears_the_rate_of_small_taxpayers() -> None:
    assert vat.rate_of(Category.VEGETABLES, TODAY, small=True, exempt_too=False) == Rate(100)


@given(
    st.lists(st.tuples(st.integers(1, 100_000), st.integers(0, 100)), min_size=1, max_size=12),
    st.integers(0, 100),
    st.integers(0, 100),
)
def test_lines_add_up_to_what_is_still_paid_and_none_is_more_than_its_goods(
    lines: list[tuple[int, int]], saved: int, later: int
) -> None:
    amounts = [Money(fen) for fen, _ in lines]
    back = [Money(fen * share // 100) for fen, share in lines]
    whole = total(amounts)
    bill = Bill(whole, saved=Money(whole.fen * saved // 100)).save_later(Money(whole.fen * later // 100))
    bill = bill.give_back(total(back))

    invoiced = invoicing.amounts(bill.paid, [one - gone for one, gone in zip(amounts, back, strict=True)])

    assert total(invoiced) == bill.paid == bill.charged - bill.paid_back
    for one, gone, said in zip(amounts, back, invoiced, strict=True):
        assert ZERO <= said <= one - gone
