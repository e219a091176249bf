"""What most pages are put together from."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from lintuan.pages.tree import nodes
from lintuan.pages.tree.actions import Action, Call, Navigate, Refresh, SignIn, Tell
from lintuan.pages.tree.nodes import Node
from lintuan.pages.tree.page import SCHEMA, Page, Tab
from lintuan.pages.tree.values import Button, Fact, Field, QuoteStep, Row, Tone
from lintuan.pages.tree.values import Step as Done
from lintuan.pricing.engine.quotes import Step

from . import words
from .asking import Asking

#: Where the API lies.
API = "/api/v1"

NEIGHBOUR_TABS = (
    ("tonight", "shelf", "basket", "今晚", "Tonight"),
    ("orders", "orders", "receipt", "订单", "Orders"),
    ("pickup", "pickup", "qrcode", "取货", "Pick up"),
    ("me", "me", "user-circle", "我的", "Me"),
)
LEADER_TABS = (
    ("tonight", "tonight", "moon-stars", "今晚", "Tonight"),
    ("handout", "handout", "checks", "发货", "Hand out"),
    ("receive", "receive", "truck-delivery", "收货", "Receive"),
    ("earnings", "commission", "coin", "佣金", "Earnings"),
    ("me", "me", "user-circle", "我的", "Me"),
)


def page(
    asking: Asking,
    head: tuple[str, str],
    body: Sequence[Node],
    *,
    tab: str = "",
    foot: Sequence[Node] = (),
    **more: Any,
) -> Page:
    """A page under (name, title); `more` are its other members, such as `poll`."""
    name, title = head
    return Page(
        schema=SCHEMA,
        name=name,
        title=title,
        lang="en" if asking.is_english else "zh-hans",
        as_of=asking.now,
        fresh_for=more.pop("fresh_for", 10),
        tabs=tabs(asking),
        tab=tab,
        body=list(body),
        foot=list(foot),
        **more,
    )


def tabs(asking: Asking) -> list[Tab]:
    """The reader's tab set."""
    known = LEADER_TABS if asking.is_leader else NEIGHBOUR_TABS
    return [Tab(id=tab, title=asking.t(zh, en), icon=icon, page=page) for tab, page, icon, zh, en in known]


def go(page: str, text: str, *, replace: bool = False, **parameters: str) -> Navigate:
    """A tap that opens a page."""
    return Navigate(text=text, page=page, with_=parameters, replace=replace)


def call(method: Any, path: str, text: str, body: dict[str, Any] | None = None, **more: Any) -> Call:
    """A tap that asks the API for something; `path` lies below its root."""
    return Call(text=text, method=method, path=f"{API}{path}", body=body or {}, **more)


def tell(text: str) -> Tell:
    """Words that are shown for a moment."""
    return Tell(text=text)


def refresh(asking: Asking) -> Refresh:
    return Refresh(text=asking.t("刷新", "Refresh"))


def button(action: Action, style: str = "plain") -> Button:
    """A button that says what it does."""
    return Button(label=action.text, style=style, tap=action)  # type: ignore[arg-type]


def buttons(*items: Button) -> nodes.Buttons:
    return nodes.Buttons(text="\n".join(item.label for item in items), items=list(items))


def heading(title: str, more: Action | None = None) -> nodes.Heading:
    return nodes.Heading(text=title, title=title, more=more)


def notice(title: str, *lines: str, tone: Tone = "info") -> nodes.Notice:
    return nodes.Notice(text="\n".join((title, *lines)), tone=tone, title=title, lines=list(lines))


def empty(title: str, *lines: str, icon: str, to: Action | None = None) -> nodes.Empty:
    """Nothing here, and what to do about it."""
    return nodes.Empty(text="\n".join((title, *lines)), title=title, lines=list(lines), icon=icon, to=to, tap=to)


def facts(*rows: tuple[str, str]) -> nodes.Facts:
    """Labels and values; those without a value are left out."""
    known = [Fact(label=label, value=value) for label, value in rows if value]
    return nodes.Facts(text="\n".join(f"{fact.label}: {fact.value}" for fact in known), rows=known)


def rows(items: Sequence[Row], **more: Any) -> nodes.List:
    """A list; in plain words a line for each row."""
    return nodes.List(text="\n".join(_row_text(item) for item in items), rows=list(items), **more)


def _row_text(row: Row) -> str:
    return " · ".join(part for part in (row.title, row.note, row.value, row.badge) if part)


def steps_text(asking: Asking, steps: Sequence[Done]) -> str:
    """What is done, what is now, what comes."""
    now = asking.t("（现在）", " (now)")
    marks = {"done": ("✓ ", ""), "now": ("", now), "next": ("", "")}
    return " → ".join(f"{marks[step.state][0]}{step.label}{marks[step.state][1]}" for step in steps)


def form(fields: Sequence[Field], submit: Action, key: str) -> nodes.Form:
    """A form; in plain words what it asks for, and what sending it does."""
    lines = [f"{field.label} {field.help}".strip() for field in fields]
    return nodes.Form(text="\n".join((*lines, submit.text)), key=key, fields=list(fields), submit=submit)


def quote_step(asking: Asking, step: Step) -> QuoteStep:
    """A step to what is paid; what a reward saves says whose it is."""
    return QuoteStep(label=asking.t(step.zh, step.en), fen=step.amount.fen, why=asking.t(step.why_zh, step.why_en))


def quote_text(step: QuoteStep, language: str) -> str:
    return f"{words.told(step.label, step.why, language=language)} {words.yuan(step.fen)}"


def plain(text: str, tap: Action | None = None) -> nodes.Plain:
    return nodes.Plain(text=text, tap=tap)


def section(title: str, children: Sequence[Node]) -> nodes.Section:
    return nodes.Section(
        text="\n".join((title, *(child.text for child in children))), title=title, children=list(children)
    )


def sign_in(asking: Asking, then: Sequence[Action] = ()) -> SignIn:
    return SignIn(text=asking.t("登录", "Sign in"), then=list(then))
