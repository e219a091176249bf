"""Refunds that failed before staff: sent again, or made their members' balances."""

from __future__ import annotations

import pytest

from lintuan.kernel.ids import public_id
from lintuan.payments import queries
from lintuan.payments.types import MAY_REFUND, RefundState
from tests.make import balances as make
from tests.make import provinces
from tests.make.console import Desk
from tests.make.http import Api
from tests.make.members import member
from tests.make.provinces import HUBEI
from tests.make.settlement import balances, hear

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("outside")]


@pytest.mark.parametrize(
    ("language", "decision", "told", "state"),
    [
        ("en", "credit", "It is the member's balance now.", RefundState.CREDITED),
        ("zh-hans", "credit", "已转入会员余额。", RefundState.CREDITED),
        ("en", "retry", "Sent again.", RefundState.ASKED),
        ("zh-hans", "retry", "已重新发起退款。", RefundState.ASKED),
    ],
)
def test_a_failed_refund_is_decided_on(language: str, decision: str, told: str, state: RefundState) -> None:
    buyer = member(name="韩梅梅")
    refund_id = make.failed(990, buyer)
    desk = Desk(make.cashier(), language=language)

    shown = desk.read("refunds/")
    after = desk.send(f"refunds/{public_id('refund', HUBEI, refund_id)}/", decision=decision)
    hear()

    assert "韩梅梅 9.90 CLOSED" in shown
    assert told in after
    assert "韩梅梅" not in after
    assert queries.refunds(HUBEI, [refund_id])[refund_id].state is state
    assert balances().get(f"2005:{buyer.id}", 0) == (-990 if decision == "credit" else 0)


def test_only_who_pays_back_sees_them() -> None:
    make.failed(990, member())
    reader = Desk(provinces.staff("settlement.read", phone="13900000014"))

    assert reader.open("refunds/").status_code == 403
    assert "Failed refunds" not in reader.read("ledger/")


def test_the_same_over_the_api() -> None:
    refund_id = make.failed(990, member())
    path = f"/refunds/{public_id('refund', HUBEI, refund_id)}/credit"
    staff = provinces.staff(MAY_REFUND)

    assert Api(member()).post(path, {})[0] == 403
    assert [Api(staff).post(path, {})[0] for _ in range(2)] == [204, 204]
    assert Api(staff).post(path.replace("credit", "retry"), {})[0] == 409
