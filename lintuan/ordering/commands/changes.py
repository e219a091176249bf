from __future__ import annotations

from collections.abc import Mapping, Sequence

from lintuan.kernel.callers import SYSTEM, Caller, Kind
from lintuan.kernel.commands import command
from lintuan.kernel.events import announce
from lintuan.kernel.money import ZERO, Money
from lintuan.ordering import rules
from lintuan.ordering.bill import Bill
from lintuan.ordering.days import Desk, lock_shopper
from lintuan.ordering.errors import BasketOrdered, OrderClosed
from lintuan.ordering.events import OrderCancelled, OrderEdited
from lintuan.ordering.models import Order, OrderLine
from lintuan.ordering.types import Agreement, Cause, LineView, OrderRequest, State, WantedLine
from lintuan.payments.commands import reprice_charge
from lintuan.payments.errors import AlreadyPaid
from lintuan.pricing.commands import exchange_stock, give_back_stock
from lintuan.provinces.queries import province

from .cuts import Cut, apply_cuts
from .playing import saved_anew
from .rows import lines_of, lock_orders, move, own_order
from .settling import end_payment, give_back_all, take_payment


@command
def edit_order(
    caller: Caller, *, province_id: int, order_id: int, lines: tuple[WantedLine, ...], key: str | None = None
) -> int:
    """Make the lines of an order these: an unpaid one is agreed anew, a paid one can only be reduced."""
    desk, order = _own_open_order(caller, province_id, order_id)
    if order.basket_id:
        raise BasketOrdered
    if order.state == State.UNPAID and _agree_anew(desk, order, lines):
        return order_id
    terms = desk.province.terms
    rules.check_shape(lines, terms.most_lines, terms.most_units_per_line)
    known = lines_of(order)
    _give_up(order, known, rules.units_to_drop(known, lines), Cause.EDITED)
    return order_id


@command
def cancel_order(caller: Caller, *, province_id: int, order_id: int, key: str | None = None) -> int:
    """Give an order up before cut-off; what was paid goes back whole."""
    _, order = _own_open_order(caller, province_id, order_id)
    if order.state == State.UNPAID and end_payment(province_id, [order]):
        move(province_id, [order], State.CANCELLED)
        _announce_cancelled(order, refund=ZERO)
        give_back_all(province_id, [order])
        return order_id
    _cancel_paid(order)
    return order_id


@command
def give_up_orders(caller: Caller, *, province_id: int, order_ids: tuple[int, ...], key: str | None = None) -> int:
    """Pay back whole the paid ones of these orders, whose group did not come together; answers how many."""
    caller.require_kind(Kind.SYSTEM)
    orders = [order for order in lock_orders(province_id, order_ids) if order.state == State.PAID]
    for order in orders:
        _cancel_paid(order)
    return len(orders)


def _cancel_paid(order: Order) -> None:
    known = lines_of(order)
    _announce_cancelled(order, refund=order.bill.paid)
    _give_up(order, known, {line.id: line.due for line in known if line.due}, Cause.CANCELLED)


def _own_open_order(caller: Caller, province_id: int, order_id: int) -> tuple[Desk, Order]:
    """The member's live order of a day that is still open; locks the day first, as placing does."""
    desk = Desk.of(province(province_id))
    is_open = desk.share_day()
    order = own_order(caller, province_id, order_id)
    if order.state not in rules.LIVE:
        raise OrderClosed(state=order.state)
    if not is_open or desk.sale_on != order.sale_on:
        raise desk.too_late()
    return desk, order


def _agree_anew(desk: Desk, order: Order, lines: tuple[WantedLine, ...]) -> bool:
    """Whether an unpaid order has its new lines; false when its payment was faster."""
    if desk.now >= order.pay_by:
        raise OrderClosed(state=State.EXPIRED)
    lock_shopper(order.province_id, order.member_id, order.sale_on)
    facts = desk.facts(lines, member_id=order.member_id, but=order.id)
    agreement = rules.check_order(OrderRequest(order.point_id, lines), facts)
    if not _reprice(order, agreement.amount, saved=saved_anew(order, agreement)):
        return False
    before = {line.offer_id: line.quantity for line in lines_of(order)}
    _replace_lines(order, agreement)
    after = {line.offer_id: line.quantity for line in agreement.lines}
    exchange_stock(order.province_id, returned=before.items(), wanted=after.items())
    return True


def _reprice(order: Order, amount: Money, *, saved: Money) -> bool:
    """Whether the charge asks for what the order now costs; otherwise it is paid, and then so is the order."""
    to_pay = Bill(amount, saved=saved).charged
    if to_pay != order.bill.charged:
        try:
            order.charge_id = reprice_charge(
                SYSTEM, province_id=order.province_id, charge_id=order.charge_id, amount=to_pay
            )
        except AlreadyPaid:
            take_payment(order)
            return False
    order.amount, order.saved = amount, saved
    order.save(update_fields=["charge_id", "amount", "saved"])
    return True


def _replace_lines(order: Order, agreement: Agreement) -> None:
    OrderLine.objects.filter(province_id=order.province_id, order_id=order.id).delete()
    OrderLine.objects.bulk_create(
        OrderLine(
            province_id=order.province_id,
            order=order,
            offer_id=line.offer_id,
            sku_id=line.sku_id,
            quantity=line.quantity,
            price=line.price,
            amount=line.amount,
            refunded=ZERO,
        )
        for line in agreement.lines
    )
    announce(
        OrderEdited(
            province_id=order.province_id,
            order_id=order.id,
            member_id=order.member_id,
            point_id=order.point_id,
            sale_on=order.sale_on,
            amount_fen=order.amount.fen,
            saved_fen=order.saved.fen,
        )
    )


def _give_up(order: Order, lines: Sequence[LineView], units: Mapping[int, int], cause: Cause) -> None:
    """Refund units of a paid order that the member no longer wants, and put them back on the shelf."""
    dropped = [line for line in lines if line.id in units]
    cuts = [Cut.of(order, line, units[line.id]) for line in dropped]
    apply_cuts(order.province_id, order.sale_on, cuts, cause)
    give_back_stock(order.province_id, [(line.offer_id, units[line.id]) for line in dropped])


def _announce_cancelled(order: Order, *, refund: Money) -> None:
    announce(
        OrderCancelled(
            province_id=order.province_id,
            order_id=order.id,
            member_id=order.member_id,
            point_id=order.point_id,
            sale_on=order.sale_on,
            refund_fen=refund.fen,
            saved_fen=order.bill.borne.fen,
        )
    )
