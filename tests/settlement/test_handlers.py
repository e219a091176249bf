"""What the books make of events."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import msgspec
import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lintuan.kernel.callers import SYSTEM
from lintuan.kernel.events import Recorded
from lintuan.kernel.money import Money
from lintuan.leaders.types import PointView
from lintuan.payments.events import ChargePaid, ChargePaidLate, RefundAsked, RefundDone
from lintuan.settlement import balances as trial
from lintuan.settlement import commands
from lintuan.settlement.handlers import book
from lintuan.settlement.models import Commission, StatementLine, Transfer
from lintuan.sourcing.events import GoodsReceived
from tests.make import catalog, leaders, ordering, pricing, settlement, sourcing
from tests.make.fulfilment import ANSWERING
from tests.make.ordering import CUTOFF, EVENING, SALE_ON
from tests.make.provinces import HUBEI
from tests.make.settlement import ClockAt, Tale, balances, recorded

pytestmark = pytest.mark.django_db


@pytest.fixture
def point() -> PointView:
    return leaders.point()


def test_a_paid_order_is_a_prepayment_and_pending_commission(point: PointView) -> None:
    book(recorded(Tale(point.id).paid().events))

    assert balances() == {"1001": 1200, "2001": -1200, "5101": 96, f"2201:{point.leader_id}": -96}


def test_a_cut_becomes_money_owed_then_on_its_way_then_gone(point: PointView) -> None:
    tale = Tale(point.id).paid().cut_by(1)
    paid, cut, asked, done = tale.events[:2], *tale.events[2:]
    owed = {"1001": 1200, "2001": -900, "5101": 72, f"2201:{point.leader_id}": -72}

    book(recorded(paid))
    seen = []
    for event in (cut, asked, done):
        book(recorded([event]))
        seen.append(balances())

    assert seen == [{**owed, "2002": -300}, {**owed, "2003": -300}, {**owed, "1001": 900}]


def test_an_order_cut_to_nothing_leaves_no_balance(point: PointView) -> None:
    book(recorded(Tale(point.id).paid().cut_by(4, cause="cancelled").events))

    assert balances() == {}
    assert Commission.objects.get(province_id=HUBEI).state == "reversed"


def test_collection_turns_the_prepayment_into_sales(point: PointView) -> None:
    book(recorded(Tale(point.id).paid().cut_by(1).collected().events))

    assert balances() == {"1001": 900, "4001": -900, "5101": 72, f"2201:{point.leader_id}": -72}


def test_an_unclaimed_order_is_forfeited_and_earns_no_commission(point: PointView) -> None:
    book(recorded(Tale(point.id).paid().unclaimed().events))

    assert balances() == {"1001": 1200, "4003": -1200}
    assert Commission.objects.get(province_id=HUBEI).state == "reversed"


def test_a_share_given_back_for_an_unclaimed_order_lowers_what_is_forfeited(point: PointView) -> None:
    book(recorded(Tale(point.id).paid().unclaimed().claimed(600, cause="unclaimed", fault="platform").events))

    assert balances() == {"1001": 600, "4003": -600}


def test_a_claim_lowers_sales_and_commission(point: PointView) -> None:
    book(recorded(Tale(point.id).paid().collected().claimed(300).events))

    assert balances() == {"1001": 900, "4001": -1200, "4002": 300, "5101": 72, f"2201:{point.leader_id}": -72}


def test_a_claim_after_booking_takes_from_what_is_payable(point: PointView) -> None:
    tale = Tale(point.id).paid().collected()
    book(recorded(tale.events))
    Commission.objects.filter(province_id=HUBEI).update(state="booked", booked_at=settlement.NOON)

    book(recorded(tale.claimed(300).events[len(tale.events) :]))

    assert balances()[f"2202:{point.leader_id}"] == 24
    assert Commission.objects.get(province_id=HUBEI).amount == Money(72)


def test_a_late_payment_is_owed_at_once_and_leaves_no_balance() -> None:
    about: dict[str, Any] = {"province_id": HUBEI, "charge_id": 1, "purpose": "order", "subject_id": 1}
    back: dict[str, Any] = {**about, "amount_fen": 990, "refund_id": 1, "cause": "late_payment"}

    book(recorded([ChargePaidLate(**about, amount_fen=990)]))
    owed = balances()
    book(recorded([RefundAsked(**back), RefundDone(**back)]))

    assert owed == {"1001": 990, "2002": -990}
    assert balances() == {}


@pytest.mark.parametrize(("provider", "account"), [("wechatpay", "1001"), ("alipay", "1002")])
def test_money_is_booked_where_it_is_held(provider: str, account: str) -> None:
    about: dict[str, Any] = {"province_id": HUBEI, "charge_id": 1, "purpose": "order", "subject_id": 1}
    back: dict[str, Any] = {**about, "refund_id": 1, "cause": "late_payment"}

    book(recorded([ChargePaid(**about, amount_fen=1990, provider=provider)]))
    book(recorded([ChargePaidLate(**about, amount_fen=990, provider=provider)]))
    held = balances()[account]
    book(recorded([RefundAsked(**back, amount_fen=990), RefundDone(**back, amount_fen=990, provider=provider)]))

    assert held == 2980
    assert balances() == {account: 1990, "2004": -1990}


def test_an_event_of_before_there_were_several_providers_is_of_the_first() -> None:
    old = '{"province_id":42,"charge_id":1,"purpose":"order","subject_id":1,"amount_fen":990}'

    book(recorded([msgspec.json.decode(old, type=ChargePaid)]))

    assert balances() == {"1001": 990, "2004": -990}


def test_plays_pay_their_part_of_what_an_order_is_worth(point: PointView) -> None:
    tale = Tale(point.id, saved=300).paid()

    book(recorded(tale.events))
    assert (balances()["1001"], balances()["2001"], balances()["5201"]) == (900, -1200, 300)
    assert balances()[f"2201:{point.leader_id}"] == -96

    book(recorded(tale.cut_by(1).collected().events[len(tale.events) :]))
    assert balances() == {
        "1001": 675, "4001": -900, "5201": 225, "5101": 72, f"2201:{point.leader_id}": -72,
    }  # fmt: skip


def test_a_reward_after_the_payment_moves_money_from_the_member_to_the_plays(point: PointView) -> None:
    book(recorded(Tale(point.id).paid().collected().saved_more(200).claimed(600).events))

    assert balances() == {
        "1001": 500, "4001": -1200, "4002": 600, "5201": 100, "5101": 48, f"2201:{point.leader_id}": -48,
    }  # fmt: skip


def test_goods_received_are_owed_to_their_supplier() -> None:
    lot = GoodsReceived(
        province_id=HUBEI, purchase_order_id=1, supplier_id=17, sale_on=SALE_ON, sku_id=5, quantity=12, cost_fen=2400
    )

    book(recorded([lot, lot]))

    assert balances() == {"1401": 4800, "2101:17": -4800}


def test_a_supplier_bears_the_claim_that_is_its_fault(clock_at: ClockAt) -> None:
    supplier_id, order = _night_with_goods(clock_at)
    before = balances()

    book(recorded(order.claimed(300, fault="supplier", sku_id=_only_sku()).events[-3:-2]))

    assert balances()[f"2101:{supplier_id}"] - before[f"2101:{supplier_id}"] == 300
    assert balances()["5003"] == -300
    line = StatementLine.objects.get(province_id=HUBEI, kind="deduction")
    assert (line.supplier_id, line.amount, line.cause, line.statement_id) == (supplier_id, Money(300), "quality", None)


def test_claims_that_others_bear_take_nothing_from_suppliers(clock_at: ClockAt) -> None:
    supplier_id, order = _night_with_goods(clock_at)
    before = balances()[f"2101:{supplier_id}"]

    book(recorded(order.claimed(300, fault="leader", sku_id=_only_sku()).events[-3:-2]))

    assert balances()[f"2101:{supplier_id}"] == before
    assert not StatementLine.objects.filter(province_id=HUBEI).exists()


def test_an_event_heard_twice_is_posted_once(point: PointView) -> None:
    events = recorded(Tale(point.id).paid().cut_by(1).collected().events)
    book(events)
    once, journals = balances(), settlement.journals()

    book(events)

    assert (balances(), settlement.journals()) == (once, journals)
    assert Commission.objects.get(province_id=HUBEI).paid == Money(1200)


def test_a_full_batch_takes_a_handful_of_statements(
    point: PointView, django_assert_max_num_queries: Callable[[int], Any]
) -> None:
    events = [event for _ in range(72) for event in Tale(point.id).paid().cut_by(1).collected().claimed(300).events]

    with django_assert_max_num_queries(13):
        book(recorded(events[:500]))

    assert settlement.journals() == 500


def test_the_books_hear_of_a_real_order(clock_at: ClockAt) -> None:
    clock_at(EVENING)
    paid = ordering.paid_order(ordering.line(pricing.offer(350), 2))

    settlement.hear()

    assert balances()["2001"] == -700
    legs = Transfer.objects.filter(province_id=HUBEI, kind="order_paid").order_by("leg")
    assert [(leg.order_id, leg.sale_on, leg.debit, leg.credit, leg.amount) for leg in legs] == [
        (paid.id, SALE_ON, 2004, 2001, Money(700)),
        (paid.id, SALE_ON, 5101, 2201, Money(56)),
    ]


def test_provinces_keep_their_books_apart(point: PointView) -> None:
    other = leaders.point(34)
    tale = Tale(other.id).paid()
    elsewhere = [_moved_to(event, 34) for event in tale.events]

    book(recorded([*Tale(point.id).paid().events, *elsewhere]))

    assert balances(34) == {"1001": 1200, "2001": -1200, "5101": 96, f"2201:{other.leader_id}": -96}
    assert balances(HUBEI)["2001"] == -1200


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_whatever_happens_to_orders_the_books_balance_in_any_order_of_hearing(
    point: PointView, data: st.DataObject
) -> None:
    tales = data.draw(st.lists(_tales(point.id), min_size=1, max_size=4))
    events = recorded(event for tale in tales for event in tale.events)
    heard = data.draw(st.permutations(events))

    with _undone():
        _hear_in_batches(events, 100)
        in_order = balances()
    with _undone():
        _hear_in_batches(heard, data.draw(st.integers(1, 7)))
        assert balances() == in_order
        _check_laws(tales, point.leader_id)
        journals = settlement.journals()
        book(heard)
        assert (settlement.journals(), balances()) == (journals, in_order)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_whatever_is_taken_back_the_books_balance_and_all_of_it_leaves_nothing(
    point: PointView, data: st.DataObject
) -> None:
    tales = data.draw(st.lists(_tales(point.id), min_size=1, max_size=3))
    with _undone():
        book(recorded(event for tale in tales for event in tale.events))
        firsts = list(Transfer.objects.filter(province_id=HUBEI, leg=0).values_list("id", flat=True))
        for taken, journal_id in enumerate(data.draw(st.permutations(firsts)), 1):
            commands.reverse_journal(SYSTEM, province_id=HUBEI, journal_id=journal_id, memo="law")
            assert sum(balances().values()) == 0
            assert settlement.journals() == len(firsts) + taken
            assert trial.totals(HUBEI).unsound == 0
        assert balances() == {}


def _check_laws(tales: Sequence[Tale], leader_id: int) -> None:
    found = balances()
    ended = [tale for tale in tales if _end(tale) != "waiting"]
    waiting = sum(tale.net for tale in tales if _end(tale) == "waiting")
    earned = sum(Money(tale.net).share(800).fen for tale in tales if _end(tale) != "unclaimed")
    assert sum(found.values()) == 0
    assert all(found.get(code, 0) <= 0 for code in ("2001", "4001", "4003", f"2201:{leader_id}"))
    assert all(found.get(code, 0) >= 0 for code in ("1001", "4002", "5101", "5201"))
    assert found.get("2001", 0) == -waiting
    assert not {"2002", "2003", "2004"} & found.keys()
    assert found.get("1001", 0) == sum(tale.bill.paid.fen for tale in tales)
    assert found.get("5201", 0) == sum(tale.bill.borne.fen for tale in tales)
    assert -found.get("4001", 0) - found.get("4002", 0) - found.get("4003", 0) == sum(tale.net for tale in ended)
    assert found.get("5101", 0) == -found.get(f"2201:{leader_id}", 0) == earned
    assert all(row.amount <= max(Money(0), row.paid - row.given_back).share(row.bps) for row in _commissions())


def _end(tale: Tale) -> str:
    names = {type(event).__name__ for event in tale.events}
    if tale.cut == tale.quantity:
        return "cut"
    return "collected" if "OrderCollected" in names else "unclaimed" if "OrderUnclaimed" in names else "waiting"


@st.composite
def _tales(draw: st.DrawFn, point_id: int) -> Tale:
    """An order that was paid, perhaps cut and saved on some times, then collected, left unclaimed or still waiting."""
    price, quantity = draw(st.integers(1, 5000)), draw(st.integers(1, 9))
    tale = Tale(point_id, price=price, quantity=quantity, saved=draw(st.integers(0, price * quantity - 1))).paid()
    for cause in draw(st.lists(st.sampled_from(["cancelled", "not_received", "saved"]), max_size=3)):
        left = tale.quantity - tale.cut
        if cause == "saved":
            tale = tale.saved_more(draw(st.integers(1, price * quantity)))
        else:
            tale = tale.cut_by(draw(st.integers(1, left)), cause) if left else tale
    if tale.cut == tale.quantity:
        return tale
    end = draw(st.sampled_from(["collected", "unclaimed", "waiting"]))
    if end == "waiting":
        return tale
    tale = tale.collected() if end == "collected" else tale.unclaimed()
    cause = "quality" if end == "collected" else "unclaimed"
    for _ in range(draw(st.integers(0, 2))):
        tale = tale.claimed(draw(st.integers(1, tale.net)), cause=cause) if tale.net else tale
    return tale


def _commissions() -> list[Commission]:
    return list(Commission.objects.filter(province_id=HUBEI))


def _hear_in_batches(events: Sequence[Recorded], size: int) -> None:
    for start in range(0, len(events), size):
        book(events[start : start + size])


@contextmanager
def _undone() -> Iterator[None]:
    """A part of a test that leaves nothing behind."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def _moved_to(event: Any, province_id: int) -> Any:
    return type(event)(**{**vars(event), "province_id": province_id})


def _night_with_goods(clock_at: ClockAt) -> tuple[int, Tale]:
    """A night in which one supplier brought a pack; its id, and a collected order of those goods."""
    clock_at(EVENING)
    sku = catalog.sku("VEG-1")
    point = leaders.point()
    ordering.paid_order(ordering.line(pricing.offer(300, sku=sku), 4), point=point)
    clock_at(CUTOFF)
    ordering.close_day()
    clock_at(ANSWERING)
    supplier = sourcing.supplier(sourcing.supply(sku.code))
    sourcing.bought(SALE_ON)
    settlement.hear()
    tale = Tale(point.id).paid().collected()
    book(recorded(tale.events))
    return supplier.id, tale


def _only_sku() -> int:
    from lintuan.catalog.queries import skus_by_code

    return skus_by_code(["VEG-1"])["VEG-1"].id
