"""What a sale day's last night writes: commission, goods, reconciliation."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime, timedelta

from django.db import connection
from msgspec import Struct

from lintuan.kernel import clock
from lintuan.kernel.callers import Caller, Kind
from lintuan.kernel.commands import command
from lintuan.kernel.fields import array
from lintuan.kernel.money import Money, total
from lintuan.ordering import queries as ordering
from lintuan.provinces.queries import province
from lintuan.settlement import balances, facts, files, ledger, rules
from lintuan.settlement.engine import books, matching
from lintuan.settlement.engine.books import Kind as JournalKind
from lintuan.settlement.engine.books import SkuOutcome
from lintuan.settlement.engine.commission import Earning
from lintuan.settlement.engine.matching import OrderMoney
from lintuan.settlement.files import Found
from lintuan.settlement.models import Closing, LeaderLine, Raise, ReconCase, ReconRun
from lintuan.settlement.types import Booked, LeaderLineKind, Reconciled
from lintuan.sourcing import queries as sourcing

#: Money that no decision explains is given this long to be explained.
PATIENCE = timedelta(hours=1)

_NEXT_RIPE = """
SELECT order_id, leader_id, sale_on, bps, paid, given_back, swing FROM settlement_commission
WHERE province_id = %s AND order_id > %s AND sale_on <= %s AND state = 'pending' AND collected_at <= %s
ORDER BY order_id LIMIT %s FOR UPDATE
"""
_BOOK = """
UPDATE settlement_commission SET state = 'booked', booked_at = %s
WHERE province_id = %s AND order_id = ANY(%s::bigint[])
"""


@command
def book_commission(caller: Caller, *, province_id: int, sale_on: date) -> Booked:
    """Make the commission payable of collected orders, up to this sale day's, that can no longer be claimed for, and
    what plays raised it by up to that day.

    An order whose net ordering tells otherwise than the books is held back, and reconciliation has its case.
    """
    caller.require_kind(Kind.SYSTEM)
    now, held_back = clock.now(), 0
    days: dict[date, _Day] = defaultdict(_Day)
    for portion in _ripe(province_id, sale_on, now):
        nets = ordering.nets(province_id, [row.order_id for row in portion])
        sure = [row for row in portion if nets.get(row.order_id) == row.earning.base]
        held_back += len(portion) - len(sure)
        with connection.cursor() as cursor:
            cursor.execute(_BOOK, [now, province_id, array(row.order_id for row in sure)])
        for row in sure:
            days[row.sale_on].take(row)
    _write_booked(province_id, days, now)
    _book_raises(province_id, sale_on)
    amounts = (amount for day in days.values() for amounts in day.earned.values() for amount in amounts)
    return Booked(sum(day.orders for day in days.values()), total(amounts), held_back)


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
    now, known = clock.now(), set[int]()
    cases = matching.compare(_noted(facts.order_money(province_id, sale_on), known))
    cases += facts.left_open(province_id, now - PATIENCE, known)
    run = ReconRun(province_id=province_id, sale_on=sale_on, at=now, orders=len(known), cases=len(cases))
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
    found = (Found(case.kind.value, case.subject, "", case.order_id, case.left, case.right) for case in cases)
    files.note(province_id, files.of_sale(sale_on), sale_on, found, now)
    return Reconciled(len(known), len(cases))


@command
def close_books(caller: Caller, *, province_id: int, sale_on: date) -> int:
    """Add the books up once per sale day, so that balances need not be added up from the beginning; answers how many
    journals there are.
    """
    caller.require_kind(Kind.SYSTEM)
    done = Closing.objects.filter(province_id=province_id).filter(sale_on=sale_on).first()
    return (done or balances.close(province_id, sale_on, clock.now())).journals


def _noted(orders: Iterable[OrderMoney], known: set[int]) -> Iterator[OrderMoney]:
    for money in orders:
        known.add(money.order.order_id)
        yield money


class _Ripe(Struct, frozen=True):
    """Pending commission of one order past its claim window."""

    order_id: int
    leader_id: int
    sale_on: date
    earning: Earning


class _Day:
    """What the orders of one sale day earn their leaders."""

    def __init__(self) -> None:
        self.orders = self.first = 0
        self.earned: dict[int, list[Money]] = defaultdict(list)

    def take(self, row: _Ripe) -> None:
        self.orders += 1
        self.first = self.first or row.order_id
        if amount := row.earning.amount:
            self.earned[row.leader_id].append(amount)


def _ripe(province_id: int, sale_on: date, now: datetime) -> Iterator[list[_Ripe]]:
    """Pending commission of collected orders past their claim window, locked, in portions by order."""
    until = rules.ripe_until(now, claim_hours=province(province_id).terms.claim_hours)
    after = 0
    while True:
        with connection.cursor() as cursor:
            cursor.execute(_NEXT_RIPE, [province_id, after, sale_on, until, facts.AT_ONCE])
            rows = cursor.fetchall()
        if not rows:
            return
        after = rows[-1][0]
        yield [
            _Ripe(order_id, leader_id, day, Earning(bps, Money(paid), Money(back), swing=swing))
            for order_id, leader_id, day, bps, paid, back, swing in rows
        ]


def _write_booked(province_id: int, days: Mapping[date, _Day], now: datetime) -> None:
    """One journal per sale day, with a pair per leader."""
    known = sorted(days.items())
    LeaderLine.objects.bulk_create(
        LeaderLine(
            province_id=province_id,
            kind=LeaderLineKind.COMMISSION.value,
            leader_id=leader_id,
            sale_on=sale_on,
            orders=len(amounts),
            amount=total(amounts),
        )
        for sale_on, day in known
        for leader_id, amounts in sorted(day.earned.items())
    )
    ledger.write(province_id, [_commission_booked(sale_on, day, now) for sale_on, day in known])


def _commission_booked(sale_on: date, day: _Day, now: datetime) -> ledger.Draft:
    earned = ((leader_id, total(amounts)) for leader_id, amounts in sorted(day.earned.items()))
    return ledger.Draft(
        # A commission is booked once, so the first one's order makes the journal the only one.
        source=rules.from_duty("commission", day.first),
        kind=JournalKind.COMMISSION_BOOKED,
        at=now,
        entries=tuple(entry for leader_id, amount in earned for entry in books.book_commission(leader_id, amount)),
        sale_on=sale_on,
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
