"""Somebody else collects: with a code of their own, once, until it is taken back."""

from __future__ import annotations

from dataclasses import replace

import pytest

from lintuan.fulfilment import commands, queries, rules
from lintuan.fulfilment.commands.codes import codes_held
from lintuan.fulfilment.errors import CodeUnknown, CollectedAlready, CollectionOver
from lintuan.fulfilment.models import Proxy
from lintuan.kernel.callers import SYSTEM
from lintuan.kernel.errors import Forbidden, NotFound
from lintuan.kernel.ids import public_id
from lintuan.leaders.commands import register_points
from lintuan.leaders.queries import point_now
from lintuan.members.commands import forget_member
from tests.make import fulfilment, leaders, members, ordering, pricing
from tests.make.ordering import EVENING, SALE_ON
from tests.make.provinces import HUBEI

pytestmark = pytest.mark.django_db


@pytest.fixture
def point(clock_at):
    clock_at(EVENING)
    made = leaders.point()
    fulfilment.network([made])
    return made


@pytest.fixture
def order(clock_at, point):
    bought = fulfilment.buy(point, (pricing.offer(), 2), member=members.member())
    fulfilment.signed(clock_at)
    return bought


def hand_over(point):
    """The same point with another leader."""
    successor = leaders.new_point(
        code=point.code, name=point.name, name_en=point.name_en, address=point.address, lat=point.lat, lng=point.lng
    )
    register_points(SYSTEM, province_id=HUBEI, points=(successor,))
    return replace(point, leader_id=point_now(HUBEI, point.id).leader_id)


def let(order) -> str:
    """The code of a new proxy."""
    pickup = fulfilment.pickup(order)
    commands.make_proxy(ordering.buyer_of(order), province_id=HUBEI, pickup_id=pickup.id)
    return fulfilment.pickup(order).proxy.code


def collect(point, code: str) -> int:
    return commands.collect(leaders.leader_of(point), province_id=HUBEI, code=code)


def test_the_code_of_a_proxy_collects_once(order, point):
    code = let(order)

    assert collect(point, code) == fulfilment.pickup(order).id

    assert ordering.now(order).state == "collected"
    with pytest.raises(CollectedAlready):
        collect(point, code)
    (row,) = Proxy.objects.filter(province_id=HUBEI)
    assert row.is_used
    assert row.ended_at is not None


def test_when_the_member_comes_first_the_proxys_code_is_worth_nothing(order, point):
    code = let(order)
    fulfilment.hand_out(order)

    with pytest.raises(CodeUnknown):
        collect(point, code)
    assert not Proxy.objects.get(province_id=HUBEI).is_used


def test_a_new_proxy_ends_the_one_before(order, point):
    first, second = let(order), let(order)

    with pytest.raises(CodeUnknown):
        collect(point, first)
    assert collect(point, second)


def test_a_proxy_is_taken_back(order, point):
    code, pickup = let(order), fulfilment.pickup(order)
    token = pickup.proxy.token
    assert queries.proxied_pickup(HUBEI, token).code == code
    member = ordering.buyer_of(order)

    for _ in range(2):
        commands.withdraw_proxy(member, province_id=HUBEI, pickup_id=pickup.id)

    assert fulfilment.pickup(order).proxy is None
    with pytest.raises(NotFound):
        queries.proxied_pickup(HUBEI, token)
    with pytest.raises(CodeUnknown):
        collect(point, code)


def test_whoever_keeps_the_point_now_hands_out_there(order, point):
    member, code = ordering.buyer_of(order), let(order)
    handed = hand_over(point)
    assert handed.leader_id != point.leader_id

    for wrong in (code, fulfilment.pickup(order).code):
        with pytest.raises(CodeUnknown):
            collect(point, wrong)
    assert collect(handed, code) == fulfilment.pickup(order).id
    assert queries.pickups_of_member(member)[0].state == "collected"


def test_a_code_drawn_after_a_point_changed_hands_is_the_new_leaders_only_one(order, point):
    handed, own = hand_over(point), fulfilment.pickup(order).code

    code = let(order)

    assert codes_held(HUBEI, handed.leader_id) == {own, code}
    assert Proxy.objects.get(province_id=HUBEI).leader_id == handed.leader_id
    assert collect(handed, code)


def test_whoever_is_forgotten_sends_nobody(order):
    member, pickup = ordering.buyer_of(order), fulfilment.pickup(order)
    forget_member(member, province_id=HUBEI, member_id=member.id)

    with pytest.raises(NotFound, match="member"):
        commands.make_proxy(member, province_id=HUBEI, pickup_id=pickup.id)


def test_a_strangers_pickup_is_not_there(order):
    pickup = fulfilment.pickup(order)
    about = {"province_id": HUBEI, "pickup_id": pickup.id}

    for change in (commands.make_proxy, commands.withdraw_proxy):
        with pytest.raises(NotFound, match="pickup"):
            change(members.member(), **about)
        with pytest.raises(Forbidden):
            change(leaders.leader_of(leaders.point()), **about)


def test_the_same_key_makes_one_proxy(order):
    pickup = fulfilment.pickup(order)
    for _ in range(2):
        commands.make_proxy(ordering.buyer_of(order), province_id=HUBEI, pickup_id=pickup.id, key="once")

    assert Proxy.objects.filter(province_id=HUBEI).count() == 1


def test_what_was_fetched_or_given_up_cannot_be_sent_for(order, clock_at):
    pickup, member = fulfilment.pickup(order), ordering.buyer_of(order)
    code = let(order)
    clock_at(fulfilment.UNCLAIMED)
    commands.close_unclaimed(SYSTEM, province_id=HUBEI, sale_on=SALE_ON)

    with pytest.raises(CollectionOver):
        commands.make_proxy(member, province_id=HUBEI, pickup_id=pickup.id)
    assert code not in codes_held(HUBEI, Proxy.objects.get(province_id=HUBEI).leader_id)


def test_a_proxy_of_a_household_basket_gets_all_of_it(clock_at, point):
    one, other = members.member(name="李雷"), members.member(name="韩梅梅")
    offer = pricing.offer()
    basket = ordering.basket(one, other, point=point)
    for member in (one, other):
        ordering.put_in(basket, member, (offer, 2))
        ordering.pay(ordering.basket_order(basket, member, ordering.line(offer, 2)))
    fulfilment.signed(clock_at)
    (pickup,) = queries.pickups_of_member(one)
    commands.make_proxy(one, province_id=HUBEI, pickup_id=pickup.id)
    (pickup,) = queries.pickups_of_member(one)

    seen = queries.proxied_pickup(HUBEI, pickup.proxy.token)
    collect(point, pickup.proxy.code)

    assert [line.quantity for line in seen.lines] == [4]
    assert {order.state for member in (one, other) for order in ordering.now_all(member)} == {"collected"}


def test_codes_at_a_door_are_told_apart_without_being_told(order):
    """A leader's device finds whose goods a code is for; the check alone fits hundreds of codes."""
    proxied = let(order)
    pickup = fulfilment.pickup(order)
    (handed,) = queries.handouts_of_leader(fulfilment.leader_at(order.point_id), sale_on=SALE_ON)
    name = public_id("pickup", HUBEI, pickup.id)

    assert handed.checks == tuple(rules.code_check(name, code) for code in (pickup.code, proxied))
    fitting = sum(rules.code_check(name, f"{code:06d}") == handed.checks[0] for code in range(100_000))
    assert 10 <= fitting <= 45


@pytest.mark.parametrize(
    ("pickup", "code", "check"),
    [("Rk3vTq9Z", "042917", 2026), ("Rk3vTq9Z", "000000", 3675), ("Uk3xQw9Z", "999999", 391)],
)
def test_every_client_computes_the_same_check(pickup, code, check):
    """The lowest twelve bits of the 32-bit FNV-1a of "pickup:code"."""
    assert rules.code_check(pickup, code) == check
