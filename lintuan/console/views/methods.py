"""Which provider each city offers first to those who pay."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_GET, require_POST

from lintuan.console.access import Visit, staff_page, tell
from lintuan.console.show import show
from lintuan.console.words import spoken
from lintuan.kernel import clock
from lintuan.kernel.errors import Invalid
from lintuan.leaders import queries as leaders
from lintuan.payments import commands, queries
from lintuan.payments.types import Provider
from lintuan.provinces import queries as provinces
from lintuan.provinces.types import PlaceView, ProvinceView

EDIT = "provinces.edit"
NAMES = {Provider.WECHATPAY: ("微信支付", "WeChat Pay"), Provider.ALIPAY: ("支付宝", "Alipay")}


@require_GET
@staff_page(EDIT)
def methods(request: HttpRequest, visit: Visit) -> HttpResponse:
    """What holds today in the province and each of its cities with a pickup point, and what is to come."""
    today = clock.today(visit.province.zone)
    known = queries.preferences(visit.province_id)
    rows = [
        {
            "place": place,
            "first": _names(queries.preferred_providers(visit.province_id, city=place.code, on=today)),
            "said": [(one.from_on, _names(one.providers)) for one in known if one.market == place.code],
        }
        for place in _places(visit)
    ]
    choices = [(one.value, spoken(*NAMES[one])) for one in Provider]
    return show(request, visit, "methods.html", rows=rows, choices=choices, today=today)


@require_POST
@staff_page(EDIT)
def prefer(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Put one provider first from a day on."""
    first, city = request.POST.get("first", ""), request.POST.get("market", "")
    if first not in set(Provider):
        raise Invalid(reason="first: wechatpay, alipay")
    try:
        from_on = date.fromisoformat(request.POST.get("from_on", ""))
    except ValueError:
        raise Invalid(reason="from_on: YYYY-MM-DD") from None
    commands.prefer_providers(
        visit.caller,
        province_id=visit.province_id,
        city_code="" if city == visit.province.code else city,
        from_on=from_on,
        providers=(Provider(first), *(one for one in Provider if one != first)),
    )
    tell(request, spoken("已保存。", "Saved."))
    return redirect("console:methods")


def _places(visit: Visit) -> Iterator[ProvinceView | PlaceView]:
    """The province, then its cities that have a pickup point, by code."""
    yield visit.province
    cities = provinces.places_by_code(point.city_code for point in leaders.points(visit.province_id))
    yield from (cities[code] for code in sorted(cities))


def _names(providers: tuple[Provider, ...]) -> list[str]:
    return [spoken(*NAMES[one]) for one in providers]
