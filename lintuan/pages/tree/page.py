"""A page: what one screen shows, complete."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta, field

from .base import Moment, Value, With
from .nodes import Node

#: Grows only with a change that text forms could not bridge; so far there was none.
SCHEMA = 1


class Tab(Value):
    id: str
    title: str
    icon: Annotated[str, Meta(description="a name of the client's icons; an unknown one is left out")]
    page: str
    with_: With = field(name="with", default_factory=dict)
    badge: int | None = None


class Page(Value):
    """What one screen shows. `body` scrolls, `foot` sticks to the bottom."""

    schema: Annotated[int, Meta(description="a greater one than a client knows: it shows the text of all nodes")]
    name: str
    title: str
    lang: Literal["zh-hans", "en"]
    as_of: Moment
    fresh_for: Annotated[int, Meta(description="seconds after which it is asked for again when it is seen again")]
    tabs: list[Tab] = field(default_factory=list)
    tab: Annotated[str, Meta(description="the tab it belongs to; empty: none")] = ""
    body: list[Node] = field(default_factory=list)
    foot: list[Node] = field(default_factory=list)
    sign_in: Annotated[bool, Meta(description="open signing in, then ask again")] = False
    basket: Annotated[
        bool, Meta(description="it depends on the basket of the device, and was asked for without: POST for it")
    ] = False
    poll: Annotated[int, Meta(description="seconds after which to ask again while it is seen; 0: never")] = 0
