"""Paying, and the gateway's callbacks."""

from __future__ import annotations

import logging
from datetime import datetime
from typing import ClassVar

from django.http import HttpRequest, HttpResponse
from ninja import Field, Router, Schema, Status
from pydantic import ConfigDict

from lintuan.kernel import ids
from lintuan.kernel.errors import Refusal
from lintuan.payments import commands, queries
from lintuan.payments.types import ChargeView, PhoneParameters, RefundView

from .http import caller_of, key_of, language_of, problem

log = logging.getLogger(__name__)

router = Router(tags=["payments"])


class Payer(Schema):
    openid: str = Field("", max_length=128, description="Who the member is to WeChat, in the mini-program.")

    model_config: ClassVar[ConfigDict] = ConfigDict(
        json_schema_extra={"examples": [{"openid": "oUpF8uMuAJO_M2pxb1Q9zNjWeS6o"}]}
    )


class PaymentSheet(Schema):
    charge: str
    provider: str
    amount_fen: int
    parameters: dict[str, str]

    model_config: ClassVar[ConfigDict] = {
        "json_schema_extra": {
            "examples": [
                {
                    "charge": "kPz3vLwQ",
                    "provider": "wechatpay",
                    "amount_fen": 1990,
                    "parameters": {
                        "appId": "wx8888888888888888",
                        "timeStamp": "1795399200",
                        "nonceStr": "c5ac7061fccab6bf3e254dcf98995b8c",
                        "package": "prepay_id=wx201410272009395522657a690389285100",
                        "signType": "RSA",
                        "paySign": "oR9d8PuhnIc+YZ8cBHFCwfgpaK9gd7vaRvkYD7rthRAZ...",
                    },
                }
            ]
        }
    }


class Charge(Schema):
    charge: str
    state: str
    amount_fen: int
    refunded_fen: int
    expires_at: datetime
    paid_at: datetime | None

    model_config: ClassVar[ConfigDict] = {
        "json_schema_extra": {
            "examples": [
                {
                    "charge": "kPz3vLwQ",
                    "state": "paid",
                    "amount_fen": 1990,
                    "refunded_fen": 590,
                    "expires_at": "2026-11-20T12:15:00Z",
                    "paid_at": "2026-11-20T12:01:30Z",
                }
            ]
        }
    }


class FailedRefund(Schema):
    refund: str
    charge: str
    number: str
    amount_fen: int
    cause: str
    reason: str
    asked_at: datetime

    model_config: ClassVar[ConfigDict] = {
        "json_schema_extra": {
            "examples": [
                {
                    "refund": "W7mKq2Xd",
                    "charge": "kPz3vLwQ",
                    "number": "42f00dfacef00dfacef00dfacef0",
                    "amount_fen": 590,
                    "cause": "supplier_short",
                    "reason": "USER_ACCOUNT_ABNORMAL",
                    "asked_at": "2026-11-20T15:45:00Z",
                }
            ]
        }
    }


@router.get("/charges/{charge}", response=Charge, summary="Whether a charge is paid")
def show_charge(request: HttpRequest, charge: str) -> Charge:
    province_id, charge_id = ids.read_public_id("charge", charge)
    return _charge(province_id, queries.own_charge(caller_of(request), province_id, charge_id))


@router.post("/charges/{charge}/payment", response=PaymentSheet, summary="Begin to pay a charge")
def begin_payment(request: HttpRequest, charge: str, payer: Payer | None = None) -> PaymentSheet:
    """Hand `parameters` to wx.requestPayment. Asked again while the charge is open, it opens the same payment again."""
    province_id, charge_id = ids.read_public_id("charge", charge)
    openid = payer.openid if payer else ""
    sheet = commands.pay_parameters(caller_of(request), province_id=province_id, charge_id=charge_id, openid=openid)
    return sheet_of(province_id, sheet)


@router.get("/refunds/failed", response=list[FailedRefund], summary="Refunds that wait for a person")
def failed_refunds(request: HttpRequest, province_id: int) -> list[FailedRefund]:
    views = queries.failed_refunds(caller_of(request), province_id=province_id)
    return [_failed(province_id, view) for view in views]


@router.post("/refunds/{refund}/retry", response={204: None}, summary="Have a failed refund sent again")
def retry_refund(request: HttpRequest, refund: str) -> Status[None]:
    province_id, refund_id = ids.read_public_id("refund", refund)
    commands.retry_refund(caller_of(request), province_id=province_id, refund_id=refund_id, key=key_of(request))
    return Status(204, None)


@router.post("/payments/wechatpay/notify", auth=None, include_in_schema=False)
def hear_wechatpay(request: HttpRequest) -> HttpResponse:
    """WeChat Pay's callback: 204 says that we have it, anything else that it must come again."""
    try:
        commands.hear_notice(request.headers, request.body)
    except Refusal as refusal:
        log.warning("a callback was refused: %s", refusal)
        return problem(request, refusal, code="FAIL", message=refusal.message(language_of(request)))
    return HttpResponse(status=204)


def sheet_of(province_id: int, sheet: PhoneParameters) -> PaymentSheet:
    """What the phone is told."""
    return PaymentSheet(
        charge=ids.public_id("charge", province_id, sheet.charge_id),
        provider=sheet.provider,
        amount_fen=sheet.amount.fen,
        parameters=dict(sheet.fields),
    )


def _charge(province_id: int, view: ChargeView) -> Charge:
    return Charge(
        charge=ids.public_id("charge", province_id, view.id),
        state=view.state,
        amount_fen=view.amount.fen,
        refunded_fen=view.refunded.fen,
        expires_at=view.expires_at,
        paid_at=view.paid_at,
    )


def _failed(province_id: int, view: RefundView) -> FailedRefund:
    return FailedRefund(
        refund=ids.public_id("refund", province_id, view.id),
        charge=ids.public_id("charge", province_id, view.charge_id),
        number=view.number,
        amount_fen=view.amount.fen,
        cause=view.cause,
        reason=view.reason,
        asked_at=view.asked_at,
    )
