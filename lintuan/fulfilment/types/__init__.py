"""Values that cross the doors of fulfilment."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from lintuan.kernel.money import ZERO, Money

from .driving import MoveTo as MoveTo
from .driving import NewVehicle as NewVehicle
from .driving import RoutesPlanned as RoutesPlanned
from .driving import RouteState as RouteState
from .driving import RouteView as RouteView
from .driving import RoutingPlan as RoutingPlan
from .driving import StopView as StopView
from .driving import UnservedView as UnservedView
from .driving import VehicleView as VehicleView

LARGEST_PHOTO = 3 * 2**20  # bytes


class WarehouseKind(StrEnum):
    """The one centre of a province, where suppliers deliver, or a grid warehouse close to its points."""

    CENTRE = "centre"
    GRID = "grid"


class TaskState(StrEnum):
    """A task of the second level waits until the first is closed."""

    WAITING = "waiting"
    OPEN = "open"
    REPORTED = "reported"
    CLOSED = "closed"


class DropState(StrEnum):
    """An empty drop lost all its goods in the night; a lost one was never signed for and is refunded whole."""

    PLANNED = "planned"
    ON_THE_WAY = "on_the_way"
    DELIVERED = "delivered"
    SIGNED = "signed"
    EMPTY = "empty"
    LOST = "lost"


class PickupState(StrEnum):
    WAITING = "waiting"
    COLLECTED = "collected"
    UNCLAIMED = "unclaimed"


class ClaimCause(StrEnum):
    """What a member complains of; docs/algorithms/claims.md has what each is worth."""

    QUALITY = "quality"
    SHORT = "short"
    WRONG = "wrong"
    LATE = "late"
    SERVICE = "service"


class ClaimFault(StrEnum):
    """Who bears a granted claim."""

    SUPPLIER = "supplier"
    CENTRE = "centre"
    GRID = "grid"
    DRIVER = "driver"
    LEADER = "leader"
    PLATFORM = "platform"


class ClaimState(StrEnum):
    OPEN = "open"
    GRANTED = "granted"
    DECLINED = "declined"


@dataclass(frozen=True, slots=True)
class NewWarehouse:
    """A warehouse as it is imported; one with a known code is changed."""

    kind: WarehouseKind
    code: str
    name: str
    name_en: str
    lat: float
    lng: float


@dataclass(frozen=True, slots=True)
class PointAssignment:
    """The grid warehouse that serves a pickup point from the next night on."""

    point_code: str
    grid_code: str


@dataclass(frozen=True, slots=True)
class WarehouseView:
    """A warehouse; coordinates are degrees."""

    id: int
    province_id: int
    kind: WarehouseKind
    code: str
    name: str
    name_en: str
    lat: float
    lng: float


@dataclass(frozen=True, slots=True)
class SortingPlan:
    """What a night has to sort; points `placed` had no grid and got the nearest one."""

    points: int = 0
    tasks: int = 0
    units: int = 0
    placed: int = 0


@dataclass(frozen=True, slots=True)
class SortingEnd:
    """How a level of sorting ended; tasks nobody reported count as done as planned."""

    tasks: int
    unreported: int
    units_short: int


@dataclass(frozen=True, slots=True)
class SortReport:
    """Units put to where a task wants them; a later report of the same task replaces it until closing."""

    task_id: int
    quantity: int


@dataclass(frozen=True, slots=True)
class SortTaskView:
    """Units of a SKU to go from the centre to a grid (level 1) or from a grid to a point (level 2)."""

    id: int
    province_id: int
    level: int
    warehouse_code: str
    to_grid_code: str | None
    point_id: int | None
    sku_id: int
    planned: int
    done: int | None
    state: TaskState


@dataclass(frozen=True, slots=True)
class Discrepancy:
    """What a leader found short or damaged of one SKU; `photos` are the keys of pictures they sent before."""

    sku_id: int
    short: int = 0
    damaged: int = 0
    photos: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class DropLineView:
    """Units of a SKU brought to a point, and what was found wrong on signing, with the keys of photos of it."""

    sku_id: int
    sent: int
    short: int
    damaged: int
    photos: tuple[str, ...] = ()

    @property
    def good(self) -> int:
        return self.sent - self.short - self.damaged


@dataclass(frozen=True, slots=True)
class DropView:
    """What a point gets of one sale day."""

    id: int
    province_id: int
    point_id: int
    sale_on: date
    state: DropState
    eta_at: datetime | None
    delivered_at: datetime | None
    signed_at: datetime | None
    lines: tuple[DropLineView, ...]


@dataclass(frozen=True, slots=True)
class DueLine:
    """Units of a SKU that a member gets at the point."""

    sku_id: int
    quantity: int


@dataclass(frozen=True, slots=True)
class ProxyView:
    """A code that somebody else may collect with, once, and the token of the address that shows it."""

    code: str
    token: str


@dataclass(frozen=True, slots=True)
class PhotoView:
    """A picture as it is shown."""

    media: str
    body: bytes


@dataclass(frozen=True, slots=True)
class PickupView:
    """A member's goods of one sale day at one point, over all orders; the code is for the member's eyes.

    That of a household basket holds the goods of all its joint members, for whoever of them comes.
    """

    id: int
    province_id: int
    member_id: int
    point_id: int
    sale_on: date
    code: str
    state: PickupState
    collected_at: datetime | None
    lines: tuple[DueLine, ...]
    basket_id: int = 0
    proxy: ProxyView | None = None


@dataclass(frozen=True, slots=True)
class HandoutView:
    """A pickup as the leader sees it: name and phone masked, no code; those of one basket are handed out together.

    `checks` tell apart, without a network, whose goods a code is likely to be for; they do not tell the code.
    """

    id: int
    province_id: int
    point_id: int
    sale_on: date
    name: str
    phone: str
    state: PickupState
    collected_at: datetime | None
    lines: tuple[DueLine, ...]
    basket_id: int = 0
    checks: tuple[int, ...] = ()

    @property
    def units(self) -> int:
        return sum(line.quantity for line in self.lines)


@dataclass(frozen=True, slots=True)
class CollectionEnd:
    """What the end of the holding time found: goods nobody fetched, and drops nobody signed for."""

    unclaimed: int
    drops_lost: int


@dataclass(frozen=True, slots=True)
class ClaimRequest:
    """What a member claims for one line of a collected order; `photos` are the keys of pictures they sent before."""

    order_id: int
    line_id: int
    cause: ClaimCause
    quantity: int
    note: str = ""
    photos: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ClaimDecision:
    """What staff decide: an amount above zero grants it, zero declines it and needs a reason."""

    amount: Money = ZERO
    fault: ClaimFault | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class ClaimView:
    """A claim: of the goods' value `proposed` is the most to grant, `amount` what was; the member got `paid_back`."""

    id: int
    province_id: int
    order_id: int
    line_id: int
    sku_id: int
    member_id: int
    sale_on: date
    cause: ClaimCause
    fault: ClaimFault
    quantity: int
    note: str
    photos: tuple[str, ...]
    proposed: Money
    amount: Money
    state: ClaimState
    paid_back: Money
    reason: str
    opened_at: datetime
    decided_at: datetime | None


@dataclass(frozen=True, slots=True)
class GoodsTotals:
    """Where the units of one SKU of one sale day are.

    While the night goes on, units not yet reported count nowhere; when it is over, received = surplus_at_centre
    + sorted_to_grids + short_at_centre, sorted_to_grids = sorted_to_points + short_at_grid, sorted_to_points = sent,
    sent = signed + short_at_point + damaged, and signed = waiting + collected + unclaimed.
    """

    sku_id: int
    received: int = 0
    surplus_at_centre: int = 0
    sorted_to_grids: int = 0
    short_at_centre: int = 0
    sorted_to_points: int = 0
    short_at_grid: int = 0
    sent: int = 0
    short_at_point: int = 0
    damaged: int = 0
    signed: int = 0
    waiting: int = 0
    collected: int = 0
    unclaimed: int = 0
