from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from lintuan.fulfilment.types import TaskState
from lintuan.kernel.shard import ShardFK, ShardModel

from .choices import choices

# Plain text, so that migrations need not import our types.
_TASK_STATES = [word.value for word in TaskState]


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
    state = models.CharField(max_length=8, choices=choices(_TASK_STATES))

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
