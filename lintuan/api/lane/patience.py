"""How long the lane waits for a client: one timer for all, as one each would cost more than reading a body."""

from __future__ import annotations

import asyncio
from collections import deque
from typing import Any


class Stay:
    """One wait; `is_over` when it was ended because it took too long."""

    __slots__ = ("due", "is_over", "task")

    def __init__(self, task: asyncio.Task[Any], due: float) -> None:
        self.task: asyncio.Task[Any] | None = task
        self.due = due
        self.is_over = False

    def end(self) -> None:
        self.task = None


class Patience:
    """Cancels tasks that wait longer than so many real seconds; all wait equally long, so the first is due first."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._stays: deque[Stay] = deque()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._timer: asyncio.TimerHandle | None = None

    def begin(self) -> Stay:
        """Let the present task wait; whoever begins must end it."""
        task = asyncio.current_task()
        assert task is not None
        loop = task.get_loop()
        if loop is not self._loop:
            # Timers of a loop that is gone never ring.
            self._loop, self._timer, self._stays = loop, None, deque()
        stay = Stay(task, loop.time() + self._seconds)
        self._forget_ended()
        self._stays.append(stay)
        if self._timer is None:
            self._timer = loop.call_at(stay.due, self._ring)
        return stay

    def _forget_ended(self) -> None:
        while self._stays and self._stays[0].task is None:
            self._stays.popleft()

    def _ring(self) -> None:
        assert self._loop is not None
        now = self._loop.time()
        while self._stays and (self._stays[0].task is None or self._stays[0].due <= now):
            stay = self._stays.popleft()
            if stay.task is not None:
                stay.is_over = True
                stay.task.cancel()
        self._timer = self._loop.call_at(self._stays[0].due, self._ring) if self._stays else None
