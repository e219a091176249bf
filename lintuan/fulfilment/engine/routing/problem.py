"""What is to be driven and what was planned: plain values, all in whole metres, seconds, grams and crates.

Seconds count from a zero hour of the caller's choice, the same for a whole problem and its plan.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property

from .roads import Roads

#: No limit: beyond every time, load and count that occurs, with room to add two of them in 64 bits.
FOREVER = 2**40


class Reason(StrEnum):
    """Why a stop is on no tour."""

    TOO_BIG = "too_big"
    TOO_LATE = "too_late"
    OFF_SHIFT = "off_shift"
    NO_VEHICLE = "no_vehicle"
    NO_ROOM = "no_room"
    BY_HAND = "by_hand"


@dataclass(frozen=True, slots=True, kw_only=True)
class Depot:
    """Where vans load, `load_s` before each trip; a van begins to load and is back while it is open."""

    opens_s: int = 0
    closes_s: int = FOREVER
    load_s: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Stop:
    """What one place gets. The hand-over must begin within the window; loading may begin when the goods are ready."""

    id: int
    crates: int = 0
    grams: int = 0
    service_s: int = 0
    opens_s: int = 0
    closes_s: int = FOREVER
    ready_s: int = 0

    @property
    def load(self) -> Load:
        return (self.crates, self.grams, 1)


#: Crates, grams, stops.
Load = tuple[int, int, int]
EMPTY: Load = (0, 0, 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Vehicle:
    """A van with its driver: loads are per trip, the shift is from the first loading to the last return.

    Using it at all costs `start_cost_m` metres more than not using it.
    """

    id: int
    depot: int = 0
    crates: int = FOREVER
    grams: int = FOREVER
    stops: int = FOREVER
    from_s: int = 0
    to_s: int = FOREVER
    start_cost_m: int = 0
    most_trips: int = 1

    @property
    def room(self) -> Load:
        return (self.crates, self.grams, self.stops)

    @property
    def kind(self) -> tuple[int, ...]:
        """All but the id: vans of one kind may be exchanged."""
        return (self.depot, *self.room, self.from_s, self.to_s, self.start_cost_m, self.most_trips)


@dataclass(frozen=True)
class Problem:
    """Row k of the roads is depot k; the rows behind the depots are the stops, in order.

    Raises ValueError for ids given twice, depots that do not exist, and sizes below zero.
    """

    depots: tuple[Depot, ...]
    stops: tuple[Stop, ...]
    vehicles: tuple[Vehicle, ...]
    roads: Roads

    def __post_init__(self) -> None:
        for ids in ([stop.id for stop in self.stops], [vehicle.id for vehicle in self.vehicles]):
            if len(set(ids)) < len(ids):
                raise ValueError("an id is given twice")
        if any(not 0 <= one.depot < len(self.depots) for one in self.vehicles):
            raise ValueError("a vehicle's depot does not exist")
        if any(min(*one.load, one.service_s, one.opens_s, one.ready_s) < 0 for one in self.stops):
            raise ValueError("a stop has no load and no time below zero")
        if any(min(*one.room, one.from_s, one.start_cost_m, one.most_trips) < 0 for one in self.vehicles):
            raise ValueError("a vehicle has no room, time and cost below zero")

    @cached_property
    def rows(self) -> Mapping[int, int]:
        """The row of each stop's id."""
        return {stop.id: row for row, stop in enumerate(self.stops, start=len(self.depots))}

    @cached_property
    def by_id(self) -> Mapping[int, Vehicle]:
        return {vehicle.id: vehicle for vehicle in self.vehicles}

    def stop(self, stop_id: int) -> Stop:
        return self.stops[self.rows[stop_id] - len(self.depots)]


@dataclass(frozen=True, slots=True)
class Visit:
    """The van arrives, and begins to hand over when the window is open."""

    stop: int
    arrives_s: int
    begins_s: int


@dataclass(frozen=True, slots=True)
class Trip:
    """From the depot over its visits and back; `begins_s` is when loading begins at the earliest."""

    begins_s: int
    leaves_s: int
    back_s: int
    visits: tuple[Visit, ...]
    crates: int
    grams: int
    distance_m: int

    @property
    def order(self) -> tuple[int, ...]:
        return tuple(visit.stop for visit in self.visits)


@dataclass(frozen=True, slots=True)
class Tour:
    """All trips of one van, one after the other."""

    vehicle: int
    trips: tuple[Trip, ...]

    @property
    def orders(self) -> tuple[tuple[int, ...], ...]:
        return tuple(trip.order for trip in self.trips)

    @property
    def distance_m(self) -> int:
        return sum(trip.distance_m for trip in self.trips)


@dataclass(frozen=True, slots=True)
class Unserved:
    """A stop that no van reaches within its limits."""

    stop: int
    reason: Reason


@dataclass(frozen=True, slots=True)
class Plan:
    """Tours of the vans that drive, in the order of the problem's vehicles, and the stops left over, by id."""

    tours: tuple[Tour, ...] = ()
    unserved: tuple[Unserved, ...] = ()

    @property
    def distance_m(self) -> int:
        return sum(tour.distance_m for tour in self.tours)


@dataclass(frozen=True, slots=True)
class Lock:
    """The first `stops` stops of a van's tour stay as they are; of a `whole` tour all, and nothing is added.

    `closed` says that the trip of the last of them gets no others behind it: the van goes home from there.
    """

    vehicle: int
    stops: int = 0
    whole: bool = False
    closed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """When a search stops: after so many iterations without improvement, after so much time, whatever is first.

    Zero means no such limit; one of them must be set. Only without seconds is the result the same on every machine.
    """

    iterations: int = 0
    seconds: float = 0.0

    def __post_init__(self) -> None:
        if self.iterations <= 0 and self.seconds <= 0:
            raise ValueError("a search must stop by iterations or by time")
