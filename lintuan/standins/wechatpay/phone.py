"""What the buyer holds in the hand: a payment sheet with one button.

The sheet is opened by what the shop signed (inside WeChat), by an H5 address, or by the text of a scanned code.
"""

import secrets
from html import escape
from urllib.parse import parse_qsl, urlsplit

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from lintuan.standins.web import page, read_body
from lintuan.standins.wechatpay import refusals
from lintuan.standins.wechatpay.platform import Platform
from lintuan.standins.wechatpay.refusals import Refused
from lintuan.standins.wechatpay.signing import check_phone
from lintuan.standins.wechatpay.store import Order
from lintuan.standins.wechatpay.transactions import CODE, pay

FORM = "application/x-www-form-urlencoded"


async def press(platform: Platform, request: Request) -> Response:
    """Pay as a phone does: JSON for programs, a form for the page below."""
    body = await read_body(request)
    if request.headers.get("content-type", "").startswith(FORM):
        return _press_button(platform, dict(parse_qsl(body.decode(errors="replace"))))
    try:
        _pay_sheet(platform, _read_sheet(body))
    except Refused as refusal:
        return _json(refusal.status, {"code": refusal.code, "message": refusal.message})
    return _json(200, {"result": "requestPayment:ok"})


async def sheet(platform: Platform, request: Request) -> Response:
    fields = dict(request.query_params)
    try:
        order = _order(platform, fields)
    except Refused as refusal:
        return page("微信支付 WeChat Pay", f"<p>{escape(refusal.message)}</p>", status=refusal.status)
    return page("微信支付 WeChat Pay", _summary(order) + _button(order, fields))


def _press_button(platform: Platform, fields: dict[str, str]) -> Response:
    try:
        order = _pay_sheet(platform, fields)
    except Refused as refusal:
        return page("支付失败 Not paid", f"<p>{escape(refusal.message)}</p>", status=refusal.status)
    return page("支付成功 Paid", _summary(order) + _way_back(fields))


def _pay_sheet(platform: Platform, fields: dict[str, str]) -> Order:
    order = _order(platform, fields)
    if order.trade_type == "JSAPI":
        check_phone(platform.keys, fields, prepay_id=order.prepay_id)
    pay(platform, order, openid=fields.get("openid") or f"o{secrets.token_hex(13)}")
    return order


def _order(platform: Platform, fields: dict[str, str]) -> Order:
    trade_type, prepay_id = _opened_by(fields)
    order = platform.store.order_to_pay(prepay_id)
    if order is None or order.trade_type != trade_type:
        raise refusals.no_such_order()
    return order


def _opened_by(fields: dict[str, str]) -> tuple[str, str]:
    """The type of the order and its prepay_id, as the buyer came by it."""
    if address := fields.get("h5_url"):
        return _opened_by(dict(parse_qsl(urlsplit(address).query)))
    if "h5" in fields:
        return "MWEB", fields["h5"]
    if "code_url" in fields:
        return "NATIVE", fields["code_url"].removeprefix(CODE)
    return "JSAPI", fields.get("prepay_id") or fields.get("package", "").removeprefix("prepay_id=")


def _read_sheet(body: bytes) -> dict[str, str]:
    try:
        return msgspec.json.decode(body, type=dict[str, str])
    except (msgspec.DecodeError, UnicodeDecodeError) as problem:
        raise refusals.bad_parameter(str(problem)) from None


def _summary(order: Order) -> str:
    yuan, fen = divmod(order.total, 100)
    return f'<p>{escape(order.description)}</p><p class="amount">¥{yuan}.{fen:02d}</p>'


def _button(order: Order, fields: dict[str, str]) -> str:
    if order.state != "NOTPAY":
        return f"<p>{escape(order.state)}</p>" + _way_back(fields)
    if order.trade_type == "JSAPI" and "paySign" not in fields:
        return "<p>请从商家页面打开支付。 Open this page from the shop.</p>"
    hidden = "".join(
        f'<input type="hidden" name="{escape(name)}" value="{escape(value)}">' for name, value in fields.items()
    )
    note = '<p class="quiet">演示：不会扣款。 A demonstration: no money moves.</p>'
    return f'<form method="post">{hidden}<button>确认支付 Pay</button></form>{note}'


def _way_back(fields: dict[str, str]) -> str:
    address = fields.get("back") or fields.get("redirect_url", "")
    if not address.startswith(("http://", "https://")):
        return ""
    return f'<p><a href="{escape(address)}">返回商家 Back to the shop</a></p>'


def _json(status: int, content: object) -> Response:
    return Response(msgspec.json.encode(content), status_code=status, media_type="application/json")
