"""What an invoice says: to whom, for what, with how much tax in it; docs/algorithms/invoices.md."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from lintuan.kernel.money import BASIS, Money, divide_half_away

#: GB 32100-2015: the signs of a unified social credit code in the order of their values; I, O, S, V, Z are not used.
SIGNS = "0123456789ABCDEFGHJKLMNPQRTUWXY"
#: GB 32100-2015, table 3: 3 to the power of the place, modulo 31.
WEIGHTS = (1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28)
_CREDIT_CODE = re.compile(rf"[{SIGNS}]{{2}}\d{{6}}[{SIGNS}]{{10}}", re.ASCII)
#: Before the unified code: six digits of the place and the organisation's nine signs.
_FIFTEEN = re.compile(r"\d{6}[0-9A-Z]{9}", re.ASCII)
#: A person's identity number and two more signs, of those who trade under it.
_TWENTY = re.compile(r"\d{17}[0-9X][0-9A-Z]{2}", re.ASCII)
_EMAIL = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+", re.ASCII)
_UNSPOKEN = re.compile(r"[\x00-\x1f\x7f]")
LONGEST_TITLE = 100
LONGEST_EMAIL = 120


@dataclass(frozen=True, slots=True)
class Rate:
    """Value-added tax on goods in basis points; exempt goods bear none, which is not a rate of zero."""

    bps: int
    is_exempt: bool = False


def check_sign(code: str) -> str:
    """The eighteenth sign that the first seventeen of a unified social credit code demand."""
    value = sum(SIGNS.index(sign) * weight for sign, weight in zip(code[:17], WEIGHTS, strict=True))
    return SIGNS[-value % 31]


def is_taxpayer_number(text: str) -> bool:
    """Whether it can be a taxpayer's number: a credit code with its check sign, or one of the older forms."""
    match len(text):
        case 15:
            return _FIFTEEN.fullmatch(text) is not None
        case 18:
            return _CREDIT_CODE.fullmatch(text) is not None and check_sign(text) == text[17]
        case 20:
            return _TWENTY.fullmatch(text) is not None
    return False


def is_title(text: str) -> bool:
    """Whether an invoice can be made out to it."""
    return 0 < len(text) <= LONGEST_TITLE and text == text.strip() and not _UNSPOKEN.search(text)


def is_email(text: str) -> bool:
    """Whether post may be sent there."""
    return len(text) <= LONGEST_EMAIL and _EMAIL.fullmatch(text) is not None


def amounts(paid: Money, nets: Sequence[Money]) -> list[Money]:
    """What was paid and not given back of each line, from what is left of its goods' value; no fen is lost."""
    return paid.split([net.fen for net in nets]) if nets else []


def tax_within(amount: Money, rate: Rate) -> Money:
    """The tax that an amount contains, rounded half away from zero."""
    return Money(0) if rate.is_exempt else Money(divide_half_away(amount.fen * rate.bps, BASIS + rate.bps))
