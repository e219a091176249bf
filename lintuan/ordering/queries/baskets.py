"""Household baskets."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

from django.db.models import QuerySet

from lintuan.kernel.callers import Caller, Kind
from lintuan.members.queries import mask_name, members
from lintuan.ordering.errors import BasketUnknown
from lintuan.ordering.evenings import past_evenings as past_evenings  # noqa: PLC0414  it is a question to orders, too large for here
from lintuan.ordering.facts import STANDING
from lintuan.ordering.models import Basket, BasketLine, BasketMember, Order
from lintuan.ordering.types import (
    BasketLineView,
    BasketPerson,
    BasketState,
    BasketView,
    State,
)
from lintuan.pricing.queries import offers


def basket(caller: Caller, province_id: int, basket_id: int) -> BasketView:
    """One basket for one of its members; BasketUnknown for anyone else, staff included."""
    found = _baskets(caller, Basket.objects.filter(province_id=province_id, id=basket_id))
    if not found:
        raise BasketUnknown(thing="basket")
    return found[0]


def baskets_of_member(caller: Caller) -> Sequence[BasketView]:
    """The baskets that the calling member is in, the newest first; those of long past days are gone."""
    caller.require_kind(Kind.MEMBER)
    return _baskets(caller, Basket.objects.filter(province_id=caller.province_id))


def joint_members(province_id: int, basket_ids: Iterable[int]) -> dict[int, frozenset[int]]:
    """Who collects for each other, by basket."""
    joint: dict[int, set[int]] = defaultdict(set)
    rows = BasketMember.objects.filter(province_id=province_id, basket_id__in=set(basket_ids), is_joint=True)
    for basket_id, member_id in rows.values_list("basket_id", "member_id"):
        joint[basket_id].add(member_id)
    return {basket_id: frozenset(people) for basket_id, people in joint.items()}


def joint_baskets(province_id: int, member_id: int) -> list[int]:
    """The baskets whose goods a member may collect for all."""
    rows = BasketMember.objects.filter(province_id=province_id, member_id=member_id, is_joint=True)
    return list(rows.values_list("basket_id", flat=True))


def _baskets(caller: Caller, among: QuerySet[Basket]) -> list[BasketView]:
    """Of these baskets those that the caller is in, the newest first."""
    if caller.kind is not Kind.MEMBER:
        return []
    province_id = caller.province_id
    mine = BasketMember.objects.filter(province_id=province_id, member_id=caller.id).values("basket_id")
    found = list(among.filter(province_id=province_id, id__in=mine).order_by("-id"))
    people: dict[int, list[BasketPerson]] = defaultdict(list)
    rows = BasketMember.objects.filter(province_id=province_id, basket_id__in=[row.id for row in found])
    entered = list(rows.select_related("basket").order_by("joined_at", "id"))
    names = {row.id: mask_name(row.name) for row in members(province_id, {one.member_id for one in entered}).values()}
    lines = _basket_lines(province_id, found)
    for one in entered:
        people[one.basket_id].append(
            BasketPerson(
                name=names[one.member_id],
                is_me=one.member_id == caller.id,
                is_opener=one.member_id == one.basket.opened_by,
                is_joint=one.is_joint,
                joined_at=one.joined_at,
                lines=tuple(lines[one.basket_id, one.member_id]),
            )
        )
    return [_basket(row, people[row.id]) for row in found]


def _basket(row: Basket, people: Sequence[BasketPerson]) -> BasketView:
    return BasketView(
        id=row.id,
        province_id=row.province_id,
        point_id=row.point_id,
        sale_on=row.sale_on,
        code=row.code,
        state=BasketState(row.state),
        people=tuple(people),
    )


def _basket_lines(province_id: int, found: Sequence[Basket]) -> dict[tuple[int, int], list[BasketLineView]]:
    """Lines by basket and member; one whose order no longer stands is open again."""
    rows = list(
        BasketLine.objects.filter(province_id=province_id, basket_id__in=[row.id for row in found]).order_by("id")
    )
    holders = Order.objects.filter(province_id=province_id, id__in={row.order_id for row in rows}, state__in=STANDING)
    states = {order_id: State(state) for order_id, state in holders.values_list("id", "state")}
    shown = offers(province_id, {row.offer_id for row in rows})
    lines: dict[tuple[int, int], list[BasketLineView]] = defaultdict(list)
    for row in rows:
        offer = shown[row.offer_id]
        lines[row.basket_id, row.member_id].append(
            BasketLineView(row.id, row.offer_id, offer.sku_id, row.quantity, offer.price, states.get(row.order_id))
        )
    return lines
