import re
from collections.abc import Iterator, Mapping
from datetime import date

from lintuan.payments.errors import NoBill
from lintuan.payments.gateways.alipay import codes, protocol, wire
from lintuan.payments.gateways.alipay.amounts import yuan
from lintuan.payments.gateways.alipay.bills import Bills, trade_rows
from lintuan.payments.gateways.alipay.exchange import Exchange
from lintuan.payments.gateways.faults import ForgedCallback, GatewayRefused, GatewayUnreachable
from lintuan.payments.gateways.notices import (
    Notice,
    PaymentNotice,
    Prepayment,
    Refund,
    RefundRequest,
    RefundState,
    TradeState,
    Transaction,
)
from lintuan.payments.types import PayMethod, TradeRow

#: What a callback is answered with, and nothing else: to any other answer Alipay comes again.
TAKEN = b"success"
NO_BILL = frozenset({"BILL_NOT_EXIST", "NO_BILL_DATA"})
#: A user id; an open id, which newer applications are given instead, has other letters.
_USER_ID = re.compile(r"2088[0-9]{12}", re.ASCII)


class Alipay:
    """Orders, refunds and callbacks of Alipay for one account; may be shared by threads."""

    def __init__(self, exchange: Exchange, *, return_url: str = "") -> None:
        """``return_url`` is where the browser goes on WAP when all is paid; nothing is paid because it came there."""
        self._exchange = exchange
        self._return_url = return_url

    def close_connections(self) -> None:
        self._exchange.close_connections()

    def prepay(self, order: Prepayment) -> str:
        """A trade_no in the mini-program, a signed address on WAP (some 1,500 letters), the text of a QR code.

        The address is made without asking Alipay, which knows of the order once a browser has opened it.
        """
        content: dict[str, object] = {
            "out_trade_no": order.out_trade_no,
            "total_amount": yuan(order.amount_fen),
            "subject": order.description,
        }
        if order.expires_at is not None:
            content["time_expire"] = protocol.beijing(order.expires_at.timestamp())
        told = {"notify_url": order.notify_url}
        if order.method is PayMethod.ALIPAY_WAP:
            content["product_code"] = "QUICK_WAP_PAY"
            return self._exchange.address("alipay.trade.wap.pay", content, return_url=self._return_url, **told)
        if order.method is PayMethod.ALIPAY_QR:
            return self._exchange.ask("alipay.trade.precreate", content, read=wire.Precreated, **told).qr_code
        if order.method is not PayMethod.ALIPAY_MINI:
            raise GatewayRefused("NO_AUTH", f"No orders by {order.method}.")
        content |= self._buyer(order.openid)
        return self._exchange.ask("alipay.trade.create", content, read=wire.Created, **told).trade_no

    def phone_parameters(self, handle: str) -> dict[str, str]:
        """What a mini-program hands to ``my.tradePay``."""
        return {"tradeNO": handle}

    def query(self, out_trade_no: str) -> Transaction:
        """Refused with ACQ.TRADE_NOT_EXIST also while no buyer has opened the address or the QR code."""
        return self._exchange.ask("alipay.trade.query", {"out_trade_no": out_trade_no}, read=wire.Queried).transaction()

    def close(self, out_trade_no: str) -> None:
        """Make the order unpayable; refused with ORDERPAID where the buyer was faster."""
        try:
            self._exchange.ask("alipay.trade.close", {"out_trade_no": out_trade_no}, read=wire.Problem)
        except GatewayRefused as refusal:
            if refusal.code not in codes.NOT_WAITING:
                raise
            state = self.query(out_trade_no).state
            if state is TradeState.NOT_PAID:
                raise GatewayUnreachable(f"Neither waiting nor settled: {refusal}") from refusal
            if state is not TradeState.CLOSED:
                raise GatewayRefused("ORDERPAID", str(refusal)) from refusal

    def refund(self, request: RefundRequest) -> Refund:
        """Pays back at once; asked again under the same number it pays nothing more and tells how it went."""
        content = {
            "out_trade_no": request.out_trade_no,
            "out_request_no": request.out_refund_no,
            "refund_amount": yuan(request.refund_fen),
            "refund_reason": request.reason or "退款",
        }
        told = self._exchange.ask("alipay.trade.refund", content, read=wire.Refunded)
        if told.fund_change == "Y":
            return told.refund(request, RefundState.SUCCEEDED)
        try:
            return self.query_refund(request.out_refund_no, request.out_trade_no)
        except (GatewayRefused, GatewayUnreachable):
            return told.refund(request, RefundState.PROCESSING)

    def query_refund(self, out_refund_no: str, out_trade_no: str) -> Refund:
        """Alipay finds a refund by its payment only; RESOURCE_NOT_EXISTS where it knows none of that number."""
        content = {
            "out_trade_no": out_trade_no,
            "out_request_no": out_refund_no,
            "query_options": ["gmt_refund_pay"],
        }
        told = self._exchange.ask("alipay.trade.fastpay.refund.query", content, read=wire.QueriedRefund)
        if not told.out_request_no or not told.refund_amount:
            raise GatewayRefused("RESOURCE_NOT_EXISTS", f"No refund {out_refund_no}.")
        return told.refund()

    def trade_bill(self, day: date) -> Iterator[TradeRow]:
        """What was paid and paid back on a day of Beijing; NoBill comes at once, BrokenBill after the last row."""
        try:
            archive = Bills(self._exchange).download(day)
        except GatewayRefused as refusal:
            if refusal.code in NO_BILL:
                raise NoBill(day=day) from refusal
            raise
        return trade_rows(archive)

    def flow_bill(self, day: date) -> None:
        """Alipay's bill of the account itself (signcustomer) is not read."""

    def read_callback(self, headers: Mapping[str, str], body: bytes, now: float) -> Notice:
        """Verify and read a callback; what is not authentic raises and must change nothing.

        A refund is told by a payment's callback in state REFUNDED: it says what all refunds together are, not which.
        """
        fields = protocol.open_notice(self._exchange.account, body, now=now)
        notice_id, kind = fields.get("notify_id", ""), fields.get("notify_type", "")
        if not notice_id:
            raise ForgedCallback("Signed, yet without an id.")
        text = body.decode()
        if kind != "trade_status_sync":
            return Notice(notice_id, kind, text)
        return PaymentNotice(notice_id, fields.get("trade_status", ""), text, wire.told_transaction(fields))

    def _buyer(self, openid: str) -> dict[str, object]:
        name = "buyer_id" if _USER_ID.fullmatch(openid) else "buyer_open_id"
        app_id = self._exchange.account.app_id
        return {name: openid, "op_app_id": app_id, "product_code": "JSAPI_PAY"}
