from __future__ import annotations

from collections.abc import Sequence
from functools import cache

from lintuan.kernel.ids import public_id
from lintuan.kernel.money import ZERO
from lintuan.provinces import queries as provinces
from lintuan.settlement.engine.paying import LineState, RunKind
from lintuan.settlement.engine.sheets import Cell
from lintuan.settlement.partner_models import Partner
from lintuan.settlement.paying_models import PayLine

from .scope import PORTION, Scope
from .tables import Found


def pay_runs(scope: Scope) -> Found:
    """Every line of the runs that were prepared between two days; the amount of one that is left out is zero."""
    head = (
        "批次 Run", "类型 Kind", "批次状态 Run state", "编制时间 Prepared", "制单 Prepared by", "审批时间 Approved",
        "审批 Approved by", "收款人 Payee", "金额 Amount", "税额 Tax", "状态 State", "原因 Reason", "流水号 Reference",
    )  # fmt: skip
    names = _names(scope)
    person = cache(lambda staff_id: scope.name(provinces.staff(staff_id).name) if staff_id else "")

    def cells(line: PayLine) -> Sequence[Cell]:
        run, is_out = line.run, line.state == LineState.SKIPPED
        return (
            public_id("pay run", scope.province_id, run.id), run.kind, run.state, scope.local(run.prepared_at),
            person(run.prepared_by), scope.local(run.approved_at) if run.approved_at else None,
            person(run.approved_by), names[run.kind].get(line.payee_id, ""), ZERO if is_out else line.amount,
            ZERO if is_out else line.tax, line.state, line.reason, line.reference,
        )  # fmt: skip

    rows = PayLine.objects.filter(
        province_id=scope.province_id,
        run__province_id=scope.province_id,
        **scope.between("run__prepared_at", moments=True),
    ).select_related("run")
    return head, (cells(line) for line in rows.order_by("run_id", "id").iterator(chunk_size=PORTION))


def _names(scope: Scope) -> dict[str, dict[int, str]]:
    partners = Partner.objects.filter(province_id=scope.province_id).values_list("id", "name")
    return {RunKind.LEADERS: scope.leaders, RunKind.SUPPLIERS: scope.suppliers, RunKind.PARTNERS: dict(partners)}
