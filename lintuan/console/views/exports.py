"""The books as files."""

from __future__ import annotations

import tempfile
from datetime import date
from typing import TypeVar, cast

from django.http import FileResponse, HttpRequest, HttpResponse
from django.views.decorators.http import require_GET

from lintuan.console.access import Visit, staff_page, supplier_page
from lintuan.console.show import show
from lintuan.console.words import spoken
from lintuan.kernel.errors import Invalid
from lintuan.kernel.timeline import EARLIEST, LATEST
from lintuan.settlement import queries
from lintuan.settlement.types import MAY_INVOICE, MAY_SEE_NAMES, Form, Table, Wish

#: Bytes of a file that are kept in memory before it goes to disk.
IN_MEMORY = 1 << 20
Word = TypeVar("Word", Table, Form)
TABLES = {
    Table.LEDGER: ("账簿分录", "Ledger"),
    Table.BALANCES: ("科目余额", "Balances"),
    Table.SUPPLIERS: ("供应商对账单", "Supplier statements"),
    Table.LEADERS: ("团长对账单", "Leader statements"),
    Table.COMMISSION: ("团长佣金", "Commission"),
    Table.CASES: ("对账差异", "Reconciliation cases"),
    Table.PAY_RUNS: ("付款批次", "Pay runs"),
    Table.INVOICES: ("已开发票", "Invoices issued"),
    Table.TO_INVOICE: ("待开发票", "Invoices to be issued"),
}
MEDIA = {
    Form.CSV: "text/csv; charset=utf-8",
    Form.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    Form.BEANCOUNT: "text/plain; charset=utf-8",
}


@require_GET
@staff_page("settlement.read")
def exports(request: HttpRequest, visit: Visit) -> HttpResponse:
    """What can be exported, of which days, in which form."""
    may_invoice = visit.caller.may(MAY_INVOICE, visit.province_id)
    return show(
        request,
        visit,
        "exports.html",
        tables=[
            (table.value, spoken(*names))
            for table, names in TABLES.items()
            if table is not Table.TO_INVOICE or may_invoice
        ],
        forms=list(Form),
        sees_names=visit.caller.may(MAY_SEE_NAMES, visit.province_id),
    )


@require_GET
@staff_page("settlement.read")
def export_file(request: HttpRequest, visit: Visit) -> HttpResponse:
    """The file itself."""
    wish = Wish(
        table=_word(Table, request.GET.get("what", "")),
        form=_word(Form, request.GET.get("form", "")),
        since=_day(request.GET.get("from", "")),
        until=_day(request.GET.get("until", "")),
        names="names" in request.GET,
        bom="plain" not in request.GET,
    )
    return _file(visit, wish)


@require_GET
@staff_page(MAY_INVOICE)
def invoice_batch(request: HttpRequest, visit: Visit) -> HttpResponse:
    """What may be issued now, for the tax office's platform or an agent."""
    form = Form.XLSX if request.GET.get("form") == Form.XLSX else Form.CSV
    return _file(visit, Wish(Table.TO_INVOICE, form))


@require_GET
@supplier_page
def supplier_file(request: HttpRequest, visit: Visit) -> HttpResponse:
    """The calling supplier's own statements."""
    form = Form.CSV if request.GET.get("form") == Form.CSV else Form.XLSX
    since, until = _day(request.GET.get("from", "")), _day(request.GET.get("until", ""))
    return _file(visit, Wish(Table.SUPPLIERS, form, since, until, supplier_id=visit.caller.id))


def _file(visit: Visit, wish: Wish) -> HttpResponse:
    """Written whole before the first byte goes out, so that a refusal is a page and no cut-off file."""
    out = tempfile.SpooledTemporaryFile(max_size=IN_MEMORY)  # noqa: SIM115  the answer closes it
    try:
        queries.write_export(visit.caller, out, province_id=visit.province_id, wish=wish)  # type: ignore[arg-type]
    except BaseException:
        out.close()
        raise
    out.seek(0)
    days = "".join(f"-{day}" for day in (wish.since, wish.until) if day)
    name = f"lintuan-{visit.province_id}-{wish.table}{days}.{wish.form}"
    response = FileResponse(out, as_attachment=True, filename=name, content_type=MEDIA[wish.form])
    response["Cache-Control"] = "private, no-store"
    # A page answers with whatever Django sends; the stubs have no common name for both.
    return cast(HttpResponse, response)


def _word(words: type[Word], text: str) -> Word:
    try:
        return words(text)
    except ValueError:
        raise Invalid(reason=", ".join(words)) from None


def _day(text: str) -> date | None:
    if not text:
        return None
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise Invalid(reason="YYYY-MM-DD") from None
    if not EARLIEST <= day <= LATEST:
        raise Invalid(reason=f"{EARLIEST} - {LATEST}")
    return day
