"""A member whose refund could not go back sees it as a balance, withdraws it, and confirms on the phone."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime

import pytest
from jsonschema import Draft202012Validator

from lintuan.kernel.callers import SYSTEM
from lintuan.kernel.money import Money
from lintuan.pages.tree.schema import schema_text
from lintuan.payments import commands as payments
from lintuan.payments.gateways.transfers import TransferState
from lintuan.settlement.models import BalanceWithdrawal
from tests.make import balances as make
from tests.make import ordering, pages, pricing
from tests.make import payments as gateway
from tests.make.http import Api
from tests.make.members import member
from tests.make.provinces import HUBEI
from tests.make.settlement import hear

from .hand import Hand

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("outside")]

VALID = Draft202012Validator(json.loads(schema_text()))


@pytest.fixture(autouse=True)
def demonstration(settings) -> None:
    """Where a member is known to the stand-in of WeChat without telling."""
    settings.DEMO = True


def valid(hand: Hand, *texts: str) -> bool:
    """Whether the page is as the schema says and tells all of these."""
    return list(VALID.iter_errors(hand.page)) == [] and all(text in hand.texts() for text in texts)


def test_from_the_order_to_the_money(clock_at: Callable[[str], datetime]) -> None:
    clock_at(ordering.EVENING)
    buyer = member()
    order = ordering.paid_order(ordering.line(pricing.offer(), 2), member=buyer)
    part = Money(100)
    refund_id = payments.refund(SYSTEM, province_id=HUBEI, charge_id=order.charge_id, amount=part, cause="short")
    gateway.settle_refund(refund_id, status="CLOSED")
    payments.credit_refund(make.cashier(), province_id=HUBEI, refund_id=refund_id)
    hear()
    hand = Hand(buyer)

    hand.open("orders")
    hand.tap(next(one["text"] for one in pages.actions(hand.page) if one.get("page") == "order"))
    assert valid(hand, "In your balance")
    hand.tap("See your balance")
    assert valid(hand, "Balance: ¥1.00", order.number)
    hand.tap("Withdraw all of it to WeChat")
    assert valid(hand, "¥1.00 are on their way", "Balance: ¥0.00")
    hear()
    (row,) = BalanceWithdrawal.objects.filter(province_id=HUBEI)
    make.tell(row.id, TransferState.WAIT_USER_CONFIRM)
    hand.open("balance")
    (confirm,) = [one for one in pages.actions(hand.page) if one["do"] == "confirm_transfer"]
    assert valid(hand, "Confirm ¥1.00 in WeChat")
    status, told = hand.api.get(confirm["path"].removeprefix("/api/v1"))
    assert (status, told["amount_fen"], set(told["fields"])) == (200, 100, {"mchId", "appId", "package"})
    make.tell(row.id, TransferState.SUCCEEDED)
    hand.open("balance")
    assert valid(hand, "Balance: ¥0.00", "Withdrawn")


@pytest.mark.parametrize(("fen", "asks"), [(199_999, False), (200_000, True)])
def test_the_name_is_asked_for_only_where_it_is_needed(fen: int, asks: bool) -> None:
    buyer = member()
    make.credited(fen, buyer)
    hand = Hand(buyer)
    hand.open("balance")

    assert [[field["name"] for field in form["fields"]] for form in hand.nodes("form")] == [["name"]] * asks


@pytest.mark.parametrize(("language", "told"), [("en", "The last withdrawal failed"), ("zh-hans", "上次提现未成功")])
def test_what_failed_may_be_asked_for_again(language: str, told: str) -> None:
    buyer = member()
    make.credited(990, buyer)
    make.tell(make.withdrawn(buyer), TransferState.FAILED, "ACCOUNT_FROZEN")
    hand = Hand(buyer, language=language)
    hand.open("balance")

    assert valid(hand, told, "¥9.90")
    assert [one for one in pages.actions(hand.page) if one.get("path") == "/api/v1/me/balance/withdrawals"]


def test_who_has_none_is_told_what_it_would_be() -> None:
    hand = Hand(member())
    hand.open("me")
    hand.tap("Balance")

    assert valid(hand, "No balance")


def test_who_leaves_is_told_of_it_first_and_takes_its_lines_along() -> None:
    buyer = member()
    hand = Hand(buyer)
    hand.open("privacy")
    assert "You have a balance" not in hand.texts()
    make.credited(990, buyer)
    hand.open("privacy")

    assert valid(hand, "You have a balance of ¥9.90")
    kept = Api(buyer).get("/me/export")[1]["balance"]
    assert (kept["balance_fen"], kept["lines"][0]["kind"], kept["lines"][0]["amount_fen"]) == (
        990, "refund_credited", 990,
    )  # fmt: skip


def test_others_confirm_nothing() -> None:
    buyer = member()
    make.credited(990, buyer)
    make.tell(make.withdrawn(buyer), TransferState.WAIT_USER_CONFIRM)

    assert Api(buyer).get("/me/balance/confirmation")[0] == 200
    assert Api(member()).get("/me/balance/confirmation")[0] == 409
    assert Api(make.cashier()).get("/me/balance")[0] == 403
