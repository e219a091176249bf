"""Relay lists (接龙): pasted and settled by leaders, confirmed line by line by neighbours."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Annotated

from django.http import HttpRequest
from ninja import Field, Router, Schema, Status

from lintuan.catalog import queries as catalog
from lintuan.catalog.types import SkuView
from lintuan.kernel import clock
from lintuan.kernel.ids import public_id, read_public_id
from lintuan.ordering import commands, queries
from lintuan.ordering.engine.relays import MOST_LETTERS, DraftLine, DraftView
from lintuan.ordering.types import BasketWish, WantedLine
from lintuan.pages.addresses import draft_ticket
from lintuan.pricing import queries as pricing
from lintuan.pricing.types import OfferView
from lintuan.provinces import queries as provinces

from .http import caller_of, key_of, language_of
from .orders import LinesWish, OrderJson, order_json

router = Router(tags=["relay lists"])

PublicId = Annotated[str, Field(max_length=40, examples=["gK8sPd2R"])]
Code = Annotated[str, Field(max_length=20, examples=["7KQ2"])]


class PastedList(Schema):
    text: str = Field(max_length=MOST_LETTERS, examples=["1. 张姐 土豆2份 鸡蛋1板\n2. 李哥 鸡蛋2板"])


class DraftUnits(Schema):
    offer: str = Field(max_length=40, description="may be empty where the quantity is 0", examples=["gK8sPd2R"])
    quantity: int = Field(strict=True, examples=[2])


class DraftUnitsWish(Schema):
    lines: list[DraftUnits] = Field(max_length=100, description="what was meant; nothing takes the line back")


class DraftCode(Schema):
    point: PublicId
    code: Code


class ConfirmWish(LinesWish):
    point: PublicId
    code: Code


class DraftLineJson(Schema):
    offer: PublicId
    sku_code: str = Field(examples=["VEG-0001"])
    name: str = Field(examples=["黄心土豆"])
    spec: str = Field(examples=["500g"])
    unit: str = Field(examples=["份"])
    quantity: int = Field(examples=[2])
    price_fen: int = Field(description="at present; agreed when it is confirmed", examples=[399])
    sure: bool = Field(description="false where the list can be read in several ways", examples=[True])


class DraftJson(Schema):
    id: PublicId
    number: int = Field(description="in the list", examples=[3])
    name: str = Field(description="as it is written in the list", examples=["张姐"])
    code: Code
    state: str = Field(description="unsettled, ready, confirmed, withdrawn, lapsed", examples=["ready"])
    doubts: list[str] = Field(description="of an unsettled one: nothing, unread, unsure", examples=[["unread"]])
    unread: str = Field(description="what of it nobody understood", examples=["榴莲1个"])
    differs: bool = Field(description="the list was changed after it was confirmed", examples=[False])
    amount_fen: int = Field(description="at present prices", examples=[1260])
    lines: list[DraftLineJson]


class RelayJson(Schema):
    point: PublicId
    sale_on: date = Field(examples=["2026-11-20"])
    confirmed: int = Field(examples=[12])
    drafts: list[DraftJson]


class FoundDraft(DraftJson):
    """A draft for whoever typed its code."""

    ticket: str = Field(
        description="opens the page `draft`, for this neighbour only", examples=["gK8sPd2R-Uk3xQw9Z:..."]
    )


@router.get("/points/{point}/relay", response=RelayJson, summary="Tonight's relay list of my point (leader)")
def show(request: HttpRequest, point: str) -> RelayJson:
    """By number, with the states of its drafts; empty while none was pasted."""
    return _relay_now(request, *read_public_id("point", point))


@router.put("/points/{point}/relay", response=RelayJson, summary="Paste the relay list of the chat (leader)")
def paste(request: HttpRequest, point: str, wish: PastedList) -> RelayJson:
    """Each numbered line becomes a draft. Pasted again, new lines are added, changed ones changed, confirmed ones stay,
    and so does what is no longer in it. Nothing is reserved and nobody is charged. The text itself is not kept.
    """
    province_id, point_id = read_public_id("point", point)
    commands.paste_relay(
        caller_of(request), province_id=province_id, point_id=point_id, text=wish.text, key=key_of(request)
    )
    return _relay_now(request, province_id, point_id)


@router.put("/relay-drafts/{draft}/lines", response=DraftJson, summary="Settle what a line means (leader)")
def settle(request: HttpRequest, draft: str, wish: DraftUnitsWish) -> DraftJson:
    """Until it is confirmed. It stays so when the list is pasted again, unless that line has changed."""
    province_id, draft_id = read_public_id("draft", draft)
    lines = tuple(BasketWish(_offer_id(province_id, line.offer), line.quantity) for line in wish.lines if line.quantity)
    commands.settle_draft(
        caller_of(request), province_id=province_id, draft_id=draft_id, lines=lines, key=key_of(request)
    )
    return _json(queries.drafts(province_id, [draft_id])[draft_id], language_of(request))


@router.post("/relay-drafts/find", response=FoundDraft, summary="What stands behind my code in the relay list")
def find(request: HttpRequest, wish: DraftCode) -> FoundDraft:
    """Of tonight at this point. Codes that are nobody's are counted: after ten, one tries no more tonight."""
    caller = caller_of(request)
    province_id, point_id = read_public_id("point", wish.point)
    draft_id = commands.find_draft(caller, province_id=province_id, point_id=point_id, code=wish.code)
    found = _json(queries.drafts(province_id, [draft_id])[draft_id], language_of(request))
    return FoundDraft(**found.dict(), ticket=draft_ticket(caller, draft_id))


@router.post("/relay-drafts/confirm", response={201: OrderJson}, by_alias=True, summary="Make a draft my order")
def confirm(request: HttpRequest, wish: ConfirmWish) -> Status[OrderJson]:
    """At the prices that were seen, once, by one neighbour. Lines may be left out, for what cannot be had; nothing is
    added. Checked as any order is. If it is not paid in time, its neighbour may confirm again.
    """
    caller, key = caller_of(request), key_of(request)
    province_id, point_id = read_public_id("point", wish.point)
    lines = tuple(WantedLine(_offer_id(province_id, line.offer), line.quantity, line.price_fen) for line in wish.lines)
    order_id = commands.confirm_draft(
        caller, province_id=province_id, point_id=point_id, code=wish.code, lines=lines, key=key
    )
    return Status(201, order_json(caller, province_id, order_id, language_of(request)))


def _offer_id(province_id: int, text: str) -> int:
    """The offer's id; one of another province is none of ours, as 0 never is."""
    of_province, offer_id = read_public_id("offer", text)
    return offer_id if of_province == province_id else 0


def _relay_now(request: HttpRequest, province_id: int, point_id: int) -> RelayJson:
    sale_on = provinces.coming_day(provinces.province(province_id), clock.now())
    view = queries.relay(caller_of(request), province_id, point_id, sale_on)
    shown = _Shown.of(province_id, view.drafts, language_of(request))
    return RelayJson(
        point=public_id("point", province_id, point_id),
        sale_on=view.sale_on,
        confirmed=view.confirmed,
        drafts=[shown.draft(one) for one in view.drafts],
    )


def _json(view: DraftView, language: str) -> DraftJson:
    return _Shown.of(view.province_id, [view], language).draft(view)


@dataclass(frozen=True, slots=True)
class _Shown:
    """What is read once for many drafts."""

    language: str
    offers: Mapping[int, OfferView]
    skus: Mapping[int, SkuView]

    @classmethod
    def of(cls, province_id: int, drafts: Iterable[DraftView], language: str) -> _Shown:
        found = pricing.offers(province_id, {line.offer_id for draft in drafts for line in draft.lines})
        return cls(language, found, catalog.skus({offer.sku_id for offer in found.values()}))

    def draft(self, view: DraftView) -> DraftJson:
        return DraftJson(
            id=public_id("draft", view.province_id, view.id),
            number=view.number,
            name=view.name,
            code=view.code,
            state=view.state,
            doubts=list(view.doubts),
            unread=view.unread,
            differs=view.differs,
            amount_fen=sum(self.offers[line.offer_id].price.fen * line.quantity for line in view.lines),
            lines=[self._line(view.province_id, line) for line in view.lines],
        )

    def _line(self, province_id: int, line: DraftLine) -> DraftLineJson:
        offer = self.offers[line.offer_id]
        sku = self.skus[offer.sku_id]
        return DraftLineJson(
            offer=public_id("offer", province_id, line.offer_id),
            sku_code=sku.code,
            name=sku.name_in(self.language),
            spec=sku.spec_in(self.language),
            unit=sku.unit_in(self.language),
            quantity=line.quantity,
            price_fen=offer.price.fen,
            sure=line.is_sure,
        )
