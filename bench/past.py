"""Millions of orders of days past, made set by set: what an intake must not be slowed down by."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta

import psycopg

from .market import LINES, Market
from .rows import Writing, writings

CHUNK = 250_000
#: Over how many sale days before tonight they are spread.
DAYS = 20
PRICE = 398
TABLES = ("ordering_order", "ordering_orderline", "payments_charge")

_INDEXES = """
SELECT i.indexrelid::regclass::text, pg_get_indexdef(i.indexrelid)
FROM pg_index i LEFT JOIN pg_constraint c ON c.conindid = i.indexrelid AND c.contype IN ('p', 'u')
WHERE i.indrelid = %s::regclass AND c.oid IS NULL
"""
_CONSTRAINTS = """
SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid), contype::text FROM pg_constraint
WHERE contype IN ('p', 'u') AND conrelid = ANY(%(tables)s::regclass[])
    OR contype = 'f' AND (conrelid = ANY(%(tables)s::regclass[]) OR confrelid = ANY(%(tables)s::regclass[]))
ORDER BY contype <> 'f', conname
"""


def fill(url: str, market: Market, *, count: int, known: int, tick: Callable[[int], None]) -> None:
    """Bring the orders of days past from `known` to `count`: paid, three lines each, by all members and points.

    Nothing else may use these tables meanwhile. `tick` hears of each portion of orders.
    """
    tables = writings(url)
    with psycopg.connect(url, autocommit=True) as connection:
        first = {table: _reserve(connection, table, count * (LINES if "line" in table else 1)) for table in TABLES}
        with _without_indexes(connection), ThreadPoolExecutor(2) as threads:
            portions = [(start, min(start + CHUNK, count)) for start in range(known, count, CHUNK)]
            work = [(table, portion) for portion in portions for table in TABLES]
            for table, size in threads.map(lambda one: _write(url, tables[one[0]], one[1], market, first), work):
                if table == TABLES[-1]:
                    tick(size)
        connection.execute("VACUUM ANALYZE")
        connection.execute("CHECKPOINT")


def _write(
    url: str, writing: Writing, portion: tuple[int, int], market: Market, first: dict[str, int]
) -> tuple[str, int]:
    start, end = portion
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("SET session_replication_role = replica")
        connection.execute(f"{writing.into()} SELECT {writing.row(_values(market, first))} {_source(writing, portion)}")
    return writing.table, end - start


def _source(writing: Writing, portion: tuple[int, int]) -> str:
    rows = f"FROM generate_series({portion[0]}, {portion[1] - 1}) AS n"
    return rows + (f", generate_series(0, {LINES - 1}) AS l" if writing.table == "ordering_orderline" else "")


def _values(market: Market, first: dict[str, int]) -> dict[str, str]:
    """Expressions of the running number `n`, and of the line's `l`; primes scatter what is random in life."""
    day = f"(date '{market.sale_on}' - 1 - (n %% {DAYS})::int)".replace("%%", "%")
    offers = [goods.id for goods in market.goods]
    at = f"({day} + interval '12 hours')"
    return {
        "province": "42",
        "day": str(market.sale_on - timedelta(days=1)),
        "sale_on": day,
        "at": at,
        "paid_at": at,
        "state": "'paid'",
        "charge_state": "'paid'",
        "order": f"({first['ordering_order']} + n)",
        "charge": f"({first['payments_charge']} + n)",
        "line": f"({first['ordering_orderline']} + n::bigint * {LINES} + l)",
        "member": f"({market.member_ids[0]} + n * 7919::bigint % {len(market.member_ids)})",
        "point": f"({min(market.point_ids)} + n * 104729::bigint % {len(market.point_ids)})",
        "offer": f"({min(offers)} + (n * 15485863::bigint + l * 667) % {len(offers)})",
        "number": "lpad((n * 7368787::bigint % 100000000003)::text, 12, '0')",
        "key": "(hashint8extended(n, 1) & 9223372036854775807)",
        "quantity": "1",
        "price": str(PRICE),
        "line_amount": str(PRICE),
        "amount": str(PRICE * LINES),
    }


def _reserve(connection: psycopg.Connection[tuple[object, ...]], table: str, count: int) -> int:
    """The first of so many ids that the sequence of a table will not give out any more."""
    sequence = connection.execute("SELECT pg_get_serial_sequence(%s, 'id')", [table]).fetchone()
    assert sequence is not None
    begun = connection.execute("SELECT nextval(%s::regclass)", [sequence[0]]).fetchone()
    assert begun is not None
    first = int(str(begun[0])) + 1_000_000
    connection.execute("SELECT setval(%s::regclass, %s)", [sequence[0], first + count + 1_000_000])
    return first


@contextmanager
def _without_indexes(connection: psycopg.Connection[tuple[object, ...]]) -> Iterator[None]:
    """Drop the indexes and keys of the tables and make them again, all at once, which is many times faster."""
    constraints: Sequence[tuple[object, ...]] = connection.execute(_CONSTRAINTS, {"tables": list(TABLES)}).fetchall()
    indexes = [row for table in TABLES for row in connection.execute(_INDEXES, [table]).fetchall()]
    for table, name, *_ in constraints:
        connection.execute(f'ALTER TABLE {table} DROP CONSTRAINT "{name}"')
    for name, _ in indexes:
        connection.execute(f"DROP INDEX {name}")
    yield
    connection.execute("SET maintenance_work_mem = '1GB'")
    for table, name, definition, kind in reversed(constraints):
        if kind != "f":
            connection.execute(f'ALTER TABLE {table} ADD CONSTRAINT "{name}" {definition}')
    for _, definition in indexes:
        connection.execute(str(definition))
    for table, name, definition, kind in constraints:
        if kind == "f":
            connection.execute(f'ALTER TABLE {table} ADD CONSTRAINT "{name}" {definition}')
