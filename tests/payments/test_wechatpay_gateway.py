import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from lintuan.payments.gateways.exchange import Exchange
from lintuan.payments.gateways.faults import (
    ForgedCallback,
    GatewayRefused,
    GatewayUnreachable,
    StaleCallback,
    UnknownKey,
)
from lintuan.payments.gateways.notices import PaymentNotice, RefundNotice, RefundState, TradeState
from lintuan.payments.gateways.wechatpay import WechatPay
from lintuan.payments.types import PayMethod
from tests.shop import Shop, open_shop
from tests.stand_ins import Ear, free_port, listen, run_standins


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    state = tmp_path_factory.mktemp("outside world")
    with run_standins(state) as addresses, listen() as ear, open_shop(addresses, ear) as shop:
        yield shop


def refused(code: str) -> object:
    return pytest.raises(GatewayRefused, match=f"^{code}")


def test_a_payment_is_told_by_a_callback_and_by_a_query(shop):
    order = shop.an_order(amount_fen=1990)
    prepay_id = shop.gateway.prepay(order)

    assert shop.gateway.query(order.out_trade_no).state is TradeState.NOT_PAID
    assert shop.press_pay(prepay_id).json() == {"result": "requestPayment:ok"}

    notice = shop.hear()
    assert isinstance(notice, PaymentNotice)
    assert notice.event_type == "TRANSACTION.SUCCESS"
    assert notice.transaction == shop.gateway.query(order.out_trade_no)
    assert notice.transaction.state is TradeState.PAID
    assert (notice.transaction.total_fen, notice.transaction.openid) == (1990, "openid-1")
    assert abs(notice.transaction.paid_at - datetime.now(UTC)) < timedelta(minutes=1)


def test_the_same_order_asked_again_has_the_same_prepay_id(shop):
    order = shop.an_order()

    assert shop.gateway.prepay(order) == shop.gateway.prepay(order)


def test_an_order_number_with_other_content_is_refused(shop):
    order = shop.an_order(amount_fen=100)
    shop.gateway.prepay(order)

    with refused("OUT_TRADE_NO_USED"):
        shop.gateway.prepay(replace(order, amount_fen=101))


def test_a_paid_order_is_neither_opened_paid_nor_closed_again(shop):
    order = shop.an_order()
    prepay_id = shop.gateway.prepay(order)
    shop.press_pay(prepay_id)
    shop.hear()

    with refused("ORDERPAID"):
        shop.gateway.prepay(order)
    with refused("ORDERPAID"):
        shop.gateway.close(order.out_trade_no)
    assert shop.press_pay(prepay_id).json()["code"] == "ORDERPAID"


def test_a_closed_order_cannot_be_paid(shop):
    order = shop.an_order()
    prepay_id = shop.gateway.prepay(order)

    shop.gateway.close(order.out_trade_no)
    shop.gateway.close(order.out_trade_no)

    assert shop.gateway.query(order.out_trade_no).state is TradeState.CLOSED
    assert shop.press_pay(prepay_id).json()["code"] == "ORDER_CLOSED"
    with refused("ORDER_CLOSED"):
        shop.gateway.prepay(order)


def test_an_expired_order_cannot_be_paid(shop):
    order = replace(shop.an_order(), expires_at=datetime.now(UTC) - timedelta(seconds=1))

    answer = shop.press_pay(shop.gateway.prepay(order))

    assert answer.json()["code"] == "ORDER_CLOSED"


def test_an_unknown_order_is_refused(shop):
    with refused("ORDER_NOT_EXIST"):
        shop.gateway.query("nobody|*1")
    with refused("ORDER_NOT_EXIST"):
        shop.gateway.close("nobody|*1")


@pytest.mark.parametrize("fen", [0, -1, 10**12])
def test_an_amount_out_of_bounds_is_refused(shop, fen):
    with refused("PARAM_ERROR"):
        shop.gateway.prepay(shop.an_order(amount_fen=fen))


def test_a_refund_is_accepted_first_and_told_when_settled(shop):
    order = shop.a_paid_order(amount_fen=1990)
    shop.hear()

    accepted = shop.gateway.refund(shop.a_refund(order, refund_fen=590))

    notice = shop.hear()
    assert isinstance(notice, RefundNotice)
    assert accepted.state is RefundState.PROCESSING
    assert notice.refund.state is RefundState.SUCCEEDED
    assert (notice.refund.refund_fen, notice.refund.total_fen) == (590, 1990)
    assert shop.gateway.query_refund(accepted.out_refund_no) == notice.refund
    assert shop.gateway.query(order.out_trade_no).state is TradeState.REFUNDED


def test_a_refund_asked_twice_pays_back_once(shop):
    order = shop.a_paid_order(amount_fen=1000)
    request = shop.a_refund(order, refund_fen=1000)

    first = shop.gateway.refund(request)
    second = shop.gateway.refund(request)

    assert first.refund_id == second.refund_id
    with refused("INVALID_REQUEST"):
        shop.gateway.refund(replace(request, refund_fen=999))
    assert {type(shop.hear()) for _ in range(2)} == {PaymentNotice, RefundNotice}
    assert shop.ear.is_quiet()


def test_refunds_never_exceed_what_was_paid(shop):
    order = shop.a_paid_order(amount_fen=1000)
    shop.gateway.refund(shop.a_refund(order, refund_fen=600))

    with refused("INVALID_REQUEST"):
        shop.gateway.refund(shop.a_refund(order, refund_fen=401))
    shop.gateway.refund(shop.a_refund(order, refund_fen=400))

    for _ in range(3):
        shop.hear()


def test_an_unpaid_order_has_nothing_to_refund(shop):
    order = shop.an_order()
    shop.gateway.prepay(order)

    with refused("RESOURCE_NOT_EXISTS"):
        shop.gateway.refund(shop.a_refund(order, refund_fen=1))
    with refused("RESOURCE_NOT_EXISTS"):
        shop.gateway.query_refund("R-unknown")


class TestTradeTypes:
    @pytest.mark.parametrize(
        ("method", "handle", "kind"),
        [(PayMethod.WECHAT_H5, "h5_url", "MWEB"), (PayMethod.WECHAT_NATIVE, "code_url", "NATIVE")],
    )
    def test_an_order_of_each_type_is_paid_by_what_it_is_answered_with(self, shop, method, handle, kind):
        order = replace(shop.an_order(amount_fen=700), openid="", method=method, payer_ip="203.0.113.9")

        answer = shop.gateway.prepay(order)

        assert shop.gateway.prepay(order) == answer
        assert shop.gateway.query(order.out_trade_no).openid is None
        assert shop.press_pay_by(**{handle: answer}, openid="o-9").json() == {"result": "requestPayment:ok"}
        told = shop.hear().transaction
        assert (told.state, told.total_fen, told.openid, told.trade_type) == (TradeState.PAID, 700, "o-9", kind)
        assert shop.gateway.query_transaction(told.transaction_id) == told
        assert shop.press_pay_by(**{handle: answer}).json()["code"] == "ORDERPAID"

    def test_an_order_is_not_opened_by_the_way_of_another_type(self, shop):
        code = shop.gateway.prepay(replace(shop.an_order(), method=PayMethod.WECHAT_NATIVE))
        prepay_id = code.partition("pr=")[2]

        assert shop.press_pay(prepay_id).status_code == 404
        assert shop.press_pay_by(h5=prepay_id).status_code == 404

    def test_a_number_keeps_its_type(self, shop):
        order = shop.an_order()
        shop.gateway.prepay(order)

        with refused("OUT_TRADE_NO_USED"):
            shop.gateway.prepay(replace(order, method=PayMethod.WECHAT_NATIVE))

    @pytest.mark.parametrize("changes", [{"payer_ip": ""}, {"payer_ip": "nowhere"}, {"scene": "Fridge"}])
    def test_an_order_from_a_browser_says_whose_it_is(self, shop, changes):
        order = replace(shop.an_order(), method=PayMethod.WECHAT_H5, payer_ip="2001:db8::1")

        with refused("PARAM_ERROR"):
            shop.gateway.prepay(replace(order, **changes))

    def test_an_unpaid_order_has_no_number_of_the_gateway(self, shop):
        with refused("ORDER_NOT_EXIST"):
            shop.gateway.query_transaction("4200000000")


class TestCallbacks:
    @pytest.fixture
    def received(self, shop):
        shop.a_paid_order()
        return shop.ear.next()

    def test_an_old_callback_is_stale(self, shop, received):
        with pytest.raises(StaleCallback):
            shop.gateway.read_callback(received.headers, received.body, time.time() + 301)

    def test_a_callback_with_other_bytes_is_forged(self, shop, received):
        with pytest.raises(ForgedCallback):
            shop.gateway.read_callback(received.headers, received.body + b" ", time.time())

    def test_an_empty_callback_is_forged(self, shop, received):
        with pytest.raises(ForgedCallback):
            shop.gateway.read_callback(received.headers, b"", time.time())
        with pytest.raises(ForgedCallback):
            shop.gateway.read_callback({}, b"", time.time())

    def test_a_callback_by_an_unknown_key_is_refused_without_asking_anybody(self, shop, received):
        headers = received.headers | {"Wechatpay-Serial": "PUB_KEY_ID_9"}

        with listen() as ear, pytest.raises(UnknownKey):
            alone(shop, ear).read_callback(headers, received.body, time.time())

        assert ear.is_quiet()

    def test_a_callback_signed_by_another_key_of_the_same_name_is_forged(self, shop, received):
        stranger = rsa.generate_private_key(public_exponent=65537, key_size=2048).public_key()
        ring = dict.fromkeys(shop.merchant.platform_keys, stranger)
        deceived = WechatPay(
            Exchange(replace(shop.merchant, platform_keys=ring), base_url="http://x", real_time=time.time)
        )

        with pytest.raises(ForgedCallback):
            deceived.read_callback(received.headers, received.body, time.time())

    def test_a_callback_for_another_merchant_is_forged(self, shop, received):
        other = WechatPay(Exchange(replace(shop.merchant, merchant_id="1"), base_url="http://x", real_time=time.time))

        with pytest.raises(ForgedCallback):
            other.read_callback(received.headers, received.body, time.time())


class TestHosts:
    def test_the_second_host_serves_when_the_first_is_gone(self, shop):
        gateway = WechatPay(
            Exchange(
                shop.merchant,
                base_url=f"http://127.0.0.1:{free_port()}",
                second_url=shop.addresses.wechatpay,
                real_time=time.time,
            )
        )

        assert gateway.prepay(shop.an_order())

    def test_a_gateway_that_is_gone_is_unreachable(self, shop):
        gateway = WechatPay(Exchange(shop.merchant, base_url=f"http://127.0.0.1:{free_port()}", real_time=time.time))

        with pytest.raises(GatewayUnreachable):
            gateway.query("T-000001")

    def test_an_answer_that_nobody_signed_decides_nothing(self, shop):
        with listen() as ear:
            ear.answer = 404
            with pytest.raises(GatewayUnreachable, match="did not sign"):
                alone(shop, ear).close("T-000001")

    def test_a_merchant_key_the_platform_does_not_know_is_refused(self, shop):
        key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        stranger = WechatPay(
            Exchange(replace(shop.merchant, private_key=key), base_url=shop.addresses.wechatpay, real_time=time.time)
        )

        with refused("SIGN_ERROR"):
            stranger.query("T-000001")

    def test_a_request_signed_at_another_time_is_refused(self, shop):
        late = WechatPay(
            Exchange(shop.merchant, base_url=shop.addresses.wechatpay, real_time=lambda: time.time() - 400)
        )

        # The answer is from "the future" for a clock that is late, so even the refusal is not believed.
        with pytest.raises(GatewayUnreachable, match="SIGN_ERROR"):
            late.query("T-000001")


def alone(shop: Shop, ear: Ear) -> WechatPay:
    """Our merchant, with an ear where the gateway should be."""
    return WechatPay(Exchange(shop.merchant, base_url=ear.url, real_time=time.time))
