"""Rates of value-added tax by category and day, from data/vat.csv, which names the source of each."""

from __future__ import annotations

import csv
from datetime import date
from functools import cache
from pathlib import Path

from lintuan.catalog.types import Category

from .engine.invoicing import Rate

RATES = Path(__file__).parent / "data" / "vat.csv"
_ALL = "*"


def rate_of(category: Category, on: date, *, small: bool, exempt_too: bool = True) -> Rate | None:
    """The rate of all goods of a category; None where its goods differ, so that each product must say its own.

    `small` is a small-scale taxpayer, who levies one rate on all but what is exempt; without `exempt_too` on that too.
    """
    taxpayer = "small" if small else "general"
    rows = [row for row in _rows() if row.holds(category.value, taxpayer, on)]
    exempt = next((row.rate for row in rows if row.rate.is_exempt and exempt_too), None)
    return exempt or next((row.rate for row in rows if not row.rate.is_exempt), None)


class _Row:
    def __init__(self, row: dict[str, str]) -> None:
        self._category, self._taxpayer = row["category"], row["taxpayer"]
        self._since = date.fromisoformat(row["since"])
        self._until = date.fromisoformat(row["until"]) if row["until"] else date.max
        self.rate = Rate(0, is_exempt=True) if row["rate_bps"] == "exempt" else Rate(int(row["rate_bps"]))

    def holds(self, category: str, taxpayer: str, on: date) -> bool:
        return (
            self._category in (category, _ALL)
            and self._taxpayer in (taxpayer, _ALL)
            and self._since <= on <= self._until
        )


@cache
def _rows() -> tuple[_Row, ...]:
    with RATES.open(encoding="utf-8", newline="") as file:
        return tuple(_Row(row) for row in csv.DictReader(file))
