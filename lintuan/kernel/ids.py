"""Ids as outsiders see them: short, opaque, and of one kind only.

Inside, a row is (province_id, id). Outside it is one sqid of both, in an alphabet of its kind,
so that the id of an order never reads as the id of a member.

The sqids library says what an id is; it shuffles alphabets and walks through its list of blocked words each time.
For two numbers there are only as many shuffles as letters, so they are written down once per kind, and the library
is asked only about the few ids that hold a word of its list.
"""

from __future__ import annotations

import random
import re
import string
import sys
from collections import defaultdict
from collections.abc import Callable, Iterable
from functools import lru_cache, partial
from typing import NamedTuple

from sqids import Sqids
from sqids.constants import DEFAULT_BLOCKLIST

from .errors import NotFound

SHORTEST = 8
#: A letter, a number, a letter between, a number; the largest number has eleven digits.
LONGEST = 24
LARGEST = sys.maxsize
LETTERS = string.ascii_letters + string.digits
#: One letter of an alphabet is no digit: it ends a number.
MANY = len(LETTERS)
BASE = MANY - 1
#: More than there are; kinds are literals.
MOST_KINDS = 100
#: Kinds and provinces of which many ids are written one after another.
MOST_NAMINGS = 500


def public_id(kind: str, province_id: int, id: int) -> str:
    """What an outsider may see of a row."""
    if 0 <= province_id <= LARGEST and 0 <= id <= LARGEST:
        writing = _writing(kind)
        places = writing.places
        way = writing.ways[places[province_id % MANY] + places[id % MANY]]
        text = way.head(province_id) + _digits(id, way.second)
        if len(text) < SHORTEST:
            text += way.filling[: SHORTEST - len(text)]
        if _suspicious(text.lower()) is None:
            return text
    return _sqids(kind).encode([province_id, id])


@lru_cache(MOST_NAMINGS)
def naming(kind: str, province_id: int) -> Callable[[int], str]:
    """`public_id` for many rows of one kind and province: what their ids begin with is written once."""
    if not 0 <= province_id <= LARGEST:
        return partial(public_id, kind, province_id)
    writing = _writing(kind)
    first = writing.places[province_id % MANY]
    ways = [writing.ways[first + place] for place in writing.places]
    beginnings = [(way.head(province_id), way.second, way.filling) for way in ways]

    def name(id: int) -> str:
        if not 0 <= id <= LARGEST:
            return public_id(kind, province_id, id)
        head, letters, filling = beginnings[id % MANY]
        text, number = letters[id % BASE], id // BASE
        while number:
            text = letters[number % BASE] + text
            number //= BASE
        text = head + text
        if len(text) < SHORTEST:
            text += filling[: SHORTEST - len(text)]
        if _suspicious(text.lower()) is not None:
            return public_id(kind, province_id, id)
        return text

    return name


def read_public_id(kind: str, text: str) -> tuple[int, int]:
    """(province_id, id) of a public id; NotFound for anything that we never gave out."""
    if len(text) <= LONGEST:
        try:
            way = _writing(kind).by_prefix[text[:1]]
            head, _, tail = text[1:].partition(way.between)
            body, _, _ = tail.partition(way.filling[0])
            province_id, row = _number(head, way.first), _number(body, way.second)
            if public_id(kind, province_id, row) == text:
                return province_id, row
        except (KeyError, ValueError):
            # A letter that is none of ours, or a number that is none of PostgreSQL's.
            pass
    raise NotFound(thing=kind)


class _Way(NamedTuple):
    """How an id is written that begins with `prefix`: digits of both numbers, and what makes a short one longer."""

    prefix: str
    first: str
    between: str
    second: str
    filling: str

    def head(self, province_id: int) -> str:
        """What an id begins with, before the digits of its row."""
        return self.prefix + _digits(province_id, self.first) + self.between


class _Writing(NamedTuple):
    """How a kind is written; both numbers have a place, and the sum of the places decides the way."""

    places: tuple[int, ...]
    ways: tuple[_Way, ...]
    by_prefix: dict[str, _Way]


@lru_cache(MOST_KINDS)
def _writing(kind: str) -> _Writing:
    letters = _shuffled(_alphabet(kind))
    many = len(letters)
    ways = [_way(letters[offset:] + letters[:offset]) for offset in range(many)]
    # The library adds, for two numbers, their count and the index of each.
    by_places = tuple(ways[(places + 2 + 0 + 1) % many] for places in range(2 * many))
    return _Writing(tuple(ord(letter) % many for letter in letters), by_places, {way.prefix: way for way in ways})


def _way(turned: str) -> _Way:
    first = turned[::-1]
    second = _shuffled(first)
    return _Way(turned[0], first[1:], first[0], second[1:], second[0] + _shuffled(second)[:SHORTEST])


def _shuffled(letters: str) -> str:
    """The shuffle of the sqids specification, which depends on the letters alone."""
    found = list(letters)
    many = len(found)
    for i in range(many - 1):
        j = many - 1 - i
        other = (i * j + ord(found[i]) + ord(found[j])) % many
        found[i], found[other] = found[other], found[i]
    return "".join(found)


def _digits(number: int, letters: str) -> str:
    text = letters[number % BASE]
    while number := number // BASE:
        text = letters[number % BASE] + text
    return text


def _number(text: str, letters: str) -> int:
    number = 0
    for letter in text:
        number = number * BASE + letters.index(letter)
    return number


def _pattern(words: Iterable[str]) -> str:
    """A pattern of these words that looks at each common beginning once."""
    rests: dict[str, set[str]] = defaultdict(set)
    for word in words:
        if not word:
            return ""
        rests[word[0]].add(word[1:])
    return f"(?:{'|'.join(first + _pattern(rest) for first, rest in sorted(rests.items()))})"


# The library minds words of three letters in ids of that length only, and words with digits at the ends only. The first
# are never ours; the second are looked for everywhere, since asking it once too often costs time alone.
_suspicious = re.compile(_pattern(word.lower() for word in DEFAULT_BLOCKLIST if len(word) > 3)).search


@lru_cache(MOST_KINDS)
def _sqids(kind: str) -> Sqids:
    return Sqids(alphabet=_alphabet(kind), min_length=SHORTEST)


def _alphabet(kind: str) -> str:
    letters = list(LETTERS)
    random.Random(kind).shuffle(letters)
    return "".join(letters)
