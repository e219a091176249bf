"""The night over HTTP, for staff and drivers: warehouses, sorting, routes, and the claims staff decide."""

from __future__ import annotations

from datetime import date, datetime, time
from typing import Annotated

from django.http import HttpRequest
from ninja import Field, Query, Router, Schema
from pydantic import StrictInt

from lintuan.catalog import queries as catalog
from lintuan.catalog.types import SkuView
from lintuan.fulfilment import commands, queries
from lintuan.fulfilment.types import (
    ClaimDecision,
    ClaimFault,
    ClaimState,
    NewVehicle,
    NewWarehouse,
    PointAssignment,
    RouteView,
    SortReport,
    SortTaskView,
    StopView,
    WarehouseKind,
)
from lintuan.kernel.ids import public_id, read_public_id
from lintuan.kernel.money import Money
from lintuan.leaders import queries as leaders
from lintuan.leaders.types import PointView

from .days import SaleOn
from .handout import Claim, ClaimsOut, claims_json
from .http import caller_of, key_of

router = Router(tags=["fulfilment"])

PublicId = Annotated[str, Field(max_length=40, examples=["Rk3vTq9Z"])]
Units = Annotated[StrictInt, Field(ge=0, le=10_000_000, examples=[120])]


class WarehouseIn(Schema):
    kind: WarehouseKind = Field(description="centre (one a province) or grid", examples=["grid"])
    code: str = Field(min_length=1, max_length=20, examples=["WH-G03"])
    name: str = Field(min_length=1, max_length=80, examples=["光谷网格仓"])
    name_en: str = Field("", max_length=120, examples=["Optics Valley grid"])
    lat: float = Field(ge=-90, le=90, examples=[30.5])
    lng: float = Field(ge=-180, le=180, examples=[114.4])
    points: list[Annotated[str, Field(max_length=20)]] = Field(
        default_factory=list,
        max_length=1000,
        description="codes of points it serves",
        examples=[["WH-0001"]],
    )


class WarehousesIn(Schema):
    province_id: int = Field(examples=[42])
    warehouses: list[WarehouseIn] = Field(min_length=1, max_length=200)


class WarehousesOut(Schema):
    ids: dict[str, str] = Field(description="by code", examples=[{"WH-G03": "Rk3vTq9Z"}])
    points: int = Field(description="points put to their grid", examples=[60])


class VehicleIn(Schema):
    grid_code: str = Field(max_length=20, examples=["WH-G03"])
    plate: str = Field(min_length=1, max_length=20, examples=["鄂A12345"])
    driver: str = Field(min_length=1, max_length=60, examples=["王师傅"])
    driver_id: int | None = Field(
        None, description="of the driver among the staff, for a list of their own", examples=[7]
    )
    crates: int = Field(120, ge=1, le=10_000, description="room per trip")
    kilograms: int = Field(1_200, ge=1, le=100_000, description="load per trip")
    stops: int = Field(25, ge=1, le=1_000, description="stops per trip")
    shift_from: time = Field(time(5, 30), description="first loading, by the clock of the province")
    shift_to: time = Field(time(16, 0), description="last return, the same day")
    most_trips: int = Field(2, ge=1, le=20)
    start_cost_m: int = Field(20_000, ge=0, le=10_000_000, description="metres that using it at all must save")
    is_active: bool = True


class VehiclesIn(Schema):
    province_id: int = Field(examples=[42])
    vehicles: list[VehicleIn] = Field(min_length=1, max_length=500)


class VehiclesOut(Schema):
    ids: dict[str, str] = Field(description="by plate", examples=[{"鄂A12345": "Rk3vTq9Z"}])


class TaskOut(Schema):
    id: PublicId
    level: int = Field(description="1 centre to grid, 2 grid to point", examples=[2])
    warehouse_code: str = Field(description="where it is sorted", examples=["WH-G03"])
    to: str = Field(description="code of the grid or point", examples=["WH-0001"])
    sku_code: str = Field(examples=["VEG-0012"])
    name: str = Field(examples=["上海青"])
    name_en: str = Field(examples=["Shanghai bok choy"])
    planned: int = Field(examples=[12])
    done: int | None = Field(description="null until reported", examples=[12])
    state: str = Field(description="waiting, open, reported, closed", examples=["open"])


class TasksOut(Schema):
    tasks: list[TaskOut]
    after: PublicId | None = Field(description="ask for what follows with this; null at the end")


class TaskQuery(Schema):
    province_id: int
    sale_on: date
    level: int = Field(ge=1, le=2)
    after: str | None = Field(default=None, max_length=40, description="the `after` of the page before")
    limit: int = Field(default=1000, ge=1, le=1000)


class ReportIn(Schema):
    task: PublicId
    quantity: Units


class ReportsIn(Schema):
    province_id: int = Field(examples=[42])
    reports: list[ReportIn] = Field(min_length=1, max_length=2000)


class ReportsOut(Schema):
    reported: int = Field(examples=[240])


class StopOut(Schema):
    id: PublicId
    rank: int = Field(examples=[1])
    drop: PublicId
    point: PublicId
    point_code: str = Field(examples=["WH-0001"])
    point_name: str = Field(examples=["东湖自提点"])
    lat: float = Field(examples=[30.554408])
    lng: float = Field(examples=[114.31665])
    units: int = Field(description="to unload", examples=[86])
    eta_at: datetime
    delivered_at: datetime | None


class RouteOut(Schema):
    id: PublicId
    number: str = Field(examples=["WH-G03-1"])
    sale_on: date
    grid_code: str = Field(examples=["WH-G03"])
    grid_name: str = Field(examples=["光谷网格仓"])
    state: str = Field(description="planned, departed, done", examples=["planned"])
    distance_m: int = Field(examples=[41200])
    line: list[tuple[float, float]] = Field(
        description="longitude and latitude, from the grid over the stops and back", examples=[[[114.4, 30.5]]]
    )
    stops: list[StopOut]
    plate: str = Field(description="empty for a hired van", examples=["鄂A12345"])
    driver: str = Field(examples=["王师傅"])
    trip: int = Field(description="which trip of the van", examples=[1])
    leaves_at: datetime | None
    back_at: datetime | None
    is_locked: bool


class RoutesOut(Schema):
    routes: list[RouteOut]


class Done(Schema):
    id: PublicId


class DecisionIn(Schema):
    amount_fen: StrictInt = Field(ge=0, le=10_000_000, description="0 declines the claim", examples=[599])
    fault: ClaimFault | None = Field(default=None, description="who bears it, if not as presumed", examples=["grid"])
    reason: str = Field(default="", max_length=500, description="needed to decline", examples=["照片看不出问题"])


@router.post("/warehouses/import", response=WarehousesOut, summary="Write warehouses and whom they serve (staff)")
def import_warehouses(request: HttpRequest, body: WarehousesIn) -> WarehousesOut:
    """Staff with `fulfilment.edit`. Warehouses are known by their code; points keep their grid unless named."""
    caller, key = caller_of(request), key_of(request)
    new = tuple(NewWarehouse(**one.dict(exclude={"points"})) for one in body.warehouses)
    pairs = tuple(PointAssignment(point, one.code) for one in body.warehouses for point in one.points)
    ids = commands.put_warehouses(caller, province_id=body.province_id, warehouses=new, key=key)
    points = commands.assign_points(caller, province_id=body.province_id, assignments=pairs, key=key) if pairs else 0
    public = {code: public_id("warehouse", body.province_id, row_id) for code, row_id in ids.items()}
    return WarehousesOut(ids=public, points=points)


@router.post("/vehicles/import", response=VehiclesOut, summary="Write the vans of grids and who drives them (staff)")
def import_vehicles(request: HttpRequest, body: VehiclesIn) -> VehiclesOut:
    """Staff with `fulfilment.edit`. Vans are known by their plate; routes already planned stay as they are."""
    new = tuple(NewVehicle(**one.dict()) for one in body.vehicles)
    ids = commands.put_vehicles(
        caller_of(request), province_id=body.province_id, vehicles=new, key=key_of(request)
    )  # fmt: skip
    return VehiclesOut(ids={plate: public_id("vehicle", body.province_id, row) for plate, row in ids.items()})


@router.get("/sorting", response=TasksOut, summary="Tasks of a level of sorting (staff)")
def sorting(request: HttpRequest, asked: Query[TaskQuery]) -> TasksOut:
    """Staff with `fulfilment.sort`."""
    after = read_public_id("task", asked.after)[1] if asked.after else 0
    tasks = queries.sort_tasks(
        caller_of(request),
        province_id=asked.province_id,
        sale_on=asked.sale_on,
        level=asked.level,
        after=after,
        limit=asked.limit,
    )
    skus = catalog.skus({task.sku_id for task in tasks})
    points = {view.id: view for view in leaders.points(asked.province_id)} if asked.level == 2 else {}
    more = len(tasks) == asked.limit
    return TasksOut(
        tasks=[_task(task, skus, points) for task in tasks],
        after=public_id("task", asked.province_id, tasks[-1].id) if more else None,
    )


@router.post("/sorting/reports", response=ReportsOut, summary="Report units put aside, in bulk (staff)")
def report(request: HttpRequest, body: ReportsIn) -> ReportsOut:
    """Staff with `fulfilment.sort`. All reports are taken or none; a later one replaces an earlier one of its task."""
    reports = tuple(SortReport(_task_in(body.province_id, one.task), one.quantity) for one in body.reports)
    count = commands.report_sorting(
        caller_of(request), province_id=body.province_id, reports=reports, key=key_of(request)
    )  # fmt: skip
    return ReportsOut(reported=count)


@router.get("/routes", response=RoutesOut, summary="Routes of a sale day with their stops (staff, drivers)")
def routes(request: HttpRequest, province_id: int, sale_on: SaleOn, mine: bool = False) -> RoutesOut:
    """Staff with `fulfilment.drive`; with `mine`, those that the caller drives, in the order of their trips."""
    caller = caller_of(request)
    views = queries.routes(caller, province_id=province_id, sale_on=sale_on, driver_id=caller.id if mine else None)
    return RoutesOut(routes=[_route(view) for view in views])


@router.post("/routes/{route_id}/depart", response=Done, summary="The van has left (driver)")
def depart(request: HttpRequest, route_id: str) -> Done:
    province_id, row_id = read_public_id("route", route_id)
    commands.depart_route(caller_of(request), province_id=province_id, route_id=row_id, key=key_of(request))
    return Done(id=route_id)


@router.post("/stops/{stop_id}/deliver", response=Done, summary="The goods stand at the point (driver)")
def deliver(request: HttpRequest, stop_id: str) -> Done:
    province_id, row_id = read_public_id("stop", stop_id)
    commands.deliver_stop(caller_of(request), province_id=province_id, stop_id=row_id, key=key_of(request))
    return Done(id=stop_id)


@router.get("/claims", response=ClaimsOut, summary="The oldest claims in a state (staff)")
def claims(request: HttpRequest, province_id: int, state: ClaimState = ClaimState.OPEN) -> ClaimsOut:
    """Staff with `fulfilment.decide_claims`; at most 100."""
    views = queries.claims(caller_of(request), province_id=province_id, state=state)
    return ClaimsOut(claims=claims_json(views))


@router.post("/claims/{claim_id}/decide", response=Claim, summary="Grant or decline a claim (staff)")
def decide(request: HttpRequest, claim_id: str, body: DecisionIn) -> Claim:
    """Staff with `fulfilment.decide_claims`; an amount above zero grants, zero declines with a reason."""
    caller, (province_id, row_id) = caller_of(request), read_public_id("claim", claim_id)
    decision = ClaimDecision(Money(body.amount_fen), body.fault, body.reason)
    commands.decide_claim(caller, province_id=province_id, claim_id=row_id, decision=decision, key=key_of(request))
    return claims_json([queries.claim(caller, province_id=province_id, claim_id=row_id)])[0]


def _task_in(province_id: int, text: str) -> int:
    """The row of a public id; one of another province is 0, which is nobody's."""
    found, row_id = read_public_id("task", text)
    return row_id if found == province_id else 0


def _task(view: SortTaskView, skus: dict[int, SkuView], points: dict[int, PointView]) -> TaskOut:
    sku = skus[view.sku_id]
    return TaskOut(
        id=public_id("task", view.province_id, view.id),
        level=view.level,
        warehouse_code=view.warehouse_code,
        to=view.to_grid_code or points[view.point_id or 0].code,
        sku_code=sku.code,
        name=sku.name,
        name_en=sku.name_en,
        planned=view.planned,
        done=view.done,
        state=view.state,
    )


def _route(view: RouteView) -> RouteOut:
    return RouteOut(
        id=public_id("route", view.province_id, view.id),
        number=view.number,
        sale_on=view.sale_on,
        grid_code=view.grid_code,
        grid_name=view.grid_name,
        state=view.state,
        distance_m=view.distance_m,
        line=list(view.line),
        stops=[_stop(view.province_id, stop) for stop in view.stops],
        plate=view.plate,
        driver=view.driver,
        trip=view.trip,
        leaves_at=view.leaves_at,
        back_at=view.back_at,
        is_locked=view.is_locked,
    )


def _stop(province_id: int, view: StopView) -> StopOut:
    return StopOut(
        id=public_id("stop", province_id, view.id),
        rank=view.rank,
        drop=public_id("drop", province_id, view.drop_id),
        point=public_id("point", province_id, view.point_id),
        point_code=view.point_code,
        point_name=view.point_name,
        lat=view.lat,
        lng=view.lng,
        units=view.units,
        eta_at=view.eta_at,
        delivered_at=view.delivered_at,
    )
