"""WeChat Pay's bills: lines of cells behind back-ticks, yuan with decimals, two lines of sums at the end.

Columns are found by their headings, as their order differs between kinds of bills. Source of the layout:
pay.weixin.qq.com/doc/v3/merchant/4013071246 (trade bill) and 4013071249 (fund flow bill).
"""

from __future__ import annotations

import gzip
import hashlib
import io
import re
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta, timezone
from functools import lru_cache
from typing import BinaryIO, Generic, Protocol, TypeVar, runtime_checkable

from lintuan.kernel.money import Money
from lintuan.payments.errors import BrokenBill
from lintuan.payments.types import FlowKind, FlowRow, TradeKind, TradeRow

BEIJING = timezone(timedelta(hours=8))
#: No day of one merchant comes near it; a bomb does.
LONGEST_BILL = 8 * 2**30
CHUNK = 2**20

TRADE_KINDS = {"SUCCESS": TradeKind.PAYMENT, "REFUND": TradeKind.REFUND, "REVOKED": TradeKind.REVOKED}
FLOW_KINDS = {
    "交易": FlowKind.PAYMENT,
    "退款": FlowKind.REFUND,
    "扣除交易手续费": FlowKind.FEE,
    "退回交易手续费": FlowKind.FEE_BACK,
    "分账": FlowKind.SHARING,
    "提现": FlowKind.WITHDRAWAL,
}
SIGNS = {"收入": 1, "支出": -1}
ORDER_SUMS = {"应结订单总金额": "应结订单金额", "订单总金额": "订单金额", "手续费总金额": "手续费"}
REFUND_SUMS = {"退款总金额": "退款金额", "申请退款总金额": "申请退款金额", "充值券退款总金额": "充值券退款金额"}

_YUAN = re.compile(r"(-?)([0-9]+)(?:\.([0-9]{1,2})0*)?")

Row = TypeVar("Row")
Made_co = TypeVar("Made_co", covariant=True)


class Reader(Protocol[Made_co]):
    """Makes rows of one bill's cells and adds them up; `expected` are the sums by the headings of the summary."""

    first: str

    def row(self, cells: Sequence[str]) -> Made_co: ...

    def expected(self) -> Mapping[str, int]: ...


@runtime_checkable
class Biller(Protocol):
    """A service that writes bills; days are those of Beijing. None for a bill that it does not offer."""

    def trade_bill(self, day: date) -> Iterator[TradeRow]: ...

    def flow_bill(self, day: date) -> Iterator[FlowRow] | None: ...


class Bill(Generic[Row]):
    """A file that came compressed; its rows can be read once it has the hash that the gateway signed."""

    def __init__(self, file: BinaryIO, reader: Callable[[Sequence[str]], Reader[Row]]) -> None:
        self._file = file
        self._reader = reader

    def check(self, sha1: str) -> None:
        """Refuse a file that is not gzip or whose content has another hash."""
        if (found := self._guarded(self._hash)) != sha1.lower():
            raise BrokenBill(reason=f"SHA1 {found}, signed {sha1[:40]}")

    def rows(self) -> Iterator[Row]:
        """The rows in their order; the sums are checked at the end, so believe nothing before the last row."""
        self._file.seek(0)
        with self._file, gzip.open(self._file) as plain, io.TextIOWrapper(plain, "utf-8-sig", newline="\n") as text:
            try:
                yield from read_rows(text, self._reader)
            except UnicodeDecodeError as problem:
                raise BrokenBill(reason=str(problem)) from problem

    def _hash(self) -> str:
        digest, length = hashlib.sha1(usedforsecurity=False), 0
        self._file.seek(0)
        with gzip.open(self._file) as plain:
            while chunk := plain.read(CHUNK):
                length += len(chunk)
                if length > LONGEST_BILL:
                    raise BrokenBill(reason=f"longer than {LONGEST_BILL} bytes")
                digest.update(chunk)
        return digest.hexdigest()

    def _guarded(self, step: Callable[[], str]) -> str:
        try:
            return step()
        except (gzip.BadGzipFile, EOFError, zlib.error) as problem:
            raise BrokenBill(reason=str(problem)) from problem


def read_rows(lines: Iterator[str], reader: Callable[[Sequence[str]], Reader[Row]]) -> Iterator[Row]:
    """Rows of a bill without its compression; BrokenBill where a line or the sums are not as documented."""
    header = _cells(next(lines, "").replace("（", "(").replace("）", ")"))
    made, width = reader(header), len(header)
    for line in lines:
        cells = _cells(line)
        if cells == [""]:
            continue
        if cells[0] == made.first:
            return _check_sums(dict(zip(cells, _cells(_next(lines)), strict=False)), made.expected())
        if len(cells) != width:
            raise BrokenBill(reason=f"{len(cells)} cells under {width} headings")
        try:
            row = made.row(cells)
        except (ValueError, KeyError) as problem:
            raise BrokenBill(reason=f"{problem} in {line[:200]!r}") from problem
        yield row
    raise BrokenBill(reason="the sums at the end are missing")


@lru_cache(maxsize=4096)
def fen(yuan: str) -> int:
    """Whole fen of a decimal number of yuan; ValueError for a part of a fen and what is no number."""
    match = _YUAN.fullmatch(yuan)
    if match is None:
        raise ValueError(f"{yuan!r} yuan")
    sign, whole, part = match.groups()
    amount = int(whole) * 100 + int((part or "0").ljust(2, "0"))
    return -amount if sign else amount


class TradeReader:
    """Lines of a trade bill of any kind: a bill of payments alone lacks the columns of refunds."""

    first = "总交易单数"

    def __init__(self, header: Sequence[str]) -> None:
        place = _places(header)
        self._texts = [place[name] for name in ("交易状态", "交易时间", "商户订单号", "微信订单号", "交易类型")]
        self._refund_texts = [place.get(name) for name in ("商户退款单号", "微信退款单号", "退款状态")]
        sums = {**ORDER_SUMS, **REFUND_SUMS}
        self._sums = {told: place[name] for told, name in sums.items() if name in place}
        self._totals = dict.fromkeys(self._sums, 0)
        self._count = 0

    def row(self, cells: Sequence[str]) -> TradeRow:
        sums = {told: fen(cells[place]) for told, place in self._sums.items()}
        for told, amount in sums.items():
            self._totals[told] += amount
        self._count += 1
        state, at, number, transaction_no, trade_type = [cells[place] for place in self._texts]
        kind = TRADE_KINDS[state]
        is_payment = kind is TradeKind.PAYMENT
        refund_number, refund_no, status = ("", "", "") if is_payment else self._refund(cells)
        return TradeRow(
            kind=kind,
            at=_moment(at),
            number=number,
            transaction_no=transaction_no,
            refund_number=refund_number,
            refund_no=refund_no,
            amount=Money(sums["订单总金额" if is_payment else "申请退款总金额"]),
            settled=Money(sums["应结订单总金额" if is_payment else "退款总金额"]),
            fee=Money(sums["手续费总金额"]),
            trade_type=trade_type,
            status=status,
        )

    def expected(self) -> Mapping[str, int]:
        return {self.first: self._count * 100, **self._totals}

    def _refund(self, cells: Sequence[str]) -> tuple[str, str, str]:
        ours, theirs, status = ["" if place is None else cells[place] for place in self._refund_texts]
        return ours, theirs, status


class FlowReader:
    """Lines of a fund flow bill."""

    first = "资金流水总笔数"

    def __init__(self, header: Sequence[str]) -> None:
        place = _places(header)
        names = ("记账时间", "微信支付业务单号", "资金流水单号", "业务类型", "收支类型")
        more = ("收支金额(元)", "账户结余(元)", "备注", "业务凭证号")
        self._order = [place[name] for name in names + more]
        self._counts = {"收入": 0, "支出": 0}
        self._sums = {"收入": 0, "支出": 0}

    def row(self, cells: Sequence[str]) -> FlowRow:
        at, business_no, flow_no, word, way, amount, balance, note, voucher = [cells[place] for place in self._order]
        moved, sign = fen(amount), SIGNS[way]
        self._counts[way] += 1
        self._sums[way] += moved
        return FlowRow(
            kind=FLOW_KINDS.get(word, FlowKind.OTHER),
            at=_moment(at),
            business_no=business_no,
            flow_no=flow_no,
            amount=Money(sign * moved),
            balance=Money(fen(balance)),
            voucher=voucher,
            word=word,
            note=note,
        )

    def expected(self) -> Mapping[str, int]:
        told = {self.first: sum(self._counts.values()) * 100}
        for way in SIGNS:
            told[f"{way}笔数"] = self._counts[way] * 100
            told[f"{way}金额"] = self._sums[way]
        return told


class _Places(dict[str, int]):
    def __missing__(self, name: str) -> int:
        raise BrokenBill(reason=f"no column {name}")


def _places(header: Sequence[str]) -> _Places:
    return _Places((name, index) for index, name in enumerate(header))


def _cells(line: str) -> list[str]:
    # Commas inside a cell are written as "\ ", so this is all there is to it.
    line = line.strip("\r\n")
    return line[1:].split(",`") if line.startswith("`") else line.split(",")


def _next(lines: Iterator[str]) -> str:
    return next((line for line in lines if line.strip()), "")


@lru_cache(maxsize=4096)
def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=BEIJING)


def _check_sums(told: Mapping[str, str], expected: Mapping[str, int]) -> None:
    for name, amount in expected.items():
        try:
            is_right = fen(told.get(name, "")) == amount
        except ValueError:
            is_right = False
        if not is_right:
            raise BrokenBill(reason=f"{name}: {told.get(name)!r} at the end, {Money(amount)} in the rows")
