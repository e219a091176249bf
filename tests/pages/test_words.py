"""How pages write things: tables of what is written for what."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime

import pytest
import segno
from hypothesis import given
from hypothesis import strategies as st

from lintuan.fulfilment.types import ClaimCause, ClaimState, DropState, PickupState
from lintuan.kernel.money import Money
from lintuan.leaders.types import PointState
from lintuan.ordering.types import BasketState, State
from lintuan.pages.compose import codes, offers, words
from lintuan.pages.compose.notice import NOTICE
from lintuan.pages.tree.values import Offer, Picture
from lintuan.payments.types import RefundState
from lintuan.pricing.types import OfferState, OfferView, ShownDiscount

ZONE = "Asia/Shanghai"
CHINESE = re.compile(r"[\u4e00-\u9fff]")


@pytest.mark.parametrize(
    ("fen", "text"), [(0, "¥0.00"), (7, "¥0.07"), (399, "¥3.99"), (-1990, "-¥19.90"), (1_000_000, "¥10000.00")]
)
def test_amounts(fen, text):
    assert words.yuan(fen) == text


@pytest.mark.parametrize(
    ("on", "zh", "en"),
    [
        (date(2026, 11, 20), "11月20日 周五", "Fri 20 Nov"),
        (date(2027, 1, 3), "1月3日 周日", "Sun 3 Jan"),
        (date(2026, 11, 23), "11月23日 周一", "Mon 23 Nov"),
    ],
)
def test_days(on, zh, en):
    assert (words.day(on, "zh-hans"), words.day(on, "en")) == (zh, en)


@pytest.mark.parametrize(
    ("on", "zh", "en"),
    [
        (date(2026, 11, 20), "今天", "today"),
        (date(2026, 11, 21), "明天", "tomorrow"),
        (date(2026, 11, 22), "11月22日 周日", "Sun 22 Nov"),
        (date(2026, 11, 19), "11月19日 周四", "Thu 19 Nov"),
    ],
)
def test_near_days(on, zh, en):
    today = date(2026, 11, 20)

    assert (words.near_day(on, today, "zh-hans"), words.near_day(on, today, "en")) == (zh, en)


def test_moments_are_local():
    at = datetime(2026, 11, 20, 16, 5, tzinfo=UTC)

    assert words.moment(at, ZONE, "en") == "Sat 21 Nov 00:05"
    assert words.hour(at, ZONE) == "00:05"


@pytest.mark.parametrize(
    ("metres", "text"), [(0, "0 m"), (999, "999 m"), (1000, "1.0 km"), (1960, "2.0 km"), (12_345, "12.3 km")]
)
def test_distances(metres, text):
    assert words.distance(metres) == text


@pytest.mark.parametrize(
    ("version", "zh", "en"),
    [
        ("2026-11", "2026年11月", "Nov 2026"),
        ("2027-01-15", "2027年1月", "Jan 2027"),
        ("draft", "draft", "draft"),
        ("2026-13", "2026-13", "2026-13"),
    ],
)
def test_a_month_is_told_by_its_name(version, zh, en):
    assert (words.month(version, "zh-hans"), words.month(version, "en")) == (zh, en)


@pytest.mark.parametrize(
    ("kind", "of"),
    [
        (State, ""), (PointState, ""), (DropState, ""), (PickupState, ""), (ClaimCause, ""),
        (ClaimState, "claim"), (BasketState, "basket"), (RefundState, "refund"),
    ],
)  # fmt: skip
def test_every_state_a_page_shows_has_its_words(kind, of):
    for state in kind:
        assert CHINESE.search(words.word(state, "zh-hans", of=of)), state
        assert not CHINESE.search(words.word(state, "en", of=of)), state
        assert words.word(state, "en", of=of) != state.value, state


@pytest.mark.parametrize(
    ("state", "of", "tone"),
    [
        ("paid", "", "good"), ("unpaid", "", "warn"), ("expired", "", "bad"), ("cancelled", "", "info"),
        ("open", "", "good"), ("open", "claim", "warn"), ("failed", "refund", "warn"), ("closed", "basket", "info"),
    ],
)  # fmt: skip
def test_states_have_their_tone(state, of, tone):
    assert words.tone(state, of=of) == tone


def test_both_languages_of_every_word_and_of_the_notice():
    pairs = [*words.WORDS.values(), *((zh, en) for _, zh, en in NOTICE)]

    assert [pair for pair in pairs if not CHINESE.search(pair[0]) or CHINESE.search(pair[1])] == []


def offer(**given: object) -> Offer:
    plain: dict[str, object] = {
        "id": "gK8sPd2R", "name": "上海青", "spec": "300g", "unit": "袋", "price_fen": 399,
        "picture": Picture(src="/a.webp", width=96, height=96),
    }  # fmt: skip
    return Offer(**plain | given)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("given", "zh", "en"),
    [
        ({}, "上海青 300g ¥3.99/袋", "上海青 300g ¥3.99/袋"),
        ({"unit": "", "spec": ""}, "上海青 ¥3.99", "上海青 ¥3.99"),
        ({"list_fen": 499}, "上海青 300g ¥3.99/袋，划线价 ¥4.99", "上海青 300g ¥3.99/袋, list price ¥4.99"),
        ({"per_unit": "¥6.65/500g"}, "上海青 300g ¥3.99/袋，¥6.65/500g", "上海青 300g ¥3.99/袋, ¥6.65/500g"),
        ({"left": 7}, "上海青 300g ¥3.99/袋，还剩 7 袋", "上海青 300g ¥3.99/袋, 7 left"),
        ({"sold_out": True}, "上海青 300g ¥3.99/袋，已售完", "上海青 300g ¥3.99/袋, sold out"),
        ({"notes": ["4.3折"]}, "上海青 300g ¥3.99/袋，4.3折", "上海青 300g ¥3.99/袋, 4.3折"),
    ],
)
def test_an_offer_in_words_says_what_its_card_says(given, zh, en):
    assert (offers.in_words(offer(**given), "zh-hans"), offers.in_words(offer(**given), "en")) == (zh, en)


@pytest.mark.parametrize(
    ("left", "told", "sold_out"), [(21, None, False), (20, 20, False), (1, 1, False), (0, None, True), (-1, None, True)]
)
def test_what_is_left_is_told_where_it_is_little(left, told, sold_out):
    shown = offers.stocked(offer(), left)

    assert (shown.left, shown.sold_out) == (told, sold_out)


@pytest.mark.parametrize(
    ("discount", "zh", "en"),
    [
        (ShownDiscount(price_bps=4300), "4.3折", "57% off"),
        (ShownDiscount(price_bps=8000), "8折", "20% off"),
        (ShownDiscount(price_bps=9550), "9.55折", "4% off"),
        (ShownDiscount(cut=Money(150)), "直降 ¥1.50", "¥1.50 off"),
    ],
)
def test_discounts_as_they_are_said(discount, zh, en):
    view = OfferView(
        id=1, province_id=42, sale_on=date(2026, 11, 20), sku_id=1, price=Money(399), list_price=None,
        per_order_limit=20, per_day_limit=40, state=OfferState.PUBLISHED, discount=discount,
    )  # fmt: skip

    assert (offers._notes(view, "zh-hans"), offers._notes(view, "en")) == ([zh], [en])


@given(st.text(st.characters(codec="ascii", exclude_categories=["Cc"]), min_size=1, max_size=60))
def test_a_code_is_drawn_as_it_is(content):
    """The boxes of the path are exactly the dark modules, with the quiet zone around."""
    drawn = codes.qr(content)

    dark = {
        (int(x) + step, int(y))
        for x, y, width in re.findall(r"M(\d+) (\d+)h(\d+)v1h-\d+z", drawn.path)
        for step in range(int(width))
    }
    matrix = segno.make_qr(content, error="m").matrix
    assert dark == {
        (x + codes.BORDER, y + codes.BORDER)
        for y, row in enumerate(matrix)
        for x, module in enumerate(row)
        if module & 1
    }
    assert drawn.size == len(matrix) + 2 * codes.BORDER


def test_a_code_is_read_out_in_threes():
    assert codes.grouped("042917") == "042 917"
