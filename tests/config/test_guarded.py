"""One connection of a web process, fed by hand: what it lets a client fill its memory with, and when it hangs up."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from copy import copy
from typing import Any

import pytest
from uvicorn import Config
from uvicorn.server import ServerState

from lintuan.config.server import MOST_PIPELINED, Bounds, Guarded

BOUNDS = Bounds(head_within=20, taken_within=30, largest_head=65_536, headers=100, connections=10)
GET = b"GET / HTTP/1.1\r\nHost: localhost\r\n"
CHUNKED = b"POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n"
LONG = b"x" * 250_000


class Line(asyncio.Transport):
    """The other end takes what it likes: `left` is what it has not."""

    def __init__(self) -> None:
        super().__init__()
        self.came, self.left, self.is_open = b"", 0, True

    def write(self, data: Any) -> None:
        self.came += data

    def get_write_buffer_size(self) -> int:
        return self.left

    def is_closing(self) -> bool:
        return not self.is_open

    def close(self) -> None:
        self.is_open = False

    abort = close

    def pause_reading(self) -> None:
        pass

    resume_reading = pause_reading


async def _mute(_scope: Any, _receive: Any, _send: Any) -> None:
    await asyncio.Future()


def talked(to: Callable[[Guarded, Line], None]) -> Line:
    """The line after what was done with a connection whose requests are never answered."""

    async def talk() -> Line:
        line, config = Line(), Config(_mute, ws="none", lifespan="off", log_config=None)
        connection = Guarded(config, ServerState(), {}, bounds=BOUNDS)
        connection.connection_made(line)
        try:
            to(connection, line)
            return copy(line)
        finally:
            # Whatever waits for the line would wait for ever.
            connection.connection_lost(ConnectionResetError())

    return asyncio.run(talk())


def in_parts(said: bytes, size: int) -> Callable[[Guarded, Line], None]:
    def say(connection: Guarded, line: Line) -> None:
        for start in range(0, len(said), size):
            if line.is_open:
                connection.data_received(said[start : start + size])

    return say


@pytest.mark.parametrize("at_once", [1000, 16_384, 10_000_000])
@pytest.mark.parametrize(
    "said",
    [
        pytest.param(GET + b"X: " + LONG + b"\r\n\r\n", id="a header"),
        pytest.param(GET + b"X: " + LONG, id="a header without an end"),
        pytest.param(GET + (b"X: " + LONG[:2500] + b"\r\n") * 99 + b"\r\n", id="headers that are long together"),
        pytest.param(GET + b"X:1\r\n" * 101 + b"\r\n", id="headers"),
        pytest.param(b"GET /" + LONG + b" HTTP/1.1\r\n\r\n", id="an address"),
        pytest.param(CHUNKED + b"0\r\nX: " + LONG + b"\r\n\r\n", id="a trailer"),
        pytest.param(CHUNKED + b"0\r\n" + b"X:1\r\n" * 101 + b"\r\n", id="trailers"),
        pytest.param(CHUNKED + b"0\r\n" + b"X:1\r\n" * 50_000, id="trailers without an end"),
    ],
)
def test_whatever_is_too_long_beside_the_body_ends_the_connection(said: bytes, at_once: int) -> None:
    def say(connection: Guarded, line: Line) -> None:
        in_parts(said, at_once)(connection, line)
        assert sum(len(name) + len(value) for name, value in connection.headers) <= BOUNDS.largest_head
        assert len(connection.headers) <= BOUNDS.headers

    line = talked(say)

    assert not line.is_open
    assert line.came.startswith(b"HTTP/1.1 431 ")
    assert line.came.count(b"HTTP/1.1") == 1


@pytest.mark.parametrize("at_once", [1000, 16_384])
@pytest.mark.parametrize(
    "said",
    [
        pytest.param(CHUNKED + b"0\r\nX: " + LONG, id="a trailer"),
        pytest.param(CHUNKED + b"2;" + LONG, id="an extension of a chunk"),
    ],
)
def test_what_does_not_end_after_a_body_ends_the_connection(said: bytes, at_once: int) -> None:
    line = talked(in_parts(said, at_once))

    assert not line.is_open
    assert line.came.startswith(b"HTTP/1.1 431 ")


@pytest.mark.parametrize("at_once", [1000, 10_000_000])
@pytest.mark.parametrize(
    "said",
    [
        pytest.param(GET + b"X: " + LONG[:60_000] + b"\r\n\r\n", id="a header"),
        pytest.param(GET + b"X:1\r\n" * 99 + b"\r\n", id="headers"),
        pytest.param(CHUNKED + b"1\r\nx\r\n" * 100_000 + b"0\r\nX: 1\r\n\r\n", id="small chunks"),
        pytest.param(GET + b"Content-Length: 250000\r\n\r\n" + LONG, id="a body"),
        pytest.param((GET + b"X: " + LONG[:2000] + b"\r\n\r\n") * MOST_PIPELINED, id="requests behind each other"),
    ],
)
def test_what_is_not_too_long_is_heard_to_its_end(said: bytes, at_once: int) -> None:
    line = talked(in_parts(said, at_once))

    assert line.is_open
    assert line.came == b""


def test_there_are_only_so_many_requests_behind_one_that_is_not_answered() -> None:
    lengths = []

    def say(connection: Guarded, _: Line) -> None:
        connection.data_received(b"GET / HTTP/1.1\r\n\r\n" * 14_000)
        lengths.append(len(connection.pipeline))

    assert not talked(say).is_open
    assert lengths[0] <= MOST_PIPELINED


def test_who_takes_some_of_an_answer_now_and_then_gets_all_of_it() -> None:
    def take(connection: Guarded, line: Line) -> None:
        line.left = 1000
        connection.data_received(GET + b"\r\n")
        connection.pause_writing()
        began = time.monotonic()
        for moment in range(0, 1000, 25):
            line.left -= 1
            connection.end_if_overdue(began + moment)

    assert talked(take).is_open


@pytest.mark.parametrize("after", [0, 100, 1000])
def test_who_takes_no_more_of_an_answer_is_left(after: int) -> None:
    def take(connection: Guarded, line: Line) -> None:
        line.left = 1000
        connection.data_received(GET + b"\r\n")
        connection.pause_writing()
        began = time.monotonic()
        for moment in range(0, after + 1, 20):
            line.left -= 1
            connection.end_if_overdue(began + moment)
        connection.end_if_overdue(began + after + 29)
        assert line.is_open
        connection.end_if_overdue(began + after + 31)

    assert not talked(take).is_open
