"""After payments under faults: what the payment services took, held against what the product knows and has booked.

The truth are the services' own books. `compare` is the one place that holds bills, attempts and ledger together.
"""

from __future__ import annotations

import io
import sqlite3
import time
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
from django.conf import settings
from django.db import connection

from lintuan.kernel.money import ZERO, Money
from lintuan.ordering.bill import Bill
from lintuan.payments.errors import NoBill
from lintuan.payments.gateways import alipay
from lintuan.payments.gateways.alipay.bills import Bills, Kind, read_bill
from lintuan.payments.gateways.faults import GatewayRefused
from lintuan.payments.queries import trade_rows
from lintuan.payments.types import TradeKind
from lintuan.settlement import balances
from lintuan.settlement.engine.accounts import OF_PROVIDER
from lintuan.sim.city import PROVINCE

SHOWN = 5

_ATTEMPTS = """
SELECT a.number, a.provider, a.state, c.amount, c.subject_id FROM payments_attempt a
JOIN payments_charge c ON c.province_id = a.province_id AND c.id = a.charge_id WHERE a.province_id = %s
"""
_REFUNDS = """
SELECT r.number, a.provider, r.state, r.amount, c.subject_id FROM payments_refund r
JOIN payments_charge c ON c.province_id = r.province_id AND c.id = r.charge_id
JOIN payments_attempt a ON a.province_id = r.province_id AND a.id = r.attempt_id WHERE r.province_id = %s
"""
_ORDERS = """
SELECT id, paid_at IS NOT NULL, amount, refunded, saved, saved_later FROM ordering_order WHERE province_id = %s
"""


@dataclass(frozen=True, slots=True)
class Taken:
    """A payment in a service's own books; `back` is how much of it was given back."""

    provider: str
    fen: int
    back: int


@dataclass(frozen=True, slots=True)
class Known:
    """An attempt or a refund as the product knows it."""

    provider: str
    state: str
    fen: int
    order_id: int


@dataclass(frozen=True, slots=True)
class Ours:
    """What the product knows: attempts and refunds by number, and what the ledger holds by order and provider."""

    attempts: Mapping[str, Known]
    refunds: Mapping[str, Known]
    booked: Mapping[tuple[int, str], int]


class Line(NamedTuple):
    """A payment or a refund on a bill, with the number that we gave it."""

    provider: str
    is_payment: bool
    number: str
    fen: int


@dataclass
class Verdict:
    """Payments without order and refund, orders paid or refunded twice, differences that nobody was told of."""

    payments: int = 0
    refunds: int = 0
    lost: int = 0
    doubled: int = 0
    differences: int = 0
    unexplained: int = 0
    examples: dict[str, list[str]] = field(default_factory=dict)

    def note(self, what: str, about: object) -> None:
        shown = self.examples.setdefault(what, [])
        if len(shown) < SHOWN:
            shown.append(str(about))


def taken(stand_ins: Path) -> dict[str, Taken]:
    """Every payment that the stand-ins took, by the number it has with us."""
    found = {
        number: Taken("wechatpay", total, back)
        for number, total, back in _read(
            stand_ins / "wechatpay", "SELECT out_trade_no, total, refunded FROM orders WHERE transaction_id IS NOT NULL"
        )
    }
    for number, body in _read(stand_ins / "alipay", "SELECT out_trade_no, body FROM trades WHERE day <> ''"):
        trade = msgspec.json.decode(body)
        found[number] = Taken("alipay", trade["total"], trade.get("refunded", 0))
    return found


def unheard(stand_ins: Path) -> int:
    """Payments that were taken and that no attempt is paid by yet."""
    attempts = _known(_ATTEMPTS)
    return sum(number not in attempts or attempts[number].state not in ("paid", "late") for number in taken(stand_ins))


def verdict(stand_ins: Path, days: list[date]) -> Verdict:
    """What came of it; `days` are those of Beijing whose bills tell of it."""
    found, attempts, due = Verdict(), _known(_ATTEMPTS), _due()
    count_money(found, taken(stand_ins), attempts, due)
    compare(found, Ours(attempts, _known(_REFUNDS), _booked(due)), list(_bills(days)))
    return found


def count_money(
    found: Verdict, truth: Mapping[str, Taken], attempts: Mapping[str, Known], due: Mapping[int, int]
) -> None:
    """By order: the services keep neither more nor less than the order is worth to its payer, `due` in fen."""
    kept = Counter[int]()
    found.payments = len(truth)
    for number, one in truth.items():
        if number not in attempts:
            found.lost += 1
            found.note("lost", number)
        else:
            kept[attempts[number].order_id] += one.fen - one.back
    for order_id in kept.keys() | due.keys():
        has, should = kept[order_id], due.get(order_id, 0)
        if has > 0 and should == 0:
            found.lost += 1
            found.note("lost", f"order {order_id}: {has} fen")
        elif has != should:
            found.doubled += 1
            found.note("doubled", f"order {order_id}: {has} fen instead of {should}")


def compare(found: Verdict, ours: Ours, bills: Sequence[Line]) -> None:
    """Bills x attempts and refunds x ledger: each payment, each refund, each order on each channel's account."""
    told = {True: Counter[tuple[str, str]](), False: Counter[tuple[str, str]]()}
    nets = Counter[tuple[int, str]]()
    for line in bills:
        told[line.is_payment][line.provider, line.number] += line.fen
        known = (ours.attempts if line.is_payment else ours.refunds).get(line.number)
        nets[known.order_id if known else 0, line.provider] += line.fen if line.is_payment else -line.fen
    found.refunds = len(told[False])
    cases = {one.order_id for one in ours.refunds.values() if one.state == "failed"}
    for is_payment, known_to_us, ended in (
        (True, ours.attempts, ("paid", "late")), (False, ours.refunds, ("done",)),
    ):  # fmt: skip
        mine = {(one.provider, number): one.fen for number, one in known_to_us.items() if one.state in ended}
        for key in told[is_payment].keys() | mine.keys():
            if told[is_payment][key] != mine.get(key, 0):
                about = f"{key}: {told[is_payment][key]} ≠ {mine.get(key, 0)} fen"
                _differ(found, known_to_us[key[1]].order_id if key[1] in known_to_us else 0, cases, about)
    for key in nets.keys() | ours.booked.keys():
        if nets[key] != ours.booked.get(key, 0):
            about = f"order {key[0]}, {key[1]}: {nets[key]} ≠ {ours.booked.get(key, 0)} fen in the ledger"
            _differ(found, key[0], cases, about)


def _differ(found: Verdict, order_id: int, cases: set[int], about: str) -> None:
    """A difference is explained where a person is told of its order: of a refund that failed."""
    found.differences += 1
    if order_id not in cases:
        found.unexplained += 1
        found.note("unexplained", about)


def _due() -> dict[int, int]:
    """What each paid order is still worth to its payer."""
    return {order_id: Bill(*map(Money, fens)).paid.fen if is_paid else 0 for order_id, is_paid, *fens in _rows(_ORDERS)}


def _booked(orders: Collection[int]) -> dict[tuple[int, str], int]:
    return {
        (order_id, provider): held.get(account, ZERO).fen
        for order_id, held in balances.by_order(PROVINCE, orders).items()
        for provider, account in OF_PROVIDER.items()
    }


def _bills(days: list[date]) -> Iterator[Line]:
    for day in days:
        with suppress(NoBill):
            for row in trade_rows(day):
                is_payment = row.kind is TradeKind.PAYMENT
                yield Line("wechatpay", is_payment, row.number if is_payment else row.refund_number, row.amount.fen)
        with suppress(GatewayRefused), _alipay() as exchange:
            for line in read_bill(io.BytesIO(Bills(exchange).download(day))):
                is_payment = line.kind is Kind.TRADE
                number = line.out_trade_no if is_payment else line.refund_no
                yield Line("alipay", is_payment, number, abs(line.order_fen))


@contextmanager
def _alipay() -> Iterator[alipay.Exchange]:
    account = alipay.read_account(Path(settings.GATEWAY_KEYS))
    assert account is not None
    opened, base_url = account
    exchange = alipay.Exchange(opened, base_url=base_url, real_time=time.time)
    try:
        yield exchange
    finally:
        exchange.close_connections()


def _known(query: str) -> dict[str, Known]:
    return {number: Known(*cells) for number, *cells in _rows(query)}


def _rows(query: str) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(query, [PROVINCE])
        return list(cursor.fetchall())


def _read(folder: Path, query: str) -> list[tuple[Any, ...]]:
    books = sqlite3.connect(f"file:{folder / 'transactions.sqlite3'}?mode=ro", uri=True)
    try:
        return books.execute(query).fetchall()
    finally:
        books.close()
