"""Relay lists for tests, as leaders paste them."""

from __future__ import annotations

from datetime import date

from lintuan.catalog.types import SkuView
from lintuan.kernel.callers import Caller
from lintuan.leaders.types import PointView
from lintuan.ordering import commands, queries
from lintuan.ordering.engine.relays import DraftView, RelayView
from lintuan.ordering.types import OrderView, WantedLine
from lintuan.pricing.types import OfferView
from tests.make import catalog, leaders, pricing
from tests.make.ordering import SALE_ON
from tests.make.provinces import HUBEI


def offer(name: str, unit: str, price_fen: int, **given: object) -> OfferView:
    """A good of tonight by the name that people type."""
    return pricing.offer(price_fen, sku=sku(name, unit), **given)  # type: ignore[arg-type]


def sku(name: str, unit: str) -> SkuView:
    return catalog.sku(product=catalog.new_product(name=name, name_en=f"Good {name}"), unit=unit)


def paste(point: PointView, text: str) -> RelayView:
    """The list as it is read, as the leader of the point then sees it."""
    commands.paste_relay(leaders.leader_of(point), province_id=HUBEI, point_id=point.id, text=text)
    return see(point, pricing.next_sale_on())


def see(point: PointView, sale_on: date = SALE_ON) -> RelayView:
    return queries.relay(leaders.leader_of(point), HUBEI, point.id, sale_on)


def confirm(member: Caller, draft: DraftView, *lines: WantedLine, code: str = "") -> OrderView:
    """The order that a member's code becomes; all that is drafted at the present prices, unless lines are named."""
    prices = pricing.queries.offers(HUBEI, [line.offer_id for line in draft.lines])
    wanted = lines or tuple(
        WantedLine(line.offer_id, line.quantity, prices[line.offer_id].price.fen) for line in draft.lines
    )
    order_id = commands.confirm_draft(
        member, province_id=HUBEI, point_id=draft.point_id, code=code or draft.code, lines=wanted
    )
    return queries.order(member, HUBEI, order_id)
