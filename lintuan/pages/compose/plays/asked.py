"""Questions, entries and tasks: what is answered, voted for and done one by one."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from lintuan.kernel.ids import public_id
from lintuan.pages.compose import parts
from lintuan.pages.tree import plays as kinds
from lintuan.pages.tree import values
from lintuan.pages.tree.actions import Action, Answer, CheckIn, Vote
from lintuan.pages.tree.nodes import Node
from lintuan.pages.tree.plays import PlayNode
from lintuan.plays import queries
from lintuan.plays.engine.definition import Counting
from lintuan.plays.engine.gifts import yuan
from lintuan.plays.types import Question

from . import amounts, deeds
from .frame import alone
from .scene import Scene

Shown = dict[str, Any]
GUESS = "guess"
#: Guesses of a price go this far above tonight's.
TIMES_TODAY = 3
DEAREST = 10_000
#: What ends at midnight ends on the day before.
TICK = timedelta(microseconds=1)


def quiz(scene: Scene, shown: Shown) -> PlayNode:
    """Questions with options, or one guess."""
    found = questions(scene, shown["title"])
    if any(one.act for one in found):
        shown["tap"] = alone(scene)
    shown["text"] += "".join("\n" + _in_words(one) for one in found)
    return kinds.PlayQuiz(**shown, questions=found)


def _in_words(one: kinds.PlayQuestion) -> str:
    return "\n".join((one.title, *(f"- {choice.label}" for choice in one.choices)))


def questions(scene: Scene, title: str) -> list[kinds.PlayQuestion]:
    """What is asked, what the reader said, and what is right once that may be known."""
    said = _answers(scene)
    can = deeds.can_act(scene) and amounts.turns(scene, "answered") != 0 and "answered" in deeds.facts_of(scene)
    if scene.campaign.content.questions:
        asked = queries.questions_at(scene.campaign, _last_moment(scene))
        return [_question(scene, at, one, said.get(str(at), ""), can=can) for at, one in asked]
    return [_guess(scene, title, said.get("", ""), can=can)]


def _last_moment(scene: Scene) -> datetime:
    """Now, and of a round that is over its last."""
    ends = [at for at in (scene.run.ends_at if scene.run else None, scene.campaign.ends_at) if at is not None]
    return min([scene.asking.now, *(at - TICK for at in ends)])


def _answers(scene: Scene) -> dict[str, str]:
    """By question; of a guess there is but one."""
    if not (scene.run and scene.is_mine):
        return {}
    found = (one.of[0].rpartition(":") for one in scene.log if one.kind == "answered" and one.of)
    return {asked: answer for asked, _, answer in found}


def _question(scene: Scene, at: int, one: Question, given: str, *, can: bool) -> kinds.PlayQuestion:
    t = scene.asking.t
    choices = [values.Choice(value=str(place), label=t(*option)) for place, option in enumerate(one.options)]
    act = _answer(scene, question=at) if can and not given else None
    right = str(one.answer) if given or scene.is_over else ""
    return kinds.PlayQuestion(
        id=f"q{at + 1}", title=t(one.zh, one.en), choices=choices, given=given, right=right, act=act
    )


def _guess(scene: Scene, title: str, given: str, *, can: bool) -> kinds.PlayQuestion:
    entries = [(str(number), name) for number, name in scene.campaign.content.entries]
    choices = [values.Choice(value=name, label=name) for _, name in entries]
    act = _answer(scene) if can and not given else None
    right = scene.run.answer if scene.run else ""
    number = None if choices else _number(scene)
    return kinds.PlayQuestion(id=GUESS, title=title, choices=choices, number=number, given=given, right=right, act=act)


def _number(scene: Scene) -> kinds.PlayNumber:
    """Of a price around tonight's, in fen."""
    day = scene.day_fen
    if day is None:
        return kinds.PlayNumber(min=1, max=DEAREST, value=1)
    return kinds.PlayNumber(min=1, max=day * TIMES_TODAY, unit="fen", value=day)


def _answer(scene: Scene, **body: Any) -> Answer:
    text = scene.asking.t("就选这个", "Answer")
    return Answer(text=text, path=deeds.path_of(scene, "answered"), body=deeds.body_of(scene, **body))


def vote(scene: Scene, shown: Shown) -> PlayNode:
    """Entries with the votes that they have."""
    entries = scene.entries()
    votes = _votes(scene)
    can = deeds.can_act(scene) and amounts.turns(scene, "voted") != 0 and "voted" in deeds.facts_of(scene)
    mine = {one.unit for one in scene.log if one.kind == "voted"}
    found = [_entry(scene, number, name, votes.get(number, 0), mine, can=can) for number, name in entries]
    if can and found:
        shown["tap"] = alone(scene)
    if mine and not scene.is_over:
        shown["buttons"] = [*shown["buttons"], _take_back(scene)]
        shown["tap"] = shown["tap"] or shown["buttons"][-1].tap
    shown["text"] += "".join(f"\n{one.title} {one.note}" for one in found)
    return kinds.PlayVote(**shown, entries=found)


def _take_back(scene: Scene) -> values.Button:
    t, done = scene.asking.t, [parts.refresh(scene.asking)]
    told = parts.tell(t("已撤回，可以再投。", "Taken back; you may vote again."))
    call = parts.call(
        "POST", f"/plays/{scene.id}/votes/take-back", t("撤回我的票", "Take my vote back"), done=[told, *done]
    )
    return parts.button(call)


def _votes(scene: Scene) -> dict[int, int]:
    if scene.run is None:
        return {}
    return {one.unit: one.total for one in queries.standings(scene.campaign.province_id, scene.run.id)}


def _entry(scene: Scene, number: int, name: str, votes: int, mine: set[int], *, can: bool) -> kinds.PlayEntry:
    named = entry_id(scene, number)
    text = scene.asking.t(f"投给{name}", f"Vote for {name}")
    act = Vote(text=text, path=deeds.path_of(scene, "voted"), body=deeds.body_of(scene, entry=named)) if can else None
    note = amounts.votes(scene, votes)
    return kinds.PlayEntry(id=named, title=name, note=note, votes=votes, own=number in mine, act=act)


def entry_id(scene: Scene, number: int) -> str:
    return public_id("entry", scene.campaign.province_id, number)


def tasks(scene: Scene, shown: Shown) -> PlayNode:
    """What counts, thing by thing."""
    found = [_task(scene, rule) for rule in scene.play.counts if rule.into == "sum"]
    shown["text"] += "".join(f"\n{one.title} {one.gift}" for one in found)
    return kinds.PlayTasks(**shown, tasks=found)


_TASKS: dict[str, tuple[str, str]] = {
    "joined": ("参加", "Take part"),
    "paid": ("下单付款", "Pay for an order"),
    "collected": ("取货", "Collect your goods"),
    "reviewed": ("写评价，好坏都算", "Write a review, good or bad"),
    "checked_in": ("签到", "Check in"),
    "answered": ("答题", "Answer a question"),
    "played": ("玩一局", "Play a game"),
    "arrived": ("带来一位新邻居", "Bring a newcomer"),
    "scanned": ("到店扫纸码", "Scan the paper at the counter"),
    "watered": ("浇水", "Water it"),
    "walked": ("走路", "Walk"),
    "voted": ("投票", "Vote"),
    "redeemed": ("兑换", "Redeem"),
}


def _task(scene: Scene, rule: Counting) -> kinds.PlayTask:
    t, left = scene.asking.t, amounts.turns(scene, rule.fact) if scene.is_mine else None
    title = t(*_TASKS.get(rule.fact, ("完成", "Do it")))
    if rule.least_fen:
        title += t(f"（满 {yuan(rule.least_fen)} 元）", f" (from {yuan(rule.least_fen)} yuan)")
    act: Action | None = None
    if rule.fact == "checked_in" and left != 0 and deeds.can_act(scene):
        path, body = deeds.path_of(scene, "checked_in"), deeds.body_of(scene)
        act = CheckIn(text=t("签到", "Check in"), path=path, body=body)
    gift = t(f"{rule.worth} 分", f"{rule.worth} point{'' if rule.worth == 1 else 's'}")
    is_done = left == 0 and scene.is_mine and not scene.is_over
    state = "over" if scene.is_over else "done" if is_done else "open"
    return kinds.PlayTask(title=title, gift=gift, state=state, act=act)  # type: ignore[arg-type]


def as_forms(scene: Scene) -> list[Node]:
    """Questions and entries as forms, which every client knows."""
    t, done = scene.asking.t, [parts.refresh(scene.asking)]
    if not deeds.can_act(scene) or deeds.is_waiting(scene):
        return []
    found: list[Node] = []
    if scene.play.skin.kind == "play_quiz":
        for one in questions(scene, scene.play.name.in_(scene.asking.language)):
            if one.act is not None and isinstance(one.act, Answer):
                submit = parts.call(
                    "POST", one.act.path.removeprefix(parts.API), t("提交", "Send"), one.act.body, done=done
                )
                found.append(parts.form([_field(scene, one)], submit, one.id))
    if scene.play.skin.kind == "play_vote" and amounts.turns(scene, "voted") != 0:
        choices = [values.Choice(value=entry_id(scene, number), label=name) for number, name in scene.entries()]
        field = values.Field(name="entry", label=t("投给谁", "Vote for"), type="choice", required=True, choices=choices)
        path = deeds.path_of(scene, "voted").removeprefix(parts.API)
        submit = parts.call("POST", path, t("投票", "Vote"), deeds.body_of(scene), done=done)
        found += [parts.form([field], submit, "vote")] if choices else []
    return found


def _field(scene: Scene, one: kinds.PlayQuestion) -> values.Field:
    if one.choices:
        return values.Field(name="answer", label=one.title, type="choice", required=True, choices=one.choices)
    asked = one.number
    assert asked is not None
    unit = scene.asking.t("（分）", " (fen)") if asked.unit == "fen" else ""
    return values.Field(
        name="answer", label=f"{one.title}{unit}", type="number", required=True, min=asked.min, max=asked.max
    )
