"""Every page by its name."""

from __future__ import annotations

from collections.abc import Mapping

from lintuan.kernel.errors import NotFound
from lintuan.pages.tree.page import Page

from . import basket, claims, household, me, orders, pickup, points, shelf
from .asking import Asking
from .doors import Composer
from .leader import afternoon, evening, keeper, posting

PAGES: Mapping[str, Composer] = {
    "shelf": shelf.shelf,
    "product": shelf.product,
    "basket": basket.basket,
    "household": household.household,
    "checkout": basket.checkout,
    "paying": orders.paying_page,
    "orders": orders.orders,
    "order": orders.order,
    "pickup": pickup.pickup,
    "proxy": pickup.proxy,
    "claim": claims.claim,
    "claims": claims.claims,
    "points": points.points,
    "me": me.me,
    "privacy": me.privacy,
    "privacy_notice": me.privacy_notice,
    "sign_in": me.sign_in,
    "tonight": evening.tonight,
    "post": posting.post,
    "members": evening.group,
    "receive": afternoon.receive,
    "handout": afternoon.handout,
    "picklists": afternoon.picklists,
    "commission": keeper.commission,
    "point": keeper.point,
}

#: What is the same for everybody who looks at one point and is not signed in.
SHARED = frozenset({"shelf", "points", "me", "privacy_notice", "sign_in"})


def compose(name: str, asking: Asking) -> Page:
    """The page of that name; NotFound where there is none."""
    if name not in PAGES:
        raise NotFound(thing="page")
    return PAGES[name](asking)
