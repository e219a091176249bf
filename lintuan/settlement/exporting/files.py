from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import BinaryIO

from django.db import connection, transaction

from lintuan.kernel.callers import Caller, Kind
from lintuan.kernel.errors import Forbidden
from lintuan.kernel.money import ZERO, Money
from lintuan.provinces.queries import province
from lintuan.settlement.engine.sheets import CsvSheet, Sheet, XlsxSheet
from lintuan.settlement.errors import FormNotOffered
from lintuan.settlement.types import MAY_INVOICE, MAY_SEE_NAMES, Exported, Form, Table, Wish

from . import invoices, journals, payruns, statements, tables
from .scope import Rows, Scope

MAY_READ = "settlement.read"
ROWS: dict[Table, Rows] = {
    Table.LEDGER: journals.ledger,
    Table.BALANCES: tables.balances_of,
    Table.SUPPLIERS: statements.suppliers,
    Table.LEADERS: statements.leaders,
    Table.COMMISSION: tables.commission,
    Table.CASES: tables.cases,
    Table.PAY_RUNS: payruns.pay_runs,
    Table.INVOICES: invoices.invoices,
    Table.TO_INVOICE: invoices.to_invoice,
}


def write_export(caller: Caller, out: BinaryIO, *, province_id: int, wish: Wish) -> Exported:
    """Write what staff, or a supplier of its own statements, ask for; the last row holds the sums.

    Everything is of one moment, and read and written in portions. Names of people are masked, but for who asks for
    them and has a right to them; what is to be invoiced says to whom.
    """
    _require(caller, province_id, wish)
    scope = Scope(province(province_id), wish, sees_names=wish.names and caller.may(MAY_SEE_NAMES, province_id))
    with _one_moment():
        if wish.form is not Form.BEANCOUNT:
            return _write_table(scope, out)
        if wish.table is not Table.LEDGER:
            raise FormNotOffered(table=wish.table.value, form=wish.form.value)
        return journals.write_beancount(scope, out)


def _require(caller: Caller, province_id: int, wish: Wish) -> None:
    if wish.table is Table.TO_INVOICE:
        caller.require(MAY_INVOICE, province_id)
    elif caller.kind is not Kind.SUPPLIER:
        caller.require(MAY_READ, province_id)
    elif wish.table is not Table.SUPPLIERS or not caller.is_supplier(province_id, wish.supplier_id):
        raise Forbidden


@contextmanager
def _one_moment() -> Iterator[None]:
    """What others commit meanwhile is not seen, as far as we begin the transaction."""
    is_first = not connection.in_atomic_block
    with transaction.atomic():
        if is_first:
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        yield


def _write_table(scope: Scope, out: BinaryIO) -> Exported:
    head, rows = ROWS[scope.wish.table](scope)
    sheet: Sheet = CsvSheet(out, head, bom=scope.wish.bom) if scope.wish.form is Form.CSV else XlsxSheet(out, head)
    count, sums = 0, [ZERO] * len(head)
    for row in rows:
        sheet.row(row)
        count += 1
        sums = [known + cell if isinstance(cell, Money) else known for known, cell in zip(sums, row, strict=True)]
    summed = [place for place, name in enumerate(head) if name in scope.SUMMED]
    last = [sums[place] if place in summed else None for place in range(len(head))]
    sheet.row(["合计 Total", *last[1:]])
    sheet.close()
    return Exported(count, sums[summed[0]] if summed else ZERO)
