import sqlite3
from pathlib import Path
from typing import TypeVar

import msgspec

Kind = TypeVar("Kind", bound=msgspec.Struct)

SCHEMA = """
CREATE TABLE IF NOT EXISTS papers (kind TEXT, number TEXT, content BLOB NOT NULL, PRIMARY KEY (kind, number))
WITHOUT ROWID
"""


class Papers:
    """Records of any kind that outlive a restart, each whole under its number."""

    def __init__(self, path: Path) -> None:
        self._rows = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        self._rows.execute("PRAGMA journal_mode=WAL")
        self._rows.execute("PRAGMA synchronous=OFF")
        self._rows.execute(SCHEMA)

    def close(self) -> None:
        self._rows.close()

    def find(self, kind: type[Kind], number: str) -> Kind | None:
        asked = "SELECT content FROM papers WHERE kind = ? AND number = ?"
        row = self._rows.execute(asked, (kind.__name__, number)).fetchone()
        return msgspec.json.decode(row[0], type=kind) if row else None

    def all(self, kind: type[Kind]) -> list[Kind]:
        rows = self._rows.execute("SELECT content FROM papers WHERE kind = ? ORDER BY number", (kind.__name__,))
        return [msgspec.json.decode(row[0], type=kind) for row in rows]

    def keep(self, number: str, paper: msgspec.Struct) -> None:
        """Put a record in the place of an older one of its kind and number."""
        content = msgspec.json.encode(paper)
        self._rows.execute("INSERT OR REPLACE INTO papers VALUES (?, ?, ?)", (type(paper).__name__, number, content))

    def drop(self, kind: type[Kind], number: str) -> None:
        self._rows.execute("DELETE FROM papers WHERE kind = ? AND number = ?", (kind.__name__, number))
