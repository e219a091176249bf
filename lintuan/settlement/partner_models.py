"""Contracts with traffic partners, and what their orders came to."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from lintuan.kernel.fields import MoneyField
from lintuan.kernel.shard import ShardFK, ShardModel


class Partner(ShardModel):
    """Who brings buyers: a property management, a shop, a media house."""

    name = models.CharField(max_length=60)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["province_id", "name"], name="settlement_partner_once")
        ]


class Contract(ShardModel):
    """What a partner has of the margin of its points' orders; once signed only its end is ever changed.

    From sales of `since` on a month has the basis points that stand in `bps`; `cap` is the most of a month.
    """

    partner = ShardFK("Partner", on_delete=models.PROTECT, related_name="contracts")
    point_ids = ArrayField(models.BigIntegerField())
    since = ArrayField(models.BigIntegerField())
    bps = ArrayField(models.IntegerField())
    cap = MoneyField(null=True)  # type: ignore[misc]
    from_on = models.DateField()
    until_on = models.DateField(null=True)
    drafted_at = models.DateTimeField()
    drafted_by = models.BigIntegerField()
    signed_at = models.DateTimeField(null=True)
    signed_by = models.BigIntegerField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(signed_at=None, signed_by=None)
                | Q(signed_at__isnull=False, signed_by__isnull=False) & ~Q(signed_by=F("drafted_by")),
                name="settlement_contract_signed",
            ),
            models.CheckConstraint(
                condition=Q(until_on=None) | Q(until_on__gte=F("from_on")), name="settlement_contract_days"
            ),
        ]


class ContractDay(ShardModel):
    """What a contract's orders of a sale day came to, by the books up to the transfer `upto`."""

    contract = ShardFK("Contract", on_delete=models.PROTECT, related_name="days", db_index=False)
    sale_on = models.DateField()
    sales = MoneyField()
    margin = MoneyField()
    upto = models.BigIntegerField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["province_id", "contract", "sale_on"], name="settlement_contractday_once")
        ]


class ContractMonth(ShardModel):
    """What a partner has of a month's margin as far as its days were counted; `times` it was posted or corrected."""

    contract = ShardFK("Contract", on_delete=models.PROTECT, related_name="months", db_index=False)
    begins = models.DateField()
    days = models.IntegerField()
    sales = MoneyField()
    margin = MoneyField()
    bps = models.IntegerField()
    share = MoneyField()
    is_capped = models.BooleanField()
    times = models.IntegerField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["province_id", "contract", "begins"], name="settlement_contractmonth_once"),
            models.CheckConstraint(condition=Q(share__gte=0), name="settlement_contractmonth_share"),
        ]
