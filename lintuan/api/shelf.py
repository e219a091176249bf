"""What can be bought tonight: the shelf, quotes, and how staff fill both."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated

from django.http import HttpRequest, HttpResponse
from ninja import Field, Router, Schema

from lintuan.catalog import commands as catalog_commands
from lintuan.catalog import queries as catalog
from lintuan.catalog.types import Category, NewProduct, NewSku, SkuState, Storage, spoken
from lintuan.kernel import clock
from lintuan.kernel.callers import Caller, Kind
from lintuan.kernel.errors import NotFound
from lintuan.kernel.ids import public_id, read_public_id
from lintuan.kernel.money import Money
from lintuan.leaders import queries as leaders
from lintuan.ordering.queries import with_savings
from lintuan.pricing import commands, queries
from lintuan.pricing.engine.quotes import Quote
from lintuan.pricing.errors import OfferNotOnSale
from lintuan.pricing.types import Exemption, Finding, Ground, NewOffer, OfferVerdict, ShownDiscount
from lintuan.provinces import queries as provinces

from . import shelves
from .days import SaleOn
from .http import any_caller, caller_of, key_of, language_of

router = Router(tags=["shelf"])

Fen = Annotated[int, Field(strict=True, ge=0, le=10_000_000, examples=[399])]
Count = Annotated[int, Field(strict=True, ge=1, le=999, examples=[2])]


class ShelfPoint(Schema):
    id: str = Field(examples=["Uk3xQw9Z"])
    name: str = Field(examples=["东湖自提点"])
    address: str = Field(examples=["珞珈路1号"])
    state: str = Field(description="open, resting or closed", examples=["open"])


class Collect(Schema):
    on: date = Field(examples=["2026-11-21"])
    from_: datetime = Field(alias="from", examples=["2026-11-21T08:00:00Z"])
    until: datetime = Field(examples=["2026-11-21T13:00:00Z"])


class Discount(Schema):
    price_bps: int | None = Field(
        default=None, strict=True, description="4300: 4.3折, that is 57 % off", examples=[4300]
    )
    cut_fen: Fen | None = None


class ShelfOffer(Schema):
    id: str = Field(examples=["gK8sPd2R"])
    sku_code: str = Field(examples=["VEG-0001"])
    name: str = Field(examples=["上海青"])
    spec: str = Field(examples=["300g"])
    unit: str = Field(examples=["袋"])
    category: str = Field(examples=["蔬菜"])
    category_code: str = Field(examples=["vegetables"])
    origin: str = Field(examples=["湖北省武汉市"])
    storage: str = Field(examples=["冷藏"])
    shelf_life_days: int = Field(examples=[3])
    picture: str = Field(examples=["/static/goods/vegetables.svg"])
    price_fen: int = Field(examples=[399])
    list_price_fen: int | None = Field(examples=[499])
    price_per_500g_fen: int | None = Field(examples=[665])
    discount: Discount | None
    per_order_limit: int = Field(examples=[20])
    per_day_limit: int = Field(examples=[40])
    per_life_limit: int = Field(description="units one neighbour may ever buy; 0 is no such limit", examples=[0])
    left: int = Field(examples=[77])


class Shelf(Schema):
    point: ShelfPoint
    sale_on: date = Field(examples=["2026-11-20"])
    opens_at: datetime = Field(examples=["2026-11-19T16:05:00Z"])
    cutoff_at: datetime = Field(examples=["2026-11-20T15:00:00Z"])
    now: datetime = Field(
        description="the server's minute; the header Lintuan-Now has the exact moment",
        examples=["2026-11-20T12:00:00Z"],
    )
    is_open: bool
    collect: Collect
    offers: list[ShelfOffer]


class QuoteLineWish(Schema):
    offer: str = Field(max_length=40, examples=["gK8sPd2R"])
    quantity: Count


class QuoteWish(Schema):
    point: str = Field(max_length=40, examples=["Uk3xQw9Z"])
    lines: list[QuoteLineWish] = Field(min_length=1, max_length=50)


class QuoteLine(Schema):
    offer: str = Field(examples=["gK8sPd2R"])
    quantity: int = Field(examples=[2])
    price_fen: int = Field(examples=[399])
    list_price_fen: int | None = Field(examples=[499])
    price_per_500g_fen: int | None = Field(examples=[665])
    list_amount_fen: int = Field(examples=[998])
    amount_fen: int = Field(examples=[798])


class QuoteStep(Schema):
    name: str = Field(description="list, day_price, play, goods, coupon, credit", examples=["day_price"])
    label: str = Field(examples=["当日优惠"])
    campaign: str | None = Field(default=None, description="the play whose reward it is", examples=["Uk3xQw9Z"])
    why: str = Field(default="", description="the name of that play", examples=["限时秒杀"])
    amount_fen: int = Field(description="reductions are negative", examples=[-200])


class QuoteAnswer(Schema):
    sale_on: date = Field(examples=["2026-11-20"])
    lines: list[QuoteLine]
    steps: list[QuoteStep]
    saved_fen: int = Field(description="what plays and rewards save; to be said with the order", examples=[0])
    to_pay_fen: int = Field(examples=[798])


class ProductWish(Schema):
    code: str = Field(max_length=32, examples=["SHANGHAI-GREEN"])
    name: str = Field(max_length=80, examples=["上海青"])
    name_en: str = Field(max_length=120, examples=["Shanghai bok choy"])
    category: Category = Field(examples=["vegetables"])
    origin_code: str = Field(default="", max_length=6, description="GB/T 2260", examples=["420100"])
    storage: Storage = Storage.AMBIENT
    picture: str = Field(default="", max_length=200, description="a static path", examples=["goods/vegetables.svg"])


class SkuWish(Schema):
    code: str = Field(max_length=32, examples=["VEG-0001"])
    product: ProductWish
    spec: str = Field(default="", max_length=80, examples=["300g"])
    spec_en: str = Field(default="", max_length=120, examples=["300 g"])
    unit: str = Field(default="", max_length=20, examples=["袋"])
    unit_en: str = Field(default="", max_length=20, examples=["bag"])
    net_grams: int | None = Field(default=None, strict=True, examples=[300])
    shelf_life_days: int = Field(default=1, strict=True, examples=[3])
    state: SkuState = SkuState.ACTIVE


class SkusWish(Schema):
    skus: list[SkuWish] = Field(min_length=1, max_length=1000)


class SkuCodes(Schema):
    skus: list[str] = Field(examples=[["VEG-0001"]])


class ExemptionWish(Schema):
    ground: Ground = Field(examples=["fresh"])
    reason: str = Field(min_length=1, max_length=500, examples=["叶菜当日出清"])


class OfferWish(Schema):
    sku_code: str = Field(max_length=32, examples=["VEG-0001"])
    price_fen: Fen
    cost_fen: Fen
    capacity: int = Field(strict=True, ge=0, le=10_000_000, examples=[500])
    list_price_fen: Fen | None = None
    per_order_limit: Count = 20
    per_day_limit: Count = 40
    per_life_limit: int = Field(default=0, strict=True, ge=0, le=999, examples=[0])
    discount: Discount | None = None
    exemption: ExemptionWish | None = None


class OffersWish(Schema):
    province_id: int = Field(examples=[42])
    sale_on: SaleOn = Field(examples=["2026-11-20"])
    offers: list[OfferWish] = Field(min_length=1, max_length=1000)


class FindingJson(Schema):
    rule: str = Field(examples=["P01"])
    severity: str = Field(examples=["B"])
    result: str = Field(examples=["blocked"])
    law: str = Field(examples=["中华人民共和国价格法"])
    article: str = Field(examples=["14(2)"])
    version: int = Field(examples=[2])
    message: str = Field(examples=["售价 20.00 元低于成本 21.90 元，且没有鲜活、季节、积压等合法理由。"])


class OfferAnswer(Schema):
    id: str = Field(examples=["gK8sPd2R"])
    sku_code: str = Field(examples=["VEG-0001"])
    state: str = Field(description="a blocked offer stays what it was; draft when it is new", examples=["published"])
    findings: list[FindingJson]


class OffersAnswer(Schema):
    offers: list[OfferAnswer]


@router.get(
    "/points/{point_id}/shelf",
    auth=None,
    response={200: Shelf, 304: None},
    summary="Tonight's offers of a pickup point",
)
def shelf(request: HttpRequest, point_id: str) -> HttpResponse:
    """What is left is as it was about a second ago: the order decides. Sent with an ETag, and with gzip on request."""
    # The lane answers this address (config/asgi.py); here it is documented, and answered plainly where no lane runs.
    province_id, own_id = read_public_id("point", point_id)
    now = clock.now()
    body = shelves.shelf(province_id, own_id, language=language_of(request), now=now)
    response = HttpResponse(body, content_type="application/json")
    response["Cache-Control"] = "public, no-cache"
    response["Lintuan-Now"] = now.isoformat().replace("+00:00", "Z")
    return response


@router.post("/quotes", auth=any_caller, response=QuoteAnswer, summary="What a basket costs now, step by step")
def quote(request: HttpRequest, wish: QuoteWish) -> QuoteAnswer:
    """Nothing is reserved: prices and what is left are as of about a second ago, and the order decides. A neighbour
    who is signed in is told what plays, won goods, coupons and play money save, too.
    """
    # The lane answers this address (config/asgi.py); here it is documented, and answered where no lane runs.
    province_id, point_id = read_public_id("point", wish.point)
    leaders.open_point(province_id, point_id)
    sale_on = provinces.coming_day(provinces.open_province(province_id), clock.now())
    made = queries.quote(province_id, sale_on, wanted_of(wish, province_id))
    if saves_at(caller_of(request), province_id):
        made = with_savings(caller_of(request), point_id, made)
    return quote_json(made, province_id, sale_on, language_of(request))


@router.post("/catalog/skus", response=SkuCodes, summary="Enter or overwrite SKUs and their products (headquarters)")
def put_skus(request: HttpRequest, wish: SkusWish) -> SkuCodes:
    skus = tuple(_new_sku(sku) for sku in wish.skus)
    catalog_commands.put_skus(caller_of(request), skus=skus, key=key_of(request))
    return SkuCodes(skus=[sku.code for sku in skus])


@router.post("/offers", response=OffersAnswer, summary="Publish offers of a day; each passes the price law (staff)")
def publish_offers(request: HttpRequest, wish: OffersWish) -> OffersAnswer:
    caller = caller_of(request)
    caller.require("pricing.publish", wish.province_id)
    skus = catalog.skus_by_code(offer.sku_code for offer in wish.offers)
    for offer in wish.offers:
        if offer.sku_code not in skus:
            raise NotFound(thing=f"sku {offer.sku_code}")
    verdicts = commands.publish_offers(
        caller,
        province_id=wish.province_id,
        sale_on=wish.sale_on,
        offers=tuple(_new_offer(offer, skus[offer.sku_code].id) for offer in wish.offers),
        key=key_of(request),
    )
    codes = {sku.id: sku.code for sku in skus.values()}
    language = language_of(request)
    return OffersAnswer(offers=[_offer_json(each, wish.province_id, codes[each.sku_id], language) for each in verdicts])


@router.post("/offers/{offer_id}/withdraw", response={204: None}, summary="Take an offer off the shelf (staff)")
def withdraw_offer(request: HttpRequest, offer_id: str) -> HttpResponse:
    province_id, own_id = read_public_id("offer", offer_id)
    commands.withdraw_offer(caller_of(request), province_id=province_id, offer_id=own_id, key=key_of(request))
    return HttpResponse(status=204)


def saves_at(caller: Caller, province_id: int) -> bool:
    """Whether it is a neighbour of the province, who may have something to save there."""
    return caller.kind is Kind.MEMBER and caller.province_id == province_id


def wanted_of(wish: QuoteWish, province_id: int) -> list[tuple[int, int]]:
    """(offer id, quantity) of each line."""
    return [(_offer_id(province_id, line.offer), line.quantity) for line in wish.lines]


def _offer_id(province_id: int, text: str) -> int:
    of_province, offer_id = read_public_id("offer", text)
    if of_province != province_id:
        raise OfferNotOnSale(offer=text)
    return offer_id


def _new_sku(wish: SkuWish) -> NewSku:
    return NewSku(**{**wish.dict(), "product": NewProduct(**wish.product.dict())})


def _new_offer(wish: OfferWish, sku_id: int) -> NewOffer:
    shown, exemption = wish.discount, wish.exemption
    return NewOffer(
        sku_id=sku_id,
        price=Money(wish.price_fen),
        cost=Money(wish.cost_fen),
        capacity=wish.capacity,
        list_price=_money(wish.list_price_fen),
        per_order_limit=wish.per_order_limit,
        per_day_limit=wish.per_day_limit,
        per_life_limit=wish.per_life_limit,
        discount=ShownDiscount(price_bps=shown.price_bps, cut=_money(shown.cut_fen)) if shown else None,
        exemption=Exemption(ground=exemption.ground, reason=exemption.reason) if exemption else None,
    )


def _offer_json(verdict: OfferVerdict, province_id: int, sku_code: str, language: str) -> OfferAnswer:
    return OfferAnswer(
        id=public_id("offer", province_id, verdict.offer_id),
        sku_code=sku_code,
        state=verdict.state.value,
        findings=[_finding_json(finding, language) for finding in verdict.findings],
    )


def _finding_json(finding: Finding, language: str) -> FindingJson:
    return FindingJson(
        rule=finding.rule,
        severity=finding.severity.value,
        result=finding.result.value,
        law=spoken(language, finding.law, finding.law_en),
        article=finding.article,
        version=finding.version,
        message=spoken(language, finding.zh, finding.en),
    )


def quote_json(made: Quote, province_id: int, sale_on: date, language: str) -> QuoteAnswer:
    """A quote as the neighbour reads it."""
    lines = [
        QuoteLine(
            offer=public_id("offer", province_id, line.offer_id),
            quantity=line.quantity,
            price_fen=line.price.fen,
            list_price_fen=line.list_price.fen if line.list_price else None,
            price_per_500g_fen=None if line.price_per_500g is None else line.price_per_500g.fen,
            list_amount_fen=line.list_amount.fen,
            amount_fen=line.amount.fen,
        )
        for line in made.lines
    ]
    steps = [
        QuoteStep(
            name=step.name,
            label=spoken(language, step.zh, step.en),
            campaign=public_id("campaign", province_id, step.campaign_id) if step.campaign_id else None,
            why=spoken(language, step.why_zh, step.why_en) if step.campaign_id else "",
            amount_fen=step.amount.fen,
        )
        for step in made.steps
    ]
    return QuoteAnswer(sale_on=sale_on, lines=lines, steps=steps, saved_fen=made.saved.fen, to_pay_fen=made.to_pay.fen)


def _money(fen: int | None) -> Money | None:
    return None if fen is None else Money(fen)
