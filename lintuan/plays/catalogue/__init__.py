"""The plays that ship: one file each, and beside it a file of scenarios that says what it does."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType

from lintuan.plays.engine.definition import Definition
from lintuan.plays.engine.reading import read_toml

HOME = Path(__file__).parent


@cache
def plays() -> Mapping[str, Definition]:
    """All of them by their codes."""
    files = sorted(path for path in HOME.glob("*.toml") if not path.name.endswith(".scenario.toml"))
    return MappingProxyType({path.stem: read_toml(path.read_bytes()) for path in files})
