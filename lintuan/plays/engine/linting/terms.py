"""P14 and A03 in words: terms that say everything, and odds that are those of the prize table."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal

from msgspec import Struct

from lintuan.plays.engine.definition import Definition
from lintuan.plays.engine.progress import Draw
from lintuan.plays.engine.rewards import Cash, Coupon, Goods, Pot, Price, Rebate
from lintuan.plays.engine.soundness import MILLION

from .laws import Bench
from .verdict import Finding


class Part(Struct, frozen=True):
    """What terms must say, and words that say it; `is_plain` where a machine may be sure that it is missing."""

    zh: str
    en: str
    in_zh: str
    in_en: str
    is_plain: bool = True


_PARTS = (
    Part(
        "对象",
        "whom it is for",
        r"人|邻居|会员|团长|家庭|每户|自提点|买家",
        r"\b(?:each|everybody|all|people|persons?|neighbou?rs?|members?|leaders?|you|who|buyer|opener|household)\b",
        is_plain=False,
    ),
    Part(
        "方式",
        "in which way",
        r"得|送|减|返|折|价|分|排|换|抽|退|名号|称号|票|奖",
        r"\b(?:gets?|pays?|paid|ha[sd]|have|earns?|gives?|brings?|shares?|off|votes?|wins?|titles?|counts?"
        r"|prices?|makes?|odds|board)\b",
        is_plain=False,
    ),
    Part(
        "条件",
        "on which conditions",
        r"[0-9一二两三四五六七八九十]|\{\w+\}",
        r"[0-9]|\{\w+\}|\b(?:one|once|two|three|first)\b",
    ),
    Part(
        "开始",
        "when it begins",
        r"开始|发起|开团|发布|发出|公布后|每[天日晚周月城]|[从自]|起[，。、；]|付款(?:后|即)|自动|即开",
        r"\b(?:begins?|open(?:s|ed|ing)?|from|after|between|every|each (?:day|week)|once a"
        r"|one (?:round|draw|board|plot|pot)|starts?|by paying|by itself)\b",
    ),
    Part(
        "结束",
        "when it ends",
        r"\{until\}|截止|结束|月末|月底|至|[用送领换发售]完|[0-9] ?(?:小时|天|分钟)",
        r"\{until\}|\b(?:ends?|until|closes?|last day|to|between|used up|within|hours?|while (?:it|they) lasts?)\b",
    ),
)
_PERCENT = re.compile(r"(\d+(?:\.\d+)?)\s*[%％]")
_NUMBER = re.compile(r"\d[\d,]*(?:\.\d+)?")
_ZH_COUNTS = "零一二三四五六七八九十"
_EN_COUNTS = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"]


def terms_findings(play: Definition, bench: Bench) -> Iterator[Finding]:
    """P14: object, way, conditions, beginning and end, in both languages."""
    for part in _PARTS:
        for language, pattern in (("zh", part.in_zh), ("en", part.in_en)):
            if not re.search(pattern, play.terms.in_(language), re.IGNORECASE):
                say = bench.refuse if part.is_plain else bench.warn
                yield say("P14", f"terms.{language}", f"规则没有写明{part.zh}。", f"The terms do not say {part.en}.")


def draw_findings(play: Definition, bench: Bench) -> Iterator[Finding]:
    """A03: prizes and odds of a draw stand in the terms, as they are in the table, and no others."""
    draw = play.progress
    if not isinstance(draw, Draw):
        return
    for language in ("zh", "en"):
        terms, place = play.terms.in_(language), f"terms.{language}"
        for index, prize in enumerate(draw.prizes):
            if prize.odds_ppm is not None and prize.odds_ppm not in _odds_in(terms):
                percent = f"{Decimal(prize.odds_ppm) / 10_000:f}%"
                yield bench.refuse(
                    "A03", place, f"规则没有写明“{prize.name.zh}”的中奖率 {percent}。",
                    f"The terms do not state the odds of “{prize.name.en}”, {percent}.",
                )  # fmt: skip
            if prize.winners is not None and not _says_count(terms, prize.winners):
                yield bench.refuse(
                    "A03", place, f"规则没有写明“{prize.name.zh}”有 {prize.winners} 份。",
                    f"The terms do not say that there are {prize.winners} of “{prize.name.en}”.",
                )  # fmt: skip
            yield from _worth(play, bench, index, language)
        for odds in sorted(_odds_in(terms) - _lawful_shares(play, draw)):
            percent = f"{Decimal(odds) / 10_000:f}%"
            yield bench.refuse(
                "A03",
                place,
                f"规则里的 {percent} 不是奖品表里的。",
                f"{percent} in the terms is not in the prize table.",
            )


def _worth(play: Definition, bench: Bench, level: int, language: str) -> Iterator[Finding]:
    said = {Decimal(number.replace(",", "")) for number in _NUMBER.findall(play.terms.in_(language))}
    for index, reward in enumerate(play.rewards):
        if reward.level != level:
            continue
        match reward:
            case Goods(worth_fen=fen) | Cash(fen=fen) | Coupon(off_fen=fen) | Rebate(most_fen=fen):
                # In yuan, in 角 or in fen.
                if not said & {Decimal(fen) / 100, Decimal(fen) / 10, Decimal(fen)}:
                    yield bench.refuse(
                        "A03", f"terms.{language}", f"规则没有写明 rewards[{index}] 值 {Decimal(fen) / 100:f} 元。",
                        f"The terms do not say that rewards[{index}] is worth {Decimal(fen) / 100:f} yuan.",
                    )  # fmt: skip


def _odds_in(terms: str) -> set[int]:
    return {int(Decimal(percent) * 10_000) for percent in _PERCENT.findall(terms)}


def _lawful_shares(play: Definition, draw: Draw) -> set[int]:
    """Odds, what is left of them, and the parts of prices that rewards speak of, in a million."""
    odds = [prize.odds_ppm or 0 for prize in draw.prizes]
    parts = {one.share_bps * 100 for one in play.rewards if isinstance(one, Rebate | Pot)}
    parts |= {one.price_bps * 100 for one in play.rewards if isinstance(one, Price)}
    return {*odds, MILLION - sum(odds), sum(odds), *parts}


def _says_count(terms: str, count: int) -> bool:
    words = [str(count)]
    if count < len(_EN_COUNTS):
        words += [_ZH_COUNTS[count], _EN_COUNTS[count]]
    if count == 1:
        words.append("first")
    return any(re.search(rf"(?<![\d.]){word}(?![\d.]*\d)", terms, re.IGNORECASE) for word in words)
