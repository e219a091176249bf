"""Relay lists (接龙) as people type them: "3. 张姐 土豆2份 鸡蛋1板", read into wishes that each still confirms.

Nothing is guessed in silence: what could not be read stays beside the entry, and a quantity in a unit that the good is
not sold in is marked as not sure.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence

from msgspec import Struct
from msgspec.structs import replace

_DIGITS = {sign: value for value, sign in enumerate("零一二三四五六七八九")} | {"两": 2, "俩": 2, "仨": 3, "半": 0}
_MEASURES = "份板斤个盒袋把箱包瓶条只提桶颗棵块根捆套件听罐打串筐枚"
_NUMBER = r"(?:\d{1,3}|[一二两三四五六七八九十]{1,3}|[俩仨])"
_AFTER = re.compile(rf"\s*(?:[x×*✖✕]|要|来|各|:)?\s*\+?\s*({_NUMBER})\s*([{_MEASURES}]|kg|公斤)?", re.IGNORECASE)
_BEFORE = re.compile(rf"({_NUMBER})\s*([{_MEASURES}]|kg|公斤)?\s*(?:的|x|×)?\s*$", re.IGNORECASE)
_ENTRY = re.compile(r"^\s*(?:第\s*)?(\d{1,3})\s*(?:[.,、):：。\-—_]|楼|号|位|(?=\D))\s*(.*)$")
_PLUS = re.compile(rf"\+\s*({_NUMBER})\s*$")
_GONE = re.compile(r"取消|不要了|不买了|退出|删除|划掉|撤")
_SAME = re.compile(r"同上|同前|一样|(?:同|跟)\s*(\d{1,3})\s*(?:楼|号)?")
_NOISE = re.compile(r"[\s,，.。;；:：、+!！?？~～()（）\[\]【】\-—_/\\|@#*'\"“”]+")
_POLITE = re.compile(r"谢谢|麻烦|辛苦|团长|还要|再来|再加|我要|要|来|各|和|跟|加|给我|帮我|了|的|吧|哈|哦|呀|啊|呢")
_ZERO_WIDTH = re.compile("[\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff]")
MOST_UNITS = 999


class Good(Struct, frozen=True):
    """What may be wished for: its names, the full one first, and the measures that one unit of it goes by."""

    offer_id: int
    names: tuple[str, ...]
    measures: str = "份"


class Item(Struct, frozen=True):
    """So many of a good; not sure where the measure is not one of the good's."""

    offer_id: int
    quantity: int
    is_sure: bool = True


class Entry(Struct, frozen=True):
    """One line of the list; `unread` is what of it nobody understood."""

    number: int
    name: str
    items: tuple[Item, ...] = ()
    unread: str = ""
    is_gone: bool = False


class _Found(Struct, frozen=True):
    start: int
    end: int
    good: Good


def read_relay(text: str, goods: Sequence[Good]) -> list[Entry]:
    """The entries in the order of their numbers; of a number that comes twice the last one counts."""
    entries: dict[int, Entry] = {}
    for number, rest in _numbered(text):
        entries[number] = _same_as(entries, _entry(number, rest, goods), rest)
    return [entries[number] for number in sorted(entries)]


def _numbered(text: str) -> Iterator[tuple[int, str]]:
    """Lines that begin with a number, each with the lines that belong to it."""
    number, parts = 0, [""]
    for line in _plain(text).splitlines():
        begins = _ENTRY.match(line)
        if begins and not _is_continued(begins):
            if number:
                yield number, " ".join(parts)
            number, parts = int(begins[1]), [begins[2]]
        elif number and line.strip():
            parts.append(line.strip())
    if number:
        yield number, " ".join(parts)


def _is_continued(begins: re.Match[str]) -> bool:
    """ "2份土豆" on a line of its own belongs to the entry above."""
    return bool(begins[2]) and begins[2][0] in _MEASURES and begins.end(1) == begins.start(2)


def _plain(text: str) -> str:
    """Full-width signs and circled numbers as plain ones; what cannot be seen, and pictures, are gone."""
    dotted = "".join(f"{unicodedata.normalize('NFKC', sign)}." if _is_circled(sign) else sign for sign in text)
    plain = _ZERO_WIDTH.sub("", unicodedata.normalize("NFKC", dotted))
    return "".join(sign if unicodedata.category(sign) not in ("So", "Sk", "Cs", "Co") else " " for sign in plain)


def _is_circled(sign: str) -> bool:
    return "\u2460" <= sign <= "\u2473" or "\u3251" <= sign <= "\u32bf"


def _entry(number: int, rest: str, goods: Sequence[Good]) -> Entry:
    found = _goods_in(rest, goods)
    if not found:
        return _without_goods(number, rest, goods)
    items: dict[int, Item] = {}
    left, at = [], 0
    for place, one in enumerate(found):
        until = found[place + 1].start if place + 1 < len(found) else len(rest)
        item, begin, end = _counted(rest, one, at, until)
        left.append(rest[at:begin])
        at = end
        known = items.get(item.offer_id)
        items[item.offer_id] = (
            item
            if known is None
            else replace(
                known, quantity=min(known.quantity + item.quantity, MOST_UNITS), is_sure=known.is_sure and item.is_sure
            )
        )
    left.append(rest[at:])
    name, unread = _named(left[0]), _meant(" ".join(left[1:]))
    is_gone = bool(_GONE.search(rest))
    return Entry(number, name, () if is_gone else tuple(items.values()), _GONE.sub("", unread).strip(), is_gone)


def _without_goods(number: int, rest: str, goods: Sequence[Good]) -> Entry:
    """ "小刘+1" wishes one of the only good there is."""
    plus = _PLUS.search(rest)
    if plus and len(goods) == 1:
        return Entry(number, _named(rest[: plus.start()]), (Item(goods[0].offer_id, _value(plus[1])),))
    name, _, more = _NOISE.sub(" ", rest).strip().partition(" ")
    is_gone = bool(_GONE.search(rest))
    return Entry(number, _GONE.sub("", name), (), "" if is_gone or _SAME.search(rest) else _meant(more), is_gone)


def _goods_in(rest: str, goods: Sequence[Good]) -> list[_Found]:
    """Where goods are named, the longest name first; names do not overlap."""
    names = sorted(((name, good) for good in goods for name in good.names), key=lambda one: -len(one[0]))
    found: list[_Found] = []
    for name, good in names:
        for match in re.finditer(re.escape(_plain(name)), rest, re.IGNORECASE):
            if all(match.end() <= one.start or match.start() >= one.end for one in found):
                found.append(_Found(match.start(), match.end(), good))
    return sorted(found, key=lambda one: one.start)


def _counted(rest: str, one: _Found, at: int, until: int) -> tuple[Item, int, int]:
    """How many of it, and from where to where that is said: behind the name, before it, or one."""
    after = _AFTER.match(rest, one.end, until)
    is_next = after is not None and _belongs_to_next(rest, after, until)
    if after and not is_next:
        return _item(one.good, after[1], after[2]), one.start, after.end()
    before = _BEFORE.search(rest, at, one.start)
    if before:
        return _item(one.good, before[1], before[2]), before.start(), one.end
    return Item(one.good.offer_id, 1, is_sure=not is_next), one.start, one.end


def _belongs_to_next(rest: str, after: re.Match[str], until: int) -> bool:
    """ "土豆 2份鸡蛋": a number that the next name follows at once, behind a space, is the next one's."""
    return after.end() == until and until < len(rest) and rest[after.start()] == " " and bool(after[2])


def _item(good: Good, number: str, measure: str | None) -> Item:
    quantity = _value(number)
    return Item(good.offer_id, quantity, quantity > 0 and (not measure or measure == "份" or measure in good.measures))


def _value(number: str) -> int:
    """三, 十二, 俩 or 12."""
    if number.isdigit():
        return int(number)
    tens, ten, ones = number.rpartition("十")
    if not ten:
        return int("".join(str(_DIGITS[sign]) for sign in number))
    return (_DIGITS[tens] if tens else 1) * 10 + (_DIGITS[ones] if ones else 0)


def _named(text: str) -> str:
    return _POLITE_END.sub("", _NOISE.sub(" ", text).strip()).strip()


_POLITE_END = re.compile(r"(?:\s*(?:我要|还要|要|来|订|买))+$")


def _meant(text: str) -> str:
    """What is left when signs and courtesies are taken away."""
    return " ".join(_POLITE.sub(" ", _NOISE.sub(" ", text)).split())


def _same_as(entries: dict[int, Entry], entry: Entry, rest: str) -> Entry:
    """ "同上" and "同2楼" wish what that entry wishes."""
    same = _SAME.search(rest)
    if entry.items or entry.is_gone or same is None or not entries:
        return entry
    other = entries.get(int(same[1])) if same[1] else list(entries.values())[-1]
    name = _named(_SAME.sub("", rest))
    return replace(entry, name=name, items=other.items if other else (), unread="" if other else rest.strip())
