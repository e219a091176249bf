from __future__ import annotations

from enum import StrEnum
from typing import ClassVar

from django.db import models
from django.db.models import F, Q, Value

from lintuan.kernel.fields import MoneyField
from lintuan.kernel.shard import ShardFK, ShardModel

from .engine.paying import Banked, LineState, Position, RunKind, RunState, WithdrawalState


def _words(words: type[StrEnum]) -> list[str]:
    return [word.value for word in words]


def _choices(words: type[StrEnum]) -> list[tuple[str, str]]:
    return [(word, word) for word in _words(words)]


class Payee(ShardModel):
    """What staff decided of a leader's withdrawals; a business pays its taxes itself, and `frozen` says why."""

    leader_id = models.BigIntegerField()
    is_business = models.BooleanField(default=False)
    frozen = models.CharField(max_length=200, default="")
    changed_by = models.CharField(max_length=60, default="")
    changed_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["province_id", "leader_id"], name="settlement_payee_once")
        ]


class Withdrawal(ShardModel):
    """Commission that a leader asks for; `booked` is what the books show of it, after `journals` journals.

    `month` is the first day of the month whose income it is for the tax, from when it is paid.
    """

    leader_id = models.BigIntegerField()
    amount = MoneyField()
    tax = MoneyField()
    openid = models.CharField(max_length=64)
    name = models.CharField(max_length=64, default="")
    state = models.CharField(max_length=9, choices=_choices(WithdrawalState), default=WithdrawalState.ASKED.value)
    booked = models.CharField(max_length=4, choices=_choices(Position), default=Position.NONE.value)
    journals = models.SmallIntegerField(default=0)
    month = models.DateField(null=True)
    asked_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    reason = models.CharField(max_length=200, default="")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["province_id", "leader_id"],
                condition=Q(state__in=["asked", "paying", "failed"]),
                name="settlement_withdrawal_one_open",
            ),
            models.CheckConstraint(condition=Q(state__in=_words(WithdrawalState)), name="settlement_withdrawal_state"),
            models.CheckConstraint(
                condition=Q(amount__gt=0, tax__gte=0, tax__lt=F("amount")), name="settlement_withdrawal_amounts"
            ),
            models.CheckConstraint(
                condition=Q(state__in=["asked", "paying", "failed"], ended_at=None)
                | Q(state__in=["done", "cancelled", "returned"], ended_at__isnull=False, name=""),
                name="settlement_withdrawal_ended",
            ),
            models.CheckConstraint(
                condition=Q(state="paying", booked="out", month__isnull=False)
                | Q(state="done", booked="paid", month__isnull=False)
                | Q(state__in=["asked", "failed", "cancelled", "returned"], booked="none"),
                name="settlement_withdrawal_booked",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["province_id", "leader_id", "-id"], name="settlement_withdrawal_leader"),
            models.Index(fields=["province_id", "id"], condition=Q(state="asked"), name="settlement_withdrawal_asked"),
        ]


class BalanceWithdrawal(ShardModel):
    """A member's balance that is paid out; `booked` is what the books show of it, after `journals` journals."""

    member_id = models.BigIntegerField()
    amount = MoneyField()
    state = models.CharField(max_length=9, choices=_choices(WithdrawalState), default=WithdrawalState.PAYING.value)
    booked = models.CharField(max_length=4, choices=_choices(Position), default=Position.NONE.value)
    journals = models.SmallIntegerField(default=0)
    asked_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["province_id", "member_id"],
                condition=Q(state__in=["paying", "failed"]),
                name="settlement_balancewithdrawal_one_open",
            ),
            models.CheckConstraint(condition=Q(amount__gt=0), name="settlement_balancewithdrawal_amount"),
            models.CheckConstraint(
                condition=Q(state="paying", booked="out", ended_at=None)
                | Q(state="failed", booked="none", ended_at=None)
                | Q(state="done", booked="paid", ended_at__isnull=False)
                | Q(state__in=["cancelled", "returned"], booked="none", ended_at__isnull=False),
                name="settlement_balancewithdrawal_state",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["province_id", "member_id", "-id"], name="settlement_bwithdrawal_member"),
        ]


class PayRun(ShardModel):
    """Payments that one person prepared and another approves; `month` is whose income they are for the tax."""

    kind = models.CharField(max_length=9, choices=_choices(RunKind))
    state = models.CharField(max_length=8, choices=_choices(RunState), default=RunState.PREPARED.value)
    prepared_by = models.BigIntegerField()
    prepared_at = models.DateTimeField()
    approved_by = models.BigIntegerField(null=True)
    approved_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    month = models.DateField()
    held = MoneyField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["province_id", "kind"],
                condition=Q(state__in=["prepared", "approved"]),
                name="settlement_payrun_one_open",
            ),
            models.CheckConstraint(condition=Q(kind__in=_words(RunKind)), name="settlement_payrun_kind"),
            models.CheckConstraint(
                condition=Q(state__in=["prepared", "dropped"], approved_by=None)
                | Q(state__in=["approved", "done"], approved_by__isnull=False, approved_at__isnull=False),
                name="settlement_payrun_state",
            ),
            models.CheckConstraint(
                condition=Q(approved_by=None) | ~Q(approved_by=F("prepared_by")), name="settlement_payrun_four_eyes"
            ),
        ]


class PayLine(ShardModel):
    """One payment of a run; the bank account is the payee's as it was prepared."""

    run = ShardFK("PayRun", on_delete=models.PROTECT, related_name="lines", db_index=False)
    payee_id = models.BigIntegerField()
    withdrawal = ShardFK("Withdrawal", on_delete=models.PROTECT, related_name="lines", null=True, db_index=False)
    amount = MoneyField()
    tax = MoneyField()
    state = models.CharField(max_length=7, choices=_choices(LineState), default=LineState.WAITING.value)
    reason = models.CharField(max_length=200, default="")
    holder = models.CharField(max_length=80, default="")
    account = models.CharField(max_length=40, default="")
    bank = models.CharField(max_length=80, default="")
    reference = models.CharField(max_length=60, default="")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["province_id", "run", "payee_id"], name="settlement_payline_once"),
            models.UniqueConstraint(
                fields=["province_id", "withdrawal"],
                condition=Q(state__in=["waiting", "sent"]),
                name="settlement_payline_one_run",
            ),
            models.CheckConstraint(condition=Q(state__in=_words(LineState)), name="settlement_payline_state"),
            models.CheckConstraint(
                condition=Q(state="skipped") | Q(amount__gt=0, tax__gte=0, tax__lt=F("amount")),
                name="settlement_payline_amounts",
            ),
            models.CheckConstraint(
                condition=Q(state="paid", withdrawal=None) & ~Q(reference="") | ~Q(state="paid") & Q(reference=""),
                name="settlement_payline_paid",
            ),
        ]


class PaidStatement(ShardModel):
    """A supplier's statement that a line pays, or nets against others; gone again where the line is left out."""

    line = ShardFK("PayLine", on_delete=models.PROTECT, related_name="statements", db_index=False)
    statement = ShardFK("Statement", on_delete=models.PROTECT, related_name="paid", db_index=False)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["province_id", "statement"], name="settlement_paidstatement_once")
        ]
        indexes: ClassVar = [models.Index(fields=["province_id", "line"], name="settlement_paidstatement_line")]


class BankAccount(ShardModel):
    """Where a supplier or a traffic partner wants its money."""

    kind = models.CharField(
        max_length=8,
        choices=_choices(Banked),
        default=Banked.SUPPLIER.value,
        db_default=Value(Banked.SUPPLIER.value),
    )
    # The column is called as when there were suppliers' accounts alone: it is not renamed under running servers.
    payee_id = models.BigIntegerField(db_column="supplier_id")
    holder = models.CharField(max_length=80)
    account = models.CharField(max_length=40)
    bank = models.CharField(max_length=80)
    set_by = models.BigIntegerField()
    set_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["province_id", "kind", "payee_id"], name="settlement_bankaccount_payee"),
            models.CheckConstraint(condition=Q(kind__in=_words(Banked)), name="settlement_bankaccount_kind"),
        ]
