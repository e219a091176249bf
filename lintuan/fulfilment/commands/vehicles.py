"""The vans of the grids and who drives them."""

from __future__ import annotations

from lintuan.fulfilment import rules
from lintuan.fulfilment.models import Vehicle, Warehouse
from lintuan.fulfilment.types import NewVehicle, WarehouseKind
from lintuan.kernel.callers import Caller
from lintuan.kernel.commands import command
from lintuan.kernel.errors import NotFound


@command
def put_vehicles(
    caller: Caller, *, province_id: int, vehicles: tuple[NewVehicle, ...], key: str | None = None
) -> dict[str, int]:
    """Add vans, or correct known ones by plate; answers ids by plate. Routes already planned stay as they are."""
    caller.require("fulfilment.edit", province_id)
    rules.check_vehicles(vehicles)
    grids = Warehouse.objects.filter(province_id=province_id, kind=WarehouseKind.GRID.value)
    ids = dict(grids.values_list("code", "id"))
    unknown = sorted({one.grid_code for one in vehicles} - ids.keys())
    if unknown:
        raise NotFound(thing=f"grid {unknown[0]}")
    rows = Vehicle.objects.bulk_create(
        [_row(province_id, ids[one.grid_code], one) for one in vehicles],
        update_conflicts=True,
        unique_fields=["province_id", "plate"],
        update_fields=[
            "grid", "driver", "driver_id", "crates", "kilograms", "stops", "shift_from", "shift_to", "most_trips",
            "start_cost_m", "is_active",
        ],
    )  # fmt: skip
    return {row.plate: row.id for row in rows}


def _row(province_id: int, grid_id: int, one: NewVehicle) -> Vehicle:
    return Vehicle(
        province_id=province_id, grid_id=grid_id, plate=one.plate, driver=one.driver, driver_id=one.driver_id,
        crates=one.crates, kilograms=one.kilograms, stops=one.stops, shift_from=one.shift_from, shift_to=one.shift_to,
        most_trips=one.most_trips, start_cost_m=one.start_cost_m, is_active=one.is_active,
    )  # fmt: skip
