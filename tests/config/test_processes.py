"""How processes are kept alive."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
from contextlib import suppress
from pathlib import Path

import pytest

from lintuan.config import processes
from lintuan.config.environment import HOST, House, free_port
from tests.config.test_installation import until

#: Nobody listens there, and nothing asked here needs it.
NOWHERE = "postgresql://nobody@127.0.0.1:1/nothing"
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
    house = House(tmp_path)
    family = processes.Family(house, processes.Children([child], {"LINTUAN_ADDRESS": f"http://{HOST}:1"}, house.logs))
    running = threading.Thread(target=family.run)
    running.start()
    try:
        until(lambda: births.exists() and births.read_text() == "xxxx")
        counted = child.restarts
    finally:
        family.stop()
        running.join(timeout=30)

    assert counted == restarts


@pytest.mark.journey
def test_web_processes_share_a_port_and_come_back_until_their_parent_is_gone(tmp_path: Path) -> None:
    port = free_port(0)
    environment = {**os.environ, "DATABASE_URL": NOWHERE, "LINTUAN_SECRET_KEY": "a key of this test alone"}
    supervisor = subprocess.Popen(processes.web_command(port, workers=2), env=environment, process_group=0)
    try:
        until(lambda: len(_web_processes(supervisor.pid)) == 2 and _is_open(port))
        first, second = _web_processes(supervisor.pid)
        os.kill(first, signal.SIGKILL)
        until(lambda: len({*_web_processes(supervisor.pid)} - {first}) == 2)
        assert second in _web_processes(supervisor.pid)
        orphans = _web_processes(supervisor.pid)
        supervisor.kill()
        supervisor.wait()
        until(lambda: not processes.alive({str(pid): pid for pid in orphans}))
    finally:
        with suppress(ProcessLookupError):
            os.killpg(supervisor.pid, signal.SIGKILL)
        supervisor.wait()


def _web_processes(supervisor: int) -> list[int]:
    found = Path(f"/proc/{supervisor}/task/{supervisor}/children").read_text().split()
    return [int(pid) for pid in found]


def _is_open(port: int) -> bool:
    with socket.socket() as line:
        return line.connect_ex((HOST, port)) == 0
