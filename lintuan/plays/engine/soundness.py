"""What no play may be, whatever the channel: figures that contradict each other, odds above one, endless circles."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import pairwise

from . import contradictions
from .contradictions import Fault, fault
from .definition import Definition
from .progress import Collect, Draw, Fall, Progress, Rank, Reach, Streak
from .rewards import Chance, Goods, Pot, most_cost_fen

MILLION = 1_000_000
WHOLE = 10_000


def faults(play: Definition) -> list[Fault]:
    """Everything that is wrong with a play by itself."""
    return [found for rule in RULES for found in rule(play)]


def circles(plays: Mapping[str, Definition]) -> list[Fault]:
    """Plays that feed each other with tickets for ever, each circle told once."""
    feeds = {code: _fed(play) & plays.keys() for code, play in plays.items()}
    found: dict[frozenset[str], list[str]] = {}
    for code in feeds:
        for circle in _back_to(code, feeds, [code]):
            found.setdefault(frozenset(circle), circle)
    return [
        fault(
            f"plays.{circle[0]}.rewards",
            f"玩法互相送抽奖机会，没有尽头：{' → '.join([*circle, circle[0]])}",
            f"the plays feed each other for ever: {' → '.join([*circle, circle[0]])}",
        )
        for circle in found.values()
    ]


def levels_of(progress: Progress) -> int:
    """How many levels rewards can be for."""
    if isinstance(progress, Draw):
        return len(progress.prizes)
    if isinstance(progress, Rank):
        return len(progress.places)
    return len(getattr(progress, "levels", ())) or 1


def _progress(play: Definition) -> Iterator[Fault]:
    progress = play.progress
    for name in ("levels", "places"):
        figures = getattr(progress, name, ())
        if isinstance(figures, tuple) and any(b <= a for a, b in pairwise(figures)):
            yield fault(f"progress.{name}", "各档必须从低到高", "levels must rise")
    match progress:
        case Draw():
            yield from _odds(progress)
        case Fall():
            if len(progress.price_bps) != len(progress.levels):
                yield fault("progress.price_bps", "每一档都要有一个价格", "each level needs its price")
            if any(b >= a for a, b in pairwise(progress.price_bps)):
                yield fault("progress.price_bps", "价格必须逐档下降", "prices must fall")
        case Collect(of=of, levels=levels) if of and levels[-1] > len(set(of)):
            yield fault("progress.levels", "要收集的比全套还多", "more are asked for than the set has")
        case Streak(rest_days=rest, levels=levels) if rest and rest >= levels[0] > 1:
            yield fault("progress.rest_days", "休息的天数不能比要连续的天数多", "more days of rest than of the streak")


def _odds(progress: Draw) -> Iterator[Fault]:
    at_once = progress.when == "at_once"
    for index, prize in enumerate(progress.prizes):
        place = f"progress.prizes[{index}]"
        if at_once and (prize.odds_ppm is None or prize.winners is not None):
            yield fault(place, "即抽即开要写中奖率，不写人数", "drawn at once, a prize has odds and no winners")
        if not at_once and (prize.winners is None or prize.odds_ppm is not None):
            yield fault(place, "到期开奖要写人数，不写中奖率", "drawn at the end, a prize has winners and no odds")
    odds = sum(prize.odds_ppm or 0 for prize in progress.prizes)
    if odds > MILLION:
        yield fault(
            "progress.prizes", f"中奖率加起来是百万分之{odds}，超过一", f"the odds add up to {odds} in a million"
        )


def _rewards(play: Definition) -> Iterator[Fault]:
    levels = levels_of(play.progress)
    for index, reward in enumerate(play.rewards):
        place = f"rewards[{index}]"
        if reward.level >= levels:
            yield fault(f"{place}.level", f"只有 {levels} 档，从 0 数起", f"there are {levels} levels, counted from 0")
        if isinstance(reward, Pot) and not (reward.fen or reward.share_bps):
            yield fault(place, "奖池是空的", "the pot is empty")
        if isinstance(reward, Pot) and reward.fen > reward.most_fen:
            yield fault(f"{place}.fen", "奖池一开始就超过了上限", "the pot begins above its own limit")
        if isinstance(reward, Pot) and reward.share_bps and all(one.measure != "fen" for one in play.counts):
            yield fault(
                f"{place}.share_bps", "没有按金额计数，分不出比例", "nothing is counted in fen to take a part of"
            )
        if isinstance(reward, Chance) and reward.play == play.code:
            yield fault(place, "玩法给自己送机会，没有尽头", "the play feeds itself for ever")
        if reward.to in ("opener", "others", "both") and play.participants.reach != "opener":
            yield fault(f"{place}.to", "这个玩法没有发起人", "nobody opens runs of this play")


def _budgets(play: Definition) -> Iterator[Fault]:
    limits = play.limits
    budgets = {
        "limits.budget_fen": limits.budget_fen,
        "limits.leader_budget_fen": limits.leader_budget_fen,
        "limits.day_budget_fen": limits.day_budget_fen,
    }
    for index, reward in enumerate(play.rewards):
        cost = most_cost_fen(reward)
        for place, budget in budgets.items():
            if budget is not None and cost > budget:
                yield fault(
                    place,
                    f"rewards[{index}] 一次就要 {cost} 分，比预算 {budget} 分还多",
                    f"rewards[{index}] costs {cost} fen at once, more than the budget of {budget} fen",
                )
    if any(map(most_cost_fen, play.rewards)) and limits.budget_fen is None:
        yield fault("limits.budget_fen", "花钱的玩法要有预算", "a play that costs money needs a budget")


def _limits(play: Definition) -> Iterator[Fault]:
    limits = play.limits
    if limits.per_member and limits.per_member_day and limits.per_member_day > limits.per_member:
        yield fault("limits.per_member_day", "每天的次数比总次数还多", "more a day than altogether")
    for name in ("leader_budget_fen", "day_budget_fen"):
        part = getattr(limits, name)
        if part is not None and limits.budget_fen is not None and part > limits.budget_fen:
            yield fault(f"limits.{name}", "比整个玩法的预算还多", "more than the budget of the whole play")
    if limits.stock is None and any(isinstance(reward, Goods) for reward in play.rewards):
        yield fault("limits.stock", "送货品要写明有多少份", "goods that are given need a stock")


def _funding(play: Definition) -> Iterator[Fault]:
    shares = sum(funder.share_bps for funder in play.funding)
    costs = any(map(most_cost_fen, play.rewards))
    if (costs or play.funding) and shares != WHOLE:
        yield fault(
            "funding", f"出资比例加起来是 {shares}，不是 {WHOLE}", f"the shares add up to {shares}, not {WHOLE}"
        )
    payers = [funder.payer for funder in play.funding]
    if len(set(payers)) != len(payers):
        yield fault("funding", "同一个出资方写了两次", "somebody pays twice")


def _trigger(play: Definition) -> Iterator[Fault]:
    trigger = play.trigger
    if trigger.kind == "clock" and trigger.at is None:
        yield fault("trigger.at", "定时的玩法要写几点开始", "a play of the clock needs its time")
    if trigger.kind == "threshold" and trigger.over_fen is None:
        yield fault("trigger.over_fen", "要写超过多少金额", "it needs the sum to be passed")
    if trigger.kind == "supply" and trigger.when is None:
        yield fault("trigger.when", "要写什么情况下开始", "it needs what makes it begin")
    if (trigger.kind == "buyer") != (play.participants.reach == "opener"):
        yield fault(
            "participants.reach",
            "买家发起的玩法每个发起人一场，其他玩法没有发起人",
            "a play that buyers open has one run for each opener, no other has openers",
        )


def _refunds(play: Definition) -> Iterator[Fault]:
    match play.progress:
        case Reach(of="run") | Fall(by="count"):
            return
        case Draw(least=least) if least > 1:
            return
    if play.unfilled == "refund":
        yield fault("unfilled", "只有一起达成的玩法才会不成团", "only a goal of the whole run can be missed")


def _fed(play: Definition) -> set[str]:
    return {reward.play for reward in play.rewards if isinstance(reward, Chance)}


def _back_to(code: str, feeds: Mapping[str, Iterable[str]], way: list[str]) -> Iterator[list[str]]:
    for fed in sorted(feeds[way[-1]]):
        if fed == code:
            yield way
        elif fed not in way:
            yield from _back_to(code, feeds, [*way, fed])


RULES: tuple[Callable[[Definition], Iterator[Fault]], ...] = (
    _progress, _rewards, _budgets, _limits, _funding, _trigger, _refunds, contradictions.countings,
    contradictions.guesses, contradictions.minutes, contradictions.means, contradictions.draws, contradictions.targets,
    contradictions.records, contradictions.words,
)  # fmt: skip
