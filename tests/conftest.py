"""The stage of every test: a real PostgreSQL, embedded unless DATABASE_URL names another."""

from __future__ import annotations

import itertools
import json
import os
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest
from django.db import connections
from hypothesis import HealthCheck, settings

from lintuan.kernel import clock, memory

_changes = itertools.count(1, 1_000_000)

# How fast a busy machine is says nothing about what a law is about.
settings.register_profile("lintuan", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("lintuan")


@pytest.fixture(autouse=True, scope="session")
def _threads_keep_no_connections() -> None:
    """A thread's connection, kept as in the product, would be in the way when the test database is dropped."""
    connections.settings["default"]["CONN_MAX_AGE"] = 0


@pytest.fixture(autouse=True)
def _nothing_remembered() -> None:
    """What one test's process remembers is no other's."""
    memory.forget()


@pytest.fixture
def clock_at(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], datetime]:
    """Set the business clock, forward only: `clock_at("2026-11-20T20:00+08:00")`; it then all but stands still."""
    file = tmp_path / "clock.json"
    monkeypatch.setenv(clock.FILE_VARIABLE, str(file))

    def set_clock(text: str) -> datetime:
        file.unlink(missing_ok=True)
        moment = datetime.fromisoformat(text)
        file.write_text(json.dumps({"real": time.time(), "virtual": moment.timestamp(), "rate": 0.000001}))
        os.utime(file, ns=(next(_changes), next(_changes)))
        return moment

    return set_clock
