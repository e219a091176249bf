"""Members whose refunds did not arrive, for tests; `outside` must be there, as the gateway is asked."""

from __future__ import annotations

import itertools
from datetime import timedelta

from lintuan.kernel import clock
from lintuan.kernel.callers import SYSTEM, Caller
from lintuan.kernel.money import Money
from lintuan.payments import commands as payments
from lintuan.payments.commands.payouts import settle_payout
from lintuan.payments.gateways.transfers import Transfer, TransferState
from lintuan.payments.queries import payouts_of
from lintuan.payments.types import MAY_REFUND, NewCharge, PayoutView
from lintuan.settlement import commands
from lintuan.settlement.engine.paying import BALANCE
from lintuan.settlement.models import BalanceWithdrawal
from tests.make import payments as make
from tests.make import provinces
from tests.make.provinces import HUBEI
from tests.make.settlement import hear

_subjects = itertools.count(1)
OPENID = "oUpF8uMuAJO_M2pxb1Q9zNjWeS6o"


def cashier() -> Caller:
    """Decides on refunds that failed."""
    return provinces.staff(MAY_REFUND, phone="13900000013", name="退款")


def asked_back(fen: int, member: Caller | None = None) -> int:
    """A refund of all that was paid, which the gateway was asked for."""
    # No order, as nobody would take its payment for one.
    wish = NewCharge(
        "test", next(_subjects), member.id if member else make.MEMBER, Money(fen), clock.now() + timedelta(minutes=15)
    )
    charge_id = payments.open_charge(SYSTEM, province_id=HUBEI, wish=wish)
    make.pay(charge_id)
    return payments.refund(SYSTEM, province_id=HUBEI, charge_id=charge_id, amount=Money(fen), cause="short")


def failed(fen: int, member: Caller | None = None) -> int:
    """One that the gateway gave up."""
    refund_id = asked_back(fen, member)
    make.settle_refund(refund_id, status="CLOSED")
    hear()
    return refund_id


def credited(fen: int, member: Caller | None = None) -> int:
    """One that is the member's balance."""
    refund_id = failed(fen, member)
    payments.credit_refund(cashier(), province_id=HUBEI, refund_id=refund_id)
    hear()
    return refund_id


def withdrawn(member: Caller, *, name: str = "王小红") -> int:
    place = {"province_id": HUBEI}
    withdrawal_id = commands.withdraw_balance(member, **place, openid=OPENID, name=name)
    hear()
    return withdrawal_id


def payout(withdrawal_id: int) -> PayoutView:
    """The last payout of a withdrawal."""
    return payouts_of(HUBEI, BALANCE, [withdrawal_id])[withdrawal_id][-1]


def tell(withdrawal_id: int, state: TransferState, reason: str = "") -> None:
    """The gateway tells what became of a withdrawal's last payout, and everybody hears."""
    view = payout(withdrawal_id)
    told = Transfer(
        out_bill_no=view.number,
        transfer_bill_no=f"13{view.number[2:22]}",
        state=state,
        amount_fen=view.amount.fen,
        fail_reason=reason,
    )
    settle_payout(SYSTEM, told=told)
    hear()


def row(withdrawal_id: int) -> BalanceWithdrawal:
    return BalanceWithdrawal.objects.get(province_id=HUBEI, id=withdrawal_id)
