"""Relay lists (接龙) as people type them: "3. 张姐 土豆2份 鸡蛋1板", read into wishes that each still confirms.

Nothing is guessed in silence: what could not be read stays beside the entry with its reason, and a quantity that may
have been meant otherwise is marked as not sure.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Literal

from msgspec import Struct
from msgspec.structs import replace

from .relay_line import Wish, read_line
from .relay_text import MOST_UNITS, Line, Words, lines_of
from .relay_words import Reason, words_of
from .values import Text

__all__ = ["MOST_UNITS", "Aside", "Doubt", "Entry", "Good", "Item", "Reason", "Relay", "read_list", "read_relay"]

_SAME = re.compile(
    r"同\s*(?:第\s*)?(?P<number>\d{1,3})\s*(?:楼|号|位)?(?:\s*一样)?"
    r"|(?:跟|和)\s*(?:第\s*)?(?P<with>\d{1,3})\s*(?:楼|号|位)?\s*一样|(?:同|跟|和)\s*(?P<name>[^\s,;。同跟和]+?)\s*一样|同上|同前|照上|(?:和|跟)?(?:上面|楼上)(?:一样)?|一样"
)
_MORE = re.compile(r"再加|再来|再要|还要|另加|加|再|\+")
_BEHALF = re.compile(r"^(?P<by>.*?)\s*(?:代|帮|替)\s*(?!收)(?P<of>[^\s,;:。]{1,8}?)(?:带|买|订|拼|接)?$")


class Good(Struct, frozen=True):
    """What may be wished for: its names, the full one first, and the measures that one unit of it goes by."""

    offer_id: int
    names: tuple[str, ...]
    measures: str = "份"


class Item(Struct, frozen=True):
    """So many of a good; not sure where the measure is not one of the good's, or where the words allow another."""

    offer_id: int
    quantity: int
    is_sure: bool = True


class Doubt(Struct, frozen=True):
    """A piece that was not understood, and why."""

    text: str
    reason: Reason

    @property
    def words(self) -> Text:
        return words_of(self.reason)


class Entry(Struct, frozen=True):
    """One wish of the list; `unread` is what of it nobody understood, `doubts` say why.

    `behalf` is for whom it was written, where that is said ("代李姐"); `line` is where it stands in what was pasted.
    """

    number: int
    name: str
    items: tuple[Item, ...] = ()
    unread: str = ""
    is_gone: bool = False
    doubts: tuple[Doubt, ...] = ()
    behalf: str = ""
    line: int = 0


class Aside(Struct, frozen=True):
    """A line that is no entry: the head of the list, talk, a wish without a number, or one that was written anew."""

    line: int
    text: str
    reason: Literal["head", "talk", "no_number", "struck", "written_anew"]

    @property
    def words(self) -> Text:
        return words_of(self.reason)


class Relay(Struct, frozen=True):
    """A pasted list: entries in the order of their numbers, and every other line with its reason."""

    entries: tuple[Entry, ...]
    asides: tuple[Aside, ...]


class _Part(Struct):
    """A numbered line with the lines that belong to it."""

    line: Line
    rest: str


def read_relay(text: str, goods: Sequence[Good]) -> list[Entry]:
    """The entries of a list alone."""
    return list(read_list(text, goods).entries)


def read_list(text: str, goods: Sequence[Good]) -> Relay:
    """Every line of a list, as an entry or beside them.

    Who writes their number again replaces what they wrote; two people with one number both stay, and both are marked.
    """
    words = Words([good.names for good in goods])
    parts, asides = _parts(text, words)
    entries: list[Entry] = []
    for part in parts:
        entry = _entry(part, goods, words, entries)
        for before in [one for one in entries if one.number == entry.number and _is_same(one, entry)]:
            entries.remove(before)
            asides.append(Aside(before.line, _typed(text, before.line), "written_anew"))
        entries.append(entry)
    marked = [_marked(entry, entries) for entry in entries]
    return Relay(
        tuple(sorted(marked, key=lambda one: (one.number, one.line))), tuple(sorted(asides, key=lambda one: one.line))
    )


def _parts(text: str, words: Words) -> tuple[list[_Part], list[Aside]]:
    """Numbered lines with what goes on below them; a line that names somebody is no part of the one above."""
    parts: list[_Part] = []
    asides: list[Aside] = []
    for line in lines_of(text):
        if line.number:
            parts.append(_Part(line, line.rest))
            continue
        reading = read_line(line.rest, words)
        if not line.rest:
            asides.append(Aside(line.at, line.typed, "struck"))
        elif parts and reading.has_goods and (not reading.name or not parts[-1].rest.strip()):
            parts[-1].rest += f"\n{line.rest}"
        elif not parts:
            asides.append(Aside(line.at, line.typed, "head"))
        else:
            asides.append(Aside(line.at, line.typed, "no_number" if reading.has_goods or reading.is_gone else "talk"))
    return parts, asides


def _typed(text: str, line: int) -> str:
    return text.splitlines()[line - 1].strip()


def _is_same(one: Entry, other: Entry) -> bool:
    """Whether an entry is another of the same person under the same number."""
    return one.name == other.name


def _entry(part: _Part, goods: Sequence[Good], words: Words, before: Sequence[Entry]) -> Entry:
    same = _SAME.search(part.rest)
    own = f"{part.rest[: same.start()]} {part.rest[same.end() :]}" if same else part.rest
    reading = read_line(own, words, has_one_good=len(goods) == 1)
    name, behalf = _for_whom(reading.name)
    doubts = tuple(Doubt(text, reason) for text, reason in reading.doubts)
    entry = Entry(
        number=part.line.number,
        name=name,
        items=_items(reading.wishes, goods),
        unread=" ".join(doubt.text for doubt in doubts),
        is_gone=reading.is_gone or (part.line.is_struck and not reading.has_goods),
        doubts=doubts,
        behalf=behalf,
        line=part.line.at,
    )
    if same is not None and not entry.is_gone:
        return _same_as(entry, same, before)
    is_bare = not (entry.items or entry.doubts or entry.is_gone)
    return replace(entry, doubts=(Doubt("", "nothing"),)) if is_bare else entry


def _same_as(entry: Entry, same: re.Match[str], before: Sequence[Entry]) -> Entry:
    """ "同上", "同2楼" and "跟张姐一样" wish what that entry wishes, if it is plain what that is."""
    number = same["number"] or same["with"]
    if number:
        found = [one for one in before if one.number == int(number)]
    elif same["name"]:
        found = [one for one in before if one.name == same["name"]]
    else:
        found = list(before[-1:])
    if len(found) != 1 or found[0].is_gone or found[0].doubts or not found[0].items:
        return _doubted(replace(entry, items=()), same[0], "same_unclear")
    if not entry.items:
        return replace(entry, items=found[0].items)
    if _MORE.search(same.string[same.end() :]):
        return replace(entry, items=_added((*found[0].items, *entry.items)))
    return _doubted(replace(entry, items=()), same[0], "same_and_other")


def _doubted(entry: Entry, text: str, reason: Reason) -> Entry:
    return replace(entry, unread=f"{entry.unread} {text}".strip(), doubts=(*entry.doubts, Doubt(text, reason)))


def _marked(entry: Entry, entries: Sequence[Entry]) -> Entry:
    """An entry with what only the others show: a number that two have, or the same wish twice."""
    others = [one for one in entries if one is not entry]
    if any(one.number == entry.number for one in others):
        return replace(entry, doubts=(*entry.doubts, Doubt(str(entry.number), "same_number")))
    if (
        entry.items
        and entry.name
        and any(one.name == entry.name and one.items == entry.items and one.line < entry.line for one in others)
    ):
        return replace(entry, doubts=(*entry.doubts, Doubt(entry.name, "repeated")))
    return entry


def _for_whom(name: str) -> tuple[str, str]:
    """Who wrote, and for whom: 鲁姐代李姐; one who only says for whom keeps the words as a name."""
    found = _BEHALF.match(name)
    if found is None:
        return name, ""
    return found["by"] or name, found["of"]


def _items(wishes: Sequence[Wish], goods: Sequence[Good]) -> tuple[Item, ...]:
    return _added([_item(wish, goods[wish.good]) for wish in wishes])


def _item(wish: Wish, good: Good) -> Item:
    fits = not wish.measure or wish.measure == "份" or wish.measure in good.measures
    return Item(good.offer_id, wish.quantity, wish.is_sure and fits)


def _added(items: Sequence[Item]) -> tuple[Item, ...]:
    """One item for each good, together at most MOST_UNITS."""
    sums: dict[int, Item] = {}
    for item in items:
        known = sums.get(item.offer_id, Item(item.offer_id, 0))
        together = known.quantity + item.quantity
        is_sure = known.is_sure and item.is_sure and together <= MOST_UNITS
        sums[item.offer_id] = Item(item.offer_id, min(together, MOST_UNITS), is_sure)
    return tuple(sums.values())
