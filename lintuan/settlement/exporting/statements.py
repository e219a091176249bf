from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice

from django.db.models import QuerySet

from lintuan.catalog import queries as catalog
from lintuan.catalog.types import SkuView
from lintuan.settlement import statement_views
from lintuan.settlement.engine.sheets import Cell
from lintuan.settlement.models import LeaderStatement, Statement
from lintuan.settlement.types import LeaderStatementView, LineKind, StatementLineView, StatementView

from .scope import Scope

#: Statements read at once, with all their lines.
PORTION = 50


def suppliers(scope: Scope) -> tuple[Sequence[str], Iterable[Sequence[Cell]]]:
    """Every line of suppliers' statements and why it is there; what is deducted is negative."""
    head = (
        "对账销售日 Statement of", "供应商 Supplier", "类别 Kind", "销售日 Sale day", "商品编码 Goods code",
        "商品 Goods", "件数 Units", "单价 Price", "金额 Amount", "说明 Why", "英文说明 In English",
    )  # fmt: skip
    return head, _supplier_rows(scope)


def leaders(scope: Scope) -> tuple[Sequence[str], Iterable[Sequence[Cell]]]:
    """Every line of leaders' statements and why it is there; what is carried in and on are lines too."""
    head = (
        "对账销售日 Statement of", "团长 Leader", "类别 Kind", "销售日 Sale day", "金额 Amount", "说明 Why",
        "英文说明 In English",
    )  # fmt: skip
    return head, _leader_rows(scope)


def _supplier_rows(scope: Scope) -> Iterator[Sequence[Cell]]:
    rows = Statement.objects.filter(province_id=scope.province_id, **scope.between("sale_on"))
    if scope.wish.supplier_id:
        rows = rows.filter(supplier_id=scope.wish.supplier_id)
    for ids in _portions(rows.order_by("sale_on", "supplier_id")):
        mine = Statement.objects.filter(province_id=scope.province_id, id__in=ids)
        views = statement_views.of_suppliers(scope.province_id, mine.order_by("sale_on", "supplier_id"))
        skus = catalog.skus({line.sku_id for view in views for line in view.lines})
        for view in views:
            for line in view.lines:
                yield _supplier_line(scope, view, line, skus[line.sku_id])


def _supplier_line(scope: Scope, view: StatementView, line: StatementLineView, sku: SkuView) -> Sequence[Cell]:
    is_goods = line.kind is LineKind.GOODS
    return (
        view.sale_on, scope.suppliers.get(view.supplier_id, ""), line.kind.value, line.sale_on, sku.code,
        f"{sku.name} {sku.spec}".strip(), line.quantity if is_goods else None, line.price if is_goods else None,
        line.amount if is_goods else -line.amount, line.zh, line.en,
    )  # fmt: skip


def _leader_rows(scope: Scope) -> Iterator[Sequence[Cell]]:
    rows = LeaderStatement.objects.filter(province_id=scope.province_id, **scope.between("sale_on"))
    for ids in _portions(rows.order_by("sale_on", "leader_id")):
        mine = LeaderStatement.objects.filter(province_id=scope.province_id, id__in=ids)
        for view in statement_views.of_leaders(scope.province_id, mine.order_by("sale_on", "leader_id")):
            yield from _leader_lines(scope, view)


def _leader_lines(scope: Scope, view: LeaderStatementView) -> Iterator[Sequence[Cell]]:
    head = (view.sale_on, scope.leaders.get(view.leader_id, ""))
    for line in view.lines:
        yield (*head, line.kind.value, line.sale_on, line.amount, line.zh, line.en)
    if view.account.carried_in:
        yield (*head, "carried_in", view.sale_on, -view.account.carried_in, "上期结转", "carried in")
    if view.account.carried_on:
        yield (*head, "carried_on", view.sale_on, view.account.carried_on, "结转下期", "carried on")


def _portions(rows: QuerySet[Statement] | QuerySet[LeaderStatement]) -> Iterator[list[int]]:
    ids = rows.values_list("id", flat=True).iterator(chunk_size=2_000)
    while portion := list(islice(ids, PORTION)):
        yield portion
