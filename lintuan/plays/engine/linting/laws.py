"""On what each rule rests, as dated rows: the last one that has begun holds, our own rule before any."""

from __future__ import annotations

from datetime import date

from msgspec import Struct

from lintuan.plays.engine.definition import Definition
from lintuan.plays.engine.values import Text

from .verdict import Finding, Severity


class Law(Struct, frozen=True, kw_only=True):
    rule: str
    law: Text
    article: str = ""
    since: date = date.min


OURS = Text(zh="本平台规则", en="our own rules")
LAWS: tuple[Law, ...] = (
    *(Law(rule=rule, law=OURS) for rule in ("S00", "A01", "A02", "A03", "C06", "L02", "L08", "L10", "L12", "P01")),
    *(Law(rule=rule, law=OURS) for rule in ("P14", "P15", "R08")),
    Law(
        rule="A01",
        law=Text(zh="电子商务法", en="E-commerce Act"),
        article="17",
        since=date(2019, 1, 1),
    ),
    Law(
        rule="A02",
        law=Text(zh="电子商务法", en="E-commerce Act"),
        article="17",
        since=date(2019, 1, 1),
    ),
    Law(
        rule="A03",
        law=Text(zh="反不正当竞争法（2019 修正）", en="Act against Unfair Competition (2019)"),
        article="10",
        since=date(2019, 4, 23),
    ),
    Law(
        rule="A03",
        law=Text(
            zh="反不正当竞争法（2025 修订，有奖销售；2019 文本第10条）",
            en="Act against Unfair Competition (2025, sales with prizes; art. 10 of the 2019 text)",
        ),
        since=date(2025, 10, 15),
    ),
    Law(
        rule="C06",
        law=Text(zh="消费者权益保护法（预收款）", en="Consumer Protection Act (prepayment)"),
        article="53",
        since=date(2014, 3, 15),
    ),
    Law(
        rule="L08",
        law=Text(
            zh="微信外部链接内容管理规范（2019-10-28 施行）",
            en="WeChat's rules on external links (in force 2019-10-28)",
        ),
        since=date(2019, 10, 28),
    ),
    Law(
        rule="L10",
        law=Text(zh="禁止传销条例", en="Regulation against pyramid selling"),
        article="7",
        since=date(2005, 11, 1),
    ),
    Law(
        rule="L12",
        law=Text(
            zh="微信外部链接内容管理规范（2019-10-28 施行），拼团",
            en="WeChat's rules on external links (in force 2019-10-28), group buying",
        ),
        since=date(2019, 10, 28),
    ),
    Law(
        rule="P14",
        law=Text(zh="互联网平台价格行为规则", en="Rules on price conduct of internet platforms"),
        since=date(2026, 4, 10),
    ),
    Law(
        rule="P15",
        law=Text(
            zh="明码标价和禁止价格欺诈规定（总局令第56号）",
            en="Provisions on price marking and price fraud (SAMR order 56)",
        ),
        article="4(3)",
        since=date(2022, 7, 1),
    ),
    Law(
        rule="R08",
        law=Text(zh="个人信息保护法", en="Personal Information Protection Act"),
        article="28、31",
        since=date(2021, 11, 1),
    ),
)


def law_of(rule: str, on: date) -> Law:
    """The version that holds on a day."""
    return max((law for law in LAWS if law.rule == rule and law.since <= on), key=lambda law: law.since)


class Bench(Struct, frozen=True):
    """Makes findings as of one day."""

    on: date

    def refuse(
        self, rule: str, place: str, zh: str, en: str, *, rewrite: str | None = None, changed: Definition | None = None
    ) -> Finding:
        law = law_of(rule, self.on)
        return Finding(
            rule=rule, severity=Severity.REFUSE, place=place, law=law.law, article=law.article,
            reason=Text(zh=zh, en=en), rewrite=rewrite, changed=changed,
        )  # fmt: skip

    def warn(self, rule: str, place: str, zh: str, en: str) -> Finding:
        law = law_of(rule, self.on)
        return Finding(
            rule=rule, severity=Severity.WARN, place=place, law=law.law, article=law.article,
            reason=Text(zh=zh, en=en),
        )  # fmt: skip
