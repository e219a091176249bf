"""All that runs where the reader is, and the strip of it on the shelf."""

from __future__ import annotations

from collections import defaultdict

from lintuan.kernel.ids import public_id
from lintuan.pages.compose import parts, place, points, words
from lintuan.pages.compose.asking import Asking
from lintuan.pages.compose.place import Here
from lintuan.pages.tree import values
from lintuan.pages.tree.nodes import Node
from lintuan.pages.tree.page import Page
from lintuan.plays import queries
from lintuan.plays.types import CampaignView, GrantState

from . import giving, rows

#: As many as the shelf has room for.
STRIP = 3
MOST_GRANTS = 30
#: How a reward stands: Chinese, English, tone.
_STATES: dict[GrantState, tuple[str, str, values.Tone]] = {
    GrantState.GIVEN: ("可用", "To use", "good"),
    GrantState.HELD: ("待核", "Being checked", "warn"),
    GrantState.USED: ("已用", "Used", "info"),
}
#: What a play is about, by how it is shown.
_GROUPS: tuple[tuple[str, str, str], ...] = (
    ("play_board play_price play_coupon", "一起买更省", "Buy together, pay less"),
    ("play_meter play_ranking play_plot play_vote", "一起凑，一起比", "Together and against each other"),
    ("play_streak play_tasks play_cards play_quiz play_rain", "每天来一下", "A little every day"),
    ("", "抽奖", "Draws"),
)


def plays(asking: Asking) -> Page:
    """What runs at the reader's point, grouped."""
    here = place.here(asking)
    if here is None:
        return points.points(asking)
    head = ("plays", asking.t("今晚玩什么", "What runs tonight"))
    groups: dict[int, list[values.Row]] = defaultdict(list)
    found = queries.campaigns_at(here.province.id, here.point.id)
    for one, row in zip(found, rows.rows(asking, here, found), strict=True):
        groups[_group_of(one)].append(row)
    body: list[Node] = []
    for at in sorted(groups):
        body += [parts.heading(asking.t(*_GROUPS[at][1:])), parts.rows(groups[at], key=f"plays-{at}")]
    return parts.page(asking, head, [*(body or [_nothing(asking)]), *_mine(asking)], tab="tonight", fresh_for=30)


def _mine(asking: Asking) -> list[Node]:
    """What plays gave the reader."""
    found = queries.grants_of_member(asking.caller, limit=MOST_GRANTS) if asking.is_member else []
    if not found:
        return []
    province_id, t = asking.caller.province_id, asking.t
    known = {
        campaign_id: queries.campaign(province_id, campaign_id) for campaign_id in {one.campaign_id for one in found}
    }
    given = []
    for one in found:
        of, (zh, en, tone) = known[one.campaign_id], _STATES[one.state]
        until = words.day(one.expires_on, asking.language) if one.expires_on else ""
        given.append(
            values.Row(
                title=giving.granted(asking, of, one),
                note=words.told(of.definition.name.in_(asking.language), until, language=asking.language),
                badge=t(zh, en),
                tone=tone,
            )
        )
    return [parts.heading(t("我的奖品", "What I was given")), parts.rows(given, key="grants")]


def strip(asking: Asking, here: Here) -> list[Node]:
    """What runs here tonight, in kinds that every client knows."""
    found = queries.campaigns_at(here.province.id, here.point.id)
    if not found:
        return []
    more = parts.go("plays", asking.t(f"全部 {len(found)} 个", f"All {len(found)}"), point=here.id)
    return [
        parts.heading(asking.t("今晚玩什么", "What runs tonight"), more),
        parts.rows([_row(asking, here, one) for one in found[:STRIP]], key="plays"),
    ]


def _group_of(one: CampaignView) -> int:
    kind = one.definition.skin.kind
    return next((at for at, (kinds, _, _) in enumerate(_GROUPS) if kind in kinds.split()), len(_GROUPS) - 1)


def _row(asking: Asking, here: Here, one: CampaignView) -> values.Row:
    name = one.definition.name.in_(asking.language)
    ends = words.moment(one.ends_at, here.province.zone, asking.language) if one.ends_at else ""
    note = asking.t(f"{ends} 结束", f"until {ends}") if ends else ""
    play = public_id("campaign", one.province_id, one.id)
    return values.Row(title=name, note=note, tap=parts.go("play", name, play=play, point=here.id))


def _nothing(asking: Asking) -> Node:
    title = asking.t("现在没有玩法", "Nothing runs here now")
    line = asking.t("团长发起后会出现在这里。", "What your leader starts appears here.")
    return parts.empty(title, line, icon="gift", to=parts.go("shelf", asking.t("去货架", "To the shelf")))
