"""The database hangs, is locked or is gone: everybody is told soon, nobody piles up, and nothing needs a restart."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager

from .arena import Arena, Outcome
from .asking import prove
from .notes import Answer, slowest
from .site import Site
from .waiting import until

#: Seconds within which whoever cannot be served knows it.
ANSWERED_WITHIN = 3.0
ORDERING_AGAIN_WITHIN = 15.0
MEMORY_GROWTH = 150 * 2**20


@asynccontextmanager
async def stopped(site: Site) -> AsyncIterator[None]:
    """All of PostgreSQL stands still: connections stay open and nothing comes."""
    frozen = site.postgres()
    for pid in frozen:
        _send(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        for pid in reversed(frozen):
            _send(pid, signal.SIGCONT)


@asynccontextmanager
async def locked(site: Site) -> AsyncIterator[None]:
    """Somebody holds the table of orders."""
    with site.connect() as connection:
        connection.autocommit = False
        connection.execute("LOCK TABLE ordering_order IN ACCESS EXCLUSIVE MODE")
        try:
            yield
        finally:
            connection.rollback()


@asynccontextmanager
async def gone(site: Site) -> AsyncIterator[None]:
    """No server is there, and whoever would start another one sleeps."""
    owner, postmaster = site.owner, site.postmaster
    assert postmaster
    os.kill(owner, signal.SIGSTOP)
    try:
        os.kill(postmaster, signal.SIGINT)
        await until(lambda: site.postmaster is None, what="PostgreSQL to end")
        yield
    finally:
        os.kill(owner, signal.SIGCONT)
    await until(lambda: site.postmaster is not None, what="PostgreSQL to come back")


WAYS: dict[str, Callable[[Site], AbstractAsyncContextManager[None]]] = {
    "stopped": stopped,
    "locked": locked,
    "gone": gone,
}


async def outage(arena: Arena, way: str, *, each: int, slack: float) -> Outcome:
    """Everybody orders so many times at once while the database is away, and again when it is back."""
    outcome, crowd, since = Outcome(f"database {way}"), arena.crowd, len(arena.notes.wishes)
    await arena.restock()
    await asyncio.gather(*(crowd.settle(crowd.wish(member)) for member in crowd.everybody))
    processes, memory = arena.site.web_processes(), arena.site.web_memory()
    async with WAYS[way](arena.site):
        wishes = [crowd.wish(member) for member in crowd.everybody for _ in range(each)]
        answers = await asyncio.gather(*map(crowd.ask, wishes))
        growth = arena.site.web_memory() - memory
        judge(outcome, answers, ANSWERED_WITHIN * slack)
    back_at = time.monotonic()
    while (await crowd.ask(wish := crowd.wish(0))).status != 201:
        assert time.monotonic() < back_at + ORDERING_AGAIN_WITHIN, f"no orders after the database came back: {wish}"
    outcome.figures |= {
        "slowest_s": round(slowest(answers), 2),
        "ordering_again_s": round(time.monotonic() - back_at, 1),
        "growth_mb": growth // 2**20,
    }
    outcome.figures |= arena.notes.since(since).statuses()
    outcome.demand(growth < MEMORY_GROWTH, f"the web processes grew by {growth // 2**20} MB")
    outcome.demand_no_fault(arena.notes.since(since))
    now = arena.site.web_processes()
    outcome.demand(now == processes, f"web processes {processes} became {now}")
    await prove(arena, outcome, since)
    return outcome


def judge(outcome: Outcome, answers: list[Answer], within: float) -> None:
    """Every one of them is a refusal that says when to come again, and came soon."""
    unfit = [answer for answer in answers if not (answer.status == 503 and answer.is_problem and answer.retry_after)]
    kinds = sorted(set(map(str, unfit)))
    outcome.demand(not unfit, f"{len(unfit)} of {len(answers)} were not told to come again, but: {', '.join(kinds)}")
    late = [answer.seconds for answer in answers if answer.seconds > within]
    slowest_of_all = f"{max(late, default=0):.1f} s"
    outcome.demand(not late, f"{len(late)} of {len(answers)} waited longer than {within} s: {slowest_of_all}")


def _send(pid: int, number: signal.Signals) -> None:
    """Backends come and go at any moment."""
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, number)
