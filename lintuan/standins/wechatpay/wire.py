"""What merchants may ask, as the platform's documents bound it."""

from datetime import datetime
from typing import Annotated, Literal, TypeVar

import msgspec
from msgspec import Meta, Struct

from lintuan.standins.wechatpay.refusals import bad_parameter

Kind = TypeVar("Kind")
Fen = Annotated[int, Meta(ge=1, le=10_000_000_00)]
NotifyUrl = Annotated[str, Meta(pattern=r"^https?://[^?#]+$", max_length=255)]
OrderNumber = Annotated[str, Meta(pattern=r"^[0-9A-Za-z_\-|*]{6,32}$")]
RefundNumber = Annotated[str, Meta(pattern=r"^[0-9A-Za-z_\-|*@]{1,64}$")]


class Amount(Struct):
    total: Fen
    currency: Literal["CNY"] = "CNY"


class Payer(Struct):
    openid: Annotated[str, Meta(min_length=1, max_length=128)]


class H5Info(Struct):
    type: Literal["iOS", "Android", "Wap"]


class Scene(Struct):
    payer_client_ip: Annotated[str, Meta(min_length=1, max_length=45)]


class H5Scene(Scene):
    h5_info: H5Info


class NativePrepayment(Struct, kw_only=True):
    """What every order needs; who will scan the code nobody knows yet."""

    appid: str
    mchid: str
    description: Annotated[str, Meta(min_length=1, max_length=127)]
    out_trade_no: OrderNumber
    notify_url: NotifyUrl
    amount: Amount
    time_expire: Annotated[datetime, Meta(tz=True)] | None = None


class Prepayment(NativePrepayment, kw_only=True):
    payer: Payer


class H5Prepayment(NativePrepayment, kw_only=True):
    scene_info: H5Scene


class Closing(Struct):
    mchid: str


class RefundAmount(Struct):
    refund: Fen
    total: Fen
    currency: Literal["CNY"] = "CNY"


class Refunding(Struct):
    out_trade_no: OrderNumber
    out_refund_no: RefundNumber
    amount: RefundAmount
    reason: Annotated[str, Meta(max_length=80)] = ""
    notify_url: NotifyUrl | None = None


def read(body: bytes, kind: type[Kind]) -> Kind:
    try:
        return msgspec.json.decode(body, type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError) as problem:
        raise bad_parameter(str(problem)) from None
