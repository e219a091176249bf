"""Offers as pages show them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from django.templatetags.static import static
from msgspec.structs import replace

from lintuan.catalog import queries as catalog
from lintuan.catalog.types import SkuView
from lintuan.kernel.ids import public_id
from lintuan.kernel.memory import remembered
from lintuan.pages.tree.values import Category, Offer, Picture
from lintuan.pricing import queries as pricing
from lintuan.pricing.engine.quotes import price_per_500g
from lintuan.pricing.types import OfferView, ShownDiscount

from . import parts, words

#: Fewer than that are said to be left.
FEW = 20
SIDE = 96
PHOTO_SIDE = 320
NO_PICTURE = "goods/basket.webp"


def picture(path: str, *, alt: str = "") -> Picture:
    """A picture of goods; what has none gets a basket."""
    return Picture(src=static(path or NO_PICTURE), alt=alt, width=SIDE, height=SIDE)


def photo(address: str, alt: str) -> Picture:
    """A photo somebody sent, in the box it is shown in: its own size is not kept."""
    return Picture(src=address, alt=alt, width=PHOTO_SIDE, height=PHOTO_SIDE)


def offers_of_day(province_id: int, sale_on: date, language: str) -> tuple[Offer, ...]:
    """The whole shelf in its order, as it was within the last second."""
    check = _check(province_id, sale_on)
    stamp = (check.edition, catalog.edition(), tuple(check.left))
    known = _written(province_id, sale_on, language, stamp)
    return tuple(stocked(offer, check.left[offer_id]) for offer_id, offer in known if offer_id in check.left)


def stocked(offer: Offer, left: int) -> Offer:
    """The offer with what is left of it."""
    return replace(offer, left=left if 0 < left <= FEW else None, sold_out=left < 1)


def offer_of(view: OfferView, sku: SkuView, language: str) -> Offer:
    """An offer, whatever is left of it."""
    per_500g = price_per_500g(view.price, sku.net_grams)
    offer_id, name = public_id("offer", view.province_id, view.id), sku.name_in(language)
    look = f"Look at {name}" if language.startswith("en") else f"看看{name}"
    return Offer(
        id=offer_id,
        name=name,
        spec=sku.spec_in(language),
        unit=sku.unit_in(language),
        price_fen=view.price.fen,
        list_fen=view.list_price.fen if view.list_price else None,
        per_unit=f"{words.yuan(per_500g.fen)}/500g" if per_500g is not None else "",
        picture=picture(sku.picture),
        category=sku.category.value,
        limit=view.per_order_limit or None,
        notes=_notes(view, language),
        tap=parts.go("product", look, offer=offer_id),
    )


def in_words(offer: Offer, language: str) -> str:
    """All that the card of an offer says, in a line."""
    name = " ".join(part for part in (offer.name, offer.spec) if part)
    return f"{name} {terms(offer, language)}"


def terms(offer: Offer, language: str) -> str:
    """What it costs, and what is to be minded."""
    is_english = language.startswith("en")
    price = f"{words.yuan(offer.price_fen)}/{offer.unit}" if offer.unit else words.yuan(offer.price_fen)
    listed = offer.list_fen and (f"list price {words.yuan(offer.list_fen)}", f"划线价 {words.yuan(offer.list_fen)}")
    left = offer.left and (f"{offer.left} left", f"还剩 {offer.left} {offer.unit}")
    gone = offer.sold_out and ("sold out", "已售完")
    more = [pair[0] if is_english else pair[1] for pair in (listed, left, gone) if pair]
    return words.told(price, offer.per_unit, *more, *offer.notes, language=language)


def categories(offers: tuple[Offer, ...], titles: Mapping[str, str]) -> list[Category]:
    """The kinds of goods there are tonight, in the order of the shelf."""
    return [Category(id=one, title=titles[one]) for one in dict.fromkeys(offer.category for offer in offers)]


@remembered(1.0)
def _check(province_id: int, sale_on: date) -> pricing.ShelfCheck:
    return pricing.shelf_check(province_id, sale_on)


@remembered(3600.0)
def _written(
    province_id: int, sale_on: date, language: str, _: tuple[int, int, tuple[int, ...]]
) -> tuple[tuple[int, Offer], ...]:
    """Each offer by id, of the editions that the last argument names."""
    stocked = pricing.offers_of_day(province_id, sale_on)
    skus = catalog.skus(each.offer.sku_id for each in stocked)
    return tuple((each.offer.id, offer_of(each.offer, skus[each.offer.sku_id], language)) for each in stocked)


def _notes(view: OfferView, language: str) -> list[str]:
    is_english = language.startswith("en")
    notes = [_discount(view.discount, is_english)] if view.discount else []
    if view.per_life_limit:
        most = view.per_life_limit
        notes.append(f"at most {most} per person, ever" if is_english else f"每人累计限购 {most} 份")
    return notes


def _discount(discount: ShownDiscount, is_english: bool) -> str:
    if discount.price_bps is None:
        cut = words.yuan(discount.cut.fen if discount.cut else 0)
        return f"{cut} off" if is_english else f"直降 {cut}"
    if is_english:
        return f"{(10_000 - discount.price_bps) // 100}% off"
    tenths, hundredths = divmod(discount.price_bps // 10, 100)
    return f"{tenths}.{hundredths:02d}".rstrip("0").rstrip(".") + "折"
