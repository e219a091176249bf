"""A leader's commission on one order, exact to the fen after every change; docs/algorithms/commission.md, section 2.

What an order earns depends only on the sums of what was paid and given back and on whether it was collected, so the
order in which those facts become known does not matter.
"""

from __future__ import annotations

from collections.abc import Iterable

from msgspec import Struct
from msgspec.structs import replace

from lintuan.kernel.money import BASIS, ZERO, Money, divide_half_away
from lintuan.settlement.types import CommissionState


class Sold(Struct, frozen=True):
    """A SKU of an order as it was paid, and what it earns."""

    sku_id: int
    amount: Money
    bps: int


class Earning(Struct, frozen=True):
    """What is known of one order: `is_lost` once it lay unclaimed, `is_booked` once its commission is payable.

    Goods earn `bps`, but each of `skus` what stands for it in `sku_bps`. `swing` is, in fen times basis points, by how
    much that makes more of what was not given back: nothing is rounded before the sum.
    """

    bps: int
    paid: Money = ZERO
    given_back: Money = ZERO
    is_lost: bool = False
    is_booked: bool = False
    swing: int = 0
    skus: tuple[int, ...] = ()
    sku_bps: tuple[int, ...] = ()

    @property
    def base(self) -> Money:
        """What the commission is a share of; never negative, even while a payment is not known yet."""
        return max(ZERO, self.paid - self.given_back)

    @property
    def amount(self) -> Money:
        return ZERO if self.is_lost else earned(self.base, self.bps, self.swing)

    @property
    def state(self) -> CommissionState:
        if self.is_lost or (self.paid and not self.base):
            return CommissionState.REVERSED
        return CommissionState.BOOKED if self.is_booked else CommissionState.PENDING

    def pay(self, amount: Money) -> Earning:
        return replace(self, paid=self.paid + amount)

    def give_back(self, amount: Money, sku_id: int = 0) -> Earning:
        """Lower by a cut, a cancellation or a refund of a SKU."""
        lowered = replace(self, given_back=self.given_back + amount)
        if sku_id not in self.skus:
            return lowered
        odds = self.sku_bps[self.skus.index(sku_id)] - self.bps
        return replace(lowered, swing=self.swing - amount.fen * odds)

    def lose(self) -> Earning:
        """Nobody came for the order, so nobody handed it out."""
        return replace(self, is_lost=True)

    def book(self) -> Earning:
        return replace(self, is_booked=True)


def opened(bps: int, sold: Iterable[Sold] = ()) -> Earning:
    """An order of which nothing is known yet but what its goods earn; those that earn `bps` need not be told."""
    odd = sorted((one for one in sold if one.bps != bps), key=lambda one: one.sku_id)
    if not odd:
        return Earning(bps)
    return Earning(
        bps,
        swing=sum(one.amount.fen * (one.bps - bps) for one in odd),
        skus=tuple(one.sku_id for one in odd),
        sku_bps=tuple(one.bps for one in odd),
    )


def earned(base: Money, bps: int, swing: int = 0) -> Money:
    """The share of what was not given back, rounded once, half away from zero."""
    if not base:
        return ZERO
    return Money(max(0, divide_half_away(base.fen * bps + swing, BASIS)))
