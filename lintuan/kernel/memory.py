"""What changes rarely and is asked for always, remembered for a moment in each process.

A command that changes it tells so (`kernel.changes`): its own process forgets at once, and every process that listens
as soon as it hears of the commit. One that does not listen, or is not reached, follows within `seconds` of real time.
Only for views of reference rows, where that moment does not matter: an order that arrives as a province closes could as
well have come a second earlier.
"""

from __future__ import annotations

import functools
import math
import time
from collections.abc import Callable
from typing import Any, ParamSpec, TypeVar

from django.db import connection, transaction

P = ParamSpec("P")
R = TypeVar("R")

MOST = 10_000

_memories: list[dict[Any, tuple[float, Any]]] = []
_times_forgotten = 0


def remembered(seconds: float) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Remember the answers of a function of hashable arguments; refusals are not remembered."""

    def decorate(function: Callable[P, R]) -> Callable[P, R]:
        memory: dict[Any, tuple[float, Any]] = {}
        _memories.append(memory)
        swept_at = -math.inf

        @functools.wraps(function)
        def ask(*args: P.args, **named: P.kwargs) -> R:
            nonlocal swept_at
            key, now = (args, *sorted(named.items())), time.monotonic()
            known = memory.get(key)
            if known is not None and known[0] > now:
                answer: R = known[1]
                return answer
            if now - swept_at >= seconds:
                swept_at = now
                _sweep(memory, now)
            if len(memory) >= MOST:
                memory.clear()
            asked_at = _times_forgotten
            answer = function(*args, **named)
            # What was read before a change must not be remembered after it.
            if asked_at == _times_forgotten:
                memory[key] = (now + seconds, answer)
            return answer

        return ask

    return decorate


def forget() -> None:
    """Forget everything remembered in this process, now and again when the transaction is through.

    In between, others may have remembered what was there before.
    """
    _clear()
    if connection.in_atomic_block:
        transaction.on_commit(_clear)


def _sweep(memory: dict[Any, tuple[float, Any]], now: float) -> None:
    """Let go of what is no longer good: answers are large, and most are never asked for again."""
    # In one step: other threads remember meanwhile.
    for key, (until, _) in list(memory.items()):
        if until <= now:
            memory.pop(key, None)


def _clear() -> None:
    global _times_forgotten
    _times_forgotten += 1
    for memory in _memories:
        memory.clear()
