"""The gateway's bills: how they are read, and what the stand-in writes of what it took."""

from __future__ import annotations

import gzip
import hashlib
import io
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st

from lintuan.kernel.money import ZERO, Money, total
from lintuan.payments import queries
from lintuan.payments.errors import BrokenBill, GatewayNotSetUp, GatewaySaysNo, NoBill
from lintuan.payments.gateways.bills import BEIJING, Bill, FlowReader, TradeReader, fen, read_rows
from lintuan.payments.gateways.faults import GatewayRefused
from lintuan.payments.types import FlowKind, FlowRow, TradeKind, TradeRow
from tests.shop import Shop, open_shop
from tests.stand_ins import listen, run_standins

WHO = "交易时间,公众账号ID,商户号,特约商户号,设备号,微信订单号,商户订单号,用户标识,交易类型,交易状态,付款银行,货币种类"
TRADES = (
    f"{WHO},应结订单金额,代金券金额,微信退款单号,商户退款单号,退款金额,充值券退款金额,退款类型,退款状态,"
    "商品名称,商户数据包,手续费,费率,订单金额,申请退款金额,费率备注"
)
PAYMENT = (
    "`2026-11-22 19:30:05,`wx1,`16,`0,`,`4200,`44aa,`o1,`JSAPI,`SUCCESS,`OTHERS,`CNY,`18.90,`1.00,`0,`0,`0.00,`0.00,"
    "`,`,`土豆\\ 5kg,`,`0.11000,`0.60%,`19.90,`0.00,`"
)
REFUND = (
    "`2026-11-22 20:00:00,`wx1,`16,`0,`,`4200,`44aa,`o1,`JSAPI,`REFUND,`OTHERS,`CNY,`0.00,`0.00,`5000,`44bb,`5.00,"
    "`0.00,`ORIGINAL,`PROCESSING,`土豆\\ 5kg,`,`-0.03000,`0.60%,`0.00,`5.00,`"
)
SUMS = "总交易单数,应结订单总金额,退款总金额,充值券退款总金额,手续费总金额,订单总金额,申请退款总金额"
TOLD = "`2.0,`18.90,`5.00,`0.00,`0.08000,`19.90,`5.00"
FLOWS = "记账时间,微信支付业务单号,资金流水单号,业务名称,业务类型,"
FLOWS += "收支类型,收支金额（元）,账户结余（元）,资金变更提交申请人,备注,业务凭证号"
FLOW_ROWS = (
    "`2018-02-01 04:21:23,`5000,`1900,`退款,`退款,`支出,`0.02,`0.17,`system,`缺货,`REF4200",
    "`2018-02-01 04:21:24,`4200,`1901,`微信红包,`红包,`收入,`0.35,`0.52,`system,`,`",
)
FLOW_SUMS = ("资金流水总笔数,收入笔数,收入金额,支出笔数,支出金额", "`2.0,`1.0,`0.35,`1.0,`0.02")


def trades(*lines: str) -> list[TradeRow]:
    return list(read_rows(iter(lines), TradeReader))


def test_a_trade_bill_is_read_by_its_headings() -> None:
    payment, refund = trades(TRADES, PAYMENT, REFUND, "", SUMS, TOLD)

    assert payment == TradeRow(
        kind=TradeKind.PAYMENT,
        at=datetime(2026, 11, 22, 19, 30, 5, tzinfo=BEIJING),
        number="44aa",
        transaction_no="4200",
        refund_number="",
        refund_no="",
        amount=Money(1990),
        settled=Money(1890),
        fee=Money(11),
        trade_type="JSAPI",
        status="",
    )
    assert (refund.kind, refund.refund_number, refund.refund_no) == (TradeKind.REFUND, "44bb", "5000")
    assert (refund.amount, refund.settled, refund.fee) == (Money(500), Money(500), Money(-3))
    assert refund.status == "PROCESSING"


def test_a_bill_of_payments_has_no_columns_of_refunds() -> None:
    cells = PAYMENT.split(",")
    lines = (f"{WHO},应结订单金额,代金券金额,手续费,订单金额", ",".join([*cells[:14], "`0.11000", "`19.90"]))

    assert [row.amount for row in trades(*lines, SUMS, "`1,`18.90,`0.00,`0.00,`0.11,`19.90,`0.00")] == [Money(1990)]


def test_a_flow_bill_says_what_moved_and_what_was_left() -> None:
    out, other = read_rows(iter([FLOWS, *FLOW_ROWS, *FLOW_SUMS]), FlowReader)

    assert (out.kind, out.amount, out.balance) == (FlowKind.REFUND, Money(-2), Money(17))
    assert (out.business_no, out.flow_no, out.voucher, out.note) == ("5000", "1900", "REF4200", "缺货")
    assert (other.kind, other.word, other.amount) == (FlowKind.OTHER, "红包", Money(35))


@pytest.mark.parametrize(
    ("lines", "reason"),
    [
        ((), "no column"),
        ((TRADES,), "sums at the end are missing"),
        ((TRADES, PAYMENT), "sums at the end are missing"),
        ((TRADES, SUMS), "总交易单数: '' at the end, 0.00 in the rows"),
        ((TRADES, PAYMENT, SUMS, TOLD), "总交易单数: '2.0' at the end, 1.00 in the rows"),
        ((TRADES, PAYMENT, REFUND, SUMS, TOLD.replace("18.90", "18.91")), "应结订单总金额"),
        ((TRADES, PAYMENT, REFUND, SUMS, TOLD.replace("0.08000", "0.14000")), "手续费总金额"),
        ((TRADES, PAYMENT.replace("`CNY,", "")), "26 cells under 27 headings"),
        ((TRADES, PAYMENT.replace("SUCCESS", "MAYBE")), "MAYBE"),
        ((TRADES, PAYMENT.replace("19.90", "19.905")), "19.905"),
        ((TRADES, PAYMENT.replace("19:30:05", "soon")), "soon"),
        ((TRADES.replace("订单金额,申请", "金额,申请"), PAYMENT), "订单总金额"),
    ],
)
def test_a_bill_that_is_not_as_documented_is_refused(lines: Sequence[str], reason: str) -> None:
    with pytest.raises(BrokenBill, match=reason):
        trades(*lines)


@pytest.mark.parametrize(
    ("text", "amount"),
    [("0.00", 0), ("0.01", 1), ("-0.01", -1), ("12", 1200), ("12.5", 1250), ("0.11000", 11), ("1234567.89", 123456789)],
)
def test_yuan_become_whole_fen(text: str, amount: int) -> None:
    assert fen(text) == amount


@pytest.mark.parametrize("text", ["", "-", "1,00", "1e3", "0.001", "0.00001", "٣.00", " 1.00", "1.", "--1"])
def test_what_is_no_whole_number_of_fen_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="yuan"):
        fen(text)


@given(st.integers(-(10**12), 10**12), st.integers(0, 5))
def test_every_amount_survives_being_written_in_yuan(amount: int, zeros: int) -> None:
    assert fen(f"{Money(amount)}{'0' * zeros}") == amount


def bill(content: bytes) -> Bill[TradeRow]:
    return Bill(io.BytesIO(gzip.compress(content)), TradeReader)


class TestTheFile:
    content = "\ufeff{}\r\n".format("\r\n".join([TRADES, PAYMENT, REFUND, SUMS, TOLD])).encode()
    sha1 = hashlib.sha1(content).hexdigest()

    def test_it_is_read_when_its_hash_is_the_signed_one(self) -> None:
        whole = bill(self.content)

        whole.check(self.sha1.upper())

        assert [row.number for row in whole.rows()] == ["44aa", "44aa"]

    @given(st.data())
    @examples(max_examples=40)
    def test_any_other_content_is_refused(self, data: st.DataObject) -> None:
        place = data.draw(st.integers(0, len(self.content) - 1))
        other = bytearray(self.content)
        other[place] ^= data.draw(st.integers(1, 255))

        with pytest.raises(BrokenBill, match="SHA1"):
            bill(bytes(other)).check(self.sha1)

    @pytest.mark.parametrize(
        "file", [b"", b"plain text", gzip.compress(b"whole" * 999)[:-9], b"\x1f\x8b\x08" + b"x" * 99]
    )
    def test_what_is_no_whole_gzip_is_refused(self, file: bytes) -> None:
        with pytest.raises(BrokenBill):
            Bill(io.BytesIO(file), TradeReader).check(self.sha1)


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    state = tmp_path_factory.mktemp("outside world")
    with (
        run_standins(state, "--bills-at-once", "--fee-rate", "0.6") as addresses,
        listen() as ear,
        open_shop(addresses, ear) as shop,
    ):
        yield shop


def today() -> date:
    return datetime.now(BEIJING).date()


def flows(shop: Shop, day: date, *numbers: str) -> list[FlowRow]:
    return [row for row in shop.gateway.flow_bill(day) if row.voucher in numbers]


class TestOverTheWire:
    def test_what_was_taken_and_paid_back_is_in_both_bills(self, shop: Shop) -> None:
        day = today()
        order = shop.a_paid_order(amount_fen=1990)
        refund = shop.a_refund(order, refund_fen=990)
        refund_id = shop.gateway.refund(refund).refund_id
        shop.hear(), shop.hear()

        rows = [row for row in shop.gateway.trade_bill(day) if row.number == order.out_trade_no]
        moved = flows(shop, day, order.out_trade_no, refund.out_refund_no)

        assert [(row.kind, row.amount, row.settled, row.fee, row.status) for row in rows] == [
            (TradeKind.PAYMENT, Money(1990), Money(1990), Money(12), ""),
            (TradeKind.REFUND, Money(990), Money(990), Money(-6), "SUCCESS"),
        ]
        assert (rows[1].refund_number, rows[1].refund_no) == (refund.out_refund_no, refund_id)
        assert [(row.kind, row.amount) for row in moved] == [
            (FlowKind.PAYMENT, Money(1990)),
            (FlowKind.FEE, Money(-12)),
            (FlowKind.FEE_BACK, Money(6)),
            (FlowKind.REFUND, Money(-990)),
        ]
        assert [row.business_no for row in moved] == [rows[0].transaction_no] * 2 + [refund_id] * 2

    def test_the_balance_is_what_all_movements_leave(self, shop: Shop) -> None:
        day = today()
        shop.a_paid_order(amount_fen=333)
        shop.hear()

        moved = list(shop.gateway.flow_bill(day))

        assert moved[-1].balance == total(row.amount for row in moved)

    @pytest.mark.parametrize(("kind", "kinds"), [("SUCCESS", {TradeKind.PAYMENT}), ("REFUND", {TradeKind.REFUND})])
    def test_a_bill_may_tell_of_one_side_alone(self, shop: Shop, kind: str, kinds: set[TradeKind]) -> None:
        day = today()
        order = shop.a_paid_order()
        shop.gateway.refund(shop.a_refund(order, refund_fen=1))
        shop.hear(), shop.hear()

        assert {row.kind for row in shop.gateway.trade_bill(day, kind)} == kinds

    def test_refunds_together_return_the_whole_fee(self, shop: Shop) -> None:
        day = today()
        order = shop.a_paid_order(amount_fen=1000)
        for part in (83, 84, 333, 500):
            shop.gateway.refund(shop.a_refund(order, refund_fen=part))
        for _ in range(5):
            shop.hear()

        fees = [row.fee for row in shop.gateway.trade_bill(day) if row.number == order.out_trade_no]

        assert fees == [Money(6), Money(0), Money(-1), Money(-2), Money(-3)]
        assert total(fees) == ZERO

    def test_a_day_without_trade_has_no_bill(self, shop: Shop) -> None:
        with pytest.raises(NoBill):
            shop.gateway.trade_bill(today() - timedelta(days=30))
        with pytest.raises(NoBill):
            shop.gateway.flow_bill(today(), "OPERATION")

    def test_several_may_ask_for_the_same_bill_at_once(self, shop: Shop) -> None:
        day = today()
        order = shop.a_paid_order()
        shop.hear()

        with ThreadPoolExecutor(4) as askers:
            asked = [askers.submit(lambda: list(shop.gateway.trade_bill(day))) for _ in range(8)]

        first, *others = [one.result() for one in asked]
        assert order.out_trade_no in {row.number for row in first}
        assert all(rows == first for rows in others)

    @pytest.mark.parametrize("days", [-1, 93, 4000])
    def test_only_three_months_back_are_told(self, shop: Shop, days: int) -> None:
        with pytest.raises(GatewayRefused, match=r"^INVALID_REQUEST"):
            shop.gateway.trade_bill(today() - timedelta(days=days))


class TestTheDoor:
    @pytest.fixture(autouse=True)
    def _keys(self, shop: Shop, settings) -> None:
        settings.GATEWAY_KEYS = str(shop.addresses.manifest)

    def test_other_rooms_read_both_bills(self, shop: Shop) -> None:
        order = shop.a_paid_order(amount_fen=1000)
        shop.hear()

        assert Money(1000) in [row.amount for row in queries.trade_rows(today()) if row.number == order.out_trade_no]
        assert Money(-6) in [row.amount for row in queries.flow_rows(today()) if row.voucher == order.out_trade_no]

    def test_a_day_without_trade_and_a_refusal_are_told_apart(self) -> None:
        with pytest.raises(NoBill):
            queries.trade_rows(today() - timedelta(days=30))
        with pytest.raises(GatewaySaysNo):
            queries.trade_rows(today() + timedelta(days=1))

    def test_without_a_gateway_there_is_no_bill(self, settings) -> None:
        settings.GATEWAY_KEYS = ""

        with pytest.raises(GatewayNotSetUp):
            queries.flow_rows(today())


def test_the_bill_of_today_is_not_told_where_that_is_not_wanted(tmp_path) -> None:
    with run_standins(tmp_path) as addresses, listen() as ear, open_shop(addresses, ear) as shop:
        shop.a_paid_order()

        with pytest.raises(GatewayRefused, match=r"^INVALID_REQUEST"):
            shop.gateway.trade_bill(today())
