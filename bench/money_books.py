"""Payments under faults: what the payment services took, held against what the product knows, has booked and finds.

The truth are the services' own books and bills. What differs is worked out here a second time, plainly, so that the
product's reconciliation is held against something that is not itself.
"""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
from django.db import connection
from msgspec.structs import replace

from lintuan.kernel import clock
from lintuan.kernel.callers import SYSTEM
from lintuan.kernel.money import ZERO, Money
from lintuan.ordering.bill import Bill
from lintuan.payments.commands import keep_bill
from lintuan.payments.errors import NoBill
from lintuan.payments.queries import billers, differences, trade_rows
from lintuan.payments.types import BillDayView, Provider, TradeKind, TradeRow
from lintuan.provinces.queries import province
from lintuan.settlement import balances
from lintuan.settlement.engine.accounts import OF_PROVIDER
from lintuan.sim.city import PROVINCE

SHOWN = 5
DAY = timedelta(days=1)
#: Of a refund on a bill; Alipay's tells none.
ARRIVED = ("SUCCESS", "")

Bills = Mapping[tuple[Provider, date], Sequence[TradeRow]]
#: The provider, and our number of a payment or refund.
Thing = tuple[str, str]

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
    """Payments without order and refund, orders paid or refunded twice, differences; those are unexplained that
    reconciliation does not find, or finds without reason.
    """

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
    found, due, bills = Verdict(), _due(), read_bills(days)
    ours = Ours(attempts := _known(_ATTEMPTS), _known(_REFUNDS), _booked(due))
    count_money(found, taken(stand_ins), attempts, due)
    lines = list(_lines(bills))
    found.refunds = len({line.number for line in lines if not line.is_payment})
    hold(found, differing(ours, lines), reconciled(bills))
    hold(found, unbooked(ours, lines), set())
    return found


def midway(days: list[date]) -> Verdict:
    """What reconciliation finds when everything stands still in the middle; the ledger hears of it later."""
    found, bills = Verdict(), read_bills(days)
    hold(found, differing(Ours(_known(_ATTEMPTS), _known(_REFUNDS), {}), list(_lines(bills))), reconciled(bills))
    return found


def read_bills(days: list[date]) -> Bills:
    """What the product's own readers make of the files of each service and day."""
    return {(provider, day): list(_rows_of(provider, day)) for provider in billers() for day in days}


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


def differing(ours: Ours, bills: Sequence[Line]) -> set[Thing]:
    """Payments and refunds, as (provider, our number), of which the bills tell another sum than we know."""
    told = {True: Counter[Thing](), False: Counter[Thing]()}
    for line in bills:
        told[line.is_payment][line.provider, line.number] += line.fen
    return {
        key
        for is_payment, known_to_us, ended in (
            (True, ours.attempts, ("paid", "late")), (False, ours.refunds, ("done",)),
        )
        for mine in [{(one.provider, number): one.fen for number, one in known_to_us.items() if one.state in ended}]
        for key in told[is_payment].keys() | mine.keys()
        if told[is_payment][key] != mine.get(key, 0)
    }  # fmt: skip


def unbooked(ours: Ours, bills: Sequence[Line]) -> set[Thing]:
    """Orders, as (provider, order), of which the ledger holds another sum than the bills tell."""
    nets = Counter[tuple[int, str]]()
    for line in bills:
        known = (ours.attempts if line.is_payment else ours.refunds).get(line.number)
        nets[known.order_id if known else 0, line.provider] += line.fen if line.is_payment else -line.fen
    keys = nets.keys() | ours.booked.keys()
    return {(key[1], f"order {key[0]}") for key in keys if nets[key] != ours.booked.get(key, 0)}


def reconciled(bills: Bills) -> set[Thing]:
    """What the product's own reconciliation finds in these bills, by the number of payment or refund.

    Each is kept as if it had waited: no line is too young to be told of, nothing of ours too old or too new.
    """
    seen, until, terms = datetime.now(UTC) + DAY, clock.now() + DAY, province(PROVINCE).terms
    kept = [
        keep_bill(SYSTEM, day=BillDayView(provider, day, 0, False, seen, None, until), rows=rows, flows=())
        for (provider, day), rows in bills.items()
    ]
    return {
        (day.provider.value, one.refund_number or one.number)
        for day in kept
        for one in differences(
            PROVINCE, replace(day, covers_from=None), bps=getattr(terms, f"{day.provider}_fee_bps")
        )
    }  # fmt: skip


def hold(found: Verdict, truth: set[Thing], told: set[Thing]) -> None:
    """A difference that nobody is told of is unexplained, and so is one that is told of and is none."""
    found.differences += len(truth)
    found.unexplained += len(truth ^ told)
    for what, things in (("not found", truth - told), ("no difference", told - truth)):
        for thing in things:
            found.note(what, thing)


def _due() -> dict[int, int]:
    """What each paid order is still worth to its payer."""
    return {order_id: Bill(*map(Money, fens)).paid.fen if is_paid else 0 for order_id, is_paid, *fens in _rows(_ORDERS)}


def _booked(orders: Collection[int]) -> dict[tuple[int, str], int]:
    return {
        (order_id, provider): held.get(account, ZERO).fen
        for order_id, held in balances.by_order(PROVINCE, orders).items()
        for provider, account in OF_PROVIDER.items()
    }


def _rows_of(provider: Provider, day: date) -> Iterator[TradeRow]:
    with suppress(NoBill):
        yield from trade_rows(day, provider)


def _lines(bills: Bills) -> Iterator[Line]:
    for (provider, _), rows in bills.items():
        for row in rows:
            is_payment = row.kind is TradeKind.PAYMENT
            if is_payment or row.status in ARRIVED:
                yield Line(provider.value, is_payment, row.number if is_payment else row.refund_number, row.amount.fen)


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
