"""Plays as rows of a list: of which kind each is, what there is to win, how it stands for the reader, until when."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from lintuan.catalog import queries as catalog
from lintuan.pages.compose import offers, parts, place, words
from lintuan.pages.compose.asking import Asking
from lintuan.pages.compose.place import Here
from lintuan.pages.tree import values
from lintuan.plays import queries
from lintuan.plays.engine.progress import Draw, First, Rank, Vote
from lintuan.plays.engine.rewards import Goods
from lintuan.plays.types import CampaignView

from . import amounts, deeds, frame, giving
from .scene import Scene

MOST_RUNS = 10
#: How a play is shown, in a word.
KINDS: Mapping[str, tuple[str, str]] = {
    "play_board": ("组团", "Group"),
    "play_meter": ("一起凑", "Meter"),
    "play_streak": ("打卡", "Streak"),
    "play_ranking": ("排行", "Ranking"),
    "play_wheel": ("转盘", "Wheel"),
    "play_grid": ("九宫格", "Grid"),
    "play_scratch": ("刮卡", "Scratch card"),
    "play_eggs": ("砸蛋", "Eggs"),
    "play_reels": ("转轮", "Reels"),
    "play_shake": ("摇一摇", "Shake"),
    "play_claw": ("抓一抓", "Claw"),
    "play_dice": ("骰子", "Dice"),
    "play_lamp": ("跑灯", "Lamp"),
    "play_boxes": ("拆包", "Boxes"),
    "play_rain": ("接一接", "Rain"),
    "play_quiz": ("猜一猜", "Quiz"),
    "play_vote": ("投票", "Vote"),
    "play_plot": ("种菜", "Garden"),
    "play_cards": ("集卡", "Cards"),
    "play_tasks": ("任务", "Tasks"),
    "play_price": ("特价", "Price"),
    "play_coupon": ("领券", "Coupon"),
}


def rows(asking: Asking, here: Here, found: Sequence[CampaignView]) -> list[values.Row]:
    """These, in their order."""
    runs = queries.present_runs(here.province.id, found, here.point.id)
    return [_row(Scene(asking, one, runs.get(one.id), here.point.id), here) for one in found]


def _row(scene: Scene, here: Here) -> values.Row:
    asking, play = scene.asking, scene.play
    name = play.name.in_(asking.language)
    return values.Row(
        title=name,
        note=" · ".join(line for line in (won(scene), _standing(scene), _when(scene, here)) if line),
        badge=asking.t(*KINDS[play.skin.kind]),
        picture=offers.picture(_picture(scene.campaign)),
        tap=parts.go("play", name, play=scene.id, point=here.id),
    )


def _picture(one: CampaignView) -> str:
    """Of what it is about where that is one thing, else of what it gives first; empty where it is about no goods."""
    rewarded = [
        one.goods[reward.sku]
        for reward in one.definition.rewards
        if isinstance(reward, Goods) and reward.sku in one.goods
    ]
    sku_ids = [*(one.sku_ids if len(one.sku_ids) == 1 else rewarded), *sorted(one.sku_ids)]
    known = catalog.skus(sku_ids[:1])
    return next((sku.picture for sku in known.values()), "")


def won(scene: Scene) -> str:
    """The best that it gives."""
    asking, rewards = scene.asking, scene.play.rewards
    if not rewards:
        return asking.t("没有奖品，一起乐", "For the fun of it")
    levels = {one.level for one in rewards}
    is_first_best = isinstance(scene.play.progress, Draw | First | Rank | Vote)
    best = min(levels) if is_first_best else max(levels)
    gift = giving.gifts(asking, scene.campaign, best)
    if isinstance(scene.play.progress, Draw):
        gift = scene.play.progress.prizes[best].name.in_(asking.language)
    return gift if len(levels) == 1 else asking.t(f"最好：{gift}", f"Best: {gift}")


def _standing(scene: Scene) -> str:
    """The reader's own where each counts alone, else everybody's; of plays that neighbours open, the open rounds."""
    if not scene.is_on:
        return ""
    if deeds.is_waiting(scene):
        return _rounds(scene)
    progress = amounts.progress_of(scene)
    general = words.told(progress.label, progress.left, language=scene.asking.language) if progress else ""
    return words.listed((general, *_own(scene)), scene.asking.language)


def _own(scene: Scene) -> list[str]:
    """What the reader has counted, if anything; who their household or building is, they know."""
    counted = scene.own.total or scene.own.tickets or scene.own.agreed_fen
    sided = scene.play.participants.unit in ("building", "team", "household")
    found = frame.own(scene)[sided:] if counted else []
    return [scene.asking.t(f"{one.label} {one.value}", f"{one.label.lower()}: {one.value}") for one in found]


def _rounds(scene: Scene) -> str:
    one = scene.campaign
    scope = scene.point_id if scene.play.participants.same_point else None
    count = len(queries.open_runs(one.province_id, one.id, scope=scope, limit=MOST_RUNS))
    if not count:
        return scene.asking.t("还没有人开", "Nobody has opened a round yet")
    most = "+" if count == MOST_RUNS else ""
    rounds = "1 open round" if count == 1 else f"{count}{most} open rounds"
    return scene.asking.t(f"有 {count}{most} 场开着", rounds)


def _when(scene: Scene, here: Here) -> str:
    """Until when; of one that begins at an hour, which, while it is not on."""
    t = scene.asking.t
    if not scene.is_on:
        at = scene.play.trigger.at
        return t(f"{at} 开始", f"Begins at {at}") if at else t("现在没开", "Not on now")
    if scene.ends_at is None:
        return ""
    today, on = place.today(here.province, here.now), place.today(here.province, scene.ends_at)
    ends = f"{words.near_day(on, today, scene.asking.language)} {words.hour(scene.ends_at, here.province.zone)}"
    return t(f"{ends} 结束", f"Until {ends}")
