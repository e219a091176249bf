"""The leader's relay list (接龙): its opening words, what the group wrote, and who has still to confirm."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from django.conf import settings

from lintuan.kernel.errors import NotFound
from lintuan.kernel.ids import public_id, read_public_id
from lintuan.kernel.money import Money
from lintuan.leaders.types import PointView
from lintuan.ordering import queries as ordering
from lintuan.ordering.engine.relays import MOST_LETTERS, WAITING, DraftLine, DraftState, DraftView, RelayView
from lintuan.pages.compose import offers, parts, place, shelf, words
from lintuan.pages.compose.asking import Asking
from lintuan.pages.compose.doors import for_leaders
from lintuan.pages.compose.place import Here
from lintuan.pages.tree import nodes, values
from lintuan.pages.tree.actions import Copy
from lintuan.pages.tree.nodes import Node
from lintuan.pages.tree.page import Page

from . import keeping

#: As many names as a message in a group stays readable with.
MOST_NAMED = 30


@dataclass(frozen=True, slots=True)
class Table:
    """Tonight's offers by id, and what a relay list calls them."""

    language: str
    shown: Mapping[int, values.Offer]
    told: Mapping[int, str]

    @classmethod
    def of(cls, asking: Asking, here: Here) -> Table:
        found = offers.offers_of_day(here.province.id, here.sale_on, asking.language)
        shown = {read_public_id("offer", offer.id)[1]: offer for offer in found}
        if asking.is_english:
            return cls(asking.language, shown, {offer_id: offer.name for offer_id, offer in shown.items()})
        called = {one.good.offer_id: one.told for one in ordering.relay_goods(here.province.id, here.sale_on)}
        return cls(
            asking.language, shown, {offer_id: called.get(offer_id, offer.name) for offer_id, offer in shown.items()}
        )

    def units(self, view: DraftView) -> str:
        """土豆2份 鸡蛋1板; what has left the shelf meanwhile is left out."""
        return " ".join(self._wished(line) for line in view.lines if line.offer_id in self.shown)

    def _wished(self, line: DraftLine) -> str:
        told = self.told[line.offer_id]
        if self.language.startswith("en"):
            return f"{told} × {line.quantity}"
        return f"{told}{line.quantity}{self.shown[line.offer_id].unit}"

    def amount(self, view: DraftView) -> int:
        """In fen, at present prices."""
        return sum(
            self.shown[line.offer_id].price_fen * line.quantity for line in view.lines if line.offer_id in self.shown
        )


@for_leaders("relay", "接龙", "Relay list")
def relay(asking: Asking) -> Page:
    """Start a relay list, paste what it has become, settle what is not clear, see who has still to confirm."""
    head = ("relay", asking.t("接龙", "Relay list"))
    view = _chosen(asking)
    if view is None:
        told = asking.t("您还没有自提点", "You keep no pickup point yet")
        return parts.page(asking, head, [parts.empty(told, icon="building-store")], tab="tonight")
    here = place.at_point(asking, view)
    table = Table.of(asking, here)
    found = ordering.relay(asking.caller, here.province.id, view.id, here.sale_on)
    if asking.get("draft"):
        return parts.page(asking, head, _one(asking, here, table, found), tab="tonight")
    body: list[Node] = [*_points(asking, view), *shelf.deadline(asking, here)]
    if here.is_open:
        body += [*_opening(asking, here, table), _paste(asking, here)]
    body += _progress(asking, here, table, found)
    return parts.page(asking, head, body, tab="tonight", fresh_for=15)


def _chosen(asking: Asking) -> PointView | None:
    kept = {place.point_id(view): view for view in keeping.points(asking)}
    return kept.get(asking.get("point")) or next(iter(kept.values()), None)


def _points(asking: Asking, chosen: PointView) -> list[Node]:
    """The way to the other points, for who keeps several."""
    others = [view for view in keeping.points(asking) if view.id != chosen.id]
    named = [(view, place.point_name(view, asking.language)) for view in others]
    rows = [
        values.Row(title=name, tap=parts.go("relay", name, replace=True, point=place.point_id(view)))
        for view, name in named
    ]
    return [parts.rows(rows, key="points")] if rows else []


def _opening(asking: Asking, here: Here, table: Table) -> list[Node]:
    """Tonight's goods under the names that replies are read by. Their numbers stand in brackets, as no entry's does."""
    there = [(offer_id, offer) for offer_id, offer in table.shown.items() if not offer.sold_out]
    if not there:
        return []
    until = words.moment(here.at("cutoff"), here.province.zone, asking.language)
    head = asking.t(f"#接龙 {here.name}，{until} 截单", f"#Relay {here.name}, orders close on {until}")
    lines = [f"【{number}】{table.told[offer_id]} {_price(offer)}" for number, (offer_id, offer) in enumerate(there, 1)]
    first_id, first = there[0]
    name = table.told[first_id]
    how = asking.t(
        f"请接：编号. 称呼 {name}2{first.unit}", f"Reply with a number, your name and what you want: {name} × 2"
    )
    title = asking.t("接龙开头", "Words to start with")
    return [_to_copy(asking, (title, "\n".join((head, *lines, how))), "opening")]


def _paste(asking: Asking, here: Here) -> Node:
    t = asking.t
    field = values.Field(
        name="text", label=t("把群里的接龙整段粘贴到这里", "Paste the whole list of the chat here"), type="textarea",
        required=True, max=MOST_LETTERS,
        help=t("接龙变长了再贴一次，已确认的不变。", "Paste it again when it has grown; confirmed lines stay."),
    )  # fmt: skip
    done = [parts.tell(t("已读取。", "Read.")), parts.refresh(asking)]
    return parts.form(
        [field], parts.call("PUT", f"/points/{here.id}/relay", t("读取接龙", "Read it"), done=done), "paste"
    )


def _progress(asking: Asking, here: Here, table: Table, found: RelayView) -> list[Node]:
    if not found.drafts:
        return [parts.plain(asking.t("今晚还没有粘贴接龙。", "No relay list was pasted tonight."))]
    have, of = found.confirmed, len(found.standing)
    told, label = asking.t(f"已确认 {have}/{of}", f"{have} of {of} confirmed"), asking.t("已确认", "Confirmed")
    body: list[Node] = [nodes.Progress(text=told, key="confirmed", value=have, of=max(of, 1), label=label)]
    waiting = [draft for draft in found.standing if draft.state in WAITING]
    if here.is_open and waiting:
        body += _ready_texts(asking, here, table, found)
    groups = (
        (asking.t("待您核对", "For you to settle"), {DraftState.UNSETTLED}),
        (asking.t("待邻居确认", "Waiting for the neighbour"), {DraftState.READY}),
        (asking.t("其他", "The others"), {DraftState.CONFIRMED, DraftState.WITHDRAWN, DraftState.LAPSED}),
    )
    for title, states in groups:
        rows = [_row(asking, here, table, draft) for draft in found.drafts if draft.state in states]
        if rows:
            body += [parts.heading(title), parts.rows(rows, key=f"drafts-{min(states)}")]
    return body


def _ready_texts(asking: Asking, here: Here, table: Table, found: RelayView) -> list[Node]:
    """What goes back into the chat: each line with its code, and who is missing."""
    ready = [draft for draft in found.standing if draft.state is DraftState.READY]
    link = f"{settings.PUBLIC_ADDRESS}/?{urlencode({'page': 'draft', 'point': here.id})}"
    nodes_: list[Node] = []
    if ready:
        lines = [_line(asking, table, draft) for draft in ready]
        how = asking.t(
            f"请打开链接，输入编号确认并付款：{link}", f"Open the link, type your code, confirm and pay: {link}"
        )
        nodes_.append(
            _to_copy(asking, (asking.t("确认文字", "Words to confirm by"), "\n".join((*lines, how))), "ready")
        )
    missing = [draft.name or f"#{draft.number}" for draft in found.standing if draft.state in WAITING]
    names = words.listed(missing[:MOST_NAMED], asking.language)
    more = asking.t(f"等 {len(missing)} 位", f", {len(missing)} in all") if len(missing) > MOST_NAMED else ""
    have, of = found.confirmed, len(found.standing)
    told = asking.t(
        f"接龙已确认 {have}/{of}，还差：{names}{more}", f"{have} of {of} confirmed, still missing: {names}{more}"
    )
    return [*nodes_, _to_copy(asking, (asking.t("进度文字", "Words on how far we are"), told), "missing")]


def _line(asking: Asking, table: Table, draft: DraftView) -> str:
    """张姐 7KQ2 土豆2份 鸡蛋1板 共 12.60 元."""
    amount = Money(table.amount(draft))
    who = " ".join(part for part in (draft.name, draft.code, table.units(draft)) if part)
    return asking.t(f"{who} 共 {amount} 元", f"{who} {words.yuan(amount.fen)} in all")


def _to_copy(asking: Asking, of: tuple[str, str], key: str) -> Node:
    title, content = of
    copy = Copy(text=asking.t(f"复制{title}", f"Copy: {title}"), content=content)
    form = values.ShareForm(form="text", title=title, content=content, tap=copy)
    return nodes.SharePanel(text=content, key=key, forms=[form])


def _row(asking: Asking, here: Here, table: Table, draft: DraftView) -> values.Row:
    differs = asking.t("确认后接龙又改了", "the list was changed after that") if draft.differs else ""
    doubts = [_why(asking, draft, doubt) for doubt in draft.doubts]
    can_settle = here.is_open and draft.state is not DraftState.CONFIRMED
    settle = parts.go("relay", asking.t("核对", "Settle"), point=here.id, draft=_id(draft))
    return values.Row(
        title=_title(draft),
        note=words.told(table.units(draft), *doubts, differs, language=asking.language),
        value=words.yuan(table.amount(draft)) if draft.lines else "",
        badge=words.word(draft.state, asking.language, of="relay"),
        tone=words.tone(draft.state, of="relay"),
        tap=settle if can_settle else None,
    )


def _why(asking: Asking, draft: DraftView, doubt: str) -> str:
    told = words.word(doubt, asking.language, of="relay")
    return asking.t(f"{told}：{draft.unread}", f"{told}: {draft.unread}") if doubt == "unread" else told


def _one(asking: Asking, here: Here, table: Table, found: RelayView) -> Sequence[Node]:
    """One line, to say what was meant."""
    draft = next((one for one in found.drafts if _id(one) == asking.get("draft")), None)
    if draft is None:
        raise NotFound(thing="draft")
    said = [_why(asking, draft, doubt) for doubt in draft.doubts]
    body: list[Node] = [parts.notice(_title(draft), *said, tone="warn" if said else "info")]
    if not here.is_open or draft.state is DraftState.CONFIRMED:
        return [*body, parts.plain(words.word(draft.state, asking.language, of="relay"))]
    lines = [line for line in draft.lines if line.offer_id in table.shown]
    fields = [
        values.Field(
            name=f"lines.{number}.quantity", label=table.told[line.offer_id], type="number", required=True,
            value=max(0, line.quantity), min=0, max=here.province.terms.most_units_per_line,
            help=table.shown[line.offer_id].unit,
        )
        for number, line in enumerate(lines)
    ]  # fmt: skip
    fields += _another(asking, here, table, len(lines))
    back = parts.go("relay", asking.t("回到接龙", "Back to the list"), replace=True, point=here.id)
    wanted = [{"offer": table.shown[line.offer_id].id, "quantity": line.quantity} for line in lines]
    path, body_ = f"/relay-drafts/{_id(draft)}/lines", {"lines": [*wanted, {"offer": "", "quantity": 0}]}
    save = parts.call("PUT", path, asking.t("就按这样", "This is what was meant"), body_, done=[back])
    drop = parts.call(
        "PUT", path, asking.t("划掉这一行", "Strike this line out"), {"lines": []}, done=[back],
        ask=asking.t("确定划掉？邻居就不能再确认它。", "Strike it out? The neighbour can no longer confirm it."),
    )  # fmt: skip
    key = "-".join(("settle", _id(draft), *(f"{one['offer']}x{one['quantity']}" for one in wanted)))
    return [*body, parts.form(fields, save, key), parts.buttons(parts.button(back), parts.button(drop, "danger"))]


def _another(asking: Asking, here: Here, table: Table, place_: int) -> list[values.Field]:
    """One good more, chosen from tonight's."""
    choices = [
        values.Choice(value=offer.id, label=f"{table.told[offer_id]} {_price(offer)}")
        for offer_id, offer in table.shown.items()
    ]
    if not choices:
        return []
    t, only = asking.t, place_ == 0
    return [
        values.Field(
            name=f"lines.{place_}.offer", label=t("要的是", "What was meant") if only else t("再加一样", "One more"),
            type="choice", required=only, choices=choices,
        ),
        values.Field(
            name=f"lines.{place_}.quantity", label=t("数量", "Quantity"), type="number", required=True,
            value=int(only), min=0, max=here.province.terms.most_units_per_line,
        ),
    ]  # fmt: skip


def _id(draft: DraftView) -> str:
    return public_id("draft", draft.province_id, draft.id)


def _title(draft: DraftView) -> str:
    return f"{draft.number}. {draft.name}".strip()


def _price(offer: values.Offer) -> str:
    return f"{words.yuan(offer.price_fen)}/{offer.unit}" if offer.unit else words.yuan(offer.price_fen)
