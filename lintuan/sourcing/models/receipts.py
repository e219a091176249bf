from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from lintuan.kernel.shard import ShardFK, ShardModel
from lintuan.sourcing.types import Cause

from .choices import choices

# Plain text, so that migrations need not import our types.
_CAUSES = [word.value for word in Cause]


class Lot(ShardModel):
    """The intake record of goods of one batch, kept for the food law (F01, F02)."""

    line = ShardFK("PurchaseLine", on_delete=models.PROTECT, related_name="lots")
    sku_id = models.BigIntegerField()
    code = models.CharField(max_length=60)
    quantity = models.IntegerField()
    produced_on = models.DateField(null=True)
    expires_on = models.DateField()
    certificate = models.CharField(max_length=120)
    temperature_tenths = models.SmallIntegerField(null=True)
    received_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [models.CheckConstraint(condition=Q(quantity__gte=1), name="sourcing_lot_quantity")]
        indexes: ClassVar = [models.Index(fields=["province_id", "sku_id", "code"], name="sourcing_lot_code")]


class Shortage(ShardModel):
    """What a step of the night found missing of a SKU and told ordering to cut."""

    sale_on = models.DateField()
    sku_id = models.BigIntegerField()
    cause = models.CharField(max_length=16, choices=choices(_CAUSES))
    needed = models.IntegerField()
    available = models.IntegerField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["province_id", "sale_on", "sku_id", "cause"], name="sourcing_shortage_once"
            ),
            models.CheckConstraint(condition=Q(cause__in=_CAUSES), name="sourcing_shortage_causes"),
            models.CheckConstraint(
                condition=Q(available__gte=0, available__lt=F("needed")), name="sourcing_shortage_short"
            ),
        ]
