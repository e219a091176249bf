"""What happened to money outside; `subject_id` is the thing that was paid for, an order where purpose is "order"."""

from __future__ import annotations

from dataclasses import dataclass

from lintuan.kernel.events import Event


@dataclass(frozen=True, kw_only=True)
class ChargePaid(Event):
    """The buyer paid in time; `provider` holds the money, which events from before there were two do not say."""

    charge_id: int
    purpose: str
    subject_id: int
    amount_fen: int
    provider: str = "wechatpay"


@dataclass(frozen=True, kw_only=True)
class ChargePaidLate(Event):
    """Money came for a charge that was closed, or paid already by another method; once for each such payment.

    A RefundAsked of all of it, cause late_payment, follows at once.
    """

    charge_id: int
    purpose: str
    subject_id: int
    amount_fen: int
    provider: str = "wechatpay"


@dataclass(frozen=True, kw_only=True)
class ChargeClosed(Event):
    """Nobody shall pay this any more."""

    charge_id: int
    purpose: str
    subject_id: int


@dataclass(frozen=True, kw_only=True)
class RefundAsked(Event):
    """We owe the buyer this and have asked the gateway, or soon will."""

    refund_id: int
    charge_id: int
    purpose: str
    subject_id: int
    amount_fen: int
    cause: str


@dataclass(frozen=True, kw_only=True)
class RefundDone(Event):
    """The buyer has the money back; announced once per refund."""

    refund_id: int
    charge_id: int
    purpose: str
    subject_id: int
    amount_fen: int
    cause: str
    provider: str = "wechatpay"


@dataclass(frozen=True, kw_only=True)
class RefundFailed(Event):
    """The gateway will not pay back: a person must act; what we owe has not changed."""

    refund_id: int
    charge_id: int
    purpose: str
    subject_id: int
    amount_fen: int
    cause: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class RefundCredited(Event):
    """The gateway refused a refund, and the buyer has a balance with us instead; once, and RefundDone never follows."""

    refund_id: int
    charge_id: int
    purpose: str
    subject_id: int
    member_id: int
    amount_fen: int
    cause: str


@dataclass(frozen=True, kw_only=True)
class PayoutAsked(Event):
    """We owe this to a person and have asked the gateway to pay it, or soon will."""

    payout_id: int
    purpose: str
    subject_id: int
    payee_kind: str
    payee_id: int
    amount_fen: int


@dataclass(frozen=True, kw_only=True)
class PayoutToConfirm(Event):
    """The gateway holds the money for the payee, who has a day to confirm it on their phone."""

    payout_id: int
    purpose: str
    subject_id: int
    payee_kind: str
    payee_id: int
    amount_fen: int


@dataclass(frozen=True, kw_only=True)
class PayoutDone(Event):
    """The payee has the money; announced once per payout."""

    payout_id: int
    purpose: str
    subject_id: int
    payee_kind: str
    payee_id: int
    amount_fen: int


@dataclass(frozen=True, kw_only=True)
class PayoutFailed(Event):
    """The gateway will not pay this out: the money is ours still, and so is the debt."""

    payout_id: int
    purpose: str
    subject_id: int
    payee_kind: str
    payee_id: int
    amount_fen: int
    reason: str


@dataclass(frozen=True, kw_only=True)
class PayoutReturned(Event):
    """The payee did not confirm within a day: the money is ours again, and so is the debt."""

    payout_id: int
    purpose: str
    subject_id: int
    payee_kind: str
    payee_id: int
    amount_fen: int


@dataclass(frozen=True, kw_only=True)
class PayoutCancelled(Event):
    """We called it off before the payee confirmed: the money is ours."""

    payout_id: int
    purpose: str
    subject_id: int
    payee_kind: str
    payee_id: int
    amount_fen: int
