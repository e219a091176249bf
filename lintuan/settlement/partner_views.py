"""Contracts with traffic partners as those they concern may see them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from lintuan.kernel import clock
from lintuan.kernel.callers import Caller
from lintuan.provinces.queries import province

from . import contracts, partner_sums
from .engine import partners
from .engine.partners import Month
from .partner_models import Contract, ContractMonth
from .types import MAY_EDIT, ContractView, Simulated

#: Whole months before this one that a contract is tried on.
MONTHS_BACK = 2


def partner_contracts(caller: Caller, *, province_id: int) -> Sequence[ContractView]:
    """Drafts and all that was ever signed, the newest first."""
    caller.require(MAY_EDIT, province_id)
    rows = Contract.objects.filter(province_id=province_id).select_related("partner").order_by("-from_on", "-id")
    return [contracts.view(row) for row in rows]


def partner_contract(caller: Caller, *, province_id: int, contract_id: int) -> ContractView:
    caller.require(MAY_EDIT, province_id)
    return contracts.view(contracts.contract(province_id, contract_id))


def settled_months(caller: Caller, *, province_id: int, contract_id: int) -> Sequence[Month]:
    """What the nights posted of a contract, the latest month first."""
    caller.require(MAY_EDIT, province_id)
    rows = ContractMonth.objects.filter(province_id=province_id, contract_id=contract_id).order_by("-begins")
    return [Month(row.begins, row.days, row.sales, row.margin, row.bps, row.share, row.is_capped) for row in rows]


def simulate(caller: Caller, *, province_id: int, contract_id: int) -> Simulated:
    """What a contract would have come to by the orders of its points: of this month and the two before it, on all
    sale days whose books are closed. Nothing is kept.
    """
    caller.require(MAY_EDIT, province_id)
    row = contracts.contract(province_id, contract_id)
    since = _months_before(clock.today(province(province_id).zone))
    days = contracts.days_closed(province_id, since)
    found = partner_sums.of_days(province_id, row.point_ids, days) if days else []
    return Simulated(since, days[-1] if days else since, tuple(partners.months(found, contracts.terms(row))))


def _months_before(today: date) -> date:
    begins = partners.month_of(today)
    for _ in range(MONTHS_BACK):
        begins = partners.month_of(begins - timedelta(days=1))
    return begins
