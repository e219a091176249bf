"""Pages as bytes, and which of them are the same for all guests."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

import msgspec

from lintuan.kernel.errors import NotFound
from lintuan.kernel.ids import read_public_id
from lintuan.leaders import queries as leaders

from .compose.directory import SHARED, read_by
from .tree.page import Page

MOST_PARAMETERS = 20
LONGEST_PARAMETER = 200


def written(composed: Page) -> tuple[bytes, str]:
    """The bytes, and a validator that the mere passing of time does not change."""
    body = msgspec.json.encode(composed)
    moment = msgspec.json.encode(composed.as_of)
    return body, etag_of(body.replace(moment, b"", 1))


def etag_of(content: bytes) -> str:
    return f'"{hashlib.blake2b(content, digest_size=12).hexdigest()}"'


def is_known(etag: str, if_none_match: str) -> bool:
    """Whether the reader holds it already; a cache on the way may have made its validator weak."""
    return etag in {part.strip().removeprefix("W/") for part in if_none_match.split(",")}


def is_too_much(parameters: Mapping[str, str]) -> bool:
    """Whether no page of ours asks for so many, or such long ones."""
    return len(parameters) > MOST_PARAMETERS or any(len(value) > LONGEST_PARAMETER for value in parameters.values())


def shared_by(name: str, parameters: Mapping[str, str]) -> tuple[tuple[str, str], ...] | None:
    """All that tells one answer to guests from another, where the page is worth remembering by it; None elsewhere.

    It is, where what it is asked with is one of the few things that there are. Of an offer that there is not, there is
    no answer to remember.
    """
    read = read_by(name, parameters)
    if name not in SHARED or not read.keys() <= {"point", "offer"}:
        return None
    return tuple(sorted(read.items())) if "point" not in read or is_point(read["point"]) else None


def is_point(text: str) -> bool:
    """Whether it is the public id of a point that there is."""
    try:
        return bool(leaders.point(*read_public_id("point", text)))
    except NotFound:
        return False
