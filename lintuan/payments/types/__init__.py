"""What crosses this room's doors."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from msgspec import Struct

from lintuan.kernel.money import ZERO, Money

from .bills import BillDayView as BillDayView
from .bills import BillTotals as BillTotals
from .bills import Difference as Difference
from .bills import DifferenceKind as DifferenceKind
from .bills import FlowKind as FlowKind
from .bills import FlowRow as FlowRow
from .bills import TradeKind as TradeKind
from .bills import TradeRow as TradeRow
from .providers import Provider as Provider

ORDER: Final = "order"

#: A refund that nobody asked for: the payment came when its charge was closed already.
LATE_PAYMENT: Final = "late_payment"

#: The right of staff to pay back, to try a failed refund again, or to credit it as a balance.
MAY_REFUND: Final = "payments.refund"

#: The right of those who work off the differences of a reconciliation: to ask the gateway anew.
MAY_ASK: Final = "settlement.correct"

#: The right of staff to pay money out, to call it off and to try again.
MAY_PAY_OUT: Final = "payments.pay_out"


class PayMethod(StrEnum):
    """A way to pay: by whom, and what the payer's screen does with what we hand to it."""

    #: A sheet over the page, in WeChat's browser and in its mini-programs.
    WECHAT_JSAPI = "wechat_jsapi"
    #: An address that opens WeChat from another browser of the phone.
    WECHAT_H5 = "wechat_h5"
    #: A code on this screen that WeChat on a phone scans.
    WECHAT_NATIVE = "wechat_native"
    #: A sheet over the page, in Alipay's mini-programs.
    ALIPAY_MINI = "alipay_mini"
    #: An address of Alipay's own page, which opens its app.
    ALIPAY_WAP = "alipay_wap"
    #: A code on this screen that Alipay on a phone scans.
    ALIPAY_QR = "alipay_qr"

    @property
    def provider(self) -> Provider:
        return Provider.ALIPAY if self.value.startswith("alipay") else Provider.WECHATPAY


#: Their attempts are paid by a phone that scans what the payer's screen shows.
TO_SCAN: Final = frozenset({PayMethod.WECHAT_NATIVE, PayMethod.ALIPAY_QR})
#: Their attempts are paid on a page of the provider's own, to which the payer's browser goes.
TO_OPEN: Final = frozenset({PayMethod.WECHAT_H5, PayMethod.ALIPAY_WAP})


class ChargeState(StrEnum):
    """CLOSED shall not be paid: what is paid all the same is a late attempt, whose money goes back."""

    OPEN = "open"
    PAID = "paid"
    CLOSED = "closed"


class AttemptState(StrEnum):
    """PAID is the one that pays its charge; LATE is money that came when the charge was closed or paid already."""

    OPEN = "open"
    PAID = "paid"
    CLOSED = "closed"
    LATE = "late"


class RefundState(StrEnum):
    """ASKED is decided by us, SENT accepted by the gateway, DONE with the buyer, FAILED waits for a person.

    CREDITED is given up at the gateway for good: the buyer has it as a balance with us.
    """

    ASKED = "asked"
    SENT = "sent"
    DONE = "done"
    FAILED = "failed"
    CREDITED = "credited"


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
class Payer:
    """Who pays how: `openid` is who the member is to WeChat or Alipay, told by the mini-program; `address` is the IP
    address of the payer's phone, which WeChat wants for its H5 orders."""

    method: PayMethod = PayMethod.WECHAT_JSAPI
    openid: str = ""
    address: str = ""


BY_WECHAT: Final = Payer()


@dataclass(frozen=True)
class ChargeView:
    """A charge as other rooms see it; `refunded` is of the payment that counts, not of late ones."""

    id: int
    purpose: str
    subject_id: int
    member_id: int
    state: ChargeState
    amount: Money
    refunded: Money
    opened_at: datetime
    expires_at: datetime
    paid_at: datetime | None


@dataclass(frozen=True)
class AttemptView:
    """One way in which a charge was tried; `number` is what the gateway calls it, `transaction_no` what a bill does."""

    id: int
    charge_id: int
    number: str
    provider: Provider
    method: PayMethod
    state: AttemptState
    amount: Money
    transaction_no: str
    prepaid_at: datetime
    paid_at: datetime | None


@dataclass(frozen=True)
class RefundView:
    """A refund as other rooms see it, of one attempt; `reason` says why it failed or still waits."""

    id: int
    charge_id: int
    attempt_id: int
    number: str
    state: RefundState
    amount: Money
    cause: str
    asked_at: datetime
    done_at: datetime | None
    reason: str


class ChargeMoney(Struct, frozen=True):
    """What payments knows of one subject: `received` and `done` include late payments that went straight back.

    What was credited as a balance is no longer on the way, and not done.
    """

    paid: Money = ZERO
    asked: Money = ZERO
    received: Money = ZERO
    done: Money = ZERO
    on_the_way: Money = ZERO
    failed: Money = ZERO


NOTHING_PAID: Final = ChargeMoney()


@dataclass(frozen=True)
class PaymentTotals:
    """Sums over some charges: payments (counted and late) and their money, then refunds by what became of them."""

    payments: int
    received: Money
    refunds: int
    asked: Money
    done: Money
    failed: Money


@dataclass(frozen=True)
class PhoneParameters:
    """What the buyer's screen needs to pay: the fields of a payment sheet signed by us, an `url` to open, or the `code`
    that a phone scans."""

    charge_id: int
    method: PayMethod
    amount: Money
    fields: Mapping[str, str]


#: The gateway transfers no less.
LEAST_PAYOUT: Final = Money(10)
#: WeChat Pay checks the payee's name from this sum on.
NAME_FROM: Final = Money(200_000)
LONGEST_OPENID: Final = 64
LONGEST_NAME: Final = 64


class PayoutState(StrEnum):
    """SENT is accepted, WAITING_CONFIRM lies on the payee's phone, RETURNED was not confirmed there within a day.

    FAILED was refused or ended by the gateway, in its own words; that it is silent never makes a payout fail.
    """

    ASKED = "asked"
    SENT = "sent"
    WAITING_CONFIRM = "waiting_confirm"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"
    RETURNED = "returned"


class Payee(StrEnum):
    """Who is paid: those who work for us by the gateway's scene of commissions, members by that of compensation."""

    LEADER = "leader"
    DRIVER = "driver"
    MEMBER = "member"


@dataclass(frozen=True)
class NewPayout:
    """Money for one person for one thing; `openid` is who they are to WeChat, `name` is needed from 2000 yuan."""

    purpose: str
    subject_id: int
    payee_kind: Payee
    payee_id: int
    openid: str
    amount: Money
    remark: str
    name: str = ""


@dataclass(frozen=True)
class PayoutView:
    """A payout as other rooms see it; `reason` says why it failed or still waits."""

    id: int
    purpose: str
    subject_id: int
    payee_kind: Payee
    payee_id: int
    number: str
    state: PayoutState
    amount: Money
    gateway_no: str
    asked_at: datetime
    ended_at: datetime | None
    is_being_cancelled: bool
    reason: str


@dataclass(frozen=True)
class Confirmation:
    """What the payee's phone hands to `wx.requestMerchantTransfer`."""

    payout_id: int
    amount: Money
    fields: Mapping[str, str]


class ShippingState(StrEnum):
    """Whether the platform that freezes a payment's money knows that its goods wait for their owner."""

    ASKED = "asked"
    TOLD = "told"
    FAILED = "failed"


@dataclass(frozen=True)
class Arrived:
    """Goods of a paid charge wait where they will be picked up; 120 characters of `description` are told."""

    charge_id: int
    description: str


@dataclass(frozen=True)
class Symptom:
    """One thing looked at in a gateway's set-up; words and remedy are Chinese and English."""

    subject: str
    is_fine: bool
    words: tuple[str, str]
    remedy: tuple[str, str] = ("", "")
