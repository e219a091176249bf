"""The clock passes the cut-off in the middle of load: not one order after it, and first answers stay answers."""

from __future__ import annotations

from datetime import timedelta

from tests.journeys.province import PROVINCE
from tests.journeys.town import at

from .arena import Arena, Outcome
from .asking import prove
from .notes import Wish
from .waiting import insist, until

CUTOFF = "23:00"
LOAD = 40
SENT_AGAIN = 20
LATE = (
    "SELECT id, state, placed_at FROM ordering_order"
    " WHERE province_id = %s AND sale_on = %s AND (placed_at >= %s OR state = 'unpaid')"
)
IS_CLOSED = "SELECT 1 FROM ordering_saleday WHERE province_id = %s AND sale_on = %s AND state = 'closed'"
CLOSED = (
    "SELECT (body->>'orders')::int FROM kernel_event"
    " WHERE province_id = %s AND name = 'ordering.DayClosed' AND body->>'sale_on' = %s"
)
STANDING = "SELECT count(*) FROM ordering_order WHERE province_id = %s AND sale_on = %s AND state = 'paid'"


async def clock_shift(arena: Arena) -> Outcome:
    """One moment it is a second to cut-off, the next it is past."""
    outcome, notes, since = Outcome("clock past cut-off"), arena.notes, len(arena.notes.wishes)
    town, sale_on = arena.site.town, arena.evening.sale_on
    await arena.restock()
    before = notes.placed
    async with arena.crowd.shopping():
        await until(lambda: notes.placed >= before + LOAD, what="the first orders")
        await insist(town.move_to, at(sale_on, CUTOFF) - timedelta(seconds=1))
        await insist(town.move_to, at(sale_on, CUTOFF))
        then, seen = notes.placed, len(notes.wishes)
        await until(lambda: _too_late(notes.wishes[seen:]) >= LOAD, what="refusals after cut-off")
    late = [wish for wish in notes.wishes[seen:] if wish.orders]
    outcome.demand(not late, f"{len(late)} wishes after cut-off were granted: {'; '.join(map(str, late[:3]))}")
    await until(lambda: arena.site.rows(IS_CLOSED, PROVINCE, sale_on), what="the day to be closed")
    await _send_again(arena, outcome, since)
    await prove(arena, outcome, since)
    _count(arena, outcome)
    mine = notes.since(since)
    outcome.figures |= {"placed": mine.placed, "on_their_way": mine.placed - (then - before)} | mine.statuses()
    outcome.demand_no_fault(mine)
    return outcome


def _too_late(wishes: list[Wish]) -> int:
    return sum(wish.answers[-1].code == "cut_off_passed" for wish in wishes if wish.answers)


async def _send_again(arena: Arena, outcome: Outcome, since: int) -> None:
    """An answer that was given stays given, and what was refused stays refused."""
    placed = list(arena.notes.since(since).successes())
    for wish in arena.crowd.draw.sample(placed, min(SENT_AGAIN, len(placed))):
        again = (await arena.crowd.settle(wish)).answers[-1]
        same = again.status == 201 and again.document["id"] == wish.order["id"]
        outcome.demand(same, f"sent again after cut-off it is answered otherwise: {wish}")
    wish = await arena.crowd.settle(arena.crowd.wish(0))
    outcome.demand(wish.answers[-1].code == "cut_off_passed", f"a new wish after cut-off: {wish}")


def _count(arena: Arena, outcome: Outcome) -> None:
    """The day closed with every order that stands, and holds none from after its end."""
    place = (PROVINCE, arena.evening.sale_on)
    late = arena.site.rows(LATE, *place, at(arena.evening.sale_on, CUTOFF))
    outcome.demand(not late, f"{len(late)} orders of the closed day came late or are still unpaid: {late[:3]}")
    closed = arena.site.rows(CLOSED, PROVINCE, arena.evening.sale_on.isoformat())
    ((standing,),) = arena.site.rows(STANDING, *place)
    outcome.demand(closed == [(standing,)], f"the day closed with {closed} orders, and {standing} stand")
