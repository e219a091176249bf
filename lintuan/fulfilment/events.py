"""What fulfilment announces."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from lintuan.kernel.events import Event


@dataclass(frozen=True, kw_only=True)
class DropSigned(Event):
    """A leader signed for the goods of a sale day; units over all SKUs."""

    drop_id: int
    point_id: int
    sale_on: date
    sent: int
    short: int
    damaged: int


@dataclass(frozen=True, kw_only=True)
class PickupCollected(Event):
    """A member has their goods of a sale day."""

    pickup_id: int
    member_id: int
    point_id: int
    sale_on: date


@dataclass(frozen=True, kw_only=True)
class CodesGuessed(Event):
    """A leader entered so many wrong pickup codes within a day that no more are heard for an hour."""

    leader_id: int
    wrong: int


@dataclass(frozen=True, kw_only=True)
class ClaimOpened(Event):
    """A member complained of what they collected."""

    claim_id: int
    order_id: int
    line_id: int
    sku_id: int
    member_id: int
    sale_on: date
    quantity: int
    proposed_fen: int
    cause: str


@dataclass(frozen=True, kw_only=True)
class ClaimGranted(Event):
    """A claim is paid back; ordering announces the refund itself as LineRefunded."""

    claim_id: int
    order_id: int
    line_id: int
    sku_id: int
    member_id: int
    sale_on: date
    amount_fen: int
    cause: str
    fault: str


@dataclass(frozen=True, kw_only=True)
class ClaimDeclined(Event):
    """A claim was looked at and not paid."""

    claim_id: int
    order_id: int
    line_id: int
    member_id: int
    sale_on: date
