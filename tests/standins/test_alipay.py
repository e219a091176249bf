import base64
import json
import secrets
from collections.abc import Iterator
from urllib.parse import parse_qsl

import pytest

from lintuan.payments.gateways.alipay.protocol import is_signed, request, signed_text
from lintuan.payments.gateways.faults import ForgedCallback, GatewayUnreachable, StaleCallback
from lintuan.payments.gateways.notices import RefundState, TradeState
from lintuan.standins.alipay.courier import SCHEDULE, waits
from tests.alipay_shop import AlipayShop, open_alipay_shop
from tests.stand_ins import Addresses, listen, run_standins


@pytest.fixture
def alipay_shop(standins: Addresses) -> Iterator[AlipayShop]:
    with listen() as ear, open_alipay_shop(standins, ear) as shop:
        yield shop


def ask(shop: AlipayShop, **changes: str) -> dict[str, dict[str, str]]:
    fields = request(shop.account, "alipay.trade.query", {"out_trade_no": "T1"}, moment=0) | changes
    return shop.phone.post(shop.base_url, data={name: text for name, text in fields.items() if text}).json()


class TestTheDoor:
    @pytest.mark.parametrize(
        ("changes", "sub_code"),
        [
            ({"app_id": "2021999999999999"}, "isv.invalid-app-id"),
            ({"app_id": ""}, "isv.invalid-app-id"),
            ({"timestamp": ""}, "isv.missing-timestamp"),
            ({"version": ""}, "isv.missing-version"),
            ({"sign_type": "RSA"}, "isv.invalid-signature-type"),
            ({"charset": "gbk"}, "isv.invalid-charset"),
            ({"sign": base64.b64encode(b"x" * 256).decode()}, "isv.invalid-signature"),
            ({"sign": "签名"}, "isv.invalid-signature"),
            ({"biz_content": '{"out_trade_no":"T2"}'}, "isv.invalid-signature"),
            ({}, "ACQ.TRADE_NOT_EXIST"),
        ],
    )
    def test_what_the_application_did_not_sign_is_refused(self, alipay_shop, changes, sub_code):
        told = ask(alipay_shop, **changes)

        assert told["alipay_trade_query_response"]["sub_code"] == sub_code
        assert ("sign" in told) is (sub_code != "isv.invalid-app-id")

    @pytest.mark.parametrize("path", ["/gateway.do", "/phone/pay", "/faults"])
    def test_a_body_without_end_is_not_read(self, alipay_shop, path):
        assert alipay_shop.phone.post(alipay_shop.addresses.alipay + path, content=b"x" * 70_000).status_code == 413

    @pytest.mark.parametrize(
        "body", [b"", b"[]", b'{"tradeNO": 1}', b"\xff", b'{"modes": ["explode"]}', b'{"answers": 1}']
    )
    @pytest.mark.parametrize("path", ["/phone/pay", "/faults"])
    def test_nonsense_is_refused(self, alipay_shop, path, body):
        answer = alipay_shop.phone.post(alipay_shop.addresses.alipay + path, content=body)

        assert answer.status_code == 400
        assert answer.json()["sub_code"] == "ACQ.INVALID_PARAMETER"

    def test_the_answer_is_signed_as_it_stands(self, alipay_shop):
        shop = alipay_shop
        fields = request(shop.account, "alipay.trade.query", {"out_trade_no": "T1"}, moment=0)
        text = shop.phone.post(shop.base_url, data=fields).text

        raw = text.removeprefix('{"alipay_trade_query_response":').rpartition(',"sign":')[0]
        assert is_signed(shop.account.alipay_public_key, json.loads(text)["sign"], raw.encode())


class TestCallbacks:
    def test_a_duplicate_has_the_same_id(self, alipay_shop):
        alipay_shop.expect_faults("duplicate")

        order = alipay_shop.a_paid_order()

        first, second = alipay_shop.hear(), alipay_shop.hear()
        assert first.notice_id == second.notice_id
        assert first.transaction == second.transaction
        assert first.transaction.out_trade_no == order.out_trade_no

    def test_a_lost_callback_leaves_the_query(self, alipay_shop):
        alipay_shop.expect_faults("never")

        lost, told = alipay_shop.a_paid_order(), alipay_shop.a_paid_order()

        assert alipay_shop.hear().transaction.out_trade_no == told.out_trade_no
        assert alipay_shop.gateway.query(lost.out_trade_no).state is TradeState.PAID
        assert alipay_shop.ear.is_quiet()

    def test_later_callbacks_overtake_a_delayed_one(self, alipay_shop):
        alipay_shop.expect_faults({"mode": "delay", "calls": 2})

        orders = [alipay_shop.a_paid_order() for _ in range(3)]

        heard = [alipay_shop.hear().transaction.out_trade_no for _ in range(3)]
        assert sorted(heard) == sorted(order.out_trade_no for order in orders)
        assert heard[-1] == orders[0].out_trade_no

    def test_two_callbacks_change_places(self, alipay_shop):
        alipay_shop.expect_faults("out_of_order")

        first, second = alipay_shop.a_paid_order(), alipay_shop.a_paid_order()

        heard = [alipay_shop.hear().transaction.out_trade_no for _ in range(2)]
        assert heard == [second.out_trade_no, first.out_trade_no]

    @pytest.mark.parametrize(
        ("mode", "refusal"), [("bad_signature", ForgedCallback), ("stale_timestamp", StaleCallback)]
    )
    def test_a_callback_that_is_refused_comes_again_honest(self, alipay_shop, mode, refusal):
        alipay_shop.expect_faults(mode)
        alipay_shop.ear.words = b"failure"

        order = alipay_shop.a_paid_order()

        with pytest.raises(refusal):
            alipay_shop.hear()
        alipay_shop.ear.words = b"success"
        assert alipay_shop.hear().transaction.out_trade_no == order.out_trade_no

    def test_a_wrong_amount_is_authentic_but_wrong(self, alipay_shop):
        alipay_shop.expect_faults("wrong_amount")

        order = alipay_shop.a_paid_order(amount_fen=500)

        assert alipay_shop.hear().transaction.total_fen == 501
        assert alipay_shop.gateway.query(order.out_trade_no).total_fen == 500

    @pytest.mark.parametrize(("status", "words"), [(200, b"ok"), (200, b""), (204, b""), (500, b"success")])
    def test_any_answer_but_success_brings_it_eight_times_in_all(self, alipay_shop, status, words):
        alipay_shop.ear.answer, alipay_shop.ear.words = status, words

        alipay_shop.a_paid_order()

        heard = [alipay_shop.hear().notice_id for _ in range(8)]
        assert len(set(heard)) == 1

    def test_the_schedule_is_compressed_in_proportion(self):
        compressed = waits((1, 2, 5, 10, 30, 60))

        assert sum(SCHEDULE) == 24 * 3600 + 24 * 60
        assert sum(compressed) == pytest.approx(108)
        assert [wait / compressed[0] for wait in compressed] == pytest.approx([each / 240 for each in SCHEDULE])

    def test_a_callback_names_us_and_is_signed(self, alipay_shop):
        alipay_shop.a_paid_order()

        fields = dict(parse_qsl(alipay_shop.ear.next().body.decode(), keep_blank_values=True))
        signature, kind = fields.pop("sign"), fields.pop("sign_type")
        account = alipay_shop.account
        assert (kind, fields["app_id"], fields["seller_id"]) == ("RSA2", account.app_id, account.seller_id)
        assert is_signed(account.alipay_public_key, signature, signed_text(fields))


class TestRestart:
    def test_what_is_on_its_way_survives_it(self, tmp_path):
        with listen() as ear:
            with run_standins(tmp_path, "--retry", "60000") as addresses, open_alipay_shop(addresses, ear) as shop:
                ear.words = b"failure"
                order, waiting = shop.a_paid_order(amount_fen=1000), shop.an_order()
                told = shop.hear()
                trade_no = shop.gateway.prepay(waiting)
                request = shop.a_refund(order, refund_fen=100)
                shop.expect_faults("never")
                shop.gateway.refund(request)

            ear.words = b"success"
            with run_standins(tmp_path) as addresses, open_alipay_shop(addresses, ear) as shop:
                assert shop.hear().notice_id == told.notice_id
                assert shop.gateway.prepay(waiting) == trade_no
                assert shop.gateway.refund(request).state is RefundState.SUCCEEDED
                assert shop.ear.is_quiet()


class TestThePageOfThePhone:
    def test_words_are_escaped_and_a_script_is_no_way_back(self, alipay_shop):
        shop = alipay_shop
        content = {"out_trade_no": f"T{secrets.token_hex(6)}", "total_amount": "1.00", "subject": '"><script>'}

        page = shop.phone.get(shop.exchange.address("alipay.trade.wap.pay", content, return_url="javascript:1"))
        back = shop.exchange.address(
            "alipay.trade.wap.pay", content | {"out_trade_no": "T2"}, return_url="http://a/?b=1"
        )
        number = shop.phone.get(back).text.partition('value="')[2].partition('"')[0]
        paid = shop.phone.post(f"{shop.addresses.alipay}/phone/pay", data={"tradeNO": number})

        assert "<script>" not in page.text
        assert "javascript" not in page.text
        assert 'href="http://a/?b=1"' in paid.text

    def test_an_unknown_trade_says_so(self, alipay_shop):
        for path in ("/phone/pay?tradeNO=1", "/phone/pay", "/qr/1"):
            page = alipay_shop.phone.get(alipay_shop.addresses.alipay + path)

            assert page.status_code == 400
            assert "交易不存在" in page.text


def test_a_silent_answer_is_no_answer(alipay_shop):
    alipay_shop.expect_answers("silent")

    with pytest.raises(GatewayUnreachable):
        alipay_shop.impatient().prepay(alipay_shop.an_order())


def test_what_happened_to_callbacks_is_shown(alipay_shop):
    alipay_shop.expect_faults("never", "none")
    alipay_shop.a_paid_order()
    alipay_shop.a_paid_order()
    alipay_shop.hear()

    told = alipay_shop.phone.get(f"{alipay_shop.addresses.alipay}/faults").json()
    assert (told["modes"], told["answers"]) == ([], [])
    assert min(told["met"]["modes"]["never"], told["met"]["modes"]["none"], told["met"]["answers"]["none"]) >= 1
    assert set(alipay_shop.phone.get(f"{alipay_shop.addresses.alipay}/callbacks").json()) == {
        "waiting",
        "delivered",
        "given_up",
    }
