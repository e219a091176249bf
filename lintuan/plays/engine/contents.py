"""What whoever starts a play fills in: questions of a quiz, what is to be guessed, entries of a vote, as lines of text.

A question is a block: its first line asks, each further line is an option, the right one behind a `*`; an empty line
ends it. `中文 | English` says a line in both languages. Entries stand a line each. docs/algorithms/plays.md.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence

import msgspec
from msgspec import Struct

from lintuan.plays.errors import ContentMissing, ContentWrong, PlayMalformed
from lintuan.plays.types import Content, Question

from .definition import Definition
from .progress import Quiz
from .values import Part, Words

#: Longer ones do not fit beside each other on a phone; a guess is compared by that many letters.
LONGEST_QUESTION, LONGEST_OPTION = 120, 40
FEWEST_OPTIONS, MOST_OPTIONS = 2, 8
MOST_QUESTIONS, MOST_ENTRIES = 30, 30
FEWEST_ENTRIES = 2
_RIGHT = re.compile(r"^[*＊√✓✔]\s*")
_BLANK = re.compile(r"\n\s*\n")


class Asked(Struct, frozen=True):
    """What a play must be filled with: so many questions at least, so many entries, and whether there is one guess."""

    questions: int = 0
    entries: int = 0
    guess: bool = False

    @property
    def is_any(self) -> bool:
        return bool(self.questions or self.entries or self.guess)


class ReadyContent(Part, frozen=True):
    """Questions and riddles that a leader may take as they are, with where they come from."""

    source: Words
    questions: tuple[Question, ...]
    riddles: tuple[Question, ...]


def asked_of(play: Definition) -> Asked:
    """What a play cannot be played without, that its definition leaves open."""
    answers = [rule for rule in play.counts if rule.fact == "answered"]
    if isinstance(play.progress, Quiz) and answers:
        rule, levels = answers[0], play.progress.levels
        if rule.measure == "points":
            return Asked(questions=max(levels[-1], rule.most_per_day or rule.most or 0))
        # A guess by its distance is one of a figure that comes to light by itself.
        return Asked(guess=rule.measure == "nearness" and play.progress.near is None)
    is_vote = play.participants.unit == "entry" and any(rule.fact == "voted" for rule in play.counts)
    return Asked(entries=FEWEST_ENTRIES if is_vote else 0)


def asked_on(play: Definition, content: Content, day: int) -> tuple[int, ...]:
    """The questions, by their numbers from 0, that are asked on the `day` of a campaign, counted from 0.

    As many as anybody may answer a day, the next ones each day, round and round; all where a day has no limit.
    """
    every = len(content.questions)
    limits = (rule.most_per_day for rule in play.counts if rule.fact == "answered" and rule.measure == "points")
    daily = min(next(limits, None) or every, every)
    return tuple((day * daily + at) % every for at in range(daily))


def read_content(
    play: Definition, *, questions: str = "", entries: str = "", known: Iterable[Question] = ()
) -> Content:
    """What was written for a play; ContentWrong says in which question or line what is wrong.

    What stands there as it does in `known` is that, with its other language. Of a guess the one block is its riddle.
    """
    asked = asked_of(play)
    found = read_questions(questions)
    if asked.guess:
        return _guess(found) if found else Content()
    return Content(questions=_named(found, known), entries=read_entries(entries))


def read_questions(text: str) -> tuple[Question, ...]:
    """Questions as they are written, in their order."""
    blocks = [block for block in _BLANK.split(text.replace("\r\n", "\n").strip()) if block.strip()]
    return tuple(_question(number, block) for number, block in enumerate(blocks, 1))


def read_entries(text: str) -> tuple[tuple[int, str], ...]:
    """Entries by number, from 1."""
    lines = [line.strip() for line in text.splitlines()]
    return tuple(enumerate((line for line in lines if line), 1))


def written_questions(questions: Iterable[Question], language: str) -> str:
    """Questions as one reads and changes them, in one language."""
    return "\n\n".join("\n".join(_lines(one, language)) for one in questions)


def require_content(play: Definition, content: Content, sku_ids: Collection[int] = ()) -> None:
    """ContentMissing where the play cannot be played with it, ContentWrong where it makes no sense.

    Where entries are wanted the goods that it is about will do.
    """
    asked = asked_of(play)
    _check(content)
    if len(content.questions) < asked.questions:
        raise _missing(f"至少 {asked.questions} 道题，每题标出对的选项", f"{asked.questions} questions or more")
    if asked.guess and not (content.answer and content.entries):
        raise _missing("要猜的东西和几个选项", "what is to be guessed, among some options")
    if max(len(content.entries), len(sku_ids)) < asked.entries:
        raise _missing(f"至少 {asked.entries} 个参选的，或选几样货", f"{asked.entries} entries or more, or some goods")
    if asked.guess and content.answer not in {name for _, name in content.entries}:
        raise _wrong("答案", "the answer", "要在选项里", "is not among the options")


def read_ready(text: str | bytes) -> ReadyContent:
    """The questions of a file; PlayMalformed and ContentWrong name the place where they make no sense."""
    try:
        ready = msgspec.toml.decode(text, type=ReadyContent)
    except (msgspec.ValidationError, msgspec.DecodeError) as wrong:
        reason, _, place = str(wrong).partition(" - at ")
        raise PlayMalformed(place=place.strip("`") or "$", reason=reason) from wrong
    for one in (*ready.questions, *ready.riddles):
        _check(Content(questions=(one,)))
    return ready


def _question(number: int, block: str) -> Question:
    first, *lines = (line.strip() for line in block.strip().splitlines())
    zh, en = _both(first)
    marked = [at for at, line in enumerate(lines) if _RIGHT.match(line)]
    if len(marked) != 1:
        raise _wrong(f"第 {number} 题", f"question {number}", "用 * 标出一个对的选项", "mark one right option with *")
    return Question(zh, en, tuple(_both(_RIGHT.sub("", line)) for line in lines), marked[0])


def _both(line: str) -> tuple[str, str]:
    zh, _, en = (part.strip() for part in line.replace("｜", "|").partition("|"))
    return zh, en or zh


def _lines(one: Question, language: str) -> list[str]:
    at = int(language.startswith("en"))
    options = [f"{'* ' if place == one.answer else ''}{option[at]}" for place, option in enumerate(one.options)]
    return [(one.zh, one.en)[at], *options]


def _named(questions: Sequence[Question], known: Iterable[Question]) -> tuple[Question, ...]:
    by_text = {written_questions([one], language): one for one in known for language in ("zh-hans", "en")}
    return tuple(by_text.get(written_questions([one], "zh-hans"), one) for one in questions)


def _guess(found: Sequence[Question]) -> Content:
    if len(found) > 1:
        raise _wrong("第 2 题", "question 2", "这个玩法只猜一样", "only one thing is guessed here")
    (one,) = found
    entries = tuple(enumerate((option for option, _ in one.options), 1))
    right = one.options[one.answer][0]
    return Content(entries=entries, answer=right, note=one.zh)


def _check(content: Content) -> None:
    for number, one in enumerate(content.questions, 1):
        place = (f"第 {number} 题", f"question {number}")
        _check_length(place, (one.zh, one.en), LONGEST_QUESTION)
        _check_options(place, one)
    names = [name for _, name in content.entries]
    for number, name in content.entries:
        _check_length((f"第 {number} 个", f"entry {number}"), (name,), LONGEST_OPTION)
    if len(set(names)) < len(names) or len({number for number, _ in content.entries}) < len(names):
        raise _wrong("参选的", "entries", "有两个一样", "two are the same")
    if len(content.questions) > MOST_QUESTIONS or len(names) > MOST_ENTRIES:
        raise _wrong("内容", "content", f"最多 {MOST_QUESTIONS} 个", f"{MOST_QUESTIONS} at most")
    if len(content.note) > LONGEST_QUESTION:
        raise _wrong("说明", "the note", f"最多 {LONGEST_QUESTION} 个字", f"{LONGEST_QUESTION} letters at most")


def _check_options(place: tuple[str, str], one: Question) -> None:
    for option in one.options:
        _check_length(place, option, LONGEST_OPTION)
    if not FEWEST_OPTIONS <= len(one.options) <= MOST_OPTIONS:
        limits = f"{FEWEST_OPTIONS}-{MOST_OPTIONS}"
        raise _wrong(*place, f"要有 {limits} 个选项", f"{limits} options are wanted")
    if any(len({option[at] for option in one.options}) < len(one.options) for at in (0, 1)):
        raise _wrong(*place, "有两个选项一样", "two options are the same")
    if not 0 <= one.answer < len(one.options):
        raise _wrong(*place, "对的那个不在选项里", "the right one is not among the options")


def _check_length(place: tuple[str, str], texts: Sequence[str], longest: int) -> None:
    if not all(0 < len(text.strip()) <= longest for text in texts):
        raise _wrong(*place, f"每行 1-{longest} 个字", f"1-{longest} letters a line")


def _missing(zh: str, en: str) -> ContentMissing:
    return ContentMissing(reason=en, reason_zh=zh)


def _wrong(place_zh: str, place: str, zh: str, en: str) -> ContentWrong:
    return ContentWrong(place=place, place_zh=place_zh, reason=en, reason_zh=zh)
