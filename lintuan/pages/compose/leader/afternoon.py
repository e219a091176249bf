"""The leader's afternoon: receiving, handing out, and lists to pack by."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import date

from lintuan.catalog import queries as catalog
from lintuan.catalog.types import SkuView
from lintuan.fulfilment import queries as fulfilment
from lintuan.fulfilment.types import DropLineView, DropState, DropView, HandoutView, PickupState
from lintuan.kernel.ids import public_id
from lintuan.leaders import queries as leaders
from lintuan.pages.addresses import photo_addresses
from lintuan.pages.compose import goods, offers, parts, place, words
from lintuan.pages.compose.asking import Asking
from lintuan.pages.compose.doors import for_leaders
from lintuan.pages.tree import nodes, values
from lintuan.pages.tree.actions import Print
from lintuan.pages.tree.nodes import Node
from lintuan.pages.tree.page import Page

from . import keeping

Skus = dict[int, SkuView]


@for_leaders("receive", "收货", "Receive")
def receive(asking: Asking) -> Page:
    """What the van brought: to count, to report, to sign for."""
    on = keeping.goods_day(asking)
    head = ("receive", asking.t("收货", "Receive"))
    drops = fulfilment.drops_of_leader(asking.caller, sale_on=on)
    body: list[Node] = []
    if drops:
        hint = (
            "只记少的和破损的，其余直接签收；差的会自动退款给邻居。",
            "Note only what is short or damaged; neighbours are refunded for it by themselves.",
        )
        if any(drop.state is DropState.DELIVERED for drop in drops):
            body.append(parts.notice(asking.t(*hint)))
        skus = catalog.skus({line.sku_id for drop in drops for line in drop.lines})
        shown = [_drop(asking, drop, skus) for drop in drops]
        body.append(nodes.Receive(text="\n".join(_drop_text(asking, drop) for drop in shown), key="drops", drops=shown))
    else:
        line = asking.t("货车出发后，这里会显示到达时间。", "Once a van has left, its arrival time shows here.")
        body.append(parts.empty(asking.t("没有要签收的货", "Nothing to receive"), line, icon="truck-delivery"))
    body.append(parts.buttons(keeping.other_day(asking, "receive", on)))
    return parts.page(asking, head, body, tab="receive", fresh_for=10)


@for_leaders("handout", "发货", "Hand out")
def handout(asking: Asking) -> Page:
    """The screen at the door: a code, whose goods they are, done; works without a network."""
    on = keeping.goods_day(asking)
    day = words.day(on, asking.language)
    text = asking.t(f"{day} 的货：请邻居报取货码，输入后发货", f"Goods of {day}: ask for the pickup code and enter it")
    node = nodes.Handout(
        text=text,
        # A day has its own list: past midnight the screen begins anew.
        key=f"handout-{on.isoformat()}",
        source=f"{parts.API}/leader/pickups?sale_on={on}",
        collect=f"{parts.API}/leader/pickups/collect",
        day=day,
        sale_on=on.isoformat(),
    )
    lists = parts.go("picklists", asking.t("分货单", "Pick lists"), day=on.isoformat())
    body: list[Node] = [node, parts.buttons(parts.button(lists), keeping.other_day(asking, "handout", on))]
    return parts.page(asking, ("handout", asking.t("发货", "Hand out")), body, tab="handout", fresh_for=30)


@for_leaders("picklists", "分货单", "Pick lists")
def picklists(asking: Asking) -> Page:
    """Who gets what, by person or by product, to print."""
    on = keeping.goods_day(asking)
    by = "product" if asking.get("by") == "product" else "person"
    head = ("picklists", asking.t("分货单", "Pick lists"))
    found = fulfilment.handouts_of_leader(asking.caller, sale_on=on)
    body: list[Node] = [parts.heading(words.day(on, asking.language))]
    body.append(parts.buttons(*_other_list(asking, by, on), keeping.other_day(asking, "picklists", on)))
    if not found:
        line = asking.t("签收之后，这里列出谁来取、取什么。", "Once you have signed, this lists who collects what.")
        to = parts.go("receive", asking.t("去收货", "Receive the goods"))
        body.append(parts.empty(asking.t("名单还没有", "No list yet"), line, icon="list-check", to=to))
        return parts.page(asking, head, body, tab="handout")
    skus = catalog.skus({line.sku_id for view in found for line in view.lines})
    groups = _by_product(asking, found, skus) if by == "product" else _by_person(asking, found, skus)
    text = "\n".join(_group_text(group) for group in groups)
    body.append(nodes.PickList(text=text, key="list", by=by, groups=groups))  # type: ignore[arg-type]
    return parts.page(asking, head, body, tab="handout", foot=[parts.buttons(_print(asking))])


def _drop(asking: Asking, drop: DropView, skus: Skus) -> values.Drop:
    point = leaders.point(drop.province_id, drop.point_id)
    lines = [_drop_line(asking, drop, line, skus[line.sku_id]) for line in drop.lines]
    units = sum(line.quantity for line in lines)
    drop_id = public_id("drop", drop.province_id, drop.id)
    sign = parts.call(
        "POST", f"/leader/drops/{drop_id}/sign", asking.t(f"签收 {units} 件", f"Sign for {units} units"),
        {"discrepancies": []},
        done=[
            parts.tell(asking.t("已签收，邻居现在能看到取货码了。", "Signed; your neighbours now see their codes.")),
            parts.go("handout", asking.t("去发货", "Hand out"), replace=True),
        ],
    )  # fmt: skip
    return values.Drop(
        id=drop_id,
        title=place.point_name(point, asking.language),
        state=drop.state.value,
        state_text=words.word(drop.state, asking.language),
        note=_when(asking, drop),
        lines=lines,
        sign=sign if drop.state is DropState.DELIVERED else None,
        photo=f"{parts.API}/photos",
    )


def _when(asking: Asking, drop: DropView) -> str:
    zone, language = keeping.zone(asking), asking.language
    if drop.signed_at:
        at = words.moment(drop.signed_at, zone, language)
        return asking.t(f"{at} 签收", f"Signed {at}")
    if drop.delivered_at:
        at = words.moment(drop.delivered_at, zone, language)
        return asking.t(f"{at} 送达", f"Delivered {at}")
    if drop.eta_at:
        at = words.moment(drop.eta_at, zone, language)
        return asking.t(f"预计 {at} 到", f"Expected {at}")
    return ""


def _drop_line(asking: Asking, drop: DropView, line: DropLineView, sku: SkuView) -> values.DropLine:
    alt = asking.t("到货照片", "Photo of the delivery")
    return values.DropLine(
        code=sku.code,
        name=sku.name_in(asking.language),
        spec=sku.spec_in(asking.language),
        unit=sku.unit_in(asking.language),
        picture=offers.picture(sku.picture),
        quantity=line.sent,
        short=line.short,
        damaged=line.damaged,
        photos=[offers.photo(address, alt) for address in photo_addresses(drop.province_id, line.photos)],
    )


def _drop_text(asking: Asking, drop: values.Drop) -> str:
    lines = [
        words.told(
            f"{line.name} {line.spec} × {line.quantity}",
            asking.t(f"少 {line.short}", f"{line.short} short") if line.short else "",
            asking.t(f"破损 {line.damaged}", f"{line.damaged} damaged") if line.damaged else "",
            language=asking.language,
        )
        for line in drop.lines
    ]
    return "\n".join((words.told(drop.title, drop.state_text, drop.note, language=asking.language), *lines))


def _by_person(asking: Asking, found: Sequence[HandoutView], skus: Skus) -> list[values.PickGroup]:
    return [
        values.PickGroup(
            title=view.name,
            note=words.told(view.phone, words.word(view.state, asking.language), language=asking.language),
            rows=[
                values.PickRow(
                    label=goods.name(skus[line.sku_id], asking.language),
                    quantity=line.quantity,
                    unit=skus[line.sku_id].unit_in(asking.language),
                    done=view.state is not PickupState.WAITING,
                )
                for line in view.lines
            ],
        )
        for view in found
    ]


def _by_product(asking: Asking, found: Sequence[HandoutView], skus: Skus) -> list[values.PickGroup]:
    by_sku: defaultdict[int, list[tuple[HandoutView, int]]] = defaultdict(list)
    for view in found:
        for line in view.lines:
            by_sku[line.sku_id].append((view, line.quantity))
    return [
        values.PickGroup(
            title=goods.name(skus[sku_id], asking.language),
            note=asking.t(f"共 {sum(units for _, units in people)} 件", f"{sum(units for _, units in people)} in all"),
            rows=[
                values.PickRow(
                    label=view.name,
                    quantity=units,
                    unit=skus[sku_id].unit_in(asking.language),
                    note=view.phone,
                    done=view.state is not PickupState.WAITING,
                )
                for view, units in people
            ],
        )
        for sku_id, people in sorted(by_sku.items())
    ]


def _group_text(group: values.PickGroup) -> str:
    lines = (
        " ".join(part for part in (row.label, f"× {row.quantity}", row.unit, row.note) if part) for row in group.rows
    )
    return "\n".join((f"{group.title} · {group.note}", *lines))


def _other_list(asking: Asking, by: str, on: date) -> list[values.Button]:
    if by == "person":
        to = parts.go("picklists", asking.t("按商品分", "By product"), replace=True, by="product", day=on.isoformat())
    else:
        to = parts.go("picklists", asking.t("按人分", "By person"), replace=True, by="person", day=on.isoformat())
    return [parts.button(to)]


def _print(asking: Asking) -> values.Button:
    return parts.button(Print(text=asking.t("打印", "Print")), "main")
