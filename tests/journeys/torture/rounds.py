"""All kinds of trials by name, and what the n-th round of each does."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from .arena import Arena, Outcome
from .cutoff import clock_shift
from .jobs import kill_in_job
from .kills import VICTIMS, kill
from .outages import WAYS, outage
from .poison import POISONS, one_in_many
from .pressure import Effort, press
from .strangers import strangers


@dataclass(frozen=True)
class Size:
    """How much of everything."""

    each: int
    holders: int
    copies: int
    effort: Effort
    #: How many times as long as promised an answer may take: CI shares its machine with others, and tells only
    #: what is answered from what hangs.
    slack: float = 1.0


FULL = Size(each=6, holders=800, copies=4, effort=Effort())
SHORT = Size(each=4, holders=150, copies=1, effort=Effort(measure_s=1.0, press_s=1.5), slack=3.0)

Trial = Callable[[Arena, int, Size], Awaitable[Outcome]]


async def _kill(arena: Arena, number: int, size: Size) -> Outcome:
    return await kill(arena, VICTIMS[number % len(VICTIMS)])


async def _poison(arena: Arena, number: int, size: Size) -> Outcome:
    return await one_in_many(arena, list(POISONS)[number % len(POISONS)])


async def _outage(arena: Arena, number: int, size: Size) -> Outcome:
    return await outage(arena, list(WAYS)[number % len(WAYS)], each=size.each, slack=size.slack)


async def _jobs(arena: Arena, number: int, size: Size) -> Outcome:
    return await kill_in_job(arena)


async def _strangers(arena: Arena, number: int, size: Size) -> Outcome:
    return await strangers(arena, holders=size.holders, copies=size.copies, slack=size.slack)


async def _pressure(arena: Arena, number: int, size: Size) -> Outcome:
    return await press(arena, size.effort, slack=size.slack)


async def _clock(arena: Arena, number: int, size: Size) -> Outcome:
    arena.is_evening = False
    return await clock_shift(arena)


KINDS: Mapping[str, Trial] = {
    "kill": _kill,
    "poison": _poison,
    "outage": _outage,
    "jobs": _jobs,
    "strangers": _strangers,
    "pressure": _pressure,
    "clock": _clock,
}


async def hold(arena: Arena, kind: str, number: int, size: Size) -> Outcome:
    """One trial; what it waited for in vain is a violation like any other, and the logs may tell more."""
    began, since = time.monotonic(), arena.site.log_sizes()
    try:
        if not arena.is_evening:
            await arena.next_evening()
        outcome = await KINDS[kind](arena, number, size)
    except AssertionError as wrong:
        outcome = Outcome(kind, violations=[str(wrong)])
    if outcome.violations:
        outcome.violations += arena.site.stumbles(since)
    outcome.seconds = time.monotonic() - began
    return outcome
