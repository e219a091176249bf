"""Alipay's JSON and forms, as far as we read them. Amounts are strings of yuan, moments the time in Beijing."""

from collections.abc import Mapping
from enum import StrEnum

from msgspec import Struct

from lintuan.payments.gateways.alipay.amounts import fen
from lintuan.payments.gateways.alipay.protocol import read_beijing
from lintuan.payments.gateways.faults import ForgedCallback, GatewayUnreachable
from lintuan.payments.gateways.notices import Refund, RefundRequest, RefundState, TradeState, Transaction


class TradeStatus(StrEnum):
    WAIT_BUYER_PAY = "WAIT_BUYER_PAY"
    TRADE_SUCCESS = "TRADE_SUCCESS"
    TRADE_FINISHED = "TRADE_FINISHED"
    TRADE_CLOSED = "TRADE_CLOSED"


class Problem(Struct):
    code: str
    msg: str = ""
    sub_code: str = ""
    sub_msg: str = ""


class Created(Struct):
    out_trade_no: str
    trade_no: str


class Precreated(Struct):
    out_trade_no: str
    qr_code: str


class Queried(Struct):
    out_trade_no: str
    trade_no: str
    trade_status: TradeStatus
    total_amount: str
    send_pay_date: str = ""
    buyer_open_id: str = ""
    buyer_user_id: str = ""

    def transaction(self) -> Transaction:
        try:
            paid_at = read_beijing(self.send_pay_date) if self.send_pay_date else None
            return Transaction(
                out_trade_no=self.out_trade_no,
                state=state(self.trade_status, is_paid=paid_at is not None, is_refunded=False),
                total_fen=fen(self.total_amount),
                transaction_id=self.trade_no,
                openid=self.buyer_open_id or self.buyer_user_id or None,
                paid_at=paid_at,
            )
        except ValueError as problem:
            raise GatewayUnreachable(f"An answer that we cannot read: {problem}") from None


class Refunded(Struct):
    """``refund_fee``, which is there too, is the sum of all refunds of the trade and not this one."""

    out_trade_no: str
    trade_no: str
    fund_change: str = "N"
    gmt_refund_pay: str = ""

    def refund(self, asked: RefundRequest, state: RefundState) -> Refund:
        try:
            is_dated = state is RefundState.SUCCEEDED and self.gmt_refund_pay != ""
            return Refund(
                out_refund_no=asked.out_refund_no,
                out_trade_no=asked.out_trade_no,
                refund_id=self.trade_no,
                state=state,
                refund_fen=asked.refund_fen,
                total_fen=asked.paid_fen,
                settled_at=read_beijing(self.gmt_refund_pay) if is_dated else None,
            )
        except ValueError as problem:
            raise GatewayUnreachable(f"An answer that we cannot read: {problem}") from None


class QueriedRefund(Struct):
    """All but empty where Alipay knows no such refund."""

    out_trade_no: str = ""
    trade_no: str = ""
    out_request_no: str = ""
    refund_amount: str = ""
    total_amount: str = ""
    refund_status: str = ""
    gmt_refund_pay: str = ""

    def refund(self) -> Refund:
        is_done = self.refund_status == "REFUND_SUCCESS"
        try:
            return Refund(
                out_refund_no=self.out_request_no,
                out_trade_no=self.out_trade_no,
                refund_id=self.trade_no,
                state=RefundState.SUCCEEDED if is_done else RefundState.PROCESSING,
                refund_fen=fen(self.refund_amount),
                total_fen=fen(self.total_amount),
                settled_at=read_beijing(self.gmt_refund_pay) if self.gmt_refund_pay else None,
            )
        except ValueError as problem:
            raise GatewayUnreachable(f"An answer that we cannot read: {problem}") from None


class BillAddress(Struct):
    bill_download_url: str


def state(status: TradeStatus, *, is_paid: bool, is_refunded: bool) -> TradeState:
    """Our word; TRADE_CLOSED is both an order that nobody paid in time and one that was paid back whole."""
    match status:
        case TradeStatus.WAIT_BUYER_PAY:
            return TradeState.NOT_PAID
        case TradeStatus.TRADE_CLOSED:
            return TradeState.REFUNDED if is_paid or is_refunded else TradeState.CLOSED
        case TradeStatus.TRADE_SUCCESS | TradeStatus.TRADE_FINISHED:
            return TradeState.REFUNDED if is_refunded else TradeState.PAID


def told_transaction(fields: Mapping[str, str]) -> Transaction:
    """What the fields of an authentic callback say of the payment; ForgedCallback where they are not as documented."""
    try:
        paid_at = read_beijing(fields["gmt_payment"]) if fields.get("gmt_payment") else None
        return Transaction(
            out_trade_no=_given(fields, "out_trade_no"),
            state=state(
                TradeStatus(fields["trade_status"]),
                is_paid=paid_at is not None,
                is_refunded=bool(fields.get("gmt_refund")),
            ),
            total_fen=fen(fields["total_amount"]),
            transaction_id=_given(fields, "trade_no"),
            openid=fields.get("buyer_open_id") or fields.get("buyer_id") or None,
            paid_at=paid_at,
        )
    except (KeyError, ValueError) as problem:
        raise ForgedCallback(f"Signed, yet not as documented: {problem}") from None


def _given(fields: Mapping[str, str], name: str) -> str:
    if not fields[name]:
        raise ValueError(f"{name} is empty.")
    return fields[name]
