from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping

from django.db import connection

from lintuan.kernel.callers import Caller, Kind
from lintuan.kernel.errors import NotFound, SignInNeeded

from .models import Consent, Member, Session
from .rules import ACCESS_LIFE, MEMBER_ACCESS_LIFE, mask_name, mask_phone, read_phone
from .types import ConsentView, MemberExport, MemberState, MemberView

__all__ = [
    "ACCESS_LIFE",
    "MEMBER_ACCESS_LIFE",
    "active_member",
    "devices_around",
    "export_member",
    "forgotten_ids",
    "mask_name",
    "mask_phone",
    "member",
    "member_ids",
    "members",
    "read_phone",
]

_DEVICES = """
SELECT s.subject_id, s.device FROM members_session AS s
WHERE s.province = %s AND s.kind = 'member' AND s.device IN (
    SELECT own.device FROM members_session AS own
    WHERE own.kind = 'member' AND own.subject_id = ANY(%s) AND own.province = %s AND own.device <> ''
) ORDER BY s.opened_at DESC, s.id DESC
"""


def member(province_id: int, member_id: int) -> MemberView:
    """A member, also one who was forgotten."""
    row = Member.objects.filter(province_id=province_id, id=member_id).first()
    if row is None:
        raise NotFound(thing="member")
    return _view(row)


def active_member(province_id: int, member_id: int) -> MemberView:
    """A member who can still act; NotFound for one who was forgotten while their access token was still good."""
    view = member(province_id, member_id)
    if view.state is not MemberState.ACTIVE:
        raise NotFound(thing="member")
    return view


def forgotten_ids(province_id: int, among: Collection[int] | None = None) -> frozenset[int]:
    """Who asked to be forgotten; their access tokens may still be about."""
    rows = Member.objects.filter(province_id=province_id, phone=None)
    if among is not None:
        rows = rows.filter(id__in=among)
    return frozenset(rows.values_list("id", flat=True))


def members(province_id: int, ids: Collection[int]) -> Mapping[int, MemberView]:
    """Members by id; unknown ids are left out."""
    rows = Member.objects.filter(province_id=province_id, id__in=ids)
    return {row.id: _view(row) for row in rows}


def member_ids(province_id: int, phones: Collection[str]) -> Mapping[str, int]:
    """Ids by phone (in eleven digits); unknown phones are left out."""
    rows = Member.objects.filter(province_id=province_id, phone__in=phones)
    return {phone: member_id for phone, member_id in rows.values_list("phone", "id") if phone}


def devices_around(province_id: int, ids: Collection[int]) -> Mapping[int, tuple[str, ...]]:
    """The marks of these members' devices, the last one in front, with all other members who are on one of them.

    Only marks of sessions that are not dropped yet are known; members without any are left out.
    """
    if not ids:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(_DEVICES, [province_id, list(ids), province_id])
        found: dict[int, dict[str, None]] = defaultdict(dict)
        for member_id, device in cursor.fetchall():
            found[member_id][device] = None
    return {member_id: tuple(marks) for member_id, marks in found.items()}


def export_member(caller: Caller, province_id: int, member_id: int) -> MemberExport:
    """All that this room keeps about the caller themselves."""
    if caller.kind is Kind.NOBODY:
        raise SignInNeeded
    if not caller.is_member(province_id, member_id):
        raise NotFound(thing="member")
    view = active_member(province_id, member_id)
    consents = Consent.objects.filter(province_id=province_id, member_id=member_id).order_by("given_at", "id")
    sessions = Session.objects.filter(kind=Kind.MEMBER.value, province=province_id, subject_id=member_id)
    return MemberExport(
        view,
        tuple(ConsentView(row.item, row.version, row.given_at) for row in consents),
        tuple(sessions.order_by("id").values_list("opened_at", flat=True)),
        tuple(sorted({mark for mark in sessions.values_list("device", flat=True) if mark})),
    )


def _view(row: Member) -> MemberView:
    return MemberView(row.id, row.province_id, row.phone or "", row.name, row.joined_at, MemberState(row.state))
