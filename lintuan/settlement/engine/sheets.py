"""Tables written row by row, as CSV or XLSX; neither holds more than a row of them."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any, BinaryIO, Protocol

import xlsxwriter

from lintuan.kernel.money import Money

#: Times are local to the province and carry no zone.
Cell = str | int | Money | date | datetime | None

#: What spreadsheets take for the beginning of a formula; OWASP, CSV injection, with the full-width forms.
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
#: Rows of one sheet of an XLSX file, its head among them.
MOST_ROWS = 1_048_576
_WIDTH = 16


class Sheet(Protocol):
    """A table being written."""

    def row(self, cells: Sequence[Cell]) -> None: ...

    def close(self) -> None: ...


def guarded(text: str) -> str:
    """Text that no spreadsheet takes for a formula: such a one begins with an apostrophe."""
    return f"'{text}" if text.startswith(FORMULA) else text


def yuan(amount: Money) -> Decimal:
    """Yuan with two places."""
    return Decimal(amount.fen).scaleb(-2)


def plain(cell: Cell) -> str | int | Decimal:
    """A cell of CSV: yuan with two places, days and times as ISO 8601, text guarded."""
    match cell:
        case None:
            return ""
        case str():
            return guarded(cell)
        case Money():
            return yuan(cell)
        case datetime():
            return cell.isoformat(" ", "seconds")
        case date():
            return cell.isoformat()
    return cell


class CsvSheet:
    """RFC 4180 in UTF-8; the mark in front is for spreadsheets that would guess another encoding.

    Text stands in quotes, so that none begins a cell in the middle of it where cells end at semicolons.
    """

    def __init__(self, out: BinaryIO, head: Sequence[str], *, bom: bool = True) -> None:
        if bom:
            out.write("\ufeff".encode())
        self._text = io.TextIOWrapper(out, "utf-8", newline="", write_through=False)
        self._csv = csv.writer(self._text, quoting=csv.QUOTE_NONNUMERIC)
        self._csv.writerow([guarded(name) for name in head])

    def row(self, cells: Sequence[Cell]) -> None:
        self._csv.writerow([plain(cell) for cell in cells])

    def close(self) -> None:
        # The file belongs to who opened it.
        self._text.flush()
        self._text.detach()


class XlsxSheet:
    """One sheet, or more of the same head where the rows are too many for one."""

    def __init__(self, out: BinaryIO, head: Sequence[str], *, most_rows: int = MOST_ROWS) -> None:
        self._book: Any = xlsxwriter.Workbook(
            out, {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
        )
        self._book.use_zip64()
        self._formats = {
            name: self._book.add_format({"num_format": form})
            for name, form in (("money", "0.00"), ("day", "yyyy-mm-dd"), ("time", "yyyy-mm-dd hh:mm:ss"))
        }
        self._bold = self._book.add_format({"bold": True})
        self._head, self._most = head, most_rows
        self._begin()

    def row(self, cells: Sequence[Cell]) -> None:
        if self._next == self._most:
            self._begin()
        for place, cell in enumerate(cells):
            self._write(place, cell)
        self._next += 1

    def close(self) -> None:
        self._book.close()

    def _begin(self) -> None:
        self._sheet = self._book.add_worksheet()
        self._sheet.freeze_panes(1, 0)
        self._sheet.set_column(0, max(0, len(self._head) - 1), _WIDTH)
        for place, name in enumerate(self._head):
            self._sheet.write_string(0, place, guarded(name), self._bold)
        self._next = 1

    def _write(self, place: int, cell: Cell) -> None:
        match cell:
            case None:
                return
            case Money():
                self._sheet.write_number(self._next, place, yuan(cell), self._formats["money"])
            case str():
                self._sheet.write_string(self._next, place, guarded(cell))
            case datetime():
                self._sheet.write_datetime(self._next, place, cell, self._formats["time"])
            case date():
                self._sheet.write_datetime(self._next, place, cell, self._formats["day"])
            case _:
                self._sheet.write_number(self._next, place, cell)
