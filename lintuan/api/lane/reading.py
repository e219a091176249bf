"""GET /api/v1/orders/{order} for the member who placed it; phones that look at once are answered by two queries."""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from lintuan.api.orders import written
from lintuan.kernel import clock, ids
from lintuan.kernel.callers import Caller, Kind
from lintuan.kernel.errors import Broken, NotFound, Refusal
from lintuan.ordering import queries
from lintuan.ordering.types import OrderView

from .callers import caller_of
from .gathered import Gathered
from .http import JSON, Face, Receive, Scope, Send, answer, answered, language_of

log = logging.getLogger(__name__)

BEFORE = "/api/v1/orders/"
#: Of the same form, and not an order.
RECENT = "recent"


def takes(method: str, path: str) -> bool:
    """Whether a request is for one order."""
    name = path.removeprefix(BEFORE)
    return method == "GET" and name not in (path, RECENT) and bool(name) and "/" not in name


@dataclass(frozen=True, slots=True)
class _Look:
    """Somebody looks at an order."""

    caller: Caller
    province_id: int
    order_id: int
    language: str


class Reading:
    """The face of one process; leaders and staff, whose rights are looked up, it sends on to `others`."""

    def __init__(self, others: Face) -> None:
        self._others = others
        self._looks: Gathered[_Look, bytes] = Gathered("reading", _seen)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await answered(self._answer, scope, receive, send)

    def close(self) -> None:
        self._looks.close()

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        caller = caller_of(scope, clock.now())
        if caller.kind is not Kind.MEMBER:
            await self._others(scope, receive, send)
            return
        province_id, order_id = ids.read_public_id("order", scope["path"].removeprefix(BEFORE))
        if province_id != caller.province_id:
            raise NotFound(thing="order")
        body = await self._looks.ask(_Look(caller, province_id, order_id, language_of(scope)))
        await answer(send, 200, JSON, body)


def _seen(looks: Sequence[_Look]) -> list[bytes | Refusal]:
    wanted: dict[int, set[int]] = defaultdict(set)
    for look in looks:
        wanted[look.province_id].add(look.order_id)
    views = {province_id: queries.orders(province_id, order_ids) for province_id, order_ids in wanted.items()}
    return [_as_seen(look, views[look.province_id]) for look in looks]


def _as_seen(look: _Look, views: Mapping[int, OrderView]) -> bytes | Refusal:
    view = views.get(look.order_id)
    if view is None or not look.caller.is_member(look.province_id, view.member_id):
        return NotFound(thing="order")
    try:
        return written(view, look.language)
    except Exception:
        log.exception("order %s of province %s cannot be written", look.order_id, look.province_id)
        return Broken()
