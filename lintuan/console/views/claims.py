"""Claims that wait for a person."""

from __future__ import annotations

import re
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_GET, require_POST

from lintuan.catalog import queries as catalog
from lintuan.console.access import Visit, staff_page, tell
from lintuan.console.show import show
from lintuan.console.words import spoken
from lintuan.fulfilment import commands, queries
from lintuan.fulfilment.types import ClaimDecision, ClaimFault, ClaimState, ClaimView
from lintuan.kernel.errors import Invalid
from lintuan.kernel.ids import public_id, read_public_id
from lintuan.kernel.money import ZERO, Money
from lintuan.ordering import queries as ordering
from lintuan.pages.addresses import photo_addresses

YUAN = re.compile(r"(\d{1,6})(?:\.(\d{1,2}))?", re.ASCII)


@require_GET
@staff_page("fulfilment.decide_claims")
def claims(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Those to decide, and what was decided before."""
    return show(
        request,
        visit,
        "claims.html",
        open=_rows(visit, ClaimState.OPEN),
        granted=_rows(visit, ClaimState.GRANTED),
        declined=_rows(visit, ClaimState.DECLINED),
        faults=list(ClaimFault),
    )


@require_POST
@staff_page("fulfilment.decide_claims")
def decide(request: HttpRequest, visit: Visit, claim: str) -> HttpResponse:
    """Grant an amount, or decline with a reason."""
    province_id, claim_id = read_public_id("claim", claim)
    is_grant = request.POST.get("decision") == "grant"
    decision = ClaimDecision(
        amount=_money(request.POST.get("amount", "")) if is_grant else ZERO,
        fault=ClaimFault(request.POST["fault"]) if request.POST.get("fault") in set(ClaimFault) else None,
        reason=request.POST.get("reason", "")[:500],
    )
    commands.decide_claim(visit.caller, province_id=province_id, claim_id=claim_id, decision=decision)
    tell(
        request,
        spoken("已同意，退款原路返回。", "Granted: the refund is on its way.")
        if is_grant
        else spoken("已拒绝。", "Declined."),
    )
    return redirect("console:claims")


def _rows(visit: Visit, state: ClaimState) -> list[dict[str, Any]]:
    found = queries.claims(visit.caller, province_id=visit.province_id, state=state)
    skus = catalog.skus({claim.sku_id for claim in found})
    orders = ordering.orders(visit.province_id, {claim.order_id for claim in found})
    return [_row(claim, skus[claim.sku_id], orders[claim.order_id].number) for claim in found]


def _row(claim: ClaimView, sku: object, number: str) -> dict[str, Any]:
    return {
        "claim": claim,
        "sku": sku,
        "number": number,
        "id": public_id("claim", claim.province_id, claim.id),
        "photos": photo_addresses(claim.province_id, claim.photos),
    }


def _money(text: str) -> Money:
    """Yuan as people type them, in whole fen."""
    match = YUAN.fullmatch(text.strip().removeprefix("¥"))
    if match is None:
        raise Invalid(reason=spoken(f"{text} 不是金额，应如 12.50", f"{text} is not an amount like 12.50"))
    return Money(int(match[1]) * 100 + int((match[2] or "0").ljust(2, "0")))
