"""What the lane's faces share, on plain scopes; Django itself is the measure of languages and problem documents."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Mapping
from typing import Any

import pytest
from django.db import OperationalError
from django.test import Client

from lintuan.api.lane import http
from lintuan.api.lane.http import Receive, Scope, Send, answered, header, is_known, language_of
from lintuan.kernel import codings
from lintuan.kernel.codings import accepts_gzip
from lintuan.kernel.errors import TooMany


def scope_of(*headers: tuple[str, str]) -> Scope:
    pairs = [(name.encode(), value.encode("latin-1")) for name, value in headers]
    return {"type": "http", "method": "GET", "path": "/", "headers": pairs}


def answer_of(fault: Exception, *headers: tuple[str, str]) -> tuple[int, Mapping[bytes, bytes], Any]:
    """What a reader is sent by a face that fails so."""
    sent: list[Mapping[str, Any]] = []

    async def face(scope: Scope, receive: Receive, send: Send) -> None:
        raise fault

    async def receive() -> Mapping[str, Any]:
        raise AssertionError("nothing is read")

    async def send(message: Mapping[str, Any]) -> None:
        sent.append(message)

    asyncio.run(answered(face, scope_of(*headers), receive, send))
    start, body = sent
    return start["status"], dict(start["headers"]), json.loads(body["body"])


@pytest.mark.parametrize(
    "accepted",
    [
        "", "en", "EN", "en-US,en;q=0.9", "zh-CN,zh;q=0.9,en;q=0.8", "zh-TW", "zh-Hant,en;q=0.5", "zh", "fr",
        "fr,en;q=0.1", "en;q=0.3, zh-CN;q=0.7", "*", "*,en", "en;q=0", "en;q=zero", "x" * 600, "fr," * 200 + "en",
        ",,;",
    ],
)  # fmt: skip
@pytest.mark.parametrize(
    "cookie", ["", "django_language=en", "a=1; django_language=zh-hans; b=2", "django_language=fr"]
)
@pytest.mark.django_db
def test_the_language_is_what_django_negotiates(client: Client, accepted: str, cookie: str) -> None:
    theirs = client.get("/api/v1/nowhere", headers={"Accept-Language": accepted, "Cookie": cookie})

    ours = language_of(scope_of(("accept-language", accepted), *([("cookie", cookie)] if cookie else [])))

    assert ours == theirs["Content-Language"]


def test_several_headers_of_one_name_are_read_as_one() -> None:
    scope = scope_of(
        ("cookie", "a=1"), ("if-none-match", '"x"'), ("cookie", "django_language=en"), ("if-none-match", '"y"')
    )

    assert header(scope, b"if-none-match") == b'"x", "y"'
    assert header(scope, b"accept") == b""
    assert language_of(scope) == "en"


@pytest.mark.parametrize(
    ("accepted", "is_accepted"),
    [
        (b"", False),
        (b"gzip", True),
        (b"gzip, deflate, br, zstd", True),
        (b"GZIP", True),
        (b"x-gzip", True),
        (b"br", False),
        (b"*", True),
        (b"gzip;q=0", False),
        (b"gzip; q=0.000", False),
        (b"gzip;q=0, *", False),
        (b"*;q=0", False),
        (b"identity, gzip;q=0.5", False),
        (b"identity;q=0.5, gzip;q=0.5", True),
        (b"identity;q=0, *;q=0.1", True),
        (b"gzip;q=much", False),
    ],
)
def test_gzip_is_sent_to_who_takes_it(accepted: bytes, is_accepted: bool) -> None:
    assert accepts_gzip(accepted) is is_accepted


def test_headers_that_nobody_else_sends_are_read_and_not_kept() -> None:
    long = b"gzip, " + b"x" * 5000
    kept = codings._accepts_gzip.cache_info().currsize, http._negotiated.cache_info().currsize

    assert accepts_gzip(long)
    assert language_of(scope_of(("accept-language", "en" + ", fr;q=0.5" * 30))) == "en"
    assert (codings._accepts_gzip.cache_info().currsize, http._negotiated.cache_info().currsize) == kept


@pytest.mark.parametrize(
    ("if_none_match", "answer"),
    [
        (b'"a"', True),
        (b'W/"a"', True),
        (b'"b", W/"a" ,"c"', True),
        (b"*", True),
        (b"", False),
        (b'"b"', False),
        (b'"a-gzip"', False),
        (b"a", False),
        (b'"b", *', False),
    ],
)
def test_a_reader_who_holds_it_is_told_so(if_none_match: bytes, answer: bool) -> None:
    assert is_known(b'"a"', if_none_match) is answer


def test_a_refusal_is_a_problem_document_in_the_readers_language() -> None:
    status, headers, problem = answer_of(TooMany(seconds=7), ("accept-language", "en"))

    assert (status, problem["code"], problem["facts"]) == (429, "too_many", {"seconds": 7})
    assert problem["title"] == "Too many attempts; try again in 7 seconds."
    assert (headers[b"content-type"], headers[b"content-language"]) == (b"application/problem+json", b"en")
    assert (headers[b"retry-after"], headers[b"vary"]) == (b"7", b"Accept-Language")
    assert int(headers[b"content-length"]) == len(json.dumps(problem, ensure_ascii=False).encode())


@pytest.mark.parametrize(
    ("fault", "status", "code", "retry_after"),
    [(OperationalError("gone"), 503, "unavailable", b"2"), (ZeroDivisionError("ours"), 500, "broken", None)],
)
def test_what_breaks_is_written_down_and_told_without_its_inside(
    fault: Exception, status: int, code: str, retry_after: bytes | None, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.ERROR):
        told, headers, problem = answer_of(fault)

    assert (told, problem["code"], headers.get(b"retry-after")) == (status, code, retry_after)
    assert str(fault) in caplog.text
    assert str(fault) not in str(problem)
