from __future__ import annotations

from typing import Any, ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q, Value

from lintuan.kernel.fields import MoneyField
from lintuan.kernel.shard import ShardFK, ShardModel

from . import invoice_models, partner_models, rate_models  # noqa: F401  Django looks for tables here
from .appending import AppendOnlyModel
from .case_models import BillRun, CaseFile, CaseStep, ReconCase, ReconRun
from .engine.books import Kind
from .paying_models import BalanceWithdrawal, BankAccount, PaidStatement, Payee, PayLine, PayRun, Withdrawal
from .types import CommissionState, LeaderLineKind, LineKind

__all__ = [
    "BalanceWithdrawal", "BankAccount", "BillRun", "CaseFile", "CaseStep", "ClosedSum", "Closing", "Commission",
    "Funding", "FundingFact", "LeaderLine", "LeaderStatement", "OpenItem", "PaidStatement", "PayLine", "PayRun",
    "Payee", "Raise", "ReconCase", "ReconRun", "Statement", "StatementLine", "Transfer", "Withdrawal",
]  # fmt: skip

_BIGINTS: ArrayField[Any, Any] = ArrayField(models.BigIntegerField())
_INTS: ArrayField[Any, Any] = ArrayField(models.IntegerField())

# Plain text, so that migrations need not import our types.
_KINDS = [word.value for word in Kind]
_STATES = [word.value for word in CommissionState]
_LINE_KINDS = [word.value for word in LineKind]
_LEADER_LINE_KINDS = [word.value for word in LeaderLineKind]


def _choices(words: list[str]) -> list[tuple[str, str]]:
    return [(word, word) for word in words]


class Transfer(AppendOnlyModel):
    """An amount from one account to another, so that nothing can be out of balance; a journal is one or more of them.

    `source` is the fact that the journal is about, an event or a duty, and counts once; this is the `leg`-th (from 0)
    of its `legs`. `debit` and `credit` are main accounts, `debit_of` and `credit_of` whose sub-account it is, or 0.
    """

    order_id = models.BigIntegerField(null=True)
    debit_of = models.BigIntegerField(default=0)
    credit_of = models.BigIntegerField(default=0)
    amount = MoneyField()
    at = models.DateTimeField()
    sale_on = models.DateField(null=True)
    debit = models.IntegerField()
    credit = models.IntegerField()
    leg = models.SmallIntegerField()
    legs = models.SmallIntegerField()
    source = models.CharField(max_length=60)
    kind = models.CharField(max_length=20, choices=_choices(_KINDS))
    memo = models.CharField(max_length=120)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["province_id", "source", "leg"], name="settlement_transfer_once"),
            models.CheckConstraint(condition=Q(amount__gt=0), name="settlement_transfer_amount"),
            models.CheckConstraint(
                condition=~Q(debit=F("credit"), debit_of=F("credit_of")), name="settlement_transfer_accounts"
            ),
            models.CheckConstraint(condition=Q(leg__gte=0, leg__lt=F("legs")), name="settlement_transfer_leg"),
            models.CheckConstraint(condition=Q(kind__in=_KINDS), name="settlement_transfer_kinds"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["province_id", "sale_on", "id"], name="settlement_transfer_day"),
            models.Index(
                fields=["province_id", "order_id"],
                condition=Q(order_id__isnull=False),
                name="settlement_transfer_order",
            ),
            # Few transfers are about members' balances, and each member's are looked up by their pages.
            models.Index(
                fields=["province_id", "credit_of"], condition=Q(credit=2005), name="settlement_transfer_credited"
            ),
            models.Index(fields=["province_id", "debit_of"], condition=Q(debit=2005), name="settlement_transfer_drawn"),
        ]


class Closing(AppendOnlyModel):
    """A sale day on which the books were added up: everything up to the transfer `upto`, of which none came later."""

    sale_on = models.DateField()
    upto = models.BigIntegerField()
    journals = models.BigIntegerField()
    unsound = models.BigIntegerField()
    at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["province_id", "sale_on"], name="settlement_closing_once")
        ]


class ClosedSum(AppendOnlyModel):
    """What was ever debited and credited on one account up to a closing; `owner` is 0 for a main account."""

    closing = ShardFK("Closing", on_delete=models.PROTECT, related_name="sums", db_index=False)
    account = models.IntegerField()
    owner = models.BigIntegerField()
    debit = MoneyField()
    credit = MoneyField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["province_id", "closing", "account", "owner"], name="settlement_sum_once"),
            models.CheckConstraint(condition=Q(debit__gte=0, credit__gte=0), name="settlement_sum_sides"),
        ]


class OpenItem(AppendOnlyModel):
    """What a bridge account held for one order, or for none, at a closing; positive on the debit side."""

    closing = ShardFK("Closing", on_delete=models.PROTECT, related_name="items", db_index=False)
    account = models.IntegerField()
    order_id = models.BigIntegerField(null=True)
    amount = MoneyField()
    at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [models.CheckConstraint(condition=~Q(amount=0), name="settlement_openitem_amount")]
        indexes: ClassVar = [models.Index(fields=["province_id", "closing"], name="settlement_openitem_closing")]


class Commission(ShardModel):
    """What one order earns its leader; `amount` is the share of `paid` less `given_back` that the books show now.

    Goods earn `bps`, but those of `skus` in their order `sku_bps`; `swing`, in fen times basis points, is by how much
    that makes more of what was not given back.
    """

    order_id = models.BigIntegerField()
    leader_id = models.BigIntegerField()
    point_id = models.BigIntegerField()
    sale_on = models.DateField()
    bps = models.IntegerField()
    swing = models.BigIntegerField(default=0, db_default=0)
    skus = ArrayField(models.BigIntegerField(), default=list, db_default=Value([], output_field=_BIGINTS))
    sku_bps = ArrayField(models.IntegerField(), default=list, db_default=Value([], output_field=_INTS))
    paid = MoneyField()
    given_back = MoneyField()
    amount = MoneyField()
    state = models.CharField(max_length=8, choices=_choices(_STATES), default=CommissionState.PENDING.value)
    is_lost = models.BooleanField(default=False)
    collected_at = models.DateTimeField(null=True)
    booked_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["province_id", "order_id"], name="settlement_commission_once"),
            models.CheckConstraint(condition=Q(state__in=_STATES), name="settlement_commission_states"),
            models.CheckConstraint(
                condition=Q(paid__gte=0, given_back__gte=0, amount__gte=0), name="settlement_commission_amounts"
            ),
            models.CheckConstraint(
                condition=Q(state="reversed", amount=0)
                | Q(state="booked", booked_at__isnull=False)
                | Q(state="pending", booked_at=None),
                name="settlement_commission_booked",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["province_id", "sale_on"], name="settlement_commission_day"),
            models.Index(fields=["province_id", "leader_id", "-sale_on"], name="settlement_commission_leader"),
            models.Index(
                fields=["province_id", "order_id"],
                condition=Q(state="pending", collected_at__isnull=False),
                name="settlement_commission_ripe",
            ),
        ]


class Raise(ShardModel):
    """Commission that a play let a leader earn beside its orders; `sale_on` is the local day on which it did."""

    grant_id = models.BigIntegerField()
    campaign_id = models.BigIntegerField()
    leader_id = models.BigIntegerField()
    sale_on = models.DateField()
    amount = MoneyField()
    raised_at = models.DateTimeField()
    booked_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["province_id", "grant_id"], name="settlement_raise_once"),
            models.CheckConstraint(condition=Q(amount__gt=0), name="settlement_raise_amount"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["province_id", "sale_on"], name="settlement_raise_day"),
            models.Index(fields=["province_id", "leader_id"], name="settlement_raise_leader"),
        ]


class FundingFact(AppendOnlyModel):
    """What an event says that a leader and suppliers fund of an order, of the whole of it as it was paid.

    A `leader_id` of 0 is the leader of the order's point. A negative amount was given back.
    """

    source = models.CharField(max_length=60)
    order_id = models.BigIntegerField()
    campaign_id = models.BigIntegerField()
    leader_id = models.BigIntegerField()
    leader = MoneyField()
    supplier = MoneyField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["province_id", "source"], name="settlement_fundingfact_once")
        ]
        indexes: ClassVar = [models.Index(fields=["province_id", "order_id"], name="settlement_fundingfact_order")]


class Funding(ShardModel):
    """An order of which somebody funds a part; `is_open` until a night charges what is known of it, `times` so far."""

    order_id = models.BigIntegerField()
    is_open = models.BooleanField(default=True)
    times = models.IntegerField(default=0)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["province_id", "order_id"], name="settlement_funding_once")
        ]
        indexes: ClassVar = [
            models.Index(fields=["province_id", "order_id"], condition=Q(is_open=True), name="settlement_funding_open")
        ]


class LeaderStatement(AppendOnlyModel):
    """What one leader gets with one sale day: earned less what it funds of plays, and what waits for the next."""

    leader_id = models.BigIntegerField()
    sale_on = models.DateField()
    earned = MoneyField()
    funded = MoneyField()
    carried_in = MoneyField()
    carried_on = MoneyField()
    made_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["province_id", "leader_id", "sale_on"], name="settlement_leaderstatement_once"
            ),
            models.CheckConstraint(
                condition=Q(carried_in__gte=0, carried_on__gte=0), name="settlement_leaderstatement_sums"
            ),
        ]


class LeaderLine(ShardModel):
    """One change of what a leader is owed, in its favour where positive; it waits without a statement for the next."""

    statement = ShardFK("LeaderStatement", on_delete=models.PROTECT, related_name="lines", null=True, db_index=False)
    kind = models.CharField(max_length=10, choices=_choices(_LEADER_LINE_KINDS))
    leader_id = models.BigIntegerField()
    sale_on = models.DateField()
    orders = models.IntegerField(default=0)
    order_id = models.BigIntegerField(null=True)
    campaign_id = models.BigIntegerField(null=True)
    amount = MoneyField()

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(kind__in=_LEADER_LINE_KINDS), name="settlement_leaderline_kinds"),
            models.CheckConstraint(
                condition=Q(kind="commission")
                | Q(kind="change", order_id__isnull=False)
                | Q(kind="raised", campaign_id__isnull=False)
                | Q(kind="subsidy", order_id__isnull=False, campaign_id__isnull=False),
                name="settlement_leaderline_about",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["province_id", "statement"], name="settlement_lline_statement"),
            models.Index(fields=["province_id", "sale_on"], name="settlement_lline_day"),
            models.Index(
                fields=["province_id", "leader_id"], condition=Q(statement=None), name="settlement_lline_waiting"
            ),
            models.Index(
                fields=["province_id", "order_id"], condition=Q(kind="subsidy"), name="settlement_lline_funded"
            ),
        ]


class Statement(AppendOnlyModel):
    """What one supplier gets for one sale day; `subsidies` is negative where more was given back than funded."""

    supplier_id = models.BigIntegerField()
    sale_on = models.DateField()
    goods = MoneyField()
    deductions = MoneyField()
    subsidies = MoneyField()
    made_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["province_id", "supplier_id", "sale_on"], name="settlement_statement_once"),
            models.CheckConstraint(condition=Q(goods__gte=0, deductions__gte=0), name="settlement_statement_sums"),
        ]


class StatementLine(ShardModel):
    """Goods received, a claim the supplier bears, or what it funds of a play (negative: no more).

    All but goods wait without a statement for the next one.
    """

    statement = ShardFK("Statement", on_delete=models.PROTECT, related_name="lines", null=True, db_index=False)
    kind = models.CharField(max_length=9, choices=_choices(_LINE_KINDS))
    supplier_id = models.BigIntegerField()
    sale_on = models.DateField()
    sku_id = models.BigIntegerField()
    quantity = models.IntegerField()
    price = MoneyField()
    amount = MoneyField()
    order_id = models.BigIntegerField(null=True)
    campaign_id = models.BigIntegerField(null=True)
    cause = models.CharField(max_length=30, default="")

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(kind__in=_LINE_KINDS), name="settlement_statementline_kinds"),
            models.CheckConstraint(
                condition=Q(kind="goods", statement__isnull=False, amount=F("price") * F("quantity"))
                | Q(kind="deduction", order_id__isnull=False, amount__gt=0)
                | Q(kind="subsidy", order_id__isnull=False, campaign_id__isnull=False),
                name="settlement_statementline_amount",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["province_id", "statement"], name="settlement_line_statement"),
            models.Index(
                fields=["province_id", "supplier_id"], condition=Q(statement=None), name="settlement_line_waiting"
            ),
            models.Index(
                fields=["province_id", "order_id"], condition=Q(kind="subsidy"), name="settlement_line_funded"
            ),
        ]
