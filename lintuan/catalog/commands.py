"""Changing the catalogue; it belongs to headquarters, as all provinces sell from it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from django.db.models import F

from lintuan.kernel import changes
from lintuan.kernel.callers import Caller
from lintuan.kernel.commands import command

from . import rules
from .models import Edition, Product, Sku
from .types import NewProduct, NewSku

NATIONAL = 0
PRODUCT_COLUMNS = ("name", "name_en", "category", "origin_code", "storage", "picture")
SKU_COLUMNS = ("product", "spec", "spec_en", "unit", "unit_en", "net_grams", "shelf_life_days", "state")


@command
def put_skus(caller: Caller, *, skus: tuple[NewSku, ...], key: str | None = None) -> tuple[int, ...]:
    """Enter SKUs with their products, or overwrite those whose code is known; answers the ids in the given order."""
    caller.require("catalog.edit", NATIONAL)
    rules.require_sound(skus)
    _next_edition()
    products = _put_products([sku.product for sku in skus])
    ids = _put_skus(skus, products)
    return tuple(ids[sku.code] for sku in skus)


def _next_edition() -> None:
    """Also lets editors queue here rather than on rows in different orders."""
    if not Edition.objects.filter(pk=1).update(number=F("number") + 1):
        Edition.objects.bulk_create([Edition(pk=1)], ignore_conflicts=True)
        Edition.objects.filter(pk=1).update(number=F("number") + 1)
    changes.tell("catalog")


def _put_products(products: Sequence[NewProduct]) -> dict[str, Product]:
    rows = {
        product.code: Product(code=product.code, **{column: getattr(product, column) for column in PRODUCT_COLUMNS})
        for product in products
    }
    Product.objects.bulk_create(
        rows.values(), update_conflicts=True, unique_fields=["code"], update_fields=PRODUCT_COLUMNS
    )
    return rows


def _put_skus(skus: Sequence[NewSku], products: Mapping[str, Product]) -> dict[str, int]:
    rows = [
        Sku(
            code=sku.code,
            product=products[sku.product.code],
            **{column: getattr(sku, column) for column in SKU_COLUMNS if column != "product"},
        )
        for sku in skus
    ]
    Sku.objects.bulk_create(rows, update_conflicts=True, unique_fields=["code"], update_fields=SKU_COLUMNS)
    return {row.code: row.pk for row in rows}
