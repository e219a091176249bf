"""The bill of a day as Alipay makes it: two files in a zip, both CSV in GBK, cells padded with tabs, yuan."""

from __future__ import annotations

import secrets
import time
from io import BytesIO
from typing import TYPE_CHECKING
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from lintuan.standins.alipay import moments, refusals, wire
from lintuan.standins.alipay.calls import Call
from lintuan.standins.alipay.store import Store, Trade
from lintuan.standins.alipay.wire import fee, yuan

if TYPE_CHECKING:
    from lintuan.standins.alipay.platform import Platform

VALID_SECONDS = 30.0
ENCODING = "gb18030"
COLUMNS = (
    "支付宝交易号,商户订单号,业务类型,商品名称,创建时间,完成时间,门店编号,门店名称,操作员,终端号,对方账户,"
    "订单金额（元）,商家实收（元）,支付宝红包（元）,集分宝（元）,支付宝优惠（元）,商家优惠（元）,券核销金额（元）,"
    "券名称,商家红包消费金额（元）,卡消费金额（元）,退款批次号/请求号,服务费（元）,分润（元）,备注"
)
SUMMARY = "门店编号,门店名称,交易订单总笔数,退款订单总笔数,订单金额（元）,商家实收（元）,实收净额（元）"
BEGIN = "#-----------------------------------------业务明细列表----------------------------------------"
END = "#-----------------------------------------业务明细列表结束------------------------------------"

_addresses: dict[str, tuple[float, str]] = {}


def show_address(platform: Platform, call: Call) -> dict[str, object]:
    """An address that holds for 30 seconds. Unlike Alipay's own, today's bill is there as well, as far as it goes."""
    day = wire.read(call.content, wire.BillQuerying).bill_date
    if not platform.store.trades_of(day) and not platform.store.refunds_of(day):
        raise refusals.no_bill()
    token = secrets.token_hex(16)
    _addresses[token] = (time.monotonic() + VALID_SECONDS, day)
    return {"bill_download_url": f"{platform.address}/bill?fileId={token}"}


def day_of(token: str) -> str | None:
    """The day that an address which still holds is for."""
    for old in [old for old, (until, _) in _addresses.items() if until <= time.monotonic()]:
        del _addresses[old]
    until_and_day = _addresses.get(token)
    return until_and_day[1] if until_and_day else None


def bill(platform: Platform, day: str) -> bytes:
    trades = [_trade_row(trade) for trade in platform.store.trades_of(day)]
    refunds = list(_refund_rows(platform.store, day))
    taken = sum(trade.total for trade in platform.store.trades_of(day))
    given_back = sum(refund.amount for refund in platform.store.refunds_of(day))
    head = ["#支付宝业务明细查询", *_remarks(platform, day), BEGIN, COLUMNS]
    foot = [
        END,
        f"#交易合计：{len(trades)}笔，商家实收共{yuan(taken)}元，商家优惠共0.00元",
        f"#退款合计：{len(refunds)}笔，商家实收退款共{yuan(-given_back)}元，商家优惠退款共0.00元",
        f"#导出时间：[{moments.now()}]",
    ]
    counts = f",,{len(trades)},{len(refunds)},{yuan(taken)},{yuan(taken)},{yuan(taken - given_back)}"
    summary = ["#支付宝业务汇总查询", *_remarks(platform, day), SUMMARY, counts]
    stem = f"{platform.keys.seller_id}0156_{day.replace('-', '')}"
    return _zip({f"{stem}_业务明细(汇总).csv": summary, f"{stem}_业务明细.csv": [*head, *trades, *refunds, *foot]})


def _remarks(platform: Platform, day: str) -> list[str]:
    year, month, rest = day.split("-")
    span = f"#起始日期：[{year}年{month}月{rest}日 00:00:00]   终止日期：[{year}年{month}月{rest}日 24:00:00]"
    return [f"#账号：[{platform.keys.seller_id}0156]", span]


def _trade_row(trade: Trade) -> str:
    return _row(trade, kind="交易", amount=trade.total, at=trade.paid_at, number="", fee_fen=-fee(trade.total))


def _refund_rows(store: Store, day: str) -> list[str]:
    rows = []
    for refund in store.refunds_of(day):
        trade = store.trade(out_trade_no=refund.out_trade_no)
        if trade is not None:
            number, amount = refund.out_request_no, -refund.amount
            rows.append(_row(trade, kind="退款", amount=amount, at=refund.at, number=number, fee_fen=refund.fee_back))
    return rows


def _row(trade: Trade, *, kind: str, amount: int, at: str, number: str, fee_fen: int) -> str:
    names = [trade.trade_no, trade.out_trade_no, kind, trade.subject, trade.created_at, at, "", "", "", "", trade.buyer]
    amounts = [yuan(amount), yuan(amount), *["0.00"] * 5, "", "0.00", "0.00"]
    return ",".join(f"{_plain(cell)}\t" for cell in [*names, *amounts, number, yuan(fee_fen), "0.00", ""])


def _plain(cell: str) -> str:
    return "".join(" " if sign in ',"\r\n\t' else sign for sign in cell)


def _zip(files: dict[str, list[str]]) -> bytes:
    archive = BytesIO()
    with ZipFile(archive, "w", ZIP_DEFLATED) as opened:
        for name, lines in files.items():
            entry = _Entry(name)
            entry.compress_type = ZIP_DEFLATED
            opened.writestr(entry, "\r\n".join([*lines, ""]).encode(ENCODING))
    return archive.getvalue()


class _Entry(ZipInfo):
    """Its name is bytes of GBK without a mark that says so, as in Alipay's archives."""

    def _encodeFilenameFlags(self) -> tuple[bytes, int]:  # noqa: N802
        return self.filename.encode(ENCODING), self.flag_bits
