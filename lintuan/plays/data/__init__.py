"""Figures and questions of plays that people may set: one file each, with where they come from."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from lintuan.plays.engine.contents import ReadyContent, read_ready
from lintuan.plays.engine.guard import GuardRules, read_guard
from lintuan.plays.engine.learning.figures import LearningRules, read_learning

HOME = Path(__file__).parent


@cache
def guard_rules() -> GuardRules:
    """The weights of the fraud guard that ship."""
    return read_guard((HOME / "guard.toml").read_bytes())


@cache
def learning_rules() -> LearningRules:
    """The figures of learning that ship."""
    return read_learning((HOME / "learning.toml").read_bytes())


@cache
def ready_content() -> ReadyContent:
    """The questions and riddles that ship."""
    return read_ready((HOME / "questions.toml").read_bytes())
