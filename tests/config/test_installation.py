"""An installation on one machine: it starts, keeps its processes alive, explains itself and stops."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import httpx
import pytest

from lintuan.config import doctor, processes
from lintuan.config.doctor import answers, examine
from lintuan.config.environment import House, free_port
from tests.databases import fresh_database

LINTUAN = str(Path(sys.executable).with_name("lintuan"))
pytestmark = pytest.mark.journey


def until(is_so: Callable[[], bool], seconds: float = 60) -> None:
    """Wait for a condition; the test fails when it does not come."""
    deadline = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < deadline, "it did not come to pass"
        time.sleep(0.05)


def lintuan(*words: str, state: Path, environment: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
    command = [LINTUAN, *words, "--state", str(state)]
    return subprocess.run(command, capture_output=True, text=True, timeout=180, env=dict(environment))


@pytest.fixture(scope="module")
def own_database() -> Iterator[Mapping[str, str]]:
    with fresh_database() as environment:
        yield environment


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory, own_database: Mapping[str, str]) -> Iterator[House]:
    state = tmp_path_factory.mktemp("house with a space")
    words = ["up", "--rehearsal", "--detach", "--port", str(free_port(0)), "--workers", "1"]
    started = lintuan(*words, state=state, environment=own_database)
    assert started.returncode == 0, started.stdout + started.stderr
    yield House(state, rehearsal=True)
    lintuan("down", state=state, environment=own_database)


def test_it_serves_and_the_doctor_is_content(house: House, own_database: Mapping[str, str]) -> None:
    asked = lintuan("doctor", state=house.state, environment=own_database)

    assert asked.returncode == 0, asked.stdout
    assert "!!" not in asked.stdout
    assert answers(processes.address_of(house))


@pytest.mark.parametrize("coding", ["br", "gzip"])
def test_it_gives_browsers_the_client_and_all_it_needs(house: House, coding: str) -> None:
    site = processes.address_of(house)
    with httpx.Client(base_url=site, headers={"Accept-Encoding": f"{coding}, gzip"}, trust_env=False) as browser:
        document = browser.get("/?page=points")
        needed = re.findall(r'"(/static/h5/assets/[^"]+)"', document.text)
        answers_to_needs = [browser.head(address) for address in needed]

    assert document.status_code == 200
    assert document.headers["content-encoding"] == "gzip"
    assert '"name":"points"' in document.text
    assert len(needed) >= 2
    assert {answer.status_code for answer in answers_to_needs} == {200}
    assert {answer.headers["content-encoding"] for answer in answers_to_needs} == {coding}


def test_a_second_one_in_the_same_folder_is_refused(house: House, own_database: Mapping[str, str]) -> None:
    second = lintuan("up", state=house.state, environment=own_database)

    assert second.returncode == 1
    assert "already running" in second.stderr


@pytest.mark.parametrize("name", ["worker", "stand-ins", "web"])
def test_a_process_that_is_killed_comes_back(house: House, name: str) -> None:
    before = processes.running_processes(house)[name]

    os.kill(before, signal.SIGKILL)

    until(lambda: processes.running_processes(house).get(name, before) != before)
    until(lambda: answers(processes.address_of(house)))


def test_stopping_leaves_no_process_behind(tmp_path: Path, own_database: Mapping[str, str]) -> None:
    words = ["up", "--detach", "--port", str(free_port(0)), "--workers", "1"]
    lintuan(*words, state=tmp_path, environment=own_database)
    running = processes.running_processes(House(tmp_path))

    lintuan("down", state=tmp_path, environment=own_database)

    assert set(running) == {"owner", "web", "worker"}
    until(lambda: not any(Path(f"/proc/{pid}").exists() for pid in running.values()))


def test_the_doctor_says_what_is_wrong_and_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "secret").write_text("open to all")
    (tmp_path / "secret").chmod(0o644)
    monkeypatch.delenv("LINTUAN_SECRET_KEY", raising=False)
    monkeypatch.setenv("DATABASE_URL", "postgresql://nobody@127.0.0.1:1/nothing")

    monkeypatch.setattr(doctor, "CLIENT", tmp_path / "index.html")

    findings = {finding.subject: finding for finding in examine(House(tmp_path))}

    assert not findings["secret key"].is_fine
    assert "chmod 600" in findings["secret key"].remedy
    assert (findings["client"].is_fine, findings["client"].remedy) == (False, "make client")
    assert not findings["database"].is_fine
    assert "DATABASE_URL" in findings["database"].remedy


def test_production_processes_name_the_variables_they_lack() -> None:
    environment = {
        name: value for name, value in os.environ.items() if name not in {"DATABASE_URL", "LINTUAN_SECRET_KEY"}
    }

    refused = subprocess.run([LINTUAN, "worker"], capture_output=True, text=True, env=environment)

    assert refused.returncode == 1
    assert "DATABASE_URL, LINTUAN_SECRET_KEY" in refused.stderr


def test_what_a_killed_owner_left_behind_is_stopped_too(tmp_path: Path, own_database: Mapping[str, str]) -> None:
    words = ["up", "--detach", "--port", str(free_port(0)), "--workers", "2"]
    lintuan(*words, state=tmp_path, environment=own_database)
    running = processes.running_processes(House(tmp_path))
    os.kill(running["owner"], signal.SIGKILL)

    stopped = lintuan("down", state=tmp_path, environment=own_database)

    assert "Stopped." in stopped.stdout
    assert processes.alive(running) == {}
