from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from lintuan.fulfilment.types import DropState
from lintuan.kernel.shard import ShardFK, ShardModel

from .choices import choices

# Plain text, so that migrations need not import our types.
_DROP_STATES = [word.value for word in DropState]


class Drop(ShardModel):
    """What one pickup point gets of one sale day; `unserved` is why no van takes it, once that was tried."""

    point_id = models.BigIntegerField()
    sale_on = models.DateField()
    grid = ShardFK("Warehouse", on_delete=models.PROTECT, related_name="drops")
    state = models.CharField(max_length=10, choices=choices(_DROP_STATES), default=DropState.PLANNED.value)
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
