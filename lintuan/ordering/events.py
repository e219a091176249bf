"""What ordering announces.

An `amount_fen` is in the value of goods, `saved_fen` is the part of it that plays pay or, where goods go back, pay no
more; the difference is the member's money.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from lintuan.kernel.events import Event


@dataclass(frozen=True, kw_only=True)
class OrderPlaced(Event):
    """An order stands, unpaid, and holds its stock."""

    order_id: int
    member_id: int
    point_id: int
    sale_on: date
    amount_fen: int


@dataclass(frozen=True, kw_only=True)
class OrderEdited(Event):
    """An unpaid order was agreed anew; a paid one that was reduced announces LinesCut instead."""

    order_id: int
    member_id: int
    point_id: int
    sale_on: date
    amount_fen: int
    saved_fen: int = 0


@dataclass(frozen=True, kw_only=True)
class OrderPaid(Event):
    """An order is paid in full."""

    order_id: int
    member_id: int
    point_id: int
    sale_on: date
    amount_fen: int
    saved_fen: int = 0


@dataclass(frozen=True, kw_only=True)
class OrderSaved(Event):
    """Plays pay more of a paid order than before; `fen` is what its member gets back for that.

    `saved_fen` is by how much the savings of the whole order grew; a leader and the suppliers fund these parts of it.
    """

    order_id: int
    member_id: int
    point_id: int
    sale_on: date
    fen: int
    saved_fen: int = 0
    campaign_id: int = 0
    leader_id: int = 0
    leader_fen: int = 0
    supplier_fen: int = 0


@dataclass(frozen=True, kw_only=True)
class OrderCancelled(Event):
    """A member gave up an order; `refund_fen` is what was given back by this, zero for an unpaid one."""

    order_id: int
    member_id: int
    point_id: int
    sale_on: date
    refund_fen: int
    saved_fen: int = 0


@dataclass(frozen=True, kw_only=True)
class OrderExpired(Event):
    """An order was not paid in time and let go of its stock."""

    order_id: int
    member_id: int
    point_id: int
    sale_on: date
    amount_fen: int
    saved_fen: int = 0


@dataclass(frozen=True, kw_only=True)
class LinesCut(Event):
    """Units of a paid line will not be delivered and are refunded; causes edited and cancelled are the member's."""

    order_id: int
    line_id: int
    sku_id: int
    point_id: int
    sale_on: date
    quantity: int
    amount_fen: int
    cause: str
    saved_fen: int = 0


@dataclass(frozen=True, kw_only=True)
class DayClosed(Event):
    """The cut-off of a sale day passed; what is paid now is what will be bought."""

    sale_on: date
    orders: int
    amount_fen: int


@dataclass(frozen=True, kw_only=True)
class OrderCollected(Event):
    """An order was handed out; the amount is net of cuts."""

    order_id: int
    member_id: int
    point_id: int
    sale_on: date
    amount_fen: int
    saved_fen: int = 0


@dataclass(frozen=True, kw_only=True)
class OrderUnclaimed(Event):
    """An order was not collected in time; the amount is net of cuts."""

    order_id: int
    member_id: int
    point_id: int
    sale_on: date
    amount_fen: int
    saved_fen: int = 0


@dataclass(frozen=True, kw_only=True)
class LineRefunded(Event):
    """Money of a delivered line was given back, with its cause and who bears it."""

    order_id: int
    line_id: int
    sku_id: int
    point_id: int
    sale_on: date
    amount_fen: int
    cause: str
    fault: str
    saved_fen: int = 0
