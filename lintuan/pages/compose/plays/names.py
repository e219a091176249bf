"""Names of what sets consist of: codes of the shipped plays. What a campaign names a SKU for has the SKU's name."""

from __future__ import annotations

from collections.abc import Mapping

from lintuan.catalog import queries as catalog
from lintuan.pages.compose.asking import Asking
from lintuan.plays.types import CampaignView

NAMES: Mapping[str, tuple[str, str]] = {
    "spring": ("春", "Spring"),
    "summer": ("夏", "Summer"),
    "autumn": ("秋", "Autumn"),
    "winter": ("冬", "Winter"),
    "harvest": ("丰收", "Harvest"),
    "lin": ("邻", "Neighbour"),
    "li": ("里", "Lane"),
    "mai": ("买", "Buy"),
    "cai": ("菜", "Greens"),
    "xian": ("鲜", "Fresh"),
    "tomatoes": ("番茄", "Tomatoes"),
    "eggs": ("鸡蛋", "Eggs"),
    "spring-onions": ("小葱", "Spring onions"),
    "pak-choi": ("青菜", "Pak choi"),
    "spinach": ("菠菜", "Spinach"),
    "lettuce": ("生菜", "Lettuce"),
    "cabbage": ("包菜", "Cabbage"),
    "celery": ("芹菜", "Celery"),
    "leek": ("韭菜", "Leek"),
    "coriander": ("香菜", "Coriander"),
    "tomato": ("番茄", "Tomato"),
    "cucumber": ("黄瓜", "Cucumber"),
    "aubergine": ("茄子", "Aubergine"),
    "pepper": ("辣椒", "Pepper"),
    "pumpkin": ("南瓜", "Pumpkin"),
    "wax-gourd": ("冬瓜", "Wax gourd"),
    "bean": ("豆角", "Bean"),
    "pea": ("豌豆", "Pea"),
    "carrot": ("胡萝卜", "Carrot"),
    "radish": ("萝卜", "Radish"),
    "potato": ("土豆", "Potato"),
    "lotus-root": ("莲藕", "Lotus root"),
    "taro": ("芋头", "Taro"),
    "yam": ("山药", "Yam"),
    "onion": ("洋葱", "Onion"),
    "mushroom": ("蘑菇", "Mushroom"),
    "bean-sprout": ("豆芽", "Bean sprout"),
}


def card_name(asking: Asking, campaign: CampaignView, code: str) -> str:
    """What one of a set is called: as goods, by its own name, else by its code."""
    sku_id = campaign.goods.get(code, int(code) if code.isdecimal() else 0)
    known = catalog.skus({sku_id}).get(sku_id) if sku_id else None
    if known is not None:
        return known.name_in(asking.language)
    return asking.t(*NAMES[code]) if code in NAMES else code
