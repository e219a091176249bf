"""What ordering does when money arrives, and when a member is forgotten."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import groupby

from lintuan.kernel.callers import SYSTEM
from lintuan.kernel.events import Event, Recorded, consumer
from lintuan.kernel.money import Money
from lintuan.members.events import MemberForgotten
from lintuan.payments.commands import refund
from lintuan.payments.events import ChargePaid
from lintuan.payments.types import LATE_PAYMENT, ORDER
from lintuan.plays import commands as plays
from lintuan.plays.engine.definition import FactKind
from lintuan.plays.events import RunEnded, SavingEarned
from lintuan.plays.queries import without_seat

from . import queries
from .commands import give_up_orders, save_later
from .commands.baskets import take_out
from .commands.relays import drop_drafts_of
from .commands.rows import lock_orders, mark_paid
from .events import LineRefunded, LinesCut, OrderCancelled, OrderCollected, OrderExpired, OrderPaid
from .happenings import companions, happenings
from .models import Basket
from .types import PLAY_REWARD, Funded, State


@consumer("ordering.payments", ChargePaid)
def take_payments(events: Sequence[Recorded]) -> None:
    """Mark orders paid; money for an order that is no longer waiting for it goes back."""
    by_province: dict[int, dict[int, tuple[ChargePaid, datetime]]] = defaultdict(dict)
    for recorded in events:
        paid = recorded.event
        if isinstance(paid, ChargePaid) and paid.purpose == ORDER:
            by_province[paid.province_id][paid.charge_id] = (paid, recorded.at)
    for province_id, payments in by_province.items():
        _take(province_id, payments)


@consumer("ordering.baskets", MemberForgotten)
def leave_baskets(events: Sequence[Recorded]) -> None:
    """Whoever is forgotten leaves all their baskets and relay lists; what they ordered stays in the books."""
    for recorded in events:
        if isinstance(recorded.event, MemberForgotten):
            _leave(recorded.event.province_id, recorded.event.member_id)
            drop_drafts_of(recorded.event.province_id, recorded.event.member_id)


#: Orders whose plays are counted in one transaction: its runs are held until it is through.
TOLD_AT_ONCE = 100
#: Real seconds between two batches that are not full: a batch asks some forty statements, however few orders it has.
TOLD_EVERY = 0.5


@consumer(
    "ordering.plays",
    OrderPaid,
    OrderCollected,
    OrderCancelled,
    OrderExpired,
    LinesCut,
    LineRefunded,
    batch=TOLD_AT_ONCE,
    rest=TOLD_EVERY,
)
def tell_plays(events: Sequence[Recorded]) -> None:
    """Let plays hear what became of orders; one after another, as an order may be paid and cancelled in one batch."""
    for province_id, alike in _in_turn(events):
        _TELLERS[type(alike[0].event)](province_id, alike)


@consumer("ordering.savings", SavingEarned, RunEnded)
def take_savings(events: Sequence[Recorded]) -> None:
    """Pay back what orders earned after they were paid, and whole orders of groups that did not come together."""
    for recorded in events:
        event = recorded.event
        if isinstance(event, SavingEarned):
            _save(event)
        elif isinstance(event, RunEnded) and event.order_ids:
            give_up_orders(SYSTEM, province_id=event.province_id, order_ids=tuple(event.order_ids))


def _in_turn(events: Sequence[Recorded]) -> Iterator[tuple[int, list[Recorded]]]:
    """Events of one province and kind that follow each other."""
    for (province_id, _), alike in groupby(events, lambda one: (one.event.province_id, type(one.event))):
        yield province_id, list(alike)


def _tell(kind: FactKind) -> Callable[[int, Sequence[Recorded]], None]:
    def tell(province_id: int, events: Sequence[Recorded]) -> None:
        moments = {_order_id(one): one.at for one in events}
        told = happenings(province_id, moments.keys(), kind, moments)
        if kind == "paid":
            _tell_companions(province_id, moments.keys())
        plays.hear(SYSTEM, province_id=province_id, happenings=tuple(told))
        if kind == "paid":
            _pay_back_seatless(province_id, {one.order_id: one.run_id for one in told if one.run_id})

    return tell


def _pay_back_seatless(province_id: int, seats: Mapping[int, int]) -> None:
    """Who pays when their group is over or full already gets their money back, as they ordered for its price."""
    seatless = without_seat(province_id, seats) if seats else ()
    if seatless:
        give_up_orders(SYSTEM, province_id=province_id, order_ids=tuple(sorted(seatless)))


def _tell_companions(province_id: int, order_ids: Collection[int]) -> None:
    """Who fills a basket together is told before the orders are: rewards of families are judged as such."""
    together = companions(province_id, order_ids)
    for sale_on in sorted({one.sale_on for one in together}):
        pairs = tuple((one.basket_id, one.member_id) for one in together if one.sale_on == sale_on)
        plays.note_companions(SYSTEM, province_id=province_id, sale_on=sale_on, companions=pairs)


def _give_back(province_id: int, events: Sequence[Recorded]) -> None:
    """Orders given up whole: what they used is back, and what they counted never was."""
    order_ids = tuple({_order_id(one) for one in events})
    plays.release_savings(SYSTEM, province_id=province_id, order_ids=order_ids)
    _withdraw(province_id, order_ids)


def _withdraw(province_id: int, order_ids: tuple[int, ...]) -> None:
    """With an order goes what it counted, and with the last one of a member what they voted as somebody who buys."""
    plays.withdraw(SYSTEM, province_id=province_id, order_ids=order_ids)
    buyers = tuple(sorted(queries.without_order(province_id, order_ids)))
    plays.withdraw_votes(SYSTEM, province_id=province_id, member_ids=buyers)


def _correct(province_id: int, events: Sequence[Recorded]) -> None:
    """Orders of which something went back count as what is left of them."""
    moments = {_order_id(one): one.at for one in events}
    left = happenings(province_id, moments.keys(), "paid", moments)
    gone = moments.keys() - {one.order_id for one in left}
    if gone:
        plays.release_savings(SYSTEM, province_id=province_id, order_ids=tuple(gone))
        _withdraw(province_id, tuple(gone))
    plays.correct(SYSTEM, province_id=province_id, happenings=tuple(left))


def _order_id(recorded: Recorded) -> int:
    order_id: int = recorded.event.order_id  # type: ignore[attr-defined]
    return order_id


_TELLERS: dict[type[Event], Callable[[int, Sequence[Recorded]], None]] = {
    OrderPaid: _tell("paid"),
    OrderCollected: _tell("collected"),
    OrderCancelled: _give_back,
    OrderExpired: _give_back,
    LinesCut: _correct,
    LineRefunded: _correct,
}


def _save(event: SavingEarned) -> None:
    """A saving is of what is left of the order; its bill shares it with what went back."""
    (order,) = queries.orders(event.province_id, [event.order_id]).values()
    if order.net:
        amount = Money(event.fen).prorate(order.amount, order.net)
        save_later(
            SYSTEM,
            province_id=event.province_id,
            savings=((order.id, amount),),
            cause=PLAY_REWARD,
            funded=_funded(event),
        )


def _funded(event: SavingEarned) -> Funded:
    return Funded(event.campaign_id, event.leader_id, event.platform_fen, event.leader_fen, event.supplier_fen)


def _leave(province_id: int, member_id: int) -> None:
    theirs = Basket.objects.filter(
        province_id=province_id, members__province_id=province_id, members__member_id=member_id
    )
    for basket in theirs.select_for_update(no_key=True, of=("self",)).order_by("id"):
        take_out(basket, member_id)


def _take(province_id: int, payments: dict[int, tuple[ChargePaid, datetime]]) -> None:
    orders = lock_orders(province_id, {paid.subject_id for paid, _ in payments.values()})
    waiting = [order for order in orders if order.state == State.UNPAID and order.charge_id in payments]
    if waiting:
        mark_paid(province_id, waiting, {order.id: payments[order.charge_id][1] for order in waiting})
    expected = {order.charge_id for order in orders if order.paid_at}
    for charge_id, (paid, _) in payments.items():
        if charge_id not in expected:
            _send_back(paid)


def _send_back(paid: ChargePaid) -> None:
    refund(
        SYSTEM,
        province_id=paid.province_id,
        charge_id=paid.charge_id,
        amount=Money(paid.amount_fen),
        cause=LATE_PAYMENT,
        key=f"late-{paid.charge_id}",
    )
