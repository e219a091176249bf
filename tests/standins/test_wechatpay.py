import subprocess
import sys
from dataclasses import replace

import httpx
import pytest

from lintuan.payments.gateways.faults import ForgedCallback, StaleCallback
from lintuan.payments.gateways.notices import RefundState, TradeState
from lintuan.payments.types import PayMethod
from tests.shop import open_shop
from tests.stand_ins import listen, run_standins

ORDERS = "/v3/pay/transactions/jsapi"


def post(shop, path, body=b"{}", headers=None):
    return shop.phone.post(shop.addresses.wechatpay + path, content=body, headers=headers or {})


class TestTheDoor:
    def test_an_unsigned_request_is_refused_by_a_signed_answer(self, shop):
        answer = post(shop, ORDERS)

        assert answer.status_code == 401
        assert answer.json()["code"] == "SIGN_ERROR"
        assert answer.headers["wechatpay-serial"] in shop.merchant.platform_keys

    def test_a_body_without_end_is_not_read(self, shop):
        assert post(shop, ORDERS, b"x" * 70_000).status_code == 413
        assert post(shop, "/phone/pay", b"x" * 70_000).status_code == 413

    def test_a_payment_sheet_signed_for_another_order_is_refused(self, shop):
        cheap = shop.gateway.prepay(shop.an_order(amount_fen=1))
        dear = shop.gateway.prepay(shop.an_order(amount_fen=99_900))

        answer = shop.press_pay(cheap, package=f"prepay_id={dear}")

        assert answer.status_code == 401

    @pytest.mark.parametrize("body", [b"", b"[]", b'{"prepay_id": 1}', b"\xff", b'{"modes": ["explode"]}'])
    @pytest.mark.parametrize("path", ["/phone/pay", "/faults"])
    def test_nonsense_is_refused(self, shop, path, body):
        answer = post(shop, path, body)

        assert answer.status_code == 400
        assert answer.json()["code"] == "PARAM_ERROR"


class TestFaults:
    def test_a_duplicate_has_the_same_id(self, shop):
        shop.expect_faults("duplicate")

        order = shop.a_paid_order()

        first, second = shop.hear(), shop.hear()
        assert first == second
        assert first.transaction.out_trade_no == order.out_trade_no

    def test_a_lost_callback_leaves_the_query(self, shop):
        shop.expect_faults("never")

        lost, told = shop.a_paid_order(), shop.a_paid_order()

        assert shop.hear().transaction.out_trade_no == told.out_trade_no
        assert shop.gateway.query(lost.out_trade_no).state is TradeState.PAID
        assert shop.ear.is_quiet()

    def test_later_callbacks_overtake_a_delayed_one(self, shop):
        shop.expect_faults({"mode": "delay", "calls": 2})

        orders = [shop.a_paid_order() for _ in range(3)]

        heard = [shop.hear().transaction.out_trade_no for _ in range(3)]
        assert sorted(heard) == sorted(order.out_trade_no for order in orders)
        assert heard[-1] == orders[0].out_trade_no

    def test_two_callbacks_change_places(self, shop):
        shop.expect_faults("out_of_order")

        first, second = shop.a_paid_order(), shop.a_paid_order()

        assert [shop.hear().transaction.out_trade_no for _ in range(2)] == [second.out_trade_no, first.out_trade_no]

    @pytest.mark.parametrize(
        ("mode", "refusal"), [("bad_signature", ForgedCallback), ("stale_timestamp", StaleCallback)]
    )
    def test_a_callback_that_is_refused_comes_again_honest(self, shop, mode, refusal):
        shop.expect_faults(mode)
        shop.ear.answer = 401

        order = shop.a_paid_order()

        with pytest.raises(refusal):
            shop.hear()
        shop.ear.answer = 204
        assert shop.hear().transaction.out_trade_no == order.out_trade_no

    def test_a_wrong_amount_is_authentic_but_wrong(self, shop):
        shop.expect_faults("wrong_amount")

        order = shop.a_paid_order(amount_fen=500)

        assert shop.hear().transaction.total_fen == 501
        assert shop.gateway.query(order.out_trade_no).total_fen == 500

    def test_a_merchant_that_never_answers_well_is_given_up(self, shop):
        shop.ear.answer = 500

        shop.a_paid_order()

        heard = [shop.hear() for _ in range(3)]
        assert heard[0] == heard[1] == heard[2]


def test_a_taken_port_is_refused_and_changes_nothing(standins, tmp_path):
    port = standins.root.rsplit(":", 1)[1]
    command = [sys.executable, "-m", "lintuan.standins", "--port", port, "--state", str(tmp_path / "state")]

    second = subprocess.run(command, capture_output=True, text=True, timeout=20, check=False)

    assert second.returncode == 1
    assert f"cannot listen on 127.0.0.1:{port}" in second.stderr
    assert not (tmp_path / "state").exists()


class TestRestart:
    def test_transactions_survive_it(self, tmp_path):
        with listen() as ear:
            with run_standins(tmp_path) as addresses, open_shop(addresses, ear) as shop:
                paid, open_order = shop.a_paid_order(), shop.an_order()
                prepay_id = shop.gateway.prepay(open_order)

            with run_standins(tmp_path) as addresses, open_shop(addresses, ear) as shop:
                assert shop.gateway.query(paid.out_trade_no).state is TradeState.PAID
                assert shop.gateway.prepay(open_order) == prepay_id
                assert shop.press_pay(prepay_id).status_code == 200

    def test_callbacks_and_refunds_on_their_way_survive_it(self, tmp_path):
        with listen() as ear:
            ear.answer = 503
            slow = ("--retry", "60", "--refund-after", "60")
            with run_standins(tmp_path, *slow) as addresses, open_shop(addresses, ear) as shop:
                order = shop.a_paid_order()
                told = shop.hear()
                shop.gateway.refund(shop.a_refund(order, refund_fen=100))

            ear.answer = 204
            with run_standins(tmp_path) as addresses, open_shop(addresses, ear) as shop:
                heard = {notice.event_type: notice for notice in (shop.hear(), shop.hear())}

        assert heard["TRANSACTION.SUCCESS"] == told
        assert heard["REFUND.SUCCESS"].refund.state is RefundState.SUCCEEDED


class TestThePageOfThePhone:
    def test_a_person_presses_one_button_and_has_paid(self, shop):
        order = shop.an_order(amount_fen=1990)
        sheet = shop.gateway.phone_parameters(shop.gateway.prepay(order)) | {"back": "http://127.0.0.1/orders"}
        address = f"{shop.addresses.wechatpay}/phone/pay"

        page = shop.phone.get(address, params=sheet)
        paid = shop.phone.post(address, data=sheet)

        assert "¥19.90" in page.text
        assert "<button>" in page.text
        assert "支付成功" in paid.text
        assert 'href="http://127.0.0.1/orders"' in paid.text
        assert shop.hear().transaction.out_trade_no == order.out_trade_no

    def test_an_address_is_escaped_and_a_script_is_no_way_back(self, shop):
        order = shop.an_order()
        sheet = shop.gateway.phone_parameters(shop.gateway.prepay(order)) | {"back": 'javascript:"><script>'}

        page = shop.phone.get(f"{shop.addresses.wechatpay}/phone/pay", params=sheet)
        paid = shop.phone.post(f"{shop.addresses.wechatpay}/phone/pay", data=sheet)

        assert "<script>" not in page.text
        assert "javascript" not in paid.text
        shop.hear()

    def test_an_unknown_order_says_so(self, shop):
        page = shop.phone.get(f"{shop.addresses.wechatpay}/phone/pay", params={"prepay_id": "wx0"})

        assert page.status_code == 404
        assert "订单不存在" in page.text

    def test_without_the_shops_signature_there_is_no_button(self, shop):
        prepay_id = shop.gateway.prepay(shop.an_order())

        page = shop.phone.get(f"{shop.addresses.wechatpay}/phone/pay", params={"prepay_id": prepay_id})

        assert "<button>" not in page.text

    def test_a_browser_shows_the_sheet_of_an_h5_order(self, shop):
        order = replace(shop.an_order(amount_fen=50), method=PayMethod.WECHAT_H5, payer_ip="203.0.113.9")
        address = shop.gateway.prepay(order) + "&redirect_url=http%3A%2F%2F127.0.0.1%2Fdone"

        page = shop.phone.get(address)
        paid = shop.phone.post(address.partition("?")[0], data=dict(httpx.URL(address).params))

        assert "¥0.50" in page.text
        assert "<button>" in page.text
        assert 'href="http://127.0.0.1/done"' in paid.text
        assert shop.hear().transaction.trade_type == "MWEB"

    def test_a_scanned_code_shows_its_sheet(self, shop):
        order = replace(shop.an_order(), method=PayMethod.WECHAT_NATIVE)
        scanned = {"code_url": shop.gateway.prepay(order)}

        page = shop.phone.get(f"{shop.addresses.wechatpay}/phone/pay", params=scanned)

        assert "<button>" in page.text
