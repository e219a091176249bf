"""Waiting for what must come, without holding up those who shop meanwhile."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import TypeVar

LOOK_EVERY = 0.02

Found = TypeVar("Found")


async def until(look: Callable[[], Found], *, seconds: float = 60.0, what: str) -> Found:
    """What is seen once it is there or true; the trial fails when that does not come."""
    deadline = time.monotonic() + seconds
    while not (found := look()):
        assert time.monotonic() < deadline, f"waited {seconds:.0f} s in vain for {what}; last seen: {found!r}"
        await asyncio.sleep(LOOK_EVERY)
    return found


async def quiet(look: Callable[[], object], *, seconds: float = 90.0, what: str) -> None:
    """Until nothing is seen any more."""
    deadline = time.monotonic() + seconds
    while found := await insist(look):
        assert time.monotonic() < deadline, f"waited {seconds:.0f} s in vain for {what} to end; last seen: {found!r}"
        await asyncio.sleep(LOOK_EVERY)


async def insist(ask: Callable[..., Found], *arguments: object, seconds: float = 20.0) -> Found:
    """What somebody patient is answered who asks beside the trial, and asks again when told to come again."""
    deadline = time.monotonic() + seconds
    while True:
        try:
            return await asyncio.to_thread(ask, *arguments)
        except AssertionError as refused:
            if ": 503 " not in str(refused) or time.monotonic() > deadline:
                raise
