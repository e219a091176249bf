"""What an order may be and become, and who gets what when goods are short.

Pure, so that the slow path and the lane decide alike; docs/algorithms/orders.md and shortage.md hold the worked tables.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta

from lintuan.kernel.errors import Invalid
from lintuan.kernel.ids import public_id
from lintuan.kernel.money import ZERO, Money, total
from lintuan.kernel.states import require_move

from .bill import Bill
from .errors import (
    BasketChanged,
    BasketClosed,
    BasketElsewhere,
    BasketFull,
    BasketUnknown,
    CutOffPassed,
    DuplicateOffer,
    LimitPerDay,
    LimitPerLife,
    LimitPerOrder,
    NothingOrdered,
    OfferNotTonight,
    OfferUnknown,
    OnlyLess,
    PriceChanged,
    QuantityInvalid,
    TooManyLines,
)
from .numbers import LETTERS
from .types import (
    AgreedLine,
    Agreement,
    Availability,
    BasketFacts,
    BasketWish,
    Claim,
    LineView,
    OfferFacts,
    OpenLine,
    OrderFacts,
    OrderRequest,
    ShortageRule,
    State,
    WantedLine,
)

NEXT: dict[State, frozenset[State]] = {
    State.UNPAID: frozenset({State.PAID, State.CANCELLED, State.EXPIRED}),
    State.PAID: frozenset({State.CANCELLED, State.COLLECTED, State.UNCLAIMED, State.REFUNDED}),
    State.CANCELLED: frozenset(),
    State.EXPIRED: frozenset(),
    State.COLLECTED: frozenset(),
    State.UNCLAIMED: frozenset(),
    State.REFUNDED: frozenset(),
}
LIVE = frozenset({State.UNPAID, State.PAID})
DELIVERED = frozenset({State.COLLECTED, State.UNCLAIMED})

MOST_IN_BASKET = 12
LEAST_TO_PAY = Money(1)
#: So long that nobody finds a basket by guessing among 0.85 million million.
BASKET_CODE_LENGTH = 8


def require(state: str, to: State) -> None:
    """Refuse a move that the table lacks."""
    require_move(NEXT, State(state), to)


def check_order(wish: OrderRequest, facts: OrderFacts) -> Agreement:
    """The agreement on what is wished, or the first reason against it.

    Whether province and point are open, the rooms that own them say before; whether the stock lasts, it says after.
    """
    sale_on = check_window(facts)
    check_shape(wish.lines, facts.most_lines, facts.most_units_per_line)
    _check_basket(wish, facts, sale_on)
    lines = tuple(_agree(line, facts, sale_on) for line in wish.lines)
    return Agreement(sale_on, lines, total(line.amount for line in lines))


def check_window(facts: OrderFacts) -> date:
    """The sale day that is open now; the cut-off belongs to the day it closes, so an order placed then is late."""
    if facts.sale_on is None or facts.now >= facts.cutoff_at:
        raise CutOffPassed(opens_at=facts.opens_next_at.isoformat())
    return facts.sale_on


def check_shape(lines: Sequence[WantedLine], most_lines: int, most_units: int) -> None:
    """Refuse what is wrong in itself, before anything is looked up."""
    if not lines:
        raise NothingOrdered(reason="lines")
    _check_counts(lines, most_lines, most_units)


def check_wishes(lines: Sequence[BasketWish], facts: OrderFacts) -> None:
    """Refuse what cannot be put into a basket; none at all takes everything out, and limits are the payer's."""
    sale_on = check_window(facts)
    _check_counts(lines, facts.most_lines, facts.most_units_per_line)
    for line in lines:
        _offer_tonight(line.offer_id, facts, sale_on)


def check_basket_open(basket: BasketFacts, sale_on: date | None) -> None:
    """A basket takes people, goods and orders until its opener closes it, or the cut-off does."""
    if not basket.is_open or basket.sale_on != sale_on:
        raise BasketClosed


def check_room(basket: BasketFacts) -> None:
    """Whether one more may join."""
    if len(basket.members) >= MOST_IN_BASKET:
        raise BasketFull(most=MOST_IN_BASKET)


def _check_counts(lines: Sequence[WantedLine] | Sequence[BasketWish], most_lines: int, most_units: int) -> None:
    if len(lines) > most_lines:
        raise TooManyLines(most=most_lines)
    if len({line.offer_id for line in lines}) < len(lines):
        raise DuplicateOffer
    if not all(1 <= line.quantity <= most_units for line in lines):
        raise QuantityInvalid(most=most_units)


def lines_ordered(wish: OrderRequest, basket: BasketFacts, member_id: int) -> tuple[OpenLine, ...]:
    """The basket lines that a member's order takes over: what is open of theirs, or of everybody's."""
    return tuple(line for line in basket.lines if wish.together or line.member_id == member_id)


def _check_basket(wish: OrderRequest, facts: OrderFacts, sale_on: date) -> None:
    """Refuse what is not exactly the lines that the order takes over; others would look ordered and not be."""
    if not wish.basket_id and not wish.together:
        return
    basket = facts.basket
    if basket is None or facts.member_id not in basket.members:
        raise BasketUnknown(thing="basket")
    check_basket_open(basket, sale_on)
    if wish.point_id != basket.point_id:
        raise BasketElsewhere(point=public_id("point", facts.province_id, basket.point_id))
    units: Counter[int] = Counter()
    for line in lines_ordered(wish, basket, facts.member_id):
        units[line.offer_id] += line.quantity
    if units != {line.offer_id: line.quantity for line in wish.lines}:
        raise BasketChanged


def _agree(line: WantedLine, facts: OrderFacts, sale_on: date) -> AgreedLine:
    offer = _offer_tonight(line.offer_id, facts, sale_on)
    if line.price_fen != offer.price.fen:
        raise PriceChanged(offer=_name(offer.id, facts), price=str(offer.price), price_fen=offer.price.fen)
    _check_limits(line.quantity, offer, facts)
    return AgreedLine(offer.id, offer.sku_id, line.quantity, offer.price, offer.price * line.quantity)


def _offer_tonight(offer_id: int, facts: OrderFacts, sale_on: date) -> OfferFacts:
    offer = facts.offers.get(offer_id)
    if offer is None:
        raise OfferUnknown(thing="offer", offer=_name(offer_id, facts))
    if not offer.is_open or offer.sale_on != sale_on:
        raise OfferNotTonight(offer=_name(offer_id, facts))
    return offer


def _check_limits(quantity: int, offer: OfferFacts, facts: OrderFacts) -> None:
    """A limit of zero limits nothing."""
    if offer.per_order_limit and quantity > offer.per_order_limit:
        raise LimitPerOrder(offer=_name(offer.id, facts), most=offer.per_order_limit)
    bought = facts.bought.get(offer.id, 0)
    if offer.per_day_limit and bought + quantity > offer.per_day_limit:
        raise LimitPerDay(offer=_name(offer.id, facts), most=offer.per_day_limit, bought=bought)
    ever = facts.bought_ever.get(offer.sku_id, 0)
    if offer.per_life_limit and ever + quantity > offer.per_life_limit:
        raise LimitPerLife(offer=_name(offer.id, facts), most=offer.per_life_limit, bought=ever)


def _name(offer_id: int, facts: OrderFacts) -> str:
    """An offer's public id, made only to refuse: it takes longer than the rest of a line's check."""
    return public_id("offer", facts.province_id, offer_id)


def units_to_drop(lines: Sequence[LineView], wanted: Sequence[WantedLine]) -> dict[int, int]:
    """Per line of a paid order the units given up; a paid order is only ever reduced, at the prices it was paid at."""
    by_offer = {line.offer_id: line for line in lines if line.due}
    for wish in wanted:
        line = by_offer.get(wish.offer_id)
        if line is None or wish.quantity > line.due or wish.price_fen != line.price.fen:
            raise OnlyLess
    left = {wish.offer_id: wish.quantity for wish in wanted}
    drops = {line.id: line.due - left.get(line.offer_id, 0) for line in by_offer.values()}
    return {line_id: units for line_id, units in drops.items() if units}


def refundable(line: LineView) -> Money:
    """What of a line can still be given back."""
    return line.amount - line.refunded


def refunds_of(parts: Iterable[tuple[int, Money]], bills: Mapping[int, Bill]) -> list[Money]:
    """What members get back where goods of some value are taken off orders, one part after the other.

    `parts` are (order id, value); `bills` are those of the orders before. The parts of an order add up to the refund
    that all of them together make.
    """
    now, found = dict(bills), []
    for order_id, amount in parts:
        found.append(now[order_id].refund_of(amount))
        now[order_id] = now[order_id].give_back(amount)
    return found


def most_saved(amount: Money) -> Money:
    """What plays may pay of an order that is not paid yet: the gateway asks nobody for nothing."""
    return max(ZERO, amount - LEAST_TO_PAY)


def check_saved(saved: Money, amount: Money) -> None:
    if not ZERO <= saved <= most_saved(amount):
        raise Invalid(reason=f"saved: 0 to {most_saved(amount).fen} fen")


def pay_by(now: datetime, *, minutes: int, cutoff_at: datetime) -> datetime:
    """Payment is due after the province's patience, and never after cut-off."""
    return min(now + timedelta(minutes=minutes), cutoff_at)


def basket_code(below: Callable[[int], int]) -> str:
    """What is told to a neighbour who shall join."""
    return "".join(LETTERS[below(len(LETTERS))] for _ in range(BASKET_CODE_LENGTH))


def read_basket_code(text: str) -> str:
    """A basket's code however it was typed; what is none is nobody's."""
    return "".join(text.upper().replace("-", " ").split())[: BASKET_CODE_LENGTH + 1]


def plan_cuts(claims: Sequence[Claim], availabilities: Sequence[Availability], rule: ShortageRule) -> dict[int, int]:
    """Units to cut per line: first each point that is short for itself, then what the whole province is short."""
    granted = {claim.line_id: claim.units for claim in claims}
    touched: dict[tuple[int, int | None], list[Claim]] = defaultdict(list)
    for claim in claims:
        touched[claim.sku_id, claim.point_id].append(claim)
        touched[claim.sku_id, None].append(claim)
    for limit in sorted(availabilities, key=lambda one: one.point_id is None):
        asking = [replace(claim, units=granted[claim.line_id]) for claim in touched[limit.sku_id, limit.point_id]]
        granted |= share_shortage(limit.available, asking, rule)
    missing = {claim.line_id: claim.units - granted[claim.line_id] for claim in claims}
    return {line_id: units for line_id, units in missing.items() if units}


def share_shortage(available: int, claims: Sequence[Claim], rule: ShortageRule) -> dict[int, int]:
    """Units granted per line: together what is available or, if that is less, what is asked."""
    in_order = sorted(claims, key=lambda claim: (claim.paid_at, claim.line_id))
    if rule is ShortageRule.PROPORTIONAL:
        return _in_proportion(available, in_order)
    return _first_come(available, in_order)


def _first_come(available: int, claims: Iterable[Claim]) -> dict[int, int]:
    granted = {}
    for claim in claims:
        granted[claim.line_id] = min(claim.units, available)
        available -= granted[claim.line_id]
    return granted


def _in_proportion(available: int, claims: Sequence[Claim]) -> dict[int, int]:
    """Rounded down, and the units left over to the largest remainders, among equal ones to who paid first."""
    asked = sum(claim.units for claim in claims)
    available = min(available, asked)
    granted = {claim.line_id: claim.units * available // max(asked, 1) for claim in claims}
    left = available - sum(granted.values())
    by_remainder = sorted(claims, key=lambda claim: -(claim.units * available % max(asked, 1)))
    for claim in by_remainder[:left]:
        granted[claim.line_id] += 1
    return granted
