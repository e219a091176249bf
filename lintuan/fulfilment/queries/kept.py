"""All that this room keeps of a member, for them to carry away."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime

from lintuan.fulfilment.models import Photo, Pickup, Proxy
from lintuan.fulfilment.types import ClaimView, PickupState
from lintuan.kernel.callers import Caller, Kind

from .claims import claims_of_member


@dataclass(frozen=True, slots=True)
class ProxyKept:
    """When somebody else was sent, and whether they came."""

    made_at: datetime
    ended_at: datetime | None
    is_used: bool


@dataclass(frozen=True, slots=True)
class PickupKept:
    point_id: int
    sale_on: date
    code: str
    state: PickupState
    collected_at: datetime | None
    proxies: tuple[ProxyKept, ...]


@dataclass(frozen=True, slots=True)
class PhotoKept:
    """A photo that belongs to no claim yet."""

    key: str
    sent_at: datetime


@dataclass(frozen=True, slots=True)
class Kept:
    claims: tuple[ClaimView, ...]
    photos: tuple[PhotoKept, ...]
    pickups: tuple[PickupKept, ...]


def kept_of_member(caller: Caller) -> Kept:
    """The calling member's claims, unused photos and pickups, each the newest first."""
    caller.require_kind(Kind.MEMBER)
    own = Photo.objects.filter(
        province_id=caller.province_id, owner_kind=Kind.MEMBER.value, owner_id=caller.id, claim=None
    )
    unused = own.order_by("-sent_at", "-id").values_list("key", "sent_at")
    return Kept(
        claims=claims_of_member(caller, most=None),
        photos=tuple(PhotoKept(key, sent_at) for key, sent_at in unused),
        pickups=_pickups(caller),
    )


def _pickups(caller: Caller) -> tuple[PickupKept, ...]:
    rows = Pickup.objects.filter(province_id=caller.province_id, member_id=caller.id).order_by("-sale_on", "-id")
    pickups = list(rows)
    sent: defaultdict[int, list[ProxyKept]] = defaultdict(list)
    proxies = Proxy.objects.filter(province_id=caller.province_id, pickup_id__in=[row.id for row in pickups])
    for proxy in proxies.order_by("id"):
        sent[proxy.pickup_id].append(ProxyKept(proxy.made_at, proxy.ended_at, proxy.is_used))
    return tuple(
        PickupKept(row.point_id, row.sale_on, row.code, PickupState(row.state), row.collected_at, tuple(sent[row.id]))
        for row in pickups
    )
