"""What a web process does with connections that bring nothing, too much, or take nothing: real sockets throughout."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from lintuan.config.environment import HOST, free_port
from tests.config.test_installation import until

pytestmark = pytest.mark.journey

MOST = 20
LARGE = 32 * 2**20
SERVER = f"""
import sys
from lintuan.config.server import Bounds, serve

async def application(scope, receive, send):
    if scope["type"] == "lifespan":
        while (await receive())["type"] != "lifespan.shutdown":
            await send({{"type": "lifespan.startup.complete"}})
        await send({{"type": "lifespan.shutdown.complete"}})
        return
    while (await receive()).get("more_body"):
        pass
    size = {LARGE} if scope["path"] == "/large" else 0
    await send({{"type": "http.response.start", "status": 404, "headers": [(b"content-length", b"%d" % size)]}})
    await send({{"type": "http.response.body", "body": b"x" * size}})

bounds = Bounds(head_within=0.3, taken_within=0.3, largest_head=65_536, connections={MOST})
serve(application, host="{HOST}", port=int(sys.argv[1]), bounds=bounds)
"""


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    """Where a web process listens that has little patience and nothing to show."""
    found = free_port(0)
    serving = subprocess.Popen([sys.executable, "-c", SERVER, str(found)], env=dict(os.environ))
    try:
        until(lambda: _is_open(found))
        yield found
    finally:
        serving.terminate()
        serving.wait(timeout=30)


def _is_open(port: int) -> bool:
    with socket.socket() as line:
        return line.connect_ex((HOST, port)) == 0


def heard_until_closed(line: socket.socket) -> bytes:
    came = b""
    try:
        while part := line.recv(65_536):
            came += part
    except ConnectionResetError:
        pass
    return came


@pytest.mark.parametrize(
    ("said", "heard"),
    [
        pytest.param(b"", b"", id="nothing"),
        pytest.param(b"GET / HTTP/1.1\r\nHost: lo", b"", id="half a head"),
        pytest.param(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n", b"HTTP/1.1 404", id="one request and no other"),
        pytest.param(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", b"HTTP/1.1 400", id="another version"),
        pytest.param(b"GET / HTTP/1.1\r\nX: " + b"x" * 100_000, b"HTTP/1.1 431", id="too much of a head"),
        pytest.param(b"GET / HTTP/1.1\r\n" + b"X: 1\r\n" * 101 + b"\r\n", b"HTTP/1.1 431", id="too many headers"),
        pytest.param(b"GET /\xff HTTP/1.1\r\n\r\n", b"HTTP/1.1 400", id="an address in no alphabet"),
        pytest.param(
            b"POST / HTTP/1.1\r\nContent-Length: 200000\r\n\r\n" + b"x" * 200_000, b"HTTP/1.1 404", id="a large body"
        ),
    ],
)
def test_a_connection_that_brings_no_request_is_closed(port: int, said: bytes, heard: bytes) -> None:
    with socket.create_connection((HOST, port), timeout=20) as line:
        line.sendall(said)
        came = heard_until_closed(line)

    assert came.startswith(heard)
    assert came.count(b"HTTP/1.1") == came.startswith(b"HTTP/1.1")


def test_requests_one_behind_the_other_are_each_answered(port: int) -> None:
    with socket.create_connection((HOST, port), timeout=20) as line:
        line.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n" * 50)

        assert heard_until_closed(line).count(b"HTTP/1.1 404") == 50


def test_a_client_that_takes_nothing_of_its_answer_is_left(port: int) -> None:
    with socket.create_connection((HOST, port), timeout=20) as line:
        line.sendall(b"GET /large HTTP/1.1\r\nHost: localhost\r\n\r\n")
        line.recv(1)
        until(lambda: _is_closed(port, line))

        assert len(heard_until_closed(line)) < LARGE


def _is_closed(port: int, line: socket.socket) -> bool:
    """Whether the other side's end is gone, by the kernel's own list: reading would be taking."""
    ours = f"{_hexadecimal(port)} {_hexadecimal(line.getsockname()[1])}"
    with open("/proc/net/tcp") as connections:
        rows = [row.split() for row in connections.readlines()[1:]]
    ends = {f"{row[1].split(':')[1]} {row[2].split(':')[1]}" for row in rows if row[3] == "01"}
    return ours not in ends


def _hexadecimal(port: int) -> str:
    return f"{port:04X}"


def test_whoever_comes_when_there_are_enough_is_told_to_come_again(port: int) -> None:
    with ExitStack() as crowd:
        lines = [crowd.enter_context(socket.create_connection((HOST, port), timeout=20)) for _ in range(MOST + 5)]
        last = heard_until_closed(lines[-1])

    assert last.startswith(b"HTTP/1.1 503")
    assert b"retry-after" in last
