"""Clients that send nonsense, half of it, or nothing at all and stay; honest ones are served beside them."""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from urllib.parse import urlsplit

import aiohttp

from .arena import Arena, Outcome
from .asking import prove
from .crowd import PATIENCE, Crowd
from .forgeries import Forger, Forgery, Then
from .notes import Answer, slowest
from .site import Site
from .waiting import until

#: Longer than the site waits for a body.
DONE_WITHIN = 20.0
HONEST_WITHIN = 3.0
AT_ONCE = 24
#: In whose name no stranger speaks.
HONEST = 0
BYTE_EVERY = 1.0

Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]


async def strangers(arena: Arena, *, holders: int, copies: int = 1, slack: float = 1.0) -> Outcome:
    """All forgeries, while as many connections as asked for are held open in each way of doing so."""
    outcome, since = Outcome("strangers"), len(arena.notes.wishes)
    await arena.restock()
    honest = arena.crowd
    forger = Forger(
        [honest.tokens[member] for member in honest.everybody if member != HONEST], honest.shelf.basket(honest.draw)
    )
    before = _orders(arena.site)
    is_over = asyncio.Event()
    async with _held(arena.site, holders) as held, _newcomer(honest) as newcomer:
        serving = asyncio.create_task(_serve_meanwhile(newcomer, is_over))
        gate = asyncio.Semaphore(AT_ONCE)
        tries = [_try(arena.site, forgery, gate) for forgery in forger.all() for _ in range(copies)]
        faults = await asyncio.gather(*tries)
        await until(lambda: len(arena.notes.wishes) > since, what="an honest order")
        is_over.set()
        answers = await serving
    outcome.violations += [fault for fault in faults if fault]
    within = HONEST_WITHIN * slack
    late = [answer for answer in answers if answer.seconds > within or not answer.is_final]
    outcome.demand(not late, f"{len(late)} of {len(answers)} honest requests were not served within {within} s")
    placed = arena.notes.since(since).placed
    ordered = _orders(arena.site) - before
    outcome.demand(ordered == placed, f"{ordered} orders were placed, {placed} of them by honest people")
    outcome.figures |= {
        "forgeries": len(tries),
        "held": held,
        "honest": len(answers),
        "slowest_ms": round(slowest(answers) * 1000),
    }
    await prove(arena, outcome, since)
    return outcome


def _orders(site: Site) -> int:
    ((count,),) = site.rows("SELECT count(*) FROM ordering_order")
    return int(count)


async def _try(site: Site, forgery: Forgery, gate: asyncio.Semaphore) -> str:
    """What is wrong with the answer; empty when it is refused as it should be."""
    async with gate:
        try:
            async with asyncio.timeout(DONE_WITHIN), _line(site) as streams:
                answer = await _say(streams, forgery)
        except TimeoutError:
            return f"{forgery.name}: neither answered nor closed within {DONE_WITHIN:.0f} s"
    if answer is None:
        return ""
    fits = answer.code in forgery.codes or (not forgery.codes and answer.is_problem)
    if 400 <= answer.status < 500 and (fits or not forgery.is_http):
        return ""
    return f"{forgery.name}: {answer.status} {answer.code or answer.media_type}"


async def _say(streams: Streams, forgery: Forgery) -> Answer | None:
    """The answer; None when the connection is closed without one."""
    reader, writer = streams
    speaking = asyncio.create_task(_speak(writer, forgery))
    try:
        if forgery.then is Then.LEAVE:
            await speaking
            return None
        return await _read(reader)
    finally:
        speaking.cancel()
        await asyncio.gather(speaking, return_exceptions=True)


async def _speak(writer: asyncio.StreamWriter, forgery: Forgery) -> None:
    # The site may hang up in the middle of it, which is its right.
    with contextlib.suppress(ConnectionError):
        writer.write(forgery.data)
        await writer.drain()
        while forgery.then is Then.DRIP:
            await asyncio.sleep(BYTE_EVERY)
            writer.write(b" ")
            await writer.drain()


async def _read(reader: asyncio.StreamReader) -> Answer | None:
    try:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in head[1:])}
        body = await reader.readexactly(int(headers.get("content-length", 0)))
    except (asyncio.IncompleteReadError, ConnectionError):
        return None
    media_type = headers.get("content-type", "").partition(";")[0]
    return Answer(int(head[0].split()[1]), media_type, body, headers.get("retry-after", ""), 0.0)


@asynccontextmanager
async def _newcomer(crowd: Crowd) -> AsyncIterator[Crowd]:
    """The same people, but with a new connection for every request."""
    connector, timeout = aiohttp.TCPConnector(force_close=True), aiohttp.ClientTimeout(total=PATIENCE)
    async with aiohttp.ClientSession(connector=connector, timeout=timeout) as session:
        yield dataclasses.replace(crowd, session=session)


async def _serve_meanwhile(crowd: Crowd, is_over: asyncio.Event) -> list[Answer]:
    """An honest neighbour orders one thing after another."""
    answers = []
    while not is_over.is_set():
        wish = await crowd.settle(crowd.wish(HONEST))
        answers += wish.answers
    return answers


@asynccontextmanager
async def _held(site: Site, holders: int) -> AsyncIterator[int]:
    """Connections that are held in every way there is; answers how many they are."""
    ways: list[Callable[[Streams], Awaitable[None]]] = [_say_nothing, _drip_a_header, _ask_once]
    async with contextlib.AsyncExitStack() as stack:
        connections = await asyncio.gather(*(_open(site) for _ in range(holders * len(ways))))
        for _, writer in connections:
            stack.push_async_callback(_close, writer)
        holding = [asyncio.create_task(ways[place % len(ways)](streams)) for place, streams in enumerate(connections)]
        stack.push_async_callback(_drop, holding)
        yield len(connections)


async def _say_nothing(streams: Streams) -> None:
    with contextlib.suppress(ConnectionError):
        await streams[0].read()


async def _ask_once(streams: Streams) -> None:
    reader, writer = streams
    writer.write(b"GET /api/v1/nothing HTTP/1.1\r\nHost: localhost\r\n\r\n")
    with contextlib.suppress(ConnectionError):
        await reader.read()


async def _drip_a_header(streams: Streams) -> None:
    """One byte a second."""
    _, writer = streams
    writer.write(b"POST /api/v1/orders HTTP/1.1\r\nHost: localhost\r\nX-Slow: ")
    with contextlib.suppress(ConnectionError):
        while not writer.is_closing():
            writer.write(b"x")
            await writer.drain()
            await asyncio.sleep(BYTE_EVERY)


@asynccontextmanager
async def _line(site: Site) -> AsyncIterator[Streams]:
    streams = await _open(site)
    try:
        yield streams
    finally:
        await _close(streams[1])


async def _open(site: Site) -> Streams:
    address = urlsplit(site.network.site)
    return await asyncio.open_connection(address.hostname, address.port)


async def _close(writer: asyncio.StreamWriter) -> None:
    writer.close()
    with contextlib.suppress(ConnectionError):
        await writer.wait_closed()


async def _drop(tasks: list[asyncio.Task[None]]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
