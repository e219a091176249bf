"""How a call is answered: checked, done, signed, and spoilt where a fault waits for it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from lintuan.standins.web import BodyTooLong, read_body
from lintuan.standins.wechatpay.calls import Answer, Call
from lintuan.standins.wechatpay.documented import documented
from lintuan.standins.wechatpay.faults import AnswerFault, AnswerMode
from lintuan.standins.wechatpay.platform import Platform
from lintuan.standins.wechatpay.refusals import Refused
from lintuan.standins.wechatpay.signing import check_request, signed_headers

Handler = Callable[[Platform, Call], Answer | Awaitable[Answer]]
Endpoint = Callable[[Request], Awaitable[Response]]

STALE_BY = 3600
#: No merchant waits longer for an answer that never comes.
SILENCE = 120.0


def signed(platform: Platform, name: str, handler: Handler) -> Endpoint:
    """The endpoint of a call; faults know it by its name."""

    async def endpoint(request: Request) -> Response:
        fault = platform.answer_faults.take(name)
        if fault.mode is AnswerMode.SLOW:
            await asyncio.sleep(fault.seconds)
        if fault.mode is AnswerMode.SILENT:
            await _until_gone(request)
        if fault.mode in (AnswerMode.BAD_GATEWAY, AnswerMode.SILENT):
            return Response("<html>502 Bad Gateway</html>", status_code=502, media_type="text/html")
        if fault.mode is AnswerMode.REFUSE:
            answer = _refusal(documented(name, fault.code))
        else:
            answer = await _done(platform, request, handler)
        if fault.mode is AnswerMode.DONE_THEN_SILENT:
            await _until_gone(request)
        if fault.mode is AnswerMode.DONE_THEN_ERROR:
            answer = _refusal(documented(name, "SYSTEM_ERROR"))
        return _response(platform, request, answer, fault)

    return endpoint


async def checked_call(platform: Platform, request: Request) -> Call:
    body = await read_body(request)
    query = request.scope["query_string"].decode("latin-1")
    target = request.scope["raw_path"].decode("latin-1") + (f"?{query}" if query else "")
    check_request(platform.keys, method=request.method, target=target, headers=request.headers, body=body)
    return Call(path=request.path_params, query=dict(request.query_params), body=body)


async def _done(platform: Platform, request: Request, handler: Handler) -> Answer:
    try:
        given = handler(platform, await checked_call(platform, request))
        return given if isinstance(given, Answer) else await given
    except Refused as refusal:
        return _refusal(refusal)
    except BodyTooLong:
        return Answer(413, {"code": "PARAM_ERROR", "message": "请求包体过大"})


def _refusal(refusal: Refused) -> Answer:
    return Answer(refusal.status, {"code": refusal.code, "message": refusal.message})


async def _until_gone(request: Request) -> None:
    try:
        async with asyncio.timeout(SILENCE):
            while (await request.receive())["type"] != "http.disconnect":
                continue
    except TimeoutError:
        return


def _response(platform: Platform, request: Request, answer: Answer, fault: AnswerFault) -> Response:
    body = b"" if answer.content is None else msgspec.json.encode(answer.content)
    headers: dict[str, str] = {}
    if fault.mode is not AnswerMode.UNSIGNED:
        told = b"other bytes" if fault.mode is AnswerMode.BAD_SIGNATURE else body
        timestamp = int(time.time()) - (STALE_BY if fault.mode is AnswerMode.STALE_TIMESTAMP else 0)
        # A merchant who names no key does not know the public key yet.
        serial = request.headers.get("wechatpay-serial", platform.keys.certificate_serial)
        headers = signed_headers(platform.keys, told, timestamp=timestamp, serial=serial)
    return Response(body, status_code=answer.status, headers=headers, media_type="application/json")
