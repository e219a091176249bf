"""The leader's shelf of plays: what runs, and what may start where they post."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import islice
from typing import NamedTuple

from lintuan.kernel.errors import Invalid
from lintuan.kernel.ids import public_id
from lintuan.leaders.types import PointView
from lintuan.pages.compose import parts, place, words
from lintuan.pages.compose.asking import Asking
from lintuan.pages.compose.doors import for_leaders
from lintuan.pages.plans import Plan, campaign_of, read_plan
from lintuan.pages.tree import values
from lintuan.pages.tree.actions import Navigate
from lintuan.pages.tree.nodes import Node, TabBody, Tabs
from lintuan.pages.tree.page import Page
from lintuan.plays import queries
from lintuan.plays.engine.definition import Aim, Definition
from lintuan.plays.engine.gifts import gifts
from lintuan.plays.engine.linting.verdict import Verdict
from lintuan.plays.engine.telling import Told, before
from lintuan.plays.types import CampaignState, CampaignView
from lintuan.sharing.types import Channel

from . import keeping, trials, verdicts

AIMS: Mapping[Aim, tuple[str, str]] = {
    "bigger_baskets": ("多买一点", "Bigger baskets"),
    "newcomers": ("来新邻居", "New neighbours"),
    "return": ("常来", "Coming back"),
    "clear_stock": ("清库存", "Clear the stock"),
    "collect_on_time": ("准时取货", "Collected on time"),
    "trust": ("口碑", "Trust"),
    "fun": ("热闹", "Fun"),
    "leaders": ("团长之间", "Among leaders"),
}
FIRST_AIM: Aim = "bigger_baskets"
#: Of those that are over, as many as one looks back on.
LATELY = 5
#: As many as anybody looks at.
RECOMMENDED = 5


class _Shelf(NamedTuple):
    """All plays by code, and what the linter says of one where the leader would start it."""

    plays: Mapping[str, Definition]
    judge: Callable[[Definition], Verdict]


@for_leaders("play_shelf", "玩法", "Plays")
def play_shelf(asking: Asking) -> Page:
    """What runs; then the plays of one aim, each with what it gives and whether it may start on the channel."""
    head = ("play_shelf", asking.t("玩法", "Plays"))
    view = chosen_point(asking)
    if view is None:
        told = asking.t("您还没有自提点", "You keep no pickup point yet")
        return parts.page(asking, head, [parts.empty(told, icon="building-store")], tab="tonight")
    plan = Plan(place.point_id(view), read_plan({"channel": asking.get("channel")}).channel)
    aim = _aim(asking)
    body = [*_points(asking, view), *_started(asking)]
    shelf = _Shelf(
        queries.catalogue(view.province_id, asking.caller.id),
        queries.judge(view.province_id, campaign_of(asking.caller, plan)),
    )
    body += trials.told(asking, shelf.plays)
    body += _recommended(asking, plan, shelf)
    body.append(_choices(asking, plan, shelf, aim))
    return parts.page(asking, head, body, tab="tonight", fresh_for=60)


def chosen_point(asking: Asking) -> PointView | None:
    kept = {place.point_id(view): view for view in keeping.points(asking)}
    return kept.get(asking.get("point")) or next(iter(kept.values()), None)


def one_line(play: Definition, language: str) -> str:
    """What it does, and what it gives."""
    return words.told(before(play, play.skin.title, Told()).in_(language), gifts(play).in_(language), language=language)


def _aim(asking: Asking) -> Aim:
    wanted = asking.get("aim")
    found = next((aim for aim in AIMS if aim == (wanted or FIRST_AIM)), None)
    if found is None:
        raise Invalid(reason=f"aim: {', '.join(AIMS)}")
    return found


def _points(asking: Asking, chosen: PointView) -> list[Node]:
    """The way to the other points, for who keeps several."""
    rows = [
        values.Row(title=name, tap=parts.go("play_shelf", name, replace=True, point=place.point_id(view)))
        for view in keeping.points(asking)
        if view.id != chosen.id and (name := place.point_name(view, asking.language))
    ]
    return [parts.rows(rows, key="points")] if rows else []


def _started(asking: Asking) -> list[Node]:
    """What runs, and what was over lately."""
    found = queries.campaigns_of_leader(asking.caller.province_id, asking.caller.id)
    running = [one for one in found if is_running(asking, one)]
    over = [one for one in found if not is_running(asking, one)][:LATELY]
    body: list[Node] = []
    for title, campaigns in ((("在进行", "Running"), running), (("结束的", "Over"), over)):
        if campaigns:
            rows = [_row_of_campaign(asking, one) for one in campaigns]
            body += [parts.heading(asking.t(*title)), parts.rows(rows, key=f"campaigns-{title[1]}")]
    return body


def is_running(asking: Asking, one: CampaignView) -> bool:
    return one.state is CampaignState.LIVE and (one.ends_at is None or asking.now < one.ends_at)


def _row_of_campaign(asking: Asking, one: CampaignView) -> values.Row:
    is_on, name = is_running(asking, one), one.definition.name.in_(asking.language)
    account = queries.account(one)
    return values.Row(
        title=name,
        note=asking.t(f"本玩法里的订单 {account.orders} 单", f"{account.orders} orders in this play"),
        value=words.yuan(account.sold.fen),
        badge=asking.t("进行中", "Running") if is_on else asking.t("已结束", "Over"),
        tone="good" if is_on else "info",
        tap=parts.go("play_standing", name, campaign=public_id("campaign", one.province_id, one.id)),
    )


def _choices(asking: Asking, plan: Plan, shelf: _Shelf, aim: Aim) -> Node:
    """The plays of an aim that may start on a channel; behind them those that may not, the other aims and channels."""
    t = asking.t
    startable, refused = _plays(asking, plan, shelf, aim)
    items = [
        TabBody(id="plays", title=t(*AIMS[aim]), body=startable),
        TabBody(id="aims", title=t("想要什么", "What you want"), body=[_aims(asking, plan, aim)]),
        TabBody(id="channels", title=t("发在哪里", "Where you post"), body=[_channels(asking, plan, aim)]),
    ]
    if refused:
        items.append(TabBody(id="refused", title=t("不能发起", "May not start"), body=refused))
    text = "\n".join(line for item in items for line in (item.title, *(node.text for node in item.body)))
    return Tabs(text=text, key="choices", items=items)


def _channels(asking: Asking, plan: Plan, aim: Aim) -> Node:
    names = {channel.value: verdicts.channel_name(channel, asking.language) for channel in Channel}
    ways = {
        channel: parts.go("play_shelf", name, replace=True, point=plan.point, channel=channel, aim=aim)
        for channel, name in names.items()
    }
    return _ways(asking, ways, plan.channel.value, "channels")


def _aims(asking: Asking, plan: Plan, aim: Aim) -> Node:
    ways: dict[str, Navigate] = {
        one: parts.go(
            "play_shelf", asking.t(*name), replace=True, point=plan.point, channel=plan.channel.value, aim=one
        )
        for one, name in AIMS.items()
    }
    return _ways(asking, ways, aim, "aims")


def _ways(asking: Asking, ways: Mapping[str, Navigate], chosen: str, key: str) -> Node:
    """One row each; the one that is chosen says so."""
    now = asking.t("已选", "Chosen")
    rows = [values.Row(title=go.text, badge=now if way == chosen else "", tap=go) for way, go in ways.items()]
    return parts.rows(rows, key=key)


def _recommended(asking: Asking, plan: Plan, shelf: _Shelf) -> list[Node]:
    """What a trial puts first and groups like this one took to, as far as it may start here."""
    province_id, leader_id = asking.caller.province_id, asking.caller.id
    choices = [choice.play for choice in queries.recommended(province_id, leader_id)]
    codes = dict.fromkeys((queries.put_first(province_id, leader_id), *choices))
    offered = (shelf.plays[code] for code in codes if code in shelf.plays)
    judged = ((play, shelf.judge(play)) for play in offered)
    startable = ((play, verdict) for play, verdict in judged if verdict.may_start(plan.channel))
    rows = [_row_of_play(asking, plan, play, verdict) for play, verdict in islice(startable, RECOMMENDED)]
    if not rows:
        return []
    why = asking.t(
        "按相似的群里玩过的结果排，每天也会试试别的。",
        "In the order of what it brought in groups like yours; each day some are tried at random.",
    )
    title = asking.t("推荐给您", "Recommended to you")
    return [parts.heading(title), parts.plain(why), parts.rows(rows, key="plays-recommended")]


def _plays(asking: Asking, plan: Plan, shelf: _Shelf, aim: Aim) -> tuple[list[Node], list[Node]]:
    """Those that may start, and those that may not with the reason."""
    found = {code: shelf.judge(play) for code, play in sorted(shelf.plays.items()) if play.aim == aim}
    where = verdicts.channel_name(plan.channel, asking.language)
    title = asking.t(f"{AIMS[aim][0]}，发在{where}", f"{AIMS[aim][1]}, posted to: {where}")
    listed: dict[bool, list[values.Row]] = {True: [], False: []}
    for code, verdict in found.items():
        listed[verdict.may_start(plan.channel)].append(_row_of_play(asking, plan, shelf.plays[code], verdict))
    none = parts.plain(asking.t("这里现在没有能发起的。", "None of these may start here now."))
    startable = parts.rows(listed[True], key=f"plays-{aim}") if listed[True] else none
    refused: list[Node] = [parts.rows(listed[False], key=f"refused-{aim}")] if listed[False] else []
    return [parts.heading(title), startable], refused


def _row_of_play(asking: Asking, plan: Plan, play: Definition, verdict: Verdict) -> values.Row:
    refusals = verdict.refusals(plan.channel)
    why = refusals[0].reason.in_(asking.language) if refusals else ""
    name = play.name.in_(asking.language)
    return values.Row(
        title=name,
        note=words.told(one_line(play, asking.language), why, language=asking.language),
        badge=asking.t("不能发起", "May not start") if refusals else asking.t("可以发起", "May start"),
        tone="bad" if refusals else "good",
        tap=parts.go("play_start", name, play=play.code, point=plan.point, channel=plan.channel.value),
    )
