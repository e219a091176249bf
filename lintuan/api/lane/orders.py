"""POST /api/orders: read, handed to the lane, and answered, all in the event loop (docs/algorithms/intake.md)."""

from __future__ import annotations

import json
from functools import lru_cache, partial
from typing import Annotated

import msgspec

from lintuan.api.orders import OrderWish, basket_id_of, run_id_of, written_order
from lintuan.kernel import clock, ids
from lintuan.kernel.callers import Caller
from lintuan.kernel.errors import Forbidden, Invalid, Unavailable
from lintuan.kernel.threads import in_thread
from lintuan.ordering.intake.lane import Lane
from lintuan.ordering.intake.wishes import PlacedBefore
from lintuan.ordering.types import OrderRequest, OrderView, WantedLine

from .body import body_of, read_as, require_json, require_once
from .callers import caller_of
from .http import JSON, Receive, Scope, Send, answer, answered, header, language_of
from .receipts import Receipts

PublicText = Annotated[str, msgspec.Meta(max_length=40)]


class WishedLine(msgspec.Struct, forbid_unknown_fields=True):
    """`api.orders.LineWish`, as fast as it can be read."""

    offer: PublicText
    quantity: int
    price_fen: int


class Wished(msgspec.Struct, forbid_unknown_fields=True):
    """`api.orders.OrderWish`, as fast as it can be read; what it refuses, that one is asked about."""

    point: PublicText
    lines: Annotated[list[WishedLine], msgspec.Meta(max_length=100)]
    basket: PublicText | None = None
    together: bool = False
    saved_fen: Annotated[int, msgspec.Meta(ge=0, le=10_000_000)] = 0
    run: PublicText | None = None


_decode = msgspec.json.Decoder(Wished).decode

ONCE = frozenset({b"idempotency-key", b"content-type"})


class Orders:
    """The face of one process's lane, which is made with the first order."""

    def __init__(self) -> None:
        self._lane: Lane | None = None
        self._receipts = Receipts()

    async def close(self) -> None:
        if self._lane is not None:
            await self._lane.close()
            self._lane = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Place an order: 201 with the order, or a problem document."""
        await answered(self._answer, scope, receive, send)

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        await answer(send, 201, JSON, await self._placed(scope, receive, language_of(scope)))

    async def _placed(self, scope: Scope, receive: Receive, language: str) -> bytes:
        # Before anything else is done for it: what is shed must cost little, or shedding is what fills the machine.
        if self._lane is not None and self._lane.is_full:
            raise Unavailable
        now = clock.now()
        require_once(scope, ONCE)
        caller = caller_of(scope, now)
        key = header(scope, b"idempotency-key").decode("latin-1")
        if not key:
            raise Invalid(reason="Idempotency-Key: required")
        require_json(scope)
        body = await body_of(scope, receive)
        request = _request(caller, _read(body))
        lane = self._lane = self._lane or Lane()
        placed = await lane.place(caller, request, key, now)
        return await self._receipt(lane, caller, placed, language)

    async def _receipt(self, lane: Lane, caller: Caller, placed: OrderView | PlacedBefore, language: str) -> bytes:
        """An order of before may have changed since: it is looked up; a new one is as it was just written."""
        book = lane.books.known(caller.province_id, placed.placed_at) if isinstance(placed, OrderView) else None
        if isinstance(placed, OrderView) and book is not None and book.sale_on == placed.sale_on:
            return self._receipts.receipt(placed, book, language)
        order_id = placed.order_id if isinstance(placed, PlacedBefore) else placed.id
        return await in_thread(lane.threads, partial(written_order, caller, caller.province_id, order_id, language))


def _read(body: bytes) -> Wished | OrderWish:
    """The order in a body; refused where a key comes twice, as nobody knows which of the two was meant."""
    wish = read_quickly(body) or read_as(OrderWish, body)
    counts = {body.count(key) for key in (b'"offer"', b'"quantity"', b'"price_fen"')}
    is_twice = any(body.count(key) > 1 for key in (b'"basket"', b'"together"', b'"saved_fen"', b'"run"'))
    once = body.count(b'"point"') == body.count(b'"lines"') == 1
    if counts != {len(wish.lines)} or is_twice or not once or b"\\u" in body:
        json.loads(body, object_pairs_hook=_once)
    return wish


def read_quickly(body: bytes) -> Wished | None:
    """The order in a usual body; None for any other, of which the published schema says what it is."""
    try:
        return _decode(body)
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return None


def _once(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise Invalid(reason="JSON: a key twice")
    return found


def _request(caller: Caller, wish: Wished | OrderWish) -> OrderRequest:
    province_id, point_id = _point(wish.point)
    if province_id != caller.province_id:
        raise Forbidden
    lines = [
        WantedLine(_of_province(province_id, _offer(line.offer)), line.quantity, line.price_fen) for line in wish.lines
    ]
    basket_id = basket_id_of(province_id, wish.basket) if wish.basket is not None else 0
    run_id = run_id_of(province_id, wish.run)
    return OrderRequest(point_id, tuple(lines), basket_id, wish.together, run_id, wish.saved_fen)


def _of_province(province_id: int, offer: tuple[int, int]) -> int:
    """An offer of another province is none of ours, as 0 never is."""
    return offer[1] if offer[0] == province_id else 0


@lru_cache(maxsize=65_536)
def _point(text: str) -> tuple[int, int]:
    return ids.read_public_id("point", text)


@lru_cache(maxsize=65_536)
def _offer(text: str) -> tuple[int, int]:
    return ids.read_public_id("offer", text)
