"""The pages of traffic partners."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime

import pytest

from lintuan.kernel.ids import public_id
from lintuan.kernel.money import ZERO, Money
from lintuan.leaders.types import PointView
from lintuan.settlement.engine.partners import Step
from lintuan.settlement.partner_models import Contract
from lintuan.settlement.queries import partner_contracts
from tests.make import leaders, provinces
from tests.make.console import Desk
from tests.make.provinces import HUBEI

pytestmark = pytest.mark.django_db

ClockAt = Callable[[str], datetime]


@pytest.fixture
def point(clock_at: ClockAt) -> PointView:
    clock_at("2026-11-19T12:00+08:00")
    return leaders.point()


def test_a_contract_is_drafted_tried_and_signed_by_a_colleague(point: PointView) -> None:
    drafter = provinces.staff("settlement.edit")
    seen = Desk(drafter).send("partners/draft/", **_form(point))
    (view,) = partner_contracts(drafter, province_id=HUBEI)

    assert view.terms.steps == (Step(ZERO, 500), Step(Money(10_000_000), 750))
    assert (view.terms.cap, view.from_on) == (Money(500_000), date(2026, 11, 21))
    assert "No days whose books are closed" in seen
    assert "a colleague signs" in seen
    assert "month’s sales from ¥100,000.00: 7.50 % · at most a month ¥5,000.00" in seen

    colleague = Desk(provinces.staff("settlement.edit", phone="13900000002", name="陈立"))
    page = f"partners/{public_id('contract', HUBEI, view.id)}/"
    assert "Sign" in colleague.read(page)
    assert "signed by 陈立" in colleague.send(f"{page}sign/")
    assert "Riverside Homes 1 5.00 % – 7.50 % 5,000.00 2026-11-21 – … signed" in colleague.read("partners/")


@pytest.mark.parametrize(
    ("language", "told"),
    [("en", "Who drafted a contract does not sign it"), ("zh-hans", "起草人不能签自己的合同")],
)
def test_who_drafted_it_is_refused_in_words(point: PointView, language: str, told: str) -> None:
    desk = Desk(provinces.staff("settlement.edit"), language=language)
    desk.send("partners/draft/", **_form(point))
    page = f"partners/{public_id('contract', HUBEI, Contract.objects.get(province_id=HUBEI).id)}/"

    assert told in desk.send(f"{page}sign/", back=f"/console/{page}")
    assert Contract.objects.get(province_id=HUBEI).signed_at is None


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"points": "no-such"}, "There is no such point no-such."),
        ({"steps": "0"}, "'0' should be like 100000 7.5%"),
        ({"steps": "5 5%"}, "This contract cannot be kept: steps: 0 …."),
        ({"cap": "much"}, "'much' should be like 8.5"),
        ({"from_on": "soon"}, "'soon' is not a day"),
    ],
)
def test_what_cannot_be_read_is_said(point: PointView, changes: dict[str, str], told: str) -> None:
    desk = Desk(provinces.staff("settlement.edit"))

    assert told in desk.send("partners/draft/", **{**_form(point), **changes})
    assert not Contract.objects.exists()


def test_a_draft_is_deleted(point: PointView) -> None:
    desk = Desk(provinces.staff("settlement.edit"))
    desk.send("partners/draft/", **_form(point))
    page = f"partners/{public_id('contract', HUBEI, Contract.objects.get(province_id=HUBEI).id)}/"

    assert "No contracts yet" in desk.send(f"{page}end/", until_on="2026-11-19")


def _form(point: PointView) -> dict[str, str]:
    return {
        "back": "/console/partners/",
        "partner": "Riverside Homes",
        "points": point.code,
        "steps": "0 5%\n100000 7.5%",
        "cap": "5000",
        "from_on": "2026-11-21",
    }
