"""What is sent for an order and is none: quantities with the code of their refusal, and bodies that are `invalid`."""

from __future__ import annotations

from collections.abc import Mapping

QUANTITIES: Mapping[str, tuple[object, str]] = {
    "zero": (0, "quantity_invalid"),
    "negative": (-1, "quantity_invalid"),
    "more than a line may hold": (100, "quantity_invalid"),
    "huge": (10**9, "quantity_invalid"),
    "beyond every column": (10**30, "quantity_invalid"),
    "text": ("2", "invalid"),
    "a half": (1.5, "invalid"),
    "a truth": (True, "invalid"),
    "nothing": (None, "invalid"),
    "a list": ([1], "invalid"),
}
MALFORMED: Mapping[str, bytes] = {
    "nothing": b"",
    "half a document": b"{",
    "no text": b"\xff\xfe",
    "null": b"null",
    "a list": b"[]",
    "no point": b'{"lines": []}',
    "a number for a point": b'{"point": 7, "lines": []}',
    "a mapping for the lines": b'{"point": "x", "lines": {}}',
    "text for a line": b'{"point": "x", "lines": ["greens"]}',
    "a number for an offer": b'{"point": "x", "lines": [{"offer": 1, "quantity": 1, "price_fen": 1}]}',
    "text for a price": b'{"point": "x", "lines": [{"offer": "o", "quantity": 1, "price_fen": "1"}]}',
    "a deep well": b"[" * 60_000,
}
