"""Charges, and a gateway that tells of payments: callbacks sealed and signed with real keys, without a server."""

from __future__ import annotations

import atexit
import itertools
import secrets
import shutil
import tempfile
import uuid
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from pathlib import Path

import msgspec
from django.test import override_settings

from lintuan.kernel import clock
from lintuan.kernel.callers import SYSTEM, Caller, Kind
from lintuan.kernel.money import Money
from lintuan.payments import commands, queries
from lintuan.payments.models import Attempt
from lintuan.payments.types import (
    ORDER,
    AttemptState,
    AttemptView,
    ChargeState,
    NewCharge,
    NewPayout,
    Payee,
    PayMethod,
)
from lintuan.standins.manifest import write_manifest
from lintuan.standins.settings import Settings
from lintuan.standins.wechatpay.faults import Mode
from lintuan.standins.wechatpay.keys import Keys, open_keys
from lintuan.standins.wechatpay.letters import beijing_now, letter
from lintuan.standins.wechatpay.store import Notice

HUBEI = 42
MEMBER = 7
LEADER = 5
PRICE = Money(1990)

_subjects = itertools.count(1)


@dataclass(frozen=True)
class Callback:
    headers: dict[str, str]
    body: bytes


def member(member_id: int = MEMBER, province_id: int = HUBEI) -> Caller:
    return Caller(Kind.MEMBER, member_id, province_id)


def charge(*, province_id: int = HUBEI, subject_id: int = 0, member_id: int = MEMBER, amount: Money = PRICE) -> int:
    """An open charge that expires in a quarter of an hour."""
    expires_at = clock.now() + timedelta(minutes=15)
    wish = NewCharge(ORDER, subject_id or next(_subjects), member_id, amount, expires_at)
    return commands.open_charge(SYSTEM, province_id=province_id, wish=wish)


def paid_charge(*, province_id: int = HUBEI, subject_id: int = 0, amount: Money = PRICE) -> int:
    charge_id = charge(province_id=province_id, subject_id=subject_id, amount=amount)
    pay(charge_id, province_id=province_id)
    return charge_id


def pay(charge_id: int, *, province_id: int = HUBEI) -> None:
    """The buyer pays, and the gateway tells us."""
    hear(payment_callback(charge_id, province_id=province_id))


def hear(callback: Callback) -> None:
    with override_settings(GATEWAY_KEYS=str(manifest())):
        commands.hear_notice(callback.headers, callback.body)


def settle_refund(refund_id: int, *, province_id: int = HUBEI, status: str = "SUCCESS") -> None:
    """The gateway tells what became of a refund."""
    hear(refund_callback(refund_id, province_id=province_id, status=status))


def attempt(charge_id: int, *, province_id: int = HUBEI, method: PayMethod = PayMethod.WECHAT_JSAPI) -> AttemptView:
    """The attempt to pay by a method, as when a phone had been told of it."""
    found = {one.method: one for one in queries.attempts_of(province_id, [charge_id])[charge_id]}
    if method not in found:
        is_open = queries.charge(province_id, charge_id).state is ChargeState.OPEN
        Attempt.objects.create(
            province_id=province_id,
            charge_id=charge_id,
            number=f"{province_id}{secrets.token_hex(13)}",
            provider=method.provider,
            method=method,
            handle=f"wx{secrets.token_hex(17)}",
            state=AttemptState.OPEN if is_open else AttemptState.CLOSED,
            prepaid_at=clock.now(),
        )
        return attempt(charge_id, province_id=province_id, method=method)
    return found[method]


def payout(
    *,
    province_id: int = HUBEI,
    subject_id: int = 0,
    amount: Money = PRICE,
    payee: tuple[Payee, int] = (Payee.LEADER, LEADER),
    name: str = "",
) -> int:
    """A payout that is asked of the gateway."""
    kind, payee_id = payee
    wish = NewPayout("withdrawal", subject_id or next(_subjects), kind, payee_id, "openid-1", amount, "佣金", name)
    return commands.pay_out(SYSTEM, province_id=province_id, wish=wish)


def payout_callback(
    payout_id: int,
    *,
    province_id: int = HUBEI,
    state: str = "SUCCESS",
    reason: str = "",
    mode: Mode = Mode.NONE,
    number: str = "",
) -> Callback:
    view = queries.payouts(province_id, [payout_id])[payout_id]
    return _callback(
        "MCHTRANSFER.BILL.FINISHED",
        {
            "mch_id": keys().merchant_id,
            "out_bill_no": number or view.number,
            "transfer_bill_no": f"13{view.number[2:22]}",
            "state": state,
            "fail_reason": reason,
            "transfer_amount": view.amount.fen,
            "openid": "openid-1",
            "create_time": beijing_now(),
        },
        mode=mode,
    )


def payment_callback(
    charge_id: int,
    *,
    province_id: int = HUBEI,
    method: PayMethod = PayMethod.WECHAT_JSAPI,
    mode: Mode = Mode.NONE,
    number: str = "",
    notice_id: str = "",
) -> Callback:
    tried = attempt(charge_id, province_id=province_id, method=method)
    return _callback(
        "TRANSACTION.SUCCESS",
        {
            "appid": keys().app_id,
            "mchid": keys().merchant_id,
            "out_trade_no": number or tried.number,
            "trade_state": "SUCCESS",
            "transaction_id": f"42{tried.number[2:22]}",
            "payer": {"openid": "openid-1"},
            "success_time": beijing_now(),
            "amount": {"total": tried.amount.fen, "currency": "CNY"},
        },
        mode=mode,
        notice_id=notice_id,
    )


def refund_callback(
    refund_id: int, *, province_id: int = HUBEI, status: str = "SUCCESS", mode: Mode = Mode.NONE, number: str = ""
) -> Callback:
    view = queries.refunds(province_id, [refund_id])[refund_id]
    tried = {one.id: one for one in queries.attempts_of(province_id, [view.charge_id])[view.charge_id]}
    paid = tried[view.attempt_id]
    return _callback(
        "REFUND.SUCCESS",
        {
            "mchid": keys().merchant_id,
            "out_trade_no": paid.number,
            "out_refund_no": number or view.number,
            "refund_id": f"50{view.number[2:22]}",
            "refund_status": status,
            "amount": {"total": paid.amount.fen, "refund": view.amount.fen},
        },
        mode=mode,
    )


def _callback(event: str, content: dict[str, object], *, mode: Mode = Mode.NONE, notice_id: str = "") -> Callback:
    kind = event.partition(".")[0].lower()
    notice = Notice(notice_id or str(uuid.uuid4()), event, kind, "", msgspec.json.encode(content))
    return Callback(*letter(keys(), notice, mode))


@cache
def keys() -> Keys:
    return open_keys(_state())


@cache
def manifest() -> Path:
    """Where settings.GATEWAY_KEYS must point for our side to believe these callbacks."""
    write_manifest(Settings(_state(), port=9), wechatpay=keys(), messages_secret="unused")
    return _state() / "manifest.json"


@cache
def _state() -> Path:
    folder = tempfile.mkdtemp(prefix="lintuan-gateway-")
    atexit.register(shutil.rmtree, folder)
    return Path(folder)
