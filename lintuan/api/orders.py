"""Orders over HTTP: placed, changed, paid and looked at by neighbours, watched by staff."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated

from django.http import HttpRequest
from ninja import Field, Query, Router, Schema, Status
from ninja.responses import NinjaJSONEncoder
from pydantic import BaseModel

from lintuan.catalog import queries as catalog
from lintuan.catalog.types import SkuView, spoken
from lintuan.kernel.callers import Caller
from lintuan.kernel.errors import Invalid, NotFound
from lintuan.kernel.ids import public_id, read_public_id
from lintuan.leaders import queries as leaders
from lintuan.leaders.types import PointView
from lintuan.ordering import commands, queries
from lintuan.ordering.types import LineView, OrderRequest, OrderView, WantedLine
from lintuan.payments.commands import pay_parameters
from lintuan.plays.errors import PlayUnknown
from lintuan.provinces.queries import province
from lintuan.provinces.types import ProvinceView

from .http import caller_of, key_of, language_of
from .payments import PaymentSheet, PayWish, address_of, place_of, sheet_of

router = Router(tags=["orders"])

PublicId = Annotated[str, Field(max_length=40, examples=["gK8sPd2R"])]
Listed = Annotated[int, Query(ge=1, le=200)]


class LineWish(BaseModel):
    offer: PublicId
    quantity: int = Field(strict=True, examples=[2])
    price_fen: int = Field(strict=True, description="the price the neighbour saw and agrees to", examples=[399])


class LinesWish(BaseModel):
    lines: list[LineWish] = Field(max_length=100)


class OrderWish(LinesWish):
    point: PublicId
    basket: PublicId | None = Field(default=None, description="a household basket, all of whose open lines these are")
    together: bool = Field(default=False, description="everybody's lines of the basket, not only one's own")
    saved_fen: int = Field(
        default=0, strict=True, ge=0, le=10_000_000, examples=[200],
        description="what the quote said that plays and rewards save; 0 uses nothing. Where it is another sum by now,"
        " nothing is ordered: `saving_changed`, with the new `saved_fen`",
    )  # fmt: skip
    run: PublicId | None = Field(default=None, description="a round of a play, in which the order takes a seat")


class OrderPoint(BaseModel):
    id: PublicId
    name: str = Field(examples=["东湖自提点"])
    address: str = Field(examples=["珞珈路1号"])


class Pickup(BaseModel):
    on: date = Field(examples=["2026-11-21"])
    from_: datetime = Field(serialization_alias="from", examples=["2026-11-21T08:00:00Z"])
    until: datetime = Field(examples=["2026-11-21T13:00:00Z"])


class OrderLineJson(BaseModel):
    id: PublicId
    offer: PublicId
    sku_code: str = Field(examples=["VEG-0001"])
    name: str = Field(examples=["上海青"])
    spec: str = Field(examples=["300g"])
    unit: str = Field(examples=["袋"])
    quantity: int = Field(examples=[2])
    cut: int = Field(description="units that are not delivered, and refunded", examples=[0])
    due: int = Field(description="units to collect: quantity - cut", examples=[2])
    price_fen: int = Field(examples=[399])
    amount_fen: int = Field(examples=[798])
    refunded_fen: int = Field(examples=[0])


class OrderJson(BaseModel):
    id: PublicId
    number: str = Field(description="to read out at the pickup point", examples=["11207KQ2MX"])
    state: str = Field(
        description="unpaid, paid, cancelled, expired, collected, unclaimed, refunded", examples=["unpaid"]
    )
    point: OrderPoint
    sale_on: date = Field(examples=["2026-11-20"])
    collect: Pickup = Field(description="the pickup promise")
    amount_fen: int = Field(description="the value of the goods", examples=[798])
    refunded_fen: int = Field(description="of that value, given back", examples=[0])
    saved_fen: int = Field(description="what plays pay of it", examples=[0])
    to_pay_fen: int = Field(description="what the charge asks or asked of the member", examples=[798])
    paid_back_fen: int = Field(description="of that, given back to the member", examples=[0])
    charge: PublicId
    placed_at: datetime = Field(examples=["2026-11-20T12:00:00Z"])
    pay_by: datetime = Field(examples=["2026-11-20T12:15:00Z"])
    paid_at: datetime | None = Field(examples=["2026-11-20T12:01:30Z"])
    change_until: datetime = Field(description="cut-off; then the order stands", examples=["2026-11-20T15:00:00Z"])
    lines: list[OrderLineJson]


class OrdersJson(Schema):
    orders: list[OrderJson]


@router.post("/orders", response={201: OrderJson}, by_alias=True, summary="Order tonight's goods")
def place(request: HttpRequest, wish: OrderWish) -> Status[OrderJson]:
    """The goods are held until `pay_by`. Needs an Idempotency-Key, so that a lost answer never orders twice."""
    caller, key = caller_of(request), key_of(request)
    if key is None:
        raise Invalid(reason="Idempotency-Key: required")
    province_id, point_id = read_public_id("point", wish.point)
    order_id = commands.place_order(
        caller,
        province_id=province_id,
        request=OrderRequest(
            point_id,
            _wanted(province_id, wish.lines),
            basket_id_of(province_id, wish.basket),
            wish.together,
            run_id=run_id_of(province_id, wish.run),
            saved_fen=wish.saved_fen,
        ),
        key=key,
    )
    return Status(201, _order_now(request, province_id, order_id))


@router.get("/orders", response=OrdersJson, by_alias=True, summary="The caller's orders, newest first")
def list_own(request: HttpRequest, limit: Listed = 50, before: PublicId | None = None) -> OrdersJson:
    """`before` is the id of the last order of the page before."""
    before_id = read_public_id("order", before)[1] if before else None
    views = queries.orders_of_member(caller_of(request), before_id=before_id, limit=limit)
    return OrdersJson(orders=_orders(views, language_of(request)))


@router.get("/orders/recent", response=OrdersJson, by_alias=True, summary="The newest orders of a province")
def list_recent(request: HttpRequest, province_id: int, limit: Listed = 50) -> OrdersJson:
    """Staff with `ordering.read`."""
    views = queries.recent_orders(caller_of(request), province_id, limit=limit)
    return OrdersJson(orders=_orders(views, language_of(request)))


@router.get("/orders/{order}", response=OrderJson, by_alias=True, summary="One order")
def show(request: HttpRequest, order: str) -> OrderJson:
    """For the neighbour who placed it, the leader of its point, and staff."""
    return _order_now(request, *read_public_id("order", order))


@router.put("/orders/{order}/lines", response=OrderJson, by_alias=True, summary="Change an order until cut-off")
def edit(request: HttpRequest, order: str, wish: LinesWish) -> OrderJson:
    """The lines become these; none of an offer gives it up. What is paid can only be reduced: place another order for
    more, both are collected together.
    """
    province_id, order_id = read_public_id("order", order)
    lines = _wanted(province_id, [line for line in wish.lines if line.quantity])
    commands.edit_order(
        caller_of(request), province_id=province_id, order_id=order_id, lines=lines, key=key_of(request)
    )
    return _order_now(request, province_id, order_id)


@router.post("/orders/{order}/cancel", response=OrderJson, by_alias=True, summary="Give an order up until cut-off")
def cancel(request: HttpRequest, order: str) -> OrderJson:
    """What was paid goes back whole."""
    province_id, order_id = read_public_id("order", order)
    commands.cancel_order(caller_of(request), province_id=province_id, order_id=order_id, key=key_of(request))
    return _order_now(request, province_id, order_id)


@router.post("/orders/{order}/pay", response=PaymentSheet, summary="Begin to pay an order")
def pay(request: HttpRequest, order: str, wish: PayWish | None = None) -> PaymentSheet:
    """Asked again with the same method while the order is unpaid, it opens the same payment; see
    `POST /charges/{charge}/payment`."""
    caller = caller_of(request)
    province_id, order_id = read_public_id("order", order)
    charge_id = queries.order(caller, province_id, order_id).charge_id
    payer = (wish or PayWish()).payer(place_of(request), address_of(request))
    sheet = pay_parameters(caller, province_id=province_id, charge_id=charge_id, payer=payer)
    return sheet_of(province_id, sheet)


def _wanted(province_id: int, lines: Sequence[LineWish]) -> tuple[WantedLine, ...]:
    return tuple(WantedLine(_offer_id(province_id, line.offer), line.quantity, line.price_fen) for line in lines)


def _offer_id(province_id: int, text: str) -> int:
    """The offer's id; one of another province is none of ours, as 0 never is."""
    of_province, offer_id = read_public_id("offer", text)
    return offer_id if of_province == province_id else 0


def basket_id_of(province_id: int, text: str | None) -> int:
    """The basket's id, 0 for none; NotFound for one of another province."""
    if text is None:
        return 0
    of_province, basket_id = read_public_id("basket", text)
    if of_province != province_id:
        raise NotFound(thing="basket")
    return basket_id


def run_id_of(province_id: int, text: str | None) -> int:
    """The run's id, 0 for none; PlayUnknown for one of another province."""
    if text is None:
        return 0
    of_province, run_id = read_public_id("run", text)
    if of_province != province_id:
        raise PlayUnknown(thing="run")
    return run_id


def _order_now(request: HttpRequest, province_id: int, order_id: int) -> OrderJson:
    return order_json(caller_of(request), province_id, order_id, language_of(request))


def written_order(caller: Caller, province_id: int, order_id: int, language: str) -> bytes:
    """The JSON of one order, for a face without ninja."""
    return written(queries.order(caller, province_id, order_id), language)


def written(view: OrderView, language: str) -> bytes:
    """The JSON of an order that was read already."""
    order = _orders([view], language)[0]
    return json.dumps(order.model_dump(by_alias=True), cls=NinjaJSONEncoder, ensure_ascii=False).encode()


def order_json(caller: Caller, province_id: int, order_id: int, language: str) -> OrderJson:
    """An order as those who may see it read it."""
    return _orders([queries.order(caller, province_id, order_id)], language)[0]


@dataclass(frozen=True, slots=True)
class _Reader:
    """What a reader is told beside the order itself, in their language."""

    language: str
    skus: Mapping[int, SkuView]
    points: Mapping[tuple[int, int], PointView]
    provinces: Mapping[int, ProvinceView]


def _orders(views: Sequence[OrderView], language: str) -> list[OrderJson]:
    reader = _Reader(
        language=language,
        skus=catalog.skus({line.sku_id for view in views for line in view.lines}),
        points=_points({(view.province_id, view.point_id) for view in views}),
        provinces={province_id: province(province_id) for province_id in {view.province_id for view in views}},
    )
    return [_order(view, reader) for view in views]


def _points(places: Collection[tuple[int, int]]) -> dict[tuple[int, int], PointView]:
    if len(places) == 1:
        return {place: leaders.point(*place) for place in places}
    provinces = {province_id for province_id, _ in places}
    return {(view.province_id, view.id): view for one in provinces for view in leaders.points(one)}


def _order(view: OrderView, reader: _Reader) -> OrderJson:
    market = reader.provinces[view.province_id]
    return OrderJson(
        id=public_id("order", view.province_id, view.id),
        number=view.number,
        state=view.state,
        point=_point(reader.points[view.province_id, view.point_id], reader.language),
        sale_on=view.sale_on,
        collect=_promise(view, market),
        amount_fen=view.amount.fen,
        refunded_fen=view.refunded.fen,
        saved_fen=view.saved.fen,
        to_pay_fen=view.bill.charged.fen,
        paid_back_fen=view.bill.paid_back.fen,
        charge=public_id("charge", view.province_id, view.charge_id),
        placed_at=view.placed_at,
        pay_by=view.pay_by,
        paid_at=view.paid_at,
        change_until=market.timetable.at("cutoff", view.sale_on, market.zone),
        lines=[_line(view.province_id, line, reader.skus[line.sku_id], reader.language) for line in view.lines],
    )


def _point(view: PointView, language: str) -> OrderPoint:
    name = spoken(language, view.name, view.name_en)
    return OrderPoint(id=public_id("point", view.province_id, view.id), name=name, address=view.address)


def _promise(view: OrderView, market: ProvinceView) -> Pickup:
    begins, ends = (market.timetable.at(step, view.sale_on, market.zone) for step in ("collect_from", "collect_until"))
    return Pickup(on=view.collect_on, from_=begins, until=ends)


def _line(province_id: int, line: LineView, sku: SkuView, language: str) -> OrderLineJson:
    return OrderLineJson(
        id=public_id("line", province_id, line.id),
        offer=public_id("offer", province_id, line.offer_id),
        sku_code=sku.code,
        name=sku.name_in(language),
        spec=sku.spec_in(language),
        unit=sku.unit_in(language),
        quantity=line.quantity,
        cut=line.cut,
        due=line.due,
        price_fen=line.price.fen,
        amount_fen=line.amount.fen,
        refunded_fen=line.refunded.fen,
    )
