"""What a photo is made of: known by its first bytes, and freed of what the camera wrote about its owner.

A phone writes into a picture where it was taken, when, and by which device. None of that is needed to see two rotten
tomatoes, so those parts are cut out; the picture itself stays as it is, byte for byte.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

JPEG, PNG, WEBP = "image/jpeg", "image/png", "image/webp"

_PNG_SIGN = b"\x89PNG\r\n\x1a\n"
#: What is needed to show a PNG; all else is about it.
_PNG_KEPT = {b"IHDR", b"PLTE", b"tRNS", b"gAMA", b"sRGB", b"iCCP", b"IDAT", b"IEND"}
_WEBP_ABOUT = {b"EXIF", b"XMP "}
#: The bits of VP8X that promise them.
_WEBP_PROMISES = 0x08 | 0x04
#: Of the parts an application may add, those that say it is JFIF, which colours it has and how they are stored.
_JPEG_KEPT = {0xE0: b"JFIF\0", 0xE2: b"ICC_PROFILE\0", 0xEE: b"Adobe"}
_JPEG_COMMENT, _JPEG_SCAN = 0xFE, 0xDA


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture that says nothing but itself."""

    media: str
    body: bytes


class Unreadable(ValueError):
    """These bytes are no picture that we take."""


def picture(content: bytes) -> Picture:
    """The picture in the content of a file, without what was written about it."""
    try:
        if content.startswith(b"\xff\xd8\xff"):
            return Picture(JPEG, b"".join(_jpeg(content)))
        if content.startswith(_PNG_SIGN):
            return Picture(PNG, _PNG_SIGN + b"".join(_png(content)))
        if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
            return Picture(WEBP, _riff(b"".join(_webp(content))))
    except (struct.error, IndexError) as wrong:
        raise Unreadable from wrong
    raise Unreadable


def _jpeg(content: bytes) -> Iterator[bytes]:
    yield content[:2]
    place = 2
    while True:
        if content[place] != 0xFF:
            raise Unreadable
        marker = content[place + 1]
        if marker == 0xFF:
            place += 1
            continue
        (length,) = struct.unpack_from(">H", content, place + 2)
        end = place + 2 + length
        if length < 2 or end > len(content):
            raise Unreadable
        if marker == _JPEG_SCAN:
            # From here on it is the picture; what follows its end mark is not of it.
            last = content.rfind(b"\xff\xd9", end)
            if last < 0:
                raise Unreadable
            yield content[place : last + 2]
            return
        if not _is_about(marker, content[place + 4 : end]):
            yield content[place:end]
        place = end


def _is_about(marker: int, content: bytes) -> bool:
    """Whether a part of a JPEG is about it, and not of it."""
    if 0xE0 <= marker <= 0xEF:
        return marker not in _JPEG_KEPT or not content.startswith(_JPEG_KEPT[marker])
    return marker == _JPEG_COMMENT


def _png(content: bytes) -> Iterator[bytes]:
    place, seen = len(_PNG_SIGN), b""
    while seen != b"IEND":
        length, seen = struct.unpack_from(">I4s", content, place)
        end = place + 12 + length
        chunk = content[place:end]
        if len(chunk) < 12 + length or struct.unpack(">I", chunk[-4:]) != (zlib.crc32(chunk[4:-4]),):
            raise Unreadable
        if seen in _PNG_KEPT:
            yield chunk
        place = end


def _webp(content: bytes) -> Iterator[bytes]:
    place, is_shown = 12, False
    while place < len(content):
        kind, length = struct.unpack_from("<4sI", content, place)
        end = place + 8 + length
        chunk = content[place:end]
        if len(chunk) < 8 + length:
            raise Unreadable
        if kind == b"VP8X":
            chunk = chunk[:8] + bytes([chunk[8] & ~_WEBP_PROMISES]) + chunk[9:]
        if kind not in _WEBP_ABOUT:
            yield chunk + b"\0" * (length % 2)
        is_shown = is_shown or kind in (b"VP8 ", b"VP8L", b"ANMF")
        place = end + length % 2
    if not is_shown:
        raise Unreadable


def _riff(chunks: bytes) -> bytes:
    return b"RIFF" + struct.pack("<I", len(chunks) + 4) + b"WEBP" + chunks
