"""What accounts hold: the sums of the newest closing and the transfers since, or those of an order or a day alone."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from datetime import date, datetime
from typing import Any

from django.db import connection
from msgspec import Struct

from lintuan.kernel.fields import array
from lintuan.kernel.money import ZERO, Money

from . import ledger
from .engine import accounts
from .models import Closing

#: The accounts that know orders.
_OF_ORDERS = (
    *accounts.GATEWAYS, accounts.PREPAID, accounts.REFUNDS_OWED, accounts.REFUNDS_SENT, accounts.UNMATCHED,
    accounts.SUBSIDIES, accounts.SUPPLIERS_SUBSIDIES, accounts.LEADERS_SUBSIDIES,
)  # fmt: skip
_BRIDGES = [int(code) for code in accounts.BRIDGES]

_HELD_BY = ", ".join(
    f"sum(CASE {code} WHEN debit THEN amount WHEN credit THEN -amount ELSE 0 END)::bigint" for code in _OF_ORDERS
)
_BY_ORDER = f"""
SELECT order_id, {_HELD_BY} FROM settlement_transfer
WHERE province_id = %(province)s AND order_id = ANY(%(orders)s::bigint[]) GROUP BY order_id
"""
_OF_DAY = """
SELECT debit, credit, sum(amount)::bigint FROM settlement_transfer
WHERE province_id = %(province)s AND sale_on = %(day)s GROUP BY debit, credit
"""
_CLOSED = """
SELECT account, sum(debit)::bigint, sum(credit)::bigint FROM settlement_closedsum
WHERE province_id = %(province)s AND closing_id = %(closing)s GROUP BY account
"""
_SINCE = """
SELECT debit, credit, sum(amount)::bigint, count(*) FILTER (WHERE leg = 0) FROM settlement_transfer
WHERE province_id = %(province)s AND id > %(upto)s GROUP BY debit, credit
"""
_UNSOUND = """
SELECT count(*) FROM (
    SELECT source FROM settlement_transfer WHERE province_id = %(province)s AND id > %(upto)s AND legs > 1
    GROUP BY source HAVING count(*) <> max(legs)
) AS incomplete
"""
_OWNED = """
SELECT coalesce(sum(amount), 0)::bigint FROM (
    SELECT debit - credit AS amount FROM settlement_closedsum
    WHERE province_id = %(province)s AND closing_id = %(closing)s AND account = %(account)s AND owner = %(owner)s
    UNION ALL
    SELECT CASE WHEN debit = %(account)s AND debit_of = %(owner)s THEN amount ELSE -amount END
    FROM settlement_transfer WHERE province_id = %(province)s AND id > %(upto)s
        AND (debit = %(account)s AND debit_of = %(owner)s OR credit = %(account)s AND credit_of = %(owner)s)
) AS parts
"""
_BY_OWNER = """
SELECT owner, sum(amount)::bigint FROM (
    SELECT owner, debit - credit AS amount FROM settlement_closedsum
    WHERE province_id = %(province)s AND closing_id = %(closing)s AND account = %(account)s
        AND owner = ANY(%(owners)s::bigint[])
    UNION ALL
    SELECT debit_of, amount FROM settlement_transfer
    WHERE province_id = %(province)s AND id > %(upto)s AND debit = %(account)s AND debit_of = ANY(%(owners)s::bigint[])
    UNION ALL
    SELECT credit_of, -amount FROM settlement_transfer
    WHERE province_id = %(province)s AND id > %(upto)s AND credit = %(account)s
        AND credit_of = ANY(%(owners)s::bigint[])
) AS parts GROUP BY owner
"""
_EACH = """
SELECT account, owner, sum(debit)::bigint, sum(credit)::bigint FROM (
    SELECT account, owner, debit, credit FROM settlement_closedsum
    WHERE province_id = %(province)s AND closing_id = %(closing)s
    UNION ALL
    SELECT debit, debit_of, amount, 0 FROM settlement_transfer WHERE province_id = %(province)s AND id > %(upto)s
    UNION ALL
    SELECT credit, credit_of, 0, amount FROM settlement_transfer WHERE province_id = %(province)s AND id > %(upto)s
) AS moves GROUP BY account, owner ORDER BY account, owner
"""
_EACH_BEFORE = """
SELECT account, owner, sum(debit)::bigint, sum(credit)::bigint FROM (
    SELECT debit AS account, debit_of AS owner, amount AS debit, 0 AS credit
    FROM settlement_transfer WHERE province_id = %(province)s AND at < %(before)s
    UNION ALL
    SELECT credit, credit_of, 0, amount FROM settlement_transfer WHERE province_id = %(province)s AND at < %(before)s
) AS moves GROUP BY account, owner ORDER BY account, owner
"""
_BRIDGED = """
SELECT order_id, account, sum(amount)::bigint AS amount, max(at) AS at FROM (
    SELECT order_id, account, amount, at FROM settlement_openitem
    WHERE province_id = %(province)s AND closing_id = %(closing)s
    UNION ALL
    SELECT order_id, debit, amount, at FROM settlement_transfer
    WHERE province_id = %(province)s AND id > %(upto)s AND debit = ANY(%(bridges)s)
    UNION ALL
    SELECT order_id, credit, -amount, at FROM settlement_transfer
    WHERE province_id = %(province)s AND id > %(upto)s AND credit = ANY(%(bridges)s)
) AS moves GROUP BY order_id, account HAVING sum(amount) <> 0
"""
_OPEN = f"SELECT * FROM ({_BRIDGED}) AS open ORDER BY order_id, account"
_KEEP_ITEMS = f"""
INSERT INTO settlement_openitem (province_id, closing_id, order_id, account, amount, at)
SELECT %(province)s, %(new)s, open.* FROM ({_BRIDGED}) AS open
"""
_KEEP_SUMS = """
INSERT INTO settlement_closedsum (province_id, closing_id, account, owner, debit, credit)
SELECT %(province)s, %(new)s, account, owner, sum(debit), sum(credit) FROM (
    SELECT account, owner, debit, credit FROM settlement_closedsum
    WHERE province_id = %(province)s AND closing_id = %(closing)s
    UNION ALL
    SELECT debit, debit_of, amount, 0 FROM settlement_transfer WHERE province_id = %(province)s AND id > %(upto)s
    UNION ALL
    SELECT credit, credit_of, 0, amount FROM settlement_transfer WHERE province_id = %(province)s AND id > %(upto)s
) AS moves GROUP BY account, owner
"""


class Sides(Struct, frozen=True):
    """All that was ever debited and credited on a main account with its sub-accounts."""

    debit: Money = ZERO
    credit: Money = ZERO


class Totals(Struct, frozen=True):
    """A province's books as a whole; an unsound journal is one of which a leg is gone."""

    accounts: dict[str, Sides]
    journals: int
    unsound: int


class Open(Struct, frozen=True):
    """What a bridge account holds for an order, positive on the debit side, and since when nothing moved there."""

    order_id: int | None
    account: str
    amount: Money
    at: datetime


def by_order(province_id: int, order_ids: Collection[int]) -> dict[int, dict[str, Money]]:
    """What the ledger holds for orders on the accounts that know orders, positive on the debit side."""
    found: dict[int, dict[str, Money]] = {order_id: {} for order_id in order_ids}
    for order_id, *fens in _rows(_BY_ORDER, province=province_id, orders=array(order_ids)):
        found[order_id] = {code: Money(fen) for code, fen in zip(_OF_ORDERS, fens, strict=True) if fen}
    return found


def of_day(province_id: int, sale_on: date) -> dict[str, Money]:
    """What the journals of a sale day add up to, by main account, positive on the debit side."""
    sums: dict[str, int] = defaultdict(int)
    for debit, credit, fen in _rows(_OF_DAY, province=province_id, day=sale_on):
        sums[str(debit)] += fen
        sums[str(credit)] -= fen
    return {code: Money(fen) for code, fen in sums.items()}


def of_account(province_id: int, account: str) -> Money:
    """What one account holds now, positive on the debit side; a main account without its sub-accounts."""
    main, owner = accounts.numbers(account)
    ((fen,),) = _rows(_OWNED, **_newest(province_id), account=main, owner=owner)
    return Money(fen)


def of_owners(province_id: int, main: str, owners: Collection[int]) -> dict[int, Money]:
    """What sub-accounts hold now, positive on the debit side; those without a posting are left out."""
    rows = _rows(_BY_OWNER, **_newest(province_id), account=int(main), owners=array(owners))
    return {owner: Money(fen) for owner, fen in rows}


def of_each(province_id: int, before: datetime | None = None) -> dict[str, Sides]:
    """Every account and sub-account by its code, as it is now, or of what happened before a moment."""
    if before is None:
        rows = _rows(_EACH, **_newest(province_id))
    else:
        rows = _rows(_EACH_BEFORE, province=province_id, before=before)
    return {accounts.code(account, owner): Sides(Money(debit), Money(credit)) for account, owner, debit, credit in rows}


def totals(province_id: int) -> Totals:
    """Every main account, and whether every journal is whole; those up to the newest closing are known from there."""
    newest = _newest(province_id)
    debits: dict[int, int] = defaultdict(int)
    credits_: dict[int, int] = defaultdict(int)
    for account, debit, credit in _rows(_CLOSED, **newest):
        debits[account], credits_[account] = debit, credit
    journals = newest["journals"]
    for debit, credit, fen, begun in _rows(_SINCE, **newest):
        debits[debit] += fen
        credits_[credit] += fen
        journals += begun
    ((unsound,),) = _rows(_UNSOUND, **newest)
    sides = {
        str(account): Sides(Money(debits[account]), Money(credits_[account]))
        for account in sorted(debits.keys() | credits_.keys())
    }
    return Totals(sides, journals, newest["unsound"] + unsound)


def open_items(province_id: int) -> Iterator[Open]:
    """What the bridges hold for orders of whatever day."""
    for order_id, account, fen, at in _rows(_OPEN, **_newest(province_id), bridges=_BRIDGES):
        yield Open(order_id, str(account), Money(fen), at)


def close(province_id: int, sale_on: date, at: datetime) -> Closing:
    """Add the books up, so that no later question reads what is before; writers wait until this transaction ends."""
    ledger.hold(province_id)
    before = _newest(province_id)
    known = totals(province_id)
    ((upto,),) = _rows(
        "SELECT coalesce(max(id), 0) FROM settlement_transfer WHERE province_id = %(province)s", province=province_id
    )
    closing = Closing(
        province_id=province_id, sale_on=sale_on, upto=upto, journals=known.journals, unsound=known.unsound, at=at
    )
    closing.save()
    with connection.cursor() as cursor:
        for statement in (_KEEP_SUMS, _KEEP_ITEMS):
            cursor.execute(statement, {**before, "new": closing.id, "bridges": _BRIDGES})
    return closing


def _newest(province_id: int) -> dict[str, Any]:
    """The newest closing as the statements name it; nothing is closed before the first."""
    row = Closing.objects.filter(province_id=province_id).order_by("-id").first()
    if row is None:
        return {"province": province_id, "closing": 0, "upto": 0, "journals": 0, "unsound": 0}
    return {
        "province": province_id, "closing": row.id, "upto": row.upto, "journals": row.journals, "unsound": row.unsound,
    }  # fmt: skip


def _rows(statement: str, **values: Any) -> Sequence[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        found: Sequence[tuple[Any, ...]] = cursor.fetchall()
    return found
