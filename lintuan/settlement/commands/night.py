"""What a sale day's last night writes: commission, goods, reconciliation."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, datetime, timedelta

from lintuan.kernel import clock
from lintuan.kernel.callers import Caller, Kind
from lintuan.kernel.commands import command
from lintuan.kernel.money import Money, total
from lintuan.ordering import queries as ordering
from lintuan.provinces.queries import province
from lintuan.settlement import facts, ledger, rules
from lintuan.settlement.earnings import earning_of
from lintuan.settlement.engine import books, matching
from lintuan.settlement.engine.books import Kind as JournalKind
from lintuan.settlement.engine.books import SkuOutcome
from lintuan.settlement.models import Commission, LeaderLine, Raise, ReconCase, ReconRun
from lintuan.settlement.types import Booked, CommissionState, LeaderLineKind, Reconciled
from lintuan.sourcing import queries as sourcing

#: Money that no decision explains is given this long to be explained.
PATIENCE = timedelta(hours=1)


@command
def book_commission(caller: Caller, *, province_id: int, sale_on: date) -> Booked:
    """Make the commission payable of collected orders, up to this sale day's, that can no longer be claimed for, and
    what plays raised it by up to that day.

    An order whose net ordering tells otherwise than the books is held back, and reconciliation has its case.
    """
    caller.require_kind(Kind.SYSTEM)
    ripe = _ripe(province_id, sale_on)
    nets = {
        order.order_id: order.net
        for day in {row.sale_on for row in ripe}
        for order in ordering.paid_orders(province_id, day)
    }
    sure = [row for row in ripe if nets.get(row.order_id) == earning_of(row).base]
    _write_booked(province_id, sure)
    rows = Commission.objects.filter(province_id=province_id, id__in=[row.id for row in sure])
    rows.update(state=CommissionState.BOOKED.value, booked_at=clock.now())
    _book_raises(province_id, sale_on)
    return Booked(len(sure), total(row.amount for row in sure), len(ripe) - len(sure))


@command
def book_goods(caller: Caller, *, province_id: int, sale_on: date) -> Money:
    """Move what a finished day's goods cost from stock to cost, by where the units went; once per day."""
    caller.require_kind(Kind.SYSTEM)
    source = rules.from_duty("goods", sale_on)
    if ledger.known_sources(province_id, [source]):
        return Money(0)
    entries = books.book_goods(_outcomes(province_id, sale_on))
    draft = ledger.Draft(source=source, kind=JournalKind.GOODS_BOOKED, at=clock.now(), entries=entries, sale_on=sale_on)
    ledger.write(province_id, [draft])
    return books.sides(entries)[0]


@command
def reconcile(caller: Caller, *, province_id: int, sale_on: date) -> Reconciled:
    """Compare orders, charges and books of a sale day, and look for money of any day that nothing explains."""
    caller.require_kind(Kind.SYSTEM)
    now = clock.now()
    orders = facts.order_money(province_id, sale_on)
    known = {money.order.order_id for money in orders}
    cases = [*matching.compare(orders), *facts.left_open(province_id, now - PATIENCE, known)]
    run = ReconRun(province_id=province_id, sale_on=sale_on, at=now, orders=len(orders), cases=len(cases))
    run.save()
    ReconCase.objects.bulk_create(
        ReconCase(
            province_id=province_id,
            run=run,
            kind=case.kind.value,
            subject=case.subject,
            order_id=case.order_id,
            left=case.left,
            right=case.right,
        )
        for case in cases
    )
    return Reconciled(len(orders), len(cases))


def _ripe(province_id: int, sale_on: date) -> list[Commission]:
    """Pending commission of collected orders past their claim window, locked."""
    hours = province(province_id).terms.claim_hours
    rows = Commission.objects.filter(
        province_id=province_id,
        sale_on__lte=sale_on,
        state=CommissionState.PENDING.value,
        collected_at__lte=rules.ripe_until(clock.now(), claim_hours=hours),
    )
    return list(rows.select_for_update().order_by("order_id"))


def _write_booked(province_id: int, rows: Sequence[Commission]) -> None:
    """One journal per sale day, with a posting pair per leader."""
    by_day: dict[date, list[Commission]] = defaultdict(list)
    earned: dict[tuple[date, int], list[Money]] = defaultdict(list)
    for row in rows:
        by_day[row.sale_on].append(row)
        if row.amount:
            earned[row.sale_on, row.leader_id].append(row.amount)
    LeaderLine.objects.bulk_create(
        LeaderLine(
            province_id=province_id,
            kind=LeaderLineKind.COMMISSION.value,
            leader_id=leader_id,
            sale_on=day,
            orders=len(amounts),
            amount=total(amounts),
        )
        for (day, leader_id), amounts in sorted(earned.items())
    )
    ledger.write(
        province_id,
        [
            ledger.Draft(
                # A commission is booked once, so the first one's order makes the journal the only one.
                source=rules.from_duty("commission", mine[0].order_id),
                kind=JournalKind.COMMISSION_BOOKED,
                at=clock.now(),
                entries=tuple(entry for row in mine for entry in books.book_commission(row.leader_id, row.amount)),
                sale_on=day,
            )
            for day, mine in sorted(by_day.items())
        ],
    )


def _book_raises(province_id: int, sale_on: date) -> None:
    """What plays raised up to a day, a journal each."""
    hours, now = province(province_id).terms.claim_hours, clock.now()
    waiting = Raise.objects.filter(
        province_id=province_id,
        booked_at=None,
        sale_on__lte=sale_on,
        raised_at__lte=rules.ripe_until(now, claim_hours=hours),
    )
    rows = list(waiting.select_for_update().order_by("id"))
    ledger.write(province_id, [_raise_booked(row, now) for row in rows])
    LeaderLine.objects.bulk_create(
        LeaderLine(
            province_id=province_id,
            kind=LeaderLineKind.RAISED.value,
            leader_id=row.leader_id,
            sale_on=row.sale_on,
            campaign_id=row.campaign_id,
            amount=row.amount,
        )
        for row in rows
    )
    Raise.objects.filter(province_id=province_id, id__in=[row.id for row in rows]).update(booked_at=now)


def _raise_booked(row: Raise, now: datetime) -> ledger.Draft:
    return ledger.Draft(
        source=rules.from_duty("raise", row.grant_id),
        kind=JournalKind.COMMISSION_BOOKED,
        at=now,
        entries=books.book_commission(row.leader_id, row.amount),
        sale_on=row.sale_on,
    )


def _outcomes(province_id: int, sale_on: date) -> list[SkuOutcome]:
    sold = {one.sku_id: one for one in ordering.day_totals(province_id, sale_on).skus}
    return [
        SkuOutcome(
            received=supply.received,
            cost=supply.cost,
            collected=sold[supply.sku_id].collected if supply.sku_id in sold else 0,
            unclaimed=sold[supply.sku_id].unclaimed if supply.sku_id in sold else 0,
        )
        for supply in sourcing.supply_totals(province_id, sale_on)
    ]
