"""A leader withdraws by what the page offers, and confirms on the phone."""

from __future__ import annotations

import json

import pytest
from jsonschema import Draft202012Validator

from lintuan.kernel.ids import public_id
from lintuan.pages.tree.schema import schema_text
from lintuan.payments.gateways.transfers import TransferState
from lintuan.settlement import commands
from tests.make import pages
from tests.make import withdrawals as make
from tests.make.provinces import HUBEI

from .hand import Hand

pytestmark = pytest.mark.django_db

VALID = Draft202012Validator(json.loads(schema_text()))


@pytest.fixture(autouse=True)
def demonstration(settings) -> None:
    """Where a leader is known to the stand-in of WeChat without telling."""
    settings.DEMO = True


def test_from_the_earnings_to_the_money() -> None:
    leader = make.earner(1_200_050)
    hand = Hand(leader)
    hand.open("commission")
    hand.tap("Withdraw")
    hand.tap("Withdraw", amount_yuan=10_000, name="王小红")

    assert "Waits to be paid" in hand.texts()
    assert "An earlier withdrawal is under way" in hand.texts()
    (row,) = make.Withdrawal.objects.filter(province_id=HUBEI)
    make.paid_out()
    make.tell(row.id, TransferState.WAIT_USER_CONFIRM)
    hand.open("withdraw")
    (confirm,) = [one for one in pages.actions(hand.page) if one["do"] == "confirm_transfer"]
    assert confirm["text"] == "Confirm ¥9910.00 in WeChat"
    assert confirm["path"] == f"/api/v1/leader/withdrawals/{public_id('withdrawal', HUBEI, row.id)}/confirmation"
    assert list(VALID.iter_errors(hand.page)) == []
    make.tell(row.id, TransferState.SUCCEEDED)
    hand.open("withdraw")
    assert "¥9910.00 · Received" in hand.texts()
    assert "tax withheld ¥90.00" in hand.texts()


def test_what_was_asked_for_is_taken_back() -> None:
    hand = Hand(make.earner(30_000))
    hand.open("withdraw")
    hand.tap("Withdraw", amount_yuan=100)
    hand.tap("Take it back")

    assert "Cancelled" in hand.texts()
    assert hand.nodes("form")


@pytest.mark.parametrize(("fen", "asks"), [(199_999, False), (200_000, True)])
def test_the_name_is_asked_for_only_where_it_may_be_needed(fen: int, asks: bool) -> None:
    hand = Hand(make.earner(fen))
    hand.open("withdraw")

    (form,) = hand.nodes("form")
    assert [one["name"] for one in form["fields"]] == ["amount_yuan", "name"][: 1 + asks]


@pytest.mark.parametrize(("language", "told"), [("en", "Withdrawals are suspended"), ("zh-hans", "提现已暂停")])
def test_a_frozen_leader_is_told_so(language: str, told: str) -> None:
    leader = make.earner(30_000)
    about = {"province_id": HUBEI, "leader_id": leader.id, "is_business": False}
    commands.set_payee(make.treasurer(), **about, frozen="核查")
    hand = Hand(leader, language=language)
    hand.open("withdraw")

    assert told in hand.texts()
    assert not hand.nodes("form")
    assert "核查" not in hand.texts().replace("正在核查", "")


def test_what_is_too_little_waits() -> None:
    hand = Hand(make.earner(999))
    hand.open("withdraw")

    assert "From ¥10.00 on you can withdraw." in hand.texts()
