"""Real transactions side by side: what must wait does wait, and then sees what the first one did."""

from __future__ import annotations

from collections import Counter

import pytest
from django.db import transaction

from lintuan.fulfilment import commands, errors
from lintuan.fulfilment.models import Photo, Pickup, Proxy
from lintuan.fulfilment.types import ClaimCause, ClaimDecision
from lintuan.kernel.callers import SYSTEM
from lintuan.kernel.errors import TooMany
from lintuan.kernel.models import EventRecord
from lintuan.kernel.money import Money
from tests.make import fulfilment as make
from tests.make import leaders, members, ordering, photos, pricing
from tests.make.ordering import EVENING
from tests.make.provinces import HUBEI
from tests.side_by_side import aside, until_waiting

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def point(clock_at):
    clock_at(EVENING)
    made = leaders.point()
    make.network([made])
    return made


def test_a_code_entered_twice_at_once_hands_out_once(clock_at, point) -> None:
    order = make.buy(point, (pricing.offer(), 1))
    make.signed(clock_at)

    with transaction.atomic():
        make.hand_out(order)
        twin = aside(lambda: make.hand_out(order))
        until_waiting()

    assert twin.result(20) is errors.CollectedAlready
    assert EventRecord.objects.filter(name="ordering.OrderCollected").count() == 1


def test_a_drop_signed_twice_at_once_makes_codes_once(clock_at, point) -> None:
    make.buy(point, (pricing.offer(), 1))
    make.driven(clock_at)

    with transaction.atomic():
        make.sign(point)
        twin = aside(lambda: make.sign(point))
        until_waiting()

    assert twin.result(20) is errors.SignedAlready
    assert Pickup.objects.count() == 1


def test_two_claims_at_once_do_not_count_the_same_units(clock_at) -> None:
    clock_at(EVENING)
    order = make.collected_order(clock_at, (pricing.offer(100), 3))

    with transaction.atomic():
        make.claim(order, ClaimCause.LATE, 2)
        twin = aside(lambda: make.claim(order, ClaimCause.QUALITY, 2))
        until_waiting()

    assert twin.result(20) is errors.ClaimTooMuch
    assert ordering.now(order).refunded == Money(40)


def test_wrong_codes_tried_side_by_side_are_all_counted(point) -> None:
    leader = leaders.leader_of(point)

    tries = [aside(lambda: commands.collect(leader, province_id=HUBEI, code="000000")) for _ in range(8)]

    assert Counter(done.result(30) for done in tries) == {errors.CodeUnknown: 5, TooMany: 3}


def test_a_claim_waits_while_staff_decide_another_of_its_pickup(clock_at) -> None:
    clock_at(EVENING)
    order = make.collected_order(clock_at, (pricing.offer(9900), 3))
    claim_id = make.claim(order, ClaimCause.QUALITY, 2)
    decision = ClaimDecision(Money(9900 * 2))

    with transaction.atomic():
        commands.decide_claim(SYSTEM, province_id=HUBEI, claim_id=claim_id, decision=decision)
        twin = aside(lambda: make.claim(order, ClaimCause.QUALITY, 2))
        until_waiting()

    assert twin.result(20) is errors.ClaimTooMuch


def test_the_member_and_whom_they_sent_at_once_get_the_goods_once(clock_at, point) -> None:
    order = make.buy(point, (pricing.offer(), 1))
    make.signed(clock_at)
    member, leader = ordering.buyer_of(order), leaders.leader_of(point)
    commands.make_proxy(member, province_id=HUBEI, pickup_id=make.pickup(order).id)
    proxy = make.pickup(order).proxy
    assert proxy is not None

    with transaction.atomic():
        make.hand_out(order)
        twin = aside(lambda: commands.collect(leader, province_id=HUBEI, code=proxy.code))
        until_waiting()

    assert twin.result(20) is errors.CodeUnknown
    assert EventRecord.objects.filter(name="ordering.OrderCollected").count() == 1
    assert not Proxy.objects.get().is_used


def test_two_proxies_made_at_once_leave_one(clock_at, point) -> None:
    order = make.buy(point, (pricing.offer(), 1))
    make.signed(clock_at)
    member, pickup_id = ordering.buyer_of(order), make.pickup(order).id

    with transaction.atomic():
        commands.make_proxy(member, province_id=HUBEI, pickup_id=pickup_id)
        twin = aside(lambda: commands.make_proxy(member, province_id=HUBEI, pickup_id=pickup_id))
        until_waiting()

    assert twin.result(20) == pickup_id
    assert Proxy.objects.filter(ended_at=None).count() == 1
    assert Proxy.objects.count() == 2


def test_a_proxy_taken_back_while_it_collects_waits_for_it(clock_at, point) -> None:
    order = make.buy(point, (pricing.offer(), 1))
    make.signed(clock_at)
    member, pickup = ordering.buyer_of(order), make.pickup(order)
    commands.make_proxy(member, province_id=HUBEI, pickup_id=pickup.id)
    proxy = make.pickup(order).proxy
    assert proxy is not None

    with transaction.atomic():
        commands.collect(leaders.leader_of(point), province_id=HUBEI, code=proxy.code)
        twin = aside(lambda: commands.withdraw_proxy(member, province_id=HUBEI, pickup_id=pickup.id))
        until_waiting()

    assert twin.result(20) == pickup.id
    assert Proxy.objects.get().is_used


def test_the_last_photo_that_may_wait_is_kept_once(point) -> None:
    member = members.member()

    def keep() -> str:
        return commands.keep_photo(member, province_id=HUBEI, content=photos.a_png())

    for _ in range(19):
        keep()

    with transaction.atomic():
        keep()
        twin = aside(keep)
        until_waiting()

    assert twin.result(20) is errors.PhotosWaiting
    assert Photo.objects.count() == 20
