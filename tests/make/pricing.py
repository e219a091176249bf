"""Makers of offers."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

from lintuan.catalog import queries as catalog_queries
from lintuan.catalog.types import SkuView
from lintuan.kernel import clock
from lintuan.kernel.callers import SYSTEM
from lintuan.kernel.money import Money
from lintuan.pricing import commands, queries
from lintuan.pricing.types import Deal, NewOffer, OfferVerdict, OfferView
from lintuan.provinces import queries as provinces

from . import catalog
from .provinces import HUBEI, province


def next_sale_on(province_id: int = HUBEI) -> date:
    """The sale day whose cut-off comes next by the business clock."""
    view = provinces.province(province_id)
    today = clock.today(view.zone)
    is_over = clock.now() >= view.timetable.at("cutoff", today, view.zone)
    return today + timedelta(days=1) if is_over else today


def new_offer(sku: SkuView, price_fen: int = 399, cost_fen: int = 250, **given: object) -> NewOffer:
    """An offer the law passes; give what matters."""
    facts: dict[str, object] = {"capacity": 100, **given}
    return NewOffer(sku_id=sku.id, price=Money(price_fen), cost=Money(cost_fen), **facts)  # type: ignore[arg-type]


def deal(sku: SkuView, price_fen: int) -> Deal:
    """A day on which a SKU sold at one price."""
    return Deal(sku_id=sku.id, lowest=Money(price_fen), last=Money(price_fen))


def publish(
    *offers: NewOffer, province_id: int = HUBEI, sale_on: date | None = None, key: str | None = None
) -> tuple[OfferVerdict, ...]:
    """Publish as the system does, in a province that trades."""
    province(province_id)
    day = sale_on or next_sale_on(province_id)
    return commands.publish_offers(SYSTEM, province_id=province_id, sale_on=day, offers=offers, key=key)


def offer(
    price_fen: int = 399,
    *,
    sku: SkuView | None = None,
    province_id: int = HUBEI,
    sale_on: date | None = None,
    **given: object,
) -> OfferView:
    """One published offer; `cost_fen`, `capacity`, `per_order_limit`, `per_day_limit`... as given."""
    given.setdefault("cost_fen", min(250, price_fen))
    handed_in = new_offer(sku or catalog.sku(), price_fen, **given)  # type: ignore[arg-type]
    (verdict,) = publish(handed_in, province_id=province_id, sale_on=sale_on)
    assert not verdict.is_blocked, verdict
    return queries.offers(province_id, [verdict.offer_id])[verdict.offer_id]


def offers(
    count: int,
    *,
    province_id: int = HUBEI,
    sale_on: date | None = None,
    price_of: Callable[[int], int] = lambda place: 399 + place,
    **given: object,
) -> tuple[OfferView, ...]:
    """Several published offers of different SKUs, in one command."""
    handed_in = [
        new_offer(sku, price_of(place), **given)  # type: ignore[arg-type]
        for place, sku in enumerate(catalog.skus(count))
    ]
    made = publish(*handed_in, province_id=province_id, sale_on=sale_on)
    found = queries.offers(province_id, [verdict.offer_id for verdict in made])
    return tuple(found[verdict.offer_id] for verdict in made)


def publish_again(view: OfferView, **given: object) -> OfferView:
    """The same SKU at the same price on the sale day that comes next."""
    return offer(view.price.fen, sku=catalog_queries.sku(view.sku_id), **given)


def left(offer_id: int, province_id: int = HUBEI) -> int:
    """What is left of an offer."""
    capacity, taken = queries.stock(province_id, [offer_id])[offer_id]
    return capacity - taken
