import io
import secrets
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from urllib.parse import parse_qsl
from zipfile import ZipFile

import pytest
from alipay import AliPay
from cryptography.hazmat.primitives.asymmetric import rsa

from lintuan.payments.errors import NoBill
from lintuan.payments.gateways.alipay import Alipay, Exchange
from lintuan.payments.gateways.alipay.bills import Bills, Kind, UnreadableBill, read_bill
from lintuan.payments.gateways.alipay.protocol import BEIJING
from lintuan.payments.gateways.alipay.royalties import Account, Receiver, Royalties, Share, ShareState
from lintuan.payments.gateways.faults import GatewayRefused, GatewayUnreachable
from lintuan.payments.gateways.notices import PaymentNotice, RefundState, TradeState
from lintuan.payments.types import PayMethod
from tests.alipay_shop import AlipayShop, open_alipay_shop
from tests.stand_ins import free_port, listen, run_standins


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[AlipayShop]:
    with ExitStack() as stack:
        addresses = stack.enter_context(run_standins(tmp_path_factory.mktemp("outside"), "--retry", "0.05,0.1"))
        yield stack.enter_context(open_alipay_shop(addresses, stack.enter_context(listen())))


def refused(code: str) -> object:
    return pytest.raises(GatewayRefused, match=f"^{code}")


class TestPayments:
    def test_one_is_told_by_a_callback_and_by_a_query(self, shop):
        order = shop.an_order(amount_fen=1990)
        trade_no = shop.gateway.prepay(order)

        assert shop.gateway.phone_parameters(trade_no) == {"tradeNO": trade_no}
        assert shop.gateway.query(order.out_trade_no).state is TradeState.NOT_PAID
        assert shop.press_pay(trade_no).json() == {"resultCode": "9000"}

        notice = shop.hear()
        assert isinstance(notice, PaymentNotice)
        assert notice.event_type == "TRADE_SUCCESS"
        assert notice.transaction == shop.gateway.query(order.out_trade_no)
        assert (notice.transaction.total_fen, notice.transaction.openid) == (1990, "0open-id-1")
        assert notice.transaction.transaction_id == trade_no
        assert abs(notice.transaction.paid_at - datetime.now(UTC)) < timedelta(minutes=1)

    def test_the_same_order_asked_again_is_the_same_trade(self, shop):
        order = shop.an_order()

        assert shop.gateway.prepay(order) == shop.gateway.prepay(order)

    def test_an_order_number_with_other_content_is_refused(self, shop):
        order = shop.an_order(amount_fen=100)
        shop.gateway.prepay(order)

        with refused("ACQ.CONTEXT_INCONSISTENT"):
            shop.gateway.prepay(replace(order, amount_fen=101))

    def test_only_the_buyer_of_the_trade_pays_it(self, shop):
        trade_no = shop.gateway.prepay(shop.an_order())

        assert shop.press_pay(trade_no, buyer="0somebody").json()["sub_code"] == "ACQ.TRADE_BUYER_NOT_MATCH"
        assert shop.press_pay(trade_no, buyer="0open-id-1").json() == {"resultCode": "9000"}
        shop.hear()

    def test_a_buyer_may_be_named_by_a_user_id(self, shop):
        order = replace(shop.an_order(), openid="2088000000000077")

        shop.press_pay(shop.gateway.prepay(order))

        assert shop.hear().transaction.openid == "2088000000000077"

    def test_a_paid_order_is_neither_opened_paid_nor_closed_again(self, shop):
        order = shop.a_paid_order()
        trade_no = shop.hear().transaction.transaction_id

        with refused("ORDERPAID"):
            shop.gateway.prepay(order)
        with refused("ORDERPAID"):
            shop.gateway.close(order.out_trade_no)
        assert shop.press_pay(trade_no).json()["sub_code"] == "ACQ.TRADE_HAS_SUCCESS"

    def test_a_closed_order_cannot_be_paid(self, shop):
        order = shop.an_order()
        trade_no = shop.gateway.prepay(order)

        shop.gateway.close(order.out_trade_no)
        shop.gateway.close(order.out_trade_no)

        assert shop.gateway.query(order.out_trade_no).state is TradeState.CLOSED
        assert shop.hear().transaction.state is TradeState.CLOSED
        assert shop.press_pay(trade_no).json()["sub_code"] == "ACQ.TRADE_HAS_CLOSE"
        with refused("ACQ.TRADE_HAS_CLOSE"):
            shop.gateway.prepay(order)

    def test_an_expired_order_is_closed(self, shop):
        order = replace(shop.an_order(), expires_at=datetime.now(UTC) - timedelta(seconds=1))

        trade_no = shop.gateway.prepay(order)

        assert shop.press_pay(trade_no).json()["sub_code"] == "ACQ.TRADE_HAS_CLOSE"
        assert shop.gateway.query(order.out_trade_no).state is TradeState.CLOSED
        assert shop.hear().transaction.state is TradeState.CLOSED

    def test_an_unknown_order_is_refused(self, shop):
        with refused("ACQ.TRADE_NOT_EXIST"):
            shop.gateway.query("nobody")
        with refused("ACQ.TRADE_NOT_EXIST"):
            shop.gateway.close("nobody")

    @pytest.mark.parametrize("fen", [0, -1, 10**11])
    def test_an_amount_out_of_bounds_is_refused(self, shop, fen):
        with refused("ACQ.INVALID_PARAMETER"):
            shop.gateway.prepay(shop.an_order(amount_fen=fen))


class TestOtherWays:
    def test_a_browser_opens_a_signed_address(self, shop):
        gateway = Alipay(shop.exchange, return_url="http://127.0.0.1/orders?of=1")
        order = shop.an_order(amount_fen=1990, method=PayMethod.ALIPAY_WAP)
        address = gateway.prepay(order)

        with refused("ACQ.TRADE_NOT_EXIST"):
            gateway.query(order.out_trade_no)
        page = shop.phone.get(address)

        assert "¥19.90" in page.text
        assert "<button>" in page.text
        trade_no = gateway.query(order.out_trade_no).transaction_id
        paid = shop.phone.post(f"{shop.addresses.alipay}/phone/pay", data={"tradeNO": trade_no})
        assert "支付成功" in paid.text
        assert 'href="http://127.0.0.1/orders?of=1"' in paid.text
        assert shop.hear().transaction.out_trade_no == order.out_trade_no

    def test_an_address_that_was_tampered_with_shows_no_button(self, shop):
        address = shop.gateway.prepay(shop.an_order(amount_fen=9_900, method=PayMethod.ALIPAY_WAP))

        page = shop.phone.get(address.replace("99.00", "0.01"))

        assert page.status_code == 400
        assert "<button>" not in page.text

    def test_a_qr_code_is_scanned(self, shop):
        gateway, order = shop.gateway, shop.an_order(amount_fen=500, method=PayMethod.ALIPAY_QR)
        handle = gateway.prepay(order)

        with refused("ACQ.TRADE_NOT_EXIST"):
            gateway.query(order.out_trade_no)
        page = shop.phone.get(handle)

        assert "¥5.00" in page.text
        trade_no = gateway.query(order.out_trade_no).transaction_id
        shop.press_pay(trade_no).raise_for_status()
        assert shop.hear().transaction.total_fen == 500


class TestRefunds:
    def test_one_pays_back_at_once_and_its_repeat_nothing_more(self, shop):
        order = shop.a_paid_order(amount_fen=1990)
        shop.hear()
        request = shop.a_refund(order, refund_fen=590)

        first, again = shop.gateway.refund(request), shop.gateway.refund(request)

        asked = shop.gateway.query_refund(request.out_refund_no, order.out_trade_no)
        assert first == again == asked
        assert (asked.state, asked.refund_fen, asked.total_fen) == (RefundState.SUCCEEDED, 590, 1990)
        assert abs(asked.settled_at - datetime.now(UTC)) < timedelta(minutes=1)
        notice = shop.hear()
        assert notice.transaction.state is TradeState.REFUNDED
        assert notice.transaction.total_fen == 1990
        assert shop.gateway.query(order.out_trade_no).state is TradeState.PAID

    def test_all_parts_together_close_the_trade(self, shop):
        order = shop.a_paid_order(amount_fen=100)
        shop.hear()

        told = []
        for part in (30, 70):
            shop.gateway.refund(shop.a_refund(order, refund_fen=part))
            told.append(shop.hear())

        assert [notice.event_type for notice in told] == ["TRADE_SUCCESS", "TRADE_CLOSED"]
        assert [notice.transaction.state for notice in told] == [TradeState.REFUNDED] * 2
        assert shop.gateway.query(order.out_trade_no).state is TradeState.REFUNDED
        with refused("ACQ.REASON_TRADE_REFUND_FEE_ERR"):
            shop.gateway.refund(shop.a_refund(order, refund_fen=1))

    def test_more_than_was_paid_is_refused(self, shop):
        order = shop.a_paid_order(amount_fen=100)
        shop.hear()

        with refused("ACQ.REASON_TRADE_REFUND_FEE_ERR"):
            shop.gateway.refund(shop.a_refund(order, refund_fen=101))

    def test_nothing_of_an_unpaid_order_goes_back(self, shop):
        order = shop.an_order()
        shop.gateway.prepay(order)

        with refused("ACQ.TRADE_STATUS_ERROR"):
            shop.gateway.refund(shop.a_refund(order, refund_fen=1))

    def test_a_number_with_another_amount_is_refused(self, shop):
        order = shop.a_paid_order(amount_fen=100)
        request = shop.a_refund(order, refund_fen=10)
        shop.gateway.refund(request)
        shop.hear(), shop.hear()

        with refused("ACQ.DISCORDANT_REPEAT_REQUEST"):
            shop.gateway.refund(replace(request, refund_fen=11))

    def test_an_unknown_refund_is_refused(self, shop):
        order = shop.a_paid_order()
        shop.hear()

        with refused("RESOURCE_NOT_EXISTS"):
            shop.gateway.query_refund("nothing", order.out_trade_no)


class TestTroubles:
    @pytest.mark.parametrize("trouble", ["too_often", "unavailable", "server_error", "system_error", "bad_signature"])
    def test_the_outcome_is_unknown_and_the_repeat_finds_it(self, shop, trouble):
        order = shop.an_order()
        shop.expect_answers(trouble)

        with pytest.raises(GatewayUnreachable):
            shop.gateway.prepay(order)

        shop.press_pay(shop.gateway.prepay(order)).raise_for_status()
        assert shop.hear().transaction.out_trade_no == order.out_trade_no

    @pytest.mark.parametrize("trouble", ["silent", "system_error"])
    def test_a_refund_that_was_done_without_an_answer_is_not_done_twice(self, shop, trouble):
        order = shop.a_paid_order(amount_fen=1000)
        request = shop.a_refund(order, refund_fen=600)
        shop.expect_answers(trouble)

        with pytest.raises(GatewayUnreachable):
            shop.impatient().refund(request)

        told = shop.gateway.refund(request)
        assert (told.state, told.refund_fen) == (RefundState.SUCCEEDED, 600)
        assert [shop.hear().transaction.state for _ in range(2)] == [TradeState.PAID, TradeState.REFUNDED]
        assert shop.ear.is_quiet()

    def test_an_empty_account_pays_back_later(self, shop):
        order = shop.a_paid_order(amount_fen=1000)
        request = shop.a_refund(order, refund_fen=600)
        shop.expect_answers("not_enough")

        with refused("NOT_ENOUGH: ACQ.SELLER_BALANCE_NOT_ENOUGH"):
            shop.gateway.refund(request)

        assert shop.gateway.refund(request).state is RefundState.SUCCEEDED
        shop.hear(), shop.hear()

    def test_a_refund_whose_query_fails_is_on_its_way(self, shop):
        order = shop.a_paid_order(amount_fen=1000)
        request = shop.a_refund(order, refund_fen=600)
        shop.gateway.refund(request)
        shop.hear(), shop.hear()
        shop.expect_answers("none", "unavailable")

        assert shop.gateway.refund(request).state is RefundState.PROCESSING

    def test_a_stranger_is_told_so_without_a_signature(self, shop):
        stranger = replace(shop.account, app_id="2021999999999999")

        with pytest.raises(GatewayUnreachable, match=r"did not sign.*isv\.invalid-app-id"):
            Alipay(Exchange(stranger, base_url=shop.base_url, real_time=time.time)).query("T1")

    def test_a_wrong_key_is_refused(self, shop):
        wrong = replace(shop.account, app_private_key=rsa.generate_private_key(public_exponent=65537, key_size=2048))

        with refused("isv.invalid-signature"):
            Alipay(Exchange(wrong, base_url=shop.base_url, real_time=time.time)).query("T1")

    def test_where_nobody_listens_it_is_unreachable(self, shop):
        address = f"http://127.0.0.1:{free_port()}/gateway.do"

        with pytest.raises(GatewayUnreachable):
            Alipay(Exchange(shop.account, base_url=address, real_time=time.time)).query("T1")

    def test_a_method_that_does_not_exist_is_refused(self, shop):
        with refused("isv.invalid-method"):
            shop.exchange.ask("alipay.nothing", {}, read=dict)


class TestRoyalties:
    def test_a_bound_receiver_gets_a_share_once(self, shop):
        royalties, leader = Royalties(shop.exchange), Receiver(Account.USER_ID, "2088000000000042", memo="团长")
        royalties.bind([leader], out_request_no=secrets.token_hex(8))
        shop.a_paid_order(amount_fen=1000)
        trade_no = shop.hear().transaction.transaction_id

        first, again = (
            royalties.settle(trade_no, [Share(leader, 300, "佣金")], out_request_no="S1", is_last=True)
            for _ in range(2)
        )

        (share,) = royalties.query(first)
        assert first == again
        assert (share.account, share.amount_fen, share.state) == ("2088000000000042", 300, ShareState.SUCCEEDED)

    def test_nobody_unbound_and_no_more_than_may_be_shared(self, shop):
        royalties, leader = Royalties(shop.exchange), Receiver(Account.LOGIN, "leader@example.com", name="王芳")
        shop.a_paid_order(amount_fen=1000)
        trade_no = shop.hear().transaction.transaction_id

        with refused("ACQ.ROYALTY_RECEIVER_INVALID"):
            royalties.settle(trade_no, [Share(leader, 1)], out_request_no="S1", is_last=False)
        royalties.bind([leader], out_request_no=secrets.token_hex(8))
        with refused("ACQ.ALLOC_AMOUNT_VALIDATE_ERROR"):
            royalties.settle(trade_no, [Share(leader, 301)], out_request_no="S2", is_last=False)

    @pytest.mark.parametrize("count", [0, 6])
    def test_too_many_at_once_are_not_even_asked_for(self, shop, count):
        leader = Receiver(Account.USER_ID, "2088000000000042")

        with pytest.raises(ValueError):
            Royalties(shop.exchange).settle("1", [Share(leader, 1)] * count, out_request_no="S1", is_last=False)


@pytest.fixture(scope="class")
def day_of_trade(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[AlipayShop, list[str], bytes]]:
    """A shop with two payments and a refund, and its bill."""
    with ExitStack() as stack:
        addresses = stack.enter_context(run_standins(tmp_path_factory.mktemp("outside")))
        shop = stack.enter_context(open_alipay_shop(addresses, stack.enter_context(listen())))
        orders = [shop.a_paid_order(amount_fen=amount) for amount in (1990, 1)]
        shop.gateway.refund(shop.a_refund(orders[0], refund_fen=590, number="R1"))
        paid_at = shop.gateway.query(orders[0].out_trade_no).paid_at
        bill = Bills(shop.exchange).download(paid_at.astimezone(BEIJING).date())
        yield shop, [order.out_trade_no for order in orders], bill


def rebuilt(bill: bytes, *changes: tuple[str, str]) -> io.BytesIO:
    """The same archive with other words in its list of trades."""
    made = io.BytesIO()
    with ZipFile(io.BytesIO(bill)) as old, ZipFile(made, "w") as new:
        for entry in old.infolist():
            text = old.read(entry).decode("gb18030")
            for before, after in changes:
                text = text.replace(before, after)
            new.writestr(entry.filename.encode("cp437").decode("gb18030"), text.encode("gb18030"))
    return made


class TestBills:
    def test_every_fen_of_a_day_is_in_it(self, day_of_trade):
        _, numbers, bill = day_of_trade

        rows = list(read_bill(io.BytesIO(bill)))

        assert {(row.kind, row.out_trade_no, row.refund_no, row.received_fen) for row in rows} == {
            (Kind.TRADE, numbers[0], "", 1990),
            (Kind.TRADE, numbers[1], "", 1),
            (Kind.REFUND, numbers[0], "R1", -590),
        }
        assert {row.subject for row in rows} == {"土豆 5 kg {一袋} &  好  =}"}
        assert all(row.order_fen == row.received_fen for row in rows)
        assert sorted(row.fee_fen for row in rows) == [-12, 0, 4]
        assert all(abs(row.finished_at - datetime.now(UTC)) < timedelta(minutes=2) for row in rows)

    def test_it_is_an_archive_in_gbk(self, day_of_trade):
        with ZipFile(io.BytesIO(day_of_trade[2])) as opened:
            names = [entry.filename.encode("cp437").decode("gbk") for entry in opened.infolist()]
            text = opened.read(opened.infolist()[1]).decode("gbk")

        assert [name.partition("_业务")[2] for name in names] == ["明细(汇总).csv", "明细.csv"]
        assert text.startswith("#支付宝业务明细查询")
        assert "#退款合计：1笔，商家实收退款共-5.90元" in text

    def test_an_archive_whose_names_are_marked_is_read_too(self, day_of_trade):
        assert len(list(read_bill(rebuilt(day_of_trade[2])))) == 3

    @pytest.mark.parametrize(
        "changes",
        [
            [("商家实收共19.91元", "商家实收共19.90元")],
            [("交易合计：2笔", "交易合计：3笔")],
            [("退款共-5.90元", "退款共0.00元")],
            [("#交易合计", "#"), ("#退款合计", "#")],
            [("商户订单号", "订单号")],
            [("19.90\t", "19.901\t")],
            [("交易\t,", "红包\t,")],
            [("退款\t,", "退款\t,,")],
        ],
    )
    def test_one_that_does_not_add_up_is_unreadable(self, day_of_trade, changes):
        with pytest.raises(UnreadableBill):
            list(read_bill(rebuilt(day_of_trade[2], *changes)))

    @pytest.mark.parametrize("cut", [0, 10, 400])
    def test_one_that_was_cut_short_is_unreadable(self, day_of_trade, cut):
        with pytest.raises(UnreadableBill):
            list(read_bill(io.BytesIO(day_of_trade[2][:cut])))

    def test_a_broken_one_is_unreadable(self, day_of_trade):
        broken = bytearray(day_of_trade[2])
        for place in range(200, len(broken) // 2):
            broken[place] ^= 0x5A

        with pytest.raises(UnreadableBill):
            list(read_bill(io.BytesIO(bytes(broken))))

    def test_an_archive_of_something_else_is_unreadable(self):
        made = io.BytesIO()
        with ZipFile(made, "w") as opened:
            opened.writestr("hello.txt", "hello")

        with pytest.raises(UnreadableBill):
            list(read_bill(made))

    def test_the_service_tells_it_as_all_channels_do(self, day_of_trade):
        shop, numbers, _ = day_of_trade
        day = shop.gateway.query(numbers[0]).paid_at.astimezone(BEIJING).date()

        # Several trades of one second are in any order.
        rows = sorted(shop.gateway.trade_bill(day), key=lambda row: (row.kind, -row.amount.fen))

        assert [(row.kind, row.number, row.amount.fen) for row in rows] == [
            ("payment", numbers[0], 1990), ("payment", numbers[1], 1), ("refund", numbers[0], 590),
        ]  # fmt: skip
        assert (rows[2].refund_number, rows[2].refund_no, rows[2].fee.fen) == ("R1", "R1", -4)
        assert shop.gateway.flow_bill(day) is None

    def test_a_day_without_a_bill_is_told_as_such(self, day_of_trade):
        with pytest.raises(NoBill):
            day_of_trade[0].gateway.trade_bill(date(2020, 1, 1))

    def test_a_day_without_trade_has_none(self, day_of_trade):
        with refused("BILL_NOT_EXIST"):
            Bills(day_of_trade[0].exchange).download(date(2020, 1, 1))

    def test_an_address_that_nobody_was_given_holds_nothing(self, day_of_trade):
        shop = day_of_trade[0]

        with pytest.raises(GatewayUnreachable, match="403"):
            shop.exchange.download(f"{shop.addresses.alipay}/bill?fileId=0")


class TestOracle:
    """Somebody else's client pays at our stand-in; its address is a private attribute."""

    @pytest.fixture
    def oracle(self, shop: AlipayShop) -> AliPay:
        folder = shop.addresses.manifest.parent / "alipay"
        ours, theirs = ((folder / name).read_text() for name in ("app_private.pem", "alipay_public.pem"))
        client = AliPay(shop.account.app_id, shop.ear.url, ours, theirs)
        client._gateway = shop.base_url
        return client

    def test_it_orders_asks_and_pays_back(self, shop, oracle):
        number = f"T{secrets.token_hex(8)}"
        made = oracle.api_alipay_trade_create("土豆", number, "19.90", buyer_id="2088000000000077")
        shop.press_pay(made["trade_no"]).raise_for_status()

        asked = oracle.api_alipay_trade_query(out_trade_no=number)
        given = oracle.api_alipay_trade_refund("5.90", out_trade_no=number, out_request_no="R1")
        found = oracle.api_alipay_trade_fastpay_refund_query("R1", out_trade_no=number)

        assert (asked["trade_status"], asked["total_amount"]) == ("TRADE_SUCCESS", "19.90")
        assert (given["fund_change"], found["refund_status"]) == ("Y", "REFUND_SUCCESS")
        assert shop.gateway.query(number).total_fen == 1990
        assert [shop.hear().transaction.state for _ in range(2)] == [TradeState.PAID, TradeState.REFUNDED]

    def test_it_closes_what_we_opened_and_we_what_it_opened(self, shop, oracle):
        ours, theirs = shop.an_order(), f"T{secrets.token_hex(8)}"
        shop.gateway.prepay(ours)
        oracle.api_alipay_trade_create("土豆", theirs, 1, buyer_id="2088000000000077")

        assert oracle.api_alipay_trade_close(out_trade_no=ours.out_trade_no)["code"] == "10000"
        shop.gateway.close(theirs)

        assert oracle.api_alipay_trade_query(out_trade_no=theirs)["trade_status"] == "TRADE_CLOSED"
        assert {shop.hear().transaction.out_trade_no for _ in range(2)} == {ours.out_trade_no, theirs}

    def test_its_page_and_its_qr_code_open(self, shop, oracle):
        page = oracle.api_alipay_trade_wap_pay(
            "土豆", f"T{secrets.token_hex(8)}", "0.01", return_url="http://127.0.0.1/"
        )
        code = oracle.api_alipay_trade_precreate("土豆", f"T{secrets.token_hex(8)}", 88.88)

        assert "¥0.01" in shop.phone.get(f"{shop.base_url}?{page}").text
        assert "¥88.88" in shop.phone.get(code["qr_code"]).text

    def test_it_shares_what_was_paid(self, shop, oracle):
        Royalties(shop.exchange).bind([Receiver(Account.USER_ID, "2088000000000043")], out_request_no="B43")
        shop.a_paid_order(amount_fen=1000)
        trade_no = shop.hear().transaction.transaction_id

        told = oracle.api_alipay_trade_order_settle("S1", trade_no, [{"trans_in": "2088000000000043", "amount": 1.5}])

        (share,) = Royalties(shop.exchange).query(told["settle_no"])
        assert share.amount_fen == 150

    def test_it_believes_the_callbacks_that_we_believe(self, shop, oracle):
        shop.a_paid_order()

        fields = dict(parse_qsl(shop.ear.next().body.decode(), keep_blank_values=True))
        assert oracle.verify(fields, fields.pop("sign"))
