"""One real day through every room, to the fen: the worked example of docs/algorithms/ledger.md."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date

import pytest

from lintuan.fulfilment.types import Discrepancy
from lintuan.kernel.callers import SYSTEM
from lintuan.kernel.money import ZERO, Money
from lintuan.ordering import queries as orders
from lintuan.ordering.commands import cancel_order
from lintuan.ordering.types import OrderView
from lintuan.settlement import commands, queries
from lintuan.settlement.engine.partners import Step, Terms
from lintuan.settlement.types import NewContract, Settled
from lintuan.sourcing.queries import suppliers
from tests.make import fulfilment, leaders, ordering, pricing, provinces, settlement
from tests.make.ordering import EVENING, SALE_ON
from tests.make.provinces import HUBEI
from tests.make.settlement import ClockAt

pytestmark = pytest.mark.django_db


def test_the_worked_day_comes_out_to_the_fen(clock_at: ClockAt) -> None:
    supplier_id, leader_id = _worked_day(clock_at)

    settlement.books_closed(clock_at)

    assert settlement.balances() == {
        "1001": 1800,
        f"2101:{supplier_id}": -2100,
        f"2202:{leader_id}": -96,
        "4001": -1500,
        "4002": 300,
        "4003": -600,
        "5001": 1000,
        "5002": 1000,
        "5003": -300,
        "5004": 400,
        "5101": 96,
    }


def test_the_proof_of_the_worked_day_holds(clock_at: ClockAt) -> None:
    _worked_day(clock_at)
    settlement.books_closed(clock_at)

    proof = queries.prove_day(HUBEI, SALE_ON)

    assert [(one.name, one.left, one.right, one.offending) for one in proof.invariants if not one.holds] == []
    assert proof.is_over
    assert proof.holds
    assert {one.name: one.left for one in proof.invariants} == WORKED_PROOF


def test_the_worked_day_leaves_nothing_to_reconcile(clock_at: ClockAt) -> None:
    _worked_day(clock_at)
    settlement.books_closed(clock_at)

    result = commands.reconcile(SYSTEM, province_id=HUBEI, sale_on=SALE_ON)

    assert (result.orders, result.cases) == (4, 0)


def test_the_proof_holds_at_every_stage_of_a_day(clock_at: ClockAt) -> None:
    stages = []

    def prove(stage: str) -> None:
        settlement.hear()
        proof = queries.prove_day(HUBEI, SALE_ON)
        stages.append((stage, proof.is_over, [one.name for one in proof.invariants if not one.holds]))

    _worked_day(clock_at, prove)

    assert stages == [(stage, False, []) for stage in ("ordered", "bought", "delivered", "collected")]


def test_a_day_of_which_plays_pay_a_part_comes_out_to_the_fen(clock_at: ClockAt) -> None:
    stages = []

    def prove(stage: str) -> None:
        if stage == "collected":
            ordering.save_later((ordering.now(_first_order()), 100))
        settlement.hear()
        proof = queries.prove_day(HUBEI, SALE_ON)
        stages.append([one.name for one in proof.invariants if not one.holds])

    supplier_id, leader_id = _worked_day(clock_at, prove, saved=(200, 100, 0, 50))
    settlement.books_closed(clock_at)

    assert settlement.balances() == {
        "1001": 1550,
        "5201": 250,
        f"2101:{supplier_id}": -2100,
        f"2202:{leader_id}": -96,
        "4001": -1500,
        "4002": 300,
        "4003": -600,
        "5001": 1000,
        "5002": 1000,
        "5003": -300,
        "5004": 400,
        "5101": 96,
    }
    proof = queries.prove_day(HUBEI, SALE_ON)
    assert [(one.name, one.offending) for one in proof.invariants if not one.holds] == []
    assert {one.name: one.left for one in proof.invariants} == WORKED_PROOF | {
        "charges_paid": 2350,
        "refunds_asked": 800,
        "refunds_arrived": 800,
        "gateway_balance": 1550,
        "subsidies": 250,
        "trial_balance": proof.invariants[[one.name for one in proof.invariants].index("trial_balance")].right,
    }
    assert commands.reconcile(SYSTEM, province_id=HUBEI, sale_on=SALE_ON).cases == 0
    assert stages == [[], [], [], []]


@pytest.mark.parametrize(("saved", "margin", "share"), [((0, 0, 0, 0), 404, 101), ((200, 100, 0, 50), 229, 57)])
def test_a_partner_has_its_share_of_what_the_day_left(
    clock_at: ClockAt, saved: Sequence[int], margin: int, share: int
) -> None:
    """12.00 of sales, 3.00 that the supplier bears, less 0.96 of commission, 10.00 of goods, and what plays paid."""
    signed: list[int] = []

    def sign(stage: str) -> None:
        if stage == "ordered":
            signed.append(_contract(clock_at, orders.paid_orders(HUBEI, SALE_ON)[0].point_id))

    _worked_day(clock_at, sign, saved=saved)
    settlement.books_closed(clock_at)
    commands.close_books(SYSTEM, province_id=HUBEI, sale_on=SALE_ON)

    staff = provinces.staff("settlement.edit")
    tried = queries.simulate(staff, province_id=HUBEI, contract_id=signed[0])
    settled = commands.settle_partners(SYSTEM, province_id=HUBEI, sale_on=SALE_ON)

    assert settled == Settled(1, Money(share))
    (month,) = queries.settled_months(staff, province_id=HUBEI, contract_id=signed[0])
    assert (month.sales, month.margin, month.share) == (Money(1200), Money(margin), Money(share))
    assert tried.months == (month,)
    assert settlement.balances()["5501"] == share
    assert queries.prove_day(HUBEI, SALE_ON).holds


def test_a_day_without_orders_proves_itself(clock_at: ClockAt) -> None:
    clock_at(EVENING)
    pricing.offer()
    settlement.hear()

    proof = queries.prove_day(HUBEI, date(2026, 11, 20))

    assert proof.holds


#: The left side of every invariant of the worked day, as docs/algorithms/proof.md has it.
WORKED_PROOF = {
    "stock_taken": 8,
    "stock_capacity": 0,
    "orders_in_books": 2700,
    "orders_accounted": 4,
    "orders_given_back": 300,
    "orders_add_up": 0,
    "charges_paid": 2700,
    "refunds_asked": 900,
    "refunds_arrived": 900,
    "gateway_balance": 1800,
    "prepayments": 0,
    "refunds_decided": 0,
    "refunds_on_their_way": 0,
    "receipts_matched": 0,
    "subsidies": 0,
    "funders": 0,
    "unpaid_hold_nothing": 0,
    "journals_balanced": 0,
    "trial_balance": 15_732,
    "sales": 1200,
    "forfeited": 600,
    "goods_cost": 2400,
    "suppliers_owed": 2400,
    "goods_left": 0,
    "statements": 2400,
    "suppliers_told": 300,
    "commission_exact": 96,
    "commission_cost": 96,
    "commission_raised": 0,
    "commission_owed": 96,
    "leaders_told": 96,
    "units_ordered": 9,
    "units_bought": 8,
    "lots_recorded": 12,
    "units_sorted": 12,
    "units_to_points": 8,
    "units_signed": 8,
    "units_handed_over": 7,
    "cuts_explained": 1,
    "units_received": 12,
    "no_parked_events": 0,
    "consumers_caught_up": 0,
}


def _worked_day(
    clock_at: ClockAt,
    at_stage: Callable[[str], None] = lambda stage: None,
    saved: Sequence[int] = (0, 0, 0, 0),
) -> tuple[int, int]:
    """Four orders at one point, packs of 12: one is cancelled, one loses a damaged unit, one lies unclaimed, and one
    has a claim that the supplier bears. Answers the ids of the supplier and the leader."""
    clock_at(EVENING)
    point = leaders.point()
    fulfilment.network([point])
    offer = pricing.offer(300)
    first, cancelled, _, last = (
        fulfilment.buy(point, (offer, units), saved=fen) for units, fen in zip((4, 1, 2, 2), saved, strict=True)
    )
    cancel_order(ordering.buyer_of(cancelled), province_id=HUBEI, order_id=cancelled.id)
    at_stage("ordered")
    fulfilment.received(clock_at, pack_units=12)
    at_stage("bought")
    fulfilment.deliver(clock_at)
    clock_at(fulfilment.SIGNED)
    fulfilment.sign(point, Discrepancy(offer.sku_id, damaged=1))
    at_stage("delivered")
    clock_at(fulfilment.COLLECTED)
    fulfilment.hand_out(first)
    fulfilment.hand_out(last)
    fulfilment.claim(first)
    at_stage("collected")
    return suppliers(HUBEI)[0].id, point.leader_id


def _contract(clock_at: ClockAt, point_id: int) -> int:
    """A quarter of the margin of a point's orders, signed the day before."""
    clock_at("2026-11-19T12:00+08:00")
    drafter, signer = provinces.staff("settlement.edit"), provinces.staff("settlement.edit", phone="13900000002")
    contract = NewContract("Riverside Homes", (point_id,), Terms((Step(ZERO, 2500),)), SALE_ON)
    contract_id = commands.draft_contract(drafter, province_id=HUBEI, contract=contract)
    return commands.sign_contract(signer, province_id=HUBEI, contract_id=contract_id)


def _first_order() -> OrderView:
    return orders.orders(HUBEI, [orders.paid_orders(HUBEI, SALE_ON)[0].order_id]).popitem()[1]
