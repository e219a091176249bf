"""The shelf of a pickup point tonight, and one of its goods."""

from __future__ import annotations

from msgspec.structs import replace

from lintuan.catalog import queries as catalog
from lintuan.catalog.types import CATEGORY_NAMES, SkuView
from lintuan.kernel.errors import NotFound
from lintuan.kernel.ids import read_public_id
from lintuan.leaders.types import PointState
from lintuan.pages.tree import nodes, values
from lintuan.pages.tree.actions import Action, Add, Navigate
from lintuan.pages.tree.nodes import Node
from lintuan.pages.tree.page import Page
from lintuan.pricing import queries as pricing
from lintuan.pricing.types import OfferState, OfferView
from lintuan.provinces.types import ProvinceState
from lintuan.sourcing import queries as sourcing
from lintuan.sourcing.types import LotView

from . import offers, parts, place, points, seats, words
from .asking import Asking
from .place import Here
from .plays import lists

#: As many as a first screen shows, with some more below; the rest comes from the prebuilt shelf.
FIRST = 12


def shelf(asking: Asking) -> Page:
    """Tonight at the reader's point; without one, the choice of a point."""
    here = place.here(asking)
    if here is None:
        return points.points(asking)
    found = offers.offers_of_day(here.province.id, here.sale_on, asking.language)
    body: list[Node] = [*where(asking, here), *seats.told(asking, seats.named(asking, here)), *deadline(asking, here)]
    body += lists.strip(asking, here)
    body.append(_grid(asking, here, found) if found else _nothing_yet(asking))
    title = asking.t("今晚", "Tonight")
    return parts.page(asking, ("shelf", title), body, tab="tonight", foot=_bar(asking, here), fresh_for=30)


def product(asking: Asking) -> Page:
    """One of the goods: what it is, where it comes from, what it cost before."""
    province_id, offer_id = read_public_id("offer", asking.get("offer"))
    view = pricing.offers(province_id, [offer_id]).get(offer_id)
    if view is None or view.state is OfferState.DRAFT:
        raise NotFound(thing="offer")
    sku, here = catalog.sku(view.sku_id), place.here(asking)
    offer = _offer_now(view, sku, asking)
    is_on_sale = here is not None and here.is_open and _is_tonight(view, here)
    seat = seats.named(asking, here, [view.sku_id]) if here is not None and asking.get("run") else None
    body: list[Node] = [*elsewhere(asking, here), *seats.told(asking, seat), _product(asking, offer, sku)]
    if not is_on_sale:
        told = asking.t("现在不能下单", "It cannot be ordered now")
        body.append(parts.notice(told, _why_not(asking, here), tone="warn"))
    body += _history(asking, view, sku)
    foot = [_buy(asking, offer), *_bar(asking, here)] if is_on_sale and here and not offer.sold_out else []
    return parts.page(asking, ("product", offer.name), body, tab="tonight", foot=foot, fresh_for=30)


def where(asking: Asking, here: Here) -> list[Node]:
    """The point whose shelf it is, and that it is not the reader's own, if so."""
    return [*elsewhere(asking, here), _point_card(asking, here)]


def elsewhere(asking: Asking, here: Here | None) -> list[Node]:
    """Who came by a link to another point sees that, and can make it theirs."""
    own = place.own(asking) if asking.is_member else None
    if here is None or own is None or (own.province_id, own.id) == (here.province.id, here.point.id):
        return []
    usual = place.point_name(own, asking.language)
    title = asking.t(f"您正在看{here.name}", f"This is {here.name}")
    line = asking.t(
        f"您平时在{usual}取货；在这里下单就在这里取。",
        f"You otherwise collect at {usual}; what you order here is collected here.",
    )
    tap = points.choose(asking, here.point) if here.point.state is PointState.OPEN else None
    told = parts.notice(title, line, tone="warn")
    told.tap = tap
    return [told]


def _point_card(asking: Asking, here: Here) -> Node:
    """Where and when the goods are handed out."""
    to = parts.go("points", asking.t("换一个自提点", "Choose another pickup point"))
    collect = asking.t(f"取货：{here.hours}", f"Collect: {here.hours}")
    leader = asking.t(f"团长{here.point.leader_name}", f"leader {here.point.leader_name}")
    note = words.told(here.point.address, leader, language=asking.language)
    text = words.told(here.name, note, collect, language=asking.language)
    return nodes.LeaderCard(text=text, key="point", name=here.name, note=note, hours=collect, tap=to)


def deadline(asking: Asking, here: Here) -> list[Node]:
    """How long one can still order, or why not now."""
    cutoff = here.at("cutoff")
    if here.is_open:
        label, over = asking.t("今晚截单还有", "Order within"), asking.t("今晚已截单", "Tonight's orders are closed")
        until = words.moment(cutoff, here.province.zone, asking.language)
        text = asking.t(f"{until} 截单", f"Orders close on {until}")
        return [nodes.Countdown(text=text, key="cutoff", until=cutoff, label=label, over=over)]
    return [parts.notice(why_closed(asking, here), tone="warn")]


def why_closed(asking: Asking, here: Here) -> str:
    """Why a point takes no orders at this moment, and when it will."""
    if here.province.state is not ProvinceState.OPEN:
        return asking.t("本地暂停接单，请稍后再来", "We take no orders here for now; please come back later")
    if here.point.state is PointState.RESTING:
        return asking.t("自提点休息中，请换一个自提点", "This pickup point is resting; please choose another one")
    if here.point.state is PointState.CLOSED:
        return asking.t("自提点已关闭，请换一个自提点", "This pickup point is closed; please choose another one")
    opens = words.moment(here.at("opens"), here.province.zone, asking.language)
    return asking.t(f"现在不接单，{opens} 开始", f"No orders now; they open on {opens}")


def _grid(asking: Asking, here: Here, found: tuple[values.Offer, ...]) -> Node:
    titles = {kind.value: asking.t(*CATEGORY_NAMES[kind]) for kind in CATEGORY_NAMES}
    first = [replace(offer, tap=_look(offer, here)) for offer in found[:FIRST]]
    lines = [offers.in_words(offer, asking.language) for offer in first]
    if len(found) > FIRST:
        lines.append(asking.t(f"共 {len(found)} 种", f"{len(found)} goods in all"))
    return nodes.OfferGrid(
        text="\n".join(lines),
        key="offers",
        offers=first,
        source=values.Source(path=f"{parts.API}/points/{here.id}/shelf", from_=len(first)),
        search=True,
        categories=offers.categories(found, titles),
        closed="" if here.is_open else why_closed(asking, here),
    )


def _look(offer: values.Offer, here: Here) -> Action | None:
    """What is looked at from a point's shelf is bought there."""
    tap = offer.tap
    return replace(tap, with_={**tap.with_, "point": here.id}) if isinstance(tap, Navigate) else tap


def _nothing_yet(asking: Asking) -> Node:
    title = asking.t("今晚的货还没上架", "Tonight's goods are not on the shelf yet")
    return parts.empty(title, asking.t("请晚一点再来看看。", "Please look again a little later."), icon="shopping-cart")


def _bar(asking: Asking, here: Here | None) -> list[Node]:
    if here is None or not here.is_open:
        return []
    to = parts.go("basket", asking.t("去结算", "Check out"), point=here.id)
    return [nodes.BasketBar(text=asking.t("购物篮：去结算", "Basket: check out"), to=to, tap=to)]


def _offer_now(view: OfferView, sku: SkuView, asking: Asking) -> values.Offer:
    stock = pricing.stock(view.province_id, [view.id])
    capacity, taken = stock.get(view.id, (0, 0))
    return offers.stocked(offers.offer_of(view, sku, asking.language), capacity - taken)


def _is_tonight(view: OfferView, here: Here) -> bool:
    is_here = (view.province_id, view.sale_on) == (here.province.id, here.sale_on)
    return is_here and view.state is OfferState.PUBLISHED


def _why_not(asking: Asking, here: Here | None) -> str:
    if here is None:
        return asking.t("请先选择自提点。", "Please choose a pickup point first.")
    if not here.is_open:
        return why_closed(asking, here)
    return asking.t("该商品今晚不在售。", "This offer is not on sale tonight.")


def _product(asking: Asking, offer: values.Offer, sku: SkuView) -> Node:
    origin = catalog.origins([sku.origin_code], asking.language)[sku.origin_code] if sku.origin_code else ""
    keeps = asking.t(f"{sku.shelf_life_days} 天", f"{sku.shelf_life_days} days")
    facts = [
        (asking.t("规格", "Size"), offer.spec),
        (asking.t("产地", "From"), origin),
        (asking.t("储存", "Keep"), sku.storage_in(asking.language)),
        (asking.t("保质期", "Keeps for"), keeps),
        (asking.t("每单限购", "At most per order"), str(offer.limit or "")),
    ]
    known = [values.Fact(label=label, value=value) for label, value in facts if value]
    text = "\n".join((offers.in_words(offer, asking.language), *(f"{one.label}: {one.value}" for one in known)))
    return nodes.Product(
        text=text,
        key=offer.id,
        offer=offer,
        gallery=[offers.picture(sku.picture, alt=offer.name)],
        origin=origin,
        storage=sku.storage_in(asking.language),
        facts=known,
    )


def _history(asking: Asking, view: OfferView, sku: SkuView) -> list[Node]:
    """What it really sold for, and the papers of the lots that came last."""
    found: list[Node] = []
    past = pricing.past_deals(view.province_id, view.sku_id, view.sale_on)
    if past:
        note = asking.t("近 30 天每天的最低成交价", "The lowest price really paid on each of the last 30 days")
        lines = [f"{words.day(deal.sale_on, asking.language)} {words.yuan(deal.lowest.fen)}" for deal in past]
        prices = [values.PriceOn(on=deal.sale_on, fen=deal.lowest.fen) for deal in past]
        found.append(nodes.PriceHistory(text="\n".join((note, *lines)), points=prices, note=note))
    lots = sourcing.latest_lots(view.province_id, sku.id)
    if lots:
        found.append(parts.heading(asking.t("最近到货的批次", "The lots that came last")))
        found.append(parts.facts(*((lot.code, _lot(asking, lot)) for lot in lots)))
    return found


def _lot(asking: Asking, lot: LotView) -> str:
    proof = asking.t(f"合格证 {lot.certificate}", f"certificate {lot.certificate}") if lot.certificate else ""
    until = words.day(lot.expires_on, asking.language)
    return words.told(proof, asking.t(f"保质至 {until}", f"good until {until}"), language=asking.language)


def _buy(asking: Asking, offer: values.Offer) -> Node:
    add = Add(text=asking.t("加入购物篮", "Put into the basket"), offer=offer.id, price_fen=offer.price_fen)
    return parts.buttons(parts.button(add, "main"))
