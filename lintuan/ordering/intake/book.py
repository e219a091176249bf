"""The book: what a batch is decided by that is the same for everybody, as of one edition of a sale day."""

from __future__ import annotations

import time
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from lintuan.catalog import queries as catalog
from lintuan.catalog.types import SkuView
from lintuan.kernel import changes
from lintuan.kernel.errors import NotFound, Refusal
from lintuan.leaders import queries as leaders
from lintuan.leaders.types import PointView
from lintuan.members.queries import forgotten_ids
from lintuan.ordering.days import Desk, offer_facts, open_day
from lintuan.ordering.types import BasketFacts, OfferFacts
from lintuan.pricing import queries as pricing
from lintuan.provinces.queries import province_now, require_open, selling_day
from lintuan.provinces.types import ProvinceView


@dataclass(frozen=True, slots=True)
class Edition:
    """Which book it is: how much of the day it holds, and as of when."""

    is_whole: bool
    began: float
    changes: int


@dataclass(frozen=True, slots=True)
class Places:
    """Where orders are collected, and who may not order any more."""

    points: Mapping[int, PointView]
    forgotten: Collection[int]


@dataclass(frozen=True, slots=True)
class Book:
    """A province on one sale day; `sale_on` is None while it takes no orders, and both hold `until` then.

    It is `whole`, or it knows only the offers and points that one order is about. It is out of date when the province's
    count of changes is not `changes` any more; what was changed before `began` (real, monotonic) is in it in any case.
    """

    province: ProvinceView
    sale_on: date | None
    until: datetime
    changes: int
    began: float
    is_whole: bool
    edition: int
    offers: Mapping[int, OfferFacts]
    skus: Mapping[int, SkuView]
    points: Mapping[int, PointView]
    forgotten: Collection[int]
    #: The one that the order is about which this book was made for; those that name one have a book of their own.
    basket: BasketFacts | None = None

    def is_of(self, now: datetime) -> bool:
        """Whether the sale day is still the one now open."""
        return now < self.until

    def refuses(self, member_id: int, point_id: int) -> Refusal | None:
        """What speaks against any order of this member at this point."""
        try:
            if member_id in self.forgotten:
                raise NotFound(thing="member")
            require_open(self.province)
            point = self.points.get(point_id)
            if point is None:
                raise NotFound(thing="point")
            leaders.require_open(point)
        except Refusal as refusal:
            return refusal
        return None


def whole_book(province_id: int, now: datetime) -> Book:
    """Everything of the sale day that is open now, or what is known while none is."""
    edition, day = Edition(True, time.monotonic(), changes.count(province_id)), _today(province_id, now)
    shelf = pricing.shelf_of_day(province_id, day.sale_on) if day.sale_on else pricing.NO_SHELF
    points = {view.id: view for view in leaders.points(province_id)}
    return _book(day, edition, shelf, Places(points, forgotten_ids(province_id)))


def book_for(province_id: int, now: datetime, *, member_id: int, point_id: int, offer_ids: Collection[int]) -> Book:
    """Just what one order is about."""
    edition, day = Edition(False, time.monotonic(), changes.count(province_id)), _today(province_id, now)
    shelf = pricing.shelf_of_offers(province_id, day.sale_on, offer_ids) if day.sale_on else pricing.NO_SHELF
    try:
        points = {point_id: leaders.point_now(province_id, point_id)}
    except NotFound:
        points = {}
    return _book(day, edition, shelf, Places(points, forgotten_ids(province_id, [member_id])))


def _today(province_id: int, now: datetime) -> Desk:
    """The province at this moment, with the row of its sale day made where it is the first to ask."""
    market = province_now(province_id)
    sale_on = selling_day(market, now)
    if sale_on is not None:
        open_day(market.id, sale_on)
    return Desk(market, now, sale_on)


def _book(day: Desk, edition: Edition, shelf: pricing.DayShelf, places: Places) -> Book:
    return Book(
        province=day.province,
        sale_on=day.sale_on,
        until=day.at("cutoff", day.sale_on) if day.sale_on else day.opens_next_at(),
        changes=edition.changes,
        began=edition.began,
        is_whole=edition.is_whole,
        edition=shelf.edition,
        offers={view.id: offer_facts(view) for view in shelf.offers},
        skus=catalog.skus({view.sku_id for view in shelf.offers}),
        points=places.points,
        forgotten=places.forgotten,
    )
