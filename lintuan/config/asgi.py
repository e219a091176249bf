"""The one ASGI application: a dispatcher that sends hot paths to their lane and all else to Django."""

from __future__ import annotations

import gc
import os
from collections.abc import Awaitable, Callable
from typing import Any

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lintuan.config.settings")
# Everything below needs Django set up.
_wsgi = get_wsgi_application()

from lintuan.api.lane import notices, paying, quotes, reading, shelf  # noqa: E402
from lintuan.api.lane.orders import Orders  # noqa: E402
from lintuan.kernel import changes  # noqa: E402
from lintuan.pages.views import ALONE  # noqa: E402

from .bridge import Bridge  # noqa: E402

App = Callable[[Any, Any, Any], Awaitable[None]]

#: Threads that serve Django's requests, each with its own database connection.
THREADS = int(os.environ.get("LINTUAN_THREADS", "8"))

ORDERS = ("POST", "/api/v1/orders")

# Through its synchronous handler: under ASGI every middleware would hop between threads (decision 0007).
_django: App = Bridge(_wsgi, threads=THREADS, alone=lambda environ, start: _wsgi({**environ, ALONE: True}, start))
_orders = Orders()
_shelf = shelf.ShelfLane()
_quotes = quotes.Quotes(_shelf.point)
_reading = reading.Reading(_django)
_paying = paying.Paying(_django)
_notices = notices.Notices()
# What start-up made stays; without this every collection would walk through all of it.
gc.collect()
gc.freeze()
gc.set_threshold(20_000, 20, 50)


async def application(scope: Any, receive: Any, send: Any) -> None:
    """Send one connection where it belongs."""
    if scope["type"] == "lifespan":
        await _live(receive, send)
        return
    method, path = scope["method"], scope["path"]
    if (method, path) == ORDERS:
        await _orders(scope, receive, send)
    elif shelf.takes(method, path):
        await _shelf(scope, receive, send)
    elif (method, path) == quotes.ADDRESS:
        await _quotes(scope, receive, send)
    elif reading.takes(method, path):
        await _reading(scope, receive, send)
    elif paying.takes(method, path):
        await _paying(scope, receive, send)
    elif (method, path) in notices.ADDRESSES:
        await _notices(scope, receive, send)
    else:
        await _django(scope, receive, send)


async def _live(receive: Any, send: Any) -> None:
    """Begin and end with the process."""
    while True:
        message = await receive()
        if message["type"] == "lifespan.startup":
            changes.start()
        else:
            await _orders.close()
            for face in (_shelf, _quotes, _reading, _paying, _notices):
                face.close()
            changes.stop()
        await send({"type": f"{message['type']}.complete"})
        if message["type"] == "lifespan.shutdown":
            return
