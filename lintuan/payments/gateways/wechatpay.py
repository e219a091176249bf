import secrets
from collections.abc import Callable, Mapping
from typing import TypeVar
from urllib.parse import quote, urlsplit

import msgspec

from lintuan.payments.gateways import protocol, wire
from lintuan.payments.gateways.connections import Answer, Connections
from lintuan.payments.gateways.faults import ForgedCallback, GatewayRefused, GatewayUnreachable, Unauthentic
from lintuan.payments.gateways.merchants import Merchant
from lintuan.payments.gateways.notices import (
    Notice,
    PaymentNotice,
    Prepayment,
    Refund,
    RefundNotice,
    RefundRequest,
    Transaction,
)

ORDERS = "/v3/pay/transactions/out-trade-no"
REFUNDS = "/v3/refund/domestic/refunds"
TOO_OFTEN = 429
SERVER_ERROR = 500

Read = TypeVar("Read")


class WechatPay:
    """WeChat Pay for one merchant; may be shared by threads.

    Every call may be repeated with the same numbers, so a host that does not answer is followed by the second one.
    ``real_time`` gives seconds since 1970 in the real world, never the business clock.
    """

    def __init__(
        self,
        merchant: Merchant,
        *,
        base_url: str,
        second_url: str | None = None,
        timeout: float = 5.0,
        real_time: Callable[[], float],
    ) -> None:
        self._merchant = merchant
        urls = [url.rstrip("/") for url in (base_url, second_url) if url]
        self._hosts = {url: Connections(url, timeout=timeout) for url in urls}
        self._real_time = real_time

    def close_connections(self) -> None:
        for connections in self._hosts.values():
            connections.close()

    def prepay(self, order: Prepayment) -> str:
        """Open the order at the gateway and return its prepay_id; again with the same content: the same one."""
        asked: dict[str, object] = {
            "appid": self._merchant.app_id,
            "mchid": self._merchant.merchant_id,
            "description": order.description,
            "out_trade_no": order.out_trade_no,
            "notify_url": order.notify_url,
            "amount": {"total": order.amount_fen, "currency": "CNY"},
            "payer": {"openid": order.openid},
        }
        if order.expires_at is not None:
            asked["time_expire"] = order.expires_at.isoformat(timespec="seconds")
        return self._ask("POST", "/v3/pay/transactions/jsapi", asked, read=wire.Prepaid).prepay_id

    def phone_parameters(self, prepay_id: str) -> dict[str, str]:
        """What the buyer's phone needs to show the payment sheet."""
        return protocol.phone_parameters(
            self._merchant, prepay_id=prepay_id, timestamp=int(self._real_time()), nonce=secrets.token_hex(16)
        )

    def query(self, out_trade_no: str) -> Transaction:
        path = f"{ORDERS}/{quote(out_trade_no, safe='')}?mchid={self._merchant.merchant_id}"
        return self._ask("GET", path, read=wire.Trade).transaction()

    def close(self, out_trade_no: str) -> None:
        """Make the order unpayable; refused with ORDERPAID where the buyer was faster."""
        path = f"{ORDERS}/{quote(out_trade_no, safe='')}/close"
        self._send("POST", path, {"mchid": self._merchant.merchant_id})

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
        return self._ask("POST", REFUNDS, asked, read=wire.AnsweredRefund).refund()

    def query_refund(self, out_refund_no: str) -> Refund:
        return self._ask("GET", f"{REFUNDS}/{quote(out_refund_no, safe='')}", read=wire.AnsweredRefund).refund()

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

    def _ask(self, method: str, path: str, content: object = None, *, read: type[Read]) -> Read:
        answer = self._send(method, path, content)
        try:
            return msgspec.json.decode(answer, type=read)
        except (msgspec.DecodeError, UnicodeDecodeError) as problem:
            raise GatewayUnreachable(f"An answer that we cannot read: {problem}") from None

    def _send(self, method: str, path: str, content: object = None) -> bytes:
        body = b"" if content is None else msgspec.json.encode(content)
        failures = []
        for host in self._hosts:
            try:
                return self._send_to(host, method=method, target=urlsplit(host).path + path, body=body)
            except GatewayUnreachable as failure:
                failures.append(f"{host}: {failure}")
        raise GatewayUnreachable("; ".join(failures))

    def _send_to(self, host: str, *, method: str, target: str, body: bytes) -> bytes:
        signature = protocol.authorization(
            self._merchant,
            method=method,
            target=target,
            timestamp=int(self._real_time()),
            nonce=secrets.token_hex(16),
            body=body,
        )
        headers = {**self._headers(), "Authorization": signature}
        answer = self._hosts[host].ask(method, target, headers=headers, body=body)
        self._check_answer(answer)
        return answer.content

    def _headers(self) -> dict[str, str]:
        return {
            "Accept": "application/json",
            "Content-Type": "application/json",
            "Wechatpay-Serial": self._merchant.platform_serial,
        }

    def _check_answer(self, answer: Answer) -> None:
        try:
            protocol.verify(
                answer.headers, answer.content, key_ring=self._merchant.platform_keys, now=self._real_time()
            )
        except Unauthentic as problem:
            text = f"{answer.status} {answer.text[:200]}"
            raise GatewayUnreachable(f"An answer that the gateway did not sign ({problem!r}): {text}") from problem
        if answer.is_success:
            return
        told = _problem(answer)
        if answer.status == TOO_OFTEN or answer.status >= SERVER_ERROR:
            raise GatewayUnreachable(f"{answer.status} {told.code}")
        raise GatewayRefused(told.code, told.message)


def _problem(answer: Answer) -> wire.Problem:
    try:
        return msgspec.json.decode(answer.content, type=wire.Problem)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return wire.Problem(code=str(answer.status))


def _read_notice(text: bytes, kind: type[Read]) -> Read:
    try:
        return msgspec.json.decode(text, type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError) as problem:
        raise ForgedCallback(f"Signed, yet not as documented: {problem}") from None
