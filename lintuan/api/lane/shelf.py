"""The shelf of a pickup point from prebuilt, compressed bytes: no handler and no query on the reader's way.

How old it may be, and why, with a worked timeline: docs/algorithms/shelf.md.
"""

from __future__ import annotations

import hashlib
import struct
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import lru_cache, partial
from typing import Any

from lintuan.api import shelves
from lintuan.api.shelves import OffersOfDay
from lintuan.kernel import changes, clock
from lintuan.kernel.changes import ANYTHING, Change
from lintuan.kernel.codings import accepts_gzip
from lintuan.kernel.errors import NotFound, Unavailable
from lintuan.kernel.ids import read_public_id
from lintuan.leaders import queries as leaders
from lintuan.leaders.types import PointView
from lintuan.provinces import queries as provinces
from lintuan.provinces.types import ProvinceView

from .http import NO_SNIFFING, Headers, Receive, Scope, Send, answered, headers_of, is_known, language_in
from .kept import Ages, Kept

BEFORE, AFTER = "/api/v1/points/", "/shelf"
OFFERS_AGES = Ages(fresh=(0.1, 1.0), late=2.0, oldest=5.0)
POINTS_AGES = Ages(fresh=(10.0, 10.0), late=15.0, oldest=20.0)
LEVEL = 6

_GZIP, _RAW = 31, -15
_MINUTE = timedelta(minutes=1)


def takes(method: str, path: str) -> bool:
    """Whether a request is for the shelf."""
    return path.startswith(BEFORE) and path.endswith(AFTER) and method in ("GET", "HEAD")


@dataclass(frozen=True, slots=True)
class _Form:
    """A shelf as it is sent, compressed or not; its front is the same bytes for all points."""

    etag: bytes
    headers: Headers
    front: bytes
    end: bytes


@dataclass(frozen=True, slots=True)
class _Shelf:
    """The shelf of one point, for one minute."""

    point: PointView
    minute: datetime
    plain: _Form
    packed: _Form

    def holds(self, point: PointView, now: datetime) -> bool:
        return self.point is point and self.minute <= now < self.minute + _MINUTE


@dataclass(slots=True, eq=False)
class _Front:
    """How the shelves of a province begin, plain and compressed up to a full flush, so that any end can follow."""

    province: ProvinceView
    offers: OffersOfDay
    cutoff: datetime
    packed: bytes
    checksum: int
    digest: Any
    #: When it was last read and still so.
    as_of: bytes
    #: By point; they go when it goes.
    shelves: dict[int, _Shelf] = field(default_factory=dict)


class ShelfLane:
    """The ASGI face of `GET /api/v1/points/{id}/shelf`; one for each process."""

    def __init__(self) -> None:
        self._fronts = Kept(_read_front, ages=OFFERS_AGES)
        self._points = Kept(_read_points, ages=POINTS_AGES)
        self._end_hearing = changes.on_change(self._hear)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await answered(self._answer, scope, receive, send)

    def close(self) -> None:
        """Give back what it holds of the process and of the database."""
        self._end_hearing()
        self._fronts.close()
        self._points.close()

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        asked, now = headers_of(scope), clock.now()
        province_id, point_id = _place(scope["path"])
        point = await self.point(province_id, point_id)
        front = await self._front(province_id, language_in(asked), now)
        shelf = front.shelves.get(point_id)
        if shelf is None or not shelf.holds(point, now):
            shelf = front.shelves[point_id] = _put_together(front, point, now)
        form = shelf.packed if accepts_gzip(asked.get(b"accept-encoding", b"")) else shelf.plain
        moments = [(b"lintuan-now", _written(now)), (b"lintuan-as-of", front.as_of)]
        known = asked.get(b"if-none-match")
        if known is not None and is_known(form.etag, known):
            await _start(send, 304, [(b"etag", form.etag), *moments, *_ALWAYS])
            await _send(send, b"")
            return
        await _start(send, 200, [*moments, *form.headers])
        if scope["method"] == "HEAD":
            await _send(send, b"")
        else:
            # In two parts: joining them would copy the front for every reader.
            await send({"type": "http.response.body", "body": form.front, "more_body": True})
            await _send(send, form.end)

    async def point(self, province_id: int, point_id: int) -> PointView:
        """A point in any state, as it is shown."""
        points = self._points.at_hand(province_id)
        if points is None:
            points = await self._points.fetch(province_id)
        if point_id in points:
            return points[point_id]
        # It may have been registered a moment ago.
        return await self._points.aside(partial(leaders.point_now, province_id, point_id))

    async def _front(self, province_id: int, language: str, now: datetime) -> _Front:
        front = self._fronts.at_hand((province_id, language))
        # What is read when a day ends may still be of that day, but not what is read after it.
        tries = 2
        while front is None or front.cutoff <= now:
            if not tries:
                raise Unavailable
            front = await self._fronts.fetch((province_id, language))
            tries -= 1
        return front

    def _hear(self, change: Change) -> None:
        def is_meant(province_id: int) -> bool:
            return change.province_id in (0, province_id)

        if change.room in ("leaders", ANYTHING.room):
            self._points.renew(is_meant)
        if change.room != "leaders":
            self._fronts.renew(lambda key: is_meant(key[0]))


_ALWAYS: Headers = [
    (b"cache-control", b"public, no-cache"),
    (b"vary", b"Accept-Encoding, Accept-Language"),
    NO_SNIFFING,
]


async def _start(send: Send, status: int, headers: Headers) -> None:
    await send({"type": "http.response.start", "status": status, "headers": headers})


async def _send(send: Send, body: bytes) -> None:
    await send({"type": "http.response.body", "body": body})


def _written(moment: datetime) -> bytes:
    return (moment.isoformat()[: -len("+00:00")] + "Z").encode()


@lru_cache(maxsize=20_000)
def _place(path: str) -> tuple[int, int]:
    return read_public_id("point", path.removeprefix(BEFORE).removesuffix(AFTER))


def _read_points(province_id: int, known: Mapping[int, PointView] | None) -> Mapping[int, PointView]:
    """All points of a province; the same objects as before if nothing changed, as shelves are known by them."""
    found = {point.id: point for point in leaders.points(province_id)}
    if not found:
        raise NotFound(thing="point")
    return known if known == found else found


def _read_front(key: tuple[int, str], known: _Front | None) -> _Front:
    """The front as it now is; the same object if nothing changed."""
    (province_id, language), now = key, clock.now()
    province = provinces.province_now(province_id)
    sale_on = provinces.coming_day(province, now)
    same_day = known.offers if known and known.offers.sale_on == sale_on else None
    offers = shelves.offers_of_day(province_id, sale_on, language, same_day)
    if known is not None and known.offers is offers and known.province == province:
        known.as_of = _written(now)
        return known
    packer = zlib.compressobj(LEVEL, wbits=_GZIP)
    return _Front(
        province=province,
        offers=offers,
        cutoff=province.timetable.at("cutoff", sale_on, province.zone),
        packed=packer.compress(offers.body) + packer.flush(zlib.Z_FULL_FLUSH),
        checksum=zlib.crc32(offers.body),
        digest=hashlib.blake2b(offers.body, digest_size=16),
        as_of=_written(now),
    )


def _put_together(front: _Front, point: PointView, now: datetime) -> _Shelf:
    offers = front.offers
    end = shelves.end_of_shelf(point, front.province, sale_on=offers.sale_on, language=offers.language, now=now)
    digest = front.digest.copy()
    digest.update(end)
    name, language = digest.hexdigest().encode(), offers.language.encode()
    # RFC 1952: compressed data may be cut at a full flush; the trailer is of the whole.
    packer = zlib.compressobj(LEVEL, wbits=_RAW, memLevel=1)
    whole = struct.pack("<II", zlib.crc32(end, front.checksum), (len(offers.body) + len(end)) % 2**32)
    packed_end = packer.compress(end) + packer.flush() + whole
    return _Shelf(
        point=point,
        minute=now.replace(second=0, microsecond=0),
        plain=_form(b'"%s"' % name, language, offers.body, end),
        packed=_form(b'"%s-gzip"' % name, language, front.packed, packed_end, (b"content-encoding", b"gzip")),
    )


def _form(etag: bytes, language: bytes, front: bytes, end: bytes, *more: tuple[bytes, bytes]) -> _Form:
    headers = [
        (b"content-type", b"application/json"),
        (b"content-length", b"%d" % (len(front) + len(end))),
        (b"content-language", language),
        (b"etag", etag),
        *more,
        *_ALWAYS,
    ]
    return _Form(etag, headers, front, end)
