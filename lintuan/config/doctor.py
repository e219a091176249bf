"""What an installation has and lacks, in words a person can act on."""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, LiteralString

import httpx
import psycopg

from . import embedded, processes
from .environment import DATABASE, House

OLDEST_POSTGRES = 15
LEAST_FREE_MB = 1024
CLIENT = Path(__file__).resolve().parent.parent / "pages" / "static" / "h5" / "index.html"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at; the remedy is empty when it is fine."""

    subject: str
    is_fine: bool
    words: str
    remedy: str = ""


def examine(house: House) -> list[Finding]:
    """Look at everything; it changes nothing."""
    checks: tuple[Callable[[House], Iterator[Finding]], ...] = (
        _python,
        _disk,
        _client,
        _secret,
        _gateways,
        _database,
        _running,
    )
    return [finding for check in checks for finding in check(house)]


def answers(address: str) -> bool:
    """Whether the site serves."""
    try:
        return httpx.get(f"{address}/api/v1/provinces", timeout=10).status_code == 200
    except httpx.HTTPError:
        return False


def _python(_: House) -> Iterator[Finding]:
    version = ".".join(map(str, sys.version_info[:3]))
    yield Finding(
        "Python", sys.version_info >= (3, 11), version, "" if sys.version_info >= (3, 11) else "use 3.11 or newer"
    )


def _disk(house: House) -> Iterator[Finding]:
    folder = next(path for path in (house.state, *house.state.parents) if path.exists())
    free = shutil.disk_usage(folder).free // 2**20
    is_fine = free >= LEAST_FREE_MB
    yield Finding(
        "disk", is_fine, f"{free} MiB free in {folder}", "" if is_fine else "make room or name another --state"
    )
    if not os.access(folder, os.W_OK):
        yield Finding("state folder", False, f"{folder} cannot be written", "choose another with --state")


def _client(_: House) -> Iterator[Finding]:
    is_built = CLIENT.exists()
    yield Finding("client", is_built, "built" if is_built else "not built", "" if is_built else "make client")


def _secret(house: House) -> Iterator[Finding]:
    path = house.state / "secret"
    if os.environ.get("LINTUAN_SECRET_KEY"):
        yield Finding("secret key", True, "from LINTUAN_SECRET_KEY")
    elif path.exists() and path.stat().st_mode & 0o077:
        yield Finding("secret key", False, f"{path} can be read by others", f"chmod 600 {path}")
    elif os.environ.get("DATABASE_URL") and not path.exists():
        yield Finding("secret key", False, "missing; web and worker need one", "set LINTUAN_SECRET_KEY")
    else:
        yield Finding("secret key", True, f"in {path}" if path.exists() else "made at first start")


def _gateways(house: House) -> Iterator[Finding]:
    named = os.environ.get("LINTUAN_GATEWAY_KEYS")
    if not named and house.stand_ins.exists():
        yield Finding("gateways", True, "the stand-ins of a rehearsal")
    elif not named:
        is_production = bool(os.environ.get("DATABASE_URL"))
        remedy = "set LINTUAN_GATEWAY_KEYS; docs/operating.md shows the manifest" if is_production else ""
        yield Finding("gateways", not is_production, "none; nobody can sign in or pay", remedy)
    else:
        fault = _fault_of_manifest(Path(named))
        remedy = "correct LINTUAN_GATEWAY_KEYS or the file; docs/operating.md shows one" if fault else ""
        yield Finding("gateways", not fault, fault or f"the manifest {named}", remedy)


def _fault_of_manifest(path: Path) -> str:
    try:
        manifest = json.loads(path.read_bytes())
    except OSError as wrong:
        return f"{path} cannot be read: {wrong.strerror}"
    except ValueError:
        return f"{path} is not JSON"
    missing = [] if "messages" in manifest else ["messages"]
    if not {"wechatpay", "alipay"} & manifest.keys():
        missing.append("wechatpay or alipay")
    return f"{path} lacks {', '.join(missing)}" if missing else ""


def _database(house: House) -> Iterator[Finding]:
    url = os.environ.get("DATABASE_URL")
    if not url:
        try:
            status = embedded.status(house.state / "postgres")
        except embedded.EmbeddedPostgresFault as fault:
            yield Finding("embedded PostgreSQL", False, str(fault), "see the lines above; `lintuan up` tries again")
            return
        yield Finding("embedded PostgreSQL", True, f"{status.state} in {status.directory}")
        if status.url is None:
            return
        url = f"{status.url.rpartition('/')[0]}/{DATABASE}"
    try:
        with psycopg.connect(url, connect_timeout=5) as connection:
            yield from _connected(connection)
    except psycopg.ProgrammingError:
        shape = "it should read postgresql://user:password@host:port/name"
        yield Finding("database", False, "DATABASE_URL is malformed", shape)
    except psycopg.OperationalError as wrong:
        yield Finding("database", False, str(wrong).strip(), "check DATABASE_URL, the server and its firewall")


def _connected(connection: psycopg.Connection[tuple[Any, ...]]) -> Iterator[Finding]:
    version = connection.info.server_version // 10_000
    is_fine = version >= OLDEST_POSTGRES
    remedy = "" if is_fine else f"Lintuan needs PostgreSQL {OLDEST_POSTGRES} or newer"
    yield Finding("database", is_fine, f"PostgreSQL {version} answers", remedy)
    try:
        yield _tables(connection)
        yield from _night(connection)
    except psycopg.ProgrammingError as wrong:
        yield Finding("tables", False, str(wrong).strip(), "give DATABASE_URL's user its rights, or `lintuan migrate`")


def _tables(connection: psycopg.Connection[tuple[Any, ...]]) -> Finding:
    if not _has_table(connection, "django_migrations"):
        return Finding("tables", False, "missing", "lintuan migrate")
    applied = set(connection.execute("SELECT app, name FROM django_migrations").fetchall())
    missing = sorted(f"{app}.{name}" for app, name in _migrations() - applied)
    if missing:
        shown = ", ".join(missing[:3]) + (" ..." if len(missing) > 3 else "")
        return Finding("tables", False, f"{len(missing)} migrations behind this release: {shown}", "lintuan migrate")
    return Finding("tables", True, "up to this release")


def _migrations() -> set[tuple[str, str]]:
    """What this release brings, as (app, name)."""
    import django
    from django.db.migrations.loader import MigrationLoader

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lintuan.config.settings")
    django.setup()
    found = MigrationLoader(None).disk_migrations
    return {key for key, migration in found.items() if not migration.replaces}


def _night(connection: psycopg.Connection[tuple[Any, ...]]) -> Iterator[Finding]:
    """What went wrong while the worker worked."""
    looked_at: dict[str, tuple[str, LiteralString]] = {
        "parked events": ("kernel_parkedevent", "SELECT count(*) FROM kernel_parkedevent"),
        "failed duties": ("kernel_dutyrun", "SELECT count(*) FROM kernel_dutyrun WHERE state = 'failed'"),
    }
    for subject, (table, question) in looked_at.items():
        if not _has_table(connection, table):
            continue
        row = connection.execute(question).fetchone()
        count = int(row[0]) if row else 0
        remedy = "look at /console/night/ and read the worker's log" if count else ""
        yield Finding(subject, not count, str(count) if count else "none", remedy)


def _has_table(connection: psycopg.Connection[tuple[Any, ...]], name: str) -> bool:
    row = connection.execute("SELECT to_regclass(%s) IS NOT NULL", (name,)).fetchone()
    return bool(row and row[0])


def _running(house: House) -> Iterator[Finding]:
    running = processes.running_processes(house)
    if not running:
        yield Finding("site", True, "not running; `lintuan up` starts it")
        return
    address = processes.address_of(house)
    is_fine = answers(address)
    logs = Path(house.logs)
    yield Finding(
        "site", is_fine, f"{address}, {len(running)} processes", "" if is_fine else f"read the logs in {logs}"
    )
