from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction

from lintuan.kernel import clock
from lintuan.kernel.callers import Caller
from lintuan.kernel.commands import command
from lintuan.kernel.errors import CannotMove, Forbidden, Invalid, NotFound, Refusal
from lintuan.kernel.money import ZERO, total
from lintuan.ordering import queries as ordering
from lintuan.ordering.types import OrderView
from lintuan.provinces.queries import province
from lintuan.settlement import invoice_views
from lintuan.settlement.engine import invoicing
from lintuan.settlement.errors import (
    EmailRefused,
    InvoiceAskedFor,
    InvoiceTooEarly,
    NothingToInvoice,
    NumberUsed,
    PaperRefused,
    TaxpayerNumberRefused,
    TaxUnknown,
    TitleRefused,
)
from lintuan.settlement.invoice_models import Invoice, InvoicedLine, InvoicePaper
from lintuan.settlement.types import (
    LARGEST_PAPER,
    MAY_INVOICE,
    InvoiceKind,
    InvoiceLine,
    InvoiceState,
    InvoiceTitle,
    Paper,
    TitleKind,
)

_NUMBER = re.compile(r"\d{8}|\d{20}", re.ASCII)
_CODE = re.compile(r"(\d{10}|\d{12})?", re.ASCII)
_LINK = re.compile(r"https://[^\s\"'<>]{3,290}", re.ASCII)
_MEDIA = {b"%PDF-": "application/pdf", b"PK\x03\x04": "application/ofd"}
_STANDING = (InvoiceState.ASKED.value, InvoiceState.ISSUED.value)
LONGEST_REASON = 300
NOTHING_LEFT = "已全额退款 All was paid back"


@command
def ask_invoice(caller: Caller, *, province_id: int, order_id: int, title: InvoiceTitle, key: str | None = None) -> int:
    """Ask for the invoice of one of the caller's own orders; answers its id.

    It is issued when no claim can change the order any more, within the province's `invoice_days` from then.
    """
    _check_title(title)
    order = ordering.order(caller, province_id, order_id)
    if not caller.is_member(province_id, order.member_id):
        raise Forbidden
    if not invoice_views.may_invoice(order):
        raise NothingToInvoice
    mine = Invoice.objects.filter(province_id=province_id, order_id=order_id)
    if mine.filter(kind=InvoiceKind.BLUE.value, state__in=_STANDING).exists() or _red_waits(province_id, order_id):
        raise InvoiceAskedFor
    with _refused_as(InvoiceAskedFor, "settlement_invoice_once"):
        return _ask(order, title, None)


@command
def issue_invoice(caller: Caller, *, province_id: int, invoice_id: int, paper: Paper, key: str | None = None) -> None:
    """Write down what the tax office's platform answered; what the invoice says stays so from now on.

    Issuing a red one takes its blue one back, and asks for another of what is left.
    """
    caller.require(MAY_INVOICE, province_id)
    media = _check_paper(paper)
    row = _open(province_id, invoice_id, InvoiceState.ISSUED)
    lines = _lines_of(row)
    InvoicedLine.objects.bulk_create(_frozen(row, line) for line in lines)
    row.state, row.closed_at = InvoiceState.ISSUED.value, clock.now()
    row.number, row.code, row.link = paper.number, paper.code, paper.link
    row.amount = total(line.amount for line in lines)
    with _refused_as(NumberUsed, "settlement_invoice_number"):
        row.save()
    if paper.content:
        InvoicePaper.objects.create(province_id=province_id, invoice=row, media=media, content=paper.content)
    if row.kind == InvoiceKind.RED.value:
        _redden(row)


@command
def refuse_invoice(caller: Caller, *, province_id: int, invoice_id: int, reason: str) -> None:
    """Say why an invoice cannot be issued; the member may ask again. A red one must be issued."""
    caller.require(MAY_INVOICE, province_id)
    text = reason.strip()[:LONGEST_REASON]
    if not text:
        raise Invalid(reason="reason")
    row = _open(province_id, invoice_id, InvoiceState.REFUSED)
    if row.kind == InvoiceKind.RED.value:
        raise CannotMove(state=InvoiceKind.RED.value, to=InvoiceState.REFUSED.value)
    _refuse(row, text)


def correct_invoices(province_id: int, order_ids: Collection[int]) -> int:
    """Ask for a red invoice wherever an issued one says more than was left of its order; answers how many.

    One that waits for an order of which nothing is left is refused.
    """
    # Locked before the orders are read: an invoice that is just being issued is waited for.
    rows = Invoice.objects.filter(
        province_id=province_id, order_id__in=order_ids, kind=InvoiceKind.BLUE.value, state__in=_STANDING
    )
    standing = list(rows.select_for_update().order_by("id"))
    orders = ordering.orders(province_id, {row.order_id for row in standing})
    issued = [row for row in standing if row.state == InvoiceState.ISSUED.value]
    for row in standing:
        if row not in issued and not orders[row.order_id].bill.paid:
            _refuse(row, NOTHING_LEFT)
    reds = Invoice.objects.filter(province_id=province_id, corrects_id__in=[row.id for row in issued])
    waiting = set(reds.filter(kind=InvoiceKind.RED.value).values_list("corrects_id", flat=True))
    wrong = [row for row in issued if row.id not in waiting and row.amount != orders[row.order_id].bill.paid]
    for row in wrong:
        _ask(orders[row.order_id], _title(row), row, kind=InvoiceKind.RED)
    return len(wrong)


def forget_titles(province_id: int, member_id: int) -> None:
    """Drop what the law does not make us keep of a member's invoices: where they were to be sent."""
    Invoice.objects.filter(province_id=province_id, member_id=member_id).update(email="")


def _refuse(row: Invoice, reason: str) -> None:
    row.state, row.closed_at, row.reason = InvoiceState.REFUSED.value, clock.now(), reason
    row.save()


def _ask(
    order: OrderView, title: InvoiceTitle, corrects: Invoice | None, *, kind: InvoiceKind = InvoiceKind.BLUE
) -> int:
    now, ready = clock.now(), invoice_views.ready_at(order)
    days = province(order.province_id).terms.invoice_days
    row = Invoice.objects.create(
        province_id=order.province_id,
        order_id=order.id,
        member_id=order.member_id,
        corrects=corrects,
        kind=kind.value,
        title_kind=title.kind.value,
        title=title.title,
        taxpayer_number=title.number,
        email=title.email,
        amount=ZERO,
        asked_at=now,
        ready_at=ready,
        due_at=max(now, ready) + timedelta(days=days),
    )
    return int(row.id)


@contextmanager
def _refused_as(refusal: type[Refusal], constraint: str) -> Iterator[None]:
    """The database refuses what a twin did meanwhile."""
    try:
        with transaction.atomic():
            yield
    except IntegrityError as wrong:
        if constraint not in str(wrong):
            raise
        raise refusal from wrong


def _open(province_id: int, invoice_id: int, to: InvoiceState) -> Invoice:
    """An invoice that waits, locked."""
    row = Invoice.objects.select_for_update().filter(province_id=province_id, id=invoice_id).first()
    if row is None:
        raise NotFound(thing="invoice")
    if row.state != InvoiceState.ASKED.value:
        raise CannotMove(state=row.state, to=to.value)
    return row


def _lines_of(row: Invoice) -> Sequence[InvoiceLine]:
    """What an invoice is to say, from its order as it is now; a red one, from the blue one."""
    view = invoice_views.views(row.province_id, [row])[0]
    if row.kind == InvoiceKind.RED.value:
        return view.lines
    _check_time(row, clock.now())
    if not view.lines:
        raise NothingToInvoice
    if unknown := [line.name for line in view.lines if line.rate_bps is None]:
        raise TaxUnknown(goods=", ".join(unknown))
    return view.lines


def _check_time(row: Invoice, now: datetime) -> None:
    if now < row.ready_at:
        raise InvoiceTooEarly(until=f"{row.ready_at:%Y-%m-%d %H:%M} UTC")


def _frozen(row: Invoice, line: InvoiceLine) -> InvoicedLine:
    return InvoicedLine(
        province_id=row.province_id,
        invoice=row,
        line_id=line.line_id,
        sku_id=line.sku_id,
        name=line.name,
        spec=line.spec,
        unit=line.unit,
        quantity=line.quantity,
        amount=line.amount,
        tax=line.tax,
        tax_code=line.tax_code,
        rate_bps=line.rate_bps or 0,
        is_exempt=line.is_exempt,
    )


def _redden(red: Invoice) -> None:
    blue = Invoice.objects.select_for_update().get(province_id=red.province_id, id=red.corrects_id or 0)
    blue.state = InvoiceState.REDDENED.value
    blue.save()
    order = ordering.orders(red.province_id, [red.order_id])[red.order_id]
    if invoice_views.may_invoice(order):
        _ask(order, _title(blue), red)


def _red_waits(province_id: int, order_id: int) -> bool:
    rows = Invoice.objects.filter(province_id=province_id, order_id=order_id, kind=InvoiceKind.RED.value)
    return rows.filter(state=InvoiceState.ASKED.value).exists()


def _title(row: Invoice) -> InvoiceTitle:
    return InvoiceTitle(TitleKind(row.title_kind), row.title, row.taxpayer_number, row.email)


def _check_title(title: InvoiceTitle) -> None:
    if not invoicing.is_title(title.title):
        raise TitleRefused
    if (title.kind is TitleKind.COMPANY or title.number) and not invoicing.is_taxpayer_number(title.number):
        raise TaxpayerNumberRefused
    if title.email and not invoicing.is_email(title.email):
        raise EmailRefused


def _check_paper(paper: Paper) -> str:
    """The media type of its file."""
    media = next((kind for begin, kind in _MEDIA.items() if paper.content.startswith(begin)), "")
    has_file = bool(media) and len(paper.content) <= LARGEST_PAPER
    is_whole = has_file or (not paper.content and bool(paper.link))
    fits = _CODE.fullmatch(paper.code) and (len(paper.number) == 20) == (not paper.code)
    if not (is_whole and fits and _NUMBER.fullmatch(paper.number)):
        raise PaperRefused
    if paper.link and not _LINK.fullmatch(paper.link):
        raise PaperRefused
    return media
