"""Collecting: one code for everything of a day, and letting somebody else come."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from django.conf import settings

from lintuan.catalog import queries as catalog
from lintuan.catalog.types import SkuView
from lintuan.fulfilment import queries as fulfilment
from lintuan.fulfilment.types import PickupState, PickupView, ProxyView
from lintuan.kernel.ids import public_id
from lintuan.leaders import queries as leaders
from lintuan.ordering import queries as ordering
from lintuan.ordering.types import OrderView, State
from lintuan.pages.addresses import proxy_token, read_proxy_token
from lintuan.pages.tree import nodes, values
from lintuan.pages.tree.actions import Action, Copy, Share
from lintuan.pages.tree.nodes import Node
from lintuan.pages.tree.page import Page
from lintuan.provinces.queries import province

from . import codes, goods, parts, place, words
from .asking import Asking
from .doors import for_members
from .standing import order_id

Skus = Mapping[int, SkuView]

_WHEN = ("团长签收后显示取货码", "the code shows once the leader has signed")


@for_members("pickup", "取货", "Pick up")
def pickup(asking: Asking) -> Page:
    """What waits with its codes, what is on its way, and what was fetched."""
    head = ("pickup", asking.t("取货", "Pick up"))
    found = fulfilment.pickups_of_member(asking.caller)
    skus = catalog.skus({line.sku_id for view in found for line in view.lines})
    waiting = [view for view in found if view.state is PickupState.WAITING]
    body: list[Node] = []
    for view in waiting:
        body += [_code(asking, view, skus, _proxy_action(asking, view)), *_proxy(asking, view)]
    body += _coming(asking, found)
    if not body:
        body.append(_nothing(asking))
    past = [_past(asking, view, skus) for view in found if view not in waiting]
    if past:
        body += [parts.heading(asking.t("以前的", "Earlier")), parts.rows(past, key="past")]
    return parts.page(asking, head, body, tab="pickup", fresh_for=5)


def proxy(asking: Asking) -> Page:
    """What somebody who was sent shows the leader; needs no signing in."""
    view = fulfilment.proxied_pickup(*read_proxy_token(asking.get("token")))
    skus = catalog.skus({line.sku_id for line in view.lines})
    head = ("proxy", asking.t("代取", "Collect for a neighbour"))
    if view.state is not PickupState.WAITING:
        state = words.word(view.state, asking.language)
        return parts.page(asking, head, [parts.notice(state, tone=words.tone(view.state))])
    told = asking.t("把码给团长看，只能用一次。", "Show this code to the leader; it works once.")
    return parts.page(asking, head, [parts.notice(told), _code(asking, view, skus, None)])


def _code(asking: Asking, view: PickupView, skus: Skus, proxy: Action | None) -> Node:
    items = goods.due(view.lines, skus, asking.language)
    whose = _where(asking, view)
    digits = codes.grouped(view.code)
    told = asking.t(f"取货码 {digits}", f"Pickup code {digits}")
    return nodes.PickupCode(
        text="\n".join((told, whose, goods.in_words(items, asking.language))),
        key=_id(view),
        code=view.code,
        digits=digits,
        qr=codes.qr(view.code),
        for_=whose,
        items=items,
        proxy=proxy,
    )


def _where(asking: Asking, view: PickupView) -> str:
    point = leaders.point(view.province_id, view.point_id)
    hours = place.hours_of(province(view.province_id), view.sale_on, asking.now, asking.language)
    basket = asking.t("搭伴篮", "household basket") if view.basket_id else ""
    name = place.point_name(point, asking.language)
    return words.told(name, point.address, hours, basket, language=asking.language)


def _id(view: PickupView) -> str:
    return public_id("pickup", view.province_id, view.id)


def _proxy_action(asking: Asking, view: PickupView) -> Action | None:
    """A member's own pickup only; who collects jointly has no own one to give away."""
    if view.member_id != asking.caller.id or view.proxy is not None:
        return None
    text = asking.t("请人代取", "Let somebody else collect")
    return parts.call("POST", f"/me/pickups/{_id(view)}/proxy", text, done=[parts.refresh(asking)])


def _proxy(asking: Asking, view: PickupView) -> list[Node]:
    """The code that was given away, to be handed on or taken back."""
    if view.proxy is None:
        return []
    digits = codes.grouped(view.proxy.code)
    title = asking.t(f"代取码 {digits}", f"Code for who collects for you: {digits}")
    told = asking.t("只能用一次；您的取货码仍然有效。", "It works once; your own code still holds.")
    text = asking.t("收回代取码", "Take the code back")
    back = parts.call("DELETE", f"/me/pickups/{_id(view)}/proxy", text, done=[parts.refresh(asking)])
    shared = _shared(asking, view, view.proxy)
    address = f"{settings.PUBLIC_ADDRESS}/?page=proxy&token={shared.with_['token']}"
    copy = Copy(text=asking.t("复制", "Copy"), content=f"{shared.content}\n{address}")
    items = (parts.button(shared, "main"), parts.button(copy), parts.button(back, "danger"))
    return [parts.section(title, [parts.plain(told), parts.buttons(*items)])]


def _shared(asking: Asking, view: PickupView, proxy: ProxyView) -> Share:
    """What is shared gets its link from the client."""
    token = proxy_token(view.province_id, proxy.token)
    where = _where(asking, view)
    content = asking.t(
        f"请帮我取货：{where}，代取码 {proxy.code}。",
        f"Please collect for me: {where}, code {proxy.code}.",
    )
    return Share(
        text=asking.t("发给代取的人", "Send it to them"), form="card",
        title=asking.t("代取", "Collect for a neighbour"), content=content, page="proxy", with_={"token": token},
    )  # fmt: skip


def _coming(asking: Asking, found: Sequence[PickupView]) -> list[Node]:
    """Paid orders whose goods the leader has not signed for."""
    here = {(view.point_id, view.sale_on) for view in found}
    orders = [view for view in ordering.orders_of_member(asking.caller, limit=20) if view.state is State.PAID]
    coming = [view for view in orders if (view.point_id, view.sale_on) not in here]
    if not coming:
        return []
    title = asking.t("在路上的", "On their way")
    return [parts.heading(title), parts.rows([_ordered(asking, view) for view in coming], key="coming")]


def _ordered(asking: Asking, view: OrderView) -> values.Row:
    hours = place.hours_of(province(view.province_id), view.sale_on, asking.now, asking.language)
    point = place.point_name(leaders.point(view.province_id, view.point_id), asking.language)
    return values.Row(
        title=hours,
        note=words.told(point, asking.t(*_WHEN), language=asking.language),
        value=words.yuan(view.bill.paid.fen),
        tap=parts.go("order", asking.t("查看订单", "See the order"), order=order_id(view)),
    )


def _past(asking: Asking, view: PickupView, skus: Skus) -> values.Row:
    return values.Row(
        title=words.day(view.sale_on, asking.language),
        note=goods.in_words(goods.due(view.lines, skus, asking.language), asking.language),
        badge=words.word(view.state, asking.language),
        tone=words.tone(view.state),
    )


def _nothing(asking: Asking) -> Node:
    line = asking.t(
        "团长签收后，取货码会出现在这里。", "Your code appears here once the leader has received the goods."
    )
    to = parts.go("shelf", asking.t("去货架", "To the shelf"))
    return parts.empty(asking.t("还没有可取的货", "Nothing to collect yet"), line, icon="package", to=to)
