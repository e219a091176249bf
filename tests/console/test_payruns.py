"""Pay-out runs before staff: prepared by one, approved by another, live, and as a file."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime

import pytest

from lintuan.kernel.ids import public_id
from lintuan.payments.gateways.transfers import TransferState
from lintuan.settlement import queries
from lintuan.settlement.jobs import execute_run
from tests.make import partners, provinces, sourcing
from tests.make import withdrawals as make
from tests.make.console import Desk
from tests.make.provinces import HUBEI
from tests.make.settlement import balances

pytestmark = pytest.mark.django_db

ClockAt = Callable[[str], datetime]


def newest() -> tuple[int, str]:
    view = queries.runs(make.clerk(), province_id=HUBEI)[0]
    return view.id, f"payruns/{public_id('pay run', HUBEI, view.id)}/"


def test_leaders_are_paid_by_two_people() -> None:
    withdrawal_id = make.withdrawn(make.earner(1_200_000), 1_000_000)
    clerk, treasurer = Desk(make.clerk()), Desk(make.treasurer())

    clerk.send("payruns/prepare/", kind="leaders")
    run_id, path = newest()
    prepared, theirs = clerk.read(path), treasurer.read(path)
    treasurer.send(f"{path}decide/", decision="approve")
    execute_run(HUBEI, run_id)
    make.tell(withdrawal_id, TransferState.SUCCEEDED)
    paid = clerk.read(path)

    assert "10,000.00 90.00 9,910.00 Waits" in prepared
    assert ("Approve" in prepared, "Approve" in theirs) == (False, True)
    assert "10,000.00 90.00 9,910.00 Received" in paid
    assert make.payout(withdrawal_id).number in paid


def test_who_prepared_cannot_approve_by_sending_the_form() -> None:
    make.withdrawn(make.earner(300_000), 180_000)
    desk = Desk(make.treasurer())
    desk.send("payruns/prepare/", kind="leaders")
    run_id, path = newest()

    desk.client.post(f"/console/{path}decide/", {"decision": "approve", "back": f"/console/{path}"})

    assert "Whoever prepared a run cannot approve it." in desk.read(path)
    assert queries.run(make.clerk(), province_id=HUBEI, run_id=run_id).state == "prepared"


def test_suppliers_are_paid_by_the_banks_file() -> None:
    provinces.province()
    supplier = sourcing.supplier()
    make.supplier_statement(supplier.id, 50_000, on=date(2026, 11, 20))
    clerk, treasurer = Desk(make.clerk()), Desk(make.treasurer())
    bank = f"payruns/banks/{public_id('supplier', HUBEI, supplier.id)}/"
    clerk.send(bank, holder="武汉鲜蔬有限公司", account="6222000011112222333", bank="工商银行")
    clerk.send("payruns/prepare/", kind="suppliers")
    _, path = newest()
    treasurer.send(f"{path}decide/", decision="approve")

    file = clerk.open(f"{path}list.csv")
    treasurer.send(f"{path}mark/", reference="ICBC-1")

    assert "武汉鲜蔬有限公司,6222000011112222333,工商银行,500.00" in file.content.decode()
    assert balances()["1101"] == -50_000
    assert "ICBC-1" in clerk.read(path)


def test_partners_are_paid_by_the_banks_file(clock_at: ClockAt) -> None:
    clock_at("2026-12-06T12:00+08:00")
    partner = partners.partner(is_told=False)
    contract = partners.contract(partner)
    partners.counted(contract, date(2026, 12, 1))
    partners.shared(contract, date(2026, 11, 1), 30_000)
    partners.shared(contract, date(2026, 12, 1), 2_000)
    clerk, treasurer = Desk(make.clerk()), Desk(make.treasurer())
    bank = f"payruns/partner-banks/{public_id('partner', HUBEI, partner.id)}/"
    told = clerk.send(bank, holder="武汉江畔物业有限公司", account="6222000099998888777", bank="建设银行")
    clerk.send("payruns/prepare/", kind="partners")
    _, path = newest()
    prepared = clerk.read(path)
    treasurer.send(f"{path}decide/", decision="approve")

    file = clerk.open(f"{path}list.csv")
    treasurer.send(f"{path}mark/", reference="CCB-1")

    assert "Partners' bank accounts" in told.replace("’", "'")
    assert f"{partner.name} 武汉江畔物业有限公司 6222000099998888777 300.00 0.00 300.00 Waits" in prepared
    assert "武汉江畔物业有限公司,6222000099998888777,建设银行,300.00" in file.content.decode()
    assert (balances()["1101"], balances()[f"2103:{partner.id}"]) == (-30_000, -2_000)
    assert "CCB-1" in clerk.read(path)


def test_a_failed_withdrawal_is_dropped() -> None:
    withdrawal_id = make.withdrawn(make.earner(300_000), 180_000)
    make.paid_out()
    make.tell(withdrawal_id, TransferState.FAILED, "ACCOUNT_FROZEN")
    desk = Desk(make.treasurer())

    shown = desk.read("payruns/")
    desk.send(f"payruns/failed/{public_id('withdrawal', HUBEI, withdrawal_id)}/", decision="drop")

    assert "ACCOUNT_FROZEN" in shown
    assert make.row(withdrawal_id).state == "cancelled"
