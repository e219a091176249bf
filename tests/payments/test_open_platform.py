"""The mini-program's server at WeChat's open platform: tokens, and the news that goods are there."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import pytest

from lintuan.payments.gateways.faults import GatewayRefused, GatewayUnreachable
from lintuan.payments.gateways.open_platform import Account, Delivery, OpenPlatform, read_account
from tests.shop import Shop, open_shop
from tests.stand_ins import listen, run_standins


@dataclass
class Program:
    shop: Shop
    account: Account
    address: str
    platform: OpenPlatform

    def another(self, **changes) -> OpenPlatform:
        options = {"base_url": self.address, "real_time": time.time} | changes
        return OpenPlatform(options.pop("account", self.account), **options)

    def expect(self, *troubles: str) -> None:
        self.shop.phone.post(f"{self.address}/troubles", json={"troubles": troubles}).raise_for_status()

    def delivery(self, **changes) -> Delivery:
        order = self.shop.a_paid_order()
        self.shop.hear()
        merchant = self.shop.merchant.merchant_id
        told = Delivery(merchant, order.out_trade_no, "openid-1", "土豆*2", datetime.now(UTC))
        return replace(told, **changes)

    def shipped(self, number: str) -> list[dict]:
        found = self.shop.phone.get(f"{self.address}/shipped").json()
        return [one for one in found if one["out_trade_no"] == number]


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Program]:
    state = tmp_path_factory.mktemp("outside world")
    with run_standins(state) as addresses, listen() as ear, open_shop(addresses, ear) as shop:
        account, address = read_account(addresses.manifest)
        yield Program(shop, account, address, OpenPlatform(account, base_url=address, real_time=time.time))


def test_goods_are_told_as_waiting_to_be_picked_up(program):
    delivery = program.delivery()
    before = program.platform.is_told(delivery.merchant_id, delivery.out_trade_no)

    program.platform.tell_shipped(delivery)

    (told,) = program.shipped(delivery.out_trade_no)
    assert (told["logistics_type"], told["description"], told["times"]) == (4, "土豆*2", 1)
    assert (before, program.platform.is_told(delivery.merchant_id, delivery.out_trade_no)) == (False, True)


def test_told_a_third_time_it_is_told_already(program):
    delivery = program.delivery()

    for _ in range(3):
        program.platform.tell_shipped(delivery)

    assert program.shipped(delivery.out_trade_no)[0]["times"] == 2


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"openid": "somebody"}, "10060031"),
        ({"description": ""}, "47001"),
        ({"told_at": datetime.now(UTC) + timedelta(days=1)}, "268485216"),
    ],
)
def test_what_is_not_as_documented_is_refused(program, changes, code):
    with pytest.raises(GatewayRefused, match=f"^{code}"):
        program.platform.tell_shipped(program.delivery(**changes))


def test_a_payment_that_the_platform_has_not_heard_of_yet_may_be_told_later(program):
    with pytest.raises(GatewayUnreachable, match="10060001"):
        program.platform.tell_shipped(program.delivery(out_trade_no="T-nobody"))


def test_a_token_that_ended_before_its_time_is_asked_for_anew(program):
    token = program.platform.token()
    program.shop.phone.post(f"{program.address}/expire-token").raise_for_status()
    delivery = program.delivery()

    program.platform.tell_shipped(delivery)

    assert program.shipped(delivery.out_trade_no)
    assert program.platform.token() != token


def test_all_processes_have_the_same_token(program):
    assert program.another().token() == program.another().token()


def test_of_many_threads_one_asks_for_a_token(program):
    # Any second request would meet the trouble that waits.
    fresh, found = program.another(), []
    program.expect("none", "500")
    threads = [threading.Thread(target=lambda: found.append(fresh.token())) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    program.expect()
    assert len(found) == 8
    assert len(set(found)) == 1


def test_a_token_is_asked_for_again_before_it_ends(program):
    now = [time.time()]
    platform = program.another(real_time=lambda: now[0])
    platform.token()
    program.expect("500")

    now[0] += 7200 - 301 - 60
    platform.token()
    now[0] += 62

    with pytest.raises(GatewayUnreachable):
        platform.token()


@pytest.mark.parametrize(("trouble", "words"), [("429", "429"), ("500", "-1"), ("503", "-1")])
def test_a_busy_platform_is_no_refusal(program, trouble, words):
    delivery = program.delivery()
    program.platform.token()
    program.expect(trouble)

    with pytest.raises(GatewayUnreachable, match=words):
        program.platform.tell_shipped(delivery)
    assert not program.platform.is_told(delivery.merchant_id, delivery.out_trade_no)


def test_an_answer_that_is_lost_leaves_the_question(program):
    delivery, hasty = program.delivery(), program.another(timeout=0.3)
    hasty.token()
    program.expect("lost")

    with pytest.raises(GatewayUnreachable):
        hasty.tell_shipped(delivery)

    assert program.platform.is_told(delivery.merchant_id, delivery.out_trade_no)


@pytest.mark.parametrize(("changes", "code"), [({"secret": "wrong"}, "40125"), ({"app_id": "wx0"}, "40013")])
def test_a_wrong_account_is_refused_and_its_secret_is_nowhere(program, changes, code, caplog):
    account = replace(program.account, **changes)
    platform = program.another(account=account)

    with pytest.raises(GatewayRefused, match=f"^{code}") as refusal:
        platform.tell_shipped(program.delivery())

    assert account.secret not in f"{refusal.value!r} {account!r} {platform!r} {caplog.text}"


def test_no_fault_quotes_the_token(program):
    platform = program.another(timeout=0.3)
    token = platform.token()
    program.expect("never")

    with pytest.raises(GatewayUnreachable) as fault:
        platform.tell_shipped(program.delivery())

    assert token not in repr(fault.value) + repr(fault.value.__cause__) + repr(vars(fault.value))
