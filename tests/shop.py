"""A small shop that sells over WeChat Pay: our gateway on one side, the stand-in on the other."""

import contextlib
import itertools
import secrets
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import httpx

from lintuan.payments.gateways.exchange import Exchange
from lintuan.payments.gateways.merchants import Merchant, read_merchant
from lintuan.payments.gateways.notices import Notice, Prepayment, RefundRequest
from lintuan.payments.gateways.wechatpay import WechatPay
from tests.stand_ins import Addresses, Ear

_numbers = itertools.count(1)

#: The answers that make one call of ours fail in a way: what may pass is asked twice.
TROUBLES = {
    "none": ["none"],
    "429": [{"mode": "refuse", "code": "FREQUENCY_LIMITED"}],
    "500": ["refuse", "refuse"],
    "503": ["bad_gateway", "bad_gateway"],
    "late": [{"mode": "slow", "seconds": 1.0}],
    "lost": ["done_then_silent"],
    "never": ["silent"],
}


def answers_of(troubles: Sequence[str]) -> list[object]:
    """What the stand-in is to be told so that calls to come meet these, in order."""
    return [answer for trouble in troubles for answer in TROUBLES[trouble]]


@dataclass
class Shop:
    addresses: Addresses
    merchant: Merchant
    gateway: WechatPay
    ear: Ear
    phone: httpx.Client = field(default_factory=lambda: httpx.Client(trust_env=False))

    def an_order(self, *, amount_fen: int = 1990, number: str = "") -> Prepayment:
        number = number or f"T{secrets.token_hex(6)}-{next(_numbers)}"
        return Prepayment(number, "土豆 5 kg {一袋}", amount_fen, "openid-1", self.ear.url)

    def a_paid_order(self, *, amount_fen: int = 1990) -> Prepayment:
        order = self.an_order(amount_fen=amount_fen)
        self.press_pay(self.gateway.prepay(order)).raise_for_status()
        return order

    def press_pay(self, prepay_id: str, **changes: str) -> httpx.Response:
        sheet = self.gateway.phone_parameters(prepay_id) | changes
        return self.phone.post(f"{self.addresses.wechatpay}/phone/pay", json=sheet)

    def press_pay_by(self, **how: str) -> httpx.Response:
        """Pay by what an order of another type was answered with: ``h5_url`` or ``code_url``."""
        return self.phone.post(f"{self.addresses.wechatpay}/phone/pay", json=how)

    def a_refund(self, order: Prepayment, *, refund_fen: int, number: str = "") -> RefundRequest:
        number = number or f"R{secrets.token_hex(6)}-{next(_numbers)}"
        return RefundRequest(order.out_trade_no, number, refund_fen, order.amount_fen, "短装", self.ear.url)

    def hear(self) -> Notice:
        received = self.ear.next()
        return self.gateway.read_callback(received.headers, received.body, time.time())

    def expect_faults(self, *modes: object) -> None:
        answer = self.phone.post(f"{self.addresses.wechatpay}/faults", json={"modes": modes})
        assert answer.status_code == 200, answer.text

    def expect_answers(self, *answers: object) -> None:
        self.phone.post(f"{self.addresses.wechatpay}/faults", json={"answers": answers}).raise_for_status()

    def expect_troubles(self, *troubles: str) -> None:
        self.expect_answers(*answers_of(troubles))

    def left_answers(self) -> list[object]:
        """The faults of answers that no call has met."""
        return self.phone.get(f"{self.addresses.wechatpay}/faults").json()["answers"]


@contextlib.contextmanager
def open_shop(addresses: Addresses, ear: Ear) -> Iterator[Shop]:
    merchant, base_url = read_merchant(addresses.manifest)
    gateway = WechatPay(Exchange(merchant, base_url=base_url, real_time=time.time))
    shop = Shop(addresses, merchant, gateway, ear)
    try:
        yield shop
    finally:
        gateway.close_connections()
        shop.phone.close()
