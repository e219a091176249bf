"""What a play is filled with before it starts: as it was typed, or ready to be taken."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from lintuan.plays import rules
from lintuan.plays.data import ready_content
from lintuan.plays.engine.contents import asked_of, read_content
from lintuan.plays.engine.definition import Definition
from lintuan.plays.types import CampaignView, Content, Question
from lintuan.provinces.queries import province


def content(play: Definition, *, questions: str = "", entries: str = "") -> Content:
    """What was typed for a play; ready questions keep their other language. ContentWrong names the place."""
    return read_content(play, questions=questions, entries=entries, known=ready_content().questions)


def questions_at(one: CampaignView, at: datetime) -> Sequence[tuple[int, Question]]:
    """What a campaign asks on the local day of a moment, each with its number, by which it is answered."""
    numbers = rules.questions_at(one, at, province(one.province_id).zone)
    return [(number, one.content.questions[number]) for number in numbers]


def ready_questions(play: Definition, on: date) -> Sequence[Question]:
    """Questions that fill a play as they are, others each day until all had their turn; none where it asks for none."""
    asked, ready = asked_of(play), ready_content()
    pool, count = (ready.riddles, 1) if asked.guess else (ready.questions, asked.questions)
    first = on.toordinal() * count
    return [pool[(first + at) % len(pool)] for at in range(min(count, len(pool)))]
