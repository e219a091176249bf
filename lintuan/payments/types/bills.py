"""Bills as channels write them, days of them as we keep them, and how they differ from our records."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

from msgspec import Struct

from lintuan.kernel.money import Money

from .providers import Provider


class TradeKind(StrEnum):
    """REVOKED is a payment by code at a till that was taken back at once; no purchase of ours can be one."""

    PAYMENT = "payment"
    REFUND = "refund"
    REVOKED = "revoked"


class TradeRow(Struct, frozen=True):
    """One line of a channel's bill of a day's trade, amounts never negative but `fee`.

    `at` is when the member paid or when the refund was asked; `number` and `refund_number` are ours, the others the
    channel's, empty where a line has none. `amount` is what was paid or goes back, `settled` the part of it that the
    channel counts for us (less by coupons it funds itself). `fee` is what it keeps; below zero: what it gives back.
    `status` of a refund is its state when the bill was written, in the channel's word; empty for payments.
    """

    kind: TradeKind
    at: datetime
    number: str
    transaction_no: str
    refund_number: str
    refund_no: str
    amount: Money
    settled: Money
    fee: Money
    trade_type: str
    status: str


class FlowKind(StrEnum):
    """Why a channel moved money on our account; OTHER is a word that we do not know, kept in `word`."""

    PAYMENT = "payment"
    REFUND = "refund"
    FEE = "fee"
    FEE_BACK = "fee_back"
    SHARING = "sharing"
    WITHDRAWAL = "withdrawal"
    OTHER = "other"


class FlowRow(Struct, frozen=True):
    """One movement on our account at a channel; `amount` above zero came in, `balance` is what the account then held.

    `business_no` is the channel's number of the payment or refund behind it, `flow_no` that of the movement itself,
    `voucher` what the channel names as its proof. Numbers that a channel leaves out are empty.
    """

    kind: FlowKind
    at: datetime
    business_no: str
    flow_no: str
    amount: Money
    balance: Money
    voucher: str
    word: str
    note: str


class DifferenceKind(StrEnum):
    """How a channel's bill and our own records can differ; docs/algorithms/reconciliation.md tells the causes."""

    STRANGER = "stranger"
    UNKNOWN_NUMBER = "unknown_number"
    PAID_UNHEARD = "paid_unheard"
    PAID_CLOSED = "paid_closed"
    AMOUNT_DIFFERS = "amount_differs"
    PAID_TWICE = "paid_twice"
    NOT_AT_CHANNEL = "not_at_channel"
    REFUND_UNKNOWN = "refund_unknown"
    REFUND_TWICE = "refund_twice"
    REFUND_AMOUNT = "refund_amount"
    REFUND_UNHEARD = "refund_unheard"
    REFUND_CREDITED = "refund_credited"
    REFUND_NOT_DONE = "refund_not_done"
    REFUND_NOT_AT_CHANNEL = "refund_not_at_channel"
    FEE_DIFFERS = "fee_differs"
    FLOW_DIFFERS = "flow_differs"
    FLOW_UNKNOWN = "flow_unknown"


class Difference(Struct, frozen=True):
    """One thing that a bill and we tell differently: `ours` and `theirs` are zero where one side has nothing.

    `thing` tells it from all others of its kind on that channel; `number` is our charge's, `refund_number` our
    refund's; `subject_id` is the order, None where we know none.
    """

    kind: DifferenceKind
    thing: str
    number: str
    refund_number: str
    subject_id: int | None
    ours: Money
    theirs: Money


class BillTotals(Struct, frozen=True):
    """A bill day of one province in the bill and in our records; fees and withdrawals as the channel moved them."""

    payments: int
    paid: Money
    refunds: int
    back: Money
    fees: Money
    withdrawn: Money
    our_payments: int
    our_paid: Money
    our_refunds: int
    our_back: Money


class BillDayView(Struct, frozen=True):
    """A day of a channel that was read; `covers_*` are the business moments that it tells of, both excluded and
    included, the first None for all that was before. A day that is not whole was read before it had ended.
    """

    provider: Provider
    on_day: date
    rows: int
    is_whole: bool
    read_at: datetime
    covers_from: datetime | None
    covers_until: datetime
