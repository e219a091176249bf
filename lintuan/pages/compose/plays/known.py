"""What is known of a round, for the words of its play; a sentence about what nobody knows is left out."""

from __future__ import annotations

from lintuan.leaders import queries as leaders
from lintuan.pages.compose import place, words
from lintuan.plays import queries
from lintuan.plays.engine.gifts import money
from lintuan.plays.engine.progress import Draw, Fall, Haggle, Rank
from lintuan.plays.engine.telling import (
    GENERAL,
    Told,
    counts_alone,
    figures,
    figures_of_end,
    fill,
    names_one,
    public,
    sure,
)
from lintuan.plays.engine.values import Text
from lintuan.plays.engine.ways import Ranking, way_of

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
    """What to paste: an invitation, how it stands, or that it is done; what is the reader's only with their name."""
    told, play = told_of(scene), scene.play
    text, known = play.texts.invite, _known(scene, told)
    value, target = amounts.count_of(scene)
    if value and target is not None and value >= target and amounts.is_shared(scene):
        text, known = play.texts.done, known | figures_of_end(play, told)
    elif value and (amounts.is_shared(scene) or names_one(play, play.texts.progress)):
        text = play.texts.progress
    language = scene.asking.language
    return sure(public(play, text), known, language) or play.name.in_(language)


def told_of(scene: Scene) -> Told:
    """The round where the reader is, and their own part in it where they are known."""
    run, one, ends, zone = scene.run, scene.campaign, scene.ends_at, scene.zone
    return Told(
        count=queries.counted(one, run) if run else 0,
        level=amounts.reached(scene),
        joined=queries.joined(one, run) if run else None,
        own=_own(scene),
        mine=_mine(scene),
        turns=amounts.turns_left(scene),
        place=_place(scene),
        offer=scene.goods_called,
        day_fen=scene.day_fen or 0,
        goods=queries.goods_of(one),
        until=Text(zh=words.moment(ends, zone, "zh-hans"), en=words.moment(ends, zone, "en")) if ends else None,
        point=_point(scene),
        leader=scene.leader_name,
        code=run.code if run else "",
        pot_most=queries.pot_most(one, run),
        **_people(scene),
    )


def _own(scene: Scene) -> int | None:
    """How far the reader is on their own way; None where nobody is known, or there is no such way."""
    if not scene.unit:
        return None
    match scene.play.progress:
        case Haggle():
            return queries.tries(scene.campaign.province_id, scene.run.id, scene.unit) if scene.run else 0
        case Draw(ticket_every=every):
            return scene.own.total % every
        case Fall():
            return None
        case _:
            return amounts.sum_of(scene) if counts_alone(scene.play) else None


def _mine(scene: Scene) -> int | None:
    """Everything the reader counted; of a draw their tickets."""
    if not scene.unit:
        return None
    return scene.own.tickets if isinstance(scene.play.progress, Draw) else scene.own.total


def _place(scene: Scene) -> int | None:
    """The reader's place in a ranking, where its words ask for it and they have one."""
    play, run = scene.play, scene.run
    texts = (play.skin.title, play.texts.progress, play.texts.done)
    if not (run and scene.unit and any("{place}" in text.zh for text in texts)):
        return None
    way = way_of(play.progress, play.rewards)
    tallies = queries.standings(scene.campaign.province_id, run.id)
    return way.places(tallies).get(scene.unit) if isinstance(way, Ranking) else None


def _point(scene: Scene) -> Text | None:
    if not scene.point_id:
        return None
    view = leaders.point(scene.campaign.province_id, scene.point_id)
    return Text(zh=place.point_name(view, "zh-hans"), en=place.point_name(view, "en"))


def _known(scene: Scene, told: Told) -> dict[str, Text]:
    """The engine's figures, and the price as the reader would pay it."""
    found = _COMMON | figures(scene.play, told)
    return found | ({} if scene.day_fen is None else {"price": money(pricing.told(scene, scene.day_fen))})


def _people(scene: Scene) -> dict[str, str]:
    """Who opened the round, who reads, and which building or team leads it or is theirs."""
    found, run = {}, scene.run
    if run and run.opener_id:
        found["opener"] = scene.masked([run.opener_id]).get(run.opener_id, "")
    if scene.is_mine:
        found["name"] = scene.masked([scene.asking.caller.id]).get(scene.asking.caller.id, "")
    if scene.play.participants.unit in ("team", "building"):
        ranked = isinstance(scene.play.progress, Rank)
        unit = next((one.unit for one in scene.leading), 0) if ranked else scene.unit
        found["team"] = scene.names([unit]).get(unit, "") if unit else ""
    return found
