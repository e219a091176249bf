"""Composes the shelf of a pickup point, as JSON in bytes.

What a province offers on a day is the same at all its points, and long; what is the point's own is short. So the offers
come first and are written once for all points (`offers_of_day`), and each point adds its own end (`end_of_shelf`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from zoneinfo import ZoneInfo

import msgspec
from django.templatetags.static import static

from lintuan.catalog import queries as catalog
from lintuan.catalog.types import SkuView, spoken
from lintuan.kernel.ids import public_id
from lintuan.leaders import queries as leaders
from lintuan.leaders.types import PointState, PointView
from lintuan.pricing import queries as pricing
from lintuan.pricing.engine.quotes import price_per_500g
from lintuan.pricing.types import OfferView
from lintuan.provinces import queries as provinces
from lintuan.provinces.types import ProvinceState, ProvinceView


@dataclass(frozen=True, slots=True)
class OffersOfDay:
    """What a province offers on a day in one language: how each of its shelves begins."""

    province_id: int
    sale_on: date
    language: str
    #: The editions of the day's offers and of the catalogue; what is written is never older.
    stamp: tuple[int, int]
    #: Each offer by id: a JSON object still open at its end, where `left` goes.
    texts: tuple[tuple[int, bytes], ...]
    left: Mapping[int, int]
    #: A JSON object still open at its end.
    body: bytes


def shelf(province_id: int, point_id: int, *, language: str, now: datetime) -> bytes:
    """The whole shelf of a point: tonight's, or between cut-off and opening the coming one."""
    point, province = leaders.point(province_id, point_id), provinces.province(province_id)
    offers = offers_of_day(province_id, provinces.coming_day(province, now), language)
    return offers.body + end_of_shelf(point, province, sale_on=offers.sale_on, language=language, now=now)


def offers_of_day(province_id: int, sale_on: date, language: str, known: OffersOfDay | None = None) -> OffersOfDay:
    """The beginning of the day's shelves; `known` itself, of the same day and language, while it still holds.

    One small query tells whether it does and what is left now.
    """
    # Asked before composing: what is composed is never older than its stamp.
    check, edition = pricing.shelf_check(province_id, sale_on), catalog.edition()
    stamp = (check.edition, edition)
    # The offers are compared too, in case the database was put back.
    if known is None or known.stamp != stamp or known.left.keys() != check.left.keys():
        texts = _texts(province_id, sale_on, language)
        return _filled(OffersOfDay(province_id, sale_on, language, stamp, texts, {}, b""), check.left)
    return known if known.left == check.left else _filled(known, check.left)


def end_of_shelf(point: PointView, province: ProvinceView, *, sale_on: date, language: str, now: datetime) -> bytes:
    """What follows the offers on the shelf of one point; it holds for the minute that `now` is in."""
    moments = {step: province.timetable.at(step, sale_on, province.zone) for step in _STEPS}
    is_trading = province.state is ProvinceState.OPEN and point.state is PointState.OPEN
    end = {
        "point": {
            "id": public_id("point", point.province_id, point.id),
            "name": spoken(language, point.name, point.name_en),
            "address": point.address,
            "state": point.state.value,
        },
        "sale_on": sale_on,
        "opens_at": moments["opens"],
        "cutoff_at": moments["cutoff"],
        "now": now.replace(second=0, microsecond=0),
        "is_open": is_trading and moments["opens"] <= now < moments["cutoff"],
        "collect": {
            "on": moments["collect_from"].astimezone(ZoneInfo(province.zone)).date(),
            "from": moments["collect_from"],
            "until": moments["collect_until"],
        },
    }
    return b"," + msgspec.json.encode(end)[1:]


_STEPS = ("opens", "cutoff", "collect_from", "collect_until")


def _filled(offers: OffersOfDay, left: Mapping[int, int]) -> OffersOfDay:
    texts = b",".join(text + b',"left":%d}' % left[offer_id] for offer_id, text in offers.texts if offer_id in left)
    return replace(offers, left=left, body=b'{"offers":[' + texts + b"]")


def _texts(province_id: int, sale_on: date, language: str) -> tuple[tuple[int, bytes], ...]:
    stocked = pricing.offers_of_day(province_id, sale_on)
    skus = catalog.skus(each.offer.sku_id for each in stocked)
    origins = catalog.origins({sku.origin_code for sku in skus.values()}, language)

    def text(offer: OfferView) -> bytes:
        sku = skus[offer.sku_id]
        return msgspec.json.encode(_offer(offer, sku, origins[sku.origin_code], language))[:-1]

    return tuple((each.offer.id, text(each.offer)) for each in stocked)


def _offer(offer: OfferView, sku: SkuView, origin: str, language: str) -> dict[str, object]:
    per_500g = price_per_500g(offer.price, sku.net_grams)
    return {
        "id": public_id("offer", offer.province_id, offer.id),
        "sku_code": sku.code,
        "name": sku.name_in(language),
        "spec": sku.spec_in(language),
        "unit": sku.unit_in(language),
        "category": sku.category_in(language),
        "category_code": sku.category.value,
        "origin": origin,
        "storage": sku.storage_in(language),
        "shelf_life_days": sku.shelf_life_days,
        "picture": static(sku.picture) if sku.picture else "",
        "price_fen": offer.price.fen,
        "list_price_fen": offer.list_price.fen if offer.list_price else None,
        "price_per_500g_fen": None if per_500g is None else per_500g.fen,
        "discount": _discount(offer),
        "per_order_limit": offer.per_order_limit,
        "per_day_limit": offer.per_day_limit,
        "per_life_limit": offer.per_life_limit,
    }


def _discount(offer: OfferView) -> dict[str, int | None] | None:
    if offer.discount is None:
        return None
    cut = offer.discount.cut
    return {"price_bps": offer.discount.price_bps, "cut_fen": cut.fen if cut else None}
