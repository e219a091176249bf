"""The bills that a channel would have written of a day that was made: files in WeChat Pay's own format.

What was paid is on the bill of its day, what went back on that of its own; the fee is the agreed one.
"""

from __future__ import annotations

import gzip
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg

from lintuan.payments.gateways.bills import BEIJING, Bill, FlowReader, TradeReader
from lintuan.standins.wechatpay.ledgers import FLOW_HEADINGS, FLOW_SUMS, HEADINGS, SUMS, fee_yuan, yuan

BPS = 60
AT_ONCE = 10_000
DAYS = 4
_CHARGES = """
SELECT c.id, a.number, c.amount, a.paid_at FROM payments_attempt a JOIN payments_charge c ON c.id = a.charge_id
WHERE a.state = 'paid' AND a.paid_at::date >= %s ORDER BY c.id
"""
_REFUNDS = """
SELECT r.id, c.id, a.number, r.number, r.amount, r.done_at, c.amount, coalesce(sum(r.amount) OVER (
    PARTITION BY r.charge_id ORDER BY r.id ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0)::bigint
FROM payments_refund r JOIN payments_charge c ON c.id = r.charge_id JOIN payments_attempt a ON a.id = r.attempt_id
ORDER BY r.charge_id, r.id
"""


@dataclass(frozen=True)
class Written:
    """Where a bill lies, and the SHA1 of its content."""

    path: Path
    sha1: str


class _File:
    """A compressed file that knows the hash of what was written into it."""

    def __init__(self, path: Path, heading: str) -> None:
        self.path, self._digest = path, hashlib.sha1(usedforsecurity=False)
        self._file = gzip.GzipFile(path, "wb", compresslevel=1)
        self.write(f"\ufeff{heading}")

    def write(self, line: str) -> None:
        content = f"{line}\r\n".encode()
        self._digest.update(content)
        self._file.write(content)

    def close(self) -> Written:
        self._file.close()
        return Written(self.path, self._digest.hexdigest())


class _Day:
    """The two bills of a day while they are written."""

    def __init__(self, folder: Path, day: date) -> None:
        self._trades = _File(folder / f"{day}-trades.gz", HEADINGS["ALL"])
        self._flows = _File(folder / f"{day}-flows.gz", FLOW_HEADINGS)
        self._count = self._paid = self._back = self._kept = self._balance = 0
        self._came, self._went = [0, 0], [0, 0]

    def payment(self, number: str, transaction_no: str, fen: int, at: datetime) -> None:
        fee, told = kept(fen), f"{at.astimezone(BEIJING):%Y-%m-%d %H:%M:%S}"
        self._trades.write(
            f"`{told},`wx1,`1600000000,`0,`,`{transaction_no},`{number},`o1,`JSAPI,`SUCCESS,`OTHERS,`CNY,"
            f"`{yuan(fen)},`0.00,`0,`0,`0.00,`0.00,`,`,`邻团,`,`{fee_yuan(fee)},`0.60%,`{yuan(fen)},`0.00,`"
        )
        self._count, self._paid, self._kept = self._count + 1, self._paid + fen, self._kept + fee
        self._move(told, transaction_no, "交易", fen)
        self._move(told, transaction_no, "扣除交易手续费", -fee)

    def refund(self, numbers: tuple[str, str, str, str], fen: int, fee: int, at: datetime) -> None:
        number, transaction_no, refund_number, refund_no = numbers
        told = f"{at.astimezone(BEIJING):%Y-%m-%d %H:%M:%S}"
        self._trades.write(
            f"`{told},`wx1,`1600000000,`0,`,`{transaction_no},`{number},`o1,`JSAPI,`REFUND,`OTHERS,`CNY,`0.00,`0.00,"
            f"`{refund_no},`{refund_number},`{yuan(fen)},`0.00,`ORIGINAL,`SUCCESS,`邻团,`,`{fee_yuan(-fee)},`0.60%,`0.00,"
            f"`{yuan(fen)},`"
        )
        self._count, self._back, self._kept = self._count + 1, self._back + fen, self._kept - fee
        self._move(told, refund_no, "退回交易手续费", fee)
        self._move(told, refund_no, "退款", -fen)

    def close(self) -> tuple[Written, Written]:
        sums = (f"{self._count}.0", yuan(self._paid), yuan(self._back), "0.00", fee_yuan(self._kept), yuan(self._paid))
        self._end(self._trades, SUMS, (*sums, yuan(self._back)))
        (came, fen_in), (went, fen_out) = self._came, self._went
        self._end(self._flows, FLOW_SUMS, (f"{came + went}.0", f"{came}.0", yuan(fen_in), f"{went}.0", yuan(fen_out)))
        return self._trades.close(), self._flows.close()

    def _move(self, told: str, business_no: str, word: str, fen: int) -> None:
        if not fen:
            return
        sums = self._came if fen > 0 else self._went
        sums[0], sums[1], self._balance = sums[0] + 1, sums[1] + abs(fen), self._balance + fen
        way, number = "收入" if fen > 0 else "支出", self._came[0] + self._went[0]
        self._flows.write(
            f"`{told},`{business_no},`1600000000{number:012d},`{word},`{word},`{way},`{yuan(abs(fen))},"
            f"`{yuan(self._balance)},`system,`,`"
        )

    @staticmethod
    def _end(file: _File, heading: str, sums: tuple[str, ...]) -> None:
        file.write(heading)
        file.write(",".join(f"`{cell}" for cell in sums))


def kept(fen: int) -> int:
    """The fee, half a fen rounded up."""
    return (fen * BPS + 5000) // 10_000


def write_bills(url: str, folder: Path, sale_on: date) -> dict[str, list[list[str]]]:
    """Both bills of the sale day and those behind it: path and hash of the trade bill, then of the fund flow."""
    days = {day: _Day(folder, day) for day in (sale_on + timedelta(days=ahead) for ahead in range(DAYS))}
    with psycopg.connect(url) as database:
        for charge_id, number, fen, at in _rows(database, "charges", _CHARGES, [sale_on - timedelta(days=1)]):
            if (day := days.get(at.astimezone(BEIJING).date())) is not None:
                day.payment(number, f"T{charge_id}", fen, at)
        for refund_id, charge_id, number, refund_number, fen, at, paid, before in _rows(database, "refunds", _REFUNDS):
            if (day := days.get(at.astimezone(BEIJING).date())) is not None:
                fee = kept(paid - before) - kept(paid - before - fen)
                day.refund((number, f"T{charge_id}", refund_number, f"B{refund_id}"), fen, fee, at)
    return {str(on): [[str(one.path), one.sha1] for one in day.close()] for on, day in days.items()}


def lines_of(path: str, sha1: str, reader: type[TradeReader] | type[FlowReader]) -> Iterator[Any]:
    """The rows of a bill as they come from a channel, its hash checked before the first."""
    with Path(path).open("rb") as file:
        bill: Bill[Any] = Bill(file, reader)
        bill.check(sha1)
        yield from bill.rows()


def _rows(database: psycopg.Connection[Any], name: str, query: str, about: list[Any] | None = None) -> Iterator[Any]:
    """Without all of them in memory."""
    with database.cursor(name=name) as cursor:
        cursor.itersize = AT_ONCE
        cursor.execute(query, about)
        yield from cursor
