from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from lintuan.fulfilment.types import PickupState
from lintuan.kernel.shard import ShardFK, ShardModel

from .choices import choices

# Plain text, so that migrations need not import our types.
_PICKUP_STATES = [word.value for word in PickupState]


class Pickup(ShardModel):
    """A member's goods of one sale day at one point, over all orders; the leader is the one who hands them out.

    Those of one household basket, if the member lets the others collect them, are a pickup of their own and are handed
    out together with the others of that basket.
    """

    member_id = models.BigIntegerField()
    point_id = models.BigIntegerField()
    leader_id = models.BigIntegerField()
    sale_on = models.DateField()
    basket_id = models.BigIntegerField(default=0, db_default=0)
    order_ids = ArrayField(models.BigIntegerField())
    code = models.CharField(max_length=6)
    state = models.CharField(max_length=9, choices=choices(_PICKUP_STATES), default=PickupState.WAITING.value)
    collected_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["province_id", "sale_on", "point_id", "member_id", "basket_id"], name="fulfilment_pickup_bag"
            ),
            models.UniqueConstraint(
                fields=["province_id", "point_id", "sale_on", "code"], name="fulfilment_pickup_code"
            ),
            models.UniqueConstraint(
                fields=["province_id", "leader_id", "code"],
                condition=Q(state="waiting"),
                name="fulfilment_pickup_code_waits_once",
            ),
            models.CheckConstraint(condition=Q(state__in=_PICKUP_STATES), name="fulfilment_pickup_states"),
            models.CheckConstraint(
                condition=Q(state="collected", collected_at__isnull=False)
                | Q(~Q(state="collected"), collected_at__isnull=True),
                name="fulfilment_pickup_collected",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["province_id", "member_id", "-sale_on"], name="fulfilment_pickup_member"),
            models.Index(fields=["province_id", "point_id", "code"], name="fulfilment_pickup_by_code"),
            models.Index(
                fields=["province_id", "basket_id"], condition=Q(basket_id__gt=0), name="fulfilment_pickup_basket"
            ),
        ]


class CodeTries(ShardModel):
    """Wrong pickup codes a leader entered since `since_at`, and in the day since `day_since_at`; the row their attempts
    queue at.
    """

    leader_id = models.BigIntegerField()
    since_at = models.DateTimeField()
    wrong = models.IntegerField(default=0)
    day_since_at = models.DateTimeField(null=True)
    day_wrong = models.IntegerField(default=0, db_default=0)
    shut_until = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["province_id", "leader_id"], name="fulfilment_codetries_once")
        ]


class Proxy(ShardModel):
    """A right to collect a pickup once, given to somebody else; it ends when it is used or taken back.

    The code is for the screen of the point's leader, among whose waiting codes it is the only one; the token for the
    address. `leader_id` is who kept the point when it was made.
    """

    pickup = ShardFK("Pickup", on_delete=models.PROTECT, related_name="proxies")
    leader_id = models.BigIntegerField()
    code = models.CharField(max_length=6)
    token = models.CharField(max_length=40)
    made_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    is_used = models.BooleanField(default=False)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["province_id", "token"], name="fulfilment_proxy_token"),
            models.UniqueConstraint(
                fields=["province_id", "pickup"], condition=Q(ended_at=None), name="fulfilment_proxy_one_open"
            ),
            models.UniqueConstraint(
                fields=["province_id", "leader_id", "code"], condition=Q(ended_at=None), name="fulfilment_proxy_code"
            ),
            models.CheckConstraint(
                condition=Q(is_used=False) | Q(ended_at__isnull=False), name="fulfilment_proxy_used_is_over"
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["province_id", "leader_id", "code"], name="fulfilment_proxy_by_code"),
            models.Index(fields=["province_id", "code"], name="fulfilment_proxy_any_code"),
        ]
