from __future__ import annotations

import csv
from collections.abc import Iterable
from dataclasses import asdict
from datetime import date
from pathlib import Path

from django.db import connection

from lintuan.kernel import changes, clock
from lintuan.kernel.callers import Caller, Kind
from lintuan.kernel.commands import command
from lintuan.kernel.errors import CannotMove, Invalid, NotFound
from lintuan.kernel.events import announce

from . import queries, rules
from .events import (
    ProvinceOpened,
    ProvincePlanned,
    ProvinceResumed,
    ProvinceSuspended,
    StaffAdded,
)
from .models import Province, Staff
from .types import ProvincePlan, ProvinceState

PLACES = Path(__file__).parent / "data" / "places.csv"

_UPSERT_PLACES = """
INSERT INTO provinces_place AS known (code, name, name_en, level, parent_code, longitude, latitude)
SELECT * FROM unnest(%s::text[], %s::text[], %s::text[], %s::text[], %s::text[], %s::float8[], %s::float8[])
ON CONFLICT (code) DO UPDATE
SET (name, name_en, level, parent_code, longitude, latitude)
    = (excluded.name, excluded.name_en, excluded.level, excluded.parent_code, excluded.longitude, excluded.latitude)
WHERE (known.name, known.name_en, known.level, known.parent_code, known.longitude, known.latitude)
    IS DISTINCT FROM
    (excluded.name, excluded.name_en, excluded.level, excluded.parent_code, excluded.longitude, excluded.latitude)
"""


@command
def load_places(caller: Caller) -> int:
    """Bring the places of China up to date with data/places.csv; answers how many were new or changed."""
    caller.require("provinces.edit", 0)
    with PLACES.open(encoding="utf-8", newline="") as file:
        columns = list(zip(*(_place_values(row) for row in csv.DictReader(file)), strict=True))
    with connection.cursor() as cursor:
        cursor.execute(_UPSERT_PLACES, [list(column) for column in columns])
        changed = int(cursor.rowcount)
    if changed:
        changes.tell("provinces")
    return changed


@command
def set_province(caller: Caller, *, province_id: int, plan: ProvincePlan, key: str | None = None) -> int:
    """Plan a new province, or change the times and terms of one; what is set holds for orders placed from now on."""
    caller.require("provinces.edit", province_id)
    if not 11 <= province_id <= 82:
        raise Invalid(reason="province_id: 11-82 (GB/T 2260)")
    rules.check_zone(plan.zone)
    rules.check_terms(plan.terms)
    timetable = rules.read_timetable(plan.timetable)
    code = f"{province_id}0000"
    name, name_en = _names(code, plan)
    Province.objects.update_or_create(
        id=province_id,
        defaults={
            "code": code, "name": name, "name_en": name_en, "zone": plan.zone,
            "timetable": timetable.texts(), "terms": asdict(plan.terms),
        },
    )  # fmt: skip
    changes.tell("provinces", province_id)
    announce(ProvincePlanned(province_id=province_id))
    return province_id


@command
def open_province(
    caller: Caller, *, province_id: int, first_sale_on: date | None = None, key: str | None = None
) -> int:
    """Begin to trade with this sale day, or with the earliest that can still take orders."""
    row = _own_province(caller, province_id)
    _move(row, ProvinceState.DRAFT, ProvinceState.OPEN)
    earliest = rules.first_sale_day(rules.read_timetable(row.timetable), row.zone, clock.now())
    if first_sale_on is not None and first_sale_on < earliest:
        raise Invalid(reason=f"first_sale_on >= {earliest}")
    row.first_sale_on = first_sale_on or earliest
    row.save()
    changes.tell("provinces", province_id)
    announce(ProvinceOpened(province_id=province_id, first_sale_on=row.first_sale_on))
    return province_id


@command
def suspend_province(caller: Caller, *, province_id: int, key: str | None = None) -> int:
    """Take no orders for now; what is sold is still bought, delivered and settled."""
    row = _own_province(caller, province_id)
    _move(row, ProvinceState.OPEN, ProvinceState.SUSPENDED)
    row.save()
    changes.tell("provinces", province_id)
    announce(ProvinceSuspended(province_id=province_id))
    return province_id


@command
def resume_province(caller: Caller, *, province_id: int, key: str | None = None) -> int:
    """Take orders again after a suspension."""
    row = _own_province(caller, province_id)
    _move(row, ProvinceState.SUSPENDED, ProvinceState.OPEN)
    row.save()
    changes.tell("provinces", province_id)
    announce(ProvinceResumed(province_id=province_id))
    return province_id


@command
def add_staff(
    caller: Caller,
    *,
    phone: str,
    name: str,
    rights: tuple[str, ...],
    provinces: tuple[int, ...] = (),
    key: str | None = None,
) -> int:
    """Give a person exactly these rights in these provinces, none meaning everywhere; without rights they are out."""
    caller.require_kind(Kind.SYSTEM)
    rules.check_rights(rights)
    for province_id in provinces:
        queries.province(province_id)
    row, _ = Staff.objects.update_or_create(
        phone=phone, defaults={"name": name, "rights": sorted(rights), "provinces": sorted(provinces)}
    )
    announce(StaffAdded(province_id=0, staff_id=row.id, rights=rights, provinces=provinces))
    return row.id


def _own_province(caller: Caller, province_id: int) -> Province:
    caller.require("provinces.edit", province_id)
    row = Province.objects.select_for_update().filter(id=province_id).first()
    if row is None:
        raise NotFound(thing="province")
    return row


def _move(row: Province, state: ProvinceState, to: ProvinceState) -> None:
    if row.state != state:
        raise CannotMove(state=ProvinceState(row.state), to=to)
    row.state = to


def _names(code: str, plan: ProvincePlan) -> tuple[str, str]:
    if plan.name and plan.name_en:
        return plan.name, plan.name_en
    place = queries.place(code)
    return plan.name or place.name, plan.name_en or place.name_en


def _place_values(row: dict[str, str]) -> Iterable[str | float | None]:
    longitude, latitude = row["longitude"], row["latitude"]
    return (
        row["code"], row["name_zh"], row["name_en"], row["level"], row["parent_code"],
        float(longitude) if longitude else None, float(latitude) if latitude else None,
    )  # fmt: skip
