import secrets
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from datetime import date
from operator import attrgetter
from tempfile import TemporaryFile
from typing import TypeVar
from urllib.parse import quote

import msgspec

from lintuan.payments.errors import BillNotReady, NoBill
from lintuan.payments.gateways import protocol, wire
from lintuan.payments.gateways.bills import Bill, FlowReader, Reader, TradeReader
from lintuan.payments.gateways.exchange import Exchange
from lintuan.payments.gateways.faults import ForgedCallback, GatewayRefused, GatewayUnreachable
from lintuan.payments.gateways.notices import (
    Notice,
    PaymentNotice,
    Prepayment,
    Refund,
    RefundNotice,
    RefundRequest,
    Transaction,
)
from lintuan.payments.types import FlowRow, PayMethod, TradeRow

ORDERS = "/v3/pay/transactions/out-trade-no"
TRANSACTIONS = "/v3/pay/transactions/id"
#: The last part of an order's address, and what of its answer pays it.
WAYS: Mapping[PayMethod, tuple[str, Callable[[wire.Prepaid], str]]] = {
    PayMethod.WECHAT_JSAPI: ("jsapi", attrgetter("prepay_id")),
    PayMethod.WECHAT_H5: ("h5", attrgetter("h5_url")),
    PayMethod.WECHAT_NATIVE: ("native", attrgetter("code_url")),
}
REFUNDS = "/v3/refund/domestic/refunds"
NO_BILL = {"NO_STATEMENT_EXIST": NoBill, "STATEMENT_CREATING": BillNotReady}

Read = TypeVar("Read")
Row = TypeVar("Row")


class WechatPay:
    """Orders, refunds and callbacks of WeChat Pay for one merchant; may be shared by threads."""

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange
        self._merchant = exchange.merchant

    def close_connections(self) -> None:
        self._exchange.close_connections()

    def prepay(self, order: Prepayment) -> str:
        """Open the order at the gateway; again with the same content: the same answer.

        A sheet has a prepay_id, H5 the address of a page that opens WeChat (good for five minutes), a code its text
        (good for two hours).
        """
        if order.method not in WAYS:
            raise GatewayRefused("NO_AUTH", f"No orders by {order.method}.")
        path, handle = WAYS[order.method]
        told = self._exchange.ask("POST", f"/v3/pay/transactions/{path}", self._asked(order), read=wire.Prepaid)
        if not (found := handle(told)):
            raise GatewayUnreachable(f"An order was opened without what pays it: {told}")
        return found

    def _asked(self, order: Prepayment) -> dict[str, object]:
        asked: dict[str, object] = {
            "appid": self._merchant.app_id,
            "mchid": self._merchant.merchant_id,
            "description": order.description,
            "out_trade_no": order.out_trade_no,
            "notify_url": order.notify_url,
            "amount": {"total": order.amount_fen, "currency": "CNY"},
        }
        if order.method is PayMethod.WECHAT_JSAPI:
            asked["payer"] = {"openid": order.openid}
        elif order.method is PayMethod.WECHAT_H5:
            asked["scene_info"] = {"payer_client_ip": order.payer_ip, "h5_info": {"type": order.scene}}
        if order.expires_at is not None:
            asked["time_expire"] = order.expires_at.isoformat(timespec="seconds")
        return asked

    def phone_parameters(self, prepay_id: str) -> dict[str, str]:
        """What the buyer's phone needs to show the payment sheet."""
        return protocol.phone_parameters(
            self._merchant, prepay_id=prepay_id, timestamp=int(self._exchange.real_time()), nonce=secrets.token_hex(16)
        )

    def query(self, out_trade_no: str) -> Transaction:
        path = f"{ORDERS}/{quote(out_trade_no, safe='')}?mchid={self._merchant.merchant_id}"
        return self._exchange.ask("GET", path, read=wire.Trade).transaction()

    def query_transaction(self, transaction_id: str) -> Transaction:
        """The same by the gateway's own number, which only a paid order has."""
        path = f"{TRANSACTIONS}/{quote(transaction_id, safe='')}?mchid={self._merchant.merchant_id}"
        return self._exchange.ask("GET", path, read=wire.Trade).transaction()

    def close(self, out_trade_no: str) -> None:
        """Make the order unpayable; refused with ORDERPAID where the buyer was faster."""
        path = f"{ORDERS}/{quote(out_trade_no, safe='')}/close"
        self._exchange.send("POST", path, {"mchid": self._merchant.merchant_id})

    def refund(self, request: RefundRequest) -> Refund:
        asked: dict[str, object] = {
            "out_trade_no": request.out_trade_no,
            "out_refund_no": request.out_refund_no,
            "amount": {"refund": request.refund_fen, "total": request.paid_fen, "currency": "CNY"},
        }
        if request.reason:
            asked["reason"] = request.reason
        if request.notify_url:
            asked["notify_url"] = request.notify_url
        return self._exchange.ask("POST", REFUNDS, asked, read=wire.AnsweredRefund).refund()

    def query_refund(self, out_refund_no: str, out_trade_no: str = "") -> Refund:
        """By its own number, whatever was paid."""
        return self._exchange.ask(
            "GET", f"{REFUNDS}/{quote(out_refund_no, safe='')}", read=wire.AnsweredRefund
        ).refund()

    def trade_bill(self, day: date, bill_type: str = "ALL") -> Iterator[TradeRow]:
        """What was paid and paid back on a day of Beijing: ALL, SUCCESS or REFUND. NoBill and BillNotReady come at
        once, BrokenBill perhaps only after the last row."""
        return self._bill(f"/v3/bill/tradebill?bill_date={day}&bill_type={bill_type}", TradeReader, day)

    def flow_bill(self, day: date, account_type: str = "BASIC") -> Iterator[FlowRow]:
        """What moved on one of our accounts (BASIC, OPERATION, FEES) on a day of Beijing; refused like a trade bill."""
        return self._bill(f"/v3/bill/fundflowbill?bill_date={day}&account_type={account_type}", FlowReader, day)

    def _bill(self, path: str, reader: Callable[[Sequence[str]], Reader[Row]], day: date) -> Iterator[Row]:
        try:
            offered = self._exchange.ask("GET", f"{path}&tar_type=GZIP", read=wire.OfferedBill)
        except GatewayRefused as refusal:
            if (known := NO_BILL.get(refusal.code)) is None:
                raise
            raise known(day=day) from refusal
        with ExitStack() as opened:
            file = opened.enter_context(TemporaryFile())
            self._exchange.fetch(offered.download_url, file)
            bill = Bill(file, reader)
            bill.check(offered.hash_value)
            opened.pop_all()
        return bill.rows()

    def read_callback(self, headers: Mapping[str, str], body: bytes, now: float) -> Notice:
        """Verify, open and read a callback; what is not authentic raises and must change nothing."""
        protocol.verify(headers, body, key_ring=self._merchant.platform_keys, now=now)
        callback = _read_notice(body, wire.Callback)
        resource = callback.resource
        content = protocol.decrypt(
            self._merchant.api_v3_key,
            nonce=resource.nonce,
            associated=resource.associated_data,
            ciphertext=resource.ciphertext,
        )
        return self._notice(callback, content)

    def _notice(self, callback: wire.Callback, content: bytes) -> Notice:
        text = content.decode(errors="replace")
        if callback.event_type.startswith("TRANSACTION."):
            trade = _read_notice(content, wire.Trade)
            self._check_addressee(trade.mchid)
            return PaymentNotice(callback.id, callback.event_type, text, trade.transaction())
        if callback.event_type.startswith("REFUND."):
            refund = _read_notice(content, wire.ToldRefund)
            self._check_addressee(refund.mchid)
            return RefundNotice(callback.id, callback.event_type, text, refund.refund())
        return Notice(callback.id, callback.event_type, text)

    def _check_addressee(self, merchant_id: str) -> None:
        if merchant_id != self._merchant.merchant_id:
            raise ForgedCallback("The callback is for another merchant.")


def _read_notice(text: bytes, kind: type[Read]) -> Read:
    try:
        return msgspec.json.decode(text, type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError) as problem:
        raise ForgedCallback(f"Signed, yet not as documented: {problem}") from None
