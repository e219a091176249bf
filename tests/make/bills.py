"""A channel's day for tests: what we hold of payments and refunds, and the bill that an honest channel writes of it."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

from lintuan.kernel.callers import SYSTEM
from lintuan.kernel.money import Money
from lintuan.payments import commands, queries
from lintuan.payments.gateways.bills import BEIJING
from lintuan.payments.models import Attempt, Charge, Refund
from lintuan.payments.rules import write_number
from lintuan.payments.types import (
    BillDayView,
    Difference,
    FlowKind,
    FlowRow,
    PayMethod,
    Provider,
    TradeKind,
    TradeRow,
)

HUBEI = 42
DAY = date(2026, 11, 20)
NOON = datetime.combine(DAY, time(12), BEIJING)
BPS = 60

#: Far from the ids of orders.
_numbers = itertools.count(10**12)


@dataclass(frozen=True)
class Paid:
    """A charge of ours, tried in one way, with what went back of it."""

    charge: Charge
    attempt: Attempt
    refunds: Sequence[Refund] = ()

    @property
    def number(self) -> str:
        return self.attempt.number

    @property
    def transaction_no(self) -> str:
        """As the channel has it, whether or not we have heard of it."""
        return f"T{self.attempt.number}"


@dataclass
class Bill:
    """The two bills of a day."""

    trades: list[TradeRow] = field(default_factory=list)
    flows: list[FlowRow] = field(default_factory=list)


def paid(
    fen: int, *backs: int, at: datetime = NOON, state: str = "paid", method: PayMethod = PayMethod.WECHAT_JSAPI
) -> Paid:
    """A charge in our records with an attempt in this state, and refunds that have arrived."""
    place = next(_numbers)
    charge = Charge.objects.create(
        province_id=HUBEI, purpose="order", subject_id=place, member_id=7, amount=Money(fen),
        refunded=Money(sum(backs)), state="closed" if state == "late" else state, opened_at=at, expires_at=at,
        paid_at=at if state == "paid" else None,
    )  # fmt: skip
    return Paid(charge, attempt := tried(charge, state, method=method), tuple(_refunds(attempt, backs)))


def tried(charge: Charge, state: str, *, method: PayMethod = PayMethod.WECHAT_JSAPI) -> Attempt:
    """The charge tried by a method."""
    number, is_paid = write_number(HUBEI, f"{next(_numbers):026x}"), state in ("paid", "late")
    return Attempt.objects.create(
        province_id=HUBEI, charge=charge, number=number, provider=method.provider, method=method, handle="h",
        state=state, transaction_no=f"T{number}" if is_paid else "", prepaid_at=charge.opened_at,
        paid_at=charge.opened_at if is_paid else None,
    )  # fmt: skip


def _refunds(attempt: Attempt, backs: Iterable[int]) -> Iterator[Refund]:
    for back in backs:
        place, at = next(_numbers), attempt.paid_at
        yield Refund.objects.create(
            province_id=HUBEI, charge_id=attempt.charge_id, attempt=attempt, state="done", amount=Money(back),
            number=write_number(HUBEI, f"f{place:025x}"), cause="short", gateway_no=f"R{place}", asked_at=at,
            done_at=at,
        )  # fmt: skip


def bill_of(known: Iterable[Paid], *, bps: int = BPS, at: datetime = NOON) -> Bill:
    """What an honest channel tells of these."""
    bill = Bill()
    for one in known:
        transaction_no, left = one.transaction_no, one.charge.amount.fen
        fee = kept(left, bps)
        bill.trades.append(payment(one.number, transaction_no, left, fee, at=at))
        bill.flows += flows(transaction_no, left, fee, at=at)
        for refund in one.refunds:
            back = refund.amount.fen
            returned = kept(left, bps) - kept(left - back, bps)
            left -= back
            bill.trades.append(refunded(one.number, transaction_no, refund.number, back, returned, at=at))
            bill.flows += flows(bill.trades[-1].refund_no, -back, -returned, at=at)
    return bill


def payment(number: str, transaction_no: str, fen: int, fee: int, *, at: datetime = NOON) -> TradeRow:
    return TradeRow(
        kind=TradeKind.PAYMENT, at=at, number=number, transaction_no=transaction_no, refund_number="", refund_no="",
        amount=Money(fen), settled=Money(fen), fee=Money(fee), trade_type="JSAPI", status="",
    )  # fmt: skip


def refunded(
    number: str, transaction_no: str, refund_number: str, fen: int, fee: int, *, at: datetime = NOON
) -> TradeRow:
    return TradeRow(
        kind=TradeKind.REFUND, at=at, number=number, transaction_no=transaction_no, refund_number=refund_number,
        refund_no=f"B{refund_number}", amount=Money(fen), settled=Money(fen), fee=Money(-fee), trade_type="JSAPI",
        status="SUCCESS",
    )  # fmt: skip


def flows(business_no: str, fen: int, fee: int, *, at: datetime = NOON) -> list[FlowRow]:
    """The money, and the fee that goes with it."""
    moved = [flow(FlowKind.PAYMENT if fen > 0 else FlowKind.REFUND, business_no, fen, at=at)]
    if fee:
        moved.append(flow(FlowKind.FEE if fee > 0 else FlowKind.FEE_BACK, business_no, -fee, at=at))
    return moved


def flow(kind: FlowKind, business_no: str, fen: int, *, at: datetime = NOON) -> FlowRow:
    return FlowRow(kind, at, business_no, f"F{next(_numbers)}", Money(fen), Money(0), "", kind.value, "")


def kept(fen: int, bps: int = BPS) -> int:
    return (fen * bps + 5000) // 10000


def read(
    bill: Bill, day: date = DAY, *, provider: Provider = Provider.WECHATPAY, at: datetime | None = None
) -> BillDayView:
    """Keep the bills of a whole day, as they came at ten the next morning, or of one that still lasts."""
    ends = datetime.combine(day + timedelta(days=1), time(0), BEIJING)
    about = BillDayView(provider, day, 0, at is None, at or ends + timedelta(hours=10), None, at or ends)
    return commands.keep_bill(SYSTEM, day=about, rows=iter(bill.trades), flows=iter(bill.flows))


def differences(day: BillDayView, *, bps: int = BPS) -> list[Difference]:
    return sorted(queries.differences(HUBEI, day, bps=bps), key=lambda one: (one.kind, one.thing))
