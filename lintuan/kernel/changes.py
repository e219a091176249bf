"""Changes of what processes keep in memory, told from one process to all others.

A command that changes reference rows tells so in its transaction: `tell("pricing", province_id)`. At the commit
PostgreSQL brings it to every process that listens (NOTIFY); each forgets what it remembers (`kernel.memory`) and calls
what was registered with `on_change`. Not for orders: transactions that notify queue behind each other at their commit.

What must be exact counts: `count(province_id)` moves with every change, in the same transaction.

Nothing may rest on being told. While the connection is lost, and every few seconds in any case, because a pooler may
swallow notifications and an operator may change rows by hand, listeners are told that anything may have changed.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

import msgspec
import psycopg
from django.db import DatabaseError, InterfaceError, connection

from .memory import forget
from .models import ChangeCount

log = logging.getLogger(__name__)

CHANNEL = "lintuan_changes"
#: Real seconds between two looks while nothing can be heard.
DEAF_EVERY = 1.0
#: Real seconds after which anything may have changed although nothing was heard.
SURE_EVERY = 10.0
#: How soon the listening thread notices that it shall end.
_WAKE_EVERY = 0.5


@dataclass(frozen=True, slots=True)
class Change:
    """Reference rows of a room changed, in one province or, with 0, in all; ANYTHING may be any of them."""

    room: str
    province_id: int = 0


ANYTHING = Change("anything")

Callback = Callable[[Change], None]

_callbacks: list[Callback] = []
_listening: tuple[threading.Thread, threading.Event] | None = None
_starting = threading.Lock()


def tell(room: str, province_id: int = 0) -> None:
    """Forget what this process remembers, and tell all others when the present transaction is through."""
    forget()
    with connection.cursor() as cursor:
        if province_id:
            cursor.execute(
                "INSERT INTO kernel_changecount AS c (province_id, number) VALUES (%s, 1)"
                " ON CONFLICT (province_id) DO UPDATE SET number = c.number + 1",
                [province_id],
            )
        else:
            cursor.execute("UPDATE kernel_changecount SET number = number + 1")
        cursor.execute("SELECT pg_notify(%s, %s)", [CHANNEL, msgspec.json.encode(Change(room, province_id)).decode()])


def count(province_id: int) -> int:
    """How often a province's reference rows have changed: as long as it is the same, none has."""
    return ChangeCount.objects.filter(province_id=province_id).values_list("number", flat=True).first() or 0


def on_change(callback: Callback) -> Callable[[], None]:
    """Have a callback called, in the listening thread, after every change; it must be quick. Answers how to end it."""
    _callbacks.append(callback)
    return lambda: _callbacks.remove(callback)


def start() -> None:
    """Listen in a thread of this process until `stop()`; a second call changes nothing."""
    global _listening
    with _starting:
        if _listening is None:
            ending = threading.Event()
            thread = threading.Thread(target=_keep_listening, args=(ending,), name="changes", daemon=True)
            _listening = (thread, ending)
            thread.start()


def stop() -> None:
    """Listen no longer."""
    global _listening
    with _starting:
        if _listening is not None:
            thread, ending = _listening
            ending.set()
            thread.join()
            _listening = None


def _keep_listening(ending: threading.Event) -> None:
    while not ending.is_set():
        try:
            _listen(ending)
        except (DatabaseError, InterfaceError, psycopg.Error) as wrong:
            log.warning("changes are not heard: %s", wrong)
        finally:
            connection.close()
        _pass_on(ANYTHING)
        ending.wait(DEAF_EVERY)


def _listen(ending: threading.Event) -> None:
    connection.ensure_connection()
    line = connection.connection
    line.execute(f"LISTEN {CHANNEL}")
    sure_at = 0.0
    while not ending.is_set():
        if time.monotonic() >= sure_at:
            # A dead connection is found out here, and a new one begins here: much may have happened before it.
            line.execute("SELECT 1")
            _pass_on(ANYTHING)
            sure_at = time.monotonic() + SURE_EVERY
        for notification in line.notifies(timeout=_WAKE_EVERY, stop_after=1):
            _pass_on(_read(notification.payload))


def _read(payload: str) -> Change:
    """A payload of another release may say what this one does not know."""
    try:
        return msgspec.json.decode(payload, type=Change)
    except msgspec.MsgspecError:
        return ANYTHING


def _pass_on(change: Change) -> None:
    forget()
    for callback in tuple(_callbacks):
        try:
            callback(change)
        except Exception:
            log.exception("a change of %s was not taken in", change.room)
