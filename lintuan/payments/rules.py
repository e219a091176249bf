"""How charges and refunds move, and how much may go back; docs/algorithms/payments.md works the cases out."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from lintuan.kernel.errors import Invalid
from lintuan.kernel.money import ZERO, Money, total

from .errors import AlreadyPaid, NothingPaid, NotPayable, RefundTooLarge, TooManyRefunds, UnknownNumber
from .types import (
    LEAST_PAYOUT,
    LONGEST_NAME,
    LONGEST_OPENID,
    NAME_FROM,
    AttemptState,
    ChargeState,
    NewPayout,
    NewRefund,
    Payee,
    PayoutState,
    RefundState,
)

A, C, R, P = AttemptState, ChargeState, RefundState, PayoutState

REFUND_MOVES: Mapping[RefundState, frozenset[RefundState]] = {
    R.ASKED: frozenset({R.SENT, R.DONE, R.FAILED}),
    R.SENT: frozenset({R.DONE, R.FAILED}),
    R.FAILED: frozenset({R.ASKED, R.DONE, R.CREDITED}),
    R.DONE: frozenset(),
    R.CREDITED: frozenset(),
}

#: FAILED becomes ASKED where the gateway never took it; what it took and then ended is paid out by another payout.
PAYOUT_MOVES: Mapping[PayoutState, frozenset[PayoutState]] = {
    P.ASKED: frozenset({P.SENT, P.WAITING_CONFIRM, P.DONE, P.FAILED, P.CANCELLED, P.RETURNED}),
    P.SENT: frozenset({P.WAITING_CONFIRM, P.DONE, P.FAILED, P.CANCELLED, P.RETURNED}),
    P.WAITING_CONFIRM: frozenset({P.DONE, P.FAILED, P.CANCELLED, P.RETURNED}),
    P.FAILED: frozenset({P.ASKED, P.DONE, P.CANCELLED}),
    P.DONE: frozenset(),
    P.CANCELLED: frozenset(),
    P.RETURNED: frozenset(),
}
PAYOUTS_UNDER_WAY = frozenset({P.ASKED, P.SENT, P.WAITING_CONFIRM})

#: What the gateway's scene of commissions reports of each payee: their work, and what the money is for.
REPORTED: Mapping[Payee, tuple[str, str]] = {Payee.LEADER: ("团长", "销售佣金"), Payee.DRIVER: ("司机", "配送报酬")}
#: What its scene of compensation reports of money that a member gets in the place of a refund.
REASON = "订单退款"
LONGEST_REMARK = 32

#: WeChat Pay, the stricter one, pays a transaction back in at most so many parts.
MOST_REFUNDS = 50
#: The rest is kept for what a night cuts from many orders at once, which must not fail as one member edited too often.
MOST_SINGLE_REFUNDS = 35
MOST_TRIES = 12

#: The gateway refuses now, yet may agree later: our account there is empty, or we asked too often.
PASSING_TROUBLES = frozenset({"NOT_ENOUGH", "FREQUENCY_LIMITED", "FREQUENCY_LIMIT_EXCEED", "RATELIMIT_EXCEEDED"})

_NUMBER = re.compile(r"([1-9]\d)[0-9a-f]{26}")


@dataclass(frozen=True, slots=True)
class Paid:
    """What the rules must know of a charge from which money shall go back."""

    state: ChargeState
    amount: Money
    refunded: Money
    parts: int


def write_number(province_id: int, token: str) -> str:
    """The name of an attempt or refund at the gateway; it leads with the province, as a callback tells nothing else."""
    return f"{province_id:02d}{token}"


def attempt_token(now: datetime, random: bytes) -> str:
    """What follows the province in the number of an attempt: its moment, as numbers of one evening shall lie side by
    side in their index, and 7 random bytes that make it unguessable."""
    return f"{int(now.timestamp() * 1000):012x}{random.hex()}"


def province_of(number: str) -> int:
    """The province whose attempt or refund a number names; UnknownNumber for one that we cannot have written."""
    match = _NUMBER.fullmatch(number)
    if match is None:
        raise UnknownNumber(number=number[:40])
    return int(match[1])


def check_amount(amount: Money) -> None:
    if amount <= ZERO:
        raise Invalid(reason="amount: more than 0 fen")


def check_payable(state: ChargeState, *, expires_at: datetime, now: datetime) -> None:
    """A charge may be paid while it is open and its time has not come; the last moment is already too late."""
    if state is C.PAID:
        raise AlreadyPaid
    if state is not C.OPEN or now >= expires_at:
        raise NotPayable


def check_closable(state: ChargeState) -> None:
    if state is C.PAID:
        raise AlreadyPaid
    if state is not C.OPEN:
        raise NotPayable


def after_payment(charge: ChargeState, attempt: AttemptState) -> AttemptState | None:
    """Where the news of a payment moves an attempt, and with PAID its charge; None when that is known already."""
    if attempt in (A.PAID, A.LATE):
        return None
    return A.PAID if charge is C.OPEN else A.LATE


def after_refund(state: RefundState, told: RefundState) -> RefundState | None:
    """Where the gateway's word moves a refund; None when it is no news, in whatever order answer and notice come."""
    return told if told in REFUND_MOVES[state] and told is not R.ASKED else None


def check_refunds(charge: Paid, refunds: Iterable[NewRefund], *, most: int = MOST_REFUNDS) -> Money:
    """The sum that goes back; refused whole where it exceeds what was paid and has not gone back."""
    wanted = list(refunds)
    for refund in wanted:
        check_amount(refund.amount)
    if charge.state is not C.PAID:
        raise NothingPaid
    asked = total(refund.amount for refund in wanted)
    left = charge.amount - charge.refunded
    if asked > left:
        raise RefundTooLarge(left_fen=left.fen)
    if charge.parts + len(wanted) > most:
        raise TooManyRefunds(most=most)
    return asked


def check_payout(wish: NewPayout) -> None:
    """Refuse what the gateway would refuse: too little, no address, no or too long a remark, a name that is missing."""
    if wish.amount < LEAST_PAYOUT:
        raise Invalid(reason=f"amount: at least {LEAST_PAYOUT.fen} fen")
    if not 1 <= len(wish.openid) <= LONGEST_OPENID:
        raise Invalid(reason=f"openid: 1-{LONGEST_OPENID}")
    if not 1 <= len(wish.remark) <= LONGEST_REMARK:
        raise Invalid(reason=f"remark: 1-{LONGEST_REMARK}")
    if len(wish.name) > LONGEST_NAME or (wish.amount >= NAME_FROM and not wish.name):
        raise Invalid(reason="name: 1-64 from 2000 yuan")


def after_payout(state: PayoutState, told: PayoutState) -> PayoutState | None:
    """Where the gateway's word moves a payout; None when it is no news, in whatever order answer and notice come."""
    return told if told in PAYOUT_MOVES[state] and told not in (P.ASKED, state) else None


def silence(business: timedelta, *, real: timedelta, rate: float) -> timedelta:
    """How long to wait for a callback: the gateway lives in real time, however fast business time runs."""
    return max(business, real * rate)
