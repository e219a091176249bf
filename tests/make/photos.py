"""Small pictures of every kind we take, with all a camera writes about itself."""

from __future__ import annotations

import struct
import zlib

#: What must never be kept.
SECRET = b"30.5544N 114.3166E iPhone of Li Lei"


def a_jpeg() -> bytes:
    """A JPEG by its structure: JFIF, what the camera says, tables, a scan, and something hung on behind."""
    parts = [
        (0xE0, b"JFIF\0\x01\x01\0\0\x01\0\x01\0\0"),
        (0xE1, b"Exif\0\0" + SECRET),
        (0xE2, b"MPF\0" + SECRET),
        (0xE2, b"ICC_PROFILE\0\x01\x01colours"),
        (0xED, b"Photoshop 3.0\0" + SECRET),
        (0xFE, SECRET),
        (0xDB, bytes(65)),
    ]
    body = b"".join(b"\xff" + bytes([marker]) + struct.pack(">H", len(part) + 2) + part for marker, part in parts)
    return b"\xff\xd8" + body + b"\xff\xda\x00\x03\x00" + b"scan" + b"\xff\xd9" + SECRET


def a_png() -> bytes:
    """One black pixel."""
    chunks = [
        (b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0)),
        (b"eXIf", SECRET),
        (b"tEXt", b"Comment\0" + SECRET),
        (b"IDAT", zlib.compress(b"\0\0")),
        (b"IEND", b""),
    ]
    return b"\x89PNG\r\n\x1a\n" + b"".join(map(_chunk, *zip(*chunks, strict=True)))


def a_webp() -> bytes:
    """A WebP by its structure, with an odd part."""
    parts = [(b"VP8X", b"\x0c" + bytes(9)), (b"VP8 ", b"odd"), (b"EXIF", SECRET), (b"XMP ", SECRET + b"!")]
    body = b"".join(kind + struct.pack("<I", len(part)) + part + b"\0" * (len(part) % 2) for kind, part in parts)
    return b"RIFF" + struct.pack("<I", len(body) + 4) + b"WEBP" + body


def _chunk(kind: bytes, part: bytes) -> bytes:
    return struct.pack(">I", len(part)) + kind + part + struct.pack(">I", zlib.crc32(kind + part))
