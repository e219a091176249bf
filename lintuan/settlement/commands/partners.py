"""Contracts with traffic partners: drafted, simulated, signed by somebody else, and settled every night."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date, timedelta

from django.db import connection

from lintuan.kernel import changes, clock
from lintuan.kernel.callers import Caller, Kind
from lintuan.kernel.commands import command
from lintuan.kernel.errors import NotFound
from lintuan.kernel.money import ZERO, Money, total
from lintuan.leaders.queries import kept
from lintuan.provinces.queries import province
from lintuan.settlement import contracts, ledger, margins, partner_sums, rules, tariffs
from lintuan.settlement.engine import books, partners
from lintuan.settlement.engine.books import Kind as JournalKind
from lintuan.settlement.engine.partners import Day, Month
from lintuan.settlement.errors import ContractClash, ContractEnded, ContractSigned, OwnDraft
from lintuan.settlement.partner_models import Contract, ContractDay, ContractMonth, Partner
from lintuan.settlement.types import MAY_EDIT, NewContract, Settled

_TOUCHED = """
SELECT d.contract_id, d.sale_on FROM settlement_contractday d
WHERE d.province_id = %(province)s AND EXISTS (
    SELECT 1 FROM settlement_transfer t
    WHERE t.province_id = %(province)s AND t.sale_on = d.sale_on AND t.id > d.upto AND t.order_id IS NOT NULL
)
"""
_UPTO = "SELECT coalesce(max(id), 0) FROM settlement_transfer WHERE province_id = %s"
_DAY = timedelta(days=1)


@command
def draft_contract(caller: Caller, *, province_id: int, contract: NewContract, key: str | None = None) -> int:
    """Write down what is to be agreed with a partner; nothing holds before somebody else signs it."""
    caller.require(MAY_EDIT, province_id)
    rules.check_contract(contract)
    if kept(province_id, contract.point_ids).keys() != set(contract.point_ids):
        raise NotFound(thing="point")
    partner, _ = Partner.objects.get_or_create(province_id=province_id, name=contract.partner.strip())
    row = Contract(
        province_id=province_id,
        partner=partner,
        point_ids=sorted(set(contract.point_ids)),
        since=[step.since.fen for step in contract.terms.steps],
        bps=[step.bps for step in contract.terms.steps],
        cap=contract.terms.cap,  # type: ignore[misc]
        from_on=contract.from_on,
        until_on=contract.until_on,
        drafted_at=clock.now(),
        drafted_by=caller.id,
    )
    row.save()
    return row.id


@command
def sign_contract(caller: Caller, *, province_id: int, contract_id: int, key: str | None = None) -> int:
    """Let a contract hold, from a sale day on that has not begun.

    OwnDraft for who drafted it, ContractClash where another has some of its points on some of its days,
    SharesAboveMargin where goods on the coming shelf would not bear what it gives at most.
    """
    caller.require(MAY_EDIT, province_id)
    rates = tariffs.rates_locked(province_id)
    row = contracts.contract(province_id, contract_id)
    if row.signed_at is not None:
        raise ContractSigned
    if row.drafted_by == caller.id:
        raise OwnDraft
    rules.check_begins(row.from_on, clock.today(province(province_id).zone))
    if other := contracts.clashing(row):
        raise ContractClash(partner=other.partner.name, from_on=other.from_on, until_on=other.until_on or "…")
    new = contracts.deals(province_id, [row])
    margins.require_enough(province_id, rates, rates, since=row.from_on, signed=new)
    row.signed_at, row.signed_by = clock.now(), caller.id
    row.save()
    changes.tell("settlement", province_id)
    return row.id


@command
def end_contract(caller: Caller, *, province_id: int, contract_id: int, until_on: date, key: str | None = None) -> int:
    """Let a contract hold no longer than until a sale day, today at the earliest; a draft, or one that would not have
    begun by then, is forgotten.
    """
    caller.require(MAY_EDIT, province_id)
    tariffs.rates_locked(province_id)
    row = contracts.contract(province_id, contract_id)
    rules.check_begins(until_on + _DAY, clock.today(province(province_id).zone))
    if row.until_on is not None and row.until_on <= until_on and row.signed_at is not None:
        raise ContractEnded(until_on=row.until_on)
    if row.signed_at is None or until_on < row.from_on:
        row.delete()
    else:
        row.until_on = until_on
        row.save()
    changes.tell("settlement", province_id)
    return contract_id


@command
def settle_partners(caller: Caller, *, province_id: int, sale_on: date) -> Settled:
    """Count what contracts' orders came to up to a sale day whose claims are over, count days again of whose orders
    the books heard more since, and post by how much partners are owed more, or less, than before.
    """
    caller.require_kind(Kind.SYSTEM)
    rows = [row for row in contracts.signed(province_id) if row.from_on <= sale_on]
    if not rows:
        return Settled(0, ZERO)
    # Whatever is in the books now has an id up to the newest one's, and what comes later a higher one.
    ledger.hold(province_id)
    with connection.cursor() as cursor:
        cursor.execute(_UPTO, [province_id])
        (upto,) = cursor.fetchone()
        cursor.execute(_TOUCHED, {"province": province_id})
        touched = set(cursor.fetchall())
    count, posted = 0, ZERO
    for row in rows:
        days = _to_count(row, sale_on, {day for contract_id, day in touched if contract_id == row.id})
        _count(row, days, upto)
        posted += _settle(row, {partners.month_of(day) for day in days}, sale_on)
        count += len(days)
    return Settled(count, posted)


def _to_count(row: Contract, sale_on: date, touched: Collection[date]) -> list[date]:
    last = min(sale_on, row.until_on or sale_on)
    known = set(ContractDay.objects.filter(province_id=row.province_id, contract=row).values_list("sale_on", flat=True))
    all_days = (row.from_on + timedelta(days=number) for number in range((last - row.from_on).days + 1))
    return sorted({day for day in all_days if day not in known} | set(touched))


def _count(row: Contract, days: Sequence[date], upto: int) -> None:
    ContractDay.objects.bulk_create(
        (
            ContractDay(
                province_id=row.province_id,
                contract=row,
                sale_on=day.sale_on,
                sales=day.sales,
                margin=day.margin,
                upto=upto,
            )
            for day in partner_sums.of_days(row.province_id, row.point_ids, days)
        ),
        update_conflicts=True,
        unique_fields=["province_id", "contract", "sale_on"],
        update_fields=["sales", "margin", "upto"],
    )


def _settle(row: Contract, begins: Collection[date], sale_on: date) -> Money:
    """Post what changed of these months; answers by how much the partner is owed more."""
    counted = ContractDay.objects.filter(province_id=row.province_id, contract=row)
    days = [Day(*one) for one in counted.values_list("sale_on", "sales", "margin")]
    due = {one.begins: one for one in partners.months(days, contracts.terms(row)) if one.begins in begins}
    before = {one.begins: one for one in ContractMonth.objects.filter(province_id=row.province_id, contract=row)}
    moves = {
        day: moved
        for day, month in due.items()
        if (moved := month.share - (before[day].share if day in before else ZERO))
    }
    times = {day: (before[day].times if day in before else 0) + (day in moves) for day in due}
    _keep(row, due, times)
    ledger.write(row.province_id, [_draft(row, day, times[day], moved, sale_on) for day, moved in moves.items()])
    return total(moves.values())


def _keep(row: Contract, due: Mapping[date, Month], times: Mapping[date, int]) -> None:
    ContractMonth.objects.bulk_create(
        (
            ContractMonth(
                province_id=row.province_id,
                contract=row,
                begins=day,
                days=month.days,
                sales=month.sales,
                margin=month.margin,
                bps=month.bps,
                share=month.share,
                is_capped=month.is_capped,
                times=times[day],
            )
            for day, month in due.items()
        ),
        update_conflicts=True,
        unique_fields=["province_id", "contract", "begins"],
        update_fields=["days", "sales", "margin", "bps", "share", "is_capped", "times"],
    )


def _draft(row: Contract, begins: date, times: int, moved: Money, sale_on: date) -> ledger.Draft:
    return ledger.Draft(
        source=rules.from_duty("partner", f"{row.id}-{begins:%Y%m}-{times}"),
        kind=JournalKind.PARTNER_SHARED,
        at=clock.now(),
        entries=books.share_with_partner(row.partner_id, moved),
        sale_on=sale_on,
    )
