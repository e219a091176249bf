"""A connection of the lane: asyncpg, quick to give up and quick to come back."""

from __future__ import annotations

import asyncio
import logging
import time
import urllib.parse
from collections.abc import Sequence
from typing import Any

import asyncpg
from django.db import connections

from lintuan.kernel.errors import Unavailable

from .batch import Steps
from .statements import Row, Step
from .wishes import Outcome

#: Real seconds.
CONNECT_WITHIN = 1.0
ANSWER_WITHIN = 2.0
#: How long nobody asks a database again that could not be reached.
DOWN_FOR = 0.25
#: Batches.
PLANS_HOLD = 1024

log = logging.getLogger(__name__)

#: The last is asyncpg confused by a connection that died under it.
_UNREACHABLE = (
    OSError,
    TimeoutError,
    asyncpg.InterfaceError,
    asyncpg.PostgresConnectionError,
    asyncpg.InternalClientError,
)
#: Classes of SQLSTATE: the server is closing, out of something, or a standby by now.
_PASSING = ("08", "25", "53", "55", "57")

#: One plan for many batches: planning each anew would cost more than it could find.
_SETTINGS = {
    # Less than we wait for it: a statement that nobody waits for must not hold the sale day.
    "statement_timeout": "1900",
    "application_name": "lintuan intake",
    "plan_cache_mode": "force_generic_plan",
    # Every row that a batch wants has its index; without statistics, as on a new table, the planner would not know.
    "enable_seqscan": "off",
    "enable_hashjoin": "off",
    "enable_mergejoin": "off",
    "enable_material": "off",
    "enable_bitmapscan": "off",
}


#: What of an address's query both drivers read alike.
_OPTIONS = {"sslmode", "sslrootcert", "sslcert", "sslkey", "sslcrl", "sslpassword", "target_session_attrs"}


class Connection:
    """One connection at a time, made when it is needed."""

    def __init__(self) -> None:
        self._open: asyncpg.Connection | None = None
        self._batches = 0
        self._down_until = 0.0

    @property
    def is_down(self) -> bool:
        """Whether the database could not be reached a moment ago."""
        return time.monotonic() < self._down_until

    async def carry_out(self, steps: Steps) -> list[Outcome]:
        """Run a batch's statements; Unavailable when it is not known how that ended."""
        try:
            step = next(steps)
            await self._plan_anew()
            while True:
                step = steps.send(await self._rows(step))
        except StopIteration as ended:
            outcomes: list[Outcome] = ended.value
            return outcomes
        except _UNREACHABLE as gone:
            log.warning("a batch was left, and may have been written: %r", gone)
            await self.close()
            raise Unavailable from gone
        except asyncpg.PostgresError as wrong:
            if (wrong.sqlstate or "").startswith(_PASSING):
                log.warning("a batch was not written: %s", wrong)
                await self.close()
                raise Unavailable from wrong
            raise

    async def close(self) -> None:
        """End the connection without waiting for the server."""
        if self._open is not None:
            self._open.terminate()
            self._open = None

    async def _plan_anew(self) -> None:
        """Drop the plans after 1, 2, 4, ... and then every 1,024 batches.

        Those made while a table was small, of the foreign keys' own checks too, read it whole or by the wrong index.
        """
        self._batches += 1
        if self._batches & (self._batches - 1) == 0 or self._batches % PLANS_HOLD == 0:
            await (await self._ready()).execute("DISCARD PLANS", timeout=ANSWER_WITHIN)

    async def _rows(self, step: Step) -> Sequence[Row]:
        rows: Sequence[Row] = await (await self._ready()).fetch(step.sql, *step.values, timeout=ANSWER_WITHIN)
        return rows

    async def _ready(self) -> asyncpg.Connection:
        return self._open if self._open and not self._open.is_closed() else await self._connect()

    async def _connect(self) -> asyncpg.Connection:
        if self.is_down:
            raise Unavailable
        try:
            async with asyncio.timeout(CONNECT_WITHIN):
                self._open = await asyncpg.connect(**_address())
                self._batches = 1
        except (*_UNREACHABLE, asyncpg.PostgresError) as gone:
            log.warning("no connection to the database: %r", gone)
            self._down_until = time.monotonic() + DOWN_FOR
            raise Unavailable from gone
        return self._open


def _address() -> dict[str, Any]:
    """Django's database as asyncpg wants it."""
    database = connections["default"].settings_dict
    found = {
        "host": database["HOST"].split(",") if database["HOST"] else None,
        "port": [int(port) for port in database["PORT"].split(",")] if database["PORT"] else None,
        "user": database["USER"] or None,
        "password": database["PASSWORD"] or None,
        "database": database["NAME"],
    }
    options = {name: value for name, value in database["OPTIONS"].items() if name in _OPTIONS}
    return {
        "dsn": f"postgresql://?{urllib.parse.urlencode(options)}",
        **{name: value for name, value in found.items() if value is not None},
        "server_settings": _SETTINGS,
    }
