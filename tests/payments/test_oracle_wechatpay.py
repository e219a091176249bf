"""Another people's client, wechatpayv3, pays at our stand-in; and what it signs, our own client must read alike."""

from __future__ import annotations

import base64
import gzip
import hashlib
import json
import secrets
import shutil
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from hypothesis import given, settings
from hypothesis import strategies as st
from wechatpayv3 import WeChatPay, WeChatPayType
from wechatpayv3.utils import build_authorization, rsa_sign

from lintuan.payments.gateways import protocol
from lintuan.payments.gateways.bills import BEIJING
from lintuan.payments.gateways.exchange import Exchange
from lintuan.payments.gateways.faults import ForgedCallback, StaleCallback
from lintuan.payments.gateways.merchants import Merchant
from lintuan.payments.gateways.notices import PaymentNotice, TradeState
from lintuan.payments.gateways.wechatpay import WechatPay
from tests.shop import Shop, open_shop
from tests.stand_ins import listen, run_standins

SERIAL = "PUB_KEY_ID_0116000000000000000000000001"
PLATFORM = rsa.generate_private_key(public_exponent=65537, key_size=2048)
SECRET = "0123456789abcdef0123456789abcdef"
OURS = Merchant(
    app_id="wx1",
    merchant_id="1600000001",
    serial="3D5C6BD2",
    private_key=rsa.generate_private_key(public_exponent=65537, key_size=2048),
    api_v3_key=SECRET.encode(),
    platform_keys={SERIAL: PLATFORM.public_key()},
)
TRADE = {
    "appid": "wx1",
    "mchid": "1600000001",
    "out_trade_no": "44aa",
    "transaction_id": "4200",
    "trade_type": "JSAPI",
    "trade_state": "SUCCESS",
    "success_time": "2026-11-22T19:30:05+08:00",
    "payer": {"openid": "o1"},
    "amount": {"total": 1990, "payer_total": 1990, "currency": "CNY", "payer_currency": "CNY"},
}
FEW = settings(max_examples=40, deadline=None)


def oracle(merchant: Merchant, *, key: str, **more: Any) -> WeChatPay:
    return WeChatPay(
        wechatpay_type=WeChatPayType.JSAPI,
        mchid=merchant.merchant_id,
        private_key=key,
        cert_serial_no=merchant.serial,
        appid=merchant.app_id,
        apiv3_key=merchant.api_v3_key.decode(),
        **more,
    )


@dataclass
class Other:
    """The other client, and the shop at whose gateway it pays."""

    shop: Shop
    client: WeChatPay
    signed: str

    def pay(self, **order: Any) -> dict[str, str]:
        status, text = self.client.pay(description='土豆 5 kg, 一袋 {"a": "}"}', notify_url=self.shop.ear.url, **order)
        assert status == 200, text
        return json.loads(text)

    def asked(self, answer: tuple[int, str], *, status: int = 200) -> Any:
        assert answer[0] == status, answer
        return json.loads(answer[1]) if answer[1] else None


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    state = tmp_path_factory.mktemp("outside world")
    with run_standins(state, "--bills-at-once") as addresses, listen() as ear, open_shop(addresses, ear) as shop:
        yield shop


@pytest.fixture(scope="module", params=["public key", "certificate"])
def other(request: pytest.FixtureRequest, shop: Shop, tmp_path_factory: pytest.TempPathFactory) -> Other:
    folder = shop.addresses.manifest.parent / "wechatpay"
    ring: dict[str, Any]
    signed = "by_certificate" if request.param == "certificate" else "none"
    if request.param == "certificate":
        certificates = tmp_path_factory.mktemp("certificates")
        shutil.copy(folder / "platform_certificate.pem", certificates)
        ring = {"cert_dir": str(certificates)}
    else:
        public = (folder / "platform_public.pem").read_text()
        ring = {"public_key": public, "public_key_id": shop.merchant.platform_serial}
    client = oracle(shop.merchant, key=(folder / "merchant_private.pem").read_text(), **ring)
    # It knows no other way to another address.
    client._core._gate_way = shop.addresses.root
    return Other(shop, client, signed)


def a_number() -> str:
    return f"O{secrets.token_hex(8)}"


class TestItPaysAtTheStandIn:
    @pytest.mark.parametrize(
        ("kind", "more", "handle"),
        [
            (WeChatPayType.JSAPI, {"payer": {"openid": "o-2"}}, "prepay_id"),
            (WeChatPayType.MINIPROG, {"payer": {"openid": "o-2"}}, "prepay_id"),
            (
                WeChatPayType.H5,
                {"scene_info": {"payer_client_ip": "203.0.113.9", "h5_info": {"type": "Wap"}}},
                "h5_url",
            ),
            (WeChatPayType.NATIVE, {}, "code_url"),
        ],
        ids=["jsapi", "mini-program", "h5", "native"],
    )
    def test_orders_of_every_type_are_paid_told_and_found(
        self, other: Other, kind: WeChatPayType, more: dict[str, Any], handle: str
    ) -> None:
        number = a_number()
        other.shop.expect_faults(other.signed)
        answer = other.pay(out_trade_no=number, amount={"total": 1990}, pay_type=kind, **more)

        if handle == "prepay_id":
            other.shop.press_pay(answer[handle]).raise_for_status()
        else:
            other.shop.press_pay_by(**{handle: answer[handle]}).raise_for_status()

        letter = other.shop.ear.next()
        told = other.client.callback(letter.headers, letter.body)
        found = other.asked(other.client.query(out_trade_no=number))
        assert found["trade_state"] == "SUCCESS"
        assert told["resource"] == found
        assert other.asked(other.client.query(transaction_id=found["transaction_id"])) == found
        ours = other.shop.gateway.read_callback(letter.headers, letter.body, time.time())
        assert isinstance(ours, PaymentNotice)
        assert json.loads(ours.content) == found

    def test_an_order_is_closed(self, other: Other) -> None:
        number = a_number()
        other.pay(out_trade_no=number, amount={"total": 1}, pay_type=WeChatPayType.NATIVE)

        other.asked(other.client.close(number), status=204)

        assert other.asked(other.client.query(out_trade_no=number))["trade_state"] == "CLOSED"
        assert other.shop.gateway.query(number).state is TradeState.CLOSED

    def test_a_payment_goes_back_in_parts(self, other: Other) -> None:
        order = other.shop.a_paid_order(amount_fen=1000)
        other.shop.hear()
        refund = a_number()
        asked = {"amount": {"refund": 400, "total": 1000, "currency": "CNY"}, "out_trade_no": order.out_trade_no}

        first = other.asked(other.client.refund(refund, notify_url=other.shop.ear.url, **asked))
        again = other.asked(other.client.refund(refund, notify_url=other.shop.ear.url, **asked))
        other.shop.hear()

        assert first["refund_id"] == again["refund_id"]
        assert other.asked(other.client.query_refund(refund))["status"] == "SUCCESS"
        asked["amount"] = {"refund": 601, "total": 1000, "currency": "CNY"}
        assert other.asked(other.client.refund(a_number(), **asked), status=400)["code"] == "INVALID_REQUEST"
        assert other.shop.ear.is_quiet()

    @pytest.mark.parametrize("tar_type", ["GZIP", None])
    def test_it_fetches_the_same_bill_as_we_do(self, other: Other, tar_type: str | None) -> None:
        day = datetime.now(BEIJING).date()
        other.shop.a_paid_order(amount_fen=4321)
        other.shop.hear()

        path = f"/v3/bill/tradebill?bill_date={day}&bill_type=ALL" + (f"&tar_type={tar_type}" if tar_type else "")
        offered = other.asked(other.client._core.request(path))
        status, content = other.client.download_bill(offered["download_url"])
        plain = gzip.decompress(content) if tar_type else content

        assert status == 200
        assert hashlib.sha1(plain).hexdigest() == offered["hash_value"]
        lines = plain.decode("utf-8-sig").splitlines()
        assert [line.split(",")[6].strip("`") for line in lines[1:-2]] == [
            row.number for row in other.shop.gateway.trade_bill(day)
        ]
        assert any("`43.21" in line for line in lines[1:-2])

    def test_it_fetches_the_fund_flow_bill(self, other: Other) -> None:
        day = datetime.now(BEIJING).date()
        other.shop.a_paid_order()
        other.shop.hear()

        offered = other.asked(other.client.fundflow_bill(str(day)))
        status, content = other.client.download_bill(offered["download_url"])

        assert status == 200
        lines = gzip.decompress(content).decode("utf-8-sig").splitlines()
        assert len(lines) - 3 == len(list(other.shop.gateway.flow_bill(day)))


def callback(content: str, *, at: int, serial: str = SERIAL, aad: str = "transaction") -> tuple[dict[str, str], bytes]:
    """A callback signed by the other client's own hand."""
    nonce = secrets.token_hex(6)
    ciphertext = AESGCM(SECRET.encode()).encrypt(nonce.encode(), content.encode(), aad.encode())
    resource = {
        "algorithm": "AEAD_AES_256_GCM",
        "ciphertext": base64.b64encode(ciphertext).decode(),
        "nonce": nonce,
        "associated_data": aad,
    }
    told = {"id": "n1", "event_type": "TRANSACTION.SUCCESS", "resource_type": "encrypt-resource", "resource": resource}
    body = json.dumps(told, ensure_ascii=False)
    headers = {
        "Wechatpay-Timestamp": str(at),
        "Wechatpay-Nonce": "nonce",
        "Wechatpay-Serial": serial,
        "Wechatpay-Signature": rsa_sign(PLATFORM, f"{at}\nnonce\n{body}\n"),
        "Wechatpay-Signature-Type": "WECHATPAY2-SHA256-RSA2048",
    }
    return headers, body.encode()


@pytest.fixture(scope="module")
def reader() -> WechatPay:
    return WechatPay(Exchange(OURS, base_url="http://127.0.0.1:1", real_time=time.time))


@pytest.fixture(scope="module")
def theirs() -> WeChatPay:
    public = PLATFORM.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
    return oracle(OURS, key=_pem(OURS), public_key=public, public_key_id=SERIAL)


def _pem(merchant: Merchant) -> str:
    return merchant.private_key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)


class TestBothReadAlike:
    @FEW
    @given(description=texts, total=st.integers(1, 10**9), aad=texts)
    def test_a_callback(self, reader: WechatPay, theirs: WeChatPay, description: str, total: int, aad: str) -> None:
        content = json.dumps(TRADE | {"attach": description, "amount": {"total": total}}, ensure_ascii=False)
        headers, body = callback(content, at=int(time.time()), aad=aad)

        ours = reader.read_callback(headers, body, time.time())

        assert isinstance(ours, PaymentNotice)
        assert ours.transaction.total_fen == total
        assert json.loads(ours.content) == theirs.callback(headers, body)["resource"]

    @FEW
    @given(place=st.integers(0, 10_000), change=st.integers(1, 127))
    def test_a_callback_that_was_changed_on_its_way(
        self, reader: WechatPay, theirs: WeChatPay, place: int, change: int
    ) -> None:
        headers, body = callback(json.dumps(TRADE), at=int(time.time()))
        changed = bytearray(body)
        changed[place % len(body)] ^= change

        assert theirs.callback(headers, bytes(changed)) is None
        with pytest.raises(ForgedCallback):
            reader.read_callback(headers, bytes(changed), time.time())

    @FEW
    @given(method=st.sampled_from(["GET", "POST"]), path=st.text("abc/?=&-_*|%1", min_size=1), content=texts)
    def test_the_signature_of_a_request(self, method: str, path: str, content: str) -> None:
        data = {"a": content} if method == "POST" else None
        theirs = build_authorization(path, method, OURS.merchant_id, OURS.serial, OURS.private_key, data=data)
        told = _fields(theirs)

        ours = protocol.authorization(
            OURS,
            method=method,
            target=path,
            timestamp=int(told["timestamp"]),
            nonce=told["nonce_str"],
            body=json.dumps(data).encode() if data else b"",
        )

        assert _fields(ours) == told

    def test_the_sheet_of_the_phone(self, theirs: WeChatPay) -> None:
        sheet = protocol.phone_parameters(
            OURS, prepay_id="wx201410272009395522657a690389285100", timestamp=1, nonce="n"
        )

        assert sheet["paySign"] == theirs.sign(["wx1", "1", "n", "prepay_id=wx201410272009395522657a690389285100"])


def test_an_old_callback_is_read_by_them_and_refused_by_us(reader: WechatPay, theirs: WeChatPay) -> None:
    headers, body = callback(json.dumps(TRADE), at=int(time.time()) - 365 * 86_400)

    assert theirs.callback(headers, body)["resource"] == TRADE
    with pytest.raises(StaleCallback):
        reader.read_callback(headers, body, time.time())


def _fields(header: str) -> Mapping[str, str]:
    scheme, _, rest = header.partition(" ")
    return {"scheme": scheme} | {
        name: value.strip('"') for name, _, value in (f.partition("=") for f in rest.split(","))
    }
