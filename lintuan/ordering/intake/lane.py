"""The lane: lines of waiting orders, and two carriers that write batch after batch."""

from __future__ import annotations

import asyncio
import itertools
import logging
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime

import asyncpg

from lintuan.kernel import clock
from lintuan.kernel.callers import Caller
from lintuan.kernel.errors import Broken, Refusal, Unavailable
from lintuan.kernel.threads import in_thread
from lintuan.ordering.commands.intake import place_order, require_shopper
from lintuan.ordering.types import OrderRequest, OrderView

from .batch import ANY, Stores, take_in
from .book import Book
from .books import Books
from .connection import Connection
from .line import Line, Waiting
from .statements import STALE
from .wishes import BookOutdated, Outcome, PlacedBefore, TryAgain, Wish

log = logging.getLogger(__name__)

CARRIERS = 2
#: Real seconds between the beginnings of two batches of a province: meanwhile orders gather, as ten batches of one
#: order cost several times what one batch of ten does. Who comes after a pause does not wait.
PACE = 0.01
#: How often who waited too long is looked for.
LOOK_EVERY = 0.1
#: Real seconds from arrival after which a batch is not waited for any more.
LONGEST_IN_HAND = 2.5
THREADS = 4
#: The class of SQLSTATEs by which the database asks for the same transaction again.
ROLLED_BACK = "40"
#: Orders of household baskets and with savings, which go their own way, so many at once.
MOST_APART = 64


class Lane:
    """Takes the orders of one process; made inside its event loop."""

    def __init__(self) -> None:
        self.threads = ThreadPoolExecutor(THREADS, thread_name_prefix="intake")
        self.books = Books()
        self._lines: dict[int, Line] = {}
        self._stores = Stores.fresh()
        self._some = asyncio.Event()
        self._apart = 0
        self._carried: Counter[int] = Counter()
        self._in_hand: dict[Connection, list[Waiting]] = {}
        self._connections = [Connection() for _ in range(CARRIERS)]
        self._tasks = [asyncio.create_task(self._carry_on(connection)) for connection in self._connections]
        self._tasks.append(asyncio.create_task(self._clear_overdue()))

    async def close(self) -> None:
        """End without answering who still waits."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for connection in self._connections:
            await connection.close()
        self.books.close()
        self.threads.shutdown(wait=False)

    @property
    def is_full(self) -> bool:
        """Whether any order would be told to come again, whoever sends it."""
        return bool(self._lines) and all(line.is_full for line in self._lines.values())

    async def place(self, caller: Caller, request: OrderRequest, key: str, now: datetime) -> OrderView | PlacedBefore:
        """The order as it was just placed, or the one that the key stands for; refusals are raised."""
        require_shopper(caller, caller.province_id)
        since, wish = time.monotonic(), Wish.of(caller, request, key)
        if request.goes_apart:
            return await self._place_apart(wish, key)
        if self.books.known(caller.province_id, now) is None:
            await self.books.read(caller.province_id)
        if all(connection.is_down for connection in self._connections):
            raise Unavailable
        line = self._lines.setdefault(caller.province_id, Line())
        answer = line.join(wish, since)
        self._some.set()
        outcome = await answer
        if isinstance(outcome, Refusal):
            raise outcome
        assert not isinstance(outcome, TryAgain)
        return outcome

    async def _place_apart(self, wish: Wish, key: str) -> PlacedBefore:
        """An order about a household basket or with savings of plays, as a batch of one."""
        if self._apart >= MOST_APART:
            raise Unavailable
        self._apart += 1
        try:
            caller, request = wish.caller, wish.request
            order_id = await in_thread(
                self.threads,
                lambda: place_order(caller, province_id=caller.province_id, request=request, key=key),
            )
        finally:
            self._apart -= 1
        return PlacedBefore(order_id)

    async def _carry_on(self, connection: Connection) -> None:
        """Write batch after batch; provinces take turns."""
        turns = itertools.count()
        while True:
            await self._some.wait()
            waiting = [province_id for province_id, line in self._lines.items() if line.waiting]
            if not waiting:
                self._some.clear()
                continue
            now = time.monotonic()
            due = [province_id for province_id in waiting if self._lines[province_id].due_at <= now]
            if not due:
                await asyncio.sleep(min(self._lines[province_id].due_at for province_id in waiting) - now)
                continue
            province_id = self._whose_turn(due, next(turns))
            batch = self._lines[province_id].next_batch()
            self._lines[province_id].due_at = now + PACE
            self._carried[province_id] += 1
            self._in_hand[connection] = batch
            try:
                await self._carry(connection, province_id, batch)
            except Exception:
                log.exception("a batch of province %s failed", province_id)
                self._lines[province_id].fail(batch, Broken())
            finally:
                self._carried[province_id] -= 1
                del self._in_hand[connection]

    def _whose_turn(self, due: list[int], turn: int) -> int:
        """Not all carriers for one province while another waits."""
        fewest = min(self._carried[province_id] for province_id in due)
        least_carried = [province_id for province_id in due if self._carried[province_id] == fewest]
        return least_carried[turn % len(least_carried)]

    async def _carry(self, connection: Connection, province_id: int, batch: list[Waiting]) -> None:
        line, began = self._lines[province_id], time.monotonic()
        try:
            outcomes = await self._outcomes(connection, province_id, batch)
        except Refusal as refusal:
            line.fail(batch, refusal)
            return
        line.settle(batch, outcomes)
        if line.waiting:
            self._some.set()
        line.work_off_at(len(batch) * CARRIERS / max(time.monotonic() - began, 0.001))

    async def _outcomes(self, connection: Connection, province_id: int, batch: list[Waiting]) -> list[Outcome]:
        """Of the batch as a whole or, when one order breaks it, of each on its own."""
        now = clock.now()
        book = self.books.known(province_id, now) or await self.books.read(province_id)
        wishes = [place.wish for place in batch]
        # What was changed before the last of them came is in a book whose reading began after that.
        is_new = book.began > max((place.since for place in batch), default=0.0)
        decided = replace(book, changes=ANY) if is_new else book
        try:
            return await self._written(connection, decided, wishes, now)
        except asyncpg.PostgresError as wrong:
            log.error("a batch of %s failed and is written one by one: %s", len(batch), wrong)
        outcomes: list[Outcome] = []
        for wish in wishes:
            try:
                outcomes += await self._written(connection, decided, [wish], now)
            except asyncpg.PostgresError as wrong:
                log.error("an order of member %s failed: %s", wish.caller.reference, wrong)
                outcomes.append(Broken())
        return outcomes

    async def _written(self, connection: Connection, book: Book, wishes: list[Wish], now: datetime) -> list[Outcome]:
        """Decided and written; where the book was out of date, all must try again with a new one."""
        try:
            return await connection.carry_out(take_in(book, wishes, now, self._stores))
        except BookOutdated:
            await self.books.renew(book)
        except asyncpg.PostgresError as wrong:
            if wrong.sqlstate == STALE:
                await self.books.renew(book)
            elif not (wrong.sqlstate or "").startswith(ROLLED_BACK):
                raise
        return [TryAgain() for _ in wishes]

    async def _clear_overdue(self) -> None:
        while True:
            await asyncio.sleep(LOOK_EVERY)
            now = time.monotonic()
            for line in self._lines.values():
                line.clear_overdue(now)
            for batch in self._in_hand.values():
                for place in batch:
                    if now - place.since > LONGEST_IN_HAND:
                        place.settle(Unavailable())
