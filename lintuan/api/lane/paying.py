"""POST /api/v1/charges/{charge}/payment for members: a thread asks the gateway, and nothing else is in its way."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from threading import Thread

from django.db import InterfaceError, OperationalError, close_old_connections, connections
from django.db.backends.base.base import BaseDatabaseWrapper

from lintuan.api.payments import CLIENT, PayWish, sheet_of
from lintuan.kernel import clock, ids
from lintuan.kernel.callers import Kind
from lintuan.kernel.errors import Unavailable
from lintuan.payments.commands import pay_parameters
from lintuan.payments.engine.methods import Place, place_of
from lintuan.payments.types import PhoneParameters

from .body import body_of, read_as, require_json
from .callers import caller_of
from .http import JSON, Face, Receive, Scope, Send, answer, answered, header

BEFORE, AFTER = "/api/v1/charges/", "/payment"
#: Most of its time each waits for the gateway.
THREADS = 8
#: Real seconds; the gateway is given five.
PATIENCE = 8.0
MOST_WAITING = 8 * THREADS


def takes(method: str, path: str) -> bool:
    """Whether a request is to begin a payment."""
    return method == "POST" and path.startswith(BEFORE) and path.endswith(AFTER)


class Paying:
    """The face of one process; who is no member is sent on to `others`."""

    def __init__(self, others: Face) -> None:
        self._others = others
        self._connections: list[BaseDatabaseWrapper] = []
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="paying", initializer=self._note_connection)
        self._waiting = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await answered(self._answer, scope, receive, send)

    def close(self) -> None:
        """Give back the connections once nobody uses them."""
        self._threads.shutdown(cancel_futures=True)
        # Django closes none in the thread of a running event loop.
        closing = Thread(target=self._give_back)
        closing.start()
        closing.join()

    def _give_back(self) -> None:
        for used in self._connections:
            used.close()

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        caller = caller_of(scope, clock.now())
        if caller.kind is not Kind.MEMBER:
            await self._others(scope, receive, send)
            return
        charge = scope["path"].removeprefix(BEFORE).removesuffix(AFTER)
        province_id, charge_id = ids.read_public_id("charge", charge)
        require_json(scope)
        body = await body_of(scope, receive)
        wish = read_as(PayWish, body) if body.strip() not in (b"", b"null") else PayWish()
        payer = wish.payer(_place(scope), (scope.get("client") or ("",))[0])
        ask = partial(pay_parameters, caller, province_id=province_id, charge_id=charge_id, payer=payer)
        sheet = sheet_of(province_id, await self._in_thread(ask))
        await answer(send, 200, JSON, sheet.model_dump_json().encode())

    def _note_connection(self) -> None:
        own = connections["default"]
        own.inc_thread_sharing()
        self._connections.append(own)

    async def _in_thread(self, ask: Callable[[], PhoneParameters]) -> PhoneParameters:
        if self._waiting >= MOST_WAITING:
            raise Unavailable
        self._waiting += 1
        try:
            async with asyncio.timeout(PATIENCE):
                return await asyncio.get_running_loop().run_in_executor(self._threads, _on_live_connection, ask)
        except TimeoutError:
            raise Unavailable from None
        finally:
            self._waiting -= 1


def _place(scope: Scope) -> Place:
    return place_of(*(header(scope, name).decode("latin-1") for name in (b"user-agent", CLIENT.lower().encode())))


def _on_live_connection(ask: Callable[[], PhoneParameters]) -> PhoneParameters:
    close_old_connections()
    try:
        return ask()
    except (OperationalError, InterfaceError) as wrong:
        raise Unavailable from wrong
    finally:
        close_old_connections()
