"""Commission that plays let leaders earn beside their orders."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from lintuan.kernel.events import Recorded
from lintuan.kernel.money import Money
from lintuan.plays.events import CommissionRaised
from lintuan.provinces.queries import province

from . import rules
from .engine import books
from .engine.books import Kind
from .ledger import Draft
from .models import Raise


class Raises:
    """What a batch of events raised; it is pending until the night of its day books it."""

    def __init__(self, province_id: int) -> None:
        self._province_id = province_id
        self._rows: list[Raise] = []

    def hear(self, recorded: Recorded, event: CommissionRaised) -> Draft:
        """The journal of one event."""
        sale_on = recorded.at.astimezone(ZoneInfo(province(self._province_id).zone)).date()
        row = Raise(
            province_id=self._province_id,
            grant_id=event.grant_id,
            campaign_id=event.campaign_id,
            leader_id=event.leader_id,
            sale_on=sale_on,
            amount=Money(event.fen),
            raised_at=recorded.at,
        )
        self._rows.append(row)
        return Draft(
            source=rules.from_event(recorded.id),
            kind=Kind.COMMISSION_RAISED,
            at=recorded.at,
            entries=books.raise_commission(row.leader_id, row.amount),
            sale_on=sale_on,
        )

    def save(self) -> None:
        if self._rows:
            Raise.objects.bulk_create(self._rows)
