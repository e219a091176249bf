"""What all kinds of plays say, whatever their skin."""

from __future__ import annotations

from typing import Any

from lintuan.pages.compose import parts, words
from lintuan.pages.tree import plays as kinds
from lintuan.pages.tree.actions import Action, Navigate
from lintuan.plays.engine.progress import Draw, First, Rank, Reach, Vote
from lintuan.plays.engine.rewards import Pot
from lintuan.plays.types import GrantState, RunState

from . import amounts, deeds, giving, known
from .scene import Scene


def frame(scene: Scene) -> dict[str, Any]:
    """The fields that every kind of play has."""
    name = scene.play.name.in_(scene.asking.language)
    title = name if scene.is_over else known.said(scene, scene.play.skin.title) or name
    (act, old), buttons = deeds.act(scene), deeds.buttons(scene)
    found: dict[str, Any] = {
        "key": f"play-{scene.run_id or scene.id}",
        "title": title,
        "terms": known.terms(scene),
        "lines": _lines(scene, name, title),
        "state": _state(scene),
        "state_text": _state_text(scene),
        "ends_at": None if scene.is_over else scene.ends_at,
        "over": scene.asking.t("这一场结束了", "This round is over"),
        "progress": amounts.progress_of(scene),
        "own": own(scene),
        "levels": levels(scene),
        "prizes": giving.prizes(scene.asking, scene.campaign, scene.run),
        "proof": proof(scene),
        "funding": giving.funding(scene.asking, scene.campaign),
        "result": _result(scene),
        "act": act,
        # Of a kind that they do not know, clients show the text and this alone.
        "tap": old or next((one.tap for one in buttons), None),
        "buttons": buttons,
    }
    found["text"] = in_words(scene, found)
    return found


def in_words(scene: Scene, frame: dict[str, Any]) -> str:
    """The whole of it for who sees nothing else."""
    t, progress, result = scene.asking.t, frame["progress"], frame["result"]
    ends = frame["ends_at"]
    until = words.moment(ends, scene.zone, scene.asking.language) if ends else ""
    told = [
        frame["title"],
        *frame["lines"],
        frame["state_text"],
        t(f"{until} 结束", f"Ends {until}") if until else "",
        words.told(progress.label, progress.left, language=scene.asking.language) if progress else "",
        *(words.told(one.label, one.value, one.note, language=scene.asking.language) for one in frame["own"]),
        *(f"{one.at} · {one.gift}" for one in frame["levels"]),
        *(words.told(f"{one.name} {one.odds}", one.left, language=scene.asking.language) for one in frame["prizes"]),
        result.text if result else "",
        frame["terms"],
        t(f"费用：{frame['funding']}", f"Paid by: {frame['funding']}") if frame["funding"] else "",
    ]
    return "\n".join(dict.fromkeys(line for line in told if line))


def _lines(scene: Scene, name: str, title: str) -> list[str]:
    said = [known.said(scene, one) for one in scene.play.skin.lines]
    lines = [name if name != title else "", *said, scene.campaign.content.note]
    if scene.run and scene.run.code and scene.run.opener_id and not scene.is_over:
        lines.append(scene.asking.t(f"口令 {scene.run.code}", f"Code {scene.run.code}"))
    if scene.run and scene.run.sealed:
        lines.append(scene.asking.t(f"答案已封存：{scene.run.sealed}", f"The answer is sealed: {scene.run.sealed}"))
    return [line for line in lines if line]


def _state(scene: Scene) -> Any:
    if scene.is_over:
        return "over"
    made = [] if amounts.is_late(scene) else [fact for fact in deeds.facts_of(scene) if fact in deeds.PATHS]
    is_done = bool(made) and len(made) == len(deeds.facts_of(scene)) and deeds.can_act(scene)
    return "done" if is_done and all(amounts.turns(scene, fact) == 0 for fact in made) else "open"


def _state_text(scene: Scene) -> str:
    t = scene.asking.t
    if scene.run and scene.run.state is RunState.UNFILLED:
        refund = scene.play.unfilled == "refund"
        return t("没有凑齐，已退款", "Not filled, paid back") if refund else t("没有凑齐", "Not filled")
    if scene.is_over:
        return t("已结束", "Over")
    if _state(scene) == "done":
        return t("今天做完了", "Done for now")
    return deeds.why_not(scene) or ("" if scene.is_on and not amounts.is_late(scene) else t("还没到时间", "Not on now"))


def levels(scene: Scene) -> list[kinds.PlayLevel]:
    """What each level gives, and how far it is reached."""
    if isinstance(scene.play.progress, Draw):
        return []
    found, reached = [], amounts.reached(scene)
    for at, level in enumerate(amounts.levels_of(scene)):
        gift = giving.gifts(scene.asking, scene.campaign, at)
        if gift:
            state = "done" if at < reached else "next"
            found.append(kinds.PlayLevel(at=_at(scene, at, level), gift=gift, state=state))  # type: ignore[arg-type]
    return found


def _at(scene: Scene, at: int, level: int) -> str:
    t, before = scene.asking.t, amounts.levels_of(scene)[at - 1] if at else 0
    if isinstance(scene.play.progress, Rank | Vote):
        if level - before == 1:
            return t(f"第 {level} 名", f"Place {level}")
        return t(f"第 {before + 1}-{level} 名", f"Places {before + 1}-{level}")
    if isinstance(scene.play.progress, First):
        return t(f"前 {level} 名", f"The first {level}")
    if amounts.is_by_minute(scene):
        return t(f"第 {level} 分钟起", f"From minute {level}")
    return amounts.counted(scene, level)


def own(scene: Scene) -> list[kinds.PlayStanding]:
    """What the reader has counted themselves."""
    if not (scene.is_mine and scene.run and scene.unit):
        return []
    t, tally, progress = scene.asking.t, scene.own, scene.play.progress
    found = []
    if scene.play.participants.unit in ("building", "team", "household"):
        name = scene.names([scene.unit]).get(scene.unit, "")
        found.append(kinds.PlayStanding(label=t("我们", "Us"), value=name))
    if isinstance(progress, Draw):
        value = t(f"{tally.tickets} 张", str(tally.tickets))
        found.append(kinds.PlayStanding(label=t("我的票", "My tickets"), value=value))
    elif tally.agreed_fen:
        found.append(kinds.PlayStanding(label=t("谈成的价", "Agreed price"), value=words.yuan(tally.agreed_fen)))
    elif tally.total and (amounts.is_shared(scene) or isinstance(progress, Reach)) and not amounts.is_by_minute(scene):
        found.append(kinds.PlayStanding(label=t("我的", "Mine"), value=amounts.counted(scene, tally.total)))
    return found


def proof(scene: Scene) -> kinds.PlayProof | None:
    """The hash of the seed before, the seed after, and the way to check both; where chance or a sealed answer is."""
    by_chance = isinstance(scene.play.progress, Draw) or any(
        isinstance(one, Pot) and one.split == "random" for one in scene.play.rewards
    )
    if scene.run is None or not (by_chance or scene.run.sealed or scene.run.answer):
        return None
    to = parts.go("proof", scene.asking.t("自己验算", "Check it yourself"), run=scene.run_id)
    return kinds.PlayProof(commitment=scene.run.commitment, seed=scene.run.seed, tap=to)


def _result(scene: Scene) -> kinds.PlayResult | None:
    """What the reader was given last in this round."""
    if not scene.grants:
        return None
    grant, t = scene.grants[0], scene.asking.t
    name = giving.granted(scene.asking, scene.campaign, grant)
    prize = scene.play.rewards[grant.reward].level if isinstance(scene.play.progress, Draw) else None
    if grant.state is GrantState.HELD:
        return kinds.PlayResult(text=t(f"{name}：核实后发放", f"{name}: given once it is checked"), prize=prize)
    return kinds.PlayResult(text=t(f"您得到：{name}", f"You have: {name}"), tone="good", prize=prize)


def alone(scene: Scene) -> Action:
    """The way to the play as forms, for clients that do not know what its kind is answered with."""
    text = scene.asking.t("用表单参加", "Take part by a form")
    return Navigate(text=text, page="play", with_={"plain": "1", **_named(scene)})


def _named(scene: Scene) -> dict[str, str]:
    return {"play": scene.id, **({"run": scene.run_id} if scene.run_id else {})}
