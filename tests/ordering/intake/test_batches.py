"""One batch at a time: duplicates, shortages, limits and whatever changes between looking and writing."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime

import pytest
from django.db import DatabaseError, connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from lintuan.kernel import clock
from lintuan.kernel.callers import SYSTEM, Caller
from lintuan.kernel.errors import KeyReused, NotFound
from lintuan.leaders.commands import rest_point
from lintuan.leaders.types import PointView
from lintuan.ordering.commands.intake import carry_out
from lintuan.ordering.errors import LimitPerDay, PriceChanged
from lintuan.ordering.events import OrderPlaced
from lintuan.ordering.intake.batch import Stores, take_in
from lintuan.ordering.intake.book import Book, whole_book
from lintuan.ordering.intake.statements import STALE
from lintuan.ordering.intake.wishes import BookOutdated, Outcome, PlacedBefore, TryAgain, Wish
from lintuan.ordering.models import Order, SaleDay
from lintuan.ordering.types import OrderRequest, OrderView, WantedLine
from lintuan.payments import queries as payments
from lintuan.pricing.errors import SoldOut
from lintuan.pricing.models import Offer, ShelfEdition
from lintuan.pricing.types import OfferView
from tests.make import leaders, members, pricing
from tests.make import ordering as make
from tests.make.provinces import HUBEI
from tests.ordering.log import announced

pytestmark = pytest.mark.django_db

Clock = Callable[[str], datetime]


@pytest.fixture(autouse=True)
def evening(clock_at: Clock) -> None:
    clock_at(make.EVENING)


@pytest.fixture
def point() -> PointView:
    return leaders.point()


def wish(buyer: Caller, point: PointView, *lines: WantedLine, key: str | None = None) -> Wish:
    return Wish.of(buyer, OrderRequest(point.id, lines), key)


def tonight() -> Book:
    return whole_book(HUBEI, clock.now())


def taken_in(wishes: Sequence[Wish], book: Book | None = None) -> Sequence[Outcome]:
    """What became of a batch."""
    with transaction.atomic():
        return carry_out(take_in(book or tonight(), wishes, clock.now(), Stores.fresh()))


def lines_of(offers: Sequence[OfferView], units: Sequence[int]) -> list[WantedLine]:
    return [make.line(offer, count) for offer, count in zip(offers, units, strict=True) if count]


def kinds(outcomes: Iterable[Outcome]) -> list[type]:
    return [type(outcome) for outcome in outcomes]


def test_a_batch_stores_what_each_of_its_orders_asked_for(point: PointView) -> None:
    eggs, greens = pricing.offer(1580), pricing.offer(299)
    ann, ben = members.members(2)

    first, second = taken_in(
        [wish(ann, point, make.line(eggs, 2), make.line(greens)), wish(ben, point, make.line(greens, 3))]
    )

    assert isinstance(first, OrderView)
    assert isinstance(second, OrderView)
    assert [make.now(first), make.now(second)] == [first, second]
    assert (first.amount.fen, second.amount.fen) == (3459, 897)
    charges = payments.charges(HUBEI, [first.charge_id, second.charge_id])
    assert [(charges[each.charge_id].amount, charges[each.charge_id].state) for each in (first, second)] == [
        (first.amount, "open"), (second.amount, "open"),
    ]  # fmt: skip
    assert [event.order_id for event in announced(OrderPlaced)] == [first.id, second.id]
    assert (pricing.left(eggs.id), pricing.left(greens.id)) == (98, 96)


def test_scarce_goods_go_to_whole_baskets_in_the_order_of_arrival(point: PointView) -> None:
    """The worked table of docs/algorithms/intake.md."""
    eggs, greens = pricing.offer(capacity=3), pricing.offer(capacity=10)
    wanted = [(2, 0), (2, 4), (1, 6), (0, 5), (0, 4)]

    outcomes = taken_in(
        [
            wish(buyer, point, *lines_of((eggs, greens), each))
            for buyer, each in zip(members.members(5), wanted, strict=True)
        ]
    )

    assert kinds(outcomes) == [OrderView, SoldOut, OrderView, SoldOut, OrderView]
    assert [outcome.facts["left"] for outcome in outcomes if isinstance(outcome, SoldOut)] == [1, 4]
    assert (pricing.left(eggs.id), pricing.left(greens.id)) == (0, 0)
    assert Order.objects.count() == len(announced(OrderPlaced)) == 3


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    capacities=some.lists(some.integers(1, 12), min_size=3, max_size=3),
    baskets=some.lists(some.lists(some.integers(0, 4), min_size=3, max_size=3).filter(any), min_size=1, max_size=12),
)
def test_any_batch_takes_exactly_what_one_after_another_would_get(
    point: PointView, capacities: list[int], baskets: list[list[int]]
) -> None:
    offers = [pricing.offer(capacity=capacity) for capacity in capacities]
    left, expected = list(capacities), []
    for basket in baskets:
        fits = all(units <= has for units, has in zip(basket, left, strict=True))
        left = [has - units * fits for units, has in zip(basket, left, strict=True)]
        expected.append(OrderView if fits else SoldOut)

    outcomes = taken_in(
        [
            wish(buyer, point, *lines_of(offers, basket))
            for buyer, basket in zip(members.members(len(baskets)), baskets, strict=True)
        ]
    )

    assert kinds(outcomes) == expected
    assert [pricing.left(offer.id) for offer in offers] == left


def test_a_key_that_has_an_order_gets_it_again_even_where_nothing_is_left(point: PointView) -> None:
    last = pricing.offer(capacity=1)
    ann, ben = members.members(2)
    (first,) = taken_in([wish(ann, point, make.line(last), key="k")])

    outcomes = taken_in([wish(ann, point, make.line(last), key="k"), wish(ben, point, make.line(last), key="k")])

    assert isinstance(first, OrderView)
    assert outcomes[0] == PlacedBefore(first.id)
    assert isinstance(outcomes[1], SoldOut)


def test_a_key_that_has_an_order_gets_it_again_after_cut_off(point: PointView, clock_at: Clock) -> None:
    offer, ann = pricing.offer(), members.member()
    (first,) = taken_in([wish(ann, point, make.line(offer), key="k")])
    clock_at(make.CUTOFF)
    make.close_day()

    (again,) = taken_in([wish(ann, point, make.line(offer), key="k")])

    assert isinstance(first, OrderView)
    assert again == PlacedBefore(first.id)


def test_the_same_key_for_something_else_is_refused(point: PointView) -> None:
    offer, ann = pricing.offer(), members.member()
    taken_in([wish(ann, point, make.line(offer), key="k")])

    (outcome,) = taken_in([wish(ann, point, make.line(offer, 2), key="k")])

    assert isinstance(outcome, KeyReused)
    assert Order.objects.count() == 1


def test_a_member_who_was_faster_elsewhere_is_looked_at_anew(point: PointView) -> None:
    offer, (ann, ben) = pricing.offer(per_order_limit=5, per_day_limit=8), members.members(2)
    steps = take_in(
        tonight(),
        [wish(ann, point, make.line(offer, 5)), wish(ben, point, make.line(offer, 5))],
        clock.now(),
        Stores.fresh(),
    )
    looked = next(steps)
    with connection.cursor() as cursor:
        cursor.execute(*looked.for_psycopg())
        rows = cursor.fetchall()
    make.order(make.line(offer, 5), member=ann, point=point)

    outcomes = carry_on(steps, rows)
    again = taken_in([wish(ann, point, make.line(offer, 5))])

    assert kinds(outcomes) == [TryAgain, OrderView]
    assert isinstance(again[0], LimitPerDay)
    assert again[0].facts["bought"] == 5


def test_a_price_that_changes_while_a_batch_is_written_undoes_it(point: PointView) -> None:
    offer, ann = pricing.offer(399), members.member()
    book = tonight()
    Offer.objects.filter(id=offer.id).update(price=499)
    ShelfEdition.objects.update(number=book.edition + 1)

    with pytest.raises(DatabaseError) as stale:
        taken_in([wish(ann, point, make.line(offer))], book)

    assert getattr(stale.value.__cause__, "sqlstate", "") == STALE
    assert not Order.objects.exists()
    (refused,) = taken_in([wish(ann, point, make.line(offer))])
    assert isinstance(refused, PriceChanged)


def test_a_book_of_before_a_change_decides_nothing(point: PointView) -> None:
    offer, ann = pricing.offer(), members.member()
    book = tonight()
    rest_point(SYSTEM, province_id=HUBEI, point_id=point.id)

    with pytest.raises(BookOutdated):
        taken_in([wish(ann, point, make.line(offer))], book)

    assert kinds(taken_in([wish(ann, point, make.line(offer))]))[0].__name__ == "PointResting"


def test_a_day_that_was_closed_a_moment_ago_takes_nothing(point: PointView) -> None:
    offer, ann = pricing.offer(), members.member()
    book = tonight()
    SaleDay.objects.update(state="closed", closed_at=clock.now())

    assert [kind.__name__ for kind in kinds(taken_in([wish(ann, point, make.line(offer))], book))] == ["CutOffPassed"]
    assert not Order.objects.exists()


def test_whoever_asked_to_be_forgotten_orders_nothing(point: PointView) -> None:
    from lintuan.members.commands import forget_member

    offer, ann = pricing.offer(), members.member()
    forget_member(ann, province_id=HUBEI, member_id=ann.id)

    assert kinds(taken_in([wish(ann, point, make.line(offer))])) == [NotFound]


def test_one_refusal_spoils_no_neighbour(point: PointView) -> None:
    offer, (ann, ben) = pricing.offer(399), members.members(2)

    outcomes = taken_in([wish(ann, point, make.line(offer, price_fen=1)), wish(ben, point, make.line(offer))])

    assert kinds(outcomes) == [PriceChanged, OrderView]


def test_a_batch_needs_the_same_few_statements_however_many_are_in_it(
    point: PointView, django_assert_num_queries: Callable[[int], object]
) -> None:
    offer: OfferView = pricing.offer(capacity=10_000)
    book, one, many = tonight(), members.members(1), members.members(40)

    for buyers in (one, many):
        wishes = [wish(buyer, point, make.line(offer)) for buyer in buyers]
        steps = take_in(book, wishes, clock.now(), Stores.fresh())
        with django_assert_num_queries(5):  # type: ignore[attr-defined]
            carry_out(steps)


def carry_on(steps: object, rows: Sequence[Sequence[object]]) -> Sequence[Outcome]:
    """Run the rest of a batch after its first rows."""
    try:
        step = steps.send(rows)  # type: ignore[attr-defined]
        while True:
            with connection.cursor() as cursor:
                cursor.execute(*step.for_psycopg())
                step = steps.send(cursor.fetchall())  # type: ignore[attr-defined]
    except StopIteration as ended:
        return ended.value  # type: ignore[no-any-return]
