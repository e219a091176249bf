from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import msgspec

from lintuan.kernel.callers import Caller, Kind
from lintuan.kernel.errors import NotFound
from lintuan.kernel.memory import remembered

from . import rules
from .errors import ProvinceClosed
from .models import Place, Province, Staff
from .types import PlaceView, ProvinceState, ProvinceView, StaffView, Terms


@remembered(1.0)
def province(province_id: int) -> ProvinceView:
    """A province in any state, as it was within the last second."""
    return province_now(province_id)


def province_now(province_id: int) -> ProvinceView:
    """A province in any state, as it stands."""
    row = Province.objects.filter(id=province_id).first()
    if row is None:
        raise NotFound(thing="province")
    return _view(row)


def provinces() -> Sequence[ProvinceView]:
    """All provinces ever planned, by code."""
    return [_view(row) for row in Province.objects.order_by("id")]


def open_province(province_id: int) -> ProvinceView:
    """A province that takes orders; refused while it does not."""
    view = province(province_id)
    require_open(view)
    return view


def require_open(view: ProvinceView) -> None:
    """Refuse a province that takes no orders as it was seen."""
    if view.state is not ProvinceState.OPEN:
        raise ProvinceClosed(province=view.code)


def selling_day(view: ProvinceView, now: datetime) -> date | None:
    """The sale day that takes orders at this moment; None between cut-off and opening and before the first day."""
    sale_on = rules.selling_day(view.timetable, view.zone, now)
    if sale_on is None or view.first_sale_on is None or sale_on < view.first_sale_on:
        return None
    return sale_on


def coming_day(view: ProvinceView, now: datetime) -> date:
    """The first sale day whose cut-off is still to come: what a shelf shows."""
    day = now.astimezone(ZoneInfo(view.zone)).date() - timedelta(days=1)
    while view.timetable.at("cutoff", day, view.zone) <= now:
        day += timedelta(days=1)
    return max(day, view.first_sale_on or day)


def places(parent: str = "") -> Sequence[PlaceView]:
    """What lies directly in a place; without one, the provinces of China."""
    rows = Place.objects.filter(parent_code=parent).order_by("code")
    return [_place(row) for row in rows]


def place(code: str) -> PlaceView:
    row = Place.objects.filter(code=code).first()
    if row is None:
        raise NotFound(thing="place")
    return _place(row)


def places_by_code(codes: Iterable[str]) -> dict[str, PlaceView]:
    """The places of these codes; unknown codes are absent."""
    return {row.code: _place(row) for row in Place.objects.filter(code__in=set(codes))}


def staff_caller(phone: str) -> Caller | None:
    """Who a phone speaks for among the staff; nobody once every right is gone."""
    return _caller(Staff.objects.filter(phone=phone).first())


def staff_caller_by_id(staff_id: int) -> Caller | None:
    """The same with the rights held now, for a session that goes on."""
    return _caller(Staff.objects.filter(id=staff_id).first())


def staff(staff_id: int) -> StaffView:
    row = Staff.objects.filter(id=staff_id).first()
    if row is None:
        raise NotFound(thing="staff")
    return StaffView(row.id, row.phone, row.name, tuple(row.rights), tuple(row.provinces))


def _caller(row: Staff | None) -> Caller | None:
    if row is None or not row.rights:
        return None
    return Caller(Kind.STAFF, row.id, rights=frozenset(row.rights), provinces=frozenset(row.provinces))


def _view(row: Province) -> ProvinceView:
    return ProvinceView(
        id=row.id,
        code=row.code,
        name=row.name,
        name_en=row.name_en,
        state=ProvinceState(row.state),
        zone=row.zone,
        timetable=rules.read_timetable(row.timetable),
        terms=msgspec.convert(row.terms, Terms),
        first_sale_on=row.first_sale_on,
    )


def _place(row: Place) -> PlaceView:
    return PlaceView(row.code, row.name, row.name_en, row.level, row.parent_code, row.longitude, row.latitude)
