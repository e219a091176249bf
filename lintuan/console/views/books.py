"""The books: ledger, statements, the proof of a day."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_GET

from lintuan.catalog import queries as catalog
from lintuan.console.access import Visit, staff_page, supplier_page
from lintuan.console.show import show
from lintuan.console.words import spoken
from lintuan.leaders.queries import points as points_of
from lintuan.ordering import queries as ordering
from lintuan.settlement import queries
from lintuan.settlement.types import StatementView, Topic
from lintuan.sourcing import queries as sourcing

ENTRIES = 200
TOPICS = {
    Topic.ORDERS: ("订单", "Orders"),
    Topic.STOCK: ("库存", "Stock"),
    Topic.MONEY: ("资金", "Money"),
    Topic.GOODS: ("货物", "Goods"),
    Topic.EVENTS: ("事件", "Events"),
}


@require_GET
@staff_page("settlement.read")
def ledger(request: HttpRequest, visit: Visit) -> HttpResponse:
    """The trial balance of the province, the latest journals of the sale day, and what reconciliation found."""
    account = request.GET.get("account", "")[:20]
    found = queries.entries(
        visit.caller, province_id=visit.province_id, sale_on=visit.sale_on, account=account, limit=ENTRIES
    )
    orders = ordering.orders(visit.province_id, {entry.order_id for entry in found if entry.order_id})
    journals = [
        {"entry": own[0], "number": orders[own[0].order_id].number if own[0].order_id in orders else "", "entries": own}
        for own in (list(group) for _, group in groupby(found, key=lambda entry: entry.journal_id))
    ]
    return show(
        request,
        visit,
        "ledger.html",
        balance=queries.trial_balance(visit.caller, province_id=visit.province_id),
        cases=queries.cases(visit.caller, province_id=visit.province_id, sale_on=visit.sale_on),
        journals=journals,
        account=account,
    )


@require_GET
@staff_page("settlement.read")
def statements(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Every supplier's and every leader's statement of the sale day."""
    found = queries.statements(visit.caller, province_id=visit.province_id, sale_on=visit.sale_on)
    names = {view.id: spoken(view.name, view.name_en) for view in sourcing.suppliers(visit.province_id)}
    leaders = queries.statements_of_leaders(visit.caller, province_id=visit.province_id, sale_on=visit.sale_on)
    points = {view.leader_id: spoken(view.name, view.name_en) for view in points_of(visit.province_id)}
    return show(
        request,
        visit,
        "statements.html",
        sheets=_sheets(found, names),
        leaders=[
            {
                "statement": view,
                "leader": points.get(view.leader_id, ""),
                "lines": [(line, spoken(line.zh, line.en)) for line in view.lines],
            }
            for view in leaders
        ],
    )


@require_GET
@supplier_page
def supplier_statements(request: HttpRequest, visit: Visit) -> HttpResponse:
    """The calling supplier's own statements."""
    return show(request, visit, "statements.html", sheets=_sheets(queries.supplier_statements(visit.caller), {}))


@require_GET
@staff_page("settlement.read")
def proof(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Two ways to every figure of the day, and whether they meet."""
    proved = queries.prove_day(visit.province_id, visit.sale_on)
    topics = [
        {"name": spoken(*TOPICS[topic]), "invariants": own}
        for topic in TOPICS
        if (own := [invariant for invariant in proved.invariants if invariant.topic is topic])
    ]
    broken = sum(not invariant.holds for invariant in proved.invariants)
    return show(request, visit, "proof.html", proof=proved, topics=topics, broken=broken)


def _sheets(found: Iterable[StatementView], names: dict[int, str]) -> Sequence[dict[str, Any]]:
    views = list(found)
    skus = catalog.skus({line.sku_id for view in views for line in view.lines})
    return [
        {
            "statement": view,
            "supplier": names.get(view.supplier_id, ""),
            "lines": [(line, skus[line.sku_id], spoken(line.zh, line.en)) for line in view.lines],
        }
        for view in views
    ]
