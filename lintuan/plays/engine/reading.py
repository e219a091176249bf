"""Definitions as they are written: TOML or JSON, refused with the place and the reason."""

from __future__ import annotations

import tomllib
from typing import Any

import msgspec

from lintuan.plays.errors import PlayMalformed, PlayUnsound

from .definition import Definition
from .soundness import faults


def read_definition(written: Any) -> Definition:
    """A play from what TOML or JSON held; PlayMalformed and PlayUnsound name the first place that is wrong."""
    try:
        play = msgspec.convert(written, Definition)
    except msgspec.ValidationError as wrong:
        reason, _, place = str(wrong).partition(" - at ")
        raise PlayMalformed(place=place.strip("`") or "$", reason=reason) from wrong
    for fault in faults(play):
        raise PlayUnsound(place=fault.place, reason=fault.reason.en, reason_zh=fault.reason.zh)
    return play


def read_toml(text: str | bytes) -> Definition:
    """A play from the text of its file."""
    try:
        written = tomllib.loads(text.decode() if isinstance(text, bytes) else text)
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as wrong:
        raise PlayMalformed(place="$", reason=str(wrong)) from wrong
    return read_definition(written)
