"""What others may ask of the books."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from django.db import connection
from django.db.models import Count, Max, Q, Sum

from lintuan.kernel import clock
from lintuan.kernel.callers import Caller, Kind
from lintuan.kernel.money import ZERO, Money, total

from . import facts, statement_views
from .engine import accounts, matching, proof
from .models import Commission, LeaderStatement, Posting, Raise, ReconCase, ReconRun, Statement
from .types import (
    AccountBalance,
    CaseView,
    CommissionDay,
    CommissionState,
    CommissionView,
    DayProof,
    EntryView,
    LeaderStatementView,
    StatementView,
    TrialBalance,
)

MAY_READ = "settlement.read"
MOST_ENTRIES = 1000
MOST_CASES = 500
MOST_DAYS = 60

_SIDES = """
SELECT split_part(a.code, ':', 1), sum(greatest(p.amount, 0))::bigint, sum(greatest(-p.amount, 0))::bigint
FROM settlement_posting p JOIN settlement_account a ON a.province_id = p.province_id AND a.id = p.account_id
WHERE p.province_id = %s AND a.province_id = %s GROUP BY 1 ORDER BY 1
"""


def prove_day(province_id: int, sale_on: date) -> DayProof:
    """Everything that must be true of a sale day, as far as it has come, with examples of what is not."""
    now = clock.now()
    day = facts.day_facts(province_id, sale_on, now)
    return DayProof(province_id, sale_on, day.is_over, now, proof.prove(day))


def trial_balance(caller: Caller, *, province_id: int) -> TrialBalance:
    """All accounts of a province, sub-accounts added up, and whether every journal is sound."""
    caller.require(MAY_READ, province_id)
    with connection.cursor() as cursor:
        cursor.execute(_SIDES, [province_id, province_id])
        rows = tuple(_balance(*row) for row in cursor.fetchall())
    journals, _, _, unsound = facts.soundness(province_id)
    return TrialBalance(rows, total(row.debit for row in rows), total(row.credit for row in rows), journals, unsound)


def entries(
    caller: Caller, *, province_id: int, sale_on: date, account: str = "", limit: int = 200
) -> Sequence[EntryView]:
    """Postings of a sale day, the latest journals first; `account` is a main account or a sub-account."""
    caller.require(MAY_READ, province_id)
    rows = Posting.objects.filter(
        province_id=province_id, journal__province_id=province_id, account__province_id=province_id
    )
    # Money at the gateway knows no sale day, but its order does.
    orders = Commission.objects.filter(province_id=province_id, sale_on=sale_on).values("order_id")
    rows = rows.filter(Q(journal__sale_on=sale_on) | Q(journal__sale_on=None, journal__order_id__in=orders))
    if account:
        rows = rows.filter(Q(account__code=account) | Q(account__code__startswith=f"{account}:"))
    latest = rows.select_related("journal", "account").order_by("-journal_id", "id")
    return [_entry(row) for row in latest[: min(limit, MOST_ENTRIES)]]


def cases(caller: Caller, *, province_id: int, sale_on: date | None = None) -> Sequence[CaseView]:
    """What the newest reconciliation of each sale day found, or of one day; the newest days first."""
    caller.require(MAY_READ, province_id)
    runs = ReconRun.objects.filter(province_id=province_id)
    if sale_on is not None:
        runs = runs.filter(sale_on=sale_on)
    newest = [run for (run,) in runs.values("sale_on").annotate(Max("id")).values_list("id__max")]
    rows = ReconCase.objects.filter(province_id=province_id, run__province_id=province_id, run_id__in=newest)
    return [_case(row) for row in rows.select_related("run").order_by("-run__sale_on", "id")[:MOST_CASES]]


def leader_commission(caller: Caller) -> CommissionView:
    """The calling leader's own commission, by sale day; the totals hold what plays raised beside the days."""
    caller.require_kind(Kind.LEADER)
    rows = Commission.objects.filter(province_id=caller.province_id, leader_id=caller.id)
    pending, booked = Q(state=CommissionState.PENDING.value), Q(state=CommissionState.BOOKED.value)
    sums = rows.aggregate(pending=Sum("amount", filter=pending), booked=Sum("amount", filter=booked))
    days = rows.filter(amount__gt=0).values("sale_on").annotate(
        orders=Count("id"), sold=Sum("paid"), back=Sum("given_back"),
        waiting=Sum("amount", filter=pending), firm=Sum("amount", filter=booked),
    )  # fmt: skip
    raised = Raise.objects.filter(province_id=caller.province_id, leader_id=caller.id).aggregate(
        pending=Sum("amount", filter=Q(booked_at=None)), booked=Sum("amount", filter=Q(booked_at__isnull=False))
    )
    return CommissionView(
        pending=(sums["pending"] or ZERO) + (raised["pending"] or ZERO),
        booked=(sums["booked"] or ZERO) + (raised["booked"] or ZERO),
        days=tuple(
            CommissionDay(
                sale_on=day["sale_on"],
                orders=day["orders"],
                base=day["sold"] - day["back"],
                pending=day["waiting"] or ZERO,
                booked=day["firm"] or ZERO,
            )
            for day in days.order_by("-sale_on")[:MOST_DAYS]
        ),
    )


def supplier_statements(caller: Caller) -> Sequence[StatementView]:
    """The calling supplier's own statements, the newest first."""
    caller.require_kind(Kind.SUPPLIER)
    rows = Statement.objects.filter(province_id=caller.province_id, supplier_id=caller.id).order_by("-sale_on")
    return statement_views.of_suppliers(caller.province_id, rows[:MOST_DAYS])


def statements(caller: Caller, *, province_id: int, sale_on: date) -> Sequence[StatementView]:
    """All suppliers' statements of a sale day."""
    caller.require(MAY_READ, province_id)
    rows = Statement.objects.filter(province_id=province_id, sale_on=sale_on).order_by("supplier_id")
    return statement_views.of_suppliers(province_id, rows)


def leader_statements(caller: Caller) -> Sequence[LeaderStatementView]:
    """The calling leader's own statements, the newest first."""
    caller.require_kind(Kind.LEADER)
    rows = LeaderStatement.objects.filter(province_id=caller.province_id, leader_id=caller.id).order_by("-sale_on")
    return statement_views.of_leaders(caller.province_id, rows[:MOST_DAYS])


def statements_of_leaders(caller: Caller, *, province_id: int, sale_on: date) -> Sequence[LeaderStatementView]:
    """All leaders' statements of a sale day."""
    caller.require(MAY_READ, province_id)
    rows = LeaderStatement.objects.filter(province_id=province_id, sale_on=sale_on).order_by("leader_id")
    return statement_views.of_leaders(province_id, rows)


def _balance(code: str, debit: int, credit: int) -> AccountBalance:
    title = accounts.title(code)
    return AccountBalance(code, title.zh, title.en, Money(debit), Money(credit))


def _entry(row: Posting) -> EntryView:
    title = accounts.title(row.account.code)
    return EntryView(
        journal_id=row.journal_id,
        kind=row.journal.kind,
        at=row.journal.at,
        sale_on=row.journal.sale_on,
        order_id=row.journal.order_id,
        memo=row.journal.memo,
        account=row.account.code,
        zh=title.zh,
        en=title.en,
        amount=row.amount,
    )


def _case(row: ReconCase) -> CaseView:
    zh, en = matching.CAUSES[matching.CaseKind(row.kind)]
    return CaseView(row.kind, row.subject, row.order_id, row.left, row.right, zh, en, row.run.sale_on, row.run.at)
