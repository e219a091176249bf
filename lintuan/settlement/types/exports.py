"""Files of the books as they are asked for; the room's door is `types`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from lintuan.kernel.money import Money

#: The right to see names, titles and e-mail addresses whole in what is exported.
MAY_SEE_NAMES = "settlement.names"


class Table(StrEnum):
    """What can be exported; TO_INVOICE is what waits to be issued, for the tax office's platform or an agent."""

    LEDGER = "ledger"
    BALANCES = "balances"
    SUPPLIERS = "suppliers"
    LEADERS = "leaders"
    COMMISSION = "commission"
    CASES = "cases"
    PAY_RUNS = "pay_runs"
    INVOICES = "invoices"
    TO_INVOICE = "to_invoice"


class Form(StrEnum):
    """How it is written; beancount is for the ledger alone."""

    CSV = "csv"
    XLSX = "xlsx"
    BEANCOUNT = "beancount"


@dataclass(frozen=True, slots=True)
class Wish:
    """What to export: local days `since` and `until` (both within, None for no end), of one supplier or all.

    Statements, commission and cases go by sale day, pay-out runs by when they were prepared, the ledger and balances by
    when it happened. `names`: people's
    names whole, for who may see them; else they are masked. `bom` is the mark in front of CSV by which spreadsheets
    know UTF-8.
    """

    table: Table
    form: Form
    since: date | None = None
    until: date | None = None
    supplier_id: int = 0
    names: bool = False
    bom: bool = True


@dataclass(frozen=True, slots=True)
class Exported:
    """How many rows were written, and what their amounts add up to: debits of balances, else the amount column."""

    rows: int
    amount: Money
