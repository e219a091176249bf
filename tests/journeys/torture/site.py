"""An installation of its own, with its processes, database and logs within reach; on Linux only, as it reads /proc."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import psycopg

from lintuan.config import embedded, processes
from lintuan.config.cli import REHEARSAL_PHONE
from lintuan.config.environment import DATABASE, House, free_port
from tests.journeys.phones import Network
from tests.journeys.town import Town

LINTUAN = str(Path(sys.executable).with_name("lintuan"))
VAR = Path(__file__).parents[3] / "var"
WEB_PROCESSES = 2
SHOWN = 5
#: The line behind the last indented one of a traceback.
FAULT = re.compile(r"^Traceback .*\n(?:[ \t].*\n|\n)+(\S.*)$", re.MULTILINE)


@dataclass(frozen=True)
class Site:
    """One installation; process ids are looked up at every call, since processes come and go here."""

    house: House
    town: Town

    @property
    def network(self) -> Network:
        return self.town.network

    @property
    def owner(self) -> int:
        return processes.running_processes(self.house)["owner"]

    @property
    def consumer(self) -> int | None:
        return processes.running_processes(self.house).get("worker")

    @property
    def postmaster(self) -> int | None:
        return embedded.status(self.house.state / "postgres").pid

    def web_processes(self) -> list[int]:
        """Those that answer requests; their parent only looks after them."""
        parent = processes.running_processes(self.house).get("web")
        return [pid for pid in children(parent) if b"resource_tracker" not in _command(pid)] if parent else []

    def postgres(self) -> list[int]:
        """The postmaster and all its children."""
        postmaster = self.postmaster
        return [postmaster, *children(postmaster)] if postmaster else []

    def web_memory(self) -> int:
        """Bytes that the web processes have in memory together."""
        return sum(map(_resident, self.web_processes()))

    def log_sizes(self) -> Mapping[Path, int]:
        return {log: log.stat().st_size for log in self.house.logs.glob("*.log")}

    def stumbles(self, since: Mapping[Path, int]) -> list[str]:
        """The faults that ended tracebacks in the logs beyond these sizes, each once."""
        found: dict[str, None] = {}
        for log in self.house.logs.glob("*.log"):
            text = log.read_bytes()[since.get(log, 0) :].decode(errors="replace")
            found |= {f"{log.stem}: {fault}": None for fault in FAULT.findall(text)}
        return list(found)[-SHOWN:]

    def connect(self) -> psycopg.Connection[Any]:
        url = embedded.status(self.house.state / "postgres").url
        assert url, "the database is not running"
        address = f"{url.rpartition('/')[0]}/{DATABASE}"
        return psycopg.connect(address, autocommit=True, connect_timeout=5)

    def rows(self, query: str, *values: object) -> list[tuple[Any, ...]]:
        with self.connect() as connection:
            return connection.execute(query, values).fetchall()


@contextmanager
def running_site() -> Iterator[Site]:
    """A small province on a server of its own, gone afterwards; a fault that ends it carries the logs' last words."""
    VAR.mkdir(exist_ok=True)
    # Not /tmp: the account that runs PostgreSQL for root must be able to enter.
    house = House(Path(tempfile.mkdtemp(prefix="torture-", dir=VAR)), rehearsal=True)
    house.state.chmod(0o755)
    bare = {name: value for name, value in os.environ.items() if name[:8] not in {"LINTUAN_", "DATABASE"}}
    try:
        with _up(house, bare), httpx.Client(timeout=30, trust_env=False) as line:
            network = Network(processes.address_of(house), processes.stand_ins_of(house), line)
            yield Site(house, Town.open(network, REHEARSAL_PHONE))
    except BaseException as wrong:
        wrong.add_note(_last_words(house))
        raise
    finally:
        place = embedded.status(house.state / "postgres").directory
        embedded.stop(house.state / "postgres")
        shutil.rmtree(place, ignore_errors=True)
        shutil.rmtree(house.state, ignore_errors=True)


@contextmanager
def _up(house: House, environment: Mapping[str, str]) -> Iterator[None]:
    place = ["--state", str(house.state)]
    up = [LINTUAN, "up", "--rehearsal", "--detach", "--port", str(free_port(0)), "--workers", str(WEB_PROCESSES)]
    started = subprocess.run([*up, *place], capture_output=True, text=True, env=dict(environment), timeout=180)
    assert started.returncode == 0, started.stdout + started.stderr
    try:
        yield
    finally:
        subprocess.run([LINTUAN, "down", *place], capture_output=True, env=dict(environment), timeout=60)


def children(pid: int) -> list[int]:
    """The children of a process; none when it is gone."""
    try:
        lists = [path.read_text() for path in Path(f"/proc/{pid}/task").glob("*/children")]
    except OSError:
        return []
    return [int(child) for text in lists for child in text.split()]


def _command(pid: int) -> bytes:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return b""


def _resident(pid: int) -> int:
    try:
        found = re.search(r"VmRSS:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text())
    except OSError:
        return 0
    return int(found[1]) * 1024 if found else 0


def _last_words(house: House) -> str:
    """The ends of all logs, for whoever must find out what happened."""
    logs = sorted(house.logs.glob("*.log")) if house.logs.exists() else []
    return "\n".join(f"--- {log.name}\n{log.read_text(errors='replace')[-2000:]}" for log in logs)
