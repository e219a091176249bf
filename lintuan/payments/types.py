"""What crosses this room's doors."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from msgspec import Struct

from lintuan.kernel.money import ZERO, Money

ORDER: Final = "order"

#: A refund that nobody asked for: the payment came when its charge was closed already.
LATE_PAYMENT: Final = "late_payment"

#: The right of staff to pay back and to try a failed refund again.
MAY_REFUND: Final = "payments.refund"


class ChargeState(StrEnum):
    """LATE is paid after it was closed: the money goes back, nothing is delivered for it."""

    OPEN = "open"
    PAID = "paid"
    CLOSED = "closed"
    LATE = "late"


class RefundState(StrEnum):
    """ASKED is decided by us, SENT accepted by the gateway, DONE with the buyer, FAILED waits for a person."""

    ASKED = "asked"
    SENT = "sent"
    DONE = "done"
    FAILED = "failed"


@dataclass(frozen=True)
class NewCharge:
    """One sum that a member is to pay for one thing; a thing has at most one charge that is open or paid."""

    purpose: str
    subject_id: int
    member_id: int
    amount: Money
    expires_at: datetime


@dataclass(frozen=True)
class NewRefund:
    """A part of a paid charge that goes back; `cause` is a word that people and the ledger will read."""

    charge_id: int
    amount: Money
    cause: str


@dataclass(frozen=True)
class ChargeView:
    """A charge as other rooms see it; `number` is what the gateway and the buyer's bill call it."""

    id: int
    purpose: str
    subject_id: int
    member_id: int
    number: str
    state: ChargeState
    amount: Money
    refunded: Money
    opened_at: datetime
    expires_at: datetime
    paid_at: datetime | None
    transaction_no: str


@dataclass(frozen=True)
class RefundView:
    """A refund as other rooms see it; `reason` says why it failed or still waits."""

    id: int
    charge_id: int
    number: str
    state: RefundState
    amount: Money
    cause: str
    asked_at: datetime
    done_at: datetime | None
    reason: str


class ChargeMoney(Struct, frozen=True):
    """What payments knows of one subject: `received` and `done` include late payments that went straight back."""

    paid: Money = ZERO
    asked: Money = ZERO
    received: Money = ZERO
    done: Money = ZERO
    on_the_way: Money = ZERO
    failed: Money = ZERO


NOTHING_PAID: Final = ChargeMoney()


@dataclass(frozen=True)
class PaymentTotals:
    """Sums over some charges: money in (paid and late), then refunds by what became of them."""

    charges: int
    received: Money
    refunds: int
    asked: Money
    done: Money
    failed: Money


@dataclass(frozen=True)
class PhoneParameters:
    """What the buyer's phone hands to the gateway's payment sheet, signed by us."""

    charge_id: int
    provider: str
    amount: Money
    fields: Mapping[str, str]


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
