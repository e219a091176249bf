"""What a reader can do in a play now, as actions on the API."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from lintuan.pages.compose import parts
from lintuan.pages.tree import values
from lintuan.pages.tree.actions import Action, Call, CheckIn, Draw, Join, Navigate, OpenRun, PlayGame
from lintuan.pages.tree.nodes import Node
from lintuan.plays.engine.definition import FactKind
from lintuan.plays.engine.progress import Draw as Drawing

from . import amounts
from .scene import Scene

#: Facts that members make themselves, by their place in the API.
PATHS: dict[FactKind, str] = {
    "joined": "join",
    "checked_in": "check-in",
    "voted": "vote",
    "answered": "answer",
    "played": "play",
    "walked": "walk",
    "watered": "water",
    "offered": "offer",
    "scanned": "scan",
    "redeemed": "redeem",
    "arrived": "arrive",
    "helped": "help",
}
#: A tap is enough for these.
_TAPS: tuple[FactKind, ...] = ("checked_in", "joined", "watered", "played")


def path_of(scene: Scene, fact: FactKind) -> str:
    return f"{parts.API}/plays/{scene.id}/deeds/{PATHS[fact]}"


def body_of(scene: Scene, **more: Any) -> dict[str, Any]:
    """A round that somebody opened is named."""
    named = {"run": scene.run_id} if scene.run and scene.run.opener_id else {}
    return {**named, **more}


def facts_of(scene: Scene) -> set[FactKind]:
    return {one.fact for one in scene.play.counts}


def why_not(scene: Scene) -> str:
    """Why the reader cannot take part; empty where they can, or might."""
    t, who = scene.asking.t, scene.play.participants.who
    if scene.is_over or not scene.is_mine:
        return ""
    if who == "leaders" or (scene.play.participants.unit == "leader" and not facts_of(scene) & {"paid", *PATHS}):
        return t("这是团长之间的玩法", "It is for leaders")
    if who == "buyers" and not scene.has_bought:
        return t("买过菜的邻居才能参加", "It is for neighbours who have bought here")
    if who == "newcomers" and scene.has_bought and "arrived" not in facts_of(scene):
        return t("新邻居才能参加", "It is for newcomers")
    return ""


def can_act(scene: Scene) -> bool:
    """Whether the reader's deeds would count here."""
    if scene.is_over or not scene.is_on or not scene.is_mine or why_not(scene) or not scene.has_point:
        return False
    needs_side = scene.play.participants.unit in ("building", "team") and not scene.unit
    return not needs_side


def is_waiting(scene: Scene) -> bool:
    """Whether there is no round of the reader's yet, in a play that they open."""
    return scene.play.participants.reach == "opener" and scene.run is None


def act(scene: Scene) -> tuple[Action | None, Action | None]:
    """The one thing to do now, and the same for clients that are older than its kind."""
    if not can_act(scene):
        return None, None
    if is_waiting(scene):
        return _open(scene)
    fact = next((one for one in _TAPS if _is_tapped(scene, one)), None)
    if fact is None:
        return None, None
    neighbour = {"neighbour": scene.neighbour} if fact == "watered" and scene.neighbour else {}
    path, body = path_of(scene, fact), body_of(scene, **neighbour)
    if isinstance(scene.play.progress, Drawing) and scene.play.progress.when == "at_once":
        draw = Draw(text=scene.asking.t("抽一次", "Draw"), path=path, body=body, nonce="nonce")
        return draw, draw
    return _plain(scene, fact, path, body)


def _is_tapped(scene: Scene, fact: FactKind) -> bool:
    """Whether the reader has a turn left; one's own plant is watered by others where the play says so."""
    rules = [one for one in scene.play.counts if one.fact == fact]
    for_others = fact == "watered" and all(one.by == "others" for one in rules)
    if not rules or (for_others and not scene.neighbour):
        return False
    return for_others or amounts.turns(scene, fact) != 0


def _plain(scene: Scene, fact: FactKind, path: str, body: dict[str, Any]) -> tuple[Action | None, Action | None]:
    t = scene.asking.t
    match fact:
        case "checked_in":
            text = t("签到", "Check in")
            return CheckIn(text=text, path=path, body=body), Join(text=text, path=path, body=body)
        case "played":
            text = t("开始玩", "Play")
            measured = {one.measure for one in scene.play.counts if one.fact == "played"}
            old = Join(text=text, path=path, body=body) if measured == {"times"} else None
            return PlayGame(text=text, path=path, body=body), old
        case "watered":
            join = Join(text=t("浇水", "Water it"), path=path, body=body)
            return join, join
        case _:
            join = Join(text=t("参加", "Take part"), path=path, body=body)
            return join, join


def _open(scene: Scene) -> tuple[Action, Action]:
    t, path = scene.asking.t, f"{parts.API}/plays/{scene.id}/runs"
    text, ask = t("开一场", "Open a round"), t("现在开一场吗？", "Open a round now?")
    see = parts.go("run", t("看这一场", "See the round"), run="$run")
    return (
        OpenRun(text=text, path=path, ask=ask, done=[see]),
        Call(text=text, method="POST", path=path, ask=ask, done=[see]),
    )


def buttons(scene: Scene) -> list[values.Button]:
    """What else there is to do: buy what counts, sign in, choose a point."""
    t = scene.asking.t
    found: list[values.Button] = []
    if scene.is_over:
        return found
    name = scene.play.name.in_(scene.asking.language)
    here = Navigate(text=name, page="run" if scene.run_id else "play", with_=where(scene))
    if not scene.is_mine and not scene.asking.is_leader:
        found.append(
            values.Button(label=t("登录后参加", "Sign in to take part"), tap=parts.sign_in(scene.asking, [here]))
        )
    elif scene.is_mine and not scene.has_point:
        found.append(parts.button(parts.go("points", t("先选自提点", "Choose a pickup point first"))))
    if "paid" in facts_of(scene) and not is_waiting(scene) and not why_not(scene):
        named = {"run": scene.run_id} if scene.run and scene.run.opener_id else {}
        found.append(parts.button(Navigate(text=t("去货架买", "Buy on the shelf"), page="shelf", with_=named), "main"))
    return found


def where(scene: Scene) -> dict[str, str]:
    """The parameters of the page that shows it."""
    return {"run": scene.run_id} if scene.run_id else {"play": scene.id}


def forms(scene: Scene) -> list[Node]:
    """What needs more than a tap: a side, a code, steps, points."""
    if scene.is_over or not scene.is_mine or why_not(scene) or not scene.has_point:
        return []
    found = [_side(scene)] if scene.play.participants.unit in ("building", "team", "household") else []
    if is_waiting(scene) or not can_act(scene):
        return found
    made: dict[FactKind, Callable[[Scene], list[Node]]] = {
        "scanned": _code,
        "redeemed": _redeem,
        "walked": _steps,
        "arrived": _arrive,
    }
    facts = [one for one in made if _is_told(scene, one) and amounts.turns(scene, one) != 0]
    return [*found, *(node for one in facts for node in made[one](scene))]


def _is_told(scene: Scene, fact: FactKind) -> bool:
    """Whether a member's own word for it can count: not where an order is to come with it."""
    return any(one.fact == fact and one.least_fen is None for one in scene.play.counts)


def _sent(scene: Scene, fact: FactKind, text: str, **body: Any) -> Action:
    told: list[Action] = [parts.refresh(scene.asking)]
    return Call(text=text, method="POST", path=path_of(scene, fact), body=body_of(scene, **body), done=told)


def _code(scene: Scene, fact: FactKind = "scanned") -> list[Node]:
    t = scene.asking.t
    label = t("柜台纸上的口令", "The code on the paper at the counter")
    if fact == "redeemed":
        label = t("卡上的兑换码", "The code on your card")
    field = values.Field(name="code", label=label, type="text", required=True, max=20)
    neighbour = {"neighbour": scene.neighbour} if fact == "scanned" and scene.neighbour else {}
    return [parts.form([field], _sent(scene, fact, t("提交", "Send"), **neighbour), PATHS[fact])]


def _redeem(scene: Scene) -> list[Node]:
    """Points at a tap; a code where no points are asked for."""
    t = scene.asking.t
    if not any(one.fact == "redeemed" and one.measure == "points" for one in scene.play.counts):
        return _code(scene, "redeemed")
    points = amounts.levels_of(scene)[0]
    use = _sent(scene, "redeemed", t(f"用 {points} 积分兑换", f"Exchange {points} points"))
    return [parts.buttons(parts.button(use, "main"))]


def _steps(scene: Scene) -> list[Node]:
    t = scene.asking.t
    field = values.Field(
        name="steps", label=t("今天的步数", "Steps today"), type="number", required=True, min=1, max=30_000
    )
    return [parts.form([field], _sent(scene, "walked", t("提交步数", "Send")), "walk")]


def _arrive(scene: Scene) -> list[Node]:
    """Whoever came by a neighbour's link says so."""
    if not scene.neighbour or scene.has_bought:
        return []
    text = scene.asking.t("是这位邻居带我来的", "This neighbour brought me")
    return [parts.buttons(parts.button(_sent(scene, "arrived", text, neighbour=scene.neighbour), "main"))]


def _side(scene: Scene) -> Node:
    t = scene.asking.t
    names = {
        "building": t("您住哪一栋（如 3 栋）", "Your building, such as 3"),
        "team": t("您的队名", "Your team's name"),
        "household": t("您家的名字（家人填一样的）", "Your household's name, the same for all of you"),
    }
    field = values.Field(name="label", label=names[scene.play.participants.unit], type="text", required=True, max=30)
    path = f"{parts.API}/plays/{scene.id}/side"
    submit = Call(text=t("就是这个", "This is mine"), method="POST", path=path, done=[parts.refresh(scene.asking)])
    return parts.form([field], submit, "side")
