"""The simulation: worlds, their futures, and the bands of what came of them."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

from lintuan.plays.engine.definition import Definition
from lintuan.plays.engine.interpreter import Play
from lintuan.plays.engine.values import Text

from . import assumptions
from .answers import (
    LEAST_BLOCKS,
    LEAST_CIRCLES,
    LEAST_EVENINGS,
    GivenOf,
    NotEnough,
    NotShown,
    Outcome,
    band,
    chance,
)
from .past import Ask, Past
from .replay import Future, Rehearsal, days_of_run
from .resample import Sampler

WEEK = 7


def simulate(definition: Definition, past: Past, ask: Ask) -> Outcome | NotEnough | NotShown:
    """What the play would have given and cost in `ask.days` sale days; the same seed gives the same."""
    kinds = frozenset(counting.fact for counting in definition.counts)
    unknown = tuple(sorted(kinds - past.records))
    if unknown:
        return NotShown(unknown, assumptions.not_shown(unknown))
    # A run of some days keeps the rhythm of the week; evenings that are runs of their own are drawn one by one.
    block = 1 if days_of_run(definition, ask.days) == 1 else WEEK
    sampler = Sampler(past, definition.participants.unit, kinds, block)
    few = _too_little(sampler, block, ask)
    if few is not None:
        return few
    play, worlds = Play(definition), []
    for number in range(ask.worlds):
        random = Random(f"{ask.seed}:{number}")
        world = sampler.world(random)
        worlds.append(
            [Rehearsal(play, ask, random).future(sampler.future(random, world, ask.days)) for _ in range(ask.futures)]
        )
    return _outcome(play, sampler, ask, worlds)


def _too_little(sampler: Sampler, block: int, ask: Ask) -> NotEnough | None:
    evenings = max(LEAST_EVENINGS, ask.days, LEAST_BLOCKS * block if block > 1 else 0)
    if sampler.days < evenings:
        return NotEnough("evenings", sampler.days, evenings, assumptions.few_evenings(sampler.days, evenings))
    if sampler.circles < LEAST_CIRCLES:
        return NotEnough(
            "circles", sampler.circles, LEAST_CIRCLES, assumptions.few_circles(sampler.circles, LEAST_CIRCLES)
        )
    if not sampler.counted:
        return NotEnough("nothing_counted", 0, 1, assumptions.NOTHING_COUNTED)
    return None


def _outcome(play: Play, sampler: Sampler, ask: Ask, worlds: Sequence[Sequence[Future]]) -> Outcome:
    rounds = [future for futures in worlds for future in futures]
    likely = [future.likely_fen for future in rounds if future.likely_fen is not None]
    filling = [10_000 * future.filled // future.runs for future in rounds if future.runs]
    out = [future.runs_out_on for future in rounds if future.runs_out_on is not None]
    rewards = play.definition.rewards
    given = tuple(
        GivenOf(at, reward.__struct_config__.tag, band([future.times[at] for future in rounds]))  # type: ignore[arg-type]
        for at, reward in enumerate(rewards)
    )
    return Outcome(
        days=ask.days,
        evenings=sampler.days,
        circles=sampler.circles,
        rounds=len(rounds),
        given=given,
        most_cost=band([future.most_fen for future in rounds]),
        likely_cost=band(likely) if len(likely) == len(rounds) else None,
        runs=band([future.runs for future in rounds]),
        filled_bps=band(filling) if filling and play.way.is_shared else None,
        rewarded=band([future.rewarded for future in rounds]),
        refused=band([future.refused for future in rounds]),
        runs_out_bps=chance([_ran_out(futures) for futures in worlds], ask.futures),
        runs_out_on=band(out) if out else None,
        assumed=_assumed(play, ask, is_ever_given=any(any(future.times) for future in rounds)),
    )


def _ran_out(futures: Sequence[Future]) -> int:
    return sum(future.runs_out_on is not None for future in futures)


def _assumed(play: Play, ask: Ask, *, is_ever_given: bool) -> tuple[Text, ...]:
    return tuple(assumptions.of(play, ask, is_ever_given=is_ever_given))
