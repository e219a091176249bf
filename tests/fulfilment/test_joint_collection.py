"""Household baskets at the pickup point: one code for all of it, but for whoever collects alone."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime

import pytest

from lintuan.fulfilment import commands, queries
from lintuan.fulfilment.errors import CodeUnknown, CollectedAlready, CollectionOver
from lintuan.fulfilment.models import Pickup
from lintuan.fulfilment.types import ClaimCause, Discrepancy, DueLine, PickupState, PickupView
from lintuan.kernel.callers import SYSTEM, Caller
from lintuan.kernel.delivery import Horizon, catch_up
from lintuan.kernel.models import EventRecord
from lintuan.leaders.types import PointView
from lintuan.members.commands import forget_member
from lintuan.ordering import commands as orders
from lintuan.ordering.types import BasketView, OrderView, State
from lintuan.pricing.types import OfferView
from tests.make import fulfilment as make
from tests.make import leaders, members, ordering, pricing
from tests.make.ordering import EVENING, SALE_ON
from tests.make.provinces import HUBEI

pytestmark = pytest.mark.django_db

Clock = Callable[[str], datetime]


@dataclass
class Household:
    """Opener, other and third are in a basket at a point; the opener ordered 2 kale, the other 3 rice."""

    point: PointView
    opener: Caller
    other: Caller
    third: Caller
    basket: BasketView
    kale: OfferView
    rice: OfferView
    of_opener: OrderView
    of_other: OrderView


@pytest.fixture
def home(clock_at: Clock) -> Iterator[Household]:
    clock_at(EVENING)
    point = leaders.point()
    make.network([point])
    opener, other, third = members.members(3)
    basket, (kale, rice) = ordering.basket(opener, other, third, point=point), pricing.offers(2)
    ordering.put_in(basket, opener, (kale, 2))
    ordering.put_in(basket, other, (rice, 3))
    mine = ordering.pay(ordering.basket_order(basket, opener, ordering.line(kale, 2)))
    theirs = ordering.pay(ordering.basket_order(basket, other, ordering.line(rice, 3)))
    return Household(point, opener, other, third, basket, kale, rice, mine, theirs)


def pickups(member: Caller) -> list[PickupView]:
    return list(queries.pickups_of_member(member))


def hand_out(home: Household, pickup: PickupView) -> int:
    return commands.collect(leaders.leader_of(home.point), province_id=HUBEI, code=pickup.code)


def alone(home: Household, member: Caller) -> None:
    orders.collect_alone(member, province_id=HUBEI, basket_id=home.basket.id)


def test_one_code_hands_out_everything_of_the_basket(clock_at: Clock, home: Household) -> None:
    make.signed(clock_at)
    (shown,) = pickups(home.other)
    everything = (DueLine(home.kale.sku_id, 2), DueLine(home.rice.sku_id, 3))
    assert (shown.basket_id, shown.lines) == (home.basket.id, everything)

    assert hand_out(home, shown) == shown.id

    assert [ordering.now(order).state for order in (home.of_opener, home.of_other)] == [State.COLLECTED] * 2
    assert [one.state for member in (home.opener, home.other) for one in pickups(member)] == [
        PickupState.COLLECTED, PickupState.COLLECTED,
    ]  # fmt: skip
    told = EventRecord.objects.filter(name="fulfilment.PickupCollected").order_by("id")
    assert [row.body["member_id"] for row in told] == [home.opener.id, home.other.id]


def test_the_goods_are_handed_out_once_whoever_comes(clock_at: Clock, home: Household) -> None:
    make.signed(clock_at)
    (first,), (second,) = pickups(home.opener), pickups(home.other)
    assert first.code != second.code
    hand_out(home, first)

    with pytest.raises(CollectedAlready):
        hand_out(home, second)


def test_who_ordered_nothing_collects_with_a_neighbours_code(clock_at: Clock, home: Household) -> None:
    make.signed(clock_at)

    (shown,) = pickups(home.third)

    assert shown.code == pickups(home.opener)[0].code
    hand_out(home, shown)
    assert ordering.now(home.of_other).state is State.COLLECTED


def test_who_collects_alone_is_handed_their_own_goods_only(clock_at: Clock, home: Household) -> None:
    alone(home, home.opener)
    make.signed(clock_at)
    (mine,), (theirs,), (seen,) = pickups(home.opener), pickups(home.other), pickups(home.third)

    assert (mine.basket_id, mine.lines) == (0, (DueLine(home.kale.sku_id, 2),))
    assert (theirs.basket_id, theirs.lines) == (home.basket.id, (DueLine(home.rice.sku_id, 3),))
    assert seen.code == theirs.code
    hand_out(home, mine)

    assert [ordering.now(order).state for order in (home.of_opener, home.of_other)] == [State.COLLECTED, State.PAID]


def test_who_collects_alone_may_not_collect_for_the_others_either(clock_at: Clock, home: Household) -> None:
    alone(home, home.third)
    make.signed(clock_at)

    assert pickups(home.third) == []


def test_one_may_change_ones_mind_until_cut_off(clock_at: Clock, home: Household) -> None:
    alone(home, home.opener)
    orders.collect_jointly(home.opener, province_id=HUBEI, basket_id=home.basket.id)
    make.signed(clock_at)

    assert pickups(home.opener)[0].basket_id == home.basket.id


def test_who_left_the_basket_collects_what_they_ordered_alone(clock_at: Clock, home: Household) -> None:
    orders.leave_basket(home.other, province_id=HUBEI, basket_id=home.basket.id)
    make.signed(clock_at)

    assert [one.basket_id for one in pickups(home.other)] == [0]
    hand_out(home, pickups(home.opener)[0])
    assert ordering.now(home.of_other).state is State.PAID


def test_what_was_ordered_beside_the_basket_keeps_its_own_code(clock_at: Clock, home: Household) -> None:
    beside = make.buy(home.point, (home.rice, 1), member=home.opener)
    make.signed(clock_at)
    own, joint = sorted(pickups(home.opener), key=lambda one: one.basket_id)

    assert (own.lines, len(joint.lines)) == ((DueLine(home.rice.sku_id, 1),), 2)
    hand_out(home, joint)

    assert ordering.now(beside).state is State.PAID
    assert all(one.basket_id for one in pickups(home.other))


def test_strangers_see_nothing_and_other_leaders_hand_out_nothing(clock_at: Clock, home: Household) -> None:
    make.signed(clock_at)
    code = pickups(home.opener)[0].code

    assert pickups(members.member()) == []
    with pytest.raises(CodeUnknown):
        commands.collect(leaders.leader_of(leaders.point()), province_id=HUBEI, code=code)


def test_the_leader_packs_by_member_and_sees_what_goes_together(clock_at: Clock, home: Household) -> None:
    make.buy(home.point, (home.rice, 1))
    make.signed(clock_at)

    listed = queries.handouts_of_leader(leaders.leader_of(home.point), sale_on=SALE_ON)

    assert sorted((one.basket_id, one.units) for one in listed) == [(0, 1), (home.basket.id, 2), (home.basket.id, 3)]


def test_what_nobody_fetched_of_a_basket_is_unclaimed_like_anything_else(clock_at: Clock, home: Household) -> None:
    make.signed(clock_at)
    clock_at(make.UNCLAIMED)

    assert commands.close_unclaimed(SYSTEM, province_id=HUBEI, sale_on=SALE_ON).unclaimed == 2
    with pytest.raises(CollectionOver):
        hand_out(home, pickups(home.third)[0])


def test_a_bag_that_came_empty_holds_up_nobody(clock_at: Clock, home: Household) -> None:
    make.driven(clock_at)
    make.sign(home.point, Discrepancy(home.kale.sku_id, short=2))

    (shown,) = pickups(home.opener)

    assert shown.lines == (DueLine(home.rice.sku_id, 3),)
    hand_out(home, shown)
    assert [ordering.now(order).state for order in (home.of_opener, home.of_other)] == [
        State.REFUNDED, State.COLLECTED,
    ]  # fmt: skip


def test_claims_stay_with_the_member_who_ordered(clock_at: Clock, home: Household) -> None:
    make.signed(clock_at)
    hand_out(home, pickups(home.third)[0])

    claim_id = make.claim(home.of_other, ClaimCause.QUALITY, 1)

    assert queries.claim(home.other, province_id=HUBEI, claim_id=claim_id).order_id == home.of_other.id


def test_a_forgotten_members_goods_wait_under_their_own_code(clock_at: Clock, home: Household) -> None:
    forget_member(home.other, province_id=HUBEI, member_id=home.other.id)
    catch_up(Horizon.OWN)
    make.signed(clock_at)

    assert sorted(Pickup.objects.values_list("member_id", "basket_id")) == [
        (home.opener.id, home.basket.id), (home.other.id, 0),
    ]  # fmt: skip


def test_a_members_pickups_take_as_many_queries_for_many_neighbours_as_for_few(
    clock_at: Clock, home: Household, django_assert_num_queries: Callable[..., object]
) -> None:
    make.signed(clock_at)

    for member in (home.opener, home.third):
        with django_assert_num_queries(6):  # type: ignore[attr-defined]
            assert len(pickups(member)) == 1
