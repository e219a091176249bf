"""What the lane's faces share: headers, the reader's language, problem documents, and sending an answer."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Iterable, Mapping, MutableMapping
from functools import lru_cache
from typing import Any

from django.conf import settings
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, parse_cookie
from django.utils.translation import get_language_from_request

from lintuan.api.problems import MEDIA_TYPE, problem_document, retry_after
from lintuan.api.validation import malformed
from lintuan.kernel.codings import LONGEST_KEPT
from lintuan.kernel.errors import Broken, Refusal, Unavailable

log = logging.getLogger(__name__)

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Mapping[str, Any]]]
Send = Callable[[Mapping[str, Any]], Awaitable[None]]
Face = Callable[[Scope, Receive, Send], Awaitable[None]]
Headers = list[tuple[bytes, bytes]]

#: A body that says it is JSON shall not be taken for anything else.
NO_SNIFFING = (b"x-content-type-options", b"nosniff")
JSON: Headers = [(b"content-type", b"application/json; charset=utf-8"), NO_SNIFFING]


_READ = "lintuan.headers"


def headers_of(scope: Scope) -> Mapping[bytes, bytes]:
    """The headers of a request by lower-case name; several of one name are joined. Read once, and kept in the scope."""
    kept: Mapping[bytes, bytes] | None = scope.get(_READ)
    if kept is not None:
        return kept
    pairs = scope["headers"]
    found: dict[bytes, bytes] = dict(pairs)
    if len(found) < len(pairs):
        found = {}
        for name, value in pairs:
            # HTTP/2 may split the cookies over several headers (RFC 9113, 8.2.3).
            separator = b"; " if name == b"cookie" else b", "
            found[name] = found[name] + separator + value if name in found else value
    scope[_READ] = found
    return found


def header(scope: Scope, name: bytes) -> bytes:
    """One header by its lower-case name; empty when there is none."""
    return headers_of(scope).get(name, b"")


def language_of(scope: Scope) -> str:
    """ "en" or "zh-hans", as Django's own negotiation says."""
    return language_in(headers_of(scope))


def language_in(headers: Mapping[bytes, bytes]) -> str:
    """The same of headers that were read already."""
    cookies = headers.get(b"cookie")
    accepted, chosen = headers.get(b"accept-language", b""), _chosen(cookies) if cookies else ""
    if len(accepted) + len(chosen) > LONGEST_KEPT:
        return _negotiated.__wrapped__(accepted, chosen)
    return _negotiated(accepted, chosen)


def is_known(etag: bytes, if_none_match: bytes) -> bool:
    """Whether the reader holds what this strong validator stands for; a cache on the way may have made it weak."""
    known = {part.strip().removeprefix(b"W/") for part in if_none_match.split(b",")}
    return etag in known or known == {b"*"}


#: Bodies of refusals that have nothing to say but themselves, by code and language: a crowd may be told one at once.
_plain_problems: dict[tuple[str, str], bytes] = {}


def problem_bytes(refusal: Refusal, language: str, **more: Any) -> bytes:
    """The body of a refusal."""
    if refusal.facts or more:
        return problem_document(refusal, language, **more).encode()
    known = _plain_problems.get((refusal.code, language))
    if known is None:
        known = _plain_problems[refusal.code, language] = problem_document(refusal, language).encode()
    return known


def problem_headers(refusal: Refusal, language: str) -> Headers:
    """What stands above `problem_bytes`."""
    headers = [
        (b"content-type", MEDIA_TYPE.encode()),
        (b"content-language", language.encode()),
        (b"vary", b"Accept-Language"),
        NO_SNIFFING,
    ]
    if seconds := retry_after(refusal):
        headers.append((b"retry-after", seconds.encode()))
    return headers


async def answer(send: Send, status: int, headers: Iterable[tuple[bytes, bytes]], body: bytes) -> None:
    """Send a whole answer with its length."""
    lengthy = [*headers, (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": lengthy})
    await send({"type": "http.response.body", "body": body})


async def refuse(send: Send, refusal: Refusal, language: str, **more: Any) -> None:
    """Send a refusal as a problem document."""
    body = problem_bytes(refusal, language, **more)
    await answer(send, refusal.status, problem_headers(refusal, language), body)


class Malformed(Exception):
    """A body is not what its schema says."""

    def __init__(self, errors: Iterable[Mapping[str, Any]]) -> None:
        super().__init__(errors)
        self.errors = errors


async def answered(face: Face, scope: Scope, receive: Receive, send: Send) -> None:
    """Have a face answer; what it refuses and what breaks in it becomes a problem document."""
    try:
        await face(scope, receive, send)
    except Malformed as wrong:
        invalid, places = malformed(wrong.errors, language_of(scope))
        await refuse(send, invalid, language_of(scope), errors=places)
    except Refusal as refusal:
        await refuse(send, refusal, language_of(scope))
    except (OperationalError, InterfaceError) as wrong:
        log.error("database: %s", wrong)
        await refuse(send, Unavailable(), language_of(scope))
    except Exception:
        log.exception("%s %s failed", scope["method"], scope["path"])
        await refuse(send, Broken(), language_of(scope))


def _chosen(cookies: bytes) -> str:
    """The language somebody picked; most cookies are of other things and are not worth reading."""
    name = settings.LANGUAGE_COOKIE_NAME
    text = cookies.decode("latin-1")
    return parse_cookie(text).get(name, "") if name in text else ""


@lru_cache(maxsize=1024)
def _negotiated(accepted: bytes, chosen: str) -> str:
    request = HttpRequest()
    request.META["HTTP_ACCEPT_LANGUAGE"] = accepted.decode("latin-1")
    if chosen:
        request.COOKIES[settings.LANGUAGE_COOKIE_NAME] = chosen
    return get_language_from_request(request)
