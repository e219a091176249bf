"""What we ask of a payment gateway and what it tells; amounts are whole fen."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from lintuan.payments.types import PayMethod


class TradeState(StrEnum):
    NOT_PAID = "NOTPAY"
    PAYING = "USERPAYING"
    PAID = "SUCCESS"
    REFUNDED = "REFUND"
    CLOSED = "CLOSED"
    REVOKED = "REVOKED"
    FAILED = "PAYERROR"


class RefundState(StrEnum):
    PROCESSING = "PROCESSING"
    SUCCEEDED = "SUCCESS"
    CLOSED = "CLOSED"
    ABNORMAL = "ABNORMAL"


@dataclass(frozen=True)
class Prepayment:
    """An order we want to be paid, by one of the provider's methods; ``expires_at`` is a moment of the real world.

    A sheet needs ``openid``; WeChat's H5 needs ``payer_ip`` and ``scene`` (iOS, Android or Wap).
    """

    out_trade_no: str
    description: str
    amount_fen: int
    openid: str
    notify_url: str
    expires_at: datetime | None = None
    method: PayMethod = PayMethod.WECHAT_JSAPI
    payer_ip: str = ""
    scene: str = "Wap"


@dataclass(frozen=True)
class RefundRequest:
    """Keep ``out_refund_no`` on every retry: one number pays back once."""

    out_trade_no: str
    out_refund_no: str
    refund_fen: int
    paid_fen: int
    reason: str = ""
    notify_url: str | None = None


@dataclass(frozen=True)
class Transaction:
    """REFUNDED says that something was paid back, not that all was."""

    out_trade_no: str
    state: TradeState
    total_fen: int
    transaction_id: str | None = None
    openid: str | None = None
    paid_at: datetime | None = None
    trade_type: str = ""


@dataclass(frozen=True)
class Refund:
    """An accepted refund; the buyer has the money only when the state is SUCCEEDED."""

    out_refund_no: str
    out_trade_no: str
    refund_id: str
    state: RefundState
    refund_fen: int
    total_fen: int
    settled_at: datetime | None = None


@dataclass(frozen=True)
class Notice:
    """An authentic callback; the same id may come many times. ``content`` is the opened resource as it came."""

    notice_id: str
    event_type: str
    content: str


@dataclass(frozen=True)
class PaymentNotice(Notice):
    transaction: Transaction


@dataclass(frozen=True)
class RefundNotice(Notice):
    refund: Refund
