"""Photos of goods that are not right: kept for whoever has to judge them, and not for ever."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import timedelta

from django.db import models

from lintuan.fulfilment import rules
from lintuan.fulfilment.engine.photos import Unreadable, picture
from lintuan.fulfilment.errors import PhotosWaiting, PhotoTooLarge, PhotoUnreadable, TooManyPhotos
from lintuan.fulfilment.models import Claim, DropLine, Photo
from lintuan.fulfilment.types import LARGEST_PHOTO
from lintuan.kernel import clock
from lintuan.kernel.callers import Caller, Kind
from lintuan.kernel.commands import command
from lintuan.kernel.errors import Forbidden, NotFound, SignInNeeded

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
    if len(content) > LARGEST_PHOTO:
        raise PhotoTooLarge(most=LARGEST_PHOTO // 2**20)
    try:
        found = picture(content)
    except Unreadable as wrong:
        raise PhotoUnreadable from wrong
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
    """Forget photos that nobody used within a day, and all of them after half a year."""
    caller.require_kind(Kind.SYSTEM)
    now, rows = clock.now(), Photo.objects.filter(province_id=province_id)
    unused = rows.filter(claim=None, drop_line=None, sent_at__lt=now - UNUSED_FOR)
    old = rows.filter(sent_at__lt=now - KEPT_FOR)
    return unused.delete()[0] + old.delete()[0]


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
