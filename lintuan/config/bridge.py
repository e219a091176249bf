"""The bridge from the ASGI dispatcher to Django's synchronous handler: one hop to a thread and one back.

The body is read whole before the hop and the answer is sent whole after it, so that no chunk crosses between threads
on its own.

What waits, waits in a line that has an end and for a time that has one; whoever comes later or has waited that long is
told to come again (503, Retry-After), so that a slow or absent database fills no memory and leaves nobody hanging. What
was given up may still take effect, like a request whose answer got lost: its key tells at the next try.
"""

from __future__ import annotations

import asyncio
import io
import json
import logging
import re
import sys
from collections.abc import AsyncIterator, Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

log = logging.getLogger(__name__)

LARGEST_BODY = 8 * 2**20
#: Of all requests that one process has in hand.
BODIES_AT_ONCE = 64 * 2**20
BODY_WITHIN = 10.0
#: A photo from a phone at the edge of a network takes its time.
PHOTO_WITHIN = 60.0
PHOTOS = "/api/v1/photos"
#: Requests that may wait for each thread; those behind them could only be answered when nobody listens any more.
LINE_PER_THREAD = 8
#: Seconds until an answer, by the first pattern that fits the address. Neighbours wait for a moment, and longer where
#: we ask the world outside, which has five seconds itself; staff wait for long lists and for proofs.
PATIENCE = (
    (re.compile("/$|/static/"), 1.0),
    (re.compile(r"/api/v1/(orders/[^/]+/pay|charges/[^/]+/payment|sign-in/codes)$"), 8.0),
    (
        re.compile(
            r"/api/v1/((orders|charges|quotes|baskets|pages|me|sign-in|sign-out|payments)(/|$)|points/[^/]+/shelf$)"
        ),
        2.5,
    ),
    (re.compile(""), 30.0),
)
#: Of that, the part to spend in line: what began too late would be given up in the middle.
IN_LINE = 0.6
#: What can be had without a database, the client and its files: answered aside while threads hang.
ASIDE = re.compile("/$|/static/")
RETRY_AFTER = b"2"
PROBLEMS = {
    "request_too_large": (413, "The request is too large.", "请求内容过大。"),
    "request_too_slow": (408, "The request took too long to arrive.", "请求传输超时。"),
    "request_cut_short": (400, "The request ended before its announced length.", "请求内容不完整。"),
    "header_repeated": (400, "A header that can only say one thing came twice.", "同一请求头重复出现。"),
    "unavailable": (
        503,
        "The service cannot answer just now; nothing was lost, please try again shortly.",
        "服务暂时不可用，您的内容没有丢失，请稍后重试。",
    ),
    "broken": (500, "Something went wrong on our side.", "服务器出错了。"),
}
#: Two of these, joined by a comma as other headers are, would read as a third one that nobody sent.
ONCE = {"HTTP_AUTHORIZATION", "HTTP_IDEMPOTENCY_KEY", "CONTENT_TYPE"}

Wsgi = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]
Headers = list[tuple[bytes, bytes]]


@dataclass(frozen=True, slots=True)
class Answer:
    """A whole response."""

    status: int
    headers: Headers
    body: bytes


class Refused(Exception):
    """The request cannot be given to the application; `code` is a key of PROBLEMS."""

    def __init__(self, code: str, *, is_read: bool = True) -> None:
        self.code = code
        self.is_read = is_read
        super().__init__(code)


class Bridge:
    """A WSGI application as an ASGI one; its threads live as long as the process.

    `alone` answers what lies `ASIDE` when the application does not in time; it must wait for nothing.
    """

    def __init__(self, application: Wsgi, *, threads: int, alone: Wsgi | None = None) -> None:
        self._application, self._alone = application, alone
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix="django")
        self._aside = ThreadPoolExecutor(1, thread_name_prefix="aside")
        self._line = _Line(threads * LINE_PER_THREAD, asyncio.Semaphore(threads))
        self._bodies = _Bodies()

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        answer = await self._answer(scope, receive)
        # RFC 9110: these have no body, whatever the application wrote.
        is_bodiless = scope["method"] == "HEAD" or answer.status in (204, 304)
        await send({"type": "http.response.start", "status": answer.status, "headers": answer.headers})
        await send({"type": "http.response.body", "body": b"" if is_bodiless else answer.body})

    async def _answer(self, scope: Any, receive: Any) -> Answer:
        try:
            async with self._bodies.read(scope, receive) as body:
                return await self._in_time(scope, _environ(scope, body))
        except Refused as refused:
            return _problem(scope, refused)
        except Exception:
            log.exception("%s %s failed outside the application's own handling", scope["method"], scope["path"])
            return _problem(scope, Refused("broken"))

    async def _in_time(self, scope: Any, environ: dict[str, Any]) -> Answer:
        method, path = scope["method"], scope["path"]
        try:
            return await self._in_a_thread(environ, within=_patience(path))
        except Refused:
            if self._alone is None or method not in ("GET", "HEAD") or not ASIDE.match(path):
                raise
        again = {**environ, "CONTENT_LENGTH": "0", "wsgi.input": io.BytesIO()}
        work = self._aside.submit(_serve, self._alone, again)
        try:
            return await asyncio.wait_for(asyncio.wrap_future(work), _patience(path))
        except TimeoutError:
            raise Refused("unavailable") from None

    async def _in_a_thread(self, environ: dict[str, Any], *, within: float) -> Answer:
        loop, line = asyncio.get_running_loop(), self._line
        try:
            async with asyncio.timeout(within):
                await line.pass_through(within=within * IN_LINE)
                work = self._threads.submit(_serve, self._application, environ)
                # Not when its answer is given up: a thread that hangs is not free.
                work.add_done_callback(lambda _: loop.call_soon_threadsafe(line.free.release))
                return await asyncio.wrap_future(work)
        except TimeoutError:
            raise Refused("unavailable") from None


def _serve(application: Wsgi, environ: dict[str, Any]) -> Answer:
    started: list[tuple[int, Headers]] = []

    def start(status: str, headers: list[tuple[str, str]], _: object = None) -> None:
        encoded = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers]
        started.append((int(status[:3]), encoded))

    chunks = application(environ, start)
    try:
        body = b"".join(chunks)
    finally:
        if close := getattr(chunks, "close", None):
            close()
    return Answer(*started[-1], body)


@dataclass(slots=True)
class _Line:
    """Those who wait for a thread."""

    longest: int
    free: asyncio.Semaphore
    waiting: int = 0

    async def pass_through(self, *, within: float) -> None:
        if self.waiting >= self.longest:
            raise Refused("unavailable")
        self.waiting += 1
        try:
            async with asyncio.timeout(within):
                await self.free.acquire()
        finally:
            self.waiting -= 1


@dataclass(slots=True)
class _Bodies:
    """The bodies of all requests in hand, and the memory they take together."""

    held: int = 0

    @asynccontextmanager
    async def read(self, scope: Any, receive: Any) -> AsyncIterator[bytes]:
        """The body, once it is as long as its Content-Length announced."""
        announced = _header(scope, b"content-length")
        length = int(announced) if announced and announced.isdigit() else None
        if length is not None and length > LARGEST_BODY:
            raise Refused("request_too_large", is_read=False)
        parts: list[bytes] = []
        try:
            await self._gather(parts, receive, within=PHOTO_WITHIN if scope["path"] == PHOTOS else BODY_WITHIN)
            body = b"".join(parts)
            if length is not None and len(body) < length:
                raise Refused("request_cut_short", is_read=False)
            yield body
        finally:
            self.held -= sum(map(len, parts))

    async def _gather(self, parts: list[bytes], receive: Any, *, within: float) -> None:
        size, is_more = 0, True
        try:
            async with asyncio.timeout(within):
                while is_more:
                    message = await receive()
                    # Also said of a body that is broken, by a client that is still there.
                    if message["type"] == "http.disconnect":
                        raise Refused("request_cut_short", is_read=False)
                    part = message.get("body", b"")
                    parts.append(part)
                    size, self.held = size + len(part), self.held + len(part)
                    if size > LARGEST_BODY:
                        raise Refused("request_too_large", is_read=False)
                    if self.held > BODIES_AT_ONCE:
                        raise Refused("unavailable", is_read=False)
                    is_more = message.get("more_body", False)
        except TimeoutError:
            raise Refused("request_too_slow", is_read=False) from None


def _header(scope: Any, wanted: bytes) -> bytes | None:
    return next((value for name, value in scope["headers"] if name.lower() == wanted), None)


def _patience(path: str) -> float:
    return next(seconds for pattern, seconds in PATIENCE if pattern.match(path))


def _problem(scope: Any, refused: Refused) -> Answer:
    """A problem document (RFC 9457) without Django, in the client's first language."""
    code = refused.code
    status, english, chinese = PROBLEMS[code]
    is_english = (_header(scope, b"accept-language") or b"").strip().lower().startswith(b"en")
    title = english if is_english else chinese
    document = {"type": f"urn:lintuan:problem:{code}", "title": title, "status": status, "code": code, "facts": {}}
    body = json.dumps(document, ensure_ascii=False).encode()
    headers = [(b"content-type", b"application/problem+json"), (b"content-length", str(len(body)).encode())]
    if status == 503:
        headers.append((b"retry-after", RETRY_AFTER))
    if not refused.is_read and scope["http_version"].startswith("1"):
        # What is left unread of this request must not be taken for the next one.
        headers.append((b"connection", b"close"))
    return Answer(status, headers, body)


def _environ(scope: Any, body: bytes) -> dict[str, Any]:
    """The request as PEP 3333 wants it; text is bytes read as latin-1."""
    server, client = scope.get("server") or ("localhost", 80), scope.get("client") or ("", 0)
    environ = {
        "REQUEST_METHOD": scope["method"],
        "SCRIPT_NAME": "",
        "PATH_INFO": scope["path"].encode().decode("latin-1"),
        "QUERY_STRING": scope["query_string"].decode("latin-1"),
        "SERVER_NAME": server[0],
        "SERVER_PORT": str(server[1] or 0),
        "SERVER_PROTOCOL": f"HTTP/{scope['http_version']}",
        "REMOTE_ADDR": client[0],
        "CONTENT_LENGTH": str(len(body)),
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": scope.get("scheme", "http"),
        "wsgi.input": io.BytesIO(body),
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
    }
    for raw_name, raw_value in scope["headers"]:
        # With an underscore a name could pass itself off as another one.
        if b"_" in raw_name or raw_name == b"content-length":
            continue
        name, value = raw_name.decode("latin-1").upper().replace("-", "_"), raw_value.decode("latin-1")
        key = name if name == "CONTENT_TYPE" else f"HTTP_{name}"
        if key in ONCE and key in environ:
            raise Refused("header_repeated")
        # HTTP/2 may split the cookies over several headers (RFC 9113, 8.2.3).
        separator = "; " if name == "COOKIE" else ","
        environ[key] = f"{environ[key]}{separator}{value}" if key in environ else value
    return environ
