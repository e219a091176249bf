"""What is known of a round, for the words of its play; a sentence about what nobody knows is left out."""

from __future__ import annotations

from msgspec.structs import replace

from lintuan.leaders import queries as leaders
from lintuan.pages.compose import place, words
from lintuan.plays import queries
from lintuan.plays.engine.gifts import money
from lintuan.plays.engine.progress import Draw, Haggle, Quiz
from lintuan.plays.engine.telling import GENERAL, Told, figures, fill, sure
from lintuan.plays.engine.values import Text

from . import amounts, pricing
from .scene import Scene

#: Said of a round that has not begun.
_ANY_ROUND = {
    "until": Text(zh="每场结束", en="the end of each round"),
    "code": Text(zh="当场口令", en="the code of the round"),
    "price": Text(zh="当日价", en="the price of the day"),
    "opener": Text(zh="发起人", en="whoever opens it"),
    "name": Text(zh="参加的邻居", en="whoever takes part"),
    "winner": Text(zh="中奖的邻居", en="the winner"),
}
#: General words for these are as good as their names.
_COMMON = {name: GENERAL[name] for name in ("offer", "point", "leader")}


def said(scene: Scene, text: Text) -> str:
    """What is known of a text; empty where nothing is."""
    return sure(text, _known(scene, told_of(scene)), scene.asking.language)


def terms(scene: Scene) -> str:
    """Object, way, conditions, beginning and end: whole, also where a round has not begun that would fill them."""
    return fill(scene.play.terms, _ANY_ROUND | _known(scene, told_of(scene))).in_(scene.asking.language)


def chat_text(scene: Scene) -> str:
    """What to paste: an invitation, how it stands, or that it is done."""
    told, texts, language = told_of(scene), scene.play.texts, scene.asking.language
    value, target = amounts.count_of(scene)
    text = texts.progress if value else texts.invite
    if value and target is not None and value >= target and amounts.is_shared(scene):
        text, told = texts.done, replace(told, level=max(told.level - 1, 0))
    return sure(text, _known(scene, told), language) or scene.play.name.in_(language)


def told_of(scene: Scene) -> Told:
    """The round where the reader is, or their own part in it where each counts alone."""
    ends, zone = scene.ends_at, scene.zone
    return Told(
        count=_count(scene),
        level=amounts.reached(scene),
        offer=scene.goods_called,
        day_fen=scene.day_fen or 0,
        goods=queries.goods_of(scene.campaign),
        until=Text(zh=words.moment(ends, zone, "zh-hans"), en=words.moment(ends, zone, "en")) if ends else None,
        point=_point(scene),
        leader=scene.leader_name,
        code=scene.run.code if scene.run else "",
        pot_fen=queries.pot_fen(scene.campaign, scene.run),
    )


def _point(scene: Scene) -> Text | None:
    if not scene.point_id:
        return None
    view = leaders.point(scene.campaign.province_id, scene.point_id)
    return Text(zh=place.point_name(view, "zh-hans"), en=place.point_name(view, "en"))


def _known(scene: Scene, told: Told) -> dict[str, Text]:
    """The engine's figures, and what only the reader's own standing tells."""
    found = _COMMON | figures(scene.play, told) | {"count": _amount(scene, told.count)}
    found["level"] = _plain(str(scene.run.level if scene.run else 0))
    for name in ("target", "left"):
        found.pop(name, None)
    if scene.day_fen is not None:
        found["price"] = money(pricing.told(scene, scene.day_fen))
    aim = _aim(scene)
    if aim is not None:
        found |= {"target": _amount(scene, aim[0]), "left": _amount(scene, aim[1])}
    return found | {name: _plain(called) for name, called in _people(scene).items() if called}


def _aim(scene: Scene) -> tuple[int, int] | None:
    """How much is wanted and how much of it is missing; None where there is no such thing."""
    progress = scene.play.progress
    if isinstance(progress, Haggle):
        tried = queries.tries(scene.campaign.province_id, scene.run.id, scene.unit) if scene.run and scene.unit else 0
        return progress.rounds, max(progress.rounds - tried, 0)
    if isinstance(progress, Draw) and progress.ticket_every > 1:
        return progress.ticket_every, progress.ticket_every - scene.own.total % progress.ticket_every
    value, target = amounts.count_of(scene)
    return None if target is None else (target, max(target - value, 0))


def _people(scene: Scene) -> dict[str, str]:
    found, run = {}, scene.run
    if run and run.opener_id:
        found["opener"] = scene.masked([run.opener_id]).get(run.opener_id, "")
    if scene.is_mine:
        found["name"] = scene.masked([scene.asking.caller.id]).get(scene.asking.caller.id, "")
    if scene.unit and scene.play.participants.unit in ("team", "building"):
        found["team"] = scene.names([scene.unit]).get(scene.unit, "")
    return found


def _count(scene: Scene) -> int:
    """How many: of a draw of one's own what may still be drawn, of questions who has answered."""
    progress = scene.play.progress
    if isinstance(progress, Quiz):
        return queries.people_in(scene.campaign.province_id, scene.run.id) if scene.run else 0
    if isinstance(progress, Draw) and progress.when == "at_once" and scene.is_mine:
        daily = [amounts.turns(scene, one.fact) for one in scene.play.counts if one.most_per_day is not None]
        return max((turns for turns in daily if turns is not None), default=scene.own.tickets)
    return amounts.sum_of(scene)


def _amount(scene: Scene, amount: int) -> Text:
    is_money = all(one.measure == "fen" for one in scene.play.counts)
    return money(amount) if is_money else _plain(str(amount))


def _plain(text: str) -> Text:
    return Text(zh=text, en=text)
