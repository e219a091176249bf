"""Pay-out runs: who gets what, approved by a second person."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
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
    Banked,
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


PREPARE: Mapping[str, Callable[..., int]] = {
    RunKind.SUPPLIERS: commands.prepare_supplier_run,
    RunKind.PARTNERS: commands.prepare_partner_run,
}


@require_GET
@staff_page(MAY_PREPARE)
def payruns(request: HttpRequest, visit: Visit) -> HttpResponse:
    """The latest runs, what failed, and where suppliers and traffic partners want their money."""
    place = {"province_id": visit.province_id}
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
        banks=[
            {
                "title": spoken("供应商收款账户", "Suppliers' bank accounts"),
                "rows": _banks(
                    visit,
                    Banked.SUPPLIER,
                    {one.id: spoken(one.name, one.name_en) for one in sourcing.suppliers(visit.province_id)},
                ),
            },
            {
                "title": spoken("伙伴收款账户", "Partners' bank accounts"),
                "rows": _banks(visit, Banked.PARTNER, queries.partner_names(visit.caller, **place)),
            },
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
    """The list as a file; of an approved run that the bank pays, the bank's."""
    province_id, run_id = read_public_id("pay run", run)
    text = queries.run_file(visit.caller, province_id=province_id, run_id=run_id)
    headers = {"Content-Disposition": f'attachment; filename="pay-run-{run}.csv"'}
    return HttpResponse(text.encode(), content_type="text/csv; charset=utf-8", headers=headers)


@require_POST
@staff_page(MAY_PREPARE)
def prepare(request: HttpRequest, visit: Visit) -> HttpResponse:
    make = PREPARE.get(request.POST.get("kind", ""), commands.prepare_leader_run)
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
    return _save_account(request, visit, Banked.SUPPLIER, read_public_id("supplier", supplier))


@require_POST
@staff_page(MAY_PREPARE)
def partner_account(request: HttpRequest, visit: Visit, partner: str) -> HttpResponse:
    return _save_account(request, visit, Banked.PARTNER, read_public_id("partner", partner))


def _save_account(request: HttpRequest, visit: Visit, kind: Banked, payee: tuple[int, int]) -> HttpResponse:
    province_id, payee_id = payee
    told = (request.POST.get("holder", ""), request.POST.get("account", ""), request.POST.get("bank", ""))
    commands.set_bank_account(visit.caller, province_id=province_id, kind=kind, payee_id=payee_id, account=told)
    tell(request, spoken("收款账户已保存。", "The bank account is saved."))
    return redirect("console:payruns")


def _banks(visit: Visit, kind: Banked, names: Mapping[int, str]) -> list[dict[str, Any]]:
    known = queries.bank_accounts(visit.caller, province_id=visit.province_id, kind=kind)
    url = "console:partner-account" if kind is Banked.PARTNER else "console:bank-account"
    return [
        {"id": one, "url": reverse(url, args=[one]), "name": name, "account": known.get(payee_id, ("", "", ""))}
        for payee_id, name in names.items()
        for one in [public_id(kind.value, visit.province_id, payee_id)]
    ]


def _head(view: RunView) -> dict[str, Any]:
    left = view.total(LineState.WAITING, LineState.SENT, LineState.PAID)
    return {
        "id": public_id("pay run", view.province_id, view.id),
        "view": view,
        "is_leaders": view.kind is RunKind.LEADERS,
        "is_prepared": view.state is RunState.PREPARED,
        "to_be_marked": view.kind.is_by_bank and view.state is RunState.APPROVED,
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
