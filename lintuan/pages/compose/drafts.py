"""A line of the group's relay list (接龙), found by its code and made an order."""

from __future__ import annotations

from collections.abc import Sequence

from lintuan.kernel.errors import NotFound, Refusal
from lintuan.kernel.ids import public_id
from lintuan.leaders import queries as leaders
from lintuan.ordering import queries as ordering
from lintuan.ordering.engine.relays import DraftLine, DraftState, DraftView
from lintuan.pages.addresses import read_draft_ticket
from lintuan.pages.tree import values
from lintuan.pages.tree.nodes import Node
from lintuan.pages.tree.page import Page
from lintuan.pricing import queries as pricing
from lintuan.pricing.queries import PriceList

from . import offers, parts, paying, place, shelf, words
from .asking import Asking
from .basket import quote_node
from .doors import for_members
from .place import Here


@for_members("draft", "接龙确认", "Confirm my relay line")
def draft(asking: Asking) -> Page:
    """Asks for a code, then shows what stands behind it at tonight's prices."""
    head = ("draft", asking.t("接龙确认", "Confirm my relay line"))
    if asking.get("ticket"):
        draft_id = read_draft_ticket(asking.caller, asking.get("ticket"))
        view = ordering.drafts(asking.caller.province_id, [draft_id]).get(draft_id)
        if view is None:
            raise NotFound(thing="draft")
        body, foot = _shown(asking, view)
        return parts.page(asking, head, body, tab="tonight", foot=foot, fresh_for=5)
    return parts.page(asking, head, _to_type(asking, place.here(asking)), tab="tonight")


def _to_type(asking: Asking, here: Here | None) -> list[Node]:
    code = asking.get("code").strip().upper()[:20]
    told = parts.notice(
        asking.t("群里接龙的，在这里确认", "For who wrote into the group's relay list"),
        asking.t(
            "团长发回群里的文字中，您的称呼后面有 4 位编号。",
            "Your code stands behind your name in the leader's message.",
        ),
    )
    if here is None:
        to = parts.go("points", asking.t("选择自提点", "Choose a pickup point"))
        return [told, parts.buttons(parts.button(to))]
    if not here.is_open:
        return [told, *shelf.deadline(asking, here)]
    field = values.Field(
        name="code", label=asking.t("4 位接龙编号", "The four letters of your line"), type="text", required=True,
        max=20, value=code or None, help=here.name,
    )  # fmt: skip
    to = parts.go("draft", asking.t("看我的接龙", "See my line"), replace=True, ticket="$ticket")
    look = parts.call("POST", "/relay-drafts/find", asking.t("查看", "Look"), {"point": here.id}, done=[to])
    return [told, *shelf.where(asking, here), parts.form([field], look, "code")]


def _shown(asking: Asking, view: DraftView) -> tuple[list[Node], list[Node]]:
    here = place.at_point(asking, leaders.point(view.province_id, view.point_id))
    name = f"{view.number}. {view.name}".strip()
    body: list[Node] = [parts.heading(words.told(name, view.code, language=asking.language))]
    body += [*shelf.where(asking, here), *shelf.deadline(asking, here)]
    is_mine = view.member_id == asking.caller.id and view.member_id != 0
    if view.state is DraftState.CONFIRMED or (view.member_id and not is_mine):
        return [*body, *_confirmed(asking, view, is_mine=is_mine)], []
    if view.state is not DraftState.READY:
        return [*body, _why_not(asking, view)], []
    prices = pricing.prices_of(view.province_id, view.sale_on, [line.offer_id for line in view.lines])
    rows, good = [], []
    for line in view.lines:
        why = _why(asking, prices, line)
        rows.append(_row(asking, prices, line, why))
        good += [] if why else [line]
    body.append(parts.rows(rows, key="lines"))
    if not good or not here.is_open or view.sale_on != here.sale_on:
        to = parts.go("shelf", asking.t("去货架", "To the shelf"), point=here.id)
        return body, [parts.buttons(parts.button(to))]
    return _to_confirm(asking, (view, here), prices, good, body)


def _to_confirm(
    asking: Asking, of: tuple[DraftView, Here], prices: PriceList, good: Sequence[DraftLine], body: list[Node]
) -> tuple[list[Node], list[Node]]:
    """Exactly what is shown is ordered: what cannot be had is left out, at the prices that were read."""
    view, here = of
    quote = pricing.quote_by(prices, [(line.offer_id, line.quantity) for line in good])
    fen = quote.to_pay.fen
    lines = [
        {
            "offer": public_id("offer", view.province_id, line.offer_id), "quantity": line.quantity,
            "price_fen": prices.offers[line.offer_id].price.fen,
        }
        for line in good
    ]  # fmt: skip
    confirm = parts.call(
        "POST", "/relay-drafts/confirm",
        asking.t(f"确认并支付 {words.yuan(fen)}", f"Confirm and pay {words.yuan(fen)}"),
        {"point": here.id, "code": view.code, "lines": lines}, done=[paying.pay(asking, "$id", fen, here.point)],
    )  # fmt: skip
    until = words.moment(here.at("cutoff"), here.province.zone, asking.language)
    told = asking.t(
        f"确认后就是您的订单，{until} 前可以修改或取消。",
        f"Confirmed, it is your order; you can change or cancel it until {until}.",
    )
    return [*body, quote_node(asking, quote), parts.plain(told)], [parts.buttons(parts.button(confirm, "main"))]


def _why(asking: Asking, prices: PriceList, line: DraftLine) -> str:
    try:
        pricing.quote_by(prices, [(line.offer_id, line.quantity)])
    except Refusal as refusal:
        return refusal.message(asking.language)
    return ""


def _row(asking: Asking, prices: PriceList, line: DraftLine, why: str) -> values.Row:
    view = prices.offers[line.offer_id]
    offer = offers.offer_of(view, prices.skus[view.sku_id], asking.language)
    return values.Row(
        title=f"{offer.name} × {line.quantity}",
        note=words.told(offer.spec, words.yuan(offer.price_fen), why, language=asking.language),
        value="" if why else words.yuan(offer.price_fen * line.quantity),
        tone="bad" if why else "info",
        picture=offer.picture,
    )


def _confirmed(asking: Asking, view: DraftView, *, is_mine: bool) -> list[Node]:
    told = parts.notice(asking.t("这一行已经确认过了", "This line was confirmed already"), tone="good")
    if not is_mine:
        return [told]
    order = public_id("order", view.province_id, view.order_id)
    see = parts.go("order", asking.t("看订单", "See the order"), replace=True, order=order)
    return [told, parts.buttons(parts.button(see, "main"))]


def _why_not(asking: Asking, view: DraftView) -> Node:
    if view.state is DraftState.UNSETTLED:
        told = asking.t("团长还在核对这一行", "The leader still has to settle this line")
        return parts.notice(told, asking.t("请稍后再看，或告诉团长。", "Look again later, or tell them."), tone="warn")
    return parts.notice(words.word(view.state, asking.language, of="relay"), tone="warn")
