"""What settlement gives to others of contracts with traffic partners; entered by types."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from lintuan.kernel.money import Money
from lintuan.settlement.engine.partners import Month, Terms


@dataclass(frozen=True, slots=True)
class NewContract:
    """A contract to be drafted with a partner of this name, for orders of these points."""

    partner: str
    point_ids: tuple[int, ...]
    terms: Terms
    from_on: date
    until_on: date | None = None


@dataclass(frozen=True, slots=True)
class ContractView:
    """A contract as it is kept; a draft is signed by nobody."""

    id: int
    province_id: int
    partner_id: int
    partner: str
    point_ids: tuple[int, ...]
    terms: Terms
    from_on: date
    until_on: date | None
    drafted_at: datetime
    drafted_by: int
    signed_at: datetime | None
    signed_by: int | None


@dataclass(frozen=True, slots=True)
class Simulated:
    """What a contract's partner would have had of past orders, month by month, had it held on all these days."""

    since: date
    until: date
    months: tuple[Month, ...]


@dataclass(frozen=True, slots=True)
class Settled:
    """Days that a night counted, or counted again, and by how much more partners are owed than before."""

    days: int
    amount: Money
