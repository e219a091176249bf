"""What our client makes of every error that the gateway documents, and of answers that go wrong on their way."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path

import pytest
from cryptography.x509 import load_pem_x509_certificate

from lintuan.payments.errors import BillNotReady, NoBill
from lintuan.payments.gateways.bills import BEIJING
from lintuan.payments.gateways.exchange import FINAL, Exchange
from lintuan.payments.gateways.faults import ForgedCallback, GatewayBusy, GatewayRefused, GatewayUnreachable
from lintuan.payments.gateways.merchants import read_merchant
from lintuan.payments.gateways.notices import RefundState, TradeState
from lintuan.payments.gateways.wechatpay import WechatPay
from lintuan.standins.wechatpay.documented import ERRORS, Documented
from tests.shop import Shop, open_shop
from tests.stand_ins import free_port, listen, run_standins


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    state = tmp_path_factory.mktemp("outside world")
    with (
        run_standins(state, "--retry", "0.05,0.1", "--bills-at-once") as addresses,
        listen() as ear,
        open_shop(addresses, ear) as shop,
    ):
        yield shop


@pytest.fixture(autouse=True)
def _no_faults_left(shop: Shop) -> Iterator[None]:
    yield
    shop.expect_answers()


def impatient(shop: Shop, *, seconds: float = 0.25) -> WechatPay:
    return WechatPay(Exchange(shop.merchant, base_url=shop.addresses.wechatpay, timeout=seconds, real_time=time.time))


def today() -> date:
    return datetime.now(BEIJING).date()


@contextmanager
def opened(gateway: WechatPay) -> Iterator[WechatPay]:
    yield gateway
    gateway.close_connections()


CALLS: dict[str, Callable[[Shop], object]] = {
    "prepay": lambda shop: shop.gateway.prepay(shop.an_order()),
    "query": lambda shop: shop.gateway.query("T-000001"),
    "close": lambda shop: shop.gateway.close("T-000001"),
    "refund": lambda shop: shop.gateway.refund(shop.a_refund(shop.an_order(), refund_fen=1)),
    "query_refund": lambda shop: shop.gateway.query_refund("R-1"),
    "bill": lambda shop: shop.gateway.trade_bill(today()),
}
BILLS = {"NO_STATEMENT_EXIST": NoBill, "STATEMENT_CREATING": BillNotReady}


def expected(error: Documented) -> type[Exception]:
    if error.code in BILLS:
        return BILLS[error.code]
    if error.status == 429:
        return GatewayBusy
    is_open = error.status == 202 or (error.status >= 500 and error.code not in FINAL)
    return GatewayUnreachable if is_open else GatewayRefused


@pytest.mark.parametrize(
    ("call", "error"),
    [pytest.param(call, error, id=f"{call}-{error.code}") for call, errors in ERRORS.items() for error in errors],
)
def test_every_documented_error_is_understood(shop: Shop, call: str, error: Documented) -> None:
    rounds = 2 if expected(error) is GatewayUnreachable else 1
    shop.expect_answers(*[{"mode": "refuse", "on": call, "code": error.code}] * rounds)

    with pytest.raises(expected(error)) as refusal:
        CALLS[call](shop)

    assert type(refusal.value) is expected(error)
    assert error.code in BILLS or error.code in str(refusal.value)
    assert shop.left_answers() == []


def test_a_fault_waits_for_the_call_it_is_meant_for(shop: Shop) -> None:
    shop.expect_answers({"mode": "refuse", "on": "refund", "code": "NOT_ENOUGH"})
    order = shop.a_paid_order()
    shop.hear()
    refund = shop.a_refund(order, refund_fen=5)

    with pytest.raises(GatewayRefused, match="NOT_ENOUGH"):
        shop.gateway.refund(refund)

    assert shop.gateway.refund(refund).state is RefundState.PROCESSING
    shop.hear()


class TestRetries:
    @pytest.mark.parametrize("mode", ["bad_gateway", "done_then_error", "unsigned", "bad_signature", "stale_timestamp"])
    def test_one_bad_answer_is_followed_by_another_try(self, shop: Shop, mode: str) -> None:
        order = shop.a_paid_order()
        shop.hear()
        refund = shop.a_refund(order, refund_fen=700)
        shop.expect_answers({"mode": mode, "on": "refund"})

        assert shop.gateway.refund(refund).refund_fen == 700

        assert shop.hear().refund.out_refund_no == refund.out_refund_no
        assert shop.ear.is_quiet()
        assert shop.left_answers() == []

    def test_what_was_done_in_silence_is_not_done_twice(self, shop: Shop) -> None:
        order = shop.a_paid_order(amount_fen=1000)
        shop.hear()
        refund = shop.a_refund(order, refund_fen=1000)
        shop.expect_answers({"mode": "done_then_silent", "on": "refund"})

        with opened(impatient(shop)) as hasty, pytest.raises(GatewayUnreachable):
            hasty.refund(refund)

        assert shop.gateway.refund(refund).refund_fen == 1000
        assert shop.hear().refund.state is RefundState.SUCCEEDED
        assert shop.ear.is_quiet()

    def test_an_order_opened_in_silence_is_opened_by_asking_again(self, shop: Shop) -> None:
        order = shop.an_order()
        shop.expect_answers({"mode": "done_then_silent", "on": "prepay"})

        with opened(impatient(shop)) as hasty, pytest.raises(GatewayUnreachable):
            hasty.prepay(order)

        assert shop.gateway.query(order.out_trade_no).state is TradeState.NOT_PAID
        assert shop.gateway.prepay(order)

    def test_who_waited_long_enough_does_not_try_again(self, shop: Shop) -> None:
        order = shop.an_order()
        shop.gateway.prepay(order)
        shop.expect_answers(*[{"mode": "slow", "on": "query", "seconds": 2}] * 2)

        with opened(impatient(shop)) as hasty, pytest.raises(GatewayUnreachable):
            hasty.query(order.out_trade_no)

        assert len(shop.left_answers()) == 1

    def test_a_slow_answer_is_waited_for(self, shop: Shop) -> None:
        order = shop.an_order()
        shop.gateway.prepay(order)
        shop.expect_answers({"mode": "slow", "on": "query", "seconds": 0.1})

        assert shop.gateway.query(order.out_trade_no).state is TradeState.NOT_PAID

    def test_too_many_requests_are_not_answered_by_more(self, shop: Shop) -> None:
        shop.expect_answers(*[{"mode": "refuse", "on": "query", "code": "FREQUENCY_LIMITED"}] * 2)
        twice = WechatPay(
            Exchange(
                shop.merchant,
                base_url=shop.addresses.wechatpay,
                second_url=shop.addresses.wechatpay.replace("127.0.0.1", "localhost"),
                real_time=time.time,
            )
        )

        with opened(twice), pytest.raises(GatewayBusy):
            twice.query("T-000001")

        assert len(shop.left_answers()) == 1

    def test_a_bill_is_fetched_from_the_host_that_offers_it(self, shop: Shop) -> None:
        shop.a_paid_order(amount_fen=700)
        shop.hear()
        detour = WechatPay(
            Exchange(
                shop.merchant,
                base_url=f"http://127.0.0.1:{free_port()}",
                second_url=shop.addresses.wechatpay,
                real_time=time.time,
            )
        )
        stranger = WechatPay(
            Exchange(
                shop.merchant,
                base_url=shop.addresses.wechatpay.replace("127.0.0.1", "localhost"),
                real_time=time.time,
            )
        )

        with opened(detour), opened(stranger):
            assert list(detour.trade_bill(today()))
            with pytest.raises(GatewayUnreachable, match="no host of ours"):
                stranger.trade_bill(today())


class TestKeyRing:
    def test_callbacks_by_either_key_are_believed_while_the_platform_moves(self, shop: Shop) -> None:
        shop.expect_faults("by_certificate")
        first, second = shop.a_paid_order(), shop.a_paid_order()

        letters = [shop.ear.next(), shop.ear.next()]

        assert {letter.headers["Wechatpay-Serial"] for letter in letters} == set(shop.merchant.platform_keys)
        told = [shop.gateway.read_callback(letter.headers, letter.body, time.time()) for letter in letters]
        assert {notice.transaction.out_trade_no for notice in told} == {first.out_trade_no, second.out_trade_no}

    def test_the_serial_of_a_certificate_is_read_from_it(self, shop: Shop) -> None:
        folder = shop.addresses.manifest.parent
        (path,) = json.loads(shop.addresses.manifest.read_text())["wechatpay"]["platform_certificates"]
        certificate = load_pem_x509_certificate((folder / path).read_bytes())

        assert shop.merchant.platform_keys[f"{certificate.serial_number:X}"] == certificate.public_key()
        assert shop.merchant.platform_serial.startswith("PUB_KEY_ID_")

    def test_a_merchant_with_the_certificate_alone_is_answered_by_it(self, shop: Shop) -> None:
        ring = {s: key for s, key in shop.merchant.platform_keys.items() if not s.startswith("PUB_KEY_ID_")}
        gateway = WechatPay(
            Exchange(replace(shop.merchant, platform_keys=ring), base_url=shop.addresses.wechatpay, real_time=time.time)
        )

        with opened(gateway):
            assert gateway.prepay(shop.an_order())

    def test_a_ring_without_keys_is_refused(self, shop: Shop, tmp_path: Path) -> None:
        manifest = json.loads(shop.addresses.manifest.read_text())
        folder = shop.addresses.manifest.parent
        told = manifest["wechatpay"] | {"platform_public_keys": {}, "platform_certificates": []}
        for name in ("merchant_private_key", "api_v3_key"):
            told[name] = str(folder / told[name])
        (tmp_path / "manifest.json").write_text(json.dumps({"wechatpay": told}))

        with pytest.raises(ValueError, match="neither a public key nor a certificate"):
            read_merchant(tmp_path / "manifest.json")

    def test_a_probe_is_refused_and_the_callback_comes_again(self, shop: Shop) -> None:
        shop.expect_faults("probe")
        shop.ear.answer = 401
        order = shop.a_paid_order()

        probe = shop.ear.next()
        assert probe.headers["Wechatpay-Signature"].startswith("WECHATPAY/SIGNTEST/")
        with pytest.raises(ForgedCallback):
            shop.gateway.read_callback(probe.headers, probe.body, time.time())

        shop.ear.answer = 204
        assert shop.hear().transaction.out_trade_no == order.out_trade_no
