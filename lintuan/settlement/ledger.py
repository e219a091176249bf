"""The one place that writes into the books: many journals at a time, each source once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from itertools import chain
from typing import Any

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
    rows = [rows for draft in drafts if (rows := list(_rows(province_id, draft)))]
    if rows:
        _share(province_id)
        with connection.wrap_database_errors, connection.cursor() as cursor, cursor.copy(_COPY) as copy:
            for row in chain.from_iterable(rows):
                copy.write_row(row)
    return len(rows)


def hold(province_id: int) -> None:
    """Let nobody write into a province's books until this transaction ends, and wait for those who do."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [_lock(province_id)])


def _share(province_id: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock_shared(hashtextextended(%s, 0))", [_lock(province_id)])


def _lock(province_id: int) -> str:
    return f"settlement.ledger:{province_id}"


def _rows(province_id: int, draft: Draft) -> Iterator[tuple[Any, ...]]:
    found = pairs(draft.entries)
    legs, kind, memo = len(found), draft.kind.value, draft.memo[:LONGEST_MEMO]
    for leg, pair in enumerate(found):
        debit, debit_of = accounts.numbers(pair.debit)
        credit, credit_of = accounts.numbers(pair.credit)
        yield (
            province_id, draft.order_id, debit_of, credit_of, pair.amount.fen, draft.at, draft.sale_on,
            debit, credit, leg, legs, draft.source, kind, memo,
        )  # fmt: skip
