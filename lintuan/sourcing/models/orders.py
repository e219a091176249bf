from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from lintuan.kernel.fields import MoneyField
from lintuan.kernel.shard import ShardFK, ShardModel
from lintuan.sourcing.types import OrderKind, OrderState

from .choices import choices

# Plain text, so that migrations need not import our types.
_STATES = [word.value for word in OrderState]
_KINDS = [word.value for word in OrderKind]


class PurchaseOrder(ShardModel):
    """What one supplier is asked to bring for one sale day."""

    supplier = ShardFK("Supplier", on_delete=models.PROTECT, related_name="purchase_orders")
    sale_on = models.DateField()
    kind = models.CharField(max_length=6, choices=choices(_KINDS))
    number = models.CharField(max_length=40)
    state = models.CharField(max_length=9, choices=choices(_STATES), default=OrderState.SENT.value)
    sent_at = models.DateTimeField()
    confirm_by = models.DateTimeField()
    receive_by = models.DateTimeField()
    confirmed_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["province_id", "sale_on", "supplier", "kind"], name="sourcing_purchaseorder_once"
            ),
            models.UniqueConstraint(fields=["province_id", "number"], name="sourcing_purchaseorder_number"),
            models.CheckConstraint(condition=Q(state__in=_STATES), name="sourcing_purchaseorder_states"),
            models.CheckConstraint(condition=Q(kind__in=_KINDS), name="sourcing_purchaseorder_kinds"),
        ]


class PurchaseLine(ShardModel):
    """Units of one SKU in a purchase order; cost is for one unit."""

    order = ShardFK("PurchaseOrder", on_delete=models.PROTECT, related_name="lines")
    sku_id = models.BigIntegerField()
    needed = models.IntegerField()
    pack_units = models.IntegerField()
    ordered = models.IntegerField()
    confirmed = models.IntegerField(null=True)
    received = models.IntegerField(default=0)
    cost = MoneyField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["province_id", "order", "sku_id"], name="sourcing_purchaseline_once"),
            models.CheckConstraint(
                condition=Q(needed__gte=1, ordered__gte=F("needed")), name="sourcing_purchaseline_ordered"
            ),
            models.CheckConstraint(
                condition=Q(confirmed__isnull=True) | Q(confirmed__gte=0, confirmed__lte=F("ordered")),
                name="sourcing_purchaseline_confirmed",
            ),
            models.CheckConstraint(
                condition=Q(received=0) | Q(confirmed__isnull=False, received__gte=0, received__lte=F("confirmed")),
                name="sourcing_purchaseline_received",
            ),
        ]
