"""The rules of orders as tables and laws; no database."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lintuan.kernel.errors import CannotMove, Refusal
from lintuan.kernel.ids import public_id
from lintuan.kernel.money import Money
from lintuan.ordering import errors, rules
from lintuan.ordering.numbers import LETTERS
from lintuan.ordering.types import (
    Agreement,
    Availability,
    BasketFacts,
    BasketWish,
    Claim,
    LineView,
    OfferFacts,
    OpenLine,
    OrderFacts,
    OrderRequest,
    ShortageRule,
    State,
    WantedLine,
)

TODAY = date(2026, 11, 20)
CUTOFF = datetime(2026, 11, 20, 15, 0, tzinfo=UTC)  # 23:00 in Wuhan
FIRST, SHARED = ShortageRule.FIRST_PAID_FIRST_SERVED, ShortageRule.PROPORTIONAL


def offer(id: int = 1, price: int = 590, per_order: int = 5, per_day: int = 8, **other: object) -> OfferFacts:
    known = {"id": id, "sku_id": 100 + id, "sale_on": TODAY, "price": Money(price), "is_open": True} | other
    return OfferFacts(per_order_limit=per_order, per_day_limit=per_day, **known)  # type: ignore[arg-type]


def facts(*offers: OfferFacts, now: datetime = CUTOFF - timedelta(hours=3), **other: object) -> OrderFacts:
    known: dict[str, object] = {
        "province_id": 42, "now": now, "sale_on": TODAY, "cutoff_at": CUTOFF,
        "opens_next_at": CUTOFF + timedelta(minutes=65), "most_lines": 3, "most_units_per_line": 99,
        "offers": {one.id: one for one in offers or (offer(),)},
    }  # fmt: skip
    return OrderFacts(**(known | other))  # type: ignore[arg-type]


def agree(*lines: tuple[int, int, int], given: OrderFacts) -> Agreement:
    return rules.check_order(OrderRequest(7, tuple(WantedLine(*line) for line in lines)), given)


def test_an_order_is_agreed_line_by_line_to_the_fen() -> None:
    known = facts(offer(1, 590), offer(2, 1280))

    agreement = agree((1, 2, 590), (2, 3, 1280), given=known)

    assert [(line.sku_id, line.quantity, line.amount) for line in agreement.lines] == [
        (101, 2, Money(1180)), (102, 3, Money(3840)),
    ]  # fmt: skip
    assert (agreement.sale_on, agreement.amount) == (TODAY, Money(5020))


@pytest.mark.parametrize(
    ("lines", "known", "refusal", "said"),
    [
        ([], facts(), errors.NothingOrdered, {"reason": "lines"}),
        ([(n, 1, 590) for n in range(4)], facts(), errors.TooManyLines, {"most": 3}),
        ([(1, 1, 590), (1, 2, 590)], facts(), errors.DuplicateOffer, {}),
        ([(1, 0, 590)], facts(), errors.QuantityInvalid, {"most": 99}),
        ([(1, -1, 590)], facts(), errors.QuantityInvalid, {"most": 99}),
        ([(1, 100, 590)], facts(), errors.QuantityInvalid, {"most": 99}),
        ([(1, 10**30, 590)], facts(), errors.QuantityInvalid, {"most": 99}),
        ([(9, 1, 590)], facts(), errors.OfferUnknown, {"offer": public_id("offer", 42, 9)}),
        ([(1, 1, 590)], facts(offer(is_open=False)), errors.OfferNotTonight, {}),
        ([(1, 1, 590)], facts(offer(sale_on=date(2026, 11, 19))), errors.OfferNotTonight, {}),
        ([(1, 1, 589)], facts(), errors.PriceChanged, {"price_fen": 590, "price": "5.90"}),
        ([(1, 6, 590)], facts(), errors.LimitPerOrder, {"most": 5}),
        ([(1, 4, 590)], facts(bought={1: 5}), errors.LimitPerDay, {"most": 8, "bought": 5}),
        ([(1, 3, 590)], facts(offer(per_life_limit=2)), errors.LimitPerLife, {"most": 2, "bought": 0}),
        ([(1, 1, 590)], facts(offer(per_life_limit=2), bought_ever={101: 2}), errors.LimitPerLife, {"bought": 2}),
        ([(1, 1, 590)], facts(sale_on=None), errors.CutOffPassed, {"opens_at": "2026-11-20T16:05:00+00:00"}),
        ([(1, 1, 590)], facts(now=CUTOFF), errors.CutOffPassed, {}),
    ],
)
def test_what_cannot_be_agreed_is_refused_with_the_facts(
    lines: list[tuple[int, int, int]], known: OrderFacts, refusal: type[Refusal], said: dict[str, object]
) -> None:
    with pytest.raises(refusal) as refused:
        agree(*lines, given=known)

    assert said.items() <= refused.value.facts.items()
    assert refused.value.message("en") != refused.value.message("zh-hans")
    assert "?" not in refused.value.message("en") + refused.value.message("zh-hans")


def test_the_last_moment_before_cut_off_is_in_time() -> None:
    assert agree((1, 1, 590), given=facts(now=CUTOFF - timedelta(microseconds=1))).sale_on == TODAY


def test_a_limit_of_zero_limits_nothing() -> None:
    known = facts(offer(per_order=0, per_day=0), bought={1: 500})

    assert agree((1, 99, 590), given=known).amount == Money(99 * 590)


def test_what_was_bought_before_may_fill_the_daily_limit_exactly() -> None:
    assert agree((1, 3, 590), given=facts(bought={1: 5})).amount == Money(1770)


def test_a_limit_per_life_counts_units_of_the_sku_and_may_be_filled_exactly() -> None:
    known = facts(offer(per_life_limit=3), bought_ever={101: 1, 1: 3})

    assert agree((1, 2, 590), given=known).amount == Money(1180)


def test_a_public_id_is_made_only_to_refuse(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[int] = []
    monkeypatch.setattr(rules, "public_id", lambda kind, province_id, row_id: made.append(row_id) or "x")

    agree((1, 1, 590), (2, 1, 1280), given=facts(offer(1, 590), offer(2, 1280)))
    assert made == []
    with pytest.raises(errors.LimitPerOrder):
        agree((1, 6, 590), given=facts())
    assert made == [1]


# --- household baskets ---------------------------------------------------------------------------------------------

A, B, C, STRANGER = 1, 2, 3, 9
EGGS, GREENS = 1, 2


def basket(**other: object) -> BasketFacts:
    """A put in 2 eggs, B 1 egg and 3 greens, C nothing that is still open."""
    lines = (OpenLine(11, A, EGGS, 2), OpenLine(12, B, EGGS, 1), OpenLine(13, B, GREENS, 3))
    known = {
        "id": 7, "point_id": 5, "sale_on": TODAY, "is_open": True,
        "members": frozenset({A, B, C}), "lines": lines,
    }  # fmt: skip
    return BasketFacts(**(known | other))  # type: ignore[arg-type]


def order_from(member_id: int, *lines: tuple[int, int], together: bool = False, **other: object) -> Agreement:
    """An order that names basket 7 at its point, at the right prices."""
    given: dict[str, object] = {"basket": basket(), "member_id": member_id, "point_id": 5} | other
    known = facts(offer(EGGS, 590), offer(GREENS, 290), basket=given["basket"], member_id=member_id)
    wanted = tuple(WantedLine(offer_id, units, known.offers[offer_id].price.fen) for offer_id, units in lines)
    return rules.check_order(OrderRequest(given["point_id"], wanted, 7, together), known)  # type: ignore[arg-type]


def taken_over(member_id: int, *, together: bool = False) -> list[int]:
    """Which lines an order of this member's marks as ordered."""
    return [line.id for line in rules.lines_ordered(OrderRequest(5, (), 7, together), basket(), member_id)]


def test_paying_apart_takes_over_ones_own_lines() -> None:
    assert order_from(B, (EGGS, 1), (GREENS, 3)).amount == Money(590 + 3 * 290)
    assert taken_over(B) == [12, 13]


def test_paying_together_takes_over_everybodys_lines_added_up() -> None:
    assert order_from(A, (GREENS, 3), (EGGS, 3), together=True).amount == Money(3 * 590 + 3 * 290)
    assert taken_over(A, together=True) == [11, 12, 13]


def test_who_put_nothing_in_may_pay_for_all() -> None:
    assert order_from(C, (EGGS, 3), (GREENS, 3), together=True).amount == Money(3 * 590 + 3 * 290)


def test_one_members_units_of_an_offer_are_added_up_too() -> None:
    twice = basket(lines=(OpenLine(11, A, EGGS, 2), OpenLine(14, A, EGGS, 1)))

    assert order_from(A, (EGGS, 3), basket=twice).amount == Money(3 * 590)


@pytest.mark.parametrize(
    ("member_id", "lines", "changed", "refusal"),
    [
        (A, [(EGGS, 3)], {}, errors.BasketChanged),
        (A, [(EGGS, 2), (GREENS, 3)], {}, errors.BasketChanged),
        (B, [(EGGS, 1)], {}, errors.BasketChanged),
        (C, [(EGGS, 1)], {}, errors.BasketChanged),
        (A, [(EGGS, 2)], {"together": True}, errors.BasketChanged),
        (STRANGER, [(EGGS, 2)], {}, errors.BasketUnknown),
        (STRANGER, [(EGGS, 3), (GREENS, 3)], {"together": True}, errors.BasketUnknown),
        (A, [(EGGS, 2)], {"basket": None}, errors.BasketUnknown),
        (A, [(EGGS, 2)], {"basket": basket(is_open=False)}, errors.BasketClosed),
        (A, [(EGGS, 2)], {"basket": basket(sale_on=date(2026, 11, 19))}, errors.BasketClosed),
        (A, [(EGGS, 2)], {"point_id": 6}, errors.BasketElsewhere),
        (A, [], {}, errors.NothingOrdered),
    ],
)
def test_an_order_is_all_of_what_is_open_in_its_basket_or_refused(
    member_id: int, lines: list[tuple[int, int]], changed: dict[str, object], refusal: type[Refusal]
) -> None:
    with pytest.raises(refusal):
        order_from(member_id, *lines, **changed)  # type: ignore[arg-type]


def test_paying_together_needs_a_basket() -> None:
    with pytest.raises(errors.BasketUnknown):
        rules.check_order(OrderRequest(5, (WantedLine(1, 1, 590),), together=True), facts())


def test_limits_count_over_all_that_one_pays_for() -> None:
    crowd = basket(lines=tuple(OpenLine(number, number, EGGS, 2) for number in (A, B, C)))

    assert order_from(A, (EGGS, 2), basket=crowd).amount == Money(2 * 590)
    with pytest.raises(errors.LimitPerOrder):
        order_from(A, (EGGS, 6), together=True, basket=crowd)


@pytest.mark.parametrize(
    ("lines", "known", "refusal"),
    [
        ([(9, 1)], facts(), errors.OfferUnknown),
        ([(1, 1)], facts(offer(is_open=False)), errors.OfferNotTonight),
        ([(1, 1), (1, 2)], facts(), errors.DuplicateOffer),
        ([(1, 0)], facts(), errors.QuantityInvalid),
        ([(1, 100)], facts(), errors.QuantityInvalid),
        ([(number, 1) for number in range(4)], facts(), errors.TooManyLines),
        ([], facts(sale_on=None), errors.CutOffPassed),
    ],
)
def test_what_could_never_be_ordered_is_not_put_in(
    lines: list[tuple[int, int]], known: OrderFacts, refusal: type[Refusal]
) -> None:
    with pytest.raises(refusal):
        rules.check_wishes([BasketWish(*line) for line in lines], known)


def test_limits_are_the_payers_and_an_empty_basket_is_one() -> None:
    rules.check_wishes([BasketWish(1, 99)], facts(bought={1: 8}))
    rules.check_wishes([], facts())


def test_twelve_fit_into_a_basket() -> None:
    rules.check_room(basket(members=frozenset(range(11))))

    with pytest.raises(errors.BasketFull) as refused:
        rules.check_room(basket(members=frozenset(range(12))))
    assert refused.value.facts == {"most": 12}


@pytest.mark.parametrize("typed", ["K7QF2MXP", "k7qf2mxp", " k7qf-2mxp ", "K7QF 2MXP"])
def test_a_baskets_code_is_read_however_it_was_typed(typed: str) -> None:
    assert rules.read_basket_code(typed) == "K7QF2MXP"


def test_a_baskets_code_has_eight_letters_that_nobody_mistakes() -> None:
    drawn = rules.basket_code(lambda below: below - 1)

    assert drawn == LETTERS[-1] * 8
    assert not set("01IOZ") & set(LETTERS)


# --- moves ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("state", "to"),
    [(a, b) for a in State for b in State],
)
def test_only_the_moves_of_the_table_are_allowed(state: State, to: State) -> None:
    allowed = {
        "unpaid": {"paid", "cancelled", "expired"},
        "paid": {"cancelled", "collected", "unclaimed", "refunded"},
    }.get(state, set())

    if to in allowed:
        rules.require(state, to)
    else:
        with pytest.raises(CannotMove):
            rules.require(state, to)


@given(st.data())
def test_an_agreement_is_the_sum_of_its_lines_and_never_passes_a_limit(data: st.DataObject) -> None:
    offers = [offer(n, data.draw(st.integers(1, 10**6)), 50, 60) for n in range(1, 4)]
    wished = data.draw(st.lists(st.sampled_from(offers), min_size=1, max_size=3, unique=True))
    lines = [(one.id, data.draw(st.integers(1, 50)), one.price.fen) for one in wished]

    agreement = agree(*lines, given=facts(*offers))

    assert agreement.amount.fen == sum(units * price for _, units, price in lines)
    assert all(line.amount == line.price * line.quantity for line in agreement.lines)


# --- editing -------------------------------------------------------------------------------------------------------


def paid_line(id: int, quantity: int, cut: int = 0, price: int = 590) -> LineView:
    amount = Money(price * quantity)
    return LineView(id, 1, id, 100 + id, quantity, cut, cut, Money(price), amount, Money(price * cut))


@pytest.mark.parametrize(
    ("wanted", "dropped"),
    [
        ([(1, 3, 590), (2, 2, 590)], {}),
        ([(1, 1, 590), (2, 2, 590)], {1: 2}),
        ([(1, 3, 590)], {2: 2}),
        ([(2, 1, 590)], {1: 3, 2: 1}),
    ],
)
def test_a_paid_order_is_reduced_by_what_is_no_longer_wanted(
    wanted: list[tuple[int, int, int]], dropped: dict[int, int]
) -> None:
    lines = [paid_line(1, 3), paid_line(2, 4, cut=2)]

    assert rules.units_to_drop(lines, [WantedLine(*one) for one in wanted]) == dropped


@pytest.mark.parametrize("wanted", [(1, 4, 590), (2, 3, 590), (3, 1, 590), (1, 2, 589)])
def test_a_paid_order_never_grows_and_keeps_its_prices(wanted: tuple[int, int, int]) -> None:
    lines = [paid_line(1, 3), paid_line(2, 4, cut=2)]

    with pytest.raises(errors.OnlyLess):
        rules.units_to_drop(lines, [WantedLine(*wanted)])


@given(st.data())
def test_a_reduction_and_what_is_left_add_up_to_what_was_due(data: st.DataObject) -> None:
    lines = [paid_line(n, data.draw(st.integers(1, 20)), price=data.draw(st.integers(1, 9999))) for n in range(1, 5)]
    left = {line.id: data.draw(st.integers(0, line.due)) for line in lines}
    wanted = [WantedLine(line.id, left[line.id], line.price.fen) for line in lines if left[line.id]]

    drops = rules.units_to_drop(lines, wanted)

    assert {line.id: line.due - drops.get(line.id, 0) for line in lines} == left


def test_payment_is_due_after_the_patience_but_never_after_cut_off() -> None:
    early, late = CUTOFF - timedelta(hours=2), CUTOFF - timedelta(minutes=4)

    assert rules.pay_by(early, minutes=15, cutoff_at=CUTOFF) == early + timedelta(minutes=15)
    assert rules.pay_by(late, minutes=15, cutoff_at=CUTOFF) == CUTOFF


# --- shortages -----------------------------------------------------------------------------------------------------


def claims(*units: int, sku_id: int = 1, points: Sequence[int] = ()) -> list[Claim]:
    """Claims paid one second after another."""
    where = points or [1] * len(units)
    return [Claim(10 + n, sku_id, where[n], asked, CUTOFF + timedelta(seconds=n)) for n, asked in enumerate(units)]


@pytest.mark.parametrize(
    ("rule", "available", "asked", "granted"),
    [
        (FIRST, 10, [3, 4, 5], [3, 4, 3]),
        (FIRST, 7, [3, 4, 5], [3, 4, 0]),
        (FIRST, 0, [3, 4, 5], [0, 0, 0]),
        (FIRST, 12, [3, 4, 5], [3, 4, 5]),
        (FIRST, 99, [3, 4, 5], [3, 4, 5]),
        (SHARED, 10, [3, 4, 5], [3, 3, 4]),
        (SHARED, 7, [3, 4, 5], [2, 2, 3]),
        (SHARED, 6, [3, 4, 5], [2, 2, 2]),
        (FIRST, 6, [3, 4, 5], [3, 3, 0]),
        (SHARED, 1, [1, 1, 1], [1, 0, 0]),
        (SHARED, 5, [2, 2, 2], [2, 2, 1]),
        (SHARED, 0, [3, 4, 5], [0, 0, 0]),
        (SHARED, 99, [3, 4, 5], [3, 4, 5]),
        (SHARED, 5, [], []),
        (FIRST, 5, [], []),
    ],
)
def test_the_worked_table_of_shortages(
    rule: ShortageRule, available: int, asked: list[int], granted: list[int]
) -> None:
    shared = rules.share_shortage(available, claims(*asked), rule)

    assert [shared[10 + n] for n in range(len(asked))] == granted


@given(st.sampled_from(ShortageRule), st.integers(0, 400), st.lists(st.integers(0, 40), max_size=30))
def test_sharing_gives_all_there_is_and_nobody_more_than_asked(
    rule: ShortageRule, available: int, asked: list[int]
) -> None:
    given_claims = claims(*asked)

    granted = rules.share_shortage(available, given_claims, rule)

    assert sum(granted.values()) == min(available, sum(asked))
    assert all(0 <= granted[claim.line_id] <= claim.units for claim in given_claims)


@given(st.sampled_from(ShortageRule), st.integers(0, 200), st.lists(st.integers(1, 12), max_size=30))
def test_who_paid_earlier_never_gets_less_of_the_same_wish(
    rule: ShortageRule, available: int, asked: list[int]
) -> None:
    granted = rules.share_shortage(available, list(reversed(claims(*asked))), rule)

    for earlier in range(len(asked)):
        for later in range(earlier, len(asked)):
            if asked[earlier] == asked[later]:
                assert granted[10 + earlier] >= granted[10 + later]


@given(st.integers(0, 200), st.lists(st.integers(1, 12), min_size=1, max_size=30))
def test_a_proportional_share_is_off_by_less_than_one_unit(available: int, asked: list[int]) -> None:
    granted = rules.share_shortage(available, claims(*asked), SHARED)

    scarce = min(available, sum(asked))
    assert all(abs(granted[10 + n] * sum(asked) - units * scarce) < sum(asked) for n, units in enumerate(asked))


def test_cuts_fall_first_where_a_point_is_short_then_over_the_province() -> None:
    known = claims(4, 4, 4, points=[1, 2, 2])

    cut = rules.plan_cuts(known, [Availability(1, None, 7), Availability(1, 2, 5)], FIRST)

    assert cut == {11: 1, 12: 4}


@given(st.sampled_from(ShortageRule), st.integers(0, 60), st.integers(0, 60), st.lists(st.integers(1, 9), max_size=12))
def test_after_the_cuts_no_limit_is_passed(rule: ShortageRule, there: int, at_point: int, asked: list[int]) -> None:
    known = claims(*asked, points=[n % 3 for n in range(len(asked))])

    cut = rules.plan_cuts(known, [Availability(1, 2, at_point), Availability(1, None, there)], rule)

    left = {claim.line_id: claim.units - cut.get(claim.line_id, 0) for claim in known}
    assert sum(left.values()) <= there
    assert sum(left[claim.line_id] for claim in known if claim.point_id == 2) <= at_point
    assert all(units > 0 for units in cut.values())


def test_other_goods_and_other_points_are_left_alone() -> None:
    known = claims(4, 4, points=[1, 2])

    assert rules.plan_cuts(known, [Availability(2, None, 0), Availability(1, 3, 0)], FIRST) == {}
