"""What merchants may ask, as the platform's documents bound it; amounts are yuan, as strings or numbers."""

from decimal import Decimal
from typing import Annotated, Literal, TypeVar

import msgspec
from msgspec import Meta, Struct

from lintuan.standins.alipay.refusals import bad_parameter

Kind = TypeVar("Kind")
OutTradeNo = Annotated[str, Meta(pattern=r"^[0-9A-Za-z_\-]{1,64}$")]
Subject = Annotated[str, Meta(min_length=1, max_length=256)]
Time = Annotated[str, Meta(pattern=r"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$")]
SMALLEST, LARGEST = 1, 100_000_000_00


class Ordering(Struct, kw_only=True):
    out_trade_no: OutTradeNo
    total_amount: Decimal
    subject: Subject
    time_expire: Time | None = None
    product_code: str = ""


class Creating(Ordering, kw_only=True):
    buyer_id: str = ""
    buyer_open_id: str = ""
    op_app_id: str = ""


class Naming(Struct):
    out_trade_no: str = ""
    trade_no: str = ""


class Refunding(Naming, kw_only=True):
    refund_amount: Decimal
    out_request_no: Annotated[str, Meta(max_length=64)] = ""
    refund_reason: Annotated[str, Meta(max_length=256)] = ""


class RefundQuerying(Naming, kw_only=True):
    out_request_no: Annotated[str, Meta(min_length=1, max_length=64)]
    query_options: list[str] = []


class BillQuerying(Struct):
    bill_type: Literal["trade"]
    bill_date: Annotated[str, Meta(pattern=r"^\d{4}-\d\d-\d\d$")]


class Receiver(Struct):
    type: Literal["userId", "loginName", "openId"]
    account: Annotated[str, Meta(min_length=1, max_length=128)]
    name: str = ""
    memo: str = ""


class Binding(Struct):
    receiver_list: Annotated[list[Receiver], Meta(min_length=1, max_length=20)]
    out_request_no: Annotated[str, Meta(pattern=r"^[0-9A-Za-z_]{1,32}$")]


class RoyaltyShare(Struct):
    trans_in: str
    amount: Decimal
    trans_in_type: str = "userId"
    royalty_type: Literal["transfer"] = "transfer"
    desc: str = ""


class Settling(Struct):
    out_request_no: Annotated[str, Meta(min_length=1, max_length=64)]
    trade_no: str
    royalty_parameters: Annotated[list[RoyaltyShare], Meta(min_length=1, max_length=5)]
    royalty_mode: Literal["sync"] = "sync"


class SettleQuerying(Struct):
    settle_no: str


def read(content: str, kind: type[Kind]) -> Kind:
    try:
        return msgspec.json.decode(content, type=kind)
    except (msgspec.DecodeError, UnicodeError) as problem:
        raise bad_parameter(str(problem)) from None


def fen(amount: Decimal) -> int:
    """Refused where it is no whole number of fen within the documented bounds."""
    exact = amount * 100
    if exact != exact.to_integral_value() or not SMALLEST <= exact <= LARGEST:
        raise bad_parameter("金额")
    return int(exact)


def fee(amount_fen: int) -> int:
    """What is kept of a payment, 0.60 %, half a fen rounded up."""
    return (amount_fen * 60 + 5000) // 10_000


def yuan(amount: int) -> str:
    sign = "-" if amount < 0 else ""
    return f"{sign}{abs(amount) // 100}.{abs(amount) % 100:02d}"
