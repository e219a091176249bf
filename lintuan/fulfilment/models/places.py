from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q

from lintuan.fulfilment.types import WarehouseKind
from lintuan.kernel.shard import ShardFK, ShardModel

from .choices import choices

# Plain text, so that migrations need not import our types.
_KINDS = [word.value for word in WarehouseKind]


class Warehouse(ShardModel):
    """Where goods are sorted: the province's one centre, or a grid warehouse near its points."""

    kind = models.CharField(max_length=6, choices=choices(_KINDS))
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
