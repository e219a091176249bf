"""What the linter says of a play: findings with place, law, reason and a way out."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from enum import StrEnum

from msgspec import Struct

from lintuan.kernel.money import ZERO, Money
from lintuan.plays.engine.definition import Definition
from lintuan.plays.engine.values import Text
from lintuan.pricing.types import Exemption
from lintuan.sharing.types import Channel, Ruling


class Severity(StrEnum):
    REFUSE = "refuse"
    #: A person looks at it and answers for it.
    WARN = "warn"


class GoodsPrice(Struct, frozen=True, kw_only=True):
    """Goods that the play may be about: the day's price and the landed cost of one unit."""

    goods: str
    goods_en: str = ""
    day: Money
    cost: Money
    exemption: Exemption | None = None


class Prices(Struct, frozen=True, kw_only=True):
    """What the linter must know of money: the goods, and the deepest coupon that may be used besides."""

    goods: tuple[GoodsPrice, ...] = ()
    coupon_off: Money = ZERO
    coupon_over: Money = ZERO


class Finding(Struct, frozen=True, kw_only=True):
    """One rule that is broken, or must be looked at; of all channels where none is named.

    `rewrite` is the code of a lawful play that does the same; `changed` this play with figures that pass the rule,
    its words still the old ones.
    """

    rule: str
    severity: Severity
    place: str
    law: Text
    article: str = ""
    reason: Text
    channel: Channel | None = None
    rewrite: str | None = None
    changed: Definition | None = None

    def tells(self, language: str) -> str:
        """One sentence for a leader."""
        law, article, reason = self.law.in_(language), self.article, self.reason.in_(language)
        if language.startswith("en"):
            head = "May not start" if self.severity is Severity.REFUSE else "Please check"
            basis = f"{law}, art. {article}" if article else law
            return f"{head}: {reason} ({self.rule}, {basis}; at {self.place})" + (
                f" Use {self.rewrite} instead." if self.rewrite else ""
            )
        head = "不能发起" if self.severity is Severity.REFUSE else "请核对"
        basis = f"{law}第{article}条" if article else law
        return f"{head}：{reason}（{self.rule}，{basis}；位置 {self.place}）" + (
            f"可改用 {self.rewrite}。" if self.rewrite else ""
        )


class Verdict(Struct, frozen=True, kw_only=True):
    """All findings on a play on a day; `forms` are what each channel lets it be shown in, the richest first."""

    play: str
    on: date
    findings: tuple[Finding, ...]
    forms: Mapping[Channel, tuple[Ruling, ...]]

    def of(self, channel: Channel) -> tuple[Finding, ...]:
        """What concerns one channel, refusals first."""
        found = [one for one in self.findings if one.channel in {None, channel}]
        return tuple(sorted(found, key=lambda one: one.severity is not Severity.REFUSE))

    def refusals(self, channel: Channel) -> tuple[Finding, ...]:
        return tuple(one for one in self.of(channel) if one.severity is Severity.REFUSE)

    def may_start(self, channel: Channel) -> bool:
        return not self.refusals(channel)

    def tells(self, channel: Channel, language: str) -> list[str]:
        """The findings in sentences, refusals first; empty where nothing is wrong."""
        return [one.tells(language) for one in self.of(channel)]
