from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property
from typing import ClassVar
from zoneinfo import ZoneInfo

from lintuan.leaders import queries as points
from lintuan.members.queries import mask_name
from lintuan.provinces.types import ProvinceView
from lintuan.settlement.engine.sheets import Cell
from lintuan.settlement.types import Wish
from lintuan.sourcing import queries as sourcing

#: Rows fetched at once.
PORTION = 2_000


@dataclass(frozen=True)
class Scope:
    """Of which province, which days and for whose eyes."""

    #: The columns that the last row adds up.
    SUMMED: ClassVar = frozenset({"金额 Amount", "借方 Debit", "贷方 Credit", "余额 Balance", "税额 Tax"})

    province: ProvinceView
    wish: Wish
    sees_names: bool

    @property
    def province_id(self) -> int:
        return self.province.id

    @cached_property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.province.zone)

    @property
    def begins(self) -> datetime | None:
        """The first moment of `since`."""
        return self._midnight(self.wish.since) if self.wish.since else None

    @property
    def ends(self) -> datetime | None:
        """The first moment after `until`."""
        return self._midnight(self.wish.until + timedelta(days=1)) if self.wish.until else None

    def between(self, field: str, *, moments: bool = False) -> dict[str, date]:
        """The days as filters of a column, one of sale days or of moments."""
        first, last = (self.begins, self.ends) if moments else (self.wish.since, self.wish.until)
        upper = "lt" if moments else "lte"
        asked = {f"{field}__gte": first, f"{field}__{upper}": last}
        return {name: value for name, value in asked.items() if value is not None}

    def local(self, at: datetime) -> datetime:
        """The time on the province's clocks."""
        return at.astimezone(self.zone).replace(tzinfo=None)

    def name(self, text: str) -> str:
        """A person's name, masked for who may not see it."""
        return text if self.sees_names else mask_name(text)

    @cached_property
    def suppliers(self) -> dict[int, str]:
        """What suppliers are called."""
        return {view.id: view.name for view in sourcing.suppliers(self.province_id)}

    @cached_property
    def leaders(self) -> dict[int, str]:
        """What leaders are called, as far as may be seen."""
        return {view.leader_id: self.name(view.leader_name) for view in points.points(self.province_id)}

    def _midnight(self, day: date) -> datetime:
        return datetime.combine(day, time(), self.zone).astimezone(UTC)


#: The names of the columns, and the rows.
Rows = Callable[[Scope], tuple[Sequence[str], Iterable[Sequence[Cell]]]]
