"""A leader's commission on one order, exact to the fen after every change; docs/algorithms/ledger.md, section 4.

What an order earns depends only on the sums of what was paid and given back and on whether it was collected, so the
order in which those facts become known does not matter.
"""

from __future__ import annotations

from msgspec import Struct
from msgspec.structs import replace

from lintuan.kernel.money import ZERO, Money
from lintuan.settlement.types import CommissionState


class Earning(Struct, frozen=True):
    """What is known of one order: `is_lost` once it lay unclaimed, `is_booked` once its commission is payable."""

    bps: int
    paid: Money = ZERO
    given_back: Money = ZERO
    is_lost: bool = False
    is_booked: bool = False

    @property
    def base(self) -> Money:
        """What the commission is a share of; never negative, even while a payment is not known yet."""
        return max(ZERO, self.paid - self.given_back)

    @property
    def amount(self) -> Money:
        return ZERO if self.is_lost else self.base.share(self.bps)

    @property
    def state(self) -> CommissionState:
        if self.is_lost or (self.paid and not self.base):
            return CommissionState.REVERSED
        return CommissionState.BOOKED if self.is_booked else CommissionState.PENDING

    def pay(self, amount: Money) -> Earning:
        return replace(self, paid=self.paid + amount)

    def give_back(self, amount: Money) -> Earning:
        """Lower by a cut, a cancellation or a refund."""
        return replace(self, given_back=self.given_back + amount)

    def lose(self) -> Earning:
        """Nobody came for the order, so nobody handed it out."""
        return replace(self, is_lost=True)

    def book(self) -> Earning:
        return replace(self, is_booked=True)
