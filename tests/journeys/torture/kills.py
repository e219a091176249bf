"""A process is killed in the middle of load: nothing answered is lost, nothing retried happens twice."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass

from .arena import Arena, Outcome
from .asking import prove
from .site import Site
from .waiting import until

#: Orders placed before the blow, and again after everything is back: there is load on both sides of it.
LOAD = 40
BACK_WITHIN = 60.0


@dataclass(frozen=True)
class Victim:
    """A process to kill, and how to see that another one has taken its place."""

    name: str
    find: Callable[[Site], int | None]
    is_back: Callable[[Site, int], object]


def _web_process(site: Site) -> int | None:
    found = site.web_processes()
    return found[0] if found else None


def _web_is_back(site: Site, killed: int) -> object:
    found = site.web_processes()
    return len(found) > 1 and killed not in found


def _consumer_is_back(site: Site, killed: int) -> object:
    return site.consumer not in (None, killed)


def _postmaster_is_back(site: Site, killed: int) -> object:
    return site.postmaster not in (None, killed)


VICTIMS = (
    Victim("web process", _web_process, _web_is_back),
    Victim("consumer", lambda site: site.consumer, _consumer_is_back),
    Victim("postmaster", lambda site: site.postmaster, _postmaster_is_back),
)


async def kill(arena: Arena, victim: Victim) -> Outcome:
    """One blow in the middle of load."""
    outcome, notes, since = Outcome(f"kill {victim.name}"), arena.notes, len(arena.notes.wishes)
    await arena.restock()
    before = notes.placed
    async with arena.crowd.shopping():
        await until(lambda: notes.placed >= before + LOAD, what="the first orders")
        pid = await until(lambda: victim.find(arena.site), what=f"the {victim.name}")
        os.kill(pid, signal.SIGKILL)
        struck_at, then = time.monotonic(), notes.placed
        await until(lambda: victim.is_back(arena.site, pid), seconds=BACK_WITHIN, what=f"another {victim.name}")
        back, now = time.monotonic() - struck_at, notes.placed
        await until(lambda: notes.placed >= now + LOAD, what="orders after the blow")
    mine = notes.since(since)
    outcome.figures |= {"placed": mine.placed, "meanwhile": now - then, "back_s": round(back, 1)}
    outcome.figures |= mine.statuses()
    outcome.demand_no_fault(mine)
    await prove(arena, outcome, since)
    return outcome
