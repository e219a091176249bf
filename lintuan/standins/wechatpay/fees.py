"""What the platform keeps of a payment, and gives back of it with a refund.

The fee is the rate times what was paid and has not gone back, rounded half up to a fen; a refund returns what the fee
shrinks by. So all refunds of an order together return its whole fee, whatever their sizes.
"""

from decimal import ROUND_HALF_UP, Decimal


def fee(fen: int, rate: Decimal) -> int:
    """``rate`` is in percent."""
    return int((fen * rate / 100).quantize(Decimal(1), ROUND_HALF_UP))


def fee_back(*, total: int, refunded: int, refund: int, rate: Decimal) -> int:
    """What a refund returns after so much has gone back already."""
    left = total - refunded
    return fee(left, rate) - fee(left - refund, rate)
