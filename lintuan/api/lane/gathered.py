"""Questions of one kind, gathered while others like them are being answered, and then answered together."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Generic, TypeVar

from lintuan.kernel.errors import Broken, Refusal, Unavailable
from lintuan.kernel.threads import close_own_connection, in_thread

log = logging.getLogger(__name__)

Q = TypeVar("Q")
A = TypeVar("A")

#: Real seconds until an asker is told to come again.
PATIENCE = 2.5
#: Askers behind these could only be answered when nobody listens any more.
MOST_WAITING = 2_000
LARGEST_BATCH = 200


class Gathered(Generic[Q, A]):
    """One batch at a time, in the one thread of this object, which has its own connection.

    `answer` takes questions and gives for each its answer or why it has none; a batch that fails has none at all.
    """

    def __init__(self, name: str, answer: Callable[[Sequence[Q]], Sequence[A | Refusal]]) -> None:
        self._answer = answer
        self._thread = ThreadPoolExecutor(1, thread_name_prefix=name)
        self._waiting: list[tuple[Q, asyncio.Future[A | Refusal]]] = []
        self._at_work: asyncio.Task[None] | None = None

    async def ask(self, question: Q) -> A:
        """The answer; refusals are raised, Unavailable when it takes too long."""
        if len(self._waiting) >= MOST_WAITING:
            raise Unavailable
        future: asyncio.Future[A | Refusal] = asyncio.get_running_loop().create_future()
        self._waiting.append((question, future))
        if self._at_work is None or self._at_work.done():
            self._at_work = asyncio.create_task(self._work_off())
        try:
            async with asyncio.timeout(PATIENCE):
                answer = await future
        except TimeoutError:
            raise Unavailable from None
        if isinstance(answer, Refusal):
            raise answer
        return answer

    def close(self) -> None:
        """Answer no more, and give back the connection."""
        self._thread.submit(close_own_connection)
        self._thread.shutdown()

    async def _work_off(self) -> None:
        while self._waiting:
            batch, self._waiting = self._waiting[:LARGEST_BATCH], self._waiting[LARGEST_BATCH:]
            # Who has given up needs no answer.
            batch = [(question, future) for question, future in batch if not future.done()]
            answers = await self._answers([question for question, _ in batch])
            for (_, future), answer in zip(batch, answers, strict=True):
                if not future.done():
                    future.set_result(answer)

    async def _answers(self, questions: Sequence[Q]) -> Sequence[A | Refusal]:
        try:
            return await in_thread(self._thread, partial(self._answer, questions))
        except Refusal as refusal:
            return [refusal] * len(questions)
        except Exception:
            log.exception("a batch of %d failed", len(questions))
            return [Broken()] * len(questions)
