"""Requests that are no orders, byte by byte, each with what may be answered to it."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import Any

from tests.journeys.malformed import MALFORMED, QUANTITIES

MEGABYTE = 2**20
LARGE = frozenset({"request_too_large", "too_large"})
HEAD = "POST /api/v1/orders HTTP/1.1\r\n"


class Then(Enum):
    """What the stranger does when everything is sent."""

    WAIT = auto()
    LEAVE = auto()
    DRIP = auto()


@dataclass(frozen=True, slots=True)
class Forgery:
    """`codes` are the refusals that fit, any one of status 4xx when there are none; `is_http` when not even HTTP is
    spoken, so that the server need not answer with a document.
    """

    name: str
    data: bytes
    codes: frozenset[str] = frozenset()
    then: Then = Then.WAIT
    is_http: bool = True


@dataclass(frozen=True)
class Forger:
    """Knows a good order and good tokens, and makes bad requests of them, each in another member's name."""

    tokens: Sequence[str]
    order: bytes
    _numbers: Iterator[int] = field(default_factory=itertools.count)

    def all(self) -> Iterator[Forgery]:
        """Every forgery there is."""
        yield from self._bodies()
        yield from self._documents()
        yield from self._headers()
        yield from self._strangers()
        yield from self._no_http()

    def _bodies(self) -> Iterator[Forgery]:
        half = self.order[: len(self.order) // 2]
        whole = {"Content-Length": str(len(self.order))}
        slow = frozenset({"request_too_slow", "request_cut_short"})
        yield Forgery("half a body, then silence", self._head(whole) + half, slow)
        yield Forgery("half a body, then gone", self._head(whole) + half, then=Then.LEAVE)
        yield Forgery("a body byte by byte", self._head(whole) + half[:5], slow, Then.DRIP)
        # Its body is one good order after another: whoever loses count takes them for requests.
        orders = (self.sent(self.order) * (10 * MEGABYTE // len(self.order)))[: 10 * MEGABYTE]
        yield Forgery("ten megabytes", self._head({"Content-Length": str(10 * MEGABYTE)}) + orders, LARGE)
        pieces = b"".join(b"%x\r\n%s\r\n" % (MEGABYTE, b"x" * MEGABYTE) for _ in range(10)) + b"0\r\n\r\n"
        yield Forgery("ten megabytes in pieces", self._head({"Transfer-Encoding": "chunked"}) + pieces, LARGE)

    def _documents(self) -> Iterator[Forgery]:
        invalid = frozenset({"invalid"})
        for name, body in MALFORMED.items():
            yield Forgery(f"body: {name}", self.sent(body), invalid)
        yield Forgery("body: a bottomless well", self.sent(b"[" * 100_000), invalid | LARGE)
        for name, (quantity, code) in QUANTITIES.items():
            yield Forgery(f"quantity: {name}", self.sent(self._changed(quantity=quantity)), frozenset({code}))
        for name, number in {"not a number": b"NaN", "endless": b"1e400", "negative zero": b"-0.0"}.items():
            body = self._changed(quantity="?").replace(b'"?"', number)
            yield Forgery(f"quantity: {name}", self.sent(body), invalid)
        point = json.dumps(json.loads(self.order)["point"]).encode()
        twice = self.order.replace(b'"point":', b'"point": ' + point + b', "point":', 1)
        yield Forgery("a key of the document twice", self.sent(twice), invalid)
        lines = self.order.replace(b'"quantity":', b'"quantity": 1, "quantity":', 1)
        yield Forgery("a key of a line twice", self.sent(lines), invalid)
        yield Forgery("half a surrogate pair", self.sent(self.order.replace(point, b'"\\ud800"')))
        yield Forgery("another encoding", self.sent(self.order.decode().encode("utf-16")), invalid)

    def _headers(self) -> Iterator[Forgery]:
        for kind in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"):
            yield Forgery(f"content type {kind}", self.sent(self.order, {"Content-Type": kind}))
        for name, key in {"none": None, "empty": "", "too long": "k" * 81, "much too long": "k" * 10_000}.items():
            yield Forgery(f"key: {name}", self.sent(self.order, {"Idempotency-Key": key}), frozenset({"invalid"}))
        two = self.sent(self.order).replace(b"\r\n", b"\r\nIdempotency-Key: another\r\n", 1)
        yield Forgery("two keys", two, frozenset({"header_repeated", "invalid"}))
        flood = "".join(f"X-{number}: 1\r\n" for number in range(500))
        yield Forgery("500 headers", self.sent(self.order).replace(b"\r\n", f"\r\n{flood}".encode(), 1), is_http=False)
        heavy = self.sent(self.order, {"X-Heavy": "x" * MEGABYTE})
        yield Forgery("a header of a megabyte", heavy, is_http=False)

    def _strangers(self) -> Iterator[Forgery]:
        unknown, token = frozenset({"sign_in_needed"}), self.tokens[0]
        tokens = {
            "none": None,
            "empty": "",
            "garbage": "Bearer garbage",
            "another scheme": "Basic bGk6eGlhbw==",
            "without a scheme": token,
            "of bytes": "Bearer \xff\xfe",
            "with another end": f"Bearer {token[:-4]}AAAA",
            "cut short": f"Bearer {token[: len(token) // 2]}",
            "endless": "Bearer " + "a" * 20_000,
        }
        for name, other in tokens.items():
            yield Forgery(f"token: {name}", self.sent(self.order, {"Authorization": other}), unknown)

    def _no_http(self) -> Iterator[Forgery]:
        good = self.sent(self.order)
        length = f"Content-Length: {len(self.order)}".encode()
        requests = {
            "another language": b"HELO lintuan.example\r\n\r\n",
            "bytes": bytes(range(256)) * 4,
            "a version that does not exist": good.replace(b"HTTP/1.1", b"HTTP/9.9", 1),
            "a negative length": good.replace(length, b"Content-Length: -1"),
            "a length of letters": good.replace(length, b"Content-Length: many"),
            "two lengths": good.replace(length, length + b"\r\nContent-Length: 1"),
            "a length and pieces": good.replace(length, length + b"\r\nTransfer-Encoding: chunked"),
            "pieces of no size": good.replace(length, b"Transfer-Encoding: chunked"),
            "a NUL in a header": good.replace(b"Accept-Language: en", b"Accept-Language: e\x00n"),
            "HTTP/2 without a reason": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        }
        for name, data in requests.items():
            yield Forgery(f"no HTTP: {name}", data, is_http=False)

    def _changed(self, **values: object) -> bytes:
        """The order with something else in its first line."""
        document = json.loads(self.order)
        document["lines"][0] |= values
        return json.dumps(document).encode()

    def sent(self, body: bytes, changes: Mapping[str, Any] | None = None) -> bytes:
        """A whole request; a header changed to None is left out."""
        return self._head({"Content-Length": str(len(body)), **(changes or {})}) + body

    def _head(self, changes: Mapping[str, Any]) -> bytes:
        number = next(self._numbers)
        usual = {
            "Host": "localhost",
            "Content-Type": "application/json",
            "Accept-Language": "en",
            "Authorization": f"Bearer {self.tokens[number % len(self.tokens)]}",
            "Idempotency-Key": f"forgery {number}",
        }
        headers = {name: value for name, value in (usual | changes).items() if value is not None}
        return (HEAD + "".join(f"{name}: {value}\r\n" for name, value in headers.items()) + "\r\n").encode("latin-1")
