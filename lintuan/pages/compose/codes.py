"""QR codes as pages draw them: one path, so that any client can paint it."""

from __future__ import annotations

from itertools import groupby

import segno

from lintuan.pages.tree.values import Qr

BORDER = 4


def qr(content: str) -> Qr:
    """The modules of a QR code, each row's runs as boxes of one unit's height, with the quiet zone it needs."""
    rows = [bytes(row) for row in segno.make_qr(content, error="m").matrix]
    boxes = [box for y, row in enumerate(rows) for box in _boxes(row, y + BORDER)]
    return Qr(path="".join(boxes), size=len(rows) + 2 * BORDER)


def _boxes(row: bytes, y: int) -> list[str]:
    boxes, x = [], BORDER
    for is_dark, run in groupby(row):
        width = len(list(run))
        if is_dark:
            boxes.append(f"M{x} {y}h{width}v1h-{width}z")
        x += width
    return boxes


def grouped(code: str) -> str:
    """A code in threes, easy to read out."""
    return " ".join(code[place : place + 3] for place in range(0, len(code), 3))
