"""What a play is filled with, as whoever starts it types it."""

from __future__ import annotations

import msgspec
from ninja import Field, Schema

from lintuan.plays import queries
from lintuan.plays.engine.definition import Definition
from lintuan.plays.types import NewCampaign

LONGEST_CONTENT = 10_000


class ContentWish(Schema):
    """What the play is filled with, as text: a line each, as docs/algorithms/plays.md says."""

    questions: str = Field(
        default="",
        max_length=LONGEST_CONTENT,
        description="blocks with an empty line between: the question, then its options, the right one behind a *",
        examples=["哪样先吃？\n* 菠菜\n南瓜"],
    )
    entries: str = Field(
        default="",
        max_length=LONGEST_CONTENT,
        description="what is voted for, a line each",
        examples=["番茄炒蛋\n清炒藕带"],
    )

    def added_to(self, plan: NewCampaign, play: Definition | None) -> NewCampaign:
        """The plan with it; a play that there is not is refused when it starts."""
        if play is None:
            return plan
        content = queries.content(play, questions=self.questions, entries=self.entries)
        return msgspec.structs.replace(plan, content=content)
