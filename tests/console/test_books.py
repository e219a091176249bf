"""Statements as staff see them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import pytest

from lintuan.kernel.callers import SYSTEM
from lintuan.kernel.money import Money
from lintuan.settlement import commands
from lintuan.settlement.models import LeaderLine
from tests.make import leaders, provinces
from tests.make.console import Desk
from tests.make.ordering import SALE_ON
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
