"""What is said of a play before it starts, in a leader's words: findings, channels, forms, figures with bands."""

from __future__ import annotations

from collections.abc import Iterable

from lintuan.pages.compose import parts, words
from lintuan.pages.compose.asking import Asking
from lintuan.pages.tree import values
from lintuan.pages.tree.nodes import Node
from lintuan.plays.engine.definition import Definition
from lintuan.plays.engine.gifts import called, gift
from lintuan.plays.engine.linting.verdict import Finding, Severity, Verdict
from lintuan.plays.engine.simulation import Band, NotEnough, NotShown, Outcome
from lintuan.sharing.queries import channel_policy
from lintuan.sharing.types import Channel, Ruling

FORMS = {
    "card": ("卡片", "card"),
    "poster": ("海报", "poster"),
    "link": ("链接", "link"),
    "message": ("消息", "message"),
    "paper": ("柜台纸张", "paper at the counter"),
    "code": ("口令", "code"),
    "relay": ("接龙", "relay list"),
    "none": ("只在自己的页面", "our own pages only"),
}


def channel_name(channel: Channel, language: str) -> str:
    return channel_policy().name_of(channel).in_(language)


def forms_told(asking: Asking, rulings: Iterable[Ruling]) -> str:
    """卡片、口令."""
    return words.listed([asking.t(*FORMS[one.form.value]) for one in rulings], asking.language)


def notices(asking: Asking, verdict: Verdict, channel: Channel) -> list[Node]:
    """Whether it may start there, and everything that is against it or to be minded."""
    t, name = asking.t, channel_name(channel, asking.language)
    found = verdict.of(channel)
    refused = [told(asking, one) for one in found if one.severity is Severity.REFUSE]
    minded = [told(asking, one) for one in found if one.severity is Severity.WARN]
    body: list[Node] = []
    if refused:
        title = t(f"不能在“{name}”发起", f"It may not start on: {name}")
        body.append(parts.notice(title, *refused, tone="bad"))
    else:
        forms = forms_told(asking, verdict.forms[channel])
        line = t(f"可用的形式：{forms}", f"Forms that may be used: {forms}")
        body.append(parts.notice(t(f"可以在“{name}”发起", f"It may start on: {name}"), line, tone="good"))
    if minded:
        body.append(parts.notice(t("请您核对", "Please check"), *minded, tone="warn"))
    return body


def told(asking: Asking, one: Finding) -> str:
    """The reason, with the rule, the law and the place."""
    t, law = asking.t, one.law.in_(asking.language)
    basis = t(f"{law}第{one.article}条", f"{law}, art. {one.article}") if one.article else law
    return t(
        f"{one.reason.zh}（规则 {one.rule}，{basis}；位置 {one.place}）",
        f"{one.reason.en} (rule {one.rule}, {basis}; at {one.place})",
    )


def rewrite_of(verdict: Verdict, channel: Channel) -> str:
    """The code of the lawful play that does the same, if one was refused and there is one."""
    return next((one.rewrite for one in verdict.refusals(channel) if one.rewrite), "")


def simulated(asking: Asking, play: Definition, found: Outcome | NotEnough | NotShown) -> Node:
    """Figures with bands, or why there are none."""
    t = asking.t
    title = t("按过去的晚上推算", "By past evenings")
    if not isinstance(found, Outcome):
        return parts.notice(title, found.text.in_(asking.language), tone="warn")
    rows = [
        (t("依据", "From"), t(f"{found.evenings} 个晚上", f"{found.evenings} evenings")),
        (t("时间", "For"), t(f"{found.days} 个销售日", f"{found.days} sale days")),
        (t("场数", "Rounds"), _band(found.runs)),
        (t("得奖的人", "People rewarded"), _band(found.rewarded)),
        *((gift(play.rewards[one.reward], called(play)).in_(asking.language), _band(one.times)) for one in found.given),
        (t("最多花费", "Cost at most"), _fen(found.most_cost)),
        (t("大概花费", "Likely cost"), _fen(found.likely_cost) if found.likely_cost else ""),
        (t("成团的比例", "Rounds that fill"), _percent(found.filled_bps) if found.filled_bps else ""),
        (t("预算用完的可能", "Chance that the budget runs out"), _percent(found.runs_out_bps)),
    ]
    note = t("括号里是 10 次里有 9 次落入的范围。", "In brackets: where nine of ten would lie.")
    assumed = [parts.plain(one.in_(asking.language)) for one in found.assumed]
    return parts.section(title, [parts.facts(*rows), parts.plain(note), *assumed])


def choice(asking: Asking, channel: Channel) -> values.Choice:
    return values.Choice(value=channel.value, label=channel_name(channel, asking.language))


def _band(of: Band) -> str:
    return f"{of.middle} ({of.low}-{of.high})"


def _fen(of: Band) -> str:
    return f"{words.yuan(of.middle)} ({words.yuan(of.low)}-{words.yuan(of.high)})"


def _percent(of: Band) -> str:
    return f"{of.middle / 100:g}% ({of.low / 100:g}-{of.high / 100:g}%)"
