"""A process of its own that presses: it sends requests that are bytes already, and keeps every answer whole.

Open loop: each falls due at its moment, whether or not earlier ones are answered, and its time counts from there.
"""

from __future__ import annotations

import asyncio
import json
import pickle
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from time import perf_counter
from typing import Any
from urllib.parse import urlsplit

import uvloop

from bench.wire import Connection, header, read_spool, write_spool

from .notes import NO_ANSWER, Answer

TICK = 0.001
#: How long answers may still come when nothing more falls due.
DRAIN_WITHIN = 15.0


@dataclass(frozen=True, slots=True)
class Press:
    """What to send where; without a rate, each connection sends its next request when it is answered."""

    site: str
    folder: str
    connections: int
    seconds: float
    rate: float = 0.0

    @property
    def spool(self) -> Path:
        return Path(self.folder, "requests")

    @property
    def answers(self) -> Path:
        return Path(self.folder, "answers")


async def press_with(press: Press, requests: Sequence[bytes]) -> list[Answer]:
    """The answers to as many of the requests as were sent, in their order."""
    write_spool(press.spool, requests)
    command = [sys.executable, "-m", __name__, json.dumps(asdict(press))]
    process = await asyncio.create_subprocess_exec(*command, cwd=Path(__file__).parents[3])
    assert await process.wait() == 0, "the generator failed"
    found: list[tuple[int, float, bytes, int]] = pickle.loads(press.answers.read_bytes())
    return [_answer(*came) for came in found]


def _answer(status: int, seconds: float, content: bytes, body_at: int) -> Answer:
    head = content[:body_at]
    media_type = header(head, b"content-type").partition(";")[0]
    return Answer(status, media_type, content[body_at:], header(head, b"retry-after"), seconds)


class _Client(Connection):
    """One connection: idle, or waiting for the answer to one request."""

    keeps_bodies = True

    def __init__(self, generator: _Generator) -> None:
        super().__init__()
        self._generator = generator
        self.number = -1

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        self._generator.idle.append(self)

    def answered(self, status: int, size: int, content: bytes, body_at: int) -> None:
        self._generator.keep(self.number, status, content, body_at)
        self.number = -1
        self._generator.idle.append(self)
        self._generator.send()

    def connection_lost(self, exc: Exception | None) -> None:
        if self.number >= 0:
            self._generator.keep(self.number, NO_ANSWER, b"", 0)
        self._generator.lose(self)


class _Generator:
    """All connections, and what came back over them by the number of its request."""

    def __init__(self, press: Press) -> None:
        self._press = press
        self._requests = read_spool(press.spool)
        self._most = min(len(self._requests), int(press.rate * press.seconds) if press.rate else sys.maxsize)
        self.idle: list[_Client] = []
        self._dialling: set[asyncio.Task[Any]] = set()
        self._due: list[float] = []
        self._came: dict[int, tuple[int, float, bytes, int]] = {}
        self._began = 0.0

    async def run(self) -> None:
        for _ in range(self._press.connections):
            self._dial()
        await asyncio.gather(*self._dialling)
        self._began = perf_counter()
        while not self._is_done():
            self.send()
            await asyncio.sleep(TICK)
        came = [self._came.get(number, (NO_ANSWER, DRAIN_WITHIN, b"", 0)) for number in range(len(self._due))]
        self._press.answers.write_bytes(pickle.dumps(came))

    def send(self) -> None:
        """Give what has fallen due to the idle."""
        now = perf_counter()
        while self.idle and (due := self._next_due(now)) is not None:
            client = self.idle.pop()
            client.number = len(self._due)
            self._due.append(due)
            client.transport.write(self._requests[client.number])

    def keep(self, number: int, status: int, content: bytes, body_at: int) -> None:
        self._came[number] = (status, perf_counter() - self._due[number], content, body_at)

    def lose(self, client: _Client) -> None:
        """Another connection takes its place."""
        self.idle = [other for other in self.idle if other is not client]
        self._dial()

    def _next_due(self, now: float) -> float | None:
        sent, rate = len(self._due), self._press.rate
        due = self._began + sent / rate if rate else now
        return due if sent < self._most and due <= min(now, self._began + self._press.seconds) else None

    def _is_done(self) -> bool:
        """Whether nothing falls due any more and nothing is on its way, or it never comes."""
        late = perf_counter() - self._began - self._press.seconds
        is_sent = len(self._due) >= self._most or (late > 0 and not self._press.rate)
        return (is_sent and len(self._came) == len(self._due)) or late > DRAIN_WITHIN

    def _dial(self) -> None:
        address = urlsplit(self._press.site)
        loop = asyncio.get_running_loop()
        task = loop.create_task(loop.create_connection(lambda: _Client(self), address.hostname, address.port))
        self._dialling.add(task)
        task.add_done_callback(self._dialled)

    def _dialled(self, task: asyncio.Task[Any]) -> None:
        self._dialling.discard(task)
        if not task.cancelled() and task.exception() is not None:
            asyncio.get_running_loop().call_later(0.05, self._dial)


async def _run(press: Press) -> None:
    await _Generator(press).run()


if __name__ == "__main__":
    uvloop.run(_run(Press(**json.loads(sys.argv[1]))))
