"""Marks of newcomers who were rewarded, so that nobody is new twice under another account.

A mark is keyed digests of a phone and a device; docs/algorithms/guard.md says how long it is kept, and why lawfully.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta

from django.db import connection
from django.utils.crypto import salted_hmac
from msgspec import Struct

from lintuan.members.queries import members
from lintuan.plays.models import NewcomerMark

#: As long as money that a play gave can be used: whoever is new again later gains nothing by two accounts.
MARK_LIFE = timedelta(days=180)

_MARKS = """
SELECT m.member_id, m.campaign_id, m.run_id, m.unit, m.phone, m.device FROM plays_newcomermark AS m
WHERE m.province_id = %s AND (m.phone = ANY(%s) OR (m.device <> '' AND m.device = ANY(%s)) OR m.member_id = ANY(%s))
AND (m.member_id = 0 OR EXISTS (
    SELECT 1 FROM plays_grant AS g WHERE g.province_id = %s AND g.run_id = m.run_id AND g.unit = m.unit
    AND g.state NOT IN ('taken', 'denied')
)) ORDER BY m.id
"""


class Newcomer(Struct, frozen=True):
    """A newcomer behind a reward; `member_id` is 0 once they are forgotten."""

    member_id: int
    campaign_id: int
    run_id: int
    unit: int
    phone: str
    device: str


def phone_digests(province_id: int, member_ids: Collection[int]) -> dict[int, str]:
    return {
        member_id: salted_hmac("lintuan.newcomer", view.phone, algorithm="sha256").hexdigest()
        for member_id, view in members(province_id, member_ids).items()
        if view.phone
    }


def earlier_marks(
    province_id: int, member_ids: Collection[int], phones: Iterable[str], devices: Iterable[str]
) -> list[Newcomer]:
    """Marks of these members, and of others with one of the phones or devices, while a reward of theirs stands."""
    with connection.cursor() as cursor:
        cursor.execute(_MARKS, [province_id, list(phones), list(devices), list(member_ids), province_id])
        return [Newcomer(*row) for row in cursor.fetchall()]


def write_marks(province_id: int, fresh: Iterable[Newcomer], now: datetime) -> None:
    rows = [
        NewcomerMark(
            province_id=province_id,
            member_id=one.member_id,
            campaign_id=one.campaign_id,
            run_id=one.run_id,
            unit=one.unit,
            phone=one.phone,
            device=one.device,
            marked_at=now,
        )
        for one in fresh
    ]
    if rows:
        NewcomerMark.objects.bulk_create(rows, ignore_conflicts=True)


def lock_devices(province_id: int, devices: Collection[str]) -> None:
    """Let rewards of members who share a device be judged one after another, so that two at once see each other."""
    if devices:
        with connection.cursor() as cursor:
            # Taken in one order, so that two batches cannot wait for each other.
            cursor.execute(
                "SELECT pg_advisory_xact_lock(hashtextextended(w.device, %s)) FROM unnest(%s::text[]) AS w (device)",
                [province_id, sorted(devices)],
            )


def drop_old(province_id: int, now: datetime) -> int:
    """Delete the marks whose time is over; answers how many."""
    dropped, _ = NewcomerMark.objects.filter(province_id=province_id, marked_at__lt=now - MARK_LIFE).delete()
    return dropped


def cut_loose(province_id: int, member_id: int) -> None:
    """What is kept of a forgotten newcomer leads neither to them nor to a reward any more."""
    of_member = NewcomerMark.objects.filter(province_id=province_id, member_id=member_id)
    of_member.update(member_id=0, campaign_id=0, run_id=0, unit=0)
