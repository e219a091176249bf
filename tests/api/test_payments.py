from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client

from lintuan.kernel import clock, ids, tokens
from lintuan.kernel.callers import SYSTEM, Caller
from lintuan.kernel.money import Money
from lintuan.payments import commands, queries
from lintuan.payments.gateways import OPENERS
from lintuan.payments.models import Inbox
from lintuan.payments.types import MAY_REFUND, ChargeState, PayMethod, Provider, RefundState
from lintuan.standins.wechatpay.faults import Mode
from tests.make import payments as make
from tests.make import provinces
from tests.make.payments import Callback

pytestmark = pytest.mark.django_db

HUBEI = make.HUBEI


@pytest.fixture(autouse=True)
def _keys(settings) -> None:
    settings.GATEWAY_KEYS = str(make.manifest())


@pytest.fixture
def client() -> Client:
    return Client(enforce_csrf_checks=True)


def as_(caller: Caller) -> dict[str, str]:
    token = tokens.sign(caller, expires_at=clock.now() + timedelta(minutes=5))
    return {"HTTP_AUTHORIZATION": f"Bearer {token}", "HTTP_ACCEPT_LANGUAGE": "en"}


def public(charge_id: int) -> str:
    return ids.public_id("charge", HUBEI, charge_id)


def deliver(client: Client, callback: Callback):
    return client.post(
        Provider.WECHATPAY.notify_path, callback.body, content_type="application/json", headers=callback.headers
    )


def test_a_callback_is_answered_with_204_however_often_it_comes(client):
    charge_id = make.charge()
    callback = make.payment_callback(charge_id)

    answers = [deliver(client, callback) for _ in range(2)]

    assert [(answer.status_code, answer.content) for answer in answers] == [(204, b""), (204, b"")]
    assert queries.charge(HUBEI, charge_id).state is ChargeState.PAID


@pytest.mark.parametrize(
    ("mode", "status", "kind"),
    [
        (Mode.BAD_SIGNATURE, 401, "forged_notice"),
        (Mode.STALE_TIMESTAMP, 401, "stale_notice"),
        (Mode.WRONG_AMOUNT, 400, "wrong_amount"),
    ],
)
def test_a_refused_callback_is_told_so_in_the_gateways_words_and_ours(client, mode, status, kind):
    answer = deliver(client, make.payment_callback(make.charge(), mode=mode))

    document = answer.json()
    assert (answer.status_code, document["code"]) == (status, "FAIL")
    assert document["type"] == f"urn:lintuan:problem:{kind}"
    assert document["message"]
    assert not Inbox.objects.exists()


@pytest.mark.parametrize("body", [b"", b"{}", b"\xff\xfe", b"[" * 10_000])
def test_rubbish_is_refused(client, body):
    assert deliver(client, Callback({}, body)).status_code == 401


def test_a_callback_about_a_number_that_is_not_ours_is_refused(client):
    answer = deliver(client, make.payment_callback(make.charge(), number="42" + "0" * 26))

    assert (answer.status_code, answer.json()["code"]) == (404, "FAIL")


def test_without_a_gateway_a_callback_is_to_come_again(client, settings):
    callback = make.payment_callback(make.charge())
    settings.GATEWAY_KEYS = ""

    assert deliver(client, callback).status_code == 503


def test_a_member_sees_the_own_charge_and_nobody_elses(client):
    charge_id = make.paid_charge(amount=Money(1990))

    shown = client.get(f"/api/v1/charges/{public(charge_id)}", **as_(make.member()))
    hidden = client.get(f"/api/v1/charges/{public(charge_id)}", **as_(make.member(8)))
    unsigned = client.get(f"/api/v1/charges/{public(charge_id)}")

    assert shown.json()["state"] == "paid"
    assert (shown.json()["amount_fen"], shown.json()["refunded_fen"]) == (1990, 0)
    assert (hidden.status_code, unsigned.status_code) == (404, 401)


def test_a_member_sees_that_money_which_came_too_late_goes_back(client):
    charge_id = make.charge(amount=Money(1990))
    commands.close_charge(SYSTEM, province_id=make.HUBEI, charge_id=charge_id)
    make.pay(charge_id)

    shown = client.get(f"/api/v1/charges/{public(charge_id)}", **as_(make.member())).json()

    assert (shown["state"], shown["amount_fen"], shown["refunded_fen"]) == ("closed", 1990, 1990)


def test_a_payment_that_cannot_reach_the_gateway_may_be_tried_again(client):
    path = f"/api/v1/charges/{public(make.charge())}/payment"

    answer = client.generic("POST", path, b"", "application/json", **as_(make.member()))

    assert (answer.status_code, answer.json()["code"]) == (503, "gateway_silent")
    assert answer["Retry-After"]


def test_a_stranger_begins_no_payment(client):
    path = f"/api/v1/charges/{public(make.charge())}/payment"

    answer = client.post(path, {"openid": "o1"}, "application/json", **as_(make.member(8)))

    assert answer.status_code == 404


def test_staff_see_failed_refunds_and_have_them_sent_again(client):
    refund_id = commands.refund(
        SYSTEM, province_id=HUBEI, charge_id=make.paid_charge(), amount=Money(590), cause="damaged"
    )
    make.settle_refund(refund_id, status="ABNORMAL")

    (failed,) = client.get(f"/api/v1/refunds/failed?province_id={HUBEI}", **as_(provinces.staff(MAY_REFUND))).json()
    answer = client.post(
        f"/api/v1/refunds/{failed['refund']}/retry", HTTP_IDEMPOTENCY_KEY="k", **as_(provinces.staff(MAY_REFUND))
    )

    assert (failed["amount_fen"], failed["reason"]) == (590, "ABNORMAL")
    assert answer.status_code == 204
    assert queries.refunds(HUBEI, [refund_id])[refund_id].state is RefundState.ASKED


def test_members_do_not_see_failed_refunds(client):
    answer = client.get(f"/api/v1/refunds/failed?province_id={HUBEI}", **as_(make.member()))

    assert answer.status_code == 403


def test_a_provider_that_we_do_not_know_brings_no_callbacks(client):
    answer = client.post("/api/v1/payments/cashpay/notify", b"{}", content_type="application/json")

    assert answer.status_code == 422


def test_alipay_is_told_success_and_nothing_else(client, monkeypatch, settings, tmp_path):
    monkeypatch.setitem(OPENERS, Provider.ALIPAY, lambda _: OPENERS[Provider.WECHATPAY](make.manifest()))
    (tmp_path / "manifest.json").write_text('{"alipay": {}}')
    settings.GATEWAY_KEYS = str(tmp_path / "manifest.json")
    charge_id = make.charge()
    callback = make.payment_callback(charge_id, method=PayMethod.ALIPAY_MINI)

    answer = client.post(
        Provider.ALIPAY.notify_path, callback.body, content_type="application/json", headers=callback.headers
    )

    assert (answer.status_code, answer.content) == (200, b"success")
    assert queries.charge(HUBEI, charge_id).state is ChargeState.PAID
