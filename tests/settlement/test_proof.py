"""A proof notices what is wrong, thing by thing, and not only in the sum."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from lintuan.fulfilment.types import GoodsTotals
from lintuan.kernel.money import ZERO, Money
from lintuan.ordering.types import PaidOrder, SkuTotals, State
from lintuan.settlement.engine.invariants import TEXTS
from lintuan.settlement.engine.matching import ChargeMoney, OrderMoney
from lintuan.settlement.engine.proof import BooksFacts, DayFacts, EarningFacts, GoodsFacts, UnpaidFacts, prove
from lintuan.sourcing.types import SupplyTotals
from tests.make.settlement import replaced as replace

ORDER = PaidOrder(1, "1120ABCDEF", 7, 3, 9, State.COLLECTED, Money(1200), Money(300))
MONEY = OrderMoney(
    ORDER,
    ChargeMoney(paid=Money(1200), asked=Money(300), received=Money(1200), done=Money(300)),
    {"1001": Money(900)},
)
GOODS = GoodsFacts(
    code="VEG-0012",
    stock=(100, 4),
    totals=SkuTotals(5, 50, ordered=4, cut=1, given_up=0, waiting=0, collected=3, unclaimed=0, held=4),
    supply=SupplyTotals(5, needed=4, ordered=12, confirmed=12, received=12, cost=Money(2400)),
    goods=GoodsTotals(
        5, received=12, surplus_at_centre=8, sorted_to_grids=4, sorted_to_points=4, sent=4, damaged=1, signed=3,
        collected=3,
    ),
    short=0,
    lots=12,
)  # fmt: skip
BOOKS = BooksFacts(
    balances={
        "2101": Money(-2400), "4001": Money(-900), "5001": Money(600), "5002": Money(1800), "5101": Money(72),
        "2202": Money(-72),
    },
    is_goods_booked=True,
    statement_goods=Money(2400),
    told_leaders=Money(72),
    told_suppliers=ZERO,
    debit=Money(9000),
    credit=Money(9000),
    unsound_journals=0,
)  # fmt: skip
DAY = DayFacts(
    is_over=True,
    is_bought=True,
    orders=(MONEY,),
    unpaid=(),
    disagreeing_orders=0,
    earnings={1: EarningFacts(800, Money(1200), Money(72))},
    raises=(),
    goods=(GOODS,),
    books=BOOKS,
    parked=0,
    lag={"settlement.books": 0},
)


Change = Callable[[], DayFacts]


def goods(**changes: Any) -> DayFacts:
    return replace(DAY, goods=(replace(GOODS, **changes),))


def totals(**changes: int) -> DayFacts:
    return goods(totals=replace(GOODS.totals, **changes))


def moved(**changes: int) -> DayFacts:
    return goods(goods=replace(GOODS.goods, **changes))


def money(**changes: Any) -> DayFacts:
    return replace(DAY, orders=(replace(MONEY, **changes),))


def charge(**changes: Money) -> DayFacts:
    return money(charge=replace(MONEY.charge, **changes))


def unpaid(**held: int) -> DayFacts:
    return replace(DAY, unpaid=(UnpaidFacts("1120GHJKLM", {code: Money(fen) for code, fen in held.items()}),))


def ledger(**changes: Any) -> DayFacts:
    return replace(DAY, books=replace(BOOKS, **changes))


def account(code: str, fen: int) -> DayFacts:
    return ledger(balances={**BOOKS.balances, code: Money(fen)})


def test_a_sound_day_is_proved() -> None:
    assert [one.name for one in prove(DAY) if not one.holds] == []
    assert [one.name for one in prove(DAY)] == list(TEXTS)


@pytest.mark.parametrize(
    ("day", "broken"),
    [
        (goods(stock=(100, 5)), {"stock_taken"}),
        (goods(stock=(3, 4)), {"stock_capacity"}),
        (replace(DAY, earnings={}), {"orders_in_books", "commission_cost"}),
        (replace(DAY, disagreeing_orders=1), {"orders_add_up"}),
        (charge(paid=Money(1100)), {"charges_paid"}),
        (charge(asked=Money(200)), {"refunds_asked"}),
        (charge(on_the_way=Money(300)), {"refunds_arrived", "refunds_on_their_way"}),
        (charge(received=Money(1300)), {"gateway_balance"}),
        (money(balances={"1001": Money(900), "2001": Money(-900)}), {"prepayments"}),
        (money(balances={"1001": Money(900), "2002": Money(-300)}), {"refunds_decided"}),
        (money(balances={"1001": Money(900), "2004": Money(-300)}), {"receipts_matched"}),
        (money(balances={"1001": Money(900), "5201": Money(100)}), {"subsidies"}),
        (money(order=replace(ORDER, saved=Money(400))), {"charges_paid", "refunds_asked", "subsidies"}),
        (
            money(order=replace(ORDER, saved=Money(400), saved_later=Money(400))),
            {"refunds_asked", "subsidies"},
        ),
        (unpaid(**{"2004": 1200}), {"unpaid_hold_nothing"}),
        (unpaid(**{"2002": 1200}), {"unpaid_hold_nothing"}),
        (unpaid(**{"2002": -1200, "2004": 1200}), {"unpaid_hold_nothing"}),
        (ledger(unsound_journals=1), {"journals_balanced"}),
        (ledger(debit=Money(9001)), {"trial_balance"}),
        (account("4001", -800), {"sales"}),
        (account("4003", -100), {"forfeited"}),
        (account("5002", 1700), {"goods_cost"}),
        (account("2101", -2300), {"suppliers_owed"}),
        (money(funded=Money(1)), {"funders"}),
        (ledger(told_suppliers=Money(1)), {"suppliers_told"}),
        (account("5202", -100), {"suppliers_owed", "suppliers_told"}),
        (account("5102", 100), {"commission_raised", "commission_owed"}),
        (replace(DAY, raises=(("7", 100, 90), ("8", 90, 100))), {"commission_raised"}),
        (ledger(told_leaders=Money(96)), {"leaders_told"}),
        (account("1401", 100), {"goods_cost", "goods_left"}),
        (ledger(statement_goods=Money(2300)), {"statements"}),
        (
            replace(DAY, earnings={1: EarningFacts(800, Money(1200), Money(96))}),
            {"commission_exact", "commission_cost"},
        ),
        (account("2202", -96), {"commission_owed", "leaders_told"}),
        (totals(collected=2, waiting=0), {"units_ordered", "units_received"}),
        (goods(supply=replace(GOODS.supply, needed=5)), {"units_bought"}),
        (goods(lots=11), {"lots_recorded"}),
        (moved(sorted_to_grids=3), {"units_sorted", "units_to_points"}),
        (moved(sorted_to_points=5), {"units_to_points", "units_signed"}),
        (moved(collected=2), {"units_handed_over"}),
        (goods(short=1), {"cuts_explained"}),
        (moved(surplus_at_centre=7), {"units_sorted", "units_received"}),
        (replace(DAY, parked=1), {"no_parked_events"}),
        (replace(DAY, lag={"settlement.books": 2}), {"consumers_caught_up"}),
    ],
)
def test_each_fault_breaks_its_invariants_and_no_others(day: DayFacts, broken: set[str]) -> None:
    assert {one.name for one in prove(day) if not one.holds} == broken


def test_an_order_that_still_waits_is_accounted_for_until_the_day_is_over() -> None:
    waiting = replace(ORDER, state=State.PAID)
    day = money(order=waiting, balances={"1001": Money(900), "2001": Money(-900)})

    over = {one.name for one in prove(day) if not one.holds}
    before = {one.name for one in prove(replace(day, is_over=False)) if not one.holds}

    assert "orders_accounted" in over
    assert "orders_accounted" not in before


def test_a_late_payment_may_be_on_its_way_back_until_the_day_is_over() -> None:
    day = unpaid(**{"2003": 1200})

    over = {one.name: one for one in prove(day)}["unpaid_hold_nothing"]
    before = {one.name: one for one in prove(replace(day, is_over=False))}["unpaid_hold_nothing"]

    assert (over.holds, over.offending) == (False, ("1120GHJKLM (2003): 1200 ≠ 0",))
    assert before.holds


def test_an_order_given_up_must_be_refunded_in_full() -> None:
    given_up = replace(ORDER, state=State.CANCELLED)

    broken = {one.name for one in prove(money(order=given_up)) if not one.holds}

    assert "orders_given_back" in broken


def test_two_wrongs_that_cancel_out_are_still_seen_with_examples() -> None:
    more = replace(MONEY, charge=replace(MONEY.charge, paid=Money(1300)))
    less = replace(MONEY, charge=replace(MONEY.charge, paid=Money(1100)))

    found = {one.name: one for one in prove(replace(DAY, orders=(more, less)))}["charges_paid"]

    assert (found.left, found.right, found.holds) == (2400, 2400, False)
    assert found.offending == ("1120ABCDEF: 1300 ≠ 1200", "1120ABCDEF: 1100 ≠ 1200")


def test_no_more_than_five_examples_are_given() -> None:
    wrong = replace(MONEY, charge=replace(MONEY.charge, paid=ZERO))

    found = {one.name: one for one in prove(replace(DAY, orders=(wrong,) * 9))}["charges_paid"]

    assert len(found.offending) == 5


def test_every_invariant_speaks_both_languages() -> None:
    assert all(text.zh and text.en for text in TEXTS.values())
