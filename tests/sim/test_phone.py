"""A phone's patience with a site that is busy, over real HTTP."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import aiohttp
import pytest
from aiohttp import web

from lintuan.sim.phone import TRIES, Network


async def _asked(statuses: Sequence[int]) -> tuple[int, Network]:
    """What a phone has in the end from a site that answers with these in turn, and what passed over its network."""
    left = list(statuses)

    async def answer(_: web.Request) -> web.Response:
        return web.json_response({}, status=left.pop(0))

    site = web.Application()
    site.router.add_get("/", answer)
    runner = web.AppRunner(site)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    host, port = runner.addresses[0][:2]
    try:
        async with aiohttp.ClientSession() as session:
            network = Network(f"http://{host}:{port}", "", session)
            status, _ = await network.ask("GET", f"{network.site}/", headers={})
            return status, network
    finally:
        await runner.cleanup()


@pytest.mark.parametrize(
    ("statuses", "status", "waited", "faults"),
    [
        ([200], 200, 0, 0),
        ([503, 200], 200, 1, 0),
        ([503, 409], 409, 1, 0),
        ([500], 500, 0, 1),
        ([503] * TRIES, 503, TRIES - 1, 1),
    ],
)
def test_a_busy_site_is_a_fault_only_for_who_gave_up(
    statuses: list[int], status: int, waited: int, faults: int
) -> None:
    told, network = asyncio.run(_asked(statuses))

    assert (told, network.told_to_wait) == (status, waited)
    assert sum(count for code, count in network.answers.items() if code >= 500) == faults
