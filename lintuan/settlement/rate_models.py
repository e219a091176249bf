"""What was agreed on with leaders: rates, levels, and how they reached theirs."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from lintuan.kernel.fields import MoneyField
from lintuan.kernel.shard import ShardModel


class Rate(ShardModel):
    """What leaders earn on some goods, somewhere, at a level, from one sale day on; only its end is ever changed.

    A level or SKU of 0, and an empty category or area, is any; an area is the beginning of a GB/T 2260 code.
    """

    level = models.SmallIntegerField()
    sku_id = models.BigIntegerField()
    category = models.CharField(max_length=20)
    area = models.CharField(max_length=6)
    bps = models.IntegerField()
    from_on = models.DateField()
    until_on = models.DateField(null=True)
    made_at = models.DateTimeField()
    made_by = models.BigIntegerField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["province_id", "level", "sku_id", "category", "area", "from_on"], name="settlement_rate_once"
            ),
            models.CheckConstraint(condition=Q(bps__gte=0, bps__lte=10_000), name="settlement_rate_bps"),
            models.CheckConstraint(
                condition=Q(until_on=None) | Q(until_on__gte=F("from_on")),
                name="settlement_rate_days",
            ),
        ]


class LevelTable(ShardModel):
    """From which sales of thirty days on a leader reaches level 2, 3 and so on; the newest table that began holds."""

    from_on = models.DateField()
    thresholds = ArrayField(models.BigIntegerField())
    made_at = models.DateTimeField()
    made_by = models.BigIntegerField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["province_id", "from_on"], name="settlement_leveltable_once")
        ]


class LeaderDay(ShardModel):
    """What one leader's orders of a sale day were worth in the end: collected, and less what was given back."""

    leader_id = models.BigIntegerField()
    sale_on = models.DateField()
    orders = models.IntegerField()
    net = MoneyField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["province_id", "sale_on", "leader_id"], name="settlement_leaderday_once")
        ]


class LeaderLevel(ShardModel):
    """A level that a leader has from a sale day on, for sales of `gmv` on the thirty sale days up to `counted_on`."""

    leader_id = models.BigIntegerField()
    from_on = models.DateField()
    level = models.SmallIntegerField()
    gmv = MoneyField()
    counted_on = models.DateField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["province_id", "leader_id", "from_on"], name="settlement_leaderlevel_once"),
            models.CheckConstraint(condition=Q(level__gte=1, level__lte=9), name="settlement_leaderlevel_level"),
        ]
