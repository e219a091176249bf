"""What came of a deed, in words: what was won, how much is missing."""

from __future__ import annotations

from lintuan.pages.compose import parts, words
from lintuan.pages.compose.asking import Asking
from lintuan.pages.tree import plays as kinds
from lintuan.plays import queries
from lintuan.plays.engine.definition import FactKind
from lintuan.plays.engine.progress import Collect, Draw, Haggle
from lintuan.plays.types import CampaignView, GrantState, Outcome

from . import amounts, giving
from .names import card_name
from .scene import Scene, scene


def told(asking: Asking, campaign: CampaignView, kind: FactKind, outcome: Outcome) -> kinds.PlayResult:
    """The answer to a deed."""
    seen = scene(asking, campaign, queries.run(campaign.province_id, outcome.run_id))
    if isinstance(campaign.definition.progress, Haggle) and kind == "offered":
        return _haggled(seen, outcome)
    given = [
        one
        for one in queries.grants(campaign.province_id, outcome.grant_ids)
        if one.state in (GrantState.GIVEN, GrantState.HELD, GrantState.USED)
    ]
    names = words.listed([giving.granted(asking, campaign, one) for one in given], asking.language)
    progress = campaign.definition.progress
    if isinstance(progress, Draw) and progress.when == "at_once" and outcome.ticket:
        prize = campaign.definition.rewards[given[0].reward].level if given else None
        return _drawn(seen, outcome, names, prize)
    right = _right(campaign, outcome, kind)
    first = _first_words(seen, outcome, kind)
    if names:
        text = asking.t(f"{first}您得到：{names}", f"{first}You have: {names}")
        return kinds.PlayResult(text=text, tone="good", right=right)
    tone = "good" if kind != "answered" or outcome.points else "info"
    return kinds.PlayResult(text=_missing(seen, first), tone=tone, right=right)  # type: ignore[arg-type]


def _drawn(seen: Scene, outcome: Outcome, names: str, prize: int | None) -> kinds.PlayResult:
    t = seen.asking.t
    if prize is None:
        return kinds.PlayResult(text=t("这次没有中。", "Nothing this time."), ticket=outcome.ticket)
    return kinds.PlayResult(
        text=t(f"中了：{names}", f"You won: {names}"), tone="good", prize=prize, ticket=outcome.ticket
    )


def _haggled(seen: Scene, outcome: Outcome) -> kinds.PlayResult:
    t, left = seen.asking.t, outcome.left
    if outcome.agreed_fen:
        price = words.yuan(outcome.agreed_fen)
        buy = parts.go("shelf", t("去货架买", "Buy on the shelf"), run=seen.run_id)
        return kinds.PlayResult(text=t(f"成交：{price}", f"Agreed: {price}"), tone="good", tap=buy)
    more = t(f"还能出 {left} 次价。", f"{left} left.") if left else t("可以按当日价购买。", "The day's price stands.")
    text = t(f"这个价不行（自动回复）。{more}", f"Not at that price (an automatic answer). {more}")
    return kinds.PlayResult(text=text)


def _right(campaign: CampaignView, outcome: Outcome, kind: FactKind) -> str:
    """The right option of the question that was answered."""
    asked, _, _ = (outcome.of[0] if outcome.of else "").partition(":")
    questions = campaign.content.questions
    known = kind == "answered" and asked.isdecimal() and int(asked) < len(questions)
    return str(questions[int(asked)].answer) if known else ""


def _first_words(seen: Scene, outcome: Outcome, kind: FactKind) -> str:
    t = seen.asking.t
    if isinstance(seen.play.progress, Collect) and outcome.of:
        name = card_name(seen.asking, seen.campaign, outcome.of[0])
        return t(f"翻到「{name}」。", f"It is {name}. ")
    if kind == "answered" and seen.campaign.content.questions:
        why = _why(seen, outcome)
        return (t("答对了。", "Right. ") if outcome.points else t("答错了。", "Not right. ")) + why
    return ""


def _why(seen: Scene, outcome: Outcome) -> str:
    """What is behind the right answer, if somebody wrote it down."""
    asked, _, _ = (outcome.of[0] if outcome.of else "").partition(":")
    questions = seen.campaign.content.questions
    if not asked.isdecimal() or int(asked) >= len(questions):
        return ""
    one, t = questions[int(asked)], seen.asking.t
    return t(one.why_zh, f"{one.why_en} " if one.why_en else "")


def _missing(seen: Scene, first: str) -> str:
    t, progress = seen.asking.t, amounts.progress_of(seen)
    told = words.told(progress.label, progress.left, language=seen.asking.language) if progress else ""
    done = first or t("已记下。", "Counted. ")
    return f"{done}{told}".strip()
