"""Codes prove a phone. These two are no single transactions: a message cannot be taken back, nor may a wrong try."""

from __future__ import annotations

import logging
import secrets
from datetime import datetime

from django.db import transaction
from django.db.models import F
from django.utils.crypto import constant_time_compare, salted_hmac

from lintuan.kernel import clock
from lintuan.kernel.errors import TooMany, Unavailable
from lintuan.members import rules
from lintuan.members.errors import CodeExpired, CodeWrong, PhoneUnreachable
from lintuan.members.gateways.manifest import NoGateway, message_gateway
from lintuan.members.gateways.messages import MessageRefused, MessageUnsent
from lintuan.members.models import SignInCode

log = logging.getLogger(__name__)

TEMPLATE = "sign_in_code"


def send_code(phone: str) -> None:
    """Send a fresh code, which replaces an open one; refused with the seconds to wait when asked too often."""
    phone = rules.read_phone(phone)
    code = f"{secrets.randbelow(1_000_000):06d}"
    _keep_code(phone, code)
    try:
        message_gateway().send(phone, template=TEMPLATE, parameters={"code": code})
    except MessageRefused as wrong:
        log.warning("message gateway: %s", wrong)
        raise PhoneUnreachable(phone=rules.mask_phone(phone)) from wrong
    except (MessageUnsent, NoGateway) as wrong:
        log.error("message gateway: %s", wrong)
        _allow_again(phone)
        raise Unavailable from wrong


def prove_phone(phone: str, code: str) -> str:
    """The phone that the code was sent to, in its eleven digits; a code is good once, and a wrong try is counted."""
    phone = rules.read_phone(phone)
    now = clock.now()
    is_counted = SignInCode.objects.filter(phone=phone, expires_at__gt=now, tries__lt=rules.CODE_TRIES).update(
        tries=F("tries") + 1
    )
    row = SignInCode.objects.filter(phone=phone).first()
    if row is None or not row.code_hash or row.expires_at <= now:
        raise CodeExpired
    if not is_counted:
        raise TooMany(seconds=max(1, _seconds(row, now)))
    if not constant_time_compare(row.code_hash, _hash(phone, code)):
        raise CodeWrong(left=rules.CODE_TRIES - row.tries)
    if not SignInCode.objects.filter(phone=phone, code_hash=row.code_hash).update(code_hash=""):
        raise CodeExpired
    return phone


@transaction.atomic
def _keep_code(phone: str, code: str) -> None:
    now = clock.now()
    first = {"code_hash": "", "sent_at": now - rules.CODE_PAUSE, "expires_at": now, "window_from": now}
    # Found and locked at once: an old row may be dropped at any moment before it is locked.
    row, _ = SignInCode.objects.select_for_update().get_or_create(phone=phone, defaults=first)
    if row.window_from + rules.CODE_WINDOW <= now:
        row.window_from, row.sent_in_window = now, 0
    wait = _seconds(row, now)
    if wait:
        raise TooMany(seconds=wait)
    row.code_hash, row.tries = _hash(phone, code), 0
    row.sent_at, row.expires_at = now, now + rules.CODE_LIFE
    row.sent_in_window += 1
    row.save()


def _allow_again(phone: str) -> None:
    """The code stays good, for an unanswered message may still arrive."""
    SignInCode.objects.filter(phone=phone).update(sent_at=F("sent_at") - rules.CODE_PAUSE)


def _seconds(row: SignInCode, now: datetime) -> int:
    return rules.seconds_until_code(
        now, sent_at=row.sent_at, window_from=row.window_from, sent_in_window=row.sent_in_window
    )


def _hash(phone: str, code: str) -> str:
    return salted_hmac("lintuan.sign_in_code", f"{phone}:{code}", algorithm="sha256").hexdigest()
