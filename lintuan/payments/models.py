from __future__ import annotations

from enum import StrEnum
from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q, Value

from lintuan.kernel.fields import MoneyField
from lintuan.kernel.shard import ShardFK, ShardModel

from .types import (
    AttemptState,
    ChargeState,
    FlowKind,
    Payee,
    PayMethod,
    PayoutState,
    Provider,
    RefundState,
    ShippingState,
    TradeKind,
)

NOTHING = Value(0)


def _words(words: type[StrEnum]) -> list[tuple[str, str]]:
    return [(word.value, word.value) for word in words]


class Charge(ShardModel):
    """One sum asked of a member; a changed sum is another charge."""

    purpose = models.CharField(max_length=20)
    subject_id = models.BigIntegerField()
    member_id = models.BigIntegerField()
    state = models.CharField(max_length=8, choices=_words(ChargeState), default="open")
    amount = MoneyField()
    refunded = MoneyField()
    refunds_count = models.SmallIntegerField(default=0)
    opened_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    paid_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["province_id", "purpose", "subject_id"],
                condition=Q(state__in=["open", "paid"]),
                name="payments_charge_one_alive",
            ),
            models.CheckConstraint(
                condition=Q(state__in=[state.value for state in ChargeState]), name="payments_charge_state"
            ),
            models.CheckConstraint(condition=Q(amount__gt=NOTHING), name="payments_charge_amount"),
            models.CheckConstraint(
                condition=Q(refunded__gte=NOTHING, refunded__lte=F("amount")), name="payments_charge_refunded"
            ),
            models.CheckConstraint(
                condition=Q(state="paid", paid_at__isnull=False)
                | Q(state__in=["open", "closed"], paid_at__isnull=True, refunded=NOTHING),
                name="payments_charge_paid",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["province_id", "purpose", "subject_id"], name="payments_charge_subject"),
        ]


class Attempt(ShardModel):
    """A charge at one gateway, under one number there: one for each method that its payer began to pay by."""

    charge = ShardFK("Charge", on_delete=models.PROTECT, related_name="attempts", db_index=False)
    number = models.CharField(max_length=32)
    provider = models.CharField(max_length=10, choices=_words(Provider))
    method = models.CharField(max_length=15, choices=_words(PayMethod))
    #: prepay_id, trade_no, an address to open or the text of a code.
    handle = models.TextField()
    state = models.CharField(max_length=8, choices=_words(AttemptState), default="open")
    transaction_no = models.CharField(max_length=64, default="")
    prepaid_at = models.DateTimeField()
    queried_at = models.DateTimeField(null=True)
    paid_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["province_id", "number"], name="payments_attempt_number"),
            models.UniqueConstraint(fields=["province_id", "charge", "method"], name="payments_attempt_method"),
            models.UniqueConstraint(
                fields=["province_id", "charge"], condition=Q(state="paid"), name="payments_attempt_one_paid"
            ),
            models.CheckConstraint(
                condition=Q(state__in=[state.value for state in AttemptState]), name="payments_attempt_state"
            ),
            models.CheckConstraint(
                condition=Q(provider="wechatpay", method__startswith="wechat_")
                | Q(provider="alipay", method__startswith="alipay_"),
                name="payments_attempt_provider",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["paid", "late"], paid_at__isnull=False)
                | Q(state__in=["open", "closed"], paid_at__isnull=True),
                name="payments_attempt_paid",
            ),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["province_id", "prepaid_at"], condition=Q(state="open"), name="payments_attempt_silent"
            ),
            models.Index(
                fields=["province_id", "paid_at"], condition=Q(paid_at__isnull=False), name="payments_attempt_paid_at"
            ),
        ]


class Refund(ShardModel):
    """A part of a payment on its way back to where it came from; its number stays the same however often we ask."""

    charge = ShardFK("Charge", on_delete=models.PROTECT, related_name="refunds", db_index=False)
    attempt = ShardFK("Attempt", on_delete=models.PROTECT, related_name="refunds", db_index=False)
    number = models.CharField(max_length=32)
    state = models.CharField(max_length=8, choices=_words(RefundState), default="asked")
    amount = MoneyField()
    cause = models.CharField(max_length=30)
    gateway_no = models.CharField(max_length=40, default="")
    tries = models.SmallIntegerField(default=0)
    reason = models.CharField(max_length=200, default="")
    asked_at = models.DateTimeField()
    tried_at = models.DateTimeField(null=True)
    done_at = models.DateTimeField(null=True)
    credited_at = models.DateTimeField(null=True)
    credited_by = models.CharField(max_length=60, default="", db_default="")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["province_id", "number"], name="payments_refund_number"),
            models.UniqueConstraint(
                fields=["province_id", "attempt"], condition=Q(cause="late_payment"), name="payments_refund_late_once"
            ),
            models.CheckConstraint(
                condition=Q(state__in=[state.value for state in RefundState]), name="payments_refund_state"
            ),
            models.CheckConstraint(condition=Q(amount__gt=NOTHING), name="payments_refund_amount"),
            models.CheckConstraint(
                condition=Q(state="done", done_at__isnull=False) | (~Q(state="done") & Q(done_at__isnull=True)),
                name="payments_refund_done",
            ),
            models.CheckConstraint(
                condition=Q(state="credited", credited_at__isnull=False)
                | (~Q(state="credited") & Q(credited_at__isnull=True)),
                name="payments_refund_credited",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["province_id", "charge"], name="payments_refund_charge"),
            models.Index(
                fields=["province_id", "asked_at"],
                condition=~Q(state="done"),
                name="payments_refund_waiting",
            ),
            models.Index(
                fields=["province_id", "done_at"], condition=Q(done_at__isnull=False), name="payments_refund_done_at"
            ),
        ]


class Preference(ShardModel):
    """Which provider a market offers first, from a day on; no city is the whole province."""

    city_code = models.CharField(max_length=6, default="", blank=True)
    from_on = models.DateField()
    providers = ArrayField(models.CharField(max_length=10, choices=_words(Provider)))

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["province_id", "city_code", "from_on"], name="payments_preference_once")
        ]


#: Whoever looks for a payout of a thing finds one of these, and none may be paid beside it.
PAYOUT_COUNTS = Q(state__in=["asked", "sent", "waiting_confirm", "done"]) | Q(state="failed", gateway_no="")
PAYOUT_ENDED = Q(state__in=["done", "failed", "cancelled", "returned"])


class Payout(ShardModel):
    """Money for a person under one number; the person's name is kept only as long as the gateway must be told it."""

    purpose = models.CharField(max_length=20)
    subject_id = models.BigIntegerField()
    payee_kind = models.CharField(max_length=8, choices=_words(Payee))
    payee_id = models.BigIntegerField()
    openid = models.CharField(max_length=64)
    payee_name = models.CharField(max_length=64, default="")
    number = models.CharField(max_length=32)
    state = models.CharField(max_length=16, choices=_words(PayoutState), default="asked")
    amount = MoneyField()
    remark = models.CharField(max_length=32)
    gateway_no = models.CharField(max_length=64, default="")
    package = models.TextField(default="")
    tries = models.SmallIntegerField(default=0)
    reason = models.CharField(max_length=200, default="")
    asked_at = models.DateTimeField()
    tried_at = models.DateTimeField(null=True)
    cancel_asked_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["province_id", "number"], name="payments_payout_number"),
            models.UniqueConstraint(
                fields=["province_id", "purpose", "subject_id"],
                condition=PAYOUT_COUNTS,
                name="payments_payout_one_counts",
            ),
            models.CheckConstraint(
                condition=Q(state__in=[state.value for state in PayoutState]), name="payments_payout_state"
            ),
            models.CheckConstraint(
                condition=Q(payee_kind__in=[kind.value for kind in Payee]), name="payments_payout_payee"
            ),
            models.CheckConstraint(condition=Q(amount__gt=NOTHING), name="payments_payout_amount"),
            models.CheckConstraint(
                condition=(PAYOUT_ENDED & Q(ended_at__isnull=False)) | (~PAYOUT_ENDED & Q(ended_at__isnull=True)),
                name="payments_payout_ended",
            ),
            models.CheckConstraint(
                condition=Q(payee_name="") | Q(state__in=["asked", "sent", "waiting_confirm", "failed"]),
                name="payments_payout_name",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["province_id", "purpose", "subject_id"], name="payments_payout_subject"),
            models.Index(fields=["province_id", "payee_kind", "payee_id"], name="payments_payout_payee"),
            models.Index(
                fields=["province_id", "asked_at"],
                condition=~Q(state__in=["done", "cancelled", "returned"]),
                name="payments_payout_waiting",
            ),
        ]


class ShippingNote(ShardModel):
    """What the platform that freezes a payment's money is told of its goods, once per payment."""

    charge = ShardFK("Charge", on_delete=models.PROTECT, related_name="+", db_index=False)
    state = models.CharField(max_length=8, choices=_words(ShippingState), default="asked")
    description = models.CharField(max_length=120)
    tries = models.SmallIntegerField(default=0)
    reason = models.CharField(max_length=200, default="")
    asked_at = models.DateTimeField()
    tried_at = models.DateTimeField(null=True)
    told_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["province_id", "charge"], name="payments_shipping_once"),
            models.CheckConstraint(
                condition=Q(state__in=[state.value for state in ShippingState]), name="payments_shipping_state"
            ),
            models.CheckConstraint(
                condition=Q(state="told", told_at__isnull=False) | (~Q(state="told") & Q(told_at__isnull=True)),
                name="payments_shipping_told",
            ),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["province_id", "asked_at"], condition=~Q(state="told"), name="payments_shipping_waiting"
            ),
        ]


class Inbox(models.Model):
    """An authentic callback that took effect, as it came; its unique key makes every repeat harmless."""

    provider = models.CharField(max_length=20)
    notice_id = models.CharField(max_length=64)
    kind = models.CharField(max_length=40)
    body = models.TextField()
    heard_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["provider", "notice_id"], name="payments_inbox_once")]


class BillDay(models.Model):
    """A day of Beijing whose bills were read, for all provinces at once; `covers_until` is a business moment."""

    provider = models.CharField(max_length=20)
    on_day = models.DateField()
    rows = models.IntegerField()
    is_whole = models.BooleanField()
    read_at = models.DateTimeField()
    covers_from = models.DateTimeField(null=True)
    covers_until = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["provider", "on_day"], name="payments_billday_once")]


class BillRow(ShardModel):
    """A line of a trade bill, in the province that its number leads with; strangers are with the first province."""

    amount = MoneyField()
    settled = MoneyField()
    fee = MoneyField()
    at = models.DateTimeField()
    on_day = models.DateField()
    provider = models.CharField(max_length=20)
    kind = models.CharField(max_length=8, choices=_words(TradeKind))
    number = models.CharField(max_length=64)
    transaction_no = models.CharField(max_length=64)
    refund_number = models.CharField(max_length=64)
    refund_no = models.CharField(max_length=64)
    status = models.CharField(max_length=20)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["province_id", "transaction_no", "refund_no", "provider", "on_day"],
                name="payments_billrow_once",
            ),
            models.CheckConstraint(condition=Q(amount__gte=NOTHING), name="payments_billrow_amount"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["province_id", "number"], name="payments_billrow_number"),
            models.Index(fields=["province_id", "on_day", "provider"], name="payments_billrow_day"),
            models.Index(
                fields=["province_id", "refund_no"], condition=Q(kind="refund"), name="payments_billrow_refund"
            ),
        ]


class FlowLine(ShardModel):
    """A line of a fund flow bill; `number` is the charge's behind it, empty where no line of a trade bill tells."""

    amount = MoneyField()
    at = models.DateTimeField()
    on_day = models.DateField()
    provider = models.CharField(max_length=20)
    kind = models.CharField(max_length=10, choices=_words(FlowKind))
    number = models.CharField(max_length=64)
    business_no = models.CharField(max_length=64)
    flow_no = models.CharField(max_length=64)
    word = models.CharField(max_length=40)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["province_id", "on_day", "provider"], name="payments_flowline_day"),
        ]
