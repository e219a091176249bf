"""Invoices for tests: an order that can be invoiced, and what a platform answers."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from datetime import datetime

from lintuan.kernel.callers import SYSTEM
from lintuan.ordering.types import OrderView
from lintuan.settlement import commands, invoice_views
from lintuan.settlement.invoice_models import Invoice
from lintuan.settlement.types import InvoiceTitle, InvoiceView, Paper, TitleKind
from tests.make import ordering
from tests.make.provinces import HUBEI

ClockAt = Callable[[str], datetime]

#: When no claim for an order of the 20th can come any more.
READY = "2026-11-24T21:00+08:00"
COMPANY = InvoiceTitle(TitleKind.COMPANY, "福州测试有限公司", "91350100M000100Y43", "books@example.com")
PERSON = InvoiceTitle(TitleKind.PERSONAL, "个人")
PDF = b"%PDF-1.7 an invoice"

_numbers = itertools.count(1)


def paper(**given: object) -> Paper:
    """A fully digital invoice with its file."""
    return Paper(**{"number": f"2642{next(_numbers):016d}", "content": PDF, **given})  # type: ignore[arg-type]


def ask(order: OrderView, title: InvoiceTitle = COMPANY) -> int:
    """The order's member asks for an invoice; its id."""
    return commands.ask_invoice(ordering.buyer_of(order), province_id=HUBEI, order_id=order.id, title=title)


def issue(invoice_id: int, **given: object) -> Paper:
    """It is issued; what the platform answered."""
    made = paper(**given)
    commands.issue_invoice(SYSTEM, province_id=HUBEI, invoice_id=invoice_id, paper=made)
    return made


def seen(order: OrderView) -> list[InvoiceView]:
    """All invoices of an order, the oldest first."""
    rows = Invoice.objects.filter(province_id=HUBEI, order_id=order.id)
    return list(invoice_views.views(HUBEI, rows.order_by("id")))
