"""A reader of the part of beancount's grammar that we write: option, open, transactions with metadata, balance."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

_STRING = r'"((?:[^"\\]|\\.)*)"'
#: Names as beancount's lexer has them: a root, then parts that begin with a capital or a digit.
_ACCOUNT = r"((?:Assets|Liabilities|Equity|Income|Expenses)(?::[A-Z0-9][A-Za-z0-9-]*)+)"
_DAY, _AMOUNT = r"(\d{4}-\d{2}-\d{2})", r"(-?\d+\.\d{2}) CNY"
OPTION = re.compile(rf"option {_STRING} {_STRING}")
OPEN = re.compile(rf"{_DAY} open {_ACCOUNT} CNY")
HEAD = re.compile(rf"{_DAY} \* {_STRING} {_STRING}")
META = re.compile(rf"  ([a-z][a-zA-Z0-9_-]*): {_STRING}")
POSTING = re.compile(rf"  {_ACCOUNT}  {_AMOUNT}")
BALANCE = re.compile(rf"{_DAY} balance {_ACCOUNT}  {_AMOUNT}")


@dataclass
class Entry:
    """A transaction."""

    on: date
    words: tuple[str, str]
    facts: dict[str, str] = field(default_factory=dict)
    postings: dict[str, Decimal] = field(default_factory=dict)


@dataclass
class Book:
    """A file as it was read."""

    opened: dict[str, date] = field(default_factory=dict)
    names: dict[str, dict[str, str]] = field(default_factory=dict)
    entries: list[Entry] = field(default_factory=list)
    balances: dict[str, tuple[date, Decimal]] = field(default_factory=dict)


def read(text: str) -> Book:
    """Read a whole file; a line outside of the grammar, or a book that does not hold together, fails."""
    book, facts = Book(), {}
    for line in text.splitlines():
        if not line or OPTION.fullmatch(line):
            continue
        if found := OPEN.fullmatch(line):
            assert found[2] not in book.opened
            book.opened[found[2]] = date.fromisoformat(found[1])
            facts = book.names[found[2]] = {}
        elif found := HEAD.fullmatch(line):
            book.entries.append(Entry(date.fromisoformat(found[1]), (found[2], found[3])))
            facts = book.entries[-1].facts
        elif found := META.fullmatch(line):
            facts[found[1]] = found[2]
        elif found := POSTING.fullmatch(line):
            assert found[1] not in book.entries[-1].postings
            book.entries[-1].postings[found[1]] = Decimal(found[2])
        else:
            found = BALANCE.fullmatch(line)
            assert found, line
            book.balances[found[2]] = (date.fromisoformat(found[1]), Decimal(found[3]))
    check(book)
    return book


def check(book: Book) -> None:
    """What beancount's own check would: balanced, opened before use, and every assertion true."""
    held: dict[str, Decimal] = defaultdict(Decimal)
    for entry in book.entries:
        assert sum(entry.postings.values()) == 0, entry
        assert len(entry.postings) > 1, entry
        for account, amount in entry.postings.items():
            assert book.opened[account] <= entry.on, account
            held[account] += amount
    last = max((entry.on for entry in book.entries), default=date.min)
    for account, (on, amount) in book.balances.items():
        assert on > last, account
        assert held[account] == amount, account
    assert set(book.balances) == set(book.opened)
