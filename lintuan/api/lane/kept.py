"""Values kept at hand for many readers and read again behind their backs, so that a reader hardly ever waits."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from django.db import InterfaceError, OperationalError, connection

from lintuan.kernel.errors import NotFound, Unavailable
from lintuan.kernel.threads import close_own_connection

log = logging.getLogger(__name__)

K = TypeVar("K")
V = TypeVar("V")
R = TypeVar("R")

#: Real seconds that a reader waits at most for a value, counted from when reading it began.
PATIENCE = 2.0
#: Real seconds after a failure before the same value is tried again.
PAUSE = 0.25
#: Real seconds after which a value is not worth its memory; until then it spares reading what still holds.
UNWANTED = 900.0
#: Reading one value again and again takes at most one part in so many of a processor.
SHARE = 40
#: How many readings may wait for the one thread.
MOST_WAITING = 200


@dataclass(frozen=True, slots=True)
class Ages:
    """In real seconds.

    A fresh value is simply shown; it is so for SHARE times as long as reading it took, within the bounds of `fresh`. Up
    to `late` it is shown and read again meanwhile. After that readers wait for the new one, and if there is none they
    are shown the old one up to `oldest`.
    """

    fresh: tuple[float, float]
    late: float
    oldest: float

    def freshness(self, took: float) -> float:
        least, most = self.fresh
        return min(most, max(least, SHARE * took))


@dataclass(frozen=True, slots=True)
class _Value(Generic[V]):
    """What was read, and until when it is fresh."""

    read_at: float
    fresh_until: float
    value: V


@dataclass(slots=True)
class _Reading(Generic[V]):
    """A value on its way."""

    began_at: float
    future: Future[V] = field(default_factory=Future)
    #: Something changed meanwhile: what is being read may be of before.
    again: bool = False
    failed_at: float | None = None

    def failed_before(self, moment: float) -> bool:
        return self.failed_at is not None and self.failed_at <= moment


class Kept(Generic[K, V]):
    """Values by key; `read(key, known)` gets one, in the one thread of this object, which has its own connection."""

    def __init__(self, read: Callable[[K, V | None], V], *, ages: Ages) -> None:
        self._read, self._ages = read, ages
        self._values: dict[K, _Value[V]] = {}
        self._readings: dict[K, _Reading[V]] = {}
        self._asides = 0
        self._is_closed = False
        self._lock = threading.RLock()
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="kept")

    def at_hand(self, key: K) -> V | None:
        """The value if nobody has to wait for it."""
        found = self._values.get(key)
        if found is None:
            return None
        now = time.monotonic()
        if now > found.fresh_until:
            if now - found.read_at > self._ages.late:
                return None
            self._begin(key)
        return found.value

    async def fetch(self, key: K) -> V:
        """The value as it is now read; the old one, if it is not too old, or Unavailable when there is no new one."""
        self._refuse_a_crowd()
        reading = self._begin(key)
        with contextlib.suppress(TimeoutError, OperationalError, InterfaceError):
            return await _within(reading.began_at + PATIENCE, reading.future)
        found = self._values.get(key)
        if found is None or time.monotonic() - found.read_at > self._ages.oldest:
            raise Unavailable
        return found.value

    async def aside(self, work: Callable[[], R]) -> R:
        """Have something else read in the same thread."""
        self._refuse_a_crowd()
        self._asides += 1
        try:
            return await _within(time.monotonic() + PATIENCE, self._thread.submit(_on_live_connection, work))
        except (TimeoutError, OperationalError, InterfaceError) as wrong:
            raise Unavailable from wrong
        finally:
            self._asides -= 1

    def renew(self, is_meant: Callable[[K], bool]) -> None:
        """Read again at once what is in use; what is not waits for its next reader, and is dropped in the end."""
        with self._lock:
            under_way = {key: reading for key, reading in self._readings.items() if reading.failed_at is None}
            for key, reading in under_way.items():
                reading.again = reading.again or is_meant(key)
            for key, found in tuple(self._values.items()):
                age = time.monotonic() - found.read_at
                if age >= UNWANTED:
                    del self._values[key]
                elif age <= self._ages.late and key not in under_way and is_meant(key):
                    self._begin(key)

    def close(self) -> None:
        """Read no more, and give back the connection."""
        with self._lock:
            self._is_closed = True
        self._thread.submit(close_own_connection)
        self._thread.shutdown()

    def _refuse_a_crowd(self) -> None:
        if self._is_closed:
            raise Unavailable
        if len(self._readings) + self._asides < MOST_WAITING:
            return
        with self._lock:
            for key in [key for key, reading in self._readings.items() if reading.failed_at is not None]:
                del self._readings[key]
        if len(self._readings) + self._asides >= MOST_WAITING:
            raise Unavailable

    def _begin(self, key: K) -> _Reading[V]:
        """The reading of this value that is on its way, or that failed just now; else a new one."""
        with self._lock:
            if self._is_closed:
                raise Unavailable
            reading, now = self._readings.get(key), time.monotonic()
            if reading is None or reading.failed_before(now - PAUSE):
                reading = self._readings[key] = _Reading(now)
                self._thread.submit(self._carry_out, key, reading)
            return reading

    def _carry_out(self, key: K, reading: _Reading[V]) -> None:
        read_at, known = time.monotonic(), self._values.get(key)
        try:
            value = _on_live_connection(lambda: self._read(key, known.value if known else None))
        except BaseException as wrong:
            self._note_failure(key, reading, wrong)
            return
        fresh_until = read_at + self._ages.freshness(time.monotonic() - read_at)
        with self._lock:
            self._values[key] = _Value(read_at, fresh_until, value)
            del self._readings[key]
            if reading.again and not self._is_closed:
                self._begin(key)
        reading.future.set_result(value)

    def _note_failure(self, key: K, reading: _Reading[V], wrong: BaseException) -> None:
        with self._lock:
            if isinstance(wrong, NotFound):
                self._values.pop(key, None)
                del self._readings[key]
            else:
                reading.failed_at = time.monotonic()
        if not isinstance(wrong, NotFound):
            log.warning("%s could not be read: %s", key, wrong, exc_info=not isinstance(wrong, OperationalError))
        reading.future.set_exception(wrong)


async def _within(deadline: float, future: Future[R]) -> R:
    """Shielded: others may wait for the same future."""
    left = max(0.0, deadline - time.monotonic())
    return await asyncio.wait_for(asyncio.shield(asyncio.wrap_future(future)), left)


def _on_live_connection(work: Callable[[], R]) -> R:
    """A connection may have died since it was used last; only a new one's failure tells of the database."""
    try:
        return work()
    except (OperationalError, InterfaceError):
        connection.close()
    try:
        return work()
    except (OperationalError, InterfaceError):
        connection.close()
        raise
