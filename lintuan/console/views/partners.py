"""Traffic partners: contracts drafted, tried on past orders, signed by somebody else, ended."""

from __future__ import annotations

import re
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_GET, require_POST

from lintuan.console.access import Visit, staff_page, tell
from lintuan.console.figures import day, hundredths, percent
from lintuan.console.show import show
from lintuan.console.words import spoken
from lintuan.kernel import clock
from lintuan.kernel.errors import Invalid, NotFound
from lintuan.kernel.ids import public_id, read_public_id
from lintuan.kernel.money import Money
from lintuan.leaders import queries as leaders
from lintuan.provinces.queries import staff
from lintuan.settlement import commands, queries
from lintuan.settlement.engine.partners import Month, Step, Terms
from lintuan.settlement.types import ContractView, NewContract

SEPARATORS = re.compile(r"[,，、;；\s]+")
#: Between steps; the parts of one stand with blanks between them.
STEPS = re.compile(r"[,，;；\r\n]+")


@require_GET
@staff_page("settlement.edit")
def partners(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Every contract, and a form for another."""
    found = queries.partner_contracts(visit.caller, province_id=visit.province_id)
    today = clock.today(visit.province.zone)
    return show(request, visit, "partners.html", rows=[_row(one) for one in found], today=today)


@require_GET
@staff_page("settlement.edit")
def contract(request: HttpRequest, visit: Visit, contract: str) -> HttpResponse:
    """A contract: what it would have come to, and what it did."""
    about = {"province_id": visit.province_id, "contract_id": _id(visit, contract)}
    view = queries.partner_contract(visit.caller, **about)
    tried = queries.simulate(visit.caller, **about)
    codes = {point.id: point for point in leaders.points(visit.province_id)}
    return show(
        request,
        visit,
        "contract.html",
        row=_row(view),
        steps=[(step.since, percent(step.bps)) for step in view.terms.steps],
        points=[codes[point_id] for point_id in view.point_ids if point_id in codes],
        tried=tried,
        tried_months=[_month(one) for one in tried.months],
        settled=[_month(one) for one in queries.settled_months(visit.caller, **about)],
        is_mine=view.drafted_by == visit.caller.id,
        drafted_by=staff(view.drafted_by).name,
        signed_by=staff(view.signed_by).name if view.signed_by else "",
        today=clock.today(visit.province.zone),
    )


@require_POST
@staff_page("settlement.edit")
def draft(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Write a contract down."""
    asked = request.POST
    new = NewContract(
        partner=asked.get("partner", "")[:61].strip(),
        point_ids=_points(visit, asked.get("points", "")[:20_000]),
        terms=Terms(
            _steps(asked.get("steps", "")[:500]), Money(hundredths(cap)) if (cap := asked.get("cap")) else None
        ),
        from_on=day(asked.get("from_on", "")),
        until_on=day(until) if (until := asked.get("until_on")) else None,
    )
    contract_id = commands.draft_contract(visit.caller, province_id=visit.province_id, contract=new)
    tell(
        request, spoken("已起草。请看试算，再请同事签。", "Drafted. See what it would have come to; a colleague signs.")
    )
    return redirect("console:contract", public_id("contract", visit.province_id, contract_id))


@require_POST
@staff_page("settlement.edit")
def sign(request: HttpRequest, visit: Visit, contract: str) -> HttpResponse:
    """Let a contract hold."""
    commands.sign_contract(visit.caller, province_id=visit.province_id, contract_id=_id(visit, contract))
    tell(request, spoken("已签。", "Signed."))
    return redirect("console:contract", contract)


@require_POST
@staff_page("settlement.edit")
def end(request: HttpRequest, visit: Visit, contract: str) -> HttpResponse:
    """Let a contract end, or forget a draft."""
    until_on = day(request.POST.get("until_on", ""))
    contract_id = _id(visit, contract)
    commands.end_contract(visit.caller, province_id=visit.province_id, contract_id=contract_id, until_on=until_on)
    tell(request, spoken(f"到 {until_on} 为止；未生效的已删除。", f"Until {until_on}; what had not begun is gone."))
    return redirect("console:partners")


def _id(visit: Visit, contract: str) -> int:
    province_id, contract_id = read_public_id("contract", contract)
    if province_id != visit.province_id:
        raise NotFound(thing="contract")
    return contract_id


def _points(visit: Visit, text: str) -> tuple[int, ...]:
    """The points of these codes."""
    known = {point.code: point.id for point in leaders.points(visit.province_id)}
    codes = [code for code in SEPARATORS.split(text) if code]
    if unknown := [code for code in codes if code not in known]:
        raise NotFound(thing=f"point {unknown[0]}")
    return tuple(known[code] for code in codes)


def _steps(text: str) -> tuple[Step, ...]:
    """Steps as people write them: "0 5%; 100000 7.5%" is 5 % of the margin, from sales of 100,000 yuan on 7.5 %."""
    steps = []
    for line in filter(None, (one.strip() for one in STEPS.split(text))):
        since, _, share = line.partition(" ")
        if not share:
            raise Invalid(reason=spoken(f"“{line}”应如 100000 7.5%", f"{line!r} should be like 100000 7.5%"))
        steps.append(Step(Money(hundredths(since)), hundredths(share)))
    return tuple(steps)


def _row(view: ContractView) -> dict[str, Any]:
    first, last = view.terms.steps[0], view.terms.steps[-1]
    shares = percent(first.bps) if len(view.terms.steps) == 1 else f"{percent(first.bps)} – {percent(last.bps)}"
    return {"id": public_id("contract", view.province_id, view.id), "contract": view, "shares": shares}


def _month(month: Month) -> dict[str, Any]:
    return {"month": month, "percent": percent(month.bps)}
