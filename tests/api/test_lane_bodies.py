"""What the lane reads quickly, it reads as the published schema does."""

from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as some
from pydantic import ValidationError

from lintuan.api.lane.orders import read_quickly
from lintuan.api.orders import OrderWish

TEXT = some.text(max_size=42)
LINES = some.lists(
    some.fixed_dictionaries(
        {"offer": TEXT, "quantity": some.integers() | some.booleans() | some.floats(), "price_fen": some.integers()},
        optional={"more": some.none()},
    ),
    max_size=3,
)
ORDERS = some.fixed_dictionaries(
    {"point": TEXT | some.integers(), "lines": LINES},
    optional={"basket": some.none() | TEXT, "together": some.booleans() | some.integers(0, 1), "more": TEXT},
)


def by_the_schema(body: bytes) -> dict[str, Any] | None:
    try:
        return OrderWish.model_validate_json(body).model_dump()
    except ValidationError:
        return None


def quickly(body: bytes) -> Any:
    wished = read_quickly(body)
    return None if wished is None else msgspec.to_builtins(wished)


@given(ORDERS)
def test_what_is_read_quickly_is_what_the_schema_says(order: dict[str, Any]) -> None:
    body = json.dumps(order).encode()

    assert quickly(body) in (None, by_the_schema(body))


def test_the_usual_order_is_read_quickly() -> None:
    order = {"point": "p", "lines": [{"offer": "a", "quantity": 2, "price_fen": 399}] * 3}
    body = json.dumps(order).encode()

    assert quickly(body) == by_the_schema(body)
    assert quickly(body) is not None


@pytest.mark.parametrize(
    "body",
    [
        b'{"point":"p","lines":[],"x":"\xff"}', b'{"point":"\xff","lines":[]}', b'{"point":"p","lines":[]}}',
        b"", b"[]", b'{"lines":[]}', b'{"point":"p"}',
        b'{"point":"p","lines":[{"offer":"a","quantity":1e2,"price_fen":1}]}', b'{"point":"p","lines":[' + b"[" * 9999,
        b'{"point":"p","lines":[{"offer":"a","quantity":01,"price_fen":1}]}', b'{"point":"p\\ud800","lines":[]}',
    ],
)  # fmt: skip
def test_what_the_schema_refuses_is_never_taken(body: bytes) -> None:
    assert by_the_schema(body) is None
    assert quickly(body) is None
