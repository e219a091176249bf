"""Model fields that hold the kernel's values."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db import models

from .money import Money


def array(values: Iterable[object]) -> str:
    """Numbers, moments or plain words as PostgreSQL reads an array, to be cast there: faster than the driver's way."""
    return "{" + ",".join("NULL" if value is None else f'"{value}"' for value in values) + "}"


class MoneyField(models.BigIntegerField[Money, Money]):
    """A Money in a bigint column of fen; name it without a unit, the type says it."""

    def from_db_value(self, value: int | None, expression: object, connection: object) -> Money | None:
        return None if value is None else Money(int(value))

    def to_python(self, value: Any) -> Any:
        return Money(value) if isinstance(value, int) else value

    def get_prep_value(self, value: Any) -> Any:
        if isinstance(value, Money):
            return value.fen
        # Constraints in migrations are written with whole fen, because a migration cannot spell a Money.
        if value is None or type(value) is int or hasattr(value, "resolve_expression"):
            return value
        raise TypeError(f"a money column takes Money, not {type(value).__name__}")
