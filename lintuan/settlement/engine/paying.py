"""What there is to know of withdrawals and pay-out runs; docs/algorithms/withdrawals.md."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Final

from lintuan.kernel.money import Money
from lintuan.payments.types import PayoutState, PayoutView

from . import books
from .books import Entries, Kind

#: Prepare a run; pay who approves one, which is somebody else.
MAY_PREPARE: Final = "settlement.prepare"
MAY_PAY: Final = "settlement.pay"
#: What a payout is for, to payments.
WITHDRAWAL: Final = "withdrawal"
#: The same of a member's balance.
BALANCE: Final = "balance"


class WithdrawalState(StrEnum):
    """ASKED waits for a run, PAYING is with the gateway, FAILED waits for a person; the others are over."""

    ASKED = "asked"
    PAYING = "paying"
    FAILED = "failed"
    DONE = "done"
    CANCELLED = "cancelled"
    RETURNED = "returned"


#: A leader has one such withdrawal at most: a failed one may still be paid.
OPEN = frozenset({WithdrawalState.ASKED, WithdrawalState.PAYING, WithdrawalState.FAILED})


class Position(StrEnum):
    """What the books show of a withdrawal: nothing, money on its way, or money gone."""

    NONE = "none"
    OUT = "out"
    PAID = "paid"


class RunKind(StrEnum):
    """Leaders are paid by the gateway, suppliers and traffic partners by the bank."""

    LEADERS = "leaders"
    SUPPLIERS = "suppliers"
    PARTNERS = "partners"

    @property
    def is_by_bank(self) -> bool:
        return self is not RunKind.LEADERS


class Banked(StrEnum):
    """Of whom we know bank accounts."""

    SUPPLIER = "supplier"
    PARTNER = "partner"


class RunState(StrEnum):
    """PREPARED waits for a second person, APPROVED is carried out; the others are over."""

    PREPARED = "prepared"
    APPROVED = "approved"
    DONE = "done"
    DROPPED = "dropped"


class LineState(StrEnum):
    """WAITING is not paid yet, SENT is with the gateway, PAID was paid by the bank, SKIPPED is left out, with why."""

    WAITING = "waiting"
    SENT = "sent"
    PAID = "paid"
    SKIPPED = "skipped"


class Skip(StrEnum):
    """Why somebody gets nothing in a run."""

    FROZEN = "frozen"
    UNCOVERED = "uncovered"
    WITHDRAWN = "withdrawn"
    NO_BANK = "no_bank"
    NOTHING = "nothing"
    BANK_REFUSED = "bank_refused"
    STALE = "stale"
    DROPPED = "dropped"


@dataclass(frozen=True, slots=True)
class WithdrawalView:
    """A withdrawal; `tax` is known once a run pays it, and `net` is what the leader gets."""

    id: int
    province_id: int
    leader_id: int
    amount: Money
    tax: Money
    state: WithdrawalState
    asked_at: datetime
    ended_at: datetime | None
    reason: str
    payout: PayoutView | None

    @property
    def net(self) -> Money:
        return self.amount - self.tax

    @property
    def to_confirm(self) -> bool:
        """Whether it lies on the leader's phone."""
        return lies_on_phone(self.payout)


@dataclass(frozen=True, slots=True)
class BalanceLine:
    """A posting on a member's balance, in the member's favour where positive; `kind` is its journal's."""

    at: datetime
    kind: str
    order_id: int | None
    amount: Money


@dataclass(frozen=True, slots=True)
class BalanceWithdrawalView:
    """A member's withdrawal of all of a balance; a failed one is given up when the member asks again."""

    id: int
    province_id: int
    amount: Money
    state: WithdrawalState
    asked_at: datetime
    ended_at: datetime | None
    payout: PayoutView | None

    @property
    def to_confirm(self) -> bool:
        """Whether it lies on the member's phone."""
        return lies_on_phone(self.payout)


@dataclass(frozen=True, slots=True)
class BalanceView:
    """A member's balance; what is on its way is no longer in it."""

    amount: Money
    least: Money
    name_from: Money
    lines: tuple[BalanceLine, ...]
    newest: BalanceWithdrawalView | None

    @property
    def is_open(self) -> bool:
        """Whether a withdrawal is on its way, so that no other can be asked for."""
        return self.newest is not None and self.newest.state is WithdrawalState.PAYING


@dataclass(frozen=True, slots=True)
class Purse:
    """What a leader may withdraw now; `blocked` says why nothing, or is empty."""

    free: Money
    unstated: Money
    contested: Money
    least: Money
    name_from: Money
    tax: Money
    blocked: str
    withdrawals: tuple[WithdrawalView, ...]


@dataclass(frozen=True, slots=True)
class LineView:
    """Who gets what in a run; a line that the bank pays says to which account."""

    id: int
    payee_id: int
    withdrawal_id: int | None
    amount: Money
    tax: Money
    state: LineState
    reason: str
    holder: str
    account: str
    bank: str
    reference: str
    statements: int

    @property
    def net(self) -> Money:
        return self.amount - self.tax


@dataclass(frozen=True, slots=True)
class RunView:
    """A run; `held` is what the books said when it was prepared that the gateway or the bank holds for us."""

    id: int
    province_id: int
    kind: RunKind
    state: RunState
    prepared_by: int
    prepared_at: datetime
    approved_by: int | None
    approved_at: datetime | None
    month: date
    held: Money
    lines: tuple[LineView, ...]

    def total(self, *states: LineState) -> Money:
        """What leaves by the lines in these states, the tax kept."""
        return Money(sum(line.net.fen for line in self.lines if line.state in states))


@dataclass(frozen=True, slots=True)
class Wish:
    """One who might be paid, and what the rules must know."""

    payee_id: int
    amount: Money
    covered: Money
    is_frozen: bool = False
    has_account: bool = True


def lies_on_phone(payout: PayoutView | None) -> bool:
    """Whether a payout waits for its payee to confirm it."""
    return payout is not None and payout.state is PayoutState.WAITING_CONFIRM and not payout.is_being_cancelled


def journals(shown: Position, to: Position, sent: Entries, done: Entries) -> list[tuple[Kind, Entries]]:
    """What is written so that the books show a withdrawal as it stands: `sent` when it leaves, `done` when it came."""
    steps = {
        (Position.NONE, Position.OUT): [(Kind.PAYOUT_SENT, sent)],
        (Position.NONE, Position.PAID): [(Kind.PAYOUT_SENT, sent), (Kind.PAYOUT_DONE, done)],
        (Position.OUT, Position.PAID): [(Kind.PAYOUT_DONE, done)],
        (Position.OUT, Position.NONE): [(Kind.PAYOUT_BACK, books.reverse(sent))],
    }
    return steps.get((shown, to), [])


def verdict(wish: Wish) -> Skip | None:
    """Why nothing is paid; None where it is."""
    if wish.is_frozen:
        return Skip.FROZEN
    if wish.amount.fen <= 0:
        return Skip.NOTHING
    if wish.amount > wish.covered:
        return Skip.UNCOVERED
    return None if wish.has_account else Skip.NO_BANK


def position(states: Sequence[PayoutState]) -> tuple[Position, WithdrawalState]:
    """What the books shall show of a withdrawal and how it stands, by its payouts, the oldest first.

    It looks at how they stand, not at what was told, so news may come twice and in any order.
    """
    if PayoutState.DONE in states:
        return Position.PAID, WithdrawalState.DONE
    last = states[-1] if states else PayoutState.CANCELLED
    return {
        PayoutState.FAILED: (Position.NONE, WithdrawalState.FAILED),
        PayoutState.CANCELLED: (Position.NONE, WithdrawalState.CANCELLED),
        PayoutState.RETURNED: (Position.NONE, WithdrawalState.RETURNED),
    }.get(last, (Position.OUT, WithdrawalState.PAYING))
