from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from lintuan.fulfilment.types import ClaimCause, ClaimFault, ClaimState
from lintuan.kernel.fields import MoneyField
from lintuan.kernel.shard import ShardFK, ShardModel

from .choices import choices

# Plain text, so that migrations need not import our types.
_CAUSES = [word.value for word in ClaimCause]
_FAULTS = [word.value for word in ClaimFault]
_CLAIM_STATES = [word.value for word in ClaimState]


class Claim(ShardModel):
    """A member's complaint about units of a collected line, and what came of it."""

    order_id = models.BigIntegerField()
    line_id = models.BigIntegerField()
    sku_id = models.BigIntegerField()
    member_id = models.BigIntegerField()
    sale_on = models.DateField()
    cause = models.CharField(max_length=8, choices=choices(_CAUSES))
    fault = models.CharField(max_length=8, choices=choices(_FAULTS))
    quantity = models.IntegerField()
    note = models.CharField(max_length=500)
    # No longer written: a claim's photos name their claim. To be dropped in the next release.
    photo_key = models.CharField(max_length=120, null=True)
    proposed = MoneyField()
    amount = MoneyField()
    #: The member's part of the amount; null before plays could pay the rest, when it was all of it.
    paid_back = MoneyField(null=True)  # type: ignore[misc]
    state = models.CharField(max_length=8, choices=choices(_CLAIM_STATES), default=ClaimState.OPEN.value)
    reason = models.CharField(max_length=500)
    opened_at = models.DateTimeField()
    decided_at = models.DateTimeField(null=True)
    decided_by = models.CharField(max_length=60)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["province_id", "line_id"], condition=Q(state="open"), name="fulfilment_claim_open_once"
            ),
            models.CheckConstraint(condition=Q(state__in=_CLAIM_STATES), name="fulfilment_claim_states"),
            models.CheckConstraint(condition=Q(cause__in=_CAUSES), name="fulfilment_claim_causes"),
            models.CheckConstraint(condition=Q(fault__in=_FAULTS), name="fulfilment_claim_faults"),
            models.CheckConstraint(
                condition=Q(quantity__gte=1, proposed__gte=1, amount__gte=0, amount__lte=F("proposed")),
                name="fulfilment_claim_amount",
            ),
            models.CheckConstraint(
                condition=Q(state="open", amount=0, decided_at=None)
                | Q(state="granted", amount__gte=1, decided_at__isnull=False)
                | Q(state="declined", amount=0, decided_at__isnull=False),
                name="fulfilment_claim_decided",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["province_id", "state", "opened_at"], name="fulfilment_claim_list"),
            models.Index(fields=["province_id", "member_id", "opened_at"], name="fulfilment_claim_member"),
            models.Index(fields=["province_id", "line_id"], name="fulfilment_claim_line"),
        ]


class Photo(ShardModel):
    """A picture somebody took of goods that are not right; it belongs to a claim or to a drop line once it is used."""

    key = models.CharField(max_length=40)
    owner_kind = models.CharField(max_length=6, choices=choices(["member", "leader"]))
    owner_id = models.BigIntegerField()
    media = models.CharField(max_length=10)
    body = models.BinaryField()
    sent_at = models.DateTimeField()
    claim = ShardFK("Claim", on_delete=models.PROTECT, null=True, related_name="photos")
    drop_line = ShardFK("DropLine", on_delete=models.PROTECT, null=True, related_name="photos")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["province_id", "key"], name="fulfilment_photo_key"),
            models.CheckConstraint(condition=Q(claim=None) | Q(drop_line=None), name="fulfilment_photo_of_one"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["province_id", "owner_kind", "owner_id"], name="fulfilment_photo_owner"),
            models.Index(fields=["province_id", "claim"], name="fulfilment_photo_claim"),
            models.Index(fields=["province_id", "drop_line"], name="fulfilment_photo_drop_line"),
            models.Index(fields=["province_id", "sent_at"], name="fulfilment_photo_sent"),
        ]
