import json
import secrets
from datetime import UTC, datetime
from urllib.parse import parse_qsl, urlencode

import pytest
from alipay import AliPay
from alipay.exceptions import AliPayValidationError
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from hypothesis import given, settings
from hypothesis import strategies as st

from lintuan.payments.gateways.alipay import codes, protocol, scanning, wire
from lintuan.payments.gateways.alipay.accounts import Account, read_account
from lintuan.payments.gateways.alipay.amounts import fen, yuan
from lintuan.payments.gateways.alipay.exchange import Exchange
from lintuan.payments.gateways.alipay.service import Alipay
from lintuan.payments.gateways.faults import ForgedCallback, GatewayRefused, GatewayUnreachable, StaleCallback
from lintuan.payments.gateways.notices import PaymentNotice, TradeState

NOW = 1_795_399_200
OUR_KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
THEIR_KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
OURS = Account("2021000000000001", "2088000000000001", OUR_KEY, THEIR_KEY.public_key())
FEW = settings(max_examples=60, deadline=None)

words = st.one_of(
    st.text(st.characters(exclude_categories=["Cs"])), st.sampled_from(["}", '{"a":"}"}', "&=%+", "土豆}{"])
)
names = st.text(st.characters(exclude_categories=["Cs"]), min_size=1).filter(
    lambda name: name not in ("sign", "sign_type")
)
values = st.recursive(
    st.none() | st.booleans() | st.integers() | words,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(words, inner, max_size=3),
    max_leaves=12,
)


def pem(key: rsa.RSAPrivateKey | rsa.RSAPublicKey) -> str:
    if isinstance(key, rsa.RSAPublicKey):
        form = serialization.PublicFormat.SubjectPublicKeyInfo
        return key.public_bytes(serialization.Encoding.PEM, form).decode()
    form = serialization.PrivateFormat.PKCS8
    return key.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption()).decode()


@pytest.fixture(scope="module")
def oracle() -> AliPay:
    """Somebody else's client, with our key: what it signs Alipay accepts."""
    return AliPay(OURS.app_id, None, pem(OUR_KEY), pem(OURS.alipay_public_key))


@pytest.fixture(scope="module")
def platform() -> AliPay:
    """The same client on the other side: it signs with Alipay's key, and checks what we sign."""
    return AliPay(OURS.app_id, None, pem(THEIR_KEY), pem(OUR_KEY.public_key()))


class TestAmounts:
    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            ("0.01", 1),
            ("19.90", 1990),
            ("19.9", 1990),
            ("19", 1900),
            ("-3000.00", -300_000),
            ("0.29", 29),
            ("-0.05", -5),
        ],
    )
    def test_yuan_are_whole_fen(self, text, expected):
        assert fen(text) == expected

    @pytest.mark.parametrize("text", ["", "1.001", "1e3", "NaN", ".5", "1.", "1,000.00", " 1", "1\n", "٣", "+1", "--1"])
    def test_anything_else_is_no_amount(self, text):
        with pytest.raises(ValueError):
            fen(text)

    @given(st.integers(min_value=-(10**13), max_value=10**13))
    def test_there_and_back(self, amount):
        assert fen(yuan(amount)) == amount


class TestScanning:
    @FEW
    @given(st.dictionaries(words, values, max_size=4), st.sampled_from([None, 1]), st.booleans())
    def test_every_value_is_cut_out_as_it_stands(self, told, indent, escaped):
        text = json.dumps(told, indent=indent, ensure_ascii=escaped)

        found = scanning.parts(f" {text}\n")

        assert {name: part.value for name, part in found.items()} == told
        assert {name: json.loads(part.raw) for name, part in found.items()} == told
        assert all(part.raw in text and part.raw == part.raw.strip() for part in found.values())

    @FEW
    @given(values)
    def test_what_is_cut_out_is_byte_for_byte_what_was_put_in(self, value):
        raw = json.dumps(value, ensure_ascii=False, separators=(" ,", ":  "))

        assert scanning.parts('{"sign":"x}{", "a_response" : ' + raw + " }")["a_response"].raw == raw

    @pytest.mark.parametrize(
        "text",
        [
            "",
            "{",
            "[]",
            '{"a":1',
            '{"a":1}}',
            '{"a":1,}',
            '{"a" 1}',
            "{1:2}",
            '{"a":1,"a":2}',
            '{"a":tru}',
            '{"a":"\n"}',
            pytest.param('{"a":' + "[" * 200_000, id="deep"),
        ],
    )
    def test_what_is_no_object_is_refused(self, text):
        with pytest.raises(ValueError):
            scanning.parts(text)

    @FEW
    @given(st.text(alphabet='{}[]":,\\ a1\n', max_size=30))
    def test_any_text_is_read_as_json_reads_it_or_refused(self, text):
        try:
            expected = json.loads(text)
        except ValueError:
            expected = None
        try:
            found = {name: part.value for name, part in scanning.parts(text).items()}
        except ValueError:
            found = None

        if isinstance(expected, dict) and found is not None:
            assert found == expected
        else:
            assert found is None


class TestRequests:
    @FEW
    @given(st.dictionaries(names, words, max_size=6))
    def test_what_is_signed_is_believed_and_nothing_else(self, fields):
        message = protocol.signed_text(fields)
        signature = protocol.sign(OUR_KEY, message)

        assert protocol.is_signed(OUR_KEY.public_key(), signature, message)
        assert not protocol.is_signed(OUR_KEY.public_key(), signature, protocol.signed_text(fields | {"sum": "1"}))
        assert not protocol.is_signed(THEIR_KEY.public_key(), signature, message)

    @FEW
    @given(st.dictionaries(names, words, max_size=6))
    def test_the_oracle_believes_our_signature_and_we_the_oracles(self, fields):
        theirs = AliPay(OURS.app_id, None, pem(THEIR_KEY), pem(OUR_KEY.public_key()))
        message = protocol.signed_text(fields)

        assert theirs.verify(dict(fields), protocol.sign(OUR_KEY, message))
        assert protocol.is_signed(OURS.alipay_public_key, theirs._sign(message.decode()), message)

    def test_a_request_is_what_the_oracle_would_send(self, platform):
        fields = protocol.request(OURS, "alipay.trade.query", {"out_trade_no": "T1"}, moment=NOW, notify_url="")

        signature = fields.pop("sign")
        assert "notify_url" not in fields
        assert fields["timestamp"] == "2026-11-23 10:00:00"
        assert fields["biz_content"] == '{"out_trade_no":"T1"}'
        assert platform._verify("&".join(f"{name}={fields[name]}" for name in sorted(fields)), signature)

    @pytest.mark.parametrize("signature", ["", "签名", "AAAA", "=", "A" * 344])
    def test_nonsense_is_no_signature(self, signature):
        assert not protocol.is_signed(OUR_KEY.public_key(), signature, b"x")

    def test_the_private_key_is_not_printed(self):
        assert "Key" not in repr(OURS)

    def test_a_moment_is_the_time_in_beijing(self):
        assert protocol.beijing(0) == "1970-01-01 08:00:00"
        assert protocol.read_beijing("2026-11-23 10:00:00.123") == datetime.fromtimestamp(NOW, UTC)


class TestBraces:
    """The case that the oracle gets wrong: it counts braces, also those within a string."""

    RAW = '{"code":"10000","msg":"Success","subject":"一袋 } 土豆","trade_no":"1"}'

    def answer(self) -> str:
        signature = protocol.sign(THEIR_KEY, self.RAW.encode())
        return '{"alipay_trade_query_response":' + self.RAW + ',"sign":"' + signature + '"}'

    def test_the_oracle_fails(self, oracle):
        with pytest.raises((AliPayValidationError, ValueError)):
            oracle._verify_and_return_sync_response(self.answer(), "alipay_trade_query_response")

    def test_ours_does_not(self):
        part = scanning.parts(self.answer())

        signature = part["sign"].value
        assert part["alipay_trade_query_response"].raw == self.RAW
        assert protocol.is_signed(OURS.alipay_public_key, signature, self.RAW.encode())


def callback(*, key=THEIR_KEY, drop=(), **changes: str) -> bytes:
    fields = {
        "notify_time": protocol.beijing(NOW),
        "notify_type": "trade_status_sync",
        "notify_id": secrets.token_hex(17),
        "app_id": OURS.app_id,
        "seller_id": OURS.seller_id,
        "out_trade_no": "T1",
        "trade_no": "2026112322001",
        "trade_status": "TRADE_SUCCESS",
        "total_amount": "19.90",
        "buyer_open_id": "0open",
        "gmt_payment": "2026-11-23 09:59:58",
        "passback_params": "",
        "subject": "土豆 } & = +",
    } | changes
    fields = {name: value for name, value in fields.items() if name not in drop}
    return urlencode(fields | {"sign_type": "RSA2", "sign": protocol.sign(key, protocol.signed_text(fields))}).encode()


def read(body: bytes, *, now: float = NOW) -> PaymentNotice:
    gateway = Alipay(Exchange(OURS, base_url="http://127.0.0.1/gateway.do", real_time=lambda: now))
    return gateway.read_callback({}, body, now)


class TestCallbacks:
    def test_a_payment_is_told(self):
        notice = read(callback(notify_id="n1"))

        assert (notice.notice_id, notice.event_type) == ("n1", "TRADE_SUCCESS")
        assert notice.transaction.total_fen == 1990
        assert (notice.transaction.out_trade_no, notice.transaction.openid) == ("T1", "0open")
        assert notice.transaction.state is TradeState.PAID
        assert notice.transaction.paid_at == datetime.fromtimestamp(NOW - 2, UTC)

    def test_the_oracle_believes_the_same(self, oracle):
        fields = dict(parse_qsl(callback().decode(), keep_blank_values=True))

        assert oracle.verify(fields, fields.pop("sign"))

    @FEW
    @given(st.dictionaries(names, words, max_size=4))
    def test_whatever_else_it_tells_it_is_verified(self, more):
        more = {name: text for name, text in more.items() if name not in ("key", "drop")}
        fields = dict(more)
        for known in ("notify_time", "notify_type", "app_id", "seller_id", "out_trade_no", "trade_status"):
            fields.pop(known, None)

        assert read(callback(**fields, total_amount="0.01")).transaction.total_fen == 1

    @pytest.mark.parametrize(
        "changes",
        [
            {"app_id": "2021000000000002"},
            {"seller_id": "2088000000000002"},
            {"seller_id": ""},
            {"out_trade_no": ""},
            {"total_amount": "19.901"},
            {"total_amount": ""},
            {"trade_status": "TRADE_PENDING"},
            {"notify_time": "now"},
            {"notify_id": ""},
            {"gmt_payment": "yesterday"},
        ],
    )
    def test_a_signed_one_that_is_not_ours_or_not_as_documented_is_forged(self, changes):
        with pytest.raises(ForgedCallback):
            read(callback(**changes))

    @pytest.mark.parametrize(
        "name", ["app_id", "seller_id", "out_trade_no", "total_amount", "trade_status", "trade_no"]
    )
    def test_what_lacks_a_field_is_forged(self, name):
        with pytest.raises(ForgedCallback):
            read(callback(drop=[name]))

    @pytest.mark.parametrize(
        "body",
        [
            b"",
            b"sign=x&sign_type=RSA2",
            b"\xff\xfe",
            b"a=%ff&sign_type=RSA2&sign=x",
            b"&".join(b"a=1" for _ in range(300)),
            callback(key=OUR_KEY),
            callback() + b"&total_amount=0.01",
            callback().replace(b"19.90", b"99.90"),
            callback().replace(b"RSA2", b"RSA1"),
        ],
    )
    def test_what_alipay_did_not_sign_is_forged(self, body):
        with pytest.raises(ForgedCallback):
            read(body)

    @FEW
    @given(st.binary(max_size=200) | st.text("a=&%f0;+\u571f", max_size=60).map(str.encode), st.booleans())
    def test_any_bytes_are_forged_and_nothing_worse(self, body, is_named):
        with pytest.raises(ForgedCallback):
            read(body + b"&sign_type=RSA2&sign=" + b"A" * 344 if is_named else body)

    @pytest.mark.parametrize("seconds", [-300, 0, 25 * 3600])
    def test_repeats_are_fresh_for_the_whole_schedule(self, seconds):
        assert read(callback(), now=NOW + seconds).transaction.state is TradeState.PAID

    @pytest.mark.parametrize("seconds", [-301, 25 * 3600 + 301, 365 * 24 * 3600])
    def test_one_of_another_time_is_stale(self, seconds):
        with pytest.raises(StaleCallback):
            read(callback(), now=NOW + seconds)

    def test_one_of_another_kind_is_a_notice_without_a_payment(self):
        assert not isinstance(read(callback(notify_type="dut_user_sign")), PaymentNotice)


@pytest.mark.parametrize(
    ("status", "is_paid", "is_refunded", "expected"),
    [
        ("WAIT_BUYER_PAY", False, False, TradeState.NOT_PAID),
        ("TRADE_SUCCESS", True, False, TradeState.PAID),
        ("TRADE_SUCCESS", True, True, TradeState.REFUNDED),
        ("TRADE_FINISHED", True, False, TradeState.PAID),
        ("TRADE_FINISHED", True, True, TradeState.REFUNDED),
        ("TRADE_CLOSED", False, False, TradeState.CLOSED),
        ("TRADE_CLOSED", True, False, TradeState.REFUNDED),
        ("TRADE_CLOSED", True, True, TradeState.REFUNDED),
    ],
)
def test_the_table_of_states(status, is_paid, is_refunded, expected):
    assert wire.state(wire.TradeStatus(status), is_paid=is_paid, is_refunded=is_refunded) is expected


@pytest.mark.parametrize(
    ("code", "sub_code", "kind", "known_as"),
    [
        ("20000", "isp.unknow-error", GatewayUnreachable, ""),
        ("20000", "aop.something-new", GatewayUnreachable, ""),
        ("40004", "ACQ.SYSTEM_ERROR", GatewayUnreachable, ""),
        ("40004", "aop.ACQ.SYSTEM_ERROR", GatewayUnreachable, ""),
        ("40005", "isv.app-call-limited", GatewayUnreachable, ""),
        ("40005", "", GatewayUnreachable, ""),
        ("40004", "SYSTEM_RATE_LIMIT", GatewayUnreachable, ""),
        ("40004", "ACQ.TRADE_HAS_SUCCESS", GatewayRefused, "ORDERPAID"),
        ("40004", "ACQ.SELLER_BALANCE_NOT_ENOUGH", GatewayRefused, "NOT_ENOUGH"),
        ("40004", "ACQ.TRADE_NOT_EXIST", GatewayRefused, "ACQ.TRADE_NOT_EXIST"),
        ("40004", "ACQ.NEVER_HEARD_OF", GatewayRefused, "ACQ.NEVER_HEARD_OF"),
        ("40006", "isv.insufficient-isv-permissions", GatewayRefused, "isv.insufficient-isv-permissions"),
        ("41000", "", GatewayRefused, "41000"),
    ],
)
def test_the_table_of_codes(code, sub_code, kind, known_as):
    told = codes.fault(code, sub_code, "words")

    assert type(told) is kind
    assert getattr(told, "code", "") == known_as
    assert "words" in str(told)


def test_every_code_has_a_source_and_refusals_of_closing_are_known():
    assert all("." in each.source for each in [*codes.SUB_CODES.values(), *codes.CLASSES.values()])
    assert set(codes.SUB_CODES) >= codes.NOT_WAITING


def test_a_manifest_without_alipay_names_no_account(tmp_path):
    (tmp_path / "manifest.json").write_text('{"wechatpay": {}}')

    assert read_account(tmp_path / "manifest.json") is None
