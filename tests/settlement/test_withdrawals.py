"""Leaders withdraw: never more than they earned, paid once, and the books follow whatever becomes of the payout."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lintuan.fulfilment.models import Claim
from lintuan.kernel import clock
from lintuan.kernel.callers import Caller
from lintuan.kernel.errors import CannotMove, Forbidden, Invalid, NotFound, Refusal
from lintuan.kernel.money import ZERO, Money
from lintuan.payments.gateways.transfers import TransferState
from lintuan.payments.types import PayoutState
from lintuan.settlement import commands, queries
from lintuan.settlement.engine.paying import Position, WithdrawalState, position
from lintuan.settlement.errors import (
    NameNeeded,
    NotCovered,
    TooLittle,
    WithdrawalOpen,
    WithdrawalsFrozen,
    WithdrawalStale,
    WithdrawnToday,
)
from lintuan.settlement.handlers import follow_payouts
from lintuan.settlement.models import Commission, Withdrawal
from tests.make import leaders, provinces
from tests.make import withdrawals as make
from tests.make.provinces import HUBEI
from tests.make.settlement import balances

pytestmark = pytest.mark.django_db

ClockAt = Callable[[str], datetime]
T, W = TransferState, WithdrawalState
PLACE = {"province_id": HUBEI}
NOON = "2026-11-25T12:00+08:00"


def free(leader: Caller) -> int:
    return queries.purse(leader).free.fen


class TestAsking:
    def test_what_is_asked_for_waits_and_is_no_longer_free(self) -> None:
        leader = make.earner(30_000)

        withdrawal_id = make.withdrawn(leader, 20_000)

        purse = queries.purse(leader)
        assert (purse.free, purse.blocked) == (Money(10_000), "open")
        assert [(view.id, view.amount, view.state) for view in purse.withdrawals] == [
            (withdrawal_id, Money(20_000), W.ASKED)
        ]
        assert balances()[f"2202:{leader.id}"] == -30_000

    @pytest.mark.parametrize(
        ("fen", "openid", "name", "refusal"),
        [
            (999, make.OPENID, "", TooLittle),
            (300_001, make.OPENID, "王小红", NotCovered),
            (200_000, make.OPENID, " ", NameNeeded),
            (1_000, "", "", Invalid),
            (1_000, "o" * 65, "", Invalid),
            (1_000, make.OPENID, "红" * 65, Invalid),
        ],
    )
    def test_what_cannot_be_paid_is_refused(self, fen: int, openid: str, name: str, refusal: type[Refusal]) -> None:
        leader = make.earner(300_000)

        with pytest.raises(refusal):
            commands.withdraw(leader, **PLACE, amount=Money(fen), openid=openid, name=name)

        assert not Withdrawal.objects.filter(province_id=HUBEI).exists()

    def test_what_no_statement_tells_yet_waits(self) -> None:
        leader = make.earner(30_000)
        make.earn(leader, 5_000, is_stated=False)

        assert (free(leader), queries.purse(leader).unstated) == (30_000, Money(5_000))

    def test_what_was_taken_back_counts_before_it_is_stated(self) -> None:
        leader = make.earner(30_000)
        make.earn(leader, -5_000, is_stated=False)

        assert free(leader) == 25_000

    def test_commission_of_an_order_that_is_claimed_for_waits(self) -> None:
        leader = make.earner(30_000)
        _contest(leader, 4_000)

        assert (free(leader), queries.purse(leader).contested) == (26_000, Money(4_000))
        Claim.objects.filter(province_id=HUBEI).update(state="declined", decided_at=clock.now())
        assert free(leader) == 30_000

    def test_one_at_a_time(self) -> None:
        leader = make.earner(30_000)
        make.withdrawn(leader, 10_000)

        with pytest.raises(WithdrawalOpen):
            make.withdrawn(leader, 10_000)

    def test_once_a_day(self, clock_at: ClockAt) -> None:
        clock_at(NOON)
        leader = make.earner(30_000)
        first = make.withdrawn(leader, 10_000)
        make.paid_out()
        make.tell(first, T.SUCCEEDED)

        with pytest.raises(WithdrawnToday):
            make.withdrawn(leader, 10_000)
        clock_at("2026-11-26T00:00+08:00")
        assert make.withdrawn(leader, 10_000) > first

    def test_what_was_taken_back_in_time_does_not_count(self) -> None:
        leader = make.earner(30_000)
        commands.cancel_withdrawal(leader, **PLACE, withdrawal_id=make.withdrawn(leader, 10_000))

        assert free(leader) == 30_000
        assert make.withdrawn(leader, 30_000)

    def test_a_frozen_leader_gets_nothing(self) -> None:
        leader = make.earner(30_000)
        about = {**PLACE, "leader_id": leader.id, "is_business": False}
        commands.set_payee(make.treasurer(), **about, frozen="刷单核查")

        with pytest.raises(WithdrawalsFrozen):
            make.withdrawn(leader, 10_000)
        assert queries.purse(leader).blocked == "frozen"
        commands.set_payee(make.treasurer(), **about, frozen="")
        assert make.withdrawn(leader, 10_000)

    def test_only_the_leader_asks_and_takes_back(self) -> None:
        leader, other = make.earner(30_000), make.earner(30_000)
        withdrawal_id = make.withdrawn(leader, 10_000)

        with pytest.raises(NotFound):
            commands.cancel_withdrawal(other, **PLACE, withdrawal_id=withdrawal_id)
        with pytest.raises(NotFound):
            queries.withdrawal(other, **PLACE, withdrawal_id=withdrawal_id)
        with pytest.raises(Forbidden):
            commands.withdraw(provinces.stranger(), **PLACE, amount=Money(1_000), openid=make.OPENID)

    def test_the_name_is_kept_only_where_the_gateway_checks_it_and_forgotten_after(self) -> None:
        big, small = make.earner(300_000), make.earner(300_000)
        asked = make.withdrawn(big, 200_000, name="王小红")

        assert make.row(asked).name == "王小红"
        assert make.row(make.withdrawn(small, 199_999, name="李雷")).name == ""
        commands.cancel_withdrawal(big, **PLACE, withdrawal_id=asked)
        assert make.row(asked).name == ""


class TestPaying:
    def test_money_leaves_and_tax_is_kept(self) -> None:
        leader = make.earner(1_200_000)
        withdrawal_id = make.withdrawn(leader, 1_000_000)

        make.paid_out()
        sent = balances()
        make.tell(withdrawal_id, T.SUCCEEDED)

        assert sent == {"5101": 1_200_000, f"2202:{leader.id}": -200_000, "2301": -991_000, "2401": -9_000}
        assert balances() == {"5101": 1_200_000, f"2202:{leader.id}": -200_000, "1001": -991_000, "2401": -9_000}
        assert make.payout(withdrawal_id).amount == Money(991_000)

    @pytest.mark.parametrize(
        ("state", "reason", "after"),
        [
            (T.FAILED, "ACCOUNT_FROZEN", W.FAILED),
            (T.FAILED, "OVERDUE_CLOSE", W.RETURNED),
            (T.CANCELLED, "", W.CANCELLED),
        ],
    )
    def test_what_does_not_arrive_is_owed_again(self, state: TransferState, reason: str, after: W) -> None:
        leader = make.earner(1_200_000)
        before = balances()
        withdrawal_id = make.withdrawn(leader, 1_000_000)
        make.paid_out()

        make.tell(withdrawal_id, state, reason)

        assert balances() == before
        assert make.row(withdrawal_id).state == after

    def test_news_twice_and_late_changes_nothing(self) -> None:
        leader = make.earner(1_200_000)
        withdrawal_id = make.withdrawn(leader, 1_000_000)
        make.paid_out()
        make.tell(withdrawal_id, T.SUCCEEDED)
        before = balances()

        make.tell(withdrawal_id, T.WAIT_USER_CONFIRM)
        make.tell(withdrawal_id, T.SUCCEEDED)
        follow_payouts([])

        assert balances() == before

    def test_months_without_a_gap_are_taxed_as_one(self, clock_at: ClockAt) -> None:
        """The months of the table; whoever is paid nothing in April begins anew in May, and in the new year."""
        clock_at("2026-01-25T12:00+08:00")
        leader = make.earner(20_000_000)
        kept = []
        for month, fen in [
            (1, 3_000_000),
            (2, 3_000_000),
            (3, 500_000),
            (3, 2_500_000),
            (5, 3_000_000),
            (12, 3_000_000),
        ]:
            kept.append(_kept(leader, clock_at, f"2026-{month:02d}-{10 + len(kept)}", fen))
        kept.append(_kept(leader, clock_at, "2027-01-01", 3_000_000))

        assert kept == [57_000, 71_000, 0, 190_000, 57_000, 57_000, 57_000]
        assert balances()["2401"] == -sum(kept)

    def test_each_is_taxed_by_what_was_kept_of_them_alone(self, clock_at: ClockAt) -> None:
        clock_at("2026-01-25T12:00+08:00")
        one, other = make.earner(10_000_000), make.earner(10_000_000)
        _kept(one, clock_at, "2026-01-25", 3_000_000)
        clock_at("2026-02-25T12:00+08:00")
        for leader in (one, other):
            make.withdrawn(leader, 3_000_000)

        view = queries.run(make.clerk(), **PLACE, run_id=make.prepared())

        assert {line.payee_id: line.tax.fen for line in view.lines} == {one.id: 71_000, other.id: 57_000}

    def test_what_came_back_is_no_income(self, clock_at: ClockAt) -> None:
        clock_at("2026-10-25T12:00+08:00")
        leader = make.earner(10_000_000)
        first = make.withdrawn(leader, 3_000_000)
        make.paid_out()
        make.tell(first, T.FAILED, "OVERDUE_CLOSE")

        assert _kept(leader, clock_at, "2026-11-25", 3_000_000) == 57_000

    def test_a_business_pays_its_taxes_itself(self) -> None:
        leader = make.earner(1_200_000)
        commands.set_payee(make.treasurer(), **PLACE, leader_id=leader.id, is_business=True, frozen="")
        withdrawal_id = make.withdrawn(leader, 1_000_000)
        make.paid_out()

        assert make.payout(withdrawal_id).amount == Money(1_000_000)


class TestFailed:
    def test_nothing_else_can_be_asked_for_while_it_may_still_be_paid(self) -> None:
        leader, withdrawal_id = _failed()

        assert free(leader) == 200_000
        with pytest.raises(WithdrawalOpen):
            make.withdrawn(leader, 10_000)
        assert [view.id for view in queries.failed_withdrawals(make.clerk(), **PLACE)] == [withdrawal_id]

    def test_it_is_tried_again_by_another_payout(self) -> None:
        leader, withdrawal_id = _failed()
        first = make.payout(withdrawal_id).id

        commands.retry_withdrawal(make.treasurer(), **PLACE, withdrawal_id=withdrawal_id)
        make.tell(withdrawal_id, T.SUCCEEDED)

        assert make.payout(withdrawal_id).id != first
        assert balances() == {"5101": 1_200_000, f"2202:{leader.id}": -200_000, "1001": -991_000, "2401": -9_000}

    def test_it_is_not_tried_again_where_it_is_no_longer_owed(self) -> None:
        leader, withdrawal_id = _failed()
        make.earn(leader, -250_000)

        with pytest.raises(NotCovered):
            commands.retry_withdrawal(make.treasurer(), **PLACE, withdrawal_id=withdrawal_id)

    def test_it_is_not_tried_again_in_another_month(self, clock_at: ClockAt) -> None:
        clock_at("2026-11-30T12:00+08:00")
        _, withdrawal_id = _failed()
        clock_at("2026-12-01T00:00+08:00")

        with pytest.raises(WithdrawalStale):
            commands.retry_withdrawal(make.treasurer(), **PLACE, withdrawal_id=withdrawal_id)

    def test_it_is_dropped_and_free_again(self) -> None:
        leader, withdrawal_id = _failed()

        commands.drop_withdrawal(make.treasurer(), **PLACE, withdrawal_id=withdrawal_id)

        assert (make.row(withdrawal_id).state, free(leader)) == (W.CANCELLED, 1_200_000)

    def test_only_what_failed_is_retried_and_only_by_who_pays(self) -> None:
        _, withdrawal_id = _failed()
        waiting = make.withdrawn(make.earner(10_000), 10_000)

        for act in (commands.retry_withdrawal, commands.drop_withdrawal):
            with pytest.raises(Forbidden):
                act(make.clerk(), **PLACE, withdrawal_id=withdrawal_id)
            with pytest.raises(CannotMove):
                act(make.treasurer(), **PLACE, withdrawal_id=waiting)


@pytest.mark.parametrize(
    ("states", "expected"),
    [
        (["asked"], (Position.OUT, W.PAYING)),
        (["waiting_confirm"], (Position.OUT, W.PAYING)),
        (["failed"], (Position.NONE, W.FAILED)),
        (["failed", "asked"], (Position.OUT, W.PAYING)),
        (["failed", "done"], (Position.PAID, W.DONE)),
        (["failed", "cancelled"], (Position.NONE, W.CANCELLED)),
        (["returned"], (Position.NONE, W.RETURNED)),
    ],
)
def test_how_a_withdrawal_stands_by_its_payouts(states: list[str], expected: tuple[Position, W]) -> None:
    assert position([PayoutState(state) for state in states]) == expected


#: What leads on comes more often, so that most sequences reach the gateway.
STEPS = st.lists(
    st.sampled_from([
        *("ask", "ask", "ask", "run", "run", "run", "done", "done", "failed", "returned", "cancelled"),
        *("retry", "drop", "take_back", "earn", "claim"),
    ]),
    min_size=6,
    max_size=14,
)  # fmt: skip
ENDS = {
    "done": (T.SUCCEEDED, ""),
    "failed": (T.FAILED, "ACCOUNT_FROZEN"),
    "returned": (T.FAILED, "OVERDUE_CLOSE"),
    "cancelled": (T.CANCELLED, ""),
}


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS, amounts=st.lists(st.integers(1_000, 3_000_000), min_size=14, max_size=14))
def test_never_more_is_paid_than_was_earned(steps: list[str], amounts: list[int], clock_at: ClockAt) -> None:
    with transaction.atomic():
        clock_at(NOON)
        leader, earned = make.earner(2_500_000), 2_500_000
        for place, (step, fen) in enumerate(zip(steps, amounts, strict=False)):
            clock_at(f"2026-11-25T12:{place:02d}+08:00" if place % 2 else f"2026-12-{place + 1:02d}T12:00+08:00")
            if step in ("earn", "claim"):
                change = fen // 10 if step == "earn" else -fen // 10
                make.earn(leader, change)
                earned += change
                continue
            paid_before = _paid(leader)
            _step(leader, step, fen)
            assert _paid(leader) == paid_before or _paid(leader) <= earned
        _let_all_end(leader)
        found = balances()
        kept = -found.get("2401", 0)
        assert found.get("2301", 0) == 0
        assert sum(found.values()) == 0
        assert found.get(f"2202:{leader.id}", 0) == _paid(leader) - earned
        assert -found.get("1001", 0) + kept == _paid(leader)
        transaction.set_rollback(True)


def _step(leader: Caller, step: str, fen: int) -> None:
    """Do it where it can be done; what is refused leaves no trace."""
    newest = Withdrawal.objects.filter(province_id=HUBEI, leader_id=leader.id).order_by("-id").first()
    place = {**PLACE, "withdrawal_id": newest.id if newest else 0}
    try:
        match step:
            case "ask":
                make.withdrawn(leader, fen)
            case "take_back":
                commands.cancel_withdrawal(leader, **place)
            case "run":
                make.paid_out()
            case "retry":
                commands.retry_withdrawal(make.treasurer(), **place)
            case "drop":
                commands.drop_withdrawal(make.treasurer(), **place)
            case _ if newest is not None and newest.month is not None:
                make.tell(newest.id, *ENDS[step])
    except Refusal:
        pass


def _let_all_end(leader: Caller) -> None:
    for row in Withdrawal.objects.filter(province_id=HUBEI, leader_id=leader.id, state="paying"):
        make.tell(row.id, T.SUCCEEDED)


def _paid(leader: Caller) -> int:
    """What left for a leader, before tax."""
    rows = Withdrawal.objects.filter(province_id=HUBEI, leader_id=leader.id, booked__in=["out", "paid"])
    return sum(row.amount.fen for row in rows)


def _kept(leader: Caller, clock_at: ClockAt, day: str, fen: int) -> int:
    """The tax kept of a withdrawal that is paid as a day begins."""
    clock_at(f"{day}T00:10+08:00")
    withdrawal_id = make.withdrawn(leader, fen)
    make.paid_out()
    make.tell(withdrawal_id, T.SUCCEEDED)
    return make.row(withdrawal_id).tax.fen


def _failed() -> tuple[Caller, int]:
    """A leader owed 12,000.00, of which 10,000.00 failed to arrive."""
    leader = make.earner(1_200_000)
    withdrawal_id = make.withdrawn(leader, 1_000_000)
    make.paid_out()
    make.tell(withdrawal_id, T.FAILED, "ACCOUNT_FROZEN")
    return leader, withdrawal_id


def _contest(leader: Caller, fen: int) -> None:
    """An order whose commission is booked and of which a claim is open."""
    now, day = clock.now(), clock.now().date()
    order_id = 10**12 + leader.id
    point = leaders.queries.points_of_leader(HUBEI, leader.id)[0]
    about = {"province_id": HUBEI, "order_id": order_id, "sale_on": day}
    Commission.objects.create(
        **about, leader_id=leader.id, point_id=point.id, bps=800, paid=Money(50_000), given_back=ZERO,
        amount=Money(fen), state="booked", collected_at=now, booked_at=now,
    )  # fmt: skip
    Claim.objects.create(
        **about, line_id=1, sku_id=1, member_id=1, cause="quality", fault="supplier", quantity=1, note="", reason="",
        proposed=Money(300), amount=ZERO, opened_at=now, decided_by="",
    )  # fmt: skip
