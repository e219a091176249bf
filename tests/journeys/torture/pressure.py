"""More orders than can be taken: the rest is told so soon, and those that are taken are not kept waiting."""

from __future__ import annotations

import asyncio
import contextlib
import tempfile
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

from bench.wire import request

from .arena import Arena, Outcome
from .asking import prove
from .generator import Press, press_with
from .multitude import bring
from .notes import Answer, Wish, slowest
from .waiting import LOOK_EVERY

#: A closed loop of so many finds out how much the site can take.
LOOP = 64
TIMES = 3.0
#: Generator, site and database share one machine: it sends no more than this, whatever the site can take.
MOST_PER_SECOND = 6000.0
SHED_WITHIN = 3.0
SETTLED_WITHIN = 60.0
MEMORY_GROWTH = 200 * 2**20


@dataclass(frozen=True)
class Effort:
    """How long to measure, how long to press, and over how many connections."""

    measure_s: float = 3.0
    press_s: float = 5.0
    connections: int = 2000


async def press(arena: Arena, effort: Effort, *, slack: float) -> Outcome:
    """Find the capacity, then send three times that, whether or not answers come."""
    outcome, since, site = Outcome("overload"), len(arena.notes.wishes), arena.site.network.site
    await arena.restock()
    people = await bring(arena)
    with tempfile.TemporaryDirectory(dir=arena.site.house.state) as folder:
        measured = await _send(arena, people, Press(site, folder, LOOP, effort.measure_s))
        capacity = sum(answer.status == 201 for answer in measured) / effort.measure_s
        rate = min(TIMES * capacity, MOST_PER_SECOND)
        async with _memory(arena) as seen:
            answers = await _send(arena, people, Press(site, folder, effort.connections, effort.press_s, rate))
        await _settle(arena, Press(site, folder, LOOP, SETTLED_WITHIN))
    growth = max(seen) - seen[0]
    outcome.figures |= {"capacity_per_s": round(capacity), "sent_per_s": round(len(answers) / effort.press_s)}
    outcome.figures |= {"growth_mb": growth // 2**20}
    outcome.demand(growth < MEMORY_GROWTH, f"the web processes grew by {growth // 2**20} MB")
    _judge(outcome, answers, SHED_WITHIN * slack)
    await prove(arena, outcome, since)
    return outcome


def _judge(outcome: Outcome, answers: list[Answer], within: float) -> None:
    accepted = [answer for answer in answers if answer.status == 201]
    shed = [answer for answer in answers if answer.status in (429, 503)]
    other = [answer for answer in answers if answer.status not in (201, 409, 429, 503)]
    outcome.figures |= {
        "accepted": len(accepted),
        "accepted_p99_ms": round(slowest(accepted, 0.99) * 1000),
        "shed": f"{len(shed) / max(len(answers), 1):.0%}",
        "shed_p99_ms": round(slowest(shed, 0.99) * 1000),
    }
    kinds = sorted(set(map(str, other)))
    outcome.demand(not other, f"{len(other)} of {len(answers)} were answered otherwise: {', '.join(kinds)}")
    unfit = [answer for answer in shed if not (answer.is_problem and answer.retry_after)]
    outcome.demand(not unfit, f"{len(unfit)} of {len(shed)} were not told when to come again")
    slow = slowest(shed, 0.99)
    outcome.demand(slow < within, f"those who had to come again waited {slow:.1f} s for it")


async def _send(arena: Arena, people: Sequence[int], press: Press) -> list[Answer]:
    """The answers to new wishes; those that were really sent are noted."""
    crowd = arena.crowd
    most = int((press.rate or MOST_PER_SECOND) * press.seconds)
    wishes = [crowd.new_wish(people[number % len(people)]) for number in range(most)]
    answers = await _note(arena, press, wishes)
    crowd.notes.wishes += wishes[: len(answers)]
    return answers


async def _settle(arena: Arena, press: Press) -> None:
    """Everybody who was told to come again comes again."""
    deadline = time.monotonic() + press.seconds
    while unsettled := arena.notes.unsettled():
        assert time.monotonic() < deadline, f"{len(unsettled)} are not answered, among them {unsettled[0]}"
        await _note(arena, press, unsettled)


async def _note(arena: Arena, press: Press, wishes: list[Wish]) -> list[Answer]:
    answers = await press_with(press, [_bytes(arena, wish) for wish in wishes])
    for wish, answer in zip(wishes, answers, strict=False):
        arena.notes.note(wish, answer)
    return answers


def _bytes(arena: Arena, wish: Wish) -> bytes:
    headers = {"Host": "localhost", **arena.crowd.headers(wish.member, wish.key), "Content-Type": "application/json"}
    return request("POST", "/api/v1/orders", headers, wish.body)


@asynccontextmanager
async def _memory(arena: Arena) -> AsyncIterator[list[int]]:
    """What the web processes have in memory, again and again meanwhile."""
    seen = [arena.site.web_memory()]

    async def look() -> None:
        while True:
            seen.append(arena.site.web_memory())
            await asyncio.sleep(LOOK_EVERY)

    looking = asyncio.create_task(look())
    try:
        yield seen
    finally:
        looking.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await looking
