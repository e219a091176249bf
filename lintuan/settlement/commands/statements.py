from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date

from django.db import connection

from lintuan.kernel import clock
from lintuan.kernel.callers import SYSTEM, Caller, Kind
from lintuan.kernel.commands import command
from lintuan.kernel.money import ZERO, Money, total
from lintuan.settlement import rules
from lintuan.settlement.models import LeaderLine, LeaderStatement, Statement, StatementLine
from lintuan.settlement.types import LeaderLineKind, LineKind
from lintuan.sourcing import queries as sourcing
from lintuan.sourcing.types import PurchaseLineView

_PUT_LINES = """
UPDATE settlement_statementline AS line SET statement_id = put.statement_id
FROM unnest(%s::bigint[], %s::bigint[]) AS put (id, statement_id) WHERE line.province_id = %s AND line.id = put.id
"""
_PUT_LEADER_LINES = """
UPDATE settlement_leaderline AS line SET statement_id = put.statement_id
FROM unnest(%s::bigint[], %s::bigint[]) AS put (id, statement_id) WHERE line.province_id = %s AND line.id = put.id
"""


@command
def make_statements(caller: Caller, *, province_id: int, sale_on: date) -> int:
    """State to each supplier what it gets for a sale day: goods received less the claims and savings it bears.

    A claim granted after its own day's statement comes into the supplier's next one. Answers how many were made.
    """
    caller.require_kind(Kind.SYSTEM)
    goods, claims = _goods(province_id, sale_on), _claims(province_id, sale_on)
    made = Statement.objects.filter(province_id=province_id, sale_on=sale_on)
    done = set(made.values_list("supplier_id", flat=True))
    wanted = sorted((goods.keys() | claims.keys()) - done)
    statements = Statement.objects.bulk_create(
        Statement(
            province_id=province_id,
            supplier_id=supplier_id,
            sale_on=sale_on,
            goods=total(line.cost * line.received for line in goods[supplier_id]),
            deductions=_sum(claims[supplier_id], LineKind.DEDUCTION),
            subsidies=_sum(claims[supplier_id], LineKind.SUBSIDY),
            made_at=clock.now(),
        )
        for supplier_id in wanted
    )
    _write_lines(statements, goods, claims)
    return len(statements)


@command
def make_leader_statements(caller: Caller, *, province_id: int, sale_on: date) -> int:
    """State to each leader what it is owed since its last statement, and what of it plays take that it funds.

    Answers how many were made.
    """
    caller.require_kind(Kind.SYSTEM)
    lines: dict[int, list[LeaderLine]] = defaultdict(list)
    rows = LeaderLine.objects.filter(province_id=province_id, statement=None, sale_on__lte=sale_on)
    for row in rows.select_for_update().order_by("id"):
        lines[row.leader_id].append(row)
    done = LeaderStatement.objects.filter(province_id=province_id, sale_on=sale_on)
    wanted = sorted(lines.keys() - set(done.values_list("leader_id", flat=True)))
    carried = _carried(province_id, wanted)
    statements = LeaderStatement.objects.bulk_create(
        _leader_statement(province_id, sale_on, leader_id, lines[leader_id], carried.get(leader_id, ZERO))
        for leader_id in wanted
    )
    put = {line.id: statement.id for statement in statements for line in lines[statement.leader_id]}
    _put_lines(province_id, _PUT_LEADER_LINES, put)
    return len(statements)


def _leader_statement(
    province_id: int, sale_on: date, leader_id: int, lines: Sequence[LeaderLine], carried: Money
) -> LeaderStatement:
    account = rules.settle_leader(((LeaderLineKind(line.kind), line.amount) for line in lines), carried)
    return LeaderStatement(
        province_id=province_id,
        sale_on=sale_on,
        leader_id=leader_id,
        earned=account.earned,
        funded=account.funded,
        carried_in=account.carried_in,
        carried_on=account.carried_on,
        made_at=clock.now(),
    )


def _carried(province_id: int, leader_ids: Sequence[int]) -> dict[int, Money]:
    """What the last statement of each leader left to be taken from the next."""
    rows = LeaderStatement.objects.filter(province_id=province_id, leader_id__in=leader_ids)
    newest = rows.order_by("leader_id", "-id").distinct("leader_id")
    return dict(newest.values_list("leader_id", "carried_on"))


def _sum(lines: Sequence[StatementLine], kind: LineKind) -> Money:
    return total(line.amount for line in lines if line.kind == kind)


def _goods(province_id: int, sale_on: date) -> dict[int, list[PurchaseLineView]]:
    """The purchase lines of each supplier on which something came."""
    found: dict[int, list[PurchaseLineView]] = defaultdict(list)
    for order in sourcing.purchase_orders(SYSTEM, province_id=province_id, sale_on=sale_on):
        for line in order.lines:
            if line.received:
                found[order.supplier_id].append(line)
    return found


def _claims(province_id: int, sale_on: date) -> dict[int, list[StatementLine]]:
    """What suppliers bear up to this sale day's that no statement has yet, by supplier, locked."""
    found: dict[int, list[StatementLine]] = defaultdict(list)
    rows = StatementLine.objects.filter(province_id=province_id, statement=None, sale_on__lte=sale_on)
    for row in rows.select_for_update().order_by("id"):
        found[row.supplier_id].append(row)
    return found


def _write_lines(
    statements: Sequence[Statement],
    goods: dict[int, list[PurchaseLineView]],
    claims: dict[int, list[StatementLine]],
) -> None:
    StatementLine.objects.bulk_create(
        _goods_line(statement, line) for statement in statements for line in goods[statement.supplier_id]
    )
    put = {line.id: statement.id for statement in statements for line in claims[statement.supplier_id]}
    if statements:
        _put_lines(statements[0].province_id, _PUT_LINES, put)


def _put_lines(province_id: int, statement: str, put: Mapping[int, int]) -> None:
    """Put lines that waited, by id, onto statements."""
    with connection.cursor() as cursor:
        cursor.execute(statement, [list(put), list(put.values()), province_id])


def _goods_line(statement: Statement, line: PurchaseLineView) -> StatementLine:
    return StatementLine(
        province_id=statement.province_id,
        statement=statement,
        kind=LineKind.GOODS.value,
        supplier_id=statement.supplier_id,
        sale_on=statement.sale_on,
        sku_id=line.sku_id,
        quantity=line.received,
        price=line.cost,
        amount=line.cost * line.received,
    )
