"""After a load: that what was answered with success is in the database, once and whole, and nothing else is."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from threading import Event, Thread
from typing import Any

from django.db import connection, transaction

from lintuan.kernel import clock, delivery
from lintuan.kernel.ids import read_public_id
from lintuan.sim.city import PROVINCE

from .market import LINES, Market

SAMPLE_EVERY = 0.25
_ID = re.compile(rb'"id":\s*"([^"]+)"')

#: Orders of the load that are whole: as many lines as asked, their sum charged, one event.
_WHOLE = """
WITH placed AS (
    SELECT id, charge_id, amount FROM ordering_order
    WHERE province_id = %(province)s AND sale_on = %(day)s AND placed_at >= %(since)s
)
SELECT p.id,
    c.subject_id IS NOT DISTINCT FROM p.id AND c.amount = p.amount AS is_charged,
    l.lines IS NOT DISTINCT FROM %(lines)s AND l.amount = p.amount AS has_lines,
    e.events IS NOT DISTINCT FROM 1 AS has_event
FROM placed p
LEFT JOIN payments_charge c ON c.province_id = %(province)s AND c.id = p.charge_id
LEFT JOIN (
    SELECT order_id, count(*) AS lines, sum(amount) AS amount FROM ordering_orderline
    WHERE province_id = %(province)s AND order_id IN (SELECT id FROM placed) GROUP BY order_id
) l ON l.order_id = p.id
LEFT JOIN (
    SELECT (body->>'order_id')::bigint AS order_id, count(*) AS events FROM kernel_event
    WHERE province_id = %(province)s AND name = 'ordering.OrderPlaced' AND at >= %(since)s GROUP BY 1
) e ON e.order_id = p.id
"""

#: Offers of tonight whose stock is not what the live orders of tonight hold.
_STOCK = """
SELECT count(*) FROM pricing_stock s
JOIN pricing_offer o ON o.province_id = %(province)s AND o.id = s.offer_id AND o.sale_on = %(day)s
LEFT JOIN (
    SELECT l.offer_id, sum(l.quantity - l.cut) AS units
    FROM ordering_order r JOIN ordering_orderline l ON l.province_id = %(province)s AND l.order_id = r.id
    WHERE r.province_id = %(province)s AND r.sale_on = %(day)s AND r.state IN ('unpaid', 'paid')
    GROUP BY l.offer_id
) h ON h.offer_id = s.offer_id
WHERE s.province_id = %(province)s AND (s.taken <> coalesce(h.units, 0) OR s.taken > s.capacity)
"""


@dataclass
class Proof:
    """What does not agree, in words; nothing found is what is hoped for."""

    problems: list[str] = field(default_factory=list)
    loads: int = 0
    orders: int = 0

    def check(self, market: Market, load: str, *, answered: Sequence[str], unanswered: int, since: datetime) -> None:
        """Hold the ids that were answered against the orders of the load; an unanswered one may or may not be there."""
        ids = [read_public_id("order", text)[1] for text in answered]
        rows = _rows(market, since)
        placed = {row[0] for row in rows}
        self.loads += 1
        self.orders += len(rows)
        self._expect(load, len(ids) - len(set(ids)), "answers name an order that another one names")
        self._expect(load, len(set(ids) - placed), "answers of success have no order")
        self._expect(load, max(len(placed) - len(set(ids)) - unanswered, 0), "orders were answered to nobody")
        for place, what in enumerate(("charge", "lines", "event"), start=1):
            self._expect(load, sum(not row[place] for row in rows), f"orders are without their {what}")
        self._expect(load, _stock_off(market), "offers have another stock than their orders hold")

    def check_paid(self, market: Market, *, confirmed: int, begun: int, since: datetime) -> None:
        """Hold the purchases that phones saw confirmed against the orders that are paid."""
        with _by_whole_tables() as cursor:
            cursor.execute(
                "SELECT count(*) FROM ordering_order o JOIN payments_charge c"
                " ON c.province_id = o.province_id AND c.id = o.charge_id AND c.state = 'paid' AND c.amount = o.amount"
                " WHERE o.province_id = %(province)s AND o.sale_on = %(day)s AND o.placed_at >= %(since)s"
                " AND o.state = 'paid'",
                _about(market) | {"since": since},
            )
            paid = int(cursor.fetchone()[0])
        self._expect("purchases", max(confirmed - paid, 0), "confirmed purchases are not paid")
        self._expect("purchases", max(paid - begun, 0), "orders are paid that nobody bought")

    def _expect(self, load: str, count: int, what: str) -> None:
        if count:
            self.problems.append(f"{load}: {count} {what}")


def ids_in(heads: Path) -> list[str]:
    """The public ids at the beginnings of the bodies that a load kept."""
    found = [_ID.search(head) for head in heads.read_bytes().split(b"\n") if head]
    return [match[1].decode() if match else "" for match in found]


def units_sold(offer_id: int) -> int:
    """Units of an offer in live orders."""
    with _by_whole_tables() as cursor:
        cursor.execute(
            "SELECT coalesce(sum(l.quantity - l.cut), 0) FROM ordering_orderline l"
            " JOIN ordering_order o ON o.province_id = l.province_id AND o.id = l.order_id"
            " WHERE l.province_id = %s AND l.offer_id = %s AND o.state IN ('unpaid', 'paid')",
            [PROVINCE, offer_id],
        )
        return int(cursor.fetchone()[0])


@dataclass
class Lag:
    """How old the oldest event was that a consumer had still to read, at its worst, in seconds."""

    worst: float = 0.0
    consumer: str = ""
    samples: int = 0


@contextmanager
def watching_consumers(lag: Lag) -> Iterator[None]:
    """Look at the consumers several times a second while the block runs."""
    ending = Event()
    watcher = Thread(target=_watch, args=(lag, ending), daemon=True)
    watcher.start()
    try:
        yield
    finally:
        ending.set()
        watcher.join()


def _watch(lag: Lag, ending: Event) -> None:
    while not ending.wait(SAMPLE_EVERY):
        waiting = delivery.oldest_waiting()
        lag.samples += 1
        for consumer, at in waiting.items():
            age = (clock.now() - at).total_seconds()
            if age > lag.worst:
                lag.worst, lag.consumer = age, consumer
    connection.close()


@contextmanager
def _by_whole_tables() -> Iterator[Any]:
    """A cursor whose joins go through whole tables: right after a load the planner still believes them empty."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_nestloop = off")
        yield cursor


def _rows(market: Market, since: datetime) -> list[tuple[int, bool, bool, bool]]:
    with _by_whole_tables() as cursor:
        cursor.execute(_WHOLE, _about(market) | {"since": since, "lines": LINES})
        found: list[tuple[int, bool, bool, bool]] = cursor.fetchall()
        return found


def _stock_off(market: Market) -> int:
    with _by_whole_tables() as cursor:
        cursor.execute(_STOCK, _about(market))
        return int(cursor.fetchone()[0])


def _about(market: Market) -> dict[str, Any]:
    return {"province": PROVINCE, "day": market.sale_on}


def moment() -> datetime:
    """Now: the beginning of a load, for `check`."""
    return datetime.now(UTC)
