"""The processes of one machine: started together, restarted when they die, stopped together."""

from __future__ import annotations

import contextlib
import json
import logging
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
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
#: How often the children are looked at.
LOOK_EVERY = 0.2


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
class Children:
    """Processes kept alive: one that dies is started again, later each time it dies soon.

    With a folder of logs each has a log and a process group of its own; else they share their parent's.
    """

    members: Sequence[Child]
    environment: Mapping[str, str] = field(default_factory=dict)
    logs: Path | None = None

    def tend(self) -> bool:
        """Start whoever is not running and is due; whether anybody was started."""
        started = [self._tend(child) for child in self.members]
        return any(started)

    def stop(self) -> None:
        """End all, politely first."""
        alive = [child.process for child in self.members if child.process and child.process.poll() is None]
        for process in alive:
            process.send_signal(signal.SIGTERM)
        deadline = time.monotonic() + STOP_WITHIN
        for process in alive:
            try:
                process.wait(max(0.1, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                log.warning("process %s would not stop", process.pid)
            self._end(process)

    def begin_again(self, environment: Mapping[str, str]) -> None:
        """Stop all, to be started with another environment."""
        self.environment = environment
        self.stop()
        for child in self.members:
            child.process, child.start_at = None, 0.0

    def _tend(self, child: Child) -> bool:
        if child.process is not None and child.process.poll() is None:
            return False
        if child.process is not None:
            log.warning("%s ended with %s; starting it again", child.name, child.process.returncode)
            self._end(child.process)
            child.restarts = 1 if _was_well(child) else child.restarts + 1
            pause = min(2.0 ** min(child.restarts, 10) / 4, LONGEST_PAUSE)
            child.process, child.start_at = None, time.monotonic() + pause
        if time.monotonic() < child.start_at:
            return False
        child.process, child.started_at = self._start(child), time.monotonic()
        return True

    def _start(self, child: Child) -> subprocess.Popen[bytes]:
        with ExitStack() as files:
            output = files.enter_context((self.logs / f"{child.name}.log").open("ab")) if self.logs else None
            return subprocess.Popen(
                child.command,
                env={**os.environ, **self.environment},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                # A group of its own, so that nothing a child started outlives it.
                process_group=None if self.logs is None else 0,
            )

    def _end(self, process: subprocess.Popen[bytes]) -> None:
        """Kill what is left of a child, and of what it started where that is known."""
        if self.logs is None:
            process.kill()
        else:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)


@dataclass(slots=True)
class Family:
    """All children of one installation; `stop()` may be called from a signal handler.

    `revive` answers the address of a database that is ours to keep alive, and starts it again when it died.
    """

    house: House
    children: Children
    revive: Callable[[], str | None] | None = None
    _revive_at: float = 0.0
    _ending: threading.Event = field(default_factory=threading.Event)

    def run(self) -> None:
        """Keep the children alive until `stop()`."""
        self.house.logs.mkdir(parents=True, exist_ok=True)
        try:
            while not self._ending.is_set():
                self._tend_database()
                if self.children.tend():
                    self._write_down()
                self._ending.wait(LOOK_EVERY)
        finally:
            self.children.stop()
            self.house.processes_file.unlink(missing_ok=True)

    def stop(self) -> None:
        self._ending.set()

    def _tend_database(self) -> None:
        if self.revive is None or time.monotonic() < self._revive_at:
            return
        environment = self.children.environment
        try:
            url = self.revive()
        except EmbeddedPostgresFault as fault:
            log.error("the database is down: %s", fault)
            url = None
        if url is not None and url != environment["DATABASE_URL"]:
            log.warning("the database moved to another port; starting everything again")
            self.children.begin_again({**environment, "DATABASE_URL": url})
        self._revive_at = time.monotonic() + DATABASE_EVERY

    def _write_down(self) -> None:
        running = {child.name: child.process.pid for child in self.children.members if child.process}
        environment = self.children.environment
        found = {
            "owner": os.getpid(),
            "address": environment["LINTUAN_ADDRESS"],
            "stand_ins": environment.get("LINTUAN_STAND_INS", ""),
            "children": running,
        }
        # Whole or not at all: others read it at any moment.
        draft = self.house.processes_file.with_suffix(".draft")
        draft.write_text(json.dumps(found))
        draft.replace(self.house.processes_file)


def family(house: House, ports: Ports, environment: Mapping[str, str], *, workers: int) -> Family:
    """The processes that make up an installation: web, worker, and in a rehearsal the stand-ins."""
    children = [
        Child("web", web_command(ports.web, workers)),
        Child("worker", [str(Path(sys.executable).with_name("lintuan")), "worker"]),
    ]
    if house.rehearsal:
        stand_ins = ["--port", str(ports.stand_ins), "--state", str(house.stand_ins), "--bills-at-once"]
        children.insert(0, Child("stand-ins", [sys.executable, "-m", "lintuan.standins", *stand_ins]))
    return Family(house, Children(children, environment, house.logs))


def web_command(port: int, workers: int, host: str = HOST) -> list[str]:
    """`lintuan web`, of one process or of several."""
    lintuan = str(Path(sys.executable).with_name("lintuan"))
    return [lintuan, "web", "--host", host, "--port", str(port), "--workers", str(workers)]


def run_web(host: str, port: int, workers: int) -> None:
    """Keep so many web processes on one port until SIGTERM or SIGINT."""
    place = ["--host", host, "--port", str(port), "--parent", str(os.getpid())]
    command = [sys.executable, "-m", "lintuan.config.server", *place]
    children = Children([Child(f"web {number}", command) for number in range(1, workers + 1)])
    ending = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: ending.set())
    try:
        while not ending.is_set():
            children.tend()
            ending.wait(LOOK_EVERY)
    finally:
        children.stop()


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


def _was_well(child: Child) -> bool:
    return time.monotonic() - child.started_at >= WELL_AFTER


def _is_ours(pid: int) -> bool:
    """A pid may have been given to a stranger since; a zombie has no command line."""
    try:
        return b"lintuan" in Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return False
