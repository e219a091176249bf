"""What words promise that the definition cannot: rewards for sharing, invented buyers, praise that is paid.

Clauses are read, not meant: what is said in other words is for a person to see (docs/algorithms/linter.md).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from msgspec import Struct

from lintuan.plays.engine.definition import Definition
from lintuan.plays.engine.progress import Draw
from lintuan.plays.engine.rewards import Honour, Perk, Privilege
from lintuan.plays.engine.values import Text

from .laws import Bench
from .verdict import Finding

_CLAUSES = re.compile(r"[，。；！？：、\n]|[,.;!?:](?=\s|$)")


class Pattern(Struct, frozen=True):
    """A clause breaks a rule if it has `what`, nothing of `unless`, and `then`; or `after` is in the next two."""

    what: re.Pattern[str]
    unless: re.Pattern[str]
    then: re.Pattern[str] | None = None
    after: re.Pattern[str] | None = None

    def breaks(self, clause: str, following: Sequence[str]) -> bool:
        # What is without limit, or not enough, denies nothing.
        plain = _NO_DENIAL.sub("", clause)
        if not self.what.search(plain) or self.unless.search(plain):
            return False
        if self.then is None or self.then.search(plain):
            return True
        return self.after is not None and any(map(self.after.search, following))


def _of(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.IGNORECASE)


_NO_DENIAL = _of(
    r"不限\w?|不封顶|不停|不断|不够|不足|不满|没满|人数不到"
    r"|\bno (?:limit|end)s?\b|\bnot (?:limited|enough|full)\b"
)
_GAIN_ZH = _of(r"得|领|送|返|奖|赚|赢|抽|免单|有礼|解锁|优惠|减|多一次")
_GAIN_NEXT_ZH = _of(r"^(?!.{0,4}[不没无]).{0,4}?(?:得|领|送|返|奖|赚|赢|抽|减|免单|解锁)")
_GAIN_EN = _of(r"\b(?:earns?|gets?|wins?|receives?|gives?|brings?|unlocks?|rewards?|gifts?|coupons?|bonus|free|cash)\b")
_NOT_EN = r"\b(?:not|no|nothing|never|without|whether|nobody|nor|neither|void|removed|taken back|lose)\b|n't"

SHARED = {
    "zh": Pattern(
        _of(r"转发|分享|集赞|点赞|攒赞|发(?:到)?朋友圈|发(?:到)?.{0,4}群|晒(?:朋友圈|图|单)"),
        _of(r"不|没|无|别|勿|与否"),
        _of(
            r"(?:转发|分享|赞|朋友圈|群|晒图|晒单).{0,20}?(?:得|领|送|返|奖|赚|赢|抽|免单|有礼|解锁|减|发放|券|多一次)"
            r"|(?:得|领|送|返|奖|抽|减|优惠).{0,8}(?:需|须|要|先|凭|请).{0,6}(?:转发|分享|集赞|点赞)"
        ),
        _GAIN_NEXT_ZH,
    ),
    "en": Pattern(
        _of(
            r"\bforward(?:s|ed|ing)?\b|\bre-?post\w*|\bpass(?:es|ed|ing)? (?:it|this) on\b|\b(?:is|are) passed on\b"
            r"|\bshar(?:e|es|ing) (?:it|this|to|with|on|the (?:link|card|poster|page|post|code))\b"
            r"|\b(?:collect|get|gather|for)\w* (?:\d+ )?likes\b"
        ),
        _of(_NOT_EN),
        _GAIN_EN,
        _GAIN_EN,
    ),
}
INVENTED = {
    "zh": Pattern(
        _of(
            r"机器人|自动补[位人满]|自动凑[人满数齐]|系统[补凑代]|虚拟(?:用户|买家|成团|订单|邻居)"
            r"|模拟(?:成团|下单|买家)|假[人单]|假(?:买家|订单)|刷单|凑数"
        ),
        _of(r"不|没|无|作废|查实|收回|撤下|禁止"),
    ),
    "en": Pattern(
        _of(
            r"\b(?:ro)?bots?\b|\bauto-?(?:matic )?fill\w*|\bvirtual (?:buyers?|members?|orders?|people|neighbours?)\b"
            r"|\bsimulated\b|\bmade[- ]up\b|\bfake (?:buyers?|orders?|people)\b|\bsham buyers?\b"
            r"|\binvented (?:buyers?|orders?)\b"
            r"|\b(?:system|platform) fills\b"
        ),
        _of(_NOT_EN),
    ),
}
PRAISED = {
    "zh": Pattern(
        _of(r"五星|5\s*星|满星|好评"),
        _of(r"差评|好坏|一样|都行|不|无论|没|如实"),
        _GAIN_ZH,
        _GAIN_NEXT_ZH,
    ),
    "en": Pattern(
        _of(r"\b(?:five|5)[- ]stars?\b|\b(?:good|positive) reviews?\b|\bpraise\b"),
        _of(_NOT_EN + r"|\b(?:bad|alike|any|however)\b"),
        _GAIN_EN,
        _GAIN_EN,
    ),
}
PREPAID = _of(r"充值|储值|预存|\btop(?:s|ped|ping)?[- ]?up\b|\bprepaid\b|\bstored value\b")
CHILDREN = _of(r"小朋友|儿童|孩子|小学生|中学生|未成年|\bkids?\b|\bchild(?:ren)?\b|\bpupils?\b|\bminors?\b")
_CUSTODY = (
    ("本金随时可退", r"退", r"\b(?:paid|pay) back|refund"),
    ("资金存管", r"存管|监管", r"\bcustody\b|\bsupervis"),
)


def texts_of(play: Definition) -> Iterator[tuple[str, Text]]:
    """Everything of a play that people read, with its place."""
    yield "name", play.name
    yield "terms", play.terms
    for part in ("invite", "progress", "done"):
        yield f"texts.{part}", getattr(play.texts, part)
    yield "skin.title", play.skin.title
    yield from ((f"skin.lines[{index}]", line) for index, line in enumerate(play.skin.lines))
    for index, reward in enumerate(play.rewards):
        if isinstance(reward, Privilege | Honour | Perk):
            yield f"rewards[{index}].name", reward.name
    if isinstance(play.progress, Draw):
        yield from ((f"progress.prizes[{index}].name", one.name) for index, one in enumerate(play.progress.prizes))


def word_findings(play: Definition, bench: Bench) -> Iterator[Finding]:
    """L08, A01, A02: clauses that promise what no play may."""
    for place, text in texts_of(play):
        for language, words in (("zh", text.zh), ("en", text.en)):
            clauses = [part.strip() for part in _CLAUSES.split(words) if part.strip()]
            for at, clause in enumerate(clauses):
                yield from _of_clause(bench, f"{place}.{language}", clause, clauses[at + 1 : at + 3])


def _of_clause(bench: Bench, place: str, clause: str, following: Sequence[str]) -> Iterator[Finding]:
    language = place.rsplit(".", 1)[-1]
    if SHARED[language].breaks(clause, following):
        yield bench.refuse(
            "L08", place, f"“{clause}”：分享不能是得奖励的条件，请改为到店或下单。",
            f"“{clause}”: sharing may not be the condition of a reward; make it a visit or an order.",
        )  # fmt: skip
    if INVENTED[language].breaks(clause, following):
        yield bench.refuse(
            "A01", place, f"“{clause}”：不能用机器人或假买家凑数。",
            f"“{clause}”: no robots and no invented buyers fill a group.",
        )  # fmt: skip
    if PRAISED[language].breaks(clause, following):
        yield bench.refuse(
            "A02", place, f"“{clause}”：奖励不能只给好评，好坏要一样。",
            f"“{clause}”: rewards may not be for praise only; good and bad must earn alike.",
            rewrite="honest-review",
        )  # fmt: skip


def prepaid_findings(play: Definition, bench: Bench) -> Iterator[Finding]:
    """C06: who takes money beforehand says how it is kept and comes back."""
    if not any(PREPAID.search(text.zh) or PREPAID.search(text.en) for _, text in texts_of(play)):
        return
    for what, zh, en in _CUSTODY:
        for language, pattern in (("zh", zh), ("en", en)):
            if not re.search(pattern, play.terms.in_(language)):
                yield bench.refuse(
                    "C06", f"terms.{language}", f"预收款的规则没有写明：{what}。",
                    "It takes money beforehand; the terms do not say how it is kept and paid back.",
                )  # fmt: skip
    yield bench.warn(
        "C06", "terms", "预收款：请核对备案、存管与每人上限。",
        "Prepayment: please check its filing, its custody and the limit for each person.",
    )  # fmt: skip


def children_findings(play: Definition, bench: Bench) -> Iterator[Finding]:
    """R08: what speaks to children needs their guardians."""
    for place, text in texts_of(play):
        if CHILDREN.search(text.zh) or CHILDREN.search(text.en):
            yield bench.warn(
                "R08", place, "提到了未成年人：14 岁以下的个人信息要监护人单独同意，不向其收钱、不让其抽奖。",
                "It speaks of minors: below 14 the guardian's separate consent is needed, no payment and no draw.",
            )  # fmt: skip
