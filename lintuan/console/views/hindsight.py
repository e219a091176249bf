"""What plays were foretold to cost and bring, beside what they did."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse
from django.utils.translation import get_language
from django.views.decorators.http import require_GET

from lintuan.console.access import Visit, staff_page
from lintuan.console.play_told import gives
from lintuan.console.show import show
from lintuan.console.words import spoken
from lintuan.kernel import clock
from lintuan.kernel.errors import NotFound
from lintuan.kernel.ids import public_id, read_public_id
from lintuan.kernel.money import Money
from lintuan.ordering.queries import past_evenings
from lintuan.plays import queries
from lintuan.plays.engine.simulation import Ask, Band, Outcome
from lintuan.plays.types import Account, CampaignView

from .playbook import EDIT

#: A rehearsal is of so many sale days at most.
MOST_DAYS = 14
MOST_ROWS = 100


@require_GET
@staff_page(EDIT)
def hindsight(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Campaigns of leaders that are over: what was expected of each when it was offered, and what it brought."""
    found = queries.hindsight(visit.province_id)[:MOST_ROWS]
    campaigns = queries.campaigns_by_id(visit.province_id, {one.campaign_id for one in found})
    rows = [
        {
            "id": public_id("campaign", visit.province_id, one.campaign_id),
            "campaign": campaigns[one.campaign_id],
            "name": campaigns[one.campaign_id].definition.name.in_(get_language() or "zh-hans"),
            "one": one,
            "brought": f"{one.brought:.1f}",
            "expected": "" if one.expected is None else f"{one.expected:.1f}",
            "off": "" if one.expected is None else f"{one.brought - one.expected:+.1f}",
        }
        for one in found
    ]
    known = [one.brought - one.expected for one in found if one.expected is not None]
    mean = f"{sum(known) / len(known):+.1f}" if known else ""
    return show(request, visit, "hindsight.html", rows=rows, known=len(known), mean=mean)


@require_GET
@staff_page(EDIT)
def campaign(request: HttpRequest, visit: Visit, campaign: str) -> HttpResponse:
    """One of them: a rehearsal by the evenings before it, each figure beside what came of it."""
    province_id, campaign_id = read_public_id("campaign", campaign)
    if province_id != visit.province_id:
        raise NotFound(thing="campaign")
    one = queries.campaign(province_id, campaign_id)
    zone = ZoneInfo(visit.province.zone)
    begins, ends = one.starts_at.astimezone(zone).date(), (one.ends_at or clock.now()).astimezone(zone).date()
    days = min(max((ends - begins).days + 1, 1), MOST_DAYS)
    evenings = past_evenings(province_id, tuple(sorted(one.point_ids)), before=begins)
    found = queries.foretold(one, evenings, Ask(days=days, seed=begins.toordinal()))
    account = queries.account(one)
    return show(
        request,
        visit,
        "hindsight_play.html",
        name=one.definition.name.in_(get_language() or "zh-hans"),
        campaign=one,
        days=days,
        account=account,
        rows=list(_rows(one, found, account)) if isinstance(found, Outcome) else [],
        assumed=[text.in_(get_language() or "zh-hans") for text in found.assumed] if isinstance(found, Outcome) else [],
        why="" if isinstance(found, Outcome) else found.text.in_(get_language() or "zh-hans"),
    )


def _rows(one: CampaignView, found: Outcome, account: Account) -> Iterator[dict[str, Any]]:
    """Each figure with its band, what it came to, and whether that lies within."""
    given = {rewarded.reward: rewarded.times for rewarded in account.given}
    runs = account.open_runs + account.over_runs + account.unfilled_runs
    yield _row(spoken("场数", "Rounds"), found.runs, runs)
    for foreseen in found.given:
        yield _row(gives(one.definition.rewards[foreseen.reward]), foreseen.times, given.get(foreseen.reward, 0))
    yield _row(spoken("最多花费", "Cost at most"), found.most_cost, account.promised.fen, is_money=True)
    if found.likely_cost is not None:
        yield _row(spoken("花费", "Cost"), found.likely_cost, account.spent.fen, is_money=True)


def _row(name: str, band: Band, came: int, *, is_money: bool = False) -> dict[str, Any]:
    def said(number: int) -> str:
        return f"¥{Money(number)}" if is_money else f"{number:,}"

    return {
        "name": name,
        "band": f"{said(band.middle)} ({said(band.low)} – {said(band.high)})",
        "came": said(came),
        "is_within": band.low <= came <= band.high,
    }
