"""Tonight for a leader: what comes in, what waits, what to post, who ordered."""

from __future__ import annotations

from collections import Counter

from lintuan.catalog import queries as catalog
from lintuan.fulfilment import queries as fulfilment
from lintuan.fulfilment.types import DropState, PickupState
from lintuan.kernel.money import ZERO, total
from lintuan.leaders import queries as leaders
from lintuan.leaders.types import PointView
from lintuan.members import queries as members
from lintuan.ordering.types import OrderView
from lintuan.pages.compose import goods, parts, place, shelf, words
from lintuan.pages.compose.asking import Asking
from lintuan.pages.compose.doors import for_leaders
from lintuan.pages.tree import nodes, values
from lintuan.pages.tree.nodes import Node
from lintuan.pages.tree.page import Page
from lintuan.settlement import queries as settlement
from lintuan.settlement.types import CommissionDay

from . import keeping


@for_leaders("tonight", "今晚", "Tonight")
def tonight(asking: Asking) -> Page:
    """At a glance: orders, people, commission; goods to sign for and people who wait."""
    points = keeping.points(asking)
    body: list[Node] = []
    if points:
        body += shelf.deadline(asking, place.at_point(asking, points[0]))
    to_sign, waiting = _due(asking)
    body += [
        parts.heading(asking.t("今晚接单", "Selling tonight")),
        _selling(asking),
        _goods(asking, to_sign=to_sign, waiting=waiting),
    ]
    # What lies at the door is more urgent than the next post.
    post = parts.go("post", asking.t("今晚发什么", "What to post tonight"))
    ways = [
        parts.button(post) if to_sign or waiting else parts.button(post, "main"),
        parts.button(parts.go("relay", asking.t("接龙", "Relay list"))),
        parts.button(parts.go("play_shelf", asking.t("玩法", "Plays"))),
        parts.button(parts.go("members", asking.t("团员与订单", "Members and orders"))),
        parts.button(parts.go("picklists", asking.t("分货单", "Pick lists"))),
    ]
    body += [parts.buttons(*ways), parts.heading(asking.t("我的自提点", "My pickup points"))]
    body.append(parts.rows([_point(asking, view) for view in points], key="points") if points else _no_point(asking))
    return parts.page(asking, ("tonight", asking.t("今晚", "Tonight")), body, tab="tonight", fresh_for=15)


@for_leaders("members", "团员与订单", "Members and orders")
def group(asking: Asking) -> Page:
    """How many collect here, and who ordered tonight; names and phones masked."""
    head = ("members", asking.t("团员与订单", "Members and orders"))
    sizes = [
        values.Metric(
            label=place.point_name(view, asking.language),
            value=str(leaders.group_size(view.province_id, view.id)),
            note=asking.t("人在此取货", "people collect here"),
        )
        for view in keeping.points(asking)
    ]
    on = asking.day("day", keeping.selling_day(asking))
    orders = keeping.orders_of(asking, on)
    body: list[Node] = [metrics(sizes)] if sizes else []
    body.append(
        parts.heading(
            asking.t(f"{words.day(on, asking.language)} 的订单", f"Orders of {words.day(on, asking.language)}")
        )
    )
    if orders:
        body.append(parts.rows(_people(asking, orders), key="orders"))
    else:
        line = asking.t("发一条到群里试试。", "Try a post in the group.")
        to = parts.go("post", asking.t("今晚发什么", "What to post tonight"))
        body.append(parts.empty(asking.t("还没有已付订单", "No paid orders yet"), line, icon="receipt", to=to))
    body.append(parts.buttons(keeping.other_day(asking, "members", on)))
    return parts.page(asking, head, body, tab="tonight", fresh_for=15)


def metrics(items: list[values.Metric]) -> Node:
    """Figures beside each other."""
    lines = (" ".join(part for part in (item.label, item.value, item.note) if part) for item in items)
    return nodes.MetricRow(text="\n".join(lines), items=items)


def _selling(asking: Asking) -> Node:
    """Counted from paid orders; the commission is what the books expect of them so far."""
    on, t = keeping.selling_day(asking), asking.t
    orders = keeping.orders_of(asking, on)
    days = settlement.leader_commission(asking.caller).days
    today: CommissionDay | None = next((one for one in days if one.sale_on == on), None)
    expected = today.pending + today.booked if today else ZERO
    return metrics(
        [
            values.Metric(label=t("已付订单", "Paid orders"), value=str(len(orders))),
            values.Metric(label=t("人", "People"), value=str(len({order.member_id for order in orders}))),
            values.Metric(label=t("成交额", "Sales"), value=words.yuan(total(order.net for order in orders).fen)),
            values.Metric(
                label=t("预计佣金", "Expected commission"),
                value=words.yuan(expected.fen),
                note=t("取货并过售后期后入账", "booked after collection and the time for claims"),
            ),
        ]
    )


def _due(asking: Asking) -> tuple[int, int]:
    """Deliveries to sign for, and people who wait for their goods."""
    on = keeping.goods_day(asking)
    drops = fulfilment.drops_of_leader(asking.caller, sale_on=on)
    pickups = fulfilment.handouts_of_leader(asking.caller, sale_on=on)
    to_sign = sum(1 for one in drops if one.state is DropState.DELIVERED)
    return to_sign, sum(1 for one in pickups if one.state is PickupState.WAITING)


def _goods(asking: Asking, *, to_sign: int, waiting: int) -> Node:
    on, t = keeping.goods_day(asking), asking.t
    children: list[Node] = [
        metrics(
            [
                values.Metric(label=t("待签收", "To sign for"), value=str(to_sign)),
                values.Metric(label=t("待取货的人", "People who wait"), value=str(waiting)),
            ]
        )
    ]
    receive, handout = (
        parts.go("receive", t("去收货", "Receive the goods")),
        parts.go("handout", t("开始发货", "Hand out")),
    )
    if to_sign:
        also = [parts.button(handout)] if waiting else []
        children.append(parts.buttons(parts.button(receive, "main"), *also))
    elif waiting:
        children.append(parts.buttons(parts.button(handout, "main")))
    day = words.day(on, asking.language)
    return parts.section(t(f"{day} 的货", f"Goods of {day}"), children)


def _point(asking: Asking, view: PointView) -> values.Row:
    return values.Row(
        title=place.point_name(view, asking.language),
        note=view.address,
        badge=words.word(view.state, asking.language),
        tone=words.tone(view.state),
        tap=parts.go("point", asking.t("自提点与休息", "Pickup point and resting"), point=place.point_id(view)),
    )


def _no_point(asking: Asking) -> Node:
    line = asking.t("请联系运营为您登记。", "Please ask our staff to register one.")
    return parts.empty(asking.t("您还没有自提点", "You keep no pickup point yet"), line, icon="building-store")


def _people(asking: Asking, orders: list[OrderView]) -> list[values.Row]:
    """A row for each person, whatever the number of their orders; who ordered most recently first."""
    people = members.members(asking.caller.province_id, {order.member_id for order in orders})
    skus = catalog.skus({line.sku_id for order in orders for line in order.lines})
    rows = []
    for member_id in dict.fromkeys(order.member_id for order in sorted(orders, key=lambda one: -one.id)):
        own = [order for order in orders if order.member_id == member_id]
        units: Counter[int] = Counter()
        for order in own:
            units.update({line.sku_id: line.due for line in order.lines if line.due})
        items = [goods.goods(skus[sku_id], count, asking.language) for sku_id, count in units.items()]
        who = people[member_id]
        rows.append(
            values.Row(
                title=members.mask_name(who.name),
                note=words.told(
                    members.mask_phone(who.phone), goods.in_words(items, asking.language), language=asking.language
                ),
                value=words.yuan(total(order.net for order in own).fen),
            )
        )
    return rows
