"""Invoices that members asked for: the queue, and what the tax office's platform answered."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_GET, require_POST

from lintuan.console.access import Visit, staff_page, tell
from lintuan.console.show import show
from lintuan.console.words import spoken
from lintuan.kernel import clock
from lintuan.kernel.ids import public_id, read_public_id
from lintuan.settlement import commands, queries
from lintuan.settlement.types import LARGEST_PAPER, MAY_INVOICE, InvoiceState, InvoiceView, Paper


@require_GET
@staff_page(MAY_INVOICE)
def invoices(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Those to be issued, the most urgent first, and what was closed before."""
    waiting = _rows(visit, InvoiceState.ASKED)
    closed = [
        row
        for state in (InvoiceState.ISSUED, InvoiceState.REDDENED, InvoiceState.REFUSED)
        for row in _rows(visit, state)
    ]
    return show(
        request,
        visit,
        "invoices.html",
        ready=[row for row in waiting if row["is_ready"]],
        early=[row for row in waiting if not row["is_ready"]],
        closed=closed,
        overdue=queries.overdue_invoices(visit.province_id),
    )


@require_POST
@staff_page(MAY_INVOICE)
def decide(request: HttpRequest, visit: Visit, invoice: str) -> HttpResponse:
    """Write down an issued invoice with its file or link, or refuse with a reason."""
    province_id, invoice_id = read_public_id("invoice", invoice)
    if request.POST.get("decision") == "refuse":
        commands.refuse_invoice(
            visit.caller, province_id=province_id, invoice_id=invoice_id, reason=request.POST.get("reason", "")
        )
        tell(request, spoken("已拒绝，邻居能看到原因。", "Refused: the neighbour sees the reason."))
        return redirect("console:invoices")
    upload = request.FILES.get("file")
    paper = Paper(
        number=request.POST.get("number", "").strip(),
        code=request.POST.get("code", "").strip(),
        link=request.POST.get("link", "").strip(),
        content=upload.read(LARGEST_PAPER + 1) if upload else b"",
    )
    commands.issue_invoice(visit.caller, province_id=province_id, invoice_id=invoice_id, paper=paper)
    tell(request, spoken("已登记开票。", "Written down as issued."))
    return redirect("console:invoices")


def _rows(visit: Visit, state: InvoiceState) -> list[dict[str, Any]]:
    found = queries.invoice_queue(visit.caller, province_id=visit.province_id, state=state)
    return [_row(view) for view in found]


def _row(view: InvoiceView) -> dict[str, Any]:
    now = clock.now()
    return {
        "invoice": view,
        "id": public_id("invoice", view.province_id, view.id),
        "is_ready": view.ready_at <= now,
        "is_late": view.due_at < now and view.state is InvoiceState.ASKED,
        "unknown": [line.name for line in view.lines if line.rate_bps is None],
    }
