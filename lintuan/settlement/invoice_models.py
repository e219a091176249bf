"""The tables of invoices, which `models` names."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q

from lintuan.kernel.fields import MoneyField
from lintuan.kernel.shard import ShardFK, ShardModel

from .types import InvoiceKind, InvoiceState, TitleKind

_KINDS = [word.value for word in InvoiceKind]
_STATES = [word.value for word in InvoiceState]
_TITLES = [word.value for word in TitleKind]


def _choices(words: list[str]) -> list[tuple[str, str]]:
    return [(word, word) for word in words]


class Invoice(ShardModel):
    """An invoice that was asked for; a red one `corrects` a blue one, the blue one after it that red one.

    Kept for at least five years after it was issued (发票管理办法, article 28), also when its member is forgotten.
    """

    order_id = models.BigIntegerField()
    member_id = models.BigIntegerField()
    corrects = ShardFK("Invoice", on_delete=models.PROTECT, null=True, related_name="corrected_by", db_index=False)
    kind = models.CharField(max_length=4, choices=_choices(_KINDS))
    state = models.CharField(max_length=8, choices=_choices(_STATES), default=InvoiceState.ASKED.value)
    title_kind = models.CharField(max_length=8, choices=_choices(_TITLES))
    title = models.CharField(max_length=100)
    taxpayer_number = models.CharField(max_length=20)
    email = models.CharField(max_length=120)
    amount = MoneyField()
    asked_at = models.DateTimeField()
    ready_at = models.DateTimeField()
    due_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)
    number = models.CharField(max_length=20)
    code = models.CharField(max_length=12)
    link = models.CharField(max_length=300)
    reason = models.CharField(max_length=300)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["province_id", "order_id"],
                condition=Q(kind="blue", state__in=["asked", "issued"]),
                name="settlement_invoice_once",
            ),
            models.UniqueConstraint(
                fields=["province_id", "corrects"], condition=Q(kind="red"), name="settlement_invoice_one_red"
            ),
            models.UniqueConstraint(
                fields=["province_id", "code", "number"], condition=~Q(number=""), name="settlement_invoice_number"
            ),
            models.CheckConstraint(condition=Q(kind__in=_KINDS), name="settlement_invoice_kinds"),
            models.CheckConstraint(condition=Q(state__in=_STATES), name="settlement_invoice_states"),
            models.CheckConstraint(condition=Q(title_kind__in=_TITLES), name="settlement_invoice_titles"),
            models.CheckConstraint(
                condition=~Q(title_kind="company", taxpayer_number=""), name="settlement_invoice_company"
            ),
            models.CheckConstraint(
                condition=Q(kind="blue") | Q(corrects__isnull=False), name="settlement_invoice_red_of"
            ),
            models.CheckConstraint(
                condition=Q(state="asked", closed_at=None, number="")
                | Q(state="refused", closed_at__isnull=False, number="") & ~Q(reason="")
                | Q(state__in=["issued", "reddened"], closed_at__isnull=False) & ~Q(number=""),
                name="settlement_invoice_closed",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["issued", "reddened"])
                | Q(kind="blue", amount__gt=0)
                | Q(kind="red", amount__lt=0),
                name="settlement_invoice_amount",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["province_id", "order_id"], name="settlement_invoice_order"),
            models.Index(fields=["province_id", "member_id", "-id"], name="settlement_invoice_member"),
            models.Index(fields=["province_id", "due_at"], condition=Q(state="asked"), name="settlement_invoice_queue"),
            models.Index(fields=["province_id", "closed_at"], name="settlement_invoice_closed_at"),
        ]


class InvoicedLine(ShardModel):
    """What an invoice said of an order's line when it was issued."""

    invoice = ShardFK("Invoice", on_delete=models.PROTECT, related_name="lines", db_index=False)
    line_id = models.BigIntegerField()
    sku_id = models.BigIntegerField()
    name = models.CharField(max_length=120)
    spec = models.CharField(max_length=120)
    unit = models.CharField(max_length=40)
    quantity = models.IntegerField()
    amount = MoneyField()
    tax = MoneyField()
    tax_code = models.CharField(max_length=19)
    rate_bps = models.IntegerField()
    is_exempt = models.BooleanField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["province_id", "invoice", "line_id"], name="settlement_invoicedline_once"),
            models.CheckConstraint(
                condition=~Q(is_exempt=True) | Q(tax=0, rate_bps=0), name="settlement_invoicedline_tax"
            ),
        ]


class InvoicePaper(ShardModel):
    """The file of an invoice, as the tax office's platform made it."""

    invoice = ShardFK("Invoice", on_delete=models.PROTECT, related_name="papers", db_index=False)
    media = models.CharField(max_length=20)
    content = models.BinaryField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["province_id", "invoice"], name="settlement_invoicepaper_once")
        ]


class GoodsTaxRow(ShardModel):
    """What the tax office calls a product from a day on; of several the latest counts."""

    product_code = models.CharField(max_length=40)
    since = models.DateField()
    tax_code = models.CharField(max_length=19)
    rate_bps = models.IntegerField(null=True)
    is_exempt = models.BooleanField(default=False)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["province_id", "product_code", "since"], name="settlement_goodstax_once"),
            models.CheckConstraint(
                condition=Q(rate_bps=None) | Q(rate_bps__gte=0, rate_bps__lte=2_000), name="settlement_goodstax_rate"
            ),
        ]
