"""The statements of a batch, in PostgreSQL's own placeholders; both drivers run the same ones."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

Row = Sequence[Any]

#: The first row is of the book: how often its province has changed. The limits keep each look at its own index,
#: whatever the planner knows of the tables.
LOOK = """
SELECT 0, coalesce((SELECT c.number FROM kernel_changecount AS c WHERE c.province_id = $1::bigint), 0), '{}', 0, 0
UNION ALL
SELECT w.place, coalesce(s.placed, 0), coalesce(s.orders, '{}'), o.id, o.content_hash
FROM unnest($3::text::bigint[], $4::text::bigint[]) WITH ORDINALITY AS w (member_id, key_hash, place)
LEFT JOIN LATERAL (
    SELECT h.placed, h.orders FROM ordering_shopper AS h
    WHERE h.province_id = $1::bigint AND h.sale_on = $2::date AND h.member_id = w.member_id LIMIT 1
) AS s ON true
LEFT JOIN LATERAL (
    SELECT p.id, p.content_hash FROM ordering_order AS p
    WHERE p.province_id = $1::bigint AND p.member_id = w.member_id AND p.key_hash = w.key_hash LIMIT 1
) AS o ON true
WHERE s.placed IS NOT NULL OR o.id IS NOT NULL
"""

BOUGHT = """
SELECT o.member_id, l.offer_id, sum(l.quantity - l.cut)::bigint
FROM ordering_order AS o JOIN ordering_orderline AS l ON l.province_id = o.province_id AND l.order_id = o.id
WHERE o.province_id = $1::bigint AND l.province_id = $1::bigint AND o.id = ANY($2::text::bigint[])
    AND o.state = ANY($3::text[])
GROUP BY o.member_id, l.offer_id
"""

BOUGHT_EVER = """
SELECT o.member_id, l.sku_id, sum(l.quantity - l.cut)::bigint
FROM ordering_order AS o JOIN ordering_orderline AS l ON l.province_id = o.province_id AND l.order_id = o.id
WHERE o.province_id = $1::bigint AND l.province_id = $1::bigint AND o.member_id = ANY($2::text::bigint[])
    AND l.sku_id = ANY($3::text::bigint[]) AND o.state = ANY($4::text[]) AND o.id <> $5::bigint
GROUP BY o.member_id, l.sku_id
"""

RESERVE = "SELECT nextval(pg_get_serial_sequence($1::text, 'id')) FROM generate_series(1, $2::int)"

TAKE_IN = """
SELECT place, outcome, offers, lefts FROM ordering_take_in(
    $1::bigint, $2::date, $3::timestamptz, $4::timestamptz, $5::bigint, $6::text::int[], $7::text::bigint[],
    $8::text::bigint[], $9::text::bigint[], $10::text::bigint[], $11::text::bigint[], $12::text[], $13::text::bigint[],
    $14::text::bigint[], $15::text::bigint[], $16::text[], $17::text::bigint[], $18::text::int[], $19::text::bigint[],
    $20::text::bigint[], $21::text::int[], $22::text::bigint[]
)
"""

#: Raised by `ordering_take_in` when the shelf was changed under a batch.
STALE = "LT001"


@dataclass(frozen=True, slots=True)
class Step:
    """One statement of a batch with its values."""

    sql: str
    values: Sequence[Any]

    def for_psycopg(self) -> tuple[str, dict[str, Any]]:
        """The same with psycopg's placeholders."""
        return _named(self.sql), {f"v{place}": value for place, value in enumerate(self.values, 1)}


def array(numbers: Iterable[int]) -> str:
    """Numbers as PostgreSQL reads an array; a driver's own conversion asks each one for its type."""
    return f"{{{','.join(map(str, numbers))}}}"


@cache
def _named(sql: str) -> str:
    return re.sub(r"\$(\d+)", r"%(v\1)s", sql.replace("%", "%%"))
