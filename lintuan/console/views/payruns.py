"""Pay-out runs: who gets what, approved by a second person."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_GET, require_POST

from lintuan.console.access import Visit, staff_page, tell
from lintuan.console.show import show
from lintuan.console.words import spoken
from lintuan.kernel.ids import public_id, read_public_id
from lintuan.kernel.money import ZERO
from lintuan.leaders import queries as leaders
from lintuan.payments.types import PayoutView
from lintuan.provinces import queries as provinces
from lintuan.settlement import commands, queries
from lintuan.settlement.engine.paying import (
    MAY_PAY,
    MAY_PREPARE,
    LineState,
    LineView,
    RunKind,
    RunState,
    RunView,
    WithdrawalView,
)
from lintuan.sourcing import queries as sourcing

#: Why somebody gets nothing, in words.
WHY: Mapping[str, tuple[str, str]] = {
    "frozen": ("提现已冻结", "withdrawals are frozen"),
    "uncovered": ("账上应付不足", "the books owe less than that"),
    "withdrawn": ("团长已撤回", "the leader took it back"),
    "no_bank": ("没有收款账户", "no bank account is known"),
    "nothing": ("本期应付不为正，抵扣下期", "nothing is due; it stands against the next"),
    "stale": ("已跨月，个税须重算", "another month by now, with another tax"),
    "bank_refused": ("银行退回", "the bank refused"),
    "dropped": ("批次已作废", "the run was given up"),
}


@require_GET
@staff_page(MAY_PREPARE)
def payruns(request: HttpRequest, visit: Visit) -> HttpResponse:
    """The latest runs, what failed, and where suppliers want their money."""
    place = {"province_id": visit.province_id}
    accounts = queries.bank_accounts(visit.caller, **place)
    failed = queries.failed_withdrawals(visit.caller, **place)
    frozen = queries.frozen_leaders(visit.caller, **place)
    names = leaders.names(visit.province_id, [*(view.leader_id for view in failed), *frozen])
    return show(
        request,
        visit,
        "payruns.html",
        runs=[_head(view) for view in queries.runs(visit.caller, **place)],
        failed=[_failed(view, names) for view in failed],
        frozen=[(names.get(leader_id, "?"), why) for leader_id, why in frozen.items()],
        suppliers=[
            {
                "id": public_id("supplier", visit.province_id, view.id),
                "view": view,
                "account": accounts.get(view.id, ("", "", "")),
            }
            for view in sourcing.suppliers(visit.province_id)
        ],
        may_pay=visit.caller.may(MAY_PAY, visit.province_id),
    )


@require_GET
@staff_page(MAY_PREPARE)
def payrun(request: HttpRequest, visit: Visit, run: str) -> HttpResponse:
    """One run, line by line as it stands now; htmx asks for its moving part again."""
    province_id, run_id = read_public_id("pay run", run)
    view = queries.run(visit.caller, province_id=province_id, run_id=run_id)
    told, names = queries.payouts_of_run(view), queries.payee_names(view)
    is_preparer = view.prepared_by == visit.caller.id
    return show(
        request,
        visit,
        "payrun.html",
        run=_head(view),
        lines=[_line(view, line, names, told.get(line.withdrawal_id or 0)) for line in view.lines],
        prepared_by=provinces.staff(view.prepared_by).name if view.prepared_by else "",
        approved_by=provinces.staff(view.approved_by).name if view.approved_by else "",
        may_approve=visit.caller.may(MAY_PAY, province_id) and not is_preparer,
        may_pay=visit.caller.may(MAY_PAY, province_id),
        is_short=view.kind is RunKind.LEADERS and view.held < view.total(LineState.WAITING),
    )


@require_GET
@staff_page(MAY_PREPARE)
def payrun_file(request: HttpRequest, visit: Visit, run: str) -> HttpResponse:
    """The list as a file; of an approved run of suppliers, the bank's."""
    province_id, run_id = read_public_id("pay run", run)
    text = queries.run_file(visit.caller, province_id=province_id, run_id=run_id)
    headers = {"Content-Disposition": f'attachment; filename="pay-run-{run}.csv"'}
    return HttpResponse(text.encode(), content_type="text/csv; charset=utf-8", headers=headers)


@require_POST
@staff_page(MAY_PREPARE)
def prepare(request: HttpRequest, visit: Visit) -> HttpResponse:
    is_suppliers = request.POST.get("kind") == RunKind.SUPPLIERS
    make = commands.prepare_supplier_run if is_suppliers else commands.prepare_leader_run
    run_id = make(visit.caller, province_id=visit.province_id)
    tell(request, spoken("已编制，请另一人审批。", "Prepared: another person approves it."))
    return redirect("console:payrun", public_id("pay run", visit.province_id, run_id))


@require_POST
@staff_page(MAY_PREPARE)
def decide(request: HttpRequest, visit: Visit, run: str) -> HttpResponse:
    """Approve a run, or give it up."""
    province_id, run_id = read_public_id("pay run", run)
    if request.POST.get("decision") == "approve":
        commands.approve_run(visit.caller, province_id=province_id, run_id=run_id)
        tell(request, spoken("已审批。", "Approved."))
    else:
        commands.drop_run(visit.caller, province_id=province_id, run_id=run_id)
        tell(request, spoken("已作废。", "Given up."))
    return redirect("console:payrun", run)


@require_POST
@staff_page(MAY_PAY)
def mark(request: HttpRequest, visit: Visit, run: str) -> HttpResponse:
    """The bank paid all lines that wait, or refused one."""
    province_id, run_id = read_public_id("pay run", run)
    if line := request.POST.get("refused", ""):
        _, line_id = read_public_id("pay line", line)
        commands.refuse_line(visit.caller, province_id=province_id, run_id=run_id, line_id=line_id)
        tell(request, spoken("已记为银行退回。", "Noted that the bank refused."))
    else:
        reference = request.POST.get("reference", "")
        commands.mark_paid(visit.caller, province_id=province_id, run_id=run_id, reference=reference)
        tell(request, spoken("已记账。", "Booked."))
    return redirect("console:payrun", run)


@require_POST
@staff_page(MAY_PAY)
def failed(request: HttpRequest, visit: Visit, withdrawal: str) -> HttpResponse:
    """Try a failed withdrawal again, or drop it."""
    province_id, withdrawal_id = read_public_id("withdrawal", withdrawal)
    is_retry = request.POST.get("decision") == "retry"
    act = commands.retry_withdrawal if is_retry else commands.drop_withdrawal
    act(visit.caller, province_id=province_id, withdrawal_id=withdrawal_id)
    tell(request, spoken("已重新打款。", "Tried again.") if is_retry else spoken("已退回可提现。", "Dropped."))
    return redirect("console:payruns")


@require_POST
@staff_page(MAY_PREPARE)
def bank_account(request: HttpRequest, visit: Visit, supplier: str) -> HttpResponse:
    province_id, supplier_id = read_public_id("supplier", supplier)
    told = (request.POST.get("holder", ""), request.POST.get("account", ""), request.POST.get("bank", ""))
    commands.set_bank_account(visit.caller, province_id=province_id, supplier_id=supplier_id, account=told)
    tell(request, spoken("收款账户已保存。", "The bank account is saved."))
    return redirect("console:payruns")


def _head(view: RunView) -> dict[str, Any]:
    left = view.total(LineState.WAITING, LineState.SENT, LineState.PAID)
    return {
        "id": public_id("pay run", view.province_id, view.id),
        "view": view,
        "is_leaders": view.kind is RunKind.LEADERS,
        "is_prepared": view.state is RunState.PREPARED,
        "to_be_marked": view.kind is RunKind.SUPPLIERS and view.state is RunState.APPROVED,
        "is_moving": view.kind is RunKind.LEADERS and view.state in (RunState.APPROVED, RunState.DONE),
        "paid": sum(line.state is not LineState.SKIPPED for line in view.lines),
        "skipped": sum(line.state is LineState.SKIPPED for line in view.lines),
        "total": left,
    }


def _line(run: RunView, line: LineView, names: Mapping[int, str], payout: PayoutView | None) -> dict[str, Any]:
    zh, en = WHY.get(line.reason, (line.reason, line.reason))
    return {
        "id": public_id("pay line", run.province_id, line.id),
        "name": names.get(line.payee_id, "?"),
        "view": line,
        "state": payout.state if payout else line.state,
        "number": payout.number if payout else line.reference,
        "why": spoken(zh, en) if line.reason else (payout.reason if payout else ""),
        "is_waiting": line.state is LineState.WAITING,
        "net": line.net if line.state is not LineState.SKIPPED else ZERO,
    }


def _failed(view: WithdrawalView, names: Mapping[int, str]) -> dict[str, Any]:
    name = names.get(view.leader_id, "?")
    return {"id": public_id("withdrawal", view.province_id, view.id), "view": view, "name": name}
