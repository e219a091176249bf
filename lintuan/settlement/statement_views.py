"""Statements as their readers see them, every line with the reason in words."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from django.db.models import QuerySet

from lintuan.ordering import queries as ordering

from . import rules
from .funding import play_names
from .models import LeaderLine, LeaderStatement, Statement, StatementLine
from .types import (
    LeaderAccount,
    LeaderLineKind,
    LeaderLineView,
    LeaderStatementView,
    LineKind,
    StatementLineView,
    StatementView,
)

Line = StatementLine | LeaderLine


class _Words:
    """What the orders and plays that lines are about are called."""

    def __init__(self, province_id: int, lines: Iterable[Line]) -> None:
        known = list(lines)
        orders = {line.order_id for line in known if line.order_id}
        found = ordering.orders(province_id, orders) if orders else {}
        self._numbers = {order_id: view.number for order_id, view in found.items()}
        self._plays = play_names(province_id, {line.campaign_id for line in known})

    def order(self, line: Line) -> str:
        return self._numbers.get(line.order_id or 0, "?")

    def play(self, line: Line) -> tuple[str, str]:
        return self._plays.get(line.campaign_id or 0, ("?", "?"))


def of_suppliers(province_id: int, found: QuerySet[Statement]) -> Sequence[StatementView]:
    """These statements with their lines."""
    rows = list(found)
    lines: dict[int | None, list[StatementLine]] = defaultdict(list)
    for line in StatementLine.objects.filter(
        province_id=province_id, statement_id__in=[row.id for row in rows]
    ).order_by("id"):
        lines[line.statement_id].append(line)
    words = _Words(province_id, (line for mine in lines.values() for line in mine))
    return [_statement(row, [_line(line, words) for line in lines[row.id]]) for row in rows]


def of_leaders(province_id: int, found: QuerySet[LeaderStatement]) -> Sequence[LeaderStatementView]:
    """These statements with their lines."""
    rows = list(found)
    lines: dict[int | None, list[LeaderLine]] = defaultdict(list)
    for line in LeaderLine.objects.filter(province_id=province_id, statement_id__in=[row.id for row in rows]).order_by(
        "id"
    ):
        lines[line.statement_id].append(line)
    words = _Words(province_id, (line for mine in lines.values() for line in mine))
    return [_leader_statement(row, lines, words) for row in rows]


def _statement(row: Statement, lines: Iterable[StatementLineView]) -> StatementView:
    return StatementView(
        id=row.id,
        province_id=row.province_id,
        supplier_id=row.supplier_id,
        sale_on=row.sale_on,
        goods=row.goods,
        deductions=row.deductions,
        subsidies=row.subsidies,
        made_at=row.made_at,
        lines=tuple(lines),
    )


def _line(row: StatementLine, words: _Words) -> StatementLineView:
    kind = LineKind(row.kind)
    match kind:
        case LineKind.GOODS:
            zh, en = rules.explain_goods(row.quantity, row.price)
        case LineKind.DEDUCTION:
            zh, en = rules.explain_deduction(row.sale_on, row.cause, words.order(row))
        case LineKind.SUBSIDY:
            zh, en = rules.explain_subsidy(row.sale_on, words.play(row), words.order(row), row.amount)
    return StatementLineView(
        kind=kind,
        sale_on=row.sale_on,
        sku_id=row.sku_id,
        quantity=row.quantity,
        price=row.price,
        amount=row.amount,
        zh=zh,
        en=en,
    )


def _leader_statement(
    row: LeaderStatement, lines: Mapping[int | None, Sequence[LeaderLine]], words: _Words
) -> LeaderStatementView:
    return LeaderStatementView(
        id=row.id,
        province_id=row.province_id,
        leader_id=row.leader_id,
        sale_on=row.sale_on,
        account=LeaderAccount(row.earned, row.funded, row.carried_in, row.carried_on),
        made_at=row.made_at,
        lines=tuple(_leader_line(line, words) for line in lines.get(row.id, ())),
    )


def _leader_line(row: LeaderLine, words: _Words) -> LeaderLineView:
    kind = LeaderLineKind(row.kind)
    match kind:
        case LeaderLineKind.COMMISSION:
            zh, en = rules.explain_commission(row.sale_on, row.orders)
        case LeaderLineKind.CHANGE:
            zh, en = rules.explain_change(row.sale_on, words.order(row))
        case LeaderLineKind.RAISED:
            zh, en = rules.explain_raise(row.sale_on, words.play(row))
        case LeaderLineKind.SUBSIDY:
            zh, en = rules.explain_subsidy(row.sale_on, words.play(row), words.order(row), -row.amount)
    return LeaderLineView(kind, row.sale_on, row.amount, zh, en)
