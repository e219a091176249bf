from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence

from lintuan.kernel.events import Event, Recorded, consumer
from lintuan.kernel.money import Money
from lintuan.members.events import MemberForgotten
from lintuan.ordering.events import LineRefunded, LinesCut, OrderCollected, OrderPaid, OrderSaved, OrderUnclaimed
from lintuan.payments.events import (
    ChargePaid,
    ChargePaidLate,
    PayoutAsked,
    PayoutCancelled,
    PayoutDone,
    PayoutFailed,
    PayoutReturned,
    RefundAsked,
    RefundCredited,
    RefundDone,
)
from lintuan.payments.types import ORDER
from lintuan.plays.events import CommissionRaised, RewardSpent
from lintuan.sourcing.events import GoodsReceived

from . import ledger, rules
from .commands.invoices import correct_invoices, forget_titles
from .commands.purses import follow_balances, give_up_failed
from .commands.withdrawals import follow
from .deductions import Deductions
from .earnings import Earnings, OrderEvent
from .engine import books
from .engine.accounts import OF_PROVIDER
from .engine.books import Entries, Kind
from .engine.paying import BALANCE, WITHDRAWAL
from .funding import Fundings
from .raises import Raises

BOOKS = "settlement.books"
#: What a batch costs beside its events is paid once for so many.
AT_ONCE = 4_000

PayoutEvent = PayoutAsked | PayoutDone | PayoutFailed | PayoutReturned | PayoutCancelled
MoneyEvent = ChargePaid | ChargePaidLate | RefundAsked | RefundDone | RefundCredited


@consumer(
    BOOKS,
    *(ChargePaid, ChargePaidLate, RefundAsked, RefundDone, RefundCredited),
    *(OrderPaid, OrderSaved, LinesCut, OrderCollected, OrderUnclaimed, LineRefunded),
    *(RewardSpent, CommissionRaised),
    GoodsReceived,
    batch=AT_ONCE,
)
def book(events: Sequence[Recorded]) -> None:
    """Post what happened, each event once; their order does not matter to what the books then show."""
    by_province: dict[int, list[Recorded]] = defaultdict(list)
    for recorded in events:
        by_province[recorded.event.province_id].append(recorded)
    for province_id, mine in by_province.items():
        _book_province(province_id, mine)


@consumer("settlement.withdrawals", PayoutAsked, PayoutDone, PayoutFailed, PayoutReturned, PayoutCancelled)
def follow_payouts(events: Sequence[Recorded]) -> None:
    """Let withdrawals follow their payouts; the news only says which have moved."""
    moved: dict[tuple[str, int], set[int]] = defaultdict(set)
    for recorded in events:
        event = recorded.event
        if isinstance(event, PayoutEvent) and event.purpose in _FOLLOW:
            moved[event.purpose, event.province_id].add(event.subject_id)
    for (purpose, province_id), withdrawal_ids in moved.items():
        _FOLLOW[purpose](province_id, sorted(withdrawal_ids))


@consumer("settlement.invoices", LinesCut, LineRefunded, OrderSaved)
def correct(events: Sequence[Recorded]) -> None:
    """An invoice that was issued before money went back is taken back by a red one."""
    orders: dict[int, set[int]] = defaultdict(set)
    for recorded in events:
        if isinstance(recorded.event, LinesCut | LineRefunded | OrderSaved):
            orders[recorded.event.province_id].add(recorded.event.order_id)
    for province_id, order_ids in orders.items():
        correct_invoices(province_id, order_ids)


@consumer("settlement.forgotten", MemberForgotten)
def forget(events: Sequence[Recorded]) -> None:
    """Invoices stay as long as the law says, where they were sent does not; what a member is owed stays theirs."""
    for recorded in events:
        if isinstance(recorded.event, MemberForgotten):
            forget_titles(recorded.event.province_id, recorded.event.member_id)
            give_up_failed(recorded.event.province_id, recorded.event.member_id)


def _book_province(province_id: int, events: Sequence[Recorded]) -> None:
    known = ledger.known_sources(province_id, (rules.from_event(recorded.id) for recorded in events))
    fresh = [recorded for recorded in events if rules.from_event(recorded.id) not in known]
    earnings = Earnings(province_id, _order_events(fresh))
    deductions = Deductions(province_id, _refunds(fresh))
    fundings, raises = Fundings(province_id), Raises(province_id)
    drafts = [_draft(recorded, earnings, deductions) for recorded in fresh if type(recorded.event) in KINDS]
    for recorded in fresh:
        fundings.hear(recorded)
    drafts += [raises.hear(one, one.event) for one in fresh if isinstance(one.event, CommissionRaised)]
    for part in (earnings, deductions, fundings, raises):
        part.save()
    ledger.write(province_id, drafts)


def _order_events(events: Iterable[Recorded]) -> list[OrderEvent]:
    return [recorded.event for recorded in events if isinstance(recorded.event, OrderEvent)]


def _refunds(events: Iterable[Recorded]) -> list[LineRefunded]:
    return [recorded.event for recorded in events if isinstance(recorded.event, LineRefunded)]


def _draft(recorded: Recorded, earnings: Earnings, deductions: Deductions) -> ledger.Draft:
    event = recorded.event
    kind = _kind(event)
    entries = _entries(kind, event)
    if isinstance(event, OrderEvent):
        entries += earnings.hear(event, recorded.at)
    if isinstance(event, LineRefunded):
        entries += deductions.hear(event)
    return ledger.Draft(
        source=rules.from_event(recorded.id),
        kind=kind,
        at=recorded.at,
        entries=entries,
        sale_on=getattr(event, "sale_on", None),
        order_id=_order_id(event),
        memo=getattr(event, "cause", ""),
    )


def _entries(kind: Kind, event: Event) -> Entries:
    if isinstance(event, RefundCredited):
        return books.credit_member(event.member_id, Money(event.amount_fen))
    if isinstance(event, GoodsReceived):
        return books.receive_goods(event.supplier_id, Money(event.cost_fen))
    if isinstance(event, ChargePaid | ChargePaidLate | RefundDone):
        return books.post(kind, Money(event.amount_fen), gateway=OF_PROVIDER[event.provider])
    if isinstance(event, OrderEvent | RefundAsked):
        return books.post(kind, Money(event.amount_fen), Money(getattr(event, "saved_fen", 0)))
    if isinstance(event, OrderSaved):
        return books.post(kind, Money(event.fen))
    raise TypeError(event.event_name)


def _kind(event: Event) -> Kind:
    if isinstance(event, LineRefunded) and event.cause == rules.UNCLAIMED:
        return Kind.UNCLAIMED_REFUNDED
    return KINDS[type(event)]


def _order_id(event: Event) -> int | None:
    if isinstance(event, OrderEvent | OrderSaved):
        return event.order_id
    if isinstance(event, MoneyEvent) and event.purpose == ORDER:
        return event.subject_id
    return None


_FOLLOW: Mapping[str, Callable[[int, Sequence[int]], None]] = {WITHDRAWAL: follow, BALANCE: follow_balances}
KINDS: dict[type[Event], Kind] = {
    ChargePaid: Kind.CHARGE_PAID,
    ChargePaidLate: Kind.CHARGE_PAID_LATE,
    RefundAsked: Kind.REFUND_ASKED,
    RefundDone: Kind.REFUND_DONE,
    RefundCredited: Kind.REFUND_CREDITED,
    OrderPaid: Kind.ORDER_PAID,
    OrderSaved: Kind.ORDER_SAVED,
    LinesCut: Kind.LINES_CUT,
    OrderCollected: Kind.ORDER_COLLECTED,
    OrderUnclaimed: Kind.ORDER_UNCLAIMED,
    LineRefunded: Kind.LINE_REFUNDED,
    GoodsReceived: Kind.GOODS_RECEIVED,
}
