"""A site of its own for a benchmark: embedded PostgreSQL in a temporary folder, web, worker and stand-ins beside it."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import click
import httpx

from lintuan.config import embedded, environment
from lintuan.config.cli import prepare_database
from lintuan.config.doctor import answers
from lintuan.config.embedded import binaries
from lintuan.config.embedded.cluster import find
from lintuan.config.environment import HOST, House, Ports, free_port

PLACE = "/var/tmp"
START_WITHIN = 60.0
STOP_WITHIN = 20.0

#: What a server of this size would be given; durability is that of every installation (embedded.SMALL_MACHINE).
SETTINGS: Mapping[str, str] = {
    "shared_buffers": "2GB",
    "effective_cache_size": "8GB",
    "maintenance_work_mem": "512MB",
    "wal_buffers": "64MB",
    "min_wal_size": "2GB",
    "max_wal_size": "16GB",
    "checkpoint_completion_target": "0.9",
}
SMALL: Mapping[str, str] = {**SETTINGS, "shared_buffers": "512MB", "effective_cache_size": "1GB", "max_wal_size": "4GB"}


@dataclass(frozen=True)
class Site:
    """An installation that benchmarks start and stop in parts; its database runs as long as the block does."""

    house: House
    server: embedded.Server
    settings: Mapping[str, str]
    environment: Mapping[str, str]
    ports: Ports

    @property
    def database_url(self) -> str:
        return self.environment["DATABASE_URL"]

    @property
    def address(self) -> str:
        """host:port of the web processes."""
        return f"{HOST}:{self.ports.web}"

    @property
    def stand_ins(self) -> str:
        """host:port of the stand-ins."""
        return f"{HOST}:{self.ports.stand_ins}"

    @property
    def pgbench(self) -> Path:
        return binaries.programs(find(self.house.state / "postgres").account) / "pgbench"

    @contextmanager
    def web(self, workers: int) -> Iterator[None]:
        """`lintuan web` with that many processes, for the block's time."""
        command = [_lintuan(), "web", "--host", HOST, "--port", str(self.ports.web), "--workers", str(workers)]
        with self._running("web", command, lambda: answers(f"http://{self.address}")):
            yield

    @contextmanager
    def worker(self) -> Iterator[None]:
        """`lintuan worker`: the consumers of events, duties, jobs."""
        with self._running("worker", [_lintuan(), "worker"], lambda: True):
            yield

    @contextmanager
    def phones_pay(self, *options: str) -> Iterator[None]:
        """The stand-ins, WeChat Pay among them; start them before the site, which reads their keys."""
        state, port = str(self.house.stand_ins), str(self.ports.stand_ins)
        command = [sys.executable, "-m", "lintuan.standins", "--port", port, "--state", state, *options]
        with self._running("stand-ins", command, lambda: _answers(f"http://{self.stand_ins}/")):
            yield

    @contextmanager
    def _running(self, name: str, command: Sequence[str], is_up: Callable[[], bool]) -> Iterator[None]:
        self.house.logs.mkdir(parents=True, exist_ok=True)
        path = self.house.logs / f"{name}.log"
        with path.open("ab") as log:
            process = subprocess.Popen(
                command, env={**os.environ, **self.environment}, stdout=log, stderr=log, process_group=0
            )
        try:
            _await(process, is_up, name, path)
            yield
            if process.poll() is not None:
                raise click.ClickException(f"{name} ended in the middle:\n{path.read_text()[-2000:]}")
        finally:
            _end(process)


def require_disk(size: int, what: str) -> None:
    """Refuse to begin what would end on a full disk."""
    free = shutil.disk_usage(PLACE).free
    if free < size:
        raise click.ClickException(
            f"{size / 2**30:.0f} GiB are needed under {PLACE}, {free / 2**30:.0f} GiB are free; for {what}"
        )


#: What tells of another installation than the one brought up here.
FOREIGN = ("DATABASE_URL", *(f"LINTUAN_{name}" for name in ("ADDRESS", "SECRET_KEY", "HOSTS", "CLOCK_FILE", "DEMO")))


@contextmanager
def standing() -> Iterator[Site]:
    """An installation in a folder that is gone afterwards, migrated, with nothing running but its database."""
    folder = Path(tempfile.mkdtemp(prefix="lintuan-bench-", dir=PLACE))
    # PostgreSQL runs under another account when we are root.
    folder.chmod(0o755)
    house = House(folder)
    for name in FOREIGN:
        os.environ.pop(name, None)
    settings = SETTINGS if os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") > 7 * 2**30 else SMALL
    try:
        with embedded.running(folder / "postgres", settings=settings) as server:
            ports = Ports(free_port(0), free_port(0))
            url = embedded.create_database(server, environment.DATABASE)
            found = dict(environment.variables(house, ports, url))
            found["LINTUAN_GATEWAY_KEYS"] = str(house.stand_ins / "manifest.json")
            os.environ.update(found)
            prepare_database()
            yield Site(house, server, settings, found, ports)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _lintuan() -> str:
    return str(Path(sys.executable).with_name("lintuan"))


def _answers(url: str) -> bool:
    try:
        return httpx.get(url, timeout=5, trust_env=False).status_code == 200
    except httpx.HTTPError:
        return False


def _await(process: subprocess.Popen[bytes], is_up: Callable[[], bool], name: str, log: Path) -> None:
    deadline = time.monotonic() + START_WITHIN
    while not is_up():
        if process.poll() is not None or time.monotonic() > deadline:
            raise click.ClickException(f"{name} does not come up:\n{log.read_text()[-2000:]}")
        time.sleep(0.1)


def _end(process: subprocess.Popen[bytes]) -> None:
    """First politely; then the whole group, since a killed web process leaves its own children."""
    process.send_signal(signal.SIGTERM)
    with suppress(subprocess.TimeoutExpired):
        process.wait(STOP_WITHIN)
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
