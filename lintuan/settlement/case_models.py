"""What reconciliations found, and how people work it off."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q

from lintuan.kernel.fields import MoneyField
from lintuan.kernel.shard import ShardFK, ShardModel

from .appending import AppendOnlyModel
from .types import FileState, StepKind

_FILE_STATES = [word.value for word in FileState]
_STEP_KINDS = [word.value for word in StepKind]


def _choices(words: list[str]) -> list[tuple[str, str]]:
    return [(word, word) for word in words]


class ReconRun(AppendOnlyModel):
    """One comparison of orders, charges and books for a sale day; the newest one speaks for the day."""

    sale_on = models.DateField()
    at = models.DateTimeField()
    orders = models.IntegerField()
    cases = models.IntegerField()

    class Meta:
        indexes: ClassVar = [models.Index(fields=["province_id", "sale_on", "-id"], name="settlement_reconrun_day")]


class ReconCase(AppendOnlyModel):
    """A difference that a run found."""

    run = ShardFK("ReconRun", on_delete=models.PROTECT, related_name="found", db_index=False)
    kind = models.CharField(max_length=30)
    subject = models.CharField(max_length=40)
    order_id = models.BigIntegerField(null=True)
    left = MoneyField()
    right = MoneyField()

    class Meta:
        indexes: ClassVar = [models.Index(fields=["province_id", "run"], name="settlement_reconcase_run")]


class BillRun(AppendOnlyModel):
    """One comparison of a channel's bill day with charges and books; the newest one speaks for the day.

    `booked` is what the gateway's account in the books took in of payments less refunds; fees and withdrawals are all
    that was posted of the day so far.
    """

    provider = models.CharField(max_length=20)
    on_day = models.DateField()
    at = models.DateTimeField()
    read_at = models.DateTimeField()
    payments = models.IntegerField()
    paid = MoneyField()
    refunds = models.IntegerField()
    back = MoneyField()
    our_payments = models.IntegerField()
    our_paid = MoneyField()
    our_refunds = models.IntegerField()
    our_back = MoneyField()
    booked = MoneyField()
    fees = MoneyField()
    withdrawn = MoneyField()
    cases = models.IntegerField()

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["province_id", "provider", "on_day", "-id"], name="settlement_billrun_day")
        ]


class CaseFile(ShardModel):
    """A difference while people work it off: found by the runs of one scope, in which it is the only one of its kind
    and subject that is not closed.
    """

    objects: ClassVar[models.Manager[CaseFile]] = models.Manager()

    scope = models.CharField(max_length=40)
    on_day = models.DateField()
    kind = models.CharField(max_length=30)
    subject = models.CharField(max_length=130)
    number = models.CharField(max_length=64, default="")
    order_id = models.BigIntegerField(null=True)
    left = MoneyField()
    right = MoneyField()
    state = models.CharField(max_length=10, choices=_choices(_FILE_STATES), default="open")
    staff_id = models.BigIntegerField(null=True)
    found_at = models.DateTimeField()
    seen_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["province_id", "scope", "kind", "subject"],
                condition=~Q(state="closed"),
                name="settlement_casefile_once",
            ),
            models.CheckConstraint(condition=Q(state__in=_FILE_STATES), name="settlement_casefile_state"),
            models.CheckConstraint(
                condition=Q(state="closed", closed_at__isnull=False) | (~Q(state="closed") & Q(closed_at=None)),
                name="settlement_casefile_closed",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["province_id", "on_day", "id"], name="settlement_casefile_day"),
        ]


class CaseStep(AppendOnlyModel):
    """What somebody did about a case, and why; nobody on the staff where the system did."""

    file = ShardFK("CaseFile", on_delete=models.PROTECT, related_name="steps", db_index=False)
    kind = models.CharField(max_length=10, choices=_choices(_STEP_KINDS))
    staff_id = models.BigIntegerField(null=True)
    at = models.DateTimeField()
    why = models.CharField(max_length=300)
    journal_id = models.BigIntegerField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(kind__in=_STEP_KINDS), name="settlement_casestep_kind"),
        ]
        indexes: ClassVar = [models.Index(fields=["province_id", "file"], name="settlement_casestep_file")]
