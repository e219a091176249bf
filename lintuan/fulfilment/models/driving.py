from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from lintuan.fulfilment.types import RouteState
from lintuan.kernel.shard import ShardFK, ShardModel

from .choices import choices

# Plain text, so that migrations need not import our types.
_ROUTE_STATES = [word.value for word in RouteState]


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


class Route(ShardModel):
    """One trip of a van from a grid over its stops and back; without a vehicle, of a van hired for it."""

    sale_on = models.DateField()
    grid = ShardFK("Warehouse", on_delete=models.PROTECT, related_name="routes")
    number = models.CharField(max_length=30)
    distance_m = models.IntegerField()
    state = models.CharField(max_length=8, choices=choices(_ROUTE_STATES), default=RouteState.PLANNED.value)
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
