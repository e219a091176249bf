"""The bill of a day: a zip with a CSV in GBK, in yuan, between lines of remarks. Read row by row, in little memory."""

import csv
import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from io import BytesIO, TextIOWrapper
from typing import IO
from zipfile import BadZipFile, ZipFile, ZipInfo

from lintuan.kernel.money import Money
from lintuan.payments.errors import BrokenBill
from lintuan.payments.gateways.alipay import wire
from lintuan.payments.gateways.alipay.amounts import fen
from lintuan.payments.gateways.alipay.exchange import Exchange
from lintuan.payments.gateways.alipay.protocol import read_beijing
from lintuan.payments.gateways.faults import GatewayFault
from lintuan.payments.types import TradeKind, TradeRow

DETAILS = "业务明细"
SUMMARY = "汇总"
#: 25 columns; which we read, by their names in the file.
COLUMNS = {
    "trade_no": "支付宝交易号",
    "out_trade_no": "商户订单号",
    "kind": "业务类型",
    "subject": "商品名称",
    "created_at": "创建时间",
    "finished_at": "完成时间",
    "buyer": "对方账户",
    "order": "订单金额（元）",
    "received": "商家实收（元）",
    "refund_no": "退款批次号/请求号",
    "fee": "服务费（元）",
    "shared": "分润（元）",
}
_TOTAL = re.compile(r"#(交易|退款)合计：([0-9]+)笔，商家实收(?:退款)?共(-?[0-9.]+)元")


class UnreadableBill(GatewayFault):
    """The file is not what Alipay documents, or was cut short."""


class Kind(StrEnum):
    TRADE = "交易"
    REFUND = "退款"


@dataclass(frozen=True, slots=True)
class BillRow:
    """A payment, or a refund, whose amounts are negative. ``fee_fen`` and ``shared_fen`` have the file's sign."""

    kind: Kind
    trade_no: str
    out_trade_no: str
    refund_no: str
    subject: str
    buyer: str
    created_at: datetime
    finished_at: datetime
    order_fen: int
    received_fen: int
    fee_fen: int
    shared_fen: int


class Bills:
    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange

    def download(self, day: date) -> bytes:
        """The zip of a past day; there from the next morning on, refused with BILL_NOT_EXIST where nothing was sold."""
        content = {"bill_type": "trade", "bill_date": day.isoformat()}
        method = "alipay.data.dataservice.bill.downloadurl.query"
        return self._exchange.download(self._exchange.ask(method, content, read=wire.BillAddress).bill_download_url)


def trade_rows(archive: bytes) -> Iterator[TradeRow]:
    """The rows in the shape that all channels share; BrokenBill for what is not understood.

    Alipay names refunds by our number only. Fees are believed in their amount, as no page says with which sign they are
    written: a payment costs us one and a refund gives of it back.
    """
    try:
        for row in read_bill(BytesIO(archive)):
            is_payment = row.kind is Kind.TRADE
            yield TradeRow(
                kind=TradeKind.PAYMENT if is_payment else TradeKind.REFUND,
                at=row.finished_at,
                number=row.out_trade_no,
                transaction_no=row.trade_no,
                refund_number="" if is_payment else row.refund_no,
                refund_no="" if is_payment else row.refund_no,
                amount=Money(abs(row.order_fen)),
                settled=Money(abs(row.received_fen)),
                fee=Money(abs(row.fee_fen) if is_payment else -abs(row.fee_fen)),
                trade_type="",
                status="",
            )
    except UnreadableBill as problem:
        raise BrokenBill(reason=str(problem)) from problem


def read_bill(archive: IO[bytes]) -> Iterator[BillRow]:
    """The rows of a day, in the order of the file.

    UnreadableBill for what is not understood, at the end also where the rows do not add up to the file's own totals:
    keep nothing of a bill before the last row came.
    """
    try:
        with ZipFile(archive) as opened, opened.open(_details(opened)) as raw:
            yield from _rows(TextIOWrapper(raw, encoding="gb18030", newline=""))
    except (
        BadZipFile,
        zlib.error,
        UnicodeDecodeError,
        csv.Error,
        EOFError,
        NotImplementedError,
        RuntimeError,
    ) as problem:
        raise UnreadableBill(str(problem)) from None


def _details(opened: ZipFile) -> ZipInfo:
    for entry in opened.infolist():
        name = _name(entry)
        if DETAILS in name and SUMMARY not in name:
            return entry
    raise UnreadableBill("The archive holds no list of trades.")


def _name(entry: ZipInfo) -> str:
    """Names are in GBK, which the zip does not say; a reader takes them for the code page of the first PCs."""
    if entry.flag_bits & 0x800:
        return entry.filename
    return entry.filename.encode("cp437", errors="replace").decode("gb18030", errors="replace")


def _rows(lines: TextIOWrapper) -> Iterator[BillRow]:
    counted = {kind: [0, 0] for kind in Kind}
    names: list[str] | None = None
    told: dict[Kind, list[int]] = {}
    for cells in csv.reader(lines):
        first = cells[0].strip() if cells else ""
        if not first or first.startswith("#"):
            told |= _total(",".join(cells))
        elif names is None:
            names = [cell.strip() for cell in cells]
            if missing := set(COLUMNS.values()) - set(names):
                raise UnreadableBill(f"Columns are missing: {', '.join(sorted(missing))}")
        else:
            row = _row(names, cells)
            counted[row.kind][0] += 1
            counted[row.kind][1] += row.received_fen
            yield row
    if names is None or not told or any(counted[kind] != told.get(kind, [0, 0]) for kind in Kind):
        raise UnreadableBill(f"The rows add up to {counted}, the file says {told}.")


def _row(names: list[str], cells: list[str]) -> BillRow:
    if len(cells) != len(names):
        raise UnreadableBill(f"{len(cells)} cells where there are {len(names)} columns.")
    by_name = dict(zip(names, (cell.strip() for cell in cells), strict=True))
    cell = {key: by_name[name] for key, name in COLUMNS.items()}
    try:
        return BillRow(
            kind=Kind(cell["kind"]),
            trade_no=cell["trade_no"],
            out_trade_no=cell["out_trade_no"],
            refund_no=cell["refund_no"],
            subject=cell["subject"],
            buyer=cell["buyer"],
            created_at=read_beijing(cell["created_at"]),
            finished_at=read_beijing(cell["finished_at"]),
            order_fen=fen(cell["order"]),
            received_fen=fen(cell["received"]),
            fee_fen=fen(cell["fee"] or "0"),
            shared_fen=fen(cell["shared"] or "0"),
        )
    except ValueError as problem:
        raise UnreadableBill(str(problem)) from None


def _total(line: str) -> dict[Kind, list[int]]:
    match = _TOTAL.match(line.strip())
    if match is None:
        return {}
    kind, count, amount = match.groups()
    try:
        return {Kind(kind): [int(count), fen(amount)]}
    except ValueError as problem:
        raise UnreadableBill(str(problem)) from None
