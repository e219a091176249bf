"""Invoices as their readers see them, and what one would say now."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, datetime

from django.db.models import Q, QuerySet

from lintuan.catalog import queries as catalog
from lintuan.catalog.types import SkuView
from lintuan.kernel import clock
from lintuan.kernel.callers import Caller, Kind
from lintuan.kernel.errors import NotFound
from lintuan.kernel.money import Money
from lintuan.ordering import queries as ordering
from lintuan.ordering.types import LineView, OrderView, State
from lintuan.provinces.queries import province

from . import vat
from .engine import invoicing
from .engine.invoicing import Rate
from .invoice_models import GoodsTaxRow, Invoice, InvoicedLine, InvoicePaper
from .types import (
    MAY_INVOICE,
    InvoiceFile,
    InvoiceKind,
    InvoiceLine,
    InvoiceState,
    InvoiceTitle,
    InvoiceView,
    TitleKind,
)

MOST_LISTED = 200
#: Orders that hold money of a member's.
_PAID = (State.PAID, State.COLLECTED, State.UNCLAIMED)

Taxes = Mapping[int, tuple[str, Rate | None]]


def invoices_of_member(caller: Caller) -> Sequence[InvoiceView]:
    """All invoices of the calling member, the newest first."""
    caller.require_kind(Kind.MEMBER)
    rows = Invoice.objects.filter(province_id=caller.province_id, member_id=caller.id)
    return views(caller.province_id, rows.order_by("-id")[:MOST_LISTED])


def invoices_of_order(caller: Caller, order: OrderView) -> Sequence[InvoiceView]:
    """The calling member's invoices of one of their orders, the newest first."""
    caller.require_kind(Kind.MEMBER)
    rows = Invoice.objects.filter(province_id=order.province_id, order_id=order.id, member_id=caller.id)
    return views(order.province_id, rows.order_by("-id")[:MOST_LISTED])


def invoice_queue(caller: Caller, *, province_id: int, state: InvoiceState) -> Sequence[InvoiceView]:
    """Invoices to be issued, the most urgent first, or those that were closed, the newest first."""
    caller.require(MAY_INVOICE, province_id)
    rows = Invoice.objects.filter(province_id=province_id, state=state.value)
    ordered = rows.order_by("due_at", "id") if state is InvoiceState.ASKED else rows.order_by("-closed_at", "-id")
    return views(province_id, ordered[:MOST_LISTED])


def overdue_invoices(province_id: int) -> int:
    """How many should have been issued by now."""
    rows = Invoice.objects.filter(province_id=province_id, state=InvoiceState.ASKED.value)
    return rows.filter(due_at__lt=clock.now()).count()


def invoice_file(caller: Caller, *, province_id: int, invoice_id: int) -> InvoiceFile:
    """The file of an invoice, for its member and those who issue; NotFound for anyone else or without a file."""
    row = Invoice.objects.filter(province_id=province_id, id=invoice_id).first()
    if row is None or not (caller.is_member(province_id, row.member_id) or caller.may(MAY_INVOICE, province_id)):
        raise NotFound(thing="invoice")
    paper = InvoicePaper.objects.filter(province_id=province_id, invoice_id=invoice_id).first()
    if paper is None:
        raise NotFound(thing="file")
    return InvoiceFile(paper.media, bytes(paper.content))


def may_invoice(order: OrderView) -> bool:
    """Whether anything that was paid of an order is left to be invoiced."""
    return order.state in _PAID and order.paid_at is not None and order.bill.paid.fen > 0


def ready_at(order: OrderView) -> datetime:
    """From when no claim can change what is invoiced of an order."""
    market = province(order.province_id)
    return market.timetable.at("claims_until", order.sale_on, market.zone)


def views(province_id: int, found: QuerySet[Invoice] | Sequence[Invoice]) -> Sequence[InvoiceView]:
    """These invoices with their lines."""
    rows = list(found)
    orders = ordering.orders(province_id, {row.order_id for row in rows})
    frozen = _frozen(province_id, rows)
    drafted = drafts(province_id, [orders[row.order_id] for row in rows if _is_open(row, InvoiceKind.BLUE)])
    with_file = set(
        InvoicePaper.objects.filter(province_id=province_id, invoice_id__in=[row.id for row in rows]).values_list(
            "invoice_id", flat=True
        )
    )
    numbers = _numbers(province_id, rows)
    found_views = []
    for row in rows:
        lines = drafted[row.order_id] if _is_open(row, InvoiceKind.BLUE) else frozen.get(row.id, ())
        corrects = numbers.get(row.corrects_id or 0, "")
        found_views.append(_view(row, orders[row.order_id], tuple(lines), (row.id in with_file, corrects)))
    return found_views


def drafts(province_id: int, orders: Iterable[OrderView]) -> dict[int, list[InvoiceLine]]:
    """What invoices of these orders would say now, by order."""
    known = {order.id: order for order in orders}
    skus = catalog.skus({line.sku_id for order in known.values() for line in order.lines})
    by_day: dict[date, set[int]] = defaultdict(set)
    for order in known.values():
        by_day[order.sale_on] |= {line.sku_id for line in order.lines}
    taxes = {on: taxes_of(province_id, on, [skus[sku_id] for sku_id in mine]) for on, mine in by_day.items()}
    return {order.id: _draft(order, skus, taxes[order.sale_on]) for order in known.values()}


def taxes_of(province_id: int, on: date, skus: Collection[SkuView]) -> Taxes:
    """The tax office's code of goods and their rate on a day, by SKU; no rate where none is known."""
    small = province(province_id).terms.small_taxpayer
    rows = GoodsTaxRow.objects.filter(
        province_id=province_id, product_code__in=[sku.product_code for sku in skus], since__lte=on
    )
    own = {row.product_code: row for row in rows.order_by("since")}
    return {sku.id: _tax(sku, own.get(sku.product_code), on, small=small) for sku in skus}


def _tax(sku: SkuView, own: GoodsTaxRow | None, on: date, *, small: bool) -> tuple[str, Rate | None]:
    code = own.tax_code if own else ""
    if own and own.is_exempt:
        return code, Rate(0, is_exempt=True)
    if own and own.rate_bps is not None:
        is_other = small and vat.rate_of(sku.category, on, small=True, exempt_too=False)
        return code, is_other or Rate(own.rate_bps)
    return code, vat.rate_of(sku.category, on, small=small)


def _draft(order: OrderView, skus: Mapping[int, SkuView], taxes: Taxes) -> list[InvoiceLine]:
    paid = invoicing.amounts(order.bill.paid, [line.amount - line.refunded for line in order.lines])
    return [
        _line(line, skus[line.sku_id], amount, taxes[line.sku_id])
        for line, amount in zip(order.lines, paid, strict=True)
        if amount
    ]


def _line(line: LineView, sku: SkuView, amount: Money, tax: tuple[str, Rate | None]) -> InvoiceLine:
    code, rate = tax
    return InvoiceLine(
        line_id=line.id,
        sku_id=line.sku_id,
        name=sku.name,
        spec=sku.spec,
        unit=sku.unit,
        quantity=line.due,
        amount=amount,
        tax=invoicing.tax_within(amount, rate or Rate(0)),
        tax_code=code,
        rate_bps=rate.bps if rate else None,
        is_exempt=bool(rate and rate.is_exempt),
    )


def _is_open(row: Invoice, kind: InvoiceKind) -> bool:
    return row.state == InvoiceState.ASKED.value and row.kind == kind.value


def _frozen(province_id: int, rows: Sequence[Invoice]) -> dict[int, list[InvoiceLine]]:
    """The lines of what was issued, and of red ones that wait, whose amounts are those they take back."""
    shown = {row.id: (row.id, 1) for row in rows}
    shown |= {row.id: (row.corrects_id or 0, -1) for row in rows if _is_open(row, InvoiceKind.RED)}
    found: dict[int, list[InvoicedLine]] = defaultdict(list)
    lines = InvoicedLine.objects.filter(province_id=province_id, invoice_id__in={of for of, _ in shown.values()})
    for line in lines.order_by("id"):
        found[line.invoice_id].append(line)
    return {row_id: [_kept(line, sign) for line in found[of]] for row_id, (of, sign) in shown.items()}


def _kept(line: InvoicedLine, sign: int) -> InvoiceLine:
    return InvoiceLine(
        line_id=line.line_id,
        sku_id=line.sku_id,
        name=line.name,
        spec=line.spec,
        unit=line.unit,
        quantity=line.quantity * sign,
        amount=line.amount * sign,
        tax=line.tax * sign,
        tax_code=line.tax_code,
        rate_bps=line.rate_bps,
        is_exempt=line.is_exempt,
    )


def _numbers(province_id: int, rows: Sequence[Invoice]) -> dict[int, str]:
    wanted = {row.corrects_id for row in rows if row.corrects_id}
    corrected = Invoice.objects.filter(Q(number__gt=""), province_id=province_id, id__in=wanted)
    return dict(corrected.values_list("id", "number"))


def _view(row: Invoice, order: OrderView, lines: tuple[InvoiceLine, ...], more: tuple[bool, str]) -> InvoiceView:
    has_file, corrects_number = more
    return InvoiceView(
        id=row.id,
        province_id=row.province_id,
        order_id=row.order_id,
        order_number=order.number,
        sale_on=order.sale_on,
        kind=InvoiceKind(row.kind),
        state=InvoiceState(row.state),
        title=InvoiceTitle(TitleKind(row.title_kind), row.title, row.taxpayer_number, row.email),
        asked_at=row.asked_at,
        ready_at=row.ready_at,
        due_at=row.due_at,
        closed_at=row.closed_at,
        number=row.number,
        code=row.code,
        link=row.link,
        has_file=has_file,
        reason=row.reason,
        corrects_id=row.corrects_id,
        corrects_number=corrects_number,
        lines=lines,
    )
