"""What learning is worth: trials that are looked at every day, a market in which plays are offered, and hindsight.

    python -m bench.learning [--trials N] [--markets N] [--logs N]

Nothing but the engine is measured (lintuan/plays/engine/learning): no database, no server. Every figure follows from
the seeds below; docs/algorithms/learning.md says how to read them.
"""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable
from typing import Any

import click
import numpy as np

from lintuan.plays.engine.learning.comparing import Plan, Sums, decide, look
from lintuan.plays.engine.learning.judging import Case, doubly_robust, snips

from .machine import conclude, describe, out
from .offers import CLEAR, DAYS, GROUP_TYPES, GROUPS, NOISY, PLAYS, TIRESOME, Market, Own, Separate, Way, live

#: A trial: every day so many leaders' outcomes come in; of each leader's members a part orders again.
LOOKS, LEADERS_A_LOOK, MEMBERS = 40, 100, 20
REORDER, LEADERS_APART = 0.20, 0.05
MATTERS, LARGE = 0.012, 0.020
FIXED = 1.959964
Arm = Callable[[np.random.Generator, float], list[Sums]]
WAYS = {
    "separate_leaders": "captured by each leader alone",
    "pooled": "all as one",
    "separate_types": "each group type alone",
    "hierarchical_full": "partial pooling, full curiosity",
    "hierarchical": "partial pooling as the product does",
    "reachable": "by who knew each type's best from the first day",
}


@click.command()
@click.option(
    "--trials",
    default=2_000,
    type=click.IntRange(min=1),
    show_default=True,
    help="Simulated trials of each size of effect.",
)
@click.option(
    "--markets",
    default=3,
    type=click.IntRange(min=1),
    show_default=True,
    help="Simulated markets for each way of offering.",
)
@click.option(
    "--logs",
    default=400,
    type=click.IntRange(min=1),
    show_default=True,
    help="Simulated logs that are judged in hindsight.",
)
def main(trials: int, markets: int, logs: int) -> None:
    """Measure what learning is worth."""
    describe()
    began = time.monotonic()
    with out.status("trials"):
        compared = _compared(trials)
    with out.status("offers"):
        offered = _offered(markets)
    with out.status("hindsight"):
        in_hindsight = judged(logs)
    figures = {**compared, **offered, **in_hindsight, "trials": trials, "markets": markets, "logs": logs}
    figures["seconds"] = round(time.monotonic() - began, 1)
    conclude("learning", _rows(figures), figures)


def _compared(trials: int) -> dict[str, Any]:
    none = stopped(seed=1, trials=trials, effect=0.0)
    some = stopped(seed=2, trials=trials, effect=MATTERS)
    large = stopped(seed=3, trials=trials, effect=LARGE)
    days = stopped(seed=4, trials=trials, effect=0.0, arm=leaders_stay)
    return {
        "days_naive_wrong": days["naive"],
        "days_members_alone_wrong": days["members"],
        "days_sequence_wrong": days["sequence"],
        "naive_wrong": none["naive"],
        "fixed_wrong": none["fixed"],
        "members_alone_wrong": none["members"],
        "sequence_wrong": none["sequence"],
        "fixed_power": some["fixed"],
        "sequence_power": some["sequence"],
        "large_power": large["sequence"],
        "large_leaders": large["leaders"],
        "leaders": LOOKS * LEADERS_A_LOOK,
    }


def stopped(*, seed: int, trials: int, effect: float, arm: Arm | None = None) -> dict[str, float]:
    """The shares of trials that find a difference, by each way of looking; and after how many leaders the sequence."""
    arm = arm or leaders_come
    random = np.random.default_rng([20_260_601, seed])
    plan = Plan(matters=MATTERS)
    found = {"naive": 0, "fixed": 0, "members": 0, "sequence": 0}
    leaders: list[int] = []
    for _ in range(trials):
        arms = arm(random, REORDER), arm(random, REORDER + effect)
        ratios = [_in_deviations(*pair) for pair in zip(*arms, strict=True)]
        found["naive"] += max(ratios) > FIXED
        found["fixed"] += ratios[-1] > FIXED
        found["members"] += _as_if_members_were_alone(arms[0][-1], arms[1][-1]) > FIXED
        stops = (
            before.leaders + after.leaders
            for before, after in zip(*arms, strict=True)
            if decide(look(before, after, plan), plan, is_over=False).why in ("better", "worse")
        )
        stopped = next(stops, None)
        if stopped is not None:
            found["sequence"] += 1
            leaders.append(stopped)
    shares = {name: round(count / trials, 4) for name, count in found.items()}
    return {**shares, "leaders": float(np.median(leaders)) if leaders else 0.0}


def leaders_come(random: np.random.Generator, rate: float) -> list[Sums]:
    """What is known of an arm at each look: all leaders until then, each for one day."""
    each = LEADERS_A_LOOK // 2
    rates = np.clip(random.normal(rate, LEADERS_APART, LOOKS * each), 0, 1)
    totals = random.binomial(MEMBERS, rates).astype(float)
    sums, squares = np.cumsum(totals)[each - 1 :: each], np.cumsum(totals**2)[each - 1 :: each]
    return [
        Sums(
            leaders=(at + 1) * each,
            total=float(sums[at]),
            count=(at + 1) * each * MEMBERS,
            total_squared=float(squares[at]),
            total_by_count=float(sums[at] * MEMBERS),
            count_squared=(at + 1) * each * MEMBERS**2,
        )
        for at in range(LOOKS)
    ]


def leaders_stay(random: np.random.Generator, rate: float) -> list[Sums]:
    """The same of leaders who are there from the first look on: another day of all of them at each."""
    leaders, days = LEADERS_A_LOOK // 2, np.arange(1, LOOKS + 1)
    rates = np.clip(random.normal(rate, LEADERS_APART, leaders), 0, 1)
    totals = np.cumsum(random.binomial(MEMBERS, rates, size=(LOOKS, leaders)), axis=0).astype(float)
    sums, squares, counts = totals.sum(axis=1), (totals**2).sum(axis=1), (MEMBERS * days).astype(float)
    return [
        Sums(
            leaders=leaders,
            total=float(sums[at]),
            count=float(leaders * counts[at]),
            total_squared=float(squares[at]),
            total_by_count=float(sums[at] * counts[at]),
            count_squared=float(leaders * counts[at] ** 2),
        )
        for at in range(LOOKS)
    ]


def _in_deviations(before: Sums, after: Sums) -> float:
    return abs(after.mean - before.mean) / float(np.sqrt(before.variance + after.variance))


def _as_if_members_were_alone(before: Sums, after: Sums) -> float:
    variance = sum(arm.mean * (1 - arm.mean) / arm.count for arm in (before, after))
    return abs(after.mean - before.mean) / float(np.sqrt(variance))


def _offered(markets: int) -> dict[str, Any]:
    """The part of what an oracle brings beyond chance, over all days; and what heeding tiredness brings."""
    found: dict[str, list[float]] = defaultdict(list)
    for seed in range(markets):
        for ground, name in ((CLEAR, "clear"), (NOISY, "noisy")):
            market = Market.new(ground, seed=seed)
            found[f"{name}_reachable"].append(market.reachable())
            ways: dict[str, Way] = {
                "separate_leaders": Separate(market, np.arange(GROUPS)),
                "pooled": Separate(market, np.zeros(GROUPS, dtype=int)),
                "separate_types": Separate(market, market.group_type),
                "hierarchical_full": Own(market, curiosity=1.0),
                "hierarchical": (own := Own(market)),
            }
            for way_name, way in ways.items():
                found[f"{name}_{way_name}"].append(market.captured(live(market, way)))
            found["offers_per_s"].append(GROUPS * DAYS / own.offering_s)
            found["learn_s"].append(own.learning_s / DAYS)
            found["fit_s"].append(own.longest_fit_s)
        tiresome = Market.new(TIRESOME, seed=seed)
        for name, tiring in (("heeded", TIRESOME.tiring), ("ignored", 0.0)):
            found[f"tiring_{name}"].append(tiresome.captured(live(tiresome, Own(tiresome, tiring=tiring))))
    return {
        **{name: round(float(np.mean(figures)), 3) for name, figures in found.items()},
        "each": {name: [round(figure, 3) for figure in figures] for name, figures in found.items()},
    }


def judged(logs: int) -> dict[str, Any]:
    """How often the intervals hold the truth, and how far the estimates are from it on average."""
    random = np.random.default_rng(20_260_602)
    ways = {"snips": snips, "dr": doubly_robust}
    held, errors, widths = ({name: [] for name in ways} for _ in range(3))  # type: ignore[var-annotated]
    for _ in range(logs):
        cases, truth = _log(random)
        for name, way in ways.items():
            estimate = way(cases)
            held[name].append(estimate.low <= truth <= estimate.high)
            errors[name].append(estimate.gain - truth)
            widths[name].append(estimate.high - estimate.low)
    return {
        **{f"{name}_held": round(float(np.mean(held[name])), 3) for name in ways},
        **{f"{name}_bias_fen": round(float(np.mean(errors[name])), 2) for name in ways},
        **{f"{name}_width_fen": round(float(np.mean(widths[name])), 1) for name in ways},
    }


def _log(random: np.random.Generator) -> tuple[list[Case], float]:
    """200 leaders, 10 days, 12 plays, chances with a floor of 8 %; the other policy shows the best three evenly."""
    plays, leaders, days = 12, 200, 10
    gains = random.normal(20, 10, plays)
    believed = gains + random.normal(0, 5, plays)
    chances = 0.92 * random.dirichlet(np.ones(plays)) + 0.08 / plays
    wanted = np.zeros(plays)
    wanted[np.argsort(gains)[-3:]] = 1 / 3
    hoped = float(wanted @ believed)
    shown = random.choice(plays, size=(leaders, days), p=chances)
    of_leader = random.normal(0, 5, leaders)
    brought = gains[shown] + of_leader[:, None] + random.normal(0, 30, shown.shape)
    cases = [
        Case(
            leader, float(brought[leader, day]), float(chances[play]), float(wanted[play]), float(believed[play]), hoped
        )
        for leader in range(leaders)
        for day, play in enumerate(shown[leader])
    ]
    return cases, float(wanted @ gains)


def _rows(figures: dict[str, Any]) -> list[tuple[str, object, str]]:
    size = f"{PLAYS} plays, {GROUPS} groups of {GROUP_TYPES} types, {DAYS} days"
    grounds = (("clear", f"{size}, clear market"), ("noisy", "the same, noisy market"))
    rows = [
        (f"{LOOKS} looks, no difference: naive finds one", "naive_wrong", ""),
        ("  one look at the end", "fixed_wrong", ""),
        ("  one look, members taken for independent", "members_alone_wrong", ""),
        ("  confidence sequence", "sequence_wrong", "<= 0.05"),
        (f"{LEADERS_A_LOOK} leaders for {LOOKS} days: naive", "days_naive_wrong", ""),
        ("  one look, members taken for independent", "days_members_alone_wrong", ""),
        ("  confidence sequence", "days_sequence_wrong", "<= 0.05"),
        (f"{MATTERS:+.1%}: one look at the end finds it", "fixed_power", ""),
        ("  confidence sequence", "sequence_power", ""),
        (f"{LARGE:+.1%}: confidence sequence", "large_power", ""),
        (f"  after leaders (median), of {LOOKS * LEADERS_A_LOOK:,}", "large_leaders", ""),
        *(
            (f"{market}: {words}" if not at else f"  {words}", f"{ground}_{key}", "")
            for ground, market in grounds
            for at, (key, words) in enumerate(WAYS.items())
        ),
        ("where plays tire: heeded", "tiring_heeded", ""),
        ("  ignored", "tiring_ignored", ""),
        ("offers per second", "offers_per_s", ""),
        ("a belief of all plays and types, s", "learn_s", ""),
        ("a fit of the spread, at most, s", "fit_s", ""),
        ("hindsight: SNIPS intervals of 95 % that hold", "snips_held", "0.95"),
        ("  doubly robust", "dr_held", "0.95"),
        ("  width, SNIPS, fen", "snips_width_fen", ""),
        ("  width, doubly robust, fen", "dr_width_fen", ""),
    ]
    return [(name, figures[key], limit) for name, key, limit in rows]


if __name__ == "__main__":
    main()
