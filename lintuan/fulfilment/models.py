from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from lintuan.kernel.fields import MoneyField
from lintuan.kernel.shard import ShardFK, ShardModel

from .types import (
    ClaimCause,
    ClaimFault,
    ClaimState,
    DropState,
    PickupState,
    RouteState,
    TaskState,
    WarehouseKind,
)

# Plain text, so that migrations need not import our types.
_KINDS = [word.value for word in WarehouseKind]
_TASK_STATES = [word.value for word in TaskState]
_ROUTE_STATES = [word.value for word in RouteState]
_DROP_STATES = [word.value for word in DropState]
_PICKUP_STATES = [word.value for word in PickupState]
_CAUSES = [word.value for word in ClaimCause]
_FAULTS = [word.value for word in ClaimFault]
_CLAIM_STATES = [word.value for word in ClaimState]


def _choices(words: list[str]) -> list[tuple[str, str]]:
    return [(word, word) for word in words]


class Warehouse(ShardModel):
    """Where goods are sorted: the province's one centre, or a grid warehouse near its points."""

    kind = models.CharField(max_length=6, choices=_choices(_KINDS))
    code = models.CharField(max_length=20)
    name = models.CharField(max_length=80)
    name_en = models.CharField(max_length=120)
    lat = models.FloatField()
    lng = models.FloatField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["province_id", "code"], name="fulfilment_warehouse_code"),
            models.UniqueConstraint(
                fields=["province_id"], condition=Q(kind="centre"), name="fulfilment_warehouse_one_centre"
            ),
            models.CheckConstraint(condition=Q(kind__in=_KINDS), name="fulfilment_warehouse_kinds"),
            models.CheckConstraint(
                condition=Q(lat__gte=-90, lat__lte=90, lng__gte=-180, lng__lte=180),
                name="fulfilment_warehouse_on_earth",
            ),
        ]


class PointGrid(ShardModel):
    """Which grid warehouse serves a pickup point."""

    point_id = models.BigIntegerField()
    grid = ShardFK("Warehouse", on_delete=models.PROTECT, related_name="served")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["province_id", "point_id"], name="fulfilment_pointgrid_once")
        ]


class SortTask(ShardModel):
    """Units of a SKU to put aside: at the centre for a grid (level 1) or at a grid for a point (level 2)."""

    sale_on = models.DateField()
    level = models.SmallIntegerField()
    warehouse = ShardFK("Warehouse", on_delete=models.PROTECT, related_name="tasks")
    to_grid = ShardFK("Warehouse", on_delete=models.PROTECT, related_name="awaited", null=True)
    point_id = models.BigIntegerField(null=True)
    sku_id = models.BigIntegerField()
    planned = models.IntegerField()
    done = models.IntegerField(null=True)
    state = models.CharField(max_length=8, choices=_choices(_TASK_STATES))

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["province_id", "sale_on", "sku_id", "to_grid"],
                condition=Q(level=1),
                name="fulfilment_sorttask_grid_once",
            ),
            models.UniqueConstraint(
                fields=["province_id", "sale_on", "sku_id", "point_id"],
                condition=Q(level=2),
                name="fulfilment_sorttask_point_once",
            ),
            models.CheckConstraint(
                condition=Q(level=1, to_grid__isnull=False, point_id=None)
                | Q(level=2, to_grid=None, point_id__isnull=False),
                name="fulfilment_sorttask_levels",
            ),
            models.CheckConstraint(condition=Q(state__in=_TASK_STATES), name="fulfilment_sorttask_states"),
            models.CheckConstraint(
                condition=Q(planned__gte=0) & (Q(done=None) | Q(done__gte=0, done__lte=F("planned"))),
                name="fulfilment_sorttask_done",
            ),
            models.CheckConstraint(
                condition=Q(done=None, state__in=["waiting", "open"])
                | Q(done__isnull=False, state__in=["reported", "closed"]),
                name="fulfilment_sorttask_reported",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["province_id", "sale_on", "level", "warehouse"], name="fulfilment_sorttask_list")
        ]


class Vehicle(ShardModel):
    """A van of one grid with its driver, the shift by the clock of the province on the day it drives."""

    grid = ShardFK("Warehouse", on_delete=models.PROTECT, related_name="vehicles")
    plate = models.CharField(max_length=20)
    driver = models.CharField(max_length=60)
    driver_id = models.BigIntegerField(null=True)
    crates = models.IntegerField()
    kilograms = models.IntegerField()
    stops = models.SmallIntegerField()
    shift_from = models.TimeField()
    shift_to = models.TimeField()
    most_trips = models.SmallIntegerField()
    start_cost_m = models.IntegerField()
    is_active = models.BooleanField(default=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["province_id", "plate"], name="fulfilment_vehicle_plate"),
            models.CheckConstraint(
                condition=Q(crates__gte=1, kilograms__gte=1, stops__gte=1, most_trips__gte=1, start_cost_m__gte=0),
                name="fulfilment_vehicle_room",
            ),
            models.CheckConstraint(condition=Q(shift_from__lt=F("shift_to")), name="fulfilment_vehicle_shift"),
        ]


class Drop(ShardModel):
    """What one pickup point gets of one sale day; `unserved` is why no van takes it, once that was tried."""

    point_id = models.BigIntegerField()
    sale_on = models.DateField()
    grid = ShardFK("Warehouse", on_delete=models.PROTECT, related_name="drops")
    state = models.CharField(max_length=10, choices=_choices(_DROP_STATES), default=DropState.PLANNED.value)
    signed_at = models.DateTimeField(null=True)
    unserved = models.CharField(max_length=10, default="", db_default="")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["province_id", "sale_on", "point_id"], name="fulfilment_drop_once"),
            models.CheckConstraint(condition=Q(state__in=_DROP_STATES), name="fulfilment_drop_states"),
            models.CheckConstraint(
                condition=Q(state="signed", signed_at__isnull=False) | Q(~Q(state="signed"), signed_at__isnull=True),
                name="fulfilment_drop_signed",
            ),
        ]


class DropLine(ShardModel):
    """Units of a SKU in a drop; until the grid is closed none are sent."""

    drop = ShardFK("Drop", on_delete=models.CASCADE, related_name="lines")
    sku_id = models.BigIntegerField()
    sent = models.IntegerField(default=0)
    short = models.IntegerField(default=0)
    damaged = models.IntegerField(default=0)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["province_id", "drop", "sku_id"], name="fulfilment_dropline_once"),
            models.CheckConstraint(
                condition=Q(short__gte=0, damaged__gte=0, sent__gte=F("short") + F("damaged")),
                name="fulfilment_dropline_sent",
            ),
        ]


class Route(ShardModel):
    """One trip of a van from a grid over its stops and back; without a vehicle, of a van hired for it."""

    sale_on = models.DateField()
    grid = ShardFK("Warehouse", on_delete=models.PROTECT, related_name="routes")
    number = models.CharField(max_length=30)
    distance_m = models.IntegerField()
    state = models.CharField(max_length=8, choices=_choices(_ROUTE_STATES), default=RouteState.PLANNED.value)
    departed_at = models.DateTimeField(null=True)
    vehicle = ShardFK("Vehicle", on_delete=models.PROTECT, null=True, related_name="routes")
    trip = models.SmallIntegerField(default=1, db_default=1)
    leaves_at = models.DateTimeField(null=True)
    back_at = models.DateTimeField(null=True)
    is_locked = models.BooleanField(default=False, db_default=False)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["province_id", "sale_on", "number"], name="fulfilment_route_number"),
            models.UniqueConstraint(fields=["province_id", "sale_on", "vehicle", "trip"], name="fulfilment_route_trip"),
            models.CheckConstraint(condition=Q(state__in=_ROUTE_STATES), name="fulfilment_route_states"),
            models.CheckConstraint(
                condition=Q(state="planned", departed_at=None) | Q(~Q(state="planned"), departed_at__isnull=False),
                name="fulfilment_route_departed",
            ),
        ]


class Stop(ShardModel):
    """A drop's place in a route."""

    route = ShardFK("Route", on_delete=models.CASCADE, related_name="stops")
    drop = ShardFK("Drop", on_delete=models.PROTECT, related_name="stops")
    rank = models.SmallIntegerField()
    eta_at = models.DateTimeField()
    delivered_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["province_id", "drop"], name="fulfilment_stop_once"),
            models.UniqueConstraint(fields=["province_id", "route", "rank"], name="fulfilment_stop_rank"),
        ]


class Pickup(ShardModel):
    """A member's goods of one sale day at one point, over all orders; the leader is the one who hands them out.

    Those of one household basket, if the member lets the others collect them, are a pickup of their own and are handed
    out together with the others of that basket.
    """

    member_id = models.BigIntegerField()
    point_id = models.BigIntegerField()
    leader_id = models.BigIntegerField()
    sale_on = models.DateField()
    basket_id = models.BigIntegerField(default=0, db_default=0)
    order_ids = ArrayField(models.BigIntegerField())
    code = models.CharField(max_length=6)
    state = models.CharField(max_length=9, choices=_choices(_PICKUP_STATES), default=PickupState.WAITING.value)
    collected_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["province_id", "sale_on", "point_id", "member_id", "basket_id"], name="fulfilment_pickup_bag"
            ),
            models.UniqueConstraint(
                fields=["province_id", "point_id", "sale_on", "code"], name="fulfilment_pickup_code"
            ),
            models.UniqueConstraint(
                fields=["province_id", "leader_id", "code"],
                condition=Q(state="waiting"),
                name="fulfilment_pickup_code_waits_once",
            ),
            models.CheckConstraint(condition=Q(state__in=_PICKUP_STATES), name="fulfilment_pickup_states"),
            models.CheckConstraint(
                condition=Q(state="collected", collected_at__isnull=False)
                | Q(~Q(state="collected"), collected_at__isnull=True),
                name="fulfilment_pickup_collected",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["province_id", "member_id", "-sale_on"], name="fulfilment_pickup_member"),
            models.Index(fields=["province_id", "point_id", "code"], name="fulfilment_pickup_by_code"),
            models.Index(
                fields=["province_id", "basket_id"], condition=Q(basket_id__gt=0), name="fulfilment_pickup_basket"
            ),
        ]


class CodeTries(ShardModel):
    """Wrong pickup codes a leader entered since `since_at`, and in the day since `day_since_at`; the row their attempts
    queue at.
    """

    leader_id = models.BigIntegerField()
    since_at = models.DateTimeField()
    wrong = models.IntegerField(default=0)
    day_since_at = models.DateTimeField(null=True)
    day_wrong = models.IntegerField(default=0, db_default=0)
    shut_until = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["province_id", "leader_id"], name="fulfilment_codetries_once")
        ]


class Proxy(ShardModel):
    """A right to collect a pickup once, given to somebody else; it ends when it is used or taken back.

    The code is for the screen of the point's leader, among whose waiting codes it is the only one; the token for the
    address. `leader_id` is who kept the point when it was made.
    """

    pickup = ShardFK("Pickup", on_delete=models.PROTECT, related_name="proxies")
    leader_id = models.BigIntegerField()
    code = models.CharField(max_length=6)
    token = models.CharField(max_length=40)
    made_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    is_used = models.BooleanField(default=False)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["province_id", "token"], name="fulfilment_proxy_token"),
            models.UniqueConstraint(
                fields=["province_id", "pickup"], condition=Q(ended_at=None), name="fulfilment_proxy_one_open"
            ),
            models.UniqueConstraint(
                fields=["province_id", "leader_id", "code"], condition=Q(ended_at=None), name="fulfilment_proxy_code"
            ),
            models.CheckConstraint(
                condition=Q(is_used=False) | Q(ended_at__isnull=False), name="fulfilment_proxy_used_is_over"
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["province_id", "leader_id", "code"], name="fulfilment_proxy_by_code"),
            models.Index(fields=["province_id", "code"], name="fulfilment_proxy_any_code"),
        ]


class Claim(ShardModel):
    """A member's complaint about units of a collected line, and what came of it."""

    order_id = models.BigIntegerField()
    line_id = models.BigIntegerField()
    sku_id = models.BigIntegerField()
    member_id = models.BigIntegerField()
    sale_on = models.DateField()
    cause = models.CharField(max_length=8, choices=_choices(_CAUSES))
    fault = models.CharField(max_length=8, choices=_choices(_FAULTS))
    quantity = models.IntegerField()
    note = models.CharField(max_length=500)
    # No longer written: a claim's photos name their claim. To be dropped in the next release.
    photo_key = models.CharField(max_length=120, null=True)
    proposed = MoneyField()
    amount = MoneyField()
    #: The member's part of the amount; null before plays could pay the rest, when it was all of it.
    paid_back = MoneyField(null=True)  # type: ignore[misc]
    state = models.CharField(max_length=8, choices=_choices(_CLAIM_STATES), default=ClaimState.OPEN.value)
    reason = models.CharField(max_length=500)
    opened_at = models.DateTimeField()
    decided_at = models.DateTimeField(null=True)
    decided_by = models.CharField(max_length=60)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["province_id", "line_id"], condition=Q(state="open"), name="fulfilment_claim_open_once"
            ),
            models.CheckConstraint(condition=Q(state__in=_CLAIM_STATES), name="fulfilment_claim_states"),
            models.CheckConstraint(condition=Q(cause__in=_CAUSES), name="fulfilment_claim_causes"),
            models.CheckConstraint(condition=Q(fault__in=_FAULTS), name="fulfilment_claim_faults"),
            models.CheckConstraint(
                condition=Q(quantity__gte=1, proposed__gte=1, amount__gte=0, amount__lte=F("proposed")),
                name="fulfilment_claim_amount",
            ),
            models.CheckConstraint(
                condition=Q(state="open", amount=0, decided_at=None)
                | Q(state="granted", amount__gte=1, decided_at__isnull=False)
                | Q(state="declined", amount=0, decided_at__isnull=False),
                name="fulfilment_claim_decided",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["province_id", "state", "opened_at"], name="fulfilment_claim_list"),
            models.Index(fields=["province_id", "member_id", "opened_at"], name="fulfilment_claim_member"),
            models.Index(fields=["province_id", "line_id"], name="fulfilment_claim_line"),
        ]


class Photo(ShardModel):
    """A picture somebody took of goods that are not right; it belongs to a claim or to a drop line once it is used."""

    key = models.CharField(max_length=40)
    owner_kind = models.CharField(max_length=6, choices=_choices(["member", "leader"]))
    owner_id = models.BigIntegerField()
    media = models.CharField(max_length=10)
    body = models.BinaryField()
    sent_at = models.DateTimeField()
    claim = ShardFK("Claim", on_delete=models.PROTECT, null=True, related_name="photos")
    drop_line = ShardFK("DropLine", on_delete=models.PROTECT, null=True, related_name="photos")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["province_id", "key"], name="fulfilment_photo_key"),
            models.CheckConstraint(condition=Q(claim=None) | Q(drop_line=None), name="fulfilment_photo_of_one"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["province_id", "owner_kind", "owner_id"], name="fulfilment_photo_owner"),
            models.Index(fields=["province_id", "claim"], name="fulfilment_photo_claim"),
            models.Index(fields=["province_id", "drop_line"], name="fulfilment_photo_drop_line"),
            models.Index(fields=["province_id", "sent_at"], name="fulfilment_photo_sent"),
        ]
