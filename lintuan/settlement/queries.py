"""What others may ask of the books."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from django.db.models import Count, Max, Q, Sum

from lintuan.kernel import clock
from lintuan.kernel.callers import Caller, Kind
from lintuan.kernel.errors import NotFound
from lintuan.kernel.money import ZERO, Money, total

from . import balances, case_views, facts, statement_views
from .engine import accounts, matching, proof
from .exporting import write_export
from .invoice_views import (
    invoice_file,
    invoice_queue,
    invoices_of_member,
    invoices_of_order,
    may_invoice,
    overdue_invoices,
    ready_at,
)
from .models import CaseFile, Commission, LeaderStatement, Raise, ReconCase, ReconRun, Statement, Transfer
from .partner_views import partner_contract, partner_contracts, settled_months, simulate
from .paying_views import (
    bank_accounts,
    failed_withdrawals,
    frozen_leaders,
    partner_names,
    payee_names,
    payouts_of_run,
    purse,
    run,
    run_file,
    runs,
    withdrawal,
)
from .purses import balance
from .rate_views import leader_rate, rates, short_of_margin, thresholds
from .types import (
    AccountBalance,
    BillDayCompared,
    CaseFileView,
    CaseView,
    CommissionDay,
    CommissionState,
    CommissionView,
    DayProof,
    EntryView,
    FileState,
    LeaderStatementView,
    StatementView,
    TrialBalance,
)

__all__ = [
    "MAY_READ", "balance", "bank_accounts", "bill_days", "case_file", "case_files", "cases", "entries",
    "failed_withdrawals", "frozen_leaders", "invoice_file", "invoice_queue", "invoices_of_member", "invoices_of_order",
    "leader_commission", "leader_rate", "leader_statements", "may_invoice", "overdue_invoices", "partner_contract",
    "partner_contracts", "partner_names", "payee_names", "payouts_of_run", "prove_day", "purse", "rates",
    "ready_at", "run", "run_file", "runs", "settled_months", "short_of_margin", "simulate", "statements",
    "statements_of_leaders", "supplier_statements", "thresholds", "trial_balance", "withdrawal", "write_export",
]  # fmt: skip

MAY_READ = "settlement.read"
MOST_ENTRIES = 1000
MOST_CASES = 500
MOST_DAYS = 60


def prove_day(province_id: int, sale_on: date) -> DayProof:
    """Everything that must be true of a sale day, as far as it has come, with examples of what is not."""
    now = clock.now()
    day = facts.day_facts(province_id, sale_on, now)
    return DayProof(province_id, sale_on, day.is_over, now, proof.prove(day))


def trial_balance(caller: Caller, *, province_id: int) -> TrialBalance:
    """All accounts of a province, sub-accounts added up, and whether every journal is whole."""
    caller.require(MAY_READ, province_id)
    known = balances.totals(province_id)
    rows = tuple(_balance(code, sides) for code, sides in known.accounts.items())
    debit, credit = total(row.debit for row in rows), total(row.credit for row in rows)
    return TrialBalance(rows, debit, credit, known.journals, known.unsound)


def entries(
    caller: Caller, *, province_id: int, sale_on: date, account: str = "", limit: int = 200
) -> Sequence[EntryView]:
    """Postings of a sale day, the latest journals first; `account` is a main account or a sub-account."""
    caller.require(MAY_READ, province_id)
    if account and not accounts.is_account(account):
        return []
    rows = Transfer.objects.filter(province_id=province_id)
    # Money at the gateway knows no sale day, but its order does.
    orders = Commission.objects.filter(province_id=province_id, sale_on=sale_on).values("order_id")
    rows = rows.filter(Q(sale_on=sale_on) | Q(sale_on=None, order_id__in=orders))
    if account:
        rows = rows.filter(_on(account))
    latest = list(rows.order_by("-id")[: min(limit, MOST_ENTRIES)])
    journals: dict[str, list[Transfer]] = {}
    for row in latest:
        journals.setdefault(row.source, []).insert(0, row)
    views = [view for legs in journals.values() for leg in legs for view in _entries(leg, legs[0].id)]
    asked = [view for view in views if account in ("", view.account, accounts.main(view.account))]
    return asked[: min(limit, MOST_ENTRIES)]


def cases(caller: Caller, *, province_id: int, sale_on: date | None = None) -> Sequence[CaseView]:
    """What the newest reconciliation of each sale day found, or of one day; the newest days first."""
    caller.require(MAY_READ, province_id)
    runs = ReconRun.objects.filter(province_id=province_id)
    if sale_on is not None:
        runs = runs.filter(sale_on=sale_on)
    newest = [run for (run,) in runs.values("sale_on").annotate(Max("id")).values_list("id__max")]
    rows = ReconCase.objects.filter(province_id=province_id, run__province_id=province_id, run_id__in=newest)
    return [_case(row) for row in rows.select_related("run").order_by("-run__sale_on", "id")[:MOST_CASES]]


def case_files(
    caller: Caller, *, province_id: int, state: FileState | None = None, kind: str = "", on_day: date | None = None
) -> Sequence[CaseFileView]:
    """Differences to be worked off, the newest first: those that are not closed unless a state is asked for."""
    caller.require(MAY_READ, province_id)
    rows = CaseFile.objects.filter(province_id=province_id)
    closed = FileState.CLOSED.value
    rows = rows.exclude(state=closed) if state is None else rows.filter(state=state.value)
    if kind:
        rows = rows.filter(kind=kind)
    if on_day is not None:
        rows = rows.filter(on_day=on_day)
    return case_views.of_files(rows.order_by("-on_day", "-id")[:MOST_CASES])


def case_file(caller: Caller, *, province_id: int, file_id: int) -> CaseFileView:
    """One difference with everything that was done about it."""
    caller.require(MAY_READ, province_id)
    row = CaseFile.objects.filter(province_id=province_id, id=file_id).first()
    if row is None:
        raise NotFound(thing="case")
    return case_views.with_steps(row)


def bill_days(caller: Caller, *, province_id: int) -> Sequence[BillDayCompared]:
    """The latest bill days as they were last compared: orders, bill and books side by side."""
    caller.require(MAY_READ, province_id)
    return case_views.of_days(province_id, MOST_DAYS)


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


def _balance(code: str, sides: balances.Sides) -> AccountBalance:
    title = accounts.title(code)
    return AccountBalance(code, title.zh, title.en, sides.debit, sides.credit)


def _on(account: str) -> Q:
    main, owner = accounts.numbers(account)
    if account == accounts.main(account):
        return Q(debit=main) | Q(credit=main)
    return Q(debit=main, debit_of=owner) | Q(credit=main, credit_of=owner)


def _entries(row: Transfer, journal_id: int) -> tuple[EntryView, EntryView]:
    debit, credit = accounts.code(row.debit, row.debit_of), accounts.code(row.credit, row.credit_of)
    return _entry(row, journal_id, debit, row.amount), _entry(row, journal_id, credit, -row.amount)


def _entry(row: Transfer, journal_id: int, account: str, amount: Money) -> EntryView:
    title = accounts.title(account)
    return EntryView(
        journal_id=journal_id,
        kind=row.kind,
        at=row.at,
        sale_on=row.sale_on,
        order_id=row.order_id,
        memo=row.memo,
        account=account,
        zh=title.zh,
        en=title.en,
        amount=amount,
    )


def _case(row: ReconCase) -> CaseView:
    zh, en = matching.CAUSES[matching.CaseKind(row.kind)]
    return CaseView(row.kind, row.subject, row.order_id, row.left, row.right, zh, en, row.run.sale_on, row.run.at)
