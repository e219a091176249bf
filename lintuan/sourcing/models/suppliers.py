from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q

from lintuan.kernel.fields import MoneyField
from lintuan.kernel.shard import ShardFK, ShardModel


class Supplier(ShardModel):
    """A firm or farm that sells to us in one province."""

    code = models.CharField(max_length=20)
    name = models.CharField(max_length=80)
    name_en = models.CharField(max_length=120)
    phone = models.CharField(max_length=20)
    city_code = models.CharField(max_length=6)
    address = models.CharField(max_length=200)
    licence = models.CharField(max_length=40)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["province_id", "code"], name="sourcing_supplier_code"),
            models.UniqueConstraint(fields=["province_id", "phone"], name="sourcing_supplier_phone"),
        ]


class SupplierSku(ShardModel):
    """A SKU on a supplier's list; a SKU has at most one main and one second supplier."""

    supplier = ShardFK("Supplier", on_delete=models.PROTECT, related_name="skus")
    sku_id = models.BigIntegerField()
    cost = MoneyField()
    pack_units = models.IntegerField()
    min_packs = models.IntegerField(default=1)
    rank = models.SmallIntegerField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["province_id", "supplier", "sku_id"], name="sourcing_suppliersku_once"),
            models.UniqueConstraint(fields=["province_id", "sku_id", "rank"], name="sourcing_suppliersku_rank"),
            models.CheckConstraint(condition=Q(rank__in=(1, 2)), name="sourcing_suppliersku_ranks"),
            models.CheckConstraint(
                condition=Q(pack_units__gte=1, min_packs__gte=1, cost__gte=0), name="sourcing_suppliersku_bounds"
            ),
        ]
