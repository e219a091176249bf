"""Members' balances: what the books hold for a member on account 2005, and who takes of it."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import connection
from django.db.models import Q, QuerySet

from lintuan.kernel.callers import Caller, Kind
from lintuan.kernel.money import ZERO, Money, total
from lintuan.payments import queries as payments
from lintuan.payments.types import LEAST_PAYOUT, NAME_FROM

from .engine import accounts
from .engine.books import Entry
from .engine.paying import BALANCE, BalanceLine, BalanceView, BalanceWithdrawalView, WithdrawalState
from .errors import NotCovered
from .models import Transfer
from .paying_models import BalanceWithdrawal

MOST_LINES = 100
_ACCOUNT = int(accounts.MEMBERS_BALANCES)


def balance(caller: Caller) -> BalanceView:
    """The calling member's balance, what it came from and where it went, the newest first."""
    caller.require_kind(Kind.MEMBER)
    province_id, member_id = caller.province_id, caller.id
    newest = BalanceWithdrawal.objects.filter(province_id=province_id, member_id=member_id).order_by("-id").first()
    return BalanceView(
        amount=held(province_id, member_id),
        least=LEAST_PAYOUT,
        name_from=NAME_FROM,
        lines=lines(province_id, member_id)[:MOST_LINES],
        newest=_view(newest) if newest else None,
    )


def held(province_id: int, member_id: int) -> Money:
    """What the books owe a member beside orders."""
    return total(line.amount for line in lines(province_id, member_id))


def lines(province_id: int, member_id: int) -> tuple[BalanceLine, ...]:
    """Every posting on a member's balance, in the member's favour where positive, the newest first."""
    return tuple(
        BalanceLine(row.at, row.kind, row.order_id, row.amount if row.credit == _ACCOUNT else -row.amount)
        for row in _postings(province_id, member_id).order_by("-id")
    )


def hold(province_id: int, member_id: int) -> None:
    """Let nobody else take of a member's balance until this transaction ends."""
    with connection.cursor() as cursor:
        name = f"settlement.balance:{province_id}:{member_id}"
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [name])


def require_covered(province_id: int, entries: Iterable[Entry]) -> None:
    """Refuse to take more of members' balances than they hold; they are held until this transaction ends."""
    taken: dict[int, Money] = {}
    for entry in entries:
        main, owner = accounts.numbers(entry.account)
        if main == _ACCOUNT:
            taken[owner] = taken.get(owner, ZERO) + entry.amount
    for member_id, amount in sorted(taken.items()):
        hold(province_id, member_id)
        if amount > ZERO and amount > (free := held(province_id, member_id)):
            raise NotCovered(free=str(free))


def _postings(province_id: int, member_id: int) -> QuerySet[Transfer]:
    in_favour = Q(credit=_ACCOUNT, credit_of=member_id)
    return Transfer.objects.filter(province_id=province_id).filter(in_favour | Q(debit=_ACCOUNT, debit_of=member_id))


def _view(row: BalanceWithdrawal) -> BalanceWithdrawalView:
    found = payments.payouts_of(row.province_id, BALANCE, [row.id])[row.id]
    return BalanceWithdrawalView(
        id=row.id,
        province_id=row.province_id,
        amount=row.amount,
        state=WithdrawalState(row.state),
        asked_at=row.asked_at,
        ended_at=row.ended_at,
        payout=found[-1] if found else None,
    )
