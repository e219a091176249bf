from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.db.models import Sum

from lintuan.kernel import clock
from lintuan.kernel.callers import Caller, Kind
from lintuan.kernel.commands import command
from lintuan.kernel.money import ZERO, Money, total
from lintuan.ordering import queries as ordering
from lintuan.settlement import facts, funding, ledger, rules
from lintuan.settlement.engine import accounts, books
from lintuan.settlement.engine.books import Kind as JournalKind
from lintuan.settlement.engine.funding import Share, Shares, changes
from lintuan.settlement.models import Commission, Funding, FundingFact, LeaderLine, StatementLine
from lintuan.settlement.types import Charged, LeaderLineKind, LineKind


@command
def charge_funders(caller: Caller, *, province_id: int, sale_on: date) -> Charged:
    """Charge leaders and suppliers with what they fund of plays, of orders up to this sale day's that changed.

    What was charged before is taken into account, so that a refund that lowered a saving takes their share back. An
    order of which ordering tells another saving than the books is held back, and reconciliation has its case.
    """
    caller.require_kind(Kind.SYSTEM)
    rows, days = _open(province_id, sale_on)
    orders = ordering.orders(province_id, rows)
    booked = facts.balances_by_order(province_id, list(rows))
    sure = [one for one, order in orders.items() if booked[one].get(accounts.SUBSIDIES, ZERO) == order.bill.borne]
    due, told = funding.shares_due(province_id, sure), funding.shares_told(province_id, sure)
    moves = {order_id: moved for order_id in sure if (moved := changes(due[order_id], told[order_id]))}
    _tell(province_id, moves, days)
    ledger.write(province_id, [_draft(rows[one], moved, days[one]) for one, moved in moves.items()])
    for order_id in sure:
        rows[order_id].is_open = False
        rows[order_id].times += order_id in moves
    charged_rows = Funding.objects.filter(province_id=province_id)
    charged_rows.bulk_update([rows[order_id] for order_id in sure], ["is_open", "times"])
    charged = [(share, amount) for moved in moves.values() for share, amount in moved.items()]
    leaders = total(amount for share, amount in charged if share.leader_id)
    _close_released(province_id)
    return Charged(len(moves), leaders, total(amount for _, amount in charged) - leaders, len(rows) - len(sure))


def _open(province_id: int, sale_on: date) -> tuple[dict[int, Funding], dict[int, date]]:
    """The orders to be charged, locked, with their sale days; orders that were never paid for are not among them."""
    paid = Commission.objects.filter(province_id=province_id, sale_on__lte=sale_on, paid__gt=0)
    waiting = Funding.objects.filter(province_id=province_id, is_open=True, order_id__in=paid.values("order_id"))
    rows = {row.order_id: row for row in waiting.select_for_update().order_by("order_id")}
    known = Commission.objects.filter(province_id=province_id, order_id__in=list(rows))
    return rows, dict(known.values_list("order_id", "sale_on"))


def _close_released(province_id: int) -> None:
    """Orders that were never paid and have given everything back: nobody will ever be charged for them."""
    waiting = Funding.objects.filter(province_id=province_id, is_open=True)
    paid = Commission.objects.filter(province_id=province_id, paid__gt=0)
    sums = FundingFact.objects.filter(province_id=province_id, order_id__in=waiting.values("order_id"))
    released = sums.values("order_id").annotate(by_leader=Sum("leader"), by_supplier=Sum("supplier"))
    nothing = released.filter(by_leader=0, by_supplier=0).values("order_id")
    gone = waiting.filter(order_id__in=nothing).exclude(order_id__in=paid.values("order_id"))
    gone.update(is_open=False)


def _tell(province_id: int, moves: Mapping[int, Shares], days: Mapping[int, date]) -> None:
    """Lines for the next statements of whoever bears something."""
    leaders: list[LeaderLine] = []
    suppliers: list[StatementLine] = []
    for order_id, moved in moves.items():
        for share, amount in moved.items():
            about: dict[str, Any] = {
                "province_id": province_id,
                "order_id": order_id,
                "sale_on": days[order_id],
                "campaign_id": share.campaign_id,
            }
            if share.leader_id:
                leaders.append(_leader_line(share, amount, about))
            else:
                suppliers.append(_supplier_line(share, amount, about))
    LeaderLine.objects.bulk_create(leaders)
    StatementLine.objects.bulk_create(suppliers)


def _leader_line(share: Share, amount: Money, about: dict[str, Any]) -> LeaderLine:
    return LeaderLine(kind=LeaderLineKind.SUBSIDY.value, leader_id=share.leader_id, amount=-amount, orders=1, **about)


def _supplier_line(share: Share, amount: Money, about: dict[str, Any]) -> StatementLine:
    return StatementLine(
        kind=LineKind.SUBSIDY.value,
        supplier_id=share.supplier_id,
        sku_id=share.sku_id,
        quantity=1,
        price=amount,
        amount=amount,
        **about,
    )


def _draft(row: Funding, moved: Shares, sale_on: date) -> ledger.Draft:
    return ledger.Draft(
        source=rules.from_duty("funders", f"{row.order_id}-{row.times + 1}"),
        kind=JournalKind.SUBSIDY_FUNDED,
        at=clock.now(),
        entries=books.fund(moved),
        sale_on=sale_on,
        order_id=row.order_id,
    )
