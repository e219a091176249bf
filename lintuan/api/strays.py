"""Requests that no operation is for, or that none can bear: they too are answered with problem documents."""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.core.exceptions import RequestDataTooBig, SuspiciousOperation, TooManyFieldsSent, TooManyFilesSent
from django.db import DataError
from django.http import HttpRequest, HttpResponse
from django.http.multipartparser import MultiPartParserError
from django.urls import URLPattern, URLResolver
from django.views.decorators.csrf import csrf_exempt

from lintuan.kernel.errors import Invalid, NotFound, Refusal

from .http import api, problem

log = logging.getLogger(__name__)

View = Callable[..., HttpResponse]


class TooLarge(Refusal):
    """This is more than one request may carry; send it in parts."""

    zh = "请求内容过大，请分批提交。"
    status = 413


class Unstorable(Invalid):
    """A number or a text of this request is none that can be kept."""

    zh = "请求中含有无法保存的数字或文字。"


class Garbled(Invalid):
    """The parts of this request cannot be told apart; send it as multipart/form-data with a boundary."""

    zh = "无法解析请求的各个部分，请用带 boundary 的 multipart/form-data 提交。"


class MethodRefused(Refusal):
    """This address does not take {method}, only {allowed}."""

    zh = "此地址不接受 {method}，只接受 {allowed}。"
    status = 405


@csrf_exempt
def nothing_here(request: HttpRequest) -> HttpResponse:
    """The last of all addresses."""
    return problem(request, NotFound(thing="address"))


def refusing_methods(patterns: list[URLPattern | URLResolver]) -> list[URLPattern | URLResolver]:
    """The same addresses; ninja itself refuses a method in plain text."""
    for pattern in patterns:
        if isinstance(pattern, URLPattern):
            pattern.callback = _refusing_methods(pattern.callback)
    return patterns


def _refusing_methods(view: View) -> View:
    @wraps(view)
    def answer(request: HttpRequest, *args: Any, **arguments: Any) -> HttpResponse:
        response = view(request, *args, **arguments)
        if response.status_code != MethodRefused.status:
            return response
        allowed = response["Allow"]
        refusal = problem(request, MethodRefused(method=request.method, allowed=allowed))
        refusal["Allow"] = allowed
        return refusal

    return answer


@api.exception_handler(RequestDataTooBig)
@api.exception_handler(TooManyFilesSent)
@api.exception_handler(TooManyFieldsSent)
def _too_large(request: HttpRequest, wrong: SuspiciousOperation) -> HttpResponse:
    return problem(request, TooLarge())


@api.exception_handler(MultiPartParserError)
@api.exception_handler(SuspiciousOperation)
def _garbled(request: HttpRequest, wrong: Exception) -> HttpResponse:
    return problem(request, Garbled())


@api.exception_handler(DataError)
@api.exception_handler(UnicodeEncodeError)
def _unstorable(request: HttpRequest, wrong: DataError | UnicodeEncodeError) -> HttpResponse:
    """NUL, half a surrogate pair, a number beyond its column: no schema says so, and the database refuses them all."""
    log.error("%s %s: %s", request.method, request.path, wrong)
    return problem(request, Unstorable())
