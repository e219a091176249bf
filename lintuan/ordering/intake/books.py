"""The books of this process: read in threads by Django's queries, dropped when something in them changed."""

from __future__ import annotations

import asyncio
import logging
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from functools import partial

from lintuan.kernel import changes, clock
from lintuan.kernel.changes import Change
from lintuan.kernel.threads import in_thread

from .book import Book, whole_book

log = logging.getLogger(__name__)

READERS = 2


class Books:
    """One book per province; while a newer one is being read the older one serves, as batches look at its count."""

    def __init__(self) -> None:
        # Threads of its own: whatever else waits for the database, the books do not wait behind it.
        self._threads = ThreadPoolExecutor(READERS, thread_name_prefix="books")
        self._loop = asyncio.get_running_loop()
        self._books: dict[int, Book] = {}
        self._readings: dict[int, asyncio.Task[Book]] = {}
        self._end = changes.on_change(self._hear)

    def close(self) -> None:
        self._end()
        self._threads.shutdown(wait=False)

    def known(self, province_id: int, now: datetime) -> Book | None:
        """The book of the sale day now open, if it was read."""
        book = self._books.get(province_id)
        return book if book is not None and book.is_of(now) else None

    async def read(self, province_id: int) -> Book:
        """The book as it is now; those who ask at once read together. NotFound where there is no such province."""
        reading = self._readings.get(province_id)
        if reading is None:
            reading = self._readings[province_id] = asyncio.create_task(self._read(province_id))
            reading.add_done_callback(lambda _: self._readings.pop(province_id, None))
        return await asyncio.shield(reading)

    async def renew(self, outdated: Book) -> None:
        """Read a book again, unless somebody has done so meanwhile."""
        province_id = outdated.province.id
        if (reading := self._readings.get(province_id)) is not None:
            # It may have begun before the change, and then the next batch finds that out.
            await asyncio.wait([reading])
        elif (known := self._books.get(province_id)) is None or known.began == outdated.began:
            await self.read(province_id)

    async def _read(self, province_id: int, *, unless_at: int | None = None) -> Book:
        """Read a book; the one there is serves on where the province's count of changes is still `unless_at`."""
        known = self._books.get(province_id)

        def work() -> Book:
            if known is not None and known.changes == unless_at == changes.count(province_id):
                return known
            return whole_book(province_id, clock.now())

        book = await in_thread(self._threads, work)
        self._books[province_id] = book
        return book

    def _hear(self, change: Change) -> None:
        self._loop.call_soon_threadsafe(self._renew, change)

    def _renew(self, change: Change) -> None:
        for province_id, book in self._books.items():
            if change.province_id in (0, province_id) and province_id not in self._readings:
                reading = self._read(province_id, unless_at=book.changes)
                self._readings[province_id] = task = asyncio.create_task(reading)
                task.add_done_callback(partial(self._renewed, province_id))

    def _renewed(self, province_id: int, reading: asyncio.Task[Book]) -> None:
        self._readings.pop(province_id, None)
        if not reading.cancelled() and (failed := reading.exception()):
            log.warning("the book of province %s could not be read anew: %s", province_id, failed)
