"""Vans, their routes, and what is asked of both."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time
from enum import StrEnum


class RouteState(StrEnum):
    PLANNED = "planned"
    DEPARTED = "departed"
    DONE = "done"


@dataclass(frozen=True, slots=True)
class RoutingPlan:
    """How the vans of a province are planned; docs/algorithms/routing.md says why these values."""

    #: Vans hired where a grid has none of its own: stops a round.
    van_stops: int = 25
    #: A hired van more must save this many metres on the road.
    van_cost_m: int = 20_000
    detour_bps: int = 13_500
    metres_per_hour: int = 25_000
    seconds_per_stop: int = 300
    #: Loading before every trip.
    seconds_to_load: int = 900
    units_per_crate: int = 20
    #: What a unit weighs whose SKU does not say.
    grams_per_unit: int = 500
    seed: int = 1
    #: Iterations without improvement after which the search stops.
    iterations: int = 300
    #: Wall-clock seconds per grid after which it stops in any case, none with zero.
    most_seconds: float = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class NewVehicle:
    """A van of a grid and its driver; `driver_id` is that of the staff; the shift is by the wall clock."""

    grid_code: str
    plate: str
    driver: str
    driver_id: int | None = None
    crates: int = 120
    kilograms: int = 1_200
    stops: int = 25
    shift_from: time = time(5, 30)
    shift_to: time = time(16, 0)
    most_trips: int = 2
    start_cost_m: int = 20_000
    is_active: bool = True


@dataclass(frozen=True, slots=True)
class VehicleView:
    """A van as the planners of routes see it."""

    id: int
    province_id: int
    grid_code: str
    plate: str
    driver: str
    driver_id: int | None
    crates: int
    kilograms: int
    stops: int
    shift_from: time
    shift_to: time
    most_trips: int
    start_cost_m: int
    is_active: bool


@dataclass(frozen=True, slots=True)
class RoutesPlanned:
    """What the vans of a sale day have before them; `unserved` drops are on no van, `late` ones after their time."""

    routes: int = 0
    stops: int = 0
    distance_m: int = 0
    unserved: int = 0
    late: int = 0


@dataclass(frozen=True, slots=True)
class MoveTo:
    """The place of a drop by hand: `rank` from 1 in a route; without one, a new trip of the vehicle or of a hired van.

    `off` takes it off all routes; `anyway` moves it whatever that breaks.
    """

    route_id: int | None = None
    rank: int = 1
    vehicle_id: int | None = None
    off: bool = False
    anyway: bool = False


@dataclass(frozen=True, slots=True)
class StopView:
    """A stop of a route; `units` is what is unloaded there."""

    id: int
    rank: int
    drop_id: int
    point_id: int
    point_code: str
    point_name: str
    lat: float
    lng: float
    units: int
    eta_at: datetime
    delivered_at: datetime | None


@dataclass(frozen=True, slots=True)
class RouteView:
    """One van's round; `line` is (longitude, latitude) from the grid over the stops and back."""

    id: int
    province_id: int
    sale_on: date
    number: str
    grid_code: str
    grid_name: str
    state: RouteState
    distance_m: int
    stops: tuple[StopView, ...]
    line: tuple[tuple[float, float], ...]
    plate: str
    driver: str
    trip: int
    leaves_at: datetime | None
    back_at: datetime | None
    is_locked: bool


@dataclass(frozen=True, slots=True)
class UnservedView:
    """A drop that no van takes, and why, in both languages."""

    drop_id: int
    point_id: int
    grid_code: str
    reason: str
    zh: str
    en: str
