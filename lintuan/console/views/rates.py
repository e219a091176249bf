"""What leaders earn: rates, levels, and what a change would have come to."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from lintuan.catalog import queries as catalog
from lintuan.catalog.types import CATEGORY_NAMES, Category, SkuView
from lintuan.console.access import Visit, staff_page, tell
from lintuan.console.figures import day, hundredths, percent
from lintuan.console.show import show
from lintuan.console.words import spoken
from lintuan.kernel import clock
from lintuan.kernel.errors import NotFound, Refusal
from lintuan.kernel.ids import public_id, read_public_id
from lintuan.kernel.money import Money
from lintuan.provinces.queries import places_by_code
from lintuan.settlement import commands, queries
from lintuan.settlement.types import NewRate, Preview, RateView

FIELDS = ("percent", "from_on", "until_on", "level", "sku", "category", "area")
SEPARATORS = re.compile(r"[,，、;；\s]+")


@require_GET
@staff_page("settlement.edit")
def rates(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Every rate, the levels, goods that do not bear them; and with a rate filled in, what it would have come to."""
    today = clock.today(visit.province.zone)
    given = _given(request.GET)
    tried, wrong = _tried(visit, given, today)
    found = queries.rates(visit.caller, province_id=visit.province_id)
    short = queries.short_of_margin(visit.caller, province_id=visit.province_id)
    skus = catalog.skus({one.sku_id for one in found if one.sku_id} | {one.sku_id for one in short})
    return show(
        request,
        visit,
        "rates.html",
        rows=[_row(one, skus, today) for one in found],
        base=percent(visit.province.terms.leader_bps),
        thresholds=list(
            enumerate(queries.thresholds(visit.caller, province_id=visit.province_id, on=today + timedelta(days=1)), 2)
        ),
        short=[{"one": one, "sku": skus[one.sku_id], "area": _area(one.area)} for one in short],
        categories=[(str(one), spoken(*names)) for one, names in CATEGORY_NAMES.items()],
        given=given,
        tried=tried,
        wrong=wrong,
        tomorrow=today + timedelta(days=1),
        today=today,
    )


@require_POST
@staff_page("settlement.edit")
def try_rate(request: HttpRequest, visit: Visit) -> HttpResponse:
    """What a rate would have come to: to the page with it filled in."""
    return redirect(f"{reverse('console:rates')}?{urlencode(_given(request.POST))}")


@require_POST
@staff_page("settlement.edit")
def set_rate(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Keep a rate."""
    rate = _rate(_given(request.POST))
    commands.set_rate(visit.caller, province_id=visit.province_id, rate=rate)
    tell(request, spoken(f"已保存，自 {rate.from_on} 起。", f"Kept, from {rate.from_on} on."))
    return redirect("console:rates")


@require_POST
@staff_page("settlement.edit")
def end_rate(request: HttpRequest, visit: Visit, rate: str) -> HttpResponse:
    """Let a rate hold until a day."""
    until_on = day(request.POST.get("until_on", ""))
    province_id, rate_id = read_public_id("rate", rate)
    commands.end_rate(visit.caller, province_id=province_id, rate_id=rate_id, until_on=until_on)
    tell(request, spoken(f"到 {until_on} 为止。", f"It holds until {until_on}."))
    return redirect("console:rates")


@require_POST
@staff_page("settlement.edit")
def set_levels(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Keep the thresholds of levels."""
    words = [word for word in SEPARATORS.split(request.POST.get("thresholds", "")[:200]) if word]
    from_on = day(request.POST.get("from_on", ""))
    commands.set_levels(
        visit.caller,
        province_id=visit.province_id,
        from_on=from_on,
        thresholds=tuple(Money(hundredths(word)) for word in words),
    )
    tell(request, spoken(f"已保存，自 {from_on} 起。", f"Kept, from {from_on} on."))
    return redirect("console:rates")


def _given(form: QueryDict) -> dict[str, str]:
    return {name: form.get(name, "")[:20].strip() for name in FIELDS}


def _tried(visit: Visit, given: Mapping[str, str], today: date) -> tuple[Preview | None, str]:
    """What the rate that is filled in would have come to yesterday, or why it cannot be tried."""
    if not given["percent"]:
        return None, ""
    try:
        yesterday = today - timedelta(days=1)
        seen = commands.preview_rate(visit.caller, province_id=visit.province_id, sale_on=yesterday, rate=_rate(given))
    except Refusal as refusal:
        return None, refusal.message(spoken("zh", "en"))
    return seen, ""


def _rate(given: Mapping[str, str]) -> NewRate:
    sku_id = 0
    if given["sku"]:
        found = catalog.skus_by_code([given["sku"]]).get(given["sku"])
        if found is None:
            raise NotFound(thing=f"sku {given['sku']}")
        sku_id = found.id
    return NewRate(
        bps=hundredths(given["percent"]),
        from_on=day(given["from_on"]),
        until_on=day(given["until_on"]) if given["until_on"] else None,
        level=int(given["level"]) if given["level"].isascii() and given["level"].isdigit() else 0,
        sku_id=sku_id,
        category=given["category"],
        area=given["area"],
    )


def _row(view: RateView, skus: Mapping[int, SkuView], today: date) -> dict[str, Any]:
    goods = ""
    if view.sku_id:
        goods = spoken(skus[view.sku_id].name, skus[view.sku_id].name_en)
    elif view.category:
        goods = spoken(*CATEGORY_NAMES[Category(view.category)])
    is_over = view.until_on is not None and view.until_on < today
    return {
        "id": public_id("rate", view.province_id, view.id),
        "rate": view,
        "goods": goods,
        "area": _area(view.area),
        "percent": percent(view.bps),
        "is_over": is_over,
    }


def _area(code: str) -> str:
    """The name of a city or district, and its code."""
    if not code:
        return ""
    full = code.ljust(6, "0")
    place = places_by_code([full]).get(full)
    return f"{spoken(place.name, place.name_en)} {code}" if place else code
