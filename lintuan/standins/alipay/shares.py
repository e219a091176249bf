from __future__ import annotations

import hashlib
import secrets
import time
from typing import TYPE_CHECKING

import msgspec

from lintuan.standins.alipay import moments, refusals, wire
from lintuan.standins.alipay.calls import Call
from lintuan.standins.alipay.store import Settlement, Share
from lintuan.standins.alipay.trades import named
from lintuan.standins.alipay.wire import fen, yuan

if TYPE_CHECKING:
    from lintuan.standins.alipay.platform import Platform

#: Of a payment, unless the contract says otherwise.
MOST_PERCENT = 30
MOST_REQUESTS = 50


def bind(platform: Platform, call: Call) -> dict[str, object]:
    for receiver in wire.read(call.content, wire.Binding).receiver_list:
        platform.store.bind(receiver.type, receiver.account)
    return {"result_code": "SUCCESS"}


def settle(platform: Platform, call: Call) -> dict[str, object]:
    """All shares or none, at once."""
    asked = wire.read(call.content, wire.Settling)
    trade = named(platform, wire.Naming(trade_no=asked.trade_no))
    content = hashlib.sha256(msgspec.json.encode(asked)).hexdigest()
    earlier = platform.store.settlements_of(trade.trade_no)
    known = next((one for one in earlier if one.out_request_no == asked.out_request_no), None)
    if known is None:
        shares = [_share(platform, part) for part in asked.royalty_parameters]
        given = sum(share.amount for one in earlier for share in one.shares) + sum(one.amount for one in shares)
        if not trade.paid_at:
            raise refusals.nothing_paid()
        if given * 100 > trade.total * MOST_PERCENT or len(earlier) >= MOST_REQUESTS:
            raise refusals.more_than_may_be_shared()
        number = f"{time.time_ns():020d}{secrets.randbelow(10**6):06d}"
        known = Settlement(trade.trade_no, asked.out_request_no, number, content, moments.now(), shares)
        platform.store.keep_settlement(known)
    if known.content != content:
        raise refusals.other_refund()
    return {"trade_no": trade.trade_no, "settle_no": known.settle_no}


def show(platform: Platform, call: Call) -> dict[str, object]:
    known = platform.store.settlement(wire.read(call.content, wire.SettleQuerying).settle_no)
    if known is None:
        raise refusals.no_such_trade()
    details = [
        {
            "operation_type": "transfer",
            "execute_dt": known.at,
            "trans_out": platform.keys.seller_id,
            "trans_out_type": "userId",
            "trans_in": share.account,
            "trans_in_type": share.kind,
            "amount": yuan(share.amount),
            "state": "SUCCESS",
            "detail_id": f"{known.settle_no}{place:02d}",
        }
        for place, share in enumerate(known.shares)
    ]
    return {"out_request_no": known.out_request_no, "operation_dt": known.at, "royalty_detail_list": details}


def _share(platform: Platform, part: wire.RoyaltyShare) -> Share:
    if not platform.store.is_bound(part.trans_in_type, part.trans_in):
        raise refusals.unbound_receiver()
    return Share(part.trans_in_type, part.trans_in, fen(part.amount))
