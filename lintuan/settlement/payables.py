"""What leaders, suppliers and partners may be paid: the books, less what is not settled, contested or asked for."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import msgspec
from django.db.models import Max, Q, Sum

from lintuan.fulfilment import queries as fulfilment
from lintuan.kernel import clock
from lintuan.kernel.money import ZERO, Money
from lintuan.provinces.queries import province

from . import balances
from .engine import accounts
from .engine.partners import is_final
from .engine.paying import Position, WithdrawalState
from .engine.withholding import Payable, Payment, Tariff, Terms, before, in_force, withhold
from .models import Commission, LeaderLine, PaidStatement, Payee, Statement, Withdrawal
from .partner_models import Contract, ContractDay, ContractMonth, Partner
from .types import CommissionState

DATA = Path(__file__).parent / "data" / "withdrawals.toml"


class _Data(msgspec.Struct, forbid_unknown_fields=True):
    terms: tuple[Terms, ...]
    withholding: tuple[Tariff, ...]


@cache
def _data() -> _Data:
    return msgspec.toml.decode(DATA.read_bytes(), type=_Data)


def terms(province_id: int) -> Terms:
    """The terms of withdrawals today."""
    return in_force(_data().terms, today(province_id))


def today(province_id: int) -> date:
    return clock.today(province(province_id).zone)


def month(province_id: int) -> date:
    """The first day of the month it is there."""
    return today(province_id).replace(day=1)


def of_leaders(province_id: int, leader_ids: Collection[int]) -> dict[int, Payable]:
    """What each of these leaders may withdraw."""
    held = balances.of_owners(province_id, accounts.LEADERS_PAYABLE, leader_ids)
    unstated = _unstated(province_id, leader_ids)
    contested = _contested(province_id, leader_ids)
    asked = _asked(province_id, leader_ids)
    return {
        leader_id: Payable(
            owed=-held.get(leader_id, ZERO),
            unstated=unstated.get(leader_id, ZERO),
            contested=contested.get(leader_id, ZERO),
            asked=asked.get(leader_id, ZERO),
        )
        for leader_id in leader_ids
    }


def frozen(province_id: int, leader_ids: Collection[int]) -> dict[int, str]:
    """Why withdrawals of leaders are frozen; those that are not are left out."""
    rows = Payee.objects.filter(province_id=province_id, leader_id__in=leader_ids).exclude(frozen="")
    return dict(rows.values_list("leader_id", "frozen"))


def taxes(province_id: int, of_month: date, amounts: Mapping[int, Money]) -> dict[int, Money]:
    """What to keep of a payment to each leader, who get no other at the same time."""
    tariff = in_force(_data().withholding, of_month)
    rows = Payee.objects.filter(province_id=province_id, leader_id__in=amounts.keys(), is_business=True)
    businesses = set(rows.values_list("leader_id", flat=True))
    paid = _paid_in_year(province_id, of_month, amounts.keys())
    return {
        leader_id: ZERO
        if leader_id in businesses
        else withhold(tariff, amount, before(tariff, of_month, paid[leader_id]))
        for leader_id, amount in amounts.items()
    }


@dataclass(frozen=True, slots=True)
class Due:
    """What a supplier gets for its statements that nobody has paid, and what the books owe it."""

    supplier_id: int
    statement_ids: tuple[int, ...]
    stated: Money
    owed: Money


def of_suppliers(province_id: int) -> list[Due]:
    """Every supplier with statements that no run has, by id; a negative statement stands against the others."""
    open_ones: dict[int, list[Statement]] = defaultdict(list)
    paid = PaidStatement.objects.filter(province_id=province_id).values("statement_id")
    rows = Statement.objects.filter(province_id=province_id)
    for row in rows.filter(~Q(id__in=paid)).order_by("supplier_id", "id"):
        open_ones[row.supplier_id].append(row)
    held = balances.of_owners(province_id, accounts.SUPPLIERS, open_ones.keys())
    return [
        Due(
            supplier_id,
            tuple(row.id for row in found),
            Money(sum((row.goods - row.deductions - row.subsidies).fen for row in found)),
            -held.get(supplier_id, ZERO),
        )
        for supplier_id, found in open_ones.items()
    ]


@dataclass(frozen=True, slots=True)
class PartnerDue:
    """What the books owe a traffic partner, and `due` what of it is for months that are settled for good; a later
    correction of these is in both.
    """

    partner_id: int
    due: Money
    owed: Money


def of_partners(province_id: int) -> list[PartnerDue]:
    """Every partner with whom the books are not even, by id."""
    ids = list(Partner.objects.filter(province_id=province_id).order_by("id").values_list("id", flat=True))
    held = balances.of_owners(province_id, accounts.PARTNERS, ids)
    unsettled = _unsettled(province_id)
    return [
        PartnerDue(partner_id, due=-held[partner_id] - unsettled[partner_id], owed=-held[partner_id])
        for partner_id in ids
        if held.get(partner_id)
    ]


def _unsettled(province_id: int) -> defaultdict[int, Money]:
    """What partners have of months that run, or of which days are still to be counted."""
    day = today(province_id)
    rows = Contract.objects.filter(province_id=province_id, signed_at__isnull=False)
    signed = {row.id: row for row in rows}
    days = ContractDay.objects.filter(province_id=province_id).values("contract_id").annotate(upto=Max("sale_on"))
    counted: dict[int, Any] = dict(days.values_list("contract_id", "upto"))
    found: defaultdict[int, Money] = defaultdict(lambda: ZERO)
    for month_ in ContractMonth.objects.filter(province_id=province_id):
        row = signed[month_.contract_id]
        if not is_final(month_.begins, row.until_on, counted[row.id], day):
            found[row.partner_id] += month_.share
    return found


def _unstated(province_id: int, leader_ids: Iterable[int]) -> dict[int, Money]:
    """What waits for a statement in a leader's favour; what waits against it counts at once."""
    rows = LeaderLine.objects.filter(province_id=province_id, leader_id__in=leader_ids, statement=None, amount__gt=0)
    return dict(rows.values("leader_id").annotate(sum=Sum("amount")).values_list("leader_id", "sum"))


def _contested(province_id: int, leader_ids: Iterable[int]) -> dict[int, Money]:
    """Booked commission of orders of which a claim is open."""
    rows = Commission.objects.filter(
        province_id=province_id,
        order_id__in=fulfilment.contested_orders(province_id),
        leader_id__in=leader_ids,
        state=CommissionState.BOOKED.value,
    )
    return dict(rows.values("leader_id").annotate(sum=Sum("amount")).values_list("leader_id", "sum"))


def _asked(province_id: int, leader_ids: Iterable[int]) -> dict[int, Money]:
    """Open withdrawals that the books do not show: they wait, or failed and may be tried again."""
    rows = Withdrawal.objects.filter(
        province_id=province_id,
        leader_id__in=leader_ids,
        state__in=[WithdrawalState.ASKED, WithdrawalState.FAILED],
        booked=Position.NONE,
    )
    return dict(rows.values_list("leader_id", "amount"))


def _paid_in_year(province_id: int, upto: date, leader_ids: Iterable[int]) -> defaultdict[int, list[Payment]]:
    """What left for leaders in the calendar year up to a month, and what was kept, by month; what came back is not."""
    rows = Withdrawal.objects.filter(
        province_id=province_id,
        leader_id__in=leader_ids,
        month__range=(upto.replace(month=1), upto),
        booked__in=[Position.OUT, Position.PAID],
    )
    found: defaultdict[int, list[Payment]] = defaultdict(list)
    sums = rows.values("leader_id", "month").annotate(paid=Sum("amount"), kept=Sum("tax"))
    for leader_id, month_, paid, kept in sums.values_list("leader_id", "month", "paid", "kept"):
        if month_:  # always, within a range
            found[leader_id].append(Payment(month_, paid, kept))
    return found
