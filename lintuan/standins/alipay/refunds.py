from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

from lintuan.standins.alipay import moments, refusals, wire
from lintuan.standins.alipay.calls import Call
from lintuan.standins.alipay.store import Refund, Trade
from lintuan.standins.alipay.trades import named, told
from lintuan.standins.alipay.wire import fee, fen, yuan

if TYPE_CHECKING:
    from lintuan.standins.alipay.platform import Platform


def refund(platform: Platform, call: Call) -> dict[str, object]:
    """Pay back at once; the same request again changes nothing and says so."""
    asked = wire.read(call.content, wire.Refunding)
    trade = named(platform, asked)
    amount = fen(asked.refund_amount)
    number = asked.out_request_no or trade.out_trade_no
    known = platform.store.refund(trade.out_trade_no, number)
    if known is not None:
        if known.amount != amount:
            raise refusals.other_refund()
        return _answer(trade, change="N", at=known.at)
    _check(trade, asked, amount)
    left = trade.total - trade.refunded
    made = Refund(trade.out_trade_no, number, amount, moments.now(), fee(left) - fee(left - amount))
    trade = _less(trade, amount)
    platform.store.keep_refund(made, trade)
    about = {"gmt_refund": f"{made.at}.000", "refund_fee": yuan(trade.refunded), "out_biz_no": number}
    platform.courier.announce(trade.notify_url, told(trade) | about)
    return _answer(trade, change="Y", at=made.at)


def show(platform: Platform, call: Call) -> dict[str, object]:
    """Nothing but success where no such refund is known."""
    asked = wire.read(call.content, wire.RefundQuerying)
    trade = named(platform, asked)
    known = platform.store.refund(trade.out_trade_no, asked.out_request_no)
    if known is None:
        return {}
    shown: dict[str, object] = {
        "out_trade_no": trade.out_trade_no,
        "trade_no": trade.trade_no,
        "out_request_no": known.out_request_no,
        "refund_amount": yuan(known.amount),
        "total_amount": yuan(trade.total),
        "refund_status": "REFUND_SUCCESS",
    }
    return shown | ({"gmt_refund_pay": known.at} if "gmt_refund_pay" in asked.query_options else {})


def _check(trade: Trade, asked: wire.Refunding, amount: int) -> None:
    if not trade.paid_at:
        raise refusals.nothing_paid()
    if not asked.out_request_no and amount != trade.total:
        raise refusals.no_refund_number()
    if trade.refunded + amount > trade.total:
        raise refusals.more_than_paid()


def _less(trade: Trade, amount: int) -> Trade:
    refunded = trade.refunded + amount
    status = "TRADE_CLOSED" if refunded == trade.total else trade.status
    return replace(trade, refunded=refunded, refunds=trade.refunds + 1, status=status)


def _answer(trade: Trade, *, change: str, at: str) -> dict[str, object]:
    return {
        "out_trade_no": trade.out_trade_no,
        "trade_no": trade.trade_no,
        "buyer_logon_id": "159****5620",
        "fund_change": change,
        "refund_fee": yuan(trade.refunded),
        "gmt_refund_pay": at,
    }
