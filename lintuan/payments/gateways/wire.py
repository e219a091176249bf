"""WeChat Pay's JSON, as far as we read it."""

from datetime import datetime
from typing import Annotated, Literal

import msgspec
from msgspec import Meta, Struct

from lintuan.payments.gateways.notices import Refund, RefundState, TradeState, Transaction

Moment = Annotated[datetime, Meta(tz=True)]


class Prepaid(Struct):
    """One of the three is told, by the type of the order; of no more than ``""`` nothing can be paid."""

    prepay_id: str = ""
    h5_url: str = ""
    code_url: str = ""


class OfferedBill(Struct):
    """Where a bill can be fetched within five minutes, and the hash of its content before compression."""

    hash_value: str
    download_url: str
    hash_type: Literal["SHA1"] = "SHA1"


class Problem(Struct):
    code: str
    message: str = ""


class TradeAmount(Struct):
    total: int


class Payer(Struct):
    openid: str | None = None


class Trade(Struct):
    appid: str
    mchid: str
    out_trade_no: str
    trade_state: TradeState
    amount: TradeAmount
    transaction_id: str | None = None
    payer: Payer = msgspec.field(default_factory=Payer)
    success_time: Moment | None = None
    trade_type: str = ""

    def transaction(self) -> Transaction:
        return Transaction(
            out_trade_no=self.out_trade_no,
            state=self.trade_state,
            total_fen=self.amount.total,
            transaction_id=self.transaction_id,
            openid=self.payer.openid,
            paid_at=self.success_time,
            trade_type=self.trade_type,
        )


class RefundAmount(Struct):
    total: int
    refund: int


class AnsweredRefund(Struct, kw_only=True):
    out_trade_no: str
    out_refund_no: str
    refund_id: str
    status: RefundState
    amount: RefundAmount
    success_time: Moment | None = None

    def refund(self) -> Refund:
        return Refund(
            out_refund_no=self.out_refund_no,
            out_trade_no=self.out_trade_no,
            refund_id=self.refund_id,
            state=self.status,
            refund_fen=self.amount.refund,
            total_fen=self.amount.total,
            settled_at=self.success_time,
        )


class ToldRefund(AnsweredRefund, kw_only=True):
    """The same refund in a callback, where its status has another name."""

    mchid: str
    status: RefundState = msgspec.field(name="refund_status")


class Resource(Struct):
    ciphertext: str
    nonce: str
    associated_data: str = ""


class Callback(Struct):
    id: str
    event_type: str
    resource: Resource
