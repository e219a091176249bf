"""Statements as staff see them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from lintuan.kernel.callers import SYSTEM
from lintuan.kernel.ids import public_id
from lintuan.kernel.money import Money
from lintuan.settlement import commands
from lintuan.settlement.models import LeaderLine, Statement
from tests.make import fulfilment, invoices, leaders, pricing, provinces, sourcing
from tests.make.console import Desk
from tests.make.ordering import EVENING, SALE_ON
from tests.make.provinces import HUBEI
from tests.make.settlement import BOOKS

pytestmark = pytest.mark.django_db

ClockAt = Callable[[str], datetime]


def test_a_leaders_statement_tells_what_is_carried_on(clock_at: ClockAt) -> None:
    point = leaders.point()
    clock_at(BOOKS)
    for kind, fen, about in (("commission", 100, {"orders": 3}), ("subsidy", -250, {"order_id": 1, "campaign_id": 1})):
        LeaderLine.objects.create(
            province_id=HUBEI, kind=kind, leader_id=point.leader_id, sale_on=SALE_ON, amount=Money(fen), **about
        )
    commands.make_leader_statements(SYSTEM, province_id=HUBEI, sale_on=SALE_ON)

    shown = Desk(provinces.staff()).read("statements/", sale_on="2026-11-20")

    assert "commission on 3 orders of 2026-11-20" in shown
    assert "commission 1.00 − share of savings 2.50 − carried in 0.00 + carried on 1.50" in shown
    assert "¥0.00" in shown


def test_files_are_downloaded_by_those_who_may(clock_at: ClockAt) -> None:
    clock_at(BOOKS)
    provinces.province()
    keeper = Desk(provinces.staff("settlement.read"))
    other = Desk(provinces.staff("ordering.read", phone="13900000002"))

    for what in ("ledger", "balances", "suppliers", "leaders", "commission", "cases", "invoices"):
        answer = keeper.open("exports/file/", what=what, form="csv", **{"from": "2026-11-20"})
        assert (answer.status_code, b"".join(answer.streaming_content)[:3]) == (200, b"\xef\xbb\xbf"), what
        assert f'filename="lintuan-42-{what}-2026-11-20.csv"' in answer["Content-Disposition"]
    assert other.open("exports/file/", what="ledger", form="csv").status_code == 403
    assert keeper.open("exports/file/", what="to_invoice", form="csv").status_code == 403
    for wrong in ({"what": "x"}, {"form": "x"}, {"from": "x"}, {"what": "cases", "form": "beancount"}):
        assert keeper.open("exports/file/", **{"what": "ledger", "form": "csv", **wrong}).status_code == 422, wrong


def test_names_are_whole_by_a_tick_of_who_may_see_them(clock_at: ClockAt) -> None:
    point = leaders.point(leader_name="王阿姨")
    clock_at(BOOKS)
    LeaderLine.objects.create(
        province_id=HUBEI, kind="commission", leader_id=point.leader_id, sale_on=SALE_ON, amount=Money(100), orders=1
    )
    commands.make_leader_statements(SYSTEM, province_id=HUBEI, sale_on=SALE_ON)
    keeper = Desk(provinces.staff("settlement.read"))
    head = Desk(provinces.staff("settlement.read", "settlement.names", phone="13900000002"))

    seen = {
        (desk is head, bool(tick)): "王阿姨"
        in b"".join(desk.open("exports/file/", what="leaders", form="csv", **tick)).decode()
        for desk in (keeper, head)
        for tick in ({}, {"names": "1"})
    }

    assert seen == {(False, False): False, (False, True): False, (True, False): False, (True, True): True}
    assert "Names and titles whole" in head.read("exports/")
    assert "Names and titles whole" not in keeper.read("exports/")


def test_a_supplier_downloads_its_own_statements_alone(clock_at: ClockAt) -> None:
    clock_at(BOOKS)
    provinces.province()
    mine, other = (Desk(sourcing.supplier()) for _ in range(2))
    for desk, fen in ((mine, 100), (other, 700)):
        supplier_id = desk.client.session["who"]["id"]
        Statement.objects.create(
            province_id=HUBEI, supplier_id=supplier_id, sale_on=SALE_ON, goods=Money(fen), deductions=Money(0),
            subsidies=Money(0), made_at=clock_at(BOOKS),
        )  # fmt: skip

    answer = mine.open("supplier/statements/file/", form="csv")

    text = b"".join(answer.streaming_content).decode("utf-8-sig")
    assert answer.status_code == 200
    assert len(text.splitlines()) == 2
    assert mine.open("exports/").status_code == 403


def test_an_invoice_is_worked_off_in_the_console(clock_at: ClockAt) -> None:
    clock_at(EVENING)
    orders = [fulfilment.buy(leaders.point(), (pricing.offer(300), 4)) for _ in range(2)]
    for order in orders:
        invoices.ask(order)
    desk = Desk(provinces.staff())
    assert "No invoices wait to be issued" in desk.read("invoices/")
    clock_at("2026-12-02T12:00+08:00")
    issued, refused = (public_id("invoice", HUBEI, invoices.seen(order)[0].id) for order in orders)

    assert "Overdue invoices 2" in desk.read("tonight/")
    assert "福州测试有限公司 Overdue" in desk.read("invoices/")
    batch = desk.open("invoices/batch/")
    assert b"".join(batch.streaming_content).decode("utf-8-sig").count("福州测试有限公司") == 2
    wrong = {"decision": "issue", "number": "1", "back": "/console/invoices/"}
    assert "An invoice needs its number" in desk.send(f"invoices/{issued}/", **wrong)
    paper = SimpleUploadedFile("a.pdf", invoices.PDF)
    told = desk.send(f"invoices/{issued}/", decision="issue", number="26422000000012345678", file=paper)
    assert "Written down as issued" in told
    assert "26422000000012345678 12.00 Issued" in told
    told = desk.send(f"invoices/{refused}/", decision="refuse", reason="not a company of this name")
    assert "not a company of this name" in told
    assert "Overdue invoices" not in desk.read("tonight/")
