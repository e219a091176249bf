"""What a play must be filled with before it starts: said beforehand, typed into a form, or taken ready."""

from __future__ import annotations

from datetime import date

from lintuan.pages.compose import parts
from lintuan.pages.compose.asking import Asking
from lintuan.pages.tree import values
from lintuan.pages.tree.actions import Call
from lintuan.pages.tree.nodes import Node
from lintuan.plays import queries
from lintuan.plays.engine.contents import (
    LONGEST_OPTION,
    LONGEST_QUESTION,
    MOST_ENTRIES,
    MOST_QUESTIONS,
    Asked,
    asked_of,
    written_questions,
)
from lintuan.plays.engine.definition import Definition

#: As long as text of so many questions or entries can be.
_LONGEST = MOST_QUESTIONS * (LONGEST_QUESTION + 4 * LONGEST_OPTION)


def told(asking: Asking, play: Definition) -> str:
    """What whoever starts it has to bring; empty for plays that are complete."""
    asked, t = asked_of(play), asking.t
    if asked.questions:
        return t(f"至少 {asked.questions} 道题，有现成的", f"{asked.questions} questions or more; there are ready ones")
    if asked.guess:
        return t("要猜的东西和几个选项，有现成的谜", "what is to be guessed, and options; there are ready riddles")
    if asked.entries:
        return t(f"至少 {asked.entries} 个参选的，或选几样货", f"{asked.entries} entries or more, or some of the goods")
    return ""


def form(asking: Asking, play: Definition, submit: Call, on: date) -> list[Node]:
    """What to fill in, sent with the start; `on` says which of the ready questions have their turn."""
    asked, t = asked_of(play), asking.t
    title = t("先填好内容，再发起", "Fill it in, then start it")
    if asked.entries:
        return [parts.heading(title), parts.form([_entries(asking, asked)], submit, "content")]
    ready = queries.ready_questions(play, on)
    is_taken = bool(asking.get("ready"))
    field = values.Field(
        name="content.questions",
        label=t("谜面和选项", "The riddle and its options") if asked.guess else t("题目", "Questions"),
        type="textarea",
        required=True,
        value=written_questions(ready, asking.language) if is_taken else "",
        max=_LONGEST,
        help=_help(asking, asked),
    )
    return [parts.heading(title), parts.form([field], submit, f"content-{asking.get('ready')}")]


def take_ready(asking: Asking, play: Definition, at: dict[str, str]) -> list[Node]:
    """One tap fills the form; `at` is how this page is asked."""
    asked = asked_of(play)
    if not (asked.questions or asked.guess) or asking.get("ready"):
        return []
    text = asking.t("用现成的", "Use what is ready")
    return [parts.buttons(parts.button(parts.go("play_start", text, replace=True, **at, ready="1")))]


def _entries(asking: Asking, asked: Asked) -> values.Field:
    t = asking.t
    return values.Field(
        name="content.entries",
        label=t("参选的，一行一个", "Entries, one a line"),
        type="textarea",
        max=_LONGEST,
        help=t(
            f"{asked.entries} 到 {MOST_ENTRIES} 个，每个最多 {LONGEST_OPTION} 字。不填就在上面选的货里投。",
            f"{asked.entries} to {MOST_ENTRIES}, at most {LONGEST_OPTION} letters each. "
            "Left empty, the goods chosen above are voted for.",
        ),
    )


def _help(asking: Asking, asked: Asked) -> str:
    """How it is typed."""
    t = asking.t
    if asked.guess:
        return t(
            "第一行写谜面，下面每行一个选项，对的那行前面加 *。",
            "The riddle on the first line, then a line for each option, with * before the right one.",
        )
    return t(
        "第一行是题，下面每行一个选项，对的那行前面加 *；题和题之间空一行。",
        "The question, then a line for each option with * before the right one; an empty line between questions.",
    )
