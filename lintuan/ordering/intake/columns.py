"""Agreed orders as the columns that `ordering_take_in` writes."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta

import msgspec
from msgspec import Struct

from lintuan.kernel.money import ZERO
from lintuan.ordering.events import OrderPlaced
from lintuan.ordering.types import AgreedLine, Agreement, LineView, OrderView, State

from .statements import array
from .wishes import Wish


class Draft(Struct, frozen=True):
    """An order that is agreed and not yet written; `version` is of the shopper's day it was decided on."""

    wish: Wish
    agreement: Agreement
    version: int
    order_id: int
    charge_id: int
    number: str
    line_ids: Sequence[int]

    def event(self) -> str:
        """What is announced of it."""
        caller, agreement = self.wish.caller, self.agreement
        placed = OrderPlaced(
            province_id=caller.province_id,
            order_id=self.order_id,
            member_id=caller.id,
            point_id=self.wish.request.point_id,
            sale_on=agreement.sale_on,
            amount_fen=agreement.amount.fen,
        )
        return msgspec.json.encode(placed).decode()

    def placed(self, *, at: datetime, pay_by: datetime) -> OrderView:
        """The order as it stands after it was written."""
        caller, request, agreement = self.wish.caller, self.wish.request, self.agreement
        return OrderView(
            id=self.order_id,
            province_id=caller.province_id,
            number=self.number,
            member_id=caller.id,
            point_id=request.point_id,
            sale_on=agreement.sale_on,
            collect_on=agreement.sale_on + timedelta(days=1),
            state=State.UNPAID,
            amount=agreement.amount,
            refunded=ZERO,
            charge_id=self.charge_id,
            placed_at=at,
            paid_at=None,
            pay_by=pay_by,
            basket_id=request.basket_id,
            lines=tuple(
                self._line(line_id, line) for line_id, line in zip(self.line_ids, agreement.lines, strict=True)
            ),
        )

    def _line(self, line_id: int, line: AgreedLine) -> LineView:
        return LineView(
            id=line_id,
            order_id=self.order_id,
            offer_id=line.offer_id,
            sku_id=line.sku_id,
            quantity=line.quantity,
            cut=0,
            given_up=0,
            price=line.price,
            amount=line.amount,
            refunded=ZERO,
        )


class Day(Struct, frozen=True):
    """What all orders of a batch share."""

    province_id: int
    sale_on: date
    now: datetime
    pay_by: datetime
    edition: int


def columns(day: Day, drafts: Sequence[Draft]) -> list[object]:
    """The values of `ordering_take_in`, in its order."""
    return [
        day.province_id,
        day.sale_on,
        day.now,
        day.pay_by,
        day.edition,
        array(draft.version for draft in drafts),
        array(draft.order_id for draft in drafts),
        array(draft.charge_id for draft in drafts),
        array(draft.wish.caller.id for draft in drafts),
        array(draft.wish.request.point_id for draft in drafts),
        array(draft.wish.request.basket_id for draft in drafts),
        [draft.number for draft in drafts],
        array(draft.agreement.amount.fen for draft in drafts),
        array(draft.wish.key_hash for draft in drafts),
        array(draft.wish.content_hash for draft in drafts),
        [draft.event() for draft in drafts],
        *_line_columns(drafts),
    ]


def _line_columns(drafts: Sequence[Draft]) -> tuple[str, ...]:
    lines = [line for draft in drafts for line in draft.agreement.lines]
    return (
        array(line_id for draft in drafts for line_id in draft.line_ids),
        array(place for place, draft in enumerate(drafts, 1) for _ in draft.line_ids),
        array(line.offer_id for line in lines),
        array(line.sku_id for line in lines),
        array(line.quantity for line in lines),
        array(line.price.fen for line in lines),
    )
