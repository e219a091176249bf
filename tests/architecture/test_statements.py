"""What a day runs on province-owned tables stays within one province, level by level, and Citus can carry it out."""

from __future__ import annotations

import contextlib
import re
import sys
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

import pytest
from django.apps import apps
from django.db import connection

from lintuan.kernel.shard import is_sharded

from .day import live_a_day
from .source import PACKAGE, ROOT
from .statements import complaints, levels

SHARDED = {
    model._meta.db_table for model in apps.get_models() if model.__module__.startswith("lintuan.") and is_sharded(model)
}
#: Who reads the rows of all provinces at once, and why; nobody's order waits for them.
ACROSS_PROVINCES = {
    "kernel.changes.tell": "what concerns all provinces, as the catalogue does, has changed in each of them",
    "kernel.delivery._rows": "a consumer reads the one log of all provinces in order",
    "kernel.delivery.lag": "counts what its consumers have still to read",
    "kernel.delivery.oldest_waiting": "looks since when something waits there for a consumer",
    "kernel.duties._due": "the worker looks which provinces have had which duty",
}
#: Frames that only carry out what the room above them asked for.
CARRIERS = ("kernel/shard.py", "kernel/fields.py", "kernel/postgres/")


@pytest.mark.django_db
def test_every_statement_of_a_day_stays_within_its_province(clock_at: Callable[[str], datetime]) -> None:
    with statements_of_the_product() as seen:
        live_a_day(clock_at)

    volatile = _volatile_functions()
    wrong = {(who, *found) for who, statement in seen if (found := complaints(statement, SHARDED, volatile))}
    assert sorted(what for what in wrong if what[0] not in ACROSS_PROVINCES) == []
    assert {who for who, *_ in wrong} == set(ACROSS_PROVINCES), "a reader that no longer needs its exception"
    assert SHARDED - _mentioned(seen) == set(), "the day passes these tables by"


@pytest.mark.django_db
def test_every_statement_inside_our_functions_stays_within_its_province() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT proname, prosrc FROM pg_proc WHERE pronamespace = 'public'::regnamespace AND prolang ="
            " (SELECT oid FROM pg_language WHERE lanname = 'plpgsql') AND proname NOT LIKE 'procrastinate%%'"
        )
        bodies = dict(cursor.fetchall())

    wrong = {
        (name, found)
        for name, body in bodies.items()
        for statement in _inside(body)
        for found in complaints(statement, SHARDED)
    }
    assert bodies.keys() >= {"ordering_take_in", "ordering_write", "pricing_move_stock", "payments_open_charges"}
    assert wrong == set()


def test_a_statement_inside_a_function_that_leaves_its_province_is_caught() -> None:
    body = "BEGIN IF x THEN UPDATE o SET a = 1 WHERE id = p_id; END IF; END"

    assert [found.split()[0] for one in _inside(body) for found in complaints(one, {"o"})] == ["o"]


def _inside(body: str) -> Iterator[str]:
    """The SQL statements of a PL/pgSQL function, whose `p_province` is a constant."""
    for part in re.sub(r"\bp_province\b", "%s", body).split(";"):
        if begin := re.search(r"\b(SELECT|INSERT|UPDATE|DELETE|WITH|PERFORM)\b", part):
            yield part[begin.start() :].replace("PERFORM", "SELECT", 1)


@contextlib.contextmanager
def statements_of_the_product() -> Iterator[set[tuple[str, str]]]:
    """Each statement that the product, not a test, sends to the database, with the function it comes from."""
    seen: set[tuple[str, str]] = set()

    def note(execute: Callable[..., Any], sql: str, *rest: Any) -> Any:
        if who := _sender():
            seen.add((who, sql))
        return execute(sql, *rest)

    with connection.execute_wrapper(note):
        yield seen


def _sender() -> str:
    """The innermost function of ours on the stack; none where a test asks by itself."""
    frame = sys._getframe(1)
    while frame.f_back is not None:
        frame = frame.f_back
        path = frame.f_code.co_filename
        if path.startswith(str(PACKAGE)) and not path.removeprefix(f"{PACKAGE}/").startswith(CARRIERS):
            module = path.removeprefix(f"{PACKAGE}/").removesuffix(".py").replace("/", ".")
            return f"{module}.{frame.f_code.co_name}"
        if path.startswith(f"{ROOT / 'tests'}/") and frame.f_code.co_name != "note":
            return ""
    return ""


def _volatile_functions() -> set[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT proname FROM pg_proc WHERE provolatile = 'v'")
        return {name for (name,) in cursor.fetchall()}


def _mentioned(seen: set[tuple[str, str]]) -> set[str]:
    return {table for _, sql in seen for level in levels(sql) for table in level.tables(SHARDED).values()}


@pytest.mark.parametrize(
    ("statement", "tables"),
    [
        ("SELECT 1 FROM o WHERE province_id = %s AND id = %s", []),
        ('SELECT "o"."id" FROM "o" WHERE ("o"."id" = %s AND "o"."province_id" = %s)', []),
        ("SELECT 1 FROM o WHERE o.province_id IN (%s, %s)", []),
        ("SELECT 1 FROM o WHERE o.province_id = ANY(%s::bigint[])", []),
        ("SELECT 1 FROM o WHERE id = %s", ["o"]),
        ("SELECT 1 FROM o WHERE province_id = %s OR id = %s", ["o"]),
        ("SELECT 1 FROM o WHERE NOT (province_id = %s)", ["o"]),
        ("SELECT 1 FROM o WHERE province_id >= %s", ["o"]),
        ("SELECT province_id = 42 FROM o", ["o"]),
        ("SELECT 1 FROM o JOIN l ON l.order_id = o.id AND l.province_id = o.province_id WHERE o.province_id = %s", []),
        ("SELECT 1 FROM o JOIN l ON l.order_id = o.id WHERE o.province_id = %s", ["l"]),
        ("SELECT 1 FROM o, l x WHERE x.order_id = o.id AND x.province_id = %s", ["o"]),
        ("SELECT 1 FROM o WHERE province_id = %s AND id IN (SELECT order_id FROM l)", ["l"]),
        ("SELECT 1 FROM o WHERE province_id = 1 AND EXISTS (SELECT 1 FROM l WHERE province_id = o.province_id)", ["l"]),
        ("SELECT 1 FROM (SELECT id FROM o WHERE province_id = 42 FOR UPDATE OF o) x", []),
        ("SELECT 1 FROM o WHERE a IS DISTINCT FROM b AND province_id = %s", []),
        ("SELECT 1 FROM o WHERE province_id = %s UNION ALL SELECT 1 FROM l", ["l"]),
        ("WITH x AS (SELECT 1 FROM o) SELECT 1 FROM l WHERE province_id = 42", ["o"]),
        ("UPDATE o SET a = w.a FROM unnest(%s) w (id, a) WHERE o.id = w.id AND o.province_id = %s", []),
        ("UPDATE o SET a = w.a FROM unnest(%s) w (id, p, a) WHERE o.id = w.id AND o.province_id = w.p", ["o"]),
        ("DELETE FROM o WHERE id = %s", ["o"]),
        ("INSERT INTO o (province_id, id) VALUES (%s, %s) ON CONFLICT (id) DO UPDATE SET id = o.id", []),
        ("INSERT INTO o (id) VALUES (%s)", ["o"]),
        ("INSERT INTO o (province_id, id) SELECT province_id, id FROM o WHERE id = 1", ["o"]),
        ("SELECT 1 FROM elsewhere", []),
    ],
)  # fmt: skip
def test_the_reader_finds_the_tables_without_their_province(statement: str, tables: list[str]) -> None:
    found = complaints(statement, {"o", "l"})

    assert [wrong.split()[0] for wrong in found] == tables


@pytest.mark.parametrize(
    ("statement", "wrong"),
    [
        ("UPDATE o SET province_id = 1 WHERE province_id = 2", ["province_id is written over"]),
        ("UPDATE o SET (a, province_id) = (1, 2) WHERE province_id = 2", ["province_id is written over"]),
        ("UPDATE o SET at = clock_timestamp() WHERE province_id = 2", ["clock_timestamp() is volatile"]),
        ("UPDATE o SET at = now() WHERE province_id = 2", []),
        ("SELECT clock_timestamp() FROM o WHERE province_id = 2", []),
        ("SELECT a FROM o WHERE province_id = 2 GROUP BY ROLLUP (a)", ["ROLLUP over a sharded table"]),
        ("UPDATE elsewhere SET at = clock_timestamp()", []),
    ],
)
def test_the_reader_finds_what_citus_refuses(statement: str, wrong: list[str]) -> None:
    assert complaints(statement, {"o"}, {"clock_timestamp"}) == wrong
