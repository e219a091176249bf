"""What the buyer holds in the hand: a payment sheet with one button."""

from html import escape
from urllib.parse import parse_qsl

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from lintuan.standins.alipay import refusals
from lintuan.standins.alipay.platform import Platform
from lintuan.standins.alipay.refusals import Refused
from lintuan.standins.alipay.store import Trade
from lintuan.standins.alipay.trades import current, pay
from lintuan.standins.web import page, read_body

TITLE = "支付宝 Alipay"
FORM = "application/x-www-form-urlencoded"
#: ``my.tradePay`` tells a mini-program: paid, or failed.
PAID, FAILED = "9000", "4000"


async def press(platform: Platform, request: Request) -> Response:
    """Pay as a phone does, with ``tradeNO`` and perhaps ``buyer``: JSON for programs, a form for the page below."""
    body = await read_body(request)
    if request.headers.get("content-type", "").startswith(FORM):
        return _press_button(platform, dict(parse_qsl(body.decode(errors="replace"))))
    try:
        _pay(platform, _read(body))
    except Refused as refusal:
        return _json(400, {"resultCode": FAILED, **refusal.content()})
    return _json(200, {"resultCode": PAID})


async def sheet(platform: Platform, request: Request) -> Response:
    return _shown(platform, request.query_params.get("tradeNO", ""))


async def scanned(platform: Platform, request: Request) -> Response:
    """What a camera opens that saw the QR code; now Alipay knows of the trade."""
    number = request.path_params["trade_no"]
    trade = platform.store.trade(trade_no=number)
    if trade is not None and not trade.is_known:
        platform.store.keep_trade(msgspec.structs.replace(trade, is_known=True))
    return _shown(platform, number)


def sheet_of(trade: Trade) -> Response:
    return page(TITLE, _summary(trade) + _button(trade))


def refused(refusal: Refused) -> Response:
    return page(TITLE, f"<p>{escape(refusal.sub_msg)}</p>", status=400)


def _shown(platform: Platform, number: str) -> Response:
    try:
        return sheet_of(_trade(platform, number))
    except Refused as refusal:
        return refused(refusal)


def _press_button(platform: Platform, fields: dict[str, str]) -> Response:
    try:
        trade = _pay(platform, fields)
    except Refused as refusal:
        return page("支付失败 Not paid", f"<p>{escape(refusal.sub_msg)}</p>", status=400)
    return page("支付成功 Paid", _summary(trade) + _way_back(trade))


def _pay(platform: Platform, fields: dict[str, str]) -> Trade:
    return pay(platform, _trade(platform, fields.get("tradeNO", "")), buyer=fields.get("buyer", ""))


def _trade(platform: Platform, number: str) -> Trade:
    trade = current(platform, platform.store.trade(trade_no=number)) if number else None
    if trade is None:
        raise refusals.no_such_trade()
    return trade


def _read(body: bytes) -> dict[str, str]:
    try:
        return msgspec.json.decode(body, type=dict[str, str])
    except (msgspec.DecodeError, UnicodeDecodeError) as problem:
        raise refusals.bad_parameter(str(problem)) from None


def _summary(trade: Trade) -> str:
    yuan, fen = divmod(trade.total, 100)
    return f'<p>{escape(trade.subject)}</p><p class="amount">¥{yuan}.{fen:02d}</p>'


def _button(trade: Trade) -> str:
    if trade.status != "WAIT_BUYER_PAY":
        return f"<p>{escape(trade.status)}</p>" + _way_back(trade)
    hidden = f'<input type="hidden" name="tradeNO" value="{escape(trade.trade_no)}">'
    note = '<p class="quiet">演示：不会扣款。 A demonstration: no money moves.</p>'
    return f'<form method="post" action="/alipay/phone/pay">{hidden}<button>确认支付 Pay</button></form>{note}'


def _way_back(trade: Trade) -> str:
    if not trade.return_url.startswith(("http://", "https://")):
        return ""
    return f'<p><a href="{escape(trade.return_url)}">返回商家 Back to the shop</a></p>'


def _json(status: int, content: object) -> Response:
    return Response(msgspec.json.encode(content), status_code=status, media_type="application/json")
