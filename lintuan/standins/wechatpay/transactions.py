from __future__ import annotations

import hashlib
import secrets
import time
from dataclasses import replace
from ipaddress import ip_address

import msgspec

from lintuan.standins.wechatpay import refusals, wire
from lintuan.standins.wechatpay.calls import Answer, Call
from lintuan.standins.wechatpay.fees import fee
from lintuan.standins.wechatpay.letters import beijing_now
from lintuan.standins.wechatpay.platform import Platform
from lintuan.standins.wechatpay.store import Movement, Order

CODE = "weixin://wxpay/bizpayurl?pr="
TRADE_STATES = {"NOTPAY": "订单未支付", "SUCCESS": "支付成功", "CLOSED": "已关闭", "REFUND": "转入退款"}


def prepay_jsapi(platform: Platform, call: Call) -> Answer:
    asked = wire.read(call.body, wire.Prepayment)
    order = _prepay(platform, asked, trade_type="JSAPI", openid=asked.payer.openid)
    return Answer(200, {"prepay_id": order.prepay_id})


def prepay_h5(platform: Platform, call: Call) -> Answer:
    """The address of a page that opens WeChat on the buyer's phone."""
    asked = wire.read(call.body, wire.H5Prepayment)
    try:
        ip_address(asked.scene_info.payer_client_ip)
    except ValueError:
        raise refusals.bad_parameter("payer_client_ip is no address") from None
    order = _prepay(platform, asked, trade_type="MWEB")
    return Answer(200, {"h5_url": f"{platform.address}/phone/pay?h5={order.prepay_id}"})


def prepay_native(platform: Platform, call: Call) -> Answer:
    """The text of a QR code for the buyer's WeChat to scan."""
    order = _prepay(platform, wire.read(call.body, wire.NativePrepayment), trade_type="NATIVE")
    return Answer(200, {"code_url": CODE + order.prepay_id})


def _prepay(platform: Platform, asked: wire.NativePrepayment, *, trade_type: str, openid: str = "") -> Order:
    if (asked.appid, asked.mchid) != (platform.keys.app_id, platform.keys.merchant_id):
        raise refusals.wrong_merchant()
    content = hashlib.sha256(trade_type.encode() + msgspec.json.encode(asked)).hexdigest()
    order = platform.store.order(asked.out_trade_no)
    if order is None:
        order = Order(
            out_trade_no=asked.out_trade_no,
            prepay_id=f"wx{secrets.token_hex(17)}",
            content=content,
            description=asked.description,
            total=asked.amount.total,
            openid=openid,
            notify_url=asked.notify_url,
            expires=asked.time_expire.timestamp() if asked.time_expire else None,
            trade_type=trade_type,
        )
        platform.store.add_order(order)
    _refuse_settled(order)
    if order.content != content:
        raise refusals.number_used()
    return order


def show(platform: Platform, call: Call) -> Answer:
    _check_merchant(platform, call.query.get("mchid"))
    return Answer(200, transaction(platform, _order(platform, call)))


def show_by_transaction(platform: Platform, call: Call) -> Answer:
    _check_merchant(platform, call.query.get("mchid"))
    order = platform.store.paid_order(call.path["transaction_id"])
    if order is None:
        raise refusals.no_such_order()
    return Answer(200, transaction(platform, order))


def close(platform: Platform, call: Call) -> Answer:
    _check_merchant(platform, wire.read(call.body, wire.Closing).mchid)
    order = _order(platform, call)
    if order.state in ("SUCCESS", "REFUND"):
        raise refusals.already_paid()
    platform.store.update_order(replace(order, state="CLOSED"))
    return Answer(204, None)


def pay(platform: Platform, order: Order, *, openid: str = "") -> None:
    """Take the buyer's money and tell the merchant; who pays is known before only inside WeChat."""
    _refuse_settled(order)
    if order.expires is not None and order.expires <= time.time():
        raise refusals.order_closed()
    number, now = _transaction_id(), beijing_now()
    kept = fee(order.total, platform.settings.fee_rate)
    payer = order.openid or openid
    paid = replace(order, state="SUCCESS", openid=payer, transaction_id=number, paid_at=now, fee=kept)
    with platform.store.together():
        platform.store.update_order(paid)
        platform.store.move(
            Movement(now, "交易", number, order.out_trade_no, order.total),
            Movement(now, "扣除交易手续费", number, order.out_trade_no, -kept),
        )
    content = transaction(platform, paid)
    platform.courier.announce("TRANSACTION.SUCCESS", kind="transaction", url=order.notify_url, content=content)


def transaction(platform: Platform, order: Order) -> dict[str, object]:
    """An order as the platform shows it, in an answer and in a callback alike."""
    shown: dict[str, object] = {
        "appid": platform.keys.app_id,
        "mchid": platform.keys.merchant_id,
        "out_trade_no": order.out_trade_no,
        "trade_state": order.state,
        "trade_state_desc": TRADE_STATES[order.state],
        "payer": {"openid": order.openid} if order.openid else {},
        "amount": {"total": order.total, "currency": "CNY"},
    }
    if order.paid_at is None:
        return shown
    return shown | {
        "transaction_id": order.transaction_id,
        "trade_type": order.trade_type,
        "bank_type": "OTHERS",
        "success_time": order.paid_at,
        "amount": {"total": order.total, "payer_total": order.total, "currency": "CNY", "payer_currency": "CNY"},
    }


def _order(platform: Platform, call: Call) -> Order:
    order = platform.store.order(call.path["out_trade_no"])
    if order is None:
        raise refusals.no_such_order()
    return order


def _refuse_settled(order: Order) -> None:
    if order.state in ("SUCCESS", "REFUND"):
        raise refusals.already_paid()
    if order.state == "CLOSED":
        raise refusals.order_closed()


def _check_merchant(platform: Platform, merchant_id: str | None) -> None:
    if merchant_id != platform.keys.merchant_id:
        raise refusals.wrong_merchant()


def _transaction_id() -> str:
    return f"42{time.time_ns():020d}{secrets.randbelow(10**6):06d}"
