"""What settlement gives to others."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from lintuan.kernel.money import Money

from .cases import BillDayCompared as BillDayCompared
from .cases import CaseFileView as CaseFileView
from .cases import CaseStepView as CaseStepView
from .cases import CaseView as CaseView
from .cases import Correction as Correction
from .cases import FileState as FileState
from .cases import Remedy as Remedy
from .cases import StepKind as StepKind
from .exports import MAY_SEE_NAMES as MAY_SEE_NAMES
from .exports import Exported as Exported
from .exports import Form as Form
from .exports import Table as Table
from .exports import Wish as Wish
from .invoices import LARGEST_PAPER as LARGEST_PAPER
from .invoices import GoodsTax as GoodsTax
from .invoices import InvoiceFile as InvoiceFile
from .invoices import InvoiceKind as InvoiceKind
from .invoices import InvoiceLine as InvoiceLine
from .invoices import InvoiceState as InvoiceState
from .invoices import InvoiceTitle as InvoiceTitle
from .invoices import InvoiceView as InvoiceView
from .invoices import Paper as Paper
from .invoices import TitleKind as TitleKind
from .partners import ContractView as ContractView
from .partners import NewContract as NewContract
from .partners import Settled as Settled
from .partners import Simulated as Simulated
from .rates import MAY_EDIT as MAY_EDIT
from .rates import Graded as Graded
from .rates import LeaderRate as LeaderRate
from .rates import LevelStep as LevelStep
from .rates import NewRate as NewRate
from .rates import Preview as Preview
from .rates import RateView as RateView
from .rates import ShortView as ShortView

#: The right to take back a journal; nobody on the staff holds it yet, only the system does.
MAY_CORRECT = "settlement.correct"
#: The right to issue and refuse invoices.
MAY_INVOICE = "settlement.invoice"


class CommissionState(StrEnum):
    """PENDING may still change, BOOKED is owed to the leader, REVERSED is nothing."""

    PENDING = "pending"
    BOOKED = "booked"
    REVERSED = "reversed"


class LineKind(StrEnum):
    """What a supplier's statement line is for."""

    GOODS = "goods"
    DEDUCTION = "deduction"
    SUBSIDY = "subsidy"


class LeaderLineKind(StrEnum):
    """What a leader's statement line is for; CHANGE is commission that a claim changed when it was booked already."""

    COMMISSION = "commission"
    CHANGE = "change"
    RAISED = "raised"
    SUBSIDY = "subsidy"


class Unit(StrEnum):
    """What the two sides of an invariant count."""

    FEN = "fen"
    UNITS = "units"
    ORDERS = "orders"
    EVENTS = "events"
    JOURNALS = "journals"


class Topic(StrEnum):
    """The part of a day that an invariant is about."""

    STOCK = "stock"
    MONEY = "money"
    GOODS = "goods"
    ORDERS = "orders"
    EVENTS = "events"


@dataclass(frozen=True, slots=True)
class AccountBalance:
    """A main account with its sub-accounts added up; the balance is positive on the debit side."""

    code: str
    zh: str
    en: str
    debit: Money
    credit: Money

    @property
    def balance(self) -> Money:
        return self.debit - self.credit


@dataclass(frozen=True, slots=True)
class TrialBalance:
    """All accounts of a province; a sound ledger has as much debit as credit and no unsound journal."""

    accounts: tuple[AccountBalance, ...]
    debit: Money
    credit: Money
    journals: int
    unsound_journals: int


@dataclass(frozen=True, slots=True)
class EntryView:
    """One posting with its journal; the amount is positive on the debit side."""

    journal_id: int
    kind: str
    at: datetime
    sale_on: date | None
    order_id: int | None
    memo: str
    account: str
    zh: str
    en: str
    amount: Money


@dataclass(frozen=True, slots=True)
class CommissionDay:
    """What a leader earned by one sale day; `orders` counts those that earn anything."""

    sale_on: date
    orders: int
    base: Money
    pending: Money
    booked: Money


@dataclass(frozen=True, slots=True)
class CommissionView:
    """A leader's commission: newest days first, and the totals over all days."""

    pending: Money
    booked: Money
    days: tuple[CommissionDay, ...]


@dataclass(frozen=True, slots=True)
class StatementLineView:
    """One line of a statement: what, how many at which price, and in words why."""

    kind: LineKind
    sale_on: date
    sku_id: int
    quantity: int
    price: Money
    amount: Money
    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class StatementView:
    """What one supplier gets for one sale day; deductions, and what it funds of plays, lower the total."""

    id: int
    province_id: int
    supplier_id: int
    sale_on: date
    goods: Money
    deductions: Money
    subsidies: Money
    made_at: datetime
    lines: tuple[StatementLineView, ...]

    @property
    def total(self) -> Money:
        return self.goods - self.deductions - self.subsidies


@dataclass(frozen=True, slots=True)
class LeaderAccount:
    """What a leader earned, funds of plays, still owes from before and leaves owing.

    `earned` and `funded` are negative where more was taken back than given.
    """

    earned: Money
    funded: Money
    carried_in: Money
    carried_on: Money

    @property
    def total(self) -> Money:
        return self.earned - self.funded - self.carried_in + self.carried_on


@dataclass(frozen=True, slots=True)
class LeaderLineView:
    """One line of a leader's statement, in the leader's favour where positive, and in words why."""

    kind: LeaderLineKind
    sale_on: date
    amount: Money
    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class LeaderStatementView:
    """What one leader gets with one sale day."""

    id: int
    province_id: int
    leader_id: int
    sale_on: date
    account: LeaderAccount
    made_at: datetime
    lines: tuple[LeaderLineView, ...]


@dataclass(frozen=True, slots=True)
class Reconciled:
    """What a reconciliation looked at and how many differences it found."""

    orders: int
    cases: int


@dataclass(frozen=True, slots=True)
class Booked:
    """Orders whose commission became payable, and those held back because ordering tells another net."""

    orders: int
    amount: Money
    held_back: int


@dataclass(frozen=True, slots=True)
class Charged:
    """Orders of which leaders and suppliers were charged something, how much, and orders held back as above."""

    orders: int
    leaders: Money
    suppliers: Money
    held_back: int


@dataclass(frozen=True, slots=True)
class Invariant:
    """Two ways to the same figure; `offending` names up to five things that differ."""

    name: str
    topic: Topic
    zh: str
    en: str
    unit: Unit
    left: int
    right: int
    holds: bool
    offending: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class DayProof:
    """Everything that must be true of a sale day; one that is over must also have nothing left waiting."""

    province_id: int
    sale_on: date
    is_over: bool
    proved_at: datetime
    invariants: tuple[Invariant, ...]

    @property
    def holds(self) -> bool:
        return all(invariant.holds for invariant in self.invariants)
