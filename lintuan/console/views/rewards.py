"""Rewards that wait for a person."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import get_language
from django.views.decorators.http import require_GET, require_POST

from lintuan.console.access import Visit, staff_page, tell
from lintuan.console.play_told import gives
from lintuan.console.show import show
from lintuan.console.words import spoken
from lintuan.kernel.errors import Invalid
from lintuan.kernel.ids import public_id, read_public_id
from lintuan.members import queries as members
from lintuan.plays import commands, queries
from lintuan.plays.types import GrantDecision

EDIT = "plays.edit"
MOST = 100


@require_GET
@staff_page(EDIT)
def held(request: HttpRequest, visit: Visit) -> HttpResponse:
    """The queue, the oldest first, each with the guard's reasons."""
    waiting = queries.held_for_review(visit.province_id)
    found = list(waiting[:MOST])
    people = members.members(visit.province_id, {one.member_id for one in found})
    campaigns = {one.campaign_id: queries.campaign(visit.province_id, one.campaign_id) for one in found}
    rows = [
        {
            "grant": one,
            "id": public_id("reward", visit.province_id, one.id),
            "play": campaigns[one.campaign_id].definition.name.in_(get_language() or "zh-hans"),
            "gives": gives(campaigns[one.campaign_id].definition.rewards[one.reward]),
            "member": people.get(one.member_id),
            "why": [_reason(reason) for reason in one.why],
        }
        for one in found
    ]
    return show(request, visit, "rewards.html", rows=rows, waiting=waiting.count())


@require_POST
@staff_page(EDIT)
def decide(request: HttpRequest, visit: Visit, grant: str) -> HttpResponse:
    """Give it after all, or deny it with a note."""
    province_id, grant_id = read_public_id("reward", grant)
    if request.POST.get("decision") not in set(GrantDecision):
        raise Invalid(reason=spoken("给还是不给", "decision: give or deny"))
    decision = GrantDecision(request.POST["decision"])
    commands.decide_grant(
        visit.caller,
        province_id=province_id,
        grant_id=grant_id,
        decision=decision,
        note=request.POST.get("note", "")[:500],
    )
    is_given = decision is GrantDecision.GIVE
    tell(
        request,
        spoken("已发放。", "Given.")
        if is_given
        else spoken("已拒绝，预算已退回。", "Denied; its budget is free again."),
    )
    return redirect("console:rewards")


def _reason(reason: Mapping[str, Any]) -> str:
    """What the guard says, in the reader's language; a reason without words as it was written."""
    words = spoken(str(reason.get("zh", "")), str(reason.get("en", "")))
    return words or ", ".join(f"{name}: {value}" for name, value in sorted(reason.items()))
