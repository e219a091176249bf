"""Who may see a page: others are told what to do instead."""

from __future__ import annotations

import functools
from collections.abc import Callable

from lintuan.kernel.callers import NOBODY, Kind
from lintuan.pages.tree.actions import Navigate
from lintuan.pages.tree.page import Page

from . import parts
from .asking import Asking

Composer = Callable[[Asking], Page]


def for_members(name: str, zh: str, en: str) -> Callable[[Composer], Composer]:
    """A page of neighbours who are signed in."""
    return _for(Kind.MEMBER, (name, zh, en), ("邻居", "a neighbour"))


def for_leaders(name: str, zh: str, en: str) -> Callable[[Composer], Composer]:
    """A page of leaders."""
    return _for(Kind.LEADER, (name, zh, en), ("团长", "a leader"))


def _for(kind: Kind, head: tuple[str, str, str], role: tuple[str, str]) -> Callable[[Composer], Composer]:
    def decorate(compose: Composer) -> Composer:
        @functools.wraps(compose)
        def ask(asking: Asking) -> Page:
            if asking.caller.kind is kind:
                return compose(asking)
            return _instead(asking, head, role)

        return ask

    return decorate


def _instead(asking: Asking, head: tuple[str, str, str], role: tuple[str, str]) -> Page:
    name, zh, en = head
    title = asking.t(zh, en)
    here = Navigate(text=title, page=name, with_=dict(asking.parameters), replace=True)
    if asking.caller == NOBODY:
        told = asking.t(f"请先以{role[0]}身份登录", f"Please sign in as {role[1]} first")
        body = parts.empty(told, icon="user-circle", to=parts.sign_in(asking, [here]))
        return parts.page(asking, (name, title), [body], sign_in=True)
    told = asking.t(f"此页只供{role[0]}使用", f"This page is for {role[1]}")
    line = asking.t("您可以换一个身份登录。", "You can sign in in another role.")
    return parts.page(
        asking, (name, title), [parts.empty(told, line, icon="building-store", to=parts.sign_in(asking, [here]))]
    )
