"""The one place that writes into the books: many journals at a time, each source once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime

from django.db import connection
from msgspec import Struct

from .engine import accounts
from .engine.books import Entries, Kind, pairs

_COPY = """
COPY settlement_transfer (
    province_id, order_id, debit_of, credit_of, amount, at, sale_on, debit, credit, leg, legs, source, kind, memo
) FROM STDIN
"""
_KNOWN = "SELECT source FROM settlement_transfer WHERE province_id = %s AND source = ANY(%s) AND leg = 0"
LONGEST_MEMO = 120
_ESCAPED = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})


class Draft(Struct, frozen=True, kw_only=True):
    """A journal to be written: its entries add up to zero."""

    source: str
    kind: Kind
    at: datetime
    entries: Entries
    sale_on: date | None = None
    order_id: int | None = None
    memo: str = ""


def known_sources(province_id: int, sources: Iterable[str]) -> set[str]:
    """Those of the sources that are in the books already."""
    with connection.cursor() as cursor:
        cursor.execute(_KNOWN, [province_id, list(sources)])
        return {source for (source,) in cursor.fetchall()}


def write(province_id: int, drafts: Sequence[Draft]) -> int:
    """Write the drafts that move anything; answers how many. Unbalanced for one that does not balance."""
    lines = [line for draft in drafts if (line := _lines(province_id, draft))]
    if lines:
        _share(province_id)
        with connection.wrap_database_errors, connection.cursor() as cursor, cursor.copy(_COPY) as copy:
            copy.write("".join(lines))
    return len(lines)


def hold(province_id: int) -> None:
    """Let nobody write into a province's books until this transaction ends, and wait for those who do."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [_lock(province_id)])


def _share(province_id: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock_shared(hashtextextended(%s, 0))", [_lock(province_id)])


def _lock(province_id: int) -> str:
    return f"settlement.ledger:{province_id}"


def _lines(province_id: int, draft: Draft) -> str:
    """The legs of a draft as COPY reads them; many times faster than a row at a time."""
    found = pairs(draft.entries)
    legs, lines = len(found), ""
    of = "\\N" if draft.order_id is None else draft.order_id
    at, day = draft.at.isoformat(), "\\N" if draft.sale_on is None else draft.sale_on
    told = f"{_text(draft.source)}\t{draft.kind.value}\t{_text(draft.memo[:LONGEST_MEMO])}\n"
    for leg, pair in enumerate(found):
        debit, debit_of = accounts.numbers(pair.debit)
        credit, credit_of = accounts.numbers(pair.credit)
        who = f"{province_id}\t{of}\t{debit_of}\t{credit_of}\t{pair.amount.fen}\t{at}\t{day}"
        lines += f"{who}\t{debit}\t{credit}\t{leg}\t{legs}\t{told}"
    return lines


def _text(words: str) -> str:
    return words.translate(_ESCAPED)
