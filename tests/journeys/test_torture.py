"""The torture in short: every kind of trial, every process killed once. `make torture` does all of it many times."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import AsyncExitStack

import pytest

from .torture.arena import Arena, arena_of
from .torture.rounds import SHORT, hold
from .torture.site import running_site


@pytest.fixture(scope="module")
def runner() -> Iterator[asyncio.Runner]:
    with asyncio.Runner() as runner:
        yield runner


@pytest.fixture(scope="module")
def arena(runner: asyncio.Runner) -> Iterator[Arena]:
    with running_site() as site:
        stack = AsyncExitStack()
        yield runner.run(stack.enter_async_context(arena_of(site)))
        runner.run(stack.aclose())


@pytest.mark.parametrize(
    ("kind", "number"),
    [
        pytest.param("kill", 0, id="a web process is killed"),
        pytest.param("kill", 1, id="the consumer is killed"),
        pytest.param("kill", 2, id="the postmaster is killed"),
        pytest.param("poison", 0, id="one order in many is poisoned"),
        pytest.param("outage", 0, id="the database hangs"),
        pytest.param("outage", 1, id="the database is locked"),
        pytest.param("outage", 2, id="the database is gone"),
        pytest.param("strangers", 0, id="strangers send nonsense or hold connections"),
        pytest.param("pressure", 0, id="more orders come than can be taken"),
        pytest.param("clock", 0, id="the clock passes the cut-off"),
    ],
)
def test_what_was_answered_is_kept(runner: asyncio.Runner, arena: Arena, kind: str, number: int) -> None:
    outcome = runner.run(hold(arena, kind, number, SHORT))

    assert not outcome.violations, "\n".join(outcome.violations)
