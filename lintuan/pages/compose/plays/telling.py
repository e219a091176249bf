"""Placeholders of titles and texts, filled from what is known of a round.

A sentence with a name that nobody knows yet is left out whole: nothing is invented, and no placeholder is shown.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from lintuan.pages.compose import words
from lintuan.plays import queries
from lintuan.plays.engine.progress import Draw, Haggle, Quiz
from lintuan.plays.engine.rewards import Pot
from lintuan.plays.engine.values import Text

from . import amounts, giving, pricing
from .scene import Scene

_NAME = re.compile(r"\{(\w+)\}")


def fill(text: Text, known: Mapping[str, str], language: str, *, otherwise: str) -> str:
    """The text with its names filled; `otherwise` where nothing of it can be said."""
    said = text.in_(language)
    if all(known.get(name) for name in _NAME.findall(said)):
        return _NAME.sub(lambda found: known[found[1]], said)
    kept = [one for one in _sentences(said) if all(known.get(name) for name in _NAME.findall(one))]
    filled = _NAME.sub(lambda found: known[found[1]], "".join(kept)).strip(" ，,；;")
    return filled if any(sign.isalnum() for sign in filled) else otherwise


def _sentences(text: str) -> list[str]:
    return [one for one in re.split(r"(?<=[。！？；])|(?<=[.!?;])(?=\s)", text) if one]


def terms(scene: Scene) -> str:
    """Object, way, conditions, beginning and end: whole, also where a round has not begun that would fill them."""
    t, known = scene.asking.t, known_of(scene)
    general = {
        "until": t("每场结束", "the end of each round"),
        "code": t("当场口令", "the code of the round"),
        "price": t("当日价", "the price of the day"),
        "opener": t("发起人", "whoever opens it"),
        "name": t("参加的邻居", "whoever takes part"),
        "winner": t("中奖的邻居", "the winner"),
    }
    given = {name: value for name, value in known.items() if value}
    name = scene.play.name.in_(scene.asking.language)
    return fill(scene.play.terms, general | given, scene.asking.language, otherwise=name)


def known_of(scene: Scene) -> dict[str, str]:
    """What is known by its name; who is not known has none."""
    t, run, asking = scene.asking.t, scene.run, scene.asking
    value, target = amounts.count_of(scene)
    ends = scene.ends_at
    known = {
        "code": run.code if run else "",
        "until": words.moment(ends, scene.zone, asking.language) if ends else "",
        "point": scene.point_name or t("自提点", "the pickup point"),
        "leader": scene.leader_name or t("团长", "the leader"),
        "offer": scene.goods_name or t("今晚的菜", "tonight's goods"),
        "price": _price(scene),
        "prize": _prize(scene),
        "pot": next((giving.yuan(one.most_fen) for one in scene.play.rewards if isinstance(one, Pot)), ""),
        "count": str(_count(scene, value)),
        "target": _plain(scene, target) if target is not None else "",
        "left": _plain(scene, max(target - value, 0)) if target is not None else "",
        "days": str(amounts.streak_of(scene)),
        "level": str(run.level if run else 0),
    }
    if isinstance(scene.play.progress, Haggle):
        known |= _rounds(scene, scene.play.progress)
    if run and run.opener_id:
        known["opener"] = scene.masked([run.opener_id]).get(run.opener_id, "")
    if scene.is_mine:
        known["name"] = scene.masked([asking.caller.id]).get(asking.caller.id, "")
    if scene.unit and scene.play.participants.unit in ("team", "building"):
        known["team"] = scene.names([scene.unit]).get(scene.unit, "")
    return known


def _rounds(scene: Scene, progress: Haggle) -> dict[str, str]:
    tried = queries.tries(scene.campaign.province_id, scene.run.id, scene.unit) if scene.run and scene.unit else 0
    return {"target": str(progress.rounds), "left": str(max(progress.rounds - tried, 0))}


def _count(scene: Scene, value: int) -> int:
    """How many: of a draw of one's own, what may still be drawn."""
    progress = scene.play.progress
    if isinstance(progress, Quiz):
        return queries.people_in(scene.campaign.province_id, scene.run.id) if scene.run else 0
    if isinstance(progress, Draw) and progress.when == "at_once" and scene.is_mine:
        daily = [amounts.turns(scene, one.fact) for one in scene.play.counts if one.most_per_day is not None]
        left = [turns for turns in daily if turns is not None]
        return max(left) if left else scene.own.tickets
    return value


def _plain(scene: Scene, amount: int) -> str:
    """Of money yuan, of anything else the number."""
    is_money = all(one.measure == "fen" for one in scene.play.counts)
    return giving.yuan(amount) if is_money else str(amount)


def _price(scene: Scene) -> str:
    """Of a price that falls the next one, of one that is given that, else tonight's."""
    if scene.day_fen is None:
        return ""
    return words.yuan(pricing.told(scene, scene.day_fen))


def _prize(scene: Scene) -> str:
    progress = scene.play.progress
    if isinstance(progress, Draw):
        return progress.prizes[0].name.in_(scene.asking.language)
    return giving.gifts(scene.asking, scene.campaign, 0)
