"""How goods are shared and moved, when codes count and claims hold; docs/algorithms/night.md and claims.md."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol, TypeVar

from lintuan.kernel.errors import Invalid, NotFound, Refusal
from lintuan.kernel.ids import public_id
from lintuan.kernel.money import ZERO, Money
from lintuan.kernel.states import require_move

from .errors import (
    AmountTooHigh,
    ClaimTooLate,
    ClaimTooMuch,
    MoreThanSent,
    NotDelivered,
    NothingToRefund,
    ReasonMissing,
    SecondCentre,
    SignedAlready,
    SortedTooMuch,
    SortingClosed,
    SortingNotOpen,
)
from .types import (
    ClaimDecision,
    ClaimRequest,
    Discrepancy,
    DropState,
    NewVehicle,
    NewWarehouse,
    PointAssignment,
    RouteState,
    SortReport,
    TaskState,
    WarehouseKind,
)

T = TypeVar("T")

MOST_REPORTS = 2000
MOST_AT_ONCE = 1000

CODES = 1_000_000
LONGEST_NOTE = 500
MOST_PHOTOS = 3

WRONG_CODES = 5
WRONG_CODES_WITHIN = timedelta(minutes=1)
WRONG_CODES_A_DAY = 40
WRONG_CODES_DAY = timedelta(days=1)
SHUT_FOR = timedelta(hours=1)

REPORTABLE = frozenset({TaskState.OPEN, TaskState.REPORTED})
NEXT_DROP: Mapping[DropState, tuple[DropState, ...]] = {
    DropState.PLANNED: (DropState.ON_THE_WAY, DropState.EMPTY, DropState.LOST),
    DropState.ON_THE_WAY: (DropState.DELIVERED, DropState.LOST),
    DropState.DELIVERED: (DropState.SIGNED, DropState.LOST),
    DropState.SIGNED: (),
    DropState.EMPTY: (),
    DropState.LOST: (),
}
NEXT_ROUTE: Mapping[RouteState, tuple[RouteState, ...]] = {
    RouteState.PLANNED: (RouteState.DEPARTED,),
    RouteState.DEPARTED: (RouteState.DONE,),
    RouteState.DONE: (),
}


@dataclass(frozen=True, slots=True)
class TaskFacts:
    """What a report is checked against."""

    planned: int
    state: TaskState


@dataclass(frozen=True, slots=True)
class Due:
    """Units of one SKU that a paid order line has coming at a point."""

    line_id: int
    point_id: int
    units: int
    paid_at: datetime


class Sent(Protocol):
    """A drop line as it is before signing."""

    sent: int


def check_warehouses(warehouses: Sequence[NewWarehouse], centre_code: str | None) -> None:
    """Refuse a list with a code twice, coordinates off the earth, or a second centre."""
    _refuse_many(warehouses, MOST_AT_ONCE)
    _refuse_twice("code", (one.code for one in warehouses))
    for one in warehouses:
        if not (one.code.strip() and one.name.strip() and -90 <= one.lat <= 90 and -180 <= one.lng <= 180):
            raise Invalid(reason=f"{one.code}: code, name, lat, lng")
    for one in warehouses:
        if one.kind is WarehouseKind.CENTRE:
            if centre_code not in (None, one.code):
                raise SecondCentre(code=centre_code)
            centre_code = one.code


def check_assignments(assignments: Sequence[PointAssignment]) -> None:
    """Refuse a list too long, or one that gives a point two grids."""
    _refuse_many(assignments, MOST_AT_ONCE)
    _refuse_twice("point", (one.point_code for one in assignments))


def check_vehicles(vehicles: Sequence[NewVehicle]) -> None:
    """Every plate once, room and trips above nothing, a shift within one day."""
    if len({one.plate for one in vehicles}) < len(vehicles):
        raise Invalid(reason="plate")
    for one in vehicles:
        if not (one.plate.strip() and one.driver.strip()):
            raise Invalid(reason="plate")
        if min(one.crates, one.kilograms, one.stops, one.most_trips) < 1 or one.start_cost_m < 0:
            raise Invalid(reason="room")
        if one.shift_from >= one.shift_to:
            raise Invalid(reason="shift")


def check_reports(reports: Sequence[SortReport], tasks: Mapping[int, TaskFacts], *, province_id: int) -> None:
    """Refuse the whole list for the first report that cannot be taken."""
    _refuse_many(reports, MOST_REPORTS)
    _refuse_twice("task", (report.task_id for report in reports), lambda row_id: public_id("task", province_id, row_id))
    for report in reports:
        task = tasks.get(report.task_id)
        if task is None:
            raise NotFound(thing="task")
        if task.state not in REPORTABLE or not 0 <= report.quantity <= task.planned:
            raise _report_refusal(public_id("task", province_id, report.task_id), report.quantity, task)


def _report_refusal(name: str, quantity: int, task: TaskFacts) -> Refusal:
    if task.state is TaskState.WAITING:
        return SortingNotOpen(task=name)
    if task.state is TaskState.CLOSED:
        return SortingClosed(task=name)
    if quantity < 0:
        return Invalid(reason="quantity < 0")
    return SortedTooMuch(task=name, planned=task.planned, quantity=quantity)


def share_over_points(available: int, dues: Iterable[Due]) -> dict[int, int]:
    """Units of a SKU that each point of a grid gets when the grid got too few: first paid, first served."""
    granted: Counter[int] = Counter()
    for due in sorted(dues, key=lambda one: (one.paid_at, one.line_id)):
        units = min(due.units, available)
        granted[due.point_id] += units
        available -= units
    return dict(granted)


def share_in_proportion(available: int, dues: Iterable[Due]) -> dict[int, int]:
    """The same for provinces that share shortages in proportion: largest remainders, then the lower point id."""
    asked: Counter[int] = Counter()
    for due in dues:
        asked[due.point_id] += due.units
    points = sorted(asked)
    parts = Money(min(available, asked.total())).split([asked[point] for point in points] or [0])
    return {point: part.fen for point, part in zip(points, parts, strict=False)}


def check_delivery(state: DropState) -> None:
    """Whether a drop can be signed for, once."""
    if state in (DropState.PLANNED, DropState.ON_THE_WAY):
        raise NotDelivered
    require_move(NEXT_DROP, state, DropState.SIGNED)


def check_unsigned(state: DropState, signed_at: datetime | None) -> None:
    if state is DropState.SIGNED and signed_at is not None:
        raise SignedAlready(at=signed_at.isoformat(timespec="minutes"))


def check_discrepancies(
    discrepancies: Sequence[Discrepancy], lines: Mapping[int, Sent], *, codes: Mapping[int, str]
) -> None:
    """Refuse more short and damaged than was sent; `codes` names SKUs for the reader."""
    _refuse_twice("sku", (codes.get(one.sku_id, "?") for one in discrepancies))
    for one in discrepancies:
        line = lines.get(one.sku_id)
        if line is None:
            raise NotFound(thing="sku")
        if min(one.short, one.damaged) < 0:
            raise Invalid(reason="short, damaged >= 0")
        if one.short + one.damaged > line.sent:
            missing = one.short + one.damaged
            raise MoreThanSent(sku_code=codes[one.sku_id], sent=line.sent, missing=missing)


def draw_codes(count: int, *, taken: Collection[str], draw: Sampler) -> list[str]:
    """Different pickup codes of six digits, none of them taken."""
    drawn = draw(range(CODES), count + len(taken))
    return [code for code in (f"{number:06d}" for number in drawn) if code not in taken][:count]


def code_check(pickup: str, code: str) -> int:
    """Twelve bits of a code, mixed with the pickup it opens: FNV-1a of "pickup:code" in 32 bits, its lowest twelve.

    Enough to find whose goods they are among those at a door without a network; some 244 codes share each value, so
    that a leader who reads it knows no code, and may try no more than a few in a minute.
    """
    mixed = 0x811C9DC5
    for byte in f"{pickup}:{code}".encode():
        mixed = (mixed ^ byte) * 0x01000193 % 2**32
    return mixed % 2**12


class Sampler(Protocol):
    """Draws different numbers, as `secrets.SystemRandom().sample` does."""

    def __call__(self, population: range, k: int) -> list[int]: ...


def seconds_to_wait(wrong: int, *, since_at: datetime, now: datetime, shut_until: datetime | None = None) -> int:
    """How long a leader must wait after too many wrong codes in a minute or in a day, 0 for not at all."""
    free_at = max(since_at + WRONG_CODES_WITHIN if wrong >= WRONG_CODES else now, shut_until or now)
    return math.ceil((free_at - now).total_seconds()) if free_at > now else 0


def check_claim_time(now: datetime, collected_at: datetime, *, hours: int) -> None:
    """Claims are taken for a while after collection; the moment it ends is too late."""
    until = collected_at + timedelta(hours=hours)
    if now >= until:
        raise ClaimTooLate(until=until.isoformat(timespec="minutes"))


def check_claim(request: ClaimRequest, *, due: int, settled: int, left: Money) -> None:
    """Refuse units that were not handed out or were settled before, and a line with no money left."""
    if request.quantity < 1:
        raise Invalid(reason="quantity >= 1")
    if len(request.note.strip()) > LONGEST_NOTE:
        raise Invalid(reason=f"note <= {LONGEST_NOTE}")
    if request.quantity > due - settled:
        raise ClaimTooMuch(most=due - settled)
    if left <= ZERO:
        raise NothingToRefund


def check_decision(decision: ClaimDecision, *, proposed: Money) -> None:
    """Refuse more than was proposed, and a refusal without a reason."""
    if decision.amount < ZERO or len(decision.reason.strip()) > LONGEST_NOTE:
        raise Invalid(reason=f"amount >= 0, reason <= {LONGEST_NOTE}")
    if decision.amount > proposed:
        raise AmountTooHigh(most=str(proposed))
    if not decision.amount and not decision.reason.strip():
        raise ReasonMissing(reason="reason")


def _refuse_many(things: Sequence[object], most: int) -> None:
    if len(things) > most:
        raise Invalid(reason=f"<= {most}")


def _refuse_twice(thing: str, values: Iterable[T], name: Callable[[T], str] = str) -> None:
    """Refuse values that repeat; only the first of them is named, for naming thousands would take long."""
    for value, times in Counter(values).items():
        if times > 1:
            raise Invalid(reason=f"{thing} {name(value)}: {times}x")
