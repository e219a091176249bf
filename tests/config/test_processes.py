"""How processes are kept alive, and how the web ones are kept from being held up."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from lintuan.config import processes
from lintuan.config.environment import HOST, House, free_port
from tests.config.test_installation import until

NOTHING_HERE = """
async def application(scope, receive, send):
    if scope["type"] == "lifespan":
        while (await receive())["type"] != "lifespan.shutdown":
            await send({"type": "lifespan.startup.complete"})
        await send({"type": "lifespan.shutdown.complete"})
        return
    await send({"type": "http.response.start", "status": 404, "headers": [(b"content-length", b"0")]})
    await send({"type": "http.response.body", "body": b""})
"""
#: Dies at once three times.
MORTAL = """
import time
with open({births!r}, "a") as births:
    births.write("x")
time.sleep(60 if len(open({births!r}).read()) > 3 else 0)
"""


@pytest.mark.parametrize(("well_after", "restarts"), [(0.0, 1), (60.0, 3)])
def test_only_one_that_dies_again_and_again_waits_longer_each_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, well_after: float, restarts: int
) -> None:
    monkeypatch.setattr(processes, "WELL_AFTER", well_after)
    monkeypatch.setattr(processes, "LONGEST_PAUSE", 0.01)
    births = tmp_path / "births"
    child = processes.Child("lintuan child", [sys.executable, "-c", MORTAL.format(births=str(births))])
    family = processes.Family(House(tmp_path), {"LINTUAN_ADDRESS": f"http://{HOST}:1"}, [child])
    running = threading.Thread(target=family.run)
    running.start()
    try:
        until(lambda: births.exists() and births.read_text() == "xxxx")
        counted = child.restarts
    finally:
        family.stop()
        running.join(timeout=30)

    assert counted == restarts


@pytest.fixture(scope="module")
def port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """Where a web process listens that has little patience and nothing to show."""
    place = tmp_path_factory.mktemp("web")
    (place / "nothing_here.py").write_text(NOTHING_HERE)
    found = free_port(0)
    command = processes.web_command(found, workers=1)
    command[command.index("--http1-header-read-timeout") + 1] = "200"
    environment = {**os.environ, "PYTHONPATH": str(place)}
    serving = subprocess.Popen([*command[:-1], "nothing_here:application"], env=environment)
    try:
        until(lambda: _is_open(found))
        yield found
    finally:
        serving.terminate()
        serving.wait(timeout=30)


def _is_open(port: int) -> bool:
    with socket.socket() as line:
        return line.connect_ex((HOST, port)) == 0


@pytest.mark.journey
@pytest.mark.parametrize(
    ("said", "heard"),
    [
        pytest.param(b"", b"", id="nothing"),
        pytest.param(b"GET / HTTP/1.1\r\nHost: lo", b"", id="half a head"),
        pytest.param(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n", b"HTTP/1.1 404", id="one request and no other"),
        pytest.param(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", b"", id="another version"),
        pytest.param(b"GET / HTTP/1.1\r\nX: " + b"x" * 100_000, b"HTTP/1.1 431", id="too much of a head"),
    ],
)
def test_a_connection_that_brings_no_request_is_closed(port: int, said: bytes, heard: bytes) -> None:
    with socket.create_connection((HOST, port), timeout=20) as line:
        line.sendall(said)
        came = b""
        while part := line.recv(65_536):
            came += part

    assert came.startswith(heard)
    assert came.count(b"HTTP/1.1") == came.startswith(b"HTTP/1.1")
