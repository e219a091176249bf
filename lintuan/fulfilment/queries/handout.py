"""What leaders and members see of the goods that came."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from django.db.models import Case, When

from lintuan.fulfilment.models import Drop, DropLine, Photo, Pickup, Proxy, Stop
from lintuan.fulfilment.rules import code_check
from lintuan.fulfilment.types import (
    DropLineView,
    DropState,
    DropView,
    DueLine,
    HandoutView,
    PickupState,
    PickupView,
    ProxyView,
)
from lintuan.kernel.callers import Caller, Kind
from lintuan.kernel.ids import public_id
from lintuan.leaders import queries as leaders
from lintuan.members import queries as members
from lintuan.ordering.queries import joint_baskets, orders
from lintuan.ordering.types import OrderView

from .photos import keys_of

MOST_PICKUPS = 20
MOST_HANDOUTS = 1000

Bags = Mapping[int, OrderView]


def drops_of_leader(caller: Caller, *, sale_on: date) -> tuple[DropView, ...]:
    """What the calling leader's points get of a sale day."""
    rows = Drop.objects.filter(
        province_id=caller.province_id, sale_on=sale_on, point_id__in=_own_points(caller)
    ).order_by("point_id")
    drops = list(rows)
    lines: defaultdict[int, list[DropLine]] = defaultdict(list)
    ids = [drop.id for drop in drops]
    for line in DropLine.objects.filter(province_id=caller.province_id, drop_id__in=ids).order_by("sku_id"):
        lines[line.drop_id].append(line)
    own = Photo.objects.filter(province_id=caller.province_id)
    photos = keys_of(own, "drop_line_id", [line for each in lines.values() for line in each])
    stops = {stop.drop_id: stop for stop in Stop.objects.filter(province_id=caller.province_id, drop_id__in=ids)}
    return tuple(
        _drop(drop, [_drop_line(line, photos) for line in lines[drop.id]], stops.get(drop.id)) for drop in drops
    )


def drop_on_its_way(province_id: int, point_id: int, sale_on: date) -> DropView | None:
    """How far the goods of a point have come, without what they are; None before they are sorted."""
    row = Drop.objects.filter(province_id=province_id, sale_on=sale_on, point_id=point_id).first()
    if row is None:
        return None
    return _drop(row, [], Stop.objects.filter(province_id=province_id, drop_id=row.id).first())


def handouts_of_leader(caller: Caller, *, sale_on: date) -> tuple[HandoutView, ...]:
    """Who collects at the calling leader's points and how much, for packing; at most 1000, waiting ones first."""
    rows = Pickup.objects.filter(
        province_id=caller.province_id, sale_on=sale_on, point_id__in=_own_points(caller)
    ).order_by(Case(When(state=PickupState.WAITING.value, then=0), default=1), "collected_at", "id")
    pickups = list(rows[:MOST_HANDOUTS])
    people = members.members(caller.province_id, {row.member_id for row in pickups})
    bags, checks = _bags(caller.province_id, pickups), _checks(caller.province_id, pickups)
    return tuple(
        HandoutView(
            id=row.id, province_id=row.province_id, point_id=row.point_id, sale_on=row.sale_on,
            name=members.mask_name(people[row.member_id].name),
            phone=members.mask_phone(people[row.member_id].phone), basket_id=row.basket_id,
            state=PickupState(row.state), collected_at=row.collected_at, lines=due_of([row], bags),
            checks=checks[row.id],
        )
        for row in pickups
    )  # fmt: skip


def pickups_of_member(caller: Caller) -> tuple[PickupView, ...]:
    """The calling member's latest pickups with their codes, the newest first; at most 20.

    A basket that they collect jointly is one, under their own code if they have one.
    """
    caller.require_kind(Kind.MEMBER)
    together = _together(caller)
    rows = Pickup.objects.filter(province_id=caller.province_id, member_id=caller.id)
    own = list(rows.order_by("-sale_on", "-id")[:MOST_PICKUPS])
    shown = {row.basket_id for row in own}
    others = [bags[0] for basket_id, bags in together.items() if basket_id not in shown]
    pickups = sorted([*own, *others], key=lambda row: (row.sale_on, row.id), reverse=True)[:MOST_PICKUPS]
    groups = {row.id: together.get(row.basket_id, [row]) for row in pickups}
    bags = _bags(caller.province_id, [bag for group in groups.values() for bag in group])
    proxies = _proxies(caller.province_id, [row.id for row in pickups])
    return tuple(
        PickupView(
            id=row.id, province_id=row.province_id, member_id=row.member_id, point_id=row.point_id,
            sale_on=row.sale_on, code=row.code, state=PickupState(row.state), collected_at=row.collected_at,
            lines=due_of(groups[row.id], bags), basket_id=row.basket_id,
            proxy=proxies.get(row.id) if row.member_id == caller.id else None,
        )
        for row in pickups
    )  # fmt: skip


def _proxies(province_id: int, pickup_ids: Sequence[int]) -> dict[int, ProxyView]:
    rows = Proxy.objects.filter(province_id=province_id, pickup_id__in=pickup_ids, ended_at=None)
    return {row.pickup_id: ProxyView(row.code, row.token) for row in rows}


def _together(caller: Caller) -> dict[int, list[Pickup]]:
    """The pickups of the baskets that the caller may collect for all, by basket and in the order of their ids."""
    baskets = joint_baskets(caller.province_id, caller.id)
    found: defaultdict[int, list[Pickup]] = defaultdict(list)
    if baskets:
        rows = Pickup.objects.filter(province_id=caller.province_id, basket_id__in=baskets, basket_id__gt=0)
        for row in rows.order_by("id"):
            found[row.basket_id].append(row)
    return found


def _checks(province_id: int, pickups: Sequence[Pickup]) -> dict[int, tuple[int, ...]]:
    """What the codes that open each pickup come to, its own first."""
    proxies = _proxies(province_id, [row.id for row in pickups])
    found = {}
    for row in pickups:
        codes = [row.code, *([proxies[row.id].code] if row.id in proxies else [])]
        found[row.id] = tuple(code_check(public_id("pickup", province_id, row.id), code) for code in codes)
    return found


def _own_points(caller: Caller) -> list[int]:
    caller.require_kind(Kind.LEADER)
    return [view.id for view in leaders.points_of_leader(caller.province_id, caller.id)]


def _bags(province_id: int, pickups: Iterable[Pickup]) -> Bags:
    """The orders of these pickups by id."""
    return orders(province_id, [order_id for row in pickups for order_id in row.order_ids])


def due_of(pickups: Iterable[Pickup], bags: Bags) -> tuple[DueLine, ...]:
    """The units of these pickups by SKU."""
    units: Counter[int] = Counter()
    for order_id in (order_id for row in pickups for order_id in row.order_ids):
        for line in bags[order_id].lines:
            units[line.sku_id] += line.due
    return tuple(DueLine(sku_id, quantity) for sku_id, quantity in sorted(units.items()) if quantity)


def _drop_line(row: DropLine, photos: Mapping[int, tuple[str, ...]]) -> DropLineView:
    return DropLineView(row.sku_id, row.sent, row.short, row.damaged, photos.get(row.id, ()))


def _drop(row: Drop, lines: Sequence[DropLineView], stop: Stop | None) -> DropView:
    return DropView(
        id=row.id, province_id=row.province_id, point_id=row.point_id, sale_on=row.sale_on,
        state=DropState(row.state), eta_at=stop.eta_at if stop else None,
        delivered_at=stop.delivered_at if stop else None, signed_at=row.signed_at,
        lines=tuple(lines),
    )  # fmt: skip
