from collections.abc import Awaitable, Callable, Mapping, Sequence
from urllib.parse import parse_qsl

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from lintuan.standins.alipay import bills, phone, refunds, refusals, shares, trades
from lintuan.standins.alipay.calls import Call
from lintuan.standins.alipay.platform import Platform
from lintuan.standins.alipay.refusals import Refused
from lintuan.standins.alipay.signing import check_request, sign
from lintuan.standins.alipay.troubles import Trouble, read_troubles
from lintuan.standins.web import BodyTooLong, read_body
from lintuan.standins.wechatpay.faults import read_faults

PREFIX = "/alipay"
PAGE = "alipay.trade.wap.pay"

Handler = Callable[[Platform, Call], dict[str, object]]
METHODS: Mapping[str, Handler] = {
    "alipay.trade.create": trades.create,
    "alipay.trade.precreate": trades.precreate,
    "alipay.trade.query": trades.show,
    "alipay.trade.close": trades.close,
    "alipay.trade.refund": refunds.refund,
    "alipay.trade.fastpay.refund.query": refunds.show,
    "alipay.trade.royalty.relation.bind": shares.bind,
    "alipay.trade.order.settle": shares.settle,
    "alipay.trade.order.settle.query": shares.show,
    "alipay.data.dataservice.bill.downloadurl.query": bills.show_address,
}
BEFORE = {
    Trouble.TOO_OFTEN: refusals.too_often,
    Trouble.UNAVAILABLE: refusals.unavailable,
    Trouble.NOT_ENOUGH: refusals.not_enough,
}


def routes(platform: Platform) -> Sequence[Route]:
    paths = [
        (["GET", "POST"], "/gateway.do", _gateway),
        (["POST"], "/phone/pay", phone.press),
        (["GET"], "/phone/pay", phone.sheet),
        (["GET"], "/qr/{trade_no}", phone.scanned),
        (["GET"], "/bill", _download),
        (["POST"], "/faults", _set_faults),
        (["GET"], "/faults", _show_faults),
        (["GET"], "/callbacks", _show_callbacks),
    ]
    return [Route(PREFIX + path, _bound(platform, handler), methods=methods) for methods, path, handler in paths]


def _bound(
    platform: Platform, handler: Callable[[Platform, Request], Awaitable[Response]]
) -> Callable[[Request], Awaitable[Response]]:
    async def endpoint(request: Request) -> Response:
        try:
            return await handler(platform, request)
        except BodyTooLong:
            return Response(status_code=413)

    return endpoint


async def _gateway(platform: Platform, request: Request) -> Response:
    """Fields come in the address, in a form, or in both."""
    body = (await read_body(request)).decode(errors="replace")
    fields = dict(request.query_params) | dict(parse_qsl(body, keep_blank_values=True))
    if fields.get("method") == PAGE:
        return _open_page(platform, fields)
    trouble = platform.troubles.take()
    if trouble is Trouble.SERVER_ERROR:
        return Response("Bad Gateway", status_code=502)
    answer = _answered(platform, fields, trouble)
    if trouble is Trouble.SILENT:
        await _until_gone(request)
    return answer


def _answered(platform: Platform, fields: Mapping[str, str], trouble: Trouble) -> Response:
    method, is_signed = fields.get("method", ""), True
    try:
        content = {"code": "10000", "msg": "Success", **_done(platform, fields, trouble)}
    except Refused as refusal:
        content, is_signed = refusal.content(), refusal.is_signed
    told = msgspec.json.encode(content).decode()
    signed = "other" if trouble is Trouble.BAD_SIGNATURE else told
    name = f"{method.replace('.', '_')}_response" if method in METHODS else "error_response"
    signature = f',"sign":"{sign(platform.keys, signed.encode())}"' if is_signed else ""
    # JSON that says it is text, as Alipay's does.
    return Response(f'{{"{name}":{told}{signature}}}', media_type="text/html;charset=utf-8")


def _done(platform: Platform, fields: Mapping[str, str], trouble: Trouble) -> dict[str, object]:
    check_request(platform.keys, fields)
    if trouble in BEFORE:
        raise BEFORE[trouble]()
    handler = METHODS.get(fields["method"])
    if handler is None:
        raise refusals.no_such_method()
    content = handler(platform, _call(fields))
    if trouble is Trouble.SYSTEM_ERROR:
        raise refusals.system_error()
    return content


def _open_page(platform: Platform, fields: Mapping[str, str]) -> Response:
    try:
        check_request(platform.keys, fields)
        return phone.sheet_of(trades.open_page(platform, _call(fields)))
    except Refused as refusal:
        return phone.refused(refusal)


def _call(fields: Mapping[str, str]) -> Call:
    return Call(fields.get("biz_content", "{}"), fields.get("notify_url", ""), fields.get("return_url", ""))


async def _until_gone(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass


async def _download(platform: Platform, request: Request) -> Response:
    day = bills.day_of(request.query_params.get("fileId", ""))
    if day is None:
        return Response("链接已失效", status_code=403)
    return Response(bills.bill(platform, day), media_type="application/zip")


async def _set_faults(platform: Platform, request: Request) -> Response:
    """``{"modes": [...]}`` for callbacks to come, ``{"answers": [...]}`` for answers."""
    body = await read_body(request)
    try:
        if b'"answers"' in body:
            platform.troubles.replace(read_troubles(body))
        else:
            platform.courier.faults.replace(read_faults(body).faults() or [])
    except (msgspec.DecodeError, UnicodeDecodeError) as problem:
        return _json(400, refusals.bad_parameter(str(problem)).content())
    return await _show_faults(platform, request)


async def _show_faults(platform: Platform, _: Request) -> Response:
    faults, troubles = platform.courier.faults, platform.troubles
    met = {"modes": faults.met, "answers": troubles.met}
    return _json(200, {"modes": faults.waiting(), "answers": troubles.waiting(), "met": met})


async def _show_callbacks(platform: Platform, _: Request) -> Response:
    courier = platform.courier
    return _json(200, {"waiting": courier.waiting(), "delivered": courier.delivered, "given_up": courier.given_up})


def _json(status: int, content: object) -> Response:
    return Response(msgspec.json.encode(content), status_code=status, media_type="application/json")
