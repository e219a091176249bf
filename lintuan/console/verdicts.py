"""What the rules say of a play, as pages show it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.utils.translation import get_language

from lintuan.plays.engine.definition import Definition
from lintuan.plays.engine.linter import lint
from lintuan.plays.engine.linting.verdict import Finding, Prices, Severity, Verdict
from lintuan.sharing.queries import channel_policy
from lintuan.sharing.types import Channel, Ruling

#: In which chat most leaders live: what it says is a play's flag.
FLAGGED = Channel.WECHAT_GROUP


@dataclass(frozen=True, slots=True)
class Ruled:
    """What one channel says of a play: `forms` are those it may be shown in, the richest first."""

    channel: Channel
    name: str
    may_start: bool
    forms: tuple[Ruling, ...]


@dataclass(frozen=True, slots=True)
class Found:
    """A finding with all channels that it is of; none where it is of all."""

    number: int
    finding: Finding
    channels: tuple[str, ...]

    @property
    def is_refusal(self) -> bool:
        return self.finding.severity is Severity.REFUSE

    @property
    def reason(self) -> str:
        return self.finding.reason.in_(_language())

    @property
    def law(self) -> str:
        law, article = self.finding.law.in_(_language()), self.finding.article
        if not article:
            return law
        return f"{law}, art. {article}" if _language().startswith("en") else f"{law}第{article}条"


def verdict_of(play: Definition, on: date) -> Verdict:
    """The linter's findings on a day, no goods being named yet."""
    return lint(play, channels=channel_policy(), on=on, prices=Prices())


def flag_of(verdict: Verdict) -> str:
    """`banned`, `risky` or `clear` in WeChat groups."""
    if not verdict.may_start(FLAGGED):
        return "banned"
    return "risky" if any(one.channel is FLAGGED for one in verdict.findings) else "clear"


def channels_of(verdict: Verdict) -> list[Ruled]:
    return [Ruled(one, channel_name(one), verdict.may_start(one), verdict.forms.get(one, ())) for one in Channel]


def found_in(verdict: Verdict) -> list[Found]:
    """Its findings, each once, refusals first; `number` is its place in the verdict."""
    gathered: dict[tuple[str, str, str, Severity], list[int]] = {}
    for number, one in enumerate(verdict.findings):
        gathered.setdefault((one.rule, one.place, one.reason.en, one.severity), []).append(number)
    rows = []
    for numbers in gathered.values():
        channels = [verdict.findings[number].channel for number in numbers]
        names = tuple(channel_name(channel) for channel in channels if channel is not None)
        rows.append(Found(numbers[0], verdict.findings[numbers[0]], names))
    return sorted(rows, key=lambda row: not row.is_refusal)


def channel_name(channel: Channel) -> str:
    return channel_policy().name_of(channel).in_(_language())


def _language() -> str:
    return get_language() or "zh-hans"
