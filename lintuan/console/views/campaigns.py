"""Plays that were started: how they stand, and how one is started and stopped."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import get_language
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from lintuan.catalog import queries as catalog
from lintuan.console.access import Visit, staff_page, tell
from lintuan.console.show import show
from lintuan.console.verdicts import channels_of, found_in, verdict_of
from lintuan.console.words import spoken
from lintuan.kernel import clock
from lintuan.kernel.errors import Invalid, NotFound
from lintuan.kernel.ids import public_id, read_public_id
from lintuan.leaders import queries as leaders
from lintuan.plays import commands, queries
from lintuan.plays.engine.contents import asked_of, written_questions
from lintuan.plays.engine.definition import Definition
from lintuan.plays.engine.rewards import Goods
from lintuan.plays.types import CampaignState, CampaignView, NewCampaign, Spending
from lintuan.sharing.types import Channel

from .playbook import EDIT, definition_of

TYPED = "content"
CONTENT = ("questions", "entries")
LONGEST = 10_000
CODES = re.compile(r"[,，、;；\s]+")


@require_GET
@staff_page(EDIT)
def campaigns(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Live ones with their budgets, and those that are over."""
    found = queries.campaigns_of_province(visit.province_id)
    figures = queries.figures(visit.province_id, {one.id for one in found})
    names = {view.id: view for view in leaders.points(visit.province_id)}
    now = clock.now()
    rows = [
        {
            "campaign": one,
            "id": public_id("campaign", visit.province_id, one.id),
            "name": one.definition.name.in_(get_language() or "zh-hans"),
            "state": "live" if _is_live(one, now) else "stopped" if one.state is CampaignState.STOPPED else "over",
            "points": [names[point_id] for point_id in sorted(one.point_ids) if point_id in names],
            "figures": figures[one.id],
            "budgets": [_bar(line) for line in queries.budgets(visit.province_id, one.id)],
        }
        for one in found
    ]
    live = [row for row in rows if row["state"] == "live"]
    return show(request, visit, "campaigns.html", live=live, past=[row for row in rows if row["state"] != "live"])


@require_http_methods(["GET", "POST"])
@staff_page(EDIT)
def start(request: HttpRequest, visit: Visit, code: str) -> HttpResponse:
    """Where a play is to run, what it is about and until when."""
    play = definition_of(visit, code)
    if request.method == "POST":
        # Kept for the page that says what is wrong with it.
        request.session[TYPED] = {name: request.POST.get(name, "")[:LONGEST] for name in CONTENT}
        commands.start_play(visit.caller, province_id=visit.province_id, code=code, plan=_plan(request, visit, play))
        del request.session[TYPED]
        tell(request, spoken("已发起。", "Started."))
        return redirect("console:campaigns")
    verdict = verdict_of(play, clock.today(visit.province.zone))
    points = [
        (public_id("point", visit.province_id, view.id), view)
        for view in leaders.points(visit.province_id)
        if view.state == "open"
    ]
    return show(
        request,
        visit,
        "start.html",
        play=play,
        name=play.name.in_(get_language() or "zh-hans"),
        goods=sorted(_goods_of(play)),
        points=points,
        channels=channels_of(verdict),
        found=found_in(verdict),
        asked=asked_of(play),
        ready=written_questions(queries.ready_questions(play, visit.sale_on), get_language() or "zh-hans"),
        typed=request.session.pop(TYPED, {}),
    )


@require_POST
@staff_page(EDIT)
def stop(request: HttpRequest, visit: Visit, campaign: str) -> HttpResponse:
    """Let it end now: what was earned stays."""
    province_id, campaign_id = read_public_id("campaign", campaign)
    commands.stop_play(visit.caller, province_id=province_id, campaign_id=campaign_id)
    tell(request, spoken("已停止，已得的奖励保留。", "Stopped; what was earned stays."))
    return redirect("console:campaigns")


def _is_live(one: CampaignView, now: datetime) -> bool:
    return one.state is CampaignState.LIVE and (one.ends_at is None or now < one.ends_at)


def _bar(line: Spending) -> dict[str, Any]:
    return {"line": line, "name": f"budget.{line.kind}", "is_money": line.kind != "stock"}


def _goods_of(play: Definition) -> set[str]:
    return {reward.sku for reward in play.rewards if isinstance(reward, Goods)}


def _plan(request: HttpRequest, visit: Visit, play: Definition) -> NewCampaign:
    named = {name: request.POST.get(f"goods.{name}", "").strip() for name in sorted(_goods_of(play))}
    about = [code for code in CODES.split(request.POST.get("skus", "")) if code]
    ids = _sku_ids({*about, *(code for code in named.values() if code)})
    channel = request.POST.get("channel", "")
    if channel not in set(Channel):
        raise Invalid(reason=spoken("请选择渠道", "channel"))
    return NewCampaign(
        point_ids=tuple(_point_id(visit, text) for text in request.POST.getlist("points")),
        sku_ids=tuple(ids[code] for code in about),
        goods={name: ids[code] for name, code in named.items() if code},
        channel=channel,
        ends_at=_moment(request.POST.get("ends_at", ""), visit),
        content=queries.content(play, **{name: request.POST.get(name, "")[:LONGEST] for name in CONTENT}),
    )


def _point_id(visit: Visit, text: str) -> int:
    province_id, point_id = read_public_id("point", text)
    if province_id != visit.province_id:
        raise NotFound(thing="point")
    return leaders.point(province_id, point_id).id


def _sku_ids(codes: Iterable[str]) -> dict[str, int]:
    wanted = set(codes)
    found = catalog.skus_by_code(wanted)
    for code in sorted(wanted - found.keys()):
        raise NotFound(thing=f"sku {code}")
    return {code: found[code].id for code in wanted}


def _moment(text: str, visit: Visit) -> datetime | None:
    """A local moment as browsers write it; none for nothing."""
    if not text:
        return None
    try:
        return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(visit.province.zone))
    except ValueError:
        raise Invalid(reason=spoken("结束时间", "ends_at")) from None
