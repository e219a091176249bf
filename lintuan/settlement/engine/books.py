"""What each fact does to the accounts: the table, and nothing else decides it; docs/algorithms/ledger.md."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from lintuan.kernel.money import ZERO, Money, total

from . import accounts as a


class Kind(StrEnum):
    """What a journal records."""

    CHARGE_PAID = "charge_paid"
    CHARGE_PAID_LATE = "charge_paid_late"
    ORDER_PAID = "order_paid"
    LINES_CUT = "lines_cut"
    REFUND_ASKED = "refund_asked"
    REFUND_DONE = "refund_done"
    ORDER_COLLECTED = "order_collected"
    ORDER_UNCLAIMED = "order_unclaimed"
    LINE_REFUNDED = "line_refunded"
    UNCLAIMED_REFUNDED = "unclaimed_refunded"
    ORDER_SAVED = "order_saved"
    GOODS_RECEIVED = "goods_received"
    GOODS_BOOKED = "goods_booked"
    COMMISSION_BOOKED = "commission_booked"
    REVERSAL = "reversal"


@dataclass(frozen=True, slots=True)
class Rule:
    """Which account a fact's amount is debited to and which it is credited to."""

    debit: str
    credit: str


TABLE: Mapping[Kind, Rule] = MappingProxyType(
    {
        Kind.CHARGE_PAID: Rule(a.GATEWAY, a.UNMATCHED),
        Kind.CHARGE_PAID_LATE: Rule(a.GATEWAY, a.REFUNDS_OWED),
        Kind.ORDER_PAID: Rule(a.UNMATCHED, a.PREPAID),
        Kind.LINES_CUT: Rule(a.PREPAID, a.REFUNDS_OWED),
        Kind.REFUND_ASKED: Rule(a.REFUNDS_OWED, a.REFUNDS_SENT),
        Kind.REFUND_DONE: Rule(a.REFUNDS_SENT, a.GATEWAY),
        Kind.ORDER_COLLECTED: Rule(a.PREPAID, a.SALES),
        Kind.ORDER_UNCLAIMED: Rule(a.PREPAID, a.FORFEITED),
        Kind.LINE_REFUNDED: Rule(a.RETURNS, a.REFUNDS_OWED),
        Kind.UNCLAIMED_REFUNDED: Rule(a.FORFEITED, a.REFUNDS_OWED),
        Kind.ORDER_SAVED: Rule(a.SUBSIDIES, a.REFUNDS_OWED),
    }
)


#: Accounts of a member's own money; what plays pay of an order goes by the subsidies in their stead.
MEMBERS = frozenset({a.UNMATCHED, a.REFUNDS_OWED})


@dataclass(frozen=True, slots=True)
class Payers:
    """Who funds what plays pay, by weights, and which leader and supplier that is."""

    platform: int = 1
    leader: int = 0
    supplier: int = 0
    leader_id: int = 0
    supplier_id: int = 0


PLATFORM = Payers()


@dataclass(frozen=True, slots=True)
class Entry:
    """An amount on one account, positive on the debit side."""

    account: str
    amount: Money


Entries = tuple[Entry, ...]


def post(kind: Kind, amount: Money, saved: Money = ZERO, payers: Payers = PLATFORM) -> Entries:
    """The postings of a fact that the table decides alone; plays pay `saved` of the amount."""
    rule = TABLE[kind]
    if rule.debit == a.SUBSIDIES:
        return subsidise(rule.credit, amount, payers)
    if rule.debit in MEMBERS:
        return _pair(rule.debit, rule.credit, amount - saved) + subsidise(rule.credit, saved, payers)
    if rule.credit in MEMBERS:
        return _pair(rule.debit, rule.credit, amount - saved) + subsidise(rule.debit, -saved, payers)
    return _pair(rule.debit, rule.credit, amount)


def subsidise(account: str, amount: Money, payers: Payers = PLATFORM) -> Entries:
    """Plays pay into an account, or with a negative amount no longer; who funds them bears it."""
    return _pair(a.SUBSIDIES, account, amount) + charge_payers(amount, payers)


def charge_payers(amount: Money, payers: Payers) -> Entries:
    """Leaders and suppliers are owed less for what they fund of a subsidy; the platform bears the rest."""
    _, leader, supplier = amount.split([payers.platform, payers.leader, payers.supplier])
    return (
        *_pair(a.sub(a.LEADERS_PAYABLE, payers.leader_id), a.LEADERS_SUBSIDIES, leader),
        *_pair(a.sub(a.SUPPLIERS, payers.supplier_id), a.SUPPLIERS_SUBSIDIES, supplier),
    )


def receive_goods(supplier_id: int, cost: Money) -> Entries:
    """Goods came: they are ours and the supplier is owed their cost."""
    return _pair(a.GOODS, a.sub(a.SUPPLIERS, supplier_id), cost)


def deduct(supplier_id: int, amount: Money) -> Entries:
    """A supplier bears a claim: it is owed less."""
    return _pair(a.sub(a.SUPPLIERS, supplier_id), a.RECOVERED, amount)


def change_commission(leader_id: int, before: Money, after: Money, *, account: str) -> Entries:
    """What a leader is to get goes from one amount to another, on the pending or on the payable account."""
    return _pair(a.COMMISSION, a.sub(account, leader_id), after - before)


def book_commission(leader_id: int, amount: Money) -> Entries:
    """Pending commission becomes payable."""
    return _pair(a.sub(a.LEADERS_PENDING, leader_id), a.sub(a.LEADERS_PAYABLE, leader_id), amount)


@dataclass(frozen=True, slots=True)
class SkuOutcome:
    """Where the units received of a SKU went, and what they cost together."""

    received: int
    cost: Money
    collected: int
    unclaimed: int


def book_goods(outcomes: Iterable[SkuOutcome]) -> Entries:
    """Move a finished day's goods to cost, by where their units went; the fen that do not divide stay in the sum."""
    moved: Counter[str] = Counter()
    for outcome in outcomes:
        rest = max(0, outcome.received - outcome.collected - outcome.unclaimed)
        parts = outcome.cost.split([outcome.collected, outcome.unclaimed, rest])
        for account, part in zip((a.COST_OF_GOODS, a.UNCLAIMED_GOODS, a.WASTE), parts, strict=True):
            moved[account] += part.fen
    debits = [Entry(account, Money(fen)) for account, fen in moved.items()]
    return merged([*debits, Entry(a.GOODS, -total(entry.amount for entry in debits))])


def reverse(entries: Iterable[Entry]) -> Entries:
    """The same postings with their sides changed."""
    return tuple(Entry(entry.account, -entry.amount) for entry in entries)


def merged(entries: Iterable[Entry]) -> Entries:
    """One entry per account, none of nothing."""
    sums: Counter[str] = Counter()
    for entry in entries:
        sums[entry.account] += entry.amount.fen
    return tuple(Entry(account, Money(fen)) for account, fen in sums.items() if fen)


def sides(entries: Iterable[Entry]) -> tuple[Money, Money]:
    """What is debited and what is credited, both as positive amounts."""
    known = tuple(entries)
    debit = total(entry.amount for entry in known if entry.amount > ZERO)
    return debit, -total(entry.amount for entry in known if entry.amount < ZERO)


def _pair(debit: str, credit: str, amount: Money) -> Entries:
    return (Entry(debit, amount), Entry(credit, -amount)) if amount else ()
