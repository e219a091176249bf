"""The page of differences, and how staff work one off there."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import datetime

import pytest

from lintuan.kernel.callers import SYSTEM
from lintuan.payments.types import PayMethod, Provider
from lintuan.settlement import commands
from tests.make import provinces
from tests.make.bills import DAY, Bill, bill_of, kept, paid, payment, read
from tests.make.console import Desk
from tests.make.provinces import HUBEI

pytestmark = pytest.mark.django_db

ClockAt = Callable[[str], datetime]


@pytest.fixture(autouse=True)
def _one_case(clock_at: ClockAt) -> None:
    provinces.province()
    clock_at("2026-11-21T10:30+08:00")
    honest = bill_of([paid(10_000, 3_000)])
    read(Bill([*honest.trades, payment("SHOP-77", "T!", 500, kept(500))]))
    commands.compare_bill(SYSTEM, province_id=HUBEI, provider=Provider.WECHATPAY, on_day=DAY)


def address(desk: Desk) -> str:
    found = re.search(r'href="/console/(cases/[^"]+/)"', desk.open("cases/").content.decode())
    assert found
    return found[1]


def test_the_list_shows_both_sides_and_the_days(clock_at: ClockAt) -> None:
    shown = Desk(provinces.staff()).read("cases/")

    assert "A line of another system of the same merchant SHOP-77 0.00 5.00 To be taken" in shown
    assert "2026-11-20 WeChat Pay 70.00 1 + 1 75.00 2 + 1 0.00" in shown


@pytest.mark.parametrize(("query", "is_there"), [
    ({"state": "open"}, True), ({"state": "closed"}, False), ({"kind": "stranger"}, True),
    ({"kind": "paid_twice"}, False), ({"kind": "nonsense", "state": "nonsense"}, True),
])  # fmt: skip
def test_filters_choose(query: dict[str, str], is_there: bool) -> None:
    assert ("SHOP-77" in Desk(provinces.staff()).read("cases/", **query)) is is_there


def test_a_case_is_taken_explained_and_closed() -> None:
    desk = Desk(provinces.staff())
    place = address(desk)

    taken = desk.send(f"{place}work/", step="take")
    explained = desk.send(f"{place}work/", step="explain", why="the shop at the market")
    closed = desk.send(f"{place}work/", step="close")

    assert "In hand" in taken
    assert "the shop at the market" in explained
    assert "Found System" in closed
    assert "SHOP-77" not in desk.read("cases/")
    assert "SHOP-77" in desk.read("cases/", state="closed")


def test_a_correction_is_posted_from_the_page() -> None:
    desk = Desk(provinces.staff())
    place = address(desk)
    desk.send(f"{place}work/", step="take")

    corrected = desk.send(f"{place}work/", step="correct", why="kept for the shop", debit="1001", credit="2005",
                          amount="5.00")  # fmt: skip

    assert "kept for the shop" in corrected
    assert "Corrected" in corrected


def test_a_step_without_a_reason_says_so() -> None:
    desk = Desk(provinces.staff())
    place = address(desk)
    desk.send(f"{place}work/", step="take")

    refused = desk.send(f"{place}work/", step="explain", why=" ", back=f"/console/{place}")

    assert "some words" in refused


def test_readers_see_no_buttons() -> None:
    desk = Desk(provinces.staff("settlement.read", phone="13900000008"))

    assert "Take" not in desk.read(address(desk))
    assert desk.client.post(f"/console/{address(desk)}work/", {"step": "take"}).status_code == 403


def test_bills_of_all_channels_are_one_day_of_the_picture() -> None:
    read(bill_of([paid(500, state="open", method=PayMethod.ALIPAY_MINI)]), provider=Provider.ALIPAY)
    commands.compare_bill(SYSTEM, province_id=HUBEI, provider=Provider.ALIPAY, on_day=DAY)

    page = Desk(provinces.staff()).open("cases/").content.decode()

    drawn = re.search(r'<script id="differences" type="application/json">(.*?)</script>', page)
    assert drawn
    assert json.loads(drawn[1])["days"] == [[f"{DAY:%m-%d}", -10.0, -80.0]]
