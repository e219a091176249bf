"""What the day earned is paid: leaders withdraw, a run pays them, another one the suppliers."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from datetime import datetime

from lintuan.kernel.errors import Refusal
from lintuan.leaders.types import PointView
from lintuan.payments.gateways.transfers import TransferState
from lintuan.settlement import commands, queries
from lintuan.settlement.engine.paying import Banked
from lintuan.settlement.errors import NothingToPay
from lintuan.sourcing import queries as sourcing
from tests.make import leaders, withdrawals
from tests.make.provinces import HUBEI

PLACE = {"province_id": HUBEI}
NOON = "2026-11-25T12:00+08:00"
ACCOUNT = ("武汉鲜蔬有限公司", "6222000011112222333", "工商银行武汉分行")


def pay_everybody(clock_at: Callable[[str], datetime], point: PointView) -> None:
    """One withdrawal is taken back, another one fails and arrives when it is tried again; the bank pays a supplier."""
    clock_at(NOON)
    leader, clerk, treasurer = leaders.leader_of(point), withdrawals.clerk(), withdrawals.treasurer()
    withdrawals.earn(leader, 300_000)
    commands.set_payee(treasurer, **PLACE, leader_id=leader.id, is_business=False, frozen="")
    commands.cancel_withdrawal(leader, **PLACE, withdrawal_id=withdrawals.withdrawn(leader, 20_000))
    failing = withdrawals.withdrawn(leader, 200_000, name="王小红")
    withdrawals.paid_out()
    withdrawals.tell(failing, TransferState.FAILED, "ACCOUNT_FROZEN")
    queries.failed_withdrawals(clerk, **PLACE)
    commands.retry_withdrawal(treasurer, **PLACE, withdrawal_id=failing)
    withdrawals.tell(failing, TransferState.SUCCEEDED)
    queries.purse(leader)
    queries.frozen_leaders(clerk, **PLACE)
    for view in queries.runs(clerk, **PLACE):
        queries.run_file(clerk, **PLACE, run_id=view.id)
    _pay_suppliers()
    _pay_partners()


def _pay_suppliers() -> None:
    clerk, treasurer = withdrawals.clerk(), withdrawals.treasurer()
    for view in sourcing.suppliers(HUBEI):
        commands.set_bank_account(clerk, **PLACE, kind=Banked.SUPPLIER, payee_id=view.id, account=ACCOUNT)
    queries.bank_accounts(clerk, **PLACE, kind=Banked.SUPPLIER)
    commands.drop_run(clerk, **PLACE, run_id=commands.prepare_supplier_run(clerk, **PLACE))
    run_id = commands.prepare_supplier_run(clerk, **PLACE)
    commands.approve_run(treasurer, **PLACE, run_id=run_id)
    view = queries.run(clerk, **PLACE, run_id=run_id)
    with contextlib.suppress(Refusal):
        commands.refuse_line(treasurer, **PLACE, run_id=run_id, line_id=0)
    commands.mark_paid(treasurer, **PLACE, run_id=run_id, reference="R1", line_ids=(view.lines[0].id,))


def _pay_partners() -> None:
    """The month runs, so none of it is paid."""
    clerk = withdrawals.clerk()
    for partner_id in queries.partner_names(clerk, **PLACE):
        commands.set_bank_account(clerk, **PLACE, kind=Banked.PARTNER, payee_id=partner_id, account=ACCOUNT)
    with contextlib.suppress(NothingToPay):
        commands.prepare_partner_run(clerk, **PLACE)
