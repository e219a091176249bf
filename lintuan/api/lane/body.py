"""Bodies of requests, read whole and no longer than they may be."""

from __future__ import annotations

import asyncio
from collections.abc import Collection
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from lintuan.api.strays import TooLarge
from lintuan.kernel.errors import Invalid, Refusal

from .http import Malformed, Receive, Scope, header, headers_of
from .patience import Patience

M = TypeVar("M", bound=BaseModel)

LARGEST_BODY = 64 * 1024
#: Real seconds.
WITHIN = 10.0

_patience = Patience(WITHIN)


class NotJson(Refusal):
    """The body must be JSON, named so by its Content-Type."""

    zh = "请求内容须为 JSON，并由 Content-Type 注明。"
    status = 415


class RequestTooSlow(Refusal):
    """The request took too long to arrive."""

    zh = "请求传输超时。"
    status = 408


class HeaderRepeated(Refusal):
    """A header that can only say one thing came twice."""

    zh = "同一请求头重复出现。"


class ClientGone(Refusal):
    """The client left before its request was whole."""

    zh = "请求未完成，连接已断开。"


def require_json(scope: Scope) -> None:
    """Refuse a body that says to be something else; one that says nothing is read."""
    media = header(scope, b"content-type").partition(b";")[0].strip().lower()
    if media and media != b"application/json" and not media.endswith(b"+json"):
        raise NotJson


def require_once(scope: Scope, names: Collection[bytes]) -> None:
    """Refuse a request in which one of these headers comes twice."""
    if len(headers_of(scope)) == len(scope["headers"]):
        return
    found = [name for name, _ in scope["headers"] if name in names]
    if len(found) > len(set(found)):
        raise HeaderRepeated


def read_as(model: type[M], body: bytes) -> M:
    """What a body says, by its schema."""
    try:
        return model.model_validate_json(body)
    except ValidationError as wrong:
        raise Malformed(wrong.errors()) from wrong


async def body_of(scope: Scope, receive: Receive) -> bytes:
    """The body, once it is as long as its Content-Length announced; refused where it is too long or too slow."""
    stay = _patience.begin()
    try:
        return await _whole_body(scope, receive, most=LARGEST_BODY)
    except asyncio.CancelledError:
        if not stay.is_over or stay.task is None:
            raise
        stay.task.uncancel()
        raise RequestTooSlow from None
    finally:
        stay.end()


async def _whole_body(scope: Scope, receive: Receive, *, most: int) -> bytes:
    announced = header(scope, b"content-length")
    length = int(announced) if announced.isdigit() else None
    if length is not None and length > most:
        raise TooLarge
    message = await receive()
    body: bytes = message.get("body", b"")
    while message.get("more_body", False) and message["type"] == "http.request":
        message = await receive()
        body += message.get("body", b"")
        if len(body) > most:
            raise TooLarge
    if message["type"] == "http.disconnect":
        raise ClientGone
    if len(body) > most:
        raise TooLarge
    if length is not None and len(body) < length:
        raise Invalid(reason="body: shorter than its Content-Length")
    return body
