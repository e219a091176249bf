"""Balances from the newest closing and what came since are those of all transfers there ever were."""

from __future__ import annotations

import importlib
from collections import Counter, defaultdict
from datetime import date, timedelta

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lintuan.kernel.callers import SYSTEM
from lintuan.kernel.money import Money
from lintuan.settlement import balances, commands
from lintuan.settlement.engine import accounts
from lintuan.settlement.engine.books import Entry, Kind
from lintuan.settlement.ledger import Draft, write
from lintuan.settlement.models import ClosedSum, Closing, Transfer
from tests.make import settlement
from tests.make.ordering import SALE_ON
from tests.make.provinces import ANHUI, HUBEI
from tests.make.settlement import NOON

pytestmark = pytest.mark.django_db

SOME = ["1001", "2001", "2002", "2003", "2004", "2101:17", "2202:5", "2202:6", "5101"]
MOVES = st.lists(
    st.tuples(st.sampled_from(SOME), st.sampled_from(SOME), st.integers(1, 5), st.integers(-900, 900)), max_size=8
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(nights=st.lists(MOVES, min_size=1, max_size=4))
def test_what_was_closed_and_what_came_since_is_the_sum_of_all(nights: list[list[tuple[str, str, int, int]]]) -> None:
    with transaction.atomic():
        for night, moves in enumerate(nights):
            _write(night, moves)
            assert _known() == _added_up()
            assert _open() == _open_added_up()
            if night + 1 < len(nights):
                balances.close(HUBEI, SALE_ON + timedelta(days=night), NOON)
                assert _known() == _added_up()
                assert _open() == _open_added_up()
        assert balances.totals(HUBEI).journals == settlement.journals()
        transaction.set_rollback(True)


def test_a_day_is_closed_once_and_later_journals_count_from_there() -> None:
    _write(1, [("1001", "2001", 1, 500)])
    first = commands.close_books(SYSTEM, province_id=HUBEI, sale_on=SALE_ON)
    _write(2, [("1001", "2001", 2, 70)])

    again = commands.close_books(SYSTEM, province_id=HUBEI, sale_on=SALE_ON)

    assert (first, again) == (1, 1)
    assert Closing.objects.count() == 1
    assert balances.of_account(HUBEI, "1001") == Money(570)
    assert balances.totals(HUBEI).journals == 2


def test_what_was_closed_is_not_read_again() -> None:
    _write(1, [("1001", "2001", 1, 500)])
    balances.close(HUBEI, SALE_ON, NOON)
    Transfer.objects.filter(province_id=HUBEI)._raw_delete(connection.alias)

    assert balances.of_account(HUBEI, "2001") == Money(-500)


def test_provinces_are_closed_apart() -> None:
    _write(1, [("1001", "2001", 1, 500)])

    balances.close(ANHUI, SALE_ON, NOON)

    assert not ClosedSum.objects.exists()
    assert balances.of_account(ANHUI, "1001") == Money(0)


def test_postings_of_before_become_transfers_with_the_same_balances() -> None:
    move = importlib.import_module("lintuan.settlement.migrations.0004_transfers").MOVE
    rows = [
        (1, "event:1", [("2004", 1200), ("2001", -1200), ("5101", 96), ("2201:5", -96)]),
        (2, "event:2", [("2001", 300), ("2201:5", 24), ("2002", -225), ("5201", -75), ("5101", -24)]),
        (9, "reversal:1", [("1401", -2400), ("5001", 1000), ("5002", 1000), ("5004", 400)]),
    ]
    with connection.cursor() as cursor:
        cursor.execute(_BEFORE)
        for journal_id, source, entries in rows:
            cursor.execute(
                "INSERT INTO settlement_journal VALUES (%s, 42, %s, 'order_paid', now(), %s, 7, 'why')",
                [journal_id, source, SALE_ON],
            )
            for account, fen in entries:
                cursor.execute("INSERT INTO settlement_account (code) VALUES (%s) ON CONFLICT DO NOTHING", [account])
                cursor.execute(
                    "INSERT INTO settlement_posting (journal_id, account_id, amount)"
                    " SELECT %s, id, %s FROM settlement_account WHERE code = %s",
                    [journal_id, fen, account],
                )
        cursor.execute(move)

    sums: Counter[str] = Counter()
    for _, _, entries in rows:
        sums.update(dict(entries))
    assert settlement.balances() == {code: fen for code, fen in sums.items() if fen}
    legs = defaultdict(list)
    for row in Transfer.objects.filter(province_id=HUBEI).order_by("source", "leg"):
        legs[row.source].append((row.leg, row.legs, row.debit, row.credit, row.amount.fen))
        assert (row.sale_on, row.order_id, row.memo, row.kind) == (SALE_ON, 7, "why", "order_paid")
    assert legs["event:2"] == [(0, 3, 2001, 2002, 225), (1, 3, 2001, 5201, 75), (2, 3, 2201, 5101, 24)]
    assert legs["event:1"] == [(0, 2, 2004, 2001, 1200), (1, 2, 5101, 2201, 96)]
    firsts = Transfer.objects.filter(province_id=HUBEI, leg=0).values_list("source", "id")
    assert dict(firsts) == {source: journal_id for journal_id, source, _ in rows}
    _write(5, [("1001", "2001", 1, 5)])
    assert Transfer.objects.filter(province_id=HUBEI).order_by("-id").values_list("source", flat=True)[0] == "test:5-0"


_BEFORE = """
CREATE TEMP TABLE settlement_journal (id bigint, province_id bigint, source text, kind text, at timestamptz,
    sale_on date, order_id bigint, memo text);
CREATE TEMP TABLE settlement_account (id bigserial, province_id bigint DEFAULT 42, code text UNIQUE);
CREATE TEMP TABLE settlement_posting (id bigserial, province_id bigint DEFAULT 42, journal_id bigint,
    account_id bigint, amount bigint);
"""


def _write(night: int, moves: list[tuple[str, str, int, int]]) -> None:
    drafts = [
        Draft(
            source=f"test:{night}-{place}",
            kind=Kind.ORDER_PAID,
            at=NOON,
            entries=(Entry(debit, Money(fen)), Entry(credit, Money(-fen))),
            sale_on=date(2026, 11, 20),
            order_id=order_id,
        )
        for place, (debit, credit, order_id, fen) in enumerate(moves)
    ]
    write(HUBEI, drafts)


def _known() -> dict[str, int]:
    """What every account holds by its closing and the transfers since."""
    held = {code: balances.of_account(HUBEI, code).fen for code in SOME}
    mains: Counter[str] = Counter()
    for code, fen in held.items():
        mains[accounts.main(code)] += fen
    sides = balances.totals(HUBEI).accounts
    assert {code: (one.debit - one.credit).fen for code, one in sides.items() if one.debit != one.credit} == {
        code: fen for code, fen in mains.items() if fen
    }
    return {code: fen for code, fen in held.items() if fen}


def _added_up() -> dict[str, int]:
    return settlement.balances()


def _open() -> dict[tuple[int | None, str], int]:
    return {(one.order_id, one.account): one.amount.fen for one in balances.open_items(HUBEI)}


def _open_added_up() -> dict[tuple[int | None, str], int]:
    sums: Counter[tuple[int | None, str]] = Counter()
    for row in Transfer.objects.filter(province_id=HUBEI):
        sums[row.order_id, str(row.debit)] += row.amount.fen
        sums[row.order_id, str(row.credit)] -= row.amount.fen
    return {key: fen for key, fen in sums.items() if fen and key[1] in accounts.BRIDGES}
