"""The bridge with plain callables on both sides: no server, no Django."""

from __future__ import annotations

import asyncio
import json
import re
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import pytest

from lintuan.config import bridge
from lintuan.config.bridge import Bridge
from lintuan.kernel.errors import Unavailable

Message = dict[str, Any]


class Application:
    """A WSGI application that answers the same to everybody and keeps what it was asked."""

    def __init__(self, *, status: str = "200 OK", body: bytes = b"apples", fault: Exception | None = None) -> None:
        self.status, self.body, self.fault = status, body, fault
        self.asked: list[tuple[dict[str, Any], bytes]] = []

    def __call__(self, environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        self.asked.append((environ, environ["wsgi.input"].read()))
        if self.fault:
            raise self.fault
        start(self.status, [("Content-Length", str(len(self.body)))])
        return [self.body]


def body_of(*parts: bytes) -> list[Message]:
    last = len(parts) - 1
    return [{"type": "http.request", "body": part, "more_body": at != last} for at, part in enumerate(parts)]


GONE: Message = {"type": "http.disconnect"}


def asked(
    application: Application,
    *messages: Message,
    method: str = "POST",
    headers: Iterable[tuple[bytes, bytes]] = (),
) -> list[Message]:
    """What the bridge sends for one request; a receive beyond the messages given waits for ever."""
    one = ask(Bridge(application, threads=1), *messages, method=method, headers=headers)
    return asyncio.run(asyncio.wait_for(one, timeout=10))


async def ask(
    to: Bridge,
    *messages: Message,
    method: str = "POST",
    headers: Iterable[tuple[bytes, bytes]] = (),
    path: str = "/api/v1/orders",
) -> list[Message]:
    coming, sent = list(messages), []

    async def receive() -> Message:
        return coming.pop(0) if coming else await asyncio.Future()

    async def send(message: Message) -> None:
        sent.append(message)

    scope: Mapping[str, Any] = {
        "type": "http",
        "method": method,
        "path": path,
        "query_string": b"",
        "http_version": "1.1",
        "headers": list(headers),
    }
    await to(scope, receive, send)
    return sent


def code_of(body: Message) -> str:
    return str(json.loads(body["body"])["code"])


@contextmanager
def a_slow_application() -> Iterator[tuple[Application, threading.Event]]:
    """It answers nobody until the event is set, at the latest when the test is over."""
    may_answer = threading.Event()

    class Slow(Application):
        def __call__(self, environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
            answer = super().__call__(environ, start)
            assert may_answer.wait(30)
            return answer

    try:
        yield Slow(), may_answer
    finally:
        may_answer.set()


def test_a_body_in_parts_arrives_whole_and_the_answer_leaves_whole() -> None:
    application = Application()

    start, body = asked(application, *body_of(b"ab", b"", b"cd"), headers=[(b"content-length", b"4")])

    assert application.asked[0][1] == b"abcd"
    assert (start["status"], body["body"]) == (200, b"apples")


@pytest.mark.parametrize("before", [[], [{"type": "http.request", "body": b"ab", "more_body": True}]])
def test_a_request_that_broke_off_is_not_served(before: list[Message]) -> None:
    application = Application()

    start, body = asked(application, *before, GONE)

    assert application.asked == []
    assert (start["status"], code_of(body)) == (400, "request_cut_short")
    assert dict(start["headers"])[b"connection"] == b"close"


def test_a_body_shorter_than_announced_is_refused() -> None:
    application = Application()

    start, body = asked(application, *body_of(b"ab"), headers=[(b"content-length", b"4")])

    assert application.asked == []
    assert start["status"] == 400
    assert json.loads(body["body"])["code"] == "request_cut_short"


@pytest.mark.parametrize(
    ("language", "title"), [(b"en-GB,en;q=0.9", "The request is too large."), (b"zh-CN", "请求内容过大。")]
)
def test_a_body_too_large_is_refused_in_the_clients_language(
    monkeypatch: pytest.MonkeyPatch, language: bytes, title: str
) -> None:
    application = Application()
    monkeypatch.setattr(bridge, "LARGEST_BODY", 3)

    start, body = asked(application, *body_of(b"ab", b"cd"), headers=[(b"accept-language", language)])

    assert application.asked == []
    assert start["status"] == 413
    assert dict(start["headers"])[b"content-type"] == b"application/problem+json"
    assert json.loads(body["body"])["title"] == title


def test_a_body_announced_too_large_is_refused_unread() -> None:
    start, _ = asked(Application(), headers=[(b"content-length", b"999999999")])

    assert start["status"] == 413


def test_cookies_sent_apart_are_read_as_one_header() -> None:
    application = Application()

    asked(
        application, *body_of(b""), headers=[(b"cookie", b"a=1"), (b"cookie", b"b=2"), (b"x-a", b"1"), (b"x-a", b"2")]
    )

    environ = application.asked[0][0]
    assert environ["HTTP_COOKIE"] == "a=1; b=2"
    assert environ["HTTP_X_A"] == "1,2"


@pytest.mark.parametrize(
    ("method", "status"), [("HEAD", "200 OK"), ("GET", "204 No Content"), ("GET", "304 Not Modified")]
)
def test_an_answer_without_body_has_none(method: str, status: str) -> None:
    start, body = asked(Application(status=status), *body_of(b""), method=method)

    assert start["status"] == int(status[:3])
    assert body["body"] == b""


def test_a_fault_of_the_application_is_answered_with_500() -> None:
    start, body = asked(Application(fault=RuntimeError("worm")), *body_of(b""), method="GET")

    assert start["status"] == 500
    assert json.loads(body["body"])["code"] == "broken"
    assert b"worm" not in body["body"]


def test_a_body_that_does_not_come_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bridge, "BODY_WITHIN", 0.01)
    application = Application()
    half: Message = {"type": "http.request", "body": b"ab", "more_body": True}

    start, body = asked(application, half, headers=[(b"content-length", b"4")])

    assert application.asked == []
    assert (start["status"], code_of(body)) == (408, "request_too_slow")
    assert dict(start["headers"])[b"connection"] == b"close"


def test_a_photo_may_take_longer_to_come(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bridge, "BODY_WITHIN", 0.0)
    parts = iter(body_of(b"ab", b"cd"))

    async def receive() -> Message:
        await asyncio.sleep(0)
        return next(parts)

    async def gathered(path: str) -> bytes:
        scope = {"path": path, "headers": []}
        async with bridge._Bodies().read(scope, receive) as body:
            return body

    with pytest.raises(bridge.Refused, match="request_too_slow"):
        asyncio.run(gathered("/api/v1/orders"))
    parts = iter(body_of(b"ab", b"cd"))
    assert asyncio.run(gathered("/api/v1/photos")) == b"abcd"


def test_bodies_that_together_are_too_large_are_refused_for_now(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bridge, "BODIES_AT_ONCE", 5)

    async def two_at_once(to: Bridge, may_answer: threading.Event) -> list[list[Message]]:
        first = asyncio.create_task(ask(to, *body_of(b"abc")))
        await asyncio.sleep(0)
        second = await ask(to, *body_of(b"def"))
        may_answer.set()
        return [await first, second, await ask(to, *body_of(b"ghi"))]

    with a_slow_application() as (application, may_answer):
        answers = asyncio.run(two_at_once(Bridge(application, threads=1), may_answer))

    assert [start["status"] for start, _ in answers] == [200, 503, 200]


def test_a_line_that_is_too_long_is_not_joined(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bridge, "LINE_PER_THREAD", 2)

    async def many(to: Bridge, may_answer: threading.Event) -> list[list[Message]]:
        asking = [asyncio.create_task(ask(to, *body_of(b""))) for _ in range(6)]
        refused, _ = await asyncio.wait(asking, return_when=asyncio.FIRST_COMPLETED, timeout=10)
        may_answer.set()
        await asyncio.gather(*asking)
        return [task.result() for task in refused] + [task.result() for task in asking if task not in refused]

    with a_slow_application() as (application, may_answer):
        answers = asyncio.run(many(Bridge(application, threads=1), may_answer))

    assert [start["status"] for start, _ in answers] == [503, 503, 503, 200, 200, 200]
    start, body = answers[0]
    assert code_of(body) == "unavailable"
    assert dict(start["headers"])[b"retry-after"] == b"2"
    assert b"connection" not in dict(start["headers"])


def test_what_hangs_is_given_up_and_its_thread_is_not_free_before_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bridge, "PATIENCE", ((re.compile(""), 0.05),))

    async def again_and_again(to: Bridge, may_answer: threading.Event) -> list[int]:
        hanging = [await ask(to, *body_of(b"")) for _ in range(3)]
        may_answer.set()
        while (later := await ask(to, *body_of(b"")))[0]["status"] == 503:
            pass
        return [start["status"] for start, _ in [*hanging, later]]

    with a_slow_application() as (application, may_answer):
        statuses = asyncio.run(again_and_again(Bridge(application, threads=1), may_answer))

    assert statuses == [503, 503, 503, 200]
    assert len(application.asked) == 2


@pytest.mark.parametrize("line", [0, 8])
def test_when_threads_hang_the_client_comes_alone_and_its_files_with_it(
    monkeypatch: pytest.MonkeyPatch, line: int
) -> None:
    monkeypatch.setattr(bridge, "PATIENCE", ((re.compile(""), 0.05),))
    monkeypatch.setattr(bridge, "LINE_PER_THREAD", line)
    alone = Application(body=b"alone")
    asking = [("GET", "/"), ("HEAD", "/"), ("GET", "/static/a.js"), ("POST", "/"), ("GET", "/console/")]

    async def each(to: Bridge) -> list[tuple[int, bytes]]:
        answers = [await ask(to, *body_of(b"x"), method=method, path=path) for method, path in asking]
        return [(start["status"], body["body"]) for start, body in answers]

    with a_slow_application() as (application, _):
        given = asyncio.run(each(Bridge(application, threads=1, alone=alone)))

    assert given[:3] == [(200, b"alone"), (200, b""), (200, b"alone")]
    assert [status for status, _ in given[3:]] == [503, 503]
    assert len(application.asked) <= 1


@pytest.mark.parametrize(
    ("path", "seconds"),
    [
        ("/api/v1/orders", 2.5),
        ("/api/v1/orders/abc", 2.5),
        ("/api/v1/orders/abc/pay", 8.0),
        ("/api/v1/points/abc/shelf", 2.5),
        ("/api/v1/points/import", 30.0),
        ("/api/v1/sign-in", 2.5),
        ("/api/v1/sign-in/codes", 8.0),
        ("/api/v1/pages/shelf", 2.5),
        ("/api/v1/baskets", 2.5),
        ("/api/v1/baskets/abc/lines", 2.5),
        ("/", 1.0),
        ("/static/h5/assets/index.js", 1.0),
        ("/console/", 30.0),
        ("/console/night/", 30.0),
    ],
)
def test_neighbours_wait_for_a_moment_and_staff_for_their_lists(path: str, seconds: float) -> None:
    assert next(patience for pattern, patience in bridge.PATIENCE if pattern.match(path)) == seconds


@pytest.mark.parametrize("name", [b"Authorization", b"idempotency-key", b"Content-Type"])
def test_what_can_only_be_said_once_is_not_said_twice(name: bytes) -> None:
    application = Application()

    start, body = asked(application, *body_of(b""), headers=[(name, b"one"), (name.lower(), b"another")])

    assert application.asked == []
    assert (start["status"], code_of(body)) == (400, "header_repeated")


def test_an_underscore_does_not_make_a_header_another_one() -> None:
    application = Application()

    asked(application, *body_of(b""), headers=[(b"idempotency-key", b"one"), (b"idempotency_key", b"another")])

    assert application.asked[0][0]["HTTP_IDEMPOTENCY_KEY"] == "one"


def test_being_unavailable_is_said_in_the_same_words_everywhere() -> None:
    refusal = Unavailable()

    assert bridge.PROBLEMS["unavailable"] == (refusal.status, refusal.message("en"), refusal.message("zh-hans"))
