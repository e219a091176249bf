"""Household baskets: neighbours of one point fill one together, pay apart or together, and collect at once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Annotated

from django.http import HttpRequest
from ninja import Field, Router, Schema, Status

from lintuan.catalog import queries as catalog
from lintuan.catalog.types import SkuView
from lintuan.kernel.ids import public_id, read_public_id
from lintuan.ordering import commands, queries
from lintuan.ordering.types import BasketLineView, BasketPerson, BasketView, BasketWish

from .http import caller_of, key_of, language_of

router = Router(tags=["baskets"])

PublicId = Annotated[str, Field(max_length=40, examples=["gK8sPd2R"])]


class BasketPoint(Schema):
    point: PublicId


class BasketCode(Schema):
    code: str = Field(max_length=20, examples=["K7QF2MXP"])


class UnitsWish(Schema):
    offer: PublicId
    quantity: int = Field(strict=True, examples=[2])


class UnitsWishes(Schema):
    lines: list[UnitsWish] = Field(max_length=100, description="what shall lie in it of mine; nothing empties it")


class Collection(Schema):
    joint: bool = Field(description="whether the others may collect what I order", examples=[True])


class BasketLineJson(Schema):
    offer: PublicId
    sku_code: str = Field(examples=["VEG-0001"])
    name: str = Field(examples=["上海青"])
    spec: str = Field(examples=["300g"])
    unit: str = Field(examples=["袋"])
    quantity: int = Field(examples=[2])
    price_fen: int = Field(description="at present; agreed when it is ordered", examples=[399])
    state: str = Field(description="open, or the state of the order that holds it", examples=["open"])


class BasketPersonJson(Schema):
    name: str = Field(description="masked", examples=["李**"])
    is_me: bool = Field(examples=[True])
    is_opener: bool = Field(examples=[True])
    is_joint: bool = Field(examples=[True])
    lines: list[BasketLineJson]


class ToOrderJson(Schema):
    """A line to put into an order that names this basket."""

    offer: PublicId
    quantity: int = Field(examples=[2])
    price_fen: int = Field(examples=[399])


class BasketJson(Schema):
    id: PublicId
    point: PublicId
    sale_on: date = Field(examples=["2026-11-20"])
    code: str = Field(description="to tell neighbours who shall join", examples=["K7QF2MXP"])
    state: str = Field(description="open, closed", examples=["open"])
    people: list[BasketPersonJson]
    mine_to_order: list[ToOrderJson] = Field(description="my open lines")
    all_to_order: list[ToOrderJson] = Field(description="everybody's, to be ordered `together`")


class BasketsJson(Schema):
    baskets: list[BasketJson]


@router.post("/baskets", response={201: BasketJson}, summary="Open a household basket for tonight")
def open_one(request: HttpRequest, wish: BasketPoint) -> Status[BasketJson]:
    """Tell its code to whom you shop with. It reserves nothing: goods are held once they are ordered."""
    province_id, point_id = read_public_id("point", wish.point)
    basket_id = commands.open_basket(
        caller_of(request), province_id=province_id, point_id=point_id, key=key_of(request)
    )
    return Status(201, _basket_now(request, province_id, basket_id))


@router.post("/baskets/join", response=BasketJson, summary="Join a neighbour's basket by its code")
def join(request: HttpRequest, wish: BasketCode) -> BasketJson:
    """The others see what you put in, with your name masked, and may collect it unless you choose otherwise."""
    caller = caller_of(request)
    basket_id = commands.join_basket(caller, province_id=caller.province_id, code=wish.code, key=key_of(request))
    return _basket_now(request, caller.province_id, basket_id)


@router.get("/baskets", response=BasketsJson, summary="The baskets I am in, newest first")
def list_own(request: HttpRequest) -> BasketsJson:
    """Those of the last 30 days."""
    return BasketsJson(baskets=_baskets(queries.baskets_of_member(caller_of(request)), language_of(request)))


@router.get("/baskets/{basket}", response=BasketJson, summary="One basket, for its members")
def show(request: HttpRequest, basket: str) -> BasketJson:
    return _basket_now(request, *read_public_id("basket", basket))


@router.put("/baskets/{basket}/lines", response=BasketJson, summary="Make my open lines in a basket these")
def put_in(request: HttpRequest, basket: str, wish: UnitsWishes) -> BasketJson:
    """Lines that are ordered already stay beside them; none of an offer takes it out."""
    province_id, basket_id = read_public_id("basket", basket)
    wanted = [line for line in wish.lines if line.quantity]
    lines = tuple(BasketWish(_offer_id(province_id, line.offer), line.quantity) for line in wanted)
    commands.put_in_basket(
        caller_of(request), province_id=province_id, basket_id=basket_id, lines=lines, key=key_of(request)
    )
    return _basket_now(request, province_id, basket_id)


@router.put("/baskets/{basket}/collection", response=BasketJson, summary="Choose who may collect what I order")
def choose_collection(request: HttpRequest, basket: str, wish: Collection) -> BasketJson:
    """Jointly at first: any member of the basket collects everything of it with one code. Until cut-off."""
    province_id, basket_id = read_public_id("basket", basket)
    choose = commands.collect_jointly if wish.joint else commands.collect_alone
    choose(caller_of(request), province_id=province_id, basket_id=basket_id, key=key_of(request))
    return _basket_now(request, province_id, basket_id)


@router.post("/baskets/{basket}/leave", response={204: None}, summary="Leave a basket with my lines")
def leave(request: HttpRequest, basket: str) -> Status[None]:
    """What I ordered stands, and is mine alone to collect."""
    province_id, basket_id = read_public_id("basket", basket)
    commands.leave_basket(caller_of(request), province_id=province_id, basket_id=basket_id, key=key_of(request))
    return Status(204, None)


@router.post("/baskets/{basket}/close", response=BasketJson, summary="Close a basket for good (its opener)")
def close(request: HttpRequest, basket: str) -> BasketJson:
    """No more people, lines or orders; what is ordered stands."""
    province_id, basket_id = read_public_id("basket", basket)
    commands.close_basket(caller_of(request), province_id=province_id, basket_id=basket_id, key=key_of(request))
    return _basket_now(request, province_id, basket_id)


def _offer_id(province_id: int, text: str) -> int:
    """The offer's id; one of another province is none of ours, as 0 never is."""
    of_province, offer_id = read_public_id("offer", text)
    return offer_id if of_province == province_id else 0


def _basket_now(request: HttpRequest, province_id: int, basket_id: int) -> BasketJson:
    view = queries.basket(caller_of(request), province_id, basket_id)
    return _baskets([view], language_of(request))[0]


def _baskets(views: Iterable[BasketView], language: str) -> list[BasketJson]:
    found = list(views)
    skus = catalog.skus({line.sku_id for view in found for line in _lines(view.people)})
    return [_basket(view, skus, language) for view in found]


def _lines(people: Iterable[BasketPerson]) -> list[BasketLineView]:
    return [line for person in people for line in person.lines]


def _basket(view: BasketView, skus: Mapping[int, SkuView], language: str) -> BasketJson:
    return BasketJson(
        id=public_id("basket", view.province_id, view.id),
        point=public_id("point", view.province_id, view.point_id),
        sale_on=view.sale_on,
        code=view.code,
        state=view.state,
        people=[
            BasketPersonJson(
                name=person.name,
                is_me=person.is_me,
                is_opener=person.is_opener,
                is_joint=person.is_joint,
                lines=[_line(view.province_id, line, skus[line.sku_id], language) for line in person.lines],
            )
            for person in view.people
        ],
        mine_to_order=_to_order(view.province_id, view.mine.lines),
        all_to_order=_to_order(view.province_id, _lines(view.people)),
    )


def _line(province_id: int, line: BasketLineView, sku: SkuView, language: str) -> BasketLineJson:
    return BasketLineJson(
        offer=public_id("offer", province_id, line.offer_id),
        sku_code=sku.code,
        name=sku.name_in(language),
        spec=sku.spec_in(language),
        unit=sku.unit_in(language),
        quantity=line.quantity,
        price_fen=line.price.fen,
        state=line.state or "open",
    )


def _to_order(province_id: int, lines: Sequence[BasketLineView]) -> list[ToOrderJson]:
    """The open ones, units of an offer added up as an order wants them."""
    units: Counter[int] = Counter()
    prices = {line.offer_id: line.price.fen for line in lines}
    for line in lines:
        if line.state is None:
            units[line.offer_id] += line.quantity
    return [
        ToOrderJson(offer=public_id("offer", province_id, offer_id), quantity=count, price_fen=prices[offer_id])
        for offer_id, count in units.items()
    ]
