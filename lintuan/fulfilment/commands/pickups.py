"""Collection: one code per member, point and sale day, good once; those of a household basket open all of it."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import date

from django.db.models import Q

from lintuan.fulfilment import rules
from lintuan.fulfilment.commands.codes import lock_codes
from lintuan.fulfilment.commands.drops import lose_unsigned
from lintuan.fulfilment.commands.proxies import end_proxies
from lintuan.fulfilment.errors import CodeUnknown, CollectedAlready, CollectionOver
from lintuan.fulfilment.events import CodesGuessed, PickupCollected
from lintuan.fulfilment.models import CodeTries, Pickup, Proxy
from lintuan.fulfilment.types import CollectionEnd, PickupState
from lintuan.kernel import clock
from lintuan.kernel.callers import SYSTEM, Caller, Kind
from lintuan.kernel.commands import command
from lintuan.kernel.errors import Forbidden, TooMany
from lintuan.kernel.events import announce, announce_all
from lintuan.leaders import queries as leaders
from lintuan.ordering import commands as ordering
from lintuan.ordering.queries import orders
from lintuan.ordering.types import LineRefund
from lintuan.provinces import queries as provinces

log = logging.getLogger(__name__)

NONE_FOUND = 0


def collect(caller: Caller, *, province_id: int, code: str, key: str | None = None) -> int:
    """Hand out the goods that wait under a code at one of the leader's points; answers the pickup's id.

    A wrong code leaves a trace, unlike other refusals: after a few in a minute, or many in a day, no more are heard for
    a while.
    """
    pickup_id = _hand_out(caller, province_id=province_id, code=code, key=key)
    if pickup_id == NONE_FOUND:
        raise CodeUnknown(thing="pickup")
    return pickup_id


@command
def close_unclaimed(caller: Caller, *, province_id: int, sale_on: date) -> CollectionEnd:
    """End the holding time: what waits is unclaimed, and what nobody signed for is lost and refunded."""
    caller.require("fulfilment.edit", province_id)
    lost = lose_unsigned(province_id, sale_on)
    rows = Pickup.objects.filter(province_id=province_id, sale_on=sale_on, state=PickupState.WAITING.value)
    waiting = list(rows.select_for_update().order_by("id"))
    order_ids = tuple(order_id for pickup in waiting for order_id in pickup.order_ids)
    if order_ids:
        ordering.mark_unclaimed(SYSTEM, province_id=province_id, order_ids=order_ids)
        _refund_share(province_id, order_ids)
    ended = Pickup.objects.filter(province_id=province_id, id__in=[pickup.id for pickup in waiting])
    ended.update(state=PickupState.UNCLAIMED.value)
    end_proxies(province_id, [pickup.id for pickup in waiting])
    return CollectionEnd(len(waiting), lost)


@command
def _hand_out(caller: Caller, *, province_id: int, code: str, key: str | None = None) -> int:
    """The pickup handed out, or NONE_FOUND, which must commit: the try counts."""
    caller.require_kind(Kind.LEADER)
    if caller.province_id != province_id:
        raise Forbidden
    tries = _locked_tries(province_id, caller.id)
    asked = _own_pickup(caller, code)
    if asked is None:
        _count_wrong(tries)
        return NONE_FOUND
    bags = _lock_bags(asked)
    pickup = next(bag for bag in bags if bag.id == asked.id)
    if pickup.collected_at is not None:
        raise CollectedAlready(at=pickup.collected_at.isoformat(timespec="minutes"))
    if pickup.state != PickupState.WAITING:
        raise CollectionOver
    _hand([bag for bag in bags if bag.state == PickupState.WAITING])
    _end_codes(pickup, code, [bag.id for bag in bags])
    return pickup.id


def _hand(bags: Sequence[Pickup]) -> None:
    province_id, now = bags[0].province_id, clock.now()
    order_ids = tuple(order_id for bag in bags for order_id in bag.order_ids)
    ordering.mark_collected(SYSTEM, province_id=province_id, order_ids=order_ids)
    handed = Pickup.objects.filter(province_id=province_id, id__in=[bag.id for bag in bags])
    handed.update(state=PickupState.COLLECTED.value, collected_at=now)
    announce_all(
        PickupCollected(
            province_id=province_id,
            pickup_id=bag.id,
            member_id=bag.member_id,
            point_id=bag.point_id,
            sale_on=bag.sale_on,
        )
        for bag in bags
    )


def _end_codes(pickup: Pickup, code: str, bag_ids: list[int]) -> None:
    """Nobody else who was sent gets anything now; of the one who came it is kept that they did."""
    used = Proxy.objects.filter(province_id=pickup.province_id, pickup_id=pickup.id, code=code, ended_at=None)
    used.update(ended_at=clock.now(), is_used=True)
    end_proxies(pickup.province_id, bag_ids)


def _own_pickup(caller: Caller, code: str) -> Pickup | None:
    """What the code stands for at the leader's points: what waits first, else what it stood for last."""
    own = [point.id for point in leaders.points_of_leader(caller.province_id, caller.id)]
    rows = Pickup.objects.filter(province_id=caller.province_id, point_id__in=own, code=code)
    found = list(rows.order_by("-sale_on", "-id"))
    waiting = [row for row in found if row.state == PickupState.WAITING]
    return next(iter([*waiting, *_proxied(caller.province_id, own, code), *found]), None)


def _proxied(province_id: int, own: Sequence[int], code: str) -> list[Pickup]:
    """What somebody was sent to collect at these points; once fetched, it is told so as with the member's own."""
    sent = Proxy.objects.filter(province_id=province_id, code=code)
    good = [row.pickup_id for row in sent.order_by("-id") if row.ended_at is None or row.is_used]
    rows = Pickup.objects.filter(province_id=province_id, id__in=good, point_id__in=own)
    return sorted(rows, key=lambda row: (row.state == PickupState.WAITING, row.id), reverse=True)


def _lock_bags(pickup: Pickup) -> list[Pickup]:
    """The pickup and the others of its basket, locked in the order of their ids as at the end of holding."""
    bags = Q(id=pickup.id)
    if pickup.basket_id:
        bags |= Q(sale_on=pickup.sale_on, point_id=pickup.point_id, basket_id=pickup.basket_id)
    rows = Pickup.objects.filter(bags, province_id=pickup.province_id)
    return list(rows.select_for_update().order_by("id"))


def _locked_tries(province_id: int, leader_id: int) -> CodeTries:
    tries = lock_codes(province_id, leader_id)
    seconds = rules.seconds_to_wait(
        tries.wrong, since_at=tries.since_at, now=clock.now(), shut_until=tries.shut_until
    )  # fmt: skip
    if seconds:
        raise TooMany(seconds=seconds)
    return tries


def _count_wrong(tries: CodeTries) -> None:
    now = clock.now()
    if now >= tries.since_at + rules.WRONG_CODES_WITHIN:
        tries.since_at, tries.wrong = now, 0
    if tries.day_since_at is None or now >= tries.day_since_at + rules.WRONG_CODES_DAY:
        tries.day_since_at, tries.day_wrong = now, 0
    tries.wrong += 1
    tries.day_wrong += 1
    if tries.day_wrong % rules.WRONG_CODES_A_DAY == 0:
        tries.shut_until = now + rules.SHUT_FOR
        log.warning("leader %s of %s entered %s wrong codes", tries.leader_id, tries.province_id, tries.day_wrong)
        announce(CodesGuessed(province_id=tries.province_id, leader_id=tries.leader_id, wrong=tries.day_wrong))
    tries.save()


def _refund_share(province_id: int, order_ids: tuple[int, ...]) -> None:
    """Give back the share of the price that the province promises for goods nobody fetched, as a rule none."""
    bps = provinces.province(province_id).terms.unclaimed_refund_bps
    if bps:
        lines = [line for order in orders(province_id, order_ids).values() for line in order.lines]
        shares = [(line, (line.amount - line.refunded).share(bps)) for line in lines]
        refunds = [
            LineRefund(line.order_id, line.id, amount, cause="unclaimed", fault="platform")
            for line, amount in shares
            if amount
        ]
        ordering.refund_lines(SYSTEM, province_id=province_id, refunds=tuple(refunds))
