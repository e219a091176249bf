"""What others may ask of the catalogue."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from django.db.models import QuerySet

from lintuan.kernel.errors import NotFound
from lintuan.kernel.memory import remembered
from lintuan.provinces import queries as provinces
from lintuan.provinces.types import PlaceView

from .models import Edition, Sku
from .types import Category, SkuState, SkuView, Storage


def sku(sku_id: int) -> SkuView:
    """One SKU; NotFound when there is none of that id."""
    found = skus([sku_id])
    if not found:
        raise NotFound(thing="sku")
    return found[sku_id]


def skus(ids: Iterable[int]) -> dict[int, SkuView]:
    """The SKUs of these ids; unknown ids are absent."""
    wanted, book = set(ids), _book(edition())
    if missing := wanted - book.keys():
        book.update({view.id: view for view in _views(Sku.objects.filter(id__in=missing))})
    return {sku_id: book[sku_id] for sku_id in wanted if sku_id in book}


@remembered(3600.0)
def _book(_: int) -> dict[int, SkuView]:
    """What this process has read so far of the edition of that number."""
    return {}


def skus_by_code(codes: Iterable[str]) -> dict[str, SkuView]:
    """The SKUs of these codes; unknown codes are absent."""
    return {view.code: view for view in _views(Sku.objects.filter(code__in=set(codes)))}


def active_skus() -> tuple[SkuView, ...]:
    """Everything that can be offered, by code."""
    return tuple(_views(Sku.objects.filter(state=SkuState.ACTIVE).order_by("code")))


def origins(codes: Collection[str], language: str) -> dict[str, str]:
    """Where goods come from, with the province; the code itself for a place that is not in our list."""
    known = provinces.places_by_code(part for code in codes for part in _parts(code))
    return {code: _origin([known.get(part) for part in _parts(code)], language) or code for code in codes}


@remembered(1.0)
def edition() -> int:
    """Rises with every change of the catalogue; as it was within the last second."""
    return Edition.objects.filter(pk=1).values_list("number", flat=True).first() or 0


def _views(rows: QuerySet[Sku]) -> Iterable[SkuView]:
    return (_view(row) for row in rows.select_related("product"))


def _view(row: Sku) -> SkuView:
    return SkuView(
        id=row.pk,
        code=row.code,
        product_code=row.product.code,
        name=row.product.name,
        name_en=row.product.name_en,
        category=Category(row.product.category),
        origin_code=row.product.origin_code,
        storage=Storage(row.product.storage),
        picture=row.product.picture,
        spec=row.spec,
        spec_en=row.spec_en,
        unit=row.unit,
        unit_en=row.unit_en,
        net_grams=row.net_grams,
        shelf_life_days=row.shelf_life_days,
        state=SkuState(row.state),
    )


def _parts(code: str) -> tuple[str, str]:
    return code[:2] + "0000", code


def _origin(places: list[PlaceView | None], language: str) -> str:
    found = [place for place in places if place is not None]
    if len(found) < len(places):
        return ""
    if language.startswith("en"):
        return ", ".join(dict.fromkeys(place.name_en for place in reversed(found)))
    return "".join(dict.fromkeys(place.name for place in found))
