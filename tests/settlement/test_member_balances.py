"""Refunds that the gateway refuses become balances: credited once, never beside a refund, withdrawn whole."""

from __future__ import annotations

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lintuan.kernel.callers import Caller
from lintuan.kernel.errors import CannotMove, Forbidden, Invalid, NotFound, Refusal
from lintuan.kernel.money import Money
from lintuan.members import commands as members
from lintuan.payments import commands as payments
from lintuan.payments import queries as payments_queries
from lintuan.payments.errors import GatewaySilent
from lintuan.payments.gateways.transfers import TransferState
from lintuan.payments.models import Payout, Refund
from lintuan.payments.types import RefundState
from lintuan.settlement import commands, queries
from lintuan.settlement.engine.paying import WithdrawalState
from lintuan.settlement.errors import NameNeeded, NotCovered, TooLittle, WithdrawalOpen
from lintuan.settlement.models import BalanceWithdrawal, Transfer
from lintuan.settlement.types import MAY_CORRECT
from tests.make import balances as make
from tests.make import members as people
from tests.make import payments as gateway
from tests.make import provinces
from tests.make.provinces import HUBEI
from tests.make.settlement import balances, hear
from tests.payments.conftest import Outside

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("outside")]

PLACE = {"province_id": HUBEI}
T, W = TransferState, WithdrawalState
MEMBER = gateway.member()
OWN = f"2005:{MEMBER.id}"


def state_of(refund_id: int) -> RefundState:
    return payments_queries.refunds(HUBEI, [refund_id])[refund_id].state


class TestCrediting:
    def test_what_was_on_its_way_is_the_members(self) -> None:
        make.credited(990)

        found = balances()
        assert (found.get("2003", 0), found[OWN]) == (0, -990)
        view = queries.balance(MEMBER)
        assert view.amount == Money(990)
        assert [(line.kind, line.amount) for line in view.lines] == [("refund_credited", Money(990))]

    def test_it_happens_once(self) -> None:
        refund_id = make.credited(990)

        payments.credit_refund(make.cashier(), **PLACE, refund_id=refund_id)
        hear()

        assert balances()[OWN] == -990
        row = Refund.objects.get(province_id=HUBEI, id=refund_id)
        assert (row.state, row.credited_by) == ("credited", make.cashier().reference)

    def test_it_is_never_sent_again(self) -> None:
        refund_id = make.credited(990)

        with pytest.raises(CannotMove):
            payments.retry_refund(make.cashier(), **PLACE, refund_id=refund_id)

    @pytest.mark.parametrize("status", ["SUCCESS", "CLOSED", "ABNORMAL", "PROCESSING"])
    def test_late_news_moves_nothing(self, status: str) -> None:
        refund_id = make.credited(990)
        before = balances()

        gateway.settle_refund(refund_id, status=status)
        hear()

        assert (state_of(refund_id), balances()) == (RefundState.CREDITED, before)

    def test_only_what_has_failed(self) -> None:
        asked, done = make.asked_back(990), make.asked_back(990)
        gateway.settle_refund(done)

        for refund_id in (asked, done):
            with pytest.raises(CannotMove):
                payments.credit_refund(make.cashier(), **PLACE, refund_id=refund_id)

    def test_only_by_who_may_pay_back(self) -> None:
        refund_id = make.failed(990)

        for caller in (MEMBER, provinces.staff("settlement.read", phone="13900000014")):
            with pytest.raises(Forbidden):
                payments.credit_refund(caller, **PLACE, refund_id=refund_id)
        with pytest.raises(NotFound):
            payments.credit_refund(make.cashier(), **PLACE, refund_id=refund_id + 10**9)

    def test_not_while_the_gateway_says_nothing(self, settings) -> None:
        refund_id = make.failed(990)
        settings.GATEWAY_KEYS = str(gateway.manifest())

        with pytest.raises(GatewaySilent):
            payments.credit_refund(make.cashier(), **PLACE, refund_id=refund_id)

        assert state_of(refund_id) is RefundState.FAILED

    def test_payments_and_books_agree_on_what_is_on_the_way(self) -> None:
        refund_id = make.credited(990)
        charge = Refund.objects.select_related("charge").get(province_id=HUBEI, id=refund_id).charge

        money = payments_queries.money_of(HUBEI, charge.purpose, [charge.subject_id])[charge.subject_id]

        assert (money.asked, money.done, money.on_the_way, money.failed) == (
            Money(990), Money(0), Money(0), Money(0),
        )  # fmt: skip


class TestWithdrawing:
    def test_all_of_it_leaves_without_tax(self) -> None:
        make.credited(990)
        make.credited(510)

        withdrawal_id = make.withdrawn(MEMBER)
        sent = balances()
        make.tell(withdrawal_id, T.SUCCEEDED)
        done = balances()

        assert {code: sent.get(code, 0) for code in (OWN, "2301", "1001")} == {OWN: 0, "2301": -1500, "1001": 1500}
        assert {code: done.get(code, 0) for code in (OWN, "2301", "1001", "2401")} == dict.fromkeys(
            (OWN, "2301", "1001", "2401"), 0
        )
        assert make.payout(withdrawal_id).amount == Money(1500)
        assert make.row(withdrawal_id).state == W.DONE

    @pytest.mark.parametrize(
        ("state", "reason", "after"),
        [
            (T.FAILED, "ACCOUNT_FROZEN", W.FAILED),
            (T.FAILED, "OVERDUE_CLOSE", W.RETURNED),
            (T.CANCELLED, "", W.CANCELLED),
        ],
    )
    def test_what_does_not_arrive_is_the_members_again(self, state: T, reason: str, after: W) -> None:
        make.credited(990)
        before = balances()
        withdrawal_id = make.withdrawn(MEMBER)

        make.tell(withdrawal_id, state, reason)

        assert (balances(), make.row(withdrawal_id).state) == (before, after)
        assert [line.amount.fen for line in queries.balance(MEMBER).lines] == [990, -990, 990]

    def test_who_asks_again_gives_up_what_failed(self) -> None:
        make.credited(250_000)
        first = make.withdrawn(MEMBER, name="王小红")
        make.tell(first, T.FAILED, "NAME_NOT_CORRECT")

        second = make.withdrawn(MEMBER, name="王晓红")

        assert (make.row(first).state, make.payout(first).state) == (W.CANCELLED, "cancelled")
        with pytest.raises(CannotMove):
            payments.retry_payout(provinces.staff("payments.pay_out"), **PLACE, payout_id=make.payout(first).id)
        make.tell(second, T.SUCCEEDED)
        assert balances().get(OWN, 0) == 0

    def test_news_of_a_failed_one_that_was_paid_after_all_comes_before_another(self) -> None:
        make.credited(990)
        first = make.withdrawn(MEMBER)
        make.tell(first, T.FAILED, "ACCOUNT_FROZEN")
        make.tell(first, T.SUCCEEDED)

        with pytest.raises(TooLittle):
            make.withdrawn(MEMBER)
        assert (make.row(first).state, balances().get(OWN, 0)) == (W.DONE, 0)

    def test_one_at_a_time(self) -> None:
        make.credited(990)
        make.withdrawn(MEMBER)
        make.credited(510)

        with pytest.raises(WithdrawalOpen):
            make.withdrawn(MEMBER)
        assert balances()[OWN] == -510

    @pytest.mark.parametrize(
        ("fen", "openid", "name", "refusal"),
        [
            (9, make.OPENID, "", TooLittle),
            (200_000, make.OPENID, " ", NameNeeded),
            (990, " ", "", Invalid),
            (990, "o" * 65, "", Invalid),
            (990, make.OPENID, "红" * 65, Invalid),
        ],
    )
    def test_what_cannot_be_paid_is_refused(self, fen: int, openid: str, name: str, refusal: type[Refusal]) -> None:
        make.credited(fen)

        with pytest.raises(refusal):
            commands.withdraw_balance(MEMBER, **PLACE, openid=openid, name=name)

        assert not BalanceWithdrawal.objects.filter(province_id=HUBEI).exists()

    def test_nobody_takes_anothers(self) -> None:
        make.credited(990)

        with pytest.raises(TooLittle):
            make.withdrawn(gateway.member(8))
        with pytest.raises(Forbidden):
            commands.withdraw_balance(make.cashier(), **PLACE, openid=make.OPENID)
        assert queries.balance(gateway.member(8)).lines == ()

    def test_the_same_key_withdraws_once(self) -> None:
        make.credited(990)
        wish = {**PLACE, "openid": make.OPENID, "key": "once"}

        assert commands.withdraw_balance(MEMBER, **wish) == commands.withdraw_balance(MEMBER, **wish)


class TestCorrecting:
    def test_a_journal_is_not_taken_back_of_what_has_left(self) -> None:
        make.credited(990)
        journal = Transfer.objects.get(province_id=HUBEI, kind="refund_credited")
        make.withdrawn(MEMBER)

        with pytest.raises(NotCovered):
            commands.reverse_journal(_corrector(), **PLACE, journal_id=journal.id, memo="渠道已退")

    def test_what_is_taken_back_cannot_be_withdrawn(self) -> None:
        make.credited(990)
        journal = Transfer.objects.get(province_id=HUBEI, kind="refund_credited")

        commands.reverse_journal(_corrector(), **PLACE, journal_id=journal.id, memo="渠道已退")

        with pytest.raises(TooLittle):
            make.withdrawn(MEMBER)


class TestForgetting:
    def test_the_claim_stays_and_the_name_goes(self) -> None:
        member = people.member()
        make.credited(250_000, member)
        withdrawal_id = make.withdrawn(member)
        make.tell(withdrawal_id, T.FAILED, "NAME_NOT_CORRECT")

        members.forget_member(member, **PLACE, member_id=member.id)
        hear()

        assert balances()[f"2005:{member.id}"] == -250_000
        assert make.row(withdrawal_id).state == W.CANCELLED
        assert Payout.objects.get(province_id=HUBEI).payee_name == ""

    def test_what_fails_after_that_is_given_up_at_once(self) -> None:
        member = people.member()
        make.credited(250_000, member)
        withdrawal_id = make.withdrawn(member)
        members.forget_member(member, **PLACE, member_id=member.id)

        make.tell(withdrawal_id, T.FAILED, "NAME_NOT_CORRECT")

        assert (make.row(withdrawal_id).state, balances()[f"2005:{member.id}"]) == (W.CANCELLED, -250_000)
        assert Payout.objects.get(province_id=HUBEI).payee_name == ""


ENDS = {
    "done": (T.SUCCEEDED, ""),
    "failed": (T.FAILED, "ACCOUNT_FROZEN"),
    "returned": (T.FAILED, "OVERDUE_CLOSE"),
    "cancelled": (T.CANCELLED, ""),
}
#: What leads on comes more often, so that most sequences come to a withdrawal.
STEPS = st.lists(
    st.tuples(
        st.sampled_from(
            [*("fail", "fail", "credit", "credit", "withdraw", "withdraw"), "resend", "late", "refuse", *ENDS]
        ),
        st.integers(0, 3),
        st.integers(10, 5_000),
    ),
    min_size=6,
    max_size=14,
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS)
def test_nobody_gets_more_than_was_owed(outside: Outside, steps: list[tuple[str, int, int]]) -> None:
    with transaction.atomic():
        make.failed(1_000)
        for step, which, fen in steps:
            _step(step, which, fen)
            assert balances().get(OWN, 0) <= 0
        for row in BalanceWithdrawal.objects.filter(province_id=HUBEI, state="paying"):
            make.tell(row.id, T.SUCCEEDED)
        found = balances()
        assert sum(found.values()) == 0
        assert found.get("2301", 0) == 0
        credited, left = _sum("credited"), -found.get(OWN, 0)
        assert left >= 0
        assert left + _paid_out() == credited
        assert _paid_out() + _sum("done") + left + -found.get("2003", 0) == _sum()
        transaction.set_rollback(True)


def _step(step: str, which: int, fen: int) -> None:
    """Do it where it can be done; what is refused leaves no trace. `which` refund or withdrawal, the newest first."""
    refunds = list(Refund.objects.filter(province_id=HUBEI).order_by("-id").values_list("id", flat=True))
    withdrawals = list(BalanceWithdrawal.objects.filter(province_id=HUBEI).order_by("-id").values_list("id", flat=True))
    refund_id = refunds[which % len(refunds)]
    try:
        match step:
            case "fail":
                make.failed(fen)
            case "credit":
                payments.credit_refund(make.cashier(), **PLACE, refund_id=refund_id)
            case "resend":
                payments.retry_refund(make.cashier(), **PLACE, refund_id=refund_id)
            case "late" | "refuse":
                gateway.settle_refund(refund_id, status="SUCCESS" if step == "late" else "CLOSED")
            case "withdraw":
                make.withdrawn(MEMBER)
            case _ if withdrawals:
                make.tell(withdrawals[which % len(withdrawals)], *ENDS[step])
    except Refusal:
        pass
    hear()


def _sum(*states: str) -> int:
    """Of the refunds in these states, or of all."""
    rows = Refund.objects.filter(province_id=HUBEI)
    return sum(row.amount.fen for row in (rows.filter(state__in=states) if states else rows))


def _paid_out() -> int:
    """What the gateway says that the member has."""
    return sum(row.amount.fen for row in Payout.objects.filter(province_id=HUBEI, state="done"))


def _corrector() -> Caller:
    return provinces.staff(MAY_CORRECT, phone="13900000015", name="更正")
