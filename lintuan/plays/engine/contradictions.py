"""Rules, progress and limits of a play that contradict each other."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from msgspec import Struct

from .definition import Counting, Definition
from .progress import Draw, Fall, Quiz, Rank, Reach, Streak, Vote
from .rewards import Pot
from .telling import FIGURES, GENERAL, has_turns, places_of
from .values import Text


class Fault(Struct, frozen=True):
    """What is wrong, and where in the definition."""

    place: str
    reason: Text


def fault(place: str, zh: str, en: str) -> Fault:
    return Fault(place, Text(zh=zh, en=en))


def countings(play: Definition) -> Iterator[Fault]:
    """Rules that cannot count what they say."""
    for index, counting in enumerate(play.counts):
        place = f"counts[{index}]"
        yield from _by(play, counting, f"{place}.by")
        if counting.attempts and not (counting.most or counting.most_per_day):
            yield fault(f"{place}.attempts", "没有次数上限，用不完", "without a limit there is nothing to use up")
        if counting.attempts and counting.measure not in ("points", "kinds"):
            yield fault(f"{place}.attempts", "只有得分和种类会白试一次", "only points and kinds can be tried in vain")
        if counting.most and counting.most_per_day and counting.most_per_day > counting.most:
            yield fault(f"{place}.most_per_day", "每天的次数比总次数还多", "more a day than altogether")


def _by(play: Definition, counting: Counting, place: str) -> Iterator[Fault]:
    if play.participants.reach == "opener" or counting.by == "anybody":
        return
    if counting.by == "opener":
        yield fault(place, "这个玩法没有发起人", "nobody opens runs of this play")
    elif play.participants.unit in ("household", "building", "team", "point"):
        yield fault(place, "多人一起计数，没有“本人”可言", "the unit is of several, nobody is the one whose it is")


def guesses(play: Definition) -> Iterator[Fault]:
    """Guesses that nobody can judge, or that cannot win."""
    quiz = play.progress if isinstance(play.progress, Quiz) else None
    near, far = (quiz.near, quiz.far) if quiz else (None, None)
    rules = [(index, counting) for index, counting in enumerate(play.counts) if counting.measure == "nearness"]
    if (near is None) != (far is None) or (near is not None and far is not None and near >= far):
        yield fault(
            "progress.far", "要写全“全对”和“不算”的差距，后者更大", "near and far go together, and far is farther"
        )
    if near is not None and not rules:
        yield fault("progress.near", "没有按接近程度计分的规则", "no rule counts by nearness")
    if len(rules) > 1:
        yield fault(f"counts[{rules[1][0]}].measure", "一个玩法只猜一样", "a play has one thing to guess")
    for index, counting in rules[:1]:
        if quiz is None:
            yield fault(f"counts[{index}].measure", "只有答题玩法才有答案", "only a quiz has an answer")
        elif not counting.most:
            yield fault(f"counts[{index}].most", "猜的次数要有上限", "without a limit everybody is right in the end")
        elif quiz.levels[-1] > counting.worth * counting.most:
            yield fault("progress.levels", "全猜对也到不了这一档", "not even right guesses reach the level")
        if any(isinstance(reward, Pot) for reward in play.rewards):
            yield fault("rewards", "揭晓前不知道分给谁", "before the answer nobody knows whose part of a pot it is")


def minutes(play: Definition) -> Iterator[Fault]:
    """Prices that fall by the minute, and nothing else does."""
    falls = isinstance(play.progress, Fall) and play.progress.by == "minutes"
    for index, counting in enumerate(play.counts):
        if falls != (counting.measure == "minutes"):
            yield fault(
                f"counts[{index}].measure",
                "按分钟降价就按分钟计，别的不按",
                "minutes are counted where a price falls by them, and nowhere else",
            )
        elif falls and (counting.most != 1 or counting.worth != 1):
            yield fault(f"counts[{index}].most", "每人只买一次，按当时的分钟", "each buys once, at the minute it is")
    if isinstance(play.progress, Fall) and falls and play.progress.levels[0] == 1:
        yield fault("progress.levels", "第一分钟是原价", "in its first minute the price is the day's")


def means(play: Definition) -> Iterator[Fault]:
    """Means without what they are taken over, or the other way round."""
    is_mean = isinstance(play.progress, Rank) and play.progress.by == "mean"
    bases = [index for index, counting in enumerate(play.counts) if counting.into == "base"]
    if is_mean and len(bases) in (0, len(play.counts)):
        yield fault("counts", "平均要有分子也要有分母", "a mean needs a sum and a base")
    if bases and not is_mean:
        yield fault(f"counts[{bases[0]}].into", "没有要算的平均", "there is no mean to take over it")


def draws(play: Definition) -> Iterator[Fault]:
    """What only a draw at the end can do."""
    if not isinstance(play.progress, Draw) or play.progress.when == "at_end":
        return
    if play.progress.least > 1:
        yield fault("progress.least", "即抽即开不等人数", "drawn at once, nothing waits for tickets")
    if play.progress.one_each:
        yield fault("progress.one_each", "到期开奖才能限中一次", "only a draw at the end can give one to each")


def targets(play: Definition) -> Iterator[Fault]:
    """Second targets without a first, and runs that close when nothing says that they are full."""
    progress = play.progress
    if isinstance(progress, Reach) and progress.or_units:
        units = progress.or_units
        if len(units) != len(progress.levels) or any(b <= a for a, b in pairwise(units)):
            yield fault("progress.or_units", "每一档都要有一个人数，从低到高", "each level needs its number, rising")
        if progress.again or progress.of != "run":
            yield fault("progress.or_units", "只用于一起达成一次的目标", "only for a goal of the whole run, once")
    if play.closes == "when_full" and play.participants.seats is None:
        reaches = isinstance(progress, Reach) and progress.of == "run" and not progress.again
        if not reaches and not (isinstance(progress, Fall) and progress.by == "count"):
            yield fault("closes", "没有写怎样算满", "nothing says when it is full")


def records(play: Definition) -> Iterator[Fault]:
    """What cannot be where a member has one record for the whole run."""
    if play.participants.once_over != "run":
        return
    if any(counting.measure == "kinds" for counting in play.counts):
        yield fault("participants.once_over", "种类是各自集的", "kinds are collected by each unit")
    if len(play.counts) > 1:
        yield fault("participants.once_over", "全场一票只能有一条计数规则", "over the whole run one rule counts")
    if play.participants.seats is not None or play.closes == "when_full":
        yield fault("participants.once_over", "满了的场次数不清谁投过", "a run that is full does not know who counted")
    if any(isinstance(reward, Pot) for reward in play.rewards):
        yield fault("participants.once_over", "分不清奖池是谁的", "nobody knows for which unit a part of the pot is")


def words(play: Definition) -> Iterator[Fault]:
    """Words in braces that stand for nothing, or for what such a play does not have."""
    texts = {f"texts.{name}": getattr(play.texts, name) for name in ("invite", "progress", "done")}
    lines = {f"skin.lines[{at}]": line for at, line in enumerate(play.skin.lines)}
    for place, text in {"skin.title": play.skin.title, **lines, **texts, "terms": play.terms}.items():
        for name in sorted(places_of(text)):
            if name not in GENERAL.keys() | FIGURES:
                yield fault(place, f"“{{{name}}}”不代表什么", f"“{{{name}}}” stands for nothing")
            elif place == "terms" and name in FIGURES:
                yield fault(
                    place, f"规则对人人一样，不写“{{{name}}}”", f"terms are the same for all, without “{{{name}}}”"
                )
            elif not _has(play, name):
                yield fault(place, f"这个玩法没有“{{{name}}}”", f"this play has no “{{{name}}}”")


def _has(play: Definition, name: str) -> bool:
    match name:
        case "turns":
            return has_turns(play)
        case "days":
            return isinstance(play.progress, Streak)
        case "place":
            return isinstance(play.progress, Rank | Vote)
        case _:
            return True
