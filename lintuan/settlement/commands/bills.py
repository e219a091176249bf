"""A channel's bills beside charges and books: fees and withdrawals are posted, differences become cases."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django.db import connection
from django.db.models import Max

from lintuan.kernel import clock
from lintuan.kernel.callers import Caller, Kind
from lintuan.kernel.commands import command
from lintuan.kernel.money import ZERO, Money
from lintuan.payments import queries as payments
from lintuan.payments.types import BillDayView, BillTotals, Difference, Provider
from lintuan.provinces.queries import province
from lintuan.settlement import files, ledger
from lintuan.settlement.engine import accounts, books
from lintuan.settlement.engine.books import Kind as JournalKind
from lintuan.settlement.engine.causes import OF_REFUNDS
from lintuan.settlement.files import Found
from lintuan.settlement.models import BillRun, CaseFile
from lintuan.settlement.types import FileState

#: Days with open cases are compared again so long.
DAYS_BACK = 31

_LOCK = "SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))"
#: What is above the newest closing before the window: all that the window can hold, in any order it was heard.
_BOOKED = """
SELECT coalesce(sum(CASE WHEN debit = %(account)s THEN amount ELSE -amount END), 0)::bigint FROM settlement_transfer
WHERE province_id = %(province)s AND id > (
    SELECT coalesce(max(upto), 0) FROM settlement_closing WHERE province_id = %(province)s AND at <= %(from)s
) AND (debit = %(account)s OR credit = %(account)s) AND kind IN ('charge_paid', 'charge_paid_late', 'refund_done')
    AND at > %(from)s AND at <= %(to)s
"""
_LONG_AGO = datetime.fromisoformat("1970-01-01T00:00+00:00")


@command
def compare_bill(caller: Caller, *, province_id: int, provider: Provider, on_day: date) -> int:
    """Compare a bill day that was read with charges and books, post its fees; answers how many cases are not closed."""
    caller.require_kind(Kind.SYSTEM)
    (day,) = payments.bill_days(provider, [on_day])
    with connection.cursor() as cursor:
        cursor.execute(_LOCK, [f"settlement.bills:{province_id}:{provider}:{on_day}"])
    now, totals = clock.now(), payments.bill_totals(province_id, day)
    _post(province_id, day, totals, now)
    bps = getattr(province(province_id).terms, f"{provider}_fee_bps")
    found = [_found(one) for one in payments.differences(province_id, day, bps=bps)]
    cases = files.note(province_id, files.of_bill(provider, on_day), on_day, found, now)
    _keep(province_id, day, totals, now, cases)
    return cases


def days_to_compare(province_id: int, provider: Provider) -> list[date]:
    """Days that were read since they were last compared, and those of which cases are not closed."""
    days = payments.bill_days(provider)[-DAYS_BACK:]
    runs = BillRun.objects.filter(province_id=province_id, provider=provider, on_day__in=[day.on_day for day in days])
    compared = dict(runs.values("on_day").annotate(read=Max("read_at")).values_list("on_day", "read"))
    waiting = CaseFile.objects.filter(province_id=province_id, scope__startswith=f"bill:{provider}:").exclude(
        state=FileState.CLOSED.value
    )
    unsolved = set(waiting.values_list("on_day", flat=True))
    return [day.on_day for day in days if day.on_day in unsolved or compared.get(day.on_day) != day.read_at]


def _found(one: Difference) -> Found:
    number = one.refund_number if one.kind in OF_REFUNDS else one.number
    return Found(one.kind.value, one.thing, number, one.subject_id, one.ours, one.theirs)


def _post(province_id: int, day: BillDayView, totals: BillTotals, now: datetime) -> None:
    """Post what was not yet posted of the day: a day that is read again has at most a little more."""
    runs = BillRun.objects.filter(province_id=province_id, provider=day.provider, on_day=day.on_day)
    last, times = runs.order_by("-id").first(), runs.count()
    fees = totals.fees - (last.fees if last else ZERO)
    withdrawn = totals.withdrawn - (last.withdrawn if last else ZERO)
    gateway = accounts.OF_PROVIDER[day.provider]
    about = f"{day.provider}:{day.on_day}"
    ledger.write(
        province_id,
        [
            ledger.Draft(source=f"{kind.value}:{about}:{times}", kind=kind, at=now, entries=entries, memo=about)
            for kind, entries in (
                (JournalKind.GATEWAY_FEE, books.keep_fees(gateway, fees)),
                (JournalKind.GATEWAY_WITHDRAWN, books.withdraw(gateway, withdrawn)),
            )
        ],
    )


def _keep(province_id: int, day: BillDayView, totals: BillTotals, now: datetime, cases: int) -> None:
    BillRun(
        province_id=province_id,
        provider=day.provider,
        on_day=day.on_day,
        at=now,
        read_at=day.read_at,
        payments=totals.payments,
        paid=totals.paid,
        refunds=totals.refunds,
        back=totals.back,
        our_payments=totals.our_payments,
        our_paid=totals.our_paid,
        our_refunds=totals.our_refunds,
        our_back=totals.our_back,
        booked=_booked(province_id, day),
        fees=totals.fees,
        withdrawn=totals.withdrawn,
        cases=cases,
    ).save()


def _booked(province_id: int, day: BillDayView) -> Money:
    about: dict[str, Any] = {
        "province": province_id, "account": int(accounts.OF_PROVIDER[day.provider]),
        "from": day.covers_from or _LONG_AGO, "to": day.covers_until,
    }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(_BOOKED, about)
        return Money(cursor.fetchone()[0])
