"""The books' part of the night; each duty first hears every event that is settled."""

from __future__ import annotations

import logging
import time
from datetime import date, timedelta

from django.db import connection
from procrastinate.contrib.django import app

from lintuan.kernel.callers import SYSTEM
from lintuan.kernel.delivery import deliver
from lintuan.kernel.duties import chore, duty
from lintuan.kernel.errors import Refusal
from lintuan.kernel.events import CONSUMERS
from lintuan.kernel.models import Checkpoint
from lintuan.payments import commands as payments_commands
from lintuan.payments import queries as payments
from lintuan.payments.types import Provider
from lintuan.provinces.queries import provinces

from . import commands
from .commands.runs import EXECUTE
from .engine.paying import RunKind, RunState
from .errors import BooksBehind
from .handlers import BOOKS
from .models import PayRun

log = logging.getLogger(__name__)

#: Real seconds.
LONGEST_WAIT = 20.0
PAUSE = 0.02


@duty("settlement.book_commission", step="books", rank=0)
def book_commission(province_id: int, sale_on: date) -> str:
    read_up()
    booked = commands.book_commission(SYSTEM, province_id=province_id, sale_on=sale_on)
    return f"commission of {booked.orders} orders, {booked.amount}; {booked.held_back} held back"


@duty("settlement.book_goods", step="books", rank=1)
def book_goods(province_id: int, sale_on: date) -> str:
    read_up()
    return f"goods of {commands.book_goods(SYSTEM, province_id=province_id, sale_on=sale_on)}"


@duty("settlement.charge_funders", step="books", rank=2)
def charge_funders(province_id: int, sale_on: date) -> str:
    read_up()
    charged = commands.charge_funders(SYSTEM, province_id=province_id, sale_on=sale_on)
    return (
        f"{charged.orders} orders, {charged.leaders} by leaders, {charged.suppliers} by suppliers;"
        f" {charged.held_back} held back"
    )


@duty("settlement.grade_leaders", step="books", rank=3)
def grade_leaders(province_id: int, sale_on: date) -> str:
    graded = commands.grade_leaders(SYSTEM, province_id=province_id, sale_on=sale_on)
    return f"{graded.leaders} leaders counted, {graded.changed} at another level"


@duty("settlement.settle_partners", step="books", rank=4)
def settle_partners(province_id: int, sale_on: date) -> str:
    read_up()
    settled = commands.settle_partners(SYSTEM, province_id=province_id, sale_on=sale_on)
    return f"{settled.days} days of contracts counted, {settled.amount} more to partners"


@duty("settlement.make_statements", step="statements")
def make_statements(province_id: int, sale_on: date) -> str:
    read_up()
    return f"{commands.make_statements(SYSTEM, province_id=province_id, sale_on=sale_on)} statements"


@duty("settlement.make_leader_statements", step="statements", rank=1)
def make_leader_statements(province_id: int, sale_on: date) -> str:
    read_up()
    return f"{commands.make_leader_statements(SYSTEM, province_id=province_id, sale_on=sale_on)} statements"


@duty("settlement.reconcile", step="reconcile")
def reconcile(province_id: int, sale_on: date) -> str:
    read_up()
    result = commands.reconcile(SYSTEM, province_id=province_id, sale_on=sale_on)
    return f"{result.orders} orders compared, {result.cases} cases"


@duty("settlement.close_books", step="reconcile", rank=1)
def close_books(province_id: int, sale_on: date) -> str:
    read_up()
    return f"{commands.close_books(SYSTEM, province_id=province_id, sale_on=sale_on)} journals in the books"


@duty("settlement.compare_bills", step="reconcile", rank=2)
def compare_bills(province_id: int, sale_on: date) -> str:
    # A channel that is silent holds up no night: the chore below asks again.
    troubles = [trouble for provider in payments.billers() for trouble in _read_bills(provider)]
    read_up()
    notes = [
        f"{provider} {day}: {_compare(province_id, provider, day)} cases"
        for provider in payments.billers()
        for day in commands.days_to_compare(province_id, provider)
    ]
    return "; ".join([*notes, *troubles]) or f"nothing new up to {sale_on}"


@chore("settlement.read_bills", every=timedelta(minutes=30))
def read_bills() -> int:
    """Fetch the bills that have come, and compare them in every province."""
    compared = 0
    for provider in payments.billers():
        _read_bills(provider)
        for view in provinces():
            for day in commands.days_to_compare(view.id, provider):
                _compare(view.id, provider, day)
                compared += 1
    return compared


def _compare(province_id: int, provider: Provider, on_day: date) -> int:
    return commands.compare_bill(SYSTEM, province_id=province_id, provider=provider, on_day=on_day)


def _read_bills(provider: Provider) -> list[str]:
    """Read what there is; what could not be read, in words."""
    try:
        payments_commands.read_bills(provider)
    except Refusal as refusal:
        log.warning("bills of %s: %s", provider, refusal.message("en"))
        return [refusal.message("en")]
    return []


@app.task(name=EXECUTE)
def execute_run(province_id: int, run_id: int) -> None:
    """Pay an approved run to its end; a second job beside it finds nothing left."""
    while commands.execute_run(SYSTEM, province_id=province_id, run_id=run_id):
        pass


@chore("settlement.resume_runs", every=timedelta(minutes=10))
def resume_runs() -> int:
    """Go on with approved runs whose job was lost."""
    resumed = 0
    for view in provinces():
        rows = PayRun.objects.filter(province_id=view.id, kind=RunKind.LEADERS, state=RunState.APPROVED)
        for run_id in rows.values_list("id", flat=True):
            execute_run(view.id, run_id)
            resumed += 1
    return resumed


def read_up() -> None:
    """Post all that was committed before, and let no worker post more until this transaction ends.

    Duties may follow each other within a second, and what the last one announced belongs to the day.
    """
    _wait_for_older_transactions()
    Checkpoint.objects.select_for_update().filter(consumer=BOOKS).first()
    books = CONSUMERS[BOOKS]
    while deliver(books) >= books.batch:
        pass


def _wait_for_older_transactions() -> None:
    """The log is read up to the oldest transaction still running; BooksBehind where that takes too long."""
    until = time.monotonic() + LONGEST_WAIT
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT coalesce(pg_current_xact_id_if_assigned(), pg_snapshot_xmax(pg_current_snapshot()))::text"
        )
        (reach,) = cursor.fetchone()
        while time.monotonic() < until:
            cursor.execute("SELECT pg_snapshot_xmin(pg_current_snapshot()) >= %s::xid8", [reach])
            if cursor.fetchone()[0]:
                return
            time.sleep(PAUSE)
    raise BooksBehind
