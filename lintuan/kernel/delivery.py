"""How the log reaches its consumers: batches in order, writes and checkpoint in one transaction, poison set aside."""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from django.db import DatabaseError, InterfaceError, OperationalError, connection, transaction

from .events import CONSUMERS, Consumer, Recorded, read_event
from .models import Checkpoint, ParkedEvent

log = logging.getLogger(__name__)

#: Transactions that a checkpoint may lie behind the settled ones without anything to read.
FAR_BEHIND = 200
_LAST_EVENT = 2**63 - 1


class Horizon(StrEnum):
    """Up to which transaction the log may be read."""

    SETTLED = "pg_snapshot_xmin(pg_current_snapshot())"
    #: Also what the present transaction wrote itself: for rehearsals inside one transaction.
    OWN = "((pg_current_xact_id()::text)::bigint + 1)::text::xid8"


@dataclass(frozen=True, slots=True)
class Place:
    """Where a consumer stands, and the last transaction up to which all is settled."""

    transaction: int
    event: int
    settled: int


@dataclass(frozen=True, slots=True)
class Row:
    """A row of the log as stored."""

    transaction: int
    id: int
    province_id: int
    at: datetime
    name: str
    body: str


class Poisoned(Exception):
    """A consumer could not take a batch that begins with this row."""

    def __init__(self, row: Row) -> None:
        super().__init__(row.id)
        self.row = row


class Rests:
    """Which consumers rest in this process, and until when."""

    def __init__(self) -> None:
        self._until: dict[str, float] = {}

    def deliver(self, consumer: Consumer) -> int:
        """One batch, none while it rests."""
        if time.monotonic() < self._until.get(consumer.name, 0.0):
            return 0
        taken = deliver(consumer)
        if 0 < taken < consumer.batch:
            self._until[consumer.name] = time.monotonic() + consumer.rest
        return taken

    def shorten(self, wait: float) -> float:
        """Of so many real seconds those until the first who rests has rested."""
        now = time.monotonic()
        return min([wait, *(until - now for until in self._until.values() if until > now)])


def keep_up(rests: Rests) -> int:
    """Deliver until no consumer that does not rest has anything left; answers how many events took effect."""
    return _until_nothing_moves(rests.deliver)


def catch_up(horizon: Horizon = Horizon.SETTLED) -> int:
    """Deliver until no consumer has anything left; answers how many events took effect."""
    return _until_nothing_moves(lambda consumer: deliver(consumer, horizon))


def _until_nothing_moves(step: Callable[[Consumer], int]) -> int:
    delivered = 0
    while moved := sum(step(consumer) for consumer in CONSUMERS.values()):
        delivered += moved
    return delivered


def deliver(consumer: Consumer, horizon: Horizon = Horizon.SETTLED) -> int:
    """One batch for one consumer, whole or, when it fails, event by event with the poisoned ones parked.

    A database that cannot be reached poisons nothing: its error goes to the caller.
    """
    try:
        with transaction.atomic():
            return _take_next(consumer, consumer.batch, horizon)
    except Poisoned as poisoned:
        log.exception(
            "consumer %s: a batch failed; going on event by event", consumer.name, exc_info=poisoned.__cause__
        )
    return _one_by_one(consumer, horizon)


def replay_parked() -> int:
    """Bring parked events to their consumers again; those that are taken now are parked no more."""
    taken = 0
    for parked in list(ParkedEvent.objects.order_by("event_id")):
        event = read_event(parked.name, json.dumps(parked.body))
        try:
            with transaction.atomic():
                if ParkedEvent.objects.filter(id=parked.id).delete()[0]:
                    CONSUMERS[parked.consumer].take([Recorded(event, parked.event_id, parked.at)])
                    taken += 1
        except DatabaseError:
            raise
        except Exception:
            log.exception("consumer %s: event %s stays parked", parked.consumer, parked.event_id)
    return taken


def _one_by_one(consumer: Consumer, horizon: Horizon) -> int:
    for taken in range(consumer.batch):
        try:
            with transaction.atomic():
                if not _take_next(consumer, 1, horizon):
                    return taken
        except Poisoned as poisoned:
            _park(consumer, horizon, poisoned)
    return consumer.batch


def _take_next(consumer: Consumer, limit: int, horizon: Horizon) -> int:
    """Let the consumer take up to that many events; none while another worker holds its checkpoint."""
    place = _hold(consumer, horizon)
    if place is None:
        return 0
    rows = _rows(consumer, place, limit)
    if rows:
        _take(consumer, rows)
        _move(consumer, rows[-1].transaction, rows[-1].id)
    elif horizon is Horizon.SETTLED and place.settled - place.transaction > FAR_BEHIND:
        # Or events of other kinds would be read past at every look. Its own transaction may still write some.
        _move(consumer, place.settled, _LAST_EVENT)
    return len(rows)


def _take(consumer: Consumer, rows: list[Row]) -> None:
    try:
        consumer.take([Recorded(read_event(row.name, row.body), row.id, row.at) for row in rows])
    except (OperationalError, InterfaceError):
        raise
    except Exception as wrong:
        raise Poisoned(rows[0]) from wrong


def _park(consumer: Consumer, horizon: Horizon, poisoned: Poisoned) -> None:
    """Set aside the event that failed, unless another worker has dealt with it meanwhile."""
    with transaction.atomic():
        place = _hold(consumer, horizon)
        for row in _rows(consumer, place, 1) if place else []:
            if row.id != poisoned.row.id:
                return
            ParkedEvent.objects.get_or_create(
                consumer=consumer.name,
                event_id=row.id,
                defaults={
                    "province_id": row.province_id,
                    "name": row.name,
                    "body": json.loads(row.body),
                    "reason": repr(poisoned.__cause__)[:2000],
                    "at": row.at,
                },
            )
            _move(consumer, row.transaction, row.id)


def _hold(consumer: Consumer, horizon: Horizon) -> Place | None:
    """Lock the consumer's checkpoint; None when another worker has it.

    What is settled is asked once, here: an event that settles later must be neither read nor passed over.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO kernel_checkpoint (consumer, transaction, event) VALUES (%s, 0, 0) ON CONFLICT DO NOTHING",
            [consumer.name],
        )
        cursor.execute(
            f"SELECT transaction, event, ({horizon.value})::text::bigint - 1 FROM kernel_checkpoint"
            " WHERE consumer = %s FOR UPDATE SKIP LOCKED",
            [consumer.name],
        )
        found = cursor.fetchone()
        return Place(*found) if found else None


def _rows(consumer: Consumer, place: Place, limit: int) -> list[Row]:
    """Events of the consumer's kinds behind its checkpoint, as far as all is settled."""
    with connection.cursor() as cursor:
        cursor.execute(
            # Without the table's name ORDER BY would mean the number in the answer, and sort all that waits each time.
            "SELECT e.txid::text::bigint, e.id, e.province_id, e.at, e.name, e.body::text FROM kernel_event e"
            " WHERE (e.txid, e.id) > (%s::text::xid8, %s) AND e.txid <= %s::text::xid8 AND e.name = ANY(%s)"
            " ORDER BY e.txid, e.id LIMIT %s",
            [str(place.transaction), place.event, str(place.settled), list(consumer.kinds), limit],
        )
        return [Row(*row) for row in cursor.fetchall()]


def _move(consumer: Consumer, to_transaction: int, to_event: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE kernel_checkpoint SET transaction = %s, event = %s WHERE consumer = %s",
            [to_transaction, to_event, consumer.name],
        )


def lag() -> dict[str, int]:
    """Events that each consumer has still to read."""
    waiting = {}
    with connection.cursor() as cursor:
        for consumer in CONSUMERS.values():
            cursor.execute(
                "SELECT count(*) FROM kernel_event e WHERE name = ANY(%s) AND (txid, id) > ("
                "  coalesce((SELECT transaction FROM kernel_checkpoint WHERE consumer = %s), 0)::text::xid8,"
                "  coalesce((SELECT event FROM kernel_checkpoint WHERE consumer = %s), 0))",
                [list(consumer.kinds), consumer.name, consumer.name],
            )
            waiting[consumer.name] = cursor.fetchone()[0]
    return waiting


def oldest_waiting() -> dict[str, datetime]:
    """The moment of the oldest event that each consumer has still to read; who has read all is left out."""
    places = {row.consumer: (row.transaction, row.event) for row in Checkpoint.objects.all()}
    found = {}
    with connection.cursor() as cursor:
        for consumer in CONSUMERS.values():
            txid, event = places.get(consumer.name, (0, 0))
            cursor.execute(
                "SELECT at FROM kernel_event WHERE (txid, id) > (%s::text::xid8, %s) AND name = ANY(%s)"
                " ORDER BY txid, id LIMIT 1",
                [str(txid), event, list(consumer.kinds)],
            )
            if row := cursor.fetchone():
                found[consumer.name] = row[0]
    return found
