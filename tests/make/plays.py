"""Plays with nothing in particular but what a test is about."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from lintuan.plays.engine.definition import Counting, Definition, Participants, Skin, Texts, Trigger
from lintuan.plays.engine.progress import Progress
from lintuan.plays.engine.rewards import Reward
from lintuan.plays.engine.values import Text


def text(words: str = "words") -> Text:
    return Text(zh=words, en=words)


def participants(**others: Any) -> Participants:
    return Participants(**{"reach": "point", **others})


def counting(fact: Any, measure: Any = "times", **others: Any) -> Counting:
    return Counting(fact=fact, measure=measure, **others)


def definition(progress: Progress, rewards: Sequence[Reward] = (), **others: Any) -> Definition:
    """A play of that progress; every field can be another."""
    fields: dict[str, Any] = {
        "schema": 1,
        "code": "some-play",
        "name": text(),
        "aim": "fun",
        "trigger": Trigger(kind="paid"),
        "participants": participants(),
        "counts": (Counting(fact="paid"),),
        "share": ("none",),
        "skin": Skin(kind="play_meter", title=text()),
        "texts": Texts(invite=text(), progress=text(), done=text()),
        "terms": text(),
    }
    return Definition(**{**fields, "progress": progress, "rewards": tuple(rewards), **others})
