"""The lane itself: many at once over its own connections to a real PostgreSQL."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from functools import partial
from typing import Any

import pytest
from django.db import connection
from msgspec import structs

from lintuan.kernel import changes, clock
from lintuan.kernel.callers import NOBODY, Caller
from lintuan.kernel.errors import (
    Broken,
    Forbidden,
    KeyReused,
    NotFound,
    Refusal,
    SignInNeeded,
    TooMany,
    Unavailable,
)
from lintuan.leaders.types import PointView
from lintuan.members.commands import forget_member
from lintuan.ordering.errors import CutOffPassed, LimitPerDay, OfferNotTonight, OfferUnknown
from lintuan.ordering.intake import lane as lanes
from lintuan.ordering.intake.lane import Lane
from lintuan.ordering.intake.line import MOST_OF_MEMBER, SHORTEST_LINE
from lintuan.ordering.intake.wishes import PlacedBefore
from lintuan.ordering.models import Order
from lintuan.ordering.types import OrderRequest, OrderView, WantedLine
from lintuan.pricing.errors import SoldOut
from tests.make import leaders, members, pricing
from tests.make import ordering as make
from tests.make.provinces import HUBEI

pytestmark = pytest.mark.django_db(transaction=True)

Clock = Callable[[str], datetime]
Placed = OrderView | PlacedBefore | Refusal


@pytest.fixture(autouse=True)
def evening(clock_at: Clock) -> None:
    clock_at(make.EVENING)


@pytest.fixture
def point() -> PointView:
    return leaders.point()


def in_the_lane(work: Callable[[Lane], Awaitable[Any]]) -> Any:
    """Do something with a lane of its own."""

    async def live() -> Any:
        lane = Lane()
        try:
            return await work(lane)
        finally:
            await lane.close()

    return asyncio.run(live())


async def place(lane: Lane, buyer: Caller, point: PointView, *lines: WantedLine, key: str = "k") -> Placed:
    try:
        return await lane.place(buyer, OrderRequest(point.id, lines), key, clock.now())
    except Refusal as refusal:
        return refusal


def all_placed(wishes: Sequence[tuple[Caller, PointView, tuple[WantedLine, ...], str]]) -> list[Placed]:
    """Everybody at once."""
    return list(
        in_the_lane(
            lambda lane: asyncio.gather(*(place(lane, who, at, *lines, key=key) for who, at, lines, key in wishes))
        )
    )


def test_a_crowd_gets_exactly_what_there_is(point: PointView) -> None:
    offer, crowd = pricing.offer(capacity=150), members.members(200)

    outcomes = all_placed([(buyer, point, (make.line(offer),), "k") for buyer in crowd])

    assert [type(outcome) for outcome in outcomes].count(OrderView) == 150
    assert [type(outcome) for outcome in outcomes].count(SoldOut) == 50
    assert pricing.left(offer.id) == 0
    assert Order.objects.count() == 150


def test_twins_make_one_order(point: PointView) -> None:
    offer, ann = pricing.offer(), members.member()

    outcomes = all_placed([(ann, point, (make.line(offer),), "k")] * 8)

    ids = {one.id if isinstance(one, OrderView) else one.order_id for one in outcomes if not isinstance(one, Refusal)}
    assert [Order.objects.get().id] == list(ids)
    assert not any(isinstance(outcome, Refusal) for outcome in outcomes)
    assert pricing.left(offer.id) == 99


def test_two_lanes_let_nobody_pass_a_daily_limit(point: PointView) -> None:
    offer, crowd = pricing.offer(capacity=1000, per_order_limit=5, per_day_limit=8), members.members(20)

    async def both() -> list[Placed]:
        one, other = Lane(), Lane()
        try:
            return await asyncio.gather(
                *(
                    place(lane, buyer, point, make.line(offer, 5), key=key)
                    for buyer in crowd
                    for lane, key in ((one, "a"), (other, "b"))
                )
            )
        finally:
            await asyncio.gather(one.close(), other.close())

    outcomes = asyncio.run(both())

    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["LimitPerDay"] * 20 + ["OrderView"] * 20
    assert all(one.facts["bought"] == 5 for one in outcomes if isinstance(one, LimitPerDay))


def test_an_order_that_the_database_cannot_bear_spoils_no_neighbour(point: PointView) -> None:
    offer, crowd = pricing.offer(), members.members(12)
    with refusing_orders_of(crowd[4]):
        outcomes = all_placed([(buyer, point, (make.line(offer),), "k") for buyer in crowd])

    kinds = [type(outcome) for outcome in outcomes]
    assert (kinds.count(OrderView), kinds[4]) == (11, Broken)
    assert Order.objects.count() == 11
    assert pricing.left(offer.id) == 89


def test_the_first_answer_is_given_again_and_other_content_is_refused(point: PointView) -> None:
    offer, ann = pricing.offer(), members.member()

    async def twice(lane: Lane) -> list[Placed]:
        return [await place(lane, ann, point, make.line(offer, units)) for units in (1, 1, 2)]

    first, again, other = in_the_lane(twice)

    assert again == PlacedBefore(first.id)
    assert isinstance(other, KeyReused)


def test_a_new_offer_is_known_though_the_book_was_read_before_it(point: PointView) -> None:
    old, (ann, ben) = pricing.offer(), members.members(2)

    async def later(lane: Lane) -> tuple[Placed, Placed]:
        first = await place(lane, ann, point, make.line(old))
        new = await asyncio.to_thread(in_own_connection, pricing.offer)
        return first, await place(lane, ben, point, make.line(new))

    first, second = in_the_lane(later)

    assert isinstance(first, OrderView)
    assert isinstance(second, OrderView | PlacedBefore)


def test_an_offer_that_is_not_in_the_book_is_not_on_sale_tonight(point: PointView) -> None:
    pricing.offer()
    ann, ben = members.members(2)

    outcomes = all_placed(
        [(who, point, (WantedLine(offer, 1, 399),), "k") for who, offer in ((ann, 999_999), (ben, 0))]
    )

    assert [type(outcome) for outcome in outcomes] == [OfferNotTonight, OfferUnknown]


def test_after_cut_off_everybody_is_told_when_it_opens_and_gets_the_order_of_their_key(
    point: PointView, clock_at: Clock
) -> None:
    offer, crowd = pricing.offer(), members.members(100)
    wishes = [(buyer, point, (make.line(offer),), "k") for buyer in crowd]
    all_placed(wishes[:1])
    clock_at(make.CUTOFF)

    outcomes = all_placed(wishes)

    assert [type(outcome) for outcome in outcomes] == [PlacedBefore] + [CutOffPassed] * 99


def test_one_member_cannot_fill_the_line(point: PointView) -> None:
    offer, (ann, ben) = pricing.offer(capacity=10_000), members.members(2)
    greedy = [(ann, point, (make.line(offer),), f"k{turn}") for turn in range(100)]

    outcomes = all_placed([*greedy, (ben, point, (make.line(offer),), "k")])

    assert isinstance(outcomes[-1], OrderView)
    assert sum(isinstance(outcome, TooMany) for outcome in outcomes) >= 100 - MOST_OF_MEMBER - 1


def test_who_asks_to_be_forgotten_orders_nothing_more_though_the_book_was_read_before(point: PointView) -> None:
    offer, ann = pricing.offer(), members.member()

    async def forgotten_between(lane: Lane) -> list[Placed]:
        first = await place(lane, ann, point, make.line(offer), key="a")
        forget = partial(forget_member, ann, province_id=HUBEI, member_id=ann.id)
        await asyncio.to_thread(in_own_connection, forget)
        return [first, await place(lane, ann, point, make.line(offer), key="b")]

    assert [type(outcome) for outcome in in_the_lane(forgotten_between)] == [OrderView, NotFound]


def test_orders_get_through_however_fast_the_offers_change(point: PointView) -> None:
    offer, crowd = pricing.offer(), members.members(20)

    async def while_it_changes(lane: Lane) -> list[Placed]:
        changing = asyncio.create_task(asyncio.to_thread(in_own_connection, change_often))
        try:
            return [await place(lane, buyer, point, make.line(offer)) for buyer in crowd]
        finally:
            await changing

    def change_often() -> None:
        for _ in range(60):
            changes.tell("leaders", HUBEI)

    assert [type(outcome) for outcome in in_the_lane(while_it_changes)] == [OrderView] * 20


def test_only_members_order(point: PointView) -> None:
    line = make.line(pricing.offer())

    outcomes = all_placed([(NOBODY, point, (line,), "k"), (leaders.leader_of(point), point, (line,), "k")])

    assert [type(outcome) for outcome in outcomes] == [SignInNeeded, Forbidden]


def test_a_line_that_is_full_sends_away_at_once(point: PointView) -> None:
    offer, ann = pricing.offer(capacity=10_000), members.member()
    crowd = [structs.replace(ann, id=ann.id + turn) for turn in range(SHORTEST_LINE + 40)]
    wishes = [(buyer, point, (make.line(offer),), "k") for buyer in crowd]
    with writing_waits():
        outcomes = all_placed(wishes)

    refused = [outcome for outcome in outcomes if isinstance(outcome, Unavailable)]
    assert len(refused) >= 40 - 2 * lanes.CARRIERS
    assert Order.objects.count() == 0


def in_own_connection(work: Callable[[], Any]) -> Any:
    try:
        return work()
    finally:
        connection.close()


@contextmanager
def refusing_orders_of(buyer: Caller) -> Iterator[None]:
    """A database that cannot store this member's orders."""
    change(f"ALTER TABLE ordering_order ADD CONSTRAINT poison CHECK (member_id <> {buyer.id}) NOT VALID")
    try:
        yield
    finally:
        change("ALTER TABLE ordering_order DROP CONSTRAINT poison")


@contextmanager
def writing_waits() -> Iterator[None]:
    """A database in which nobody can write an order for the while."""
    with connection.cursor() as cursor:
        cursor.execute("BEGIN")
        cursor.execute("LOCK TABLE ordering_order IN ACCESS EXCLUSIVE MODE")
        try:
            yield
        finally:
            cursor.execute("ROLLBACK")


def change(sql: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql)
