"""The demo itself, small: the command that newcomers run, with its report and its exit code."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from lintuan.config.environment import free_port
from lintuan.sim.programme import OF_LEADERS, OF_THE_CITY
from tests.databases import fresh_database

#: Plays in which one takes part by ordering and collecting as always.
HEARD_ALONE = {"lucky-wheel", "scratch-card", "healthy-week", "buyers-board"}
LINTUAN = str(Path(sys.executable).with_name("lintuan"))


@pytest.mark.journey
def test_a_small_day_of_wuhan_holds_every_invariant_and_leaves_the_site_up(tmp_path: Path) -> None:
    report = tmp_path / "report.json"
    state = ["--state", str(tmp_path / "house")]

    wish = ["--port", str(free_port(0)), "--orders", "60", "--report", str(report)]

    with fresh_database() as environment:
        demo = _lintuan("demo", *state, *wish, environment=environment)
        stopped = _lintuan("down", *state, environment=environment)

    assert demo.returncode == 0, demo.stdout[-4000:] + demo.stderr[-2000:]
    figures = json.loads(report.read_text())
    assert (figures["invariants_ok"], figures["orders"]) == (True, 60)
    assert figures["plays"].keys() == {one.code for one in (*OF_THE_CITY, *OF_LEADERS)}
    assert figures["played"].keys() >= figures["plays"].keys() - HEARD_ALONE
    assert figures["groups"] == {"over": 1, "unfilled": 1}
    assert "All invariants hold." in demo.stdout
    assert "/console/" in demo.stdout
    assert "Stopped." in stopped.stdout


def _lintuan(*words: str, environment: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run([LINTUAN, *words], capture_output=True, text=True, timeout=300, env=dict(environment))
