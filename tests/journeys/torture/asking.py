"""The proof over the API: keys that are sent again get their first answer, and everybody sees what they ordered."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from .arena import Arena, Outcome
from .notes import Wish
from .proof import SHOWN, violations

#: Of the orders whose first request was answered, and of the others.
SAMPLE, MOST_RETRIED = 20, 100
AT_ONCE = 20
LASTING = ("id", "number", "amount_fen", "charge", "sale_on")


async def prove(arena: Arena, outcome: Outcome, since: int = 0) -> None:
    """Add to the outcome whatever does not hold of the evening; keys are sent again from one place in the notes on."""
    await arena.crowd.settle_all()
    await arena.calm()
    await _ask_again(arena, outcome, since)
    outcome.violations += await asyncio.to_thread(violations, arena)


async def _ask_again(arena: Arena, outcome: Outcome, since: int) -> None:
    placed, draw = list(arena.notes.since(since).successes()), arena.crowd.draw
    retried = [wish for wish in placed if len(wish.answers) > 1]
    others = [wish for wish in placed if len(wish.answers) == 1]
    chosen = draw.sample(others, min(SAMPLE, len(others))) + draw.sample(retried, min(MOST_RETRIED, len(retried)))
    gate = asyncio.Semaphore(AT_ONCE)

    async def one(wish: Wish) -> str:
        async with gate:
            return await _fault(arena, wish)

    faults = [fault for fault in await asyncio.gather(*map(one, chosen)) if fault]
    outcome.figures |= {"retried": len(retried)}
    outcome.demand(not faults, f"asked again, {len(faults)} of {len(chosen)} differ: {'; '.join(faults[:SHOWN])}")


async def _fault(arena: Arena, wish: Wish) -> str:
    """What is wrong with the second answer to a key, or with the order as it is shown; empty when nothing is."""
    again = (await arena.crowd.settle(wish)).answers[-1]
    if again.status != 201:
        return f"now it is {again}: {wish}"
    seen = await arena.crowd.request("GET", f"/orders/{wish.order['id']}", member=wish.member)
    if seen.status != 200:
        return f"the order cannot be seen, {seen}: {wish}"
    first = _lasting(wish.order)
    for document in (again.document, seen.document):
        if _lasting(document) != first:
            return f"{first} became {_lasting(document)}: {wish}"
    return ""


def _lasting(document: Mapping[str, Any]) -> dict[str, Any]:
    """What an order says of itself for ever; its moment to the millisecond, which is all that every face tells."""
    placed_at = datetime.fromisoformat(document["placed_at"]).isoformat(timespec="milliseconds")
    return {name: document[name] for name in LASTING} | {"placed_at": placed_at}
