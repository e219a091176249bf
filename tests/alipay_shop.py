"""A small shop that sells over Alipay: our gateway on one side, the stand-in on the other."""

import contextlib
import itertools
import secrets
import time
from collections.abc import Iterator
from dataclasses import dataclass, field

import httpx

from lintuan.payments.gateways.alipay import TAKEN, Account, Alipay, Exchange, read_account
from lintuan.payments.gateways.notices import Notice, Prepayment, RefundRequest
from lintuan.payments.types import PayMethod
from tests.stand_ins import Addresses, Ear

_numbers = itertools.count(1)


@dataclass
class AlipayShop:
    addresses: Addresses
    account: Account
    base_url: str
    exchange: Exchange
    ear: Ear
    phone: httpx.Client = field(default_factory=lambda: httpx.Client(trust_env=False))

    @property
    def gateway(self) -> Alipay:
        return Alipay(self.exchange)

    def impatient(self) -> Alipay:
        """The same shop, which waits for an answer for a fifth of a second only."""
        return Alipay(Exchange(self.account, base_url=self.base_url, timeout=0.2, real_time=time.time))

    def an_order(
        self, *, amount_fen: int = 1990, number: str = "", method: PayMethod = PayMethod.ALIPAY_MINI
    ) -> Prepayment:
        number = number or f"T{secrets.token_hex(6)}_{next(_numbers)}"
        title = '土豆 5 kg {一袋} & "好" =}'
        return Prepayment(number, title, amount_fen, "0open-id-1", self.ear.url, method=method)

    def a_paid_order(self, *, amount_fen: int = 1990) -> Prepayment:
        order = self.an_order(amount_fen=amount_fen)
        self.press_pay(self.gateway.prepay(order)).raise_for_status()
        return order

    def press_pay(self, trade_no: str, *, buyer: str = "") -> httpx.Response:
        return self.phone.post(f"{self.addresses.alipay}/phone/pay", json={"tradeNO": trade_no, "buyer": buyer})

    def a_refund(self, order: Prepayment, *, refund_fen: int, number: str = "") -> RefundRequest:
        number = number or f"R{secrets.token_hex(6)}_{next(_numbers)}"
        return RefundRequest(order.out_trade_no, number, refund_fen, order.amount_fen, "短装")

    def hear(self) -> Notice:
        received = self.ear.next()
        return self.gateway.read_callback(received.headers, received.body, time.time())

    def expect_faults(self, *modes: object) -> None:
        self.phone.post(f"{self.addresses.alipay}/faults", json={"modes": modes}).raise_for_status()

    def expect_answers(self, *troubles: str) -> None:
        self.phone.post(f"{self.addresses.alipay}/faults", json={"answers": troubles}).raise_for_status()


@contextlib.contextmanager
def open_alipay_shop(addresses: Addresses, ear: Ear) -> Iterator[AlipayShop]:
    read = read_account(addresses.manifest)
    assert read is not None
    account, base_url = read
    exchange = Exchange(account, base_url=base_url, real_time=time.time)
    ear.answer, ear.words = 200, TAKEN
    shop = AlipayShop(addresses, account, base_url, exchange, ear)
    try:
        yield shop
    finally:
        exchange.close_connections()
        shop.phone.close()
