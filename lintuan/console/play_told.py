"""Plays told in words: what rewards are, what followed, and a definition section by section."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import msgspec
from django.utils.translation import get_language

from lintuan.kernel.money import Money
from lintuan.plays.engine.definition import Definition
from lintuan.plays.engine.facts import Effect, Ended, Full, Given, Taken
from lintuan.plays.engine.gifts import gift
from lintuan.plays.engine.malformed import shape_of
from lintuan.plays.engine.progress import Draw
from lintuan.plays.engine.rewards import Reward, most_cost_fen
from lintuan.plays.engine.values import Text

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
    """What a reward is, its goods and plays by the names that definitions have for them."""
    named = {name: Text(zh=name, en=name) for name in (getattr(reward, "sku", ""), getattr(reward, "play", ""))}
    return gift(reward, named, plays=named).in_(get_language() or "zh-hans")


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
