"""Money in whole fen; nothing here ever sees a float."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from msgspec import Struct

BASIS = 10_000


class Money(Struct, frozen=True, order=True):
    """An amount of renminbi in whole fen; it may be negative."""

    fen: int

    def __post_init__(self) -> None:
        if type(self.fen) is not int:
            raise TypeError(f"Money takes whole fen, not {type(self.fen).__name__}")

    def __add__(self, other: Money) -> Money:
        return Money(self.fen + other.fen)

    def __sub__(self, other: Money) -> Money:
        return Money(self.fen - other.fen)

    def __neg__(self) -> Money:
        return Money(-self.fen)

    def __mul__(self, times: int) -> Money:
        return Money(self.fen * times)

    __rmul__ = __mul__

    def __bool__(self) -> bool:
        return self.fen != 0

    def __str__(self) -> str:
        sign = "-" if self.fen < 0 else ""
        return f"{sign}{abs(self.fen) // 100}.{abs(self.fen) % 100:02d}"

    def share(self, bps: int) -> Money:
        """The part of `bps` basis points, rounded half away from zero."""
        return Money(divide_half_away(self.fen * _whole(bps), BASIS))

    def prorate(self, part: Money, whole: Money) -> Money:
        """This amount in the proportion of a part to its whole, rounded half away from zero; zero where that is."""
        return Money(divide_half_away(self.fen * part.fen, whole.fen)) if whole else ZERO

    def split(self, weights: Sequence[int]) -> list[Money]:
        """Parts in proportion to the weights that add up to this amount exactly.

        The fen left over by rounding down go to the largest remainders, the earliest first.
        Weights are not negative; if all are zero the parts are as equal as can be.
        """
        if not weights or min(weights) < 0:
            raise ValueError("split needs weights that are not negative")
        shares = list(weights) if any(weights) else [1] * len(weights)
        total, sign = sum(shares), -1 if self.fen < 0 else 1
        floors = [abs(self.fen) * share // total for share in shares]
        remainders = [abs(self.fen) * share % total for share in shares]
        left = abs(self.fen) - sum(floors)
        by_remainder = sorted(range(len(shares)), key=lambda place: (-remainders[place], place))
        for place in by_remainder[:left]:
            floors[place] += 1
        return [Money(sign * fen) for fen in floors]


ZERO = Money(0)


def total(amounts: Iterable[Money]) -> Money:
    """The sum, zero for none."""
    return Money(sum(amount.fen for amount in amounts))


def divide_half_away(numerator: int, denominator: int) -> int:
    """Whole-number division by a positive denominator, halves rounded away from zero."""
    if denominator <= 0:
        raise ValueError("the denominator must be positive")
    quotient = (2 * abs(numerator) + denominator) // (2 * denominator)
    return -quotient if numerator < 0 else quotient


def _whole(bps: int) -> int:
    if type(bps) is not int:
        raise TypeError("basis points are whole numbers")
    return bps
