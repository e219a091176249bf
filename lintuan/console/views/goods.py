"""Where tonight's goods go: sorting lists."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_GET

from lintuan.catalog import queries as catalog
from lintuan.console.access import Visit, staff_page
from lintuan.console.show import show
from lintuan.fulfilment import queries
from lintuan.fulfilment.types import SortTaskView, WarehouseKind
from lintuan.kernel.errors import NotFound
from lintuan.kernel.ids import public_id, read_public_id
from lintuan.leaders import queries as leaders

PAGE = 1000


@require_GET
@staff_page("fulfilment.sort")
def sorting(request: HttpRequest, visit: Visit) -> HttpResponse:
    """The centre's list: what of each SKU goes to which grid."""
    tasks = _tasks(visit, level=1)
    skus = catalog.skus({task.sku_id for task in tasks})
    grids = sorted({task.to_grid_code or "" for task in tasks})
    by_sku: dict[int, dict[str, SortTaskView]] = defaultdict(dict)
    for task in tasks:
        by_sku[task.sku_id][task.to_grid_code or ""] = task
    order = sorted(by_sku, key=lambda sku_id: (skus[sku_id].category, skus[sku_id].code))
    rows = [
        {"sku": skus[sku_id], "cells": [by_sku[sku_id].get(grid) for grid in grids], **_sums(by_sku[sku_id].values())}
        for sku_id in order
    ]
    return show(request, visit, "sorting.html", rows=rows, grids=_grids(visit), columns=grids, sums=_sums(tasks))


@require_GET
@staff_page("fulfilment.sort")
def sorting_grid(request: HttpRequest, visit: Visit, grid: str) -> HttpResponse:
    """A grid warehouse's lists: a sheet for every point, each on its own page of paper."""
    if grid not in {view.code for view in _grids(visit)}:
        raise NotFound(thing=f"grid {grid}")
    tasks = [task for task in _tasks(visit, level=2) if task.warehouse_code == grid]
    skus = catalog.skus({task.sku_id for task in tasks})
    by_point: dict[int, list[SortTaskView]] = defaultdict(list)
    for task in sorted(tasks, key=lambda task: skus[task.sku_id].code):
        by_point[task.point_id or 0].append(task)
    points = {view.id: view for view in leaders.points(visit.province_id)}
    wanted = _wanted_point(request, visit)
    sheets = [
        {
            "point": points[point_id],
            "id": public_id("point", visit.province_id, point_id),
            "lines": [(task, skus[task.sku_id]) for task in own] if wanted in (None, point_id) else [],
            **_sums(own),
        }
        for point_id, own in sorted(by_point.items(), key=lambda item: points[item[0]].code)
    ]
    chosen = [sheet for sheet in sheets if wanted is not None and sheet["lines"]]
    shown = {"sheets": chosen or sheets, "one": chosen, "grid": grid, "grids": _grids(visit)}
    return show(request, visit, "sorting_grid.html", **shown)


def _tasks(visit: Visit, *, level: int) -> Sequence[SortTaskView]:
    found: list[SortTaskView] = []
    while True:
        page = queries.sort_tasks(
            visit.caller,
            province_id=visit.province_id,
            sale_on=visit.sale_on,
            level=level,
            after=found[-1].id if found else 0,
        )
        found += page
        if len(page) < PAGE:
            return found


def _sums(tasks: Iterable[SortTaskView]) -> Mapping[str, int]:
    sums: Counter[str] = Counter(planned=0, done=0, tasks=0, reported=0)
    for task in tasks:
        sums.update(planned=task.planned, done=task.done or 0, tasks=1, reported=int(task.done is not None))
    return dict(sums)


def _grids(visit: Visit) -> Sequence[Any]:
    return [view for view in queries.warehouses(visit.province_id) if view.kind is WarehouseKind.GRID]


def _wanted_point(request: HttpRequest, visit: Visit) -> int | None:
    text = request.GET.get("point")
    return read_public_id("point", text)[1] if text else None
