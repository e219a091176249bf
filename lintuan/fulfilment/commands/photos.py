"""Photos of goods that are not right: kept for whoever has to judge them, and not for ever."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import timedelta

from django.db import connection, models

from lintuan.fulfilment import rules
from lintuan.fulfilment.engine.photos import MOST_PIXELS, Picture, TooWide, Unreadable, picture
from lintuan.fulfilment.errors import PhotosWaiting, PhotoTooLarge, PhotoTooWide, PhotoUnreadable, TooManyPhotos
from lintuan.fulfilment.models import Claim, DropLine, Photo
from lintuan.fulfilment.types import LARGEST_PHOTO
from lintuan.kernel import clock
from lintuan.kernel.callers import Caller, Kind
from lintuan.kernel.commands import command
from lintuan.kernel.errors import Forbidden, NotFound, SignInNeeded
from lintuan.members.queries import active_member, forgotten_ids

#: Photos that wait to be used; they are forgotten after a day.
MOST_WAITING = 20
UNUSED_FOR = timedelta(days=1)
#: By then every claim is long decided and booked.
KEPT_FOR = timedelta(days=180)


@command
def keep_photo(caller: Caller, *, province_id: int, content: bytes, key: str | None = None) -> str:
    """Take in a photo, to be named in a claim or in a leader's count; answers the key to name it by.

    What the camera wrote about place and device is cut out.
    """
    if caller.kind is Kind.NOBODY:
        raise SignInNeeded
    if caller.kind not in (Kind.MEMBER, Kind.LEADER) or caller.province_id != province_id:
        raise Forbidden
    if caller.kind is Kind.MEMBER:
        active_member(province_id, caller.id)
    found = _read(content)
    _wait_for_others_of(caller)
    waiting = _of(caller).filter(claim=None, drop_line=None, sent_at__gt=clock.now() - UNUSED_FOR)
    if waiting.count() >= MOST_WAITING:
        raise PhotosWaiting(most=MOST_WAITING)
    row = Photo.objects.create(
        province_id=province_id, key=secrets.token_urlsafe(16), owner_kind=caller.kind.value, owner_id=caller.id,
        media=found.media, body=found.body, sent_at=clock.now(),
    )  # fmt: skip
    return row.key


@command
def drop_photos(caller: Caller, *, province_id: int) -> int:
    """Forget photos that nobody used within a day, all of them after half a year, and those of whoever is forgotten.

    A member is forgotten by an event; a photo that was being sent just then is found here.
    """
    caller.require_kind(Kind.SYSTEM)
    now, rows = clock.now(), Photo.objects.filter(province_id=province_id)
    unused = rows.filter(claim=None, drop_line=None, sent_at__lt=now - UNUSED_FOR)
    old = rows.filter(sent_at__lt=now - KEPT_FOR)
    of_members = rows.filter(owner_kind=Kind.MEMBER.value)
    gone = forgotten_ids(province_id, set(of_members.values_list("owner_id", flat=True)))
    return unused.delete()[0] + old.delete()[0] + of_members.filter(owner_id__in=gone).delete()[0]


def use_for_claim(caller: Caller, keys: Sequence[str], claim: Claim) -> None:
    """Make these photos of the caller's the claim's, within its transaction."""
    _use(caller, keys, claim=claim)


def use_for_drop_line(caller: Caller, keys: Sequence[str], line: DropLine) -> None:
    """Make these photos of the caller's the drop line's, within its transaction."""
    _use(caller, keys, drop_line=line)


def forget_photos_of(province_id: int, member_id: int) -> int:
    """Whoever is forgotten leaves no pictures behind."""
    rows = Photo.objects.filter(province_id=province_id, owner_kind=Kind.MEMBER.value, owner_id=member_id)
    return rows.delete()[0]


def _read(content: bytes) -> Picture:
    if len(content) > LARGEST_PHOTO:
        raise PhotoTooLarge(most=LARGEST_PHOTO // 2**20)
    try:
        return picture(content)
    except TooWide as wrong:
        raise PhotoTooWide(most=MOST_PIXELS // 10**6) from wrong
    except Unreadable as wrong:
        raise PhotoUnreadable from wrong


def _wait_for_others_of(caller: Caller) -> None:
    """Until the transaction ends nobody else counts how many of the caller's photos wait: there is no row to lock."""
    with connection.cursor() as cursor:
        place = f"fulfilment.photos {caller.province_id} {caller.reference}"
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [place])


def _use(caller: Caller, keys: Sequence[str], **owner: Claim | DropLine) -> None:
    if len(keys) > rules.MOST_PHOTOS:
        raise TooManyPhotos(most=rules.MOST_PHOTOS)
    if not keys:
        return
    unused = _of(caller).filter(key__in=set(keys), claim=None, drop_line=None)
    if unused.update(**owner) < len(set(keys)):
        raise NotFound(thing="photo")


def _of(caller: Caller) -> models.QuerySet[Photo]:
    return Photo.objects.filter(province_id=caller.province_id, owner_kind=caller.kind.value, owner_id=caller.id)
