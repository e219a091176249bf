"""Small pictures of every kind we take, with all a camera writes about itself."""

from __future__ import annotations

import struct
import zlib

#: What must never be kept.
SECRET = b"30.5544N 114.3166E iPhone of Li Lei"


def a_jpeg(width: int = 640, height: int = 480, *, scans: int = 1) -> bytes:
    """A JPEG by its structure: what the camera says, tables, scans with something between, and more hung on behind."""
    parts = [
        (0xE0, b"JFIF\0\x01\x01\0\0\x01\0\x01\x01\x01" + SECRET),
        (0xE1, b"Exif\0\0" + SECRET),
        (0xE2, b"MPF\0" + SECRET),
        (0xE2, b"ICC_PROFILE\0\x01\x01colours"),
        (0xED, b"Photoshop 3.0\0" + SECRET),
        (0xFE, SECRET),
        (0xDB, bytes(65)),
        (0xC2, struct.pack(">BHHB", 8, height, width, 1) + b"\x01\x11\0"),
    ]
    scan = _segment(0xDA, b"\0") + b"a\xff\0\xff\xd0scan"
    between = _segment(0xFE, SECRET) + _segment(0xEF, SECRET) + _segment(0xC4, b"table")
    shown = between.join([scan] * scans)
    return b"\xff\xd8" + b"".join(_segment(*part) for part in parts) + shown + b"\xff\xd9" + SECRET


def a_png(width: int = 1, height: int = 1) -> bytes:
    """One black pixel, or more by what it says."""
    chunks = [
        (b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)),
        (b"eXIf", SECRET),
        (b"tEXt", b"Comment\0" + SECRET),
        (b"IDAT", zlib.compress(b"\0\0")),
        (b"IEND", b""),
    ]
    return b"\x89PNG\r\n\x1a\n" + b"".join(map(_chunk, *zip(*chunks, strict=True)))


def a_webp(width: int = 4, height: int = 3, *, canvas: tuple[int, int] = (4, 3)) -> bytes:
    """A WebP by its structure, with odd parts, one that nobody knows, and something hung on behind."""
    sizes = b"".join((one - 1).to_bytes(3, "little") for one in canvas)
    parts = [
        (b"VP8X", b"\x0c\0\0\0" + sizes + SECRET),
        (b"VP8 ", vp8(width, height)),
        (b"GPSx", SECRET),
        (b"EXIF", SECRET),
        (b"XMP ", SECRET + b"!"),
    ]
    return _riff(parts) + SECRET


def a_webp_in_motion() -> bytes:
    """An animation of one frame, which has a part of its own that nobody knows."""
    frame = bytes(16) + _part(b"GPSx", SECRET) + _part(b"VP8L", vp8l(4, 3))
    return _riff([(b"VP8X", b"\x02" + bytes(9)), (b"ANIM", bytes(6)), (b"ANMF", frame)])


def a_webp_without_loss(width: int, height: int) -> bytes:
    return _riff([(b"VP8L", vp8l(width, height))])


def vp8(width: int, height: int) -> bytes:
    return b"\x10\0\0\x9d\x01\x2a" + struct.pack("<HH", width, height) + b"odd"


def vp8l(width: int, height: int) -> bytes:
    return b"\x2f" + struct.pack("<I", width - 1 | height - 1 << 14)


def _riff(parts: list[tuple[bytes, bytes]]) -> bytes:
    body = b"".join(_part(*part) for part in parts)
    return b"RIFF" + struct.pack("<I", len(body) + 4) + b"WEBP" + body


def _part(kind: bytes, part: bytes) -> bytes:
    return kind + struct.pack("<I", len(part)) + part + b"\0" * (len(part) % 2)


def _segment(marker: int, part: bytes) -> bytes:
    return b"\xff" + bytes([marker]) + struct.pack(">H", len(part) + 2) + part


def _chunk(kind: bytes, part: bytes) -> bytes:
    return struct.pack(">I", len(part)) + kind + part + struct.pack(">I", zlib.crc32(kind + part))
