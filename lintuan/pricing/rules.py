"""What a well-formed offer is, and how its state moves."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence

from lintuan.kernel.errors import Invalid

from .engine.laws import Deals, Mark, OfferFacts
from .errors import OfferMalformed
from .types import NewOffer, OfferState, Result

MOST_CAPACITY = 10_000_000
MOST_LIMIT = 999
HIGHEST_PRICE_FEN = 100_000_00

#: Publishing again changes terms; a blocked offer that was never public stays or becomes a draft.
NEXT: Mapping[OfferState, Collection[OfferState]] = {
    OfferState.DRAFT: (OfferState.DRAFT, OfferState.PUBLISHED),
    OfferState.PUBLISHED: (OfferState.PUBLISHED, OfferState.WITHDRAWN),
    OfferState.WITHDRAWN: (OfferState.PUBLISHED,),
}


def require_sound(offers: Sequence[NewOffer]) -> None:
    """Refuse malformed offers and a SKU that is offered twice."""
    seen: set[int] = set()
    for offer in offers:
        for reason in _faults(offer):
            raise OfferMalformed(sku=offer.sku_id, reason=reason)
        if offer.sku_id in seen:
            raise OfferMalformed(sku=offer.sku_id, reason="offered twice")
        seen.add(offer.sku_id)


def facts(offer: NewOffer, *, mark: Mark, deals: Deals) -> OfferFacts:
    """What the law is asked about."""
    return OfferFacts(
        price=offer.price,
        cost=offer.cost,
        mark=mark,
        list_price=offer.list_price,
        deals=deals,
        discount=offer.discount,
        exemption=offer.exemption,
    )


def state_after(present: OfferState | None, results: Iterable[Result]) -> OfferState:
    """A blocked offer keeps what it was, draft when it is new; any other is published."""
    if Result.BLOCKED in results:
        return present or OfferState.DRAFT
    return OfferState.PUBLISHED


def changes_terms(present: OfferState | None, results: Iterable[Result]) -> bool:
    """Whether the terms handed in are written: blocked ones never replace what the public saw."""
    return present in (None, OfferState.DRAFT) or Result.BLOCKED not in results


def merge(lines: Iterable[tuple[int, int]]) -> dict[int, int]:
    """Quantities by offer in the order in which stock rows are locked; offers may repeat, quantities are positive."""
    merged: dict[int, int] = {}
    for offer_id, quantity in lines:
        if quantity < 1:
            raise ValueError("a quantity of stock is at least one")
        merged[offer_id] = merged.get(offer_id, 0) + quantity
    return dict(sorted(merged.items()))


def require_basket(wanted: Sequence[tuple[int, int]]) -> None:
    """Refuse an empty basket, an offer on two lines, and quantities below one."""
    if not wanted or any(quantity < 1 for _, quantity in wanted):
        raise Invalid(reason="lines: at least one, with a quantity of at least 1")
    if len({offer_id for offer_id, _ in wanted}) < len(wanted):
        raise Invalid(reason="lines: an offer stands on two lines")


def _faults(offer: NewOffer) -> Iterable[str]:
    if not 0 < offer.price.fen <= HIGHEST_PRICE_FEN:
        yield "the price lies above 0 and up to 100000.00"
    if offer.cost.fen < 0:
        yield "the cost is negative"
    if offer.list_price is not None and offer.list_price <= offer.price:
        yield "a compared price is above the price"
    if not 0 <= offer.capacity <= MOST_CAPACITY:
        yield f"the capacity lies in 0-{MOST_CAPACITY}"
    if not (1 <= offer.per_order_limit <= MOST_LIMIT and 1 <= offer.per_day_limit <= MOST_LIMIT):
        yield f"limits lie in 1-{MOST_LIMIT}"
    if not 0 <= offer.per_life_limit <= MOST_LIMIT:
        yield f"the limit per life lies in 0-{MOST_LIMIT}"
    yield from _discount_faults(offer)


def _discount_faults(offer: NewOffer) -> Iterable[str]:
    shown = offer.discount
    if shown is None:
        return
    if shown.price_bps is None and shown.cut is None:
        yield "a shown discount says something"
    if shown.price_bps is not None and not 0 < shown.price_bps < 10_000:
        yield "a shown price share lies between 0 and 10000"
    if shown.cut is not None and shown.cut.fen <= 0:
        yield "a shown cut is positive"
