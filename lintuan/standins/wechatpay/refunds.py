from __future__ import annotations

import asyncio
import hashlib
import secrets
import time
from dataclasses import replace
from typing import TYPE_CHECKING

import msgspec

from lintuan.standins.wechatpay import refusals, wire
from lintuan.standins.wechatpay.calls import Answer, Call
from lintuan.standins.wechatpay.fees import fee_back
from lintuan.standins.wechatpay.letters import beijing_now
from lintuan.standins.wechatpay.store import Movement, Order, Refund

if TYPE_CHECKING:
    from lintuan.standins.wechatpay.platform import Platform

MOST_PER_ORDER = 50


def refund(platform: Platform, call: Call) -> Answer:
    """Accept a refund; that the money is back is told later, by the callback."""
    asked = wire.read(call.body, wire.Refunding)
    content = hashlib.sha256(msgspec.json.encode(asked)).hexdigest()
    known = platform.store.refund(asked.out_refund_no)
    if known is None:
        known = _accept(platform, asked, content)
    if known.content != content:
        raise refusals.other_refund_content()
    return Answer(200, _answered(known))


def show(platform: Platform, call: Call) -> Answer:
    known = platform.store.refund(call.path["out_refund_no"])
    if known is None:
        raise refusals.no_such_refund()
    return Answer(200, _answered(known))


def settle_later(platform: Platform, accepted: Refund) -> None:
    asyncio.get_running_loop().call_later(platform.settings.refund_after, _settle, platform, accepted)


def _accept(platform: Platform, asked: wire.Refunding, content: str) -> Refund:
    order = platform.store.order(asked.out_trade_no)
    if order is None or order.transaction_id is None:
        raise refusals.nothing_to_refund()
    _check_limits(order, asked)
    accepted = Refund(
        out_refund_no=asked.out_refund_no,
        refund_id=f"50{time.time_ns():020d}{secrets.randbelow(10**6):06d}",
        out_trade_no=order.out_trade_no,
        transaction_id=order.transaction_id,
        content=content,
        amount=asked.amount.refund,
        total=order.total,
        notify_url=asked.notify_url,
        state="PROCESSING",
        created_at=beijing_now(),
        fee_back=fee_back(
            total=order.total, refunded=order.refunded, refund=asked.amount.refund, rate=platform.settings.fee_rate
        ),
    )
    refunded = order.refunded + accepted.amount
    platform.store.add_refund(accepted, replace(order, state="REFUND", refunded=refunded, refunds=order.refunds + 1))
    settle_later(platform, accepted)
    return accepted


def _check_limits(order: Order, asked: wire.Refunding) -> None:
    if asked.amount.total != order.total:
        raise refusals.other_refund_content()
    if order.refunded + asked.amount.refund > order.total:
        raise refusals.more_than_paid()
    if order.refunds >= MOST_PER_ORDER:
        raise refusals.too_many_refunds()


def _settle(platform: Platform, accepted: Refund) -> None:
    now = beijing_now()
    settled = replace(accepted, state="SUCCESS", settled_at=now)
    with platform.store.together():
        platform.store.update_refund(settled)
        platform.store.move(
            Movement(now, "退回交易手续费", settled.refund_id, settled.out_refund_no, settled.fee_back),
            Movement(now, "退款", settled.refund_id, settled.out_refund_no, -settled.amount),
        )
    if settled.notify_url:
        content = _told(platform, settled)
        platform.courier.announce("REFUND.SUCCESS", kind="refund", url=settled.notify_url, content=content)


def _answered(known: Refund) -> dict[str, object]:
    shown: dict[str, object] = {
        "refund_id": known.refund_id,
        "out_refund_no": known.out_refund_no,
        "transaction_id": known.transaction_id,
        "out_trade_no": known.out_trade_no,
        "channel": "ORIGINAL",
        "user_received_account": "支付用户零钱",
        "create_time": known.created_at,
        "status": known.state,
        "funds_account": "UNSETTLED",
        "amount": {**_amounts(known), "currency": "CNY"},
    }
    return shown | ({"success_time": known.settled_at} if known.settled_at else {})


def _told(platform: Platform, settled: Refund) -> dict[str, object]:
    return {
        "mchid": platform.keys.merchant_id,
        "transaction_id": settled.transaction_id,
        "out_trade_no": settled.out_trade_no,
        "refund_id": settled.refund_id,
        "out_refund_no": settled.out_refund_no,
        "refund_status": settled.state,
        "success_time": settled.settled_at,
        "user_received_account": "支付用户零钱",
        "amount": _amounts(settled),
    }


def _amounts(known: Refund) -> dict[str, int]:
    return {
        "total": known.total,
        "refund": known.amount,
        "payer_total": known.total,
        "payer_refund": known.amount,
    }
