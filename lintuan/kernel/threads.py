"""Django's connections in threads beside an event loop: nobody waits long for them, and they are given back."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from django.db import InterfaceError, OperationalError, close_old_connections, connection

from .errors import Unavailable

log = logging.getLogger(__name__)

R = TypeVar("R")

#: Real seconds that anybody waits for what is done in a thread.
PATIENCE = 2.0


def close_own_connection() -> None:
    """Of the thread that this runs in; `connection.close` would be that of whoever names it."""
    connection.close()


def _be_quick() -> None:
    """Nobody waits longer, so neither shall the thread; a connection that died since its last use is made anew."""
    statement = f"SET statement_timeout = {int(PATIENCE * 1000)}"
    try:
        with connection.cursor() as cursor:
            cursor.execute(statement)
    except (OperationalError, InterfaceError):
        connection.close()
        with connection.cursor() as cursor:
            cursor.execute(statement)


async def in_thread(threads: ThreadPoolExecutor, work: Callable[[], R]) -> R:
    """Do something with Django's connection of a thread; Unavailable while the database is gone or too slow."""

    def run() -> R:
        close_old_connections()
        try:
            _be_quick()
            return work()
        except (OperationalError, InterfaceError) as wrong:
            log.warning("the database is gone or too slow: %s", wrong)
            raise Unavailable from wrong
        finally:
            close_old_connections()

    doing = asyncio.get_running_loop().run_in_executor(threads, run)
    try:
        return await asyncio.wait_for(doing, PATIENCE)
    except TimeoutError as late:
        raise Unavailable from late
