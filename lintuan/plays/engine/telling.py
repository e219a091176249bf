"""A play's words, ready to paste: what stands in braces becomes what is so, and where nobody knows it, plain words."""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType

from msgspec import Struct
from msgspec.structs import replace

from .definition import Definition, Texts
from .gifts import WHOLE, money, price, prize
from .progress import Draw, Fall, First
from .rewards import Pot, Price
from .values import Text

_PLACE = re.compile(r"\{(\w+)\}")
_BRACES = re.compile(r"[{}]")
_SENTENCES = re.compile(r"(?<=[。！？；])|(?<=[.!?;])(?=\s)")

#: What is said in place of a fact that is not known, or not yet.
GENERAL: Mapping[str, Text] = MappingProxyType(
    {
        "offer": Text(zh="今晚的菜", en="tonight's goods"),
        "price": Text(zh="活动价", en="the price of this play"),
        "target": Text(zh="目标", en="the target"),
        "left": Text(zh="几", en="some"),
        "count": Text(zh="0", en="0"),
        "until": Text(zh="团长停止时", en="the leader stops it"),
        "code": Text(zh="见活动页", en="on its page"),
        "point": Text(zh="自提点", en="the pickup point"),
        "name": Text(zh="邻居", en="a neighbour"),
        "opener": Text(zh="邻居", en="a neighbour"),
        "leader": Text(zh="团长", en="the leader"),
        "winner": Text(zh="一位邻居", en="a neighbour"),
        "team": Text(zh="领先的队", en="the leading team"),
        "prize": Text(zh="奖励", en="the reward"),
        "pot": Text(zh="奖池", en="the pot"),
        "place": Text(zh="几", en="?"),
        "days": Text(zh="几", en="some"),
        "level": Text(zh="1", en="1"),
    }
)


class Told(Struct, frozen=True, kw_only=True):
    """What is known of a run when its words are written; what is empty or none is said in general words.

    `count` is what the words count: the whole run's sum, or one unit's. `day_fen` is today's price of the one thing
    that it is about, 0 where it is about several. `goods` are the names of goods that the definition leaves open.
    """

    count: int = 0
    level: int = 0
    offer: Text | None = None
    day_fen: int = 0
    goods: Mapping[str, Text] = {}
    until: Text | None = None
    point: Text | None = None
    leader: str = ""
    code: str = ""
    name: str = ""
    winner: str = ""
    place: int | None = None
    pot_fen: int | None = None


def tell(play: Definition, told: Told) -> Texts:
    """Invitation, progress and end in both languages, complete; the end tells of the level that was reached last."""
    known, texts = figures(play, told), play.texts
    reached = figures(play, replace(told, level=max(told.level - 1, 0)))
    return Texts(invite=fill(texts.invite, known), progress=fill(texts.progress, known), done=fill(texts.done, reached))


def filled_up(play: Definition, told: Told) -> Told:
    """The same once everything was reached: how its end will read."""
    levels = _levels(play)
    return replace(told, count=max((told.count, *levels)), level=len(levels))


def fill(text: Text, known: Mapping[str, Text]) -> Text:
    """The same without braces, whatever stands in them."""
    said = {**GENERAL, **known}
    return Text(zh=_filled(text.zh, said, "zh"), en=_filled(text.en, said, "en"))


def sure(text: Text, known: Mapping[str, Text], language: str) -> str:
    """Only those sentences of which every fact is known, in one language; empty where none is."""
    kept = [one for one in _SENTENCES.split(text.in_(language)) if all(name in known for name in _PLACE.findall(one))]
    said = _filled("".join(kept).strip(" ，,；;"), known, language)
    return said if any(sign.isalnum() for sign in said) else ""


def _filled(text: str, known: Mapping[str, Text], language: str) -> str:
    def word(found: re.Match[str]) -> str:
        said = known.get(found[1])
        return said.in_(language) if said else "…"

    found = _BRACES.sub("", _PLACE.sub(word, text))
    return found[:1].upper() + found[1:] if language.startswith("en") else found


def figures(play: Definition, told: Told) -> dict[str, Text]:
    """Every fact that is known, as it is written."""
    target = _target(play, told)
    at = min(told.level, max(len(_levels(play)) - 1, 0))
    found: dict[str, Text | None] = {
        "offer": told.offer,
        "until": told.until,
        "point": told.point,
        "price": _price(play, at, told.day_fen),
        "prize": prize(play, at, told.goods, told.day_fen),
        "pot": _pot(play, told.pot_fen),
        "target": _amount(play, target),
        "count": _amount(play, told.count),
        "days": _plain(told.count),
        "left": _amount(play, max(target - told.count, 0)) if target else None,
        "level": _plain(told.level) if told.level else None,
        "place": _plain(told.place),
    }
    for name in ("leader", "code", "name", "winner"):
        found[name] = _plain(getattr(told, name) or None)
    found["opener"] = found["name"]
    return {name: said for name, said in found.items() if said is not None}


def _levels(play: Definition) -> tuple[int, ...]:
    match play.progress:
        case First(places=places):
            return (places,)
        case Draw(ticket_every=every):
            return (every,)
        case progress:
            return tuple(getattr(progress, "levels", ()))


def _target(play: Definition, told: Told) -> int:
    """The next level above what was counted, the last one when all are reached; 0 where there are none."""
    levels = _levels(play)
    if isinstance(play.progress, Draw) and levels:
        return (told.count // levels[0] + 1) * levels[0]
    return next((level for level in levels if level > told.count), levels[-1] if levels else 0)


def _amount(play: Definition, count: int) -> Text | None:
    if not count and not _levels(play):
        return None
    counted = [one for one in play.counts if one.into == "sum"]
    return money(count) if any(one.measure == "fen" for one in counted) else _plain(count)


def _plain(value: int | str | None) -> Text | None:
    return None if value is None else Text(zh=str(value), en=str(value))


def _price(play: Definition, level: int, day_fen: int) -> Text | None:
    prices = [one for one in play.rewards if isinstance(one, Price)]
    if prices:
        nearest = min(prices, key=lambda one: abs(one.level - level))
        return price(nearest.price_bps, nearest.most_fen, day_fen)
    if isinstance(play.progress, Fall):
        return price(play.progress.price_bps[level], day_fen or WHOLE, day_fen)
    return money(day_fen) if day_fen else None


def _pot(play: Definition, fen: int | None) -> Text | None:
    """What it holds, else what it holds at the beginning or at most."""
    pots = [one for one in play.rewards if isinstance(one, Pot)]
    if fen is None and pots:
        fen = pots[0].fen or pots[0].most_fen
    return None if fen is None else money(fen)
