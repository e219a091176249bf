"""Where the reader collects, and what that means tonight."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from lintuan.catalog.types import spoken
from lintuan.kernel.errors import NotFound
from lintuan.kernel.ids import public_id, read_public_id
from lintuan.leaders import queries as leaders
from lintuan.leaders.types import PointState, PointView
from lintuan.provinces import queries as provinces
from lintuan.provinces.types import ProvinceState, ProvinceView

from . import words
from .asking import Asking


@dataclass(frozen=True, slots=True)
class Here:
    """A pickup point on the sale day that its shelf shows."""

    point: PointView
    province: ProvinceView
    sale_on: date
    now: datetime
    language: str

    @property
    def id(self) -> str:
        return point_id(self.point)

    @property
    def name(self) -> str:
        return point_name(self.point, self.language)

    def at(self, step: str) -> datetime:
        """The moment of a step of the sale day."""
        return self.province.timetable.at(step, self.sale_on, self.province.zone)

    @property
    def is_trading(self) -> bool:
        return self.province.state is ProvinceState.OPEN and self.point.state is PointState.OPEN

    @property
    def is_open(self) -> bool:
        """Whether it takes orders at this moment."""
        return self.is_trading and self.at("opens") <= self.now < self.at("cutoff")

    @property
    def hours(self) -> str:
        """明天 16:00-21:00."""
        return hours_of(self.province, self.sale_on, self.now, self.language)


def here(asking: Asking) -> Here | None:
    """The point the reader looks at: the one they name, else where they collect; None where there is none yet."""
    view = _named(asking.get("point")) or own(asking)
    return None if view is None else at_point(asking, view)


def at_point(asking: Asking, view: PointView) -> Here:
    province = provinces.province(view.province_id)
    sale_on = provinces.coming_day(province, asking.now)
    return Here(view, province, sale_on, asking.now, asking.language)


def point_id(view: PointView) -> str:
    return public_id("point", view.province_id, view.id)


def point_name(view: PointView, language: str) -> str:
    return spoken(language, view.name, view.name_en)


def hours_of(province: ProvinceView, sale_on: date, now: datetime, language: str) -> str:
    """When goods of a sale day are collected."""
    begins, ends = (province.timetable.at(step, sale_on, province.zone) for step in ("collect_from", "collect_until"))
    zone = ZoneInfo(province.zone)
    on = words.near_day(begins.astimezone(zone).date(), now.astimezone(zone).date(), language)
    return f"{on} {words.hour(begins, province.zone)}-{words.hour(ends, province.zone)}"


def today(province: ProvinceView, now: datetime) -> date:
    return now.astimezone(ZoneInfo(province.zone)).date()


def _named(text: str) -> PointView | None:
    """A device may remember a point that is gone."""
    if not text:
        return None
    try:
        return leaders.point(*read_public_id("point", text))
    except NotFound:
        return None


def own(asking: Asking) -> PointView | None:
    """Where a neighbour collects, or the first point that a leader keeps."""
    if asking.is_member:
        return leaders.point_of_member(asking.caller.province_id, asking.caller.id)
    if asking.is_leader:
        kept = leaders.points_of_leader(asking.caller.province_id, asking.caller.id)
        return kept[0] if kept else None
    return None
