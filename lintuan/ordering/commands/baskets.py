"""Household baskets: opened, joined, filled, left and closed; docs/algorithms/baskets.md."""

from __future__ import annotations

import secrets
from datetime import date, timedelta

from django.db import connection
from django.db.models import QuerySet

from lintuan.kernel import clock
from lintuan.kernel.callers import Caller, Kind
from lintuan.kernel.commands import command
from lintuan.kernel.errors import Forbidden
from lintuan.leaders.queries import open_point
from lintuan.members.queries import active_member
from lintuan.ordering import rules
from lintuan.ordering.days import Desk
from lintuan.ordering.errors import BasketClosed, BasketTwice, BasketUnknown
from lintuan.ordering.facts import STANDING, basket_facts
from lintuan.ordering.models import Basket, BasketLine, BasketMember
from lintuan.ordering.types import BasketFacts, BasketState, BasketWish, OrderRequest
from lintuan.provinces.queries import open_province, province

KEPT = timedelta(days=30)

_DROP_OPEN_LINES = """
DELETE FROM ordering_basketline l USING ordering_basket b
WHERE l.province_id = %s AND b.province_id = %s AND b.id = l.basket_id AND b.sale_on = %s AND NOT EXISTS (
    SELECT 1 FROM ordering_order o WHERE o.province_id = %s AND o.id = l.order_id AND o.state = ANY(%s)
)
"""


@command
def open_basket(caller: Caller, *, province_id: int, point_id: int, key: str | None = None) -> int:
    """Begin a basket for a pickup point tonight; the caller is its opener and first member."""
    desk, sale_on = _open_desk(caller, province_id)
    open_point(province_id, point_id)
    basket = Basket.objects.create(
        province_id=province_id,
        point_id=point_id,
        sale_on=sale_on,
        opened_by=caller.id,
        opened_at=desk.now,
        code=rules.basket_code(secrets.randbelow),
    )
    _enter(basket, caller.id)
    return basket.id


@command
def join_basket(caller: Caller, *, province_id: int, code: str, key: str | None = None) -> int:
    """Enter tonight's basket of a code; joining again changes nothing. Answers the basket's id."""
    _, sale_on = _open_desk(caller, province_id)
    rows = Basket.objects.filter(province_id=province_id, sale_on=sale_on, code=rules.read_basket_code(code))
    basket = rows.select_for_update(no_key=True).first()
    if basket is None:
        raise BasketUnknown(thing="basket")
    facts = basket_facts(province_id, [basket.id]).get(basket.id)
    if facts is None:
        raise BasketClosed
    if caller.id not in facts.members:
        rules.check_basket_open(facts, sale_on)
        rules.check_room(facts)
        _enter(basket, caller.id)
    return basket.id


@command
def put_in_basket(
    caller: Caller, *, province_id: int, basket_id: int, lines: tuple[BasketWish, ...], key: str | None = None
) -> int:
    """Make the caller's open lines these, none for taking everything out; what is ordered stays as it is."""
    desk, basket = _own_basket(caller, province_id, basket_id)
    facts = basket_facts(province_id, [basket_id])[basket_id]
    rules.check_basket_open(facts, desk.sale_on)
    rules.check_wishes(lines, desk.facts(lines, member_id=caller.id))
    mine = [line.id for line in facts.lines if line.member_id == caller.id]
    BasketLine.objects.filter(province_id=province_id, id__in=mine).delete()
    BasketLine.objects.bulk_create(
        BasketLine(
            province_id=province_id,
            basket=basket,
            member_id=caller.id,
            offer_id=line.offer_id,
            quantity=line.quantity,
        )
        for line in lines
    )
    return basket_id


@command
def leave_basket(caller: Caller, *, province_id: int, basket_id: int, key: str | None = None) -> int:
    """Go, with the lines that the caller put in; what they ordered stands and is theirs alone to collect."""
    _, basket = _own_basket(caller, province_id, basket_id)
    take_out(basket, caller.id)
    return basket_id


@command
def close_basket(caller: Caller, *, province_id: int, basket_id: int, key: str | None = None) -> int:
    """Let nobody join, put in or order any more; by its opener, for good."""
    _, basket = _own_basket(caller, province_id, basket_id)
    if basket.opened_by != caller.id:
        raise Forbidden
    basket.state = BasketState.CLOSED.value
    basket.save(update_fields=["state"])
    return basket_id


@command
def collect_jointly(caller: Caller, *, province_id: int, basket_id: int, key: str | None = None) -> int:
    """Let the basket's other members collect what the caller orders with it, as at first."""
    return _choose_collection(caller, province_id, basket_id, is_joint=True)


@command
def collect_alone(caller: Caller, *, province_id: int, basket_id: int, key: str | None = None) -> int:
    """Let nobody else collect what the caller orders with the basket."""
    return _choose_collection(caller, province_id, basket_id, is_joint=False)


@command
def close_baskets(caller: Caller, *, province_id: int, sale_on: date) -> int:
    """End the baskets of a day whose orders are closed: what was not ordered is gone. Answers how many were open."""
    caller.require_kind(Kind.SYSTEM)
    open_ones = Basket.objects.filter(province_id=province_id, sale_on=sale_on, state=BasketState.OPEN.value)
    closed = open_ones.update(state=BasketState.CLOSED.value)
    with connection.cursor() as cursor:
        cursor.execute(_DROP_OPEN_LINES, [province_id, province_id, sale_on, province_id, list(STANDING)])
    return closed


@command
def drop_baskets(caller: Caller, *, province_id: int) -> int:
    """Delete baskets whose sale day is long past: who shops with whom is nobody's business for ever."""
    caller.require_kind(Kind.SYSTEM)
    first_kept = clock.today(province(province_id).zone) - KEPT
    past = Basket.objects.filter(province_id=province_id, sale_on__lt=first_kept)
    basket_ids = list(past.values_list("id", flat=True))
    for model in (BasketLine, BasketMember):
        model.objects.filter(province_id=province_id, basket_id__in=basket_ids).delete()
    Basket.objects.filter(province_id=province_id, id__in=basket_ids).delete()
    return len(basket_ids)


def hold_basket(desk: Desk, basket_id: int) -> BasketFacts | None:
    """What an order must know of the basket that it names, which does not change before this transaction ends."""
    # The sale day comes before the basket here too; whether it takes orders is decided later.
    desk.share_day()
    province_id = desk.province.id
    basket = Basket.objects.select_for_update(no_key=True).filter(province_id=province_id, id=basket_id).first()
    return basket_facts(province_id, [basket_id]).get(basket_id) if basket else None


def cover(caller: Caller, request: OrderRequest, basket: BasketFacts, *, order_id: int) -> None:
    """Mark the lines of a held basket that the caller's order takes over."""
    taken = [line.id for line in rules.lines_ordered(request, basket, caller.id)]
    BasketLine.objects.filter(province_id=caller.province_id, id__in=taken).update(order_id=order_id)


def take_out(basket: Basket, member_id: int) -> None:
    """Remove a member and their lines from a locked basket; whoever joined next opens from then on."""
    for model in (BasketLine, BasketMember):
        model.objects.filter(province_id=basket.province_id, basket_id=basket.id, member_id=member_id).delete()
    left = BasketMember.objects.filter(province_id=basket.province_id, basket_id=basket.id)
    heir = left.order_by("joined_at", "id").first()
    if heir is None:
        basket.opened_by, basket.state = 0, BasketState.CLOSED.value
    elif basket.opened_by == member_id:
        basket.opened_by = heir.member_id
    basket.save(update_fields=["opened_by", "state"])


def _open_desk(caller: Caller, province_id: int) -> tuple[Desk, date]:
    """Where baskets are dealt with, while a sale day is open; its cut-off then waits for this transaction."""
    caller.require_kind(Kind.MEMBER)
    if caller.province_id != province_id:
        raise Forbidden
    active_member(province_id, caller.id)
    desk = Desk.of(open_province(province_id))
    if desk.sale_on is None or not desk.share_day():
        raise desk.too_late()
    return desk, desk.sale_on


def _own_basket(caller: Caller, province_id: int, basket_id: int) -> tuple[Desk, Basket]:
    """Tonight's basket that the caller is in, locked; BasketUnknown for strangers."""
    desk, sale_on = _open_desk(caller, province_id)
    basket = Basket.objects.select_for_update(no_key=True).filter(province_id=province_id, id=basket_id).first()
    if basket is None or not _membership(basket, caller.id).exists():
        raise BasketUnknown(thing="basket")
    if basket.sale_on != sale_on:
        raise BasketClosed
    return desk, basket


def _membership(basket: Basket, member_id: int) -> QuerySet[BasketMember]:
    return BasketMember.objects.filter(province_id=basket.province_id, basket_id=basket.id, member_id=member_id)


def _enter(basket: Basket, member_id: int) -> None:
    entered, _ = BasketMember.objects.get_or_create(
        province_id=basket.province_id,
        member_id=member_id,
        sale_on=basket.sale_on,
        defaults={"basket": basket, "joined_at": clock.now()},
    )
    if entered.basket_id != basket.id:
        raise BasketTwice


def _choose_collection(caller: Caller, province_id: int, basket_id: int, *, is_joint: bool) -> int:
    _, basket = _own_basket(caller, province_id, basket_id)
    _membership(basket, caller.id).update(is_joint=is_joint)
    return basket_id
