"""Plays told in words: what rewards are, what followed, and a definition section by section."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import msgspec
from django.utils.translation import get_language

from lintuan.kernel.money import Money
from lintuan.plays.engine.definition import Definition
from lintuan.plays.engine.facts import Effect, Ended, Full, Given, Taken
from lintuan.plays.engine.malformed import shape_of
from lintuan.plays.engine.progress import Draw
from lintuan.plays.engine.rewards import (
    Cash,
    Chance,
    Coupon,
    Goods,
    Honour,
    Perk,
    Points,
    Pot,
    Price,
    Privilege,
    Rebate,
    Reward,
    Uplift,
    most_cost_fen,
)

from .forms import Control, Group, Part, Rows, form_of, steps
from .words import spoken

SECTIONS = (
    "trigger",
    "participants",
    "counts",
    "progress",
    "rewards",
    "share",
    "limits",
    "funding",
    "unfilled",
    "closes",
)


def gives(reward: Reward) -> str:
    """What a reward is, in a few words."""
    match reward:
        case Coupon(off_fen=off, over_fen=over, days=days):
            return spoken(
                f"满 {_yuan(over)} 减 {_yuan(off)} 券，{days} 天", f"{_yuan(off)} off from {_yuan(over)}, {days} days"
            )
        case Price(price_bps=bps, most_fen=most):
            return spoken(
                f"当日价的 {_percent(bps)}，最多省 {_yuan(most)}",
                f"{_percent(bps)} of the day's price, saves {_yuan(most)} at most",
            )
        case Rebate(share_bps=bps, most_fen=most):
            return spoken(f"返 {_percent(bps)}，最多 {_yuan(most)}", f"{_percent(bps)} back, {_yuan(most)} at most")
        case Cash(fen=fen):
            return spoken(f"余额 {_yuan(fen)}", f"{_yuan(fen)} of balance")
        case _:
            return _gives_money(reward)


def _gives_things(reward: Reward) -> str:
    match reward:
        case Goods(sku=sku, units=units, worth_fen=worth):
            return spoken(f"{sku} × {units}，每件值 {_yuan(worth)}", f"{sku} × {units}, {_yuan(worth)} each")
        case Points(points=points):
            return spoken(f"{points} 积分", f"{points} points")
        case Chance(play=play, tickets=tickets):
            return spoken(f"{play} 机会 {tickets} 次", f"tickets of {play}: {tickets}")
        case Privilege(name=name, days=days):
            return spoken(f"特权“{name.zh}”，{days} 天", f"privilege: {name.en}, {days} days")
        case Honour(name=name) | Perk(name=name):
            return spoken(name.zh, name.en)
        case _:
            raise TypeError(reward)


def _gives_money(reward: Reward) -> str:
    match reward:
        case Uplift(bps=bps, most_fen=most):
            return spoken(
                f"加佣 {_percent(bps)}，最多 {_yuan(most)}", f"{_percent(bps)} more commission, {_yuan(most)} at most"
            )
        case Pot(fen=fen, share_bps=bps, most_fen=most):
            return spoken(
                f"奖池 {_yuan(fen)} 加 {_percent(bps)}，最多 {_yuan(most)}",
                f"a pot of {_yuan(fen)} and {_percent(bps)}, {_yuan(most)} at most",
            )
        case _:
            return _gives_things(reward)


def prizes_of(play: Definition) -> list[dict[str, Any]]:
    """The prize table of a draw: odds in per cent or winners, and what each prize gives."""
    if not isinstance(play.progress, Draw):
        return []
    return [
        {
            "name": prize.name.in_(get_language() or "zh-hans"),
            "odds": f"{prize.odds_ppm / 10_000:g}%" if prize.odds_ppm else "",
            "winners": prize.winners,
            "stock": prize.stock,
            "gives": [gives(one) for one in play.rewards if one.level == index],
            "cost_fen": sum(most_cost_fen(one) for one in play.rewards if one.level == index),
        }
        for index, prize in enumerate(play.progress.prizes)
    ]


def sections_of(play: Definition) -> list[tuple[str, list[tuple[str, str]]]]:
    """What a definition says, section by section, each a list of fields and their words; defaults are left out."""
    written = msgspec.to_builtins(play)
    parts = [part for part in form_of(shape_of(Definition), written) if part.name in SECTIONS and part.name in written]
    return [(part.label, list(_told(part, written))) for part in parts]


def _told(part: Part, written: Mapping[str, Any], label: str = "") -> Iterator[tuple[str, str]]:
    match part:
        case Control():
            if _is_written(written, part.name) and (text := _text_of(part)):
                yield (f"{label} · {part.label}" if label else part.label, text)
        case Group(is_text=True, parts=[zh, en]):
            assert isinstance(zh, Control)
            assert isinstance(en, Control)
            if zh.value:
                yield (f"{label} · {part.label}" if label else part.label, spoken(zh.value, en.value))
        case Group(parts=parts, choice=choice):
            if choice is not None:
                yield (label or choice.label, _text_of(choice))
            for one in parts:
                yield from _told(one, written, label)
        case Rows(rows=rows, label=of):
            for index, row in enumerate(rows, 1):
                yield from _told(row, written, f"{label or of} {index}")


def _text_of(control: Control) -> str:
    if control.options:
        return spoken("、", ", ").join(word for value, word, chosen in control.options if chosen and value)
    if control.kind == "flag":
        return spoken("是", "yes") if control.value else ""
    return f"{control.value} {control.unit}".strip()


def _is_written(written: Any, place: str) -> bool:
    """Whether something stands at a place."""
    here = written
    for key in steps(place):
        if isinstance(key, str) and key not in here:
            return False
        here = here[key]
    return True


def effects_told(play: Definition, effects: Sequence[Effect]) -> list[str]:
    """What followed from a happening, a sentence each."""
    return [_effect(play, one) for one in effects]


def _effect(play: Definition, effect: Effect) -> str:
    match effect:
        case Given(unit=unit, reward=index, member=member, fen=fen, price_fen=price):
            what, who = gives(play.rewards[index]), member or unit
            figure = f" ¥{Money(fen or price)}" if fen or price else ""
            return spoken(f"{who} 号得到：{what}{figure}", f"{who} gets: {what}{figure}")
        case Taken(unit=unit, reward=index):
            what = gives(play.rewards[index])
            return spoken(f"从 {unit} 号收回：{what}", f"taken back from {unit}: {what}")
        case Ended(how=how):
            words = {"filled": ("达成", "filled"), "unfilled": ("没达成，全部退款", "missed, all are paid back")}
            return spoken(*words.get(how, ("结束", "over")))
        case Full():
            return spoken("满了，就此截止", "full, it closes now")
        case _:
            return spoken(f"全场到第 {effect.after} 档", f"the run is at level {effect.after}")


def _yuan(fen: int) -> str:
    return f"¥{Money(fen)}"


def _percent(bps: int) -> str:
    return f"{bps / 100:g}%"
