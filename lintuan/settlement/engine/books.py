"""What each fact does to the accounts: the table, and nothing else decides it; docs/algorithms/ledger.md."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from msgspec import Struct

from lintuan.kernel.money import ZERO, Money, total

from . import accounts as a
from .funding import Shares


class Kind(StrEnum):
    """What a journal records."""

    CHARGE_PAID = "charge_paid"
    CHARGE_PAID_LATE = "charge_paid_late"
    ORDER_PAID = "order_paid"
    LINES_CUT = "lines_cut"
    REFUND_ASKED = "refund_asked"
    REFUND_DONE = "refund_done"
    REFUND_CREDITED = "refund_credited"
    ORDER_COLLECTED = "order_collected"
    ORDER_UNCLAIMED = "order_unclaimed"
    LINE_REFUNDED = "line_refunded"
    UNCLAIMED_REFUNDED = "unclaimed_refunded"
    ORDER_SAVED = "order_saved"
    GOODS_RECEIVED = "goods_received"
    GOODS_BOOKED = "goods_booked"
    COMMISSION_BOOKED = "commission_booked"
    COMMISSION_RAISED = "commission_raised"
    SUBSIDY_FUNDED = "subsidy_funded"
    GATEWAY_FEE = "gateway_fee"
    GATEWAY_WITHDRAWN = "gateway_withdrawn"
    CORRECTION = "correction"
    PAYOUT_SENT = "payout_sent"
    PAYOUT_DONE = "payout_done"
    PAYOUT_BACK = "payout_back"
    SUPPLIER_PAID = "supplier_paid"
    PARTNER_SHARED = "partner_shared"
    PARTNER_PAID = "partner_paid"
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


class Entry(Struct, frozen=True):
    """An amount on one account, positive on the debit side."""

    account: str
    amount: Money


Entries = tuple[Entry, ...]


class Pair(Struct, frozen=True):
    """An amount, more than zero, from the account that is credited to the one that is debited."""

    debit: str
    credit: str
    amount: Money


class Unbalanced(ValueError):
    """Entries whose debits are not their credits."""


def post(kind: Kind, amount: Money, saved: Money = ZERO, *, gateway: str = a.GATEWAY) -> Entries:
    """The postings of a fact that the table decides alone; plays pay `saved` of the amount.

    Where the table says WeChat Pay's account, it is that of the gateway which holds the money.
    """
    rule = _at(gateway, TABLE[kind])
    if rule.debit in MEMBERS:
        return _pair(rule.debit, rule.credit, amount - saved) + _pair(a.SUBSIDIES, rule.credit, saved)
    if rule.credit in MEMBERS and rule.debit != a.SUBSIDIES:
        return _pair(rule.debit, rule.credit, amount - saved) + _pair(a.SUBSIDIES, rule.debit, -saved)
    return _pair(rule.debit, rule.credit, amount)


def _at(gateway: str, rule: Rule) -> Rule:
    debit, credit = (gateway if code == a.GATEWAY else code for code in (rule.debit, rule.credit))
    return Rule(debit, credit)


def fund(changes: Shares) -> Entries:
    """Leaders and suppliers bear more of the subsidies than before, or with negative amounts less."""
    return tuple(
        entry
        for share, amount in changes.items()
        for entry in (
            _pair(a.sub(a.LEADERS_PAYABLE, share.leader_id), a.LEADERS_SUBSIDIES, amount)
            if share.leader_id
            else _pair(a.sub(a.SUPPLIERS, share.supplier_id), a.SUPPLIERS_SUBSIDIES, amount)
        )
    )


def raise_commission(leader_id: int, amount: Money) -> Entries:
    """A play lets a leader earn more; it is pending like all commission."""
    return _pair(a.RAISED, a.sub(a.LEADERS_PENDING, leader_id), amount)


def keep_fees(gateway: str, amount: Money) -> Entries:
    """A gateway keeps its fees of what it holds for us; a negative amount is given back."""
    return _pair(a.GATEWAY_FEES, gateway, amount)


def correct(debit: str, credit: str, amount: Money) -> Entries:
    """What a person posts where no fact of ours tells of it."""
    return _pair(debit, credit, amount)


def withdraw(gateway: str, amount: Money) -> Entries:
    """A gateway pays out to our bank."""
    return _pair(a.BANK, gateway, amount)


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


def send_payout(leader_id: int, amount: Money, tax: Money) -> Entries:
    """A leader's commission is on its way, but for the tax that is kept; reversed where it comes back."""
    account = a.sub(a.LEADERS_PAYABLE, leader_id)
    return _pair(account, a.PAYOUTS_SENT, amount - tax) + _pair(account, a.TAX_WITHHELD, tax)


def credit_member(member_id: int, amount: Money) -> Entries:
    """A refund that the gateway refused is the member's balance instead."""
    return _pair(a.REFUNDS_SENT, a.sub(a.MEMBERS_BALANCES, member_id), amount)


def send_balance(member_id: int, amount: Money) -> Entries:
    """A member's balance is on its way; reversed where it comes back."""
    return _pair(a.sub(a.MEMBERS_BALANCES, member_id), a.PAYOUTS_SENT, amount)


def end_payout(amount: Money) -> Entries:
    """The payee has the money, and the gateway no longer."""
    return _pair(a.PAYOUTS_SENT, a.GATEWAY, amount)


def pay_supplier(supplier_id: int, amount: Money) -> Entries:
    """The bank paid a supplier."""
    return _pair(a.sub(a.SUPPLIERS, supplier_id), a.BANK, amount)


def share_with_partner(partner_id: int, amount: Money) -> Entries:
    """A traffic partner is owed more of the margin than before, or with a negative amount less."""
    return _pair(a.PARTNERS_COST, a.sub(a.PARTNERS, partner_id), amount)


def pay_partner(partner_id: int, amount: Money) -> Entries:
    """The bank paid a traffic partner."""
    return _pair(a.sub(a.PARTNERS, partner_id), a.BANK, amount)


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
    return tuple(Entry(account, Money(fen)) for account, fen in _sums(entries).items() if fen)


def pairs(entries: Sequence[Entry]) -> tuple[Pair, ...]:
    """The entries as amounts that go from one account to another: first to first, what is left of it to the next.

    Every account comes to the same sum as in the entries, and of n accounts there are at most n - 1 pairs.
    """
    if len(entries) == 2 and (plain := _plain(*entries)):
        return (plain,)
    sums = _sums(entries)
    if sum(sums.values()):
        raise Unbalanced(sums)
    credits_ = iter([(account, -fen) for account, fen in sums.items() if fen < 0])
    found: list[Pair] = []
    credit, open_ = "", 0
    for debit, fen in sums.items():
        due = fen
        while due > 0:
            if not open_:
                credit, open_ = next(credits_)
            part = min(due, open_)
            found.append(Pair(debit, credit, Money(part)))
            due, open_ = due - part, open_ - part
    return tuple(found)


def _plain(debit: Entry, credit: Entry) -> Pair | None:
    """What nearly every journal is, without the general way's cost."""
    fen = debit.amount.fen
    if fen > 0 and credit.amount.fen == -fen and debit.account != credit.account:
        return Pair(debit.account, credit.account, debit.amount)
    return None


def _sums(entries: Iterable[Entry]) -> dict[str, int]:
    sums: dict[str, int] = {}
    for entry in entries:
        sums[entry.account] = sums.get(entry.account, 0) + entry.amount.fen
    return sums


def sides(entries: Iterable[Entry]) -> tuple[Money, Money]:
    """What is debited and what is credited, both as positive amounts."""
    known = tuple(entries)
    debit = total(entry.amount for entry in known if entry.amount > ZERO)
    return debit, -total(entry.amount for entry in known if entry.amount < ZERO)


def _pair(debit: str, credit: str, amount: Money) -> Entries:
    return (Entry(debit, amount), Entry(credit, -amount)) if amount else ()
