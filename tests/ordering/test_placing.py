"""Placing orders: what is agreed, what is refused, and what a refusal leaves behind."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from lintuan.kernel.callers import NOBODY, SYSTEM, Caller, Kind
from lintuan.kernel.errors import Forbidden, KeyReused, NotFound, SignInNeeded
from lintuan.kernel.money import Money
from lintuan.leaders import commands as leaders_commands
from lintuan.leaders.errors import PointClosed, PointResting
from lintuan.members import commands as members_commands
from lintuan.ordering import commands, errors, queries
from lintuan.ordering.events import OrderPlaced
from lintuan.ordering.models import Order, OrderLine
from lintuan.ordering.types import OrderRequest, State, WantedLine
from lintuan.payments import queries as payments
from lintuan.payments.types import ChargeState
from lintuan.pricing.commands import withdraw_offer
from lintuan.pricing.errors import SoldOut
from lintuan.provinces import commands as provinces_commands
from lintuan.provinces.errors import ProvinceClosed
from lintuan.provinces.types import Terms
from tests.make import leaders, members, pricing, provinces
from tests.make import ordering as make
from tests.make.provinces import HUBEI
from tests.ordering.log import announced

pytestmark = pytest.mark.django_db

Clock = Callable[[str], datetime]


@pytest.fixture(autouse=True)
def evening(clock_at: Clock) -> None:
    clock_at(make.EVENING)


def nothing_happened() -> bool:
    return not Order.objects.exists() and not OrderLine.objects.exists() and announced(OrderPlaced) == []


def test_an_order_holds_stock_and_waits_for_its_payment() -> None:
    eggs, greens = pricing.offer(1580, capacity=9), pricing.offer(299, capacity=5)

    order = make.order(make.line(eggs, 2), make.line(greens, 3))

    assert (order.state, order.amount, order.refunded) == (State.UNPAID, Money(4057), Money(0))
    assert (order.sale_on, order.collect_on) == (date(2026, 11, 20), date(2026, 11, 21))
    assert order.pay_by.replace(microsecond=0) == datetime(2026, 11, 20, 12, 15, tzinfo=UTC)
    assert [(one.sku_id, one.quantity, one.amount) for one in order.lines] == [
        (eggs.sku_id, 2, Money(3160)), (greens.sku_id, 3, Money(897)),
    ]  # fmt: skip
    assert (pricing.left(eggs.id), pricing.left(greens.id)) == (7, 2)


def test_an_order_opens_a_charge_of_its_amount_that_ends_with_its_patience() -> None:
    order = make.order(make.line(pricing.offer(1580), 2))

    charge = payments.charge(HUBEI, order.charge_id)
    assert (charge.amount, charge.state, charge.subject_id) == (Money(3160), ChargeState.OPEN, order.id)
    assert (charge.member_id, charge.expires_at) == (order.member_id, order.pay_by)


def test_an_order_is_announced_once() -> None:
    order = make.order(make.line(pricing.offer(1580), 2))

    assert announced(OrderPlaced) == [
        OrderPlaced(
            province_id=HUBEI, order_id=order.id, member_id=order.member_id, point_id=order.point_id,
            sale_on=make.SALE_ON, amount_fen=3160,
        )
    ]  # fmt: skip


def test_shortly_before_cut_off_payment_is_due_at_cut_off(clock_at: Clock) -> None:
    offer, point = pricing.offer(), leaders.point()
    clock_at("2026-11-20T22:58+08:00")

    order = make.order(make.line(offer), point=point)

    assert order.pay_by == datetime(2026, 11, 20, 15, 0, tzinfo=UTC)


def test_placing_needs_the_same_few_queries_for_one_line_and_for_twelve() -> None:
    buyer, point, offers = members.member(), leaders.point(), pricing.offers(13)
    make.order(make.line(offers[12]), member=buyer, point=point)

    with CaptureQueriesContext(
        connection,
    ) as one:
        commands.place_order(buyer, province_id=HUBEI, request=make.request(make.line(offers[0]), point=point), key="a")
    with CaptureQueriesContext(connection) as twelve:
        wish = make.request(*map(make.line, offers[:12]), point=point)
        commands.place_order(buyer, province_id=HUBEI, request=wish, key="b")

    assert len(one) == len(twelve) == 13


def test_the_same_key_gives_the_first_order_again() -> None:
    buyer, offer, point = members.member(), pricing.offer(), leaders.point()

    first = make.order(make.line(offer), member=buyer, point=point, key="k1")
    again = make.order(make.line(offer), member=buyer, point=point, key="k1")

    assert first.id == again.id
    assert (Order.objects.count(), pricing.left(offer.id)) == (1, 99)


def test_the_same_key_with_other_content_is_refused() -> None:
    buyer, offer, point = members.member(), pricing.offer(), leaders.point()
    make.order(make.line(offer, 1), member=buyer, point=point, key="k1")

    with pytest.raises(KeyReused):
        make.order(make.line(offer, 2), member=buyer, point=point, key="k1")

    assert (Order.objects.count(), pricing.left(offer.id)) == (1, 99)


def test_another_members_same_key_is_another_order() -> None:
    offer, point = pricing.offer(), leaders.point()

    orders = [make.order(make.line(offer), point=point, key="k1") for _ in range(2)]

    assert orders[0].id != orders[1].id


def test_sold_out_goods_are_refused_whole_and_nothing_is_held() -> None:
    scarce, plenty = pricing.offer(capacity=2), pricing.offer()

    with pytest.raises(SoldOut) as refused:
        make.order(make.line(plenty, 1), make.line(scarce, 3))

    assert refused.value.facts["left"] == 2
    assert nothing_happened()
    assert (pricing.left(scarce.id), pricing.left(plenty.id)) == (2, 100)
    assert not payments.all_charges_of(HUBEI, "order", range(1, 1000))


@pytest.mark.parametrize(
    ("quantity", "refusal"),
    [
        (0, errors.QuantityInvalid),
        (-3, errors.QuantityInvalid),
        (10**30, errors.QuantityInvalid),
        (6, errors.LimitPerOrder),
    ],
)
def test_a_quantity_out_of_bounds_is_refused(quantity: int, refusal: type[Exception]) -> None:
    offer = pricing.offer(per_order_limit=5)

    with pytest.raises(refusal):
        make.order(make.line(offer, quantity))

    assert nothing_happened()


def test_a_price_that_changed_meanwhile_is_refused_with_the_new_one() -> None:
    offer = pricing.offer(price_fen=399)

    with pytest.raises(errors.PriceChanged) as refused:
        make.order(make.line(offer, 1, price_fen=389))

    assert refused.value.facts["price_fen"] == 399
    assert nothing_happened()


def test_unknown_withdrawn_and_other_days_offers_are_refused() -> None:
    withdrawn, tomorrow = pricing.offer(), pricing.offer(sale_on=date(2026, 11, 21))
    withdraw_offer(SYSTEM, province_id=HUBEI, offer_id=withdrawn.id)

    for lines, refusal in (
        ((WantedLine(10**15, 1, 1),), errors.OfferUnknown),
        ((make.line(withdrawn),), errors.OfferNotTonight),
        ((make.line(tomorrow),), errors.OfferNotTonight),
        ((make.line(withdrawn), make.line(withdrawn)), errors.DuplicateOffer),
    ):
        with pytest.raises(refusal):
            make.order(*lines)
    assert nothing_happened()


def test_an_order_of_nothing_or_of_too_many_lines_is_refused() -> None:
    provinces.province(terms=Terms(most_lines=2))
    buyer, point, offers = members.member(), leaders.point(), pricing.offers(3)

    with pytest.raises(errors.NothingOrdered):
        commands.place_order(buyer, province_id=HUBEI, request=OrderRequest(point.id, ()))
    with pytest.raises(errors.TooManyLines):
        make.order(*map(make.line, offers), member=buyer, point=point)

    assert nothing_happened()


@pytest.mark.parametrize("moment", ["2026-11-20T23:00+08:00", "2026-11-21T00:04+08:00"])
def test_between_cut_off_and_opening_nothing_is_taken(clock_at: Clock, moment: str) -> None:
    offer, point = pricing.offer(), leaders.point()
    clock_at(moment)

    with pytest.raises(errors.CutOffPassed) as refused:
        make.order(make.line(offer), point=point)

    assert refused.value.facts["opens_at"] == "2026-11-20T16:05:00+00:00"
    assert nothing_happened()


def test_a_day_that_was_closed_takes_nothing_even_by_a_slow_clock(clock_at: Clock) -> None:
    offer, point = pricing.offer(), leaders.point()
    clock_at(make.CUTOFF)
    make.close_day()
    clock_at("2026-11-20T22:59:59+08:00")

    with pytest.raises(errors.CutOffPassed):
        make.order(make.line(offer), point=point)


def test_unknown_resting_and_closed_points_take_no_orders() -> None:
    buyer, offer = members.member(), pricing.offer()
    resting, closed = leaders.points(2)
    leaders_commands.rest_point(leaders.leader_of(resting), province_id=HUBEI, point_id=resting.id)
    leaders_commands.close_point(SYSTEM, province_id=HUBEI, point_id=closed.id)

    for point_id, refusal in ((resting.id, PointResting), (closed.id, PointClosed), (10**15, NotFound)):
        with pytest.raises(refusal):
            commands.place_order(buyer, province_id=HUBEI, request=OrderRequest(point_id, (make.line(offer),)))
    assert nothing_happened()


def test_a_suspended_province_takes_no_orders() -> None:
    buyer, wish = members.member(), make.request()
    provinces_commands.suspend_province(SYSTEM, province_id=HUBEI)

    with pytest.raises(ProvinceClosed):
        commands.place_order(buyer, province_id=HUBEI, request=wish)


@pytest.mark.parametrize(
    ("caller", "refusal"),
    [
        (NOBODY, SignInNeeded),
        (Caller(Kind.LEADER, 1, HUBEI), Forbidden),
        (Caller(Kind.STAFF, 1), Forbidden),
        (Caller(Kind.MEMBER, 1, 34), Forbidden),
    ],
)
def test_only_members_of_the_province_order(caller: Caller, refusal: type[Exception]) -> None:
    wish = make.request()

    with pytest.raises(refusal):
        commands.place_order(caller, province_id=HUBEI, request=wish)


def test_the_daily_limit_counts_the_members_other_live_orders() -> None:
    buyer, offer, point = members.member(), pricing.offer(per_order_limit=5, per_day_limit=8), leaders.point()
    first = make.order(make.line(offer, 5), member=buyer, point=point)

    with pytest.raises(errors.LimitPerDay) as refused:
        make.order(make.line(offer, 4), member=buyer, point=point)
    commands.cancel_order(buyer, province_id=HUBEI, order_id=first.id)
    make.order(make.line(offer, 4), member=buyer, point=point)

    assert refused.value.facts["bought"] == 5


def test_what_a_paid_order_gave_up_is_free_again_under_the_daily_limit() -> None:
    buyer, offer, point = members.member(), pricing.offer(per_order_limit=5, per_day_limit=8), leaders.point()
    first = make.paid_order(make.line(offer, 5), member=buyer, point=point)
    commands.edit_order(buyer, province_id=HUBEI, order_id=first.id, lines=(make.line(offer, 2),))

    assert make.order(make.line(offer, 5), member=buyer, point=point).lines[0].quantity == 5
    with pytest.raises(errors.LimitPerDay):
        make.order(make.line(offer, 2), member=buyer, point=point)


def test_the_daily_limit_leaves_other_members_alone() -> None:
    offer, point = pricing.offer(per_order_limit=5, per_day_limit=5), leaders.point()
    make.order(make.line(offer, 5), point=point)

    assert make.order(make.line(offer, 5), point=point).state is State.UNPAID


def test_an_order_number_names_the_day_and_hides_the_count() -> None:
    point = leaders.point()

    numbers = [make.order(point=point).number for _ in range(3)]

    assert len(set(numbers)) == 3
    assert all(number.startswith("1120") and len(number) == 10 for number in numbers)


def test_an_order_is_seen_by_its_member_its_leader_and_staff_only() -> None:
    point, other = leaders.points(2)
    order = make.order(point=point)

    for caller in (make.buyer_of(order), leaders.leader_of(point), provinces.staff("ordering.read")):
        assert queries.order(caller, HUBEI, order.id) == order
    for caller in (
        members.member(),
        leaders.leader_of(other),
        provinces.staff("catalog.edit", phone="13900000002"),
        NOBODY,
    ):
        with pytest.raises(NotFound):
            queries.order(caller, HUBEI, order.id)


def test_a_forgotten_member_orders_nothing_while_their_token_is_still_good() -> None:
    buyer, wish = members.member(), make.request()
    members_commands.forget_member(buyer, province_id=HUBEI, member_id=buyer.id)

    with pytest.raises(NotFound):
        commands.place_order(buyer, province_id=HUBEI, request=wish)

    assert nothing_happened()
