"""Refunds that the payment services refused: sent again, or made their buyers' balances."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_GET, require_POST

from lintuan.console.access import Visit, staff_page, tell
from lintuan.console.show import show
from lintuan.console.words import spoken
from lintuan.kernel.errors import Invalid
from lintuan.kernel.ids import public_id, read_public_id
from lintuan.members import queries as members
from lintuan.ordering import queries as ordering
from lintuan.payments import commands, queries
from lintuan.payments.types import MAY_REFUND, ORDER


@require_GET
@staff_page(MAY_REFUND)
def refunds(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Those that wait for a person, the oldest first, with the service's own reason."""
    province_id = visit.province_id
    found = queries.failed_refunds(visit.caller, province_id=province_id)
    charges = queries.charges(province_id, {view.charge_id for view in found})
    people = members.members(province_id, {charge.member_id for charge in charges.values()})
    orders = ordering.orders(province_id, {one.subject_id for one in charges.values() if one.purpose == ORDER})
    rows = [
        {
            "refund": view,
            "id": public_id("refund", province_id, view.id),
            "member": people.get(charges[view.charge_id].member_id),
            "order": orders.get(charges[view.charge_id].subject_id),
        }
        for view in found
    ]
    return show(request, visit, "refunds.html", rows=rows)


@require_POST
@staff_page(MAY_REFUND)
def decide(request: HttpRequest, visit: Visit, refund: str) -> HttpResponse:
    """Send it again, or credit it; what is credited is never sent again."""
    province_id, refund_id = read_public_id("refund", refund)
    match request.POST.get("decision"):
        case "retry":
            commands.retry_refund(visit.caller, province_id=province_id, refund_id=refund_id)
            tell(request, spoken("已重新发起退款。", "Sent again."))
        case "credit":
            commands.credit_refund(visit.caller, province_id=province_id, refund_id=refund_id)
            tell(request, spoken("已转入会员余额。", "It is the member's balance now."))
        case _:
            raise Invalid(reason="decision: retry, credit")
    return redirect("console:refunds")
