"""The limit per life: at most so many units of a SKU per member, on whatever days."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import pytest
from django.db import transaction

from lintuan.ordering import commands, errors
from lintuan.ordering.facts import bought_ever
from lintuan.ordering.types import State
from lintuan.pricing.types import OfferView
from tests.make import leaders, members, pricing
from tests.make import ordering as make
from tests.make.provinces import HUBEI
from tests.side_by_side import aside, until_waiting

pytestmark = pytest.mark.django_db

Clock = Callable[[str], datetime]
NEXT_EVENING = "2026-11-21T20:00+08:00"


@pytest.fixture(autouse=True)
def evening(clock_at: Clock) -> None:
    clock_at(make.EVENING)


@pytest.fixture
def newcomers() -> OfferView:
    return pricing.offer(100, per_life_limit=2, cost_fen=100)


def test_a_limit_per_life_counts_every_day(clock_at: Clock, newcomers: OfferView) -> None:
    buyer, point = members.member(), leaders.point()
    make.collected_order(make.line(newcomers, 2), member=buyer, point=point)
    clock_at(NEXT_EVENING)
    sku_id = newcomers.sku_id
    assert bought_ever(HUBEI, buyer.id, [sku_id]) == {sku_id: 2}

    again = pricing.publish_again(newcomers, per_life_limit=2)
    with pytest.raises(errors.LimitPerLife) as refused:
        make.order(make.line(again, 1), member=buyer, point=point)

    assert (refused.value.facts["most"], refused.value.facts["bought"]) == (2, 2)
    assert make.order(make.line(again, 2), point=point).state is State.UNPAID


def test_a_limit_per_life_counts_what_is_ordered_tonight_until_it_is_given_up(newcomers: OfferView) -> None:
    buyer, point = members.member(), leaders.point()
    first = make.order(make.line(newcomers, 2), member=buyer, point=point)

    with pytest.raises(errors.LimitPerLife):
        make.order(make.line(newcomers, 1), member=buyer, point=point)
    commands.cancel_order(buyer, province_id=HUBEI, order_id=first.id)

    assert make.order(make.line(newcomers, 2), member=buyer, point=point).state is State.UNPAID


def test_an_edited_order_does_not_count_itself(newcomers: OfferView) -> None:
    order = make.order(make.line(newcomers, 1))
    edit = {"province_id": HUBEI, "order_id": order.id}

    commands.edit_order(make.buyer_of(order), **edit, lines=(make.line(newcomers, 2),))
    with pytest.raises(errors.LimitPerLife):
        commands.edit_order(make.buyer_of(order), **edit, lines=(make.line(newcomers, 3),))

    assert make.now(order).lines[0].quantity == 2


def test_what_was_cut_or_refunded_was_never_had(clock_at: Clock, newcomers: OfferView) -> None:
    partly, wholly = make.paid_orders([make.line(newcomers, 2)], [make.line(newcomers, 2)])
    clock_at(make.CUTOFF)
    make.close_day()
    make.cut((newcomers.sku_id, None, 1))

    sku_id = newcomers.sku_id
    assert make.now(wholly).state is State.REFUNDED
    assert bought_ever(HUBEI, partly.member_id, [sku_id]) == {sku_id: 1}
    assert bought_ever(HUBEI, wholly.member_id, [sku_id]) == {}


def test_only_the_skus_asked_for_are_counted_and_only_ones_own(newcomers: OfferView) -> None:
    other_sku = pricing.offer()
    order, _ = (make.order(make.line(newcomers, 1), make.line(other_sku, 3)) for _ in range(2))

    assert bought_ever(HUBEI, order.member_id, [newcomers.sku_id]) == {newcomers.sku_id: 1}
    assert bought_ever(HUBEI, order.member_id, [newcomers.sku_id], but=order.id) == {}
    assert bought_ever(HUBEI, order.member_id, []) == bought_ever(34, order.member_id, [newcomers.sku_id]) == {}


@pytest.mark.django_db(transaction=True)
def test_two_orders_of_one_member_at_once_do_not_pass_the_limit_per_life(newcomers: OfferView) -> None:
    buyer, point = members.member(), leaders.point()

    with transaction.atomic():
        make.order(make.line(newcomers, 2), member=buyer, point=point)
        second = aside(lambda: make.order(make.line(newcomers, 1), member=buyer, point=point))
        until_waiting()

    assert second.result(20) is errors.LimitPerLife
    assert pricing.left(newcomers.id) == 98
