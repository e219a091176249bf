"""Prices of plays about one thing: what it would cost now, at each step, and what may be offered for it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from lintuan.pages.compose import words
from lintuan.pages.tree import plays as kinds
from lintuan.pages.tree.actions import Answer
from lintuan.plays import queries
from lintuan.plays.engine.earning import saving
from lintuan.plays.engine.haggling import floor_of
from lintuan.plays.engine.progress import Fall, Haggle
from lintuan.plays.engine.rewards import Price

from . import amounts, deeds
from .scene import Scene


def node(scene: Scene, shown: dict[str, Any]) -> kinds.PlayPrice:
    """A price that falls, is haggled over, or is given once."""
    day = scene.day_fen
    assert day is not None
    now, more = _now(scene, day), _bidding(scene, day)
    shown = {**shown, **more.pop("frame", {})}
    label = scene.asking.t(f"现价 {words.yuan(now)}", f"Now {words.yuan(now)}")
    shown["text"] = f"{label}\n{shown['text']}"
    steps = _steps(scene, day)
    # The steps say it in yuan.
    shown["levels"] = [] if steps else shown["levels"]
    return kinds.PlayPrice(
        **shown, now_fen=now, steps=steps, floor_fen=_floor(scene, day), falls_at=_falls_at(scene), **more
    )


def told(scene: Scene, day: int) -> int:
    """The price that the play is about: of one that falls the next, of one that is haggled over where it is."""
    if isinstance(scene.play.progress, Haggle):
        return scene.own.agreed_fen or day
    if isinstance(scene.play.progress, Fall):
        now = _sum(scene)
        levels = scene.play.progress.levels
        at = next((at for at, level in enumerate(levels) if now < level), len(levels) - 1)
        return _at(scene, day, at) or day
    one = best(scene)
    return (_at(scene, day, one.level) or day) if one else day


def _falls_at(scene: Scene) -> datetime | None:
    """When a price that falls by the minute falls next."""
    progress = scene.play.progress
    if scene.run is None or scene.is_over or not isinstance(progress, Fall) or progress.by != "minutes":
        return None
    moments = (scene.run.begins_at + timedelta(minutes=level) for level in progress.levels)
    return next((moment for moment in moments if moment > scene.asking.now), None)


def best(scene: Scene) -> Price | None:
    """The lowest price that the play gives."""
    found = [one for one in scene.play.rewards if isinstance(one, Price)]
    return min(found, key=lambda one: one.price_bps, default=None)


def _at(scene: Scene, day: int, level: int) -> int | None:
    """The price at a level."""
    found = next((one for one in scene.play.rewards if isinstance(one, Price) and one.level == level), None)
    return max(day - saving(found, day), _least(scene, day)) if found else None


def _least(scene: Scene, day: int) -> int:
    bps = scene.play.limits.price_floor_bps
    return floor_of(day, bps) if bps else 1


def _now(scene: Scene, day: int) -> int:
    """What it costs the reader now: the step reached, or what was agreed; else the day's price."""
    if scene.own.agreed_fen:
        return scene.own.agreed_fen
    if not isinstance(scene.play.progress, Fall):
        one = best(scene)
        reached = one is not None and not isinstance(scene.play.progress, Haggle) and _is_reached(scene, one.level)
        return (_at(scene, day, one.level) or day) if one and reached else day
    steps = sum(_sum(scene) >= level for level in scene.play.progress.levels)
    return (_at(scene, day, steps - 1) or day) if steps else day


def _is_reached(scene: Scene, level: int) -> bool:
    levels = amounts.levels_of(scene)
    return level < len(levels) and amounts.sum_of(scene) >= levels[level]


def _sum(scene: Scene) -> int:
    """What has counted, or how many minutes the round has gone on."""
    if not amounts.is_by_minute(scene):
        return amounts.sum_of(scene)
    began = scene.run.begins_at if scene.run else scene.asking.now
    return int((scene.asking.now - began).total_seconds()) // 60


def _steps(scene: Scene, day: int) -> list[kinds.PlayPriceStep]:
    progress = scene.play.progress
    if not isinstance(progress, Fall):
        return []
    found, now = [], _sum(scene)
    for at, level in enumerate(progress.levels):
        price = _at(scene, day, at)
        if price is None:
            continue
        t = scene.asking.t
        label = (
            t(f"第 {level} 分钟", f"Minute {level}") if amounts.is_by_minute(scene) else amounts.counted(scene, level)
        )
        is_last = at + 1 == len(progress.levels) or now < progress.levels[at + 1]
        state = "next" if now < level else "now" if is_last else "done"
        found.append(kinds.PlayPriceStep(label=label, fen=price, state=state))  # type: ignore[arg-type]
    return found


def _floor(scene: Scene, day: int) -> int | None:
    if isinstance(scene.play.progress, Haggle):
        return floor_of(day, scene.play.progress.floor_bps)
    one = best(scene)
    return _at(scene, day, one.level) if one else None


def _bidding(scene: Scene, day: int) -> dict[str, Any]:
    """What the opener may still offer."""
    progress = scene.play.progress
    if not isinstance(progress, Haggle) or not scene.is_opener or scene.run is None or not deeds.can_act(scene):
        return {}
    left = progress.rounds - queries.tries(scene.campaign.province_id, scene.run.id, scene.unit)
    if left <= 0 or scene.own.agreed_fen:
        return {}
    t, path, body = scene.asking.t, deeds.path_of(scene, "offered"), deeds.body_of(scene)
    bid = kinds.PlayNumber(min=floor_of(day, progress.floor_bps), max=day, unit="fen", value=day)
    rounds = t(
        f"还能出 {left} 次价；回复由系统按事先定下的底线自动给出",
        f"{left} left; answers are automatic, by a limit set before",
    )
    act = Answer(text=t("出这个价", "Offer this price"), path=path, body=body, name="fen")
    frame = {"act": act, "tap": None, "state_text": rounds}
    return {"frame": frame, "bid": bid}
