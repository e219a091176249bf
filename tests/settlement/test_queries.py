"""What the books show to whom."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection

from lintuan.kernel.callers import NOBODY, SYSTEM, Caller, Kind
from lintuan.kernel.errors import Forbidden, SignInNeeded
from lintuan.kernel.money import ZERO, Money
from lintuan.leaders.types import PointView
from lintuan.ordering.types import State
from lintuan.settlement import commands, queries
from lintuan.settlement.handlers import book
from lintuan.settlement.types import CommissionDay
from lintuan.sourcing.events import GoodsReceived
from tests.make import leaders, ordering, payments, provinces, settlement
from tests.make.ordering import EVENING, SALE_ON
from tests.make.provinces import ANHUI, HUBEI
from tests.make.settlement import BOOKS, ClockAt, Tale, recorded

pytestmark = pytest.mark.django_db


@pytest.fixture
def point(clock_at: ClockAt) -> PointView:
    clock_at(EVENING)
    return leaders.point()


@pytest.fixture
def reader() -> Caller:
    return provinces.staff("settlement.read", provinces=(HUBEI,))


def test_the_trial_balance_adds_sub_accounts_up(point: PointView, reader: Caller) -> None:
    other = leaders.point()
    book(recorded([*Tale(point.id).paid().events, *Tale(other.id).paid().events]))

    balance = queries.trial_balance(reader, province_id=HUBEI)

    assert [(row.code, row.debit.fen, row.credit.fen) for row in balance.accounts] == [
        ("1001", 2400, 0),
        ("2001", 0, 2400),
        ("2004", 2400, 2400),
        ("2201", 0, 192),
        ("5101", 192, 0),
    ]
    assert balance.debit == balance.credit == Money(4992)
    assert (balance.journals, balance.unsound_journals) == (4, 0)


def test_a_journal_of_which_a_leg_is_gone_is_found(point: PointView, reader: Caller) -> None:
    book(recorded(Tale(point.id).paid().events))
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM settlement_transfer WHERE province_id = %s AND legs = 2 AND leg = 0", [HUBEI])

    proof = {one.name: one for one in queries.prove_day(HUBEI, SALE_ON).invariants}

    assert queries.trial_balance(reader, province_id=HUBEI).unsound_journals == 1
    assert not proof["journals_balanced"].holds


def test_money_taken_for_an_order_that_never_became_paid_fails_the_proof(point: PointView) -> None:
    placed = ordering.order(point=point)
    settlement.hear()
    charge_paid = Tale(point.id, order_id=placed.id).paid().events[:1]
    book(recorded(charge_paid))

    broken = [one for one in queries.prove_day(HUBEI, SALE_ON).invariants if not one.holds]

    assert [one.name for one in broken] == ["unpaid_hold_nothing"]
    assert broken[0].offending == (f"{placed.number} (2004): 1200 ≠ 0",)
    assert queries.prove_day(HUBEI, SALE_ON.replace(day=19)).holds


def test_a_payment_that_came_too_late_and_went_back_leaves_nothing(point: PointView, clock_at: ClockAt) -> None:
    placed = ordering.order(point=point)
    clock_at(ordering.CUTOFF)
    ordering.close_day()
    payments.pay(placed.charge_id)
    settlement.hear()
    settlement.refunds_arrive()
    settlement.hear()

    proof = {one.name: one for one in queries.prove_day(HUBEI, SALE_ON).invariants}

    booked = Money(proof["trial_balance"].left)
    assert ordering.now(placed).state is State.EXPIRED
    assert booked == placed.amount * 3, "received, asked back, paid back"
    assert proof["unpaid_hold_nothing"].holds


def test_entries_of_a_day_include_its_orders_money_at_the_gateway(point: PointView, reader: Caller) -> None:
    book(recorded(Tale(point.id).paid().events))

    entries = queries.entries(reader, province_id=HUBEI, sale_on=SALE_ON)

    assert [(entry.kind, entry.account, entry.amount.fen) for entry in entries] == [
        ("order_paid", "2004", 1200),
        ("order_paid", "2001", -1200),
        ("order_paid", "5101", 96),
        ("order_paid", f"2201:{point.leader_id}", -96),
        ("charge_paid", "1001", 1200),
        ("charge_paid", "2004", -1200),
    ]


@pytest.mark.parametrize(("account", "amounts"), [("2101", [-600, -2400]), ("2101:17", [-2400]), ("210", [])])
def test_entries_can_be_asked_of_an_account_or_a_sub_account(
    point: PointView, reader: Caller, account: str, amounts: list[int]
) -> None:
    book(recorded([_goods(17, 2400), _goods(18, 600)]))

    entries = queries.entries(reader, province_id=HUBEI, sale_on=SALE_ON, account=account)

    assert [entry.amount.fen for entry in entries] == amounts


def test_entries_are_limited_to_the_latest(point: PointView, reader: Caller) -> None:
    book(recorded([_goods(17, 2400), _goods(18, 600)]))

    entries = queries.entries(reader, province_id=HUBEI, sale_on=SALE_ON, limit=2)

    assert [entry.amount.fen for entry in entries] == [600, -600]


def test_entries_of_another_day_are_not_shown(point: PointView, reader: Caller) -> None:
    book(recorded([_goods(17, 2400)]))

    assert queries.entries(reader, province_id=HUBEI, sale_on=SALE_ON.replace(day=19)) == []


def test_only_the_newest_reconciliation_of_a_day_speaks(point: PointView, clock_at: ClockAt, reader: Caller) -> None:
    tale = Tale(point.id, order_id=77).paid()
    book(recorded(tale.events[:1]))
    clock_at(BOOKS)
    commands.reconcile(SYSTEM, province_id=HUBEI, sale_on=SALE_ON)
    before = queries.cases(reader, province_id=HUBEI)
    book(recorded(tale.events[1:]))
    commands.reconcile(SYSTEM, province_id=HUBEI, sale_on=SALE_ON)

    after = queries.cases(reader, province_id=HUBEI, sale_on=SALE_ON)

    assert [(case.kind, case.order_id, case.left) for case in before] == [("receipt_unmatched", 77, Money(1200))]
    assert "没有已支付订单" in before[0].zh
    assert after == []


def test_a_leader_sees_their_own_commission_by_day(point: PointView) -> None:
    other = leaders.point()
    mine = Tale(point.id).paid().collected().claimed(300)
    book(recorded([*mine.events, *Tale(point.id).paid().unclaimed().events, *Tale(other.id).paid().events]))

    view = queries.leader_commission(leaders.leader_of(point))

    assert (view.pending, view.booked) == (Money(72), ZERO)
    assert view.days == (CommissionDay(SALE_ON, 1, Money(900), Money(72), ZERO),)


def test_a_leader_without_orders_has_no_commission(point: PointView) -> None:
    view = queries.leader_commission(leaders.leader_of(point))

    assert (view.pending, view.booked, view.days) == (ZERO, ZERO, ())


@pytest.mark.parametrize("query", [queries.trial_balance, queries.cases, queries.entries, queries.statements])
@pytest.mark.parametrize(
    ("caller", "refusal"),
    [
        (NOBODY, SignInNeeded),
        (provinces.stranger(), Forbidden),
        (Caller(Kind.LEADER, 1, HUBEI), Forbidden),
        (Caller(Kind.STAFF, 1, rights=frozenset({"ordering.read"})), Forbidden),
        (Caller(Kind.STAFF, 1, rights=frozenset({"settlement.read"}), provinces=frozenset({ANHUI})), Forbidden),
    ],
)
def test_the_books_are_for_those_who_may_read_them(query: Any, caller: Caller, refusal: type[Exception]) -> None:
    day = {"sale_on": SALE_ON} if query in (queries.entries, queries.statements) else {}

    with pytest.raises(refusal):
        query(caller, province_id=HUBEI, **day)


def test_commission_and_statements_are_for_leaders_and_suppliers() -> None:
    with pytest.raises(Forbidden):
        queries.leader_commission(provinces.stranger())
    with pytest.raises(Forbidden):
        queries.supplier_statements(Caller(Kind.LEADER, 1, HUBEI))


def _goods(supplier_id: int, cost_fen: int) -> GoodsReceived:
    return GoodsReceived(
        province_id=HUBEI, purchase_order_id=1, supplier_id=supplier_id, sale_on=SALE_ON, sku_id=5, quantity=12,
        cost_fen=cost_fen,
    )  # fmt: skip
