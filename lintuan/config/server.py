"""One web process: uvicorn on a port that it shares with its like, kept from being held up by those who say nothing.

Uvicorn does everything in one thread. A server that reads in threads of its own hands each request over and back, which
on two processors costs more than the request as soon as there is a pause between two of them (decision 0009).
"""

from __future__ import annotations

import argparse
import asyncio
import logging
import os
import resource
import socket
import time
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import Any, cast

from uvicorn import Config, Server
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

#: Connections one web process holds, most of them idle; whoever comes on top is told to come again.
MOST_CONNECTIONS = 8192
#: What one connection may send before it is read, its headers above all.
LARGEST_HEAD = 64 * 1024
MOST_HEADERS = 100
#: Requests that may wait behind one that is being answered; nobody we know sends two.
MOST_PIPELINED = 100
#: Real seconds for a whole head, and so for the silence before a connection's next request.
HEAD_WITHIN = 20.0
#: Real seconds in which a client takes some of what it asked for.
TAKEN_WITHIN = 30.0
#: Looks for connections that overstay, each of uvicorn's ticks being a tenth of a second.
TICKS = 5
STOP_WITHIN = 10
BACKLOG = 2048

_REFUSAL = (
    b"HTTP/1.1 %b\r\ncontent-type: application/problem+json\r\ncontent-length: %d\r\nconnection: close\r\n%b\r\n%b"
)
_CROWDED = (
    b"503 Service Unavailable",
    b"retry-after: 2\r\n",
    b'{"type":"urn:lintuan:problem:unavailable","title":"The service cannot answer just now.","status":503,'
    b'"code":"unavailable","facts":{}}',
)
_TOO_MUCH_HEAD = (
    b"431 Request Header Fields Too Large",
    b"",
    b'{"type":"urn:lintuan:problem:head_too_large","title":"The headers are too large.","status":431,'
    b'"code":"head_too_large","facts":{}}',
)


@dataclass(frozen=True, slots=True)
class Bounds:
    """What one connection may cost, in real seconds and bytes, and how many there may be."""

    head_within: float = HEAD_WITHIN
    taken_within: float = TAKEN_WITHIN
    largest_head: int = LARGEST_HEAD
    headers: int = MOST_HEADERS
    connections: int = MOST_CONNECTIONS


class Joining:
    """A transport that holds the head of an answer back until its body comes: two packets each would cost twice."""

    __slots__ = (
        "_held",
        "_transport",
        "abort",
        "get_extra_info",
        "get_write_buffer_size",
        "is_closing",
        "pause_reading",
        "resume_reading",
    )

    def __init__(self, transport: asyncio.Transport) -> None:
        self._transport = transport
        self._held = b""
        self.abort = transport.abort
        self.get_extra_info = transport.get_extra_info
        self.get_write_buffer_size = transport.get_write_buffer_size
        self.is_closing = transport.is_closing
        self.pause_reading = transport.pause_reading
        self.resume_reading = transport.resume_reading

    def write(self, data: bytes) -> None:
        if self._held:
            data, self._held = self._held + data, b""
        elif data.endswith(b"\r\n\r\n") and data.startswith(b"HTTP/1.1 ") and not data.startswith(b"HTTP/1.1 1"):
            self._held = data
            return
        self._transport.write(data)

    def flush(self) -> None:
        """Send what is held; of an answer that has no body."""
        if self._held:
            self.write(b"")

    def close(self) -> None:
        self.flush()
        self._transport.close()


class Guarded(HttpToolsProtocol):
    """A connection that knows since when it has brought no request and taken no answer."""

    def __init__(self, *args: Any, bounds: Bounds, **more: Any) -> None:
        super().__init__(*args, **more)
        self._bounds = bounds
        self._silent_since: float | None = time.monotonic()
        self._stuck_since: float | None = None
        self._untaken = 0
        #: Bytes of the request's address, headers and trailers; and those that came since anything was made of them.
        self._head = self._pending = 0
        #: Counts whatever a request is made of.
        self._parts = 0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        self._joining = Joining(transport)
        super().connection_made(cast(asyncio.Transport, self._joining))
        if len(self.connections) > self._bounds.connections:
            self._refuse(*_CROWDED)

    def data_received(self, data: bytes) -> None:
        if self.transport.is_closing():
            return
        parts = self._parts
        super().data_received(data)
        self._pending = self._pending + len(data) if parts == self._parts else 0
        if self._pending > self._bounds.largest_head and not self.transport.is_closing():
            self._refuse(*_TOO_MUCH_HEAD)

    def on_message_begin(self) -> None:
        self._head = 0
        super().on_message_begin()

    def on_url(self, url: bytes) -> None:
        self._weigh(len(url))
        super().on_url(url)

    def on_header(self, name: bytes, value: bytes) -> None:
        self._weigh(len(name) + len(value), headers=1)
        super().on_header(name, value)

    def on_headers_complete(self) -> None:
        self._parts, self._silent_since = self._parts + 1, None
        if len(self.pipeline) >= MOST_PIPELINED:
            self.transport.abort()
            raise ValueError
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        self._parts += 1
        super().on_body(body)

    def send_400_response(self, msg: str) -> None:
        if not self.transport.is_closing():
            super().send_400_response(msg)

    def on_message_complete(self) -> None:
        self._parts += 1
        super().on_message_complete()

    def on_response_complete(self) -> None:
        self._joining.flush()
        self._silent_since = time.monotonic()
        super().on_response_complete()

    def pause_writing(self) -> None:
        self._stuck_since, self._untaken = time.monotonic(), self.transport.get_write_buffer_size()
        super().pause_writing()

    def resume_writing(self) -> None:
        self._stuck_since = None
        super().resume_writing()

    def end_if_overdue(self, now: float) -> None:
        """Hang up on who has brought no request, or taken nothing of an answer, for longer than they may."""
        if self._stuck_since is not None:
            before, self._untaken = self._untaken, self.transport.get_write_buffer_size()
            if self._untaken < before:
                self._stuck_since = now
        is_silent = self._silent_since is not None and now - self._silent_since > self._bounds.head_within
        is_stuck = self._stuck_since is not None and now - self._stuck_since > self._bounds.taken_within
        if is_silent or is_stuck:
            self.transport.abort()

    def _weigh(self, size: int, *, headers: int = 0) -> None:
        self._head += size
        if self._head > self._bounds.largest_head or len(self.headers) + headers > self._bounds.headers:
            self._refuse(*_TOO_MUCH_HEAD)
            # Whatever is raised here ends the parser's work.
            raise ValueError

    def _refuse(self, status: bytes, header: bytes, body: bytes) -> None:
        self.transport.write(_REFUSAL % (status, len(body), header, body))
        self.transport.close()


class Watched(Server):
    """A server that hangs up on overdue connections, and ends with its parent where it has one."""

    parent: int | None = None

    async def on_tick(self, counter: int) -> bool:
        if counter % TICKS == 0:
            self.should_exit |= self.parent is not None and os.getppid() != self.parent
            now = time.monotonic()
            for connection in list(self.server_state.connections):
                cast(Guarded, connection).end_if_overdue(now)
        return await super().on_tick(counter)


def serve(application: Any, *, host: str, port: int, bounds: Bounds, parent: int | None = None) -> None:
    """Serve the port, beside any others of the kind, until SIGTERM or SIGINT, or until the parent process is gone."""
    config = Config(
        application,
        loop="uvloop",
        http=cast(Any, partial(Guarded, bounds=bounds)),
        ws="none",
        lifespan="on",
        log_level=logging.ERROR,
        access_log=False,
        proxy_headers=False,
        server_header=False,
        # A connection's silence is counted by us, in one place.
        timeout_keep_alive=round(bounds.head_within) + 1,
        timeout_graceful_shutdown=STOP_WITHIN,
    )
    server = Watched(config)
    server.parent = parent
    server.run(sockets=[_listening(host, port)])


def _listening(host: str, port: int) -> socket.socket:
    """A socket among which the kernel spreads connections, so that no process takes them all."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    listener.bind((host, port))
    listener.listen(BACKLOG)
    listener.setblocking(False)
    return listener


def most_connections() -> int:
    """As many as fit into half of the files a process may have open, of which we claim what we can."""
    usual, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = 2 * MOST_CONNECTIONS if most == resource.RLIM_INFINITY else min(2 * MOST_CONNECTIONS, most)
    if resource.RLIM_INFINITY != usual < wanted:
        with suppress(ValueError, OSError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, most))
            usual = wanted
    return MOST_CONNECTIONS if usual == resource.RLIM_INFINITY else min(MOST_CONNECTIONS, usual // 2)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m lintuan.config.server", description="One web process.")
    parser.add_argument("--host", required=True)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--parent", type=int, help="process whose end is ours")
    given = parser.parse_args()
    from .asgi import application

    bounds = Bounds(connections=most_connections())
    serve(application, host=given.host, port=given.port, bounds=bounds, parent=given.parent)


if __name__ == "__main__":
    main()
