"""Pages: what each screen shows, as data, for clients of any age."""

from __future__ import annotations

import gzip
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Annotated, Any

from django.http import HttpRequest, HttpResponse
from ninja import Field, Router, Schema

from lintuan.kernel import clock
from lintuan.kernel.callers import NOBODY
from lintuan.kernel.codings import accepts_gzip
from lintuan.kernel.errors import Invalid
from lintuan.kernel.memory import remembered
from lintuan.pages.compose.asking import Asking, Wish
from lintuan.pages.compose.directory import compose
from lintuan.pages.tree.schema import schema_text
from lintuan.pages.written import (
    LONGEST_PARAMETER,
    MOST_PARAMETERS,
    etag_of,
    is_known,
    is_too_much,
    shared_by,
    written,
)

from .http import any_caller, caller_of, language_of
from .payments import place_of

router = Router(tags=["pages"])

LEVEL = 6


class Lying(Schema):
    """Units of an offer in the basket on the device."""

    offer: str = Field(max_length=40, examples=["gK8sPd2R"])
    quantity: int = Field(strict=True, ge=1, le=999, examples=[2])


class Seen(Schema):
    """What a page depends on that only the device knows."""

    with_: dict[str, Annotated[str, Field(max_length=LONGEST_PARAMETER)]] = Field(
        default={}, alias="with", max_length=MOST_PARAMETERS, examples=[{"point": "Uk3xQw9Z"}]
    )
    basket: list[Lying] = Field(default=[], max_length=100)


class PageDocument(Schema):
    """A page; `GET /pages/schema` has all of its parts."""

    schema_: int = Field(alias="schema", examples=[1])
    name: str = Field(examples=["shelf"])
    title: str = Field(examples=["今晚"])
    lang: str = Field(description="zh-hans or en", examples=["zh-hans"])
    as_of: str = Field(examples=["2026-11-20T12:00:00Z"])
    fresh_for: int = Field(description="seconds", examples=[30])
    tabs: list[dict[str, Any]] = Field(default=[], examples=[[{"id": "tonight", "title": "今晚", "page": "shelf"}]])
    tab: str = Field(default="", examples=["tonight"])
    body: list[dict[str, Any]] = Field(default=[], examples=[[{"kind": "plain", "text": "今晚的货还没上架"}]])
    foot: list[dict[str, Any]] = Field(default=[], examples=[[]])
    sign_in: bool = Field(default=False, examples=[False])
    basket: bool = Field(default=False, examples=[False])
    poll: int = Field(default=0, description="seconds", examples=[0])


class SchemaDocument(Schema):
    """A JSON Schema (2020-12)."""

    dialect: str = Field(alias="$schema", examples=["https://json-schema.org/draft/2020-12/schema"])
    title: str = Field(examples=["Page"])
    ref: str = Field(alias="$ref", examples=["#/$defs/Page"])
    defs: dict[str, Any] = Field(alias="$defs", examples=[{"Page": {"type": "object"}}])


@router.get("/pages/schema", auth=None, response=SchemaDocument, summary="The JSON Schema of pages")
def schema(request: HttpRequest) -> HttpResponse:
    """It only ever grows. A client shows the `text` of a kind or an action that it does not know."""
    return _packed(request, _schema())


@router.get("/pages/{name}", auth=any_caller, response={200: PageDocument, 304: None}, summary="A page")
def page(request: HttpRequest, name: str) -> HttpResponse:
    """Its parameters stand in the query. With an access token it is the caller's own; sent with an ETag."""
    parameters = _checked({key: str(value) for key, value in request.GET.items()})
    if caller_of(request) == NOBODY and (shared := shared_by(name, parameters)) is not None:
        return _packed(request, _shared(name, language_of(request), shared))
    body, etag = written(compose(name, _asking(request, parameters)))
    return _answer(request, body, etag, is_public=False)


@router.post("/pages/{name}", auth=any_caller, response=PageDocument, summary="A page that depends on the basket")
def page_of_basket(request: HttpRequest, name: str, seen: Seen) -> HttpResponse:
    """The same, for what only the device knows: the basket on it."""
    basket = tuple(Wish(line.offer, line.quantity) for line in seen.basket)
    body, etag = written(compose(name, _asking(request, seen.with_, basket)))
    return _answer(request, body, etag, is_public=False)


def _asking(request: HttpRequest, parameters: Mapping[str, str], basket: tuple[Wish, ...] | None = None) -> Asking:
    return Asking(language_of(request), clock.now(), caller_of(request), parameters, basket, place_of(request))


def _checked(parameters: dict[str, str]) -> dict[str, str]:
    """Refuses what no page of ours asks for."""
    if is_too_much(parameters):
        raise Invalid(reason=f"<= {MOST_PARAMETERS} x {LONGEST_PARAMETER}")
    return parameters


@dataclass(frozen=True, slots=True)
class _Public:
    """What everybody may see, as it is sent: plain or compressed. Pages of one's own hold secrets and stay plain."""

    body: bytes
    packed: bytes
    etag: str


@remembered(1.0)
def _shared(name: str, language: str, parameters: tuple[tuple[str, str], ...]) -> _Public:
    """What everybody sees alike. A change of the shelf, of a point or a province forgets it (`kernel.changes`); what is
    left of the goods is a second old at most.
    """
    body, etag = written(compose(name, Asking(language, clock.now(), parameters=dict(parameters))))
    return _Public(body, gzip.compress(body, LEVEL, mtime=0), etag)


@cache
def _schema() -> _Public:
    body = schema_text().encode()
    return _Public(body, gzip.compress(body, LEVEL, mtime=0), etag_of(body))


def _packed(request: HttpRequest, found: _Public) -> HttpResponse:
    if not accepts_gzip(request.headers.get("Accept-Encoding", "").encode()):
        return _answer(request, found.body, found.etag, is_public=True)
    response = _answer(request, found.packed, f'{found.etag[:-1]}-gzip"', is_public=True)
    if response.status_code == 200:
        response["Content-Encoding"] = "gzip"
    return response


def _answer(request: HttpRequest, body: bytes, etag: str, *, is_public: bool) -> HttpResponse:
    is_held = request.method == "GET" and is_known(etag, request.headers.get("If-None-Match", ""))
    response = HttpResponse(status=304) if is_held else HttpResponse(body, content_type="application/json")
    response["ETag"] = etag
    response["Cache-Control"] = "public, no-cache" if is_public else "private, no-cache"
    response["Vary"] = "Accept-Encoding, Accept-Language, Authorization"
    return response
