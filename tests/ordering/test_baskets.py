"""Household baskets: who fills them, who pays for what lies in them, and what cut-off leaves of them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime

import pytest

from lintuan.kernel.callers import NOBODY, SYSTEM, Caller, Kind
from lintuan.kernel.delivery import Horizon, catch_up
from lintuan.kernel.errors import Forbidden, NotFound, SignInNeeded
from lintuan.kernel.money import Money
from lintuan.leaders import commands as leaders_commands
from lintuan.leaders.errors import PointResting
from lintuan.members.commands import forget_member
from lintuan.ordering import commands, errors, queries
from lintuan.ordering.facts import basket_facts
from lintuan.ordering.models import Basket, BasketLine, BasketMember
from lintuan.ordering.types import BasketState, BasketView, BasketWish, OrderRequest, State
from lintuan.pricing.commands import withdraw_offer
from lintuan.pricing.errors import SoldOut
from lintuan.pricing.types import OfferView
from tests.make import leaders, members, pricing, provinces
from tests.make import ordering as make
from tests.make.provinces import HUBEI

pytestmark = pytest.mark.django_db

Clock = Callable[[str], datetime]
NEXT_EVENING = "2026-11-21T20:00+08:00"


@pytest.fixture(autouse=True)
def evening(clock_at: Clock) -> None:
    clock_at(make.EVENING)


def see(view: BasketView, member: Caller) -> BasketView:
    """The basket as a member sees it now."""
    return queries.basket(member, HUBEI, view.id)


def shown(view: BasketView) -> list[tuple[str, list[tuple[int, int, State | None]]]]:
    """Who put in what: (name, [(offer, units, state)])."""
    return [(one.name, [(line.offer_id, line.quantity, line.state) for line in one.lines]) for one in view.people]


def to_order(view: BasketView) -> set[tuple[int, int]]:
    """(member, units) of the lines that nobody ordered."""
    return {(line.member_id, line.quantity) for line in basket_facts(HUBEI, [view.id])[view.id].lines}


@pytest.fixture
def eggs() -> OfferView:
    return pricing.offer(1000)


@pytest.fixture
def greens() -> OfferView:
    return pricing.offer(300)


# --- opening, joining, filling -------------------------------------------------------------------------------------


def test_whoever_opens_a_basket_is_in_it_and_gets_a_code_to_tell() -> None:
    opener, point = members.member(name="李雷"), leaders.point()

    view = make.basket(opener, point=point)

    assert (view.point_id, view.sale_on, view.state) == (point.id, make.SALE_ON, BasketState.OPEN)
    (me,) = view.people
    assert (me.name, me.is_me, me.is_opener, me.is_joint, me.lines) == ("李**", True, True, True, ())
    assert len(view.code) == 8


def test_neighbours_join_by_the_code_and_see_each_others_lines_with_masked_names(
    eggs: OfferView, greens: OfferView
) -> None:
    opener, other = members.member(name="李雷"), members.member(name="韩梅梅")
    view = make.basket(opener)
    typed = f" {view.code[:4].lower()}-{view.code[4:]} "

    assert commands.join_basket(other, province_id=HUBEI, code=typed) == view.id
    make.put_in(view, opener, (eggs, 2))
    make.put_in(view, other, (eggs, 1), (greens, 3))

    seen = see(view, opener)
    assert shown(seen) == [("李**", [(eggs.id, 2, None)]), ("韩**", [(eggs.id, 1, None), (greens.id, 3, None)])]
    assert [(one.is_me, one.is_opener) for one in see(view, other).people] == [(False, True), (True, False)]
    assert [line.price for line in seen.people[1].lines] == [Money(1000), Money(300)]


def test_joining_again_changes_nothing() -> None:
    opener, other = members.members(2)
    view = make.basket(opener, other)

    assert commands.join_basket(other, province_id=HUBEI, code=view.code) == view.id
    assert BasketMember.objects.count() == 2


def test_a_thirteenth_does_not_fit() -> None:
    opener, *others = members.members(12)
    view = make.basket(opener, *others)

    with pytest.raises(errors.BasketFull):
        commands.join_basket(members.member(), province_id=HUBEI, code=view.code)

    assert len(see(view, opener).people) == 12


def test_a_member_is_in_one_basket_a_day(clock_at: Clock) -> None:
    one, other = members.members(2)
    view = make.basket(other)
    mine = make.basket(one)

    for refused in (
        lambda: make.basket(one),
        lambda: commands.join_basket(one, province_id=HUBEI, code=view.code),
    ):
        with pytest.raises(errors.BasketTwice):
            refused()
    commands.leave_basket(one, province_id=HUBEI, basket_id=mine.id)
    commands.join_basket(one, province_id=HUBEI, code=view.code)

    assert Basket.objects.count() == 2
    clock_at(NEXT_EVENING)
    assert make.basket(one).sale_on == date(2026, 11, 21)


def test_an_unknown_code_and_one_of_another_day_open_nothing(clock_at: Clock) -> None:
    view, other = make.basket(members.member()), members.member()

    for code in ("", "22222222", view.code + "2", view.code[:7]):
        with pytest.raises(errors.BasketUnknown):
            commands.join_basket(other, province_id=HUBEI, code=code)
    clock_at(NEXT_EVENING)
    with pytest.raises(errors.BasketUnknown):
        commands.join_basket(other, province_id=HUBEI, code=view.code)


def test_putting_in_replaces_ones_own_open_lines_and_nobody_elses(eggs: OfferView, greens: OfferView) -> None:
    opener, other = members.members(2)
    view = make.basket(opener, other)
    make.put_in(view, opener, (eggs, 2))
    make.put_in(view, other, (eggs, 1), (greens, 3))

    make.put_in(view, other, (eggs, 5))
    assert to_order(view) == {(opener.id, 2), (other.id, 5)}

    make.put_in(view, other)
    assert to_order(view) == {(opener.id, 2)}


def test_a_basket_reserves_nothing(eggs: OfferView) -> None:
    opener = members.member()

    make.put_in(make.basket(opener), opener, (eggs, 99))

    assert pricing.left(eggs.id) == 100


def test_what_is_not_on_sale_tonight_is_not_put_in(eggs: OfferView) -> None:
    opener = members.member()
    view, withdrawn = make.basket(opener), pricing.offer()
    make.put_in(view, opener, (eggs, 1))
    withdraw_offer(SYSTEM, province_id=HUBEI, offer_id=withdrawn.id)

    for wish, refusal in (
        (BasketWish(10**15, 1), errors.OfferUnknown),
        (BasketWish(withdrawn.id, 1), errors.OfferNotTonight),
        (BasketWish(eggs.id, 0), errors.QuantityInvalid),
    ):
        with pytest.raises(refusal):
            commands.put_in_basket(opener, province_id=HUBEI, basket_id=view.id, lines=(wish,))
    assert to_order(view) == {(opener.id, 1)}


# --- who may -------------------------------------------------------------------------------------------------------


def test_nobody_but_its_members_sees_or_touches_a_basket(eggs: OfferView) -> None:
    point = leaders.point()
    view = make.basket(members.member(), point=point)
    basket = {"province_id": HUBEI, "basket_id": view.id}

    for outsider in (members.member(), leaders.leader_of(point), provinces.staff("ordering.read"), NOBODY):
        with pytest.raises(errors.BasketUnknown):
            see(view, outsider)
    stranger = members.member()
    for touch in (
        lambda: commands.put_in_basket(stranger, **basket, lines=(BasketWish(eggs.id, 1),)),
        lambda: commands.leave_basket(stranger, **basket),
        lambda: commands.close_basket(stranger, **basket),
        lambda: commands.collect_alone(stranger, **basket),
    ):
        with pytest.raises(errors.BasketUnknown):
            touch()
    assert len(BasketMember.objects.all()) == 1


@pytest.mark.parametrize(
    ("caller", "refusal"),
    [
        (NOBODY, SignInNeeded),
        (Caller(Kind.LEADER, 1, HUBEI), Forbidden),
        (Caller(Kind.STAFF, 1), Forbidden),
        (Caller(Kind.MEMBER, 1, 34), Forbidden),
    ],
)
def test_only_members_of_the_province_open_and_join(caller: Caller, refusal: type[Exception]) -> None:
    view = make.basket(members.member())

    with pytest.raises(refusal):
        commands.open_basket(caller, province_id=HUBEI, point_id=view.point_id)
    with pytest.raises(refusal):
        commands.join_basket(caller, province_id=HUBEI, code=view.code)
    with pytest.raises(refusal):
        commands.close_baskets(caller, province_id=HUBEI, sale_on=make.SALE_ON)


def test_a_point_that_rests_gets_no_basket() -> None:
    point = leaders.point()
    leaders_commands.rest_point(leaders.leader_of(point), province_id=HUBEI, point_id=point.id)

    with pytest.raises(PointResting):
        make.basket(members.member(), point=point)
    assert not Basket.objects.exists()


def test_only_the_opener_closes_and_then_nothing_more_comes_in(eggs: OfferView) -> None:
    opener, other = members.members(2)
    view = make.basket(opener, other)
    make.put_in(view, other, (eggs, 1))
    basket = {"province_id": HUBEI, "basket_id": view.id}
    with pytest.raises(Forbidden):
        commands.close_basket(other, **basket)

    commands.close_basket(opener, **basket)

    assert see(view, other).state is BasketState.CLOSED
    for refused in (
        lambda: commands.join_basket(members.member(), province_id=HUBEI, code=view.code),
        lambda: make.put_in(view, opener, (eggs, 1)),
        lambda: make.basket_order(view, other, make.line(eggs, 1)),
    ):
        with pytest.raises(errors.BasketClosed):
            refused()
    assert to_order(view) == {(other.id, 1)}


def test_whoever_leaves_takes_their_lines_along_and_the_next_one_opens(eggs: OfferView) -> None:
    opener, heir, last = members.members(3)
    view = make.basket(opener, heir, last)
    make.put_in(view, opener, (eggs, 2))
    make.put_in(view, last, (eggs, 1))

    commands.leave_basket(opener, province_id=HUBEI, basket_id=view.id)

    assert to_order(view) == {(last.id, 1)}
    assert [(one.is_me, one.is_opener) for one in see(view, heir).people] == [(True, True), (False, False)]
    with pytest.raises(errors.BasketUnknown):
        see(view, opener)


def test_a_basket_that_everybody_left_is_closed(eggs: OfferView) -> None:
    opener = members.member()
    view = make.basket(opener)

    commands.leave_basket(opener, province_id=HUBEI, basket_id=view.id)

    assert (Basket.objects.get().state, basket_facts(HUBEI, [view.id])) == ("closed", {})
    with pytest.raises(errors.BasketClosed):
        commands.join_basket(opener, province_id=HUBEI, code=view.code)


def test_the_same_key_opens_one_basket() -> None:
    opener, point = members.member(), leaders.point()
    place = {"province_id": HUBEI, "point_id": point.id, "key": "k"}

    assert commands.open_basket(opener, **place) == commands.open_basket(opener, **place)
    assert Basket.objects.count() == 1


# --- ordering ------------------------------------------------------------------------------------------------------


def test_paying_apart_orders_ones_own_lines(eggs: OfferView, greens: OfferView) -> None:
    opener, other = members.members(2)
    view = make.basket(opener, other)
    make.put_in(view, opener, (eggs, 2))
    make.put_in(view, other, (eggs, 1), (greens, 3))

    order = make.basket_order(view, other, make.line(eggs, 1), make.line(greens, 3))

    assert (order.basket_id, order.member_id, order.amount) == (view.id, other.id, Money(1900))
    assert to_order(view) == {(opener.id, 2)}
    assert [line.state for line in see(view, other).mine.lines] == [State.UNPAID, State.UNPAID]


def test_paying_together_orders_everybodys_lines_and_nobody_pays_twice(eggs: OfferView, greens: OfferView) -> None:
    opener, other = members.members(2)
    view = make.basket(opener, other)
    make.put_in(view, opener, (eggs, 2))
    make.put_in(view, other, (eggs, 1), (greens, 3))

    order = make.basket_order(view, opener, make.line(eggs, 3), make.line(greens, 3), together=True)
    make.pay(order)

    assert [(line.offer_id, line.quantity) for line in order.lines] == [(eggs.id, 3), (greens.id, 3)]
    assert (order.member_id, order.amount, to_order(view)) == (opener.id, Money(3900), set())
    assert [line.state for line in see(view, other).mine.lines] == [State.PAID, State.PAID]
    with pytest.raises(errors.BasketChanged):
        make.basket_order(view, other, make.line(eggs, 1), make.line(greens, 3))
    assert pricing.left(eggs.id) == 97


def test_an_order_of_less_or_more_than_lies_in_the_basket_is_refused(eggs: OfferView) -> None:
    opener = members.member()
    view = make.basket(opener)
    make.put_in(view, opener, (eggs, 2))

    for units in (1, 3):
        with pytest.raises(errors.BasketChanged):
            make.basket_order(view, opener, make.line(eggs, units))

    assert (to_order(view), pricing.left(eggs.id)) == ({(opener.id, 2)}, 100)


def test_a_refused_order_leaves_the_basket_as_it_was(eggs: OfferView) -> None:
    scarce, opener = pricing.offer(capacity=1), members.member()
    view = make.basket(opener)
    make.put_in(view, opener, (eggs, 2), (scarce, 2))
    before = basket_facts(HUBEI, [view.id])

    with pytest.raises(SoldOut):
        make.basket_order(view, opener, make.line(eggs, 2), make.line(scarce, 2))

    assert basket_facts(HUBEI, [view.id]) == before


def test_a_stranger_and_another_point_order_nothing_of_it(eggs: OfferView) -> None:
    opener, elsewhere = members.member(), leaders.point()
    view = make.basket(opener)
    make.put_in(view, opener, (eggs, 2))

    with pytest.raises(errors.BasketUnknown):
        make.basket_order(view, members.member(), make.line(eggs, 2), together=True)
    for point_id, basket_id, refusal in (
        (elsewhere.id, view.id, errors.BasketElsewhere),
        (view.point_id, 10**15, errors.BasketUnknown),
    ):
        wish = OrderRequest(point_id, (make.line(eggs, 2),), basket_id)
        with pytest.raises(refusal):
            commands.place_order(opener, province_id=HUBEI, request=wish)


def test_what_a_cancelled_order_held_is_open_again(eggs: OfferView) -> None:
    opener, other = members.members(2)
    view = make.basket(opener, other)
    make.put_in(view, opener, (eggs, 2))
    make.put_in(view, other, (eggs, 1))
    together = make.basket_order(view, opener, make.line(eggs, 3), together=True)
    make.put_in(view, other, (eggs, 4))
    assert to_order(view) == {(other.id, 4)}

    commands.cancel_order(opener, province_id=HUBEI, order_id=together.id)

    assert to_order(view) == {(opener.id, 2), (other.id, 1), (other.id, 4)}
    assert make.basket_order(view, other, make.line(eggs, 5)).amount == Money(5000)
    assert to_order(view) == {(opener.id, 2)}


def test_what_an_expired_order_held_is_open_again_and_can_be_changed(clock_at: Clock, eggs: OfferView) -> None:
    opener = members.member()
    view = make.basket(opener)
    make.put_in(view, opener, (eggs, 2))
    make.basket_order(view, opener, make.line(eggs, 2))
    clock_at("2026-11-20T20:16+08:00")
    commands.expire_orders(SYSTEM, province_id=HUBEI)

    make.put_in(view, opener, (eggs, 1))

    assert to_order(view) == {(opener.id, 1)}
    assert BasketLine.objects.count() == 1


def test_an_order_of_a_basket_is_not_edited(eggs: OfferView) -> None:
    opener = members.member()
    view = make.basket(opener)
    make.put_in(view, opener, (eggs, 2))
    order = make.basket_order(view, opener, make.line(eggs, 2))

    for changed in (order, make.pay(order)):
        with pytest.raises(errors.BasketOrdered):
            commands.edit_order(opener, province_id=HUBEI, order_id=changed.id, lines=(make.line(eggs, 1),))

    assert make.now(order).lines[0].due == 2


def test_the_same_key_orders_a_basket_once(eggs: OfferView) -> None:
    opener = members.member()
    view = make.basket(opener)
    make.put_in(view, opener, (eggs, 2))

    first = make.basket_order(view, opener, make.line(eggs, 2), key="k")

    assert make.basket_order(view, opener, make.line(eggs, 2), key="k").id == first.id
    assert pricing.left(eggs.id) == 98


def test_limits_count_for_whoever_pays() -> None:
    opener, other = members.members(2)
    rare = pricing.offer(1000, per_order_limit=3, per_day_limit=3)
    view = make.basket(opener, other)
    make.put_in(view, opener, (rare, 2))
    make.put_in(view, other, (rare, 2))

    with pytest.raises(errors.LimitPerOrder):
        make.basket_order(view, opener, make.line(rare, 4), together=True)
    for member in (opener, other):
        make.basket_order(view, member, make.line(rare, 2))

    assert to_order(view) == set()


# --- afterwards ----------------------------------------------------------------------------------------------------


def test_at_cut_off_baskets_close_and_what_was_not_ordered_is_gone(clock_at: Clock, eggs: OfferView) -> None:
    opener, other, late = members.members(3)
    view = make.basket(opener, other, late)
    for member in (opener, other, late):
        make.put_in(view, member, (eggs, 1))
    make.pay(make.basket_order(view, opener, make.line(eggs, 1)))
    make.basket_order(view, late, make.line(eggs, 1))
    clock_at(make.CUTOFF)
    make.close_day()

    assert commands.close_baskets(SYSTEM, province_id=HUBEI, sale_on=make.SALE_ON) == 1
    assert commands.close_baskets(SYSTEM, province_id=HUBEI, sale_on=make.SALE_ON) == 0

    seen = see(view, other)
    assert seen.state is BasketState.CLOSED
    assert [[line.state for line in one.lines] for one in seen.people] == [[State.PAID], [], []]


def test_after_cut_off_a_basket_stands_as_it_is(clock_at: Clock, eggs: OfferView) -> None:
    opener = members.member()
    view = make.basket(opener)
    basket = {"province_id": HUBEI, "basket_id": view.id}

    for moment, refusal in ((make.CUTOFF, errors.CutOffPassed), (NEXT_EVENING, errors.BasketClosed)):
        clock_at(moment)
        for refused in (
            lambda: commands.put_in_basket(opener, **basket, lines=()),
            lambda: commands.leave_basket(opener, **basket),
            lambda: commands.close_basket(opener, **basket),
            lambda: commands.collect_alone(opener, **basket),
        ):
            with pytest.raises(refusal):
                refused()
    assert see(view, opener).mine.is_joint


def test_cut_off_leaves_the_baskets_of_other_days_alone(clock_at: Clock) -> None:
    make.basket(members.member())
    clock_at(NEXT_EVENING)
    view = make.basket(members.member())

    commands.close_baskets(SYSTEM, province_id=HUBEI, sale_on=make.SALE_ON)

    assert Basket.objects.get(state="open").id == view.id


def test_a_month_later_a_basket_is_gone_but_not_its_orders(clock_at: Clock, eggs: OfferView) -> None:
    opener = members.member()
    view = make.basket(opener)
    make.put_in(view, opener, (eggs, 1))
    order = make.basket_order(view, opener, make.line(eggs, 1))

    clock_at("2026-12-20T23:30+08:00")
    assert commands.drop_baskets(SYSTEM, province_id=HUBEI) == 0
    clock_at("2026-12-21T00:30+08:00")
    assert commands.drop_baskets(SYSTEM, province_id=HUBEI) == 1

    assert (Basket.objects.count(), BasketMember.objects.count(), BasketLine.objects.count()) == (0, 0, 0)
    assert make.now(order).basket_id == view.id


def test_whoever_is_forgotten_leaves_every_basket(clock_at: Clock, eggs: OfferView) -> None:
    gone, stays = members.members(2)
    past = make.basket(gone, stays)
    make.put_in(past, gone, (eggs, 1))
    order = make.basket_order(past, gone, make.line(eggs, 1))
    clock_at(NEXT_EVENING)
    tonight = make.basket(stays, gone)

    forget_member(gone, province_id=HUBEI, member_id=gone.id)
    catch_up(Horizon.OWN)

    assert [one.is_me and one.is_opener for one in see(past, stays).people] == [True]
    assert [one.is_me for one in see(tonight, stays).people] == [True]
    assert not BasketLine.objects.exists()
    assert make.now(order).basket_id == past.id
    with pytest.raises(NotFound):
        make.put_in(tonight, gone)


def test_a_member_lists_their_own_baskets_the_newest_first(clock_at: Clock) -> None:
    opener, other = members.members(2)
    first = make.basket(opener, other)
    make.basket(members.member())
    clock_at(NEXT_EVENING)
    second = make.basket(opener)

    assert [view.id for view in queries.baskets_of_member(opener)] == [second.id, first.id]
    assert [view.id for view in queries.baskets_of_member(other)] == [first.id]
