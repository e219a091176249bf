"""The processes of one machine: started together, restarted when they die, stopped together."""

from __future__ import annotations

import contextlib
import json
import logging
import os
import resource
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from .embedded import EmbeddedPostgresFault
from .environment import HOST, House, Ports

log = logging.getLogger(__name__)

STOP_WITHIN = 15.0
LONGEST_PAUSE = 10.0
DATABASE_EVERY = 1.0
#: A child that lived this long was well; its next death is its first again.
WELL_AFTER = 60.0
#: Connections one web process holds, most of them idle; those behind them wait to be accepted.
MOST_CONNECTIONS = 8192
#: What one connection may send before it is read, its headers above all.
LARGEST_HEAD = 64 * 1024
#: Milliseconds for a whole head, and so for the silence before a connection's next request.
HEAD_WITHIN = 20_000


@dataclass(slots=True)
class Child:
    """A process of ours and how often it had to be restarted."""

    name: str
    command: Sequence[str]
    process: subprocess.Popen[bytes] | None = None
    restarts: int = 0
    start_at: float = 0.0
    started_at: float = 0.0


@dataclass(slots=True)
class Family:
    """All children of one installation; `stop()` may be called from a signal handler.

    `revive` answers the address of a database that is ours to keep alive, and starts it again when it died.
    """

    house: House
    environment: Mapping[str, str]
    children: list[Child]
    revive: Callable[[], str | None] | None = None
    _revive_at: float = 0.0
    _ending: threading.Event = field(default_factory=threading.Event)

    def run(self) -> None:
        """Keep the children alive until `stop()`."""
        self.house.logs.mkdir(parents=True, exist_ok=True)
        try:
            while not self._ending.is_set():
                self._tend_database()
                for child in self.children:
                    self._tend(child)
                self._ending.wait(0.2)
        finally:
            self._end()

    def stop(self) -> None:
        self._ending.set()

    def _tend_database(self) -> None:
        if self.revive is None or time.monotonic() < self._revive_at:
            return
        try:
            url = self.revive()
        except EmbeddedPostgresFault as fault:
            log.error("the database is down: %s", fault)
            url = None
        if url is not None and url != self.environment["DATABASE_URL"]:
            log.warning("the database moved to another port; starting everything again")
            self.environment = {**self.environment, "DATABASE_URL": url}
            self._stop_children()
            for child in self.children:
                child.process, child.start_at = None, 0.0
        self._revive_at = time.monotonic() + DATABASE_EVERY

    def _tend(self, child: Child) -> None:
        if child.process is not None and child.process.poll() is None:
            return
        if child.process is not None:
            log.warning("%s ended with %s; starting it again", child.name, child.process.returncode)
            _end_group(child.process.pid)
            child.restarts = 1 if _was_well(child) else child.restarts + 1
            pause = min(2.0 ** min(child.restarts, 10) / 4, LONGEST_PAUSE)
            child.process, child.start_at = None, time.monotonic() + pause
        if time.monotonic() >= child.start_at:
            child.process, child.started_at = self._start(child), time.monotonic()
            self._write_down()

    def _start(self, child: Child) -> subprocess.Popen[bytes]:
        with (self.house.logs / f"{child.name}.log").open("ab") as output:
            return subprocess.Popen(
                child.command,
                env={**os.environ, **self.environment},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                # A group of its own, so that nothing a child started outlives it.
                process_group=0,
            )

    def _write_down(self) -> None:
        running = {child.name: child.process.pid for child in self.children if child.process}
        found = {
            "owner": os.getpid(),
            "address": self.environment["LINTUAN_ADDRESS"],
            "stand_ins": self.environment.get("LINTUAN_STAND_INS", ""),
            "children": running,
        }
        # Whole or not at all: others read it at any moment.
        draft = self.house.processes_file.with_suffix(".draft")
        draft.write_text(json.dumps(found))
        draft.replace(self.house.processes_file)

    def _end(self) -> None:
        self._stop_children()
        self.house.processes_file.unlink(missing_ok=True)

    def _stop_children(self) -> None:
        alive = [child.process for child in self.children if child.process and child.process.poll() is None]
        for process in alive:
            process.send_signal(signal.SIGTERM)
        deadline = time.monotonic() + STOP_WITHIN
        for process in alive:
            try:
                process.wait(max(0.1, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                log.warning("process %s would not stop", process.pid)
            _end_group(process.pid)


def family(house: House, ports: Ports, environment: Mapping[str, str], *, workers: int) -> Family:
    """The processes that make up an installation: web, worker, and in a rehearsal the stand-ins."""
    children = [
        Child("web", web_command(ports.web, workers)),
        Child("worker", [str(Path(sys.executable).with_name("lintuan")), "worker"]),
    ]
    if house.rehearsal:
        stand_ins = ["--port", str(ports.stand_ins), "--state", str(house.stand_ins)]
        children.insert(0, Child("stand-ins", [sys.executable, "-m", "lintuan.standins", *stand_ins]))
    return Family(house, environment, children)


def web_command(port: int, workers: int, host: str = HOST) -> list[str]:
    """Granian with our ASGI application, kept from being held up by those who connect and say nothing.

    HTTP/1 alone: where granian has to find out the version first, it waits for the first byte for ever.
    """
    options = {
        "--interface": "asgi",
        "--http": "1",
        "--host": host,
        "--port": str(port),
        "--workers": str(workers),
        "--loop": "uvloop",
        "--log-level": "warning",
        "--backlog": "2048",
        "--backpressure": str(_connections()),
        "--http1-buffer-size": str(LARGEST_HEAD),
        "--http1-header-read-timeout": str(HEAD_WITHIN),
    }
    flags = [part for pair in options.items() for part in pair]
    return [
        sys.executable,
        "-m",
        "granian",
        *flags,
        "--no-ws",
        "--respawn-failed-workers",
        "lintuan.config.asgi:application",
    ]


def running_processes(house: House) -> dict[str, int]:
    """Name and pid of the installation's live processes, its owner among them."""
    try:
        found = json.loads(house.processes_file.read_text())
    except (FileNotFoundError, ValueError):
        return {}
    known = {"owner": found["owner"], **found["children"]}
    return alive(known)


def stop(running: Mapping[str, int]) -> None:
    """Ask the owner to stop everything; what an owner that was killed left behind is stopped directly."""
    if "owner" in running:
        os.kill(running["owner"], signal.SIGTERM)
        return
    for pid in running.values():
        os.killpg(pid, signal.SIGTERM)


def alive(running: Mapping[str, int]) -> dict[str, int]:
    """Those of these processes that have not ended."""
    return {name: pid for name, pid in running.items() if _is_ours(pid)}


def address_of(house: House) -> str:
    """The site's address as its owner wrote it down."""
    return _written(house, "address")


def stand_ins_of(house: House) -> str:
    """The stand-ins' address, empty where there are none."""
    return _written(house, "stand_ins")


def _written(house: House, what: str) -> str:
    found: str = json.loads(house.processes_file.read_text())[what]
    return found


def _connections() -> int:
    """As many as fit into half of the files a process may have open, of which we and our children claim what we can."""
    usual, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = 2 * MOST_CONNECTIONS if most == resource.RLIM_INFINITY else min(2 * MOST_CONNECTIONS, most)
    if resource.RLIM_INFINITY != usual < wanted:
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, most))
            usual = wanted
    return MOST_CONNECTIONS if usual == resource.RLIM_INFINITY else min(MOST_CONNECTIONS, usual // 2)


def _was_well(child: Child) -> bool:
    return time.monotonic() - child.started_at >= WELL_AFTER


def _end_group(pid: int) -> None:
    """Kill what is left of a child's process group."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(pid, signal.SIGKILL)


def _is_ours(pid: int) -> bool:
    """A pid may have been given to a stranger since; a zombie has no command line."""
    try:
        return b"lintuan" in Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return False
