from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q

from lintuan.kernel.callers import Kind
from lintuan.kernel.shard import ShardFK, ShardModel

from .types import MemberState


class Member(ShardModel):
    """A person who buys in one province; their phone is their identity until they ask to be forgotten."""

    phone = models.CharField(max_length=16, null=True)
    name = models.CharField(max_length=40)
    joined_at = models.DateTimeField()
    state = models.CharField(
        max_length=10, choices=[(state.value, state.value) for state in MemberState], default=MemberState.ACTIVE.value
    )

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["province_id", "phone"], name="members_member_phone"),
            models.CheckConstraint(
                condition=Q(state=MemberState.ACTIVE.value, phone__isnull=False)
                | Q(state=MemberState.FORGOTTEN.value, phone__isnull=True),
                name="members_member_state",
            ),
        ]


class Consent(ShardModel):
    """Proof of what a member agreed to, and when."""

    member = ShardFK("Member", on_delete=models.PROTECT, related_name="consents")
    item = models.CharField(max_length=20)
    version = models.CharField(max_length=20)
    given_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["province_id", "member", "item", "version"], name="members_consent_once")
        ]


class SignInCode(models.Model):
    """The one open code of a phone; local to a machine's database, never sharded."""

    phone = models.CharField(max_length=16, primary_key=True)
    code_hash = models.CharField(max_length=64)
    sent_at = models.DateTimeField(db_index=True)
    expires_at = models.DateTimeField()
    tries = models.PositiveSmallIntegerField(default=0)
    window_from = models.DateTimeField()
    sent_in_window = models.PositiveSmallIntegerField(default=0)


class Session(models.Model):
    """A signed-in device; only hashes of its refresh tokens are kept.

    `device` is the digest of the mark that the client of a member made up for itself; empty where there is none.
    """

    refresh_hash = models.CharField(max_length=64, unique=True)
    #: The token that was used last: whoever shows it again holds a copy.
    spent_hash = models.CharField(max_length=64, default="", db_index=True)
    kind = models.CharField(max_length=10, choices=[(kind.value, kind.value) for kind in Kind])
    subject_id = models.BigIntegerField()
    province = models.PositiveSmallIntegerField()
    opened_at = models.DateTimeField()
    expires_at = models.DateTimeField(db_index=True)
    ended_at = models.DateTimeField(null=True)
    device = models.CharField(max_length=64, default="", db_default="")

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["kind", "province", "subject_id"], name="members_session_subject"),
            models.Index(fields=["province", "device"], condition=~Q(device=""), name="members_session_device"),
        ]
