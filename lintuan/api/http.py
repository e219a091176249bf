"""What every endpoint shares: who calls, which language, idempotency keys, problem documents (RFC 9457)."""

from __future__ import annotations

import logging
from typing import Any

from django.db import OperationalError
from django.http import HttpRequest, HttpResponse
from django.utils.translation import get_language
from ninja import Field, NinjaAPI, Schema
from ninja.errors import HttpError, ValidationError
from ninja.openapi.schema import OpenAPISchema
from ninja.security import HttpBearer

from lintuan.kernel import clock, tokens
from lintuan.kernel.callers import NOBODY, Caller, Kind
from lintuan.kernel.commands import LONGEST_KEY
from lintuan.kernel.errors import Broken, Invalid, Refusal, SignInNeeded, Unavailable
from lintuan.provinces.queries import staff_caller_by_id

from .problems import MEDIA_TYPE, problem_document, retry_after
from .validation import malformed, reason_of_body

log = logging.getLogger(__name__)

KEY = "Idempotency-Key"
#: Without a key, a lost answer could order twice.
NEEDS_KEY = {"lintuan_api_orders_place"}


class AccessToken(HttpBearer):
    """The signed access token in the Authorization header."""

    openapi_bearerFormat = "signed"  # noqa: N815

    def authenticate(self, request: HttpRequest, token: str) -> Caller:
        caller = tokens.read(token, now=clock.now())
        if caller.kind is not Kind.STAFF:
            return caller
        # A right that was taken away is gone at once, not when the token ends.
        staff = staff_caller_by_id(caller.id)
        if staff is None:
            raise SignInNeeded
        return staff


class AnyCaller(AccessToken):
    """Whoever calls: with a token who it speaks for, without one nobody."""

    def __call__(self, request: HttpRequest) -> Caller | None:
        if "Authorization" not in request.headers:
            return NOBODY
        found: Caller | None = super().__call__(request)
        return found


#: For what everybody may ask, and some are told more.
any_caller = AnyCaller()


class WrongPlace(Schema):
    """A place of a malformed request, and what is wrong there."""

    at: str = Field(examples=["body.wish.lines.0.quantity"])
    reason: str = Field(examples=["Input should be greater than or equal to 1"])


class Problem(Schema):
    """A refusal (RFC 9457): `code` is for programs, `title` for people, `facts` for both."""

    type: str = Field(examples=["urn:lintuan:problem:price_changed"])
    title: str = Field(examples=["The price has changed; it is now 3.99 yuan."])
    status: int = Field(examples=[409])
    code: str = Field(examples=["price_changed"])
    facts: dict[str, Any] = Field(examples=[{"offer": "gK8sPd2R", "price": "3.99", "price_fen": 399}])
    errors: list[WrongPlace] = Field(default=[], description="of a malformed request only")


class LintuanAPI(NinjaAPI):
    """Documents once, for every operation, that a refusal is a problem document."""

    def get_openapi_schema(
        self, *, path_prefix: str | None = None, path_params: dict[str, Any] | None = None
    ) -> OpenAPISchema:
        document = super().get_openapi_schema(path_prefix=path_prefix, path_params=path_params)
        schema = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
        components = document["components"]
        components["schemas"] |= schema.pop("$defs") | {"Problem": schema}
        components["responses"] = {
            "Problem": {
                "description": "Why it was refused, in zh-Hans or English.",
                "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
            }
        }
        for operations in document["paths"].values():
            for operation in operations.values():
                operation["responses"]["default"] = {"$ref": "#/components/responses/Problem"}
                _put_examples_into_schemas(operation.get("parameters", []))
            for method in operations.keys() & {"post", "put", "delete"}:
                _declare_key(operations[method])
        return document


def _declare_key(operation: dict[str, Any]) -> None:
    """Every signed-in operation that changes something takes a key; it is read where the command runs."""
    if operation.get("security"):
        operation.setdefault("parameters", []).append(
            {
                "in": "header",
                "name": KEY,
                "required": operation["operationId"] in NEEDS_KEY,
                "description": "Your name for this request: sent twice with the same content, it takes effect once.",
                "schema": {"type": "string", "minLength": 1, "maxLength": LONGEST_KEY, "examples": ["6f1c2a9e04b7"]},
            }
        )


def _put_examples_into_schemas(parameters: list[dict[str, Any]]) -> None:
    """Ninja leaves a list of examples beside a parameter's schema, where OpenAPI wants a mapping."""
    for parameter in parameters:
        if isinstance(parameter.get("examples"), list):
            parameter["schema"]["examples"] = parameter.pop("examples")


api = LintuanAPI(
    title="Lintuan 邻团",
    version="1",
    description="Public API. Amounts are whole fen, moments are UTC, ids are opaque. "
    "Refusals are problem documents (RFC 9457) in zh-Hans or English by Accept-Language. "
    "A request that changes something takes an Idempotency-Key: the same key and content give the first answer again.",
    auth=AccessToken(),
)


def caller_of(request: HttpRequest) -> Caller:
    """Who calls; NOBODY on endpoints that need no sign-in."""
    who = getattr(request, "auth", None)
    return who if isinstance(who, Caller) else NOBODY


def key_of(request: HttpRequest) -> str | None:
    """The Idempotency-Key header."""
    return request.headers.get(KEY)


def language_of(request: HttpRequest) -> str:
    """ "en" or "zh-hans", as negotiated."""
    return get_language() or "zh-hans"


def problem(request: HttpRequest, refusal: Refusal, **more: Any) -> HttpResponse:
    """A refusal as a problem document."""
    body = problem_document(refusal, language_of(request), **more)
    response = HttpResponse(body, status=refusal.status, content_type=MEDIA_TYPE)
    if seconds := retry_after(refusal):
        response["Retry-After"] = seconds
    return response


@api.exception_handler(Refusal)
def _refused(request: HttpRequest, refusal: Refusal) -> HttpResponse:
    return problem(request, refusal)


@api.exception_handler(ValidationError)
def _malformed(request: HttpRequest, wrong: ValidationError) -> HttpResponse:
    invalid, places = malformed(wrong.errors, language_of(request))
    return problem(request, invalid, errors=places)


@api.exception_handler(HttpError)
def _http_error(request: HttpRequest, wrong: HttpError) -> HttpResponse:
    if wrong.status_code == 401:
        return problem(request, SignInNeeded())
    return problem(request, Invalid(reason=reason_of_body(str(wrong), language_of(request))))


@api.exception_handler(OperationalError)
def _database_gone(request: HttpRequest, wrong: OperationalError) -> HttpResponse:
    log.error("database: %s", wrong)
    return problem(request, Unavailable())


@api.exception_handler(Exception)
def _broken(request: HttpRequest, wrong: Exception) -> HttpResponse:
    log.error("%s %s failed", request.method, request.path, exc_info=wrong)
    return problem(request, Broken())
