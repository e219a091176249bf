"""Journeys share one real installation: `lintuan up --rehearsal`, with a database of its own."""

from __future__ import annotations

import contextlib
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser

from lintuan import pages
from lintuan.config import processes
from lintuan.config.cli import REHEARSAL_PHONE
from lintuan.config.environment import House, free_port
from tests.browser import chromium
from tests.databases import fresh_database

from .devices import Devices, open_devices
from .letters import PaymentService
from .phones import Network
from .town import Town

__all__ = ["chromium"]

LINTUAN = str(Path(sys.executable).with_name("lintuan"))
H5 = Path(pages.__file__).with_name("static") / "h5"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.path.is_relative_to(Path(__file__).parent):
            item.add_marker(pytest.mark.journey)


@pytest.fixture(scope="session")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """A running installation; at the end none of its processes may have stumbled."""
    house = House(tmp_path_factory.mktemp("town"), rehearsal=True)
    with fresh_database() as environment, _running(house, environment):
        yield house
    stumbles = {log.name: log.read_text() for log in house.logs.iterdir() if "Traceback" in log.read_text()}
    assert not stumbles, "\n".join(f"{name}:\n{text[-4000:]}" for name, text in stumbles.items())


@pytest.fixture(scope="session")
def town(house: House) -> Iterator[Town]:
    """A province that trades in that installation."""
    with httpx.Client(timeout=30, trust_env=False) as line:
        network = Network(processes.address_of(house), processes.stand_ins_of(house), line)
        yield Town.open(network, REHEARSAL_PHONE)


@pytest.fixture(scope="session")
def payment_service(house: House, town: Town) -> Iterator[PaymentService]:
    """The payment service's own pen and seal."""
    with contextlib.closing(PaymentService(house.stand_ins, town.network)) as service:
        yield service


@contextlib.contextmanager
def _running(house: House, environment: Mapping[str, str]) -> Iterator[None]:
    place = ["--state", str(house.state)]
    up = [LINTUAN, "up", "--rehearsal", "--detach", "--port", str(free_port(0)), "--workers", "1", *place]
    try:
        started = subprocess.run(up, capture_output=True, text=True, env=environment, timeout=180)
        assert started.returncode == 0, started.stdout + started.stderr
        yield
    finally:
        subprocess.run([LINTUAN, "down", *place], capture_output=True, env=environment, timeout=60)


@pytest.fixture
def devices(chromium: Browser, town: Town) -> Iterator[Devices]:
    """Browsers for the people of a journey."""
    if not (H5 / "index.html").is_file():
        pytest.skip("the client is not built: make client")
    with open_devices(chromium, town.network) as given:
        yield given
