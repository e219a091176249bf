"""Events: facts in the past tense, written to an append-only log in the transaction that made them true.

Each consumer reads the log in order, in batches, and commits its writes and its checkpoint together: at least once
delivered, once effective. It reads only what every slower transaction is behind (`pg_snapshot_xmin`), so that an event
of a transaction that began early and committed late is not skipped.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import ClassVar

import msgspec
from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper

from . import clock

CHANNEL = "lintuan_events"
WAKE_EVERY = 0.02
#: From so many rows on COPY is faster than VALUES, whose every value is quoted on its own.
FEW = 32
_COLUMNS = "(province_id, on_day, at, name, body)"


@dataclass(frozen=True, kw_only=True)
class Event:
    """Base of all events; a subclass is known by its room and name, `ordering.OrderPlaced`."""

    province_id: int

    event_name: ClassVar[str] = ""

    def __init_subclass__(cls) -> None:
        cls.event_name = f"{cls.__module__.split('.')[-2]}.{cls.__name__}"
        KINDS[cls.event_name] = cls


KINDS: dict[str, type[Event]] = {}


@dataclass(frozen=True, slots=True)
class Recorded:
    """An event with its place in the log and its business moment."""

    event: Event
    id: int
    at: datetime


Handler = Callable[[Sequence[Recorded]], None]


@dataclass(frozen=True, slots=True)
class Consumer:
    """A named reader of the log; `take` gets a batch in order, inside the transaction that moves the checkpoint.

    `rest` are the real seconds that a worker lets pass after a batch that was not full: where a batch costs much
    whatever its size, what comes meanwhile is better taken together.
    """

    name: str
    kinds: tuple[str, ...]
    take: Handler
    batch: int = 500
    rest: float = 0.0


CONSUMERS: dict[str, Consumer] = {}


def consumer(name: str, *kinds: type[Event], batch: int = 500, rest: float = 0.0) -> Callable[[Handler], Handler]:
    """Register a handler of batches as the consumer of that name."""

    def register(take: Handler) -> Handler:
        CONSUMERS[name] = Consumer(name, tuple(kind.event_name for kind in kinds), take, batch, rest)
        return take

    return register


def announce(*events: Event) -> None:
    """Append events to the log, within the present transaction."""
    announce_all(events)


def announce_all(events: Iterable[Event]) -> None:
    """Append many events at once."""
    rows = _rows(events)
    if not rows:
        return
    with connection.cursor() as cursor:
        if len(rows) < FEW:
            places = ", ".join(["(%s, %s, %s, %s, %s)"] * len(rows))
            cursor.execute(
                f"INSERT INTO kernel_event {_COLUMNS} VALUES {places}", [part for row in rows for part in row]
            )
        else:
            with cursor.copy(f"COPY kernel_event {_COLUMNS} FROM STDIN") as copy:
                for row in rows:
                    copy.write_row(row)
    transaction.on_commit(_wake)


def _rows(events: Iterable[Event]) -> list[tuple[int, date, datetime, str, str]]:
    at = clock.now()
    return [
        (event.province_id, at.date(), at, event.event_name, msgspec.json.encode(event).decode()) for event in events
    ]


def read_event(name: str, body: bytes | str) -> Event:
    """An event of the log; fields that this version does not know are ignored."""
    return msgspec.json.decode(body, type=KINDS[name])


def keep_partitions(first: date, days: int) -> None:
    """Make the log's partitions of the days from `first` on, but for days already in the default one."""
    with transaction.atomic(), connection.cursor() as cursor:
        # A new partition locks the whole log; behind a long transaction every announcement would queue.
        cursor.execute("SET LOCAL lock_timeout = '2s'")
        wanted = [first + timedelta(days=ahead) for ahead in range(days)]
        if any(_is_missing(cursor, day) for day in wanted):
            # Whoever writes a day's first event just now is waited for, and seen below.
            cursor.execute("LOCK TABLE ONLY kernel_event IN ACCESS EXCLUSIVE MODE")
        for day in wanted:
            if _is_missing(cursor, day):
                cursor.execute(
                    f"CREATE TABLE IF NOT EXISTS {_partition(day)} PARTITION OF kernel_event"
                    f" FOR VALUES FROM ('{day}') TO ('{day + timedelta(days=1)}')"
                )


def _is_missing(cursor: CursorWrapper, day: date) -> bool:
    cursor.execute(
        "SELECT to_regclass(%s) IS NULL AND NOT EXISTS (SELECT 1 FROM kernel_event_rest WHERE on_day = %s)",
        [_partition(day), day],
    )
    return bool(cursor.fetchone()[0])


def _partition(day: date) -> str:
    return f"kernel_event_{day:%Y%m%d}"


_woken = 0.0


def _wake() -> None:
    """Tell sleeping consumers, not at every commit: notifying commits queue behind each other."""
    global _woken
    moment = time.monotonic()
    if moment - _woken < WAKE_EVERY or connection.in_atomic_block:
        return
    _woken = moment
    with connection.cursor() as cursor:
        cursor.execute(f"NOTIFY {CHANNEL}")
