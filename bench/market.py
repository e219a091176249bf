"""A province with tonight's goods and many members, and the requests that its phones send."""

from __future__ import annotations

import itertools
import random
import secrets
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

from django.db import connection

from lintuan.catalog.commands import put_skus
from lintuan.catalog.queries import skus_by_code
from lintuan.catalog.types import Category, NewProduct, NewSku, Storage
from lintuan.kernel import clock, tokens
from lintuan.kernel.callers import SYSTEM, Caller, Kind
from lintuan.kernel.ids import public_id
from lintuan.kernel.money import Money
from lintuan.leaders.commands import register_points
from lintuan.leaders.types import NewPoint
from lintuan.pricing.commands import publish_offers
from lintuan.pricing.types import NewOffer, OfferState
from lintuan.provinces.commands import open_province, set_province
from lintuan.provinces.queries import province as province_view
from lintuan.provinces.queries import selling_day
from lintuan.provinces.types import ProvincePlan, Terms
from lintuan.sim.city import PROVINCE, wuhan

from .wire import request

SKUS = 2_000
LINES = 3
#: As much as an offer may have: nobody meets its end.
PLENTY = 10_000_000
MOST = 999
AT_ONCE = 500
MOST_QUANTITY = 3

Row = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Goods:
    """An offer of tonight as a phone knows it, with the id it has inside."""

    id: int
    name: str
    price_fen: int


@dataclass(frozen=True, slots=True)
class Market:
    """What the loads are drawn from. `hot` has plenty in stock, `scarce` just `scarce_units`."""

    address: str
    sale_on: date
    point_ids: Sequence[int]
    points: Sequence[str]
    member_ids: Sequence[int]
    tokens: Sequence[str]
    goods: Sequence[Goods]
    hot: Goods
    scarce: Goods
    scarce_units: int
    _turn: Iterator[int] = field(default_factory=itertools.count)
    _draw: random.Random = field(default_factory=lambda: random.Random(1))
    _series: str = field(default_factory=lambda: secrets.token_hex(4))

    def orders(self, count: int, always: Goods | None = None) -> Iterator[bytes]:
        """Requests of that many orders, each by the next member, of three random goods, or two and one that all want.

        Each has a key that was never used before.
        """
        for _ in range(count):
            turn = next(self._turn)
            path, body = "/api/v1/orders", self._basket(always)
            yield request("POST", path, self.signed_in(turn, content=True), body)

    def shelves(self, known: Mapping[str, str]) -> Iterator[bytes]:
        """One look at the shelf of each point; `known` are the ETags that the phones hold, by point."""
        for point in self.points:
            held = {"If-None-Match": known[point]} if point in known else {}
            yield request("GET", self.shelf_path(point), self.anonymous() | held)

    def shelf_path(self, point: str) -> str:
        return f"/api/v1/points/{point}/shelf"

    def anonymous(self) -> dict[str, str]:
        return {"Host": self.address, "Accept": "application/json", "Accept-Encoding": "gzip, deflate, br"}

    def signed_in(self, turn: int, *, content: bool) -> dict[str, str]:
        """Headers of the member whose turn it is, with a new key."""
        headers = {
            "Host": self.address,
            "Accept": "application/json",
            "Authorization": f"Bearer {self.tokens[turn % len(self.tokens)]}",
            "Idempotency-Key": f"{self._series}{turn:016x}",
        }
        return headers | {"Content-Type": "application/json"} if content else headers

    def _basket(self, always: Goods | None) -> bytes:
        draw = self._draw
        chosen = draw.sample(self.goods, LINES)
        units = [draw.randint(1, MOST_QUANTITY) for _ in chosen]
        if always is not None:
            chosen[draw.randrange(LINES)] = always
        lines = ",".join(
            f'{{"offer":"{each.name}","quantity":{1 if each is always else count},"price_fen":{each.price_fen}}}'
            for each, count in zip(chosen, units, strict=True)
        )
        return f'{{"point":"{draw.choice(self.points)}","lines":[{lines}]}}'.encode()


def open_market(address: str, *, members: int, scarce_units: int, skus: int = SKUS) -> Market:
    """Fill an empty, migrated database by the product's own commands; the members alone are inserted by SQL."""
    set_province(
        SYSTEM, province_id=PROVINCE, plan=ProvincePlan(zone=_morning_zone(), terms=Terms(unpaid_minutes=24 * 60))
    )
    open_province(SYSTEM, province_id=PROVINCE)
    sale_on = selling_day(province_view(PROVINCE), clock.now())
    assert sale_on is not None
    city = wuhan(neighbours=1, seed=1)
    points = register_points(SYSTEM, province_id=PROVINCE, points=tuple(_point(row) for row in city.points))
    goods = _publish(city.goods, sale_on, scarce_units, skus)
    member_ids = _join(members)
    return Market(
        address=address,
        sale_on=sale_on,
        point_ids=list(points.values()),
        points=[public_id("point", PROVINCE, point_id) for point_id in points.values()],
        member_ids=member_ids,
        tokens=_tokens(member_ids),
        goods=goods[:skus],
        hot=goods[skus],
        scarce=goods[skus + 1],
        scarce_units=scarce_units,
    )


def _morning_zone() -> str:
    """A zone where the day is young, so that no cut-off comes in the middle of a load."""
    ahead = (9 - datetime.now(UTC).hour + 12) % 24 - 12
    return f"Etc/GMT{-ahead:+d}" if ahead else "Etc/GMT"


def _publish(table: Sequence[Row], sale_on: date, scarce_units: int, skus: int) -> list[Goods]:
    """The demo city's goods over and over under new codes, until there are enough, and two more."""
    copies = [_sku(table[place % len(table)], place) for place in range(skus + 2)]
    for start in range(0, len(copies), AT_ONCE):
        put_skus(SYSTEM, skus=tuple(copies[start : start + AT_ONCE]))
    ids = {code: view.id for code, view in skus_by_code(sku.code for sku in copies).items()}
    prices = [max(int(table[place % len(table)]["price_fen"]), 1) for place in range(len(copies))]
    offers = [
        NewOffer(
            sku_id=ids[sku.code],
            price=Money(price),
            cost=Money(price // 2),
            capacity=scarce_units if place == skus + 1 else PLENTY,
            per_order_limit=MOST,
            per_day_limit=MOST,
        )
        for place, (sku, price) in enumerate(zip(copies, prices, strict=True))
    ]
    goods = []
    for start in range(0, len(offers), AT_ONCE):
        part = tuple(offers[start : start + AT_ONCE])
        for verdict in publish_offers(SYSTEM, province_id=PROVINCE, sale_on=sale_on, offers=part):
            assert verdict.state is OfferState.PUBLISHED
            goods.append((verdict.sku_id, verdict.offer_id))
    offer_of = dict(goods)
    return [
        Goods(offer_of[ids[sku.code]], public_id("offer", PROVINCE, offer_of[ids[sku.code]]), price)
        for sku, price in zip(copies, prices, strict=True)
    ]


def _join(count: int) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO members_member (province_id, phone, name, joined_at, state)"
            " SELECT %s, '19' || lpad(n::text, 9, '0'), '邻居' || n, now(), 'active' FROM generate_series(1, %s) AS n"
            " RETURNING id",
            [PROVINCE, count],
        )
        found = [row[0] for row in cursor.fetchall()]
        cursor.execute("VACUUM ANALYZE members_member, pricing_offer, pricing_stock")
    return sorted(found)


def _tokens(member_ids: Sequence[int]) -> list[str]:
    until = datetime.now(UTC) + timedelta(hours=12)
    return [tokens.sign(Caller(Kind.MEMBER, member_id, PROVINCE), expires_at=until) for member_id in member_ids]


def _point(row: Row) -> NewPoint:
    return NewPoint(
        code=row["code"],
        name=row["name_zh"],
        name_en=row["name_en"],
        address=row["address_zh"],
        district_code=row["district_code"],
        lat=float(row["lat"]),
        lng=float(row["lng"]),
        leader_name=row["leader_name"],
        leader_phone=row["leader_phone"],
    )


def _sku(row: Row, place: int) -> NewSku:
    return NewSku(
        code=f"B{place:04d}-{row['sku_code']}",
        product=NewProduct(
            code=f"B{place:04d}-{row['product_code']}",
            name=row["name_zh"],
            name_en=row["name_en"],
            category=Category(row["category"]),
            origin_code=row["origin_code"],
            storage=Storage(row["storage"]),
            picture=f"goods/{row['picture']}.webp",
        ),
        spec=row["spec_zh"],
        spec_en=row["spec_en"],
        unit=row["unit_zh"],
        unit_en=row["unit_en"],
        net_grams=int(row["net_grams"]) or None,
        shelf_life_days=int(row["shelf_life_days"]),
    )
