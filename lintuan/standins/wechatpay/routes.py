from collections.abc import Awaitable, Callable, Iterator, Sequence

import msgspec
from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import Route

from lintuan.standins.web import BodyTooLong, read_body
from lintuan.standins.wechatpay import bills, phone, refunds, sharing, transactions, transfers
from lintuan.standins.wechatpay.answering import Endpoint, Handler, checked_call, signed
from lintuan.standins.wechatpay.faults import read_faults
from lintuan.standins.wechatpay.platform import Platform
from lintuan.standins.wechatpay.refusals import Refused, bad_parameter

PREFIX = "/wechatpay"
ORDERS = "/v3/pay/transactions"
ORDER = f"{ORDERS}/out-trade-no/{{out_trade_no}}"
REFUNDS = "/v3/refund/domestic/refunds"

#: Name for faults, method, path, handler.
CALLS: Sequence[tuple[str, str, str, Handler]] = (
    ("prepay", "POST", f"{ORDERS}/jsapi", transactions.prepay_jsapi),
    ("prepay", "POST", f"{ORDERS}/h5", transactions.prepay_h5),
    ("prepay", "POST", f"{ORDERS}/native", transactions.prepay_native),
    ("query", "GET", f"{ORDERS}/id/{{transaction_id}}", transactions.show_by_transaction),
    ("query", "GET", ORDER, transactions.show),
    ("close", "POST", f"{ORDER}/close", transactions.close),
    ("refund", "POST", REFUNDS, refunds.refund),
    ("query_refund", "GET", f"{REFUNDS}/{{out_refund_no}}", refunds.show),
    ("bill", "GET", "/v3/bill/tradebill", bills.trade),
    ("bill", "GET", "/v3/bill/fundflowbill", bills.flow),
)


def _leaving() -> Iterator[tuple[str, str, str, Handler]]:
    """Money that leaves, by the names under which faults know it."""
    for name, calls in (("sharing", sharing.SIGNED), ("transfer", transfers.SIGNED)):
        for method, path, handler in calls:
            yield name, method, path, handler


def routes(platform: Platform) -> Sequence[Route]:
    unsigned = [
        ("GET", "/v3/billdownload/file", _download),
        *transfers.UNSIGNED,
        ("POST", "/phone/pay", phone.press),
        ("GET", "/phone/pay", phone.sheet),
        ("POST", "/faults", _set_faults),
        ("GET", "/faults", _show_faults),
        ("GET", "/callbacks", _show_callbacks),
    ]
    # Other people's clients know no prefix and sign the path without it, as at the real address.
    return [
        *(
            Route(prefix + path, signed(platform, name, handler), methods=[method])
            for name, method, path, handler in (*CALLS, *_leaving())
            for prefix in (PREFIX, "")
        ),
        *(Route(PREFIX + path, _bound(platform, handler), methods=[method]) for method, path, handler in unsigned),
    ]


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
        offer = bills.file(platform, await checked_call(platform, request))
    except Refused as refusal:
        return _json(refusal.status, {"code": refusal.code, "message": refusal.message})
    return FileResponse(offer.path, media_type="application/x-gzip" if offer.is_compressed else "text/plain")


async def _set_faults(platform: Platform, request: Request) -> Response:
    try:
        asked = read_faults(await read_body(request))
    except msgspec.DecodeError as problem:
        refusal = bad_parameter(str(problem))
        return _json(refusal.status, {"code": refusal.code, "message": refusal.message})
    if (faults := asked.faults()) is not None:
        platform.courier.faults.replace(faults)
    if (answer_faults := asked.answer_faults()) is not None:
        platform.answer_faults.replace(answer_faults)
    return await _show_faults(platform, request)


async def _show_faults(platform: Platform, _: Request) -> Response:
    faults, answers = platform.courier.faults, platform.answer_faults
    met = {"modes": faults.met, "answers": answers.met}
    return _json(200, {"modes": faults.waiting(), "answers": answers.waiting(), "met": met})


async def _show_callbacks(platform: Platform, _: Request) -> Response:
    courier = platform.courier
    return _json(200, {"waiting": courier.waiting(), "delivered": courier.delivered, "given_up": courier.given_up})


def _json(status: int, content: object) -> Response:
    return Response(msgspec.json.encode(content), status_code=status, media_type="application/json")
