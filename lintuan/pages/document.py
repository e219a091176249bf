"""The document that a browser opens: the client with its first page inside, so that it need not ask before it draws."""

from __future__ import annotations

import gzip
import logging
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from html import escape
from itertools import islice
from typing import Any

import msgspec
from django.http import HttpRequest

from lintuan.kernel import clock
from lintuan.kernel.errors import Refusal
from lintuan.kernel.memory import remembered

from .build import Build
from .compose.asking import Asking
from .compose.directory import compose
from .tree.page import Page
from .written import etag_of, is_point, is_too_much, shared_by, written

log = logging.getLogger(__name__)

HOME = "shelf"
LANGUAGES = ("zh-hans", "en")
#: As many as the client shows without being scrolled.
PICTURES = 4
LEVEL = 6

_POINT = re.compile(r"[0-9A-Za-z]{1,40}")
_TITLE = re.compile(r"<title>[^<]*</title>")
_PLACE = "<!--first-page-->"
#: In JSON all of these can only stand within strings.
_UNSAFE = ((b"<", b"\\u003c"), (b">", b"\\u003e"), (b"&", b"\\u0026"))


@dataclass(frozen=True, slots=True)
class Visit:
    """What a browser tells while no script runs: the address, and what the client left in its cookies."""

    language: str
    #: Of a page.
    name: str
    parameters: tuple[tuple[str, str], ...]
    #: The point that the device collects at; empty while none was chosen.
    here: str

    @property
    def asked(self) -> dict[str, str]:
        """All that the page is asked for with, put together as the client does it."""
        return ({"point": self.here} if self.here else {}) | dict(self.parameters)


@dataclass(frozen=True, slots=True)
class Document:
    plain: bytes
    packed: bytes
    etag: str


def visit_of(request: HttpRequest) -> Visit:
    query = {name: str(value) for name, value in request.GET.items()}
    name = query.pop("page", "") or HOME
    here = request.COOKIES.get("lintuan-point", "")
    return Visit(_language(request), name, tuple(sorted(query.items())), here if _POINT.fullmatch(here) else "")


def document(build: Build, visit: Visit) -> Document:
    """The client, with the page if there is one to show; whatever stands in its way, the client is there."""
    try:
        if is_too_much(visit.asked):
            return client_alone(build, visit.language)
        shared = shared_by(visit.name, visit.asked)
        if shared is not None and _is_one_of_few(visit.here, dict(shared)):
            return _of_all(build, replace(visit, parameters=shared))
        return _with(build, visit, _first_page(visit))
    except Refusal:
        # The client asks again and tells the reader why.
        return client_alone(build, visit.language)
    except Exception:
        log.exception("No first page for the document")
        return client_alone(build, visit.language)


def _is_one_of_few(here: str, shared: Mapping[str, str]) -> bool:
    """Whether documents that tell this point of the device are few too; each way from one point to another is not."""
    return not here or (shared.get("point", here) == here and is_point(here))


@lru_cache(maxsize=2 * len(LANGUAGES))
def client_alone(build: Build, language: str) -> Document:
    """The client without a page."""
    html = _in_language(build, language)
    return _sent(html, etag_of(html.encode()))


@remembered(1.0)
def _of_all(build: Build, visit: Visit) -> Document:
    return _with(build, visit, _first_page(visit))


def _first_page(visit: Visit) -> Page | None:
    """What a guest sees there; None where that depends on what only the device knows."""
    page = compose(visit.name, Asking(visit.language, clock.now(), parameters=visit.asked))
    return None if page.basket else page


def _with(build: Build, visit: Visit, page: Page | None) -> Document:
    if page is None:
        return client_alone(build, visit.language)
    body, _ = written(page)
    html = _in_language(build, visit.language)
    html = _TITLE.sub(lambda _: f"<title>{escape(page.title)}</title>", html, count=1)
    first = islice(dict.fromkeys(_pictures(msgspec.json.decode(body))), PICTURES)
    html = html.replace(_PLACE, "".join(map(_preload, first)), 1)
    html = _written_into(html, body, visit.here)
    # The client sets its clock by it until it has asked: the copy that a reader holds shall not be much older.
    moment, minute = msgspec.json.encode(page.as_of), page.as_of.isoformat(timespec="minutes")
    return _sent(html, etag_of(html.encode().replace(moment, minute.encode(), 1)))


def _in_language(build: Build, language: str) -> str:
    return build.html.replace('<html lang="zh-Hans">', f'<html lang="{"en" if language == "en" else "zh-Hans"}">', 1)


def _sent(html: str, etag: str) -> Document:
    plain = html.encode()
    return Document(plain, gzip.compress(plain, LEVEL, mtime=0), etag)


def _written_into(html: str, page: bytes, here: str) -> str:
    """Last in the document, so that the browser meets what it has to fetch before."""
    for sign, code in _UNSAFE:
        page = page.replace(sign, code)
    before, end, after = html.rpartition("</body>")
    data = f'<script type="application/json" id="first-page" data-point="{escape(here)}">{page.decode()}</script>\n'
    return f"{before}{data}{end}{after}"


def _preload(source: str) -> str:
    return f'<link rel="preload" as="image" href="{escape(source)}">\n'


def _pictures(part: Any) -> Iterator[str]:
    """Our own pictures among the parts of a page, in their order."""
    if isinstance(part, list):
        for each in part:
            yield from _pictures(each)
    elif isinstance(part, dict):
        if {"src", "width", "height"} <= part.keys() and str(part["src"]).startswith("/"):
            yield part["src"]
        for each in part.values():
            yield from _pictures(each)


def _language(request: HttpRequest) -> str:
    """The one the client will choose: the reader's choice, else their browser's first."""
    chosen = request.COOKIES.get("lintuan-lang", "")
    if chosen in LANGUAGES:
        return chosen
    first = request.headers.get("Accept-Language", "").partition(",")[0].strip().lower()
    return "zh-hans" if first in ("", "*") or first.startswith("zh") else "en"
