"""Units of goods as pages list them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from lintuan.catalog.types import SkuView
from lintuan.fulfilment.types import DueLine
from lintuan.pages.tree.values import Goods

from . import offers, words


def goods(sku: SkuView, quantity: int, language: str) -> Goods:
    return Goods(
        name=sku.name_in(language),
        spec=sku.spec_in(language),
        unit=sku.unit_in(language),
        quantity=quantity,
        picture=offers.picture(sku.picture),
    )


def name(sku: SkuView, language: str) -> str:
    """What it is, in which size."""
    return " ".join(part for part in (sku.name_in(language), sku.spec_in(language)) if part)


def due(lines: Iterable[DueLine], skus: Mapping[int, SkuView], language: str) -> list[Goods]:
    return [goods(skus[line.sku_id], line.quantity, language) for line in lines]


def in_words(items: Iterable[Goods], language: str) -> str:
    """上海青 300g × 2, and so on."""
    named = (f"{' '.join(part for part in (one.name, one.spec) if part)} × {one.quantity}" for one in items)
    return words.listed(named, language)
