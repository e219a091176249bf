"""The books over HTTP."""

from __future__ import annotations

import pytest

from lintuan.kernel.callers import Caller, Kind
from lintuan.kernel.ids import public_id, read_public_id
from lintuan.settlement.handlers import book
from tests.make import bills, fulfilment, leaders, ordering, pricing, provinces, settlement
from tests.make.http import Api
from tests.make.ordering import EVENING
from tests.make.provinces import HUBEI
from tests.make.settlement import ClockAt, Tale, recorded

pytestmark = pytest.mark.django_db

DAY = "2026-11-20"


def test_staff_read_the_proof_of_a_finished_day(clock_at: ClockAt) -> None:
    _finished_day(clock_at)

    status, proof = Api(_reader()).get(f"/settlement/days/{DAY}/proof", province_id=HUBEI)

    assert status == 200
    assert (proof["sale_on"], proof["is_over"], proof["holds"]) == (DAY, True, True)
    (paid,) = [one for one in proof["invariants"] if one["name"] == "charges_paid"]
    assert paid == {
        "name": "charges_paid",
        "topic": "money",
        "zh": "实收 = 已付订单金额 − 玩法优惠",
        "en": "money received = amounts of paid orders − what plays paid",
        "unit": "fen",
        "left": 1200,
        "right": 1200,
        "holds": True,
        "offending": [],
    }


def test_the_trial_balance_names_accounts_in_both_languages(clock_at: ClockAt) -> None:
    clock_at(EVENING)
    book(recorded(Tale(leaders.point().id).paid().events))

    status, balance = Api(_reader()).get("/settlement/trial-balance", province_id=HUBEI)

    assert (status, balance["debit_fen"], balance["credit_fen"]) == (200, 2496, 2496)
    assert balance["accounts"][1] == {
        "code": "2001",
        "zh": "会员预付款",
        "en": "Members' prepayments",
        "debit_fen": 0,
        "credit_fen": 1200,
        "balance_fen": -1200,
    }


def test_entries_show_orders_by_their_public_ids(clock_at: ClockAt) -> None:
    clock_at(EVENING)
    tale = Tale(leaders.point().id).paid()
    book(recorded(tale.events))

    status, entries = Api(_reader()).get(
        "/settlement/entries", province_id=HUBEI, sale_on=DAY, account="2001", limit=10
    )

    assert status == 200
    (entry,) = entries
    assert (entry["order"], entry["amount_fen"]) == (public_id("order", HUBEI, tale.order_id), -1200)


def test_cases_are_told_with_their_likely_cause(clock_at: ClockAt) -> None:
    clock_at(EVENING)
    book(recorded(Tale(leaders.point().id, order_id=77).paid().events[:1]))
    clock_at(settlement.RECONCILE)
    settlement.commands.reconcile(settlement.SYSTEM, province_id=HUBEI, sale_on=ordering.SALE_ON)

    status, cases = Api(_reader()).get("/settlement/cases", province_id=HUBEI)

    assert status == 200
    (case,) = cases
    assert (case["kind"], case["left_fen"], case["order"]) == (
        "receipt_unmatched",
        1200,
        public_id("order", HUBEI, 77),
    )
    assert (case["zh"], case["en"]) == (
        "收到款项但没有已支付订单：订单未能转为已支付",
        "Money came and no order became paid by it",
    )


def test_bill_days_and_what_waits_for_a_person_are_told(clock_at: ClockAt) -> None:
    provinces.province()
    clock_at("2026-11-21T10:30+08:00")
    bill = bills.bill_of([bills.paid(10_000, 3_000), lost := bills.paid(500, state="open")])
    bills.read(bill)
    settlement.commands.compare_bill(settlement.SYSTEM, province_id=HUBEI, provider="wechatpay", on_day=bills.DAY)

    _, (day,) = Api(_reader()).get("/settlement/bill-days", province_id=HUBEI)
    _, (waiting,) = Api(_reader()).get("/settlement/case-files", province_id=HUBEI)

    assert (day["orders_fen"], day["bill_fen"], day["cases"], day["payments"]) == (7_000, 7_500, 1, 2)
    assert (waiting["kind"], waiting["ours_fen"], waiting["theirs_fen"]) == ("paid_unheard", 0, 500)
    assert (waiting["number"], waiting["state"], waiting["remedy"]) == (lost.number, "open", "ask")


def test_a_leader_reads_their_commission(clock_at: ClockAt) -> None:
    order = _finished_day(clock_at)

    status, commission = Api(fulfilment.leader_at(order)).get("/leader/commission")

    assert status == 200
    assert commission == {
        "pending_fen": 0,
        "booked_fen": 72,
        "days": [{"sale_on": DAY, "orders": 1, "base_fen": 900, "pending_fen": 0, "booked_fen": 72}],
    }


def test_a_leader_reads_a_statement_that_explains_every_line(clock_at: ClockAt) -> None:
    point_id = _finished_day(clock_at)

    status, (mine,) = Api(fulfilment.leader_at(point_id)).get("/leader/statements")

    assert status == 200
    assert (mine["earned_fen"], mine["funded_fen"], mine["total_fen"]) == (72, 0, 72)
    assert [(line["kind"], line["amount_fen"], line["zh"]) for line in mine["lines"]] == [
        ("commission", 72, f"{DAY} 佣金，1 单")
    ]


def test_a_supplier_reads_a_statement_that_explains_every_line(clock_at: ClockAt) -> None:
    _finished_day(clock_at)
    (mine,) = Api(_reader()).get("/settlement/statements", province_id=HUBEI, sale_on=DAY)[1]
    _, supplier_id = read_public_id("supplier", mine["supplier"])

    status, statements = Api(Caller(Kind.SUPPLIER, supplier_id, HUBEI)).get("/supplier/statements")

    assert (status, statements) == (200, [mine])
    assert (mine["goods_fen"], mine["deductions_fen"], mine["total_fen"]) == (800, 300, 500)
    assert [(line["kind"], line["amount_fen"], line["en"].split(" for order ")[0]) for line in mine["lines"]] == [
        ("deduction", 300, "claim (quality)"),
        ("goods", 800, "4 units received at 2.00"),
    ]


def test_another_suppliers_statements_are_not_shown(clock_at: ClockAt) -> None:
    _finished_day(clock_at)

    assert Api(Caller(Kind.SUPPLIER, 999_999, HUBEI)).get("/supplier/statements") == (200, [])


@pytest.mark.parametrize(
    "path",
    [
        f"/settlement/days/{DAY}/proof?province_id=42",
        "/settlement/trial-balance?province_id=42",
        f"/settlement/entries?province_id=42&sale_on={DAY}",
        "/settlement/cases?province_id=42",
        "/settlement/bill-days?province_id=42",
        "/settlement/case-files?province_id=42",
        f"/settlement/statements?province_id=42&sale_on={DAY}",
        "/leader/commission",
        "/leader/statements",
        "/supplier/statements",
    ],
)
def test_strangers_see_nothing_of_the_books(path: str) -> None:
    assert Api().get(path)[0] == 401
    assert Api(provinces.stranger()).get(path)[0] == 403


def test_a_malformed_day_is_refused() -> None:
    status, problem = Api(_reader()).get("/settlement/days/yesterday/proof", province_id=HUBEI)

    assert (status, problem["code"]) == (422, "invalid")


def _reader() -> Caller:
    return provinces.staff("settlement.read")


def _finished_day(clock_at: ClockAt) -> int:
    """One order of 4 units that was collected and one unit of it claimed; answers its point's id."""
    order = fulfilment.collected_order(clock_at, (_offer(clock_at), 4))
    fulfilment.claim(order)
    settlement.books_closed(clock_at)
    return order.point_id


def _offer(clock_at: ClockAt) -> pricing.OfferView:
    clock_at(EVENING)
    return pricing.offer(300)


@pytest.mark.parametrize("day", ["9999-12-31", "0001-01-01", "2200-01-01"])
def test_a_sale_day_beyond_reckoning_is_malformed(clock_at: ClockAt, day: str) -> None:
    clock_at(EVENING)
    provinces.province()

    answers = [
        Api(_reader()).get(f"/settlement/days/{day}/proof", province_id=HUBEI),
        Api(_reader()).get("/settlement/entries", province_id=HUBEI, sale_on=day),
        Api(_reader()).get("/settlement/cases", province_id=HUBEI, sale_on=day),
        Api(_reader()).get("/settlement/statements", province_id=HUBEI, sale_on=day),
        Api(leaders.leader_of(leaders.point())).get("/leader/pickups", sale_on=day),
    ]

    assert [status for status, _ in answers] == [422] * 5
    assert all("from 2000-01-01 to 2199-12-31" in problem["title"] for _, problem in answers)
