"""What a play may cost and give: commission levels, budgets, the biggest prize, whose money it is."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from msgspec.structs import replace

from lintuan.plays.engine.definition import Definition
from lintuan.plays.engine.progress import Draw, Fall, First, Haggle, Rank, Reach, Vote
from lintuan.plays.engine.rewards import Pot, Reward, Uplift, most_cost_fen
from lintuan.plays.engine.soundness import faults, levels_of

from .laws import Bench
from .verdict import Finding

#: 反不正当竞争法, sales with prizes by chance: the biggest prize, in fen.
BIGGEST_PRIZE_FEN = 5_000_000
MOST_COMMISSION_LEVELS = 2


def commission_findings(play: Definition, bench: Bench) -> Iterator[Finding]:
    """L10: two levels at most, none above what is said, and none for heads."""
    levels = max([play.limits.commission_levels, *(one.commission_level for one in _uplifts(play).values())])
    if levels > MOST_COMMISSION_LEVELS:
        yield bench.refuse(
            "L10", "limits.commission_levels", f"佣金有 {levels} 级，最多两级。",
            f"Commission has {levels} levels; two are the most.", changed=_with_two_levels(play),
        )  # fmt: skip
    for index, uplift in _uplifts(play).items():
        if uplift.commission_level > play.limits.commission_levels:
            yield bench.refuse(
                "L10", f"rewards[{index}].commission_level", "佣金级数比限制里写的多。",
                "Commission goes to a level that the limits do not name.",
            )  # fmt: skip
        if uplift.commission_level and all(one.measure != "fen" for one in play.counts):
            yield bench.refuse(
                "L10", f"rewards[{index}]", "佣金只能按卖出的货款算，不能按人头算。",
                "Commission is for goods sold, never for heads.",
            )  # fmt: skip


def budget_findings(play: Definition, bench: Bench) -> Iterator[Finding]:
    """L02: each budget pays for one run that reaches everything; whether there is one is a matter of soundness."""
    limits, cost = play.limits, run_cost_fen(play)
    for name in ("budget_fen", "leader_budget_fen", "day_budget_fen"):
        budget = getattr(limits, name)
        if budget is not None and cost > budget:
            yield bench.refuse(
                "L02", f"limits.{name}", f"一场全部达成要 {cost} 分，预算只有 {budget} 分。",
                f"A run that reaches everything costs {cost} fen, the budget is {budget} fen.",
            )  # fmt: skip


def prize_findings(play: Definition, bench: Bench) -> Iterator[Finding]:
    """A03: the biggest prize of a draw, or of a pot that chance divides, is within the law."""
    chances = {
        f"rewards[{index}]": one.most_fen
        for index, one in enumerate(play.rewards)
        if isinstance(one, Pot) and one.split == "random"
    }
    if isinstance(play.progress, Draw):
        for level in range(len(play.progress.prizes)):
            worth = sum(most_cost_fen(one) for one in play.rewards if one.level == level)
            chances[f"progress.prizes[{level}]"] = worth
    for place, worth in chances.items():
        if worth > BIGGEST_PRIZE_FEN:
            yield bench.refuse(
                "A03", place, f"最高奖值 {worth // 100} 元，抽奖不得超过 5 万元。",
                f"A prize is worth {worth // 100} yuan; 50,000 yuan is the most.",
            )  # fmt: skip


def funding_findings(play: Definition, bench: Bench) -> Iterator[Finding]:
    """P15: who pays a part has agreed to it themselves."""
    for index, funder in enumerate(play.funding):
        if funder.payer != "platform":
            zh, en = ("供应商", "The supplier") if funder.payer == "supplier" else ("团长", "The leader")
            percent = f"{Decimal(funder.share_bps) / 100:f}%"
            yield bench.warn(
                "P15", f"funding[{index}]", f"{zh}承担 {percent}，要有其本人的同意记录。",
                f"{en} pays {percent}; their own consent must be on record.",
            )  # fmt: skip


def run_cost_fen(play: Definition) -> int:
    """What one run costs that just reaches its last level, in whole fen; rewards of draws at once by one ticket."""
    by_level = [_cost_of_level(play, level) for level in range(levels_of(play.progress))]
    match play.progress:
        case Draw(when="at_once") | Fall() | Haggle():
            return max(by_level, default=0)
        case _:
            return sum(by_level)


def _cost_of_level(play: Definition, level: int) -> int:
    takers = _takers(play, level)
    return sum(_times(one, takers) * most_cost_fen(one) for one in play.rewards if one.level == level)


def _times(reward: Reward, takers: int) -> int:
    if isinstance(reward, Pot):
        return 1
    return {"opener": 1, "others": max(takers - 1, 1)}.get(reward.to, takers)


def _takers(play: Definition, level: int) -> int:
    """How many have the reward of a level when the run just reaches it."""
    progress, seats = play.progress, play.participants.seats
    match progress:
        case First(places=places):
            count = places
        case Rank(places=places):
            count = places[level] - (places[level - 1] if level else 0)
        case Vote(winners=winners):
            count = winners
        case Draw(when="at_end", prizes=prizes):
            count = prizes[level].winners or 1
        case Reach(of="run", levels=levels) | Fall(by="count", levels=levels) if _counts_people(play):
            count = levels[-1]
        case _:
            count = 1
    return min(count, seats) if seats else count


def _counts_people(play: Definition) -> bool:
    return all(one.measure == "people" and one.worth == 1 for one in play.counts)


def _uplifts(play: Definition) -> dict[int, Uplift]:
    return {index: one for index, one in enumerate(play.rewards) if isinstance(one, Uplift)}


def _with_two_levels(play: Definition) -> Definition | None:
    """The same without the levels beyond the second; its words still have to follow."""
    beyond = {index for index, one in _uplifts(play).items() if one.commission_level > MOST_COMMISSION_LEVELS}
    changed = replace(
        play,
        rewards=tuple(one for index, one in enumerate(play.rewards) if index not in beyond),
        limits=replace(play.limits, commission_levels=MOST_COMMISSION_LEVELS),
    )
    return None if faults(changed) else changed
