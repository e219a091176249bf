from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lintuan.kernel.errors import Invalid
from lintuan.kernel.money import Money, total
from lintuan.pricing import rules
from lintuan.pricing.engine import laws, quotes
from lintuan.pricing.engine.laws import Deals, Mark, OfferFacts
from lintuan.pricing.errors import OfferMalformed
from lintuan.pricing.types import Exemption, Finding, Ground, NewOffer, OfferState, Result, Severity, ShownDiscount

TODAY = date(2026, 11, 20)
MARK = Mark(name="洛川富士", unit="袋", spec="2斤", origin_code="610600")
SOUND = NewOffer(sku_id=1, price=Money(399), cost=Money(250), capacity=10)

prices = st.integers(1, 10_000_00).map(Money)
deal_prices = st.none() | prices


def facts(price_fen: int, cost_fen: int = 0, **more: object) -> OfferFacts:
    return OfferFacts(price=Money(price_fen), cost=Money(cost_fen), mark=MARK, **more)  # type: ignore[arg-type]


def finding(rule: str, about: OfferFacts, on: date = TODAY) -> Finding:
    (found,) = [each for each in laws.judge(about, on=on) if each.rule == rule]
    return found


@pytest.mark.parametrize(
    ("price_fen", "net_grams", "per_500g"),
    [
        (399, 300, 665),
        (1000, 500, 1000),
        (1, 1500, 0),
        (1, 1000, 1),
        (100, 3000, 17),
        (990, 1200, 413),
        (500, None, None),
    ],
)
def test_the_price_per_500_g_is_rounded_half_away_from_zero(
    price_fen: int, net_grams: int | None, per_500g: int | None
) -> None:
    price = quotes.price_per_500g(Money(price_fen), net_grams)

    assert price == (None if per_500g is None else Money(per_500g))


def test_a_quote_shows_list_amount_day_price_and_what_is_paid() -> None:
    lines = [
        quotes.PricedLine(offer_id=1, quantity=2, price=Money(399), list_price=Money(499), net_grams=300),
        quotes.PricedLine(offer_id=2, quantity=1, price=Money(1290)),
    ]

    quote = quotes.quote(lines)

    assert [(step.name, step.amount.fen) for step in quote.steps] == [("list", 2288), ("day_price", -200)]
    assert quote.to_pay == Money(2088)
    assert [line.amount.fen for line in quote.lines] == [798, 1290]


@given(st.lists(st.tuples(st.integers(1, 99), prices, st.integers(0, 5000)), min_size=1, max_size=12))
def test_the_steps_of_a_quote_add_up_and_never_exceed_the_list_amount(lines: list[tuple[int, Money, int]]) -> None:
    quote = quotes.quote(
        [
            quotes.PricedLine(
                offer_id=place, quantity=quantity, price=price, list_price=price + Money(more) if more else None
            )
            for place, (quantity, price, more) in enumerate(lines)
        ]
    )

    assert total(step.amount for step in quote.steps) == quote.to_pay
    assert total(line.amount for line in quote.lines) == quote.to_pay <= quote.steps[0].amount


def saving(fen: int, campaign_id: int = 1) -> quotes.Step:
    return quotes.Step(name="coupon", amount=Money(-fen), zh="优惠券", en="Coupon", campaign_id=campaign_id)


@pytest.mark.parametrize(
    ("savings", "saved", "to_pay"), [([], 0, 2088), ([300], 300, 1788), ([300, 88], 388, 1700), ([2087], 2087, 1)]
)
def test_what_rewards_save_stands_behind_the_prices_of_the_day(savings: list[int], saved: int, to_pay: int) -> None:
    lines = [
        quotes.PricedLine(offer_id=1, quantity=2, price=Money(399), list_price=Money(499), net_grams=300),
        quotes.PricedLine(offer_id=2, quantity=1, price=Money(1290)),
    ]

    made = quotes.less(quotes.quote(lines), [saving(fen) for fen in savings])

    assert [step.name for step in made.steps] == ["list", "day_price", *["coupon"] * len(savings)]
    assert (made.saved, made.to_pay) == (Money(saved), Money(to_pay))
    assert total(step.amount for step in made.steps) == made.to_pay


@pytest.mark.parametrize("step", [saving(500), saving(0), saving(-1), saving(1, campaign_id=0)])
def test_no_saving_leaves_nothing_to_pay_or_comes_from_nowhere(step: quotes.Step) -> None:
    made = quotes.quote([quotes.PricedLine(offer_id=1, quantity=1, price=Money(500))])

    with pytest.raises(ValueError, match="lowers what is paid"):
        quotes.less(made, [step])


def test_a_line_of_nothing_is_no_line() -> None:
    with pytest.raises(ValueError):
        quotes.quote([quotes.PricedLine(offer_id=1, quantity=0, price=Money(1))])


@pytest.mark.parametrize(
    ("rule", "on", "version"),
    [
        ("P01", date(2021, 1, 7), 1),
        ("P01", date(2026, 4, 9), 1),
        ("P01", date(2026, 4, 10), 2),
        ("P03", date(2021, 1, 7), 1),
        ("P03", date(2022, 6, 30), 1),
        ("P03", date(2022, 7, 1), 2),
        ("P06", date(2022, 6, 30), None),
        ("P06", date(2022, 7, 1), 1),
        ("P11", date(2022, 7, 1), 2),
    ],
)
def test_a_rule_holds_from_its_day_until_its_next_version(rule: str, on: date, version: int | None) -> None:
    row = laws.in_force(on).get(rule)

    assert (row.version if row else None) == version


def test_versions_of_a_rule_follow_each_other_in_time() -> None:
    for rule in {row.rule for row in laws.LAWS}:
        rows = [row for row in laws.LAWS if row.rule == rule]
        assert [row.version for row in rows] == list(range(1, len(rows) + 1))
        assert [row.effective_from for row in rows] == sorted({row.effective_from for row in rows})


def test_the_apples_of_january_2021_were_below_cost() -> None:
    found = finding("P01", facts(2000, 2190), on=date(2021, 1, 7))

    assert (found.result, found.severity) == (Result.BLOCKED, Severity.BLOCK)
    assert found.inputs == {"price_fen": 2000, "cost_fen": 2190}


REASON = "霜降前集中上市，鲜活易腐"


@pytest.mark.parametrize(
    ("exemption", "on", "result"),
    [
        (None, TODAY, Result.BLOCKED),
        (Exemption(ground=Ground.FRESH, reason=REASON), TODAY, Result.APPROVED),
        (Exemption(ground=Ground.FRESH, reason="  "), TODAY, Result.BLOCKED),
        (Exemption(ground=Ground.NEAR_EXPIRY, reason="保质期剩两天"), date(2026, 4, 9), Result.BLOCKED),
        (Exemption(ground=Ground.NEAR_EXPIRY, reason="保质期剩两天"), date(2026, 4, 10), Result.APPROVED),
    ],
)
def test_below_cost_needs_a_ground_the_law_knows_and_a_reason(
    exemption: Exemption | None, on: date, result: Result
) -> None:
    found = finding("P01", facts(2000, 2190, exemption=exemption), on)

    assert found.result is result
    assert found.severity is (Severity.APPROVE if result is Result.APPROVED else Severity.BLOCK)


def test_a_price_at_cost_is_not_below_cost() -> None:
    assert finding("P01", facts(2190, 2190)).result is Result.PASSED


@pytest.mark.parametrize(("list_fen", "price_fen"), [(9000, 4990), (598, 259)])
@pytest.mark.parametrize("on", [date(2021, 1, 7), TODAY])
def test_the_compared_prices_of_2021_on_goods_never_sold_are_false(list_fen: int, price_fen: int, on: date) -> None:
    found = finding("P03", facts(price_fen, list_price=Money(list_fen)), on)

    assert found.result is Result.BLOCKED
    assert found.inputs["last_fen"] is None
    assert found.zh
    assert found.en


@pytest.mark.parametrize(
    ("compared", "week", "last", "is_false"),
    [
        (500, 500, 600, False),
        (501, 500, 600, True),
        (600, 500, 600, True),
        (600, None, 600, False),
        (601, None, 600, True),
        (1, None, None, True),
    ],
)
def test_a_compared_price_is_measured_by_the_weeks_lowest_else_the_last_deal(
    compared: int, week: int | None, last: int | None, is_false: bool
) -> None:
    deals = Deals(lowest_of_week=Money(week) if week else None, last=Money(last) if last else None)

    assert laws.is_false_comparison(Money(compared), deals) is is_false


@given(prices, st.lists(prices, max_size=7), deal_prices)
def test_the_compared_price_rule_agrees_with_its_reference(c: Money, deals_7d: list[Money], last: Money | None) -> None:
    deals = Deals(lowest_of_week=min(deals_7d, default=None), last=last)

    bad = c.fen > (min(deals_7d).fen if deals_7d else last.fen if last is not None else -1)

    assert laws.is_false_comparison(c, deals) is bad


@pytest.mark.parametrize(
    ("list_fen", "price_fen", "shown_bps", "cut_fen", "is_false"),
    [
        (598, 259, 4300, None, False),
        (598, 259, 4200, None, True),
        (1000, 434, 4300, None, False),
        (1000, 435, 4300, None, True),
        (1000, 400, 4300, None, False),
        (9000, 4990, None, 4010, False),
        (9000, 4990, None, 4011, True),
        (9000, 4990, 5500, 4011, True),
        (None, 4990, None, 100, True),
    ],
)
def test_a_shown_discount_is_not_better_than_the_real_one(
    list_fen: int | None, price_fen: int, shown_bps: int | None, cut_fen: int | None, is_false: bool
) -> None:
    shown = ShownDiscount(price_bps=shown_bps, cut=Money(cut_fen) if cut_fen else None)
    list_price = Money(list_fen) if list_fen else None

    about = facts(price_fen, list_price=list_price, discount=shown)

    assert finding("P06", about).result is (Result.BLOCKED if is_false else Result.PASSED)


@pytest.mark.parametrize("blank", ["name", "unit", "spec", "origin_code"])
def test_a_label_without_a_field_is_refused_and_names_it(blank: str) -> None:
    about = replace(facts(399), mark=replace(MARK, **{blank: " "}))

    found = finding("P11", about)

    assert (found.result, found.inputs) == (Result.BLOCKED, {"missing": [blank]})


def test_rules_that_do_not_apply_say_nothing() -> None:
    assert [each.rule for each in laws.judge(facts(399), on=TODAY)] == ["P01", "P11"]


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"price": Money(0)}, "price"),
        ({"price": Money(-1)}, "price"),
        ({"price": Money(100_000_01)}, "price"),
        ({"cost": Money(-1)}, "cost"),
        ({"list_price": Money(399)}, "compared price"),
        ({"capacity": -1}, "capacity"),
        ({"capacity": 10_000_001}, "capacity"),
        ({"per_order_limit": 0}, "limits"),
        ({"per_day_limit": 1000}, "limits"),
        ({"per_life_limit": -1}, "limit per life"),
        ({"per_life_limit": 1000}, "limit per life"),
        ({"discount": ShownDiscount()}, "says something"),
        ({"discount": ShownDiscount(price_bps=10_000)}, "share"),
        ({"discount": ShownDiscount(cut=Money(0))}, "cut is positive"),
    ],
)
def test_a_malformed_offer_is_refused_with_its_reason(changes: dict[str, Any], reason: str) -> None:
    with pytest.raises(OfferMalformed, match=reason):
        rules.require_sound([replace(SOUND, **changes)])


def test_a_sku_is_offered_once() -> None:
    with pytest.raises(OfferMalformed, match="twice"):
        rules.require_sound([SOUND, SOUND])


@pytest.mark.parametrize(
    ("present", "result", "after", "is_written"),
    [
        (None, Result.PASSED, OfferState.PUBLISHED, True),
        (None, Result.BLOCKED, OfferState.DRAFT, True),
        (OfferState.DRAFT, Result.BLOCKED, OfferState.DRAFT, True),
        (OfferState.DRAFT, Result.APPROVED, OfferState.PUBLISHED, True),
        (OfferState.PUBLISHED, Result.BLOCKED, OfferState.PUBLISHED, False),
        (OfferState.WITHDRAWN, Result.BLOCKED, OfferState.WITHDRAWN, False),
        (OfferState.WITHDRAWN, Result.WARNED, OfferState.PUBLISHED, True),
    ],
)
def test_a_blocked_offer_keeps_what_it_was(
    present: OfferState | None, result: Result, after: OfferState, is_written: bool
) -> None:
    assert rules.state_after(present, [Result.PASSED, result]) is after
    assert rules.changes_terms(present, [result]) is is_written


@given(st.lists(st.tuples(st.integers(1, 9), st.integers(1, 99))))
def test_merged_quantities_are_in_the_order_of_offers_and_lose_nothing(lines: list[tuple[int, int]]) -> None:
    merged = rules.merge(lines)

    assert list(merged) == sorted({offer_id for offer_id, _ in lines})
    assert sum(merged.values()) == sum(quantity for _, quantity in lines)


@pytest.mark.parametrize("wanted", [[], [(1, 0)], [(1, -1)], [(1, 1), (1, 2)]])
def test_a_malformed_basket_is_refused(wanted: list[tuple[int, int]]) -> None:
    with pytest.raises(Invalid):
        rules.require_basket(wanted)
