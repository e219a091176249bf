"""Payouts and news of goods on their way outside: sent by jobs, and asked about by chores where all is silent."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta, timezone

from django.db.models import Q, QuerySet
from django.db.models.functions import Coalesce
from procrastinate.contrib.django import app

from lintuan.kernel import clock
from lintuan.kernel.callers import SYSTEM, Caller, Kind
from lintuan.kernel.commands import command
from lintuan.kernel.duties import chore
from lintuan.kernel.errors import Refusal
from lintuan.provinces.queries import provinces

from . import rules
from .commands.later import (
    CANCEL_PAYOUTS,
    SEND_PAYOUTS,
    TELL_SHIPPED,
    cancel_payouts_later,
    send_payouts_later,
    tell_shipped_later,
)
from .commands.payouts import call_off_payout, fail_payout, settle_payout
from .commands.shipping import begin_telling, note_told, note_trouble
from .gateways import gateway, notify_url, real_time
from .gateways.faults import GatewayFault, GatewayRefused, GatewayUnreachable
from .gateways.open_platform import Delivery, OpenPlatform
from .gateways.outgoing import merchant_id, open_platform, transfers
from .gateways.transfers import Transfer, TransferRequest, TransferState
from .jobs import LOST, MOST_ASKED, RETRY, AskAgain
from .models import Attempt, Payout, ShippingNote
from .types import AttemptState, Payee, PayoutState, Provider, ShippingState

log = logging.getLogger(__name__)

#: A payee has a day to confirm, and the callback tells at once.
SILENCE = (timedelta(minutes=30), timedelta(seconds=30))
#: A request that we began may be on its way so long, and so long an unknown number proves nothing.
ON_ITS_WAY = (timedelta(minutes=2), timedelta(minutes=2))
BEIJING = timezone(timedelta(hours=8))

#: The gateway has it already, under our number and with another content, or forgot that it answered.
ASK_FIRST = frozenset({"ALREADY_EXISTS"})


@app.task(name=SEND_PAYOUTS, retry=RETRY)
def send_payouts(province_id: int, ids: list[int]) -> None:
    """Ask the gateway to pay; where it was asked before and was silent, it is asked first what became of that."""
    waiting = [payout_id for payout_id in ids if not _send(province_id, payout_id)]
    if waiting:
        raise AskAgain(f"{len(waiting)} payouts wait")


@app.task(name=CANCEL_PAYOUTS, retry=RETRY)
def cancel_payouts(province_id: int, ids: list[int]) -> None:
    """Have the gateway call off what its payees have not confirmed."""
    rows = Payout.objects.filter(
        province_id=province_id, id__in=ids, state__in=rules.PAYOUTS_UNDER_WAY, cancel_asked_at__isnull=False
    )
    waiting = [row.id for row in rows.order_by("id") if not _cancel(row)]
    if waiting:
        raise AskAgain(f"{len(waiting)} payouts wait to be called off")


@app.task(name=TELL_SHIPPED, retry=RETRY)
def tell_shipped(province_id: int, ids: list[int]) -> None:
    """Tell the platform of goods; where it was silent before, it is asked first whether it knows."""
    waiting = [note_id for note_id in ids if not _tell(province_id, note_id)]
    if waiting:
        raise AskAgain(f"{len(waiting)} deliveries wait to be told")


@chore("payments.query_silent_payouts", every=timedelta(minutes=10))
def query_silent_payouts() -> int:
    """Ask about payouts that nobody told of, and send or call off again those whose job was lost."""
    now = clock.now()
    return sum(_query_silent(view.id, now) + _resume_lost(view.id, now) for view in provinces())


@chore("payments.tell_lost_shipping", every=timedelta(hours=1))
def tell_lost_shipping() -> int:
    """Tell again of goods whose job was lost."""
    now, dealt_with = clock.now(), 0
    for view in provinces():
        rows = ShippingNote.objects.filter(province_id=view.id, state=ShippingState.ASKED)
        lost = rows.annotate(last=Coalesce("tried_at", "asked_at")).filter(last__lt=now - _wait(LOST))
        ids = list(lost.order_by("last").values_list("id", flat=True)[:MOST_ASKED])
        tell_shipped_later(view.id, ids)
        dealt_with += len(ids)
    return dealt_with


def _send(province_id: int, payout_id: int) -> bool:
    """Whether the gateway took the payout or refused it for good; False when to ask again."""
    row = _begin(SYSTEM, province_id=province_id, payout_id=payout_id)
    if row is None:
        return True
    try:
        told = _asked_about(row) if row.tries > 1 else None
        settle_payout(SYSTEM, told=told or transfers().send(_request(row)))
    except GatewayRefused as refusal:
        is_final = refusal.code not in rules.PASSING_TROUBLES or row.tries >= rules.MOST_TRIES
        if is_final and refusal.code not in ASK_FIRST:
            log.error("payout %s of province %d failed: %s", row.number, province_id, refusal)
            return fail_payout(SYSTEM, province_id=province_id, payout_id=payout_id, reason=str(refusal))
        return _note(SYSTEM, row=row, reason=str(refusal))
    except (GatewayUnreachable, Refusal) as silent:
        return _note(SYSTEM, row=row, reason=_words(silent))
    return True


@command
def _begin(caller: Caller, *, province_id: int, payout_id: int) -> Payout | None:
    """Count one more try before the gateway is asked: whoever calls the payout off sees that it may have been."""
    caller.require_kind(Kind.SYSTEM)
    rows = Payout.objects.select_for_update().filter(province_id=province_id, id=payout_id, state=PayoutState.ASKED)
    row = rows.filter(cancel_asked_at__isnull=True).first()
    if row is not None:
        row.tries, row.tried_at = row.tries + 1, clock.now()
        row.save(update_fields=["tries", "tried_at"])
    return row


@command
def _note(caller: Caller, *, row: Payout, reason: str) -> bool:
    """Keep why a payout waits; False, as it does."""
    caller.require_kind(Kind.SYSTEM)
    waiting = Payout.objects.filter(province_id=row.province_id, id=row.id, state=PayoutState.ASKED)
    waiting.update(reason=reason[:200])
    return False


def _cancel(row: Payout) -> bool:
    """Whether the payout has ended; False when to ask again."""
    try:
        told = _asked_about(row)
        if told is None:
            is_settled = row.tried_at is not None and row.tried_at < clock.now() - _wait(ON_ITS_WAY)
            return is_settled and call_off_payout(SYSTEM, province_id=row.province_id, payout_id=row.id)
        if told.state is TransferState.WAIT_USER_CONFIRM:
            settle_payout(SYSTEM, told=told)
            transfers().cancel(row.number)
            told = transfers().query(row.number)
        settle_payout(SYSTEM, told=told)
    except (GatewayFault, Refusal) as wrong:
        log.info("payout %s is not called off: %s", row.number, wrong)
        return False
    return told.state in (TransferState.CANCELLED, TransferState.SUCCEEDED, TransferState.FAILED)


def _tell(province_id: int, note_id: int) -> bool:
    """Whether the platform knows, or will not hear of it; False when to tell again."""
    platform = open_platform()
    if platform is None:
        return True
    row = begin_telling(SYSTEM, province_id=province_id, note_id=note_id)
    if row is None:
        return True
    try:
        _tell_once(platform, row)
    except GatewayUnreachable as silent:
        is_final = row.tries >= rules.MOST_TRIES
        note_trouble(SYSTEM, province_id=province_id, note_id=note_id, reason=_words(silent), is_final=is_final)
        return is_final
    except (GatewayRefused, Refusal) as refusal:
        log.error("goods of charge %d of province %d are not told: %s", row.charge_id, province_id, refusal)
        note_trouble(SYSTEM, province_id=province_id, note_id=note_id, reason=_words(refusal), is_final=True)
        return True
    note_told(SYSTEM, province_id=province_id, note_id=note_id)
    return True


def _tell_once(platform: OpenPlatform, row: ShippingNote) -> None:
    paid = Attempt.objects.get(province_id=row.province_id, charge_id=row.charge_id, state=AttemptState.PAID)
    number = paid.number
    if row.tries > 1 and platform.is_told(merchant_id(), number):
        return
    payer = gateway(Provider.WECHATPAY).query(number).openid or ""
    now = datetime.fromtimestamp(real_time(), BEIJING)
    platform.tell_shipped(Delivery(merchant_id(), number, payer, row.description, now))


def _asked_about(row: Payout) -> Transfer | None:
    """What the gateway knows of a payout; None where it never took it."""
    try:
        return transfers().query(row.number)
    except GatewayRefused as refusal:
        if refusal.code == "NOT_FOUND":
            return None
        raise GatewayUnreachable(str(refusal)) from refusal


def _request(row: Payout) -> TransferRequest:
    job, pay = rules.REPORTED.get(Payee(row.payee_kind), ("", ""))
    return TransferRequest(
        out_bill_no=row.number,
        openid=row.openid,
        amount_fen=row.amount.fen,
        remark=row.remark,
        job=job,
        pay=pay,
        reason="" if job else rules.REASON,
        name=row.payee_name,
        notify_url=notify_url(Provider.WECHATPAY),
    )


def _query_silent(province_id: int, now: datetime) -> int:
    quiet = Payout.objects.filter(
        province_id=province_id,
        state__in=[PayoutState.SENT, PayoutState.WAITING_CONFIRM],
        tried_at__lt=now - _wait(SILENCE),
    )
    rows = list(quiet.order_by("tried_at")[:MOST_ASKED])
    Payout.objects.filter(province_id=province_id, id__in=[row.id for row in rows]).update(tried_at=now)
    return _ask_each(rows)


def _ask_each(rows: Iterable[Payout]) -> int:
    """Ask one by one; one that cannot be asked or makes no sense does not hold up the others."""
    asked = 0
    for row in rows:
        try:
            settle_payout(SYSTEM, told=transfers().query(row.number))
            asked += 1
        except (GatewayFault, Refusal) as wrong:
            log.warning("asking the gateway about %s: %s", row.number, wrong)
    return asked


def _resume_lost(province_id: int, now: datetime) -> int:
    waiting = Payout.objects.filter(province_id=province_id).annotate(last=Coalesce("tried_at", "asked_at"))
    is_lost = Q(last__lt=now - _wait(LOST))
    unsent = waiting.filter(is_lost, state=PayoutState.ASKED, cancel_asked_at__isnull=True)
    uncancelled = waiting.filter(state__in=rules.PAYOUTS_UNDER_WAY, cancel_asked_at__lt=now - _wait(SILENCE))
    return _again(province_id, unsent, send_payouts_later) + _again(province_id, uncancelled, cancel_payouts_later)


def _again(province_id: int, rows: QuerySet[Payout], later: Callable[[int, Sequence[int]], None]) -> int:
    ids = list(rows.order_by("last").values_list("id", flat=True)[:MOST_ASKED])
    later(province_id, ids)
    return len(ids)


def _wait(lengths: tuple[timedelta, timedelta]) -> timedelta:
    business, real = lengths
    return rules.silence(business, real=real, rate=clock.rate())


def _words(wrong: Exception) -> str:
    return wrong.message("en") if isinstance(wrong, Refusal) else str(wrong)
