from __future__ import annotations

from collections.abc import Iterable, Sequence

from django.db.models import Max

from lintuan.kernel.ids import public_id
from lintuan.settlement import balances
from lintuan.settlement.engine import accounts, matching
from lintuan.settlement.engine.sheets import Cell
from lintuan.settlement.models import Commission, ReconCase, ReconRun

from .scope import PORTION, Scope

Found = tuple[Sequence[str], Iterable[Sequence[Cell]]]


def balances_of(scope: Scope) -> Found:
    """Every account and sub-account at the end of `until`."""
    head = ("科目 Account", "名称 Name", "英文名称 English name", "借方 Debit", "贷方 Credit", "余额 Balance")
    found = balances.of_each(scope.province_id, scope.ends)
    return head, (
        (code, accounts.title(code).zh, accounts.title(code).en, sides.debit, sides.credit, sides.debit - sides.credit)
        for code, sides in found.items()
    )


def commission(scope: Scope) -> Found:
    """What every order earns its leader."""
    head = (
        "销售日 Sale day", "订单 Order", "团长 Leader", "比例（万分之一） Basis points", "商品金额 Paid",
        "退回 Given back", "金额 Amount", "状态 State", "入账时间 Booked",
    )  # fmt: skip
    rows = Commission.objects.filter(province_id=scope.province_id, **scope.between("sale_on"))
    return head, (
        (
            row.sale_on, public_id("order", scope.province_id, row.order_id), scope.leaders.get(row.leader_id, ""),
            row.bps, row.paid, row.given_back, row.amount, row.state,
            scope.local(row.booked_at) if row.booked_at else None,
        )
        for row in rows.order_by("sale_on", "order_id").iterator(chunk_size=PORTION)
    )  # fmt: skip


def cases(scope: Scope) -> Found:
    """What the newest reconciliation of each sale day found."""
    head = (
        "销售日 Sale day", "类型 Kind", "对象 Subject", "订单 Order", "左 Left", "右 Right", "可能原因 Likely cause",
        "英文 In English",
    )  # fmt: skip
    runs = ReconRun.objects.filter(province_id=scope.province_id, **scope.between("sale_on"))
    newest = list(runs.values("sale_on").annotate(newest=Max("id")).values_list("newest", flat=True))
    rows = ReconCase.objects.filter(
        province_id=scope.province_id, run__province_id=scope.province_id, run_id__in=newest
    ).select_related("run")
    return head, (_case(scope, row) for row in rows.order_by("run__sale_on", "id").iterator(chunk_size=PORTION))


def _case(scope: Scope, row: ReconCase) -> Sequence[Cell]:
    zh, en = matching.CAUSES[matching.CaseKind(row.kind)]
    order = public_id("order", scope.province_id, row.order_id) if row.order_id else ""
    return row.run.sale_on, row.kind, row.subject, order, row.left, row.right, zh, en
