"""The ledger as beancount reads it: plain text, one transaction per journal, balances asserted at the end."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import date

from lintuan.kernel.money import Money

from . import accounts

CURRENCY = "CNY"
ROOTS: Mapping[str, str] = {"1": "Assets", "2": "Liabilities", "4": "Income", "5": "Expenses"}
_NOT_IN_NAMES = re.compile(r"[^A-Za-z0-9]+")


def account_name(code: str) -> str:
    """`2101:17` is `Liabilities:2101-Suppliers-payable:17`."""
    main, _, owner = code.partition(":")
    title = _NOT_IN_NAMES.sub("-", accounts.title(main).en.replace("'", "")).strip("-")
    name = f"{ROOTS[main[0]]}:{main}-{title}"
    return f"{name}:{owner}" if owner else name


def quoted(text: str) -> str:
    """A string of beancount: on one line, its quotes and backslashes escaped."""
    one_line = " ".join(text.split())
    return '"' + one_line.replace("\\", "\\\\").replace('"', '\\"') + '"'


def opening(title: str, on: date, codes: Iterable[str]) -> Iterator[str]:
    """The head of a file: its title, its currency, and every account with both names."""
    yield f'option "title" {quoted(title)}\noption "operating_currency" "{CURRENCY}"\n\n'
    for code in codes:
        known = accounts.title(code)
        yield (f"{on} open {account_name(code)} {CURRENCY}\n  zh: {quoted(known.zh)}\n  en: {quoted(known.en)}\n")


def transaction(
    on: date, words: tuple[str, str], facts: Mapping[str, str], postings: Iterable[tuple[str, Money]]
) -> str:
    """One journal; `words` are what happened and a memo, `facts` its metadata. Postings add up to zero.

    Several postings of one account become one.
    """
    sums: dict[str, int] = {}
    for code, amount in postings:
        sums[code] = sums.get(code, 0) + amount.fen
    lines = [f"\n{on} * {quoted(words[0])} {quoted(words[1])}"]
    lines += [f"  {name}: {quoted(text)}" for name, text in facts.items() if text]
    lines += [f"  {account_name(code)}  {Money(fen)} {CURRENCY}" for code, fen in sums.items() if fen]
    return "\n".join(lines) + "\n"


def balance(on: date, code: str, amount: Money) -> str:
    """What an account holds at the beginning of a day."""
    return f"{on} balance {account_name(code)}  {amount} {CURRENCY}\n"
