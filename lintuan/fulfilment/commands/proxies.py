"""Letting somebody else collect: a code of its own, good once, that can be taken back."""

from __future__ import annotations

import secrets

from lintuan.fulfilment import rules
from lintuan.fulfilment.errors import CollectedAlready, CollectionOver
from lintuan.fulfilment.models import Pickup, Proxy
from lintuan.fulfilment.types import PickupState
from lintuan.kernel import clock
from lintuan.kernel.callers import Caller, Kind
from lintuan.kernel.commands import command
from lintuan.kernel.errors import NotFound
from lintuan.leaders import queries as leaders
from lintuan.members.queries import active_member

from .codes import codes_held, lock_codes


@command
def make_proxy(caller: Caller, *, province_id: int, pickup_id: int, key: str | None = None) -> int:
    """Give somebody else the right to collect a pickup once; one given before ends. Answers the pickup's id."""
    pickup, leader_id = _own_pickup(caller, province_id, pickup_id)
    active_member(province_id, caller.id)
    if pickup.collected_at is not None:
        raise CollectedAlready(at=pickup.collected_at.isoformat(timespec="minutes"))
    if pickup.state != PickupState.WAITING:
        raise CollectionOver
    end_proxies(province_id, [pickup.id])
    taken = codes_held(province_id, leader_id)
    (code,) = rules.draw_codes(1, taken=taken, draw=secrets.SystemRandom().sample)
    Proxy.objects.create(
        province_id=province_id, pickup=pickup, leader_id=leader_id, code=code,
        token=secrets.token_urlsafe(24), made_at=clock.now(),
    )  # fmt: skip
    return pickup.id


@command
def withdraw_proxy(caller: Caller, *, province_id: int, pickup_id: int, key: str | None = None) -> int:
    """Take the right back; none is given is as well. Answers the pickup's id."""
    pickup, _ = _own_pickup(caller, province_id, pickup_id)
    end_proxies(province_id, [pickup.id])
    return pickup.id


def end_proxies(province_id: int, pickup_ids: list[int]) -> None:
    """From now on their codes open nothing, within the present transaction."""
    rows = Proxy.objects.filter(province_id=province_id, pickup_id__in=pickup_ids, ended_at=None)
    rows.update(ended_at=clock.now())


def _own_pickup(caller: Caller, province_id: int, pickup_id: int) -> tuple[Pickup, int]:
    """The member's own pickup and who keeps its point, once that leader's codes are locked: who draws one waits."""
    caller.require_kind(Kind.MEMBER)
    rows = Pickup.objects.filter(province_id=province_id, id=pickup_id, member_id=caller.id)
    found = rows.first() if caller.province_id == province_id else None
    if found is None:
        raise NotFound(thing="pickup")
    leader_id = leaders.point_now(province_id, found.point_id).leader_id
    lock_codes(province_id, leader_id)
    return rows.select_for_update().get(), leader_id
