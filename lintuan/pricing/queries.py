"""What others may ask of pricing."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import connection

from lintuan.catalog import queries as catalog
from lintuan.catalog.types import SkuView
from lintuan.kernel import ids
from lintuan.kernel.money import ZERO, Money

from . import rules
from .engine import laws, quotes
from .errors import OfferNotOnSale, OverLimit, SoldOut
from .models import DealPrice, Offer, ShelfEdition, Stock, Verdict
from .types import Costing, Exemption, Ground, OfferState, OfferView, ShownDiscount, StockedOffer


@dataclass(frozen=True, slots=True)
class ShelfCheck:
    """Which edition of a day's offers holds, and what is left of each offer on the shelf, by id."""

    edition: int
    left: Mapping[int, int]


@dataclass(frozen=True, slots=True)
class DayShelf:
    """Offers in any state, never older than the edition they are named by."""

    edition: int
    offers: tuple[OfferView, ...]


NO_SHELF = DayShelf(0, ())


@dataclass(frozen=True, slots=True)
class PriceList:
    """What some offers of a day cost and how many units are left of each; `edition` as of `ShelfCheck`."""

    province_id: int
    sale_on: date
    edition: int
    offers: Mapping[int, OfferView]
    skus: Mapping[int, SkuView]
    left: Mapping[int, int]


@dataclass(frozen=True, slots=True)
class PastDeal:
    """At which unit prices a SKU was really sold on one day."""

    sale_on: date
    lowest: Money
    last: Money


@dataclass(frozen=True, slots=True)
class PastVerdict:
    """What the price law once said of an offer, and on what."""

    rule: str
    version: int
    severity: str
    result: str
    inputs: Mapping[str, object]
    decided_by: str
    at: datetime


def offers(province_id: int, offer_ids: Iterable[int]) -> dict[int, OfferView]:
    """Offers in any state by id; unknown ids are absent."""
    rows = Offer.objects.filter(province_id=province_id, id__in=set(offer_ids))
    return {row.pk: _view(row) for row in rows}


def offers_of_day(province_id: int, sale_on: date) -> tuple[StockedOffer, ...]:
    """What is on the shelf of a day, with its stock, by offer id."""
    rows = Offer.objects.filter(province_id=province_id, sale_on=sale_on, state=OfferState.PUBLISHED).order_by("id")
    stocks = _stocks(province_id, [row.pk for row in rows])
    return tuple(
        StockedOffer(offer=_view(row), capacity=stocks[row.pk].capacity, taken=stocks[row.pk].taken) for row in rows
    )


def shelf_of_day(province_id: int, sale_on: date) -> DayShelf:
    """All that a day offers or offered."""
    edition = _edition(province_id, sale_on)
    rows = Offer.objects.filter(province_id=province_id, sale_on=sale_on)
    return DayShelf(edition, tuple(_view(row) for row in rows))


def shelf_of_offers(province_id: int, sale_on: date, offer_ids: Iterable[int]) -> DayShelf:
    """Some offers, of whatever day, under the edition of this one."""
    edition = _edition(province_id, sale_on)
    return DayShelf(edition, tuple(offers(province_id, offer_ids).values()))


def lawful_floors(province_id: int, offer_ids: Iterable[int]) -> dict[int, Money]:
    """Below which unit price no reward brings an offer (P01): its cost; nothing where it is lawfully sold for less."""
    rows = Offer.objects.filter(province_id=province_id, id__in=list(offer_ids)).values_list("id", "price", "cost")
    return {offer_id: cost if price >= cost else ZERO for offer_id, price, cost in rows}


def costings(province_id: int, sale_on: date, sku_ids: Collection[int] = ()) -> tuple[Costing, ...]:
    """What rooms that give money away must know of prices, by SKU; never for faces.

    Without SKUs all that is on the shelf of that day; of each SKU its offer of that day, else the last one before.
    """
    rows = Offer.objects.filter(province_id=province_id).order_by("sku_id", "-sale_on").distinct("sku_id")
    if sku_ids:
        found = list(rows.filter(sku_id__in=list(sku_ids), sale_on__lte=sale_on))
    else:
        found = list(rows.filter(sale_on=sale_on, state=OfferState.PUBLISHED))
    grounds = _grounds(province_id, [row.pk for row in found])
    return tuple(Costing(offer=_view(row), cost=row.cost, exemption=grounds.get(row.pk)) for row in found)


def _grounds(province_id: int, offer_ids: Collection[int]) -> dict[int, Exemption]:
    """What publishers said for prices below cost, when they published last."""
    rows = Verdict.objects.filter(province_id=province_id, offer_id__in=offer_ids, rule="P01")
    latest = rows.order_by("offer_id", "-at", "-id").distinct("offer_id").values_list("offer_id", "inputs")
    return {
        offer_id: Exemption(ground=Ground(said["ground"]), reason=said["reason"])
        for offer_id, said in latest
        if "ground" in said
    }


def stock(province_id: int, offer_ids: Iterable[int]) -> dict[int, tuple[int, int]]:
    """(capacity, taken) of offers that were ever on sale."""
    return {offer_id: (row.capacity, row.taken) for offer_id, row in _stocks(province_id, set(offer_ids)).items()}


def shelf_check(province_id: int, sale_on: date) -> ShelfCheck:
    """One small query, asked at every look at a shelf."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT (SELECT e.number FROM pricing_shelfedition e WHERE e.province_id = %s AND e.sale_on = %s),"
            " array_agg(o.id ORDER BY o.id), array_agg(s.capacity - s.taken ORDER BY o.id)"
            " FROM pricing_offer o JOIN pricing_stock s ON s.province_id = o.province_id AND s.offer_id = o.id"
            " WHERE o.province_id = %s AND s.province_id = %s AND o.sale_on = %s AND o.state = 'published'",
            [province_id, sale_on, province_id, province_id, sale_on],
        )
        edition, offer_ids, left = cursor.fetchone()
    return ShelfCheck(edition or 0, dict(zip(offer_ids or [], left or [], strict=True)))


def quote(province_id: int, sale_on: date, wanted: Sequence[tuple[int, int]]) -> quotes.Quote:
    """What (offer id, quantity) pairs cost now, every step visible; refuses what could not be ordered.

    Nothing is reserved.
    """
    rules.require_basket(wanted)
    return quote_by(prices_of(province_id, sale_on, [offer_id for offer_id, _ in wanted]), wanted)


def prices_of(province_id: int, sale_on: date, offer_ids: Iterable[int]) -> PriceList:
    """What these offers cost and what is left of them now; unknown ones are absent."""
    known = offers(province_id, offer_ids)
    skus = catalog.skus(view.sku_id for view in known.values())
    left = {offer_id: row.capacity - row.taken for offer_id, row in _stocks(province_id, known).items()}
    return PriceList(province_id, sale_on, 0, known, skus, left)


def quote_by(prices: PriceList, wanted: Sequence[tuple[int, int]]) -> quotes.Quote:
    """The same by a price list, for as long as that holds."""
    rules.require_basket(wanted)
    lines = [(_on_sale(prices, offer_id), quantity) for offer_id, quantity in wanted]
    for view, quantity in lines:
        _require_available(view, quantity, left=prices.left[view.id], sku=prices.skus[view.sku_id])
    return quotes.quote([_priced(view, quantity, prices.skus[view.sku_id]) for view, quantity in lines])


def price_list(province_id: int, sale_on: date, known: PriceList | None = None) -> PriceList:
    """Everything on sale on a day; of the same day, `known` spares reading what still holds."""
    # Asked before the offers are read: these are never older than the edition they are named by.
    check = shelf_check(province_id, sale_on)
    found: Mapping[int, OfferView]
    if known is not None and known.edition == check.edition and known.offers.keys() == check.left.keys():
        found = known.offers
    else:
        found = {view.id: view for view in shelf_of_day(province_id, sale_on).offers if view.id in check.left}
    skus = catalog.skus(view.sku_id for view in found.values())
    return PriceList(province_id, sale_on, check.edition, found, skus, check.left)


def verdicts(province_id: int, offer_id: int) -> tuple[PastVerdict, ...]:
    """Everything the price law ever said of an offer, oldest first."""
    rows = Verdict.objects.filter(province_id=province_id, offer_id=offer_id).order_by("at", "id")
    return tuple(
        PastVerdict(row.rule, row.version, row.severity, row.result, row.inputs, row.decided_by, row.at) for row in rows
    )


def deals_before(province_id: int, sale_on: date, sku_ids: Iterable[int]) -> dict[int, laws.Deals]:
    """What each SKU really sold for before a day: the lowest price of the seven days before it, and the last one."""
    wanted = set(sku_ids)
    rows = DealPrice.objects.filter(province_id=province_id, sku_id__in=wanted, sale_on__lt=sale_on)
    latest = rows.order_by("sku_id", "-sale_on").distinct("sku_id")
    last = {row.sku_id: row.last for row in latest}
    week: dict[int, Money] = {}
    for row in rows.filter(sale_on__gte=sale_on - timedelta(days=laws.DAYS_OF_COMPARISON)):
        week[row.sku_id] = min(row.lowest, week.get(row.sku_id, row.lowest))
    return {sku_id: laws.Deals(lowest_of_week=week.get(sku_id), last=last.get(sku_id)) for sku_id in wanted}


def past_deals(province_id: int, sku_id: int, before: date, *, days: int = 30) -> tuple[PastDeal, ...]:
    """At which prices a SKU was really sold on the days before one, the earliest first."""
    rows = DealPrice.objects.filter(
        province_id=province_id, sku_id=sku_id, sale_on__lt=before, sale_on__gte=before - timedelta(days=days)
    )
    return tuple(PastDeal(row.sale_on, row.lowest, row.last) for row in rows.order_by("sale_on"))


def _edition(province_id: int, sale_on: date) -> int:
    rows = ShelfEdition.objects.filter(province_id=province_id, sale_on=sale_on)
    return rows.values_list("number", flat=True).first() or 0


def _on_sale(prices: PriceList, offer_id: int) -> OfferView:
    view = prices.offers.get(offer_id)
    if view is None or view.state is not OfferState.PUBLISHED or view.sale_on != prices.sale_on:
        raise OfferNotOnSale(offer=ids.public_id("offer", prices.province_id, offer_id))
    return view


def _require_available(view: OfferView, quantity: int, *, left: int, sku: SkuView) -> None:
    facts = {
        "offer": ids.public_id("offer", view.province_id, view.id),
        "name": sku.name_in("zh-hans"),
        "name_en": sku.name_in("en"),
    }
    if quantity > view.per_order_limit:
        raise OverLimit(limit=view.per_order_limit, **facts)
    if quantity > left:
        raise SoldOut(left=left, **facts)


def _priced(view: OfferView, quantity: int, sku: SkuView) -> quotes.PricedLine:
    return quotes.PricedLine(
        offer_id=view.id,
        quantity=quantity,
        price=view.price,
        list_price=view.list_price,
        net_grams=sku.net_grams,
    )


def _stocks(province_id: int, offer_ids: Iterable[int]) -> dict[int, Stock]:
    rows = Stock.objects.filter(province_id=province_id, offer_id__in=list(offer_ids))
    return {row.offer_id: row for row in rows}


def _view(row: Offer) -> OfferView:
    is_discounted = row.shown_bps is not None or row.shown_cut is not None
    return OfferView(
        id=row.pk,
        province_id=row.province_id,
        sale_on=row.sale_on,
        sku_id=row.sku_id,
        price=row.price,
        list_price=row.list_price,
        per_order_limit=row.per_order_limit,
        per_day_limit=row.per_day_limit,
        per_life_limit=row.per_life_limit,
        state=OfferState(row.state),
        discount=ShownDiscount(price_bps=row.shown_bps, cut=row.shown_cut) if is_discounted else None,
    )
