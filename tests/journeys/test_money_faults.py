"""Purchases while the payment services fail, in short: a real site, real HTTP, every kind of fault.

`make bench-money` does the same with ten thousand of them.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import Any

import pytest

from bench import money_faults

PURCHASES = 240


@pytest.fixture(scope="module")
def figures() -> dict[str, Any]:
    command = [sys.executable, "-m", "bench.money_faults", "--purchases", str(PURCHASES)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=400, env=dict(os.environ))
    assert done.returncode == 0, done.stdout + done.stderr
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def test_no_order_is_paid_twice_and_none_is_lost(figures: dict[str, Any]) -> None:
    assert figures["fault_purchases"] >= PURCHASES
    assert figures["payments"] > PURCHASES / 2
    assert (figures["lost"], figures["doubled"]) == (0, 0), figures["examples"]


def test_everything_comes_to_rest_and_no_difference_is_left_unexplained(figures: dict[str, Any]) -> None:
    assert figures["unrest"] == {}
    assert figures["unexplained"] == 0, figures["examples"]


@pytest.mark.parametrize("feed", money_faults.feeds(), ids=lambda feed: feed.name)
def test_every_kind_of_fault_was_met(figures: dict[str, Any], feed: money_faults.Feed) -> None:
    kinds = {each["mode"] if isinstance(each, dict) else each for each in feed.kinds}

    assert set(figures["faults_met"][feed.name]) >= kinds
