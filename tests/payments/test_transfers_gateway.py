"""Our client of merchant transfers, and other people's client, at the stand-in; both must say and see the same."""

from __future__ import annotations

import json
import secrets
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from wechatpayv3 import WeChatPay, WeChatPayType
from wechatpayv3.utils import rsa_decrypt

from lintuan.payments.gateways.exchange import Exchange
from lintuan.payments.gateways.faults import ForgedCallback, GatewayRefused, GatewayUnreachable
from lintuan.payments.gateways.merchants import Merchant
from lintuan.payments.gateways.sealing import seal
from lintuan.payments.gateways.transfers import FINISHED, Transfer, TransferRequest, Transfers, TransferState
from tests.shop import Shop, open_shop
from tests.stand_ins import listen, run_standins


@dataclass
class Till:
    """The shop, and what it pays out with."""

    shop: Shop
    transfers: Transfers

    def wish(self, *, fen: int = 2050, name: str = "") -> TransferRequest:
        number = f"42{secrets.token_hex(13)}"
        return TransferRequest(number, "openid-leader", fen, "佣金", "团长", "销售佣金", name, self.shop.ear.url)

    def confirm(self, told: Transfer, **changes: str) -> dict[str, str]:
        fields = self.transfers.confirmation(told.package) | changes
        return self.post("/phone/confirm-transfer", fields).json()

    def post(self, path: str, content: object):
        return self.shop.phone.post(self.shop.addresses.wechatpay + path, json=content)

    def expect(self, *troubles: str) -> None:
        self.shop.expect_troubles(*troubles)

    def hear(self) -> Transfer:
        notice = self.shop.hear()
        assert notice.event_type == FINISHED
        return self.transfers.read_notice(notice.content)


def open_till(shop: Shop, *, timeout: float = 5.0) -> Till:
    exchange = Exchange(shop.merchant, base_url=shop.addresses.wechatpay, timeout=timeout, real_time=time.time)
    return Till(shop, Transfers(exchange))


@pytest.fixture(scope="module")
def till(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Till]:
    state = tmp_path_factory.mktemp("outside world")
    with run_standins(state) as addresses, listen() as ear, open_shop(addresses, ear) as shop:
        yield open_till(shop)


def refused(code: str):
    return pytest.raises(GatewayRefused, match=f"^{code}")


def test_a_payee_confirms_and_has_the_money(till):
    wish = till.wish(fen=2050)

    told = till.transfers.send(wish)
    assert (told.state, bool(told.package)) == (TransferState.WAIT_USER_CONFIRM, True)
    assert till.confirm(told) == {"err_msg": "requestMerchantTransfer:ok"}

    heard = till.hear()
    assert (heard.out_bill_no, heard.state, heard.amount_fen) == (wish.out_bill_no, TransferState.SUCCEEDED, 2050)
    assert heard.transfer_bill_no == told.transfer_bill_no
    assert till.transfers.query(wish.out_bill_no) == heard
    assert till.transfers.query_by_gateway_no(told.transfer_bill_no) == heard


def test_asked_twice_under_one_number_it_is_one_transfer(till):
    wish = till.wish(fen=200_000, name="王小红")

    first, again = till.transfers.send(wish), till.transfers.send(wish)

    assert first == again
    with refused("ALREADY_EXISTS"):
        till.transfers.send(replace(wish, amount_fen=200_001))


def test_a_package_confirms_once_and_for_its_merchant_only(till):
    told = till.transfers.send(till.wish())

    assert till.confirm(told, mchId="1")["code"] == "PARAM_ERROR"
    till.confirm(told)
    assert till.confirm(told)["code"] == "PARAM_ERROR"
    till.hear()


def test_a_payee_whose_account_is_frozen_gets_nothing(till):
    told = till.transfers.send(till.wish())

    till.confirm(told, fail="ACCOUNT_FROZEN")

    heard = till.hear()
    assert (heard.state, heard.fail_reason, heard.is_unconfirmed) == (TransferState.FAILED, "ACCOUNT_FROZEN", False)


def test_cancelled_before_it_is_confirmed_it_cannot_be_confirmed(till):
    wish = till.wish()
    told = till.transfers.send(wish)

    assert till.transfers.cancel(wish.out_bill_no).state is TransferState.CANCELLING

    assert till.hear().state is TransferState.CANCELLED
    assert till.transfers.query(wish.out_bill_no).state is TransferState.CANCELLED
    assert till.confirm(told)["code"] == "PARAM_ERROR"


def test_what_was_confirmed_cannot_be_cancelled(till):
    wish = till.wish()
    till.confirm(till.transfers.send(wish))
    till.hear()

    with refused("INVALID_REQUEST"):
        till.transfers.cancel(wish.out_bill_no)


def test_an_unknown_number_is_not_found(till):
    with refused("NOT_FOUND"):
        till.transfers.query("42nobody")
    with refused("NOT_FOUND"):
        till.transfers.query_by_gateway_no("13nobody")
    with refused("NOT_FOUND"):
        till.transfers.cancel("42nobody")


def test_an_empty_account_pays_nothing_and_one_that_is_filled_pays_under_the_same_number(till):
    wish = till.wish(fen=500)
    till.post("/till", {"fen": 499})
    with refused("NOT_ENOUGH"):
        till.transfers.send(wish)

    till.post("/till", {"fen": 10**9})

    assert till.transfers.send(wish).state is TransferState.WAIT_USER_CONFIRM


@pytest.mark.parametrize(
    "changes",
    [
        {"out_bill_no": "with-dash"},
        {"out_bill_no": "x" * 33},
        {"out_bill_no": ""},
        {"amount_fen": 0},
        {"remark": ""},
        {"remark": "字" * 33},
        {"job": ""},
        {"pay": ""},
        {"amount_fen": 200_000},
    ],
)
def test_what_the_gateway_would_refuse_is_not_sent(till, changes):
    till.expect("500")

    with pytest.raises(ValueError, match=":"):
        till.transfers.send(replace(till.wish(), **changes))

    with pytest.raises(GatewayUnreachable, match="500 SYSTEM_ERROR"):
        till.transfers.query("42nobody")


@pytest.mark.parametrize(("trouble", "words"), [("429", "FREQUENCY_LIMITED"), ("500", "SYSTEM_ERROR"), ("503", "502")])
def test_a_busy_gateway_is_no_refusal(till, trouble, words):
    till.expect(trouble)

    with pytest.raises(GatewayUnreachable, match=words):
        till.transfers.send(till.wish())


def test_an_answer_that_is_lost_leaves_the_query(till):
    hasty, wish = open_till(till.shop, timeout=0.3), till.wish()
    till.expect("lost")

    with pytest.raises(GatewayUnreachable):
        hasty.transfers.send(wish)

    assert till.transfers.query(wish.out_bill_no).state is TransferState.WAIT_USER_CONFIRM


def test_a_request_that_never_arrives_leaves_nothing(till):
    hasty, wish = open_till(till.shop, timeout=0.3), till.wish()
    till.expect("never")

    with pytest.raises(GatewayUnreachable):
        hasty.transfers.send(wish)

    with refused("NOT_FOUND"):
        till.transfers.query(wish.out_bill_no)


def test_an_answer_that_comes_late_counts(till):
    till.expect("late")

    assert till.transfers.send(till.wish()).state is TransferState.WAIT_USER_CONFIRM


def test_nobody_confirms_within_the_time_and_the_money_is_ours_again(tmp_path):
    quick = ("--confirm-within", "0.2")
    with run_standins(tmp_path, *quick) as addresses, listen() as ear, open_shop(addresses, ear) as shop:
        till = open_till(shop)
        told = till.transfers.send(till.wish())

        heard = till.hear()

        assert (heard.state, heard.fail_reason, heard.is_unconfirmed) == (TransferState.FAILED, "OVERDUE_CLOSE", True)
        assert till.confirm(told)["code"] == "PARAM_ERROR"


def test_a_notice_for_another_merchant_is_forged(till):
    told = {"out_bill_no": "42a", "state": "SUCCESS", "transfer_amount": 1, "mch_id": "1"}

    with pytest.raises(ForgedCallback):
        till.transfers.read_notice(json.dumps(told))
    with pytest.raises(ForgedCallback):
        till.transfers.read_notice('{"out_bill_no": 1}')


class TestTheOracle:
    """wechatpayv3 signs the path without the address's own path, so that is put before it."""

    @pytest.fixture
    def oracle(self, till: Till, monkeypatch: pytest.MonkeyPatch) -> WeChatPay:
        monkeypatch.setenv("NO_PROXY", "127.0.0.1")
        return an_oracle(till.shop)

    def test_its_transfers_are_taken_and_shown_to_us(self, till, oracle):
        number = till.wish().out_bill_no
        reports = [
            {"info_type": "岗位类型", "info_content": "团长"},
            {"info_type": "报酬说明", "info_content": "销售佣金"},
        ]

        status, text = oracle.mch_transfer_bills(
            number, "1005", "openid-leader", 250_000, "佣金", "王小红", None, reports, None, till.shop.ear.url
        )

        told = till.transfers.query(number)
        assert (status, json.loads(text)["state"]) == (200, "WAIT_USER_CONFIRM")
        assert (told.amount_fen, told.package) == (250_000, json.loads(text)["package_info"])

    def test_it_sees_ours_and_cancels_them(self, till, oracle):
        wish = till.wish()
        ours = till.transfers.send(wish)

        status, text = oracle.mch_transfer_bills_query(transfer_bill_no=ours.transfer_bill_no)
        assert (status, json.loads(text)["out_bill_no"]) == (200, wish.out_bill_no)
        assert oracle.mch_transfer_bills_cancel(wish.out_bill_no)[0] == 200
        assert till.hear().state is TransferState.CANCELLED

    def test_wrong_reports_are_refused_as_documented(self, till, oracle):
        reports = [{"info_type": "活动名称", "info_content": "团长"}]

        status, text = oracle.mch_transfer_bills(till.wish().out_bill_no, "1005", "o", 100, "佣金", None, None, reports)

        assert (status, json.loads(text)["code"]) == (400, "PARAM_ERROR")
        assert "报备信息" in json.loads(text)["message"]

    def test_it_opens_our_callbacks(self, till, oracle):
        till.confirm(till.transfers.send(till.wish(fen=777)))

        received = till.shop.ear.next()
        told = oracle.callback(dict(received.headers), received.body.decode())

        assert told["event_type"] == FINISHED
        assert told["resource"]["transfer_amount"] == 777


def an_oracle(shop: Shop) -> WeChatPay:
    merchant = shop.merchant
    private = merchant.private_key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    public = merchant.platform_keys[merchant.platform_serial]
    oracle = WeChatPay(
        WeChatPayType.MINIPROG,
        merchant.merchant_id,
        private,
        merchant.serial,
        merchant.app_id,
        merchant.api_v3_key.decode(),
        notify_url=shop.ear.url,
        public_key=public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode(),
        public_key_id=merchant.platform_serial,
        timeout=(5, 5),
    )
    core = oracle._core
    core._gate_way = shop.addresses.root
    ask = core.request
    core.request = lambda path, **arguments: ask(f"/wechatpay{path}", **arguments)
    return oracle


PLATFORM = rsa.generate_private_key(public_exponent=65537, key_size=2048)
OURS = Merchant("wx", "16", "serial", PLATFORM, b"", {"PUB_KEY_ID_1": PLATFORM.public_key()})


@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.text(max_size=53))
def test_what_we_seal_the_oracle_opens(name):
    assert rsa_decrypt(seal(OURS, name), PLATFORM) == name
