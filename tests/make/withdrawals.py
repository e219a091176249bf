"""Leaders who earned something and want it, for tests."""

from __future__ import annotations

import itertools
from datetime import date, timedelta

from lintuan.kernel import clock
from lintuan.kernel.callers import SYSTEM, Caller
from lintuan.kernel.money import ZERO, Money
from lintuan.payments.commands.payouts import settle_payout
from lintuan.payments.gateways.transfers import Transfer, TransferState
from lintuan.payments.queries import payouts_of
from lintuan.payments.types import PayoutView
from lintuan.settlement import commands, ledger
from lintuan.settlement.engine import accounts, books
from lintuan.settlement.engine.books import Kind
from lintuan.settlement.engine.paying import WITHDRAWAL
from lintuan.settlement.jobs import execute_run
from lintuan.settlement.models import LeaderLine, LeaderStatement, Statement, Withdrawal
from lintuan.settlement.types import LeaderLineKind
from tests.make import leaders, provinces
from tests.make.provinces import HUBEI
from tests.make.settlement import hear

OPENID = "oUpF8uMuAJO_M2pxb1Q9zNjWeS6o"
_sources = itertools.count(1)


def clerk() -> Caller:
    """Prepares runs."""
    return provinces.staff("settlement.prepare", phone="13900000011", name="制单")


def treasurer() -> Caller:
    """Approves them."""
    return provinces.staff("settlement.pay", "settlement.prepare", phone="13900000012", name="审批")


def earner(fen: int, *, is_stated: bool = True) -> Caller:
    """A leader to whom this much commission is owed."""
    leader = leaders.leader_of(leaders.point())
    earn(leader, fen, is_stated=is_stated)
    return leader


def earn(leader: Caller, fen: int, *, is_stated: bool = True) -> None:
    """Commission that is booked, or taken back where negative, and stated at once or with the next statement."""
    number = next(_sources)
    entries = books.change_commission(leader.id, ZERO, Money(fen), account=accounts.LEADERS_PAYABLE)
    draft = ledger.Draft(source=f"test:{number}", kind=Kind.COMMISSION_BOOKED, at=clock.now(), entries=entries)
    ledger.write(leader.province_id, [draft])
    day = date(2020, 1, 1) + timedelta(days=number)
    LeaderLine.objects.create(
        province_id=leader.province_id,
        statement=_leader_statement(leader, day, fen) if is_stated else None,
        kind=LeaderLineKind.COMMISSION.value,
        leader_id=leader.id,
        sale_on=day,
        orders=1,
        amount=Money(fen),
    )


def withdrawn(leader: Caller, fen: int, *, name: str = "王小红") -> int:
    """A withdrawal that waits for a run."""
    place = {"province_id": leader.province_id}
    return commands.withdraw(leader, **place, amount=Money(fen), openid=OPENID, name=name)


def prepared() -> int:
    return commands.prepare_leader_run(clerk(), province_id=HUBEI)


def paid_out(run_id: int = 0) -> int:
    """A run that is approved and carried out: its payouts are asked of the gateway."""
    run_id = run_id or prepared()
    commands.approve_run(treasurer(), province_id=HUBEI, run_id=run_id)
    execute_run(HUBEI, run_id)
    return run_id


def payout(withdrawal_id: int) -> PayoutView:
    """The last payout of a withdrawal."""
    return payouts_of(HUBEI, WITHDRAWAL, [withdrawal_id])[withdrawal_id][-1]


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


def row(withdrawal_id: int) -> Withdrawal:
    return Withdrawal.objects.get(province_id=HUBEI, id=withdrawal_id)


def supplier_statement(supplier_id: int, fen: int, *, on: date) -> Statement:
    """A statement of goods that the books owe the supplier."""
    entries = books.receive_goods(supplier_id, Money(fen))
    if fen < 0:
        entries = books.deduct(supplier_id, Money(-fen))
    source = f"test:{next(_sources)}"
    draft = ledger.Draft(source=source, kind=Kind.GOODS_RECEIVED, at=clock.now(), entries=entries)
    ledger.write(HUBEI, [draft])
    row = Statement(
        province_id=HUBEI,
        supplier_id=supplier_id,
        sale_on=on,
        goods=Money(max(0, fen)),
        deductions=Money(max(0, -fen)),
        subsidies=ZERO,
        made_at=clock.now(),
    )
    row.save()
    return row


def _leader_statement(leader: Caller, day: date, fen: int) -> LeaderStatement:
    row = LeaderStatement(
        province_id=leader.province_id,
        leader_id=leader.id,
        sale_on=day,
        earned=Money(fen),
        funded=ZERO,
        carried_in=ZERO,
        carried_on=ZERO,
        made_at=clock.now(),
    )
    row.save()
    return row
