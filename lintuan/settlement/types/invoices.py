"""Invoices as settlement takes and gives them; the room's door is `types`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from lintuan.kernel.money import Money, total

#: Bytes of a file that is kept with an invoice.
LARGEST_PAPER = 2 * 1024 * 1024


class TitleKind(StrEnum):
    """To whom an invoice is made out; a company needs its taxpayer's number."""

    PERSONAL = "personal"
    COMPANY = "company"


class InvoiceKind(StrEnum):
    """A red one takes a whole blue one back."""

    BLUE = "blue"
    RED = "red"


class InvoiceState(StrEnum):
    """Where an invoice stands; a blue one is REDDENED once its red one is issued."""

    ASKED = "asked"
    ISSUED = "issued"
    REFUSED = "refused"
    REDDENED = "reddened"


@dataclass(frozen=True, slots=True)
class InvoiceTitle:
    """What the member asks for; `email` may be empty, as may a person's `number`."""

    kind: TitleKind
    title: str
    number: str = ""
    email: str = ""


@dataclass(frozen=True, slots=True)
class Paper:
    """What the tax office's platform answered: number, for old forms a code, and a link to the file or its bytes."""

    number: str
    code: str = ""
    link: str = ""
    content: bytes = b""


@dataclass(frozen=True, slots=True)
class InvoiceLine:
    """What is invoiced of an order's line; `rate_bps` is None where the goods' tax is not known yet."""

    line_id: int
    sku_id: int
    name: str
    spec: str
    unit: str
    quantity: int
    amount: Money
    tax: Money
    tax_code: str
    rate_bps: int | None
    is_exempt: bool


@dataclass(frozen=True, slots=True)
class InvoiceView:
    """An invoice; until it is issued its lines are what they would be now. A red one's amounts are negative."""

    id: int
    province_id: int
    order_id: int
    order_number: str
    sale_on: date
    kind: InvoiceKind
    state: InvoiceState
    title: InvoiceTitle
    asked_at: datetime
    ready_at: datetime
    due_at: datetime
    closed_at: datetime | None
    number: str
    code: str
    link: str
    has_file: bool
    reason: str
    corrects_id: int | None
    corrects_number: str
    lines: tuple[InvoiceLine, ...]

    @property
    def amount(self) -> Money:
        return total(line.amount for line in self.lines)

    @property
    def tax(self) -> Money:
        return total(line.tax for line in self.lines)


@dataclass(frozen=True, slots=True)
class InvoiceFile:
    """The file of an invoice: `media` is application/pdf or application/ofd."""

    media: str
    content: bytes


@dataclass(frozen=True, slots=True)
class GoodsTax:
    """What the tax office calls a product from a day on: its 19-digit code, and a rate where its category's is not its.

    `rate_bps` None: the category's; `is_exempt` goes before both.
    """

    product_code: str
    tax_code: str
    since: date
    rate_bps: int | None = None
    is_exempt: bool = False
