"""The files of bills, as the platform writes them: cells behind back-ticks, yuan, sums in the last two lines.

Layout: pay.weixin.qq.com/doc/v3/merchant/4013071246 and 4013071249.
"""

from __future__ import annotations

import gzip
import hashlib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from lintuan.standins.wechatpay.store import Order, Refund, Store

if TYPE_CHECKING:
    from lintuan.standins.wechatpay.platform import Platform

WHO = "交易时间,公众账号ID,商户号,特约商户号,设备号,微信订单号,商户订单号,用户标识,交易类型,交易状态,付款银行,货币种类"
REFUND_CELLS = "微信退款单号,商户退款单号,退款金额,充值券退款金额,退款类型,退款状态"
HEADINGS = {
    "ALL": f"{WHO},应结订单金额,代金券金额,{REFUND_CELLS},"
    "商品名称,商户数据包,手续费,费率,订单金额,申请退款金额,费率备注",
    "SUCCESS": f"{WHO},应结订单金额,代金券金额,商品名称,商户数据包,手续费,费率,订单金额,费率备注",
    "REFUND": f"{WHO},应结订单金额,代金券金额,退款申请时间,退款成功时间,{REFUND_CELLS},"
    "商品名称,商户数据包,手续费,费率,订单金额,申请退款金额,费率备注",
}
SUMS = "总交易单数,应结订单总金额,退款总金额,充值券退款总金额,手续费总金额,订单总金额,申请退款总金额"
FLOW_NUMBERS = "记账时间,微信支付业务单号,资金流水单号,业务名称,业务类型"
FLOW_HEADINGS = f"{FLOW_NUMBERS},收支类型,收支金额(元),账户结余(元),资金变更提交申请人,备注,业务凭证号"
FLOW_SUMS = "资金流水总笔数,收入笔数,收入金额,支出笔数,支出金额"

Cells = Sequence[str]


@dataclass(frozen=True)
class Written:
    """A bill on disk; the hash is that of its content before compression."""

    path: Path
    sha1: str


def write(platform: Platform, path: Path, *, day: str, kind: str, is_compressed: bool) -> Written | None:
    """Write a day's bill of a kind or an account; None where nothing happened. Meant for a thread of its own."""
    with closing(Store(platform.store.path)) as store:
        lines = _lines(platform, store, day=day, kind=kind)
        first, second = next(lines), next(lines)
        if second.startswith(("总交易单数", "资金流水总笔数")):
            return None
        digest = hashlib.sha1(usedforsecurity=False)
        with gzip.open(path, "wb", compresslevel=1) if is_compressed else open(path, "wb") as file:
            for line in _joined(first, second, lines):
                digest.update(line)
                file.write(line)
    return Written(path, digest.hexdigest())


def _joined(first: str, second: str, rest: Iterable[str]) -> Iterator[bytes]:
    yield f"\ufeff{first}\r\n".encode()
    yield f"{second}\r\n".encode()
    for line in rest:
        yield f"{line}\r\n".encode()


def _lines(platform: Platform, store: Store, *, day: str, kind: str) -> Iterator[str]:
    if kind in HEADINGS:
        return _trade_lines(platform, store, day=day, kind=kind)
    return _flow_lines(platform, store, day=day if kind == "BASIC" else "")


def _trade_lines(platform: Platform, store: Store, *, day: str, kind: str) -> Iterator[str]:
    yield HEADINGS[kind]
    names = HEADINGS[kind].split(",")
    count = paid = back = kept = 0
    if kind != "REFUND":
        for order in store.payments_of(day):
            count, paid, kept = count + 1, paid + order.total, kept + order.fee
            yield _line(_payment(platform, order), names)
    if kind != "SUCCESS":
        for refund, order in store.refunds_of(day):
            count, back, kept = count + 1, back + refund.amount, kept - refund.fee_back
            yield _line(_refund(platform, refund, order), names)
    yield SUMS
    sums = (f"{count}.0", yuan(paid), yuan(back), "0.00", fee_yuan(kept), yuan(paid), yuan(back))
    yield ",".join(f"`{cell}" for cell in sums)


def _payment(platform: Platform, order: Order) -> dict[str, str]:
    return {
        **_who(platform, order, at=order.paid_at or "", state="SUCCESS"),
        "应结订单金额": yuan(order.total),
        "微信退款单号": "0",
        "商户退款单号": "0",
        "退款金额": "0.00",
        "手续费": fee_yuan(order.fee),
        "订单金额": yuan(order.total),
        "申请退款金额": "0.00",
    }


def _refund(platform: Platform, refund: Refund, order: Order) -> dict[str, str]:
    return {
        **_who(platform, order, at=refund.created_at, state="REFUND"),
        "应结订单金额": "0.00",
        "退款申请时间": _moment(refund.created_at),
        "退款成功时间": _moment(refund.settled_at or ""),
        "微信退款单号": refund.refund_id,
        "商户退款单号": refund.out_refund_no,
        "退款金额": yuan(refund.amount),
        "退款类型": "ORIGINAL",
        "退款状态": refund.state,
        "手续费": fee_yuan(-refund.fee_back),
        "订单金额": "0.00",
        "申请退款金额": yuan(refund.amount),
    }


def _who(platform: Platform, order: Order, *, at: str, state: str) -> dict[str, str]:
    return {
        "交易时间": _moment(at),
        "公众账号ID": platform.keys.app_id,
        "商户号": platform.keys.merchant_id,
        "特约商户号": "0",
        "微信订单号": order.transaction_id or "",
        "商户订单号": order.out_trade_no,
        "用户标识": order.openid,
        "交易类型": order.trade_type,
        "交易状态": state,
        "付款银行": "OTHERS",
        "货币种类": "CNY",
        "代金券金额": "0.00",
        "充值券退款金额": "0.00",
        "商品名称": escaped(order.description),
        "费率": f"{platform.settings.fee_rate:.2f}%",
    }


def _flow_lines(platform: Platform, store: Store, *, day: str) -> Iterator[str]:
    yield FLOW_HEADINGS
    names = FLOW_HEADINGS.split(",")
    came, went = [0, 0], [0, 0]
    for number, movement, balance in store.movements_of(day):
        sums = came if movement.amount > 0 else went
        sums[0] += 1
        sums[1] += abs(movement.amount)
        cells = {
            "记账时间": _moment(movement.at),
            "微信支付业务单号": movement.business_no,
            "资金流水单号": f"{platform.keys.merchant_id}{number:012d}",
            "业务名称": movement.word,
            "业务类型": movement.word,
            "收支类型": "收入" if movement.amount > 0 else "支出",
            "收支金额(元)": yuan(abs(movement.amount)),
            "账户结余(元)": yuan(balance),
            "资金变更提交申请人": "system",
            "业务凭证号": movement.voucher,
        }
        yield _line(cells, names)
    yield FLOW_SUMS
    sums_told = (f"{came[0] + went[0]}.0", f"{came[0]}.0", yuan(came[1]), f"{went[0]}.0", yuan(went[1]))
    yield ",".join(f"`{cell}" for cell in sums_told)


def _line(cells: dict[str, str], names: Cells) -> str:
    return ",".join([f"`{cells.get(name, '')}" for name in names])


def escaped(text: str) -> str:
    """A merchant's words, whose commas and line ends must not be taken for the file's."""
    return text.replace(",", "\\ ").replace("\r", "").replace("\n", "\\n")


def yuan(fen: int) -> str:
    return f"{'-' if fen < 0 else ''}{abs(fen) // 100}.{abs(fen) % 100:02d}"


def fee_yuan(fen: int) -> str:
    """Fees are whole fen, written with five decimals."""
    return f"{yuan(fen)}000"


def _moment(at: str) -> str:
    return at[:19].replace("T", " ")
