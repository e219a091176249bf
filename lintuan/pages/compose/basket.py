"""The basket on the reader's device, and checking out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from lintuan.kernel.errors import NotFound, Refusal
from lintuan.kernel.ids import read_public_id
from lintuan.ordering.queries import with_savings
from lintuan.pages.tree import nodes, values
from lintuan.pages.tree.actions import Action, EmptyBasket, OrderLine, PlaceOrder, Several, TakeOut
from lintuan.pages.tree.nodes import Node
from lintuan.pages.tree.page import Page
from lintuan.pricing import queries as pricing
from lintuan.pricing.engine.quotes import Quote
from lintuan.pricing.queries import PriceList
from lintuan.pricing.types import OfferState
from lintuan.provinces.types import ProvinceView

from . import offers, parts, paying, place, seats, shelf, words
from .asking import Asking, Wish
from .doors import for_members
from .place import Here
from .seats import Seat

#: Clients that order with `saved_fen` say so; others would be charged another sum than their button names.
SAVINGS = "savings"


@dataclass(frozen=True, slots=True)
class Line:
    """A wish of the device: the offer as it now is, and why it cannot be had, if so; an unknown one has no offer."""

    wish: Wish
    offer_id: int
    offer: values.Offer | None
    why: str

    @property
    def name(self) -> str:
        return self.offer.name if self.offer else ""


def basket(asking: Asking) -> Page:
    """What lies in the basket and what it comes to."""
    head = ("basket", asking.t("购物篮", "Basket"))
    here = place.here(asking)
    if here is None or not asking.basket:
        return parts.page(asking, head, [_nothing(asking)], tab="tonight", basket=asking.seen is None)
    prices = _prices(asking, here)
    lines = _lines(asking, prices)
    body: list[Node] = [*shelf.where(asking, here), *shelf.deadline(asking, here), *_shown(asking, lines)]
    quote = _quote(asking, here, prices, lines)
    body += [*_refused(asking, lines, here.province), *_to_take_out(asking, lines)]
    body += [*seats.told(asking, _seat(asking, here, prices, lines)), quote_node(asking, quote, lines)]
    home = parts.go("household", asking.t("和家人邻居一起买", "Shop together with family or neighbours"), point=here.id)
    body.append(parts.buttons(parts.button(home)))
    return parts.page(asking, head, body, tab="tonight", foot=_to_checkout(asking, here, quote))


@for_members("checkout", "确认订单", "Your order")
def checkout(asking: Asking) -> Page:
    """The last look before ordering."""
    head = ("checkout", asking.t("确认订单", "Your order"))
    here = place.here(asking)
    if here is None or not asking.basket:
        return parts.page(asking, head, [_nothing(asking)], tab="tonight", basket=asking.seen is None)
    prices = _prices(asking, here)
    lines = _lines(asking, prices)
    quote = _quote(asking, here, prices, lines)
    body: list[Node] = [*shelf.where(asking, here), *shelf.deadline(asking, here)]
    body += [*_refused(asking, lines, here.province), *_to_take_out(asking, lines)]
    body += [parts.rows([_row(asking, line) for line in lines]), quote_node(asking, quote, lines)]
    seat = _seat(asking, here, prices, lines)
    if quote is not None:
        body += [*seats.told(asking, seat, _without(asking, here)), *_told_before(asking, here)]
    taken = seat if seat is not None and not seat.why else None
    foot = _to_order(asking, here, (quote, taken), lines)
    return parts.page(asking, head, body, tab="tonight", foot=foot, fresh_for=5)


def _without(asking: Asking, here: Here) -> Action:
    """To order without taking part."""
    text = asking.t("不参加，直接下单", "Order without taking part")
    return parts.go("checkout", text, replace=True, point=here.id, run=seats.NO_RUN)


def _told_before(asking: Asking, here: Here) -> list[Node]:
    """What whoever is about to order should know."""
    until = words.moment(here.at("cutoff"), here.province.zone, asking.language)
    together = "同一天的几个订单合在一起取货。", "Several orders of one day are collected together."
    return [
        parts.plain(asking.t(f"{until} 前可以修改或取消。", f"You can change or cancel until {until}.")),
        parts.plain(asking.t(*together)),
    ]


def quote_node(asking: Asking, quote: Quote | None, lines: list[Line] | None = None) -> nodes.Quote:
    """What is to be paid, step by step, and what was left out of it."""
    refused = [
        values.NotQuoted(offer=line.wish.offer, name=line.name, reason=line.why) for line in lines or [] if line.why
    ]
    steps = [parts.quote_step(asking, one) for one in quote.steps] if quote else []
    to_pay = quote.to_pay.fen if quote else 0
    text = [parts.quote_text(step, asking.language) for step in steps]
    text.append(asking.t(f"应付 {words.yuan(to_pay)}", f"To pay {words.yuan(to_pay)}"))
    text += [words.told(one.name, one.reason, language=asking.language) for one in refused]
    return nodes.Quote(text="\n".join(text), key="quote", steps=steps, to_pay_fen=to_pay, refusals=refused)


def _nothing(asking: Asking) -> Node:
    to = parts.go("shelf", asking.t("去货架", "To the shelf"), replace=True)
    line = asking.t("去货架挑几样吧。", "Pick a few things from the shelf.")
    return parts.empty(asking.t("购物篮是空的", "Your basket is empty"), line, icon="basket", to=to)


def _prices(asking: Asking, here: Here) -> PriceList:
    wanted = [offer_id for wish in asking.basket if (offer_id := _offer_id(wish, here.province.id))]
    return pricing.prices_of(here.province.id, here.sale_on, wanted)


def _offer_id(wish: Wish, province_id: int) -> int:
    """0 for what was never an offer here."""
    try:
        of_province, offer_id = read_public_id("offer", wish.offer)
    except NotFound:
        return 0
    return offer_id if of_province == province_id else 0


def _lines(asking: Asking, prices: PriceList) -> list[Line]:
    return list(_each(asking, prices))


def _each(asking: Asking, prices: PriceList) -> Iterator[Line]:
    for wish in asking.basket:
        offer_id = _offer_id(wish, prices.province_id)
        view = prices.offers.get(offer_id)
        gone = asking.t("该商品今晚不在售。", "This offer is not on sale tonight.")
        if view is None or view.state is OfferState.DRAFT:
            yield Line(wish, 0, None, gone)
            continue
        offer = offers.offer_of(view, prices.skus[view.sku_id], asking.language)
        shown = offers.stocked(offer, prices.left.get(offer_id, 0))
        is_tonight = view.state is OfferState.PUBLISHED and view.sale_on == prices.sale_on
        yield Line(wish, offer_id, shown, _why(asking, prices, offer_id, wish.quantity) if is_tonight else gone)


def _why(asking: Asking, prices: PriceList, offer_id: int, quantity: int) -> str:
    try:
        pricing.quote_by(prices, [(offer_id, quantity)])
    except Refusal as refusal:
        return refusal.message(asking.language)
    return ""


def _quote(asking: Asking, here: Here, prices: PriceList, lines: list[Line]) -> Quote | None:
    """Of the lines that can be had, with what the reader saves if their client can order so; None for no order."""
    good = [(line.offer_id, line.wish.quantity) for line in lines if not line.why]
    if not good or len(good) > here.province.terms.most_lines or len({offer for offer, _ in good}) < len(good):
        return None
    made = pricing.quote_by(prices, good)
    if not asking.is_member or asking.caller.province_id != here.province.id or not _knows_savings(asking):
        return made
    return with_savings(asking.caller, here.point.id, made)


def _knows_savings(asking: Asking) -> bool:
    return SAVINGS in asking.get("knows").split(",")


def _seat(asking: Asking, here: Here, prices: PriceList, lines: list[Line]) -> Seat | None:
    return seats.named(asking, here, [prices.offers[line.offer_id].sku_id for line in lines if not line.why])


def _refused(asking: Asking, lines: list[Line], province: ProvinceView) -> list[Node]:
    most = province.terms.most_lines
    if sum(1 for line in lines if not line.why) <= most:
        return []
    told = asking.t(
        f"一个订单最多 {most} 种商品，请分成几单。", f"An order has at most {most} lines; please make several."
    )
    return [parts.notice(told, tone="warn")]


def _to_take_out(asking: Asking, lines: list[Line]) -> list[Node]:
    """What cannot be had leaves the basket by a tap."""
    items = []
    for line in lines:
        if line.why:
            name = line.name or asking.t("已下架的商品", "an offer that is gone")
            text = asking.t(f"移除{name}", f"Take out {name}")
            steps: list[Action] = [TakeOut(text=text, offer=line.wish.offer), parts.refresh(asking)]
            items.append(parts.button(Several(text=text, actions=steps)))
    return [parts.buttons(*items)] if items else []


def _shown(asking: Asking, lines: list[Line]) -> list[Node]:
    """Those whose offer is still there; what is gone is told below."""
    known = [
        values.BasketLine(offer=line.offer, quantity=line.wish.quantity, why=line.why) for line in lines if line.offer
    ]
    text = [
        words.told(f"{offers.in_words(one.offer, asking.language)} × {one.quantity}", one.why, language=asking.language)
        for one in known
    ]
    return [nodes.BasketLines(text="\n".join(text), key="lines", lines=known)] if known else []


def _row(asking: Asking, line: Line) -> values.Row:
    if line.offer is None:
        return values.Row(title=asking.t("已下架的商品", "An offer that is gone"), note=line.why, tone="bad")
    amount = words.yuan(line.offer.price_fen * line.wish.quantity)
    return values.Row(
        title=f"{line.offer.name} × {line.wish.quantity}",
        note=words.told(line.offer.spec, words.yuan(line.offer.price_fen), line.why, language=asking.language),
        value="" if line.why else amount,
        tone="bad" if line.why else "info",
        picture=line.offer.picture,
    )


def _to_checkout(asking: Asking, here: Here, quote: Quote | None) -> list[Node]:
    if quote is None or not here.is_open:
        return [_to_shelf(asking, here)]
    amount = words.yuan(quote.to_pay.fen)
    to = parts.go("checkout", asking.t(f"去结算 {amount}", f"Check out {amount}"), point=here.id)
    return [parts.buttons(parts.button(to, "main"))]


def _to_shelf(asking: Asking, here: Here) -> Node:
    """The way on where nothing can be ordered."""
    return parts.buttons(parts.button(parts.go("shelf", asking.t("去货架", "To the shelf"), point=here.id)))


def _to_order(asking: Asking, here: Here, of: tuple[Quote | None, Seat | None], lines: list[Line]) -> list[Node]:
    """Exactly what is shown is ordered: what cannot be had is left out, prices and savings are those that were read."""
    quote, seat = of
    if quote is None or not here.is_open:
        return [_to_shelf(asking, here)]
    amount = words.yuan(quote.to_pay.fen)
    text = asking.t(f"提交订单并支付 {amount}", f"Place the order and pay {amount}")
    wanted = [
        OrderLine(offer=line.offer.id, quantity=line.wish.quantity, price_fen=line.offer.price_fen)
        for line in lines
        if line.offer and not line.why
    ]
    clear = EmptyBasket(text=asking.t("清空购物篮", "Empty the basket"))
    order = PlaceOrder(
        text=text, point=here.id, lines=wanted, saved_fen=quote.saved.fen, run=seat.id if seat else "",
        done=[clear, paying.pay(asking, "$id", quote.to_pay.fen, here.point)],
    )  # fmt: skip
    return [parts.buttons(parts.button(order, "main"))]
