"""Postings, commission and comparison without a database."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lintuan.kernel.money import ZERO, Money, total
from lintuan.ordering.types import PaidOrder, State
from lintuan.settlement import rules
from lintuan.settlement.engine import accounts, books, matching
from lintuan.settlement.engine.books import Entry, Kind, Pair, SkuOutcome, Unbalanced
from lintuan.settlement.engine.commission import Earning
from lintuan.settlement.engine.funding import Part, Share, Sold, changes, shares, shares_of_goods
from lintuan.settlement.engine.matching import CaseKind, ChargeMoney, OrderMoney
from lintuan.settlement.types import CommissionState, LeaderLineKind
from tests.make.settlement import replaced as replace

AMOUNTS = st.integers(0, 10_000_000).map(Money)
RATES = st.integers(0, 5000)


@pytest.mark.parametrize(
    ("kind", "debit", "credit"),
    [
        (Kind.CHARGE_PAID, "1001", "2004"),
        (Kind.CHARGE_PAID_LATE, "1001", "2002"),
        (Kind.ORDER_PAID, "2004", "2001"),
        (Kind.LINES_CUT, "2001", "2002"),
        (Kind.REFUND_ASKED, "2002", "2003"),
        (Kind.REFUND_DONE, "2003", "1001"),
        (Kind.ORDER_COLLECTED, "2001", "4001"),
        (Kind.ORDER_UNCLAIMED, "2001", "4003"),
        (Kind.LINE_REFUNDED, "4002", "2002"),
        (Kind.UNCLAIMED_REFUNDED, "4003", "2002"),
        (Kind.ORDER_SAVED, "5201", "2002"),
    ],
)
def test_a_fact_is_posted_as_the_table_says(kind: Kind, debit: str, credit: str) -> None:
    assert books.post(kind, Money(1280)) == (Entry(debit, Money(1280)), Entry(credit, Money(-1280)))


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        (Kind.ORDER_PAID, {"2004": 980, "5201": 300, "2001": -1280}),
        (Kind.LINES_CUT, {"2001": 1280, "5201": -300, "2002": -980}),
        (Kind.LINE_REFUNDED, {"4002": 1280, "5201": -300, "2002": -980}),
        (Kind.UNCLAIMED_REFUNDED, {"4003": 1280, "5201": -300, "2002": -980}),
        (Kind.ORDER_COLLECTED, {"2001": 1280, "4001": -1280}),
        (Kind.ORDER_UNCLAIMED, {"2001": 1280, "4003": -1280}),
    ],
)
def test_plays_pay_in_the_members_stead(kind: Kind, expected: dict[str, int]) -> None:
    entries = books.merged(books.post(kind, Money(1280), Money(300)))

    assert {entry.account: entry.amount.fen for entry in entries} == expected


@given(st.sampled_from(sorted(books.TABLE)), AMOUNTS, AMOUNTS)
def test_whatever_plays_pay_the_books_balance(kind: Kind, amount: Money, saved: Money) -> None:
    entries = books.post(kind, amount, min(saved, amount))

    assert total(entry.amount for entry in entries) == ZERO


def test_goods_make_the_supplier_a_creditor_and_claims_lower_that() -> None:
    assert books.receive_goods(17, Money(2400)) == (Entry("1401", Money(2400)), Entry("2101:17", Money(-2400)))
    assert books.deduct(17, Money(300)) == (Entry("2101:17", Money(300)), Entry("5003", Money(-300)))


def test_commission_is_accrued_changed_and_booked_on_the_leader() -> None:
    accrued = books.change_commission(5, ZERO, Money(96), account=accounts.LEADERS_PENDING)
    lowered = books.change_commission(5, Money(96), Money(72), account=accounts.LEADERS_PENDING)

    assert accrued == (Entry("5101", Money(96)), Entry("2201:5", Money(-96)))
    assert lowered == (Entry("5101", Money(-24)), Entry("2201:5", Money(24)))
    assert books.book_commission(5, Money(72)) == (Entry("2201:5", Money(72)), Entry("2202:5", Money(-72)))


def test_nothing_is_posted_of_nothing() -> None:
    assert books.post(Kind.LINES_CUT, ZERO) == ()
    assert books.merged([Entry("2001", Money(5)), Entry("2001", Money(-5))]) == ()


@pytest.mark.parametrize(
    ("received", "cost", "collected", "unclaimed", "expected"),
    [
        (12, 2400, 5, 2, {"5001": 1000, "5004": 400, "5002": 1000, "1401": -2400}),
        (12, 2400, 12, 0, {"5001": 2400, "1401": -2400}),
        (3, 100, 1, 1, {"5001": 34, "5004": 33, "5002": 33, "1401": -100}),
        (10, 1000, 0, 0, {"5002": 1000, "1401": -1000}),
        (0, 0, 0, 0, {}),
    ],
)
def test_goods_become_cost_by_where_their_units_went(
    received: int, cost: int, collected: int, unclaimed: int, expected: dict[str, int]
) -> None:
    entries = books.book_goods([SkuOutcome(received, Money(cost), collected, unclaimed)])

    assert {entry.account: entry.amount.fen for entry in entries} == expected


@given(st.lists(st.tuples(st.integers(0, 999), AMOUNTS, st.integers(0, 999), st.integers(0, 999)), max_size=8))
def test_booking_goods_balances_and_loses_no_fen(rows: list[tuple[int, Money, int, int]]) -> None:
    outcomes = [SkuOutcome(received, cost, collected, unclaimed) for received, cost, collected, unclaimed in rows]

    entries = books.book_goods(outcomes)

    assert total(entry.amount for entry in entries) == ZERO
    assert books.sides(entries)[0] == total(outcome.cost for outcome in outcomes)


@given(st.sampled_from(sorted(books.TABLE)), AMOUNTS)
def test_every_rule_balances_and_its_reversal_undoes_it(kind: Kind, amount: Money) -> None:
    entries = books.post(kind, amount)

    assert books.sides(entries) == (amount, amount)
    assert books.merged([*entries, *books.reverse(entries)]) == ()


@given(st.lists(st.tuples(st.sampled_from(sorted(accounts.CHART)), st.integers(-(10**9), 10**9)), max_size=12))
def test_pairs_bring_every_account_to_the_same_sum_with_one_pair_less_than_accounts(
    drawn: list[tuple[str, int]],
) -> None:
    entries = [Entry(account, Money(fen)) for account, fen in drawn]
    entries.append(Entry("1101:7", -total(entry.amount for entry in entries)))

    found = books.pairs(entries)

    again = [part for one in found for part in (Entry(one.debit, one.amount), Entry(one.credit, -one.amount))]
    known = {entry.account: entry.amount for entry in books.merged(entries)}
    assert {entry.account: entry.amount for entry in books.merged(again)} == known
    assert all(one.amount > ZERO and one.debit != one.credit for one in found)
    assert len(found) <= max(0, len(known) - 1)
    assert books.pairs(entries) == found


def test_pairs_go_from_first_to_first_and_what_is_left_to_the_next() -> None:
    entries = [Entry("2001", Money(300)), Entry("2201:5", Money(24)), Entry("2002", Money(-225))]
    entries += [Entry("5201", Money(-75)), Entry("5101", Money(-24))]

    assert books.pairs(entries) == (
        Pair("2001", "2002", Money(225)),
        Pair("2001", "5201", Money(75)),
        Pair("2201:5", "5101", Money(24)),
    )


def test_entries_that_do_not_balance_have_no_pairs() -> None:
    with pytest.raises(Unbalanced):
        books.pairs([Entry("2001", Money(5)), Entry("2002", Money(-4))])


@pytest.mark.parametrize("account", [*accounts.CHART, "2101:17", "2202:9007199254740993"])
def test_an_account_is_the_same_after_its_numbers(account: str) -> None:
    assert accounts.code(*accounts.numbers(account)) == account
    assert accounts.is_account(account)


@pytest.mark.parametrize("account", ["", "210", "9999", "2101:", "2101:x", "2101:-1", "2101:１", "2101:1:2"])
def test_what_is_no_account_is_none(account: str) -> None:
    assert not accounts.is_account(account)


def test_every_account_that_can_be_posted_to_has_a_name_in_both_languages() -> None:
    used = {account for rule in books.TABLE.values() for account in (rule.debit, rule.credit)}

    assert used <= accounts.CHART.keys()
    assert all(title.zh and title.en for title in accounts.CHART.values())
    assert accounts.title("2101:17") == accounts.CHART["2101"]


@pytest.mark.parametrize(
    ("paid", "given_back", "amount"),
    [
        (1280, 0, 102),  # 102.4
        (1280, 5, 102),  # 1275 is 102.00
        (1281, 0, 102),  # 102.48
        (1282, 0, 103),  # 102.56
        (6, 0, 0),  # 0.48
        (7, 0, 1),  # 0.56
        (1280, 1280, 0),
        (0, 300, 0),  # a cut that is known before the payment
    ],
)
def test_commission_is_the_share_of_the_net_to_the_fen(paid: int, given_back: int, amount: int) -> None:
    earning = Earning(800).pay(Money(paid)).give_back(Money(given_back))

    assert earning.amount == Money(amount)


@given(RATES, AMOUNTS, st.lists(AMOUNTS, max_size=6))
def test_commission_never_exceeds_its_share_of_the_net(bps: int, paid: Money, back: list[Money]) -> None:
    earning = Earning(bps).pay(paid)
    for amount in back:
        earning = earning.give_back(amount)

    assert ZERO <= earning.amount <= max(ZERO, paid - total(back)).share(bps)


@given(RATES, st.permutations(["pay", "cut", "cut", "claim", "book"]), st.booleans())
def test_the_order_in_which_facts_become_known_does_not_matter(bps: int, steps: list[str], is_lost: bool) -> None:
    known = ["pay", "cut", "cut", "claim", "book"]

    one, other = _told(bps, steps), _told(bps, known)

    assert (one, one.lose() if is_lost else one) == (other, other.lose() if is_lost else other)


@pytest.mark.parametrize(
    ("earning", "state"),
    [
        (Earning(800, Money(1200)), CommissionState.PENDING),
        (Earning(800, Money(1200), is_booked=True), CommissionState.BOOKED),
        (Earning(800, Money(1200), Money(1200)), CommissionState.REVERSED),
        (Earning(800, Money(1200), Money(1200), is_booked=True), CommissionState.REVERSED),
        (Earning(800, Money(1200), is_lost=True), CommissionState.REVERSED),
        (Earning(800, ZERO, Money(300)), CommissionState.PENDING),
    ],
)
def test_a_commission_is_pending_booked_or_reversed(earning: Earning, state: CommissionState) -> None:
    assert earning.state is state


def test_an_order_is_ripe_when_its_claim_window_is_over() -> None:
    now = datetime(2026, 11, 25, 2, tzinfo=UTC)

    assert rules.ripe_until(now, claim_hours=24) == datetime(2026, 11, 24, 2, tzinfo=UTC)


@pytest.mark.parametrize(
    ("amount", "brought", "shares"),
    [
        (300, {7: 12}, {7: 300}),
        (100, {7: 24, 9: 12}, {7: 67, 9: 33}),
        (1, {7: 1, 9: 1}, {7: 1}),
        (300, {}, {}),
        (300, {7: 0}, {}),
    ],
)
def test_suppliers_bear_a_claim_by_what_they_brought(
    amount: int, brought: dict[int, int], shares: dict[int, int]
) -> None:
    found = shares_of_goods(Money(amount), brought)

    assert {supplier: share.fen for supplier, share in found.items()} == shares


ORDER = PaidOrder(1, "1120ABCDEF", 7, 3, 9, State.COLLECTED, Money(1200), Money(300))
SOUND = OrderMoney(
    ORDER,
    ChargeMoney(paid=Money(1200), asked=Money(300), received=Money(1200), done=Money(300)),
    {"1001": Money(900), "2001": ZERO},
)


def test_an_order_that_all_rooms_agree_on_makes_no_case() -> None:
    assert matching.compare([SOUND]) == []


def test_an_order_that_plays_paid_a_part_of_makes_no_case_either() -> None:
    order = replace(ORDER, saved=Money(400), saved_later=Money(100))
    charge = ChargeMoney(paid=Money(900), asked=Money(300), received=Money(900), done=Money(300))

    assert matching.compare([OrderMoney(order, charge, {"1001": Money(600), "5201": Money(300)})]) == []


@pytest.mark.parametrize(
    ("charge", "balances", "kind", "left", "right"),
    [
        ({"paid": Money(1100)}, {}, CaseKind.PAID_DIFFERS, 1200, 1100),
        ({"asked": Money(400)}, {}, CaseKind.REFUND_DIFFERS, 300, 400),
        ({"failed": Money(300)}, {}, CaseKind.REFUND_FAILED, 300, 0),
        ({}, {"2001": Money(-900)}, CaseKind.PREPAYMENT_DIFFERS, 900, 0),
        ({}, {"1001": Money(1200)}, CaseKind.GATEWAY_DIFFERS, 1200, 900),
        ({}, {"2002": Money(-300)}, CaseKind.REFUND_NOT_ASKED, 300, 0),
        ({}, {"2004": Money(-1200)}, CaseKind.RECEIPT_UNMATCHED, 1200, 0),
        ({}, {"5201": Money(100)}, CaseKind.SAVED_DIFFERS, 100, 0),
    ],
)
def test_each_disagreement_is_a_case_of_its_own_kind(
    charge: dict[str, Money], balances: dict[str, Money], kind: CaseKind, left: int, right: int
) -> None:
    money = replace(SOUND, charge=replace(SOUND.charge, **charge), balances={**SOUND.balances, **balances})

    (case,) = matching.compare([money])

    assert (case.kind, case.subject, case.left, case.right) == (kind, "1120ABCDEF", Money(left), Money(right))


def test_every_kind_of_case_has_a_cause_in_both_languages() -> None:
    assert set(matching.CAUSES) == set(CaseKind)
    assert all(zh and en for zh, en in matching.CAUSES.values())


def _told(bps: int, steps: list[str]) -> Earning:
    earning = Earning(bps)
    for step in steps:
        if step == "pay":
            earning = earning.pay(Money(1280))
        elif step == "book":
            earning = earning.book()
        else:
            earning = earning.give_back(Money(117))
    return earning


GREENS = Sold(1, Money(2000), Money(2000), {7: 3})
EGGS = Sold(2, Money(1500), Money(1500), {8: 24, 9: 12})


@pytest.mark.parametrize(
    ("borne", "parts", "lines", "expected"),
    [
        # a coupon that suppliers fund by half, over two lines: 57.14 and 42.86, of the eggs two suppliers' by units
        (200, [Part(1, 5, ZERO, Money(100))], [GREENS, EGGS], {(0, 7): 57, (0, 8): 29, (0, 9): 14}),
        # one of two units of greens went back: 143 is left, of which half is 71.5, and no more than 71.43
        (
            143,
            [Part(1, 5, ZERO, Money(100))],
            [replace(GREENS, net=Money(1000)), EGGS],
            {(0, 7): 28, (0, 8): 29, (0, 9): 14},
        ),
        # a leader's two fifths
        (300, [Part(1, 5, Money(120), ZERO)], [EGGS], {(5, 0): 180}),
        (200, [Part(1, 5, Money(80), ZERO)], [EGGS], {(5, 0): 80}),
        # about eggs only, which went back: the platform bears what is left
        (114, [Part(1, 5, ZERO, Money(100), frozenset({2}))], [GREENS, replace(EGGS, net=ZERO)], {}),
        # about eggs only, of which a third is left: no more than a third of what was agreed
        (
            143,
            [Part(1, 5, ZERO, Money(100), frozenset({2}))],
            [GREENS, replace(EGGS, net=Money(500))],
            {(0, 8): 22, (0, 9): 11},
        ),
        # about goods of which nobody is known to have brought any
        (200, [Part(1, 5, ZERO, Money(100))], [replace(GREENS, brought={})], {}),
        # given back before it was heard of
        (200, [Part(1, 5, Money(-50), ZERO)], [GREENS], {}),
        (0, [Part(1, 5, Money(50), Money(50))], [GREENS], {}),
    ],
)
def test_funders_bear_their_part_of_what_is_left(
    borne: int, parts: list[Part], lines: list[Sold], expected: dict[tuple[int, int], int]
) -> None:
    found = shares(Money(200), Money(borne), parts, lines)

    assert {(share.leader_id, share.supplier_id): amount.fen for share, amount in found.items()} == expected


_PARTS = st.lists(
    st.builds(Part, st.integers(1, 3), st.integers(1, 3), AMOUNTS, AMOUNTS, st.frozensets(st.integers(1, 3))),
    max_size=4,
)
_LINES = st.lists(
    st.tuples(st.integers(1, 3), st.integers(1, 10_000), st.integers(0, 10_000), st.integers(0, 3)).map(
        lambda row: Sold(row[0], Money(row[1]), Money(min(row[1], row[2])), {7: row[3], 8: 1})
    ),
    min_size=1,
    max_size=4,
)


@given(AMOUNTS, AMOUNTS, _PARTS, _LINES)
def test_funders_never_bear_more_than_was_saved(
    saved: Money, borne: Money, parts: list[Part], lines: list[Sold]
) -> None:
    found = shares(saved, min(saved, borne), parts, lines)

    assert all(amount > ZERO for amount in found.values())
    assert total(found.values()) <= min(saved, borne)
    assert total(entry.amount for entry in books.fund(found)) == ZERO


@given(AMOUNTS, _PARTS, _LINES)
def test_without_refunds_everybody_bears_what_was_agreed_to_the_fen(
    platform: Money, parts: list[Part], lines: list[Sold]
) -> None:
    whole = [replace(line, net=line.amount, brought={7: 1}) for line in lines]
    everything = [replace(part, sku_ids=frozenset()) for part in parts]
    agreed = total(part.leader + part.supplier for part in parts)

    found = shares(platform + agreed, platform + agreed, everything, whole)

    leaders = total(amount for share, amount in found.items() if share.leader_id)
    assert (leaders, total(found.values())) == (total(part.leader for part in parts), agreed)


@given(st.lists(st.tuples(AMOUNTS, _PARTS, _LINES), min_size=1, max_size=5))
def test_what_is_told_step_by_step_adds_up_to_what_is_due(steps: list[tuple[Money, list[Part], list[Sold]]]) -> None:
    told: dict[Share, Money] = {}
    for borne, parts, lines in steps:
        due = shares(borne, borne, parts, lines)
        for share, amount in changes(due, told).items():
            told[share] = told.get(share, ZERO) + amount

    assert {share: amount for share, amount in told.items() if amount} == due
    assert changes(due, told) == {}


@pytest.mark.parametrize(
    ("lines", "carried", "expected"),
    [
        ((440, 0, -240), 0, (200, 0)),
        ((100, 0, -250), 0, (0, 150)),
        ((60, 0, 0), 150, (0, 90)),
        ((200, 0, -30), 90, (80, 0)),
        ((100, 90, -150), 0, (40, 0)),
        ((-120, 0, 120), 0, (0, 0)),
        ((-120, 0, 0), 0, (0, 120)),
    ],
)
def test_a_leaders_part_comes_out_of_commission_and_the_rest_waits(
    lines: tuple[int, int, int], carried: int, expected: tuple[int, int]
) -> None:
    kinds = (LeaderLineKind.COMMISSION, LeaderLineKind.RAISED, LeaderLineKind.SUBSIDY)

    account = rules.settle_leader(zip(kinds, map(Money, lines), strict=True), Money(carried))

    assert (account.total.fen, account.carried_on.fen) == expected
