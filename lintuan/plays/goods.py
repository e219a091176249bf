"""Goods that a definition leaves open, by the names that it calls them."""

from __future__ import annotations

from collections.abc import Mapping

from lintuan.catalog import queries as catalog

from .engine.values import Text


def names_of(goods: Mapping[str, int]) -> dict[str, Text]:
    """What the SKUs are called, by the names that stand for them; SKUs that are gone are absent."""
    skus = catalog.skus(set(goods.values()))
    return {
        name: Text(zh=skus[sku_id].name_in("zh-hans"), en=skus[sku_id].name_in("en"))
        for name, sku_id in goods.items()
        if sku_id in skus
    }
