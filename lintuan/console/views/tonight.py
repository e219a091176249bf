"""Tonight: the orders of a sale day as they come, recounted from their rows at every look."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_GET

from lintuan.console.access import Visit, staff_page
from lintuan.console.show import show
from lintuan.console.words import spoken, word
from lintuan.kernel import clock
from lintuan.kernel.ids import public_id
from lintuan.leaders import queries as leaders
from lintuan.ordering import queries
from lintuan.ordering.types import OrderView
from lintuan.settlement.queries import overdue_invoices

LISTED = 15
POINTS_SHOWN = 12
STATES = ("unpaid", "paid", "collected", "unclaimed", "cancelled", "expired", "refunded")


@require_GET
@staff_page("ordering.read")
def tonight(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Counters, charts and the latest orders; the page asks for its moving part every few seconds."""
    template = "part_tonight.html" if request.headers.get("HX-Request") else "tonight.html"
    return show(request, visit, template, **_figures(visit))


def _figures(visit: Visit) -> dict[str, Any]:
    totals = queries.day_totals(visit.province_id, visit.sale_on)
    turnout = queries.turnout(visit.province_id, visit.sale_on)
    latest = queries.recent_orders(visit.caller, visit.province_id, sale_on=visit.sale_on, limit=LISTED)
    minutes = queries.orders_per_minute(visit.province_id, visit.sale_on)
    points = {view.id: view for view in leaders.points(visit.province_id)}
    names = {point_id: spoken(view.name, view.name_en) for point_id, view in points.items()}
    by_point = Counter(turnout.orders_at)
    return {
        "totals": totals,
        "placed": sum(totals.orders.values()),
        "people": turnout.members,
        "points_active": len(by_point),
        "units": sum(sku.ordered for sku in totals.skus),
        "cutoff_at": visit.province.timetable.at("cutoff", visit.sale_on, visit.province.zone),
        "now": clock.now(),
        "overdue_invoices": overdue_invoices(visit.province_id),
        "latest": [_row(order, names) for order in latest],
        "charts": {
            "minutes": _per_minute(dict(minutes), visit.province.zone),
            "points": [[names[point], orders] for point, orders in by_point.most_common(POINTS_SHOWN)],
            "states": [[word(state), totals.orders[state], state] for state in STATES if totals.orders.get(state)],
        },
    }


def _row(order: OrderView, names: Mapping[int, str]) -> dict[str, Any]:
    return {
        "order": order,
        "id": public_id("order", order.province_id, order.id),
        "point": names.get(order.point_id, ""),
        "units": sum(line.quantity for line in order.lines),
    }


def _per_minute(counts: Mapping[datetime, int], zone: str) -> list[list[Any]]:
    """Orders placed in each minute between the first and the last of these."""
    if not counts:
        return []
    first, last = min(counts), max(counts)
    minutes = int((last - first).total_seconds()) // 60 + 1
    # A quiet night may spread the same orders over hours: then the minutes are gathered.
    width = max(1, -(-minutes // 60))
    return [
        [_face(first + timedelta(minutes=start), zone), _within(counts, first + timedelta(minutes=start), width)]
        for start in range(0, minutes, width)
    ]


def _within(counts: Mapping[datetime, int], start: datetime, width: int) -> float:
    """Orders per minute over `width` minutes."""
    found = sum(counts.get(start + timedelta(minutes=minute), 0) for minute in range(width))
    return round(found / width, 1)


def _face(moment: datetime, zone: str) -> str:
    return f"{moment.astimezone(ZoneInfo(zone)):%H:%M}"
