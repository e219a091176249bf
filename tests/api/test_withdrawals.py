"""Withdrawals over HTTP."""

from __future__ import annotations

import pytest

from lintuan.kernel.ids import public_id
from lintuan.payments.gateways.transfers import TransferState
from tests.make import leaders, provinces
from tests.make import withdrawals as make
from tests.make.http import Api
from tests.make.provinces import HUBEI

pytestmark = pytest.mark.django_db

PATH = "/leader/withdrawals"


def test_a_leader_withdraws_and_takes_it_back() -> None:
    api = Api(make.earner(300_000))

    status, asked = api.post(PATH, {"amount_yuan": 1800, "openid": make.OPENID}, key="once")
    again = api.post(PATH, {"amount_yuan": 1800, "openid": make.OPENID}, key="once")
    _, purse = api.get(PATH)
    back = api.post(f"{PATH}/{asked['id']}/cancel", {})

    assert (status, asked["amount_fen"], asked["state"]) == (201, 180_000, "asked")
    assert again == (201, asked)
    assert (purse["free_fen"], purse["blocked"], [one["id"] for one in purse["withdrawals"]]) == (
        120_000,
        "open",
        [asked["id"]],
    )
    assert (back[0], back[1]["state"]) == (200, "cancelled")


def test_the_purse_tells_terms_and_tax() -> None:
    _, purse = Api(make.earner(1_000_000)).get(PATH)

    assert {**purse, "withdrawals": []} == {
        "free_fen": 1_000_000, "unstated_fen": 0, "contested_fen": 0, "least_fen": 1000, "name_from_fen": 200_000,
        "tax_fen": 9_000, "blocked": "", "withdrawals": [],
    }  # fmt: skip


@pytest.mark.parametrize(
    ("wish", "code"),
    [
        ({"openid": make.OPENID}, "invalid"),
        ({"amount_fen": 1000, "amount_yuan": 10, "openid": make.OPENID}, "invalid"),
        ({"amount_fen": 1000}, "invalid"),
        ({"amount_fen": 999, "openid": make.OPENID}, "too_little"),
        ({"amount_yuan": 3001, "openid": make.OPENID, "name": "王小红"}, "not_covered"),
        ({"amount_yuan": 2000, "openid": make.OPENID}, "name_needed"),
    ],
)
def test_what_cannot_be_paid_is_refused(wish: dict[str, object], code: str) -> None:
    status, problem = Api(make.earner(300_000)).post(PATH, wish)

    assert problem["code"] == code
    assert status in (409, 422)


def test_nothing_is_to_be_confirmed_before_and_after() -> None:
    leader = make.earner(300_000)
    withdrawal_id = make.withdrawn(leader, 180_000)
    path = f"{PATH}/{public_id('withdrawal', HUBEI, withdrawal_id)}/confirmation"

    before = Api(leader).get(path)
    make.paid_out()
    make.tell(withdrawal_id, TransferState.SUCCEEDED)
    after = Api(leader).get(path)

    assert [(status, told["code"]) for status, told in (before, after)] == [(409, "nothing_to_confirm")] * 2


def test_others_have_no_purse_and_see_no_withdrawal() -> None:
    withdrawal_id = make.withdrawn(make.earner(300_000), 180_000)
    path = f"{PATH}/{public_id('withdrawal', HUBEI, withdrawal_id)}"

    assert Api(provinces.stranger()).get(PATH)[0] == 403
    assert Api(leaders.leader_of(leaders.point())).post(f"{path}/cancel", {})[0] == 404
    assert Api(leaders.leader_of(leaders.point())).get(f"{path}/confirmation")[0] == 404
