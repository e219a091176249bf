"""Our client of profit sharing, and other people's client, at the stand-in."""

from __future__ import annotations

import json
import secrets
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lintuan.payments.gateways.exchange import Exchange
from lintuan.payments.gateways.faults import GatewayRefused, GatewayUnreachable
from lintuan.payments.gateways.sharing import (
    NotShareable,
    Order,
    PartState,
    Receiver,
    ReceiverKind,
    Relation,
    ReturnState,
    Share,
    ShareRequest,
    ShareState,
    Sharing,
    TakeBack,
    check_shares,
)
from tests.shop import Shop, open_shop
from tests.stand_ins import listen, run_standins

from .test_transfers_gateway import an_oracle

SUPPLIER = Receiver(ReceiverKind.MERCHANT, "1900000109", Relation.SUPPLIER, "武汉洪山菜业有限公司")
LEADER = Receiver(ReceiverKind.PERSON, "openid-leader", Relation.DISTRIBUTOR)


@dataclass
class Table:
    shop: Shop
    sharing: Sharing

    def paid(self, fen: int = 10_000) -> str:
        """The gateway's number of a payment."""
        self.shop.a_paid_order(amount_fen=fen)
        return self.shop.hear().transaction.transaction_id

    def request(self, transaction_id: str, *fen: int, is_last: bool = False) -> ShareRequest:
        shares = tuple(a_share(part) for part in fen)
        return ShareRequest(transaction_id, f"P{secrets.token_hex(8)}", shares, is_last)


@pytest.fixture(scope="module")
def table(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Table]:
    state = tmp_path_factory.mktemp("outside world")
    with run_standins(state) as addresses, listen() as ear, open_shop(addresses, ear) as shop:
        exchange = Exchange(shop.merchant, base_url=addresses.wechatpay, real_time=time.time)
        sharing = Sharing(exchange)
        sharing.add_receiver(SUPPLIER)
        sharing.add_receiver(LEADER)
        yield Table(shop, sharing)


def a_share(fen: int) -> Share:
    return Share(ReceiverKind.MERCHANT, SUPPLIER.account, fen, "分给供应商")


def refused(code: str):
    return pytest.raises(GatewayRefused, match=f"^{code}")


def test_parts_are_pending_until_they_are_there(table):
    paid = table.paid()
    wish = table.request(paid, 1000, 500)

    asked = table.sharing.share(Order(10_000), wish)
    done = table.sharing.query(wish.out_order_no, transaction_id=paid)

    assert (asked.state, done.state) == (ShareState.PROCESSING, ShareState.FINISHED)
    assert asked.order_id == done.order_id
    assert done.parts == (
        (SUPPLIER.account, 1000, PartState.SUCCEEDED),
        (SUPPLIER.account, 500, PartState.SUCCEEDED),
    )
    assert table.sharing.amount_left(paid) == 8500


def test_the_same_number_shares_once(table):
    paid = table.paid()
    wish = table.request(paid, 1000)

    assert table.sharing.share(Order(10_000), wish) == table.sharing.share(Order(10_000), wish)
    assert table.sharing.amount_left(paid) == 9000
    with refused("INVALID_REQUEST"):
        table.sharing.share(Order(10_000), replace(wish, shares=(a_share(999),)))


def test_what_is_unfrozen_cannot_be_shared(table):
    paid = table.paid()
    table.sharing.unfreeze(transaction_id=paid, out_order_no=f"U{secrets.token_hex(8)}", description="解冻全部剩余资金")

    assert table.sharing.amount_left(paid) == 0
    with refused("NOT_ENOUGH"):
        table.sharing.share(Order(10_000), table.request(paid, 1))


def test_the_last_share_leaves_nothing_frozen(table):
    paid = table.paid()

    table.sharing.share(Order(10_000), table.request(paid, 100, is_last=True))

    assert table.sharing.amount_left(paid) == 0


def test_the_gateway_holds_its_own_limit_where_ours_is_looser(table):
    paid = table.paid()

    with refused("RULE_LIMIT"):
        table.sharing.share(Order(10_000, most_shared_bp=10_000), table.request(paid, 3001))


def test_who_is_no_receiver_gets_nothing(table):
    paid = table.paid()
    table.sharing.drop_receiver(LEADER)
    part = replace(a_share(100), kind=LEADER.kind, account=LEADER.account)

    with refused("NO_AUTH"):
        table.sharing.share(Order(10_000), replace(table.request(paid), shares=(part,)))


def test_a_receiver_gives_back_at_most_what_it_got(table):
    wish = table.request(table.paid(), 1000)
    table.sharing.share(Order(10_000), wish)
    back = TakeBack(wish.out_order_no, f"B{secrets.token_hex(8)}", SUPPLIER.account, 600, "用户退款")

    first, again = table.sharing.take_back(back), table.sharing.take_back(back)

    assert first == again == table.sharing.query_take_back(back.out_return_no, out_order_no=wish.out_order_no)
    assert (first.state, first.amount_fen) == (ReturnState.SUCCEEDED, 600)
    with refused("INVALID_REQUEST"):
        table.sharing.take_back(replace(back, out_return_no=f"B{secrets.token_hex(8)}", amount_fen=401))


def test_numbers_that_nobody_gave_are_not_found(table):
    with refused("RESOURCE_NOT_EXISTS"):
        table.sharing.query("P-nobody", transaction_id="42")
    with refused("RESOURCE_NOT_EXISTS"):
        table.sharing.amount_left("42")
    with refused("RESOURCE_NOT_EXISTS"):
        table.sharing.query_take_back("B-nobody", out_order_no="P-nobody")


def test_a_busy_gateway_is_no_refusal(table):
    table.shop.expect_troubles("429")

    with pytest.raises(GatewayUnreachable, match="FREQUENCY_LIMITED"):
        table.sharing.amount_left("42")


def test_the_oracle_shares_and_both_see_it(table, monkeypatch):
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    oracle, paid, number = an_oracle(table.shop), table.paid(), f"P{secrets.token_hex(8)}"
    part = {"type": "MERCHANT_ID", "account": SUPPLIER.account, "amount": 700, "description": "分给供应商"}

    assert oracle.profitsharing_add_receiver("MERCHANT_ID", SUPPLIER.account, "SUPPLIER", SUPPLIER.name)[0] == 200
    assert oracle.profitsharing_order(paid, number, [part], False)[0] == 200
    status, text = oracle.profitsharing_amount_query(paid)

    assert (status, json.loads(text)["unsplit_amount"]) == (200, table.sharing.amount_left(paid))
    assert table.sharing.query(number, transaction_id=paid).parts == ((SUPPLIER.account, 700, PartState.SUCCEEDED),)
    returned = oracle.profitsharing_return(f"B{number}", SUPPLIER.account, 700, "退", out_order_no=number)
    assert returned[0] == 200
    assert table.sharing.query_take_back(f"B{number}", out_order_no=number).amount_fen == 700
    assert oracle.profitsharing_unfreeze(paid, f"U{number}", "解冻")[0] == 200
    assert table.sharing.amount_left(paid) == 0


@pytest.mark.parametrize(
    ("order", "parts", "words"),
    [
        (Order(10_000), [3000], None),
        (Order(10_000), [3001], "at most 3000"),
        (Order(10_000, shared_fen=2500), [500], None),
        (Order(10_000, shared_fen=2500), [501], "at most 500"),
        (Order(10_000, shared_fen=4000), [1], "at most 0"),
        (Order(99), [29], None),
        (Order(99), [30], "at most 29"),
        (Order(10_000, most_shared_bp=5000), [5000], None),
        (Order(10_000, requests=49), [1], None),
        (Order(10_000, requests=50), [1], "at most 50"),
        (Order(10_000), [1] * 50, None),
        (Order(10_000), [1] * 51, "1-50"),
        (Order(10_000), [], "1-50"),
        (Order(10_000), [0], "more than 0"),
    ],
)
def test_limits_are_looked_at_before_anything_is_sent(order, parts, words):
    shares = [a_share(fen) for fen in parts]
    if words is None:
        check_shares(order, shares)
    else:
        with pytest.raises(NotShareable, match=words):
            check_shares(order, shares)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.integers(1, 10**9), st.integers(0, 10_000), st.lists(st.integers(1, 10**6), min_size=1, max_size=50))
def test_what_may_be_shared_never_exceeds_the_limit(paid, most_bp, parts):
    order, shares = Order(paid, most_shared_bp=most_bp), [a_share(fen) for fen in parts]
    try:
        check_shares(order, shares)
        is_taken = True
    except NotShareable:
        is_taken = False

    assert is_taken == (sum(parts) * 10_000 <= paid * most_bp)
