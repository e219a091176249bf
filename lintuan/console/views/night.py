"""The night board: what was due, what ran, what is late."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_GET

from lintuan.console.access import Visit, staff_page
from lintuan.console.show import show
from lintuan.console.words import spoken
from lintuan.kernel import clock
from lintuan.kernel import queries as kernel
from lintuan.kernel.duties import DUTIES
from lintuan.kernel.queries import DutyView

NAMES = {
    "ordering.close_day": ("截单", "Close the sale day"),
    "sourcing.make_purchase_orders": ("生成采购单", "Make purchase orders"),
    "sourcing.close_confirmations": ("供应商确认截止", "Close confirmations"),
    "sourcing.close_receipts": ("收货截止", "Close receipts"),
    "fulfilment.plan_sorting": ("生成分拣单", "Plan sorting"),
    "fulfilment.close_sorting": ("中心仓分拣截止", "Close sorting at the centre"),
    "fulfilment.close_grid_sorting": ("网格仓分拣截止", "Close sorting at the grids"),
    "fulfilment.plan_routes": ("规划线路", "Plan routes"),
    "fulfilment.close_unclaimed": ("关闭逾期未提", "Close unclaimed goods"),
    "settlement.book_commission": ("团长佣金入账", "Book leader commission"),
    "settlement.book_goods": ("货物成本入账", "Book goods"),
    "settlement.charge_funders": ("玩法补贴分担入账", "Charge who funds plays"),
    "settlement.make_statements": ("供应商对账单", "Make supplier statements"),
    "settlement.make_leader_statements": ("团长对账单", "Make leader statements"),
    "settlement.reconcile": ("对账", "Reconcile"),
}


@dataclass(frozen=True, slots=True)
class Step:
    """A duty of the night and how it stands."""

    name: str
    text: str
    due_at: datetime
    run: DutyView | None
    now: datetime

    @property
    def state(self) -> str:
        if self.run is not None:
            return self.run.state
        return "late_duty" if self.due_at <= self.now else "due"


@require_GET
@staff_page("ordering.read")
def night(request: HttpRequest, visit: Visit) -> HttpResponse:
    """One timeline of the sale day's night; it refreshes itself."""
    steps = _steps(visit)
    states = [step.state for step in steps]
    counts = {state: states.count(state) for state in ("done", "late_duty", "failed", "due")}
    template = "part_night.html" if request.headers.get("HX-Request") else "night.html"
    return show(request, visit, template, steps=steps, counts=counts, now=clock.now(), parked=kernel.parked_events())


def _steps(visit: Visit) -> list[Step]:
    runs = {run.duty: run for run in kernel.duty_runs(visit.province_id, visit.sale_on)}
    timetable, zone, now = visit.province.timetable, visit.province.zone, clock.now()
    due = sorted((timetable.at(duty.step, visit.sale_on, zone), duty.rank, duty.name) for duty in DUTIES.values())
    return [Step(name, spoken(*NAMES.get(name, (name, name))), at, runs.get(name), now) for at, _, name in due]
