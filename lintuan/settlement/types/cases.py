"""Differences between orders, channels and books, and what people do about them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from lintuan.kernel.money import ZERO, Money


class FileState(StrEnum):
    """How far people are with a difference: EXPLAINED needs nothing, CORRECTED was put right, CLOSED is over."""

    OPEN = "open"
    IN_HAND = "in_hand"
    EXPLAINED = "explained"
    CORRECTED = "corrected"
    CLOSED = "closed"


class StepKind(StrEnum):
    """What was done about a difference: CHANGED figures and VANISHED differences are the system's own steps."""

    FOUND = "found"
    CHANGED = "changed"
    TAKEN = "taken"
    ASKED = "asked"
    EXPLAINED = "explained"
    CORRECTED = "corrected"
    CLOSED = "closed"
    VANISHED = "vanished"


class Remedy(StrEnum):
    """What a person is proposed to do: ASK the channel from the case, PAY_BACK at the channel, CORRECT the books,
    CALL the channel, or only LOOK.
    """

    ASK = "ask"
    PAY_BACK = "pay_back"
    CORRECT = "correct"
    CALL = "call"
    LOOK = "look"


@dataclass(frozen=True, slots=True)
class CaseView:
    """A difference that a reconciliation found, with what most likely caused it."""

    kind: str
    subject: str
    order_id: int | None
    left: Money
    right: Money
    zh: str
    en: str
    sale_on: date
    found_at: datetime


@dataclass(frozen=True, slots=True)
class Correction:
    """A journal to take back, or else an amount to post from one account to another."""

    journal_id: int = 0
    debit: str = ""
    credit: str = ""
    amount: Money = ZERO


@dataclass(frozen=True, slots=True)
class CaseStepView:
    """A step of a case; `who` is empty where the system did it."""

    kind: StepKind
    who: str
    at: datetime
    why: str
    journal_id: int | None


@dataclass(frozen=True, slots=True)
class CaseFileView:
    """A difference and how far people are with it; `left` is ours or the books', `right` the other side's."""

    id: int
    scope: str
    on_day: date
    kind: str
    subject: str
    number: str
    order_id: int | None
    left: Money
    right: Money
    state: FileState
    staff_id: int | None
    who: str
    found_at: datetime
    closed_at: datetime | None
    zh: str
    en: str
    remedy: Remedy
    steps: tuple[CaseStepView, ...] = ()


@dataclass(frozen=True, slots=True)
class BillDayCompared:
    """A channel's day as its newest comparison told it: our orders' payments, the bill, the books."""

    provider: str
    on_day: date
    at: datetime
    payments: int
    paid: Money
    refunds: int
    back: Money
    our_payments: int
    our_paid: Money
    our_refunds: int
    our_back: Money
    booked: Money
    fees: Money
    withdrawn: Money
    cases: int

    @property
    def billed(self) -> Money:
        return self.paid - self.back

    @property
    def ours(self) -> Money:
        return self.our_paid - self.our_back
