"""Baskets that are changed and ordered at the same moment, with real transactions side by side."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime

import pytest
from django.db import transaction
from procrastinate.contrib.django.models import ProcrastinateJob

from lintuan.ordering import commands, errors
from lintuan.ordering.facts import basket_facts
from lintuan.ordering.models import BasketMember, Order
from tests.make import members, pricing
from tests.make import ordering as make
from tests.make.provinces import HUBEI
from tests.side_by_side import aside, until_waiting

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def evening(clock_at: Callable[[str], datetime], transactional_db: None) -> Iterator[None]:
    """Leaves no jobs behind: Django does not flush the queue's tables."""
    clock_at(make.EVENING)
    yield
    ProcrastinateJob.objects.all().delete()


def test_of_two_who_pay_for_the_same_lines_at_once_one_does() -> None:
    opener, other = members.members(2)
    eggs, view = pricing.offer(1000), make.basket(opener, other)
    make.put_in(view, opener, (eggs, 2))
    make.put_in(view, other, (eggs, 1))

    with transaction.atomic():
        make.basket_order(view, opener, make.line(eggs, 3), together=True)
        apart = aside(lambda: make.basket_order(view, other, make.line(eggs, 1)))
        until_waiting()

    assert apart.result(20) is errors.BasketChanged
    assert (Order.objects.count(), pricing.left(eggs.id)) == (1, 97)


def test_who_puts_in_while_another_orders_waits_and_keeps_the_new_line_open() -> None:
    opener, other = members.members(2)
    eggs, view = pricing.offer(1000), make.basket(opener, other)
    make.put_in(view, other, (eggs, 1))

    with transaction.atomic():
        make.basket_order(view, opener, make.line(eggs, 1), together=True)
        more = aside(lambda: make.put_in(view, other, (eggs, 4)))
        until_waiting()
    more.result(20)

    assert [(line.member_id, line.quantity) for line in basket_facts(HUBEI, [view.id])[view.id].lines] == [
        (other.id, 4)
    ]


def test_the_last_place_goes_to_one() -> None:
    opener, *others = members.members(11)
    view = make.basket(opener, *others)
    twelfth, thirteenth = members.members(2)

    with transaction.atomic():
        commands.join_basket(twelfth, province_id=HUBEI, code=view.code)
        late = aside(lambda: commands.join_basket(thirteenth, province_id=HUBEI, code=view.code))
        until_waiting()

    assert late.result(20) is errors.BasketFull
    assert BasketMember.objects.count() == 12


def test_who_joins_two_baskets_at_once_is_in_one() -> None:
    one, another, joiner = members.members(3)
    first, second = make.basket(one), make.basket(another)

    with transaction.atomic():
        commands.join_basket(joiner, province_id=HUBEI, code=first.code)
        twice = aside(lambda: commands.join_basket(joiner, province_id=HUBEI, code=second.code))
        until_waiting()

    assert twice.result(20) is errors.BasketTwice
    assert BasketMember.objects.get(member_id=joiner.id).basket_id == first.id
