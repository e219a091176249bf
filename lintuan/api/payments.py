"""Paying, and the gateway's callbacks."""

from __future__ import annotations

import logging
from datetime import datetime
from typing import Annotated, ClassVar

from django.http import HttpRequest, HttpResponse
from ninja import Field, Query, Router, Schema, Status
from pydantic import ConfigDict

from lintuan.kernel import clock, ids
from lintuan.kernel.errors import Refusal
from lintuan.kernel.money import total
from lintuan.payments import commands, queries
from lintuan.payments.engine import methods
from lintuan.payments.engine.methods import Place
from lintuan.payments.types import ChargeView, Payer, PayMethod, PhoneParameters, Provider, RefundView
from lintuan.provinces.queries import province

from .http import any_caller, caller_of, key_of, language_of, problem

log = logging.getLogger(__name__)

router = Router(tags=["payments"])

#: What tells each gateway that its callback was heard.
HEARD: dict[Provider, tuple[int, bytes]] = {Provider.WECHATPAY: (204, b""), Provider.ALIPAY: (200, b"success")}
#: In which the client's shell says where it runs: mp-weixin or mp-alipay; a page in a browser need not.
CLIENT = "X-Lintuan-Client"


class PayWish(Schema):
    openid: str = Field(
        default="", max_length=128, description="Who the member is to WeChat or Alipay, in the mini-program."
    )
    method: PayMethod | None = Field(
        default=None, description="One of GET /payments/methods; without one: that which clients of any age know."
    )

    model_config: ClassVar[ConfigDict] = ConfigDict(
        json_schema_extra={"examples": [{"openid": "oUpF8uMuAJO_M2pxb1Q9zNjWeS6o", "method": "wechat_jsapi"}]}
    )

    def payer(self, place: Place, address: str) -> Payer:
        """Who pays how, from where the request came."""
        return Payer(self.method or methods.unnamed(place), self.openid, address)


class PaymentSheet(Schema):
    charge: str
    provider: str
    method: str
    amount_fen: int
    parameters: dict[str, str] = Field(
        description="For wx.requestPayment (wechat_jsapi) or my.tradePay (alipay_mini), an `url` to open, or a `code`."
    )

    model_config: ClassVar[ConfigDict] = {
        "json_schema_extra": {
            "examples": [
                {
                    "charge": "kPz3vLwQ",
                    "provider": "wechatpay",
                    "method": "wechat_jsapi",
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
    refunded_fen: int = Field(description="all that goes back, money that came too late included")
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


class Method(Schema):
    method: PayMethod
    provider: str
    text: str

    model_config: ClassVar[ConfigDict] = {
        "json_schema_extra": {"examples": [{"method": "wechat_h5", "provider": "wechatpay", "text": "微信支付"}]}
    }


class Methods(Schema):
    methods: list[Method] = Field(description="The preferred first; empty where none works.")
    elsewhere: bool = Field(description="None works here, yet some would in the phone's own browser.")

    model_config: ClassVar[ConfigDict] = {
        "json_schema_extra": {
            "examples": [
                {
                    "methods": [{"method": "wechat_h5", "provider": "wechatpay", "text": "微信支付"}],
                    "elsewhere": False,
                }
            ]
        }
    }


@router.get("/payments/methods", auth=any_caller, response=Methods, summary="How one can pay here")
def show_methods(
    request: HttpRequest, province_id: int, city: Annotated[str, Query(max_length=6, pattern=r"^([0-9]{6})?$")] = ""
) -> Methods:
    """By the browser that asks, or by what the header X-Lintuan-Client says of the mini-program; `city` is that of the
    pickup point (GB/T 2260)."""
    view = province(province_id)
    found = queries.methods(place_of(request), view.id, city=city, on=clock.today(view.zone))
    is_english = language_of(request).startswith("en")
    told = [Method(method=one, provider=one.provider, text=methods.NAMES[one][is_english]) for one in found.methods]
    return Methods(methods=told, elsewhere=found.is_elsewhere)


@router.get("/charges/{charge}", response=Charge, summary="Whether a charge is paid")
def show_charge(request: HttpRequest, charge: str) -> Charge:
    province_id, charge_id = ids.read_public_id("charge", charge)
    return _charge(province_id, queries.own_charge(caller_of(request), province_id, charge_id))


@router.post("/charges/{charge}/payment", response=PaymentSheet, summary="Begin to pay a charge")
def begin_payment(request: HttpRequest, charge: str, wish: PayWish | None = None) -> PaymentSheet:
    """Asked again with the same method while the charge is open, it opens the same payment again; with another method
    a second one: should both be paid, the later money goes back."""
    province_id, charge_id = ids.read_public_id("charge", charge)
    payer = (wish or PayWish()).payer(place_of(request), address_of(request))
    sheet = commands.pay_parameters(caller_of(request), province_id=province_id, charge_id=charge_id, payer=payer)
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


@router.post("/refunds/{refund}/credit", response={204: None}, summary="Make a failed refund its buyer's balance")
def credit_refund(request: HttpRequest, refund: str) -> Status[None]:
    """Once the payment service says that it gave the refund up, or never had it; it is not sent again after that."""
    province_id, refund_id = ids.read_public_id("refund", refund)
    commands.credit_refund(caller_of(request), province_id=province_id, refund_id=refund_id, key=key_of(request))
    return Status(204, None)


@router.post("/payments/{provider}/notify", auth=None, include_in_schema=False)
def hear(request: HttpRequest, provider: Provider) -> HttpResponse:
    """A gateway's callback: told in its own words that we have it, anything else says that it must come again."""
    try:
        commands.hear_notice(request.headers, request.body, provider)
    except Refusal as refusal:
        log.warning("a callback was refused: %s", refusal)
        return problem(request, refusal, code="FAIL", message=refusal.message(language_of(request)))
    status, body = HEARD[provider]
    return HttpResponse(body, status=status, content_type="text/plain" if body else None)


def place_of(request: HttpRequest) -> Place:
    """Where the payer's page is open."""
    return methods.place_of(request.headers.get("User-Agent", ""), request.headers.get(CLIENT, ""))


def address_of(request: HttpRequest) -> str:
    """The IP address of the payer's phone."""
    return str(request.META.get("REMOTE_ADDR", ""))


def sheet_of(province_id: int, sheet: PhoneParameters) -> PaymentSheet:
    """What the phone is told."""
    return PaymentSheet(
        charge=ids.public_id("charge", province_id, sheet.charge_id),
        provider=sheet.method.provider,
        method=sheet.method,
        amount_fen=sheet.amount.fen,
        parameters=dict(sheet.fields),
    )


def _charge(province_id: int, view: ChargeView) -> Charge:
    # Money that came too late goes back whole and is no part of what was paid; its payer wants to see it all the same.
    back = total(refund.amount for refund in queries.refunds_of(province_id, [view.id])[view.id])
    return Charge(
        charge=ids.public_id("charge", province_id, view.id),
        state=view.state,
        amount_fen=view.amount.fen,
        refunded_fen=back.fen,
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
