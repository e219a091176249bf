"""From the drop to the bag, for leaders and members: signing, packing, collecting, and claims."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from io import BytesIO
from typing import Annotated

import segno
from django.http import HttpRequest
from ninja import Field, Router, Schema
from pydantic import StrictInt

from lintuan.catalog import queries as catalog
from lintuan.catalog.types import SkuView
from lintuan.fulfilment import commands, queries
from lintuan.fulfilment.types import (
    ClaimCause,
    ClaimRequest,
    ClaimView,
    Discrepancy,
    DropView,
    DueLine,
    HandoutView,
    PickupView,
    ProxyView,
)
from lintuan.kernel.ids import public_id, read_public_id
from lintuan.leaders import queries as leaders
from lintuan.leaders.types import PointView
from lintuan.pages.addresses import photo_addresses, proxy_token

from .days import SaleOn
from .http import caller_of, key_of

router = Router(tags=["handout"])

PublicId = Annotated[str, Field(max_length=40, examples=["Rk3vTq9Z"])]
Units = Annotated[StrictInt, Field(ge=0, le=100_000, examples=[2])]
PHOTO = "kW3n0s6YqkX7m0h8c3Zr1s"
PhotoKeys = Annotated[list[Annotated[str, Field(max_length=40)]], Field(max_length=10)]


class Goods(Schema):
    sku_code: str = Field(examples=["VEG-0012"])
    name: str = Field(examples=["上海青"])
    name_en: str = Field(examples=["Shanghai bok choy"])
    spec: str = Field(examples=["300g"])
    spec_en: str = Field(description="empty where it is as in Chinese", examples=["300 g"])
    unit: str = Field(examples=["袋"])
    unit_en: str = Field(description="empty where it is as in Chinese", examples=["bag"])
    picture: str = Field(examples=["goods/broccoli.webp"])


class DueOut(Goods):
    quantity: int = Field(examples=[2])


class DropLineOut(Goods):
    sent: int = Field(examples=[12])
    short: int = Field(examples=[0])
    damaged: int = Field(examples=[1])
    photos: list[str] = Field(description="addresses, good for some hours", examples=[["/api/v1/photos/..."]])


class DropOut(Schema):
    id: PublicId
    point: PublicId
    sale_on: date
    state: str = Field(description="planned, on_the_way, delivered, signed, empty, lost", examples=["delivered"])
    eta_at: datetime | None
    delivered_at: datetime | None
    signed_at: datetime | None
    lines: list[DropLineOut]


class DropsOut(Schema):
    drops: list[DropOut]


class DiscrepancyIn(Schema):
    sku_code: str = Field(max_length=40, examples=["VEG-0012"])
    short: Units = 0
    damaged: Units = 0
    photos: PhotoKeys = Field(default=[], description="keys of photos sent before", examples=[[PHOTO]])


class SignatureIn(Schema):
    discrepancies: list[DiscrepancyIn] = Field(
        default_factory=list, max_length=1000, description="only goods with something wrong"
    )


class HandoutOut(Schema):
    id: PublicId
    point: PublicId
    name: str = Field(description="masked", examples=["王**"])
    phone: str = Field(description="masked", examples=["138****8000"])
    state: str = Field(description="waiting, collected, unclaimed", examples=["waiting"])
    collected_at: datetime | None
    basket: PublicId | None = Field(description="pickups of one household basket are handed out together")
    units: int = Field(examples=[5])
    checks: list[int] = Field(
        description="to find without a network whose goods a code is likely for: the lowest twelve bits of the 32-bit "
        "FNV-1a of `id:code`, one for each code that opens it",
        examples=[[2711]],
    )
    goods: list[DueOut]


class HandoutsOut(Schema):
    pickups: list[HandoutOut]


class CodeIn(Schema):
    code: str = Field(pattern=r"^\d{6}$", examples=["042917"])


class Done(Schema):
    id: PublicId


class PointRef(Schema):
    id: PublicId
    name: str = Field(examples=["东湖自提点"])
    name_en: str = Field(examples=["East Lake"])
    address: str = Field(examples=["珞珈路1号"])


class ProxyOut(Schema):
    """A code that somebody else may collect with, once."""

    code: str = Field(examples=["570318"])
    token: str = Field(description="of the page `proxy`, which shows it", examples=["42-mN3v6s0YqkX7m0h8c3Zr1s5W"])


class PickupOut(Schema):
    id: PublicId
    point: PointRef
    sale_on: date
    state: str = Field(description="waiting, collected, unclaimed", examples=["waiting"])
    collected_at: datetime | None
    code: str = Field(description="to tell the leader", examples=["042917"])
    qr_svg: str = Field(
        description="the same as a QR code; empty once it is of no more use",
        examples=['<svg xmlns="http://www.w3.org/2000/svg" width="150" height="150">...</svg>'],
    )
    basket: PublicId | None = Field(description="a household basket: the goods of all who collect for each other")
    proxy: ProxyOut | None = Field(description="the code somebody else may collect with, if one was given")
    goods: list[DueOut]


class PickupsOut(Schema):
    pickups: list[PickupOut]


class ClaimIn(Schema):
    order: PublicId
    line: PublicId
    cause: ClaimCause = Field(examples=["quality"])
    quantity: StrictInt = Field(ge=1, le=1000, examples=[1])
    note: str = Field(default="", max_length=500, examples=["两个烂了"])
    photo_key: str | None = Field(default=None, max_length=120, description="one of `photos`", examples=[PHOTO])
    photos: PhotoKeys = Field(default=[], description="keys of photos sent before", examples=[[PHOTO]])


class Claim(Schema):
    id: PublicId
    order: PublicId
    line: PublicId
    sku_code: str = Field(examples=["VEG-0012"])
    name: str = Field(examples=["上海青"])
    name_en: str = Field(examples=["Shanghai bok choy"])
    cause: str = Field(description="quality, short, wrong, late, service", examples=["quality"])
    quantity: int = Field(examples=[1])
    note: str = Field(examples=["两个烂了"])
    state: str = Field(description="open, granted, declined", examples=["granted"])
    fault: str = Field(examples=["supplier"])
    proposed_fen: int = Field(description="the most that can be granted", examples=[599])
    amount_fen: int = Field(description="granted, in the value of the goods", examples=[599])
    paid_back_fen: int = Field(description="what of it goes back to the member; plays paid the rest", examples=[599])
    reason: str = Field(description="why it was declined", examples=[""])
    photos: list[str] = Field(description="addresses, good for some hours", examples=[["/api/v1/photos/..."]])
    opened_at: datetime
    decided_at: datetime | None


class ClaimsOut(Schema):
    claims: list[Claim]


@router.get("/leader/drops", response=DropsOut, summary="What my points get of a sale day (leader)")
def drops(request: HttpRequest, sale_on: SaleOn) -> DropsOut:
    views = queries.drops_of_leader(caller_of(request), sale_on=sale_on)
    skus = catalog.skus({line.sku_id for view in views for line in view.lines})
    return DropsOut(drops=[_drop(view, skus) for view in views])


@router.post("/leader/drops/{drop_id}/sign", response=Done, summary="Sign for a delivered drop (its leader, staff)")
def sign(request: HttpRequest, drop_id: str, body: SignatureIn) -> Done:
    """What is short or damaged is refunded to its members; the others get their pickup codes."""
    province_id, row_id = read_public_id("drop", drop_id)
    skus = catalog.skus_by_code({one.sku_code for one in body.discrepancies})
    # A code nobody knows becomes SKU 0, which no drop holds.
    found = tuple(
        Discrepancy(skus[one.sku_code].id if one.sku_code in skus else 0, one.short, one.damaged, tuple(one.photos))
        for one in body.discrepancies
    )
    commands.sign_drop(
        caller_of(request), province_id=province_id, drop_id=row_id, discrepancies=found, key=key_of(request)
    )  # fmt: skip
    return Done(id=drop_id)


@router.get("/leader/pickups", response=HandoutsOut, summary="Who collects what at my points (leader)")
def handouts(request: HttpRequest, sale_on: SaleOn) -> HandoutsOut:
    """Names and phones are masked; codes are for members only. At most 1000."""
    views = queries.handouts_of_leader(caller_of(request), sale_on=sale_on)
    skus = _skus_of(line for view in views for line in view.lines)
    return HandoutsOut(pickups=[_handout(view, skus) for view in views])


@router.post("/leader/pickups/collect", response=Done, summary="Hand out goods for a pickup code (leader)")
def collect(request: HttpRequest, body: CodeIn) -> Done:
    """After five wrong codes within a minute no more are heard for the rest of it (429)."""
    caller = caller_of(request)
    pickup_id = commands.collect(caller, province_id=caller.province_id, code=body.code, key=key_of(request))
    return Done(id=public_id("pickup", caller.province_id, pickup_id))


@router.get("/me/pickups", response=PickupsOut, summary="My goods to collect, with their codes (member)")
def pickups(request: HttpRequest) -> PickupsOut:
    """The latest 20; a code is there once the leader has signed for the goods."""
    caller = caller_of(request)
    views = queries.pickups_of_member(caller)
    skus = _skus_of(line for view in views for line in view.lines)
    places = {point_id: leaders.point(caller.province_id, point_id) for point_id in {view.point_id for view in views}}
    return PickupsOut(pickups=[_pickup(view, places[view.point_id], skus) for view in views])


@router.post("/me/pickups/{pickup_id}/proxy", response=Done, summary="Let somebody else collect, once (member)")
def let_collect(request: HttpRequest, pickup_id: str) -> Done:
    """They get a code of their own, which the pickup then shows; one given before ends."""
    province_id, row_id = read_public_id("pickup", pickup_id)
    commands.make_proxy(caller_of(request), province_id=province_id, pickup_id=row_id, key=key_of(request))
    return Done(id=pickup_id)


@router.delete("/me/pickups/{pickup_id}/proxy", response=Done, summary="Take that right back (member)")
def let_collect_no_more(request: HttpRequest, pickup_id: str) -> Done:
    province_id, row_id = read_public_id("pickup", pickup_id)
    commands.withdraw_proxy(caller_of(request), province_id=province_id, pickup_id=row_id, key=key_of(request))
    return Done(id=pickup_id)


@router.post("/me/claims", response=Claim, summary="Complain about goods I collected (member)")
def open_claim(request: HttpRequest, body: ClaimIn) -> Claim:
    """Small amounts are granted at once, others wait for staff."""
    caller = caller_of(request)
    (province_id, order_id), (_, line_id) = read_public_id("order", body.order), read_public_id("line", body.line)
    photos = tuple(body.photos) or ((body.photo_key,) if body.photo_key else ())
    asked = ClaimRequest(order_id, line_id, body.cause, body.quantity, body.note, photos)
    claim_id = commands.open_claim(caller, province_id=province_id, request=asked, key=key_of(request))
    return claims_json([queries.claim(caller, province_id=province_id, claim_id=claim_id)])[0]


@router.get("/me/claims", response=ClaimsOut, summary="My claims, the newest first (member)")
def my_claims(request: HttpRequest) -> ClaimsOut:
    """The latest 100."""
    return ClaimsOut(claims=claims_json(queries.claims_of_member(caller_of(request))))


def claims_json(views: Sequence[ClaimView]) -> list[Claim]:
    """Claims as their members and staff may see them."""
    skus = catalog.skus({view.sku_id for view in views})
    return [_claim(view, skus[view.sku_id]) for view in views]


def _claim(view: ClaimView, sku: SkuView) -> Claim:
    return Claim(
        id=public_id("claim", view.province_id, view.id),
        order=public_id("order", view.province_id, view.order_id),
        line=public_id("line", view.province_id, view.line_id),
        sku_code=sku.code,
        name=sku.name,
        name_en=sku.name_en,
        cause=view.cause,
        quantity=view.quantity,
        note=view.note,
        state=view.state,
        fault=view.fault,
        proposed_fen=view.proposed.fen,
        amount_fen=view.amount.fen,
        paid_back_fen=view.paid_back.fen,
        reason=view.reason,
        photos=photo_addresses(view.province_id, view.photos),
        opened_at=view.opened_at,
        decided_at=view.decided_at,
    )


def _skus_of(lines: Iterable[DueLine]) -> dict[int, SkuView]:
    return catalog.skus({line.sku_id for line in lines})


def _goods(sku: SkuView) -> dict[str, str]:
    return {
        "sku_code": sku.code, "name": sku.name, "name_en": sku.name_en, "spec": sku.spec, "spec_en": sku.spec_en,
        "unit": sku.unit, "unit_en": sku.unit_en, "picture": sku.picture,
    }  # fmt: skip


def _due(lines: Iterable[DueLine], skus: dict[int, SkuView]) -> list[DueOut]:
    return [DueOut(**_goods(skus[line.sku_id]), quantity=line.quantity) for line in lines]


def _drop(view: DropView, skus: dict[int, SkuView]) -> DropOut:
    return DropOut(
        id=public_id("drop", view.province_id, view.id),
        point=public_id("point", view.province_id, view.point_id),
        sale_on=view.sale_on,
        state=view.state,
        eta_at=view.eta_at,
        delivered_at=view.delivered_at,
        signed_at=view.signed_at,
        lines=[
            DropLineOut(
                **_goods(skus[line.sku_id]),
                sent=line.sent,
                short=line.short,
                damaged=line.damaged,
                photos=photo_addresses(view.province_id, line.photos),
            )
            for line in view.lines
        ],
    )


def _handout(view: HandoutView, skus: dict[int, SkuView]) -> HandoutOut:
    return HandoutOut(
        id=public_id("pickup", view.province_id, view.id),
        point=public_id("point", view.province_id, view.point_id),
        name=view.name,
        phone=view.phone,
        state=view.state,
        collected_at=view.collected_at,
        basket=_basket(view),
        units=view.units,
        checks=list(view.checks),
        goods=_due(view.lines, skus),
    )


def _pickup(view: PickupView, point: PointView, skus: dict[int, SkuView]) -> PickupOut:
    place = PointRef(
        id=public_id("point", view.province_id, point.id),
        name=point.name,
        name_en=point.name_en,
        address=point.address,
    )
    return PickupOut(
        id=public_id("pickup", view.province_id, view.id),
        point=place,
        sale_on=view.sale_on,
        state=view.state,
        collected_at=view.collected_at,
        code=view.code,
        qr_svg=_qr(view.code) if view.state == "waiting" else "",
        basket=_basket(view),
        proxy=_proxy(view.province_id, view.proxy) if view.proxy else None,
        goods=_due(view.lines, skus),
    )


def _proxy(province_id: int, view: ProxyView) -> ProxyOut:
    return ProxyOut(code=view.code, token=proxy_token(province_id, view.token))


def _basket(view: HandoutView | PickupView) -> str | None:
    return public_id("basket", view.province_id, view.basket_id) if view.basket_id else None


def _qr(code: str) -> str:
    """A QR code of a pickup code as an SVG element to put into a page."""
    picture = BytesIO()
    segno.make_qr(code, error="m").save(picture, kind="svg", xmldecl=False, scale=6, border=2)
    return picture.getvalue().decode()
