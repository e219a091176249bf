from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import F, Q, Value

from lintuan.kernel.fields import MoneyField
from lintuan.kernel.shard import ShardFK, ShardModel

from .types import OfferState, Result, Severity


class Offer(ShardModel):
    """A SKU at a price on one sale day of a province."""

    sale_on = models.DateField()
    sku_id = models.BigIntegerField()
    price = MoneyField()
    list_price = MoneyField(null=True)  # type: ignore[misc]
    cost = MoneyField()
    per_order_limit = models.IntegerField()
    per_day_limit = models.IntegerField()
    per_life_limit = models.IntegerField(default=0, db_default=0)
    shown_bps = models.IntegerField(null=True)
    shown_cut = MoneyField(null=True)  # type: ignore[misc]
    state = models.CharField(max_length=10, choices=[(each.value, each.value) for each in OfferState])

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["province_id", "sale_on", "sku_id"], name="pricing_offer_once"),
            models.CheckConstraint(condition=Q(price__gt=Value(0)), name="pricing_offer_price"),
            models.CheckConstraint(condition=Q(cost__gte=Value(0)), name="pricing_offer_cost"),
            models.CheckConstraint(
                condition=Q(list_price=None) | Q(list_price__gt=F("price")), name="pricing_offer_list_price"
            ),
            models.CheckConstraint(
                condition=Q(per_order_limit__gt=0) & Q(per_day_limit__gt=0), name="pricing_offer_limits"
            ),
            models.CheckConstraint(condition=Q(per_life_limit__gte=0), name="pricing_offer_life_limit"),
            models.CheckConstraint(
                condition=Q(state__in=[each.value for each in OfferState]), name="pricing_offer_state"
            ),
        ]


class Stock(ShardModel):
    """How much of a published offer there is and how much is sold; the row every buyer of it queues for."""

    offer = ShardFK(Offer, on_delete=models.PROTECT, related_name="stocks", db_index=False)
    capacity = models.IntegerField()
    taken = models.IntegerField(default=0)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["province_id", "offer"], name="pricing_stock_once"),
            models.CheckConstraint(
                condition=Q(taken__gte=0) & Q(taken__lte=F("capacity")), name="pricing_stock_never_oversold"
            ),
        ]


class DealPrice(ShardModel):
    """At which prices a SKU was really sold on a sale day: what a compared price is measured by."""

    sku_id = models.BigIntegerField()
    sale_on = models.DateField()
    lowest = MoneyField()
    last = MoneyField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["province_id", "sku_id", "sale_on"], name="pricing_dealprice_once")
        ]


class Verdict(ShardModel):
    """What one rule of the price law said when an offer was published, with everything it was decided on."""

    offer = ShardFK(Offer, on_delete=models.PROTECT, related_name="verdicts", db_index=False)
    rule = models.CharField(max_length=8)
    version = models.IntegerField()
    severity = models.CharField(max_length=1, choices=[(each.value, each.value) for each in Severity])
    result = models.CharField(max_length=10, choices=[(each.value, each.value) for each in Result])
    inputs = models.JSONField()
    decided_by = models.CharField(max_length=60)
    at = models.DateTimeField()

    class Meta:
        indexes: ClassVar = [models.Index(fields=["province_id", "offer", "at"], name="pricing_verdict_offer")]


class ShelfEdition(ShardModel):
    """Counts the changes of a day's offers; publishers of one day queue here."""

    sale_on = models.DateField()
    number = models.BigIntegerField(default=0)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["province_id", "sale_on"], name="pricing_shelfedition_once")
        ]
