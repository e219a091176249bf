"""Where the trials are held: one site, one crowd, and an evening that can be called off for the next one."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from tests.journeys import province
from tests.journeys.phones import Phone
from tests.journeys.town import Evening

from .crowd import SCARCE, Crowd, Shelf, lines_to
from .notes import Notes
from .site import Site
from .waiting import insist, quiet

PEOPLE = 50
PLENTY = 1_000_000
#: Of the good that every tenth basket holds; sold out in the middle of a trial.
FEW = 30
SCARCITY_OF = "pricing_stock AS s JOIN pricing_offer AS o ON o.id = s.offer_id AND o.province_id = s.province_id"


@dataclass(slots=True)
class Outcome:
    """How a trial went: what was measured, and every invariant that did not hold."""

    kind: str
    figures: dict[str, object] = field(default_factory=dict)
    violations: list[str] = field(default_factory=list)
    seconds: float = 0.0

    def demand(self, holds: object, violation: str) -> None:
        """Note what must hold and does not."""
        if not holds:
            self.violations.append(violation)

    def demand_no_fault(self, notes: Notes) -> None:
        """Whoever cannot be served is told to come again; nothing breaks."""
        count = sum(number for kind, number in notes.statuses().items() if kind.startswith("5") and kind[:3] != "503")
        self.demand(not count, f"{count} requests were answered with a fault: {notes.statuses()}")


@dataclass(slots=True)
class Arena:
    """All trials of one evening share the crowd's notes, so that each also looks after what the earlier ones left."""

    site: Site
    crowd: Crowd
    evening: Evening
    people: int = PEOPLE
    #: Not after cut-off: the next trial begins with the next evening.
    is_evening: bool = True
    #: What was waited for in vain, once: it shall not hold up every later trial too.
    residue: dict[str, object] = field(default_factory=dict)

    @property
    def notes(self) -> Notes:
        return self.crowd.notes

    async def restock(self) -> None:
        """Plenty of everything, but few of the scarce good; nobody's daily limit is in the way."""
        capacities = {good.code: PLENTY for good in province.GOODS} | {SCARCE: self._taken(SCARCE) + FEW}
        goods = [good._replace(capacity=capacities[good.code]) for good in province.GOODS]
        wish = province.offers(self.evening.sale_on, *goods)
        for offer in wish["offers"]:
            offer |= {"per_order_limit": 99, "per_day_limit": 999}
        await insist(self.site.town.staff.post, "/offers", wish)
        self.crowd.shelf = await insist(read_shelf, self.site)

    def _taken(self, sku: str) -> int:
        query = (
            f"SELECT s.taken FROM {SCARCITY_OF} JOIN catalog_sku AS k ON k.id = o.sku_id"
            " WHERE k.code = %s AND o.sale_on = %s"
        )
        found = self.site.rows(query, sku, self.evening.sale_on)
        return int(found[0][0]) if found else 0

    async def next_evening(self) -> None:
        """The night passes, everybody signs in again, and nothing has been ordered yet."""
        await self.calm()
        self.evening = await insist(self.site.town.next_evening)
        await self.calm()
        await self.crowd.sign_in(self.people)
        self.crowd.notes = Notes()
        await self.restock()
        self.is_evening = True

    async def calm(self) -> None:
        """Until all callbacks have arrived, all jobs are done and consumers have read everything."""
        try:
            await quiet(self._unrest, what="callbacks, jobs and events")
        except AssertionError:
            self.residue = await insist(self.site.town.unrest)
            raise

    def _unrest(self) -> dict[str, object]:
        found = self.site.town.unrest()
        return {} if found == self.residue else found


@asynccontextmanager
async def arena_of(site: Site, people: int = PEOPLE) -> AsyncIterator[Arena]:
    """The first evening."""
    evening = await insist(site.town.evening)
    async with lines_to(site) as session:
        arena = Arena(site, Crowd(site, session, await insist(read_shelf, site)), evening, people)
        await arena.crowd.sign_in(people)
        await arena.restock()
        yield arena


def read_shelf(site: Site) -> Shelf:
    point = site.town.points["P1"]
    shown: Mapping[str, Any] = Phone(site.network).get(f"/points/{point}/shelf")
    return Shelf(point, shown["offers"])
