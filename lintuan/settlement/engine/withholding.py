"""What a leader may withdraw and what tax is kept of it; docs/algorithms/withdrawals.md."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import date
from typing import Protocol, TypeVar

from msgspec import Struct

from lintuan.kernel.money import ZERO, Money, total


class Terms(Struct, frozen=True, forbid_unknown_fields=True):
    """How much at least and how often a leader withdraws, from a day on."""

    from_on: date
    least_fen: int
    times_a_day: int
    source: str

    @property
    def least(self) -> Money:
        return Money(self.least_fen)


class Band(Struct, frozen=True, forbid_unknown_fields=True):
    """Taxable income up to a sum, or without end, its rate and what the lower bands save (速算扣除数)."""

    bps: int
    quick_fen: int
    upto_fen: int | None = None


class Monthly(Struct, frozen=True, forbid_unknown_fields=True, tag_field="method", tag="monthly"):
    """The payments of a month are taken as one; of little a sum is free, of more a share."""

    from_on: date
    flat_upto_fen: int
    flat_fen: int
    cost_bps: int
    bands: tuple[Band, ...]
    source: str


class Cumulative(Struct, frozen=True, forbid_unknown_fields=True, tag_field="method", tag="cumulative"):
    """The payments of a year's months without a gap are taken as one; a share is free, and a sum for each month."""

    from_on: date
    cost_bps: int
    month_fen: int
    bands: tuple[Band, ...]
    source: str


Tariff = Monthly | Cumulative


class Dated(Protocol):
    """What holds from a day on."""

    @property
    def from_on(self) -> date: ...


Row = TypeVar("Row", bound=Dated)


def in_force(rows: Iterable[Row], on: date) -> Row:
    """The newest of the rows that has begun; ValueError where none has."""
    return max((row for row in rows if row.from_on <= on), key=lambda row: row.from_on)


class Payment(Struct, frozen=True):
    """What somebody was paid in a month, named by its first day, and what was kept of it."""

    month: date
    amount: Money
    kept: Money


class Before(Struct, frozen=True):
    """What a payment is taken as one with, and in how many months, its own included."""

    paid: Money = ZERO
    kept: Money = ZERO
    months: int = 1


def before(tariff: Tariff, month: date, earlier: Collection[Payment]) -> Before:
    """Of somebody's earlier payments those that one of this month, named by its first day, is taken as one with."""
    first = month if isinstance(tariff, Monthly) else _began(tariff, month, {payment.month for payment in earlier})
    counted = [payment for payment in earlier if first <= payment.month <= month]
    return Before(
        paid=total(payment.amount for payment in counted),
        kept=total(payment.kept for payment in counted),
        months=month.month - first.month + 1,
    )


def taxable(tariff: Tariff, income: Money, months: int = 1) -> Money:
    """What of the income of so many months is taxed, costs and deductions taken off."""
    return max(ZERO, income - _free(tariff, income, months))


def tax(tariff: Tariff, income: Money, months: int = 1) -> Money:
    """The tax on the income of so many months, rounded to the fen, half up."""
    base = taxable(tariff, income, months)
    band = next(band for band in tariff.bands if band.upto_fen is None or base.fen <= band.upto_fen)
    return base.share(band.bps) - Money(band.quick_fen)


def withhold(tariff: Tariff, amount: Money, known: Before) -> Money:
    """What to keep of a payment; what was kept too much before is not given back, it is taken off later ones."""
    return max(ZERO, tax(tariff, known.paid + amount, known.months) - known.kept)


def _began(tariff: Cumulative, month: date, paid_in: Collection[date]) -> date:
    """The first of the months without a gap up to this one, within the year and under this tariff."""
    first = month
    while first.month > 1:
        previous = first.replace(month=first.month - 1)
        if previous < tariff.from_on or previous not in paid_in:
            break
        first = previous
    return first


def _free(tariff: Tariff, income: Money, months: int) -> Money:
    if isinstance(tariff, Cumulative):
        return income.share(tariff.cost_bps) + Money(tariff.month_fen) * months
    return Money(tariff.flat_fen) if income.fen <= tariff.flat_upto_fen else income.share(tariff.cost_bps)


class Payable(Struct, frozen=True):
    """What stands between the books and a leader's pocket, all positive.

    `owed` is the payable commission (negative: the leader owes), `unstated` what no statement tells yet, `contested`
    what open claims may take back, `asked` what the leader asked for that the books do not show yet.
    """

    owed: Money
    unstated: Money
    contested: Money
    asked: Money

    @property
    def covered(self) -> Money:
        """What may leave today, whoever asked for it."""
        return max(ZERO, self.owed - self.unstated - self.contested)

    @property
    def free(self) -> Money:
        """What may be asked for besides."""
        return max(ZERO, self.covered - self.asked)
