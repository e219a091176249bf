"""A play's words, ready to read or to paste: what stands in braces becomes what is so, never what might be.

Some names stand for a thing, and where nobody knows it general words do. Others stand for a figure, and a figure has no
general words: a sentence with one that is not known is left out. `docs/algorithms/plays.md` says which are whose.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from types import MappingProxyType

from msgspec import Struct
from msgspec.structs import replace

from .definition import Definition, Texts
from .gifts import NO_NAMES, WHOLE, money, price, prize
from .progress import Collect, Draw, Fall, First, Haggle, Quiz, Rank, Reach, Streak, Vote
from .rewards import Pot, Price, pot_fen
from .values import Text

_PLACE = re.compile(r"\{(\w+)\}")
_BRACES = re.compile(r"[{}]")
_SENTENCES = re.compile(r"(?<=[。！？；])|(?<=[.!?;])(?=\s)")
#: What stands before the first sentence and is none: 【拼团】 and "Group buy:".
_HEADING = re.compile(r"【[^】]*】|[^{}:.!?;]{1,40}:(?=\s)")

#: What is said in place of a thing that is not known, or not yet.
GENERAL: Mapping[str, Text] = MappingProxyType(
    {
        "offer": Text(zh="今晚的菜", en="tonight's goods"),
        "price": Text(zh="活动价", en="the price of this play"),
        "target": Text(zh="目标", en="the target"),
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
    }
)
#: Of a run, and where each counts alone of the one who is told.
_EITHER = frozenset({"count", "left", "level"})
#: Always of the one who is told.
_OWN = frozenset({"turns", "mine", "days", "place"})
FIGURES = _EITHER | _OWN | {"joined"}
#: Who says whose a figure is.
_WHOSE = frozenset({"name", "opener", "team"})


class Told(Struct, frozen=True, kw_only=True):
    """What is known of a run when its words are written; what is empty or none is not said, or in general words.

    `count` is the whole run's: its sum, of places those that are taken, of draws how many are in it, of rankings
    and votes what the first has; it is not asked where each counts alone. The four after `joined`, who take part,
    are of the one who is told: how far to the next level (of a streak its length, of a haggle the rounds used),
    everything they counted, how often they may still draw today, their place. `day_fen` is today's price of the one
    thing that it is about, 0 where it is about several. `pot_most` is what the pots may hold together, in fen.
    `goods` are the names of goods that the definition leaves open.
    """

    count: int | None = 0
    level: int = 0
    joined: int | None = None
    own: int | None = None
    mine: int | None = None
    turns: int | None = None
    place: int | None = None
    pot_most: int | None = None
    offer: Text | None = None
    day_fen: int = 0
    goods: Mapping[str, Text] = NO_NAMES
    until: Text | None = None
    point: Text | None = None
    leader: str = ""
    code: str = ""
    name: str = ""
    opener: str = ""
    team: str = ""
    winner: str = ""


def tell(play: Definition, told: Told) -> Texts:
    """Invitation, progress and end for everybody, in both languages; empty where nothing can be said to all of them."""
    known, texts = figures(play, told), play.texts
    return Texts(
        invite=for_all(play, texts.invite, known),
        progress=for_all(play, texts.progress, known),
        done=for_all(play, texts.done, figures_of_end(play, told)),
    )


def places_of(text: Text) -> set[str]:
    """What stands in braces, in either language."""
    return {*_PLACE.findall(text.zh), *_PLACE.findall(text.en)}


def for_all(play: Definition, text: Text, known: Mapping[str, Text]) -> Text:
    """What others may read: without sentences about one member that do not say who that is."""
    return fill(public(play, text), known)


def public(play: Definition, text: Text) -> Text:
    """The same text without such sentences, not filled yet."""
    own, whose = own_figures(play), _WHOSE | ({"point"} if play.participants.unit == "point" else set())

    def may(sentence: str) -> bool:
        names = set(_PLACE.findall(sentence))
        return not names & own or bool(names & whose)

    return Text(zh=_kept(text.zh, may), en=_kept(text.en, may))


def names_one(play: Definition, text: Text) -> bool:
    """Whether it tells others a figure of one member, and whose it is."""
    return bool(own_figures(play) & places_of(public(play, text)))


def before(play: Definition, text: Text, told: Told) -> Text:
    """What may be said at any time, of every run alike: no figure of one."""
    known = figures(play, replace(told, count=None))
    return fill(text, {name: said for name, said in known.items() if name not in FIGURES})


def filled_up(play: Definition, told: Told) -> Told:
    """The same once everything was reached: how its end will read."""
    levels = _levels(play)
    return replace(told, count=max(told.count or 0, _goal(play, max(levels, default=0))), level=len(levels))


def own_figures(play: Definition) -> frozenset[str]:
    """The figures in its words that are of one member, household, building, leader or point, not of all."""
    if counts_alone(play):
        return _OWN | _EITHER
    draw = play.progress
    return _OWN | {"left"} if isinstance(draw, Draw) and draw.ticket_every > 1 else _OWN


def counts_alone(play: Definition) -> bool:
    """Whether each has a way of their own; a round with a seat for one unit is that unit's."""
    match play.progress:
        case Reach(of="unit"):
            return not (play.participants.reach == "opener" and play.participants.seats == 1)
        case Quiz() | Collect() | Streak() | Haggle() | Fall(by="minutes"):
            return True
        case _:
            return False


def has_turns(play: Definition) -> bool:
    """Whether somebody may draw so often a day: at once, a ticket for each deed, and the deeds are limited."""
    draw = play.progress
    limited = any(one.most or one.most_per_day or one.measure in ("people", "days") for one in play.counts)
    return isinstance(draw, Draw) and draw.when == "at_once" and draw.ticket_every == 1 and limited


def fill(text: Text, known: Mapping[str, Text]) -> Text:
    """The same without braces, whatever stands in them, and without sentences whose figures nobody knows."""
    said = {**GENERAL, **known}
    unknown = FIGURES - known.keys()

    def is_known(sentence: str) -> bool:
        return not unknown & set(_PLACE.findall(sentence))

    return Text(zh=_filled(_kept(text.zh, is_known), said, "zh"), en=_filled(_kept(text.en, is_known), said, "en"))


def sure(text: Text, known: Mapping[str, Text], language: str) -> str:
    """Only those sentences of which every fact is known, in one language; empty where none is."""
    said = _kept(text.in_(language), lambda one: all(name in known for name in _PLACE.findall(one)))
    filled = _filled(said, known, language)
    return filled if any(sign.isalnum() for sign in filled) else ""


def _kept(text: str, is_kept: Callable[[str], bool]) -> str:
    """The sentences that are kept, under their heading; nothing where only that is left."""
    heading = _HEADING.match(text)
    begin = heading.end() if heading else 0
    if heading and not is_kept(heading[0]):
        return ""
    kept = "".join(one for one in _SENTENCES.split(text[begin:]) if is_kept(one)).strip(" ，,；;")
    if not heading or not any(sign.isalnum() for sign in kept):
        return kept
    return heading[0] + (" " if heading[0].endswith(":") else "") + kept


def _filled(text: str, known: Mapping[str, Text], language: str) -> str:
    def word(found: re.Match[str]) -> str:
        said = known.get(found[1])
        return said.in_(language) if said else "…"

    found = _BRACES.sub("", _PLACE.sub(word, text))
    return found[:1].upper() + found[1:] if language.startswith("en") else found


def figures(play: Definition, told: Told) -> dict[str, Text]:
    """Every fact that is known, as it is written."""
    alone, at = counts_alone(play), _at(play, told.level)
    count = _around(play, told.own if alone else told.count)
    found: dict[str, Text | None] = {
        "offer": told.offer,
        "until": told.until,
        "point": told.point,
        "price": _price(play, at, told.day_fen),
        "prize": prize(play, at, told.goods, told.day_fen),
        "pot": _pot(play, (at,), None if alone else told.count, told.pot_most),
        "target": _amount(play, _goal(play, count or 0) or None),
        "count": _plain(count) if isinstance(play.progress, Draw) else _amount(play, count),
        "left": _amount(play, _left(play, told.own if "left" in own_figures(play) else count)),
        "level": _plain(None if count is None else told.level),
        "days": _plain(told.own),
        "mine": _amount(play, told.mine),
        "joined": _plain(told.joined),
        "turns": _plain(told.turns),
        "place": _plain(told.place),
    }
    for name in ("leader", "code", "name", "opener", "team", "winner"):
        found[name] = _plain(getattr(told, name) or None)
    found["opener"] = found["opener"] or found["name"]
    return {name: said for name, said in found.items() if said is not None}


def figures_of_end(play: Definition, told: Told) -> dict[str, Text]:
    """The same where a level was just reached: its own target, price and prize, and all pots up to it.

    What somebody drew is not known here.
    """
    levels, at = _levels(play), _at(play, max(told.level - 1, 0))
    total, is_draw = None if counts_alone(play) else told.count, isinstance(play.progress, Draw)
    found = {
        "price": _price(play, at, told.day_fen),
        "prize": GENERAL["prize"] if is_draw else prize(play, at, told.goods, told.day_fen),
        "pot": _pot(play, range(at + 1), total, told.pot_most),
        "target": _amount(play, levels[at]) if levels and not is_draw else None,
    }
    return figures(play, told) | {name: said for name, said in found.items() if said is not None}


def _levels(play: Definition) -> tuple[int, ...]:
    match play.progress:
        case First(places=places):
            return (places,)
        case Draw(ticket_every=every):
            return (every,)
        case progress:
            return tuple(getattr(progress, "levels", ()))


def _at(play: Definition, level: int) -> int:
    """Which level comes after so many, counted from 0: the last one after all, the first one where it begins anew."""
    levels = max(len(_levels(play)), 1)
    return level % levels if getattr(play.progress, "again", False) else min(level, levels - 1)


def _around(play: Definition, count: int | None) -> int | None:
    """What is counted in a meter that begins anew when it is full."""
    again = isinstance(play.progress, Reach) and play.progress.again
    return count % _levels(play)[-1] if again and count else count


def _goal(play: Definition, count: int) -> int:
    """What is to be reached next, the last of it when all is; 0 where there is no such thing."""
    match play.progress:
        case First(places=places):
            return places
        case Haggle(rounds=rounds):
            return rounds
        case Draw(ticket_every=every, least=least):
            return every if every > 1 else play.participants.seats or (least if least > 1 else 0)
        case Rank() | Vote():
            return 0
        case Streak(levels=levels, again=True) if count >= levels[-1]:
            return levels[0]
        case progress:
            levels = progress.levels
            return next((level for level in levels if level > count), levels[-1])


def _left(play: Definition, count: int | None) -> int | None:
    """How much is missing. Of places and rounds none may be left; of levels nothing is said once all are reached."""
    if count is None or not (goal := _goal(play, count)):
        return None
    if isinstance(play.progress, First | Draw | Haggle):
        return max(goal - count, 0)
    if isinstance(play.progress, Streak) and play.progress.again and count >= play.progress.levels[-1]:
        return goal
    return goal - count if count < goal else None


def _amount(play: Definition, count: int | None) -> Text | None:
    if count is None:
        return None
    is_sum = not isinstance(play.progress, Streak | Collect | First | Haggle)
    is_money = is_sum and all(one.measure == "fen" for one in play.counts if one.into == "sum")
    return money(count) if is_money else _plain(count)


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


def _pot(play: Definition, levels: Collection[int], total: int | None, most: int | None) -> Text | None:
    """What the pots of these levels hold together, at most `most`; unknown where what goes in is."""
    pots = [one for one in play.rewards if isinstance(one, Pot) and one.level in levels]
    if not pots or (total is None and any(one.share_bps for one in pots)):
        return None
    fen = sum(pot_fen(one, total or 0) for one in pots)
    return money(fen if most is None else min(fen, most))
