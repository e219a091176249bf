from __future__ import annotations

import hashlib
import secrets
import time
from typing import TYPE_CHECKING

import msgspec
from msgspec.structs import replace

from lintuan.standins.alipay import moments, refusals, wire
from lintuan.standins.alipay.calls import Call
from lintuan.standins.alipay.store import Trade
from lintuan.standins.alipay.wire import yuan

if TYPE_CHECKING:
    from lintuan.standins.alipay.platform import Platform

SOMEBODY = "0somebody-who-scanned"
PAID = ("TRADE_SUCCESS", "TRADE_FINISHED")


def create(platform: Platform, call: Call) -> dict[str, object]:
    asked = wire.read(call.content, wire.Creating)
    buyer = asked.buyer_open_id or asked.buyer_id
    if not buyer:
        raise refusals.bad_parameter("buyer_open_id")
    if asked.product_code == "JSAPI_PAY" and asked.op_app_id != platform.keys.app_id:
        raise refusals.bad_parameter("op_app_id")
    trade = _opened(platform, asked, call, buyer=buyer)
    return {"out_trade_no": trade.out_trade_no, "trade_no": trade.trade_no}


def precreate(platform: Platform, call: Call) -> dict[str, object]:
    """A text for a QR code; nobody knows of the trade before it is scanned."""
    asked = wire.read(call.content, wire.Ordering)
    known = platform.store.trade(out_trade_no=asked.out_trade_no)
    trade = _opened(platform, asked, call)
    if known is None:
        platform.store.keep_trade(replace(trade, is_known=False))
    return {"out_trade_no": trade.out_trade_no, "qr_code": f"{platform.address}/qr/{trade.trade_no}"}


def open_page(platform: Platform, call: Call) -> Trade:
    """The trade of a page that a browser opens with a signed address; it begins here."""
    return _opened(platform, wire.read(call.content, wire.Ordering), call)


def show(platform: Platform, call: Call) -> dict[str, object]:
    trade = named(platform, wire.read(call.content, wire.Naming))
    shown: dict[str, object] = {
        "out_trade_no": trade.out_trade_no,
        "trade_no": trade.trade_no,
        "trade_status": trade.status,
        "total_amount": yuan(trade.total),
        "buyer_logon_id": "159****5620",
        "buyer_open_id": trade.buyer,
        "point_amount": "0.00",
        "invoice_amount": yuan(trade.total if trade.paid_at else 0),
        "receipt_amount": yuan(trade.total if trade.paid_at else 0),
        "subject": trade.subject,
    }
    return shown | ({"send_pay_date": trade.paid_at} if trade.paid_at else {})


def close(platform: Platform, call: Call) -> dict[str, object]:
    trade = named(platform, wire.read(call.content, wire.Naming))
    if trade.status != "WAIT_BUYER_PAY":
        raise refusals.not_waiting()
    _close(platform, trade)
    return {"out_trade_no": trade.out_trade_no, "trade_no": trade.trade_no}


def pay(platform: Platform, trade: Trade, *, buyer: str) -> Trade:
    """Take the buyer's money and tell the merchant."""
    if buyer and trade.buyer and buyer != trade.buyer:
        raise refusals.other_buyer()
    _refuse_settled(trade)
    buyer = buyer or trade.buyer or SOMEBODY
    paid = replace(trade, status="TRADE_SUCCESS", paid_at=moments.now(), buyer=buyer, is_known=True)
    platform.store.keep_trade(paid)
    platform.courier.announce(paid.notify_url, told(paid))
    return paid


def named(platform: Platform, asked: wire.Naming) -> Trade:
    trade = current(platform, platform.store.trade(out_trade_no=asked.out_trade_no, trade_no=asked.trade_no))
    if trade is None or not trade.is_known:
        raise refusals.no_such_trade()
    return trade


def current(platform: Platform, trade: Trade | None) -> Trade | None:
    """The trade as it is now: closed where its time is over."""
    is_over = trade is not None and trade.expires != "" and trade.expires <= moments.now()
    if trade is None or not is_over or trade.status != "WAIT_BUYER_PAY":
        return trade
    return _close(platform, trade)


def told(trade: Trade) -> dict[str, str]:
    """What a callback tells of a trade."""
    fields = {
        "out_trade_no": trade.out_trade_no,
        "trade_no": trade.trade_no,
        "trade_status": trade.status,
        "total_amount": yuan(trade.total),
        "subject": trade.subject,
        "buyer_open_id": trade.buyer,
        "gmt_create": trade.created_at,
    }
    if trade.paid_at:
        amount = yuan(trade.total)
        fields |= {"gmt_payment": trade.paid_at, "receipt_amount": amount, "buyer_pay_amount": amount}
    return fields


def _opened(platform: Platform, asked: wire.Ordering, call: Call, *, buyer: str = "") -> Trade:
    total = wire.fen(asked.total_amount)
    content = hashlib.sha256(msgspec.json.encode((asked.subject, total, buyer, asked.product_code))).hexdigest()
    trade = current(platform, platform.store.trade(out_trade_no=asked.out_trade_no))
    if trade is None:
        trade = Trade(
            out_trade_no=asked.out_trade_no,
            trade_no=_trade_no(),
            total=total,
            subject=asked.subject,
            content=content,
            notify_url=call.notify_url,
            created_at=moments.now(),
            buyer=buyer,
            return_url=call.return_url,
            expires=asked.time_expire or "",
        )
        platform.store.keep_trade(trade)
    _refuse_settled(trade)
    if trade.content != content:
        raise refusals.other_content()
    return trade


def _trade_no() -> str:
    day = moments.now()[:10].replace("-", "")
    return f"{day}22{time.time_ns() % 10**12:012d}{secrets.randbelow(10**6):06d}"


def _close(platform: Platform, trade: Trade) -> Trade:
    closed = replace(trade, status="TRADE_CLOSED")
    platform.store.keep_trade(closed)
    platform.courier.announce(closed.notify_url, told(closed))
    return closed


def _refuse_settled(trade: Trade) -> None:
    if trade.status in PAID:
        raise refusals.already_paid()
    if trade.status == "TRADE_CLOSED":
        raise refusals.already_closed()
