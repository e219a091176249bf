import secrets
import time
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from typing import Annotated, Literal

import msgspec
from msgspec import Meta, Struct
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from lintuan.standins.papers import Papers
from lintuan.standins.web import BodyTooLong, read_body
from lintuan.standins.wechatopen.troubles import Troubles
from lintuan.standins.wechatpay.platform import Platform
from lintuan.standins.wechatpay.store import Order

PREFIX = "/wechatopen"
TOKEN_LASTS = 7200
#: Documented errors (developers.weixin.qq.com: getStableAccessToken, uploadShippingInfo, getOrder).
ERRORS = {
    -1: "system error",
    40001: "invalid credential, access_token is invalid or not latest",
    40002: "invalid grant_type",
    40013: "invalid appid",
    40125: "invalid appsecret",
    41001: "access_token missing",
    45009: "reach max api daily quota limit",
    47001: "data format error",
    10060001: "支付单不存在",
    10060003: "支付单已使用重新发货机会",
    10060004: "支付单处于不可发货的状态",
    10060031: "该笔支付单不属于 openid 所指定的用户",
    268485216: "upload_time 非法",
    268485228: "shipping_list 为空",
}
_STATUS = {429: 45009, 500: -1, 503: -1}

Handler = Callable[[Platform, bytes], object]


class Asking(Struct):
    grant_type: str
    appid: str
    secret: str
    force_refresh: bool = False


class OrderKey(Struct):
    order_number_type: Literal[1, 2]
    mchid: str = ""
    out_trade_no: str = ""
    transaction_id: str = ""


class Item(Struct):
    item_desc: Annotated[str, Meta(min_length=1, max_length=120)]


class Payer(Struct):
    openid: str


class Shipping(Struct):
    order_key: OrderKey
    logistics_type: Literal[1, 2, 3, 4]
    delivery_mode: Literal[1, 2]
    shipping_list: Annotated[list[Item], Meta(max_length=15)]
    upload_time: str
    payer: Payer


class Looking(Struct):
    transaction_id: str = ""
    merchant_id: str = ""
    merchant_trade_no: str = ""


class Token(Struct):
    text: str
    ends_at: float


class Shipped(Struct):
    """A delivery as it was told, and how often; once more is allowed, a third time is not."""

    out_trade_no: str
    description: str
    logistics_type: int
    upload_time: str
    times: int


class Refused(Exception):
    """One of the platform's own errors."""

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code


def routes(platform: Platform, *, secret: str) -> Sequence[Route]:
    troubles = Troubles(lambda status: _refusal(_STATUS[status]) if status != 429 else _json(429, {}))
    calls: list[tuple[str, Handler]] = [
        ("/wxa/sec/order/upload_shipping_info", _ship),
        ("/wxa/sec/order/get_order", _show),
    ]

    async def issue(request: Request) -> Response:
        return await _answered(lambda body: _issue(platform, secret, body), request)

    async def expire(_: Request) -> Response:
        platform.papers.drop(Token, "token")
        return Response(status_code=204)

    async def shipped(_: Request) -> Response:
        return _json(200, msgspec.to_builtins(platform.papers.all(Shipped)))

    return [
        Route(f"{PREFIX}/cgi-bin/stable_token", troubles.around(issue), methods=["POST"]),
        *(Route(PREFIX + path, troubles.around(_with_token(platform, work)), methods=["POST"]) for path, work in calls),
        Route(f"{PREFIX}/troubles", troubles.set, methods=["POST"]),
        Route(f"{PREFIX}/expire-token", expire, methods=["POST"]),
        Route(f"{PREFIX}/shipped", shipped, methods=["GET"]),
    ]


def _with_token(platform: Platform, work: Handler) -> Callable[[Request], Awaitable[Response]]:
    async def endpoint(request: Request) -> Response:
        told = request.query_params.get("access_token", "")
        if not told:
            return _refusal(41001)
        token = _token(platform.papers)
        if token is None or not secrets.compare_digest(told, token.text):
            return _refusal(40001)
        return await _answered(lambda body: work(platform, body), request)

    return endpoint


async def _answered(work: Callable[[bytes], object], request: Request) -> Response:
    try:
        return _json(200, work(await read_body(request)))
    except Refused as refusal:
        return _refusal(refusal.code)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return _refusal(47001)
    except BodyTooLong:
        return Response(status_code=413)


def _issue(platform: Platform, secret: str, body: bytes) -> object:
    asked = msgspec.json.decode(body, type=Asking)
    if asked.grant_type != "client_credential":
        raise Refused(40002)
    if asked.appid != platform.keys.app_id:
        raise Refused(40013)
    if not secrets.compare_digest(asked.secret, secret):
        raise Refused(40125)
    token = _token(platform.papers)
    if token is None or asked.force_refresh:
        token = Token(secrets.token_urlsafe(64), time.time() + TOKEN_LASTS)
        platform.papers.keep("token", token)
    return {"access_token": token.text, "expires_in": int(token.ends_at - time.time())}


def _token(papers: Papers) -> Token | None:
    """The one that is good now."""
    token = papers.find(Token, "token")
    return token if token is not None and token.ends_at > time.time() + 1 else None


def _ship(platform: Platform, body: bytes) -> object:
    asked = msgspec.json.decode(body, type=Shipping)
    order = _order(platform, asked.order_key)
    if order.openid != asked.payer.openid:
        raise Refused(10060031)
    if not asked.shipping_list:
        raise Refused(268485228)
    _check_time(asked.upload_time)
    before = platform.papers.find(Shipped, order.out_trade_no)
    if before is not None and before.times >= 2:
        raise Refused(10060003)
    if order.total == order.refunded:
        raise Refused(10060004)
    times = before.times + 1 if before else 1
    told = Shipped(order.out_trade_no, asked.shipping_list[0].item_desc, asked.logistics_type, asked.upload_time, times)
    platform.papers.keep(order.out_trade_no, told)
    return {"errcode": 0, "errmsg": "ok"}


def _show(platform: Platform, body: bytes) -> object:
    asked = msgspec.json.decode(body, type=Looking)
    order = _order(platform, OrderKey(2 if asked.transaction_id else 1, asked.merchant_id, asked.merchant_trade_no))
    state = 2 if platform.papers.find(Shipped, order.out_trade_no) else 1
    shown = {"merchant_trade_no": order.out_trade_no, "order_state": state, "openid": order.openid}
    return {"errcode": 0, "errmsg": "ok", "order": shown}


def _order(platform: Platform, key: OrderKey) -> Order:
    if key.order_number_type == 2:
        order = platform.store.paid_order(key.transaction_id)
    elif key.mchid == platform.keys.merchant_id:
        order = platform.store.order(key.out_trade_no)
    else:
        order = None
    if order is None or order.transaction_id is None:
        raise Refused(10060001)
    return order


def _check_time(text: str) -> None:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise Refused(268485216) from None
    if moment.tzinfo is None or moment.timestamp() > time.time() + 300:
        raise Refused(268485216)


def _refusal(code: int) -> Response:
    return _json(200, {"errcode": code, "errmsg": ERRORS[code]})


def _json(status: int, content: object) -> Response:
    return Response(msgspec.json.encode(content), status_code=status, media_type="application/json")
