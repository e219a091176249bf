"""Alipay writes yuan; we count whole fen, and no float is ever between them."""

import re

from lintuan.kernel.money import Money

_YUAN = re.compile(r"(-?)([0-9]{1,12})(?:\.([0-9]{1,2}))?", re.ASCII)


def yuan(fen: int) -> str:
    """``19.90`` for 1990."""
    return str(Money(fen))


def fen(text: str) -> int:
    """1990 for ``19.90``, ``19.9``; ValueError for anything that is not exactly so many fen."""
    match = _YUAN.fullmatch(text)
    if match is None:
        raise ValueError(f"{text[:40]!r} is no amount of yuan.")
    sign, whole, part = match.groups()
    amount = int(whole) * 100 + int((part or "").ljust(2, "0"))
    return -amount if sign else amount
