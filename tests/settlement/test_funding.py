"""Who pays for what plays save: a coupon that suppliers fund by half, a group price that its leader funds in part."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lintuan.catalog import queries as catalog
from lintuan.kernel.callers import SYSTEM, Caller, Kind
from lintuan.kernel.errors import Forbidden
from lintuan.kernel.money import ZERO, Money, total
from lintuan.leaders.types import PointView
from lintuan.ordering import commands as ordering_commands
from lintuan.ordering.events import OrderSaved
from lintuan.ordering.types import LineRefund, OrderRequest, OrderView
from lintuan.plays import commands as plays_commands
from lintuan.plays.engine.definition import Funder, Limits
from lintuan.plays.engine.progress import Rank, Reach
from lintuan.plays.engine.rewards import Coupon, Uplift
from lintuan.plays.events import CommissionRaised, RewardSpent
from lintuan.plays.models import Grant
from lintuan.pricing.types import OfferView
from lintuan.settlement import commands, queries
from lintuan.settlement.engine.funding import Part, Sold, shares
from lintuan.settlement.handlers import book
from lintuan.settlement.models import Funding, LeaderLine, Raise, StatementLine
from lintuan.settlement.types import Charged, LeaderLineKind
from tests.make import (
    campaigns,
    fulfilment,
    leaders,
    members,
    ordering,
    plays,
    pricing,
    provinces,
    settlement,
    sourcing,
)
from tests.make.fulfilment import ANSWERING, COLLECTED, RECEIVED
from tests.make.ordering import CUTOFF, EVENING, SALE_ON
from tests.make.provinces import HUBEI
from tests.make.settlement import BOOKS, ClockAt, Tale, balances, recorded

pytestmark = pytest.mark.django_db

DAY = {"province_id": HUBEI, "sale_on": SALE_ON}
NEXT_DAY = {"province_id": HUBEI, "sale_on": SALE_ON.replace(day=21)}
HALF_SUPPLIERS = (Funder(payer="platform", share_bps=5000), Funder(payer="supplier", share_bps=5000))
LEADER_IN_PART = (Funder(payer="platform", share_bps=6000), Funder(payer="leader", share_bps=4000))


@dataclass(frozen=True)
class Played:
    """A day with plays: who brought which goods, who keeps the point, and the order that used a coupon."""

    greens: int
    eggs: int
    leader: Caller
    first: OrderView
    group: tuple[OrderView, ...]


def test_a_day_of_plays_comes_out_to_the_fen(clock_at: ClockAt) -> None:
    day = _played(clock_at)

    settlement.books_closed(clock_at)

    assert settlement.balances() == {
        "1001": 4757,  # 3300 + 2 x 1500 paid, 2 x 300 given back by the group's price, 943 by the claim
        f"2101:{day.greens}": -(3 * 200 - 1000 - 28),  # has to pay more than it brought
        f"2101:{day.eggs}": -(3 * 200 - 43),
        f"2202:{day.leader.id}": -(440 - 240),
        "4001": -6500,
        "4002": 1000,
        "5001": 1000,
        "5002": 200,
        "5003": -1000,
        "5101": 440,
        "5201": 743,  # 143 of the coupon, 600 of the group
        "5202": -71,
        "5203": -240,
    }


def test_statements_tell_everybody_line_by_line(clock_at: ClockAt) -> None:
    day = _played(clock_at)
    settlement.books_closed(clock_at)

    statements = {one.supplier_id: one for one in queries.statements(provinces.staff(), **DAY)}
    greens, eggs = statements[day.greens], statements[day.eggs]
    (mine,) = queries.leader_statements(day.leader)

    assert (greens.goods, greens.deductions, greens.subsidies, greens.total) == tuple(map(Money, (600, 1000, 28, -428)))
    assert (eggs.goods, eggs.deductions, eggs.subsidies, eggs.total) == tuple(map(Money, (600, 0, 43, 557)))
    assert [(line.kind, line.amount.fen) for line in eggs.lines if line.kind == "subsidy"] == [("subsidy", 43)]
    assert eggs.lines[0].zh == f"2026-11-20 订单 {day.first.number} 优惠分担（满减券）"
    assert (mine.account.earned, mine.account.funded, mine.account.total) == tuple(map(Money, (440, 240, 200)))
    assert [(line.kind, line.amount.fen) for line in mine.lines] == [
        (LeaderLineKind.COMMISSION, 440),
        (LeaderLineKind.SUBSIDY, -120),
        (LeaderLineKind.SUBSIDY, -120),
    ]
    assert queries.statements_of_leaders(provinces.staff(), **DAY) == [mine]


def test_the_day_proves_itself_and_leaves_nothing_to_reconcile(clock_at: ClockAt) -> None:
    _played(clock_at)
    settlement.books_closed(clock_at)

    proof = queries.prove_day(HUBEI, SALE_ON)

    assert [(one.name, one.offending) for one in proof.invariants if not one.holds] == []
    found = {one.name: one.left for one in proof.invariants}
    assert (found["subsidies"], found["funders"], found["suppliers_told"], found["leaders_told"]) == (
        743, 311, 1071, 200,
    )  # fmt: skip
    assert commands.reconcile(SYSTEM, **DAY).cases == 0


def test_charging_again_changes_nothing(clock_at: ClockAt) -> None:
    _played(clock_at)
    settlement.books_closed(clock_at)
    before = balances()

    assert commands.charge_funders(SYSTEM, **DAY) == Charged(0, ZERO, ZERO, 0)
    assert commands.make_leader_statements(SYSTEM, **DAY) == 0
    assert balances() == before


def test_a_refund_after_the_night_takes_their_share_back_into_the_next_statements(clock_at: ClockAt) -> None:
    day = _played(clock_at)
    settlement.books_closed(clock_at)

    _refund(day.group[0], 1500)
    assert commands.charge_funders(SYSTEM, **DAY) == Charged(1, Money(-120), ZERO, 0)
    commands.make_leader_statements(SYSTEM, **NEXT_DAY)

    newest = queries.leader_statements(day.leader)[0]
    assert [(line.kind, line.amount.fen) for line in newest.lines] == [
        (LeaderLineKind.CHANGE, -120),
        (LeaderLineKind.SUBSIDY, 120),
    ]
    assert "退回" in newest.lines[1].zh
    assert newest.account.total == ZERO


def test_an_order_that_ordering_tells_otherwise_is_held_back_and_reconciled(clock_at: ClockAt) -> None:
    day = _played(clock_at)
    settlement.nobody_comes(clock_at)
    clock_at(BOOKS)
    book(recorded([_saved(day.first, 7)]))

    assert commands.charge_funders(SYSTEM, **DAY).held_back == 1
    assert commands.reconcile(SYSTEM, **DAY).cases > 0
    assert not StatementLine.objects.filter(province_id=HUBEI, kind="subsidy").exists()


def test_what_a_leader_funds_beyond_its_commission_is_carried_on(clock_at: ClockAt) -> None:
    point = leaders.point()
    leader = leaders.leader_of(point)
    carried = []
    for day, (earned, funded) in enumerate([(100, 250), (60, 0), (200, 30)], 20):
        for kind, fen in (("commission", earned), ("subsidy", -funded)):
            _leader_line(leader.id, kind, fen, day)
        commands.make_leader_statements(SYSTEM, province_id=HUBEI, sale_on=SALE_ON.replace(day=day))
        account = queries.leader_statements(leader)[0].account
        carried.append((account.total.fen, account.carried_in.fen, account.carried_on.fen))

    assert carried == [(0, 0, 150), (0, 150, 90), (80, 90, 0)]


def test_commission_that_a_play_raised_is_pending_until_its_night_and_has_its_own_line(clock_at: ClockAt) -> None:
    clock_at(EVENING)
    point = leaders.point()
    leader = leaders.leader_of(point)
    play = plays.definition(
        Rank(places=(1,)),
        [Uplift(bps=100, most_fen=30_000)],
        name=plays.text("联赛"),
        participants=plays.participants(reach="province", unit="leader"),
        counts=(plays.counting("paid", "fen"),),
        limits=Limits(budget_fen=100_000),
    )
    campaign = campaigns.running(play)
    campaigns.hear(campaigns.paid(members.member(), 9000, point=point))
    plays_commands.stop_play(SYSTEM, province_id=HUBEI, campaign_id=campaign.id)
    campaigns.end()
    settlement.hear()

    assert balances() == {"5102": 90, f"2201:{leader.id}": -90}
    assert queries.leader_commission(leader).pending == Money(90)
    commands.book_commission(SYSTEM, **DAY)
    assert Raise.objects.get(province_id=HUBEI).booked_at is None

    clock_at(BOOKS)
    commands.book_commission(SYSTEM, **DAY)
    commands.book_commission(SYSTEM, **DAY)
    commands.make_leader_statements(SYSTEM, **DAY)

    assert balances() == {"5102": 90, f"2202:{leader.id}": -90}
    assert queries.leader_commission(leader).booked == Money(90)
    (mine,) = queries.leader_statements(leader)
    assert [(line.kind, line.amount.fen, line.zh) for line in mine.lines] == [
        (LeaderLineKind.RAISED, 90, "2026-11-20 玩法加佣（联赛）")
    ]
    assert [one.name for one in queries.prove_day(HUBEI, SALE_ON).invariants if not one.holds] == []


def test_members_earn_money_for_their_orders_and_no_commission(clock_at: ClockAt) -> None:
    clock_at(EVENING)
    point, lin = leaders.point(), members.member()
    play = plays.definition(
        Reach(levels=(1,), of="unit"),
        [Uplift(bps=300, most_fen=5000, commission_level=1)],
        counts=(plays.counting("paid", "fen"),),
        limits=Limits(budget_fen=100_000, commission_levels=2),
    )
    campaign = campaigns.running(play)
    campaigns.hear(campaigns.paid(lin, 9000, point=point))
    plays_commands.stop_play(SYSTEM, province_id=HUBEI, campaign_id=campaign.id)
    campaigns.end()
    settlement.hear()

    grant = Grant.objects.get()
    assert (grant.member_id, grant.kind, grant.state, grant.worth, grant.cost) == (
        lin.id, "cash", "given", Money(270), Money(270),
    )  # fmt: skip
    assert grant.expires_on is not None
    assert balances() == {}
    leaders.choose(lin, point)
    placed = _place(lin, point, (pricing.offer(2000, cost_fen=500), 1), saved_fen=270)
    assert placed.saved == Money(270)


def test_events_heard_twice_or_late_fund_nothing_twice(clock_at: ClockAt) -> None:
    point = leaders.point()
    tale = Tale(point.id, saved=300).paid()
    spent = RewardSpent(
        province_id=HUBEI, campaign_id=1, grant_id=1, member_id=1, order_id=tale.order_id, fen=300, platform_fen=100,
        leader_fen=200, supplier_fen=0,
    )  # fmt: skip
    raised = CommissionRaised(
        province_id=HUBEI, campaign_id=1, run_id=1, grant_id=9, leader_id=point.leader_id, level=0, fen=50
    )
    events = recorded([spent, raised, *tale.events])

    book(events)
    once = balances()
    book(events)

    assert balances() == once
    assert Funding.objects.get(province_id=HUBEI).order_id == tale.order_id
    assert Raise.objects.count() == 1


def test_orders_that_were_never_paid_are_not_looked_at_for_ever(clock_at: ClockAt) -> None:
    clock_at(EVENING)
    waiting, gone = ordering.order(), ordering.order()
    book(recorded([_spent(waiting, 1, 100, 50), _spent(gone, 1, 100, 50), _spent(gone, 1, -100, -50)]))

    assert commands.charge_funders(SYSTEM, **DAY) == Charged(0, ZERO, ZERO, 0)

    assert list(Funding.objects.filter(province_id=HUBEI, is_open=True).values_list("order_id", flat=True)) == [
        waiting.id
    ]


@pytest.mark.parametrize("command", [commands.charge_funders, commands.make_leader_statements])
def test_only_the_system_charges_and_states(command: object) -> None:
    with pytest.raises(Forbidden):
        command(Caller(Kind.LEADER, 1, HUBEI), **DAY)  # type: ignore[operator]


@pytest.fixture
def handed_out(clock_at: ClockAt) -> OrderView:
    """An order of two units at 5.00 that was handed out, of which plays pay 3.00."""
    clock_at(EVENING)
    order = fulfilment.collected_order(clock_at, (pricing.offer(500), 2), saved=300)
    settlement.hear()
    clock_at(BOOKS)
    return order


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_whenever_facts_are_heard_and_nights_charge_the_books_come_out_the_same(
    handed_out: OrderView, data: st.DataObject
) -> None:
    facts = data.draw(st.lists(st.tuples(st.integers(0, 300), st.integers(0, 300)), min_size=1, max_size=4))
    refunds = data.draw(st.lists(st.integers(1, 400), max_size=2))
    with _undone():
        told = recorded(_spent(handed_out, number, *parts) for number, parts in enumerate(facts))
        steps: list[object] = data.draw(st.permutations([*([one] for one in told), *refunds, "night", "night"]))
        for step in steps:
            if step == "night":
                commands.charge_funders(SYSTEM, **DAY)
            elif isinstance(step, int):
                _refund(handed_out, step)
            else:
                book(step)
        book(told)
        commands.charge_funders(SYSTEM, **DAY)

        _check_funders(ordering.now(handed_out), facts)


def _check_funders(order: OrderView, facts: list[tuple[int, int]]) -> None:
    found, borne = balances(), order.bill.borne
    leaders, suppliers = sum(leader for leader, _ in facts), sum(supplier for _, supplier in facts)
    parts = [Part(number, 0, Money(leader), Money(supplier)) for number, (leader, supplier) in enumerate(facts)]
    lines = [Sold(line.sku_id, line.amount, line.amount - line.refunded, {1: 1}) for line in order.lines]
    due = total(shares(order.saved, borne, parts, lines).values())
    assert sum(found.values()) == 0
    assert found.get("5201", 0) == borne.fen
    assert -found.get("5202", 0) - found.get("5203", 0) == due.fen
    assert due <= borne
    assert leaders + suppliers < order.saved.fen or due >= borne - Money(len(facts))
    assert [
        one.name for one in queries.prove_day(HUBEI, SALE_ON).invariants if one.name in TOLD and not one.holds
    ] == []


TOLD = {"funders", "suppliers_told", "leaders_told", "suppliers_owed", "commission_owed", "subsidies", "trial_balance"}


def _played(clock_at: ClockAt) -> Played:
    """Two suppliers' goods: one order of both uses a coupon, two neighbours of a group save 300 each on eggs.

    One unit of greens is claimed for its quality, which its supplier bears.
    """
    clock_at(EVENING)
    point = leaders.point()
    fulfilment.network([point])
    greens, eggs = pricing.offer(1000, cost_fen=200), pricing.offer(1500, cost_fen=200)
    lin, *group = members.members(3)
    for one in (lin, *group):
        leaders.choose(one, point)
    _coupon(lin, point)
    first = ordering.pay(_place(lin, point, (greens, 2), (eggs, 1), saved_fen=200))
    grouped = _group(group, point, eggs)
    clock_at("2026-11-20T22:56+08:00")
    campaigns.end()
    settlement.hear()
    sellers = _night(clock_at, greens, eggs)
    clock_at(fulfilment.SIGNED)
    fulfilment.sign(point)
    clock_at(COLLECTED)
    for order in (first, *grouped):
        fulfilment.hand_out(order)
    fulfilment.claim(first)
    settlement.hear()
    return Played(*sellers, leaders.leader_of(point), ordering.now(first), tuple(map(ordering.now, grouped)))


def _coupon(member: Caller, point: PointView) -> None:
    play = plays.definition(
        Reach(levels=(1,), of="unit"),
        [Coupon(off_fen=200, over_fen=1000)],
        name=plays.text("满减券"),
        limits=Limits(budget_fen=200),
        funding=HALF_SUPPLIERS,
    )
    campaigns.running(play)
    campaigns.hear(campaigns.paid(member, point=point, order_id=999_999))


def _group(people: list[Caller], point: PointView, goods: OfferView) -> list[OrderView]:
    play = campaigns.group(size=2, funding=LEADER_IN_PART, minutes=120)
    campaign = campaigns.running(play, sku_ids=[goods.sku_id])
    run_id = plays_commands.open_run(people[0], province_id=HUBEI, campaign_id=campaign.id)
    orders = [ordering.pay(_place(one, point, (goods, 1), run_id=run_id)) for one in people]
    settlement.hear()
    return orders


def _place(member: Caller, point: PointView, *wanted: tuple[OfferView, int], **given: int) -> OrderView:
    lines = tuple(ordering.line(offer, units) for offer, units in wanted)
    order_id = ordering_commands.place_order(member, province_id=HUBEI, request=OrderRequest(point.id, lines, **given))
    return ordering.queries.orders(HUBEI, [order_id])[order_id]


def _night(clock_at: ClockAt, *offers: OfferView) -> tuple[int, int]:
    """Each of the goods has a supplier of its own, and all is delivered; the suppliers' ids. Packs are of 3."""
    clock_at(CUTOFF)
    ordering.close_day()
    clock_at(ANSWERING)
    skus = catalog.skus({offer.sku_id for offer in offers})
    one, other = (sourcing.supplier(sourcing.supply(skus[offer.sku_id].code, pack_units=3)) for offer in offers)
    sourcing.bought(SALE_ON)
    clock_at(RECEIVED)
    fulfilment.deliver(clock_at)
    return one.id, other.id


def _refund(order: OrderView, fen: int) -> None:
    """So much of its first line goes back, as staff may decide days later."""
    refund = LineRefund(order.id, order.lines[0].id, Money(fen), "quality", "platform")
    ordering_commands.refund_line(SYSTEM, province_id=HUBEI, refund=refund)
    settlement.hear()


def _saved(order: OrderView, fen: int) -> OrderSaved:
    return OrderSaved(
        province_id=HUBEI, order_id=order.id, member_id=order.member_id, point_id=order.point_id,
        sale_on=order.sale_on, fen=fen, saved_fen=fen,
    )  # fmt: skip


def _leader_line(leader_id: int, kind: str, fen: int, day: int) -> None:
    about = {"order_id": 1, "campaign_id": 1} if kind == "subsidy" else {}
    LeaderLine.objects.create(
        province_id=HUBEI, kind=kind, leader_id=leader_id, sale_on=SALE_ON.replace(day=day), amount=Money(fen), **about
    )


def _spent(order: OrderView, campaign_id: int, leader: int, supplier: int) -> RewardSpent:
    return RewardSpent(
        province_id=HUBEI, campaign_id=campaign_id, grant_id=campaign_id, member_id=order.member_id,
        order_id=order.id, fen=leader + supplier, platform_fen=0, leader_fen=leader, supplier_fen=supplier,
    )  # fmt: skip


@contextmanager
def _undone() -> Iterator[None]:
    """A part of a test that leaves nothing behind."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)
