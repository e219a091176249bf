from collections.abc import Awaitable, Callable, Sequence

import msgspec
from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import Route

from lintuan.standins.web import BodyTooLong, read_body
from lintuan.standins.wechatpay import bills, phone, refunds, transactions
from lintuan.standins.wechatpay.calls import Answer, Call
from lintuan.standins.wechatpay.faults import read_faults
from lintuan.standins.wechatpay.platform import Platform
from lintuan.standins.wechatpay.refusals import Refused, bad_parameter
from lintuan.standins.wechatpay.signing import check_request, signed_headers

PREFIX = "/wechatpay"
ORDER = "/v3/pay/transactions/out-trade-no/{out_trade_no}"

Handler = Callable[[Platform, Call], Answer | Awaitable[Answer]]
Endpoint = Callable[[Request], Awaitable[Response]]


def routes(platform: Platform) -> Sequence[Route]:
    signed: list[tuple[str, str, Handler]] = [
        ("POST", "/v3/pay/transactions/jsapi", transactions.prepay_jsapi),
        ("POST", "/v3/pay/transactions/h5", transactions.prepay_h5),
        ("POST", "/v3/pay/transactions/native", transactions.prepay_native),
        ("GET", "/v3/pay/transactions/id/{transaction_id}", transactions.show_by_transaction),
        ("GET", ORDER, transactions.show),
        ("POST", f"{ORDER}/close", transactions.close),
        ("POST", "/v3/refund/domestic/refunds", refunds.refund),
        ("GET", "/v3/refund/domestic/refunds/{out_refund_no}", refunds.show),
        ("GET", "/v3/bill/tradebill", bills.trade),
        ("GET", "/v3/bill/fundflowbill", bills.flow),
    ]
    unsigned = [
        ("GET", "/v3/billdownload/file", _download),
        ("POST", "/phone/pay", phone.press),
        ("GET", "/phone/pay", phone.sheet),
        ("POST", "/faults", _set_faults),
        ("GET", "/faults", _show_faults),
        ("GET", "/callbacks", _show_callbacks),
    ]
    return [
        *(Route(PREFIX + path, _signed(platform, handler), methods=[method]) for method, path, handler in signed),
        *(Route(PREFIX + path, _bound(platform, handler), methods=[method]) for method, path, handler in unsigned),
    ]


def _signed(platform: Platform, handler: Handler) -> Endpoint:
    async def endpoint(request: Request) -> Response:
        try:
            given = handler(platform, await _checked_call(platform, request))
            answer = given if isinstance(given, Answer) else await given
        except Refused as refusal:
            answer = Answer(refusal.status, {"code": refusal.code, "message": refusal.message})
        except BodyTooLong:
            answer = Answer(413, {"code": "PARAM_ERROR", "message": "请求包体过大"})
        body = b"" if answer.content is None else msgspec.json.encode(answer.content)
        headers = signed_headers(platform.keys, body)
        return Response(body, status_code=answer.status, headers=headers, media_type="application/json")

    return endpoint


async def _checked_call(platform: Platform, request: Request) -> Call:
    body = await read_body(request)
    query = request.scope["query_string"].decode("latin-1")
    target = request.scope["raw_path"].decode("latin-1") + (f"?{query}" if query else "")
    check_request(platform.keys, method=request.method, target=target, headers=request.headers, body=body)
    return Call(path=request.path_params, query=dict(request.query_params), body=body)


def _bound(platform: Platform, handler: Callable[[Platform, Request], Awaitable[Response]]) -> Endpoint:
    async def endpoint(request: Request) -> Response:
        try:
            return await handler(platform, request)
        except BodyTooLong:
            return Response(status_code=413)

    return endpoint


async def _download(platform: Platform, request: Request) -> Response:
    """A file comes without a signature of the platform: the hash was in the answer that offered it."""
    try:
        offer = bills.file(platform, await _checked_call(platform, request))
    except Refused as refusal:
        return _json(refusal.status, {"code": refusal.code, "message": refusal.message})
    return FileResponse(offer.path, media_type="application/x-gzip" if offer.is_compressed else "text/plain")


async def _set_faults(platform: Platform, request: Request) -> Response:
    try:
        platform.courier.faults.replace(read_faults(await read_body(request)))
    except msgspec.DecodeError as problem:
        refusal = bad_parameter(str(problem))
        return _json(refusal.status, {"code": refusal.code, "message": refusal.message})
    return await _show_faults(platform, request)


async def _show_faults(platform: Platform, _: Request) -> Response:
    return _json(200, {"modes": platform.courier.faults.waiting()})


async def _show_callbacks(platform: Platform, _: Request) -> Response:
    courier = platform.courier
    return _json(200, {"waiting": courier.waiting(), "delivered": courier.delivered, "given_up": courier.given_up})


def _json(status: int, content: object) -> Response:
    return Response(msgspec.json.encode(content), status_code=status, media_type="application/json")
