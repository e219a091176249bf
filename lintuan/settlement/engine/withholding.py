"""What a leader may withdraw and what tax is kept of it; docs/algorithms/withdrawals.md."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import TypeVar

from msgspec import Struct

from lintuan.kernel.money import ZERO, Money


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


class Tariff(Struct, frozen=True, forbid_unknown_fields=True):
    """Tax withheld of labour remuneration from a day on, a month's payments taken as one."""

    from_on: date
    flat_upto_fen: int
    flat_fen: int
    cost_bps: int
    bands: tuple[Band, ...]
    source: str


Dated = TypeVar("Dated", Terms, Tariff)


def in_force(rows: Iterable[Dated], on: date) -> Dated:
    """The newest of the rows that has begun; ValueError where none has."""
    return max((row for row in rows if row.from_on <= on), key=lambda row: row.from_on)


def taxable(tariff: Tariff, income: Money) -> Money:
    """What of a month's income is taxed, costs taken off."""
    free = Money(tariff.flat_fen) if income.fen <= tariff.flat_upto_fen else income.share(tariff.cost_bps)
    return max(ZERO, income - free)


def tax(tariff: Tariff, income: Money) -> Money:
    """The tax on a month's income, rounded to the fen, half up."""
    base = taxable(tariff, income)
    band = next(band for band in tariff.bands if band.upto_fen is None or base.fen <= band.upto_fen)
    return base.share(band.bps) - Money(band.quick_fen)


def withhold(tariff: Tariff, amount: Money, *, paid: Money, kept: Money) -> Money:
    """What to keep of a payment, after the month's earlier ones came to `paid` of which `kept` was kept."""
    return max(ZERO, tax(tariff, paid + amount) - kept)


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
