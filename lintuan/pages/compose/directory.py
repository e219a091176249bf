"""Every page by its name, with the parameters that it reads."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from lintuan.kernel.errors import NotFound
from lintuan.pages.tree.page import Page

from . import balance, basket, claims, drafts, household, invoices, me, orders, pickup, points, rewards, shelf
from .asking import Asking
from .doors import Composer
from .leader import afternoon, evening, keeper, plays, posting, relay, running, starting, withdrawing
from .plays import lists, proof, single


@dataclass(frozen=True, slots=True)
class Entry:
    """A page, and the names of what it may be asked with; it never meets another parameter."""

    compose: Composer
    reads: frozenset[str]


def _page(compose: Composer, *reads: str) -> Entry:
    return Entry(compose, frozenset(reads))


_WHERE = ("province", "q", "lat", "lng")

PAGES: Mapping[str, Entry] = {
    "shelf": _page(shelf.shelf, "point", "run", *_WHERE),
    "product": _page(shelf.product, "offer", "point", "run"),
    "basket": _page(basket.basket, "point", "run", "knows"),
    "household": _page(household.household, "basket", "code", "point"),
    "draft": _page(drafts.draft, "point", "code", "ticket"),
    "checkout": _page(basket.checkout, "point", "run", "knows"),
    "paying": _page(orders.paying_page, "order", "method"),
    "orders": _page(orders.orders, "before"),
    "order": _page(orders.order, "order", "edit"),
    "pickup": _page(pickup.pickup),
    "proxy": _page(pickup.proxy, "token"),
    "claim": _page(claims.claim, "order", "line"),
    "claims": _page(claims.claims),
    "invoice": _page(invoices.invoice, "order"),
    "points": _page(points.points, *_WHERE),
    "plays": _page(lists.plays, "point", *_WHERE),
    "play": _page(single.play, "play", "run", "point", "by", "plain"),
    "run": _page(single.run, "run", "code", "point", "by", "plain"),
    "proof": _page(proof.proof, "run"),
    "me": _page(me.me),
    "balance": _page(balance.page),
    "rewards": _page(rewards.page),
    "privacy": _page(me.privacy),
    "privacy_notice": _page(me.privacy_notice),
    "sign_in": _page(me.sign_in, "as", "point"),
    "tonight": _page(evening.tonight, "day"),
    "post": _page(posting.post, "point", "offer", "begin"),
    "relay": _page(relay.relay, "point", "draft"),
    "play_shelf": _page(plays.play_shelf, "point", "channel", "aim"),
    "play_start": _page(
        starting.play_start, "play", "point", "channel", "about", "goods", "until", "rehearse", "ready"
    ),
    "play_standing": _page(running.play_standing, "campaign"),
    "members": _page(evening.group, "day"),
    "receive": _page(afternoon.receive, "day"),
    "handout": _page(afternoon.handout, "day"),
    "picklists": _page(afternoon.picklists, "day", "by"),
    "commission": _page(keeper.commission),
    "withdraw": _page(withdrawing.withdraw),
    "point": _page(keeper.point, "point"),
}

#: What is the same for everybody who looks at one point or offer and is not signed in.
SHARED = frozenset({"shelf", "product", "points", "me", "privacy_notice", "sign_in"})


def read_by(name: str, parameters: Mapping[str, str]) -> dict[str, str]:
    """Those parameters that the page of that name reads; a link collects others on its way."""
    reads = PAGES[name].reads if name in PAGES else ()
    return {key: value for key, value in parameters.items() if key in reads}


def compose(name: str, asking: Asking) -> Page:
    """The page of that name; NotFound where there is none."""
    if name not in PAGES:
        raise NotFound(thing="page")
    return PAGES[name].compose(replace(asking, parameters=read_by(name, asking.parameters)))
