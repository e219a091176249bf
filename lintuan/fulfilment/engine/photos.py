"""What a photo is made of: known by its first bytes, and freed of what the camera wrote about its owner.

A phone writes into a picture where it was taken, when, and by which device. None of that is needed to see two rotten
tomatoes, so only the parts that show the picture are kept; those stay as they are, and what follows its end goes.
"""

from __future__ import annotations

import re
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

JPEG, PNG, WEBP = "image/jpeg", "image/png", "image/webp"

#: A small file can unfold to gigabytes on the screen that shows it; no camera we serve needs more.
MOST_PIXELS = 40_000_000

_PNG_SIGN = b"\x89PNG\r\n\x1a\n"
#: What is needed to show a PNG; all else is about it.
_PNG_KEPT = {b"IHDR", b"PLTE", b"tRNS", b"gAMA", b"sRGB", b"iCCP", b"IDAT", b"IEND"}
_PNG_HEAD = 13
_WEBP_SHOWN = {b"VP8 ", b"VP8L"}
_WEBP_KEPT = {*_WEBP_SHOWN, b"VP8X", b"ALPH", b"ANIM", b"ANMF", b"ICCP"}
#: In a frame of an animation, before its own parts: where it stands and for how long.
_WEBP_FRAME_HEAD = 16
_WEBP_CANVAS_HEAD = 10
#: The bits of VP8X that promise EXIF and XMP.
_WEBP_PROMISES = 0x08 | 0x04
#: Of the parts an application may add, those that say it is JFIF, which colours it has and how they are stored.
_JFIF, _ADOBE = 0xE0, 0xEE
_JPEG_ADDED = {_JFIF: b"JFIF\0", 0xE2: b"ICC_PROFILE\0", _ADOBE: b"Adobe"}
#: How long two of them are; behind it JFIF may hold a picture of the picture.
_JFIF_LENGTH, _ADOBE_LENGTH = 14, 12
_JPEG_FRAMES = {*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC}
#: Tables of Huffman, of arithmetic coding, of quantization, and after how many units a scan may be taken up again.
_JPEG_KEPT = {0xC4, 0xCC, 0xDB, 0xDD} | _JPEG_FRAMES
_JPEG_END, _JPEG_SCAN = 0xD9, 0xDA
#: Marks that have no length.
_JPEG_BARE = {0x00, 0x01, *range(0xD0, 0xDA)}
_AFTER_SCAN = re.compile(rb"\xff[^\x00\xd0-\xd7\xff]")


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture that says nothing but itself."""

    media: str
    body: bytes


class Unreadable(ValueError):
    """These bytes are no picture that we take."""


class TooWide(ValueError):
    """A picture, but one of more pixels than we take."""


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


def _check_size(width: int, height: int) -> None:
    if not (width and height):
        raise Unreadable
    if width * height > MOST_PIXELS:
        raise TooWide


def _jpeg(content: bytes) -> Iterator[bytes]:
    yield content[:2]
    place, is_framed, is_shown = 2, False, False
    while True:
        if content[place] != 0xFF:
            raise Unreadable
        marker = content[place + 1]
        if marker == 0xFF:
            place += 1
            continue
        if marker == _JPEG_END and is_shown:
            # What follows is not of this picture: phones hang other pictures and whole films on it.
            yield content[place : place + 2]
            return
        part = _jpeg_part(content, place)
        place += 4 + len(part)
        if marker in _JPEG_FRAMES:
            height, width = struct.unpack_from(">HH", part, 1)
            _check_size(width, height)
            is_framed = True
        if marker == _JPEG_SCAN:
            scanned = _scan_end(content, place)
            yield _segment(marker, part) + content[place:scanned]
            place, is_shown = scanned, is_framed
        elif (kept := _kept_of(marker, part)) is not None:
            yield _segment(marker, kept)


def _jpeg_part(content: bytes, place: int) -> bytes:
    """What a segment says, without its mark and its length."""
    (length,) = struct.unpack_from(">H", content, place + 2)
    end = place + 2 + length
    if content[place + 1] in _JPEG_BARE or length < 2 or end > len(content):
        raise Unreadable
    return content[place + 4 : end]


def _scan_end(content: bytes, place: int) -> int:
    """Where the next segment begins after the picture's own bytes, in which marks are written so that none is seen."""
    found = _AFTER_SCAN.search(content, place)
    if found is None:
        raise Unreadable
    return found.start()


def _kept_of(marker: int, part: bytes) -> bytes | None:
    """What of a segment is needed to show the picture, None for nothing."""
    if marker in _JPEG_KEPT:
        return part
    if marker not in _JPEG_ADDED or not part.startswith(_JPEG_ADDED[marker]):
        return None
    if marker == _JFIF:
        return part[: _JFIF_LENGTH - 2] + b"\0\0" if len(part) >= _JFIF_LENGTH else None
    return part[:_ADOBE_LENGTH] if marker == _ADOBE else part


def _segment(marker: int, part: bytes) -> bytes:
    return struct.pack(">BBH", 0xFF, marker, len(part) + 2) + part


def _png(content: bytes) -> Iterator[bytes]:
    place, before = len(_PNG_SIGN), b""
    while before != b"IEND":
        length, kind = struct.unpack_from(">I4s", content, place)
        end = place + 12 + length
        chunk = content[place:end]
        if len(chunk) < 12 + length or struct.unpack(">I", chunk[-4:]) != (zlib.crc32(chunk[4:-4]),):
            raise Unreadable
        if (kind == b"IHDR" and length == _PNG_HEAD) is not (before == b""):
            raise Unreadable
        if kind == b"IHDR":
            _check_size(*struct.unpack_from(">II", chunk, 8))
        if kind in _PNG_KEPT:
            yield chunk
        place, before = end, kind


def _webp(content: bytes) -> Iterator[bytes]:
    end = 8 + struct.unpack_from("<I", content, 4)[0]
    if end > len(content):
        raise Unreadable
    is_shown = False
    for kind, part in _chunks(content, 12, end):
        if kind in _WEBP_KEPT:
            yield _chunk(kind, _webp_part(kind, part))
        is_shown = is_shown or kind in _WEBP_SHOWN or kind == b"ANMF"
    if not is_shown:
        raise Unreadable


def _webp_part(kind: bytes, part: bytes) -> bytes:
    if kind == b"ANMF":
        frame = _chunks(part, _WEBP_FRAME_HEAD, len(part))
        kept = [_chunk(one, _webp_part(one, own)) for one, own in frame if one in _WEBP_SHOWN or one == b"ALPH"]
        return part[:_WEBP_FRAME_HEAD] + b"".join(kept)
    if kind == b"VP8X":
        _check_size(1 + int.from_bytes(part[4:7], "little"), 1 + int.from_bytes(part[7:10], "little"))
        return bytes([part[0] & ~_WEBP_PROMISES]) + part[1:_WEBP_CANVAS_HEAD]
    if kind == b"VP8 ":
        width, height = struct.unpack_from("<HH", part, 6)
        _check_size(width & 0x3FFF, height & 0x3FFF)
    if kind == b"VP8L":
        (sizes,) = struct.unpack_from("<I", part, 1)
        _check_size(1 + (sizes & 0x3FFF), 1 + (sizes >> 14 & 0x3FFF))
    return part


def _chunks(content: bytes, place: int, end: int) -> Iterator[tuple[bytes, bytes]]:
    """The parts of a RIFF between two places: what each is, and what it holds."""
    while place < end:
        kind, length = struct.unpack_from("<4sI", content, place)
        place += 8
        if place + length > end:
            raise Unreadable
        yield kind, content[place : place + length]
        place += length + length % 2


def _chunk(kind: bytes, part: bytes) -> bytes:
    return kind + struct.pack("<I", len(part)) + part + b"\0" * (len(part) % 2)


def _riff(chunks: bytes) -> bytes:
    return b"RIFF" + struct.pack("<I", len(chunks) + 4) + b"WEBP" + chunks
