"""Our load generator: raw HTTP/1.1 over keep-alive connections, its requests made as bytes before the clock starts.

    python -m bench.load --to 127.0.0.1:8600 --spool requests --connections 200 --seconds 10 [--rate 5000]

Closed loop: a connection sends its next request when the last one is answered. Open loop (`--rate`): requests fall due
at fixed moments whether or not earlier ones are answered, and latency counts from the moment due, so that a stall of
the server is not left out (no coordinated omission). It ends with one line of JSON, `Report`.
"""

from __future__ import annotations

import asyncio
import gc
import itertools
import json
import resource
import subprocess
import sys
from array import array
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from time import perf_counter
from typing import Any

import click
import uvloop

from .wire import Connection, Unreadable, read_spool

SOURCE = "bench/load.py"
#: How long answers may still come when nothing more is sent.
DRAIN_WITHIN = 30.0
TICK = 0.001
HEAD_OF_BODY = 96


@dataclass(frozen=True, slots=True)
class Load:
    """What to put on a server; `rate` makes it an open loop, `again` begins the spool anew when it is used up."""

    to: str
    spool: Path
    connections: int
    seconds: float
    rate: float = 0.0
    again: bool = False
    heads: Path | None = None


@dataclass(frozen=True, slots=True)
class Report:
    """What came of a load. The rates count answers within the window; everything else all of them, late ones too.

    `latency_ms` is that of successes (2xx, 304); a request due but never answered counts with all the time it waited.
    """

    source: str
    seconds: float
    sent: int
    by_status: dict[str, int]
    unanswered: int
    successes_per_s: float
    not_modified_per_s: float
    answers_per_s: float
    body_bytes: int
    latency_ms: dict[str, float]
    cpu_us_per_request: float
    cpu_share: float

    @property
    def successes(self) -> int:
        return sum(count for status, count in self.by_status.items() if status.startswith("2"))

    @property
    def others(self) -> dict[str, int]:
        """Answers that were neither a success nor a 304."""
        return {status: count for status, count in self.by_status.items() if status[0] != "2" and status != "304"}


def put_on(load: Load) -> Report:
    """Run the generator as a process of its own and wait for its report."""
    command = [sys.executable, "-m", "bench.load", "--to", load.to, "--spool", str(load.spool)]
    command += ["--connections", str(load.connections), "--seconds", str(load.seconds), "--rate", str(load.rate)]
    command += ["--again"] if load.again else []
    command += ["--heads", str(load.heads)] if load.heads else []
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True)
    if done.returncode:
        raise click.ClickException(f"the load generator ended with {done.returncode}")
    return Report(**json.loads(done.stdout.splitlines()[-1]))


class Tally:
    """What is counted while the clock runs; nothing is computed before it stops."""

    def __init__(self) -> None:
        self.statuses = [0] * 600
        self.in_time = [0] * 600
        self.latencies = array("d")
        self.heads: list[bytes] = []
        self.keeps_heads = False
        self.body_bytes = 0
        self.unanswered = 0


class Source:
    """Which request is next, and since when it is due."""

    def __init__(self, load: Load) -> None:
        requests = read_spool(load.spool)
        self.most = int(load.rate * load.seconds) if load.rate else sys.maxsize
        self._requests: Iterator[bytes] = itertools.cycle(requests) if load.again else iter(requests)
        self._gap = 1.0 / load.rate if load.rate else 0.0
        self._seconds = load.seconds
        self.sent = 0
        self.began = self.deadline = 0.0
        self.is_over = False

    def start(self) -> None:
        self.began = perf_counter()
        self.deadline = self.began + self._seconds

    def take(self, now: float) -> tuple[bytes, float] | None:
        """A request due now, None while none is; `is_over` once there will be none any more."""
        due = now
        if self._gap:
            # What fell due before the end is still sent, however late.
            due = self.began + self.sent * self._gap
            if due > now:
                return None
            self.is_over = self.sent >= self.most
        else:
            self.is_over = now >= self.deadline
        request = None if self.is_over else next(self._requests, None)
        if request is None:
            self.is_over = True
            return None
        self.sent += 1
        return request, due


class Client(Connection):
    """One connection of the generator."""

    def __init__(self, generator: Generator) -> None:
        super().__init__()
        self._generator = generator
        self._source, self._tally = generator.source, generator.tally
        # An answer may come in parts, and then its first one is not the beginning of a body.
        self.keeps_bodies = self._tally.keeps_heads
        self.since = 0.0

    def go(self, now: float) -> bool:
        """Send what is due, or wait among the idle; whether something was sent."""
        taken = self._source.take(now)
        if taken is None:
            self._generator.idle.append(self)
            return False
        request, self.since = taken
        self.transport.write(request)
        return True

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        self._generator.idle.append(self)

    def answered(self, status: int, size: int, content: bytes, body_at: int) -> None:
        now, tally = perf_counter(), self._tally
        tally.body_bytes += size
        tally.statuses[status] += 1
        if now <= self._source.deadline:
            tally.in_time[status] += 1
        if status < 300 or status == 304:
            tally.latencies.append(now - self.since)
            if tally.keeps_heads:
                tally.heads.append(content[body_at : body_at + HEAD_OF_BODY])
        self._generator.last = now
        self.since = 0.0
        self.go(now)

    def connection_lost(self, exc: Exception | None) -> None:
        if isinstance(exc, Unreadable):
            self._generator.fault = exc
        self._generator.lose(self)


class Generator:
    """All connections of one load."""

    def __init__(self, load: Load) -> None:
        self.load = load
        self.source, self.tally = Source(load), Tally()
        self.tally.keeps_heads = load.heads is not None
        self.idle: list[Client] = []
        self.last = 0.0
        self.fault: Exception | None = None
        self._clients: list[Client] = []
        self._dialling: set[asyncio.Task[None]] = set()

    async def run(self) -> Report:
        await asyncio.gather(*(self._dial() for _ in range(self.load.connections)))
        gc.collect()
        gc.freeze()
        gc.disable()
        before = resource.getrusage(resource.RUSAGE_SELF)
        self.source.start()
        self._wake()
        while not self._is_done():
            await asyncio.sleep(TICK if self.load.rate else 0.02)
            self._wake()
        after = resource.getrusage(resource.RUSAGE_SELF)
        if self.fault is not None:
            raise self.fault
        self._count_lost()
        return self._report(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)

    def lose(self, client: Client) -> None:
        """A connection broke: what it asked has no answer, and another takes its place."""
        if client.since:
            self._give_up(client)
        self._clients.remove(client)
        self.idle = [other for other in self.idle if other is not client]
        if not self.source.is_over:
            task = asyncio.ensure_future(self._dial())
            self._dialling.add(task)
            task.add_done_callback(self._dialling.discard)

    async def _dial(self) -> None:
        host, _, port = self.load.to.partition(":")
        while True:
            try:
                await asyncio.get_running_loop().create_connection(self._new_client, host, int(port))
            except OSError:
                if self.source.began and perf_counter() > self.source.deadline:
                    return
                await asyncio.sleep(0.05)
            else:
                return

    def _new_client(self) -> Client:
        client = Client(self)
        self._clients.append(client)
        return client

    def _wake(self) -> None:
        """Let the idle take what has fallen due."""
        now = perf_counter()
        for _ in range(len(self.idle)):
            if not self.idle.pop().go(now):
                return

    def _is_done(self) -> bool:
        now = perf_counter()
        if self.fault is not None or now > self.source.deadline + DRAIN_WITHIN:
            return True
        return self.source.is_over and not any(client.since for client in self._clients)

    def _count_lost(self) -> None:
        for client in self._clients:
            if client.since:
                self._give_up(client)
        late = self.source.most - self.source.sent if self.load.rate else 0
        # Due, and never even sent.
        self.tally.unanswered += late
        self.tally.latencies.extend([DRAIN_WITHIN] * late)

    def _give_up(self, client: Client) -> None:
        self.tally.unanswered += 1
        self.tally.latencies.append(perf_counter() - client.since)
        client.since = 0.0

    def _report(self, cpu: float) -> Report:
        tally, source = self.tally, self.source
        if self.load.heads:
            self.load.heads.write_bytes(b"\n".join(head.replace(b"\n", b" ") for head in tally.heads))
        ran_dry = not self.load.rate and self.last < source.deadline
        window = (self.last if ran_dry else source.deadline) - source.began
        wall = max(self.last, source.deadline if self.load.rate else self.last) - source.began
        answers = sum(tally.statuses)
        return Report(
            source=SOURCE,
            seconds=round(window, 3),
            sent=source.sent,
            by_status={str(status): count for status, count in enumerate(tally.statuses) if count},
            unanswered=tally.unanswered,
            successes_per_s=round(sum(tally.in_time[200:300]) / window, 1),
            not_modified_per_s=round(tally.in_time[304] / window, 1),
            answers_per_s=round(sum(tally.in_time) / window, 1),
            body_bytes=tally.body_bytes,
            latency_ms=percentiles(tally.latencies),
            cpu_us_per_request=round(cpu / max(answers, 1) * 1e6, 1),
            cpu_share=round(cpu / wall, 3),
        )


def percentiles(latencies: array[float]) -> dict[str, float]:
    """p50, p90, p99 and the longest, of seconds, in milliseconds."""
    ranked = sorted(latencies)
    if not ranked:
        return {}
    parts = {"p50": 0.5, "p90": 0.9, "p99": 0.99, "p999": 0.999, "max": 1.0}
    return {name: round(ranked[min(int(part * len(ranked)), len(ranked) - 1)] * 1e3, 2) for name, part in parts.items()}


@click.command()
@click.option("--to", required=True, help="host:port")
@click.option("--spool", type=click.Path(path_type=Path, exists=True, dir_okay=False), required=True)
@click.option("--connections", default=200, show_default=True)
@click.option("--seconds", default=10.0, show_default=True)
@click.option("--rate", default=0.0, help="Requests per second of an open loop.")
@click.option("--again", is_flag=True, help="Begin the spool anew when it is used up.")
@click.option("--heads", type=click.Path(path_type=Path, dir_okay=False), help="Keep the beginning of each body there.")
def main(**load: Any) -> None:
    """Put a load on a server and report what came of it."""
    print(json.dumps(asdict(uvloop.run(_run(Load(**load))))))


async def _run(load: Load) -> Report:
    return await Generator(load).run()


if __name__ == "__main__":
    main()
