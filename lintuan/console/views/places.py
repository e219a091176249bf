"""Pickup points, and the way in."""

from __future__ import annotations

from collections import Counter

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_GET, require_POST

from lintuan.console.access import Visit, any_page, staff_page, tell
from lintuan.console.menu import menu_of
from lintuan.console.show import show
from lintuan.console.words import spoken
from lintuan.kernel.ids import public_id, read_public_id
from lintuan.leaders import commands, queries
from lintuan.provinces import queries as provinces


@require_GET
@any_page
def home(request: HttpRequest, visit: Visit) -> HttpResponse:
    """The first page that this person may open."""
    groups = menu_of(visit, "")
    return redirect(groups[0].items[0].page) if groups else show(request, visit, "empty.html")


@require_GET
@staff_page("leaders.edit")
def points(request: HttpRequest, visit: Visit) -> HttpResponse:
    """All points of the province, how many people collect there and whether they take orders."""
    views = queries.points(visit.province_id)
    sizes = queries.group_sizes(visit.province_id)
    # Districts lie in cities; a prefix of four digits is the city of a GB/T 2260 code.
    cities = {f"{view.district_code[:4]}00" for view in views}
    districts = {place.code: place for city in cities for place in provinces.places(city)}
    rows = [
        {
            "point": view,
            "id": public_id("point", view.province_id, view.id),
            "people": sizes.get(view.id, 0),
            "district": districts.get(view.district_code),
        }
        for view in views
    ]
    states = Counter(str(view.state) for view in views)
    return show(request, visit, "points.html", rows=rows, states=states, people=sum(sizes.values()))


@require_POST
@staff_page("leaders.edit")
def rest_point(request: HttpRequest, visit: Visit, point: str) -> HttpResponse:
    """Take no new orders at a point for now."""
    province_id, point_id = read_public_id("point", point)
    commands.rest_point(visit.caller, province_id=province_id, point_id=point_id)
    tell(request, spoken("已设为休息，暂不接新订单。", "Resting: no new orders there for now."))
    return redirect("console:points")


@require_POST
@staff_page("leaders.edit")
def resume_point(request: HttpRequest, visit: Visit, point: str) -> HttpResponse:
    """Take orders at a point again."""
    province_id, point_id = read_public_id("point", point)
    commands.resume_point(visit.caller, province_id=province_id, point_id=point_id)
    tell(request, spoken("已恢复营业。", "Open again."))
    return redirect("console:points")
