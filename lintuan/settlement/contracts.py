"""Contracts with traffic partners as they are kept."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date

from django.db.models import Q

from lintuan.kernel.errors import NotFound
from lintuan.kernel.money import Money
from lintuan.leaders.queries import kept

from .engine.partners import Step, Terms
from .engine.shares import Deal
from .models import Closing
from .partner_models import Contract
from .types import ContractView


def terms(row: Contract) -> Terms:
    """What is agreed, as the rules see it."""
    return Terms(tuple(Step(Money(since), bps) for since, bps in zip(row.since, row.bps, strict=True)), row.cap)


def view(row: Contract) -> ContractView:
    return ContractView(
        id=row.id,
        province_id=row.province_id,
        partner_id=row.partner_id,
        partner=row.partner.name,
        point_ids=tuple(row.point_ids),
        terms=terms(row),
        from_on=row.from_on,
        until_on=row.until_on,
        drafted_at=row.drafted_at,
        drafted_by=row.drafted_by,
        signed_at=row.signed_at,
        signed_by=row.signed_by,
    )


def contract(province_id: int, contract_id: int) -> Contract:
    """NotFound for none of the province."""
    row = Contract.objects.select_related("partner").filter(province_id=province_id, id=contract_id).first()
    if row is None:
        raise NotFound(thing="contract")
    return row


def signed(province_id: int) -> list[Contract]:
    """What holds, held or will, the earliest first."""
    rows = Contract.objects.filter(province_id=province_id, signed_at__isnull=False)
    return list(rows.select_related("partner").order_by("from_on", "id"))


def clashing(row: Contract) -> Contract | None:
    """A signed contract that has some of the same points on some of the same days."""
    others = Contract.objects.filter(province_id=row.province_id, signed_at__isnull=False)
    others = others.filter(point_ids__overlap=row.point_ids).filter(Q(until_on=None) | Q(until_on__gte=row.from_on))
    if row.until_on is not None:
        others = others.filter(from_on__lte=row.until_on)
    return others.select_related("partner").exclude(id=row.id).order_by("id").first()


def deals(province_id: int, rows: Iterable[Contract]) -> list[Deal]:
    """What partners may have at most, and where."""
    return [
        Deal(district, terms(row).most_bps, row.from_on, row.until_on)
        for row in rows
        for district in sorted({one.district_code for one in kept(province_id, row.point_ids).values()})
    ]


def days_closed(province_id: int, since: date) -> Sequence[date]:
    """The sale days from one on whose books were closed."""
    rows = Closing.objects.filter(province_id=province_id, sale_on__gte=since).order_by("sale_on")
    return list(rows.values_list("sale_on", flat=True))
