"""What the night writes, and corrections."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import IntegrityError, transaction

from lintuan.kernel.callers import NOBODY, SYSTEM, Caller
from lintuan.kernel.duties import run_due
from lintuan.kernel.errors import Forbidden, KeyReused, NotFound, SignInNeeded
from lintuan.kernel.models import DutyRun
from lintuan.kernel.money import ZERO, Money
from lintuan.leaders.types import PointView
from lintuan.ordering.events import OrderPaid
from lintuan.ordering.types import OrderView
from lintuan.payments import commands as payments_commands
from lintuan.settlement import commands
from lintuan.settlement.engine.books import Entry, Kind, Unbalanced
from lintuan.settlement.errors import AppendOnly, ReversedAlready
from lintuan.settlement.handlers import book
from lintuan.settlement.ledger import Draft, write
from lintuan.settlement.models import Commission, ReconCase, ReconRun, Statement, Transfer
from lintuan.settlement.types import Booked
from tests.make import catalog, leaders, members, ordering, pricing, provinces, settlement, sourcing
from tests.make.fulfilment import ANSWERING
from tests.make.ordering import CUTOFF, EVENING, SALE_ON
from tests.make.provinces import ANHUI, HUBEI
from tests.make.settlement import BOOKS, ClockAt, Tale, balances, recorded

pytestmark = pytest.mark.django_db

DAY: dict[str, Any] = {"province_id": HUBEI, "sale_on": SALE_ON}
NIGHT = [
    commands.book_commission,
    commands.book_goods,
    commands.charge_funders,
    commands.make_statements,
    commands.make_leader_statements,
    commands.reconcile,
    commands.close_books,
]


def test_commission_is_booked_once_the_claim_window_is_over(clock_at: ClockAt) -> None:
    order = _collected(clock_at)
    leader = leaders.queries.point(HUBEI, order.point_id).leader_id
    clock_at(BOOKS)

    booked = commands.book_commission(SYSTEM, **DAY)

    assert booked == Booked(orders=1, amount=Money(56), held_back=0)
    assert balances()[f"2202:{leader}"] == -56
    assert f"2201:{leader}" not in balances()


def test_commission_stays_pending_while_the_order_can_be_claimed_for(clock_at: ClockAt) -> None:
    _collected(clock_at)
    clock_at("2026-11-21T20:00+08:00")

    booked = commands.book_commission(SYSTEM, **DAY)

    assert booked == Booked(orders=0, amount=ZERO, held_back=0)
    assert Commission.objects.get(province_id=HUBEI).state == "pending"


def test_commission_is_booked_once(clock_at: ClockAt) -> None:
    _collected(clock_at)
    clock_at(BOOKS)
    commands.book_commission(SYSTEM, **DAY)
    before = balances()

    again = commands.book_commission(SYSTEM, **DAY)

    assert again.orders == 0
    assert balances() == before


def test_an_order_that_was_missed_is_booked_with_a_later_day(clock_at: ClockAt) -> None:
    _collected(clock_at)
    clock_at(BOOKS)

    booked = commands.book_commission(SYSTEM, province_id=HUBEI, sale_on=SALE_ON.replace(day=21))

    assert booked.orders == 1
    assert Transfer.objects.get(province_id=HUBEI, kind="commission_booked").sale_on == SALE_ON


def test_commission_is_held_back_while_ordering_tells_another_net(clock_at: ClockAt) -> None:
    order = _collected(clock_at)
    book(recorded([_paid_again(order)]))
    clock_at(BOOKS)

    booked = commands.book_commission(SYSTEM, **DAY)

    assert booked == Booked(orders=0, amount=ZERO, held_back=1)
    assert not Transfer.objects.filter(province_id=HUBEI, kind="commission_booked").exists()


def test_a_finished_days_goods_become_cost_once(clock_at: ClockAt) -> None:
    _bought(clock_at)

    first = commands.book_goods(SYSTEM, **DAY)
    second = commands.book_goods(SYSTEM, **DAY)

    assert (first, second) == (Money(2400), ZERO)
    assert balances()["5002"] == 2400
    assert "1401" not in balances()


def test_a_statement_has_what_came_at_its_cost(clock_at: ClockAt) -> None:
    supplier = _bought(clock_at)

    made = commands.make_statements(SYSTEM, **DAY)

    assert made == 1
    statement = Statement.objects.get(province_id=HUBEI)
    assert (statement.supplier_id, statement.goods, statement.deductions) == (supplier.id, Money(2400), ZERO)
    assert [(line.quantity, line.price) for line in statement.lines.all()] == [(12, Money(200))]


def test_a_statement_is_made_once_and_a_later_claim_comes_into_the_next(clock_at: ClockAt) -> None:
    supplier = _bought(clock_at)
    commands.make_statements(SYSTEM, **DAY)
    _claim_on_supplier()

    again = commands.make_statements(SYSTEM, **DAY)
    commands.make_statements(SYSTEM, province_id=HUBEI, sale_on=SALE_ON.replace(day=21))

    assert again == 0
    later = Statement.objects.get(province_id=HUBEI, sale_on=SALE_ON.replace(day=21))
    assert (later.supplier_id, later.goods, later.deductions) == (supplier.id, ZERO, Money(300))


def test_a_claim_of_a_later_day_waits_for_its_own_statement(clock_at: ClockAt) -> None:
    _bought(clock_at)
    _claim_on_supplier()

    made = commands.make_statements(SYSTEM, province_id=HUBEI, sale_on=SALE_ON.replace(day=19))

    assert made == 0


def test_reconciling_a_sound_day_finds_nothing(clock_at: ClockAt) -> None:
    _collected(clock_at)

    result = commands.reconcile(SYSTEM, **DAY)

    assert (result.orders, result.cases) == (1, 0)
    assert ReconRun.objects.get(province_id=HUBEI).cases == 0


def test_a_refund_behind_the_orders_back_becomes_cases(clock_at: ClockAt) -> None:
    order = _collected(clock_at)
    payments_commands.refund(SYSTEM, province_id=HUBEI, charge_id=order.charge_id, amount=Money(100), cause="goodwill")
    settlement.hear()

    commands.reconcile(SYSTEM, **DAY)

    found = ReconCase.objects.filter(province_id=HUBEI).values_list("kind", "subject", "left", "right")
    assert sorted(found) == [
        ("refund_differs", order.number, ZERO, Money(100)),
        ("refund_not_asked", order.number, Money(-100), ZERO),
    ]


def test_books_that_miss_an_event_become_cases(clock_at: ClockAt) -> None:
    order = _collected(clock_at, hear=False)

    commands.reconcile(SYSTEM, **DAY)

    found = ReconCase.objects.filter(province_id=HUBEI).values_list("kind", "subject", "left", "right")
    assert list(found) == [("gateway_differs", order.number, ZERO, Money(700))]


def test_money_that_no_order_took_becomes_a_case(clock_at: ClockAt) -> None:
    clock_at(EVENING)
    point = leaders.point()
    book(recorded(Tale(point.id, order_id=77).paid().events[:1], at=settlement.NOON))
    clock_at(BOOKS)

    commands.reconcile(SYSTEM, **DAY)

    case = ReconCase.objects.get(province_id=HUBEI)
    assert (case.kind, case.order_id, case.left) == ("receipt_unmatched", 77, Money(1200))


@pytest.mark.parametrize("night", NIGHT)
@pytest.mark.parametrize(
    ("caller", "refusal"), [(NOBODY, SignInNeeded), (provinces.stranger(), Forbidden), ("staff", Forbidden)]
)
def test_the_night_is_the_systems_alone(night: Any, caller: Any, refusal: type[Exception]) -> None:
    provinces.province()
    who = provinces.staff() if caller == "staff" else caller

    with pytest.raises(refusal):
        night(who, **DAY)

    assert not Transfer.objects.exists()


def test_the_worker_closes_the_books_when_the_timetable_says_so(clock_at: ClockAt) -> None:
    clock_at(EVENING)
    provinces.province()
    clock_at("2026-11-25T04:00+08:00")

    run_due()

    runs = DutyRun.objects.filter(province_id=HUBEI, sale_on=SALE_ON, duty__startswith="settlement.")
    assert dict(runs.values_list("duty", "note")) == {
        "settlement.book_commission": "commission of 0 orders, 0.00; 0 held back",
        "settlement.book_goods": "goods of 0.00",
        "settlement.charge_funders": "0 orders, 0.00 by leaders, 0.00 by suppliers; 0 held back",
        "settlement.make_statements": "0 statements",
        "settlement.settle_partners": "0 days of contracts counted, 0.00 more to partners",
        "settlement.grade_leaders": "0 leaders counted, 0 at another level",
        "settlement.make_leader_statements": "0 statements",
        "settlement.reconcile": "0 orders compared, 0 cases",
        "settlement.close_books": "0 journals in the books",
        "settlement.compare_bills": "nothing new up to 2026-11-20",
    }


def test_a_journal_is_taken_back_by_its_mirror_image(clock_at: ClockAt) -> None:
    journal = _one_journal(clock_at)

    commands.reverse_journal(SYSTEM, province_id=HUBEI, journal_id=journal.id, memo="booked by mistake")

    assert balances() == {}
    mirror = Transfer.objects.get(province_id=HUBEI, kind="reversal")
    assert (mirror.sale_on, mirror.order_id, mirror.memo) == (journal.sale_on, journal.order_id, "booked by mistake")


def test_a_journal_is_taken_back_once(clock_at: ClockAt) -> None:
    journal = _one_journal(clock_at)
    commands.reverse_journal(SYSTEM, province_id=HUBEI, journal_id=journal.id, memo="once")

    with pytest.raises(ReversedAlready):
        commands.reverse_journal(SYSTEM, province_id=HUBEI, journal_id=journal.id, memo="twice")

    assert balances() == {}


def test_the_same_key_takes_back_once_and_answers_the_same(clock_at: ClockAt) -> None:
    journal = _one_journal(clock_at)
    wish: dict[str, Any] = {"province_id": HUBEI, "journal_id": journal.id, "key": "k1"}

    answers = [commands.reverse_journal(SYSTEM, **wish, memo="m") for _ in range(2)]

    assert answers[0] == answers[1]
    with pytest.raises(KeyReused):
        commands.reverse_journal(SYSTEM, **wish, memo="other")


def test_a_journal_of_another_province_is_not_there(clock_at: ClockAt) -> None:
    journal = _one_journal(clock_at)

    with pytest.raises(NotFound):
        commands.reverse_journal(SYSTEM, province_id=ANHUI, journal_id=journal.id, memo="m")


def test_staff_and_strangers_take_nothing_back(clock_at: ClockAt) -> None:
    journal = _one_journal(clock_at)

    for caller in (provinces.staff("settlement.read"), provinces.stranger(), members.member()):
        with pytest.raises(Forbidden):
            commands.reverse_journal(caller, province_id=HUBEI, journal_id=journal.id, memo="m")

    assert balances() != {}


@pytest.mark.parametrize("model", [Transfer])
def test_what_is_in_the_books_is_neither_changed_nor_removed(clock_at: ClockAt, model: Any) -> None:
    _one_journal(clock_at)
    row = model.objects.filter(province_id=HUBEI).first()

    for attempt in (
        row.save,
        row.delete,
        lambda: model.objects.filter(province_id=HUBEI).update(id=1),
        model.objects.filter(province_id=HUBEI).delete,
    ):
        with pytest.raises(AppendOnly):
            attempt()


def test_a_journal_that_does_not_balance_is_not_written(clock_at: ClockAt) -> None:
    now = clock_at(EVENING)
    lopsided = Draft(
        source="test:1", kind=Kind.ORDER_PAID, at=now, entries=(Entry("2004", Money(5)), Entry("2001", Money(-4)))
    )

    with pytest.raises(Unbalanced), transaction.atomic():
        write(HUBEI, [lopsided])

    assert not Transfer.objects.exists()


@pytest.mark.parametrize(
    ("changes", "constraint"),
    [
        ({"amount": Money(0)}, "settlement_transfer_amount"),
        ({"amount": Money(-5)}, "settlement_transfer_amount"),
        ({"credit": 2004}, "settlement_transfer_accounts"),
        ({"leg": 1}, "settlement_transfer_leg"),
    ],
)
def test_the_database_takes_only_an_amount_from_one_account_to_another(
    clock_at: ClockAt, changes: dict[str, Any], constraint: str
) -> None:
    about: dict[str, Any] = {
        "province_id": HUBEI, "at": clock_at(EVENING), "source": "test:1", "kind": "order_paid", "memo": "",
        "debit": 2004, "credit": 2001, "amount": Money(5), "leg": 0, "legs": 1,
    }  # fmt: skip
    Transfer(**about).save()

    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        Transfer(**{**about, "source": "test:2", **changes}).save()


def test_an_account_that_the_chart_does_not_have_is_refused(clock_at: ClockAt) -> None:
    now = clock_at(EVENING)
    draft = Draft(
        source="test:1", kind=Kind.ORDER_PAID, at=now, entries=(Entry("9999", Money(5)), Entry("2001", Money(-5)))
    )

    with pytest.raises(KeyError, match="9999"):
        write(HUBEI, [draft])


def test_the_database_refuses_the_same_source_twice(clock_at: ClockAt) -> None:
    now = clock_at(EVENING)
    draft = Draft(
        source="test:1", kind=Kind.ORDER_PAID, at=now, entries=(Entry("2004", Money(5)), Entry("2001", Money(-5)))
    )
    write(HUBEI, [draft])

    with pytest.raises(IntegrityError, match="settlement_transfer_once"), transaction.atomic():
        write(HUBEI, [draft])

    assert balances() == {"2001": -5, "2004": 5}


def _one_journal(clock_at: ClockAt) -> Transfer:
    clock_at(EVENING)
    point: PointView = leaders.point()
    book(recorded(Tale(point.id).paid().events[:1]))
    return Transfer.objects.get(province_id=HUBEI)


def _collected(clock_at: ClockAt, *, hear: bool = True) -> OrderView:
    """An order of 7.00 that was handed out the next day at six."""
    clock_at(EVENING)
    order = ordering.paid_order(ordering.line(pricing.offer(350), 2))
    clock_at("2026-11-21T18:00+08:00")
    ordering.commands.mark_collected(SYSTEM, province_id=HUBEI, order_ids=(order.id,))
    if hear:
        settlement.hear()
    return ordering.now(order)


def _paid_again(order: OrderView) -> OrderPaid:
    return OrderPaid(
        province_id=HUBEI, order_id=order.id, member_id=order.member_id, point_id=order.point_id, sale_on=SALE_ON,
        amount_fen=1,
    )  # fmt: skip


def _bought(clock_at: ClockAt) -> Caller:
    """A night in which one supplier brought a pack of 12 at 2.00 for an order that is not collected yet."""
    clock_at(EVENING)
    sku = catalog.sku("VEG-1")
    ordering.paid_order(ordering.line(pricing.offer(300, sku=sku), 4))
    clock_at(CUTOFF)
    ordering.close_day()
    clock_at(ANSWERING)
    supplier = sourcing.supplier(sourcing.supply(sku.code))
    sourcing.bought(SALE_ON)
    settlement.hear()
    return supplier


def _claim_on_supplier() -> None:
    """A claim of 3.00 on the goods of that night."""
    (sku,) = catalog.queries.skus_by_code(["VEG-1"]).values()
    tale = Tale(leaders.point().id).paid().collected().claimed(300, fault="supplier", sku_id=sku.id)
    book(recorded(tale.events))
