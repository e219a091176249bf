"""One composing function for each skin: its node, filled from the definition, the round and the reader's standing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from lintuan.pages.compose import words
from lintuan.pages.tree import plays as kinds
from lintuan.pages.tree.plays import PlayNode
from lintuan.plays import queries
from lintuan.plays.engine.definition import FactKind
from lintuan.plays.engine.facts import Tally
from lintuan.plays.engine.gifts import fold, percent, yuan
from lintuan.plays.engine.progress import Collect, Fall, Haggle, Rank, Streak, Vote
from lintuan.plays.engine.rewards import Cash, Coupon, Price, Rebate
from lintuan.plays.engine.ways import Ranking, way_of

from . import amounts, asked, deeds, giving, pricing
from .frame import frame
from .names import card_name
from .scene import MOST_SHOWN, Scene

DICE = 6
EGGS = 3
LONGEST_STREAK = 14
_STAGES = (("种子", "Seed"), ("发芽", "Sprout"), ("长叶", "Leaves"), ("开花", "Flower"), ("结果", "Fruit"))


def node(scene: Scene) -> PlayNode:
    """The play as its skin shows it; who sees no more than its text taps on that, and reads what it does."""
    found = SKINS[scene.play.skin.kind](scene, frame(scene))
    if found.tap:
        found.text += "\n" + scene.asking.t(f"点这里：{found.tap.text}", f"Tap here: {found.tap.text}")
    return found


Shown = dict[str, Any]


def _board(scene: Scene, shown: Shown) -> PlayNode:
    value, target = amounts.count_of(scene)
    is_money = all(one.measure == "fen" for one in scene.play.counts)
    per = 100 if is_money else 1
    names = scene.names([one.unit for one in scene.leading])
    opener = scene.masked([scene.run.opener_id]) if scene.run and scene.run.opener_id else {}
    return kinds.PlayBoard(
        **shown,
        have=value // per,
        need=(target if target is not None else max(value, 1)) // per,
        names=[names[one.unit] for one in scene.leading if one.unit in names],
        opener=next(iter(opener.values()), ""),
    )


def _meter(scene: Scene, shown: Shown) -> PlayNode:
    value, target = amounts.count_of(scene)
    progress = shown["progress"]
    return kinds.PlayMeter(
        **shown,
        value=value,
        target=target if target is not None else max(value, 1),
        label=progress.label if progress else "",
        marks=list(amounts.levels_of(scene)) if not isinstance(scene.play.progress, Rank | Vote) else [],
    )


def _streak(scene: Scene, shown: Shown) -> PlayNode:
    levels = amounts.levels_of(scene)
    if not isinstance(scene.play.progress, Streak):
        return _meter(scene, shown)
    row, is_today = amounts.streak_of(scene), scene.own.last_on == scene.today
    every = range(1, levels[-1] + 1) if levels[-1] <= LONGEST_STREAK else levels
    # The days say what each gives.
    shown["levels"] = []
    return kinds.PlayStreak(**shown, days=[_day(scene, day, row, is_today=is_today) for day in every])


def _day(scene: Scene, day: int, row: int, *, is_today: bool) -> kinds.PlayDay:
    progress = scene.play.progress
    assert isinstance(progress, Streak)
    names = {"day": ("天", "Day"), "week": ("周", "Week"), "month": ("月", "Month")}
    zh, en = names[progress.every]
    state = "done" if day <= row else "today" if day == row + 1 and not is_today else "next"
    gift = giving.gifts(scene.asking, scene.campaign, progress.levels.index(day)) if day in progress.levels else ""
    return kinds.PlayDay(label=scene.asking.t(f"第 {day} {zh}", f"{en} {day}"), state=state, gift=gift)  # type: ignore[arg-type]


def _ranking(scene: Scene, shown: Shown) -> PlayNode:
    return kinds.PlayRanking(**shown, places=places(scene))


def places(scene: Scene) -> list[kinds.PlayPlace]:
    """Who is ahead, the reader's own among them or below."""
    if scene.run is None:
        return []
    progress = scene.play.progress
    tallies = queries.standings(scene.campaign.province_id, scene.run.id)
    if isinstance(progress, Rank | Vote):
        way = way_of(progress, scene.play.rewards)
        assert isinstance(way, Ranking)
        by_unit = way.places(tallies)
    else:
        by_unit = {one.unit: at for at, one in enumerate(tallies, 1) if one.total}
    known = {one.unit: one for one in tallies}
    ahead = sorted(by_unit, key=lambda unit: (by_unit[unit], unit))
    listed = ahead[:MOST_SHOWN]
    if scene.unit in by_unit and scene.unit not in listed:
        listed.append(scene.unit)
    names = scene.names(listed)
    return [_place(scene, known[unit], by_unit[unit], names.get(unit, "")) for unit in listed]


def _place(scene: Scene, one: Tally, place: int, name: str) -> kinds.PlayPlace:
    progress, t = scene.play.progress, scene.asking.t
    value = amounts.counted(scene, one.total)
    if isinstance(progress, Rank) and progress.by == "mean":
        value = f"{one.total * 100 // max(one.base, 1)}%"
    levels = amounts.levels_of(scene)
    at = next((at for at, last in enumerate(levels) if place <= last), None)
    gift = giving.gifts(scene.asking, scene.campaign, at) if at is not None else ""
    return kinds.PlayPlace(
        place=place, name=name or t("未具名", "Unnamed"), value=value, gift=gift, own=one.unit == scene.unit != 0
    )


def _chances(scene: Scene) -> int | None:
    """What may be drawn now by a tap; not counted where other things earn it."""
    if not scene.is_mine or scene.is_over:
        return None
    tapped: tuple[FactKind, ...] = ("checked_in", "joined")
    drawn = [fact for fact in tapped if fact in deeds.facts_of(scene)]
    return amounts.turns(scene, drawn[0]) if drawn and deeds.can_act(scene) and not deeds.is_waiting(scene) else None


def _draw(kind: Callable[..., PlayNode], **own: Any) -> Callable[[Scene, Shown], PlayNode]:
    def compose(scene: Scene, shown: Shown) -> PlayNode:
        return kind(**shown, chances=_chances(scene), **own)

    return compose


def _boxes(scene: Scene, shown: Shown) -> PlayNode:
    opened = _opened(scene)
    seats = scene.play.participants.seats
    target = amounts.count_of(scene).target
    count = max(seats or target or len(shown["prizes"]) or 1, len(opened), 1)
    return kinds.PlayBoxes(**shown, chances=_chances(scene), count=count, opened=opened)


def _opened(scene: Scene) -> list[kinds.PlayPacket]:
    if scene.run is None:
        return []
    given = queries.grants_of_run(scene.campaign.province_id, scene.run.id, limit=MOST_SHOWN)
    names = scene.masked([member_id for member_id, _ in given])
    me = scene.asking.caller.id if scene.is_mine else 0
    best = max((one.worth.fen for _, one in given), default=0)
    return [
        kinds.PlayPacket(
            name=names.get(member_id, "**"),
            value=giving.granted(scene.asking, scene.campaign, one),
            own=member_id == me != 0,
            best=one.worth.fen == best > 0,
        )
        for member_id, one in given
    ]


def _rain(scene: Scene, shown: Shown) -> PlayNode:
    chances = amounts.turns(scene, "played") if deeds.can_act(scene) and "played" in deeds.facts_of(scene) else None
    return kinds.PlayRain(**shown, chances=chances)


def _plot(scene: Scene, shown: Shown) -> PlayNode:
    value, target = amounts.count_of(scene)
    full = amounts.levels_of(scene)[-1] if amounts.levels_of(scene) else target or 1
    stages = [scene.asking.t(zh, en) for zh, en in _STAGES]
    stage = min(value * (len(stages) - 1) // max(full, 1), len(stages) - 1)
    return kinds.PlayPlot(**shown, value=value, target=full, stages=stages, stage=stage, helpers=_helpers(scene))


def _helpers(scene: Scene) -> list[str]:
    """Who watered it for the reader."""
    if not (scene.run and scene.unit) or amounts.is_shared(scene):
        return []
    found = queries.helpers(scene.campaign.province_id, scene.run.id, scene.unit, limit=MOST_SHOWN)
    names = scene.masked([one.member for one in found])
    return [f"{names.get(one.member, '**')} {one.times}" for one in found if one.times]


def _cards(scene: Scene, shown: Shown) -> PlayNode:
    progress = scene.play.progress
    of = progress.of if isinstance(progress, Collect) else ()
    listed = of or tuple(sorted(scene.own.kinds))
    cards = [
        kinds.PlayCard(name=card_name(scene.asking, scene.campaign, one), have=int(one in scene.own.kinds))
        for one in listed
    ]
    have = words.listed([one.name for one in cards if one.have], scene.asking.language)
    if have:
        shown["text"] += "\n" + scene.asking.t(f"已有：{have}", f"Have: {have}")
    return kinds.PlayCards(**shown, cards=cards)


def _coupon(scene: Scene, shown: Shown) -> PlayNode:
    rewards = scene.play.rewards
    found = (
        giving.gift(scene.asking, scene.campaign, rewards[0]) if rewards else scene.play.name.in_(scene.asking.language)
    )
    amount, condition = found, ""
    match rewards[0] if rewards else None:
        case Coupon(off_fen=off, over_fen=over):
            amount = words.yuan(off)
            condition = scene.asking.t(f"满 {yuan(over)} 元可用", f"From {yuan(over)} yuan") if over else ""
        case Cash(fen=fen):
            amount = words.yuan(fen)
        case Price(price_bps=bps):
            amount, condition = scene.asking.t(f"{fold(bps)} 折", f"-{percent(10_000 - bps)}"), found
        case Rebate(share_bps=bps):
            amount, condition = percent(bps), found
    return kinds.PlayCoupon(**shown, amount=amount, condition=condition, until=shown["ends_at"])


def _price(scene: Scene, shown: Shown) -> PlayNode:
    """Where one thing has a price tonight; of plays about many goods what comes off them."""
    if scene.day_fen is None or (not isinstance(scene.play.progress, Fall | Haggle) and pricing.best(scene) is None):
        return _coupon(scene, shown)
    return pricing.node(scene, shown)


SKINS: dict[str, Callable[[Scene, Shown], PlayNode]] = {
    "play_board": _board,
    "play_meter": _meter,
    "play_streak": _streak,
    "play_ranking": _ranking,
    "play_wheel": _draw(kinds.PlayWheel),
    "play_grid": _draw(kinds.PlayGrid),
    "play_scratch": _draw(kinds.PlayScratch),
    "play_eggs": _draw(kinds.PlayEggs, count=EGGS),
    "play_reels": _draw(kinds.PlayReels),
    "play_shake": _draw(kinds.PlayShake),
    "play_claw": _draw(kinds.PlayClaw),
    "play_dice": _draw(kinds.PlayDice, dice=DICE),
    "play_lamp": _draw(kinds.PlayLamp),
    "play_boxes": _boxes,
    "play_rain": _rain,
    "play_quiz": asked.quiz,
    "play_vote": asked.vote,
    "play_plot": _plot,
    "play_cards": _cards,
    "play_tasks": asked.tasks,
    "play_price": _price,
    "play_coupon": _coupon,
}
