"""Which timetables and terms can be kept, and which sale day is open at a moment."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from lintuan.kernel.timeline import LocalMoment

from .errors import (
    ContradictoryTimes,
    RightUnknown,
    StepOffDay,
    StepUnknown,
    TermsRefused,
    TimeUnreadable,
    ZoneUnknown,
)
from .types import ALL_RIGHTS, DEFAULT_TIMETABLE, Terms, Timetable

DAY = 24 * 60

#: A step may fall on the moment of the one before it only here: the goods may arrive as collection begins.
TOGETHER = frozenset({("at_point_by", "collect_from")})

#: Between which moments a step must lie, both included: orders belong to the local day whose cut-off closes it, the
#: goods are collected on the next day, and the worker looks back nine days for what is due.
BOUNDS: Mapping[str, tuple[int, int]] = {
    "cutoff": (1, DAY),
    "collect_from": (DAY, 2 * DAY),
    "collect_until": (DAY, 2 * DAY),
    "reconcile": (0, 9 * DAY),
}

TERM_BOUNDS: Mapping[str, tuple[int, int]] = {
    "unpaid_minutes": (1, 24 * 60),
    "leader_bps": (0, 5000),
    "claim_hours": (1, 240),
    "claim_auto_fen": (0, 100_000),
    "unclaimed_refund_bps": (0, 10_000),
    "wechatpay_fee_bps": (0, 1000),
    "alipay_fee_bps": (0, 1000),
    "profit_floor_bps": (0, 5000),
    "plays_floor_bps": (0, 5000),
    "most_lines": (1, 50),
    "most_units_per_line": (1, 999),
    "invoice_days": (1, 30),
}

SHORTAGE_RULES = ("first_paid_first_served", "proportional")


def read_timetable(texts: Mapping[str, str]) -> Timetable:
    """The default timetable with these steps changed; refused if its times contradict each other."""
    for step in texts:
        if step not in DEFAULT_TIMETABLE:
            raise StepUnknown(step=step)
    steps = {step: _read(step, texts.get(step, default)) for step, default in DEFAULT_TIMETABLE.items()}
    _check_order(steps)
    _check_days(steps)
    return Timetable(steps)


def check_zone(zone: str) -> None:
    try:
        ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError, OSError) as wrong:
        raise ZoneUnknown(zone=zone) from wrong


def check_terms(terms: Terms) -> None:
    for term, (least, most) in TERM_BOUNDS.items():
        value = getattr(terms, term)
        if type(value) is not int or not least <= value <= most:
            raise TermsRefused(term=term, least=least, most=most, value=value)
    if terms.shortage_rule not in SHORTAGE_RULES:
        raise TermsRefused(
            term="shortage_rule", least=SHORTAGE_RULES[0], most=SHORTAGE_RULES[-1], value=terms.shortage_rule
        )


def check_rights(rights: tuple[str, ...]) -> None:
    for right in rights:
        if right not in ALL_RIGHTS:
            raise RightUnknown(right=right)


def selling_day(timetable: Timetable, zone: str, now: datetime) -> date | None:
    """The sale day whose window [opens, cutoff) contains the moment; windows of two days never overlap."""
    local_day = now.astimezone(ZoneInfo(zone)).date()
    for days in (-1, 0, 1):
        sale_on = local_day + timedelta(days=days)
        if timetable.at("opens", sale_on, zone) <= now < timetable.at("cutoff", sale_on, zone):
            return sale_on
    return None


def first_sale_day(timetable: Timetable, zone: str, now: datetime) -> date:
    """The earliest sale day that can still take orders at this moment."""
    day = now.astimezone(ZoneInfo(zone)).date()
    while timetable.at("cutoff", day, zone) <= now:
        day += timedelta(days=1)
    return day


def _read(step: str, text: str) -> LocalMoment:
    try:
        return LocalMoment.parse(text)
    except ValueError as wrong:
        raise TimeUnreadable(step=step, text=text) from wrong


def _check_order(steps: Mapping[str, LocalMoment]) -> None:
    for earlier, later in pairwise(steps):
        first, second = steps[earlier], steps[later]
        if second < first or (second == first and (earlier, later) not in TOGETHER):
            raise ContradictoryTimes(earlier=earlier, earlier_at=first, later=later, later_at=second)
    tomorrow = LocalMoment(steps["opens"].minutes + DAY)
    if tomorrow < steps["cutoff"]:
        raise ContradictoryTimes(earlier="cutoff", earlier_at=steps["cutoff"], later="opens", later_at=tomorrow)


def _check_days(steps: Mapping[str, LocalMoment]) -> None:
    for step, (least, most) in BOUNDS.items():
        if not least <= steps[step].minutes <= most:
            raise StepOffDay(step=step, at=steps[step], first=LocalMoment(least), last=LocalMoment(most))
