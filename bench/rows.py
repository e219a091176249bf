"""What one order writes, as SQL expressions: for the limits in pgbench, and for orders of days past.

The columns are read from the migrated database. A column that must have a value and has none here is an error, so that
a changed table is noticed instead of measured wrongly.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import psycopg

ORDER = {
    "id": "{order}",
    "province_id": "{province}",
    "number": "{number}",
    "member_id": "{member}",
    "point_id": "{point}",
    "basket_id": "0",
    "sale_on": "{sale_on}",
    "collect_on": "{sale_on} + 1",
    "state": "{state}",
    "amount": "{amount}",
    "refunded": "0",
    "charge_id": "{charge}",
    "placed_at": "{at}",
    "paid_at": "{paid_at}",
    "pay_by": "{at} + interval '15 minutes'",
    "key_hash": "{key}",
    "content_hash": "{key}",
}
LINE = {
    "id": "{line}",
    "province_id": "{province}",
    "order_id": "{order}",
    "offer_id": "{offer}",
    "sku_id": "{offer}",
    "quantity": "{quantity}",
    "cut": "0",
    "given_up": "0",
    "price": "{price}",
    "amount": "{line_amount}",
    "refunded": "0",
}
CHARGE = {
    "id": "{charge}",
    "province_id": "{province}",
    "purpose": "'order'",
    "subject_id": "{order}",
    "member_id": "{member}",
    "state": "{charge_state}",
    "amount": "{amount}",
    "refunded": "0",
    "refunds_count": "0",
    "opened_at": "{at}",
    "expires_at": "{at} + interval '15 minutes'",
    "paid_at": "{paid_at}",
}
ATTEMPT = {
    "id": "{attempt}",
    "province_id": "{province}",
    "charge_id": "{charge}",
    "number": "{province} || lpad(to_hex({attempt}), 26, '0')",
    "provider": "'wechatpay'",
    "method": "'wechat_jsapi'",
    "handle": "'wx' || {attempt}",
    "state": "{attempt_state}",
    "transaction_no": "'T' || {charge}",
    "prepaid_at": "{at}",
    "paid_at": "{paid_at}",
}
EVENT = {
    "province_id": "{province}",
    "on_day": "{sale_on}",
    "at": "{at}",
    "name": "'ordering.OrderPlaced'",
    "body": """('{{"province_id":{province},"order_id":' || {order} || ',"member_id":' || {member} || ',"point_id":'"""
    """ || {point} || ',"sale_on":"{day}","amount_fen":' || {amount} || '}}')::jsonb""",
}
TABLES: Mapping[str, Mapping[str, str]] = {
    "ordering_order": ORDER,
    "ordering_orderline": LINE,
    "payments_charge": CHARGE,
    "payments_attempt": ATTEMPT,
    "kernel_event": EVENT,
}


@dataclass(frozen=True)
class Writing:
    """An insert into one of the product's tables: its columns, and an expression for each, still to be filled in."""

    table: str
    columns: tuple[str, ...]
    expressions: tuple[str, ...]

    def into(self) -> str:
        return f"INSERT INTO {self.table} ({', '.join(self.columns)})"

    def row(self, values: Mapping[str, str]) -> str:
        """The expressions with these values in them, by commas."""
        return ", ".join(expression.format(**values) for expression in self.expressions)

    def insert(self, *rows: Mapping[str, str]) -> str:
        return f"{self.into()} VALUES {', '.join(f'({self.row(values)})' for values in rows)}"


def writings(url: str) -> Mapping[str, Writing]:
    """How each of the tables of an order is written in this database, by the table's name."""
    with psycopg.connect(url) as connection:
        return {table: _writing(connection, table, known) for table, known in TABLES.items()}


def _writing(connection: psycopg.Connection[tuple[str, bool]], table: str, known: Mapping[str, str]) -> Writing:
    found = connection.execute(
        "SELECT column_name::text, is_nullable = 'NO' AND column_default IS NULL AND is_identity = 'NO'"
        " FROM information_schema.columns WHERE table_schema = current_schema() AND table_name = %s",
        [table],
    ).fetchall()
    unknown = [column for column, must_be_given in found if must_be_given and column not in known]
    if unknown or not found:
        raise LookupError(f"bench/rows.py does not say what {table} holds in {', '.join(unknown) or 'any column'}")
    present = [column for column, _ in found if column in known]
    return Writing(table, tuple(present), tuple(known[column] for column in present))
