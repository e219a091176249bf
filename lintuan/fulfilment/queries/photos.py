from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Protocol

from django.db.models import QuerySet

from lintuan.fulfilment.models import Photo
from lintuan.fulfilment.types import PhotoView
from lintuan.kernel.errors import NotFound


class Row(Protocol):
    """Anything that photos may belong to."""

    id: int


def photo(province_id: int, key: str) -> PhotoView:
    """One photo for whoever was shown its signed address; who is shown one, the faces decide by what it belongs to."""
    row = Photo.objects.filter(province_id=province_id, key=key).first()
    if row is None:
        raise NotFound(thing="photo")
    return PhotoView(row.media, bytes(row.body))


def keys_of(photos: QuerySet[Photo], belongs_by: str, rows: Iterable[Row]) -> dict[int, tuple[str, ...]]:
    """The keys of the photos of each row, the first sent first."""
    found: dict[int, list[str]] = defaultdict(list)
    ids = [row.id for row in rows]
    for owner, key in photos.filter(**{f"{belongs_by}__in": ids}).order_by("id").values_list(belongs_by, "key"):
        found[owner].append(key)
    return {owner: tuple(keys) for owner, keys in found.items()}
