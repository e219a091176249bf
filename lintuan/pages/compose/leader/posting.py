"""What a leader posts in the group: the words of tonight, or of one offer, and a poster."""

from __future__ import annotations

from urllib.parse import urlencode

from django.conf import settings

from lintuan.leaders.types import PointView
from lintuan.pages.compose import codes, offers, parts, place, words
from lintuan.pages.compose.asking import Asking
from lintuan.pages.compose.doors import for_leaders
from lintuan.pages.compose.place import Here
from lintuan.pages.tree import nodes, values
from lintuan.pages.tree.actions import Copy, SavePicture, Share
from lintuan.pages.tree.nodes import Node
from lintuan.pages.tree.page import Page

from . import keeping

#: As many as a message in a group stays readable with.
MOST_LINES = 30
LISTED = 20


@for_leaders("post", "今晚发什么", "What to post tonight")
def post(asking: Asking) -> Page:
    """Ready words for the whole evening or for one offer: to copy, to share, or as a picture to keep."""
    head = ("post", asking.t("今晚发什么", "What to post tonight"))
    view = _chosen(asking)
    if view is None:
        told = asking.t("您还没有自提点", "You keep no pickup point yet")
        return parts.page(asking, head, [parts.empty(told, icon="building-store")], tab="tonight")
    here = place.at_point(asking, view)
    found = offers.offers_of_day(here.province.id, here.sale_on, asking.language)
    if not found:
        told = asking.t("今晚的货还没上架", "Tonight's goods are not on the shelf yet")
        return parts.page(asking, head, [parts.empty(told, icon="moon-stars")], tab="tonight")
    asked = next((offer for offer in found if offer.id == asking.get("offer")), None)
    if asked is not None:
        return parts.page(asking, (head[0], asked.name), _forms(asking, here, [asked]), tab="tonight")
    relay = parts.go("relay", asking.t("接龙：开始和收单", "Relay list: start and read one"), point=here.id)
    body = [*_points(asking, view), *_forms(asking, here, list(found)), parts.buttons(parts.button(relay))]
    body += _each(asking, here, found)
    return parts.page(asking, head, body, tab="tonight", fresh_for=60)


def _chosen(asking: Asking) -> PointView | None:
    kept = {place.point_id(view): view for view in keeping.points(asking)}
    return kept.get(asking.get("point")) or next(iter(kept.values()), None)


def _points(asking: Asking, chosen: PointView) -> list[Node]:
    """The way to the other points, for who keeps several."""
    others = [view for view in keeping.points(asking) if view.id != chosen.id]
    rows = [
        values.Row(title=name, tap=parts.go("post", name, replace=True, point=place.point_id(view)))
        for view in others
        if (name := place.point_name(view, asking.language))
    ]
    return [parts.rows(rows, key="points")] if rows else []


def _forms(asking: Asking, here: Here, chosen: list[values.Offer]) -> list[Node]:
    title = chosen[0].name if len(chosen) == 1 else asking.t("今晚的菜", "Tonight's goods")
    link = _link(here, chosen)
    text = _words(asking, here, chosen, link)
    forms = [
        _form(asking, "text", (asking.t("接龙文字", "Words for the group"), text)),
        _form(asking, "link", (asking.t("链接", "Link"), link)),
        _card(asking, here, title, chosen),
    ]
    lines = [here.name, _until(asking, here), asking.t(f"取货：{here.hours}", f"Collect: {here.hours}")]
    save = SavePicture(text=asking.t("保存海报", "Keep the poster"))
    poster = nodes.Poster(
        text="\n".join((title, *lines, link)), key="poster", tap=save, title=title, lines=lines,
        picture=chosen[0].picture if len(chosen) == 1 else None, qr=codes.qr(link),
    )  # fmt: skip
    return [nodes.SharePanel(text=text, key="forms", forms=forms), poster]


def _form(asking: Asking, form: str, of: tuple[str, str]) -> values.ShareForm:
    title, content = of
    copy = Copy(text=asking.t(f"复制{title}", f"Copy: {title}"), content=content)
    return values.ShareForm(form=form, title=title, content=content, tap=copy)  # type: ignore[arg-type]


def _card(asking: Asking, here: Here, title: str, chosen: list[values.Offer]) -> values.ShareForm:
    page = {"page": "product", "offer": chosen[0].id} if len(chosen) == 1 else {"page": "shelf"}
    content = words.told(title, here.name, _until(asking, here), language=asking.language)
    share = Share(
        text=asking.t("发到群里", "Send to the group"), form="card", title=title, content=content,
        picture=chosen[0].picture.src if len(chosen) == 1 else "", page=page.pop("page"),
        with_={**page, "point": here.id},
    )  # fmt: skip
    return values.ShareForm(form="card", title=asking.t("卡片", "Card"), content=title, tap=share)


def _link(here: Here, chosen: list[values.Offer]) -> str:
    wanted = {"page": "product", "offer": chosen[0].id} if len(chosen) == 1 else {"page": "shelf"}
    return f"{settings.PUBLIC_ADDRESS}/?{urlencode({**wanted, 'point': here.id})}"


def _words(asking: Asking, here: Here, chosen: list[values.Offer], link: str) -> str:
    """What stands in the group, whatever the channel does to links."""
    there = [offer for offer in chosen if not offer.sold_out]
    lines = [
        f"{number}. {offers.in_words(offer, asking.language)}" for number, offer in enumerate(there[:MOST_LINES], 1)
    ]
    more = len(there) - MOST_LINES
    if more > 0:
        lines.append(asking.t(f"……还有 {more} 种", f"... and {more} more"))
    head = asking.t(f"【{here.name}】", f"[{here.name}]")
    return "\n".join(
        (f"{head} {_until(asking, here)}", *lines, asking.t(f"取货：{here.hours}", f"Collect: {here.hours}"), link)
    )


def _until(asking: Asking, here: Here) -> str:
    until = words.moment(here.at("cutoff"), here.province.zone, asking.language)
    return asking.t(f"{until} 截单", f"Orders close on {until}")


def _each(asking: Asking, here: Here, found: tuple[values.Offer, ...]) -> list[Node]:
    """The offers one by one, some at a time."""
    there = [offer for offer in found if not offer.sold_out]
    begin = int(asking.get("begin")) if asking.get("begin").isdecimal() else 0
    rows = _rows(asking, here, there[begin : begin + LISTED])
    shown: list[Node] = [parts.heading(asking.t("单独发一样", "Post one of them"))]
    shown += [parts.rows(rows, key="offers")] if rows else []
    if begin + LISTED < len(there):
        more = parts.go("post", asking.t("更多", "More"), point=here.id, begin=str(begin + LISTED))
        shown.append(parts.buttons(parts.button(more)))
    return shown


def _rows(asking: Asking, here: Here, found: list[values.Offer]) -> list[values.Row]:
    return [
        values.Row(
            title=offer.name,
            note=words.told(offer.spec, offers.terms(offer, asking.language), language=asking.language),
            picture=offer.picture,
            tap=parts.go("post", asking.t(f"发{offer.name}", f"Post {offer.name}"), offer=offer.id, point=here.id),
        )
        for offer in found
    ]
