"""Everything that speaks to the gateway on its own: jobs deferred by commands, and chores for what stays silent."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from enum import Enum
from functools import partial
from typing import TypeVar

from django.db import OperationalError
from django.db.models import F, Q
from django.db.models.functions import Coalesce
from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from lintuan.kernel import clock
from lintuan.kernel.callers import SYSTEM, Caller, Kind
from lintuan.kernel.commands import command
from lintuan.kernel.duties import chore
from lintuan.kernel.errors import Refusal
from lintuan.provinces.queries import provinces

from . import rules
from .commands.later import CLOSE_AT_GATEWAY, SEND_REFUNDS, close_again_later, send_refunds_later
from .commands.notices import ask_for_payment, move_refund, settle_refund
from .gateways import gateway, notify_url
from .gateways.faults import GatewayFault, GatewayRefused, GatewayUnreachable
from .gateways.notices import Refund as ToldRefund
from .gateways.notices import RefundRequest
from .models import Attempt, Refund
from .types import AttemptState, Provider, RefundState

log = logging.getLogger(__name__)

Row = TypeVar("Row", Attempt, Refund)

#: The gateway is asked one by one, so many at a time; a run of a chore goes on until it has been at it for so long.
MOST_ASKED = 50
LONGEST_RUN = 20.0
SILENCE = (timedelta(minutes=5), timedelta(seconds=15))
LOST = (timedelta(hours=3), timedelta(hours=3))
BEFORE_EXPIRY = timedelta(minutes=2)
#: Real seconds until an order that a gateway did not close is looked at again: phones keep pages and codes so long.
LOOK_AGAIN = (30, 2 * 60, 10 * 60, 3600, 6 * 3600, 24 * 3600)


class Closing(Enum):
    """Whether a gateway will never take money for an order again."""

    DONE = "done"
    SILENT = "silent"
    REFUSED = "refused"


class AskAgain(Exception):
    """The gateway did not answer for all; the queue tries again after a growing pause."""


RETRY = RetryStrategy(max_attempts=rules.MOST_TRIES, exponential_wait=2, retry_exceptions=[AskAgain, OperationalError])


@app.task(name=SEND_REFUNDS, retry=RETRY)
def send_refunds(province_id: int, ids: list[int]) -> None:
    """Ask the gateway to pay back; those that it takes or refuses are not asked again."""
    asked = Refund.objects.filter(province_id=province_id, id__in=ids, state=RefundState.ASKED)
    rows = asked.select_related("charge", "attempt")
    waiting = [row.id for row in rows.order_by("id") if not _send(row)]
    if waiting:
        raise AskAgain(f"{len(waiting)} refunds wait")


@app.task(name=CLOSE_AT_GATEWAY, retry=RETRY)
def close_at_gateway(province_id: int, ids: list[int], times: int = 0) -> None:
    """Make what is closed of these charges unpayable at the gateways too; what was paid before counts as paid late.

    What a gateway did not close, as nobody has opened the page there yet, may still be paid: it is looked at again.
    """
    rows = Attempt.objects.filter(province_id=province_id, charge_id__in=ids, state=AttemptState.CLOSED)
    ends = [(row, _close(row)) for row in rows.order_by("id")]
    if waiting := sum(end is Closing.SILENT for _, end in ends):
        raise AskAgain(f"{waiting} attempts wait")
    payable = sorted({row.charge_id for row, end in ends if end is Closing.REFUSED})
    if payable and times < len(LOOK_AGAIN):
        close_again_later(province_id, payable, times=times + 1, seconds=LOOK_AGAIN[times])


@chore("payments.query_silent_charges", every=timedelta(minutes=5))
def query_silent_charges() -> int:
    """Ask about open attempts whose callback does not come, and about those that will soon expire."""
    now = clock.now()
    return sum(_ask_all(partial(_silent_attempts, view.id, now), _ask_for_attempt) for view in provinces())


@chore("payments.query_silent_refunds", every=timedelta(minutes=30))
def query_silent_refunds() -> int:
    """Ask about refunds that the gateway took and never told of, and send those again whose job was lost."""
    now, dealt_with = clock.now(), 0
    for view in provinces():
        dealt_with += _ask_all(partial(_silent_refunds, view.id, now), _ask_for_refund)
        dealt_with += _send_lost(view.id, now)
    return dealt_with


def _send(row: Refund) -> bool:
    """Whether the gateway took or refused the refund for good; False when to ask again."""
    provider = Provider(row.attempt.provider)
    request = RefundRequest(
        out_trade_no=row.attempt.number,
        out_refund_no=row.number,
        refund_fen=row.amount.fen,
        paid_fen=row.charge.amount.fen,
        notify_url=notify_url(provider),
    )
    try:
        told = gateway(provider).refund(request)
    except GatewayUnreachable as silent:
        return _count_failure(SYSTEM, refund=row, reason=str(silent), most=rules.MOST_TRIES)
    except GatewayRefused as refusal:
        most = rules.MOST_TRIES if refusal.code in rules.PASSING_TROUBLES else 1
        return _count_failure(SYSTEM, refund=row, reason=str(refusal), most=most)
    return _settle(row, told)


def _settle(row: Refund, told: ToldRefund) -> bool:
    """Take the gateway's answer; one that makes no sense is for a person to look at, and holds up no other refund."""
    try:
        settle_refund(SYSTEM, provider=Provider(row.attempt.provider), told=told)
    except Refusal as wrong:
        return _count_failure(SYSTEM, refund=row, reason=wrong.message("en"), most=1)
    return True


@command
def _count_failure(caller: Caller, *, refund: Refund, reason: str, most: int) -> bool:
    """Note why a refund was not taken; whether it has now failed for good and waits for a person."""
    caller.require_kind(Kind.SYSTEM)
    rows = Refund.objects.select_related("charge").select_for_update(of=("self",))
    row = rows.get(province_id=refund.province_id, id=refund.id)
    if row.state != RefundState.ASKED:
        return True
    row.tries, row.reason, row.tried_at = row.tries + 1, reason[:200], clock.now()
    row.save(update_fields=["tries", "reason", "tried_at"])
    if row.tries < most:
        return False
    log.error("refund %s of province %d failed: %s", row.number, row.province_id, reason)
    return move_refund(row, RefundState.FAILED, reason=reason)


def _close(row: Attempt) -> Closing:
    provider = Provider(row.provider)
    try:
        gateway(provider).close(row.number)
    except GatewayUnreachable:
        return Closing.SILENT
    except GatewayRefused as refusal:
        if refusal.code == "ORDERPAID":
            return Closing.DONE if _ask_about([row], _ask_for_attempt) else Closing.SILENT
        log.info("the gateway did not close %s: %s", row.number, refusal)
        return Closing.REFUSED
    return Closing.DONE


def _ask_for_refund(row: Refund) -> bool:
    provider = Provider(row.attempt.provider)
    told = gateway(provider).query_refund(row.number, row.attempt.number)
    return settle_refund(SYSTEM, provider=provider, told=told)


def _ask_for_attempt(row: Attempt) -> bool:
    return ask_for_payment(Provider(row.provider), row.number)


def _ask_all(take: Callable[[], Sequence[Row]], ask: Callable[[Row], bool]) -> int:
    """Batch after batch, until there is none or the time is over."""
    asked, until = 0, time.monotonic() + LONGEST_RUN
    while True:
        rows = take()
        asked += _ask_about(rows, ask)
        if len(rows) < MOST_ASKED or time.monotonic() > until:
            return asked


def _ask_about(rows: Iterable[Row], ask: Callable[[Row], bool]) -> int:
    """Ask one by one; one that cannot be asked or makes no sense does not hold up the others."""
    asked = 0
    for row in rows:
        try:
            ask(row)
            asked += 1
        except (GatewayFault, Refusal) as wrong:
            log.warning("asking the gateway about %s: %s", row.number, wrong)
    return asked


def _silent_attempts(province_id: int, now: datetime) -> Sequence[Attempt]:
    quiet_since = now - _wait(SILENCE)
    is_silent = Q(prepaid_at__lt=quiet_since) & (Q(queried_at=None) | Q(queried_at__lt=quiet_since))
    is_expiring = Q(charge__expires_at__lte=now + BEFORE_EXPIRY) & (
        Q(queried_at=None) | Q(queried_at__lt=F("charge__expires_at") - BEFORE_EXPIRY)
    )
    waiting = Attempt.objects.filter(province_id=province_id, state=AttemptState.OPEN)
    # The least lately asked first: those who walked away would otherwise come before whoever paid after them.
    turn = F("queried_at").asc(nulls_first=True)
    rows = list(waiting.filter(is_silent | is_expiring).order_by(turn, "prepaid_at")[:MOST_ASKED])
    Attempt.objects.filter(province_id=province_id, id__in=[row.id for row in rows]).update(queried_at=now)
    return rows


def _silent_refunds(province_id: int, now: datetime) -> Sequence[Refund]:
    sent = Refund.objects.filter(province_id=province_id, state=RefundState.SENT, tried_at__lt=now - _wait(SILENCE))
    rows = list(sent.select_related("attempt").order_by("tried_at")[:MOST_ASKED])
    Refund.objects.filter(province_id=province_id, id__in=[row.id for row in rows]).update(tried_at=now)
    return rows


def _send_lost(province_id: int, now: datetime) -> int:
    lost = Refund.objects.filter(province_id=province_id, state=RefundState.ASKED).annotate(
        last=Coalesce("tried_at", "asked_at")
    )
    ids = list(lost.filter(last__lt=now - _wait(LOST)).order_by("last").values_list("id", flat=True)[:MOST_ASKED])
    Refund.objects.filter(province_id=province_id, id__in=ids).update(tried_at=now)
    send_refunds_later(province_id, ids)
    return len(ids)


def _wait(lengths: tuple[timedelta, timedelta]) -> timedelta:
    business, real = lengths
    return rules.silence(business, real=real, rate=clock.rate())
