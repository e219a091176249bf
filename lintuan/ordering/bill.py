"""Who pays what of an order, whatever went back since; docs/algorithms/savings.md has the worked tables."""

from __future__ import annotations

from msgspec import Struct

from lintuan.kernel.money import ZERO, Money


class Bill(Struct, frozen=True):
    """Four sums of an order, from which every payment and refund of it follows.

    `amount` and `refunded` are in the value of its goods; of the amount plays pay `saved`, and of that `saved_later`
    was given when the member had paid already.
    """

    amount: Money
    refunded: Money = ZERO
    saved: Money = ZERO
    saved_later: Money = ZERO

    @property
    def net(self) -> Money:
        """The value of what was or will be delivered."""
        return self.amount - self.refunded

    @property
    def borne(self) -> Money:
        """What plays pay of the net: their savings in proportion."""
        return self.saved.prorate(self.net, self.amount)

    @property
    def paid(self) -> Money:
        """What a member who paid still has paid, never negative: every refund is the difference of two of these."""
        return self.net - self.borne

    @property
    def charged(self) -> Money:
        """What the member is or was asked for."""
        return self.amount - self.saved + self.saved_later

    @property
    def paid_back(self) -> Money:
        """What went back to a member who paid."""
        return self.charged - self.paid

    def give_back(self, amount: Money) -> Bill:
        """With goods of this value less."""
        return Bill(self.amount, self.refunded + amount, self.saved, self.saved_later)

    def refund_of(self, amount: Money) -> Money:
        """What the member gets back where goods of this value go back."""
        return self.paid - self.give_back(amount).paid

    def save_later(self, amount: Money) -> Bill:
        """With so much more paid by plays after the payment, at most the whole amount."""
        more = min(amount, self.amount - self.saved)
        return Bill(self.amount, self.refunded, self.saved + more, self.saved_later + more)
