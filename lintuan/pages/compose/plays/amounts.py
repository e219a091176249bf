"""What counts in a play, in words: how much there is, how much is missing, how much may still be done."""

from __future__ import annotations

from typing import NamedTuple

from lintuan.pages.compose import words
from lintuan.pages.tree import plays as kinds
from lintuan.plays.engine.counting import minute_of
from lintuan.plays.engine.definition import Counting, FactKind
from lintuan.plays.engine.progress import Collect, Draw, Fall, First, Haggle, Quiz, Rank, Reach, Streak, Vote
from lintuan.plays.engine.telling import counts_alone, has_turns

from .scene import Scene

#: (Chinese, one in English, several in English)
_MEASURES: dict[str, tuple[str, str, str]] = {
    "people": ("位邻居", "neighbour", "neighbours"),
    "units": ("份", "unit", "units"),
    "kinds": ("种", "kind", "kinds"),
    "days": ("天", "day", "days"),
    "points": ("分", "point", "points"),
    "nearness": ("分", "point", "points"),
    "minutes": ("分钟", "minute", "minutes"),
}
_FACTS: dict[str, tuple[str, str, str]] = {
    "joined": ("位邻居", "neighbour", "neighbours"),
    "paid": ("单", "order", "orders"),
    "collected": ("次取货", "pickup", "pickups"),
    "reviewed": ("条评价", "review", "reviews"),
    "checked_in": ("次签到", "check-in", "check-ins"),
    "scanned": ("次到店", "visit", "visits"),
    "arrived": ("位新邻居", "newcomer", "newcomers"),
    "voted": ("票", "vote", "votes"),
    "watered": ("次浇水", "watering", "waterings"),
    "walked": ("步", "step", "steps"),
}
_TIMES = ("次", "time", "times")
_EVERY = {
    "day": ("天", "day", "days"),
    "week": ("周", "week", "weeks"),
    "month": ("个月", "month", "months"),
}


class Count(NamedTuple):
    """How far it is."""

    value: int
    target: int | None


def counted(scene: Scene, amount: int) -> str:
    """So much of what the play counts."""
    rules = [one for one in scene.play.counts if one.into == "sum"]
    progress = scene.play.progress
    if isinstance(progress, Streak):
        return spoken(scene, amount, _EVERY[progress.every])
    if isinstance(progress, Collect):
        return spoken(scene, amount, _MEASURES["kinds"])
    if {one.measure for one in rules} == {"fen"}:
        return words.yuan(amount)
    if len({(one.fact, one.measure) for one in rules}) > 1 or rules[0].worth > 1:
        return spoken(scene, amount, _MEASURES["points"])
    return spoken(scene, amount, _unit_of(rules[0]))


def votes(scene: Scene, amount: int) -> str:
    return spoken(scene, amount, _FACTS["voted"])


def _unit_of(rule: Counting) -> tuple[str, str, str]:
    if rule.fact in ("walked", "arrived"):
        return _FACTS[rule.fact]
    return _MEASURES.get(rule.measure) or _FACTS.get(rule.fact, _TIMES)


def spoken(scene: Scene, amount: int, unit: tuple[str, str, str]) -> str:
    zh, one, more = unit
    return scene.asking.t(f"{amount} {zh}", f"{amount} {one if amount == 1 else more}")


def levels_of(scene: Scene) -> tuple[int, ...]:
    """What the sum has to reach, level after level; of places, the last of each."""
    match scene.play.progress:
        case Reach(levels=levels) | Fall(levels=levels) | Collect(levels=levels):
            return levels
        case Streak(levels=levels) | Quiz(levels=levels):
            return levels
        case Rank(places=places):
            return places
        case First(places=places):
            return (places,)
        case Vote(winners=winners):
            return (winners,)
        case _:
            return ()


def sum_of(scene: Scene) -> int:
    """What the levels are compared with: the round's sum, or the reader's."""
    progress, total = scene.play.progress, scene.run.total if scene.run else 0
    match progress:
        case Reach(of="unit") if is_shared(scene):
            found = total
        case Reach(of="unit") | Quiz():
            found = scene.own.total
        case Collect():
            found = len(scene.own.kinds)
        case Streak():
            found = streak_of(scene)
        case First(places=places):
            found = places - scene.run.prizes_left[0] if scene.run else 0
        case Rank() | Vote() | Draw():
            found = scene.run.seats if scene.run else 0
        case Haggle():
            found = scene.own.total
        case _:
            found = total
    if isinstance(progress, Reach) and progress.again:
        found %= progress.levels[-1]
    return found


def reached(scene: Scene) -> int:
    """How many levels; places are not reached before the end."""
    if isinstance(scene.play.progress, Rank | Vote | First):
        return 0
    return sum(sum_of(scene) >= level for level in levels_of(scene))


def streak_of(scene: Scene) -> int:
    """How many in a row, 0 where it was broken since."""
    progress = scene.play.progress
    if not isinstance(progress, Streak) or not scene.own.streak:
        return 0
    if progress.every == "day" and scene.today > scene.own.last_on + 1 + progress.rest_days:
        return 0
    return scene.own.streak


def is_shared(scene: Scene) -> bool:
    """Whether what counts is everybody's together."""
    return isinstance(scene.play.progress, Haggle | Fall) or not counts_alone(scene.play)


def count_of(scene: Scene) -> Count:
    """The sum, and the next level of it."""
    levels, value = levels_of(scene), sum_of(scene)
    progress = scene.play.progress
    if isinstance(progress, Rank | Vote):
        return Count(value, None)
    if isinstance(progress, Draw):
        seats = scene.play.participants.seats
        return Count(value, seats or (progress.least if progress.least > 1 else None))
    return Count(value, next((level for level in levels if value < level), levels[-1] if levels else None))


def progress_of(scene: Scene) -> kinds.PlayProgress | None:
    """How far it is, in words; nothing where that is the reader's own and nobody is signed in."""
    if isinstance(scene.play.progress, Haggle) or (isinstance(scene.play.progress, Fall) and is_by_minute(scene)):
        return None
    if not is_shared(scene) and not scene.is_mine:
        return None
    value, target = count_of(scene)
    t = scene.asking.t
    if isinstance(scene.play.progress, Rank | Vote | Draw | First):
        people = spoken(scene, value, _MEASURES["people"])
        if scene.play.participants.unit != "member":
            people = t(f"{value} 个", str(value))
        label = t(f"已有 {people}参加" if value else "还没有人参加", f"{people} so far" if value else "Nobody yet")
        left = _missing(scene, target - value, people=True) if target is not None and value < target else ""
        return kinds.PlayProgress(label=label, value=value, target=target, left=left)
    is_money = {one.measure for one in scene.play.counts} == {"fen"}
    label = counted(scene, value)
    if target is not None:
        label = f"{words.yuan(value) if is_money else value} / {counted(scene, target)}"
    left = _missing(scene, target - value) if target is not None and value < target else ""
    return kinds.PlayProgress(label=label, value=value, target=target, left=left)


def _missing(scene: Scene, amount: int, *, people: bool = False) -> str:
    more = spoken(scene, amount, _MEASURES["people"]) if people else counted(scene, amount)
    return scene.asking.t(f"还差 {more}", f"{more} to go")


def is_by_minute(scene: Scene) -> bool:
    progress = scene.play.progress
    return isinstance(progress, Fall) and progress.by == "minutes"


def turns(scene: Scene, fact: FactKind) -> int | None:
    """How often the reader may still do that today in this round; None: as often as they like."""
    found = [_turns(scene, at, rule) for at, rule in enumerate(scene.play.counts) if rule.fact == fact]
    return None if None in found else max((one for one in found if one is not None), default=0)


def turns_left(scene: Scene) -> int | None:
    """How often the reader may still draw today; None where that cannot be said."""
    if not (scene.is_mine and has_turns(scene.play)):
        return None
    found = [turns(scene, one.fact) for one in scene.play.counts]
    return None if None in found else max(one for one in found if one is not None)


def is_late(scene: Scene) -> bool:
    """Whether today nothing counts any more, as the play has an hour before which it must be done."""
    return all(_is_late(scene, one) for one in scene.play.counts)


def _is_late(scene: Scene, rule: Counting) -> bool:
    return rule.before is not None and scene.minute >= minute_of(rule.before)


def _turns(scene: Scene, at: int, rule: Counting) -> int | None:
    if _is_late(scene, rule):
        return 0
    unit = 0 if scene.play.participants.once_over == "run" else scene.unit
    person = next((one for one in scene.persons if one.unit == unit), None)
    often = person.rules[at] if person and person.rules else person
    times, on, today = (often.times, often.on, often.today) if often else (0, 0, 0)
    is_today = on == scene.today
    most = [rule.most - times] if rule.most is not None else []
    most += [rule.most_per_day - (today if is_today else 0)] if rule.most_per_day is not None else []
    most += [int(times == 0)] if rule.measure == "people" else []
    most += [int(not is_today)] if rule.measure == "days" else []
    return max(min(most), 0) if most else None
