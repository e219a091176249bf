"""The load generator against a real server on loopback that says exactly what it answered."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import click
import pytest

from bench.load import Load, Report, put_on
from bench.wire import request, write_spool

STALL = 0.3

Reply = Callable[[int], Sequence[bytes]]
"""The pieces of the answer to the n-th request; without any, the connection is cut."""


@contextmanager
def serving(reply: Reply, *, stall: float = 0.0) -> Iterator[str]:
    """A server whose first answer comes after `stall` seconds; its host:port."""
    loop = asyncio.new_event_loop()
    heard = 0

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal heard
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                await reader.readexactly(int(head.partition(b"Content-Length: ")[2].split(b"\r\n")[0] or b"0"))
                heard += 1
                pieces = reply(heard)
                if heard == 1 and stall:
                    await asyncio.sleep(stall)
                for piece in pieces:
                    writer.write(piece)
                    await writer.drain()
                if not pieces:
                    break
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    server = loop.run_until_complete(asyncio.start_server(talk, "127.0.0.1", 0))
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    try:
        host, port = server.sockets[0].getsockname()
        yield f"{host}:{port}"
    finally:
        loop.call_soon_threadsafe(server.close)
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        for task in asyncio.all_tasks(loop):
            task.cancel()
        loop.run_until_complete(loop.shutdown_asyncgens())
        loop.run_until_complete(asyncio.sleep(0))
        loop.close()


def answer(status: int, body: bytes = b"") -> bytes:
    return b"HTTP/1.1 %d Whatever\r\ncontent-length: %d\r\n\r\n%b" % (status, len(body), body)


def put(to: str, folder: Path, *, count: int, connections: int = 10, **more: float) -> Report:
    """That many posts, until all are answered."""
    spool = folder / "spool"
    write_spool(spool, (request("POST", "/orders", {"Host": to}, b'{"n":%d}' % n) for n in range(count)))
    load = Load(to, spool, connections, more.get("seconds", 20.0), rate=more.get("rate", 0.0), heads=folder / "heads")
    return put_on(load)


def test_every_answer_is_counted_by_its_status(tmp_path: Path) -> None:
    with serving(lambda n: [answer(409 if n % 10 == 0 else 201, b'{"id":"%d"}' % n)]) as to:
        report = put(to, tmp_path, count=1000)

    ids = [int(head.split(b'"')[3]) for head in (tmp_path / "heads").read_bytes().split(b"\n")]
    assert report.by_status == {"201": 900, "409": 100}
    assert (report.sent, report.successes, report.others, report.unanswered) == (1000, 900, {"409": 100}, 0)
    assert report.body_bytes == sum(len(f'{{"id":"{n}"}}') for n in range(1, 1001))
    assert sorted(ids) == [n for n in range(1, 1001) if n % 10]


def test_an_answer_in_pieces_is_one_answer(tmp_path: Path) -> None:
    whole = answer(201, b'{"id":"abcdef"}')

    with serving(lambda n: [whole[:5], whole[5:-8], whole[-8:-3], whole[-3:]]) as to:
        report = put(to, tmp_path, count=200)

    assert (report.by_status, report.body_bytes) == ({"201": 200}, 200 * len(b'{"id":"abcdef"}'))


def test_not_modified_is_no_success_but_counted_apart(tmp_path: Path) -> None:
    with serving(lambda n: [b"HTTP/1.1 304 Not Modified\r\netag: x\r\n\r\n"]) as to:
        report = put(to, tmp_path, count=100)

    assert (report.by_status, report.successes, report.others) == ({"304": 100}, 0, {})
    assert report.not_modified_per_s > 0 == report.successes_per_s


def test_a_request_on_a_broken_connection_is_unanswered_and_the_others_go_on(tmp_path: Path) -> None:
    with serving(lambda n: [] if n % 50 == 0 else [answer(201, b"{}")]) as to:
        report = put(to, tmp_path, count=500)

    assert (report.by_status, report.unanswered, report.sent) == ({"201": 490}, 10, 500)


def test_in_an_open_loop_latency_counts_from_the_moment_due(tmp_path: Path) -> None:
    with serving(lambda n: [answer(201, b"{}")], stall=STALL) as to:
        report = put(to, tmp_path, count=100, connections=1, rate=200.0, seconds=0.5)

    # 100 were due in half a second; those due while the server stalled waited for what was left of the stall.
    assert (report.sent, report.by_status) == (100, {"201": 100})
    assert report.latency_ms["max"] >= STALL * 1000
    assert report.latency_ms["p50"] >= 50 * 0.9


def test_an_answer_of_unknown_length_ends_the_load(tmp_path: Path) -> None:
    with serving(lambda n: [b"HTTP/1.1 200 OK\r\n\r\nwhatever"]) as to, pytest.raises(click.ClickException):
        put(to, tmp_path, count=10)
