"""A province small enough to count on one's fingers, as its staff enter it."""

from __future__ import annotations

from datetime import date
from typing import Any, NamedTuple

from .phones import Phone

PROVINCE = 42
#: Until cut-off at 23:00 local time there is room to order, to change one's mind, and to let an order expire.
EVENING = "20:00"


class Good(NamedTuple):
    code: str
    name: str
    name_en: str
    category: str
    cost: int
    price: int
    capacity: int
    picture: str


GOODS = (
    Good("J-GREENS", "上海青", "Shanghai bok choy", "vegetables", 200, 258, 1000, "goods/leafy.webp"),
    Good("J-EGGS", "土鸡蛋", "Farm eggs", "poultry-eggs", 1000, 1280, 1000, "goods/egg.webp"),
    Good("J-TOFU", "老豆腐", "Firm tofu", "soy", 250, 350, 1000, "goods/beans.webp"),
    Good("J-RICE", "东北大米", "Northeast rice", "staples", 4000, 4990, 1000, "goods/rice.webp"),
    Good("J-PEARS", "砀山梨", "Dangshan pears", "fruit", 700, 899, 1000, "goods/pear.webp"),
    Good("J-FISH", "武昌鱼", "Wuchang bream", "aquatic", 2100, 2680, 2, "goods/fish.webp"),
)
#: Code, then (SKU, units in a pack, rank): S2 is the second supplier of what S1 may be short of.
SUPPLIERS = (
    ("S1", "18700000001", (("J-GREENS", 4, 1), ("J-EGGS", 6, 1), ("J-TOFU", 5, 1))),
    ("S2", "18700000002", (("J-RICE", 2, 1), ("J-PEARS", 3, 1), ("J-FISH", 1, 1), ("J-TOFU", 3, 2))),
)
#: Code, the leader's phone, latitude and longitude.
POINTS = (
    ("P1", "18800000001", 30.5544, 114.3166),
    ("P2", "18800000002", 30.5310, 114.3570),
    ("P3", "18800000003", 30.5822, 114.2985),
)


def enter(staff: Phone, first_sale_on: date) -> dict[str, str]:
    """Write everything down and begin to trade; answers the points' ids by code."""
    staff.put(f"/provinces/{PROVINCE}", {})
    points = staff.post("/points/import", {"province_id": PROVINCE, "points": [point(*row) for row in POINTS]})
    staff.post("/catalog/skus", {"skus": [_sku(good) for good in GOODS]})
    staff.post("/suppliers/import", {"province_id": PROVINCE, "suppliers": [_supplier(*row) for row in SUPPLIERS]})
    staff.post("/warehouses/import", {"province_id": PROVINCE, "warehouses": _warehouses()})
    staff.post(f"/provinces/{PROVINCE}/open", {"first_sale_on": first_sale_on.isoformat()})
    ids: dict[str, str] = points["ids"]
    return ids


def point(code: str, phone: str, lat: float, lng: float) -> dict[str, Any]:
    return {
        "code": code, "name": f"{code}自提点", "name_en": f"Point {code}", "address": "珞珈路1号",
        "district_code": "420106", "lat": lat, "lng": lng, "leader_name": f"{code}团长", "leader_phone": phone,
    }  # fmt: skip


def offers(sale_on: date, *goods: Good) -> dict[str, Any]:
    """What staff send to put goods on a day's shelf."""
    tonight = [
        {"sku_code": good.code, "price_fen": good.price, "cost_fen": good.cost, "capacity": good.capacity}
        for good in goods
    ]
    return {"province_id": PROVINCE, "sale_on": sale_on.isoformat(), "offers": tonight}


def _sku(good: Good) -> dict[str, Any]:
    product = {
        "code": good.code.removeprefix("J-"), "name": good.name, "name_en": good.name_en, "category": good.category,
        "origin_code": "420100", "picture": good.picture,
    }  # fmt: skip
    return {
        "code": good.code, "product": product, "spec": "约500g/份", "spec_en": "about 500 g", "unit": "份",
        "unit_en": "portion", "net_grams": 500, "shelf_life_days": 5,
    }  # fmt: skip


def _supplier(code: str, phone: str, skus: tuple[tuple[str, int, int], ...]) -> dict[str, Any]:
    costs = {good.code: good.cost for good in GOODS}
    return {
        "code": code, "name": f"{code}合作社", "name_en": f"Cooperative {code}", "phone": phone, "city_code": "420100",
        "skus": [
            {"sku_code": sku, "cost_fen": costs[sku], "pack_units": pack, "rank": rank} for sku, pack, rank in skus
        ],
    }  # fmt: skip


def _warehouses() -> list[dict[str, Any]]:
    centre = {"kind": "centre", "code": "C", "name": "中心仓", "name_en": "Centre", "lat": 30.638, "lng": 114.1058}
    grid = {"kind": "grid", "code": "G", "name": "网格仓", "name_en": "Grid", "lat": 30.56, "lng": 114.33}
    return [centre, {**grid, "points": [code for code, *_ in POINTS]}]
