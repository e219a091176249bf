"""A sale day that lies behind: its orders, charges, refunds, goods and the log of them, made set by set.

Each kind of order is lived once (bench/money_kinds.py); SQL then repeats it with other ids.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
import psycopg
from django.db import connection

from lintuan.kernel.callers import SYSTEM
from lintuan.kernel.events import CONSUMERS
from lintuan.leaders.commands import register_points
from lintuan.leaders.types import NewPoint
from lintuan.provinces.queries import province
from lintuan.sim.city import PROVINCE, wuhan

from .market import Market
from .money_kinds import (
    AMOUNT,
    CHARGE_ID,
    LINE_ID,
    LINES,
    MEMBER_ID,
    ORDER_ID,
    POINT_ID,
    PRICE,
    REFUND_ID,
    SKU_ID,
    Kind,
    Step,
    kinds_of_orders,
)
from .past import _without_indexes
from .rows import Writing, writings

COST = 200
PACK = 12
SUPPLIERS = 40
POINTS = 2_000
#: Sale days before tonight: its claim windows are over and its goods' holding time has ended.
DAYS_AGO = 7
#: A kind of order is so many of a hundred.
OF = 100
ORDERS = ("ordering_order", "ordering_orderline", "payments_charge", "payments_attempt")
REFUNDS = "payments_refund"


@dataclass(frozen=True)
class Day:
    """What was made."""

    sale_on: date
    orders: int
    lines: int
    events: int


def make_day(url: str, market: Market, *, orders: int) -> Day:
    """Fill the past day with so many orders of three lines; the log holds what the books hear, and nobody heard it."""
    sale_on = market.sale_on - timedelta(days=DAYS_AGO)
    points = _more_points()
    kinds = kinds_of_orders(sale_on)
    assert sum(kind.share for kind in kinds) == OF
    with psycopg.connect(url, autocommit=True) as database:
        maker = _Maker(database, url, market, sale_on, points)
        with _without_indexes(database):
            maker.write_orders(orders, kinds)
        database.execute("ANALYZE")
        maker.take_stock()
        maker.buy(SUPPLIERS)
        events = maker.write_log(orders, kinds)
        database.execute("VACUUM ANALYZE")
        database.execute("CHECKPOINT")
    return Day(sale_on, orders, orders * LINES, events)


class _Maker:
    """SQL over the running number `n` of an order; its kind follows from n % OF."""

    def __init__(
        self,
        database: psycopg.Connection[tuple[Any, ...]],
        url: str,
        market: Market,
        sale_on: date,
        points: Sequence[int],
    ) -> None:
        self._database, self._writings, self._market, self._sale_on = database, writings(url), market, sale_on
        self._noon = datetime.combine(sale_on, time(0), ZoneInfo(province(PROVINCE).zone))
        offers = [goods.id for goods in market.goods]
        self._offer = f"({min(offers)} + (n * 15485863::bigint + l * 667) % {len(offers)})"
        self._point = f"({min(points)} + n * 104729::bigint % {len(points)})"
        self._member = f"({market.member_ids[0]} + n * 7919::bigint % {len(market.member_ids)})"
        self._first: dict[str, int] = {}

    def write_orders(self, orders: int, kinds: Sequence[Kind]) -> None:
        for table, count in (
            (ORDERS[0], orders),
            (ORDERS[1], orders * LINES),
            (ORDERS[2], orders),
            (ORDERS[3], orders),
            (REFUNDS, orders),
        ):
            self._first[table] = self._reserve(table, count * 3)
        for kind, rows in self._each(orders, kinds):
            values = self._values(kind)
            self._insert(self._writings[ORDERS[0]], values, rows, _order_extras(kind))
            self._insert(self._writings[ORDERS[2]], values, rows, _charge_extras(kind))
            self._insert(self._writings[ORDERS[3]], values, rows, {})
            lines = f"{rows}, generate_series(0, {LINES - 1}) AS l"
            extras = {
                "cut": _by_line(kind.cuts), "given_up": _by_line([cut * kind.given_up for cut in kind.cuts]),
                "refunded": _by_line(kind.backs),
                "sku_id": f"(SELECT sku_id FROM pricing_offer WHERE id = {self._offer})",
            }  # fmt: skip
            self._insert(self._writings[ORDERS[1]], values, lines, extras)
            for place, (fen, cause) in enumerate(kind.refunds):
                self._write_refunds(place, fen, cause, rows)

    def take_stock(self) -> None:
        """What orders hold is taken from the stock."""
        self._database.execute(
            "UPDATE pricing_stock s SET taken = l.units FROM (SELECT offer_id, sum(quantity - given_up) AS units"
            " FROM ordering_orderline GROUP BY offer_id) l WHERE l.offer_id = s.offer_id"
        )

    def buy(self, suppliers: int) -> None:
        """Each SKU comes from one supplier, in packs, in one lot; what was cut as short did come short."""
        about = {"day": self._sale_on, "at": self._noon + timedelta(hours=26), "of": suppliers, "pack": PACK}
        self._database.execute(_SUPPLIERS, {**about, "province": PROVINCE})
        for statement in _PURCHASES:
            self._database.execute(statement, {**about, "province": PROVINCE, "cost": COST})

    def write_log(self, orders: int, kinds: Sequence[Kind]) -> int:
        """The events in the order of their moments, as the log would have them."""
        steps = [(step, kind, rows) for kind, rows in self._each(orders, kinds) for step in kind.steps]
        count = 0
        for step, _, rows in sorted(steps, key=lambda one: one[0].at):
            count += self._announce(step, rows)
        received = self._database.execute(_RECEIVED, {"province": PROVINCE, "at": self._noon + timedelta(hours=26)})
        self._database.execute(
            "INSERT INTO kernel_checkpoint (consumer, transaction, event)"
            " SELECT name, pg_current_xact_id()::text::bigint, 9223372036854775807 FROM unnest(%s::text[]) AS name"
            " ON CONFLICT (consumer) DO UPDATE SET transaction = excluded.transaction, event = excluded.event",
            [[name for name in CONSUMERS if name != "settlement.books"]],
        )
        return count + received.rowcount

    def _announce(self, step: Step, rows: str) -> int:
        body = msgspec.json.encode(step.event).decode().replace("'", "''")
        ids = {
            ORDER_ID: self._id(ORDERS[0]), CHARGE_ID: self._id(ORDERS[2]), REFUND_ID: self._refund(step.refund),
            LINE_ID: self._line(step.line), MEMBER_ID: self._member, POINT_ID: self._point,
            SKU_ID: f"(SELECT sku_id FROM pricing_offer WHERE id = {self._offer.replace('l *', f'{step.line} *')})",
        }  # fmt: skip
        told = f"'{body}'"
        for stands_for, found in ids.items():
            if str(stands_for) in body:
                told = f"replace({told}, '{stands_for}', {found}::text)"
        at = self._noon + step.at
        return self._database.execute(
            "INSERT INTO kernel_event (province_id, on_day, at, name, body)"
            f" SELECT {PROVINCE}, '{at.date()}', '{at.isoformat()}', '{step.event.event_name}', ({told})::jsonb {rows}"
        ).rowcount

    def _write_refunds(self, place: int, fen: int, cause: str, rows: str) -> None:
        at = f"'{(self._noon + timedelta(hours=45)).isoformat()}'::timestamptz"
        self._database.execute(
            "INSERT INTO payments_refund (id, province_id, charge_id, attempt_id, number, state, amount, cause,"
            " gateway_no, tries, reason, asked_at, tried_at, done_at)"
            f" SELECT {self._refund(place)}, {PROVINCE}, {self._id(ORDERS[2])}, {self._id(ORDERS[3])},"
            f" '{PROVINCE}f' || lpad(to_hex({self._refund(place)}), 25, '0'), 'done', {fen}, '{cause}',"
            f" 'B' || {self._refund(place)}, 1, '', {at}, {at}, {at} {rows}"
        )

    def _each(self, orders: int, kinds: Sequence[Kind]) -> Iterator[tuple[Kind, str]]:
        since = 0
        for kind in kinds:
            mine = f"n % {OF} BETWEEN {since} AND {since + kind.share - 1}"
            yield kind, f"FROM (SELECT n FROM generate_series(0, {orders - 1}) AS n WHERE {mine}) AS numbers"
            since += kind.share

    def _insert(self, writing: Writing, values: Mapping[str, str], rows: str, extras: Mapping[str, str]) -> None:
        columns = (
            dict(zip(writing.columns, (one.format(**values) for one in writing.expressions), strict=True)) | extras
        )
        self._database.execute(
            f"INSERT INTO {writing.table} ({', '.join(columns)}) SELECT {', '.join(columns.values())} {rows}"
        )

    def _values(self, kind: Kind) -> dict[str, str]:
        at = f"'{(self._noon + timedelta(hours=20)).isoformat()}'::timestamptz"
        return {
            "province": str(PROVINCE),
            "day": str(self._sale_on),
            "sale_on": f"date '{self._sale_on}'",
            "at": at,
            "paid_at": at,
            "state": f"'{kind.state}'",
            "charge_state": "'paid'",
            "attempt_state": "'paid'",
            "order": self._id(ORDERS[0]),
            "charge": self._id(ORDERS[2]),
            "attempt": self._id(ORDERS[3]),
            "line": f"({self._first[ORDERS[1]]} + n::bigint * {LINES} + l)",
            "member": self._member,
            "point": self._point,
            "offer": self._offer,
            "number": "lpad((n * 7368787::bigint % 100000000003)::text, 12, '0')",
            "key": "(hashint8extended(n, 1) & 9223372036854775807)",
            "quantity": "1",
            "price": str(PRICE),
            "line_amount": str(PRICE),
            "amount": str(AMOUNT),
        }

    def _id(self, table: str) -> str:
        return f"({self._first[table]} + n)"

    def _line(self, line: int) -> str:
        return f"({self._first[ORDERS[1]]} + n::bigint * {LINES} + {line})"

    def _refund(self, place: int) -> str:
        return f"({self._first[REFUNDS]} + n::bigint * {LINES} + {place})"

    def _reserve(self, table: str, count: int) -> int:
        row = self._database.execute("SELECT nextval(pg_get_serial_sequence(%s, 'id'))", [table]).fetchone()
        assert row is not None
        first = int(row[0]) + 1
        self._database.execute("SELECT setval(pg_get_serial_sequence(%s, 'id'), %s)", [table, first + count])
        return first


def _order_extras(kind: Kind) -> dict[str, str]:
    bill = kind.bill
    return {
        "refunded": str(bill.refunded.fen),
        "saved": str(bill.saved.fen),
        "saved_later": str(bill.saved_later.fen),
    }


def _charge_extras(kind: Kind) -> dict[str, str]:
    return {
        "amount": str(kind.bill.charged.fen),
        "refunded": str(sum(fen for fen, _ in kind.refunds)),
        "refunds_count": str(len(kind.refunds)),
    }


def _by_line(values: Sequence[int]) -> str:
    return f"(ARRAY[{', '.join(map(str, values))}])[l + 1]"


def _more_points() -> list[int]:
    """Points of leaders of their own, as many as a province has on such a day."""
    row = wuhan(neighbours=1, seed=1).points[0]
    found: list[int] = []
    for start in range(0, POINTS, 500):
        wanted = tuple(
            NewPoint(
                code=f"M{place:05d}",
                name=f"邻居{place}",
                name_en=f"Neighbour {place}",
                address=row["address_zh"],
                district_code=row["district_code"],
                lat=float(row["lat"]),
                lng=float(row["lng"]),
                leader_name=f"团长{place}",
                leader_phone=f"188{place:08d}",
            )
            for place in range(start, min(start + 500, POINTS))
        )
        found += register_points(SYSTEM, province_id=PROVINCE, points=wanted).values()
    connection.close()
    return sorted(found)


_SUPPLIERS = """
INSERT INTO sourcing_supplier (province_id, code, name, name_en, phone, city_code, address, licence)
SELECT %(province)s, 'S' || n, '供应商' || n, 'Supplier ' || n, '177' || lpad(n::text, 8, '0'), '420100', '', ''
FROM generate_series(1, %(of)s) AS n
"""
_PURCHASES = (
    """
INSERT INTO sourcing_purchaseorder (province_id, supplier_id, sale_on, kind, number, state, sent_at, confirm_by,
    receive_by, confirmed_at)
SELECT %(province)s, id, %(day)s, 'main', code || %(day)s, 'received', %(at)s, %(at)s, %(at)s, %(at)s
FROM sourcing_supplier
""",
    """
INSERT INTO sourcing_purchaseline (province_id, order_id, sku_id, needed, pack_units, ordered, confirmed, received,
    cost)
SELECT %(province)s, o.id, s.sku_id, s.units, %(pack)s, s.packs, s.packs, s.packs, %(cost)s
FROM (
    SELECT sku_id, sum(quantity - given_up) AS units,
        ceil(sum(quantity - given_up)::numeric / %(pack)s) * %(pack)s AS packs, row_number() OVER (ORDER BY sku_id) AS n
    FROM ordering_orderline GROUP BY sku_id HAVING sum(quantity - given_up) > 0
) s JOIN (SELECT id, row_number() OVER (ORDER BY id) AS n FROM sourcing_purchaseorder) o ON o.n = s.n %% %(of)s + 1
""",
    """
INSERT INTO sourcing_lot (province_id, line_id, sku_id, code, quantity, expires_on, certificate, received_at)
SELECT %(province)s, id, sku_id, 'L' || id, received, %(day)s::date + 5, '', %(at)s FROM sourcing_purchaseline
""",
)
_RECEIVED = """
INSERT INTO kernel_event (province_id, on_day, at, name, body)
SELECT %(province)s, %(at)s::date, %(at)s, 'sourcing.GoodsReceived', jsonb_build_object(
    'province_id', l.province_id, 'purchase_order_id', o.id, 'supplier_id', o.supplier_id, 'sale_on', o.sale_on,
    'sku_id', l.sku_id, 'quantity', l.received, 'cost_fen', l.received * l.cost)
FROM sourcing_purchaseline l JOIN sourcing_purchaseorder o ON o.province_id = l.province_id AND o.id = l.order_id
"""
