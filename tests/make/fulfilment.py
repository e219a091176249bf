"""The night for tests: each stage walks through all the stages before it, with the commands of the product.

Set the clock to the evening, make points and orders, then call the stage a test begins at. The clock then stands at the
end of that stage.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, datetime

from lintuan.catalog import queries as catalog
from lintuan.fulfilment import commands, queries
from lintuan.fulfilment.models import Drop, DropLine
from lintuan.fulfilment.types import (
    ClaimCause,
    ClaimRequest,
    Discrepancy,
    DropView,
    GoodsTotals,
    NewWarehouse,
    PickupView,
    PointAssignment,
    RoutesPlanned,
    RouteView,
    RoutingPlan,
    SortReport,
    SortTaskView,
    WarehouseKind,
)
from lintuan.kernel.callers import SYSTEM, Caller, Kind
from lintuan.leaders import queries as leader_queries
from lintuan.leaders.types import PointView
from lintuan.ordering.queries import demand
from lintuan.ordering.types import OrderView
from lintuan.pricing.types import OfferView
from tests.make import leaders, ordering, provinces, sourcing
from tests.make.ordering import CUTOFF, EVENING, SALE_ON
from tests.make.provinces import HUBEI

ClockAt = Callable[[str], datetime]

ANSWERING = "2026-11-20T23:10+08:00"
RECEIVED = "2026-11-21T03:30+08:00"
SORTED = "2026-11-21T04:30+08:00"
GRID_SORTED = "2026-11-21T05:30+08:00"
ROUTED = "2026-11-21T05:40+08:00"
DELIVERED = "2026-11-21T14:00+08:00"
SIGNED = "2026-11-21T15:30+08:00"
COLLECTED = "2026-11-21T18:00+08:00"
UNCLAIMED = "2026-11-23T21:00+08:00"

#: A search that stops by its iterations alone, so that no test depends on the machine's speed.
QUICK = RoutingPlan(iterations=20, most_seconds=0)


def new_warehouse(code: str, kind: WarehouseKind = WarehouseKind.GRID, **given: float) -> NewWarehouse:
    spot = {"lat": 30.60, "lng": 114.25, **given}
    return NewWarehouse(kind, code, f"{code}仓", f"Warehouse {code}", spot["lat"], spot["lng"])


def network(*groups: Sequence[PointView], province_id: int = HUBEI) -> list[str]:
    """A centre, and a grid for each group of points; answers the grids' codes."""
    provinces.province(province_id)
    codes = [f"G{number}" for number in range(1, len(groups) + 1)]
    grids = [new_warehouse(code, lat=30.50 + number / 10) for number, code in enumerate(codes)]
    centre = new_warehouse("C", WarehouseKind.CENTRE)
    commands.put_warehouses(SYSTEM, province_id=province_id, warehouses=(centre, *grids))
    pairs = [PointAssignment(point.code, code) for code, group in zip(codes, groups, strict=True) for point in group]
    commands.assign_points(SYSTEM, province_id=province_id, assignments=tuple(pairs))
    return codes


def buy(point: PointView, *wanted: tuple[OfferView, int], member: Caller | None = None, saved: int = 0) -> OrderView:
    """A paid order at a point; plays pay `saved` fen of it."""
    lines = [ordering.line(offer, units) for offer, units in wanted]
    return ordering.pay(ordering.saved_order(*lines, saved=saved, point=point, member=member))


def received(clock_at: ClockAt, *, pack_units: int = 1, sale_on: date = SALE_ON) -> dict[int, int]:
    """Cut-off, and a night in which everything comes; units received per SKU."""
    clock_at(CUTOFF)
    ordering.close_day(sale_on)
    clock_at(ANSWERING)
    skus = catalog.skus({one.sku_id for one in demand(HUBEI, sale_on)}).values()
    sourcing.supplier(*(sourcing.supply(sku.code, pack_units=pack_units) for sku in skus))
    units = sourcing.bought(sale_on)
    clock_at(RECEIVED)
    return units


def planned(clock_at: ClockAt, *, pack_units: int = 1) -> None:
    """All goods are in and the sorting is planned."""
    received(clock_at, pack_units=pack_units)
    commands.plan_sorting(SYSTEM, province_id=HUBEI, sale_on=SALE_ON)


def centre_sorted(clock_at: ClockAt, *, pack_units: int = 1) -> None:
    """The centre has put everything aside, and the grids begin."""
    planned(clock_at, pack_units=pack_units)
    clock_at(SORTED)
    commands.close_sorting(SYSTEM, province_id=HUBEI, sale_on=SALE_ON)


def grids_sorted(clock_at: ClockAt, *, pack_units: int = 1) -> None:
    """Every drop is complete."""
    centre_sorted(clock_at, pack_units=pack_units)
    clock_at(GRID_SORTED)
    commands.close_grid_sorting(SYSTEM, province_id=HUBEI, sale_on=SALE_ON)


def routed(clock_at: ClockAt, *, plan: RoutingPlan = QUICK) -> RoutesPlanned:
    """The vans are planned."""
    grids_sorted(clock_at)
    return vans_planned(clock_at, plan=plan)


def vans_planned(clock_at: ClockAt, *, plan: RoutingPlan = QUICK) -> RoutesPlanned:
    """The vans are planned, the grids having sorted."""
    clock_at(ROUTED)
    return commands.plan_routes(SYSTEM, province_id=HUBEI, sale_on=SALE_ON, plan=plan)


def driven(clock_at: ClockAt) -> None:
    """Everything stands at the points, unsigned."""
    routed(clock_at)
    drive(clock_at)


def drive(clock_at: ClockAt) -> None:
    """All planned routes leave and reach all their stops."""
    clock_at(DELIVERED)
    for route in routes():
        commands.depart_route(SYSTEM, province_id=HUBEI, route_id=route.id)
        for stop in route.stops:
            commands.deliver_stop(SYSTEM, province_id=HUBEI, stop_id=stop.id)


def deliver(clock_at: ClockAt) -> None:
    """What has come is sorted and driven to the points, whoever brought it."""
    night = {"province_id": HUBEI, "sale_on": SALE_ON}
    commands.plan_sorting(SYSTEM, **night)
    clock_at(SORTED)
    commands.close_sorting(SYSTEM, **night)
    clock_at(GRID_SORTED)
    commands.close_grid_sorting(SYSTEM, **night)
    clock_at(ROUTED)
    commands.plan_routes(SYSTEM, **night, plan=QUICK)
    drive(clock_at)


def signed(clock_at: ClockAt) -> None:
    """Every leader has signed for everything, and members have their codes."""
    driven(clock_at)
    sign_all(clock_at)


def sign_all(clock_at: ClockAt) -> None:
    """Every leader signs for what was delivered, without a discrepancy."""
    clock_at(SIGNED)
    for drop in Drop.objects.filter(province_id=HUBEI, state="delivered").order_by("id"):
        commands.sign_drop(leader_at(drop.point_id), province_id=HUBEI, drop_id=drop.id)


def collected(clock_at: ClockAt, *orders: OrderView) -> None:
    """These orders' members have fetched their goods."""
    signed(clock_at)
    clock_at(COLLECTED)
    for order in orders:
        hand_out(order)


def hand_out(order: OrderView) -> int:
    """The member says the code and the leader hands out the goods; answers the pickup's id."""
    return commands.collect(leader_at(order.point_id), province_id=HUBEI, code=pickup(order).code)


def collected_order(
    clock_at: ClockAt, *wanted: tuple[OfferView, int], point: PointView | None = None, saved: int = 0
) -> OrderView:
    """One order that went all the way; the clock stands at its collection."""
    clock_at(EVENING)
    chosen = point or leaders.point()
    network([chosen])
    order = buy(chosen, *wanted, saved=saved)
    collected(clock_at, order)
    return ordering.now(order)


def claim(order: OrderView, cause: ClaimCause = ClaimCause.QUALITY, quantity: int = 1, **given: object) -> int:
    """A claim of the order's member about its first line."""
    line_id = given.pop("line_id", order.lines[0].id)
    request = ClaimRequest(order.id, line_id, cause, quantity, **given)  # type: ignore[arg-type]
    return commands.open_claim(ordering.buyer_of(order), province_id=HUBEI, request=request)


def leader_at(point_id: int) -> Caller:
    """The signed-in leader of a point."""
    return Caller(Kind.LEADER, leader_queries.point(HUBEI, point_id).leader_id, HUBEI)


def tasks(level: int) -> tuple[SortTaskView, ...]:
    return queries.sort_tasks(SYSTEM, province_id=HUBEI, sale_on=SALE_ON, level=level)


def report(task: SortTaskView, quantity: int) -> int:
    """A report of one task."""
    return commands.report_sorting(SYSTEM, province_id=HUBEI, reports=(SortReport(task.id, quantity),))


def routes() -> tuple[RouteView, ...]:
    return queries.routes(SYSTEM, province_id=HUBEI, sale_on=SALE_ON)


def drop(point: PointView) -> DropView:
    """What the point gets."""
    views = queries.drops_of_leader(leader_at(point.id), sale_on=SALE_ON)
    return next(view for view in views if view.point_id == point.id)


def sent(point: PointView) -> dict[int, int]:
    """Units per SKU that were sent to a point."""
    lines = DropLine.objects.filter(province_id=HUBEI, drop__point_id=point.id, drop__province_id=HUBEI)
    return dict(lines.values_list("sku_id", "sent"))


def sign(point: PointView, *found: Discrepancy, key: str | None = None) -> int:
    """The point's leader signs for its drop."""
    leader = leader_at(point.id)
    return commands.sign_drop(
        leader, province_id=HUBEI, drop_id=drop(point).id, discrepancies=found, key=key
    )  # fmt: skip


def pickup(order: OrderView) -> PickupView:
    """What the order's member sees of its collection."""
    views = queries.pickups_of_member(ordering.buyer_of(order))
    return next(view for view in views if (view.point_id, view.sale_on) == (order.point_id, order.sale_on))


def goods(offer: OfferView) -> GoodsTotals:
    """Where the units of an offer's SKU are."""
    found = {one.sku_id: one for one in queries.goods_totals(HUBEI, SALE_ON)}
    return found[offer.sku_id]
