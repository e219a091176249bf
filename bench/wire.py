"""HTTP/1.1 as the benchmarks speak it: requests made as bytes, answers read no further than a benchmark needs."""

from __future__ import annotations

import asyncio
import struct
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import cast

_END = b"\r\n\r\n"
_LENGTH = b"\r\ncontent-length: "
_BODILESS = (204, 304)
_SIZE = struct.Struct("<I")
_READ = memoryview(bytearray(256 * 1024))
_BEGINNING = 4096


def request(method: str, path: str, headers: Mapping[str, str], body: bytes = b"") -> bytes:
    """One whole request, ready to be written to a connection."""
    lines = [f"{method} {path} HTTP/1.1", *(f"{name}: {value}" for name, value in headers.items())]
    if method != "GET":
        lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join(lines).encode() + _END + body


def write_spool(path: Path, requests: Iterable[bytes]) -> None:
    """Lay requests down for a load generator, which is a process of its own."""
    with path.open("wb") as spool:
        for each in requests:
            spool.write(_SIZE.pack(len(each)))
            spool.write(each)


def read_spool(path: Path) -> list[bytes]:
    """The requests of `write_spool`, in their order."""
    content, at, found = path.read_bytes(), 0, []
    while at < len(content):
        (size,) = _SIZE.unpack_from(content, at)
        at += _SIZE.size
        found.append(content[at : at + size])
        at += size
    return found


class Unreadable(Exception):
    """An answer without Content-Length, or longer than it announced."""


class Connection(asyncio.BufferedProtocol):
    """Finds where each answer ends; a subclass says what becomes of it. One request is under way at a time.

    A load generator has no use for bodies: unless `keeps_bodies`, of an answer only the beginning is copied.
    """

    keeps_bodies = False
    transport: asyncio.Transport

    def __init__(self) -> None:
        self._parts: list[bytes] = []
        self._status = 0
        self._body_at = 0
        self._size = 0
        self._missing = 0
        self._cut_head = b""

    def answered(self, status: int, size: int, content: bytes, body_at: int) -> None:
        """A whole answer with `size` bytes of body, which begins at `body_at` of the content."""
        raise NotImplementedError

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)

    def get_buffer(self, sizehint: int) -> memoryview:
        # One for all connections: what is read into it is dealt with before the next one reads.
        return _READ

    def buffer_updated(self, count: int) -> None:
        if self._missing:
            if self.keeps_bodies:
                self._parts.append(bytes(_READ[:count]))
            self._missing -= count
        elif not self._read_head(count):
            return
        if self._missing < 0:
            raise Unreadable("more came than was announced")
        if not self._missing:
            content = self._parts[0] if len(self._parts) == 1 else b"".join(self._parts)
            self.answered(self._status, self._size, content, self._body_at)

    def _read_head(self, count: int) -> bool:
        whole = count if self.keeps_bodies else min(count, _BEGINNING)
        data = bytes(_READ[:whole])
        if self._cut_head:
            data, self._cut_head = self._cut_head + data, b""
        end = data.find(_END)
        if end < 0:
            if whole < count:
                raise Unreadable("its head is too long")
            self._cut_head = data
            return False
        self._status = status = int(data[9:12])
        self._body_at = end + 4
        self._parts = [data]
        self._size = 0 if status in _BODILESS else _announced(data, end)
        self._missing = end + 4 + self._size - len(data) - (count - whole)
        return True


def header(head: bytes, name: bytes) -> str:
    """A header of an answer's head, empty where it is missing; the name in lower case."""
    mark = b"\r\n" + name + b": "
    at = head.lower().find(mark)
    if at < 0:
        return ""
    begin = at + len(mark)
    return head[begin : head.find(b"\r\n", begin)].decode("latin-1")


def _announced(data: bytes, end: int) -> int:
    at = data.find(_LENGTH, 0, end)
    if at < 0:
        at = data[:end].lower().find(_LENGTH)
    if at < 0:
        raise Unreadable("no Content-Length")
    begin = at + len(_LENGTH)
    return int(data[begin : data.find(b"\r\n", begin)])
