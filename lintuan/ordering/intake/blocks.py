"""Ids reserved in blocks, so that a batch knows its own before it is written."""

from __future__ import annotations

from collections.abc import Generator, Sequence

from .statements import RESERVE, Row, Step

#: The step of the two sequences: one value of them stands for so many ids.
BLOCK = 1000


class Blocks:
    """The ids of one table that this process may give out; those it does not are lost, which is meant."""

    def __init__(self, table: str) -> None:
        self._table = table
        self._free: list[int] = []

    def take(self, count: int) -> Generator[Step, Sequence[Row], list[int]]:
        """So many ids, rising."""
        # Meanwhile another batch may take from the same ids.
        while (missing := count - len(self._free)) > 0:
            rows = yield Step(RESERVE, [self._table, -(-missing // BLOCK)])
            for (first,) in rows:
                self._free.extend(range(first, first + BLOCK))
        taken, self._free = self._free[:count], self._free[count:]
        return taken
