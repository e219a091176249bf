"""Sessions: a refresh token is good once; one shown twice was copied, and ends the session."""

from __future__ import annotations

import hashlib
import secrets

from django.db import transaction
from django.db.models import Q
from django.utils.crypto import salted_hmac

from lintuan.kernel import clock
from lintuan.kernel.callers import Caller, Kind
from lintuan.kernel.commands import command
from lintuan.kernel.errors import Forbidden, SignInNeeded
from lintuan.members import rules
from lintuan.members.models import Consent, Session
from lintuan.members.types import NOTICE_VERSION, PRIVACY, OpenSession

PERSONS = frozenset({"member", "leader", "supplier", "staff"})


@command
def open_session(caller: Caller, *, device: str = "") -> OpenSession:
    """Begin a session for someone who has just proved who they are.

    Of the mark of a member's `device` a digest is kept, if they agreed to the notice that tells of it.
    """
    if caller.kind not in PERSONS:
        raise Forbidden
    now, refresh = clock.now(), secrets.token_urlsafe(32)
    row = Session.objects.create(
        refresh_hash=_hash(refresh),
        kind=caller.kind,
        subject_id=caller.id,
        province=caller.province_id,
        opened_at=now,
        expires_at=now + rules.REFRESH_LIFE,
        device=_digest(caller, device),
    )
    return _answer(row, refresh)


def refresh_session(refresh: str, *, device: str = "") -> OpenSession:
    """Go on with a session: the token given is spent and another one takes its place."""
    answer = _rotate(refresh, device)
    if answer is None:
        # Outside of the rotation, so that the end is kept although the caller is refused.
        Session.objects.filter(spent_hash=_hash(refresh), ended_at=None).update(ended_at=clock.now())
        raise SignInNeeded
    return answer


def end_session(refresh: str) -> int:
    """Sign out: the refresh token is worth nothing from now on; answers how many sessions that ended."""
    is_shown = Q(refresh_hash=_hash(refresh)) | Q(spent_hash=_hash(refresh))
    return Session.objects.filter(is_shown, ended_at=None).update(ended_at=clock.now())


@command
def end_sessions_of(caller: Caller, *, of: Caller) -> int:
    """Sign someone out everywhere: themselves, or anyone by the system."""
    if caller != of and caller.kind != "system":
        raise Forbidden
    mine = Session.objects.filter(kind=of.kind, subject_id=of.id, province=of.province_id, ended_at=None)
    return mine.update(ended_at=clock.now())


@transaction.atomic
def _rotate(refresh: str, device: str) -> OpenSession | None:
    now = clock.now()
    row = (
        Session.objects.select_for_update()
        .filter(refresh_hash=_hash(refresh), ended_at=None, expires_at__gt=now)
        .first()
    )
    if row is None:
        return None
    fresh = secrets.token_urlsafe(32)
    row.spent_hash, row.refresh_hash = row.refresh_hash, _hash(fresh)
    row.expires_at = now + rules.REFRESH_LIFE
    row.device = row.device or _digest(Caller(Kind(row.kind), row.subject_id, row.province), device)
    row.save()
    return _answer(row, fresh)


def _answer(row: Session, refresh: str) -> OpenSession:
    return OpenSession(row.kind, row.subject_id, row.province, refresh, row.expires_at)


def _digest(caller: Caller, device: str) -> str:
    """Keyed, so that nobody without the key finds a device's members; nothing before the member has agreed."""
    if not device or caller.kind is not Kind.MEMBER:
        return ""
    agreed = Consent.objects.filter(
        province_id=caller.province_id, member_id=caller.id, item=PRIVACY, version=NOTICE_VERSION
    )
    return salted_hmac("lintuan.device", device, algorithm="sha256").hexdigest() if agreed.exists() else ""


def _hash(refresh: str) -> str:
    return hashlib.sha256(refresh.encode()).hexdigest()
