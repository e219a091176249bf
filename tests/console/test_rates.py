"""The page of rates."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime

import pytest

from lintuan.kernel.callers import SYSTEM
from lintuan.kernel.ids import public_id
from lintuan.kernel.money import Money
from lintuan.provinces.commands import load_places
from lintuan.settlement.rate_models import LevelTable, Rate
from tests.make import ordering, pricing, provinces
from tests.make.console import Desk
from tests.make.ordering import EVENING
from tests.make.provinces import HUBEI

pytestmark = pytest.mark.django_db

ClockAt = Callable[[str], datetime]
WANTED = {"percent": "12.5", "from_on": "2026-11-22", "category": "vegetables", "area": "4201"}


@pytest.fixture
def desk(clock_at: ClockAt) -> Desk:
    """The day after an order of 10.00."""
    load_places(SYSTEM)
    clock_at(EVENING)
    ordering.paid_order(ordering.line(pricing.offer(1000, cost_fen=500)))
    clock_at("2026-11-21T12:00+08:00")
    return Desk(provinces.staff("settlement.edit"))


def test_a_rate_is_tried_on_yesterdays_orders_and_not_kept(desk: Desk) -> None:
    seen = desk.read("rates/", **WANTED)

    assert "sales of ¥10.00: commission would be ¥1.25 instead of ¥0.80" in seen
    assert not Rate.objects.exists()


def test_trying_a_rate_leads_to_the_page_with_it_filled_in(desk: Desk) -> None:
    answer = desk.client.post("/console/rates/try/", WANTED)

    assert "percent=12.5" in answer["Location"]
    assert "csrf" not in answer["Location"]
    assert "would be ¥1.25 instead of ¥0.80" in desk.send("rates/try/", **WANTED)


def test_a_rate_that_cannot_be_tried_says_why(desk: Desk) -> None:
    assert "There is no such sku no-such." in desk.read("rates/", **{**WANTED, "sku": "no-such"})
    assert "'many' should be like 8.5" in desk.read("rates/", **{**WANTED, "percent": "many"})


def test_a_rate_is_kept_shown_and_ended(desk: Desk) -> None:
    kept = desk.send("rates/set/", **WANTED)
    (row,) = Rate.objects.filter(province_id=HUBEI)

    assert (row.bps, row.from_on, row.area) == (1250, date(2026, 11, 22), "4201")
    assert "Vegetables Wuhan" in kept
    assert "12.50 % 2026-11-22 – …" in kept

    assert "2026-11-22 – 2026-11-24" in desk.send(
        f"rates/{public_id('rate', HUBEI, row.id)}/end/", until_on="2026-11-24"
    )


def test_a_rate_for_a_day_that_began_is_refused_on_the_page(desk: Desk) -> None:
    text = desk.send("rates/set/", back="/console/rates/", **{**WANTED, "from_on": "2026-11-21"})

    assert "This can begin on 2026-11-22 at the earliest" in text
    assert not Rate.objects.exists()


def test_levels_are_kept_in_yuan(desk: Desk) -> None:
    text = desk.send("rates/levels/", thresholds="20000, 50000.50", from_on="2026-11-22")

    assert LevelTable.objects.get(province_id=HUBEI).thresholds == [2_000_000, 5_000_050]
    assert "level 2: ¥20,000.00 · level 3: ¥50,000.50" in text


@pytest.mark.parametrize(
    ("language", "told"), [("en", "leaves 3.00 from 2026-11-22 on"), ("zh-hans", "毛利 3.00，各方分成合计 5.00")]
)
def test_a_rate_above_the_margin_is_refused_in_words(desk: Desk, language: str, told: str) -> None:
    pricing.offer(1000, cost_fen=700)
    asked = Desk(provinces.staff("settlement.edit"), language=language)
    back = {"back": "/console/rates/"}

    assert told in asked.send("rates/set/", **back, percent="50", level="1", from_on="2026-11-22")
    assert not Rate.objects.exists()


def test_goods_that_do_not_bear_their_shares_are_named(desk: Desk) -> None:
    pricing.offer(1000, cost_fen=950)

    seen = desk.read("rates/")

    assert "Goods that do not bear their shares" in seen
    assert f"10.00 {Money(50)} {Money(80)} level 1" in seen
