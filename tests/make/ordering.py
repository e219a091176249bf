"""Orders for tests, placed, paid and closed as in the product. Set the clock first: a sale day must be open."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from django.db import transaction

from lintuan.kernel.callers import SYSTEM, Caller
from lintuan.kernel.delivery import Horizon, deliver
from lintuan.kernel.events import CONSUMERS
from lintuan.kernel.money import Money
from lintuan.leaders.types import PointView
from lintuan.ordering import commands, queries
from lintuan.ordering.commands.savings import save_at_placing
from lintuan.ordering.types import (
    Availability,
    BasketView,
    BasketWish,
    Cause,
    OrderRequest,
    OrderView,
    WantedLine,
)
from lintuan.pricing.types import OfferView
from tests.make import leaders, members, payments, pricing
from tests.make.provinces import HUBEI

SALE_ON = date(2026, 11, 20)
EVENING = "2026-11-20T20:00+08:00"
CUTOFF = "2026-11-20T23:00+08:00"


def line(offer: OfferView, quantity: int = 1, price_fen: int | None = None) -> WantedLine:
    """A line at the present price, unless another is claimed."""
    return WantedLine(offer.id, quantity, offer.price.fen if price_fen is None else price_fen)


def request(*lines: WantedLine, point: PointView | None = None) -> OrderRequest:
    """A wish for a pickup point; one unit of a new offer where nothing is named."""
    chosen = point or leaders.point()
    return OrderRequest(chosen.id, lines or (line(pricing.offer()),))


def order(
    *lines: WantedLine, member: Caller | None = None, point: PointView | None = None, key: str | None = None
) -> OrderView:
    """An unpaid order of Hubei."""
    buyer = member or members.member()
    wish = request(*lines, point=point)
    order_id = commands.place_order(buyer, province_id=HUBEI, request=wish, key=key)
    return queries.order(buyer, HUBEI, order_id)


def paid_order(*lines: WantedLine, member: Caller | None = None, point: PointView | None = None) -> OrderView:
    """An order whose payment the gateway confirmed and ordering heard of."""
    placed = order(*lines, member=member, point=point)
    payments.pay(placed.charge_id)
    hear_payments()
    return now(placed)


def saved_order(
    *lines: WantedLine, saved: int, member: Caller | None = None, point: PointView | None = None
) -> OrderView:
    """An unpaid order of which plays pay so many fen."""
    with transaction.atomic():
        placed = order(*lines, member=member, point=point)
        save_at_placing(HUBEI, placed.id, Money(saved))
    return now(placed)


def save_later(*savings: tuple[OrderView, int], cause: str = "play_reward", key: str | None = None) -> list[int]:
    """Let plays pay so many fen more of paid orders; the fen that their members get back."""
    wanted = tuple((view.id, Money(fen)) for view, fen in savings)
    backs = commands.save_later(SYSTEM, province_id=HUBEI, savings=wanted, cause=cause, key=key)
    return [back.fen for _, back in backs]


def paid_orders(*each: Sequence[WantedLine], point: PointView | None = None) -> list[OrderView]:
    """Several paid orders of one point and different members, paid in this order."""
    chosen = point or leaders.point()
    return [paid_order(*lines, point=chosen) for lines in each]


def hear_payments() -> int:
    """Let ordering read what payments announced."""
    return deliver(CONSUMERS["ordering.payments"], Horizon.OWN)


def close_day(sale_on: date = SALE_ON) -> int:
    """The cut-off; the clock must have passed it."""
    return commands.close_day(SYSTEM, province_id=HUBEI, sale_on=sale_on)


def cut(*limits: tuple[int, int | None, int], cause: Cause = Cause.SUPPLIER_SHORT, sale_on: date = SALE_ON) -> int:
    """Cut to (SKU id, point id or None, units there are)."""
    cuts = tuple(Availability(*limit) for limit in limits)
    return commands.cut_goods(SYSTEM, province_id=HUBEI, sale_on=sale_on, cuts=cuts, cause=cause.value)


def collected_order(*lines: WantedLine, member: Caller | None = None, point: PointView | None = None) -> OrderView:
    """A paid order that was handed out."""
    paid = paid_order(*lines, member=member, point=point)
    commands.mark_collected(SYSTEM, province_id=HUBEI, order_ids=(paid.id,))
    return now(paid)


def basket(opener: Caller, *others: Caller, point: PointView | None = None) -> BasketView:
    """A household basket that these members are in; as its opener sees it."""
    chosen = point or leaders.point()
    basket_id = commands.open_basket(opener, province_id=HUBEI, point_id=chosen.id)
    view = queries.basket(opener, HUBEI, basket_id)
    for other in others:
        commands.join_basket(other, province_id=HUBEI, code=view.code)
    return queries.basket(opener, HUBEI, basket_id)


def put_in(view: BasketView, member: Caller, *lines: tuple[OfferView, int]) -> BasketView:
    """Make the member's open lines these; as they then see the basket."""
    wishes = tuple(BasketWish(offer.id, units) for offer, units in lines)
    commands.put_in_basket(member, province_id=HUBEI, basket_id=view.id, lines=wishes)
    return queries.basket(member, HUBEI, view.id)


def basket_order(
    view: BasketView, member: Caller, *lines: WantedLine, together: bool = False, key: str | None = None
) -> OrderView:
    """An unpaid order of what is open in a basket."""
    wish = OrderRequest(view.point_id, lines, view.id, together)
    order_id = commands.place_order(member, province_id=HUBEI, request=wish, key=key)
    return queries.order(member, HUBEI, order_id)


def pay(view: OrderView) -> OrderView:
    """The order once its payment came through."""
    payments.pay(view.charge_id)
    hear_payments()
    return now(view)


def now(view: OrderView) -> OrderView:
    """The order as it stands."""
    return queries.orders(view.province_id, [view.id])[view.id]


def now_all(member: Caller) -> Sequence[OrderView]:
    """The member's orders as they stand, the newest first."""
    return queries.orders_of_member(member)


def buyer_of(view: OrderView) -> Caller:
    """The signed-in member who placed an order."""
    return payments.member(view.member_id, view.province_id)
